"""Ending a meeting: the right one, for everybody, and only where it runs."""

from typing import Any

import pytest

from assistant import Answer, Assistant, at_work, scheduled

pytestmark = pytest.mark.anyio

EARLIER = "2026-11-23T13:50:00Z"
SHOWN = "2026-11-23T08:50-05:00"


def put(assistant: Assistant, **fields: Any) -> str:
    running = {"topic": "Standup", "schedule": scheduled(EARLIER, 60), "started": True}
    return assistant.simulator.put_meeting(**running | fields)


async def end(assistant: Assistant, meeting_id: str, **arguments: Any) -> Answer:
    echo = {"expected_topic": "Standup", "expected_start": SHOWN} | arguments
    return await assistant.call("end_meeting", meeting_id=meeting_id, **echo)


async def status(assistant: Assistant, meeting_id: str) -> str:
    return str((await assistant.call("get_meeting", meeting_id=meeting_id)).data["meeting"]["status"])


async def test_a_running_meeting_is_ended_with_one_request_and_not_deleted() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        done = (await end(assistant, meeting_id)).data
        assert (done["ended"], done["meeting"]["topic"]) == (True, "Standup")
        (call,) = assistant.sent("POST", "/meeting/")
        assert call.path == f"/restapi/v1.0/account/~/extension/~/meeting/{meeting_id}/end"
        assert (call.body, call.query) == (b"", "")
        assert await status(assistant, meeting_id) == "NotStarted"


async def test_a_meeting_that_does_not_run_is_told_so_and_nothing_is_sent() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, started=False)
        done = (await end(assistant, meeting_id)).data
        assert (done["ended"], done["status"]) == (False, "NotStarted")
        assert "not running" in done["note"]
        assert not assistant.sent("POST", "/end")


async def test_an_ended_meeting_is_not_called_ended_a_second_time() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        assert (await end(assistant, meeting_id)).data["ended"] is True
        assert (await end(assistant, meeting_id)).data["ended"] is False
        assert len(assistant.sent("POST", "/end")) == 1


@pytest.mark.parametrize(
    "echo",
    [{"expected_topic": "Stand"}, {"expected_start": "2026-11-23T08:51"}, {"expected_start": "2026-11-24T08:50"}],
)
async def test_another_meeting_is_not_ended(echo: dict[str, str]) -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        refused = await end(assistant, meeting_id, **echo)
        assert refused.code == "target_mismatch"
        assert SHOWN in refused.problem["message"]
        assert not assistant.sent("POST", "/end")
        assert await status(assistant, meeting_id) == "Started"


async def test_the_start_has_to_be_given_where_there_is_one() -> None:
    async with at_work() as assistant:
        refused = await end(assistant, put(assistant), expected_start=None)
        assert refused.code == "invalid_arguments"
        assert refused.problem["message"].startswith("expected_start")


async def test_an_instant_meeting_is_ended_by_the_id_that_its_creation_gave() -> None:
    async with at_work() as assistant:
        made = (await assistant.call("create_meeting", topic="Now", meeting_type="Instant")).data
        meeting_id = made["meeting"]["meeting_id"]
        done = await end(assistant, meeting_id, expected_topic="now", expected_start=None)
        assert done.data["ended"] is True
        assert await status(assistant, meeting_id) == "NotStarted"


async def test_a_series_is_ended_by_its_running_date_and_goes_on_with_the_next() -> None:
    async with at_work() as assistant:
        rule = {"frequency": "Daily", "interval": 1}
        schedule = scheduled("2026-11-20T13:50:00Z", 60)
        series = put(assistant, meetingType="ScheduledRecurring", recurrence=rule, schedule=schedule)
        refused = await end(assistant, series, expected_start="2026-11-20T08:50-05:00")
        assert refused.code == "target_mismatch"
        done = (await end(assistant, series)).data
        assert (done["ended"], done["meeting"]["start"]) == (True, SHOWN)
        rows = (await assistant.call("list_meetings", window_start="2026-11-24", window_end="2026-11-24")).data
        assert [row["start"] for row in rows["meetings"]] == ["2026-11-24T08:50-05:00"]


async def test_a_meeting_that_stopped_between_reading_and_ending_is_told_with_its_status() -> None:
    async with at_work(faults="POST /end$ status=400 code=CMN-101 lands x1") as assistant:
        done = (await end(assistant, put(assistant))).data
        assert (done["ended"], done["status"]) == (False, "NotStarted")
        assert len(assistant.sent("POST", "/end")) == 1


async def test_a_meeting_that_is_gone_by_the_time_of_our_own_request_is_over() -> None:
    async with at_work(faults="POST /end$ status=404 code=CMN-102 x1") as assistant:
        assert (await end(assistant, put(assistant))).data["ended"] is True


async def test_a_refusal_while_it_still_runs_stays_one() -> None:
    async with at_work(faults="POST /end$ status=400 code=CMN-101 x1") as assistant:
        refused = await end(assistant, put(assistant))
        assert refused.code == "invalid_arguments"
    async with at_work(faults="POST /end$ permission_withdrawn x1") as assistant:
        assert (await end(assistant, put(assistant))).code == "user_permission_missing"


@pytest.mark.parametrize("fault", ["drop_after", "status=503 lands"])
async def test_an_ending_whose_answer_was_lost_is_read_back(fault: str) -> None:
    async with at_work(faults=f"POST /end$ {fault} x1") as assistant:
        assert (await end(assistant, put(assistant))).data["ended"] is True
        assert len(assistant.sent("POST", "/end")) == 1


async def test_an_ending_that_did_not_happen_is_not_called_done() -> None:
    async with at_work(faults="POST /end$ status=500 x1") as assistant:
        meeting_id = put(assistant)
        refused = await end(assistant, meeting_id)
        assert (refused.code, refused.problem["retryable"]) == ("outcome_unknown", False)
        assert await status(assistant, meeting_id) == "Started"


async def test_a_meeting_of_another_host_is_ended_under_her_extension() -> None:
    async with at_work() as assistant:
        executive = assistant.simulator.executive_id
        meeting_id = put(assistant, host={"id": executive})
        assert (await end(assistant, meeting_id, host_id=executive)).data["ended"] is True
        (call,) = assistant.sent("POST", "/end")
        assert f"/extension/{executive}/meeting/{meeting_id}/end" in call.path
