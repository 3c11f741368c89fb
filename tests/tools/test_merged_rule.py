"""The recurrence that an update gives is laid over the stored rule, field by field."""

import json
from typing import Any

import pytest

from assistant import TUESDAY, Assistant, at_work, scheduled

pytestmark = pytest.mark.anyio

FORTNIGHTLY = {"frequency": "Weekly", "interval": 2, "weeklyByDays": ["Tuesday", "Thursday"]}
FIRST_MONDAY = {"frequency": "Monthly", "interval": 1, "monthlyByWeek": "First", "monthlyByWeekDay": "Monday"}
MONDAY = "2026-12-07T20:00:00Z"


def put(assistant: Assistant, rule: dict[str, Any], start: str = TUESDAY) -> str:
    return assistant.simulator.put_meeting(
        topic="Series", meetingType="ScheduledRecurring", schedule=scheduled(start), recurrence=rule
    )


async def stored_after(rule: dict[str, Any], start: str = TUESDAY, **arguments: Any) -> dict[str, Any]:
    async with at_work() as assistant:
        series = put(assistant, rule, start)
        assert (await assistant.call("update_meeting", meeting_id=series, **arguments)).data["changes"]
        stored: dict[str, Any] = json.loads(assistant.sent("PUT")[0].body)["recurrence"]
        return stored


async def refusal_of(rule: dict[str, Any], start: str = TUESDAY, **arguments: Any) -> str:
    async with at_work() as assistant:
        refused = await assistant.call("update_meeting", meeting_id=put(assistant, rule, start), **arguments)
        assert refused.code == "invalid_arguments"
        assert not assistant.sent("PUT")
        return f"{refused.problem['message']} {refused.problem['next_step']}"


@pytest.mark.parametrize("frequency", [{}, {"frequency": "Weekly"}])
async def test_a_new_end_leaves_every_other_field_of_the_rule(frequency: dict[str, str]) -> None:
    stored = await stored_after(FORTNIGHTLY, recurrence=frequency | {"until": "2027-12-31"})
    assert stored == FORTNIGHTLY | {"until": "2028-01-01T04:59:59Z"}


async def test_a_new_end_leaves_the_first_monday_the_first_monday() -> None:
    stored = await stored_after(FIRST_MONDAY, MONDAY, recurrence={"frequency": "Monthly", "count": 5})
    assert stored == FIRST_MONDAY | {"count": 5}


async def test_until_replaces_count_and_count_replaces_until() -> None:
    ended = await stored_after(FORTNIGHTLY | {"count": 9}, recurrence={"until": "2027-12-31"})
    assert "count" not in ended
    counted = await stored_after(FORTNIGHTLY | {"until": "2027-12-31T00:00:00Z"}, recurrence={"count": 3})
    assert counted == FORTNIGHTLY | {"count": 3}


async def test_a_day_of_the_month_replaces_the_weekday_of_the_month_and_the_reverse() -> None:
    by_day = await stored_after(FIRST_MONDAY, MONDAY, recurrence={"monthly_day": 7})
    assert by_day == {"frequency": "Monthly", "interval": 1, "monthlyByDay": 7}
    day = {"frequency": "Monthly", "interval": 1, "monthlyByDay": 7}
    by_week = await stored_after(day, MONDAY, recurrence={"monthly_week": "First", "monthly_weekday": "Monday"})
    assert by_week == FIRST_MONDAY


async def test_the_week_of_the_month_alone_keeps_the_weekday() -> None:
    stored = await stored_after(
        FIRST_MONDAY, MONDAY, start_time="2026-12-14T15:00", recurrence={"monthly_week": "Second"}
    )
    assert stored == FIRST_MONDAY | {"monthlyByWeek": "Second"}


async def test_an_end_is_removed_by_name_and_the_rest_of_the_rule_changes_beside_it() -> None:
    stored = await stored_after(FORTNIGHTLY | {"count": 9}, recurrence={"interval": 3}, clear=["recurrence_end"])
    assert stored == FORTNIGHTLY | {"interval": 3}


@pytest.mark.parametrize(
    ("rule", "change", "missing"),
    [
        (FORTNIGHTLY, {"frequency": "Monthly", "interval": 1}, "recurrence.monthly_day"),
        ({"frequency": "Daily"}, {"frequency": "Weekly"}, "recurrence.weekly_days"),
        (FORTNIGHTLY, {"frequency": "Daily"}, "recurrence.interval"),
    ],
)
async def test_a_new_frequency_that_leaves_something_open_is_refused_and_quotes_the_rule(
    rule: dict[str, Any], change: dict[str, Any], missing: str
) -> None:
    said = await refusal_of(rule, recurrence=change)
    assert said.startswith(missing)
    assert ("every 2 weeks on Tuesday and Thursday" if rule is FORTNIGHTLY else "every day") in said


async def test_a_new_frequency_takes_its_day_from_a_new_start() -> None:
    stored = await stored_after(
        FORTNIGHTLY, start_time="2026-11-26T15:00", recurrence={"frequency": "Monthly", "interval": 1}
    )
    assert stored == {"frequency": "Monthly", "interval": 1, "monthlyByDay": 26}


async def test_other_days_of_a_running_series_are_refused_with_dates_that_are_still_to_come() -> None:
    said = await refusal_of(
        {"frequency": "Weekly", "weeklyByDays": ["Tuesday"]},
        "2026-11-03T20:00:00Z",
        recurrence={"weekly_days": ["Wednesday"]},
    )
    assert "2026-11-25" in said
    assert "2026-11-04" not in said


async def test_a_single_meeting_needs_a_frequency_to_become_a_series() -> None:
    async with at_work() as assistant:
        single = assistant.simulator.put_meeting(topic="Once", schedule=scheduled(TUESDAY))
        refused = await assistant.call("update_meeting", meeting_id=single, recurrence={"count": 3})
        assert refused.problem["message"].startswith("recurrence.frequency")
