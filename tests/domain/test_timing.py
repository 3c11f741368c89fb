"""Wall times, zones, windows and recurrence rules, case by case."""

from typing import get_args

import pytest
from whenever import Date, Instant, ZonedDateTime

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.timing import Rule, TimingError, Weekday

NEW_YORK = "America/New_York"
# Tuesday
START = ZonedDateTime(2026, 11, 24, 9, tz=NEW_YORK)


def refused(text: str, zone: str = NEW_YORK) -> str:
    with pytest.raises(TimingError) as caught:
        timing.parse_start(text, zone)
    assert caught.value.field == "start_time"
    assert len(str(caught.value)) < 300
    return str(caught.value)


def refused_rule(rule: Rule) -> TimingError:
    with pytest.raises(TimingError) as caught:
        timing.check_rule(rule)
    assert len(str(caught.value)) < 300
    return caught.value


def starts(slots: list[timing.Slot]) -> list[str]:
    return [timing.show(slot.start) for slot in slots]


class TestZone:
    @pytest.mark.parametrize("name", [NEW_YORK, "UTC", "EST5EDT", "Asia/Calcutta", "Etc/GMT+5"])
    def test_a_name_of_the_tz_database_is_returned_as_given(self, name: str) -> None:
        assert timing.zone(name) == name

    def test_case_and_surrounding_space_are_corrected(self) -> None:
        assert timing.zone(" america/new_york ") == NEW_YORK

    @pytest.mark.parametrize(
        ("name", "suggested"),
        [
            ("Europe/Berln", "Europe/Berlin"),
            ("New York", NEW_YORK),
            ("Kolkata", "Asia/Kolkata"),
            ("America/NewYork", NEW_YORK),
            ("PST", "America/Los_Angeles"),
            ("Eastern Standard Time", NEW_YORK),
            ("IST", "Asia/Kolkata or Europe/Dublin or Asia/Jerusalem"),
        ],
    )
    def test_an_unknown_name_is_refused_with_suggestions(self, name: str, suggested: str) -> None:
        with pytest.raises(TimingError, match=f'"{name}" is not an IANA time zone. Did you mean .*{suggested}'):
            timing.zone(name)

    def test_at_most_three_names_are_suggested(self) -> None:
        with pytest.raises(TimingError) as caught:
            timing.zone("America/Indiana/Vincent")
        assert str(caught.value).count("/") <= 2 + 3 * 2
        assert str(caught.value).count(" or ") <= 2

    @pytest.mark.parametrize("name", ["", "EST5", "../etc/passwd", "/etc/localtime", "Factory", "posixrules"])
    def test_what_is_no_zone_gets_an_example_instead(self, name: str) -> None:
        with pytest.raises(TimingError, match='Give a name such as "America/New_York" or "UTC"') as caught:
            timing.zone(name, "settings.time_zone")
        assert caught.value.field == "settings.time_zone"

    def test_a_long_name_is_cut_in_the_message(self) -> None:
        with pytest.raises(TimingError) as caught:
            timing.zone("x" * 500)
        assert "x" * 79 + "…" in str(caught.value)
        assert "x" * 80 not in str(caught.value)


