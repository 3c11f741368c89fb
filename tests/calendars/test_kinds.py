"""Every kind of broken or odd feed that is out there is read as meant, or as unknown, and never as free time."""

import pytest
from whenever import Date

from bench.written_feeds import BERLIN, ROOM, calendar, event, large_feed
from calendars.feeds import OWNER, busy, gaps, reading, times
from ringcentral_meetings.calendars import Read
from ringcentral_meetings.calendars.index import NotACalendar
from ringcentral_meetings.calendars.reader import FeedReader
from ringcentral_meetings.domain.links import JoinLink

TUESDAY = ("DTSTART:20261124T140000Z", "DTEND:20261124T150000Z")
ON_TUESDAY = "2026-11-24 14:00 +60"
WEEKLY = ("DTSTART;TZID=Europe/Berlin:20261103T090000", "DTEND;TZID=Europe/Berlin:20261103T100000", "RRULE:FREQ=WEEKLY")
EVERY_TUESDAY = ["2026-11-03 08:00 +60", "2026-11-10 08:00 +60", "2026-11-17 08:00 +60", "2026-11-24 08:00 +60"]
MOVED = "RECURRENCE-ID;TZID=Europe/Berlin:20261110T090000"
TO_THURSDAY = ("DTSTART;TZID=Europe/Berlin:20261112T110000", "DTEND;TZID=Europe/Berlin:20261112T120000")
WITH_MOVED = ["2026-11-03 08:00 +60", "2026-11-12 10:00 +60", "2026-11-17 08:00 +60", "2026-11-24 08:00 +60"]


def one(*lines: str) -> list[str]:
    return busy(event(*lines))


# Series and the dates that replace some of theirs


def test_overrides_without_a_master_are_busy_as_googles_free_busy_feeds_write_them() -> None:
    found = busy(
        event("RECURRENCE-ID:20261103T080000Z", "DTSTART:20261103T080000Z", "DTEND:20261103T090000Z", "SUMMARY:Busy"),
        event("RECURRENCE-ID:20261110T080000Z", "DTSTART:20261110T080000Z", "DTEND:20261110T090000Z", "SUMMARY:Busy"),
    )
    assert found == EVERY_TUESDAY[:2]


def test_a_rule_in_an_override_is_a_series_without_its_master_and_one_date_with_it() -> None:
    assert one(MOVED, *WEEKLY) == EVERY_TUESDAY
    assert busy(event(*WEEKLY), event(MOVED, *TO_THURSDAY, "RRULE:FREQ=DAILY")) == WITH_MOVED


def test_both_halves_of_a_split_series_under_one_name_count() -> None:
    first = (*WEEKLY[:2], "RRULE:FREQ=WEEKLY;UNTIL=20261116T225959Z", "SEQUENCE:3")
    second = ("DTSTART;TZID=Europe/Berlin:20261118T100000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY", "SEQUENCE:1")
    halves = [*EVERY_TUESDAY[:2], "2026-11-18 09:00 +60", "2026-11-25 09:00 +60"]
    assert busy(event(*first), event(*second)) == halves
    assert busy(event(*second), event(*first)) == halves


def test_of_equal_events_the_one_with_the_higher_sequence_counts() -> None:
    older, newer = (*TUESDAY, "SEQUENCE:1"), (TUESDAY[0], "DTEND:20261124T143000Z", "SEQUENCE:2")
    for copies in ((older, newer), (newer, older)):
        assert busy(*(event(*lines) for lines in copies)) == ["2026-11-24 14:00 +30"]
    moved = event(MOVED, *TO_THURSDAY, "SEQUENCE:5")
    stale = event(MOVED, "DTSTART;TZID=Europe/Berlin:20261113T110000", "SEQUENCE:4")
    assert busy(event(*WEEKLY), moved, stale) == WITH_MOVED


