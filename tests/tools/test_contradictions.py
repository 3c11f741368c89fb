"""Arguments that contradict one another or the clock: refused by name, before anything is sent."""

from typing import Any

import pytest

from assistant import at_work

pytestmark = pytest.mark.anyio

TUESDAY = "2026-11-24T15:00"


def weekly(**more: Any) -> dict[str, Any]:
    return {"start_time": TUESDAY, "recurrence": {"frequency": "Weekly"} | more}


def series(frequency: str, **more: Any) -> dict[str, Any]:
    return {"start_time": TUESDAY, "recurrence": {"frequency": frequency} | more}


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("no start", {}, "start_time"),
    ("a series without a start", {"recurrence": {"frequency": "Weekly"}}, "start_time"),
    ("Scheduled without a start", {"meeting_type": "Scheduled"}, "start_time"),
    ("a start with Recurring", {"meeting_type": "Recurring", "start_time": TUESDAY}, "start_time"),
    ("a start with Instant", {"meeting_type": "Instant", "start_time": TUESDAY}, "start_time"),
    ("a length with Instant", {"meeting_type": "Instant", "duration_minutes": 30}, "duration_minutes"),
    ("a zone with Recurring", {"meeting_type": "Recurring", "time_zone": "UTC"}, "time_zone"),
    ("a recurrence with Scheduled", {"meeting_type": "Scheduled", **weekly()}, "recurrence"),
    (
        "a recurrence with Recurring",
        {"meeting_type": "Recurring", "recurrence": {"frequency": "Daily"}},
        "recurrence",
    ),
    ("a series without a recurrence", {"meeting_type": "ScheduledRecurring", "start_time": TUESDAY}, "recurrence"),
    ("weekdays with Monthly", series("Monthly", weekly_days=["Tuesday"]), "recurrence.weekly_days"),
    ("a weekday twice", weekly(weekly_days=["Tuesday", "Tuesday"]), "recurrence.weekly_days"),
    ("a day of the month with Weekly", weekly(monthly_day=24), "recurrence.monthly_day"),
    (
        "both ways of a monthly date",
        series("Monthly", monthly_day=24, monthly_week="Fourth", monthly_weekday="Tuesday"),
        "recurrence.monthly_day",
    ),
    ("half of a monthly weekday", series("Monthly", monthly_week="Fourth"), "recurrence.monthly_weekday"),
    ("count with until", weekly(count=3, until="2027-01-01"), "recurrence.count"),
    ("Daily 91", series("Daily", interval=91), "recurrence.interval"),
    ("Weekly 13", weekly(interval=13), "recurrence.interval"),
    ("Monthly 4", series("Monthly", interval=4), "recurrence.interval"),
    ("interval 0", weekly(interval=0), "recurrence.interval"),
    ("count 0", weekly(count=0), "recurrence.count"),
    ("count beyond all", weekly(count=10_001), "recurrence.count"),
    ("a start on no day of the rule", weekly(weekly_days=["Friday"]), "start_time"),
    ("an end before the start", weekly(until="2026-11-23"), "recurrence.until"),
    ("an end in words", weekly(until="next year"), "recurrence.until"),
    ("an unknown frequency", series("Yearly"), "recurrence.frequency"),
    ("an unknown field of the recurrence", weekly(weekly_day="Tuesday"), "recurrence.weekly_day"),
    ("an unknown setting", {"start_time": TUESDAY, "settings": {"waiting_room": True}}, "settings.waiting_room"),
    ("words for a time", {"start_time": "tomorrow at 3"}, "start_time"),
    ("a date alone", {"start_time": "2026-11-24"}, "start_time"),
    ("a day that does not exist", {"start_time": "2027-02-30T10:00"}, "start_time"),
    ("fractions of a second", {"start_time": "2026-11-24T15:00:00.5"}, "start_time"),
    ("the past", {"start_time": "2026-11-23T08:59"}, "start_time"),
    ("a skipped hour", {"start_time": "2027-03-14T02:30"}, "start_time"),
    ("a repeated hour", {"start_time": "2027-11-07T01:30"}, "start_time"),
    (
        "an offset against the zone",
        {"start_time": "2026-11-24T15:00-08:00", "time_zone": "America/New_York"},
        "start_time",
    ),
    ("an unknown zone", {"start_time": TUESDAY, "time_zone": "Mars/Olympus"}, "time_zone"),
    (
        "a series with an offset that is not that of the user's zone",
        {"start_time": "2026-11-24T15:00-08:00", "recurrence": {"frequency": "Weekly"}},
        "time_zone",
    ),
    ("no length", {"start_time": TUESDAY, "duration_minutes": 0}, "duration_minutes"),
    ("a length of more than a week", {"start_time": TUESDAY, "duration_minutes": 10_081}, "duration_minutes"),
    ("a topic of two lines", {"start_time": TUESDAY, "topic": "Budget\nreview"}, "topic"),
    ("a topic with an escape", {"start_time": TUESDAY, "topic": "\x1b[31mBudget"}, "topic"),
    ("a topic beyond all length", {"start_time": TUESDAY, "topic": "x" * 1_001}, "topic"),
    ("a password of 11 characters", {"start_time": TUESDAY, "password": "x" * 11}, "password"),
    ("a password with a blank", {"start_time": TUESDAY, "password": "a b"}, "password"),
    ("a password with a line end", {"start_time": TUESDAY, "password": "abc\n"}, "password"),
    ("a password of other letters", {"start_time": TUESDAY, "password": "pässword"}, "password"),
    (
        "an unknown way of audio",
        {"start_time": TUESDAY, "settings": {"audio_options": ["Radio"]}},
        "settings.audio_options",
    ),
]


