"""Properties of times and series, and their occurrences against an expansion written here day by day."""

import calendar
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import get_args
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from whenever import Instant, PlainDateTime, ZonedDateTime

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.timing import MonthWeek, Rule, Slot, TimingError, Weekday

stable = settings(derandomize=True, deadline=None, max_examples=100)

WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)
ZONES = (
    "America/New_York",
    "America/Sao_Paulo",
    "Europe/London",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Australia/Sydney",
    "Pacific/Apia",
    "Pacific/Chatham",
    "America/St_Johns",
    "UTC",
)
# Days beside which clocks change in one of the zones: both hemispheres, midnight gaps, a day left out.
TURNING_DAYS = (
    date(2011, 12, 30),
    date(2017, 10, 15),
    date(2018, 2, 18),
    date(2018, 11, 4),
    date(2024, 4, 7),
    date(2024, 10, 6),
    date(2027, 3, 14),
    date(2027, 11, 7),
    date(2027, 2, 7),
)

# In minutes; the last one is longer than most rules' intervals.
LENGTHS = (0, 60, 1440, 4000, 100_000)

instants = st.integers(100_000, 4_000_000_000).map(Instant.from_timestamp)
zones = st.sampled_from(ZONES)


@st.composite
def starts(draw: st.DrawFn) -> ZonedDateTime:
    """A start near a clock change more often than not, often in the small hours."""
    day = draw(st.sampled_from(TURNING_DAYS)) - timedelta(days=draw(st.integers(0, 400)))
    hour = draw(st.sampled_from([0, 1, 2, 2, 3, 9, 12, 23]))
    minute = draw(st.sampled_from([0, 10, 30, 45]))
    plain = PlainDateTime(datetime.combine(day, time(hour, minute)))
    return plain.assume_tz(draw(zones), disambiguation="compatible")


@st.composite
def rules(draw: st.DrawFn) -> Rule:
    """A rule that passes the checks, endless or with a count or an end."""
    ending = draw(st.sampled_from(["none", "count", "until"]))
    count = draw(st.integers(1, 60)) if ending == "count" else None
    until = Instant.from_timestamp(draw(st.integers(1_500_000_000, 2_200_000_000))) if ending == "until" else None
    kind = draw(st.sampled_from(["Daily", "Weekly", "month day", "month weekday"]))
    if kind == "Daily":
        return Rule("Daily", draw(st.integers(1, 90)), count=count, until=until)
    if kind == "Weekly":
        days = draw(st.lists(st.sampled_from(WEEKDAYS), unique=True, max_size=4))
        return Rule("Weekly", draw(st.integers(1, 12)), tuple(days), count=count, until=until)
    interval = draw(st.integers(1, 3))
    if kind == "month day":
        day = draw(st.none() | st.integers(1, 31))
        return Rule("Monthly", interval, monthly_day=day, count=count, until=until)
    week, weekday = draw(st.sampled_from(get_args(MonthWeek))), draw(st.sampled_from(WEEKDAYS))
    return Rule("Monthly", interval, monthly_week=week, monthly_weekday=weekday, count=count, until=until)


def name_of(day: date) -> Weekday:
    return WEEKDAYS[day.isoweekday() % 7]


def falls_on(rule: Rule, first: date, day: date) -> bool:
    """Whether the rule that starts on `first` takes place on `day`, from the words of RFC 5545 alone."""
    if rule.frequency == "Daily":
        return (day - first).days % rule.interval == 0
    if rule.frequency == "Weekly":
        sunday = [moment - timedelta(days=moment.isoweekday() % 7) for moment in (first, day)]
        weeks = (sunday[1] - sunday[0]).days // 7
        return weeks % rule.interval == 0 and name_of(day) in (rule.weekly_days or (name_of(first),))
    months = day.year * 12 + day.month - first.year * 12 - first.month
    if months % rule.interval:
        return False
    if rule.monthly_week is None:
        return day.day == (rule.monthly_day or first.day)
    nth = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4}.get(rule.monthly_week)
    left = calendar.monthrange(day.year, day.month)[1] - day.day
    in_week = left < 7 if nth is None else (day.day + 6) // 7 == nth
    return in_week and name_of(day) == rule.monthly_weekday


def instant_of(wall: datetime, zone: str) -> datetime:
    """The wall time in UTC by the standard library, whose fold=0 is the rule of RFC 5545 section 3.3.5."""
    return wall.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(ZoneInfo("UTC"))


def expanded(rule: Rule, start: ZonedDateTime, days: int) -> Iterator[datetime]:
    """The starts in UTC, in order, found by looking at each of the days after the start."""
    zone, wall = start.tz_id, start.to_plain().to_stdlib()
    assert zone
    held, previous = 0, None
    for day in (wall.date() + timedelta(days=ahead) for ahead in range(days)):
        if held == rule.count:
            return
        if not falls_on(rule, wall.date(), day):
            continue
        held += 1
        moment = instant_of(datetime.combine(day, wall.time()), zone)
        if rule.until is not None and moment.timestamp() > rule.until.timestamp():
            return
        if moment != previous:
            yield moment
        previous = moment


def utc(slots: list[Slot]) -> list[datetime]:
    return [slot.start.to_instant().to_stdlib() for slot in slots]


def refusal_of(call: Callable[[], object]) -> TimingError | None:
    try:
        call()
    except TimingError as refusal:
        return refusal
    return None


@stable
@given(instants)
def test_what_goes_out_on_the_wire_comes_back_the_same(instant: Instant) -> None:
    assert timing.from_wire(timing.to_wire(instant)) == instant
    assert timing.from_wire(timing.show_utc(instant)) == instant


