"""What every client does with the server, and what it hands back; nothing but the standard library.

Each client's own file runs in an environment of its own, so this is all that they share.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit
from urllib.request import urlopen

PLAN_VARIABLE = "MCP_CLIENT_PLAN"
"""Names the file of the plan to the client's process."""

EXPIRY = "expiry"
ENDED = "ended"
REFERENCE = "$from"
TOPIC = "A client's check"


@dataclass(frozen=True)
class Step:
    """A call; `{"$from": ["create", "meeting", "start"]}` in its arguments is a part of what an earlier step answered.

    `holds` is what the answer must contain, however much more it has, and `mentions` a word of its text. `after` is
    what happens before it where people sign in: `EXPIRY` or `ENDED`.
    """

    name: str
    tool: str
    arguments: dict[str, Any]
    holds: dict[str, Any]
    is_error: bool = False
    mentions: str = ""
    after: str = ""


@dataclass(frozen=True)
class Plan:
    """What to start or reach, what the server publishes, what to call, and where the report goes.

    `person` is where somebody listens who signs in (see `hosted.py`); None if nobody has to.
    """

    command: list[str]
    url: str | None
    tools: list[dict[str, Any]]
    steps: list[Step]
    report: str
    person: str | None = None

    def visit(self, address: str) -> dict[str, str]:
        """Open an address in the person's browser, and return the query of the client's redirect URI in the end."""
        end = self.ask(f"visit?{urlencode({'address': address})}")
        return dict(parse_qsl(urlsplit(end).query))

    def ask(self, what: str) -> str:
        """Ask the person for something."""
        with urlopen(f"{self.person}/{what}") as answered:  # noqa: S310  (an address on loopback, of the harness)
            said: str = answered.read().decode()
            return said


@dataclass(frozen=True)
class Seen:
    """What a client shows of one answer; `is_error` is None where it does not show that."""

    text: str
    is_error: bool | None
    structured: Any = None


@dataclass
class Report:
    """What a client saw; `shows` are the members of a tool that it passes on, `questions` None if it cannot ask."""

    client: str
    shows: list[str] = field(default_factory=list)
    tools: list[dict[str, Any]] = field(default_factory=list)
    steps: dict[str, Seen] = field(default_factory=dict)
    questions: list[str] | None = None


class Script:
    """Yields the calls of a plan one by one, each with its arguments filled in from what was seen before."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self._plan = plan
        self._report = report

    def __iter__(self) -> Iterator[tuple[Step, dict[str, Any]]]:
        for step in self._plan.steps:
            if step.after:
                self._plan.ask(step.after)
            yield step, self._filled(step.arguments)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(item) for item in value]
        if not isinstance(value, dict):
            return value
        if REFERENCE in value:
            step, *path = value[REFERENCE]
            return _within(self._report.steps[step].text, path)
        return {name: self._filled(item) for name, item in value.items()}


def answer(text: str) -> Any:
    """The JSON within a text; frameworks put words of their own around it."""
    return json.JSONDecoder().raw_decode(text, text.index("{"))[0]


def steps() -> list[Step]:
    """A read, a write with nested arguments, an answer of two blocks, three errors, and a deletion."""
    start = _tuesday().strftime("%Y-%m-%dT10:00")
    series = {"frequency": "Weekly", "interval": 2, "weekly_days": ["Tuesday", "Thursday"], "count": 4}
    settings = {"mute_participants_on_entry": True, "enable_waiting_room": True, "audio_options": ["ComputerAudio"]}
    created = {"topic": TOPIC, "start_time": start, "duration_minutes": 45, "time_zone": "America/New_York"}
    meeting = {REFERENCE: ["create", "meeting", "meeting_id"]}
    begins = {REFERENCE: ["create", "meeting", "start"]}
    echo = {"meeting_id": meeting, "expected_topic": TOPIC, "expected_start": begins, "scope": "series"}
    full = {"meeting": {"topic": TOPIC}, "recurrence": series, "settings": settings}
    return [
        Step("read", "list_meetings", {"limit": 3}, {"simulated": True}),
        Step("left_out", "list_meetings", {"limit": None, "query": None}, {"simulated": True}),
        Step("create", "create_meeting", created | {"recurrence": series, "settings": settings}, {"created": True}),
        Step("created", "get_meeting", {"meeting_id": meeting}, full),
        Step("two_blocks", "get_meeting_invitation", {"meeting_id": meeting}, {"simulated": True}),
        _refused("unknown_id", "get_meeting", {"meeting_id": "1"}, "not_found", "meeting_id"),
        _refused("bad_value", "create_meeting", created | {"duration_minutes": 0}, mentions="duration_minutes"),
        _refused("bad_name", "list_meetings", {"colour": "red"}, mentions="colour"),
        Step("delete", "delete_meeting", echo, {"deleted": True}),
        _refused("gone", "get_meeting_invitation", {"meeting_id": meeting}, "not_found", "meeting_id"),
    ]


def steps_of(person: str) -> list[Step]:
    """What somebody does who signs in: reads and writes, an hour later again, and once more after ending the access."""
    created = {"topic": TOPIC, "start_time": _tuesday().strftime("%Y-%m-%dT10:00"), "time_zone": "America/New_York"}
    meeting = {"meeting_id": {REFERENCE: ["create", "meeting", "meeting_id"]}}
    theirs = {"meeting": {"topic": TOPIC}}
    return [
        Step("who", "get_connection_status", {}, {"user": person}),
        Step("create", "create_meeting", created | {"duration_minutes": 30}, {"created": True}),
        Step("created", "get_meeting", meeting, theirs),
        Step("expired", "get_meeting", meeting, theirs, after=EXPIRY),
        Step("renewed", "update_meeting", meeting | {"duration_minutes": 45}, theirs),
        Step("ended", "get_meeting", meeting, theirs, after=ENDED),
        _refused("unknown_id", "get_meeting", {"meeting_id": "1"}, "not_found", "meeting_id"),
        Step("still", "get_connection_status", {}, {"user": person}),
    ]


def read_plan() -> Plan:
    """The plan that this process was started with."""
    raw = json.loads(Path(os.environ[PLAN_VARIABLE]).read_text(encoding="utf-8"))
    return Plan(**raw | {"steps": [Step(**step) for step in raw["steps"]]})


def read_report(path: Path) -> Report:
    """A report as a client wrote it."""
    raw = json.loads(path.read_text(encoding="utf-8"))
    return Report(**raw | {"steps": {name: Seen(**seen) for name, seen in raw["steps"].items()}})


def write(record: Plan | Report, path: str | Path) -> None:
    """A plan or a report as a file."""
    Path(path).write_text(json.dumps(asdict(record)), encoding="utf-8")


def _tuesday() -> datetime:
    """Four weeks from now or a little later."""
    ahead = datetime.now(UTC) + timedelta(weeks=4)
    return ahead + timedelta(days=(1 - ahead.weekday()) % 7)


def _within(text: str, path: list[str]) -> Any:
    value = answer(text)
    for name in path:
        if name not in value:
            raise LookupError(f"no {'.'.join(path)} in {text[:500]}")
        value = value[name]
    return value


def _refused(
    name: str, tool: str, arguments: dict[str, Any], code: str = "invalid_arguments", mentions: str = ""
) -> Step:
    return Step(name, tool, arguments, {"error": {"code": code}}, is_error=True, mentions=mentions)
