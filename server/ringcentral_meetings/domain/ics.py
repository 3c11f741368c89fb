"""The calendar file (.ics, RFC 5545) of a meeting, for guests: without secrets of the host."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from whenever import Instant, ZonedDateTime

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.clock_changes import ClockChange, clock_changes
from ringcentral_meetings.domain.invitation import joining_lines
from ringcentral_meetings.domain.meeting import Meeting, ServiceInfo
from ringcentral_meetings.untrusted_text import clean

if TYPE_CHECKING:
    from icalendar import Component, Event, Timezone

PRODUCT_ID = "-//ringcentral-meetings-mcp//RingCentral meetings//EN"
EPOCH = Instant.from_utc(2020, 1, 1)
"""SEQUENCE counts the seconds since then, so that a later file replaces an earlier one."""

ZONE_YEARS = 10
"""For how many years an endless series lists clock changes, in a zone that has no yearly rule for them."""

_UID_END = "@ringcentral-meetings-mcp"


def ics_of(meeting: Meeting, info: ServiceInfo | None, now: Instant, *, uid: str | None = None) -> bytes:
    """Write the meeting as a calendar file with exactly the occurrences that are ahead at `now`.

    The UID is always the same and SEQUENCE grows, so that a later file replaces an earlier one. `uid` is given for
    one of the events that a room serves, which do not replace each other.

    Raises:
        errors.Refused: `invalid_arguments`, for a meeting without a fixed time.
    """
    if meeting.start is None:
        raise errors.no_calendar_file(meeting.meeting_id)
    # Imported late, here and below: icalendar takes a tenth of a second.
    from icalendar import Calendar

    dates = _dates(meeting, meeting.start, now)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    if not meeting.stored_in_utc:
        calendar.add_component(_zone_part(meeting, dates, now))
    for event in _events(meeting, dates, info, now, uid or uid_of(meeting)):
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def ics_uri(meeting_id: str) -> str:
    """Return the URI of the calendar file among this server's resources."""
    return f"ringcentral://meetings/{quote(meeting_id, safe='')}.ics"


def ics_name(meeting: Meeting) -> str:
    """Return a file name that is valid on every system."""
    plain = unicodedata.normalize("NFKD", meeting.shown_topic).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain)[:60].strip("-").lower()
    return f"{words or 'meeting'}.ics"


@dataclass(frozen=True, slots=True)
class _Dates:
    """A schedule as a calendar file describes it: the first date, the rule, and the departures from it.

    `replaced` has the start by the rule of each date that was moved or has another length, with its slot.
    """

    first: timing.Slot
    rule: timing.Rule | None = None
    dropped: tuple[ZonedDateTime, ...] = ()
    replaced: tuple[tuple[ZonedDateTime, timing.Slot], ...] = ()
    added: tuple[timing.Slot, ...] = ()

    @property
    def slots(self) -> list[timing.Slot]:
        """Every slot that is written out."""
        return [self.first, *(slot for _, slot in self.replaced), *self.added]


def _dates(meeting: Meeting, start: ZonedDateTime, now: Instant) -> _Dates:
    single = timing.Slot(start, start.add(minutes=meeting.minutes))
    if meeting.rule is None:
        return _Dates(single)
    rule = timing.filled(meeting.rule, start.date())
    first = next(iter(timing.occurrences(rule, start, meeting.minutes, limit=1)), single)
    if not meeting.listed:
        return _Dates(first, rule)
    return _departures(meeting, first, rule, now)


