"""The calendar as its publishers write it: Google, Microsoft 365, iCloud, and Google for those who may see busy times.

Sources: [MS-OXCICAL] for Exchange; what public feeds of each look like. Nothing in a file of Exchange's says that it
ends some months ahead.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from ringcentral_meetings.simulator.calendars.entries import Entry, entries
from ringcentral_meetings.simulator.calendars.writing import day, definition, file_of, local, text, utc
from ringcentral_meetings.simulator.people import OWNER, PEOPLE
from ringcentral_meetings.simulator.state import State

PublisherName = Literal["google", "microsoft", "icloud", "busy"]

DAYS_A_MONTH = 30.5
BUSY_DAYS = (31, 366)
"""How far back and ahead busy times are published."""


def google(state: State) -> bytes:
    """Return the feed as of the secret address in iCal format: all there ever was, single events in UTC."""
    found = entries(state)
    zone = ZoneInfo(state.zones[OWNER.id])
    lines = ["PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"]
    lines += [f"X-WR-CALNAME:{OWNER.email}", f"X-WR-TIMEZONE:{zone.key}"]
    lines += _definitions(state, found)
    for entry in found:
        in_utc = entry.rule is None and not entry.whole_days
        lines += _event(entry, state, _times(entry, entry.zone, in_utc=in_utc), _google_more(entry))
    return _calendar(lines)


def microsoft(state: State) -> bytes:
    """Return the feed as Exchange publishes it: Windows names of zones, and only months around now."""
    now = state.moment()
    since = now - timedelta(days=state.switches.feed_months_back * DAYS_A_MONTH)
    until = now + timedelta(days=state.switches.feed_months_ahead * DAYS_A_MONTH)
    found = [entry for entry in entries(state) if any(entry.dates(since, until))]
    lines = ["METHOD:PUBLISH", "PRODID:Microsoft Exchange Server 2010", "VERSION:2.0", "X-WR-CALNAME:Calendar"]
    if state.switches.feed_defines_zones:
        lines += _definitions(state, found, _windows_name)
    for entry in found:
        status = "FREE" if entry.free or entry.declined else "BUSY"
        more = [f"X-MICROSOFT-CDO-BUSYSTATUS:{status}", "X-MICROSOFT-CDO-IMPORTANCE:1", "CLASS:PUBLIC"]
        lines += _event(entry, state, _times(entry, _windows_name(entry.zone)), more)
    return _calendar(lines)


def icloud(state: State) -> bytes:
    """Return the feed of a public calendar of iCloud's."""
    found = entries(state)
    lines = [
        "CALSCALE:GREGORIAN",
        "PRODID:-//Apple Inc.//macOS 15.5//EN",
        "VERSION:2.0",
        "X-APPLE-CALENDAR-COLOR:#CC73E1",
    ]
    lines += ["X-WR-CALNAME:Home", *_definitions(state, found)]
    for entry in found:
        more = ["CREATED:20260801T080000Z", "LAST-MODIFIED:20260801T080000Z"]
        lines += _event(entry, state, _times(entry, entry.zone), more)
    return _calendar(lines)


def busy(state: State) -> bytes:
    """Return the feed of somebody who lets others see busy times alone: dates of series without their series."""
    now = state.moment()
    since, until = now - timedelta(days=BUSY_DAYS[0]), now + timedelta(days=BUSY_DAYS[1])
    lines = ["PRODID:-//Google Inc//Google Calendar 70.9054//EN", "VERSION:2.0", "METHOD:PUBLISH"]
    for entry in entries(state):
        if entry.free or entry.declined:
            continue
        for start in entry.dates(since, until):
            lines += ["BEGIN:VEVENT", *_span(entry, start), f"DTSTAMP:{utc(now)}", f"UID:{entry.uid}"]
            lines += [f"RECURRENCE-ID{_value(entry, start)}"] if entry.rule is not None else []
            lines += ["SUMMARY:Busy", "END:VEVENT"]
    return _calendar(lines)


