"""Recurrence rules of foreign calendars: the dates that dateutil gives, with no more work than the window takes."""

from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcentral_meetings.calendars.rules import FeedRule, TooLong, UnreadableRule, Work, dates, read_rule

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
START = datetime(2026, 3, 3, 9, 30)
END = datetime(9000, 1, 1)
NEAR_THE_END = datetime(9950, 1, 1)
"""dateutil searches to the year 9999 for a rule that never falls: from here on that is soon."""


def expanded(text: str, start: datetime = START, low: datetime = START, high: datetime = END) -> list[str]:
    found = islice(dates(read_rule(text), start, low, high, Work()), 8)
    return [f"{one:%Y-%m-%d %H:%M}" for one in found]


def lists(low: int, high: int, *, signed: bool = False) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    if signed:
        numbers = numbers.flatmap(lambda n: st.sampled_from([n, -n]))
    return st.lists(numbers, min_size=1, max_size=3, unique=True).map(lambda found: ",".join(map(str, found)))


@st.composite
def rules(draw: st.DrawFn) -> str:
    frequency = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"]))
    parts = [f"FREQ={frequency}", f"INTERVAL={draw(st.integers(1, 5))}"]
    optional: dict[str, st.SearchStrategy[str]] = {
        "BYMONTH": lists(1, 12),
        "BYMONTHDAY": lists(1, 31, signed=True),
        "BYYEARDAY": lists(1, 366, signed=True),
        "BYHOUR": lists(0, 23),
        "BYMINUTE": lists(0, 59),
        "WKST": st.sampled_from(DAYS),
        "COUNT": st.integers(1, 40).map(str),
        "BYDAY": st.lists(st.sampled_from(DAYS), min_size=1, max_size=4, unique=True).map(",".join),
        "BYSETPOS": lists(1, 5, signed=True),
    }
    if frequency == "YEARLY":
        # Counted from the end, the first week of a year is -52 or -53. Its days in December before are found by us, and
        # by dateutil only where the week is called 1.
        optional["BYWEEKNO"] = st.one_of(lists(1, 53), lists(1, 51, signed=True))
    if frequency in {"YEARLY", "MONTHLY"}:
        ordinal = st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2]), st.sampled_from(DAYS))
        some = st.lists(ordinal, min_size=1, max_size=2, unique=True)
        numbered = some.map(lambda found: ",".join(f"{n}{day}" for n, day in found))
        optional["BYDAY"] = st.one_of(optional["BYDAY"], numbered)
    names = draw(st.lists(st.sampled_from(sorted(optional)), max_size=4, unique=True))
    return ";".join(parts + [f"{name}={draw(optional[name])}" for name in names])


