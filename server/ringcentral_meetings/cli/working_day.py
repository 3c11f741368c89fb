"""The working day that `demo` shows: what the assistant wants, the call, and the expected answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
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


@dataclass(frozen=True, slots=True)
class Step:
    """One call.

    `arguments` and `expected` are computed from the answers so far; `expected` maps dotted paths in the answer to
    their values. `shown` are the lines to show: a template filled from the answer, or a dotted path to a list and
    the template for each entry. `asked` is part of the question that the person must be asked.
    """

    name: str
    words: str
    tool: str
    arguments: Callable[[Answers], dict[str, Any]]
    expected: Callable[[Answers], dict[str, Any]]
    shown: tuple[str | tuple[str, str], ...] = ()
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


DEBRIEF = "Interview debrief"
RUNNING = "Incident review"
FORECAST = "Quarterly forecast"
WHEN = "{meeting[weekday]} {meeting[start]}, {meeting[time_zone]}"

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
        (("meetings", "{weekday:.3} {start:.16}  {topic} ({status})"), "{showing}; times of {time_zone}"),
    ),
    Step(
        "create",
        "Book an hour for the interview debrief, at two on the day of the forecast.",
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
        ("created: {created}, " + WHEN, "join_url: {meeting[join_url]}", ("conflicts", "conflict: {topic}, {start}")),
    ),
    Step(
        "repeat",
        "The answer got lost on the way: book it again.",
        "create_meeting",
        _booking,
        lambda answers: {"created": False, "meeting.meeting_id": at(answers, "create.meeting.meeting_id")},
        ("created: {created}, meeting_id: {meeting[meeting_id]}", "note: {note}"),
    ),
    Step(
        "skipped",
        "Book the release for half past two, in the night when the clocks go forward.",
        "create_meeting",
        lambda _: {"topic": "Release", "start_time": skipped_half_hour(datetime.now(UTC).date()), "time_zone": ZONE},
        lambda _: {"error.code": "invalid_arguments", "error.message": SOMETHING, "error.retryable": False},
    ),
    Step(
        "update",
        "Move the debrief to three, make it shorter, and let the host admit each guest.",
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
        (("changes", "{field}: {before} -> {after}"),),
    ),
    Step(
        "numbers",
        "Somebody will join by phone from France.",
        "get_meeting_service_info",
        lambda _: {"country": "France"},
        lambda _: {"dial_in_numbers.0.country": "FR", "dial_in_numbers.0.number": SOMETHING},
        (("dial_in_numbers", "{country_name}: {number}"),),
    ),
    Step(
        "end",
        "The incident is over: hang up.",
        "end_meeting",
        lambda answers: _target(answers, RUNNING),
        lambda _: {"ended": True, "meeting.topic": RUNNING},
        ("ended: {ended}, {meeting[topic]}",),
        asked=RUNNING,
    ),
    Step(
        "mixed_up",
        "Cancel the debrief - but with the id of the forecast.",
        "delete_meeting",
        lambda answers: _debrief(answers) | {"meeting_id": row(answers, FORECAST).get("meeting_id")},
        lambda _: {"error.code": "target_mismatch", "error.next_step": SOMETHING},
    ),
    Step(
        "delete",
        "Cancel the debrief, with the right id.",
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
        ("deleted: {deleted}, {meeting[topic]}", "restore: create_meeting {restore[start_time]}, ..."),
        asked=DEBRIEF,
    ),
    Step(
        "gone",
        "Show it once more. (RingCentral itself refuses this.)",
        "get_meeting",
        lambda answers: {"meeting_id": at(answers, "create.meeting.meeting_id")},
        lambda _: {
            "error.code": "not_found",
            "error.ringcentral.http_status": 404,
            "error.ringcentral.request_id": SOMETHING,
        },
    ),
)
