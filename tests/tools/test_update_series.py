"""Updates of a series, and of what becomes one or was one."""

import json
from typing import Any

import pytest

from assistant import TUESDAY, Assistant, at_work, scheduled

pytestmark = pytest.mark.anyio

WEEKLY = {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"]}


def put_series(assistant: Assistant, start: str = TUESDAY, **recurrence: Any) -> str:
    return assistant.simulator.put_meeting(
        topic="Weekly",
        meetingType="ScheduledRecurring",
        schedule=scheduled(start),
        recurrence=recurrence or WEEKLY,
        password="keep",
    )


async def update(assistant: Assistant, meeting_id: str, **arguments: Any) -> dict[str, Any]:
    return (await assistant.call("update_meeting", meeting_id=meeting_id, **arguments)).data


async def dates(assistant: Assistant, **window: str) -> list[str]:
    return [row["start"] for row in (await assistant.call("list_meetings", **window)).data["meetings"]]


async def test_a_start_with_a_foreign_offset_is_answered_with_the_two_that_it_may_mean_and_either_is_taken() -> None:
    schedule = scheduled("2026-11-24T08:00:00Z", zone="Europe/Berlin")
    async with at_work() as assistant:
        for start, shown in (("2026-11-24T04:00+01:00", "04:00"), ("2026-11-24T10:00+01:00", "10:00")):
            series = assistant.simulator.put_meeting(
                topic="Weekly", meetingType="ScheduledRecurring", schedule=schedule, recurrence=WEEKLY
            )
            refused = await assistant.call(
                "update_meeting", meeting_id=series, start_time="2026-11-24T04:00-05:00", recurrence={"count": 3}
            )
            assert start in refused.problem["message"]
            assert "time_zone" not in refused.problem["message"]
            done = await update(assistant, series, start_time=start)
            assert f"at {shown} Europe/Berlin" in done["meeting"]["repeats"]


async def test_a_series_moves_as_a_whole_and_keeps_its_rule() -> None:
    async with at_work() as assistant:
        series = put_series(assistant)
        done = await update(assistant, series, start_time="2026-12-01T10:00")
        assert json.loads(assistant.sent("PUT")[0].body)["recurrence"] == WEEKLY
        assert await dates(assistant) == ["2026-12-01T10:00-05:00"]
        assert done["meeting"]["meeting_type"] == "ScheduledRecurring"
        assert done["meeting"]["password"] == "keep"
        assert "recurrence" in {one["field"] for one in done["changes"]}


async def test_a_start_on_no_day_of_the_rule_is_refused_with_the_days_that_fit() -> None:
    async with at_work() as assistant:
        series = put_series(assistant)
        refused = await assistant.call("update_meeting", meeting_id=series, start_time="2026-12-02T10:00")
        assert refused.code == "invalid_arguments"
        assert refused.problem["message"].startswith("start_time")
        assert "2026-12-08" in refused.problem["message"]
        assert not assistant.sent("PUT")


async def test_a_start_with_an_offset_alone_is_read_on_the_clocks_of_the_series() -> None:
    async with at_work() as assistant:
        series = put_series(assistant)
        await update(assistant, series, start_time="2026-12-01T10:00-05:00")
        refused = await assistant.call("update_meeting", meeting_id=series, start_time="2026-12-01T10:00+01:00")
        assert refused.code == "invalid_arguments"
        assert refused.problem["message"].startswith("start_time")


async def test_another_frequency_and_end_replace_those_that_are_stored() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, frequency="Weekly", interval=2, weeklyByDays=["Tuesday"], count=9)
        done = await update(assistant, series, recurrence={"frequency": "Daily", "interval": 1, "until": "2026-11-27"})
        assert json.loads(assistant.sent("PUT")[0].body)["recurrence"] == {
            "frequency": "Daily",
            "interval": 1,
            "until": "2026-11-28T04:59:59Z",
        }
        assert [day[:10] for day in await dates(assistant)] == ["2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"]
        (change,) = done["changes"]
        assert change["field"] == "recurrence"
        assert "every 2 weeks on Tuesday" in change["before"]
        assert "every day" in change["after"]


async def test_the_start_and_the_rule_change_together() -> None:
    async with at_work() as assistant:
        series = put_series(assistant)
        rule = {"frequency": "Weekly", "weekly_days": ["Wednesday"]}
        await update(assistant, series, start_time="2026-11-25T08:00", time_zone="Europe/London", recurrence=rule)
        found = await dates(assistant, window_start="2027-03-22", window_end="2027-04-02")
        assert found == ["2027-03-24T04:00-04:00", "2027-03-31T03:00-04:00"]


async def test_a_single_meeting_becomes_a_series_by_a_recurrence_alone() -> None:
    async with at_work() as assistant:
        single = assistant.simulator.put_meeting(topic="Once", schedule=scheduled(TUESDAY))
        done = await update(assistant, single, recurrence={"frequency": "Weekly", "count": 2})
        body = json.loads(assistant.sent("PUT")[0].body)
        assert body["meetingType"] == "ScheduledRecurring"
        assert body["recurrence"] == WEEKLY | {"count": 2}
        assert {one["field"] for one in done["changes"]} == {"meeting_type", "recurrence"}
        assert len(await dates(assistant)) == 2


async def test_a_series_becomes_a_single_meeting_by_its_type() -> None:
    async with at_work() as assistant:
        series = put_series(assistant)
        done = await update(assistant, series, meeting_type="Scheduled")
        body = json.loads(assistant.sent("PUT")[0].body)
        assert body["meetingType"] == "Scheduled"
        assert "recurrence" not in body
        assert {one["field"] for one in done["changes"]} == {"meeting_type", "recurrence"}
        assert await dates(assistant) == ["2026-11-24T15:00-05:00"]


async def test_a_timed_meeting_loses_its_time_and_an_untimed_one_gets_one() -> None:
    async with at_work() as assistant:
        single = assistant.simulator.put_meeting(topic="Once", schedule=scheduled(TUESDAY))
        done = await update(assistant, single, meeting_type="Recurring")
        body = json.loads(assistant.sent("PUT")[0].body)
        assert "schedule" not in body
        assert "start" not in done["meeting"]
        back = await update(assistant, single, start_time="2026-11-25T09:00", duration_minutes=20)
        assert (back["meeting"]["meeting_type"], back["meeting"]["end"]) == ("Scheduled", "2026-11-25T09:20-05:00")
        await update(assistant, single, meeting_type="Recurring")
        series = await update(assistant, single, start_time="2026-11-25T09:00", recurrence={"frequency": "Daily"})
        assert series["meeting"]["meeting_type"] == "ScheduledRecurring"
        assert series["meeting"]["duration_minutes"] == 60


async def test_an_update_of_the_password_or_the_length_leaves_the_rule_as_it_was() -> None:
    async with at_work() as assistant:
        series = put_series(assistant)
        removed = await update(assistant, series, clear=["password"])
        assert removed["changes"] == [{"field": "password", "before": "keep"}]
        assert "password" not in removed["meeting"]
        assert (await update(assistant, series, clear=["password"]))["changes"] == []
        given = await update(assistant, series, password="n3w", duration_minutes=90)
        assert given["meeting"]["password"] == "n3w"
        assert json.loads(assistant.sent("PUT")[-1].body)["recurrence"] == WEEKLY
        details = (await assistant.call("get_meeting", meeting_id=series)).data
        assert details["recurrence"] == {"frequency": "Weekly", "interval": 1, "weekly_days": ["Tuesday"]}
