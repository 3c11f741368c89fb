"""Holds a conversation: calls the tools as its steps say, and holds answers, end state and cost against it."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError
from mcp_types import ElicitRequestParams, ElicitResult, EmbeddedResource, TextResourceContents
from whenever import Instant, PlainDateTime

from assistant import Answer, Assistant, ManualClock, Mode, Reply, at_work
from bench.written_feeds import calendar
from published.bm25 import ranked, searched_text
from published.sizes import published
from publisher import answer, publishing
from ringcentral_meetings.simulator import RecordedCall, Simulator

from .offers import offers
from .script import BadScriptError, Conversation, Given, Product, Step

HOME = "America/New_York"
"""The zone of the user's account; elsewhere the zone is a setting."""

PRODUCTS: dict[Product, str] = {"RingCentral Meetings": "meetings", "RingCentral Video": "video"}
HINTS = {tool.name: tool.annotations for tool in published().tools}
SEARCHED = {tool.name: searched_text(tool) for tool in published().tools}
REFERENCE = re.compile(r"\$\{(.+?)\}")
PASSING = {"status", "occurrences"}
"""What of a meeting time alone changes."""

ROOM_TO_SPEND = {"medium": 1_000, "light": 1_000, "heavy": 1_000, "auth": 100}


@dataclass
class Talk:
    """A conversation under way: what was called and answered, under the names that the steps give."""

    script: Conversation
    assistant: Assistant
    answers: dict[str, Any] = field(default_factory=dict)
    sent: dict[str, tuple[str, dict[str, Any]]] = field(default_factory=dict)
    calls: int = 0
    bytes: int = 0

    async def take(self, number: int, step: Step) -> None:
        where = f"step {number} ({step.call or step.searched or 'again ' + str(step.again)})"
        if step.at is not None:
            self._wait_until(step.at, where)
        tool, arguments = self._worded(step, where)
        answer = await self._called(tool, arguments, step.pages)
        assert answer.code == step.fails, f"{where}: {answer.text}"
        self._keep(step, tool, arguments, answer)
        told = answer.text + " ".join(attached(answer))
        for words in step.says:
            assert self._filled(words, where) in told, f"{where} does not say {words!r}: {told}"
        for words in step.says_not:
            assert self._filled(words, where) not in told, f"{where} says {words!r}: {told}"
        self.holds(step.shows, answer.structured or json.loads(answer.text), where)

    def holds(self, expected: Mapping[str, Any], content: Any, where: str) -> None:
        """Hold content against what is expected of it."""
        for path, value in expected.items():
            found = searched(self._filled(path, where), content, where)
            assert found == self._filled(value, where), f"{where}, {path}: {found!r} in {content}"

    def _wait_until(self, local: str, where: str) -> None:
        moment = moment_of(local, self.script.time_zone).timestamp()
        if moment < self.assistant.clock.seconds:
            raise BadScriptError(f"{where}: {local} is over")
        self.assistant.clock.seconds = moment

    def _worded(self, step: Step, where: str) -> tuple[str, dict[str, Any]]:
        tool, before = self._earlier(step.again, where) if step.again else (self._chosen(step, where), {})
        kept = {name: value for name, value in before.items() if name not in step.without}
        return tool, {**kept, **self._filled(step.arguments, where)}

    def _chosen(self, step: Step, where: str) -> str:
        return ranked(step.searched, SEARCHED)[0][0] if step.searched else str(self._filled(step.call, where))

    def _earlier(self, name: str, where: str) -> tuple[str, dict[str, Any]]:
        if name not in self.sent:
            raise BadScriptError(f"{where}: no step is named {name}")
        return self.sent[name]

    async def _called(self, tool: str, arguments: dict[str, Any], rows: str | None) -> Answer:
        answer = await self._counted(tool, arguments)
        while rows and not answer.is_error and answer.data.get("next_page_token"):
            page = await self._counted(tool, {**arguments, "page_token": answer.data["next_page_token"]})
            assert page.data[rows], f"an empty page: {page.text}"
            page.data[rows] = answer.data[rows] + page.data[rows]
            answer = page
        return answer

    async def _counted(self, tool: str, arguments: dict[str, Any]) -> Answer:
        before = len(self.assistant.simulator.calls)
        answer = await self.assistant.call(tool, **arguments)
        self.calls += 1
        self._hold_to_annotations(tool, self.assistant.simulator.calls[before:])
        told = (json.dumps(arguments, ensure_ascii=False), answer.text, *attached(answer))
        self.bytes += sum(len(text.encode()) for text in told)
        return answer

    def _hold_to_annotations(self, tool: str, requests: list[RecordedCall]) -> None:
        hints = HINTS.get(tool)
        if hints is None:
            return
        sent = [f"{call.method} {call.path}" for call in requests if "/oauth/" not in call.path]
        writes = [request for request in sent if not request.startswith("GET ")]
        assert not (hints.read_only_hint and writes), f"{tool} is marked as read-only and sent {writes}"
        harm = [request for request in writes if not request.startswith("POST ") or request.endswith("/end")]
        assert hints.destructive_hint or not harm, f"{tool} is not marked as destructive and sent {harm}"

    def _keep(self, step: Step, tool: str, arguments: dict[str, Any], answer: Answer) -> None:
        if step.name is None:
            return
        self.sent[step.name] = (tool, arguments)
        self.answers[step.name] = answer.structured
        if answer.is_error:
            way_out = offers(answer.problem, set(self.assistant.schemas), arguments)
            self.answers[step.name] = {"error": answer.problem, "offers": way_out}

    def _filled(self, value: Any, where: str) -> Any:
        """The value with its references replaced by what they refer to."""
        if isinstance(value, Mapping):
            return {self._filled(name, where): self._filled(inner, where) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner, where) for inner in value]
        if not isinstance(value, str):
            return value
        if whole := REFERENCE.fullmatch(value):
            return self._referred(whole[1], where)
        return REFERENCE.sub(lambda found: str(self._referred(found[1], where)), value)

    def _referred(self, path: str, where: str) -> Any:
        found = searched(path, self.answers, where)
        if found is None:
            raise BadScriptError(f"{where}: ${{{path}}} refers to nothing in {self.answers}")
        return found


