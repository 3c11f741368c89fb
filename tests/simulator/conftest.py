"""Fixtures for the tests of the simulator."""

from collections.abc import AsyncIterator, Iterator

import pytest

from ringcentral_meetings.simulator import Simulator
from simulator.support import Caller, Clock, client_of, log_in


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    """A simulator without meetings and with rate limits that no test reaches."""
    limits = dict.fromkeys(("Light", "Medium", "Heavy", "Auth"), 10_000)
    made = Simulator(clock=clock, sleep=clock.sleep, seeded=False, limits=limits)
    yield made
    made.close()


@pytest.fixture
async def caller(simulator: Simulator, anyio_backend: str) -> AsyncIterator[Caller]:
    """A signed-in user."""
    async with client_of(simulator) as client:
        token = (await log_in(client)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield Caller(client, simulator)