def _departures(meeting: Meeting, first: timing.Slot, rule: timing.Rule, now: Instant) -> _Dates:
    """Return how the upcoming dates that RingCentral lists depart from the rule."""
    end = meeting.listed[-1].slot.end.to_instant()
    real = {one.slot.start: one.slot for one in meeting.occurrences(now, end, timing.MAX_COUNT)}
    every = partial(timing.occurrences, rule, first.start, meeting.minutes, limit=timing.MAX_COUNT)
    ruled = [slot.start for slot in every(after=now, before=end)]
    off_rule = [slot for start, slot in sorted(real.items()) if start not in {*ruled}]
    vacant = [start for start in ruled if start not in real]
    if not meeting.occurrences(after=end, limit=1):
        beyond = [slot.start for slot in every(after=end)]
        vacant += beyond[: max(0, len(off_rule) - len(vacant))]
        if beyond:
            final = max(meeting.listed[-1].slot.start, *vacant) if vacant else meeting.listed[-1].slot.start
            rule = replace(rule, count=None, until=final.to_instant())
    if (more := len(off_rule) - len(vacant)) > 0:
        vacant += _last_before(now, rule, first.start, meeting.minutes)[-more:]
    moved = _nearest(off_rule, vacant)
    added = [slot for slot in off_rule if slot not in moved.values()]
    other_length = {slot.start: slot for slot in real.values() if _minutes(slot) != meeting.minutes}
    replaced = {start: slot for start, slot in other_length.items() if slot not in moved.values()} | moved
    return _Dates(
        first,
        rule,
        dropped=tuple(start for start in vacant if start not in moved),
        replaced=tuple(sorted(replaced.items(), key=lambda item: item[0])),
        added=tuple(added),
    )


def _last_before(now: Instant, rule: timing.Rule, start: ZonedDateTime, minutes: int) -> list[ZonedDateTime]:
    """Return the starts of the past year's dates by the rule: some may have been moved to a time ahead."""
    year = now.subtract(hours=24 * 366)
    slots = timing.occurrences(rule, start, minutes, after=year, before=now)
    return [slot.start for slot in slots if slot.end.to_instant() <= now]


def _nearest(slots: list[timing.Slot], starts: list[ZonedDateTime]) -> dict[ZonedDateTime, timing.Slot]:
    """Pair each slot with a start by the rule, the nearest first: RingCentral does not say which date was moved."""
    pairs = sorted(
        ((slot, start) for slot in slots for start in starts),
        key=lambda pair: (abs((pair[0].start - pair[1]).total("seconds")), pair[1]),
    )
    found: dict[ZonedDateTime, timing.Slot] = {}
    for slot, start in pairs:
        if start not in found and slot not in found.values():
            found[start] = slot
    return found


def uid_of(meeting: Meeting, start: ZonedDateTime | None = None) -> str:
    """Return the UID of the meeting; with `start`, that of the event of a room that first began then."""
    date = f".{timing.to_wire(start.to_instant())}".replace(":", "") if start is not None else ""
    return f"{quote(meeting.meeting_id, safe='')}{date}{_UID_END}"


def has_uid(meeting: Meeting, uid: str) -> bool:
    """Return whether this is the UID of an event of the room, as `uid_of` gives it for some start."""
    own = re.escape(quote(meeting.meeting_id, safe=""))
    return re.fullmatch(rf"{own}\.\d{{4}}-\d\d-\d\dT\d{{6}}Z{re.escape(_UID_END)}", uid) is not None


def _events(meeting: Meeting, dates: _Dates, info: ServiceInfo | None, now: Instant, uid: str) -> "list[Event]":
    main = _event(meeting, dates.first, info, now, uid)
    if dates.rule is not None:
        main.add("rrule", _rrule(dates.rule))
    added = [slot.start for slot in dates.added]
    for name, moments in (("exdate", dates.dropped), ("rdate", added)):
        if moments:
            main.add(name, [_moment(meeting, moment) for moment in moments])
    events = [main]
    for start, slot in dates.replaced:
        event = _event(meeting, slot, info, now, uid)
        event.add("recurrence-id", _moment(meeting, start))
        events.append(event)
    return events


