"""Many people at four replicas at once, with cancelled calls and a store that fails: nobody is given what is another's.

Cases 2 and 3 of what a host for many people has to withstand.

`pytest -n0 tests/hosting/test_isolation.py --campaign=10000 --campaign-seed=2 -s` makes a third as many calls, and
prints what came of them.
"""

import json
import random
import re
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from hosting.town import Town, town
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.simulator.people import Person
from ringcentral_meetings.store import KeyRing, Store, open_store
from store.proxy import Road, road_to
from store.servers import MISSING, SERVERS, StoreServer

LASTING = -1
"""What the store says of a key without a time to live; of one that has just ended it says -2."""

pytestmark = pytest.mark.anyio

PEOPLE = 200
REPLICAS = 4
AT_ONCE = 16
NUMBERS = re.compile(r"(?:Review with|Weekly of|Own work of) [A-Z]\w+ [A-Z]\w+ (\d+)")
"""The extension number in the topics of the simulator's meetings, and of those made here: whose each is."""

WINDOW = {"window_start": "2020-01-01", "window_end": "2099-12-31", "time_zone": "UTC"}


@dataclass
class Campaign:
    """What became of the calls, and what no answer may hold."""

    town: Town
    roads: list[Road]
    rng: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    foreign: list[str] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)
    marked: int = 0
    meetings: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.meetings = {row["host"]["id"]: row["id"] for row in self.town.simulator.meetings()}

    async def call(self) -> None:
        """Let somebody call a tool of any kind at any replica, now and then cancelled."""
        person = self.rng.choice(self.town.people)
        tool, arguments = self.choice(person)
        replica = self.rng.randrange(REPLICAS)
        patience = self.rng.uniform(0, 0.05) if self.rng.random() < 0.15 else 60.0
        with anyio.move_on_after(patience) as scope:
            answer = await self.sent(person, replica, tool, arguments)
            self.judge(person, tool, answer)
        if scope.cancelled_caught:
            self.counts["cancelled"] += 1

    def choice(self, person: Person) -> tuple[str, dict[str, Any]]:
        other = self.rng.choice(self.town.people)
        own = {"topic": f"Own work of {person.mark}", "start_time": "2099-03-01T09:00", "time_zone": "UTC"}
        choices: list[tuple[str, dict[str, Any]]] = [
            ("list_meetings", {**WINDOW, "limit": self.rng.randint(1, 5)}),
            ("get_connection_status", {}),
            ("create_meeting", own | {"duration_minutes": 30}),
            ("find_meeting_times", {"duration_minutes": 30, "time_zone": "UTC"}),
            ("get_meeting", {"meeting_id": self.meetings[other.id]}),
            ("get_meeting", {"meeting_id": self.meetings[person.id]}),
        ]
        return self.rng.choice(choices)

    async def sent(self, person: Person, replica: int, tool: str, arguments: dict[str, Any]) -> httpx.Response:
        params = {"name": tool, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        accepted = {"Accept": "application/json, text/event-stream"}
        async with self.town.plain(replica, **self.town.bearer(person), **accepted) as http:
            return await http.post("/mcp", json=body)

    def judge(self, person: Person, tool: str, answer: httpx.Response) -> None:
        """Count an answer, and note whatever is of somebody else."""
        text = answer.text
        if strangers := {number for number in NUMBERS.findall(text) if number != person.number}:
            self.foreign.append(f"{tool} of {person.mark}: {sorted(strangers)}")
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            assert int(answer.headers["Retry-After"]) >= 1
            self.counts["503"] += 1
            return
        if answer.status_code != httpx.codes.OK:
            self.odd.append(f"{tool}: status {answer.status_code}: {text}")
            return
        result = result_in(text)
        if result["isError"]:
            code = json.loads(result["content"][0]["text"])["error"]["code"]
            self.counts[code] += 1
            if code not in {"not_found", "upstream_unavailable", "conflict"}:
                self.odd.append(f"{tool}: {result['content'][0]['text']}")
            return
        self.counts["answered"] += 1
        self.marked += self.check(person, tool, result["structuredContent"], text)

    def check(self, person: Person, tool: str, told: dict[str, Any], text: str) -> bool:
        """Return whether an answer says whose it is; it must be the caller."""
        if tool == "get_connection_status":
            if told["host_id"] != person.id:
                self.foreign.append(f"{tool} of {person.id}: {told['host_id']}")
            return True
        return person.number in NUMBERS.findall(text)

    async def trouble(self, server: StoreServer) -> None:
        """Do something to the store, or to the way that one replica has to it, for a moment."""
        if self.rng.random() < 0.2:
            with server.admin as admin:
                admin.client_pause(300)
            return
        road = self.rng.choice(self.roads)
        what = self.rng.choice(["lose_requests", "lose_answers", "closed", "hold_answers"])
        if what.startswith("lose"):
            setattr(road, what, self.rng.randint(1, 4))
            return
        setattr(road, what, True)
        for _ in range(self.rng.randint(1, 20)):
            await anyio.lowlevel.checkpoint()
        setattr(road, what, False)


def result_in(text: str) -> dict[str, Any]:
    """Return the result in an answer, which is JSON, or a stream of events that may hold pings and notifications."""
    lines = [line.removeprefix("data:") for line in text.splitlines() if line.startswith(("data:", "{"))]
    messages = [json.loads(line) for line in lines if line.strip()]
    [result] = [message["result"] for message in messages if "result" in message]
    found: dict[str, Any] = result
    return found


async def fail_over(campaign: Campaign, primary: StoreServer, other: StoreServer) -> None:
    """End the primary, and lead every replica to the other server."""
    primary.stop()
    other.promote()
    for road in campaign.roads:
        road.to = other.port
        road.hang_up()


async def test_no_answer_holds_what_is_of_somebody_else(
    tmp_path: Path, campaign_operations: int, campaign_seed: int
) -> None:
    binary = SERVERS["redis"] or SERVERS["valkey"]
    if binary is None:
        pytest.skip(MISSING["redis"])
    rng, calls = random.Random(campaign_seed), campaign_operations // 3
    async with AsyncExitStack() as stack:
        folders = [tmp_path / "primary", tmp_path / "other"]
        for folder in folders:
            folder.mkdir()
        primary, other = (stack.enter_context(StoreServer(binary, folder)) for folder in folders)
        made = [await stack.enter_async_context(road_to(primary.port)) for _ in range(REPLICAS)]
        addresses = iter([url for _, url in made])

        def open_one(ring: KeyRing, metrics: Metrics) -> Store:
            return open_store(next(addresses), ring, on_trip=metrics.store_trip)

        t = await stack.enter_async_context(town(PEOPLE, REPLICAS, open_store=open_one, signed_in=True))
        other.follow(primary)
        for store in t.stores:
            await store.check()
        campaign, server = Campaign(t, [road for road, _ in made], rng), primary
        for begun in range(0, calls, AT_ONCE):
            if server is primary and begun >= calls / 2:
                await fail_over(campaign, primary, other)
                server = other
            async with anyio.create_task_group() as group:
                for _ in range(begun, min(begun + AT_ONCE, calls)):
                    group.start_soon(campaign.call)
                if rng.random() < 0.4:
                    group.start_soon(campaign.trouble, server)
        print(f"\n{calls} calls: {dict(campaign.counts)}, {campaign.marked} with their owner's mark")  # noqa: T201
        topics = Counter(row["topic"] for row in t.simulator.meetings() if row["topic"].startswith("Own work of"))
        assert campaign.foreign == []
        assert campaign.odd == []
        assert campaign.marked > calls / 5
        assert campaign.counts["cancelled"] > 0
        assert [topic for topic, count in topics.items() if count > 1] == [], "one creation, repeated anywhere, is one"
        with server.admin as admin:
            assert [key for key in admin.scan_iter(count=1000) if admin.pttl(key) == LASTING] == []
