"""What the calendar of a new simulator holds beside scheduled meetings: dates of rooms, and what is nobody's business.

RingCentral Video keeps no times, so that the calendar alone says when its rooms are used.
"""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ringcentral_meetings.simulator.calendars.entries import MINUTES_A_DAY, add_entry, workday
from ringcentral_meetings.simulator.people import EXECUTIVE, OWNER
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.video.rendering import bridge_resource
from ringcentral_meetings.simulator.video.tables import Bridge, all_bridges

DAYS_BACK = 14
TUESDAY, WEDNESDAY, THURSDAY = 1, 2, 3
WORKDAYS = range(5)


def seed_calendar(state: State) -> None:
    """Put in the dates of the rooms that are there, and entries without a link."""
    today, rooms = _today(state), _rooms(state)
    for host, name, days, clock, minutes, rule, more in _SERIES:
        if (room := rooms.get((host.id, name))) is not None:
            day = _first(today - timedelta(days=DAYS_BACK), days)
            _add(state, room, day, clock, minutes, rule=rule, organizer=host.id, **more)
    refill_calendar(state)


def refill_calendar(state: State) -> None:
    """Put in the entries without a rule again, for the days to come."""
    today, rooms = _today(state), _rooms(state)
    for name, number, clock, minutes in _ONCE:
        if (room := rooms.get((OWNER.id, name))) is not None:
            _add(state, room, workday(today, number), clock, minutes)
    for title, number, start, minutes, more in _PRIVATE:
        date_of_it = workday(today, number).isoformat()
        add_entry(state, {"title": title, "start": f"{date_of_it}{start}", "minutes": minutes, **more})


def _today(state: State) -> date:
    return state.moment().astimezone(ZoneInfo(state.zones[OWNER.id])).date()


def _rooms(state: State) -> dict[tuple[str, str], Bridge]:
    return {(room.host, room.body["name"]): room for room in reversed(all_bridges(state))}


def _add(state: State, room: Bridge, day: date, clock: str, minutes: int, **more: Any) -> None:
    resource = bridge_resource(room)
    password = resource["security"].get("password", {}).get("plainText")
    shown = {"title": resource["name"], "link": resource["discovery"]["web"], "password": password}
    add_entry(state, {**shown, "start": f"{day}T{clock}", "minutes": minutes, **more})


def _first(day: date, days: range | tuple[int, ...]) -> date:
    while day.weekday() not in days:
        day += timedelta(days=1)
    return day


_SERIES: tuple[tuple[Any, str, Any, str, int, str, dict[str, Any]], ...] = (
    (OWNER, "Stand-up", WORKDAYS, "09:00", 15, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", {}),
    (OWNER, "Team weekly", (TUESDAY,), "10:00", 30, "FREQ=WEEKLY;BYDAY=TU", {}),
    (OWNER, "Sync", (WEDNESDAY,), "16:00", 45, "FREQ=WEEKLY;INTERVAL=2;BYDAY=WE", {}),
    (EXECUTIVE, "All hands", (THURSDAY,), "12:00", 60, "FREQ=WEEKLY;BYDAY=TH", {}),
    (EXECUTIVE, "Investor update", (THURSDAY,), "16:30", 45, "FREQ=WEEKLY;BYDAY=TH", {"declined": True}),
)
_ONCE = (
    ("Quarterly forecast", 1, "13:30", 60),
    ("Vendor call: Northwind Paper", 1, "14:30", 30),
    ("Launch party planning \N{PARTY POPPER}", 3, "11:00", 60),
    ("Design critique", 4, "15:30", 45),
)
_PRIVATE: tuple[tuple[str, int, str, int, dict[str, Any]], ...] = (
    ("Dentist", 1, "T11:00", 60, {}),
    ("Gym", 2, "T12:00", 60, {"free": True}),
    ("School play", 3, "T14:00", 90, {}),
    ("Trade fair", 7, "", 2 * MINUTES_A_DAY, {}),
    ("Company holiday", 5, "", MINUTES_A_DAY, {"free": True}),
)
