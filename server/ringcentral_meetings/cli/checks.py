"""What doctor looks at, one after the other: each check is a small function, and is left out where it is pointless."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal
from urllib.request import getproxies_environment, proxy_bypass

import anyio
import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import transport_error
from ringcentral_meetings.platform.certificates import UnusableStore, trusted
from ringcentral_meetings.platform.limits import Headroom
from ringcentral_meetings.platform.reach import Reached, reach, resolve
from ringcentral_meetings.products import Status
from ringcentral_meetings.products.choice import Products
from ringcentral_meetings.products.status import (
    NEEDED_PERMISSION,
    Look,
    is_bearable,
    look_at_meetings,
    look_at_permission,
    look_at_product,
    look_at_scopes,
    look_at_sign_in,
    look_at_user,
)
from ringcentral_meetings.settings import Settings

State = Literal["ok", "warn", "fail", "skip"]

CHECK_SECONDS: Final = 6.0
SKEW_SECONDS: Final = 30.0
CERTIFICATE_DAYS: Final = 7
SCARCE_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True)
class Check:
    """One line of doctor's answer; `mend` says what to do where something is to be done."""

    name: str
    state: State
    detail: str
    mend: str = ""


@dataclass(slots=True)
class Patient:
    """What is examined, and what earlier checks found of it. `wall` gives seconds since 1970."""

    settings: Settings
    http: httpx.AsyncClient
    products: Products
    wall: Callable[[], float]
    status: Status = field(default_factory=Status)
    reached: Reached | None = None


Examine = Callable[[Patient], Awaitable[Check]]


async def examine(patient: Patient) -> AsyncIterator[Check]:
    """Every check of the connection and the account, in order, each as soon as it is done."""
    useless: dict[str, str] = {}
    for name, needs, look in STEPS:
        cause = next((useless[need] for need in needs if need in useless), None)
        if cause is not None:
            useless[name] = cause
            yield Check(name, "skip", f"not looked at, since {cause} failed")
            continue
        check = await _looked(name, look, patient)
        if check.state == "fail":
            useless[name] = name
        yield check


async def _looked(name: str, look: Examine, patient: Patient) -> Check:
    try:
        with anyio.fail_after(CHECK_SECONDS):
            return await look(patient)
    except errors.MeetingsError as problem:
        return failed(name, problem)
    except TimeoutError:
        return failed(name, errors.no_answer("timeout"))


def failed(name: str, problem: errors.MeetingsError, state: State = "fail") -> Check:
    """What went wrong, in the words that a model would read."""
    return Check(name, state, problem.message, problem.next_step)


async def _proxy(patient: Patient) -> Check:
    """Which proxy is used, and one that the environment names for others alone."""
    settings = patient.settings
    if settings.simulator:
        return Check("proxy", "skip", "the simulator is in this process")
    if settings.proxy:
        return Check("proxy", "ok", f"{_shown(settings.proxy)}, from RINGCENTRAL_PROXY")
    named = getproxies_environment().get("https")
    if not named or proxy_bypass(httpx.URL(settings.server_url).host):
        return Check("proxy", "skip", "none is set")
    detail = f"HTTPS_PROXY is set ({_shown(named)}) and is not used: this server reads RINGCENTRAL_PROXY alone"
    return Check("proxy", "warn", detail, "If this network needs the proxy, set RINGCENTRAL_PROXY to the same address.")


def _shown(proxy: str) -> str:
    """A proxy's address without its password."""
    try:
        url = httpx.URL(proxy)
    except httpx.InvalidURL:
        return "not an address"
    return url.host if url.port is None else f"{url.host}:{url.port}"


async def _certificates(patient: Patient) -> Check:
    if patient.settings.simulator or patient.http.base_url.scheme == "http":
        return Check("certificates", "skip", "none are needed on this machine")
    try:
        return Check("certificates", "ok", f"those that are trusted are {trusted().store}")
    except UnusableStore as unusable:
        raise transport_error(unusable, patient.http.base_url.host) from None


async def _name(patient: Patient) -> Check:
    if patient.settings.simulator:
        return Check("name resolution", "skip", "the simulator is in this process")
    url = httpx.URL(patient.settings.proxy or patient.settings.server_url)
    count = await resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
    whose = "the proxy " if patient.settings.proxy else ""
    return Check("name resolution", "ok", f"{whose}{url.host} has {count} address{'' if count == 1 else 'es'}")