async def hold(script: Conversation, mode: Mode, asks: bool) -> dict[str, int]:
    """Hold a conversation with a client of one protocol era that can put questions to the person, or cannot.

    Returns what it cost, under the names of `Bounds`.
    """
    failure: Exception | None = None
    cost: dict[str, int] = {}
    async with begun(script, mode, _reply(script) if asks else None) as talk:
        try:
            cost = await _steps_and_end(talk, script.asked if asks else 0)
        except (AssertionError, BadScriptError) as failed:  # raised in here it would come out wrapped in groups
            failure = failed
    if failure is not None:
        raise failure
    return cost


async def _steps_and_end(talk: Talk, asked: int) -> dict[str, int]:
    script, simulator = talk.script, talk.assistant.simulator
    before = stored(simulator)
    for number, step in enumerate(script.steps, 1):
        await talk.take(number, step)
    after = stored(simulator)
    state = became(before, after, talk.assistant.clock.seconds)
    assert state == {name: sorted(getattr(script.state, name)) for name in state}, f"at the end: {state}"
    talk.holds(script.state.holds, list(after.values()), "the state at the end")
    assert len(talk.assistant.questions) == asked, f"the person was asked {talk.assistant.questions}"
    requests = [call for call in simulator.calls if "/oauth/" not in call.path]
    cost = {"calls": talk.calls, "requests": len(requests), "bytes": talk.bytes}
    assert {name: spent for name, spent in cost.items() if spent > getattr(script.at_most, name)} == {}, cost
    return cost


@asynccontextmanager
async def begun(script: Conversation, mode: Mode, reply: Reply | None) -> AsyncIterator[Talk]:
    """A conversation before its first step."""
    clock = ManualClock(moment_of(script.clock, script.time_zone).timestamp())
    settings: dict[str, Any] = {"product": PRODUCTS[script.product]} | script.settings
    if script.time_zone != HOME:
        settings["time_zone"] = script.time_zone
    async with publishing(answer(calendar(*script.calendar))) as publisher:
        if script.calendar:
            settings["calendars"] = publisher.addresses
        async with _at_work(script, mode, reply, clock, settings) as talk:
            yield talk


