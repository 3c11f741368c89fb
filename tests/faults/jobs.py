"""Tools as jobs that can be struck: what each is called with, which request is its own, what it leaves."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from whenever import Instant

from assistant import Answer, Assistant, ManualClock
from ringcentral_meetings.simulator import Faults, RecordedCall, Simulator

TOKEN, PRODUCT = "/oauth/token", "/video-configuration"
TOPIC, NEW_TOPIC = "Budget", "Budget 2027"
ZONE = "America/New_York"


@dataclass(frozen=True)
class Desk:
    """An assistant with one meeting, which somebody has started before its time: tomorrow, for 30 minutes.

    It was held and recorded before, three hours ago.
    """

    assistant: Assistant
    meeting_id: str
    start: str
    other_start: str
    past_meeting_id: str

    @property
    def simulator(self) -> Simulator:
        return self.assistant.simulator

    def topics(self) -> list[str]:
        """Of all meetings, or the names of all rooms."""
        rooms = [str(room["name"]) for room in self.simulator.bridges() if room["type"] != "PMI"]
        return [str(meeting["topic"]) for meeting in self.simulator.meetings()] + rooms

    def strike(self, rules: str) -> None:
        """Put faults in force, written as rules of the simulator; `;` separates them."""
        self.simulator.faults = Faults.parse(rules)


def lay_out(assistant: Assistant) -> Desk:
    """The desk in order again: no faults, no limits used up, no token, no meeting but the one, nothing recorded."""
    simulator, clock = assistant.simulator, assistant.clock
    _tidy(assistant)
    for meeting in simulator.meetings():
        simulator.store.remove(meeting["id"])
    simulator.store.run("DELETE FROM recorded")
    start, other = _wire(clock, hours=24), _wire(clock, hours=48)
    schedule = {"startTime": start, "durationInMinutes": 30, "timeZone": {"name": ZONE}}
    meeting_id = simulator.put_meeting(topic=TOPIC, schedule=schedule, started=True)
    past_meeting_id = f"{meeting_id}:{simulator.record_meeting(meeting_id, _earlier(clock), 30)}"
    simulator.calls.clear()
    return Desk(assistant, meeting_id, start, other, past_meeting_id)


def lay_out_room(assistant: Assistant) -> Desk:
    """The same with one room of RingCentral Video, beside the personal one."""
    simulator = assistant.simulator
    _tidy(assistant)
    for room in simulator.bridges():
        simulator.store.run("DELETE FROM bridges WHERE id = ?", room["id"])
    simulator.store.run("DELETE FROM held")
    simulator.put_bridge(type="PMI", name="Robin's room")
    bridge_id = simulator.put_bridge(name=TOPIC)
    past_meeting_id = simulator.hold(bridge_id, _earlier(assistant.clock), 30, [simulator.owner_id])
    simulator.calls.clear()
    return Desk(assistant, bridge_id, "", _wire(assistant.clock, hours=48), past_meeting_id)


def _tidy(assistant: Assistant) -> None:
    clock = assistant.clock
    clock.seconds = (ceil(clock.seconds / 3_600) + 2) * 3_600.0
    clock.slept.clear()
    assistant.progress.clear()
    assistant.simulator.faults.clear()


def _earlier(clock: ManualClock) -> datetime:
    return datetime.fromtimestamp(clock.seconds, UTC) - timedelta(hours=3)


def _wire(clock: ManualClock, hours: int) -> str:
    moment = Instant.from_timestamp(clock.seconds).add(hours=hours)
    return f"{moment.format_iso()[:19]}Z"


Arguments = Callable[[Desk], dict[str, Any]]
Claim = Callable[[Desk, dict[str, Any]], bool]


@dataclass(frozen=True)
class Job:
    """A tool: its arguments, its own request, the truth it claims, and whether that holds in the simulator.

    `check_with` is the tool that an unknown outcome is to be looked up with; reading back asks for `looked_up`, after
    `first_looks` such reads that come before the write. `reads_anew`: what is read is read again after a wait.
    `permission` is the one that it needs.
    """

    tool: str
    method: str
    path: str
    arguments: Arguments
    claims: Claim
    happened: Callable[[Desk], bool]
    check_with: str = ""
    looked_up: str = "/meeting/"
    first_looks: int = 1
    reads_anew: bool = False
    permission: str = "Meetings"

    @property
    def writes(self) -> bool:
        return self.method != "GET"

    @property
    def request(self) -> str:
        """Its own request, as a rule of the simulator's faults begins."""
        return f"{self.method} {self.path}"

    def struck(self, fault: str) -> str:
        """A fault at its own request, as a rule of the simulator's faults."""
        return f"{self.request} {fault.format(permission=self.permission)}"

    async def run(self, desk: Desk) -> Answer:
        return await desk.assistant.call(self.tool, **self.arguments(desk))

    def sends(self, desk: Desk) -> int:
        """How many requests of its own reached the platform, a renewed sign-in's second one included."""
        return len([call for call in desk.simulator.calls if self._is_own(call)])

    def looks(self, desk: Desk) -> int:
        """How many reads followed its own request, that is the reading back; which product it is proves nothing."""
        calls = desk.simulator.calls
        first = next((index for index, call in enumerate(calls) if self._is_own(call)), len(calls))
        reads = [call for call in calls[first + 1 :] if call.method == "GET" and PRODUCT not in call.path]
        return len(reads) if self.writes else 0

    def other_writes(self, desk: Desk) -> list[RecordedCall]:
        """Requests that change something and are not its own."""
        calls = desk.simulator.calls
        return [call for call in calls if call.method != "GET" and TOKEN not in call.path and not self._is_own(call)]

    def _is_own(self, call: RecordedCall) -> bool:
        return call.method == self.method and re.search(self.path, call.path) is not None


