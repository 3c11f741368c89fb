"""Wall times in a zone and instants, windows, and the occurrences of a series.

Names of `recurrence` and `zones` are imported from here. Only these modules know about time zones. Nothing here
reads a clock: the present moment is passed in. Every refusal is a `TimingError`, whose text can be shown.
"""

import re
from dataclasses import replace
from itertools import islice

from whenever import Date, Instant, OffsetDateTime, PlainDateTime, TimeDelta, ZonedDateTime

from ringcentral_meetings.domain.recurrence import (
    MAX_COUNT,
    Frequency,
    MonthWeek,
    Rule,
    Slot,
    TimingError,
    Weekday,
    check_rule,
    dateless_months,
    filled,
    last_occurrence,
    listed,
    localised,
    merged,
    next_occurrence,
    occurrences,
    overlaps,
    pattern,
    wall_times,
    weekday_of,
    zone_of,
)
from ringcentral_meetings.domain.zones import (
    equivalent_zone,
    identified,
    known_zone,
    zone,
    zone_names,
)
from ringcentral_meetings.errors import quoted

_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_WRITTEN = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>\d\d:\d\d(?::[0-5]\d)?)(?P<fraction>[.,]\d{1,9})? ?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_TIME_FORM = 'Give the local time as "2026-11-24T15:00", with time_zone beside it.'
_REAL_FORM = 'Give a date and time that exist, such as "2026-11-24T15:00".'
_EDGE_FORM = 'Give a date as "2026-11-24" or a local time as "2026-11-24T15:00".'


def has_offset(text: str) -> bool:
    """Return whether the text is a date-time with a UTC offset or Z."""
    found = _WRITTEN.fullmatch(text.strip())
    return bool(found and found["offset"])


def parse_start(text: str, zone_name: str, *, field: str = "start_time") -> ZonedDateTime:
    """Read a wall time such as "2026-11-24T15:00" in a zone of the tz database, in whole seconds.

    An offset may follow; it must be the zone's own at that time, and decides between the two passes of a repeated
    hour.

    Raises:
        TimingError: a skipped or repeated hour, with the choices; an offset that contradicts the zone; an unknown
            zone (field "time_zone"); words, fractions of a second, or a date alone.
    """
    zone_name = known_zone(zone_name) or zone(zone_name)
    found = _written_start(text, field)
    plain = _plain(found, field)
    before, after = (plain.assume_tz(zone_name, disambiguation=side) for side in ("earlier", "later"))
    if before.to_plain() != plain:
        raise TimingError(field, _skipped(plain, before, after))
    if found["offset"]:
        instant = _instant(found, plain, field)
        for moment in (before, after):
            if moment.to_instant() == instant:
                return moment
        raise TimingError(field, _contradiction(found, instant, before, after))
    if before != after:
        raise TimingError(field, _repeated(plain, before, after))
    return before


def parse_offset_start(text: str, *, field: str = "start_time") -> Instant | None:
    """Return the instant of a date-time with an offset; None for a text without one.

    Raises:
        TimingError: a date, time or offset that does not exist.
    """
    if not has_offset(text):
        return None
    found = _written_start(text, field)
    return _instant(found, _plain(found, field), field)


def has_wall_time(text: str, start: ZonedDateTime) -> bool:
    """Return whether a date-time with an offset shows the wall time of `start`: the offset is then the zone's own."""
    return _plain(_written_start(text, "start_time"), "start_time") == start.to_plain()


def refuse_past(start: ZonedDateTime, now: Instant, *, field: str = "start_time") -> None:
    """Raise TimingError for a start before `now`, with the time that it is in the start's zone."""
    if start.to_instant() >= now:
        return
    local = at(now, zone_of(start))
    raise TimingError(
        field,
        f"{_wall(start)} is in the past: in {start.tz_id} it is now {_wall(local)} ({weekday(local)}). "
        "Use a later time.",
    )


