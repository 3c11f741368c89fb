"""Null for an argument: models that have to name each one leave it out so."""

import pytest

from assistant import MODES, Mode, at_work

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", MODES)
async def test_null_is_the_same_as_leaving_an_argument_out_even_where_it_has_a_default(mode: Mode) -> None:
    async with at_work(mode=mode, seeded=True) as assistant:
        named = await assistant.call("list_meetings", limit=None, query=None, time_zone=None)
        left_out = await assistant.call("list_meetings")

    assert named.data == left_out.data


async def test_null_within_an_object_is_the_same_as_leaving_the_member_out() -> None:
    rule = {"frequency": "Daily", "interval": None, "weekly_days": None, "count": 3, "until": None}
    async with at_work() as assistant:
        made = await assistant.call(
            "create_meeting",
            topic="Stand-up",
            start_time="2026-12-01T10:00",
            recurrence=rule,
            settings={"enforce_login": None, "enable_waiting_room": True},
            if_conflict=None,
            allow_duplicate=None,
        )
        read = await assistant.call("get_meeting", meeting_id=made.data["meeting"]["meeting_id"])

    assert read.data["recurrence"] == {"frequency": "Daily", "interval": 1, "count": 3}
    assert read.data["settings"]["enable_waiting_room"] is True


async def test_null_for_an_argument_that_is_required_is_refused_as_a_missing_one() -> None:
    async with at_work() as assistant:
        assert (await assistant.call("get_meeting", meeting_id=None)).problem == (
            await assistant.call("get_meeting")
        ).problem


async def test_null_does_not_make_an_unknown_argument_known() -> None:
    async with at_work() as assistant:
        answer = await assistant.call("list_meetings", colour=None)

    assert answer.code == "invalid_arguments"
    assert "colour" in answer.text