@pytest.mark.parametrize(
    "replaced",
    [
        MOVED,
        "RECURRENCE-ID:20261110T080000Z",
        "RECURRENCE-ID;VALUE=DATE:20261110",
        "RECURRENCE-ID;TZID=America/New_York:20261110T030000",
        'RECURRENCE-ID;TZID="W. Europe Standard Time":20261110T090000',
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_moved_date_replaces_its_own_whichever_clock_names_it_and_wherever_it_stands(
    replaced: str, first: bool
) -> None:
    parts = [event(*WEEKLY), event(replaced, *TO_THURSDAY)]
    assert busy(*(reversed(parts) if first else parts)) == WITH_MOVED


def test_a_date_moved_out_of_the_window_is_gone_from_it_and_one_moved_in_is_there() -> None:
    away = event(MOVED, "DTSTART:20270301T080000Z", "DTEND:20270301T090000Z")
    assert busy(event(*WEEKLY), away) == [EVERY_TUESDAY[0], *EVERY_TUESDAY[2:]]
    assert busy(event(*WEEKLY), away, start="2027-03-01", end="2027-03-02") == ["2027-03-01 08:00 +60"]


def test_a_cancelled_date_is_free_and_so_is_a_cancelled_series() -> None:
    assert busy(event(*WEEKLY), event(MOVED, *TO_THURSDAY, "STATUS:CANCELLED")) == [
        EVERY_TUESDAY[0],
        *EVERY_TUESDAY[2:],
    ]
    assert busy(event(*WEEKLY, "STATUS:CANCELLED")) == []
    assert busy(event(*WEEKLY[:2], "RRULE:FREQ=MINUTELY", "STATUS:CANCELLED")) == []


FOLLOWING = "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20261110T090000"


def test_a_change_of_this_and_all_following_dates_moves_them() -> None:
    change = event(FOLLOWING, "DTSTART;TZID=Europe/Berlin:20261111T140000", "DURATION:PT30M")
    moved = ["2026-11-11 13:00 +30", "2026-11-18 13:00 +30", "2026-11-25 13:00 +30"]
    assert busy(event(*WEEKLY), change) == [EVERY_TUESDAY[0], *moved]
    again = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261124T080000Z",
        "DTSTART;TZID=Europe/Berlin:20261124T070000",
        "DURATION:PT2H",
    )
    assert busy(event(*WEEKLY), change, again) == [EVERY_TUESDAY[0], *moved[:2], "2026-11-24 06:00 +120"]
    assert busy(event(*WEEKLY), event(FOLLOWING, *TO_THURSDAY, "STATUS:CANCELLED")) == EVERY_TUESDAY[:1]


def test_a_change_of_all_following_dates_holds_long_after_it_was_made() -> None:
    weekly = ("DTSTART;TZID=Europe/Berlin:20250107T090000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    change = event(
        "RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20250114T090000",
        "DTSTART;TZID=Europe/Berlin:20250114T150000",
        "DURATION:PT30M",
    )
    assert busy(event(*weekly), change, end="2026-11-11") == ["2026-11-03 14:00 +30", "2026-11-10 14:00 +30"]


def test_the_last_date_of_a_series_reaches_beyond_the_end_of_its_rule() -> None:
    trips = ("DTSTART;VALUE=DATE:20261003", "DTEND;VALUE=DATE:20261007", "RRULE:FREQ=WEEKLY;UNTIL=20261031")
    assert busy(event(*trips), start="2026-11-03", end="2026-11-05") == ["2026-10-31 04:00 +5820"]


# Rules


@pytest.mark.parametrize(
    ("rule", "dates"),
    [
        ("FREQ=WEEKLY;COUNT=-1;UNTIL=20261117T225959Z", 3),
        ("FREQ=WEEKLY;UNTIL=20261117", 3),
        ("FREQ=WEEKLY;UNTIL=20261117T080000Z", 3),
        ("FREQ=WEEKLY;UNTIL=20261117T075959Z", 2),
        ("FREQ=WEEKLY;UNTIL=20261117T090000", 3),
        ("FREQ=WEEKLY;UNTIL=20261117T083000", 2),
        ("FREQ=WEEKLY;UNTIL=20261101T000000Z", 0),
        ("FREQ=WEEKLY;COUNT=2", 2),
    ],
)
def test_the_ends_of_rules_as_they_are_written(rule: str, dates: int) -> None:
    assert one(*WEEKLY[:2], f"RRULE:{rule}") == EVERY_TUESDAY[:dates]


def test_a_daily_series_without_a_count_is_followed_from_the_window_however_long_ago_it_began() -> None:
    found = busy(event("DTSTART:19600101T140000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=-1"))
    assert len(found) == 30
    assert found[0] == "2026-11-01 14:00 +60"


def test_of_a_misspelt_end_the_first_date_is_sure_and_the_others_are_unknown() -> None:
    read = reading(calendar(event(*WEEKLY[:2], "RRULE:FREQ=WEEKLY;UNTL=20261117T225959Z")))
    assert times(read) == EVERY_TUESDAY[:1]
    assert gaps(read) == [("unclear_repeat", date) for date in EVERY_TUESDAY[1:]]


@pytest.mark.parametrize("rule", ["FREQ=MINUTELY", "FREQ=SECONDLY;COUNT=3", "garbage", "FREQ=WEEKLY;BYDAY=XX"])
def test_a_rule_that_cannot_be_followed_leaves_all_that_comes_after_unknown(rule: str) -> None:
    read = reading(calendar(event(*WEEKLY[:2], f"RRULE:{rule}")))
    assert times(read) == EVERY_TUESDAY[:1]
    assert gaps(read) == [("unclear_repeat", "2026-11-03 08:00 +39840")]


def test_a_start_that_its_rule_does_not_fall_on_counts_too() -> None:
    assert one(*WEEKLY[:2], "RRULE:FREQ=WEEKLY;BYDAY=TH;COUNT=3")[:2] == [
        "2026-11-03 08:00 +60",
        "2026-11-05 08:00 +60",
    ]


def test_birthdays_since_the_thirties_fall_on_their_day_and_are_free_where_they_are_marked_so() -> None:
    birthday = ("DTSTART;VALUE=DATE:19360229", "DTEND;VALUE=DATE:19360301", "RRULE:FREQ=YEARLY", "TRANSP:TRANSPARENT")
    read = reading(calendar(event(*birthday)), "2028-01-01", "2029-01-01")
    assert [(one.days, one.kind, one.blocks) for one in read.events] == [
        ((Date(2028, 2, 29), Date(2028, 2, 29)), "free", False)
    ]


# Ends and lengths


@pytest.mark.parametrize(
    ("lines", "read"),
    [
        (("DTSTART:20261124T140000Z", "DTEND:20261124T140000Z"), "2026-11-24 14:00 +0"),
        (("DTSTART:20261124T140000Z",), "2026-11-24 14:00 +0"),
        (("DTSTART:20261124T140000Z", "DTEND:20261124T130000Z"), "2026-11-24 14:00 +30"),
        (("DTSTART:20261124T140000Z", "DTEND:soon"), "2026-11-24 14:00 +30"),
        (("DTSTART:20261124T140000Z", "DURATION:-PT1H"), "2026-11-24 14:00 +30"),
        (("DTSTART:20261124T140000Z", "DURATION:P1DT1H"), "2026-11-24 14:00 +1500"),
        (("DTSTART;VALUE=DATE:20261124",), "2026-11-24 05:00 +1440"),
        (("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261124"), "2026-11-24 05:00 +1440"),
        (("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261120"), "2026-11-24 05:00 +1440"),
        (("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261126"), "2026-11-24 05:00 +2880"),
        (("DTSTART:20261124", "DTEND:20261125"), "2026-11-24 05:00 +1440"),
        (("DTSTART;VALUE=DATE:20261124", "DTEND:20261125T120000Z"), "2026-11-24 05:00 +2880"),
        (("DTSTART;VALUE=DATE:20261124", "DURATION:P2D"), "2026-11-24 05:00 +2880"),
        (("DTSTART:20261124T140000Z", "DTEND;VALUE=DATE:20261125"), "2026-11-24 14:00 +600"),
        (("DTSTART;TZID=America/New_York:20261124T090000", "DTEND;VALUE=DATE:20261124"), "2026-11-24 14:00 +900"),
        (
            ("DTSTART;TZID=Europe/Berlin:20261124T150000", "DTEND;TZID=America/New_York:20261124T100000"),
            "2026-11-24 14:00 +60",
        ),
    ],
)
def test_ends_as_they_are_written(lines: tuple[str, ...], read: str) -> None:
    assert one(*lines) == [read]


# Removed and added dates


@pytest.mark.parametrize(
    "removed",
    [
        "EXDATE;TZID=Europe/Berlin:20261110T090000",
        "EXDATE:20261110T080000Z",
        "EXDATE;VALUE=DATE:20261110",
        "EXDATE:20261110",
        "EXDATE;TZID=America/New_York:20261110T030000",
        "EXDATE;TZID=W. Europe Standard Time:20261110T090000",
        "EXDATE:20261101T080000Z,20261110T080000Z,nonsense",
    ],
)
def test_a_date_is_removed_whichever_clock_names_it(removed: str) -> None:
    assert one(*WEEKLY, removed) == [EVERY_TUESDAY[0], *EVERY_TUESDAY[2:]]


@pytest.mark.parametrize(
    "removed",
    [
        "EXDATE;VALUE=DATE:20261025",
        "EXDATE;TZID=Europe/Berlin:20261025T000000",
        "EXDATE:20261024T220000Z",
        "EXDATE:20261025T000000Z",
        "EXDATE:20261025T000000",
    ],
)
def test_a_whole_day_is_removed_by_its_midnight_across_a_clock_change(removed: str) -> None:
    found = busy(
        "X-WR-TIMEZONE:Europe/Berlin",
        event("DTSTART;VALUE=DATE:20261024", "RRULE:FREQ=DAILY;COUNT=3", removed),
        start="2026-10-20",
    )
    assert found == ["2026-10-23 22:00 +1440", "2026-10-25 23:00 +1440"]


@pytest.mark.parametrize("removed", ["EXDATE:20261025T000000Z", "EXDATE:20261025T040000Z"])
def test_midnight_in_utc_or_in_the_calendars_zone_is_that_day_west_of_greenwich_too(removed: str) -> None:
    found = busy(event("DTSTART;VALUE=DATE:20261024", "RRULE:FREQ=DAILY;COUNT=3", removed), start="2026-10-20")
    assert found == ["2026-10-24 04:00 +1440", "2026-10-26 04:00 +1440"]


def test_added_dates_and_periods_have_their_own_lengths() -> None:
    found = one(
        *TUESDAY,
        "RDATE:20261125T140000Z",
        "RDATE;VALUE=PERIOD:20261126T140000Z/20261126T143000Z,20261127T140000Z/PT2H",
        "RDATE;VALUE=DATE:20261128",
    )
    assert found == [
        ON_TUESDAY,
        "2026-11-25 14:00 +60",
        "2026-11-26 14:00 +30",
        "2026-11-27 14:00 +120",
        "2026-11-28 14:00 +60",
    ]


# Zones


def test_times_without_a_zone_are_the_calendars_or_else_the_persons() -> None:
    floating = event("DTSTART:20261124T140000", "DTEND:20261124T150000")
    assert busy("X-WR-TIMEZONE:Europe/Berlin", floating) == ["2026-11-24 13:00 +60"]
    assert busy("X-WR-TIMEZONE:W. Europe Standard Time", floating) == ["2026-11-24 13:00 +60"]
    assert busy("X-WR-TIMEZONE:Nowhere", floating) == ["2026-11-24 19:00 +60"]
    assert busy(floating) == ["2026-11-24 19:00 +60"]


@pytest.mark.parametrize(
    "name",
    [
        "W. Europe Standard Time",
        '"W. Europe Standard Time"',
        "Zurich",
        "/mozilla.org/20070129_1/Europe/Berlin",
        "(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
    ],
)
def test_windows_names_and_other_spellings_need_no_definition(name: str) -> None:
    quoted = name if ":" not in name else f'"{name}"'
    assert one(f"DTSTART;TZID={quoted}:20261124T150000", f"DTEND;TZID={quoted}:20261124T160000") == [ON_TUESDAY]


def test_whole_hours_from_utc_are_a_zone() -> None:
    assert one("DTSTART;TZID=UTC+11:20261125T010000", "DTEND;TZID=UTC+11:20261125T020000") == [ON_TUESDAY]


CUSTOM = ("DTSTART;TZID=Customized Time Zone:20261124T150000", "DTEND;TZID=Customized Time Zone:20261124T160000")


@pytest.mark.parametrize("place", ["before", "after", "doubled"])
def test_a_zone_that_the_feed_defines_is_read_wherever_the_definition_stands(place: str) -> None:
    zone = BERLIN.format(name="Customized Time Zone")
    parts = {"before": [zone, event(*CUSTOM)], "after": [event(*CUSTOM), zone], "doubled": [zone, zone, event(*CUSTOM)]}
    assert busy(*parts[place]) == [ON_TUESDAY]


@pytest.mark.parametrize("first", ["00010101", "16011028", "18830101", "19960101"])
def test_a_definition_may_begin_in_the_year_one(first: str) -> None:
    zone = BERLIN.format(name="Customized Time Zone").replace("16011028", first).replace("16010325", first)
    weekly = event(*CUSTOM, "RRULE:FREQ=YEARLY;BYMONTH=7,11;BYMONTHDAY=24")
    assert busy(zone, weekly, end="2027-08-01") == [ON_TUESDAY, "2027-07-24 13:00 +60"]


def test_a_definition_of_several_eras_holds_in_each() -> None:
    eras = """\
BEGIN:VTIMEZONE
TZID:Eras
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0500
TZOFFSETTO:+0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:20200329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU;UNTIL=20220326T210000Z
TZOFFSETFROM:+0500
TZOFFSETTO:+0600
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:20201025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU;UNTIL=20211030T210000Z
TZOFFSETFROM:+0600
TZOFFSETTO:+0500
END:STANDARD
BEGIN:STANDARD
DTSTART:20250101T000000
RDATE:20250101T000000
TZOFFSETFROM:+0600
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE"""
    summers = ((2019, 5), (2020, 6), (2021, 6), (2023, 6), (2024, 6), (2026, 3), (2031, 3))
    for day, hours in (*((f"{year}-07-01", hours) for year, hours in summers), ("2021-12-01", 5), ("2022-12-01", 6)):
        start = f"DTSTART;TZID=Eras:{day.replace('-', '')}T120000"
        found = busy(eras, event(start, "DURATION:PT1H"), start=f"{day[:4]}-01-01", end=f"{int(day[:4]) + 1}-01-01")
        assert found == [f"{day} {12 - hours:02}:00 +60"]


def test_a_zone_that_nothing_defines_makes_its_time_unknown_by_as_much_as_clocks_can_differ() -> None:
    read = reading(calendar(event(*CUSTOM)))
    assert times(read) == []
    assert gaps(read) == [("unknown_zone", "2026-11-24 01:00 +1740")]
    for part in ("TRANSP:TRANSPARENT", "STATUS:CANCELLED"):
        assert reading(calendar(event(*CUSTOM, part))).gaps == ()
    useless = "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\nEND:VTIMEZONE"
    assert gaps(reading(calendar(useless, event(*CUSTOM)))) == gaps(read)


def test_the_location_that_a_definition_names_stands_in_for_its_rules() -> None:
    located = "BEGIN:VTIMEZONE\nTZID:Customized Time Zone\nX-LIC-LOCATION:Europe/Berlin\nEND:VTIMEZONE"
    assert busy(located, event(*CUSTOM)) == [ON_TUESDAY]


def test_a_wrong_definition_of_a_known_zone_is_not_believed_and_one_feed_does_not_shift_another() -> None:
    wrong = BERLIN.format(name="{name}").replace("+0100", "+0530").replace("+0200", "+0630")
    for name in ("Europe/Berlin", "W. Europe Standard Time"):
        lines = (f"DTSTART;TZID={name}:20261124T150000", "DURATION:PT1H")
        assert busy(wrong.format(name=name), event(*lines)) == [ON_TUESDAY]
    assert busy(wrong.format(name="Customized Time Zone"), event(*CUSTOM)) == ["2026-11-24 09:30 +60"]
    assert busy(BERLIN.format(name="Customized Time Zone"), event(*CUSTOM)) == [ON_TUESDAY]
    assert reading(calendar(event(*CUSTOM))).gaps


def test_series_keep_their_local_hour_over_clock_changes_and_skipped_hours_come_after() -> None:
    assert busy(
        event("DTSTART;TZID=America/New_York:20261031T090000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2"),
        start="2026-10-30",
    ) == ["2026-10-31 13:00 +60", "2026-11-01 14:00 +60"]
    skipped = event("DTSTART;TZID=America/New_York:20270313T023000", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=2")
    assert busy(skipped, start="2027-03-01", end="2027-04-01") == ["2027-03-13 07:30 +60", "2027-03-14 07:30 +60"]


def test_an_hour_that_clocks_show_twice_is_the_first_and_a_leap_second_is_the_one_before() -> None:
    twice = event("DTSTART;TZID=America/New_York:20261101T013000", "DURATION:PT30M")
    assert busy(twice) == ["2026-11-01 05:30 +30"]
    assert one("DTSTART:20261124T135960Z", "DTEND:20261124T145960Z") == ["2026-11-24 13:59 +60"]


def test_whole_days_are_the_calendars_days_over_a_clock_change_and_can_be_moved() -> None:
    whole = event("DTSTART;VALUE=DATE:20261031", "DTEND;VALUE=DATE:20261102", "RRULE:FREQ=WEEKLY;COUNT=2")
    moved = event("RECURRENCE-ID;VALUE=DATE:20261107", "DTSTART;VALUE=DATE:20261109", "DTEND;VALUE=DATE:20261110")
    read = reading(calendar(whole, moved), "2026-10-25")
    assert [one.days for one in read.events] == [
        (Date(2026, 10, 31), Date(2026, 11, 1)),
        (Date(2026, 11, 9), Date(2026, 11, 9)),
    ]
    assert times(read) == ["2026-10-31 04:00 +2940", "2026-11-09 05:00 +1440"]


# The file itself


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\n\r\n", "\n\n"])
def test_lines_may_end_in_any_way(end: str) -> None:
    assert times(reading(calendar(event(*TUESDAY), end=end))) == [ON_TUESDAY]


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\r\n\r\n", b"junk\r\n", b" "])
def test_a_mark_or_junk_before_the_calendar_does_no_harm(before: bytes) -> None:
    assert times(reading(before + calendar(event(*TUESDAY)))) == [ON_TUESDAY]


def test_other_encodings_and_small_letters_are_read() -> None:
    assert times(reading(calendar(event(*TUESDAY)).decode().encode("utf-16"))) == [ON_TUESDAY]
    assert times(reading(calendar(event(*TUESDAY)).lower().replace(b"t140000z", b"T140000Z"))) == [ON_TUESDAY]
    assert times(reading(calendar(event(*TUESDAY, "SUMMARY:\udcff".encode("utf-8", "replace").decode())))) == [
        ON_TUESDAY
    ]


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART;TZID=Europe/Berl\n in:20261124T150000", "DTEND;TZID=Europe/Berlin:2026112\n 4T160000"),
        ("DTSTART ; TZID = Europe/Berlin :20261124T150000", "DTEND;TZID=Europe/Berlin :20261124T160000"),
        ("dtstart;tzid=Europe/Berlin:20261124T150000", "Dtend;Tzid=Europe/Berlin:20261124T160000"),
        ("garbage", "", "; : =", *TUESDAY, ":", "=)"),
        (*TUESDAY, "X-BAD;PARAM:", "GEO:x;y", "CLASS", 'ATTENDEE;CN="open:mailto:a@b'),
        (*TUESDAY, "BEGIN:VALARM", "TRIGGER:nonsense", "DURATION:PT5H", "DTSTART:19700101T000000Z", "END:VALARM"),
        ("BEGIN:VALARM", "DTSTART:20261101T000000Z", "DURATION:PT5H", "END:VALARM", *TUESDAY),
        ("DESCRIPTION:BEGIN:VEVENT\\nEND:VEVENT", "SUMMARY:BEGIN:VEVENT", "COMMENT:END:VEVENT", *TUESDAY),
        (*TUESDAY, "DESCRIPTION:BEGIN:VEVENT\\nEND:VEVENT", "X-A:1\n END:VEVENT"),
        (*TUESDAY, "DTSTART:20991124T140000Z"),
        ("DTSTART:2026-11-24T14:00:00Z", "DTEND:2026-11-24T15:00:00.000Z"),
    ],
)
def test_odd_lines_do_not_hide_an_event(lines: tuple[str, ...]) -> None:
    assert one(*lines) == [ON_TUESDAY]


