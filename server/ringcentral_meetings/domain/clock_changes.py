"""The clock changes of a zone as a calendar file has to describe them (RFC 5545 section 3.6.5): by yearly rules.

The tz database gives the rule by which a zone changes its clocks from some year on, in the last line of the zone's
file (RFC 9636 section 3.3). Changes before that, or of a zone without such a rule, are single dates; those that
follow one pattern in consecutive years are described by a rule that ends.
"""

import re
import zoneinfo
from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path

from whenever import Instant

from ringcentral_meetings.domain.zones import offset_changes

_BEGIN, _END = Instant.from_utc(1970, 1, 1), Instant.from_utc(2100, 1, 1)
"""No zone of the tz database lists single dates after these years."""

_FIRST_DAY = Instant.from_utc(1, 1, 5)
_YEAR_HOURS = 366 * 24
_MARGIN_HOURS = 48
"""Readers try each offset of a file on a local time, so the change before the first date is put well before it."""

_DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
_RULE = re.compile(r",M(\d{1,2})\.([1-5])\.([0-6])(?:/([+-]?)(\d{1,3})(?::(\d\d))?(?::(\d\d))?)?(?=,|$)")


@dataclass(frozen=True, slots=True)
class YearDay:
    """A weekday of each year: the `nth` of its month (-1 the last), or else the one within `days` of the month."""

    month: int
    weekday: str
    nth: int | None = None
    days: tuple[int, ...] = ()

    def holds(self, day: date) -> bool:
        """Return whether a date is this day in its year."""
        if (day.month, _weekday(day)) != (self.month, self.weekday):
            return False
        return day.day in self.days if self.nth is None else self.nth in _places(day)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """A change between two offsets from UTC, single or yearly.

    `first` is the first time it happens, in local time before the change; `until` the last, None if it goes on.
    """

    before: timedelta
    after: timedelta
    first: datetime
    rule: YearDay | None = None
    until: Instant | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    instant: Instant
    before: timedelta
    after: timedelta
    wall: datetime
    """The local time at which it happens, by the clocks as they went before."""

    @property
    def kind(self) -> tuple[timedelta, timedelta]:
        return self.before, self.after


def clock_changes(zone_name: str, first: Instant, last: Instant) -> list[ClockChange]:
    """Return the changes that describe a zone's clocks from before `first` until `last`, or without an end by rules."""
    last = min(last, _END).add(hours=_MARGIN_HOURS)
    early = max(first, _FIRST_DAY).subtract(hours=_MARGIN_HOURS)
    begin = min(_BEGIN, early)
    every = list(_changes(zone_name, begin))
    rules = _yearly_rules(zone_name)
    single = len(every) - _steady_length(every, rules)
    known = sum(change.instant <= early for change in every)
    found = [*_grouped(every[:single], max(known - 1, 0), last), *_steady(every[single:], rules, last)]
    if not known:
        # Clocks that have not changed since 1970 are described by a change that changes nothing.
        offset = _seconds(next(offset_changes(zone_name, begin, begin))[1].total("seconds"))
        found.insert(0, ClockChange(offset, offset, begin.to_stdlib().replace(tzinfo=None, microsecond=0)))
    return sorted(found, key=lambda change: change.first)


def _changes(zone_name: str, begin: Instant) -> Iterator[_Change]:
    offsets = offset_changes(zone_name, begin, _END)
    before = _seconds(next(offsets)[1].total("seconds"))
    for instant, offset in offsets:
        after = _seconds(offset.total("seconds"))
        yield _Change(instant, before, after, instant.to_stdlib().replace(tzinfo=None, microsecond=0) + before)
        before = after


def _steady_length(changes: list[_Change], rules: tuple[tuple[YearDay, time], ...]) -> int:
    """Return how many of the changes, up to the last one, are all that the zone's rules demand."""
    # A zone that has moved (Vincennes, from Central to Eastern Time) may have had the same days with other offsets.
    kinds, following = {change.kind for change in changes[-2:]}, _END
    for length, change in enumerate(reversed(changes)):
        # A year without its changes, as 2026 in Cuba, shows as a gap of more than a year.
        gap = (following - change.instant).total("hours")
        if change.kind not in kinds or _rule_of(change, rules) is None or gap > _YEAR_HOURS:
            return length
        following = change.instant
    return len(changes)


