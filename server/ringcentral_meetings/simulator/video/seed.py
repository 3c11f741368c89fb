"""The rooms that a new simulator with RingCentral Video begins with, and what was held in them for a month.

The same people as in the seed of meetings; the weeks are those before the simulator's now.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from ringcentral_meetings.simulator.people import EXECUTIVE, OUTSIDER, OWNER, Person
from ringcentral_meetings.simulator.video.backdoor import hold
from ringcentral_meetings.simulator.video.bridges import new_bridge

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator

DAYS_BACK = 30
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = range(5)
WORKDAYS = (MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY)
LOCKED = {"security": {"password": "Fc2pm9Qx"}, "preferences": {"join": {"waitingRoomRequired": "GuestsOnly"}}}
CLIENT, CALLER = "Priya Nair (Northwind Paper)", "+14155550199"


def sow_rooms(simulator: "Simulator") -> None:
    """Store the rooms and their month."""
    for person in (OWNER, EXECUTIVE, OUTSIDER):
        new_bridge(simulator, person.id, {"type": "PMI", "name": f"{person.name}'s Personal Room"})
    today = simulator.moment().astimezone(ZoneInfo(OWNER.zone)).date()
    for host, name, more, days, every, clock, minutes, guests, recorded in _ROOMS:
        room = new_bridge(simulator, host.id, {"type": "Scheduled", "name": name, **more})
        for day in _days(today, days, every):
            start = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(host.zone))
            hold(simulator, room, start, minutes, (host.id, *guests), recorded=recorded, noted=recorded)
    _today(simulator)


def _today(simulator: "Simulator") -> None:
    """Store what ended five minutes ago, its recording being processed, and what goes on now."""
    now = datetime.fromtimestamp(simulator.now() // 60 * 60, UTC)
    for name, ago, minutes in (("Release check", 35, 30), ("Incident review", 10, 60)):
        room = new_bridge(simulator, OWNER.id, {"type": "Instant", "name": name})
        hold(simulator, room, now - timedelta(minutes=ago), minutes, (OWNER.id, EXECUTIVE.id, CALLER))


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