@pytest.mark.parametrize(
    "bad",
    [
        ("DTSTART:soon",),
        ("SUMMARY:no start",),
        ("DTSTART:20261350T990000Z",),
        ("DTSTART:00000000",),
        ("X:" + "a" * 1_000_001, *TUESDAY),
    ],
)
def test_a_bad_event_is_counted_and_spoils_no_other(bad: tuple[str, ...]) -> None:
    read = reading(calendar(event(*bad, uid="bad"), event(*TUESDAY)))
    assert (times(read), read.unreadable, read.gaps) == ([ON_TUESDAY], 1, ())


def test_an_event_that_is_not_ended_does_not_swallow_the_next() -> None:
    open_one = "BEGIN:VEVENT\nUID:open\nDTSTART:20261123T140000Z"
    read = reading(calendar(open_one, event(*TUESDAY)))
    assert (times(read), read.unreadable) == ([ON_TUESDAY], 1)
    assert times(reading(calendar("BEGIN:VTIMEZONE\nTZID:x", event(*TUESDAY)))) == [ON_TUESDAY]


def test_a_file_that_is_cut_off_is_read_as_far_as_it_goes_and_nothing_of_it_passes_for_whole() -> None:
    whole = calendar(event(*TUESDAY), event(*WEEKLY, uid="two"))
    for length in range(whole.index(b"END:VEVENT") + 12, len(whole) - len("END:VCALENDAR\r\n")):
        read = reading(whole[:length])
        assert ON_TUESDAY in times(read)
        assert ("cut_off", "2026-11-01 00:00 +43200") in gaps(read)