def sign_ins(desk: Desk) -> int:
    return len(desk.assistant.sent("POST", TOKEN))


def _named(desk: Desk) -> dict[str, Any]:
    return {"meeting_id": desk.meeting_id}


def _echoed(desk: Desk) -> dict[str, Any]:
    return {"meeting_id": desk.meeting_id, "expected_topic": TOPIC, "expected_start": desk.start}


def _new(desk: Desk) -> dict[str, Any]:
    return {"topic": NEW_TOPIC, "start_time": desk.other_start, "duration_minutes": 30}


def _status(desk: Desk) -> str | None:
    meeting = desk.simulator.meeting(desk.meeting_id)
    return None if meeting is None else str(meeting["status"])


def _lists_it(desk: Desk, data: Mapping[str, Any]) -> bool:
    return [row["past_meeting_id"] for row in data["meetings"]] == [desk.past_meeting_id]


def _tells_of_it(_: Desk, data: Mapping[str, Any]) -> bool:
    return (data["topic"], data["duration_minutes"], data["recordings"][0]["state"]) == (TOPIC, 30, "ready")


def _created_that(desk: Desk, data: Mapping[str, Any]) -> bool:
    stored = desk.simulator.meeting(data["meeting"]["meeting_id"])
    return data["created"] is True and stored is not None and stored["topic"] == NEW_TOPIC


def _created_room(desk: Desk, data: Mapping[str, Any]) -> bool:
    room = desk.simulator.bridge(data["meeting"]["meeting_id"])
    return data["created"] is True and room is not None and room["name"] == NEW_TOPIC