class TestStart:
    @pytest.mark.parametrize(
        ("text", "shown"),
        [
            ("2026-11-24T15:00", "2026-11-24T15:00-05:00"),
            (" 2026-11-24 15:00 ", "2026-11-24T15:00-05:00"),
            ("2026-11-24t15:00:30", "2026-11-24T15:00:30-05:00"),
            ("2026-11-24T15:00:00.000-05:00", "2026-11-24T15:00-05:00"),
            ("2026-11-24T15:00-0500", "2026-11-24T15:00-05:00"),
            ("2026-11-24T15:00-05", "2026-11-24T15:00-05:00"),
            ("2026-07-01T15:00", "2026-07-01T15:00-04:00"),
        ],
    )
    def test_a_wall_time_is_read_in_the_zone(self, text: str, shown: str) -> None:
        assert timing.show(timing.parse_start(text, NEW_YORK)) == shown

    def test_a_zone_with_a_quarter_hour_keeps_it(self) -> None:
        moment = timing.parse_start("2026-11-24T09:00+05:45", "Asia/Kathmandu")
        assert timing.show_utc(moment.to_instant()) == "2026-11-24T03:15Z"

    def test_z_is_accepted_where_the_zone_is_at_utc(self) -> None:
        assert timing.show(timing.parse_start("2026-12-01T15:00Z", "Europe/London")) == "2026-12-01T15:00+00:00"

    def test_z_elsewhere_is_refused_naming_the_offset_of_the_zone(self) -> None:
        assert refused("2026-11-24T15:00Z") == (
            '"2026-11-24T15:00Z" has another offset than America/New_York, which is at -05:00 then. '
            "Use 2026-11-24T15:00-05:00 for that local time there, or 2026-11-24T10:00-05:00 for the same moment."
        )

    def test_the_offset_of_the_other_season_is_refused(self) -> None:
        assert "which is at -04:00 then" in refused("2026-07-01T15:00-05:00")

    def test_an_offset_foreign_to_both_passes_of_a_repeated_hour_is_refused(self) -> None:
        assert "which is at -04:00 or -05:00 then" in refused("2027-11-07T01:30-06:00")

    def test_a_skipped_hour_is_refused_with_the_choices(self) -> None:
        expected = (
            "2027-03-14T02:30 does not exist in America/New_York: clocks go from 02:00 to 03:00 that night. "
            "Use 01:30 or 03:30."
        )
        assert refused("2027-03-14T02:30") == expected
        assert refused("2027-03-14T02:30-05:00") == expected

    @pytest.mark.parametrize(
        ("text", "zone", "expected"),
        [
            ("2027-10-03T02:30", "Australia/Sydney", "from 02:00 to 03:00 that night. Use 01:30 or 03:30."),
            ("2027-10-03T02:10", "Australia/Lord_Howe", "from 02:00 to 02:30 that night. Use 01:40 or 02:40."),
            (
                "2018-11-04T00:30",
                "America/Sao_Paulo",
                "from 00:00 to 01:00 that night. Use 2018-11-03T23:30 or 2018-11-04T01:30.",
            ),
            (
                "2011-12-30T09:00",
                "Pacific/Apia",
                "from 2011-12-30T00:00 to 2011-12-31T00:00 that night. Use 2011-12-29T09:00 or 2011-12-31T09:00.",
            ),
            # midnight itself, the first moment of a gap
            ("2018-11-04T00:00", "America/Sao_Paulo", "Use 2018-11-03T23:00 or 2018-11-04T01:00."),
        ],
    )
    def test_gaps_of_every_kind_name_their_ends(self, text: str, zone: str, expected: str) -> None:
        assert refused(text, zone).endswith(expected)

    def test_the_moments_around_a_gap_are_accepted(self) -> None:
        assert timing.show(timing.parse_start("2027-03-14T01:59:59", NEW_YORK)) == "2027-03-14T01:59:59-05:00"
        assert timing.show(timing.parse_start("2027-03-14T03:00", NEW_YORK)) == "2027-03-14T03:00-04:00"

    @pytest.mark.parametrize(
        ("text", "zone", "turn", "choices"),
        [
            ("2027-11-07T01:30", NEW_YORK, "02:00 to 01:00", ("2027-11-07T01:30-04:00", "2027-11-07T01:30-05:00")),
            (
                "2027-04-04T02:30",
                "Australia/Sydney",
                "03:00 to 02:00",
                ("2027-04-04T02:30+11:00", "2027-04-04T02:30+10:00"),
            ),
            (
                "2027-04-04T01:45",
                "Australia/Lord_Howe",
                "02:00 to 01:30",
                ("2027-04-04T01:45+11:00", "2027-04-04T01:45+10:30"),
            ),
            (
                "2018-02-17T23:30",
                "America/Sao_Paulo",
                "2018-02-18T00:00 to 2018-02-17T23:00",
                ("2018-02-17T23:30-02:00", "2018-02-17T23:30-03:00"),
            ),
        ],
    )
    def test_a_repeated_hour_is_refused_and_each_choice_given_is_accepted(
        self, text: str, zone: str, turn: str, choices: tuple[str, str]
    ) -> None:
        message = refused(text, zone)
        assert f"{text} occurs twice in {zone}: clocks go back from {turn} that night." in message
        assert f"Use {choices[0]} (first) or {choices[1]} (second)." in message
        passes = [timing.parse_start(choice, zone) for choice in choices]
        assert [timing.show(moment) for moment in passes] == list(choices)
        assert passes[0] < passes[1]

    def test_each_choice_given_for_a_skipped_hour_is_accepted(self) -> None:
        for choice in ("2027-03-14T01:30", "2027-03-14T03:30"):
            assert timing.show(timing.parse_start(choice, NEW_YORK)).startswith(choice)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("tomorrow 3pm", '"tomorrow 3pm" is not a date-time. Give the local time as "2026-11-24T15:00"'),
            ("2026-11-24T3pm", "is not a date-time"),
            ("2026-11-24T15:00:60", "is not a date-time"),
            ("2026-11-24T15:00[Europe/Paris]", "is not a date-time"),
            ("", '"" is not a date-time'),
            ("2026-11-24", "is a date without a time of day"),
            ("2026-11-24T15:00:00.5", "has fractions of a second"),
            ("2026-02-30T10:00", "is not on the calendar or the clock"),
            ("2026-11-24T24:00", "is not on the calendar or the clock"),
            ("1969-12-31T10:00", "is out of range"),
            ("9999-12-31T23:59", "is out of range"),
            ("2026-11-24T15:00+99:00", "has no valid UTC offset"),
        ],
    )
    def test_what_is_no_wall_time_is_refused_with_the_expected_form(self, text: str, reason: str) -> None:
        assert reason in refused(text)

    def test_a_long_value_is_cut_and_hidden_characters_are_dropped(self) -> None:
        assert "y" * 79 + '…"' in refused("y" * 5000)
        assert '"3pm"' in refused("3\u202epm")

    def test_an_unknown_zone_is_a_problem_of_the_zone_and_not_of_the_start(self) -> None:
        with pytest.raises(TimingError, match="IANA") as caught:
            timing.parse_start("2026-11-24T15:00", "Mars/Olympus")
        assert caught.value.field == "time_zone"

    def test_the_name_of_the_argument_is_the_callers(self) -> None:
        with pytest.raises(TimingError) as caught:
            timing.parse_start("noon", NEW_YORK, field="expected_start")
        assert caught.value.field == "expected_start"

    def test_an_offset_alone_gives_an_instant(self) -> None:
        assert timing.parse_offset_start("2026-11-24T15:00-05:00") == Instant.from_utc(2026, 11, 24, 20)
        assert timing.parse_offset_start("2026-11-24T15:00z") == Instant.from_utc(2026, 11, 24, 15)
        assert timing.parse_offset_start("2026-11-24T15:00") is None
        assert timing.parse_offset_start("tomorrow") is None

    @pytest.mark.parametrize("text", ["2026-02-30T10:00Z", "2026-11-24T15:00:00.5Z", "2026-11-24T15:00+99:00"])
    def test_an_impossible_time_with_an_offset_is_refused(self, text: str) -> None:
        with pytest.raises(TimingError):
            timing.parse_offset_start(text)

    def test_an_offset_is_seen_only_after_a_time(self) -> None:
        assert timing.has_offset("2026-11-24 15:00+05:45")
        assert not timing.has_offset("2026-11-24T15:00")
        assert not timing.has_offset("2026-11-24")
        assert not timing.has_offset("at 15:00Z")


