"""Recurrence rules of foreign calendars (RFC 5545 section 3.3.10), expanded in local time within a window.

The dates are those of `dateutil.rrule`, which searches to the year 9999 for a rule that never falls: up to three
seconds of processor time for one event, which anybody can send. Here the window and `MAX_PERIODS` bound the work.
"""

import re
from calendar import isleap, monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Final, Literal

Frequency = Literal["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]

MAX_PERIODS: Final = 20_000
"""The most days, weeks, months or years of a rule that are looked at; a COUNT is counted from the start."""

LAST_YEAR: Final = 9_990
_LAST_DAY: Final = date(LAST_YEAR, 12, 31).toordinal()

_FREQUENCIES: Final[dict[str, Frequency]] = {
    "YEARLY": "YEARLY",
    "MONTHLY": "MONTHLY",
    "WEEKLY": "WEEKLY",
    "DAILY": "DAILY",
    "HOURLY": "HOURLY",
}
_WEEKDAYS: Final = {name: number for number, name in enumerate(("MO", "TU", "WE", "TH", "FR", "SA", "SU"))}
_RANGES: Final = {
    "BYMONTH": ("months", 1, 12, False),
    "BYWEEKNO": ("week_numbers", 1, 53, True),
    "BYYEARDAY": ("year_days", 1, 366, True),
    "BYMONTHDAY": ("month_days", 1, 31, True),
    "BYHOUR": ("hours", 0, 23, False),
    "BYMINUTE": ("minutes", 0, 59, False),
    "BYSETPOS": ("positions", 1, 366, True),
}
_WITHOUT_EFFECT: Final = frozenset({("RSCALE", "GREGORIAN"), ("SKIP", "OMIT"), ("BYSECOND", "0")})
_DAY = re.compile(r"([+-]?[0-9]{1,3})?(MO|TU|WE|TH|FR|SA|SU)")


class UnreadableRule(ValueError):
    """A rule that cannot be followed."""


class TooLong(Exception):
    """A rule whose dates in the window come after more periods than are looked at."""


@dataclass(slots=True)
class Work:
    """How many periods may still be looked at, for all rules of a feed together."""

    left: int = MAX_PERIODS

    def spend(self) -> None:
        """Take one period. Raises `TooLong` if none is left."""
        if self.left <= 0:
            raise TooLong
        self.left -= 1


@dataclass(frozen=True, slots=True)
class FeedRule:
    """A recurrence rule. `until` is its text, which the type of the start decides how to read.

    `doubtful` if it has unknown parts, such as a misspelt UNTIL: its dates are a guess.
    """

    frequency: Frequency
    interval: int = 1
    count: int | None = None
    until: str | None = None
    months: tuple[int, ...] = ()
    week_numbers: tuple[int, ...] = ()
    year_days: tuple[int, ...] = ()
    month_days: tuple[int, ...] = ()
    weekdays: tuple[tuple[int, int], ...] = ()
    hours: tuple[int, ...] = ()
    minutes: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    week_start: int = 0
    doubtful: bool = False


def read_rule(text: str) -> FeedRule:
    """Return the rule in the value of an RRULE. A COUNT below one is left out, as Google writes -1 for none.

    Raises:
        UnreadableRule: its frequency is not supported, or a value is invalid.
    """
    parts = dict(_parts(text))
    frequency = _FREQUENCIES.get(parts.pop("FREQ", ""))
    if frequency is None:
        raise UnreadableRule(text)
    fields: dict[str, tuple[int, ...]] = {}
    for name, (field, low, high, signed) in _RANGES.items():
        if name in parts:
            fields[field] = _numbers(parts.pop(name), low, high, signed=signed)
    count = _number(parts.pop("COUNT", "0"))
    rule = FeedRule(
        frequency,
        interval=max(_number(parts.pop("INTERVAL", "1")), 1),
        count=count if count > 0 else None,
        until=parts.pop("UNTIL", None),
        weekdays=tuple(_weekday(day) for day in parts.pop("BYDAY", "").split(",") if day),
        week_start=_WEEKDAYS.get(parts.pop("WKST", "MO"), 0),
    )
    unknown = [part for part in parts.items() if part not in _WITHOUT_EFFECT and not part[0].startswith("X-")]
    return replace(rule, doubtful=bool(unknown), **fields)  # type: ignore[arg-type]


def dates(rule: FeedRule, start: datetime, low: datetime, high: datetime, work: Work) -> Iterator[datetime]:
    """Yield the dates of a rule from `low` to `high`, both inclusive and local, in order; `start` is its DTSTART.

    A start on which the rule does not fall is not among them. UNTIL is left to the caller.

    Raises:
        TooLong: after `MAX_PERIODS` periods, or when `work` is used up.
    """
    plan = _Plan(_filled(rule, start), start)
    skipped = plan.periods_before(low) if rule.count is None else 0
    left = rule.count
    for number in range(skipped, skipped + MAX_PERIODS):
        work.spend()
        begins = plan.period(number)
        if begins is None or begins > high:
            return
        for found in plan.dates_of(begins):
            if found < start:
                continue
            if found > high or left == 0:
                return
            left = left - 1 if left is not None else None
            if found >= low:
                yield found
    raise TooLong


@dataclass(frozen=True, slots=True)
class _Plan:
    """A rule with everything filled in, and the periods that it counts from its start."""

    rule: FeedRule
    start: datetime

    def period(self, number: int) -> datetime | None:
        """Return the beginning of a period; None after the year 9990."""
        step, start = number * self.rule.interval, self.start
        if self.rule.frequency in {"YEARLY", "MONTHLY"}:
            months = start.year * 12 + start.month - 1 + step
            year, month = (start.year + step, 0) if self.rule.frequency == "YEARLY" else divmod(months, 12)
            return datetime(year, month + 1, 1) if year <= LAST_YEAR else None  # noqa: DTZ001
        day, hours = start.toordinal(), start.hour + step if self.rule.frequency == "HOURLY" else 0
        if self.rule.frequency == "WEEKLY":
            day += 7 * step - (start.weekday() - self.rule.week_start) % 7
        day += step if self.rule.frequency == "DAILY" else hours // 24
        return datetime.fromordinal(max(day, 1)).replace(hour=hours % 24) if day <= _LAST_DAY else None

    def periods_before(self, low: datetime) -> int:
        """Return how many periods end before `low`, or a few fewer."""
        between = low - self.start
        units = {
            "YEARLY": low.year - self.start.year,
            "MONTHLY": (low.year - self.start.year) * 12 + low.month - self.start.month,
            "WEEKLY": between.days // 7,
            "DAILY": between.days,
            "HOURLY": between.days * 24,
        }[self.rule.frequency]
        return max(units // self.rule.interval - 2, 0)

    def dates_of(self, begins: datetime) -> list[datetime]:
        """Return the dates in one period, in order."""
        days = [day for day in self._days(begins.date()) if self._holds(day)]
        hours = self.rule.hours or (self.start.hour,)
        if self.rule.frequency == "HOURLY":
            hours = (begins.hour,) if not self.rule.hours or begins.hour in self.rule.hours else ()
        times = [time(h, m, self.start.second) for h, m in product(hours, self.rule.minutes or (self.start.minute,))]
        found = [datetime.combine(day, moment) for day, moment in product(days, sorted(set(times)))]
        return _at_positions(found, self.rule.positions) if self.rule.positions else found

    def _days(self, first: date) -> Iterator[date]:
        if self.rule.frequency == "YEARLY":
            for month in sorted(set(self.rule.months)) or range(1, 13):
                yield from _month(first.year, month)
        elif self.rule.frequency == "MONTHLY":
            yield from _month(first.year, first.month)
        else:
            yield from (first + timedelta(days=n) for n in range(7 if self.rule.frequency == "WEEKLY" else 1))

    def _holds(self, day: date) -> bool:
        rule = self.rule
        return (
            (not rule.months or day.month in rule.months)
            and (not rule.month_days or _is_among(day.day, monthrange(day.year, day.month)[1], rule.month_days))
            and (not rule.weekdays or self._is_weekday(day))
            and (not rule.year_days or _is_among(day.timetuple().tm_yday, _year_length(day), rule.year_days))
            and (not rule.week_numbers or _is_among(*_week(day, rule.week_start), rule.week_numbers))
        )

    def _is_weekday(self, day: date) -> bool:
        rule, weekday = self.rule, day.weekday()
        if rule.frequency not in {"YEARLY", "MONTHLY"}:
            return any(weekday == wanted for _, wanted in rule.weekdays)
        in_year = rule.frequency == "YEARLY" and not rule.months
        place, length = (
            (day.timetuple().tm_yday, _year_length(day)) if in_year else (day.day, monthrange(day.year, day.month)[1])
        )
        before, after = (place - 1) // 7 + 1, -((length - place) // 7 + 1)
        return any(weekday == wanted and n in {0, before, after} for n, wanted in rule.weekdays)


def _filled(rule: FeedRule, start: datetime) -> FeedRule:
    """Return the rule with what it leaves open taken from its start."""
    if rule.week_numbers or rule.year_days or rule.month_days or rule.weekdays:
        return rule
    if rule.frequency == "YEARLY":
        return replace(rule, months=rule.months or (start.month,), month_days=(start.day,))
    if rule.frequency == "MONTHLY":
        return replace(rule, month_days=(start.day,))
    return replace(rule, weekdays=((0, start.weekday()),)) if rule.frequency == "WEEKLY" else rule


def _at_positions(found: list[datetime], positions: tuple[int, ...]) -> list[datetime]:
    places = {place - 1 if place > 0 else len(found) + place for place in positions}
    return [found[place] for place in sorted(places) if 0 <= place < len(found)]


def _month(year: int, month: int) -> Iterator[date]:
    return (date(year, month, day) for day in range(1, monthrange(year, month)[1] + 1))


def _is_among(place: int, length: int, wanted: tuple[int, ...]) -> bool:
    """Return whether a place, counted from one, is wanted; negative ones count from the end."""
    return place in wanted or place - length - 1 in wanted


def _year_length(day: date) -> int:
    return 366 if isleap(day.year) else 365


def _week(day: date, week_start: int) -> tuple[int, int]:
    """Return the number of a day's week, and of the last week of its year; week 1 has at least four days in it."""
    middle = _middle(day, week_start)
    # 28 December lies in the last week of its year, whichever day weeks begin on.
    last = _middle(date(middle.year, 12, 28), week_start)
    return (middle.timetuple().tm_yday - 1) // 7 + 1, (last.timetuple().tm_yday - 1) // 7 + 1


def _middle(day: date, week_start: int) -> date:
    """Return the fourth day of a day's week."""
    return day + timedelta(days=3 - (day.weekday() - week_start) % 7)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    for part in text.upper().split(";"):
        name, equals, value = part.partition("=")
        if equals:
            yield name.strip(), value.strip()
        elif part.strip():
            yield part.strip(), ""


def _number(text: str) -> int:
    try:
        return int(text[:9])
    except ValueError:
        raise UnreadableRule(text) from None


def _numbers(text: str, low: int, high: int, *, signed: bool) -> tuple[int, ...]:
    found = tuple(_number(one) for one in text.split(","))
    if not all(low <= (abs(one) if signed else one) <= high for one in found):
        raise UnreadableRule(text)
    return found


def _weekday(text: str) -> tuple[int, int]:
    match = _DAY.fullmatch(text.strip())
    if match is None:
        raise UnreadableRule(text)
    return int(match[1] or 0), _WEEKDAYS[match[2]]
