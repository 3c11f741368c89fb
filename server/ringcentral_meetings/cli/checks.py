"""The checks of `doctor`: each is a small function, and is skipped if a check that it depends on failed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Literal, cast
from urllib.request import getproxies_environment, proxy_bypass

import anyio
import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import transport_error
from ringcentral_meetings.platform.certificates import UnusableStore, trusted
from ringcentral_meetings.platform.rate_windows import Headroom
from ringcentral_meetings.platform.server_probe import ServerReply, failed_in_tls, probe, resolve
from ringcentral_meetings.platform.signin.auth import SignIn
from ringcentral_meetings.products import Status
from ringcentral_meetings.products.agenda import describe
from ringcentral_meetings.products.choice import Products
from ringcentral_meetings.products.status import (
    NEEDED_PERMISSION,
    Look,
    is_bearable,
    look_at_calendars,
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
    """One line of doctor's report; `fix` says what to do, if anything is to be done."""

    name: str
    state: State
    detail: str
    fix: str = ""


@dataclass(slots=True)
class DoctorContext:
    """What is checked, and what earlier checks found. `wall` returns the time in seconds since 1970."""

    settings: Settings
    http: httpx.AsyncClient
    products: Products
    wall: Callable[[], float]
    status: Status = field(default_factory=Status)
    reached: ServerReply | None = None
    tls_problem: errors.MeetingsError | None = None


Examine = Callable[[DoctorContext], Awaitable[Check]]


async def examine(context: DoctorContext, *, last: str | None = None) -> AsyncIterator[Check]:
    """Yield every check of the connection and the account, in order, each as soon as it is done; none after `last`."""
    failed_check: dict[str, str] = {}  # by name of a check that failed or was skipped: the check that failed
    for name, needs, look in STEPS:
        cause = next((failed_check[need] for need in needs if need in failed_check), None)
        if cause is not None:
            failed_check[name] = cause
            yield Check(name, "skip", f"not checked, because {cause} failed")
        else:
            check = await _checked(name, look, context)
            if check.state == "fail":
                failed_check[name] = name
            yield check
        if name == last:
            return


async def _checked(name: str, look: Examine, context: DoctorContext) -> Check:
    try:
        with anyio.fail_after(CHECK_SECONDS):
            return await look(context)
    except errors.MeetingsError as problem:
        return failed(name, problem)
    except TimeoutError:
        return failed(name, errors.no_answer("timeout"))


def failed(name: str, problem: errors.MeetingsError, state: State = "fail") -> Check:
    """Return the check for an error, in the error's own words."""
    return Check(name, state, problem.message, errors.next_step_for_a_person(problem, "run doctor again"))


async def _proxy(context: DoctorContext) -> Check:
    """Return which proxy is used, and one that the environment names for others alone."""
    settings = context.settings
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
    """Return a proxy's address without its password."""
    try:
        url = httpx.URL(proxy)
    except httpx.InvalidURL:
        return "not an address"
    return url.host if url.port is None else f"{url.host}:{url.port}"


async def _certificates(context: DoctorContext) -> Check:
    if context.settings.simulator or context.http.base_url.scheme == "http":
        return Check("certificates", "skip", "none are needed on this machine")
    try:
        return Check("certificates", "ok", f"those that are trusted are {trusted().store}")
    except UnusableStore as unusable:
        raise transport_error(unusable, context.http.base_url.host) from None


async def _name(context: DoctorContext) -> Check:
    if context.settings.simulator:
        return Check("name resolution", "skip", "the simulator is in this process")
    url = httpx.URL(context.settings.proxy or context.settings.server_url)
    count = await resolve(url.host, url.port or (443 if url.scheme == "https" else 80))
    whose = "the proxy " if context.settings.proxy else ""
    return Check("name resolution", "ok", f"{whose}{url.host} has {count} address{'' if count == 1 else 'es'}")


async def _connection(context: DoctorContext) -> Check:
    """Return whether the server can be reached. What fails in TLS is left to the check of that name."""
    try:
        context.reached = await probe(context.http)
    except errors.MeetingsError as problem:
        if not failed_in_tls(problem):
            raise
        context.tls_problem = problem
    if context.settings.simulator:
        return Check("connection", "skip", "the simulator is in this process")
    return Check("connection", "ok", f"{context.http.base_url.host} answers")


