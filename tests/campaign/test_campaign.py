"""Random operations of several clients at once against a failing platform over real HTTP.

`pytest tests/campaign --campaign=10000 -s` runs a long one and prints its counts.
"""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp_types import TextContent
from pydantic import SecretStr
from whenever import Instant

from campaign.ledger import OUTCOME_UNKNOWN, Belief, Ledger, settle
from ringcentral_meetings.app import build_server
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT, Faults, Simulator

pytestmark = pytest.mark.anyio

CLIENTS = 6
ATTEMPTS = 3
PACE = 200.0
"""How much faster than real time waits pass."""
PLENTY = {"light": 1_000_000, "medium": 1_000_000, "heavy": 1_000_000, "auth": 1_000_000}

WRITE_FAULTS = """
    POST /meeting$ drop_before p=0.04; POST /meeting$ drop_after p=0.04; POST /meeting$ status=503 lands p=0.03;
    POST /meeting$ status=502 p=0.03; POST /meeting$ malformed p=0.02; POST /meeting$ html p=0.02;
    PUT /meeting/ drop_after p=0.05; PUT /meeting/ drop_before p=0.05; PUT /meeting/ status=500 p=0.03;
    PUT /meeting/ empty p=0.02; PUT /meeting/ truncated p=0.02;
    DELETE /meeting/ drop_after p=0.05; DELETE /meeting/ drop_before p=0.05; DELETE /meeting/ status=503 lands p=0.03;
    POST /end$ drop_after p=0.05; POST /end$ drop_before p=0.05; POST /end$ status=500 lands p=0.03;
    * /meeting rate_limit=1 p=0.01; POST /meeting token_expired p=0.02; PUT /meeting token_expired p=0.02;
    DELETE /meeting token_expired p=0.02; DELETE /meeting refused p=0.01; PUT /meeting refused p=0.01
"""
ALL_FAULTS = (
    WRITE_FAULTS
    + """
    ; GET /meeting status=503 p=0.08; GET /meeting drop_after p=0.05; GET /meeting malformed p=0.03;
    GET /meeting html p=0.03; GET /meeting truncated p=0.03; GET /meeting empty p=0.02;
    POST /meeting$ status=504 lands p=0.02; POST /meeting$ status=504 p=0.02; PUT /meeting/ status=504 p=0.02;
    DELETE /meeting/ status=504 p=0.02; * /meeting token_revoked p=0.005; * /meeting permission_withdrawn p=0.005;
    * /oauth/token status=503 p=0.02; * /meeting wrong_types p=0.005; * /meeting redirect p=0.005;
    GET /meeting token_expired p=0.01; GET /meeting refused p=0.01
"""
)


class QuickClock:
    """The event loop's clock, running faster, so that backing off takes no time worth speaking of."""

    def now(self) -> float:
        return anyio.current_time() * PACE

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds / PACE)

    def time_left(self) -> float:
        return anyio.current_effective_deadline() - anyio.current_time()


