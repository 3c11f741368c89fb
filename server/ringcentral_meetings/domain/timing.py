"""Wall time and zone to instant and back, windows, and the meetings that a recurrence stands for.

The only module that knows about time zones. Zone names are IANA names of the tz database. Nothing here
reads a clock: the present moment is passed in. Every refusal is a `TimingError`, whose text is fit to show.
"""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from itertools import islice, zip_longest

from whenever import Date, Instant, OffsetDateTime, PlainDateTime, TimeDelta, ZonedDateTime, available_timezones

from ringcentral_meetings.domain.recurrence import (
    MAX_COUNT,
    Frequency,
    MonthWeek,
    Rule,
    Slot,
    TimingError,
    Weekday,
    check_rule,
    filled,
    last_occurrence,
    localised,
    next_occurrence,
    occurrences,
    pattern,
    wall_times,
    weekday_of,
    zone_of,
)
from ringcentral_meetings.text import clean, truncated

_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_ECHO_CHARS = 80
_WRITTEN = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>\d\d:\d\d(?::[0-5]\d)?)(?P<fraction>[.,]\d{1,9})? ?(?P<offset>[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII,
)
_TIME_FORM = 'Give the local time as "2026-11-24T15:00", with time_zone beside it.'
_REAL_FORM = 'Give a date and time that exist, such as "2026-11-24T15:00".'
_EDGE_FORM = 'Give a date as "2026-11-24" or a local time as "2026-11-24T15:00".'

# What people write for zones that have no such name in the tz database.
_COLLOQUIAL = {
    "pst pdt pt pacific": ("America/Los_Angeles",),
    "mdt mt mountain": ("America/Denver",),
    "cst": ("America/Chicago", "Asia/Shanghai"),
    "cdt ct central": ("America/Chicago",),
    "edt et eastern": ("America/New_York",),
    "bst": ("Europe/London",),
    "cest": ("Europe/Berlin", "Europe/Paris"),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "jst": ("Asia/Tokyo",),
    "aest aedt": ("Australia/Sydney", "Australia/Brisbane"),
}


def zone(name: str, field: str = "time_zone") -> str:
    """The IANA name, its case corrected; TimingError with up to three suggestions where there is none."""
    known = _zone_names().get(name.strip().lower())
    if known:
        return known
    close = _suggestions(name)
    hint = f"Did you mean {' or '.join(close)}?" if close else 'Give a name such as "America/New_York" or "UTC".'
    raise TimingError(field, f"{_quoted(name)} is not an IANA time zone. {hint}")


def zone_names() -> list[str]:
    """Every IANA zone that there is, in order."""
    return sorted(_zone_names().values())


def has_offset(text: str) -> bool:
    """Whether the text is a date-time that carries its UTC offset or Z."""
    found = _WRITTEN.fullmatch(text.strip())
    return bool(found and found["offset"])


def parse_start(text: str, zone_name: str, *, field: str = "start_time") -> ZonedDateTime:
    """A wall time such as "2026-11-24T15:00" in the zone, whole seconds.

    An offset may follow, and has to be the zone's own at that time; it tells the two passes of a repeated
    hour apart. TimingError, with the choices, for a skipped or repeated hour, an offset that contradicts
    the zone, an unknown zone (field "time_zone"), words, fractions, or a date alone.
    """
    zone_name = zone(zone_name)
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
        raise TimingError(field, _contradiction(found, before, after))
    if before != after:
        raise TimingError(field, _repeated(plain, before, after))
    return before


def parse_offset_start(text: str, *, field: str = "start_time") -> Instant | None:
    """The instant of a date-time with an offset, None where it has none; TimingError if it cannot exist."""
    if not has_offset(text):
        return None
    found = _written_start(text, field)
    return _instant(found, _plain(found, field), field)


def refuse_past(start: ZonedDateTime, now: Instant, *, field: str = "start_time") -> None:
    """Refuse a start before `now`, saying what time it is in the start's zone."""
    if start.to_instant() >= now:
        return
    local = at(now, zone_of(start))
    raise TimingError(
        field,
        f"{_wall(start)} is in the past: in {start.tz_id} it is now {_wall(local)} ({weekday(local)}). "
        "Use a later time.",
    )


def parse_window_edge(text: str, zone_name: str, *, end: bool, field: str) -> Instant:
    """One edge of a window: a date or a date-time in the zone; the end is exclusive.

    A date is the first moment of that day, or for `end` of the next one. A skipped or repeated hour is
    resolved as RFC 5545 does; an offset in the text outweighs the zone. TimingError for anything else.
    """
    zone_name = zone(zone_name)
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
    """An ISO 8601 date-time with Z or offset, seconds and fractions optional; ValueError for anything else."""
    return Instant.parse_iso(text.strip())


def to_wire(instant: Instant) -> str:
    """Whole-second UTC with Z, the one form that RingCentral takes: it rejects fractions of a second."""
    return instant.format_iso(unit="second")


def show(moment: ZonedDateTime) -> str:
    """Local time with offset, seconds only where there are any: "2026-11-24T15:00-05:00"."""
    return moment.format_iso(unit="second" if moment.second else "minute", tz_id_display="omit")


def show_utc(instant: Instant) -> str:
    """UTC, seconds only where there are any: "2026-11-24T20:00Z"."""
    return instant.format_iso(unit="second" if instant.timestamp() % 60 else "minute")


def weekday(moment: ZonedDateTime) -> Weekday:
    """The English name of the local weekday."""
    return weekday_of(moment.date())


def at(instant: Instant, zone_name: str) -> ZonedDateTime:
    """The instant as the zone's clocks show it; ValueError for a zone that does not exist."""
    return instant.to_tz(zone_name)


def local_today(now: Instant, zone_name: str) -> Date:
    """The date in the zone at `now`."""
    return at(now, zone_name).date()


def complete_rule(rule: Rule, start: ZonedDateTime) -> Rule:
    """The rule checked, with the weekday or day of the month that it leaves open taken from `start`.

    TimingError where the rule is wrong in itself, where `start` is not one of its days (field "start_time",
    naming the first days that are), or where it ends before it starts.
    """
    check_rule(rule)
    rule = filled(rule, start.date())
    _refuse_unfitting(rule, start)
    if rule.until is not None and rule.until < start.to_instant():
        end = at(rule.until, zone_of(start))
        raise TimingError(
            "recurrence.until",
            f"{_wall(end)} is before the start, {_wall(start)} {start.tz_id}. Give a later date, or leave until out.",
        )
    return rule


def describe(rule: Rule, start: ZonedDateTime, duration_minutes: int = 0) -> str:
    """The series in words: "every day at 09:00 America/New_York, 12 times, last on 2027-10-12"."""
    rule = filled(rule, start.date())
    clock = start.time().format_iso(unit="second" if start.second else "minute")
    return f"{pattern(rule)} at {clock} {start.tz_id}, {_ending(rule, start, duration_minutes)}"


def equivalent_zone(name: str, candidates: Iterable[str], first: Instant, last: Instant) -> str | None:
    """The candidate whose clocks show the same as those of `name` from `first` to `last`, else None.

    Several may: `name` itself comes first, then zones with the same history since 1900 (its aliases), then
    the same continent, then the alphabet. Candidates unknown to the tz database are passed over.
    """
    own = zone(name)
    same = [
        other for other in set(candidates) if other.lower() in _zone_names() and _same_offsets(own, other, first, last)
    ]
    since = Instant.from_utc(1900, 1, 1)

    def remoteness(other: str) -> tuple[bool, bool, bool, str]:
        elsewhere = other.partition("/")[0] != own.partition("/")[0]
        return other.lower() != own.lower(), not _same_offsets(own, other, since, last), elsewhere, other

    return min(same, key=remoteness, default=None)


@cache
def _zone_names() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones() if name != "Factory"}