def test_an_error_late_in_a_large_file_spoils_nothing_before_it() -> None:
    feed = large_feed(2_000)
    sound = reading(feed)
    read = reading(feed.replace(b"END:VCALENDAR", b"BEGIN:VEVENT\r\nDTSTART:x\r\nEND:VEVENT\r\nEND:VCALENDAR"))
    assert (times(read), read.unreadable) == (times(sound), sound.unreadable + 1)


@pytest.mark.parametrize(
    ("data", "html"),
    [
        (b"", False),
        (b"BEGIN:VCARD\r\nEND:VCARD\r\n", False),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", True),
        (b"\n<HTML>", True),
        (b"\x00" * 100, False),
    ],
)
def test_what_is_no_calendar_is_told_apart_from_an_empty_one(data: bytes, html: bool) -> None:
    with pytest.raises(NotACalendar) as raised:
        reading(data)
    assert raised.value.html is html
    assert reading(calendar()) == Read()


def test_busy_times_of_a_free_busy_object_count() -> None:
    busy_times = """\
BEGIN:VFREEBUSY
DTSTART:20261101T000000Z
FREEBUSY;FBTYPE=BUSY:20261124T140000Z/20261124T150000Z,20261125T140000Z/PT1H
FREEBUSY;FBTYPE=FREE:20261126T140000Z/PT1H
END:VFREEBUSY"""
    assert busy(busy_times) == [ON_TUESDAY, "2026-11-25 14:00 +60"]