@asynccontextmanager
async def _at_work(
    script: Conversation, mode: Mode, reply: Reply | None, clock: ManualClock, settings: dict[str, Any]
) -> AsyncIterator[Talk]:
    async with at_work(
        mode=mode,
        seeded=script.seeded,
        faults=script.faults,
        reply=reply,
        limits=ROOM_TO_SPEND,
        clock=clock,
        **settings,
    ) as assistant:
        talk = Talk(script, assistant)
        for given in script.given:
            talk.answers[given.name] = _put(assistant.simulator, given, script)
        yield talk


def _put(simulator: Simulator, given: Given, script: Conversation) -> dict[str, str]:
    """Store a meeting or room, and when it was held; return what a calendar entry would tell of it."""
    held = [moment_of(start, script.time_zone).to_stdlib() for start in given.held]
    if script.product == "RingCentral Meetings":
        meeting_id = simulator.put_meeting(**fields(given, script))
        for start in held:
            simulator.record_meeting(meeting_id, start, given.minutes)
        return {"meeting_id": meeting_id}
    bridge_id = simulator.put_bridge(name=given.topic, **given.more)
    for start in held:
        simulator.hold(bridge_id, start, given.minutes, [simulator.owner_id])
    room = simulator.bridge(bridge_id)
    assert room is not None
    return {"meeting_id": bridge_id, "pin": room["pins"]["web"], "join_url": room["discovery"]["web"]}


def fields(given: Given, script: Conversation) -> dict[str, Any]:
    """A meeting as the platform stores it."""
    zone = given.time_zone or script.time_zone
    stored: dict[str, Any] = {"topic": given.topic, "meetingType": "Recurring", "started": given.running}
    if given.start is not None:
        begins = moment_of(given.start, zone).format_iso(unit="second")
        stored["schedule"] = {"startTime": begins, "durationInMinutes": given.minutes, "timeZone": {"name": zone}}
        stored["meetingType"] = "ScheduledRecurring" if given.repeats else "Scheduled"
    if given.repeats:
        stored["recurrence"] = given.repeats
    return stored | given.more


def moment_of(local: str, zone: str) -> Instant:
    return PlainDateTime.parse_iso(local).assume_tz(zone).to_instant()


def searched(path: str, content: Any, where: str) -> Any:
    """What a JMESPath expression finds."""
    try:
        return jmespath.search(path, content)
    except JMESPathError as unfit:
        raise BadScriptError(f"{where}, {path}: {unfit} in {content}") from unfit


def attached(answer: Answer) -> list[str]:
    """The texts of the files that came with an answer."""
    files = [block.resource for block in answer.attachments if isinstance(block, EmbeddedResource)]
    return [file.text for file in files if isinstance(file, TextResourceContents)]


def stored(simulator: Simulator) -> dict[str, dict[str, Any]]:
    """All that the platform holds, by id; what RingCentral Video calls a name is its topic."""
    rooms = [{"topic": room["name"], **room} for room in simulator.bridges()]
    return {meeting["id"]: meeting for meeting in [*simulator.meetings(), *rooms]}


def became(before: dict[str, Any], after: dict[str, Any], now: float) -> dict[str, list[str]]:
    """The topics of what is new, other than it was, and gone."""
    both = before.keys() & after.keys()
    return {
        "created": sorted(after[one]["topic"] for one in after.keys() - before.keys()),
        "changed": sorted(after[one]["topic"] for one in both if differ(before[one], after[one], now)),
        "deleted": sorted(before[one]["topic"] for one in before.keys() - after.keys()),
    }


def differ(before: dict[str, Any], after: dict[str, Any], now: float) -> bool:
    """Whether a meeting is other than it was, or lacks a date that it had and that lies ahead."""
    lasting = [{name: value for name, value in one.items() if name not in PASSING} for one in (before, after)]
    was, has = ({date["id"] for date in one.get("occurrences", [])} for one in (before, after))
    return lasting[0] != lasting[1] or any(int(date) / 1_000 > now for date in was - has)


def _reply(script: Conversation) -> Reply:
    def reply(params: ElicitRequestParams) -> ElicitResult:
        if script.person == "declines":
            return ElicitResult(action="decline")
        return ElicitResult(action="accept", content={"confirm": True})

    return reply