@dataclass
class Person:
    """One client with its own intents. Repeats a call that failed in a retryable way, as a model would."""

    number: int
    client: Client
    simulator: Simulator
    chance: random.Random
    ledger: Ledger

    async def act(self) -> None:
        alive = [belief for belief in self.ledger.beliefs if belief.alive]
        choices = ["create", "start"] + (["update", "update", "delete", "end", "read", "wrong"] if alive else [])
        match self.chance.choice(choices):
            case "create":
                await self._create()
            case "start":
                self._begin_running()
            case "update":
                await self._update(self.chance.choice(alive))
            case "delete":
                await self._delete(self.chance.choice(alive))
            case "end":
                await self._end(self.chance.choice(alive))
            case "read":
                await self._call("get_meeting", meeting_id=self.chance.choice(alive).meeting_id)
            case _:
                await self._wrong(self.chance.choice(alive))

    async def _call(self, tool: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
        result = await self.client.call_tool(tool, arguments)
        (block,) = result.content
        assert isinstance(block, TextContent)
        body = json.loads(block.text)
        code = body["error"]["code"] if result.is_error else "done"
        if code == "internal_error":
            self.ledger.complain(f"{tool}: {block.text}")
        self.ledger.count(tool, code)
        return code, body

    def _topic(self) -> str:
        return f"m{self.number}-{len(self.ledger.beliefs)} first"

    async def _create(self) -> None:
        topic = self._topic()
        waiting = self.chance.random() < 0.5
        belief = Belief(topic, topics={topic}, minutes={30}, waiting_room=waiting)
        self.ledger.beliefs.append(belief)
        start = (
            f"2027-{self.chance.randint(1, 12):02}-{self.chance.randint(1, 28):02}T{self.chance.randint(0, 23):02}:30"
        )
        for _ in range(ATTEMPTS):
            code, body = await self._call(
                "create_meeting",
                topic=topic,
                start_time=start,
                time_zone="UTC",
                duration_minutes=30,
                settings={"enable_waiting_room": waiting},
            )
            if code == "done":
                belief.exists, belief.meeting_id = {True}, body["meeting"]["meeting_id"]
                return
            if code == OUTCOME_UNKNOWN:
                belief.exists = {True, False}

    def _begin_running(self) -> None:
        topic = self._topic()
        schedule = {
            "startTime": self.simulator.moment().strftime("%Y-%m-%dT%H:%M:00Z"),
            "durationInMinutes": 600,
            "timeZone": {"name": "Europe/Berlin"},
        }
        meeting_id = self.simulator.put_meeting(
            topic=topic, meetingType="Scheduled", schedule=schedule, started=True, enableWaitingRoom=True
        )
        belief = Belief(topic, meeting_id, {True}, {topic}, {600}, {True}, waiting_room=True)
        self.ledger.beliefs.append(belief)

    async def _update(self, belief: Belief) -> None:
        topic = f"{belief.topic.split(' ')[0]} v{self.chance.randint(1, 999)}"
        minutes = self.chance.randint(5, 500)
        code, body = await self._call(
            "update_meeting", meeting_id=belief.meeting_id, topic=topic, duration_minutes=minutes
        )
        if code == "done":
            belief.topics, belief.minutes = {topic}, {minutes}
            belief.topic = topic
            if body.get("not_applied"):
                self.ledger.complain(f"{topic}: not applied {body['not_applied']}")
        elif code == OUTCOME_UNKNOWN:
            belief.topics |= {topic}
            belief.minutes |= {minutes}
        self._note_absence(belief, code)

    async def _delete(self, belief: Belief) -> None:
        echo = await self._echo(belief)
        if echo is None:
            return
        code, _ = await self._call("delete_meeting", **echo)
        if code == "done":
            belief.exists = {False}
        elif code == OUTCOME_UNKNOWN:
            belief.exists |= {False}
        self._note_absence(belief, code)

    async def _end(self, belief: Belief) -> None:
        echo = await self._echo(belief)
        if echo is None:
            return
        code, body = await self._call("end_meeting", **echo)
        if code == "done":
            if body["ended"] and True not in belief.running:
                self.ledger.complain(f"{belief.topic}: called ended, and was not running")
            belief.running = {False}
            if body["ended"]:
                belief.exists |= {False}
        elif code == OUTCOME_UNKNOWN:
            belief.running |= {False}
            belief.exists |= {False}
        self._note_absence(belief, code)

    async def _wrong(self, belief: Belief) -> None:
        code, _ = await self._call(
            "delete_meeting", meeting_id=belief.meeting_id, expected_topic="another", expected_start="2026-01-01T00:00"
        )
        if code == "done":
            self.ledger.complain(f"{belief.topic}: deleted under a wrong name")
        self._note_absence(belief, code)

    async def _echo(self, belief: Belief) -> dict[str, Any] | None:
        code, body = await self._call("get_meeting", meeting_id=belief.meeting_id)
        self._note_absence(belief, code)
        shown = body["meeting"] if code == "done" else {}
        if "start" not in shown:
            return None
        return {
            "meeting_id": belief.meeting_id,
            "expected_topic": shown["topic"],
            "expected_start": shown["start"],
        }

    def _note_absence(self, belief: Belief, code: str) -> None:
        if code != "not_found":
            return
        if False not in belief.exists:
            self.ledger.complain(f"{belief.topic}: not found, and nothing was done to it")
        belief.exists = {False}


@contextmanager
def failing_platform(faults: str) -> Iterator[tuple[Simulator, str]]:
    """A simulator on a real port, in a thread of its own."""
    from ringcentral_meetings.simulator import http

    simulator = Simulator(seeded=False, faults=Faults.parse(" ".join(faults.split())), limits=PLENTY)
    bound = threading.Event()
    address: list[str] = []

    def ready(url: str) -> None:
        address.append(url)
        bound.set()

    thread = threading.Thread(target=http.run, args=(simulator, "127.0.0.1", 0, ready))
    thread.start()
    try:
        assert bound.wait(20)
        yield simulator, address[0]
    finally:
        simulator.close()
        thread.join(20)


async def campaign(faults: str, operations: int, seed: int) -> tuple[list[str], Counter[str], list[str]]:
    """Run it; returns the broken promises, the outcomes counted, and the ids whose fate stayed open."""
    ledgers = [Ledger() for _ in range(CLIENTS)]
    with failing_platform(faults) as (simulator, url):
        settings = Settings(
            server_url=url,
            client_id=CLIENT_ID,
            client_secret=SecretStr(CLIENT_SECRET),
            jwt=SecretStr(JWT),
            token_store="memory",
            time_zone="UTC",
            plan_limits=dict(PLENTY),
            log_level="CRITICAL",
        )

        async def live(number: int) -> None:
            server = build_server(settings, clock=QuickClock(), now=Instant.now)
            async with Client(server, mode="legacy" if number % 2 else "auto") as client:
                person = Person(number, client, simulator, random.Random(f"{seed}:{number}"), ledgers[number])
                for _ in range(operations // CLIENTS):
                    await person.act()

        async with anyio.create_task_group() as group:
            for number in range(CLIENTS):
                group.start_soon(live, number)
        problems = settle(ledgers, simulator.meetings())
    totals: Counter[str] = sum((ledger.outcomes for ledger in ledgers), Counter())
    open_fates = [belief.topic for ledger in ledgers for belief in ledger.beliefs if len(belief.exists) > 1]
    return problems, totals, open_fates


def report(name: str, totals: Counter[str], open_fates: list[str]) -> None:
    print(f"\n{name}: {totals.total()} calls, {len(open_fates)} meetings whose fate stayed open")  # noqa: T201
    for outcome, count in sorted(totals.items()):
        print(f"  {count:6} {outcome}")  # noqa: T201


async def test_while_reading_works_every_answer_to_a_write_is_true_and_none_is_left_open(
    campaign_operations: int,
) -> None:
    problems, totals, open_fates = await campaign(WRITE_FAULTS, campaign_operations // 2, seed=1)
    report("writes fail", totals, open_fates)
    assert problems == []
    assert not [outcome for outcome in totals if OUTCOME_UNKNOWN in outcome]


async def test_while_everything_fails_no_answer_claims_what_did_not_happen(campaign_operations: int) -> None:
    problems, totals, open_fates = await campaign(ALL_FAULTS, campaign_operations // 2, seed=2)
    report("everything fails", totals, open_fates)
    assert problems == []
    assert any(OUTCOME_UNKNOWN in outcome for outcome in totals) or campaign_operations < 2_000