# What keeps the person busy, and what is shown of it


def kind(*lines: str) -> tuple[str, bool]:
    (found,) = reading(calendar(event(*TUESDAY, *lines))).events
    return found.kind, found.blocks


@pytest.mark.parametrize(
    ("lines", "is_"),
    [
        ((), ("busy", True)),
        (("TRANSP:TRANSPARENT",), ("free", False)),
        (("TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:FREE"), ("free", False)),
        (("TRANSP:OPAQUE", "X-MICROSOFT-CDO-BUSYSTATUS:TENTATIVE"), ("tentative", True)),
        (("X-MICROSOFT-CDO-BUSYSTATUS:OOF",), ("away", True)),
        (("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE",), ("elsewhere", True)),
        (("X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE", "TRANSP:TRANSPARENT"), ("free", False)),
        (("STATUS:TENTATIVE",), ("tentative", True)),
        (("SUMMARY:Canceled: Budget",), ("busy", True)),
        (("ATTENDEE;PARTSTAT=DECLINED:mailto:Robin@Example.com",), ("declined", False)),
        (("ATTENDEE;PARTSTAT=DECLINED;EMAIL=robin@example.com:urn:uuid:1",), ("declined", False)),
        (("ATTENDEE;PARTSTAT=TENTATIVE:mailto:robin@example.com",), ("tentative", True)),
        (("ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:robin@example.com",), ("busy", True)),
        (("ATTENDEE;PARTSTAT=DECLINED:mailto:guest@example.com",), ("busy", True)),
        (('ATTENDEE;PARTSTAT=DECLINED;CN="R: A":mailto:robin@example.com',), ("declined", False)),
        (
            (
                "ATTENDEE;PARTSTAT=DECLINED:mailto:robin@example.com",
                "BEGIN:VALARM",
                "ACTION:EMAIL",
                "ATTENDEE:mailto:robin@example.com",
                "END:VALARM",
            ),
            ("declined", False),
        ),
    ],
)
def test_what_counts_as_busy(lines: tuple[str, ...], is_: tuple[str, bool]) -> None:
    assert kind(*lines) == is_


