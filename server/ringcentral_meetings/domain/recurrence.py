"""Recurrence rules: their fields and limits, their dates, and their occurrences in a zone.

Import these names from `timing`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from whenever import Date, Instant, PlainDateTime, ZonedDateTime

Frequency = Literal["Daily", "Weekly", "Monthly"]
Weekday = Literal["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
MonthWeek = Literal["First", "Second", "Third", "Fourth", "Last"]

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
MAX_COUNT = 10_000
"""The most occurrences that are counted (27 years of days); a larger count is treated as endless."""

# RingCentral API reference, RecurrenceInfo: 1-90 days, 1-12 weeks, 1-3 months.
_MAX_INTERVAL: dict[Frequency, int] = {"Daily": 90, "Weekly": 12, "Monthly": 3}
_UNITS: dict[Frequency, str] = {"Daily": "day", "Weekly": "week", "Monthly": "month"}
_ORDINALS: dict[MonthWeek, tuple[int, str]] = {
    "First": (1, "1st"),
    "Second": (2, "2nd"),
    "Third": (3, "3rd"),
    "Fourth": (4, "4th"),
    "Last": (-1, "last"),
}
_LAST_YEAR = 9998


class TimingError(ValueError):
    """A time, zone or recurrence that cannot be used.

    `field` is the argument, dotted where nested ("recurrence.weekly_days"). `str(error)`, under 300 characters, says
    what is wrong with which value and what to give instead.
    """

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(problem)
        self.field = field


@dataclass(frozen=True, slots=True)
class Rule:
    """How a meeting repeats: RingCentral's RecurrenceInfo.

    `interval` counts days, weeks or months by `frequency`. `weekly_days` go with Weekly. Monthly has either
    `monthly_day` (1-31; months without that day are skipped) or `monthly_week` with `monthly_weekday`.
    The end is `count` occurrences, or `until` (inclusive), or none. Weeks begin on Sunday.
    """

    frequency: Frequency
    interval: int = 1
    weekly_days: tuple[Weekday, ...] = ()
    monthly_day: int | None = None
    monthly_week: MonthWeek | None = None
    monthly_weekday: Weekday | None = None
    count: int | None = None
    until: Instant | None = None

    @property
    def counted(self) -> bool:
        """Whether it ends after a number of occurrences, of at most MAX_COUNT."""
        return 0 < (self.count or 0) <= MAX_COUNT


@dataclass(frozen=True, slots=True)
class Slot:
    """One occurrence of a meeting; `end` is exclusive."""

    start: ZonedDateTime
    end: ZonedDateTime


def check_rule(rule: Rule) -> None:
    """Raise TimingError, with the field, for a rule that is out of RingCentral's ranges or contradicts itself."""
    _check_interval(rule)
    _check_weekly(rule)
    _check_monthly(rule)
    _check_end(rule)


def filled(rule: Rule, start: Date) -> Rule:
    """Return the rule with the day that it leaves open taken from the date it starts on.

    Fields that have no meaning at its frequency are dropped: a rule that was read has not been checked.
    """
    own = Rule(rule.frequency, max(rule.interval, 1), count=rule.count or None, until=rule.until)
    if rule.frequency == "Weekly":
        return replace(own, weekly_days=rule.weekly_days or (weekday_of(start),))
    if rule.frequency == "Monthly" and rule.monthly_week and rule.monthly_weekday:
        return replace(own, monthly_week=rule.monthly_week, monthly_weekday=rule.monthly_weekday)
    if rule.frequency == "Monthly":
        return replace(own, monthly_day=rule.monthly_day or start.day)
    return own


def merged(rule: Rule, changes: Mapping[str, Any], *, day_follows: bool = False) -> Rule:
    """Return the complete `rule` with `changes` laid over it, named as its fields.

    A count replaces `until` and the reverse; a day of the month replaces a weekday of it and the reverse. With
    `day_follows` a new frequency may leave its day open, to be taken from the start.

    Raises:
        TimingError: a new frequency leaves the days undecided, or what the interval counts.
    """
    values = dict(changes)
    if values.get("frequency", rule.frequency) != rule.frequency:
        _refuse_undecided(rule, values, day_follows=day_follows)
        values = {"weekly_days": (), "monthly_day": None, "monthly_week": None, "monthly_weekday": None} | values
    for given, replaced in _REPLACED:
        if values.get(given) is not None:
            values.setdefault(replaced, None)
    return replace(rule, **values)


_REPLACED = (
    ("count", "until"),
    ("until", "count"),
    ("monthly_day", "monthly_week"),
    ("monthly_day", "monthly_weekday"),
    ("monthly_week", "monthly_day"),
    ("monthly_weekday", "monthly_day"),
)
"""Pairs of fields: giving the first removes the second."""