class TestPast:
    def test_a_past_start_is_refused_with_the_time_it_is_there(self) -> None:
        with pytest.raises(TimingError) as caught:
            timing.refuse_past(START, Instant.from_utc(2026, 11, 24, 14, 0, 1))
        assert str(caught.value) == (
            "2026-11-24T09:00 is in the past: in America/New_York it is now 2026-11-24T09:00:01 (Tuesday). "
            "Use a later time."
        )
        assert caught.value.field == "start_time"

    def test_a_start_now_or_later_passes(self) -> None:
        timing.refuse_past(START, Instant.from_utc(2026, 11, 24, 14))
        timing.refuse_past(START, Instant.from_utc(2026, 1, 1))


class TestWindowEdge:
    @pytest.mark.parametrize(
        ("text", "zone", "end", "expected"),
        [
            ("2026-11-24", NEW_YORK, False, "2026-11-24T05:00Z"),
            ("2026-11-24", NEW_YORK, True, "2026-11-25T05:00Z"),
            ("2027-03-14", NEW_YORK, True, "2027-03-15T04:00Z"),
            ("2026-11-24T15:00", NEW_YORK, False, "2026-11-24T20:00Z"),
            ("2026-11-24T15:00", NEW_YORK, True, "2026-11-24T20:00Z"),
            ("2026-11-24T15:00+01:00", NEW_YORK, False, "2026-11-24T14:00Z"),
            # midnight is skipped: the day begins at 01:00
            ("2018-11-04", "America/Sao_Paulo", False, "2018-11-04T03:00Z"),
            ("2018-11-03", "America/Sao_Paulo", True, "2018-11-04T03:00Z"),
            # a skipped hour moves on, a repeated one is its first pass
            ("2027-03-14T02:30", NEW_YORK, False, "2027-03-14T07:30Z"),
            ("2027-11-07T01:30", NEW_YORK, False, "2027-11-07T05:30Z"),
            # a day that never was is empty
            ("2011-12-30", "Pacific/Apia", False, "2011-12-30T10:00Z"),
            ("2011-12-30", "Pacific/Apia", True, "2011-12-30T10:00Z"),
            ("9998-12-31", "UTC", True, "9999-01-01T00:00Z"),
        ],
    )
    def test_an_edge_is_an_instant(self, text: str, zone: str, end: bool, expected: str) -> None:
        assert timing.show_utc(timing.parse_window_edge(text, zone, end=end, field="from")) == expected

    @pytest.mark.parametrize("text", ["next week", "", "2026-13-01", "9999-12-31", "0001-01-01", "2026-01-01T10:00+99"])
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(TimingError) as caught:
            timing.parse_window_edge(text, NEW_YORK, end=True, field="until")
        assert caught.value.field == "until"

    def test_words_are_answered_with_both_forms(self) -> None:
        with pytest.raises(TimingError, match='a date as "2026-11-24" or a local time as "2026-11-24T15:00"'):
            timing.parse_window_edge("next week", NEW_YORK, end=False, field="from")