def _suggestions(name: str) -> list[str]:
    wanted = " ".join(name[:_ECHO_CHARS].lower().replace("_", " ").split())
    word = wanted.removesuffix(" time").removesuffix(" standard").removesuffix(" daylight")
    for spellings, names in _COLLOQUIAL.items():
        if word in spellings.split():
            return list(names)
    # Etc/GMT+2 lies two hours west of Greenwich, the opposite of what a writer of "GMT+2" means.
    places = [key for key in _zone_names() if "/" in key and not key.startswith("etc/")]
    spoken = {place.rpartition("/")[2].replace("_", " "): place for place in sorted(places)}
    spoken |= {place.replace("_", " "): place for place in places}
    close = difflib.get_close_matches(wanted, spoken, n=6, cutoff=0.8)
    return list(dict.fromkeys(_zone_names()[spoken[key]] for key in close))[:3]


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
    """The wall time as written; noon for a date alone, the time of day that every calendar day has."""
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
    """What clocks show at the next change to `offset`: without it, and with it."""
    moment = before
    while moment.offset != offset and (following := moment.next_transition()):
        moment = following
    return moment.to_fixed_offset(before.offset).to_plain(), moment.to_plain()


def _contradiction(found: re.Match[str], before: ZonedDateTime, after: ZonedDateTime) -> str:
    offsets = list(dict.fromkeys(show(moment)[-6:] for moment in (before, after)))
    return (
        f"{_quoted(found[0])} contradicts time_zone {before.tz_id}, which is at {' or '.join(offsets)} then. "
        "Give the local time without an offset, or leave time_zone out."
    )


def _refuse_unfitting(rule: Rule, start: ZonedDateTime) -> None:
    wall = start.to_plain()
    fitting = [found.date() for found in islice(wall_times(replace(rule, interval=1, count=None), wall, wall), 2)]
    if start.date() in fitting:
        return
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


def _same_offsets(one: str, other: str, first: Instant, last: Instant) -> bool:
    changes = zip_longest(offset_changes(one, first, last), offset_changes(other, first, last))
    return all(left == right for left, right in changes)


def offset_changes(zone_name: str, first: Instant, last: Instant) -> Iterator[tuple[Instant, TimeDelta]]:
    """The offset from `first` on and each change of it up to `last`, with its instant."""
    moment = at(first, zone_name)
    yield first, moment.offset
    while (following := moment.next_transition()) and following <= last:
        if following.offset != moment.offset:
            yield following.to_instant(), following.offset
        moment = following


def _quoted(text: str) -> str:
    return f'"{truncated(clean(text), _ECHO_CHARS)}"'


def _wall(moment: ZonedDateTime | PlainDateTime) -> str:
    plain = moment.to_plain() if isinstance(moment, ZonedDateTime) else moment
    return plain.format_iso(unit="second" if plain.second else "minute")


def _clocks(day: PlainDateTime, *moments: PlainDateTime) -> list[str]:
    """Times of day where all are on the given day, with their dates where not."""
    same_day = all(moment.date() == day.date() for moment in moments)
    return [_wall(moment).partition("T")[2] if same_day else _wall(moment) for moment in moments]
