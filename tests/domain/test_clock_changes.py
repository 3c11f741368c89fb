"""The clocks of a calendar file, by a reader that knows of a VTIMEZONE only DTSTART, RRULE and the offsets.

What is expected comes from the standard library's zoneinfo.
"""

import calendar
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from whenever import Instant, ZonedDateTime

import ics_reader
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.clock_changes import clock_changes
from ringcentral_meetings.domain.ics import ics_of
from ringcentral_meetings.domain.meeting import Meeting
from ringcentral_meetings.domain.timing import Rule

NOW = Instant.from_utc(2026, 11, 23, hour=14)
# Each with a rule of another kind: both hemispheres, half and quarter hours, days beside the named weekday (Nuuk,
# Jerusalem, Gaza, Santiago, Cairo, where it may be in the next month), winter time as the exception (Dublin), none.
RULED = (
    "America/New_York",
    "America/Los_Angeles",
    "America/St_Johns",
    "America/Indiana/Vincennes",
    "America/Ojinaga",
    "America/Santiago",
    "America/Nuuk",
    "Atlantic/Azores",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Berlin",
    "Europe/Athens",
    "Africa/Cairo",
    "Asia/Jerusalem",
    "Asia/Beirut",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
)
FIXED = ("Asia/Tokyo", "Asia/Kolkata", "America/Phoenix", "America/Sao_Paulo", "Etc/GMT+5")
# No rule, one with exceptions in some years, one that ends.
DATED = ("Africa/Casablanca", "Asia/Gaza", "America/Havana", "America/Vancouver")
LENGTHS = {"one-off": 0, "half a year": 183, "three years": 3 * 366, "endless": None}


def file_of(zone: str, days: int | None, start: str = "2026-11-24T15:00", now: Instant = NOW) -> bytes:
    """A daily meeting over so many days; without an end for None."""
    begin = timing.parse_start(start, zone)
    if days == 0:
        return ics_of(Meeting("1", "Any", "Scheduled", begin, 30), None, now)
    rule = Rule("Daily", count=days)
    return ics_of(Meeting("1", "Any", "ScheduledRecurring", begin, 30, rule), None, now)


def expected(zone: str, days: int, start: str = "2026-11-24T15:00") -> list[datetime]:
    first = datetime.fromisoformat(start)
    walls = (first + timedelta(days=day) for day in range(max(days, 1)))
    return [wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for wall in walls]


def starts(content: bytes, before: datetime) -> list[datetime]:
    return [start for start, _ in ics_reader.occurrences(content, before)]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("zone", RULED + FIXED + DATED)
def test_every_date_is_at_its_hour_by_the_rules_of_the_file_alone(zone: str, length: str) -> None:
    days = LENGTHS[length]
    looked_at = 3_560 if days is None else max(days, 1)
    found = starts(file_of(zone, days), datetime(2036, 9, 1, tzinfo=UTC))
    assert found[:looked_at] == expected(zone, looked_at)
    assert days is None or len(found) == looked_at


@pytest.mark.parametrize("zone", RULED)
def test_a_zone_with_a_rule_is_described_by_it_from_before_the_first_date_on_and_for_ever(zone: str) -> None:
    for days in LENGTHS.values():
        (part,) = ics_reader.read(file_of(zone, days)).within("VTIMEZONE")
        for kind in ("STANDARD", "DAYLIGHT"):
            rules = [one for one in part.within(kind) if one.all("RRULE")]
            assert rules == part.within(kind)
            assert min(one.one("DTSTART").value for one in rules) < "2026"
            assert all("UNTIL" not in one.one("RRULE").value for one in rules)
    begin, end = Instant.from_utc(2026, 11, 24), Instant.from_utc(2027, 1, 1)
    assert {change.until for change in clock_changes(zone, begin, end)} == {None}


@pytest.mark.parametrize("zone", FIXED)
def test_a_zone_whose_clocks_do_not_change_has_one_offset(zone: str) -> None:
    (part,) = ics_reader.read(file_of(zone, None)).within("VTIMEZONE")
    (only,) = part.parts
    assert only.name == "STANDARD"
    assert not only.all("RRULE")


def test_a_rule_that_ends_is_written_with_its_end() -> None:
    (part,) = ics_reader.read(file_of("America/Vancouver", None, "2024-06-03T09:00")).within("VTIMEZONE")
    written = {(one.name, one.one("RRULE").value) for one in part.parts}
    assert written == {
        ("DAYLIGHT", "FREQ=YEARLY;UNTIL=20260308T100000Z;BYDAY=2SU;BYMONTH=3"),
        ("STANDARD", "FREQ=YEARLY;UNTIL=20251102T090000Z;BYDAY=1SU;BYMONTH=11"),
    }


@pytest.mark.parametrize(
    ("zone", "start", "days"),
    [
        ("America/New_York", "2005-06-01T09:00", 5_000),
        ("America/Sao_Paulo", "2016-01-01T09:00", 2_000),
        ("America/Vancouver", "2024-06-03T09:00", 2_000),
        ("Africa/Casablanca", "2012-01-01T09:00", 4_000),
        ("Europe/Moscow", "2009-01-01T09:00", 3_000),
        ("Pacific/Apia", "2011-09-24T00:00", 60),
        ("Pacific/Apia", "2012-01-01T09:00", 4_000),
        ("Asia/Tehran", "2019-01-01T09:00", 2_000),
        ("America/Mexico_City", "2021-01-01T09:00", 1_000),
        ("Europe/London", "1971-06-01T09:00", 3_000),
        ("America/Havana", "2025-06-01T09:00", 1_500),
    ],
)
def test_a_series_that_lives_through_a_change_of_rules_keeps_its_hour(zone: str, start: str, days: int) -> None:
    found = starts(file_of(zone, days, start), datetime(2036, 1, 1, tzinfo=UTC))
    assert found == expected(zone, days, start)


def test_the_friday_after_the_last_thursday_may_be_the_first_of_the_next_month() -> None:
    # Egypt, "M10.5.4/24": the last Thursday of October is the 31st in 2030, so that clocks change on 1 November.
    dates = starts(file_of("Africa/Cairo", 60, "2030-10-10T09:00"), datetime(2031, 1, 1, tzinfo=UTC))
    changed = next(later for earlier, later in pairwise(dates) if later - earlier != timedelta(days=1))
    assert changed.date().isoformat() == "2030-11-01"
    assert calendar.weekday(2030, 10, 31) == calendar.THURSDAY


def test_a_meeting_far_away_or_long_ago_has_its_clocks_too() -> None:
    for start in ("9000-07-01T09:00", "1970-01-01T00:00"):
        (begin, _), *_ = ics_reader.occurrences(file_of("Asia/Tokyo", 0, start), datetime(9999, 1, 1, tzinfo=UTC))
        assert begin == expected("Asia/Tokyo", 0, start)[0]
    (part,) = ics_reader.read(file_of("Europe/Berlin", 0, "9000-07-01T09:00")).within("VTIMEZONE")
    assert len(part.parts) == 2


@pytest.mark.parametrize("year", [1, 1800, 9998])
@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo"])
def test_a_meeting_at_the_edge_of_the_calendar_makes_a_file_all_the_same(year: int, zone: str) -> None:
    start = ZonedDateTime(year, 1, 2, 9, tz=zone)
    for rule in (None, Rule("Daily")):
        content = ics_of(Meeting("1", "Any", "Scheduled", start, 30, rule), None, NOW)
        assert ics_reader.read(content).within("VEVENT")[0].one("DTSTART").value == f"{year:04}0102T090000"
