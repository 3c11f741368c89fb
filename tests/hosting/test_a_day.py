"""A day of many people at two replicas: nothing that it leaves in the store is there for ever, or can be read."""

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from hosting.test_isolation import result_in
from hosting.test_killed_creations import PassingClock
from hosting.town import Town, town
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.simulator import Faults
from ringcentral_meetings.simulator.people import Person
from ringcentral_meetings.store import KeyRing, Store
from ringcentral_meetings.store.memory import MemorySteps
from ringcentral_meetings.store.redis import RedisServer
from ringcentral_meetings.store.redis_steps import RedisSteps
from store.forms import PATIENT
from store.servers import StoreServer

pytestmark = pytest.mark.anyio

HOUR = 3_600.0
DAY = 24 * HOUR
PEOPLE = 6
CALLS = 60
LOST = "POST /meeting$ drop_before"
HELD = "GET /meeting$ rate_limit"
HELD_UNNAMED = "GET /meeting$ status=429"


KINDS = {
    *("session", "sent", "limit", "held", "acct:held", "in"),
    *("lease:renew", "lease:turn", "lease:test-user"),
    *("note:attempt", "note:facts", "note:zones", "note:test-user"),
}


@dataclass
class Day:
    """People who call tools of all kinds at any replica while the time passes, and what goes wrong meanwhile."""

    town: Town
    clock: PassingClock
    names: Callable[[], list[str]]
    rng: random.Random = field(default_factory=lambda: random.Random(11))
    meetings: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    outcomes: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    most: int = 0

    async def call(self, person: Person, tool: str, **arguments: Any) -> dict[str, Any]:
        """Return what a tool answers at some replica, or the error."""
        params = {"name": tool, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        accepted = {"Accept": "application/json, text/event-stream"}
        async with self.town.plain(self.rng.randrange(2), **self.town.bearer(person), **accepted) as http:
            result = result_in((await http.post("/mcp", json=body)).text)
        error = json.loads(result["content"][0]["text"])["error"] if result["isError"] else {}
        self.outcomes[f"{tool} {error.get('code', 'done')}"] += 1
        found: dict[str, Any] = error or result["structuredContent"]
        return found

    def secrets(self) -> set[str]:
        """What the names and the content of the store must not tell."""
        ids = {meeting["id"] for meeting in self.town.simulator.meetings()}
        people = {value for person in self.town.people for value in (person.id, person.mark, person.name)}
        return ids | people | {"Secret", *self.town.bearers.values()}

    async def do_something(self) -> None:
        person = self.rng.choice(self.town.people)
        own = self.meetings[person.id]
        self.town.simulator.faults = Faults.parse(self.rng.choice(["", "", "", "", LOST, HELD, HELD_UNNAMED]))
        match self.rng.randrange(4 if own else 2):
            case 0:
                await self.call(person, "list_meetings", window_start="2099-01-01", window_end="2099-12-31")
            case 1:
                start = f"2099-03-{self.rng.randint(1, 28):02}T09:00"
                wanted = {"topic": f"Secret of {person.mark}", "start_time": start, "time_zone": "UTC"}
                made = await self.call(person, "create_meeting", duration_minutes=30, **wanted)
                own += [made["meeting"]] if made.get("created") else []
            case 2:
                meeting = self.rng.choice(own)
                changed = await self.call(
                    person, "update_meeting", meeting_id=meeting["meeting_id"], topic=f"Secret {self.rng.random()}"
                )
                meeting["topic"] = changed.get("meeting", meeting)["topic"]
            case _:
                meeting = own.pop()
                echo = {"expected_topic": meeting["topic"], "expected_start": meeting["start"]}
                await self.call(person, "delete_meeting", meeting_id=meeting["meeting_id"], **echo)

    async def pass_by(self, seconds: float) -> None:
        """Let a day pass, with something done now and then."""
        until = self.clock.time + seconds
        while self.clock.time < until:
            await self.clock.sleep(self.rng.expovariate(CALLS / seconds))
            await self.do_something()
            names = self.names()
            self.most = max(self.most, len(names))
            self.seen.update(names)
        self.town.simulator.faults = Faults.parse("")


@asynccontextmanager
async def a_day(server: StoreServer | None) -> AsyncIterator[Day]:
    clock = PassingClock(server=server)
    shared = MemorySteps(clock.now)

    def opened(ring: KeyRing, _: Metrics) -> Store:
        steps = RedisSteps(RedisServer(server.url, trip_seconds=PATIENT)) if server is not None else shared
        return Store(steps, ring, clock.sleep)

    def names() -> list[str]:
        if server is None:
            len(shared)
            return list(shared._entries._entries)  # noqa: SLF001
        with server.admin as admin:
            return [key.decode() for key in admin.scan_iter(count=1000)]

    options: dict[str, Any] = {"open_store": opened, "now": clock.instant, "clock": clock}
    async with town(people=PEOPLE, replicas=2, **options) as t:
        yield Day(t, clock, names)


@pytest.mark.parametrize("form", ["memory", "redis"])
async def test_a_day_leaves_nothing_that_lasts_or_can_be_read(request: pytest.FixtureRequest, form: str) -> None:
    server: StoreServer | None = request.getfixturevalue("server") if form == "redis" else None
    async with a_day(server) as day:
        for _ in range(4):
            await day.pass_by(DAY / 4)
            if server is not None:
                with server.admin as admin:
                    left = {key: admin.pttl(key) for key in admin.scan_iter(count=1000)}
                    held = b"".join(key + (admin.dump(key) or b"") for key in left)
                assert {key: ms for key, ms in left.items() if ms == -1} == {}  # -2: it ended meanwhile
                assert max(left.values()) <= 30 * DAY * 1_000
                assert [secret for secret in day.secrets() if secret.encode() in held] == []
            assert [secret for secret in day.secrets() if any(secret in name for name in day.seen)] == []
        assert {kind_of(name) for name in day.seen} >= KINDS
        assert {"create_meeting done", "update_meeting done", "delete_meeting done"} <= set(day.outcomes)
        assert day.most < 20 * PEOPLE
        await day.clock.sleep(2 * HOUR)
        assert {kind_of(name) for name in day.names()} <= {"session", "note:test-user", "note:attempt"}
        await day.clock.sleep(31 * DAY)
        assert day.names() == []


def kind_of(name: str) -> str:
    """What a key is for: its name without whose it is."""
    found = re.search(
        r"lease:\{\w+\}:\w+|lease:[\w-]+|note:[\w-]+|acct:\w+:held|(?<=\}:)[\w-]+|in|held", re.sub(r"^rcm:", "", name)
    )
    assert found is not None, name
    return re.sub(r"\{\w+\}:|\w{32}:", "", found[0])