@pytest.mark.parametrize(
    "line",
    [
        f"CONFERENCE;VALUE=URI;FEATURE=VIDEO:{ROOM}",
        f"X-GOOGLE-CONFERENCE:{ROOM}",
        f"LOCATION:Room 4\\; {ROOM}",
        f"URL:{ROOM}",
        f"DESCRIPTION:Join:\\n{ROOM}\\nhttps://v.ringcentral.com/teleconference",
        f'X-ALT-DESC;FMTTYPE=text/html:<a href="{ROOM}&amp;x=1">Join</a>',
        "LOCATION:https://v.ringcentral.com/join/0182092\n 41352?pw=0123456789abcdef0123456789abcdef",
        "DESCRIPTION:https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fv.ringcentral.com%2Fjoin%2F"
        "018209241352%3Fpw%3D0123456789abcdef0123456789abcdef&data=05",
    ],
)
def test_a_link_of_ringcentrals_is_found_in_every_property_that_may_hold_it(line: str) -> None:
    (found,) = reading(calendar(event(*TUESDAY, "SUMMARY:Budget\\, and \u202eplans", line))).events
    assert found.link == JoinLink("video", "018209241352", "0123456789abcdef0123456789abcdef")
    assert (found.title, found.other_links) == ("Budget, and plans", False)