class TestWireAndShowing:
    @pytest.mark.parametrize(
        "text",
        [
            "2030-05-01T00:01:00Z",
            "2030-05-01T00:01Z",
            "2030-05-01T00:01:00.000Z",
            "2030-05-01T02:01:00+02:00",
            "2030-05-01T02:01:00.0+0200",
            " 2030-05-01T00:01:00+00:00 ",
        ],
    )
    def test_every_form_of_the_platform_is_the_same_instant(self, text: str) -> None:
        assert timing.from_wire(text) == Instant.from_utc(2030, 5, 1, 0, 1)

    @pytest.mark.parametrize("text", ["", "2030-05-01", "2030-05-01T00:01:00", "soon"])
    def test_a_time_without_offset_is_not_guessed(self, text: str) -> None:
        with pytest.raises(ValueError, match="invalid"):
            timing.from_wire(text)

    def test_fractions_never_go_out(self) -> None:
        assert timing.to_wire(timing.from_wire("2030-05-01T00:01:49.999Z")) == "2030-05-01T00:01:49Z"
        assert timing.to_wire(Instant.from_utc(2030, 5, 1)) == "2030-05-01T00:00:00Z"

    def test_seconds_are_shown_only_where_there_are_any(self) -> None:
        assert timing.show(START) == "2026-11-24T09:00-05:00"
        assert timing.show(START.add(seconds=5)) == "2026-11-24T09:00:05-05:00"
        assert timing.show_utc(START.to_instant()) == "2026-11-24T14:00Z"
        assert timing.show_utc(START.add(seconds=5).to_instant()) == "2026-11-24T14:00:05Z"

    def test_the_weekday_is_the_local_one(self) -> None:
        late = Instant.from_utc(2026, 11, 24, 23)
        assert timing.weekday(timing.at(late, NEW_YORK)) == "Tuesday"
        assert timing.weekday(timing.at(late, "Asia/Tokyo")) == "Wednesday"

    def test_each_weekday_has_its_name(self) -> None:
        sunday = ZonedDateTime(2026, 11, 22, 9, tz="UTC")
        names = [timing.weekday(sunday.add(hours=24 * days)) for days in range(7)]
        assert names == list(get_args(Weekday))

    def test_today_is_a_local_date(self) -> None:
        now = Instant.from_utc(2026, 11, 24, 23)
        assert timing.local_today(now, NEW_YORK) == Date(2026, 11, 24)
        assert timing.local_today(now, "Asia/Tokyo") == Date(2026, 11, 25)

    def test_an_unknown_zone_is_a_value_error(self) -> None:
        with pytest.raises(ValueError, match="Mars"):
            timing.at(Instant.from_utc(2026, 1, 1), "Mars/Olympus")