@stable
@given(instants, zones)
def test_a_time_as_shown_is_read_as_the_same_moment_even_in_a_repeated_hour(instant: Instant, zone: str) -> None:
    moment = timing.at(instant, zone)
    assert timing.parse_start(timing.show(moment), zone) == moment
    assert timing.parse_offset_start(timing.show(moment)) == instant


@stable
@given(starts(), st.integers(-180, 180))
def test_a_wall_time_is_taken_as_it_stands_or_refused_with_choices_that_are_taken(
    start: ZonedDateTime, minutes: int
) -> None:
    wall = start.to_plain().to_stdlib() + timedelta(minutes=minutes)
    zone = start.tz_id or ""
    try:
        moment = timing.parse_start(wall.isoformat(), zone)
    except TimingError as refusal:
        choices = [word.strip(".") for word in str(refusal).split("Use ")[1].split() if ":" in word]
        texts = [choice if "T" in choice else f"{wall.date()}T{choice}" for choice in choices]
        assert len({timing.parse_start(text, zone).to_instant() for text in texts}) == 2
    else:
        assert moment.to_plain().to_stdlib() == wall


@stable
@given(st.text(max_size=120) | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d(Z|[+-]\d\d:\d\d)?", fullmatch=True))
def test_no_text_brings_anything_but_a_refusal_that_can_be_shown(text: str) -> None:
    for read in (
        lambda: timing.parse_start(text, "America/New_York"),
        lambda: timing.parse_window_edge(text, "Pacific/Apia", end=True, field="until"),
        lambda: timing.parse_offset_start(text),
        lambda: timing.zone(text),
    ):
        refusal = refusal_of(read)
        assert refusal is None or (len(str(refusal)) < 300 and "\n" not in str(refusal))


@stable
@given(rules(), starts(), st.integers(1, 600))
def test_occurrences_are_those_found_day_by_day(rule: Rule, start: ZonedDateTime, duration: int) -> None:
    slots = timing.occurrences(rule, start, duration, limit=40)
    assert utc(slots) == list(islice(expanded(rule, start, 45 * 366), len(slots) if len(slots) == 40 else None))
    assert all((slot.end - slot.start).total("minutes") == duration for slot in slots)


@stable
@given(rules(), starts())
def test_each_occurrence_keeps_its_wall_time_except_in_skipped_hours(rule: Rule, start: ZonedDateTime) -> None:
    wall = start.to_plain().time()
    for slot in timing.occurrences(rule, start, 30, limit=40):
        if slot.start.to_plain().time() == wall:
            continue
        # Where it moved on, the clock change lies within a day before it.
        change = slot.start.add(seconds=1).prev_transition()
        assert change
        assert (slot.start - change).total("hours") < 24


@settings(stable, max_examples=300)
@given(rules(), starts(), st.integers(0, 59), st.integers(-3000, 3000), st.integers(0, 2000), st.sampled_from(LENGTHS))
def test_a_window_is_the_whole_series_filtered(
    rule: Rule, start: ZonedDateTime, index: int, minutes: int, hours: int, length: int
) -> None:
    series = timing.occurrences(rule, start, length, limit=60)
    assume(series)
    after = series[index % len(series)].end.add(minutes=minutes).to_instant()
    before = after.add(hours=hours)
    whole = timing.occurrences(rule, start, length, before=before, limit=9_000)
    expected = [slot for slot in whole if slot.end > after and slot.start < before]
    assert timing.occurrences(rule, start, length, after=after, before=before, limit=9_000) == expected
    if expected:
        assert timing.next_occurrence(rule, start, length, after) == expected[0]


@stable
@given(rules(), starts())
def test_the_last_occurrence_ends_the_whole_series(rule: Rule, start: ZonedDateTime) -> None:
    last = timing.last_occurrence(rule, start, 30)
    if rule.count is None and rule.until is None:
        assert last is None
        return
    whole = timing.occurrences(rule, start, 30, limit=timing.MAX_COUNT)
    assert last == (whole[-1] if whole else None)


@stable
@given(rules(), starts())
def test_a_completed_rule_starts_at_its_start_and_is_told_in_words(rule: Rule, start: ZonedDateTime) -> None:
    refusal = refusal_of(lambda: timing.complete_rule(rule, start))
    if refusal:
        assert len(str(refusal)) < 300
        assert refusal.field in {"start_time", "recurrence.until"}
        return
    complete = timing.complete_rule(rule, start)
    assert timing.occurrences(complete, start, 30, limit=1)[0].start == start
    assert timing.complete_rule(complete, start) == complete
    assert timing.describe(complete, start).startswith("every ")


@stable
@given(rules(), starts())
def test_the_dates_offered_for_a_start_off_the_pattern_fit(rule: Rule, start: ZonedDateTime) -> None:
    refusal = refusal_of(lambda: timing.complete_rule(rule, start))
    assume(refusal and refusal.field == "start_time")
    offered = str(refusal).split("Start on ")[1].split(",")[0].split(" or ")
    assert all(falls_on(rule, date.fromisoformat(day), date.fromisoformat(day)) for day in offered)


@stable
@given(zones, zones, instants, st.integers(0, 600))
def test_zones_are_equivalent_exactly_where_their_clocks_agree_at_every_hour(
    name: str, other: str, first: Instant, days: int
) -> None:
    last = first.add(hours=24 * days)
    ends = (ZoneInfo(name), ZoneInfo(other))
    hours = (first.to_stdlib() + timedelta(hours=ahead) for ahead in range(24 * days + 1))
    agree = all(hour.astimezone(ends[0]).utcoffset() == hour.astimezone(ends[1]).utcoffset() for hour in hours)
    # Every change of a clock since 1970 in these zones lasts for hours, so that no hour misses it.
    assert (timing.equivalent_zone(name, [other], first, last) == other) == agree
