"""A process that is killed at each step of a creation, which is then repeated at another: it makes one meeting."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from typing import Any

import httpx
import pytest
from whenever import Instant

from hosting.test_isolation import result_in
from hosting.town import Town, town
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.products.unsettled import UNSENT_SECONDS
from ringcentral_meetings.store import KeyRing, Store, StoreDown
from ringcentral_meetings.store.memory import MemorySteps
from ringcentral_meetings.store.redis import RedisServer
from ringcentral_meetings.store.redis_steps import RedisSteps
from scripted_http import FakeClock
from store.forms import PATIENT, age
from store.servers import StoreServer

pytestmark = pytest.mark.anyio

MEETING = {"topic": "Once only", "start_time": "2099-01-05T10:00", "time_zone": "UTC", "duration_minutes": 30}
ROOM = {"topic": "Once only", "meeting_type": "Recurring"}
VIDEO: dict[str, Any] = {"provider": "RCVideo", "dual_mode": False}


@dataclass
class Life:
    """What a process does beyond itself, in order; at `dies_at` it dies, before that is done or right `after` it."""

    dies_at: int = -1
    after: bool = False
    counts: bool = False
    dead: bool = False
    done: list[str] = field(default_factory=list)

    def begin(self, dies_at: int = -1, after: bool = False) -> None:
        self.counts, self.dies_at, self.after = True, dies_at, after

    async def do(self, what: str, act: Callable[[], Any], death: Exception) -> Any:
        if self.dead:
            raise death
        if not self.counts:
            return await act()
        self.done.append(what)
        self.dead = len(self.done) - 1 == self.dies_at
        if self.dead and not self.after:
            raise death
        result = await act()
        if self.dead:
            raise death
        return result


@dataclass
class MortalSteps:
    """The steps of a store as a process takes them."""

    steps: Any
    life: Life

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def step(*args: Any) -> Any:
            act = partial(getattr(self.steps, name), *args)
            return await self.life.do(name, act, StoreDown("is out of reach of a process that is dead"))

        return step


@dataclass
class MortalTransport(httpx.AsyncBaseTransport):
    """The requests of a process."""

    transport: httpx.AsyncBaseTransport
    life: Life

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        act = partial(self.transport.handle_async_request, request)
        answer: httpx.Response = await self.life.do(request.method, act, httpx.ReadError("the process is dead"))
        return answer


@dataclass
class PassingClock(FakeClock):
    """Passes a server's time with its own."""

    server: StoreServer | None = None
    began: float = field(default_factory=lambda: Instant.now().timestamp())

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        if self.server is not None:
            age(self.server, seconds)

    def instant(self) -> Instant:
        return Instant.from_timestamp(self.began + self.time)


@asynccontextmanager
async def two_processes(
    server: StoreServer | None, what: dict[str, Any]
) -> AsyncIterator[tuple[Town, Life, PassingClock]]:
    """Two processes of which the first may die, on a store whose time passes as they wait; both have worked before."""
    clock = PassingClock(server=server)
    lives, shared = [Life(), Life()], MemorySteps(clock.now)
    stores, roads = iter(lives), iter(lives)

    def opened(ring: KeyRing, _: Metrics) -> Store:
        steps = RedisSteps(RedisServer(server.url, trip_seconds=PATIENT)) if server is not None else shared
        mortal: Any = MortalSteps(steps, next(stores))
        return Store(mortal, ring, clock.sleep)

    def road(transport: httpx.AsyncBaseTransport) -> httpx.AsyncBaseTransport:
        return MortalTransport(transport, next(roads))

    options: dict[str, Any] = {"open_store": opened, "now": clock.instant, "clock": clock, "road": road}
    async with town(people=4, replicas=2, **options, **(VIDEO if what is ROOM else {})) as t:
        for number in (0, 1):
            await t.call(t.people[3], number, "create_meeting", **what | {"topic": f"Before, at {number}"})
        try:
            yield t, lives[0], clock
        finally:
            lives[0].counts = lives[0].dead = False


async def created_at(t: Town, number: int, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a process answers to a creation, or the error; None if it does not let the call in."""
    params = {"name": "create_meeting", "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    accepted = {"Accept": "application/json, text/event-stream"}
    async with t.plain(number, **t.bearer(t.people[3]), **accepted) as http:
        answer = await http.post("/mcp", json=body)
    if answer.status_code != httpx.codes.OK:
        return None
    result = result_in(answer.text)
    found: dict[str, Any] = (
        json.loads(result["content"][0]["text"])["error"] if result["isError"] else result["structuredContent"]
    )
    return found


def made(t: Town) -> int:
    names = [*(row["topic"] for row in t.simulator.meetings()), *(row["name"] for row in t.simulator.bridges())]
    return names.count("Once only")


@pytest.mark.parametrize("form", ["memory", "redis"])
@pytest.mark.parametrize("what", [MEETING, ROOM], ids=["meeting", "room"])
async def test_a_creation_whose_process_was_killed_at_any_step_makes_one_meeting_when_it_is_repeated(
    request: pytest.FixtureRequest, form: str, what: dict[str, Any]
) -> None:
    """What may have been sent is not sent again unless that is asked for; what was not sent the repetition makes."""
    server: StoreServer | None = request.getfixturevalue("server") if form == "redis" else None
    async with two_processes(server, what) as (t, life, _):
        life.begin()
        assert (await created_at(t, 0, what) or {})["created"] is True
        steps = list(life.done)
    read = [] if what is ROOM else ["take_place", "GET"]
    assert steps == ["open_call", "begin", *read, "take_place_noting", "POST", "finish"]
    for at, after in product(range(len(steps)), (False, True)):
        case = f"{steps[at]} {after}"
        async with two_processes(server, what) as (t, life, clock):
            life.begin(at, after)
            await created_at(t, 0, what)
            assert life.done == steps[: at + 1], case
            was_made = made(t)
            repeated = await created_at(t, 1, what) or {}
            if repeated.get("code") == "conflict":
                assert made(t) == was_made, case
                await clock.sleep(UNSENT_SECONDS)
                repeated = await created_at(t, 1, what) or {}
            if case in {"take_place_noting True", "POST False"}:
                assert repeated["code"] == "conflict", case
                assert made(t) == 0, case
                repeated = await created_at(t, 1, what | {"allow_duplicate": True}) or {}
            assert repeated.get("created") is (was_made == 0), f"{case}: {repeated}"
            assert made(t) == 1, case
