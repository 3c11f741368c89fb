"""The whole life of a meeting, in both protocol eras, with and without questions to the person."""

from typing import Any

import pytest
from mcp_types import ElicitRequestParams, ElicitResult

from assistant import MODES, Mode, Reply, at_work

pytestmark = pytest.mark.anyio


def agree(_: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"confirm": True})


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("reply", [None, agree], ids=["without elicitation", "with elicitation"])
async def test_a_meeting_is_found_created_read_changed_and_deleted(mode: Mode, reply: Reply | None) -> None:
    async with at_work(mode=mode, reply=reply) as assistant:
        made = (
            await assistant.call(
                "create_meeting", topic="Budget", start_time="2026-11-24T15:00", duration_minutes=30, password="a1_@*-"
            )
        ).data
        meeting_id = made["meeting"]["meeting_id"]
        assert made["created"] is True
        assert made["meeting"]["start"] == "2026-11-24T15:00-05:00"
        assert made["meeting"]["weekday"] == "Tuesday"
        assert made["meeting"]["start_utc"] == "2026-11-24T20:00Z"
        assert (made["meeting"]["time_zone"], made["time_zone_source"]) == ("America/New_York", "account")

        page = (await assistant.call("list_meetings")).data
        assert [row["meeting_id"] for row in page["meetings"]] == [meeting_id]
        assert page["showing"] == "1-1 of 1"

        read = (await assistant.call("get_meeting", meeting_id=meeting_id)).data
        assert read["meeting"]["password"] == "a1_@*-"

        changed = (await assistant.call("update_meeting", meeting_id=meeting_id, topic="Budget 2027")).data
        assert changed["changes"] == [{"field": "topic", "before": "Budget", "after": "Budget 2027"}]

        removed = await assistant.call(
            "delete_meeting",
            meeting_id=meeting_id,
            expected_topic="Budget 2027",
            expected_start="2026-11-24T15:00-05:00",
        )
        assert removed.data["deleted"] is True
        assert (await assistant.call("list_meetings")).data["total"] == 0
        gone = await assistant.call("get_meeting", meeting_id=meeting_id)
        assert (gone.code, gone.problem["ringcentral"]["error_code"]) == ("not_found", "CMN-102")
        assert bool(assistant.questions) is (reply is not None)


async def test_a_running_meeting_is_ended_and_one_that_is_not_running_is_not_called_ended() -> None:
    async with at_work() as assistant:
        schedule: dict[str, Any] = {
            "startTime": "2026-11-23T13:50:00Z",
            "durationInMinutes": 60,
            "timeZone": {"name": "America/New_York"},
        }
        meeting_id = assistant.simulator.put_meeting(
            topic="Now", meetingType="Scheduled", schedule=schedule, started=True
        )
        echo = {"meeting_id": meeting_id, "expected_topic": "now", "expected_start": "2026-11-23T08:50"}
        ended = (await assistant.call("end_meeting", **echo)).data
        assert ended["ended"] is True
        later = assistant.simulator.put_meeting(
            topic="Now", meetingType="Scheduled", schedule=schedule | {"startTime": "2026-11-23T16:00:00Z"}
        )
        kept = (
            await assistant.call("end_meeting", **echo | {"meeting_id": later, "expected_start": "2026-11-23T11:00"})
        ).data
        assert (kept["ended"], kept["status"]) == (False, "NotStarted")
        assert len(assistant.sent("POST", "/end")) == 1


async def test_an_id_may_be_given_as_a_number() -> None:
    async with at_work() as assistant:
        made = (await assistant.call("create_meeting", topic="Numbers", start_time="2026-11-24T15:00")).data["meeting"]
        number = int(made["meeting_id"])
        assert (await assistant.call("get_meeting", meeting_id=number)).data["meeting"]["topic"] == "Numbers"
        assert (await assistant.call("list_meetings", host_id=number)).code != "invalid_arguments"
        assert (await assistant.call("get_meeting", meeting_id=True)).code == "invalid_arguments"