def parse_window_edge(text: str, zone_name: str, *, end: bool, field: str) -> Instant:
    """Read one edge of a window: a date or a date-time in the zone; the end is exclusive.

    A date is the first moment of that day, or for `end` of the next one. A skipped or repeated hour is
    resolved as in RFC 5545; an offset in the text takes precedence over the zone.

    Raises:
        TimingError: anything else.
    """
    zone_name = known_zone(zone_name) or zone(zone_name)
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise TimingError(field, f"{_quoted(text)} is not a date or date-time. {_EDGE_FORM}")
    plain = _plain(found, field)
    if found["offset"]:
        return _instant(found, plain, field)
    if found["time"]:
        return localised(plain, zone_name).to_instant()
    noon = plain.add(days=1 if end else 0)
    return localised(noon, zone_name).start_of("day").to_instant()


def from_wire(text: str) -> Instant:
    """Read an ISO 8601 date-time with Z or offset, seconds and fractions optional; ValueError for anything else."""
    return Instant.parse_iso(text.strip())


def to_wire(instant: Instant) -> str:
    """Write an instant as RingCentral accepts it: UTC with Z, without fractions of a second."""
    return instant.format_iso(unit="second")


def show(moment: ZonedDateTime) -> str:
    """Write a local time with its offset, with seconds only where they are not 0: "2026-11-24T15:00-05:00"."""
    return moment.format_iso(unit="second" if moment.second else "minute", tz_id_display="omit")


def show_utc(instant: Instant) -> str:
    """Write an instant in UTC, with seconds only where they are not 0: "2026-11-24T20:00Z"."""
    return instant.format_iso(unit="second" if instant.timestamp() % 60 else "minute")


def weekday(moment: ZonedDateTime) -> Weekday:
    """Return the English name of the local weekday."""
    return weekday_of(moment.date())


def at(instant: Instant, zone_name: str) -> ZonedDateTime:
    """Return the instant on the zone's clocks; ValueError for an unknown zone."""
    return instant.to_tz(zone_name)


def local_today(now: Instant, zone_name: str) -> Date:
    """Return the date in the zone at `now`."""
    return at(now, zone_name).date()


def today(now: Instant, zone_name: str) -> str:
    """Return the weekday and date in the zone at `now`: "Monday 2026-11-23"."""
    moment = at(now, zone_name)
    return f"{weekday(moment)} {moment.date()}"


def complete_rule(rule: Rule, start: ZonedDateTime, now: Instant | None = None) -> Rule:
    """Check the rule, and take the weekday or day of the month that it leaves open from `start`.

    The days suggested instead of a `start` that does not fit are not before `now`.

    Raises:
        TimingError: the rule is invalid; `start` is not one of its days (field "start_time", with the first days
            that are); it ends before it starts.
    """
    check_rule(rule)
    rule = filled(rule, start.date())
    _refuse_unfitting(rule, start, now)
    if rule.until is not None and rule.until < start.to_instant():
        end = at(rule.until, zone_of(start))
        raise TimingError(
            "recurrence.until",
            f"{_wall(end)} is before the start, {_wall(start)} {start.tz_id}. Give a later date, or leave until out.",
        )
    return rule


def describe(rule: Rule, start: ZonedDateTime, duration_minutes: int = 0) -> str:
    """Describe the series in words: "every day at 09:00 America/New_York, 12 times, last on 2027-10-12"."""
    rule = filled(rule, start.date())
    clock = start.time().format_iso(unit="second" if start.second else "minute")
    return f"{pattern(rule)} at {clock} {start.tz_id}, {_ending(rule, start, duration_minutes)}"


def _written_start(text: str, field: str) -> re.Match[str]:
    found = _WRITTEN.fullmatch(text.strip())
    if not found:
        raise TimingError(field, f"{_quoted(text)} is not a date-time. {_TIME_FORM}")
    if not found["time"]:
        raise TimingError(field, f"{_quoted(text)} is a date without a time of day. {_TIME_FORM}")
    if (found["fraction"] or "").strip(".,0"):
        raise TimingError(field, f"{_quoted(text)} has fractions of a second. Give whole minutes or seconds.")
    return found