PUBLISHERS: dict[PublisherName, Callable[[State], bytes]] = {
    "google": google,
    "microsoft": microsoft,
    "icloud": icloud,
    "busy": busy,
}


def _calendar(lines: list[str]) -> bytes:
    return file_of(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"])


def _event(entry: Entry, state: State, times: Iterator[str], more: list[str]) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield from times
    yield f"DTSTAMP:{utc(state.moment())}"
    yield f"UID:{entry.uid}"
    yield f"SUMMARY:{text(entry.title)}"
    yield "STATUS:CONFIRMED"
    yield f"TRANSP:{'TRANSPARENT' if entry.free else 'OPAQUE'}"
    if entry.link is not None:
        yield f"ORGANIZER;CN={PEOPLE[entry.organizer].name}:mailto:{PEOPLE[entry.organizer].email}"
        yield f"ATTENDEE;CN={OWNER.name};PARTSTAT={'DECLINED' if entry.declined else 'ACCEPTED'}:mailto:{OWNER.email}"
        yield f"LOCATION:{text(entry.link)}"
        yield f"DESCRIPTION:{text(_invitation(entry))}"
    yield from more
    yield "END:VEVENT"


def _google_more(entry: Entry) -> list[str]:
    return [f"X-GOOGLE-CONFERENCE:{entry.link}"] if entry.link is not None and entry.organizer != OWNER.id else []


def _invitation(entry: Entry) -> str:
    """Return the text that RingCentral's add-ins put into an entry, with the page of numbers to dial in it."""
    host, _, path = (entry.link or "").removeprefix("https://").partition("/")
    number = path.rpartition("/")[2].partition("?")[0]
    password = f"\nPassword: {entry.password}" if entry.password else ""
    return (
        f"{PEOPLE[entry.organizer].name} has invited you to a RingCentral meeting.\n\n"
        f"Please join using this link:\n    {entry.link}\n\nMeeting ID: {number}{password}\n\n"
        f"One tap to join audio only from a smartphone:\n    +16504191505,,{number}#\n\n"
        f"Numbers to dial: https://{host}/teleconference\n"
    )


def _times(entry: Entry, zone_name: str | None, *, in_utc: bool = False) -> Iterator[str]:
    """Return start, end, rule and removed dates, in a zone of that name; in UTC where there is none."""
    start = entry.first()
    if in_utc or (zone_name is None and not entry.whole_days):
        yield f"DTSTART:{utc(start)}"
        yield f"DTEND:{utc(entry.ends(start))}"
    elif entry.whole_days:
        yield from _span(entry, start)
    else:
        yield f"DTSTART;TZID={zone_name}:{local(start)}"
        yield f"DTEND;TZID={zone_name}:{local(entry.ends(start))}"
    if entry.rule is not None:
        yield f"RRULE:{entry.rule}"
    for one in entry.removed:
        removed = datetime.fromisoformat(one).replace(tzinfo=ZoneInfo(entry.zone))
        yield f"EXDATE{_value(entry, removed)}"


def _span(entry: Entry, start: datetime) -> Iterator[str]:
    yield f"DTSTART{_value(entry, start)}"
    yield f"DTEND{_value(entry, entry.ends(start))}"


def _value(entry: Entry, moment: datetime) -> str:
    return f";VALUE=DATE:{day(moment)}" if entry.whole_days else f":{utc(moment)}"


def _definitions(
    state: State, found: list[Entry], name: Callable[[str], str | None] = lambda zone: zone
) -> Iterator[str]:
    year = state.moment().year
    for zone in dict.fromkeys(entry.zone for entry in found):
        if (named := name(zone)) is not None:
            yield from definition(ZoneInfo(zone), named, year - 1, year + 2)


def _windows_name(zone: str) -> str | None:
    """Return the name that Windows has for a zone; None where it has none of that very zone."""
    return _windows_names().get(zone)


@cache
def _windows_names() -> dict[str, str]:
    return {zone: name for name, zone in WINDOWS_TO_OLSON.items()}
