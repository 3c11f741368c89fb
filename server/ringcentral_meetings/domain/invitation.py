"""What a guest is given: a text to paste, and a calendar file (RFC 5545). No host secret gets into either."""

import re
import unicodedata
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from whenever import Instant, TimeDelta, ZonedDateTime

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import DialInNumber, Meeting, ServiceInfo
from ringcentral_meetings.text import clean, truncated

if TYPE_CHECKING:
    from icalendar import Component, Event, Timezone

PRODUCT_ID = "-//ringcentral-meetings-mcp//RingCentral meetings//EN"
EPOCH = Instant.from_utc(2020, 1, 1)
"""Revisions are counted in minutes from here."""

ZONE_YEARS = 10
"""How long the clock changes of an endless series are written out."""

NUMBERS_SHOWN = 6
TEXT_CHARS = 6_000
_HOST_TOKEN = "zpk="  # noqa: S105  (what RingCentral's start links carry, by recorded answers)


def ics_of(meeting: Meeting, info: ServiceInfo | None, now: Instant, *, dated: bool = False) -> bytes:
    """The meeting as a calendar file that stands for the very occurrences that lie ahead at `now`.

    Its UID is the meeting's for good, and its SEQUENCE grows, so that a later file replaces an earlier one. With
    `dated` the UID is that of the meeting at its start: one room may serve several events, and none replaces another.

    Raises:
        errors.Refused: `invalid_arguments`, for a meeting without a fixed time.
    """
    if meeting.start is None:
        raise errors.no_calendar_file(meeting.meeting_id)
    from icalendar import Calendar

    dates = _dates(meeting, meeting.start, now)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT_ID)
    calendar.add("version", "2.0")
    if not meeting.stored_in_utc:
        calendar.add_component(_zone_part(meeting, dates, now))
    for event in _events(meeting, dates, info, now, _uid(meeting, dated=dated)):
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content


def ics_uri(meeting_id: str) -> str:
    """The address of the calendar file among this server's resources."""
    return f"ringcentral://meetings/{quote(meeting_id, safe='')}.ics"


def ics_name(meeting: Meeting) -> str:
    """A file name that every system takes."""
    plain = unicodedata.normalize("NFKD", meeting.shown_topic).encode("ascii", "ignore").decode()
    words = re.sub(r"[^A-Za-z0-9]+", "-", plain)[:60].strip("-").lower()
    return f"{words or 'meeting'}.ics"


def text_of(meeting: Meeting, info: ServiceInfo | None, zone: str | None) -> str:
    """Our own words, where RingCentral has none; times on the clocks of `zone`."""
    lines = ["You are invited to a RingCentral meeting.", "", f"Topic: {meeting.shown_topic}"]
    if meeting.start is not None:
        start = timing.at(meeting.start.to_instant(), zone or meeting.start.tz_id or "UTC")
        lines.append(f"Time: {timing.weekday(start)} {timing.show(start)} {start.tz_id}, {meeting.minutes} minutes")
    if meeting.rule is not None:
        lines.append(f"Repeats: {meeting.recurrence_text()}")
    return "\n".join([*lines, "", *_joining(meeting, info)])


def shown_text(text: str) -> str:
    """RingCentral's words, each line made safe to show, without a line that would let a guest in as the host."""
    lines = (clean(line) for line in text.splitlines())
    return truncated("\n".join(line for line in lines if _HOST_TOKEN not in line).strip(), TEXT_CHARS)


@dataclass(frozen=True, slots=True)
class _Dates:
    """A schedule as a calendar file tells it: the first date, the rule, and what departs from the rule."""

    first: timing.Slot
    rule: timing.Rule | None = None
    dropped: list[ZonedDateTime] = field(default_factory=list)
    added: list[ZonedDateTime] = field(default_factory=list)
    other_length: list[timing.Slot] = field(default_factory=list)


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
    """The rule, held against the dates ahead that RingCentral lists."""
    end = meeting.listed[-1].slot.end.to_instant()
    real = [one.slot for one in meeting.occurrences(after=now, before=end)]
    ruled = [slot.start for slot in timing.occurrences(rule, first.start, meeting.minutes, after=now, before=end)]
    over = not meeting.occurrences(after=end, limit=1)
    if over and timing.occurrences(rule, first.start, meeting.minutes, after=end, limit=1):
        rule = replace(rule, count=None, until=meeting.listed[-1].slot.start.to_instant())
    starts = {slot.start for slot in real}
    return _Dates(
        first,
        rule,
        dropped=[start for start in ruled if start not in starts],
        added=sorted(starts - {*ruled}),
        other_length=[slot for slot in real if _minutes(slot) != meeting.minutes],
    )


def _uid(meeting: Meeting, *, dated: bool) -> str:
    begins = meeting.start if dated else None
    date = f".{timing.to_wire(begins.to_instant())}".replace(":", "") if begins is not None else ""
    return f"{quote(meeting.meeting_id, safe='')}{date}@ringcentral-meetings-mcp"


def _events(meeting: Meeting, dates: _Dates, info: ServiceInfo | None, now: Instant, uid: str) -> "list[Event]":
    main = _event(meeting, dates.first, info, now, uid)
    if dates.rule is not None:
        main.add("rrule", _rrule(dates.rule))
    for name, moments in (("exdate", dates.dropped), ("rdate", dates.added)):
        if moments:
            main.add(name, [_moment(meeting, moment) for moment in moments])
    events = [main]
    for slot in dates.other_length:
        event = _event(meeting, slot, info, now, uid)
        event.add("recurrence-id", _moment(meeting, slot.start))
        events.append(event)
    return events


