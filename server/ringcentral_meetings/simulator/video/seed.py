"""The rooms that a new simulator with RingCentral Video begins with, and the meetings held in them in the past month.

The people are those of the seeded meetings.
"""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ringcentral_meetings.simulator.people import EXECUTIVE, OUTSIDER, OWNER, Person
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.times import utc
from ringcentral_meetings.simulator.video.bridges import new_bridge
from ringcentral_meetings.simulator.video.history import hold_meeting
from ringcentral_meetings.simulator.video.tables import Bridge, all_bridges

DAYS_BACK = 30
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
WORKDAYS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
LOCKED = {"security": {"password": "Fc2pm9Qx"}, "preferences": {"join": {"waitingRoomRequired": "GuestsOnly"}}}
CLIENT, CALLER = "Priya Nair (Northwind Paper)", "+14155550199"


def seed_rooms(state: State) -> None:
    """Store the rooms of a new simulator and the meetings of their past month."""
    for person in (OWNER, EXECUTIVE, OUTSIDER):
        new_bridge(state, person.id, {"type": "PMI", "name": f"{person.name}'s Personal Room"})
    since = state.moment() - timedelta(days=DAYS_BACK)
    for sample in _ROOMS:
        room = new_bridge(state, sample.host.id, {"type": "Scheduled", "name": sample.name, **sample.more})
        _hold(state, sample, room, since)
    _today(state)


def refill_rooms(state: State, since: datetime) -> int:
    """Store the meetings held since a moment in the rooms that are left, and those of today; return how many rooms.

    None where no room is left, as in a database that somebody emptied.
    """
    rooms = {(room.host, room.body["name"]): room for room in all_bridges(state)}
    left = [(sample, rooms[sample.host.id, sample.name]) for sample in _ROOMS if (sample.host.id, sample.name) in rooms]
    since = max(since, state.moment() - timedelta(days=DAYS_BACK))
    for sample, room in left:
        _hold(state, sample, room, since)
    if left:
        _today(state)
    return len(left)


def _hold(state: State, sample: "_Room", room: Bridge, since: datetime) -> None:
    """Store the meetings held in a room from the day of a moment to yesterday."""
    zone, local = ZoneInfo(state.zones[sample.host.id]), ZoneInfo(state.zones[OWNER.id])
    today, first = state.moment().astimezone(local).date(), since.astimezone(local).date()
    for day in _days(first, today, sample.days, sample.every):
        start = datetime.combine(day, time.fromisoformat(sample.clock), zone)
        who = (sample.host.id, *sample.guests)
        hold_meeting(state, room, start, sample.minutes, who, recorded=sample.recorded, noted=sample.recorded)


def _today(state: State) -> None:
    """Store a meeting that ended five minutes ago, whose recording is being processed, and one in progress."""
    now = utc(state.now() // 60 * 60)
    for name, ago, minutes in (("Release check", 35, 30), ("Incident review", 10, 60)):
        room = new_bridge(state, OWNER.id, {"type": "Instant", "name": name})
        hold_meeting(state, room, now - timedelta(minutes=ago), minutes, (OWNER.id, EXECUTIVE.id, CALLER))


def _days(first: date, today: date, days: tuple[int, ...], every: int) -> list[date]:
    past = (first + timedelta(days=on) for on in range((today - first).days))
    return [day for day in past if day.weekday() in days][::every]


class _Room(NamedTuple):
    host: Person
    name: str
    more: dict[str, Any]
    days: tuple[int, ...]
    every: int
    clock: str
    minutes: int
    guests: tuple[str, ...]
    recorded: bool


_ROOMS = (
    _Room(OWNER, "Stand-up", {}, WORKDAYS, 1, "09:00", 15, (EXECUTIVE.id,), False),
    _Room(OWNER, "Team weekly", {}, (TUESDAY,), 1, "10:00", 30, (EXECUTIVE.id, OUTSIDER.id), True),
    _Room(OWNER, "Design critique", {}, (MONDAY, THURSDAY), 2, "15:30", 45, ("Ana Duarte",), True),
    _Room(OWNER, "Quarterly forecast", LOCKED, (WEDNESDAY,), 3, "13:30", 60, (EXECUTIVE.id, CALLER), True),
    _Room(OWNER, "Vendor call: Northwind Paper", LOCKED, (FRIDAY,), 2, "14:30", 30, (CLIENT, CALLER), False),
    _Room(OWNER, "Launch party planning \N{PARTY POPPER}", {}, (THURSDAY,), 4, "11:00", 60, ("Ana Duarte",), False),
    _Room(OWNER, "Sync", {}, (MONDAY,), 2, "16:00", 45, (OUTSIDER.id,), False),
    _Room(OWNER, "Sync", {}, (WEDNESDAY,), 2, "16:00", 45, (EXECUTIVE.id,), False),
    _Room(EXECUTIVE, "Investor update", LOCKED, (FRIDAY,), 4, "09:00", 45, ("Lars Holm",), True),
    _Room(EXECUTIVE, "All hands", {}, (THURSDAY,), 4, "12:00", 60, (OWNER.id, OUTSIDER.id), True),
    _Room(OUTSIDER, "Payroll audit", {}, (TUESDAY,), 4, "10:00", 45, ("Mika Sato",), True),
)