def test_the_first_of_several_rooms_is_taken_and_marked() -> None:
    (found,) = reading(
        calendar(event(*TUESDAY, f"DESCRIPTION:{ROOM} or https://v.ringcentral.com/join/111222333"))
    ).events
    assert (found.link and found.link.name, found.other_links) == ("018209241352", True)
    (found,) = reading(
        calendar(event(*TUESDAY, f"LOCATION:{ROOM}", "DESCRIPTION:https://v.ringcentral.com/join/111222333"))
    ).events
    assert (found.link and found.link.name, found.other_links) == ("018209241352", False)


@pytest.mark.parametrize(
    "line",
    [
        "LOCATION:https://us02web.zoom.us/j/2401136018",
        "LOCATION:https://meet.google.com/abc-defg-hij",
        "LOCATION:018209241352",
        "DESCRIPTION:https://v.ringcentral.com/teleconference",
        "LOCATION:https://v.ringcentral.com/w/join/018209241352",
    ],
)
def test_the_title_of_an_event_without_a_link_of_ringcentrals_does_not_leave_the_reader(line: str) -> None:
    reader = FeedReader.of(calendar(event(*TUESDAY, "SUMMARY:Doctor", line)), OWNER)
    read = reading(calendar(event(*TUESDAY, "SUMMARY:Doctor", line)))
    assert [(one.title, one.link) for one in read.events] == [(None, None)]
    assert "Doctor" not in repr(read)
    assert "Doctor" not in repr(reader._parsed)  # noqa: SLF001