JOBS = {
    job.tool: job
    for job in (
        Job(
            "list_meetings",
            "GET",
            "/meeting$",
            lambda _: {},
            lambda desk, data: [row["meeting_id"] for row in data["meetings"]] == [desk.meeting_id],
            lambda _: False,
        ),
        Job(
            "get_meeting",
            "GET",
            r"/meeting/\d+$",
            _named,
            lambda desk, data: (data["meeting"]["meeting_id"], data["meeting"]["topic"]) == (desk.meeting_id, TOPIC),
            lambda _: False,
        ),
        Job(
            "get_meeting_service_info",
            "GET",
            "/meeting/service-info$",
            lambda _: {},
            lambda _, data: "+1 (646) 3573664" in [number["number"] for number in data["dial_in_numbers"]],
            lambda _: False,
        ),
        Job(
            "list_past_meetings",
            "GET",
            "/meeting-recordings$",
            lambda _: {},
            _lists_it,
            lambda _: False,
            permission="MeetingsRecordings",
        ),
        Job(
            "get_past_meeting",
            "GET",
            "/meeting-recordings$",
            lambda desk: {"past_meeting_id": desk.past_meeting_id},
            _tells_of_it,
            lambda _: False,
            permission="MeetingsRecordings",
        ),
        Job(
            "create_meeting",
            "POST",
            "/meeting$",
            _new,
            _created_that,
            lambda desk: sorted(desk.topics()) == [TOPIC, NEW_TOPIC],
            check_with="list_meetings",
            looked_up="/meeting$",
        ),
        Job(
            "update_meeting",
            "PUT",
            r"/meeting/\d+$",
            lambda desk: _named(desk) | {"topic": NEW_TOPIC},
            lambda _, data: data["changes"] == [{"field": "topic", "before": TOPIC, "after": NEW_TOPIC}],
            lambda desk: desk.topics() == [NEW_TOPIC],
            check_with="get_meeting",
            reads_anew=True,
        ),
        Job(
            "delete_meeting",
            "DELETE",
            r"/meeting/\d+$",
            _echoed,
            lambda _, data: data["deleted"] is True and "already_gone" not in data,
            lambda desk: desk.topics() == [],
            check_with="list_meetings",
        ),
        Job(
            "end_meeting",
            "POST",
            r"/meeting/\d+/end$",
            _echoed,
            lambda _, data: data["ended"] is True,
            lambda desk: _status(desk) == "NotStarted",
            check_with="get_meeting",
        ),
    )
}
ROOM_JOBS = {
    job.tool: job
    for job in (
        Job(
            "get_meeting",
            "GET",
            r"/bridges/iad41[\w-]+$",
            _named,
            lambda desk, data: (data["meeting"]["meeting_id"], data["meeting"]["topic"]) == (desk.meeting_id, TOPIC),
            lambda _: False,
        ),
        Job("list_past_meetings", "GET", "/history/meetings$", lambda _: {}, _lists_it, lambda _: False),
        Job(
            "get_past_meeting",
            "GET",
            "/history/meetings/.",
            lambda desk: {"past_meeting_id": desk.past_meeting_id},
            _tells_of_it,
            lambda _: False,
        ),
        Job(
            "create_meeting",
            "POST",
            "/bridges$",
            _new,
            _created_room,
            lambda desk: sorted(desk.topics()) == [TOPIC, NEW_TOPIC],
            check_with="get_meeting",
            looked_up="/bridges/pin/web/",
            first_looks=0,
        ),
        Job(
            "update_meeting",
            "PATCH",
            "/bridges/",
            lambda desk: _named(desk) | {"topic": NEW_TOPIC},
            lambda _, data: data["changes"] == [{"field": "topic", "before": TOPIC, "after": NEW_TOPIC}],
            lambda desk: desk.topics() == [NEW_TOPIC],
            check_with="get_meeting",
            looked_up="/bridges/",
        ),
        Job(
            "delete_meeting",
            "DELETE",
            "/bridges/",
            lambda desk: _named(desk) | {"expected_topic": TOPIC},
            lambda _, data: data["deleted"] is True and "already_gone" not in data,
            lambda desk: desk.topics() == [],
            check_with="get_meeting",
            looked_up="/bridges/",
            first_looks=2,
        ),
    )
}
READS = [job for job in JOBS.values() if not job.writes]
WRITES = [job for job in JOBS.values() if job.writes]


def untouched(desk: Desk) -> bool:
    """Whether the one meeting is as it was, and the only one."""
    return desk.topics() == [TOPIC] and _status(desk) in {"Started", None}