async def _tls(context: DoctorContext) -> Check:
    if context.tls_problem is not None:
        raise context.tls_problem
    reached = context.reached
    if context.settings.simulator or context.http.base_url.scheme == "http":
        return Check("TLS", "skip", "the server is on this machine and needs no TLS")
    if reached is None or reached.certificate_ends is None:
        return Check("TLS", "ok", "the server answers over TLS")
    days = int((reached.certificate_ends - context.wall()) // 86_400)
    detail = f"{reached.tls}, certificate valid for {days} days"
    if days < CERTIFICATE_DAYS:
        return Check("TLS", "warn", detail, "Ask whoever runs the server or the proxy to renew its certificate.")
    return Check("TLS", "ok", detail)


async def _clock(context: DoctorContext) -> Check:
    server_time = context.reached.server_time if context.reached is not None else None
    if server_time is None:
        return Check("clock", "skip", "the server does not send its time")
    skew = round(context.wall() - server_time)
    if abs(skew) < SKEW_SECONDS:
        return Check("clock", "ok", "agrees with the server's clock")
    detail = f"this machine's clock is {abs(skew):,} s {'ahead of' if skew > 0 else 'behind'} the server's"
    return Check(
        "clock", "warn", detail, "Let the operating system set the clock: meeting times and sign-ins depend on it."
    )


async def _token(context: DoctorContext) -> Check:
    await look_at_sign_in(context.products, context.status)
    if context.status.scopes is None:
        return Check("token", "ok", "RINGCENTRAL_ACCESS_TOKEN is used; the next checks show whether it is valid")
    await cast("SignIn", context.http.auth).verify()
    return Check("token", "ok", f"signed in {_how(context.settings)}")


def _how(settings: Settings) -> str:
    if settings.simulator:
        return "to the simulator"
    return "with a stored login or the JWT" if settings.jwt is not None else f'by login, profile "{settings.profile}"'


async def _scopes(context: DoctorContext) -> Check:
    await look_at_scopes(context.products, context.status)
    granted = context.status.scopes
    if granted is None:
        return Check("application scopes", "skip", "not known for an access token that is given from outside")
    if missing := context.status.missing_scopes:
        problem = errors.scope_missing(missing[0])
        fix = f"{problem.next_step} Without it the user's name, product and time zone are unknown."
        return Check("application scopes", "warn", problem.message, fix)
    return Check("application scopes", "ok", errors.quoted(" ".join(granted)))


async def _user(context: DoctorContext) -> Check:
    if refused := await _asked(look_at_user, "user", context):
        return refused
    user = context.status.user
    name = f"{user.name} " if user and user.name else ""
    return Check("user", "ok", f"{name}(extension {errors.quoted(user.host_id if user else None)})")


async def _permission(context: DoctorContext) -> Check:
    if refused := await _asked(look_at_permission, "user permission", context):
        return refused
    if not context.status.asks_permission:
        return Check("user permission", "skip", f"{context.status.product} does not need one")
    if context.status.permitted is None:
        return Check("user permission", "skip", f"RingCentral does not say whether the user has {NEEDED_PERMISSION}")
    return Check("user permission", "ok", f"{NEEDED_PERMISSION} is granted")


async def _product(context: DoctorContext) -> Check:
    await look_at_product(context.products, context.status)
    how = "" if context.settings.product == "auto" else ", from RINGCENTRAL_PRODUCT"
    return Check("product", "ok", f"{context.status.product}{how}")


async def _meetings(context: DoctorContext) -> Check:
    await look_at_meetings(context.products, context.status)
    return Check("meetings", "ok", f"{context.status.product} answers")


async def _time_zone(context: DoctorContext) -> Check:
    given, user = context.settings.time_zone, context.status.user
    if given is not None:
        return Check("time zone", "ok", f"{given}, from RINGCENTRAL_TIME_ZONE")
    if user is not None and user.zone is not None:
        return Check("time zone", "ok", f"{user.zone}, from the user's account")
    fix = 'Set RINGCENTRAL_TIME_ZONE to an IANA name such as "America/New_York".'
    return Check("time zone", "warn", "unknown; each new meeting has to name one", fix)


async def _calendars(context: DoctorContext) -> Check:
    if not context.settings.feeds:
        return Check("calendar", "skip", "RINGCENTRAL_CALENDARS is not set")
    with anyio.move_on_after(CHECK_SECONDS - 1):
        await look_at_calendars(context.products, context.status)
    states = context.status.calendars
    fix = "docs/calendars.md says who can have an address, and where each publisher shows it."
    if states is None:
        return Check("calendar", "warn", f"no answer within {CHECK_SECONDS - 1:g} s", fix)
    state: State = "warn" if any(one.problem is not None for one in states) else "ok"
    return Check("calendar", state, "; ".join(map(describe, states)), fix if state == "warn" else "")


async def _rate_limits(context: DoctorContext) -> Check:
    free = await context.products.operations.headroom()
    detail = ", ".join(f"{name} {group.left} of {group.limit}" for name, group in free.items())
    if any(_is_scarce(group) for name, group in free.items() if name != "auth"):
        fix = "Wait a minute. If this persists, another program uses this app and user: give each its own app."
        return Check("rate limits", "warn", f"nearly used up: {detail}", fix)
    return Check("rate limits", "ok", f"requests free this minute: {detail}")


def _is_scarce(group: Headroom) -> bool:
    return group.left < SCARCE_SHARE * group.limit


async def _asked(look: Look, name: str, context: DoctorContext) -> Check | None:
    """Return a warning if the look is refused and meetings may work without it; None if it succeeds."""
    try:
        await look(context.products, context.status)
    except errors.MeetingsError as problem:
        if is_bearable(look, problem):
            return failed(name, problem, "warn")
        raise
    return None


STEPS: Final[tuple[tuple[str, tuple[str, ...], Examine], ...]] = (
    ("proxy", (), _proxy),
    ("name resolution", (), _name),
    ("certificates", (), _certificates),
    ("connection", ("name resolution", "certificates"), _connection),
    ("TLS", ("connection",), _tls),
    ("clock", ("TLS",), _clock),
    ("token", ("TLS",), _token),
    ("user", ("token",), _user),
    ("product", ("token", "user"), _product),
    ("application scopes", ("token", "product"), _scopes),
    ("user permission", ("token", "user", "product"), _permission),
    ("meetings", ("token", "user", "application scopes", "user permission", "product"), _meetings),
    ("time zone", ("token", "user"), _time_zone),
    ("calendar", ("token",), _calendars),
    ("rate limits", ("token",), _rate_limits),
)
"""Each check's name, the checks that it depends on, and its function."""