def _event(meeting: Meeting, slot: timing.Slot, info: ServiceInfo | None, now: Instant, uid: str) -> "Event":
    from icalendar import Event

    link = clean(meeting.join_url) if meeting.join_url else None
    fields = {
        "uid": uid,
        "dtstamp": now.to_stdlib().replace(microsecond=0),
        "sequence": max(0, int((now - EPOCH).total("seconds"))),
        "summary": meeting.shown_topic,
        "dtstart": _moment(meeting, slot.start),
        "dtend": _moment(meeting, slot.end),
        "description": "\n".join(joining_lines(meeting, info)),
        "location": link,
        "url": link,
        "status": "CONFIRMED",
    }
    event = Event()
    for name, value in fields.items():
        if value is not None:
            event.add(name, value)
    return event


def _rrule(rule: timing.Rule) -> dict[str, Any]:
    """Return the rule as RFC 5545 writes it, with weeks that begin on Sunday, as RingCentral's do."""
    days = [name[:2].upper() for name in rule.weekly_days]
    if rule.monthly_week and rule.monthly_weekday:
        nth = {"First": "1", "Second": "2", "Third": "3", "Fourth": "4", "Last": "-1"}[rule.monthly_week]
        days = [nth + rule.monthly_weekday[:2].upper()]
    parts = {
        "FREQ": rule.frequency.upper(),
        "UNTIL": rule.until.to_stdlib().replace(microsecond=0) if rule.until is not None else None,
        "COUNT": rule.count,
        "INTERVAL": rule.interval if rule.interval > 1 else None,
        "BYMONTHDAY": rule.monthly_day,
        "BYDAY": days or None,
        "WKST": "SU",
    }
    return {name: value for name, value in parts.items() if value is not None}


def _zone_part(meeting: Meeting, dates: _Dates, now: Instant) -> "Timezone":
    """Return the zone's clocks from before the first date to the last, or by rules that go on."""
    from icalendar import Timezone

    zone = meeting.time_zone or "UTC"
    earliest = min(slot.start.to_instant() for slot in dates.slots)
    changes = clock_changes(zone, earliest, _latest(dates, now))
    least = min(change.after for change in changes)
    part = Timezone()
    part.add("tzid", zone)
    for change in changes:
        part.add_component(_observance(change, summer=change.after > least))
    return part


def _observance(change: ClockChange, *, summer: bool) -> "Component":
    """Return one kind of clock change. No RDATE: Outlook reads DTSTART, RRULE and the offsets alone."""
    from icalendar import TimezoneDaylight, TimezoneStandard

    part = TimezoneDaylight() if summer else TimezoneStandard()
    part.add("dtstart", change.first)
    part.add("tzoffsetfrom", change.before)
    part.add("tzoffsetto", change.after)
    if change.rule is not None:
        nth = "" if change.rule.nth is None else str(change.rule.nth)
        parts = {
            "FREQ": "YEARLY",
            "UNTIL": change.until.to_stdlib().replace(microsecond=0) if change.until is not None else None,
            "BYMONTH": change.rule.month,
            "BYMONTHDAY": list(change.rule.days) or None,
            "BYDAY": f"{nth}{change.rule.weekday}",
        }
        part.add("rrule", {name: value for name, value in parts.items() if value is not None})
    return part


def _latest(dates: _Dates, now: Instant) -> Instant:
    """Return the end of the last date; of a series without an end, ZONE_YEARS from its start or now."""
    slots = dates.slots
    if dates.rule is not None:
        final = timing.last_occurrence(dates.rule, dates.first.start, 0)
        if final is None:
            begin = timing.at(max(now, dates.first.start.to_instant()), "UTC")
            return Instant.from_utc(min(begin.year + ZONE_YEARS, 9998), 12, 31)
        slots.append(final)
    return max(slot.end.to_instant() for slot in slots)


def _moment(meeting: Meeting, moment: ZonedDateTime) -> datetime:
    whole = moment.round("second", mode="floor")
    return whole.to_instant().to_stdlib() if meeting.stored_in_utc else whole.to_stdlib()


def _minutes(slot: timing.Slot) -> int:
    return round((slot.end - slot.start).total("minutes"))