def _rule_of(change: _Change, rules: Iterable[tuple[YearDay, time]]) -> YearDay | None:
    wall = change.wall
    return next((day for day, clock in rules if wall.time() == clock and day.holds(wall.date())), None)


def _steady(changes: list[_Change], rules: tuple[tuple[YearDay, time], ...], last: Instant) -> Iterator[ClockChange]:
    """Yield an endless rule for each kind of change, from its first year on."""
    seen = set()
    for change in changes:
        rule = _rule_of(change, rules)
        if (change.kind, rule) not in seen and change.instant <= last:
            yield ClockChange(change.before, change.after, change.wall, rule)
        seen.add((change.kind, rule))


def _grouped(changes: list[_Change], needed: int, last: Instant) -> Iterator[ClockChange]:
    """Yield the changes from the index `needed` on until `last`; like ones in consecutive years as one rule."""
    groups: list[tuple[list[int], set[int]]] = []
    for index, change in enumerate(changes):
        places = _places(change.wall.date())
        for members, shared in groups:
            if shared & places and _follows(changes[members[-1]], change):
                members.append(index)
                shared.intersection_update(places)
                break
        else:
            groups.append(([index], places))
    for members, shared in groups:
        wanted = [index for index in members if index >= needed and changes[index].instant <= last]
        if len(wanted) == 1:
            change = changes[wanted[0]]
            yield ClockChange(change.before, change.after, change.wall)
        elif wanted:
            begin, end = changes[members[0]], changes[members[-1]]
            day = YearDay(begin.wall.month, _weekday(begin.wall), min(shared))
            yield ClockChange(begin.before, begin.after, begin.wall, day, end.instant)


def _follows(one: _Change, other: _Change) -> bool:
    """Return whether the other is of the same kind a year later, in the same month, on the same weekday and time."""
    was, now = one.wall, other.wall
    alike = (was.year + 1, was.month, _weekday(was), was.time()) == (now.year, now.month, _weekday(now), now.time())
    return alike and one.kind == other.kind


def _places(day: date) -> set[int]:
    """Return which weekday of its month it is, from the beginning and from the end."""
    left = monthrange(day.year, day.month)[1] - day.day
    return {(day.day + 6) // 7, -(left // 7) - 1}


def _weekday(day: date) -> str:
    return _DAYS[day.isoweekday() % 7]


@cache
def _yearly_rules(zone_name: str) -> tuple[tuple[YearDay, time], ...]:
    """Return the days and local times of the zone's rules, such as "M3.2.0" and "M11.1.0" of "EST5EDT,M3.2.0,M11.1.0".

    The other forms, days of the year, are in use nowhere: their changes become single dates.
    """
    return tuple(rule for found in _RULE.finditer(_footer(zone_name)) for rule in _read_rule(found))


def _read_rule(found: re.Match[str]) -> Iterator[tuple[YearDay, time]]:
    month, week, weekday = int(found[1]), int(found[2]), int(found[3])
    seconds = int(found[5] or 2) * 3_600 + int(found[6] or 0) * 60 + int(found[7] or 0)
    shift, second = divmod(-seconds if found[4] == "-" else seconds, 86_400)
    clock = time(second // 3_600, second // 60 % 60, second % 60)
    if not shift:
        yield YearDay(month, _DAYS[weekday], week if week < 5 else -1), clock
        return
    # Times beyond the day itself move the weekday: "M10.5.4/24" is the Friday after the last Thursday, which may be
    # the first of November. A rule of RFC 5545 stays within a month, hence one for each.
    begin = 7 * week - 6 if week < 5 else monthrange(2001, month)[1] - 6
    days = [date(2001, month, begin) + timedelta(days=shift + number) for number in range(7)]
    for number, part in groupby(days, lambda day: day.month):
        yield YearDay(number, _DAYS[(weekday + shift) % 7], days=tuple(day.day for day in part)), clock


def _footer(zone_name: str) -> str:
    """Return the last line of a zone's file, empty in the oldest form of such files."""
    parts = zone_name.split("/")
    paths = [path for folder in zoneinfo.TZPATH if (path := Path(folder, *parts)).is_file()]
    content = (paths[0] if paths else files("tzdata").joinpath("zoneinfo", *parts)).read_bytes()
    return content.rsplit(b"\n", 2)[1].decode("ascii") if content[4:5] > b"1" else ""


def _seconds(total: float) -> timedelta:
    return timedelta(seconds=total)