class TestRuleChecks:
    @pytest.mark.parametrize(
        "rule",
        [
            Rule("Daily"),
            Rule("Daily", 90, count=1),
            Rule("Weekly", 12, ("Monday", "Friday"), until=Instant.from_utc(2030, 1, 1)),
            Rule("Weekly"),
            Rule("Monthly", 3, monthly_day=31, count=timing.MAX_COUNT),
            Rule("Monthly", monthly_day=1),
            Rule("Monthly", monthly_week="Last", monthly_weekday="Friday"),
            Rule("Monthly"),
        ],
    )
    def test_a_sound_rule_passes(self, rule: Rule) -> None:
        timing.check_rule(rule)

    @pytest.mark.parametrize(
        ("rule", "field", "words"),
        [
            (Rule("Daily", 0), "interval", "0 is out of range: Daily takes 1 to 90 days."),
            (Rule("Daily", 91), "interval", "Daily takes 1 to 90 days"),
            (Rule("Weekly", 13), "interval", "Weekly takes 1 to 12 weeks"),
            (Rule("Monthly", 4), "interval", "Monthly takes 1 to 3 months"),
            (Rule("Daily", weekly_days=("Monday",)), "weekly_days", 'only goes with frequency "Weekly"'),
            (
                Rule("Weekly", weekly_days=("Friday", "Monday", "Friday")),
                "weekly_days",
                "Friday given more than once",
            ),
            (Rule("Weekly", monthly_day=3), "monthly_day", 'monthly_day only goes with frequency "Monthly"'),
            (Rule("Daily", monthly_week="First"), "monthly_week", 'only goes with frequency "Monthly"'),
            (Rule("Daily", monthly_weekday="Monday"), "monthly_weekday", 'only goes with frequency "Monthly"'),
            (Rule("Monthly", monthly_day=0), "monthly_day", "0 is not a day of a month. Give 1 to 31."),
            (Rule("Monthly", monthly_day=32), "monthly_day", "32 is not a day of a month"),
            (
                Rule("Monthly", monthly_day=3, monthly_week="First", monthly_weekday="Monday"),
                "monthly_day",
                "monthly_day 3 contradicts monthly_week and monthly_weekday.",
            ),
            (Rule("Monthly", monthly_day=3, monthly_weekday="Monday"), "monthly_day", "contradicts monthly_weekday."),
            (Rule("Monthly", monthly_week="First"), "monthly_weekday", 'monthly_week "First" needs it'),
            (Rule("Monthly", monthly_weekday="Monday"), "monthly_week", 'monthly_weekday "Monday" needs it'),
            (Rule("Daily", count=0), "count", "0 is out of range"),
            (Rule("Daily", count=-3), "count", "-3 is out of range"),
            (Rule("Daily", count=timing.MAX_COUNT + 1), "count", "leave count out for no end"),
            (Rule("Daily", count=2, until=Instant.from_utc(2030, 1, 1)), "count", "count and until are both given"),
        ],
    )
    def test_an_unsound_rule_is_refused_naming_the_field(self, rule: Rule, field: str, words: str) -> None:
        error = refused_rule(rule)
        assert error.field == f"recurrence.{field}"
        assert words in str(error)


class TestCompleting:
    def test_the_days_left_open_come_from_the_start(self) -> None:
        assert timing.complete_rule(Rule("Weekly"), START).weekly_days == ("Tuesday",)
        assert timing.complete_rule(Rule("Monthly"), START).monthly_day == 24
        assert timing.complete_rule(Rule("Daily"), START) == Rule("Daily")

    def test_what_is_given_stays(self) -> None:
        rules = [
            Rule("Weekly", 2, ("Tuesday", "Thursday"), count=5),
            Rule("Monthly", monthly_week="Fourth", monthly_weekday="Tuesday"),
            Rule("Monthly", monthly_week="Last", monthly_weekday="Tuesday"),
            Rule("Monthly", 3, monthly_day=24, until=START.to_instant()),
        ]
        assert [timing.complete_rule(rule, START) for rule in rules] == rules

    def test_the_weekday_is_that_of_the_local_date(self) -> None:
        tokyo = ZonedDateTime(2026, 11, 25, 0, 30, tz="Asia/Tokyo")
        assert timing.complete_rule(Rule("Weekly"), tokyo).weekly_days == ("Wednesday",)

    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            (
                Rule("Weekly", 2, ("Friday", "Monday")),
                "2026-11-24T09:00 (Tuesday) is not a day of the recurrence, every 2 weeks on Monday and Friday. "
                "Start on 2026-11-27 or 2026-11-30, or change the recurrence.",
            ),
            (Rule("Monthly", monthly_day=31, count=1), "on day 31. Start on 2026-12-31 or 2027-01-31, or change"),
            (
                Rule("Monthly", 3, monthly_week="Last", monthly_weekday="Friday"),
                "every 3 months on the last Friday. Start on 2026-11-27 or 2026-12-25,",
            ),
        ],
    )
    def test_a_start_off_the_pattern_is_refused_with_the_first_dates_that_fit(self, rule: Rule, words: str) -> None:
        with pytest.raises(TimingError) as caught:
            timing.complete_rule(rule, START)
        assert caught.value.field == "start_time"
        assert words in str(caught.value)
        assert len(str(caught.value)) < 300

    def test_an_end_before_the_start_is_refused_in_local_time(self) -> None:
        with pytest.raises(TimingError) as caught:
            timing.complete_rule(Rule("Daily", until=START.subtract(minutes=1).to_instant()), START)
        assert caught.value.field == "recurrence.until"
        assert str(caught.value).startswith("2026-11-24T08:59 is before the start, 2026-11-24T09:00 America/New_York.")

    def test_an_unsound_rule_is_refused_before_it_is_completed(self) -> None:
        with pytest.raises(TimingError) as caught:
            timing.complete_rule(Rule("Daily", 91), START)
        assert caught.value.field == "recurrence.interval"


