"""One goal on both products, side by side: what differs is said in the answers, and nothing is pretended.

The goal: a review on Tuesday at three, an hour later after all, an invitation for the guests, and in the end none.
"""

from typing import Any

import pytest
from mcp_types import EmbeddedResource, TextResourceContents

from assistant import MODES, Answer, Assistant, Mode, Product, at_work

pytestmark = pytest.mark.anyio

BOTH: tuple[Product, ...] = ("meetings", "video")
THREE, FOUR = "2026-11-24T15:00", "2026-11-24T16:00"
NAMES = {"meetings": "RingCentral Meetings", "video": "RingCentral Video"}

each_product = pytest.mark.parametrize("product", BOTH)
each_mode = pytest.mark.parametrize("mode", MODES)


async def reach_the_goal(assistant: Assistant) -> dict[str, Answer]:
    """The same calls on either product, and where one is not supported, what its refusal says to do instead."""
    said: dict[str, Answer] = {"agenda": await assistant.call("list_meetings")}
    said["made"] = await assistant.call("create_meeting", topic="Review", start_time=THREE, duration_minutes=30)
    meeting_id = said["made"].data["meeting"]["meeting_id"]
    said["moved"] = await assistant.call("update_meeting", meeting_id=meeting_id, start_time=FOUR)
    said["invited"] = await assistant.call("get_meeting_invitation", meeting_id=meeting_id, **_when(said["moved"]))
    expected = _start(await assistant.call("get_meeting", meeting_id=meeting_id))
    said["deleted"] = await assistant.call("delete_meeting", meeting_id=meeting_id, expected_topic="Review", **expected)
    return said


def calendar_file(invited: Answer) -> str:
    file = invited.attachments[0]
    assert isinstance(file, EmbeddedResource)
    assert isinstance(file.resource, TextResourceContents)
    return file.resource.text


def _when(moved: Answer) -> dict[str, Any]:
    if not moved.is_error:
        return {}
    assert "get_meeting_invitation with the new start_time" in moved.problem["next_step"]
    return {"start_time": FOUR, "duration_minutes": 30}


def _start(read: Answer) -> dict[str, Any]:
    start = read.data["meeting"].get("start")
    return {"expected_start": start} if start is not None else {}


@each_mode
@each_product
async def test_the_goal_is_reached_and_each_answer_names_the_product(product: Product, mode: Mode) -> None:
    async with at_work(product=product, mode=mode) as assistant:
        said = await reach_the_goal(assistant)
        for answer in said.values():
            told = answer.problem["message"] if answer.is_error else answer.data["product"]
            assert NAMES[product] in told
        assert said["made"].data["meeting"]["start"] == "2026-11-24T15:00-05:00"
        assert "DTSTART;TZID=America/New_York:20261124T160000" in calendar_file(said["invited"])
        assert said["deleted"].data["deleted"] is True
        assert assistant.simulator.meetings() == assistant.simulator.bridges() == []


@each_mode
async def test_what_differs_is_said_where_it_differs(mode: Mode) -> None:
    said = {}
    for product in BOTH:
        async with at_work(product=product, mode=mode) as assistant:
            said[product] = await reach_the_goal(assistant)
    meetings, video = said["meetings"], said["video"]
    assert [name for name in meetings if meetings[name].is_error] == []
    assert [name for name in video if video[name].is_error] == ["agenda", "moved"]
    assert {video[name].code for name in ("agenda", "moved")} == {"not_supported_by_product"}
    assert "keeps no schedule" in video["agenda"].problem["message"]
    assert "stores no time" in video["made"].data["note"]
    assert "stores no time" not in meetings["made"].data["note"]
    assert (meetings["made"].data["duplicate_check"], video["made"].data["duplicate_check"]) == ("complete", "recent")
    assert "does not store this time" in video["invited"].data["note"]
    assert "start_time" in meetings["deleted"].data["restore"]
    assert "start_time" not in video["deleted"].data["restore"]
