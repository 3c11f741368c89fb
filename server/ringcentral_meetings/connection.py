"""The way to RingCentral, or to the simulator that stands in for it: the process's HTTP client, signed in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final

import httpx

from ringcentral_meetings import credentials
from ringcentral_meetings.credentials import USER_AGENT
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import Clock, RateLimits
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, JwtGrant
from ringcentral_meetings.settings import Settings

SIMULATOR_URL: Final = "https://simulator.invalid"


@asynccontextmanager
async def connected(
    settings: Settings, limits: RateLimits, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """The HTTP client that the settings ask for. `transport` stands in for the network; nothing is sent yet."""
    with _transport(settings, transport) as chosen:
        auth = _auth(settings, limits, clock)
        url = SIMULATOR_URL if settings.simulator else settings.server_url
        async with build_http(url, auth, transport=chosen, proxy=settings.proxy, user_agent=USER_AGENT) as http:
            yield http


def _auth(settings: Settings, limits: RateLimits, clock: Clock) -> httpx.Auth:
    if not settings.simulator:
        return credentials.auth(settings, limits, clock)
    from ringcentral_meetings import simulator

    app = App(SIMULATOR_URL, simulator.CLIENT_ID, simulator.CLIENT_SECRET)
    return PlatformAuth(JwtGrant(app, simulator.JWT), limits, clock)


@contextmanager
def _transport(settings: Settings, given: httpx.AsyncBaseTransport | None) -> Iterator[httpx.AsyncBaseTransport | None]:
    """The given transport, else the simulator's where that is asked for, else None: the network."""
    if given is not None or not settings.simulator:
        yield given
        return
    from ringcentral_meetings.simulator import Provider, Simulator

    provider: Provider = "RCVideo" if settings.product == "video" else "RCMeetings"
    simulator = Simulator(database=settings.simulator_data or ":memory:", provider=provider)
    try:
        yield simulator.transport()
    finally:
        simulator.close()