def _plain(found: re.Match[str], field: str) -> PlainDateTime:
    """Return the wall time as written; noon for a date alone, since midnight does not exist on every day."""
    try:
        plain = PlainDateTime.parse_iso(f"{found['date']}T{found['time'] or '12:00'}")
    except ValueError:
        raise TimingError(field, f"{_quoted(found[0])} is not on the calendar or the clock. {_REAL_FORM}") from None
    if not _FIRST_YEAR <= plain.year <= _LAST_YEAR:
        raise TimingError(field, f"{_quoted(found[0])} is out of range. Give a year from 1970 to 9998.")
    return plain


def _instant(found: re.Match[str], plain: PlainDateTime, field: str) -> Instant:
    try:
        return OffsetDateTime.parse_iso(f"{plain.format_iso()}{found['offset'].upper()}").to_instant()
    except ValueError:
        raise TimingError(field, f'{_quoted(found[0])} has no valid UTC offset. Write it as "-05:00".') from None


def _skipped(plain: PlainDateTime, before: ZonedDateTime, after: ZonedDateTime) -> str:
    closed, opened = _clocks(plain, *_change(before, after.offset))
    early, late = _clocks(plain, before.to_plain(), after.to_plain())
    return (
        f"{_wall(plain)} does not exist in {before.tz_id}: clocks go from {closed} to {opened} that night. "
        f"Use {early} or {late}."
    )


def _repeated(plain: PlainDateTime, before: ZonedDateTime, after: ZonedDateTime) -> str:
    closed, opened = _clocks(plain, *_change(before, after.offset))
    return (
        f"{_wall(plain)} occurs twice in {before.tz_id}: clocks go back from {closed} to {opened} that night. "
        f"Use {show(before)} (first) or {show(after)} (second)."
    )


def _change(before: ZonedDateTime, offset: TimeDelta) -> tuple[PlainDateTime, PlainDateTime]:
    """Return the wall times just before and after the next change to `offset`."""
    moment = before
    while moment.offset != offset and (following := moment.next_transition()):
        moment = following
    return moment.to_fixed_offset(before.offset).to_plain(), moment.to_plain()


def _contradiction(found: re.Match[str], instant: Instant, before: ZonedDateTime, after: ZonedDateTime) -> str:
    """Return what to give instead; the zone may be an argument, or the one that a stored meeting has."""
    own = list(dict.fromkeys(map(show, (before, after))))
    return (
        f"{_quoted(found[0])} has another offset than {before.tz_id}, which is at "
        f"{' or '.join(moment[-6:] for moment in own)} then. Use {' or '.join(own)} for that local time there, "
        f"or {show(at(instant, zone_of(before)))} for the same moment."
    )


def _refuse_unfitting(rule: Rule, start: ZonedDateTime, now: Instant | None) -> None:
    wall, weekly = start.to_plain(), replace(rule, interval=1, count=None)
    if next(wall_times(weekly, wall, wall), wall).date() == start.date():
        return
    floor = max(wall, at(now, zone_of(start)).to_plain()) if now is not None else wall
    fitting = [found.date() for found in islice((one for one in wall_times(weekly, wall, floor) if one >= floor), 2)]
    raise TimingError(
        "start_time",
        f"{_wall(start)} ({weekday(start)}) is not a day of the recurrence, {pattern(rule)}. "
        f"Start on {' or '.join(map(str, fitting))}, or change the recurrence.",
    )


def _ending(rule: Rule, start: ZonedDateTime, duration_minutes: int) -> str:
    last = last_occurrence(rule, start, duration_minutes)
    words = f", last on {last.start.date()}" if last else ""
    if rule.count is not None:
        return f"{rule.count} time{'s' if rule.count > 1 else ''}{words}"
    if rule.until is not None:
        return f"until {at(rule.until, zone_of(start)).date()}{words}"
    return "without an end"


def _quoted(text: str) -> str:
    return f'"{quoted(text)}"'


def _wall(moment: ZonedDateTime | PlainDateTime) -> str:
    plain = moment.to_plain() if isinstance(moment, ZonedDateTime) else moment
    return plain.format_iso(unit="second" if plain.second else "minute")


def _clocks(day: PlainDateTime, *moments: PlainDateTime) -> list[str]:
    """Times of day if all are on the given day, else dates and times."""
    same_day = all(moment.date() == day.date() for moment in moments)
    return [_wall(moment).partition("T")[2] if same_day else _wall(moment) for moment in moments]
