"""For somebody else: whose path a request takes, and refusals that name the delegation and the people one has."""

import json
from typing import Any

import pytest

from assistant import MODES, Assistant, Mode, at_work, scheduled
from ringcentral_meetings import errors
from ringcentral_meetings.platform.api.meetings_wire import AssistedUsers

pytestmark = pytest.mark.anyio

SOON = "2026-11-24T20:00:00Z"


def put_for(assistant: Assistant, host: str, **more: Any) -> str:
    return assistant.simulator.put_meeting(
        **{"topic": "Briefing", "schedule": scheduled(SOON), "host": {"id": host}} | more
    )


@pytest.mark.parametrize("mode", MODES)
async def test_a_meeting_is_scheduled_changed_and_deleted_for_somebody_one_assists(mode: Mode) -> None:
    async with at_work(mode=mode) as assistant:
        helena = assistant.simulator.executive_id
        made = await assistant.call("create_meeting", topic="Briefing", start_time="2026-11-24T15:00", host_id=helena)
        (creation,) = assistant.sent("POST", "/meeting")
        assert creation.path.endswith("/extension/~/meeting")
        assert json.loads(creation.body)["host"] == {"id": helena}
        assert made.data["meeting"]["host_id"] == helena
        theirs = {"meeting_id": made.data["meeting"]["meeting_id"], "host_id": helena}
        await assistant.call("update_meeting", **theirs, topic="Press briefing")
        invitation = await assistant.call("get_meeting_invitation", **theirs)
        assert "Helena Marsh is inviting you" in invitation.data["text"]
        echo = {"expected_topic": "Press briefing", "expected_start": "2026-11-24T15:00-05:00"}
        assert (await assistant.call("delete_meeting", **theirs, **echo)).data["deleted"] is True
        theirs_only = [call for call in assistant.sent() if call is not creation]
        assert all(f"/extension/{helena}/meeting" in call.path for call in theirs_only)


JOBS: list[tuple[str, dict[str, Any]]] = [
    ("list_meetings", {}),
    ("get_meeting", {"meeting_id": "1"}),
    ("create_meeting", {"topic": "Briefing", "start_time": "2026-11-24T15:00"}),
    ("create_meeting", {"topic": "Briefing", "meeting_type": "Instant"}),
    ("update_meeting", {"meeting_id": "1", "topic": "Other"}),
    ("delete_meeting", {"meeting_id": "1", "expected_topic": "Briefing"}),
    ("end_meeting", {"meeting_id": "1", "expected_topic": "Briefing"}),
    ("get_meeting_service_info", {}),
    ("get_meeting_invitation", {"meeting_id": "1"}),
]


@pytest.mark.parametrize(("tool", "arguments"), JOBS)
async def test_a_refusal_names_the_missing_delegation_and_whom_one_may_schedule_for(
    tool: str, arguments: dict[str, Any]
) -> None:
    async with at_work() as assistant:
        tomas = assistant.simulator.outsider_id
        problem = (await assistant.call(tool, **arguments, host_id=tomas)).problem
        assert problem["code"] == "user_permission_missing"
        assert f'host_id "{tomas}"' in problem["message"]
        assert "the delegation that lets the user schedule for that person is missing" in problem["message"]
        assert problem["next_step"].endswith("The user may schedule for: Helena Marsh (304921005).")
        assert problem["ringcentral"]["error_code"] == "CMN-404"
        assert assistant.simulator.meetings() == []


@pytest.mark.parametrize(("tool", "arguments"), JOBS)
async def test_a_host_that_is_nobody_is_not_found_and_those_there_are_are_named(
    tool: str, arguments: dict[str, Any]
) -> None:
    async with at_work() as assistant:
        problem = (await assistant.call(tool, **arguments, host_id="1")).problem
        assert problem["code"] in {"not_found", "user_permission_missing"}
        assert "The user may schedule for: Helena Marsh (304921005)." in problem["next_step"]


async def test_the_next_call_can_follow_the_refusal() -> None:
    async with at_work() as assistant:
        put_for(assistant, assistant.simulator.executive_id)
        refused = await assistant.call("list_meetings", host_id="helena")
        named = refused.problem["next_step"].rpartition("(")[2].partition(")")[0]
        assert (await assistant.call("list_meetings", host_id=named)).data["total"] == 1


async def test_a_permission_that_the_role_lacks_is_named_beside_the_delegation() -> None:
    async with at_work(faults="GET 304921005/meeting$ status=403 code=CMN-408") as assistant:
        problem = (await assistant.call("list_meetings", host_id=assistant.simulator.executive_id)).problem
        assert problem["code"] == "user_permission_missing"
        assert "delegation" in problem["message"]


@pytest.mark.parametrize("fault", ["status=500", "status=403 code=CMN-408", "malformed", "refused"])
async def test_where_the_people_cannot_be_read_the_refusal_still_stands_and_says_so(fault: str) -> None:
    async with at_work(faults=f"GET /assisted$ {fault}") as assistant:
        problem = (await assistant.call("list_meetings", host_id=assistant.simulator.outsider_id)).problem
        assert problem["code"] == "user_permission_missing"
        assert problem["next_step"].endswith("Whom the user may schedule for could not be read.")


def test_where_ringcentral_answers_nothing_there_is_nobody() -> None:
    assert AssistedUsers.model_validate({}).records == []
    refused = errors.delegation_missing("1", None, [])
    assert refused.next_step.endswith("The user cannot schedule for anyone else.")


def test_many_people_are_counted_and_the_error_stays_short() -> None:
    crowd = [f"{'Somebody With A Very Long Name'[:30]} (30492{number:04})" for number in range(40)]
    for refused in (errors.delegation_missing("9" * 100, None, crowd), errors.host_not_found("9" * 100, None, crowd)):
        shown = json.loads(errors.as_json(refused))["error"]["next_step"]
        assert shown.count("(30492") == 4
        assert shown.endswith("and 36 more.")


async def test_without_host_id_nobody_is_looked_up() -> None:
    async with at_work() as assistant:
        await assistant.call("get_meeting", meeting_id="1")
        assert assistant.sent(path="/assisted") == []