class TestOccurrences:
    def test_a_series_keeps_its_wall_time_over_a_clock_change_and_moves_on_in_a_gap(self) -> None:
        start = timing.parse_start("2027-03-13T02:30", NEW_YORK)
        assert starts(timing.occurrences(Rule("Daily", count=3), start, 30)) == [
            "2027-03-13T02:30-05:00",
            "2027-03-14T03:30-04:00",
            "2027-03-15T02:30-04:00",
        ]

    def test_a_repeated_hour_is_held_once_on_its_first_pass(self) -> None:
        start = timing.parse_start("2027-11-06T01:30", NEW_YORK)
        assert starts(timing.occurrences(Rule("Daily", count=3), start, 30)) == [
            "2027-11-06T01:30-04:00",
            "2027-11-07T01:30-04:00",
            "2027-11-08T01:30-05:00",
        ]

    def test_a_series_that_starts_on_the_second_pass_does_start_there(self) -> None:
        start = timing.parse_start("2027-11-07T01:30-05:00", NEW_YORK)
        assert timing.occurrences(Rule("Daily", count=2), start, 30)[0].start == start

    def test_a_day_that_never_was_is_not_held_twice(self) -> None:
        start = timing.parse_start("2011-12-29T09:00", "Pacific/Apia")
        assert starts(timing.occurrences(Rule("Daily", count=4), start, 30)) == [
            "2011-12-29T09:00-10:00",
            "2011-12-31T09:00+14:00",
            "2012-01-01T09:00+14:00",
        ]

    def test_weeks_begin_on_sunday(self) -> None:
        # RFC 5545 section 3.8.5.3 has this pair: with WKST=SU the answer is 5, 17, 19, 31 August 1997
        start = ZonedDateTime(1997, 8, 5, 9, tz=NEW_YORK)
        slots = timing.occurrences(Rule("Weekly", 2, ("Tuesday", "Sunday"), count=4), start, 60)
        assert [slot.start.day for slot in slots] == [5, 17, 19, 31]

    def test_a_month_without_the_day_is_skipped(self) -> None:
        start = ZonedDateTime(2027, 1, 31, 9, tz=NEW_YORK)
        slots = timing.occurrences(Rule("Monthly", monthly_day=31, count=4), start, 60)
        assert [slot.start.month for slot in slots] == [1, 3, 5, 7]

    @pytest.mark.parametrize(("week", "days"), [("Second", [12, 9, 9]), ("Last", [26, 23, 30])])
    def test_a_weekday_of_the_month_is_found(self, week: timing.MonthWeek, days: list[int]) -> None:
        start = ZonedDateTime(2027, 1, days[0], 9, tz=NEW_YORK)
        rule = Rule("Monthly", monthly_week=week, monthly_weekday="Tuesday", count=3)
        assert [slot.start.day for slot in timing.occurrences(rule, start, 60)] == days

    def test_until_is_inclusive(self) -> None:
        third = START.add(hours=48).to_instant()
        assert len(timing.occurrences(Rule("Daily", until=third), START, 60)) == 3
        assert len(timing.occurrences(Rule("Daily", until=third.subtract(seconds=1)), START, 60)) == 2

    def test_a_length_is_elapsed_time(self) -> None:
        start = timing.parse_start("2027-03-14T01:30", NEW_YORK)
        assert timing.show(timing.occurrences(Rule("Daily"), start, 60, limit=1)[0].end) == "2027-03-14T03:30-04:00"

    def test_a_window_takes_what_overlaps_it_and_not_what_touches_it(self) -> None:
        second = START.add(hours=24).to_instant()

        def inside(after: Instant, before: Instant) -> list[str]:
            return starts(timing.occurrences(Rule("Daily"), START, 60, after=after, before=before))

        assert inside(second.add(minutes=59), second.add(hours=5)) == ["2026-11-25T09:00-05:00"]
        assert inside(second.add(minutes=60), second.add(hours=5)) == []
        assert inside(second.subtract(minutes=5), second) == []
        assert inside(second.subtract(minutes=5), second.add(seconds=1)) == ["2026-11-25T09:00-05:00"]

    def test_the_limit_bounds_the_answer(self) -> None:
        assert len(timing.occurrences(Rule("Daily"), START, 60)) == 1000
        assert len(timing.occurrences(Rule("Daily"), START, 60, limit=7)) == 7

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            (Rule("Daily", 7), "9000-01-07T09:00-05:00"),
            (Rule("Weekly", weekly_days=("Wednesday",)), "9000-01-01T09:00-05:00"),
            (Rule("Monthly", 3, monthly_day=24), "9000-02-24T09:00-05:00"),
        ],
    )
    def test_a_window_far_away_is_reached_without_walking_there(self, rule: Rule, expected: str) -> None:
        far = Instant.from_utc(9000, 1, 1)
        assert starts(timing.occurrences(rule, START, 60, after=far, limit=1)) == [expected]

    def test_the_calendar_ends_quietly(self) -> None:
        last = timing.occurrences(Rule("Daily"), START, 60, after=Instant.from_utc(9998, 12, 30))[-1]
        assert timing.show(last.start) == "9998-12-31T09:00-05:00"

    def test_a_fraction_of_a_second_in_a_start_as_read_moves_nothing(self) -> None:
        second_pass = timing.at(timing.from_wire("2027-11-07T06:30:00.250Z"), NEW_YORK)
        assert starts(timing.occurrences(Rule("Daily", count=1), second_pass, 60)) == ["2027-11-07T01:30-05:00"]

    def test_a_rule_as_read_is_carried_out_without_what_has_no_meaning_at_its_frequency(self) -> None:
        read = Rule("Daily", 0, ("Monday",), 31, "First", "Monday", count=0)
        assert starts(timing.occurrences(read, START, 60, limit=2)) == [
            "2026-11-24T09:00-05:00",
            "2026-11-25T09:00-05:00",
        ]

    def test_the_next_occurrence_is_the_running_one_or_the_one_ahead(self) -> None:
        def following(now: Instant) -> str | None:
            slot = timing.next_occurrence(Rule("Daily", count=2), START, 60, now)
            return timing.show(slot.start) if slot else None

        assert following(START.subtract(hours=1000).to_instant()) == "2026-11-24T09:00-05:00"
        assert following(START.add(minutes=59).to_instant()) == "2026-11-24T09:00-05:00"
        assert following(START.add(minutes=60).to_instant()) == "2026-11-25T09:00-05:00"
        assert following(START.add(hours=25).to_instant()) is None

    @pytest.mark.parametrize(
        ("rule", "expected"),
        [
            (Rule("Daily"), None),
            (Rule("Daily", count=timing.MAX_COUNT + 1), None),
            (Rule("Daily", count=3), "2026-11-26T09:00-05:00"),
            (Rule("Daily", count=3, until=Instant.from_utc(2026, 11, 26)), "2026-11-25T09:00-05:00"),
            (Rule("Daily", until=Instant.from_utc(9000, 1, 1)), "8999-12-31T09:00-05:00"),
            (Rule("Daily", until=START.to_instant()), "2026-11-24T09:00-05:00"),
            (Rule("Daily", until=Instant.from_utc(2026, 1, 1)), None),
            (Rule("Monthly", 12, monthly_day=29, until=Instant.from_utc(2032, 1, 1)), "2031-11-29T09:00-05:00"),
        ],
    )
    def test_the_last_occurrence_is_found_where_there_is_one(self, rule: Rule, expected: str | None) -> None:
        slot = timing.last_occurrence(rule, START, 60)
        assert (timing.show(slot.start) if slot else None) == expected

    def test_the_last_occurrence_may_lie_years_before_the_end(self) -> None:
        leap_day = ZonedDateTime(2028, 2, 29, 9, tz="UTC")
        slot = timing.last_occurrence(
            Rule("Monthly", 12, monthly_day=29, until=Instant.from_utc(2031, 12, 31)), leap_day, 60
        )
        assert slot
        assert slot.start == leap_day

    def test_a_rule_that_never_comes_true_has_no_last_occurrence(self) -> None:
        february = ZonedDateTime(2027, 2, 1, 9, tz="UTC")
        assert timing.last_occurrence(Rule("Monthly", 12, monthly_day=30, count=2), february, 60) is None