def _refuse_undecided(rule: Rule, values: Mapping[str, Any], *, day_follows: bool) -> None:
    unit, days = _UNITS[values["frequency"]], _DAYS.get(values["frequency"], ())
    missing = []
    if rule.interval > 1 and "interval" not in values:
        missing.append(("interval", f"interval as the number of {unit}s, such as 1"))
    if days and not day_follows and not any(values.get(name) for name in days):
        also = "" if len(days) == 1 else ", or monthly_week with monthly_weekday"
        missing.append((days[0], f"{days[0]}{also}"))
    if missing:
        forms = "; and ".join(form for _, form in missing)
        raise _error(
            missing[0][0],
            f"is required with a new frequency: the present rule is {pattern(rule)}. Give {forms}.",
        )


_DAYS: dict[Frequency, tuple[str, ...]] = {
    "Weekly": ("weekly_days",),
    "Monthly": ("monthly_day", "monthly_week", "monthly_weekday"),
}
"""The fields that say on which days a rule repeats."""


def weekday_of(date: Date) -> Weekday:
    """Return the English name of the date's weekday."""
    return WEEKDAYS[date.day_of_week().value % 7]


def wall_times(rule: Rule, start: PlainDateTime, floor: PlainDateTime) -> Iterator[PlainDateTime]:
    """Yield the rule's wall times from `start` on, in order; those before `floor` may be left out.

    Follows RFC 5545 with weeks from Sunday. Obeys a `count` up to MAX_COUNT, but not `until`, which is an instant.
    Ends with the year 9998.
    """
    # Imported late: only series need dateutil.
    from dateutil.rrule import DAILY, MONTHLY, SU, WEEKLY, rrule, weekdays

    rule = filled(rule, start.date())
    names = rule.weekly_days or ((rule.monthly_weekday,) if rule.monthly_weekday else ())
    days = [weekdays[(WEEKDAYS.index(name) - 1) % 7] for name in names]
    if rule.monthly_week:
        days = [day(_ORDINALS[rule.monthly_week][0]) for day in days]
    steps: dict[Frequency, Literal[1, 2, 3]] = {"Daily": DAILY, "Weekly": WEEKLY, "Monthly": MONTHLY}
    moments = rrule(
        steps[rule.frequency],
        dtstart=(start if rule.counted else _anchor(rule, start, floor)).to_stdlib(),
        interval=rule.interval,
        wkst=SU,
        count=rule.count if rule.counted else None,
        bymonthday=rule.monthly_day,
        byweekday=days or None,
    )
    for moment in moments:
        if moment.year > _LAST_YEAR:
            return
        yield PlainDateTime(moment)


def pattern(rule: Rule) -> str:
    """Describe the rule's days in words: "every 2 weeks on Tuesday and Thursday"."""
    unit = _UNITS[rule.frequency]
    every = f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"
    if rule.weekly_days:
        return f"{every} on {listed(sorted(rule.weekly_days, key=WEEKDAYS.index))}"
    if rule.monthly_week and rule.monthly_weekday:
        return f"{every} on the {_ORDINALS[rule.monthly_week][1]} {rule.monthly_weekday}"
    if rule.monthly_day:
        return f"{every} on day {rule.monthly_day}"
    return every


def dateless_months(rule: Rule, start: Date) -> list[str]:
    """Return the months in which a monthly series has no date, because they are too short: RFC 5545 skips them."""
    day = filled(rule, start).monthly_day or 0
    reached = {(start.month - 1 + step * rule.interval) % 12 + 1 for step in range(12)}
    names = [name for month, (name, days) in _SHORT_MONTHS.items() if month in reached and days < day]
    return [f"{name} outside leap years" if (name, day) == ("February", 29) else name for name in names]


_SHORT_MONTHS = {2: ("February", 28), 4: ("April", 30), 6: ("June", 30), 9: ("September", 30), 11: ("November", 30)}


def occurrences(
    rule: Rule,
    start: ZonedDateTime,
    duration_minutes: int,
    *,
    after: Instant | None = None,
    before: Instant | None = None,
    limit: int = 1000,
) -> list[Slot]:
    """Return the first `limit` occurrences that overlap [after, before): end > after and start < before.

    They are counted from `start` and keep its wall time; in a skipped hour they move on by the gap, in a
    repeated one they take its first pass (RFC 5545 section 3.3.5). Each lasts `duration_minutes` of elapsed time.
    """
    chosen: list[Slot] = []
    for slot in _slots(rule, start, duration_minutes, after):
        if before is not None and slot.start >= before:
            break
        if after is None or slot.end > after:
            chosen.append(slot)
            if len(chosen) == limit:
                break
    return chosen


def overlaps(slot: Slot, after: Instant | None, before: Instant | None) -> bool:
    """Return whether any of the slot lies in [after, before), where None stands for no edge."""
    return (after is None or slot.end > after) and (before is None or slot.start < before)


def last_occurrence(rule: Rule, start: ZonedDateTime, duration_minutes: int) -> Slot | None:
    """Return the last occurrence; None for a series that has none, is endless or counts beyond MAX_COUNT."""
    if rule.until is not None and not rule.counted and rule.until > start.to_instant():
        final_years = rule.until.subtract(hours=800 * 24)
        slots = occurrences(rule, start, duration_minutes, after=final_years, limit=MAX_COUNT)
        if slots:
            return slots[-1]
    if rule.until is None and not rule.counted:
        return None
    slots = occurrences(rule, start, duration_minutes, limit=MAX_COUNT)
    return slots[-1] if slots else None