def test_a_publisher_that_shows_times_alone_is_told_apart() -> None:
    assert reading(calendar(event(*TUESDAY, "SUMMARY:Busy"))).shows_links is False
    assert reading(calendar(event(*TUESDAY, "SUMMARY:Busy", "LOCATION:Room 4"))).shows_links is True


def test_nothing_outside_the_window_comes_and_what_reaches_into_it_does() -> None:
    long = event("DTSTART:20260901T000000Z", "DTEND:20261102T000000Z", uid="leave")
    after = event("DTSTART:20261201T000000Z", "DTEND:20261201T010000Z", uid="after")
    before = event("DTSTART:20261031T230000Z", "DTEND:20261101T000000Z", uid="before")
    assert busy(long, after, before) == ["2026-09-01 00:00 +89280"]
    assert busy(event("DTSTART:20260901T000000Z", "DURATION:P90D")) == ["2026-09-01 00:00 +129600"]


def test_an_event_counts_by_its_instant_though_its_own_clock_shows_another_day() -> None:
    west = ("DTSTART;TZID=Pacific/Honolulu:20261123T200000", "DTEND;TZID=Pacific/Honolulu:20261123T210000")
    east = ("DTSTART;TZID=Pacific/Kiritimati:20261125T050000", "DTEND;TZID=Pacific/Kiritimati:20261125T060000")
    found = busy(event(*west), event(*east, uid="east"), start="2026-11-24", end="2026-11-25")
    assert found == ["2026-11-24 06:00 +60", "2026-11-24 15:00 +60"]


def test_two_events_without_a_name_are_two() -> None:
    bare = "BEGIN:VEVENT\nDTSTART:20261124T140000Z\nDURATION:PT{}M\nEND:VEVENT"
    assert busy(bare.format(30), bare.format(60)) == ["2026-11-24 14:00 +30", ON_TUESDAY]


def test_a_series_of_more_dates_than_are_read_is_unknown_beyond_them() -> None:
    read = reading(
        calendar(event("DTSTART:20261101T000000Z", "DURATION:PT5M", "RRULE:FREQ=HOURLY;BYMINUTE=0,10,20,30,40,50"))
    )
    assert len(read.events) == 2_000
    assert gaps(read)[0][0] == "too_many"