@settings(deadline=None)
@given(rules(), st.datetimes(NEAR_THE_END, datetime(9980, 1, 1)), st.integers(0, 1500), st.integers(1, 800))
def test_the_dates_are_those_of_dateutil(text: str, start: datetime, after: int, span: int) -> None:
    start = start.replace(microsecond=0, second=0)
    low, high = start + timedelta(days=after), start + timedelta(days=after + span)
    try:
        theirs: Any = rrule.rrulestr(text, dtstart=start)
    except ValueError:  # the hours of the rule cannot be reached from its start
        theirs = []
    try:
        found = list(dates(read_rule(text), start, low, high, Work()))
    except TooLong:
        assert "COUNT" in text
        return
    assert found == [one for one in takewhile(lambda one: one <= high, theirs) if one >= low]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("FREQ=DAILY;INTERVAL=2", ["2026-03-03 09:30", "2026-03-05 09:30"]),
        ("FREQ=WEEKLY;BYDAY=TU,TH", ["2026-03-03 09:30", "2026-03-05 09:30", "2026-03-10 09:30"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", ["2026-03-15 09:30", "2026-03-16 09:30", "2026-03-29 09:30"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=MO", ["2026-03-08 09:30", "2026-03-16 09:30", "2026-03-22 09:30"]),
        ("FREQ=MONTHLY;BYDAY=-1FR", ["2026-03-27 09:30", "2026-04-24 09:30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-03-31 09:30", "2026-04-30 09:30"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", ["2026-03-31 09:30", "2026-05-31 09:30"]),
        ("FREQ=YEARLY;BYMONTH=3;BYDAY=2SU", ["2026-03-08 09:30", "2027-03-14 09:30"]),
        ("FREQ=YEARLY;BYWEEKNO=53;BYDAY=FR", ["2027-01-01 09:30", "2032-12-31 09:30"]),
        ("FREQ=YEARLY", ["2026-03-03 09:30", "2027-03-03 09:30"]),
        ("FREQ=DAILY;COUNT=2", ["2026-03-03 09:30", "2026-03-04 09:30"]),
        ("FREQ=DAILY;COUNT=-1", ["2026-03-03 09:30", "2026-03-04 09:30", "2026-03-05 09:30"]),
        ("freq=daily; interval = 3", ["2026-03-03 09:30", "2026-03-06 09:30"]),
        ("FREQ=MONTHLY;BYDAY=MO,1TU", ["2026-03-03 09:30", "2026-03-09 09:30"]),
    ],
)
def test_rules_as_calendars_write_them(text: str, first: list[str]) -> None:
    assert expanded(text)[: len(first)] == first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "FREQ=MINUTELY",
        "FREQ=SECONDLY;COUNT=2",
        "FREQ=SOMETIMES",
        "BYDAY=MO",
        "FREQ=WEEKLY;BYDAY=XX",
        "FREQ=DAILY;BYMONTH=13",
        "FREQ=DAILY;INTERVAL=x",
        "FREQ=DAILY;BYMONTHDAY=0",
        "FREQ=DAILY;COUNT=",
    ],
)
def test_what_cannot_be_followed_is_refused(text: str) -> None:
    with pytest.raises(UnreadableRule):
        read_rule(text)


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("FREQ=DAILY;UNTL=20260401", True),
        ("FREQ=DAILY;RSCALE=HEBREW", True),
        ("FREQ=DAILY;SKIP=FORWARD;RSCALE=GREGORIAN", True),
        ("FREQ=DAILY;RSCALE=GREGORIAN;SKIP=OMIT", False),
        ("FREQ=DAILY;X-OWN=1", False),
        ("FREQ=DAILY;BYSECOND=0;", False),
        ("FREQ=DAILY;WOBBLE", True),
    ],
)
def test_a_rule_with_parts_that_are_not_known_is_a_guess(text: str, doubtful: bool) -> None:
    assert read_rule(text).doubtful is doubtful


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=HOURLY;INTERVAL=24;BYHOUR=4",
        "FREQ=DAILY;INTERVAL=7;BYDAY=WE",
        "FREQ=WEEKLY;BYSETPOS=7;BYDAY=MO",
        "FREQ=YEARLY;INTERVAL=999999999",
        "FREQ=HOURLY;INTERVAL=999999999",
        "FREQ=MONTHLY;INTERVAL=999999999",
    ],
)
def test_a_rule_that_never_falls_ends_with_the_window(text: str) -> None:
    found = [one for one in dates(read_rule(text), START, START, START + timedelta(days=370), Work()) if one > START]
    assert found == []


def test_a_rule_that_is_to_be_counted_for_too_long_is_given_up() -> None:
    rule = FeedRule("HOURLY", count=10**8)
    with pytest.raises(TooLong):
        list(dates(rule, datetime(1970, 1, 1), datetime(2026, 1, 1), datetime(2026, 2, 1), Work()))


@settings(deadline=None)
@given(
    st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            [
                "FREQ=DAILY",
                "FREQ=YEARLY",
                "INTERVAL=99999999999",
                "COUNT=7",
                "BYDAY=-53SU",
                "BYSETPOS=-366",
                "BYMONTH=2",
                "UNTIL=x",
            ]
        )
    ).map(";".join)
)
def test_no_rule_raises_anything_else_or_goes_on(text: str) -> None:
    try:
        rule = read_rule(text)
    except UnreadableRule:
        return
    for start in (datetime(1, 1, 1), START, datetime(9989, 12, 31)):
        try:
            assert len(list(dates(rule, start, START, START + timedelta(days=40), Work()))) <= 40 * 24 + 24
        except TooLong:
            assert rule.count is not None


def test_the_rules_of_a_feed_share_the_work() -> None:
    work = Work(100)
    everyday = read_rule("FREQ=DAILY")
    assert len(list(dates(everyday, START, START, START + timedelta(days=70), work))) == 71
    with pytest.raises(TooLong):
        list(dates(everyday, START, START, START + timedelta(days=70), work))