def next_occurrence(rule: Rule, start: ZonedDateTime, duration_minutes: int, now: Instant) -> Slot | None:
    """Return the occurrence that is running at `now`, else the next one; None if the series is over."""
    slots = occurrences(rule, start, duration_minutes, after=now, limit=1)
    return slots[0] if slots else None


def localised(plain: PlainDateTime, zone_name: str) -> ZonedDateTime:
    """Return the wall time in the zone; skipped and repeated hours as RFC 5545 section 3.3.5 has them."""
    return plain.assume_tz(zone_name, disambiguation="compatible")


def zone_of(moment: ZonedDateTime) -> str:
    """Return the name of a time's zone."""
    return moment.tz_id or "UTC"


def _slots(rule: Rule, start: ZonedDateTime, duration_minutes: int, after: Instant | None) -> Iterator[Slot]:
    start, zone = start.round("second", mode="floor"), zone_of(start)
    wall = floor = start.to_plain()
    previous = None
    if after is not None and after > start:
        floor = after.to_tz(zone).to_plain().subtract(days=duration_minutes // 1440 + 2)
    for plain in wall_times(rule, wall, floor):
        moment = start if plain == wall else localised(plain, zone)
        if rule.until is not None and moment > rule.until:
            return
        if moment != previous:
            yield Slot(moment, moment.add(minutes=duration_minutes))
        previous = moment


def _anchor(rule: Rule, start: PlainDateTime, floor: PlainDateTime) -> PlainDateTime:
    """Return the beginning of the last day, week or month of the rule at or before `floor`, or `start` if later."""
    if floor <= start:
        return start
    first, target = start.date(), floor.date()
    if rule.frequency == "Monthly":
        months = (target.year - first.year) * 12 + target.month - first.month
        begin = first.replace(day=1).add(months=months - months % rule.interval)
    else:
        weekly = rule.frequency == "Weekly"
        origin = first.subtract(days=first.day_of_week().value % 7) if weekly else first
        days = int(target.since(origin, total="days"))
        begin = origin.add(days=days - days % (rule.interval * (7 if weekly else 1)))
    return max(start, begin.at(start.time()))


def _check_interval(rule: Rule) -> None:
    highest = _MAX_INTERVAL[rule.frequency]
    if not 1 <= rule.interval <= highest:
        unit = _UNITS[rule.frequency]
        raise _error("interval", f"{rule.interval} is out of range: {rule.frequency} takes 1 to {highest} {unit}s.")


def _check_weekly(rule: Rule) -> None:
    if rule.weekly_days and rule.frequency != "Weekly":
        raise _error(
            "weekly_days",
            f'weekly_days only goes with frequency "Weekly", and this is "{rule.frequency}". '
            'Leave weekly_days out, or set frequency to "Weekly".',
        )
    twice = [day for day in WEEKDAYS if rule.weekly_days.count(day) > 1]
    if twice:
        raise _error("weekly_days", f"{listed(twice)} given more than once. Give each weekday once.")


def _check_monthly(rule: Rule) -> None:
    given = {
        "monthly_day": rule.monthly_day,
        "monthly_week": rule.monthly_week,
        "monthly_weekday": rule.monthly_weekday,
    }
    names = [name for name, value in given.items() if value is not None]
    if names and rule.frequency != "Monthly":
        raise _error(
            names[0],
            f'{names[0]} only goes with frequency "Monthly", and this is "{rule.frequency}". '
            f'Leave {names[0]} out, or set frequency to "Monthly".',
        )
    if rule.monthly_day is not None:
        _check_monthly_day(rule.monthly_day, names)
    elif len(names) == 1:
        missing = "monthly_weekday" if names == ["monthly_week"] else "monthly_week"
        raise _error(
            missing,
            f'{missing} is missing: {names[0]} "{given[names[0]]}" needs it. '
            "Give both monthly_week and monthly_weekday, or monthly_day alone.",
        )


def _check_monthly_day(day: int, names: list[str]) -> None:
    if len(names) > 1:
        raise _error(
            "monthly_day",
            f"monthly_day {day} contradicts {listed(names[1:])}. "
            "Give either monthly_day, or monthly_week with monthly_weekday.",
        )
    if not 1 <= day <= 31:
        raise _error("monthly_day", f"{day} is not a day of a month. Give 1 to 31.")


def _check_end(rule: Rule) -> None:
    if rule.count is None:
        return
    if rule.until is not None:
        raise _error("count", "count and until are both given. Give one of them, or neither for no end.")
    if not 1 <= rule.count <= MAX_COUNT:
        raise _error("count", f"{rule.count} is out of range: give 1 to {MAX_COUNT}, or leave count out for no end.")


def _error(name: str, problem: str) -> TimingError:
    return TimingError(f"recurrence.{name}", problem)


def listed(names: list[Weekday] | list[str]) -> str:
    """Return "A, B and C"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
