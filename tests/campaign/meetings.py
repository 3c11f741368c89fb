"""RingCentral Meetings as stories have it: kinds of meetings, their facts, and how each is asked for."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaign.ledger import Found
from campaign.people import Person
from campaign.possibilities import INSTANT, TOPIC
from ringcentral_meetings.simulator import Simulator

SINGLE, SERIES, UNTIMED, RUNNING = "single", "series", "no fixed time", "running"
PATH = "/meeting"

WAITING_ROOM, MINUTES, START, COUNT, IS_RUNNING = "waiting room", "minutes", "start", "count", "running"
KEPT = {
    SINGLE: frozenset({TOPIC, WAITING_ROOM, MINUTES, START}),
    SERIES: frozenset({TOPIC, WAITING_ROOM, MINUTES, COUNT}),
    UNTIMED: frozenset({TOPIC, WAITING_ROOM}),
    INSTANT: frozenset({TOPIC, WAITING_ROOM}),
    RUNNING: frozenset({TOPIC, WAITING_ROOM, MINUTES}),
}
"""The facts that an update changes, and that it writes back where it does not change them."""

ZONE = ZoneInfo("Asia/Tokyo")
"""A zone whose clocks never change, so that the dates of a series are a day apart."""
MOST_DATES = 8
NO_SUCH_MEETING = "CMN-102"
VOLATILE = ("status", "occurrences", "topic", "enableWaitingRoom", "schedule", "recurrence")


def stored(simulator: Simulator) -> Iterator[Found]:
    """What the platform has."""
    for meeting in simulator.meetings():
        host = meeting["host"]["id"]
        yield Found(meeting["id"], meeting["topic"], _facts(simulator, meeting), _rest(meeting), host=host)


def understood(content: Any) -> bool:
    """Whether an answer is a meeting or a list of them."""
    records = content.get("records", [content]) if isinstance(content, dict) else []
    whole = bool(records) or content == {"records": []} or (isinstance(content, dict) and "records" in content)
    return whole and all(isinstance(one, dict) and isinstance(one.get("id"), str) for one in records)


def absent(content: Any) -> bool:
    """Whether the body of a 404 speaks of the meeting."""
    return isinstance(content, dict) and content.get("errorCode") == NO_SUCH_MEETING


def date_of(occurrence_id: str) -> str:
    """The fact whether a date of a series was deleted."""
    return f"date {occurrence_id} deleted"


def dates_from(start: str) -> list[str]:
    """The ids of the dates that a daily series has, or may come to have."""
    first = datetime.fromisoformat(start)
    return [str(int((first + timedelta(days=day)).timestamp()) * 1000) for day in range(MOST_DATES)]


def some_start(person: Person) -> str:
    """A moment in the months to come, in UTC."""
    chance = person.chance
    ahead = timedelta(days=chance.randint(2, 300), minutes=chance.randrange(0, 1440, 15))
    midnight = person.simulator.moment().replace(hour=0, minute=0)
    return _utc(midnight + ahead)


def some_value(person: Person, mark: str, fact: str) -> Any:
    """What an update may make of a fact."""
    chance = person.chance
    if fact == TOPIC:
        return f"{mark} v{chance.randint(1, 999)}"
    if fact == WAITING_ROOM:
        return chance.random() < 0.5
    if fact == COUNT:
        return chance.randint(2, MOST_DATES)
    return some_start(person) if fact == START else chance.randint(5, 500)


def as_argument(fact: str, value: Any) -> dict[str, Any]:
    """How update_meeting is asked for it."""
    arguments: dict[str, dict[str, Any]] = {
        TOPIC: {"topic": value},
        WAITING_ROOM: {"settings": {"enable_waiting_room": value}},
        MINUTES: {"duration_minutes": value},
        START: {"start_time": value},
        COUNT: {"recurrence": {"frequency": "Daily", "count": value}},
    }
    return arguments[fact]


def wish(person: Person, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arguments of create_meeting for a meeting of this kind, but for its topic, and the facts that they make."""
    waiting, password = person.chance.random() < 0.5, f"pw{person.chance.randint(100, 999)}"
    arguments: dict[str, Any] = {"settings": {"enable_waiting_room": waiting}, "password": password}
    facts: dict[str, Any] = {WAITING_ROOM: waiting, IS_RUNNING: kind == INSTANT}
    if kind in (UNTIMED, INSTANT):
        return arguments | {"meeting_type": {UNTIMED: "Recurring", INSTANT: "Instant"}[kind]}, facts
    start, minutes = some_start(person), person.chance.choice((15, 30, 60))
    local = datetime.fromisoformat(start).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M")
    arguments |= {"start_time": local, "time_zone": ZONE.key, "duration_minutes": minutes}
    facts |= {START: start, MINUTES: minutes}
    if kind == SERIES:
        count = person.chance.randint(2, MOST_DATES)
        arguments["recurrence"] = {"frequency": "Daily", "count": count}
        facts |= {COUNT: count} | dict.fromkeys(map(date_of, dates_from(start)), False)
    return arguments, facts


def shown_facts(kind: str, body: dict[str, Any]) -> dict[str, Any]:
    """The facts that an answer of get_meeting shows."""
    meeting, recurrence = body["meeting"], body.get("recurrence", {})
    status = meeting.get("status")
    facts = {
        TOPIC: meeting["topic"],
        WAITING_ROOM: body["settings"].get("enable_waiting_room"),
        MINUTES: meeting.get("duration_minutes"),
        START: meeting.get("start_utc"),
        COUNT: recurrence.get("count"),
        IS_RUNNING: status and status == "Started",
    }
    return {name: value for name, value in facts.items() if name in KEPT[kind] | {IS_RUNNING} and value is not None}


def _facts(simulator: Simulator, meeting: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {
        TOPIC: meeting["topic"],
        WAITING_ROOM: bool(meeting.get("enableWaitingRoom")),
        IS_RUNNING: meeting["status"] == "Started",
    }
    if schedule := meeting.get("schedule"):
        facts[START] = _utc(datetime.fromisoformat(schedule["startTime"]))
        facts[MINUTES] = schedule["durationInMinutes"]
    if recurrence := meeting.get("recurrence"):
        facts[COUNT] = recurrence.get("count")
        record = simulator.store.find(meeting["id"])
        removed = record.progress.removed if record is not None else []
        facts |= {date_of(date): date in removed for date in dates_from(facts[START])}
    return facts


def _rest(meeting: dict[str, Any]) -> dict[str, Any]:
    """What nobody asks to change."""
    rest = {name: value for name, value in meeting.items() if name not in VOLATILE}
    rest["zone"] = meeting.get("schedule", {}).get("timeZone")
    rest["rule"] = {name: value for name, value in meeting.get("recurrence", {}).items() if name != "count"}
    return rest


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
