"""The working day that `demo` shows: what the assistant wants, the call, and the expected answer."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

Answers = Mapping[str, Any]
"""The structured answers of the steps so far, by the names of the steps."""

ZONE = "America/New_York"
HALF_PAST_TWO = time(2, 30)


class _Something:
    """Stands for any value that is not empty, if the exact one is not known in advance."""

    def __repr__(self) -> str:
        return "something"


SOMETHING = _Something()


class Line(NamedTuple):
    """What a person sees of an answer: a line, and what it is, which decides its colour."""

    text: str
    kind: Literal["found", "done", "asked", "refused", "more"] = "found"


Shown = Callable[[Mapping[str, Any]], Iterator[Line]]
"""Yields the lines for an answer; raises KeyError, IndexError, TypeError or ValueError for one of another form."""


def refusal(answer: Mapping[str, Any]) -> Iterator[Line]:
    """Yield why an answer is an error, without the name of the argument that it begins with."""
    said: str = answer["error"]["message"]
    argument, colon, rest = said.partition(": ")
    yield Line(f"Refused: {rest if colon and argument.isidentifier() else said}", "refused")


@dataclass(frozen=True, slots=True)
class Step:
    """One call.

    `arguments` and `expected` are computed from the answers so far; `expected` maps dotted paths in the answer to
    their values. `shown` yields what a person sees of the expected answer. `asked` is part of the question that the
    person must be asked.
    """

    name: str
    words: str
    tool: str
    arguments: Callable[[Answers], dict[str, Any]]
    expected: Callable[[Answers], dict[str, Any]]
    shown: Shown = refusal
    asked: str | None = None


def at(answer: Any, path: str) -> Any:
    """Return the value at a dotted path, or None; an entry of a list is named by its number or topic."""
    for part in path.split("."):
        if isinstance(answer, list):
            answer = next((entry for key, entry in enumerate(answer) if part in (str(key), entry.get("topic"))), None)
        else:
            answer = answer.get(part) if isinstance(answer, Mapping) else None
    return answer


def differences(answer: Any, expected: Mapping[str, Any]) -> list[str]:
    """Return the differences between an answer and what is expected, one line each."""
    found = {path: at(answer, path) for path in expected}
    return [
        f"{path}: expected {wanted!r}, got {found[path]!r}"
        for path, wanted in expected.items()
        if not (found[path] if wanted is SOMETHING else found[path] == wanted)
    ]


def row(answers: Answers, topic: str) -> dict[str, Any]:
    """Return the row of the first list with this topic, or an empty one."""
    found: dict[str, Any] | None = at(answers, f"list.meetings.{topic}")
    return found or {}


def forecast_at(answers: Answers, clock: str) -> str:
    """Return a local time on the day of the quarterly forecast."""
    return f"{row(answers, FORECAST).get('start', '')[:10]}T{clock}"


def skipped_half_hour(today: date) -> str:
    """Return the next 02:30 that the clocks in New York skip."""
    for days in range(1, 400):
        local = datetime.combine(today + timedelta(days), HALF_PAST_TWO, ZoneInfo(ZONE))
        if local.astimezone(UTC).astimezone(ZoneInfo(ZONE)).time() != HALF_PAST_TWO:
            return local.strftime("%Y-%m-%dT%H:%M")
    raise ValueError(f"{ZONE} no longer changes its clocks")


def _today(answers: Answers) -> date:
    """Return the server's day, or this computer's if there is no list."""
    said = at(answers, "list.today")
    return date.fromisoformat(said[-10:]) if said else datetime.now(UTC).date()


def _target(answers: Answers, topic: str) -> dict[str, Any]:
    """Return the arguments that name the meeting with this topic in a deletion or ending."""
    found = row(answers, topic)
    return {"meeting_id": found.get("meeting_id"), "expected_topic": topic, "expected_start": found.get("start")}


def _debrief(answers: Answers) -> dict[str, Any]:
    return {
        "meeting_id": at(answers, "create.meeting.meeting_id"),
        "expected_topic": DEBRIEF,
        "expected_start": at(answers, "update.meeting.start"),
    }


def _booking(answers: Answers) -> dict[str, Any]:
    return {"topic": DEBRIEF, "start_time": forecast_at(answers, "14:00"), "duration_minutes": 60}


def _moved(answers: Answers) -> list[dict[str, str]]:
    before, after = at(answers, "create.meeting.start"), at(answers, "update.meeting.start")
    return [
        {"field": "start_time", "before": before, "after": after},
        {"field": "duration_minutes", "before": "60", "after": "45"},
        {"field": "settings.enable_waiting_room", "before": "false", "after": "true"},
    ]


def _clock(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%H:%M")


def _day(text: str) -> str:
    day = datetime.fromisoformat(text)
    return f"{day:%a} {day.day:2} {day:%b}"


def _moment(text: str) -> str:
    """Return an ISO local time as `Mon 30 Nov, 14:00`."""
    return f"{_day(text)}, {_clock(text)}".replace("  ", " ")


def _agenda(answer: Mapping[str, Any]) -> Iterator[Line]:
    """Yield what runs now and what comes next, each day named once."""
    entries, last = answer["meetings"][:ENTRIES_SHOWN], ""
    for entry in entries:
        running = entry.get("status") == "Started"
        when = "now" if running else _day(entry["start"])
        shown, last = "" if when == last else when, when
        yield Line(f"{shown:10}  {_clock(entry['start'])}  {entry['topic']}{', running' if running else ''}")
    yield Line(f"and {answer['total'] - len(entries)} more in the next two weeks", "more")


def _booked(answer: Mapping[str, Any]) -> Iterator[Line]:
    meeting = answer["meeting"]
    place = meeting["time_zone"].rpartition("/")[2].replace("_", " ")
    yield Line(f"Booked: {_moment(meeting['start'])} to {_clock(meeting['end'])}, {place} time", "done")
    overlaps = ", ".join(f"{entry['topic']} ({_clock(entry['start'])})" for entry in answer["conflicts"])
    yield Line(f"Conflicts found: {overlaps}", "refused")


def _booked_before(answer: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(f"{answer['meeting']['topic']} is booked already: no second one was made", "done")


def _changed(answer: Mapping[str, Any]) -> Iterator[Line]:
    for change in answer["changes"]:
        field, values = change["field"], (change["before"], change["after"])
        before, after = map(_moment, values) if field == "start_time" else (WORDS.get(one, one) for one in values)
        yield Line(f"{WORDS[field]}: {before} -> {after}", "done")
    yield Line("everything else stays as it was", "more")


def _numbers(answer: Mapping[str, Any]) -> Iterator[Line]:
    number = answer["dial_in_numbers"][0]
    yield Line(f"{number['country_name']}: {number['number']}")


def _ended(answer: Mapping[str, Any]) -> Iterator[Line]:
    yield Line(f"Ended: {answer['meeting']['topic']}", "done")


def _deleted(answer: Mapping[str, Any]) -> Iterator[Line]:
    kept = answer["restore"]
    yield Line(f"Deleted: {kept['topic']}, {_moment(kept['start_time'])}", "done")
    yield Line("the answer says how to make it again", "more")


def _mixed_up(answer: Mapping[str, Any]) -> Iterator[Line]:
    """Yield what the message says of the meeting that has this id, after what the assistant expected."""
    said = answer["error"]["message"]
    yield Line(f"Refused: {said[said.index('Meeting ') :]}", "refused")


def _gone(answer: Mapping[str, Any]) -> Iterator[Line]:
    error = answer["error"]
    yield Line(f"Not found: RingCentral answers {error['ringcentral']['http_status']}", "refused")


DEBRIEF = "Interview debrief"
RUNNING = "Incident review"
FORECAST = "Quarterly forecast"
ENTRIES_SHOWN = 6
WORDS = {
    "start_time": "start",
    "duration_minutes": "minutes",
    "settings.enable_waiting_room": "waiting room",
    "false": "off",
    "true": "on",
}
"""What a person calls the fields and values of a change."""

STEPS = (
    Step(
        "list",
        "What is coming up?",
        "list_meetings",
        lambda _: {"limit": 8},
        lambda _: {
            "simulated": True,
            "time_zone": ZONE,
            "total": SOMETHING,
            "next_page_token": SOMETHING,
            f"meetings.{RUNNING}.status": "Started",
            f"meetings.{FORECAST}.weekday": SOMETHING,
        },
        _agenda,
    ),
    Step(
        "create",
        "Book the interview debrief: an hour, at two on the day of the forecast.",
        "create_meeting",
        _booking,
        lambda _: {
            "created": True,
            "meeting.start": SOMETHING,
            "meeting.duration_minutes": 60,
            "meeting.join_url": SOMETHING,
            "duplicate_check": "complete",
            f"conflicts.{FORECAST}.start": SOMETHING,
        },
        _booked,
    ),
    Step(
        "repeat",
        "The answer got lost on the way. Book it again.",
        "create_meeting",
        _booking,
        lambda answers: {"created": False, "meeting.meeting_id": at(answers, "create.meeting.meeting_id")},
        _booked_before,
    ),
    Step(
        "skipped",
        "Book the release for half past two in the night when the clocks go forward.",
        "create_meeting",
        lambda answers: {"topic": "Release", "start_time": skipped_half_hour(_today(answers)), "time_zone": ZONE},
        lambda _: {"error.code": "invalid_arguments", "error.message": SOMETHING, "error.retryable": False},
    ),
    Step(
        "update",
        "Move it to three, 45 minutes, and let guests wait until they are admitted.",
        "update_meeting",
        lambda answers: {
            "meeting_id": at(answers, "create.meeting.meeting_id"),
            "start_time": forecast_at(answers, "15:00"),
            "duration_minutes": 45,
            "settings": {"enable_waiting_room": True},
        },
        lambda answers: {
            "changes": _moved(answers),
            "not_applied": None,
            "meeting.topic": DEBRIEF,
            "meeting.duration_minutes": 45,
        },
        _changed,
    ),
    Step(
        "numbers",
        "Somebody will join by phone from France.",
        "get_meeting_service_info",
        lambda _: {"country": "France"},
        lambda _: {"dial_in_numbers.0.country": "FR", "dial_in_numbers.0.number": SOMETHING},
        _numbers,
    ),
    Step(
        "end",
        "The incident is over: end the meeting.",
        "end_meeting",
        lambda answers: _target(answers, RUNNING),
        lambda _: {"ended": True, "meeting.topic": RUNNING},
        _ended,
        asked=RUNNING,
    ),
    Step(
        "mixed_up",
        "Cancel the debrief. (The assistant mixes up the ids.)",
        "delete_meeting",
        lambda answers: _debrief(answers) | {"meeting_id": row(answers, FORECAST).get("meeting_id")},
        lambda _: {"error.code": "target_mismatch", "error.next_step": SOMETHING},
        _mixed_up,
    ),
    Step(
        "delete",
        "Cancel the debrief. (Now with the right id.)",
        "delete_meeting",
        _debrief,
        lambda _: {
            "deleted": True,
            "scope": "meeting",
            "meeting.topic": DEBRIEF,
            "restore.topic": DEBRIEF,
            "restore.duration_minutes": 45,
            "restore.settings.enable_waiting_room": True,
        },
        _deleted,
        asked=DEBRIEF,
    ),
    Step(
        "gone",
        "Show it once more.",
        "get_meeting",
        lambda answers: {"meeting_id": at(answers, "create.meeting.meeting_id")},
        lambda _: {
            "error.code": "not_found",
            "error.ringcentral.http_status": 404,
            "error.ringcentral.request_id": SOMETHING,
        },
        _gone,
    ),
)