def _event(meeting: Meeting, slot: timing.Slot, info: ServiceInfo | None, now: Instant, uid: str) -> "Event":
    from icalendar import Event

    link = clean(meeting.join_url) if meeting.join_url else None
    fields = {
        "uid": uid,
        "dtstamp": now.to_stdlib().replace(microsecond=0),
        "sequence": max(0, int((now - EPOCH).total("minutes"))),
        "summary": meeting.shown_topic,
        "dtstart": _moment(meeting, slot.start),
        "dtend": _moment(meeting, slot.end),
        "description": "\n".join(_joining(meeting, info)),
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
    """The rule in RFC 5545's words, with weeks that begin on Sunday, as RingCentral's do."""
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
    """The zone's clock changes from the first date to the last, or some years on."""
    from icalendar import Timezone

    zone = meeting.time_zone or "UTC"
    first = dates.first.start.to_instant().subtract(hours=24)
    changes = list(timing.offset_changes(zone, first, _horizon(dates, now)))
    least = min(offset for _, offset in changes)
    part = Timezone()
    part.add("tzid", zone)
    offsets = [changes[0][1], *(offset for _, offset in changes)]
    kinds: dict[tuple[TimeDelta, TimeDelta], list[Instant]] = {}
    for (instant, offset), before in zip(changes, offsets, strict=False):
        kinds.setdefault((before, offset), []).append(instant)
    for (before, offset), instants in kinds.items():
        part.add_component(_observance(instants, before, offset, summer=offset > least))
    return part


def _observance(instants: list[Instant], before: TimeDelta, offset: TimeDelta, *, summer: bool) -> "Component":
    """Changes of one kind; RFC 5545 gives their times on the clocks as they went before."""
    from icalendar import TimezoneDaylight, TimezoneStandard

    was, becomes = (timedelta(seconds=one.total("seconds")) for one in (before, offset))
    onsets = [instant.to_stdlib().replace(tzinfo=None, microsecond=0) + was for instant in instants]
    part = TimezoneDaylight() if summer else TimezoneStandard()
    part.add("dtstart", onsets[0])
    part.add("tzoffsetfrom", was)
    part.add("tzoffsetto", becomes)
    if onsets[1:]:
        part.add("rdate", onsets[1:])
    return part


def _horizon(dates: _Dates, now: Instant) -> Instant:
    latest = [dates.first, *dates.other_length]
    last = dates.first
    if dates.rule is not None:
        final = timing.last_occurrence(dates.rule, dates.first.start, 0)
        last = final if final is not None else dates.first
        if final is None:
            return timing.at(max(now, dates.first.start.to_instant()), "UTC").add(years=ZONE_YEARS).to_instant()
    ends = [slot.end.to_instant() for slot in (*latest, last)]
    return max([*ends, *(moment.to_instant() for moment in dates.added)]).add(hours=24)


def _moment(meeting: Meeting, moment: ZonedDateTime) -> datetime:
    whole = moment.round("second", mode="floor")
    return whole.to_instant().to_stdlib() if meeting.stored_in_utc else whole.to_stdlib()


def _minutes(slot: timing.Slot) -> int:
    return round((slot.end - slot.start).total("minutes"))


def _joining(meeting: Meeting, info: ServiceInfo | None) -> list[str]:
    lines = [f"Join: {clean(meeting.join_url)}"] if meeting.join_url else []
    lines += [f"Password: {meeting.password}"] if meeting.password else []
    lines.append(f"Meeting ID: {clean(_number(meeting, info))}")
    numbers = _numbers(meeting, info)
    if numbers:
        lines += ["", "Dial in:", *numbers, *_telephone(meeting)]
    if info is not None and info.international_numbers_url:
        lines.append(f"More numbers: {clean(info.international_numbers_url)}")
    return lines


def _number(meeting: Meeting, info: ServiceInfo | None) -> str:
    """What guests call the meeting's number."""
    if meeting.pin is not None:
        return meeting.pin
    if meeting.settings.use_personal_meeting_id and info is not None:
        return info.personal_meeting_id or meeting.meeting_id
    return meeting.meeting_id


def _telephone(meeting: Meeting) -> list[str]:
    """What guests dial after the number, where that is not the meeting's number and password."""
    lines = [f"Telephone PIN: {meeting.phone_pin}"] if meeting.phone_pin else []
    return lines + ([f"Telephone password: {meeting.phone_password}"] if meeting.phone_password else [])


def _numbers(meeting: Meeting, info: ServiceInfo | None) -> list[str]:
    """Numbers of the countries that the meeting names, else the first there are."""
    known = info.dial_in if info is not None else ()
    countries = {name.upper() for name in meeting.settings.global_dial_in_countries or ()}
    named = [number for number in known if (number.country or "").upper() in countries]
    return [_dial_in(number) for number in (named or known)[:NUMBERS_SHOWN]]


def _dial_in(number: DialInNumber) -> str:
    place = ", ".join(clean(part) for part in (number.location, number.country or number.country_name) if part)
    return f"{clean(number.number)} ({place})" if place else clean(number.number)