async def _tls(patient: Patient) -> Check:
    patient.reached = reached = await reach(patient.http)
    if patient.settings.simulator or patient.http.base_url.scheme == "http":
        return Check("TLS", "skip", "the server answers; it is on this machine and needs none")
    if reached.certificate_ends is None:
        return Check("TLS", "ok", "the server answers over TLS")
    days = int((reached.certificate_ends - patient.wall()) // 86_400)
    detail = f"{reached.tls}, certificate good for {days} days"
    if days < CERTIFICATE_DAYS:
        return Check("TLS", "warn", detail, "Tell whoever runs the server or the proxy that its certificate ends soon.")
    return Check("TLS", "ok", detail)


async def _clock(patient: Patient) -> Check:
    told = patient.reached.server_time if patient.reached is not None else None
    if told is None:
        return Check("clock", "skip", "the server does not tell its time")
    skew = round(patient.wall() - told)
    if abs(skew) < SKEW_SECONDS:
        return Check("clock", "ok", "agrees with the server's")
    detail = f"this machine's clock is {abs(skew):,} s {'ahead of' if skew > 0 else 'behind'} the server's"
    return Check("clock", "warn", detail, "Let the operating system set the clock: times and sign-ins depend on it.")


async def _token(patient: Patient) -> Check:
    await look_at_sign_in(patient.products, patient.status)
    if patient.status.scopes is None:
        return Check("token", "ok", "RINGCENTRAL_ACCESS_TOKEN is used; the next checks show whether it is good")
    return Check("token", "ok", f"signed in {_manner(patient.settings)}")


def _manner(settings: Settings) -> str:
    if settings.simulator:
        return "to the simulator"
    return "with a stored login or the JWT" if settings.jwt is not None else f'by login, profile "{settings.profile}"'


async def _scopes(patient: Patient) -> Check:
    await look_at_scopes(patient.products, patient.status)
    granted = patient.status.scopes
    if granted is None:
        return Check("application scopes", "skip", "an access token given from outside does not tell them")
    if missing := patient.status.missing_scopes:
        problem = errors.scope_missing(missing[0])
        mend = f"{problem.next_step} Without it the user's name, product and time zone are not known."
        return Check("application scopes", "warn", problem.message, mend)
    return Check("application scopes", "ok", errors.quoted(" ".join(granted)))


async def _user(patient: Patient) -> Check:
    if refused := await _asked(look_at_user, "user", patient):
        return refused
    user = patient.status.user
    name = f"{user.name} " if user and user.name else ""
    return Check("user", "ok", f"{name}(extension {errors.quoted(user.host_id if user else None)})")


async def _permission(patient: Patient) -> Check:
    if refused := await _asked(look_at_permission, "user permission", patient):
        return refused
    if not patient.status.asks_permission:
        return Check("user permission", "skip", f"{patient.status.product} asks for none")
    if patient.status.permitted is None:
        return Check("user permission", "skip", f"RingCentral does not say whether the user has {NEEDED_PERMISSION}")
    return Check("user permission", "ok", f"{NEEDED_PERMISSION} is granted")


async def _product(patient: Patient) -> Check:
    await look_at_product(patient.products, patient.status)
    how = "" if patient.settings.product == "auto" else ", from RINGCENTRAL_PRODUCT"
    return Check("product", "ok", f"{patient.status.product}{how}")


async def _meetings(patient: Patient) -> Check:
    await look_at_meetings(patient.products, patient.status)
    return Check("meetings", "ok", f"{patient.status.product} answers")


async def _time_zone(patient: Patient) -> Check:
    given, user = patient.settings.time_zone, patient.status.user
    if given is not None:
        return Check("time zone", "ok", f"{given}, from RINGCENTRAL_TIME_ZONE")
    if user is not None and user.zone is not None:
        return Check("time zone", "ok", f"{user.zone}, from the user's account")
    mend = 'Set RINGCENTRAL_TIME_ZONE to an IANA name such as "America/New_York".'
    return Check("time zone", "warn", "not known; each new meeting has to name one", mend)


async def _rate_limits(patient: Patient) -> Check:
    free = patient.products.operations.headroom()
    detail = ", ".join(f"{name} {group.left} of {group.limit}" for name, group in free.items())
    if any(_is_scarce(group) for name, group in free.items() if name != "auth"):
        mend = "Wait a minute; if it stays, something else uses this app and user: give each program an app of its own."
        return Check("rate limits", "warn", f"little is left: {detail}", mend)
    return Check("rate limits", "ok", f"requests free this minute: {detail}")


def _is_scarce(group: Headroom) -> bool:
    return group.left < SCARCE_SHARE * group.limit


async def _asked(look: Look, name: str, patient: Patient) -> Check | None:
    """None where the look succeeded; a warning where meetings may work without what it asks."""
    try:
        await look(patient.products, patient.status)
    except errors.MeetingsError as problem:
        if is_bearable(look, problem):
            return failed(name, problem, "warn")
        raise
    return None


STEPS: Final[tuple[tuple[str, tuple[str, ...], Examine], ...]] = (
    ("proxy", (), _proxy),
    ("name resolution", (), _name),
    ("certificates", (), _certificates),
    ("TLS", ("name resolution", "certificates"), _tls),
    ("clock", ("TLS",), _clock),
    ("token", ("TLS",), _token),
    ("user", ("token",), _user),
    ("product", ("token", "user"), _product),
    ("application scopes", ("token", "product"), _scopes),
    ("user permission", ("token", "user", "product"), _permission),
    ("meetings", ("token", "user", "application scopes", "user permission", "product"), _meetings),
    ("time zone", ("token", "user"), _time_zone),
    ("rate limits", ("token",), _rate_limits),
)
"""Each check's name, the checks without which it is pointless, and what it does."""