class TestDescription:
    @pytest.mark.parametrize(
        ("rule", "words"),
        [
            (Rule("Daily"), "every day at 09:00 America/New_York, without an end"),
            (Rule("Daily", 2), "every 2 days at 09:00 America/New_York, without an end"),
            (Rule("Weekly"), "every week on Tuesday at 09:00 America/New_York, without an end"),
            (
                Rule("Weekly", 2, ("Thursday", "Tuesday"), count=12),
                "every 2 weeks on Tuesday and Thursday at 09:00 America/New_York, 12 times, last on 2027-02-04",
            ),
            (
                Rule("Weekly", weekly_days=("Friday", "Tuesday", "Sunday"), count=1),
                "every week on Sunday, Tuesday and Friday at 09:00 America/New_York, 1 time, last on 2026-11-24",
            ),
            (
                Rule("Monthly", monthly_week="Second", monthly_weekday="Tuesday"),
                "every month on the 2nd Tuesday at 09:00 America/New_York, without an end",
            ),
            (
                Rule("Monthly", monthly_week="Last", monthly_weekday="Friday"),
                "every month on the last Friday at 09:00 America/New_York, without an end",
            ),
            (Rule("Monthly"), "every month on day 24 at 09:00 America/New_York, without an end"),
            (Rule("Monthly", 3, monthly_day=31), "every 3 months on day 31 at 09:00 America/New_York, without an end"),
            (
                Rule("Daily", until=Instant.from_utc(2027, 1, 6)),
                "every day at 09:00 America/New_York, until 2027-01-05, last on 2027-01-05",
            ),
            (
                Rule("Daily", count=timing.MAX_COUNT + 1),
                "every day at 09:00 America/New_York, 10001 times",
            ),
        ],
    )
    def test_a_rule_is_told_in_words(self, rule: Rule, words: str) -> None:
        assert timing.describe(rule, START, 60) == words

    def test_seconds_of_a_start_are_told(self) -> None:
        assert timing.describe(Rule("Daily"), START.add(seconds=5)).startswith("every day at 09:00:05 ")


