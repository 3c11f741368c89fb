"""Which product: asked of RingCentral, never guessed where a guess could show an empty calendar."""

from typing import Any

import pytest

from assistant import Assistant, at_work, scheduled
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT

pytestmark = pytest.mark.anyio

BY_JWT: dict[str, Any] = {
    "simulator": False,
    "server_url": "https://platform.example",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "jwt": JWT,
    "token_store": "memory",
}
CONFIGURATION = "video-configuration"


async def used(assistant: Assistant) -> str:
    """The product that a creation went to, or the code of its refusal."""
    answer = await assistant.call("create_meeting", topic="Retro", meeting_type="Recurring")
    return str(answer.problem["code"] if answer.is_error else answer.data["product"])


@pytest.mark.parametrize(
    ("provider", "product"),
    [("RCMeetings", "RingCentral Meetings"), ("None", "RingCentral Meetings"), ("RCVideo", "RingCentral Video")],
)
async def test_the_product_is_the_one_that_ringcentral_names_and_is_asked_for_once(provider: str, product: str) -> None:
    async with at_work(product="auto") as assistant:
        assistant.simulator.provider = provider
        for _ in range(2):
            assert await used(assistant) == product
        assert len(assistant.sent("GET", CONFIGURATION)) == 1


@pytest.mark.parametrize(("setting", "product"), [("meetings", "RingCentral Meetings"), ("video", "RingCentral Video")])
async def test_a_product_that_is_set_is_not_asked_for(setting: Any, product: str) -> None:
    async with at_work(product=setting) as assistant:
        assert await used(assistant) == product
        assert assistant.sent("GET", CONFIGURATION) == []


@pytest.mark.parametrize(("scope", "product"), [("Meetings", "RingCentral Meetings"), ("Video", "RingCentral Video")])
async def test_without_the_scope_to_ask_the_one_scope_granted_decides(scope: str, product: str) -> None:
    async with at_work(product="auto") as assistant:
        assistant.simulator.scopes = {scope}
        assert await used(assistant) == product


@pytest.mark.parametrize("scopes", [{"Meetings", "Video"}, set()])
async def test_where_it_cannot_be_found_out_nothing_is_guessed(scopes: set[str]) -> None:
    async with at_work(product="auto") as assistant:
        assistant.simulator.scopes = scopes
        problem = (await assistant.call("list_meetings")).problem
        assert problem["code"] == "app_permission_missing"
        assert "RINGCENTRAL_PRODUCT=meetings or video" in problem["next_step"]
        assert "ReadAccounts" in problem["next_step"]
        assert assistant.sent(path="/meeting") == assistant.sent(path="/rcvideo") == []


async def test_a_failure_to_tell_is_no_answer_and_is_asked_again() -> None:
    async with at_work(product="auto", faults=f"GET {CONFIGURATION} status=500 times=1") as assistant:
        assistant.simulator.provider = "RCVideo"
        assert await used(assistant) == "upstream_unavailable"
        assert await used(assistant) == "RingCentral Video"


async def test_each_host_has_a_product_of_their_own() -> None:
    async with at_work(product="auto") as assistant:
        simulator = assistant.simulator
        simulator.providers[simulator.executive_id] = "RCVideo"
        assert await used(assistant) == "RingCentral Meetings"
        theirs = await assistant.call(
            "create_meeting", topic="Retro", meeting_type="Recurring", host_id=simulator.executive_id
        )
        assert theirs.data["product"] == "RingCentral Video"


async def test_somebody_whose_meetings_are_rooms_is_unknown_and_not_free() -> None:
    async with at_work(product="auto") as assistant:
        simulator = assistant.simulator
        simulator.providers[simulator.executive_id] = "RCVideo"
        found = await assistant.call("find_meeting_times", duration_minutes=30, host_ids=[simulator.executive_id])
        own, other = found.data["hosts"]
        assert (own["calendar"], other["calendar"]) == ("known", "unknown")
        assert other["problem"].startswith("not_supported_by_product")


async def test_an_account_that_is_moved_meanwhile_is_followed_after_one_refusal() -> None:
    async with at_work(product="auto") as assistant:
        simulator = assistant.simulator
        assert await used(assistant) == "RingCentral Meetings"
        simulator.provider = "RCVideo"
        simulator.switches.withdrawn = True
        refused = (await assistant.call("create_meeting", topic="Plan", meeting_type="Recurring")).problem
        assert (refused["code"], refused["retryable"]) == ("feature_unavailable", True)
        assert "meetings are on RingCentral Video" in refused["message"]
        assert "scope Video" in refused["next_step"]
        assert await used(assistant) == "RingCentral Video"


@pytest.mark.parametrize("product", ["meetings", "video"])
async def test_a_set_product_that_is_not_there_is_told_of_the_one_that_is(product: Any) -> None:
    async with at_work(product=product, **BY_JWT) as assistant:
        assistant.simulator.provider = "RCVideo" if product == "meetings" else "RCMeetings"
        assistant.simulator.switches.other_product_answers = False
        for _ in range(2):
            answer = await assistant.call("create_meeting", topic="Retro", meeting_type="Recurring")
            assert (answer.code, answer.problem["retryable"]) == ("feature_unavailable", False)
            assert "RINGCENTRAL_PRODUCT=auto" in answer.problem["next_step"]
        assert len(assistant.sent("GET", CONFIGURATION)) == 1


async def test_a_product_that_ringcentral_names_and_withholds_is_told_with_the_way_to_the_other() -> None:
    async with at_work(product="auto") as assistant:
        assistant.simulator.provider = "None"
        assistant.simulator.switches.withdrawn = True
        problem = (await assistant.call("list_meetings")).problem
        assert problem["code"] == "feature_unavailable"
        assert "although it names None" in problem["message"]
        assert "RINGCENTRAL_PRODUCT=video" in problem["next_step"]


async def test_every_result_names_the_product() -> None:
    async with at_work(product="auto") as assistant:
        meeting_id = assistant.simulator.put_meeting(
            topic="Retro", meetingType="Scheduled", schedule=scheduled("2026-11-24T15:00:00Z")
        )
        for tool, arguments in (
            ("list_meetings", {}),
            ("get_meeting", {"meeting_id": meeting_id}),
            ("find_meeting_times", {"duration_minutes": 30}),
            ("get_meeting_service_info", {}),
            ("get_connection_status", {}),
            ("get_meeting_invitation", {"meeting_id": meeting_id}),
        ):
            assert (await assistant.call(tool, **arguments)).data["product"] == "RingCentral Meetings"


async def test_in_an_account_with_both_products_each_host_is_served_on_their_own() -> None:
    async with at_work(product="auto", seeded=True) as assistant:
        simulator = assistant.simulator
        simulator.provider, simulator.dual_mode = "RCVideo", True
        simulator.providers[simulator.executive_id] = "RCMeetings"
        assert (await assistant.call("list_meetings")).code == "not_supported_by_product"
        theirs = (await assistant.call("list_meetings", host_id=simulator.executive_id)).data
        assert (theirs["product"], theirs["total"] > 0) == ("RingCentral Meetings", True)