async def test_contradictions_are_refused_by_name_and_nothing_is_written() -> None:
    async with at_work(limits={"light": 10_000}) as assistant:
        for title, arguments, field in REFUSED:
            refused = await assistant.call("create_meeting", **{"topic": "Budget"} | arguments)
            assert refused.code == "invalid_arguments", title
            assert refused.problem["message"].startswith(field), (title, refused.problem["message"])
            assert refused.problem["next_step"], title
            assert refused.problem["retryable"] is False, title
        assert not assistant.sent(path="/meeting")
        assert assistant.simulator.meetings() == []


async def test_what_is_wrong_in_itself_is_refused_without_any_request_at_all() -> None:
    async with at_work() as assistant:
        for arguments in (
            {"start_time": TUESDAY, "password": "no blanks please"},
            {"start_time": TUESDAY, "topic": "a\x00b"},
            {"meeting_type": "Recurring", "start_time": TUESDAY},
            {"meeting_type": "ScheduledRecurring", "start_time": TUESDAY},
            {"start_time": "soon", "time_zone": "Europe/Berlin"},
            {"start_time": TUESDAY, "time_zone": "Nowhere"},
        ):
            assert (await assistant.call("create_meeting", **{"topic": "x"} | arguments)).code == "invalid_arguments"
        assert assistant.simulator.calls == []


@pytest.mark.parametrize(
    ("arguments", "choices"),
    [
        ({"start_time": "2027-03-14T02:30"}, ["01:30", "03:30"]),
        ({"start_time": "2027-11-07T01:30"}, ["2027-11-07T01:30-04:00", "2027-11-07T01:30-05:00"]),
        ({"start_time": TUESDAY, "time_zone": "EST5"}, ["America/New_York"]),
        ({"start_time": TUESDAY, "time_zone": "Berlin"}, ["Europe/Berlin"]),
        ({"start_time": "2026-11-22T15:00"}, ["2026-11-23T09:00", "Monday"]),
        (weekly(weekly_days=["Friday"]), ["2026-11-27"]),
    ],
)
async def test_a_refused_time_comes_with_the_choices(arguments: dict[str, Any], choices: list[str]) -> None:
    async with at_work() as assistant:
        problem = (await assistant.call("create_meeting", topic="Budget", **arguments)).problem
        assert all(choice in problem["message"] for choice in choices), problem["message"]


@pytest.mark.parametrize("name", ["attendees", "invitees", "participants"])
async def test_whoever_names_attendees_is_told_that_there_are_none(name: str) -> None:
    async with at_work() as assistant:
        arguments = {"topic": "Budget", "start_time": TUESDAY, name: ["ada@example.com"]}
        problem = (await assistant.call("create_meeting", **arguments)).problem
        assert problem["code"] == "invalid_arguments"
        assert name in problem["message"]
        assert "join link" in problem["next_step"]
        assert assistant.simulator.calls == []
