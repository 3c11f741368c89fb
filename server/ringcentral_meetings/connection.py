"""The connection to RingCentral, or to the simulator that stands in for it, and how the settings sign it in."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx
from whenever import Instant

from ringcentral_meetings import __version__, errors
from ringcentral_meetings.calendars import Calendars
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import Clock, RateLimits
from ringcentral_meetings.platform.records import FileRecord, MemoryRecord, Record
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth, NoCredentialsAuth, PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, Grant, JwtGrant, LoginGrant
from ringcentral_meetings.platform.signin.sessions import SessionKey, SharedTokenStore
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, TokenStore
from ringcentral_meetings.settings import Settings

if TYPE_CHECKING:
    from ringcentral_meetings.products.choice import OpenFeeds
    from ringcentral_meetings.simulator import Simulator

logger = logging.getLogger(__name__)

CREATIONS: Final = "creations"
"""The name of the record of creations whose outcome is unknown."""
USER_AGENT: Final = f"ringcentral-meetings-mcp/{__version__}"
SIMULATOR_URL: Final = "https://simulator.invalid"


@dataclass(frozen=True, slots=True)
class Connection:
    """The HTTP client for RingCentral, and what opens the person's calendars; None where there are none."""

    http: httpx.AsyncClient
    feeds: "OpenFeeds | None" = None


def connect(
    settings: Settings,
    limits: RateLimits,
    clock: Clock,
    closing: AsyncExitStack,
    transport: httpx.AsyncBaseTransport | None = None,
    now: Callable[[], Instant] = Instant.now,
) -> Connection:
    """Return the connections that the settings ask for, until `closing` closes; nothing is sent yet.

    `transport` stands in for the network to RingCentral. Without it, and without calendars of the person's, the
    simulator of RingCentral Video brings a calendar of its own.
    """
    simulator = closing.enter_context(_simulator(settings, transport))
    chosen = simulator.transport() if simulator is not None else transport
    auth = _auth(settings, limits, clock)
    url = SIMULATOR_URL if settings.simulator else settings.server_url
    http = build_http(url, auth, transport=chosen, proxy=settings.proxy, user_agent=USER_AGENT)
    closing.push_async_callback(http.aclose)
    return Connection(http, _opens_feeds(settings, simulator, now))


@asynccontextmanager
async def connected(
    settings: Settings, limits: RateLimits, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[Connection]:
    """The connections that `connect` makes."""
    async with AsyncExitStack() as closing:
        yield connect(settings, limits, clock, closing, transport)


def cannot_sign_in(settings: Settings) -> errors.Refused | None:
    """Return why no login could be used: it is kept in memory alone, and nothing else is set to sign in with."""
    given = settings.simulator or settings.jwt is not None or settings.access_token is not None
    if given or not _in_memory(settings):
        return None
    return errors.no_login_in_memory()


def app_of(settings: Settings) -> App | None:
    """Return the app that the settings name, if they name one."""
    if settings.client_id is None:
        return None
    secret = settings.client_secret.get_secret_value() if settings.client_secret is not None else None
    return App(settings.server_url, settings.client_id, secret)


def shared_store(settings: Settings, app: App, clock: Clock) -> SharedTokenStore:
    """Return where all processes of this user find the app's session."""
    jwt = settings.jwt.get_secret_value() if settings.jwt is not None else None
    key = SessionKey(settings.profile, app.client_id, app.server_url, jwt)
    return SharedTokenStore(key, settings.token_store, clock)


def creations_record(settings: Settings) -> Record:
    """Where creations are remembered until their outcome is known: beside the sign-ins, as long as the platform lasts.

    A simulator in this process without a data file ends with it, and what was created there too.
    """
    passing = settings.simulator and settings.simulator_data is None
    return MemoryRecord() if passing or _in_memory(settings) else FileRecord(CREATIONS)


def _opens_feeds(settings: Settings, simulator: "Simulator | None", now: Callable[[], Instant]) -> "OpenFeeds | None":
    """Return what opens the calendars that the settings name, else the simulator's; None where there are none."""
    simulated = simulator is not None and settings.product == "video" and not settings.feeds
    if not (settings.feeds or simulated):
        return None

    def opened(zone: str, emails: frozenset[str]) -> Calendars:
        from ringcentral_meetings.calendars.entries import Owner
        from ringcentral_meetings.calendars.feeds import Feeds
        from ringcentral_meetings.platform.guarded_fetch import Guarded

        agent = settings.calendar_user_agent or USER_AGENT
        owner = Owner(zone, settings.own_emails | emails)
        if simulator is not None and simulated:
            address = f"{SIMULATOR_URL}{simulator.feeds()['google']}"
            return Feeds.open([address], Guarded(agent, transport=simulator.transport()), owner, now)
        return Feeds.open(settings.feeds, Guarded(agent, proxy=settings.proxy), owner, now)

    return opened


def _auth(settings: Settings, limits: RateLimits, clock: Clock) -> httpx.Auth:
    if not settings.simulator:
        return _real_sign_in(settings, limits, clock)
    from ringcentral_meetings import simulator

    app = App(SIMULATOR_URL, simulator.CLIENT_ID, simulator.CLIENT_SECRET)
    return PlatformAuth(JwtGrant(app, simulator.JWT), limits, clock)


@contextmanager
def _simulator(settings: Settings, given: httpx.AsyncBaseTransport | None) -> "Iterator[Simulator | None]":
    """The simulator where that is asked for and no transport is given."""
    if given is not None or not settings.simulator:
        yield None
        return
    from ringcentral_meetings.simulator import Provider, Simulator

    provider: Provider = "RCVideo" if settings.product == "video" else "RCMeetings"
    simulator = Simulator(database=settings.simulator_data or ":memory:", provider=provider, refills=True)
    try:
        if simulator.refill():
            logger.info("The sample meetings in %s were old: new ones were added", settings.simulator_data)
        yield simulator
    finally:
        simulator.close()


def _real_sign_in(settings: Settings, limits: RateLimits, clock: Clock) -> httpx.Auth:
    """Return how calls are signed in: the given access token, else what `login` stored, else the JWT."""
    if settings.access_token is not None:
        return GivenTokenAuth(settings.access_token.get_secret_value())
    app = app_of(settings)
    if app is None:
        return NoCredentialsAuth(in_memory=_in_memory(settings))
    return PlatformAuth(_grant(settings, app), limits, clock, store=_store(settings, app, clock))


def _store(settings: Settings, app: App, clock: Clock) -> TokenStore:
    """Return where the sign-in lives; nothing is opened or imported before it is needed."""
    if _in_memory(settings):
        return MemoryTokenStore()
    return shared_store(settings, app, clock)


def _grant(settings: Settings, app: App) -> Grant:
    if settings.jwt is None:
        return LoginGrant(app, settings.profile, _in_memory(settings))
    return JwtGrant(app, settings.jwt.get_secret_value(), settings.profile)


def _in_memory(settings: Settings) -> bool:
    return settings.token_store == "memory"  # noqa: S105  (a choice, not a secret)
