"""A meeting: its dates, what may be told of it, and in what it differs from what was asked for."""

from dataclasses import replace

import pytest
from whenever import Instant, ZonedDateTime

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.differences import differences, not_applied
from ringcentral_meetings.domain.meeting import OCCURRENCES_LISTED, Meeting, MeetingDraft, MeetingSettings, Occurrence

START = ZonedDateTime(2026, 11, 24, 15, tz="America/New_York")
DAILY = timing.Rule("Daily")
SECRET = "canary"
MEETING = Meeting(
    "1", "Budget", "Scheduled", START, 30, password=SECRET, join_url=f"https://j/{SECRET}", start_url=SECRET
)


def slot(days: int, minutes: int = 30) -> timing.Slot:
    start = START.add(days=days)
    return timing.Slot(start, start.add(minutes=minutes))


def listed(*days: int) -> tuple[Occurrence, ...]:
    return tuple(Occurrence(f"o{day}", slot(day)) for day in days)


def dates(meeting: Meeting, after: Instant | None = None, before: Instant | None = None) -> list[int]:
    found = meeting.occurrences(after, before)
    return [int(one.slot.start.date().since(START.date(), total="days")) for one in found]


def test_a_single_meeting_has_one_date_and_one_without_a_time_has_none() -> None:
    assert dates(MEETING) == [0]
    assert dates(replace(MEETING, start=None)) == []
    assert MEETING.next_occurrence(START.add(minutes=29).to_instant()) is not None
    assert MEETING.next_occurrence(START.add(minutes=30).to_instant()) is None


def test_dates_that_ringcentral_lists_outweigh_the_rule() -> None:
    series = replace(MEETING, rule=replace(DAILY, count=5), listed=listed(1, 3))
    assert dates(series) == [1, 3]
    assert [one.occurrence_id for one in series.occurrences()] == ["o1", "o3"]
    assert series.occurrence("o3") == listed(3)[0]
    assert series.occurrence("o2") is None


@pytest.mark.parametrize(
    "rule", [DAILY, replace(DAILY, count=90), replace(DAILY, until=START.add(days=89).to_instant())]
)
def test_beyond_a_list_that_may_be_cut_off_the_rule_goes_on(rule: timing.Rule) -> None:
    known = listed(*(day for day in range(OCCURRENCES_LISTED + 1) if day != 7))
    series = replace(MEETING, rule=rule, listed=known)
    window = {"after": START.add(days=6).to_instant(), "before": START.add(days=55).to_instant()}
    assert dates(series, **window) == [6, *range(8, 55)]
    assert dates(series, after=START.add(days=60).to_instant(), before=START.add(days=63).to_instant()) == [60, 61, 62]


def test_a_window_holds_what_overlaps_it_and_not_what_touches_it() -> None:
    series = replace(MEETING, rule=DAILY)
    first, second = slot(0), slot(1)
    assert dates(series, after=first.end.to_instant(), before=second.start.to_instant()) == []
    inside = {"after": first.end.subtract(seconds=1).to_instant(), "before": second.start.add(seconds=1).to_instant()}
    assert dates(series, **inside) == [0, 1]


def test_secrets_are_not_in_what_is_logged_of_a_meeting() -> None:
    assert SECRET not in repr(MEETING)
    assert SECRET not in repr(MeetingDraft(password=SECRET))


def test_a_meeting_differs_only_in_what_was_asked_for() -> None:
    assert differences(MeetingDraft(), MEETING) == ()
    asked = MeetingDraft("Other", "Recurring", START.add(minutes=1), 31, DAILY, "x")
    names = ("topic", "meeting_type", "start_time", "duration_minutes", "recurrence", "password")
    assert differences(asked, MEETING) == names


def test_order_and_absence_are_no_difference() -> None:
    rule = timing.Rule("Weekly", weekly_days=("Tuesday", "Friday"))
    asked = MeetingDraft(
        rule=replace(rule, weekly_days=("Friday", "Tuesday")),
        password="",
        settings=MeetingSettings(
            enforce_login=False,
            audio_options=["ComputerAudio", "Phone"],
            global_dial_in_countries=[],
            alternative_hosts="",
        ),
    )
    told = MeetingSettings(audio_options=["Phone", "ComputerAudio"])
    assert differences(asked, replace(MEETING, rule=rule, password=None, settings=told)) == ()


def test_a_personal_meeting_id_that_is_not_told_is_asked_for_but_not_missed() -> None:
    asked = MeetingDraft(settings=MeetingSettings(use_personal_meeting_id=True, enforce_login=True))
    assert differences(asked, MEETING) == ("settings.enforce_login", "settings.use_personal_meeting_id")
    assert not_applied(asked, MEETING) == ("settings.enforce_login",)
    told = replace(MEETING, settings=MeetingSettings(use_personal_meeting_id=False, enforce_login=True))
    assert not_applied(asked, told) == ("settings.use_personal_meeting_id",)
