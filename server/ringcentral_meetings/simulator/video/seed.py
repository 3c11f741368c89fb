"""The rooms that a new simulator with RingCentral Video begins with, and the meetings held in them in the past month.

The people are those of the seeded meetings.
"""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ringcentral_meetings.simulator.people import EXECUTIVE, OUTSIDER, OWNER, Person
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.times import utc
from ringcentral_meetings.simulator.video.bridges import new_bridge
from ringcentral_meetings.simulator.video.history import hold_meeting

DAYS_BACK = 30
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
WORKDAYS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
LOCKED = {"security": {"password": "Fc2pm9Qx"}, "preferences": {"join": {"waitingRoomRequired": "GuestsOnly"}}}
CLIENT, CALLER = "Priya Nair (Northwind Paper)", "+14155550199"


def seed_rooms(state: State) -> None:
    """Store the rooms of a new simulator and the meetings of their past month."""
    for person in (OWNER, EXECUTIVE, OUTSIDER):
        new_bridge(state, person.id, {"type": "PMI", "name": f"{person.name}'s Personal Room"})
    today = state.moment().astimezone(ZoneInfo(state.zones[OWNER.id])).date()
    for host, name, more, days, every, clock, minutes, guests, recorded in _ROOMS:
        room = new_bridge(state, host.id, {"type": "Scheduled", "name": name, **more})
        for day in _days(today, days, every):
            start = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(state.zones[host.id]))
            hold_meeting(state, room, start, minutes, (host.id, *guests), recorded=recorded, noted=recorded)
    _today(state)


def _today(state: State) -> None:
    """Store a meeting that ended five minutes ago, whose recording is being processed, and one in progress."""
    now = utc(state.now() // 60 * 60)
    for name, ago, minutes in (("Release check", 35, 30), ("Incident review", 10, 60)):
        room = new_bridge(state, OWNER.id, {"type": "Instant", "name": name})
        hold_meeting(state, room, now - timedelta(minutes=ago), minutes, (OWNER.id, EXECUTIVE.id, CALLER))


def _days(today: date, days: tuple[int, ...], every: int) -> list[date]:
    past = [today - timedelta(days=back) for back in range(DAYS_BACK, 0, -1)]
    return [day for day in past if day.weekday() in days][::every]


_Room = tuple[Person, str, dict[str, Any], tuple[int, ...], int, str, int, tuple[str, ...], bool]
_ROOMS: tuple[_Room, ...] = (
    (OWNER, "Stand-up", {}, WORKDAYS, 1, "09:00", 15, (EXECUTIVE.id,), False),
    (OWNER, "Team weekly", {}, (TUESDAY,), 1, "10:00", 30, (EXECUTIVE.id, OUTSIDER.id), True),
    (OWNER, "Design critique", {}, (MONDAY, THURSDAY), 2, "15:30", 45, ("Ana Duarte",), True),
    (OWNER, "Quarterly forecast", LOCKED, (WEDNESDAY,), 3, "13:30", 60, (EXECUTIVE.id, CALLER), True),
    (OWNER, "Vendor call: Northwind Paper", LOCKED, (FRIDAY,), 2, "14:30", 30, (CLIENT, CALLER), False),
    (OWNER, "Launch party planning \N{PARTY POPPER}", {}, (THURSDAY,), 4, "11:00", 60, ("Ana Duarte",), False),
    (OWNER, "Sync", {}, (MONDAY,), 2, "16:00", 45, (OUTSIDER.id,), False),
    (OWNER, "Sync", {}, (WEDNESDAY,), 2, "16:00", 45, (EXECUTIVE.id,), False),
    (EXECUTIVE, "Investor update", LOCKED, (FRIDAY,), 4, "09:00", 45, ("Lars Holm",), True),
    (EXECUTIVE, "All hands", {}, (THURSDAY,), 4, "12:00", 60, (OWNER.id, OUTSIDER.id), True),
    (OUTSIDER, "Payroll audit", {}, (TUESDAY,), 4, "10:00", 45, ("Mika Sato",), True),
)