class TestEquivalentZone:
    FIRST, LAST = Instant.from_utc(2026, 1, 1), Instant.from_utc(2030, 1, 1)

    def find(self, name: str, *candidates: str) -> str | None:
        return timing.equivalent_zone(name, candidates, self.FIRST, self.LAST)

    def test_the_zone_itself_comes_first(self) -> None:
        assert self.find(NEW_YORK, "America/Detroit", "US/Eastern", NEW_YORK) == NEW_YORK

    def test_an_alias_comes_before_a_zone_that_merely_agrees_today(self) -> None:
        assert self.find("Asia/Kolkata", "Asia/Colombo", "Asia/Calcutta") == "Asia/Calcutta"
        assert self.find(NEW_YORK, "America/Detroit", "US/Eastern") == "US/Eastern"

    def test_a_zone_with_the_same_transitions_will_do(self) -> None:
        assert self.find(NEW_YORK, "UTC", "America/Toronto") == "America/Toronto"

    def test_the_same_continent_comes_before_the_alphabet(self) -> None:
        assert self.find("Europe/Athens", "Asia/Famagusta", "Europe/Kiev") == "Europe/Kiev"
        assert self.find("Europe/Athens", "Europe/Sofia", "Europe/Kiev") == "Europe/Kiev"

    @pytest.mark.parametrize("other", ["America/Havana", "America/Panama", "America/Chicago", "Etc/GMT+4"])
    def test_a_zone_whose_clocks_differ_at_some_time_will_not_do(self, other: str) -> None:
        assert self.find(NEW_YORK, other) is None

    def test_a_zone_that_differs_only_outside_the_span_will_do(self) -> None:
        winter = Instant.from_utc(2026, 1, 1), Instant.from_utc(2026, 3, 1)
        assert timing.equivalent_zone(NEW_YORK, ["America/Panama"], *winter) == "America/Panama"

    def test_a_change_on_the_last_moment_counts(self) -> None:
        change = timing.parse_start("2026-03-08T03:00", NEW_YORK).to_instant()
        assert timing.equivalent_zone(NEW_YORK, ["America/Panama"], self.FIRST, change) is None
        before = change.subtract(seconds=1)
        assert timing.equivalent_zone(NEW_YORK, ["America/Panama"], self.FIRST, before) == "America/Panama"

    def test_a_change_of_name_alone_is_no_difference(self) -> None:
        # On 27 October 1968 British Summer Time became British Standard Time, at the same offset.
        span = Instant.from_utc(1968, 6, 1), Instant.from_utc(1971, 10, 1)
        assert timing.equivalent_zone("Europe/London", ["Etc/GMT-1"], *span) == "Etc/GMT-1"

    def test_candidates_unknown_to_the_tz_database_are_passed_over(self) -> None:
        assert self.find(NEW_YORK, "RingCentral/Office", "us/eastern") == "us/eastern"
        assert self.find(NEW_YORK) is None
