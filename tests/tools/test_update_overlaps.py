"""What an update says of the meetings that the changed one comes to overlap."""

import json

import pytest

from assistant import TUESDAY, at_work, scheduled

pytestmark = pytest.mark.anyio


async def test_a_moved_meeting_names_what_it_comes_to_overlap_and_not_itself() -> None:
    async with at_work() as assistant:
        moved = assistant.simulator.put_meeting(topic="Moved", schedule=scheduled(TUESDAY))
        other = assistant.simulator.put_meeting(topic="Other", schedule=scheduled("2026-11-25T20:00:00Z"))
        done = await assistant.call("update_meeting", meeting_id=moved, start_time="2026-11-25T15:15")
        (met,) = done.data["conflicts"]
        assert (met["meeting_id"], met["topic"], met["start"]) == (other, "Other", "2026-11-25T15:00-05:00")
        assert "overlaps 1 other" in done.data["note"]
        assert json.loads(assistant.sent("PUT")[0].body)["schedule"]["startTime"] == "2026-11-25T20:15:00Z"


@pytest.mark.parametrize(
    "change",
    [
        {"start_time": "2026-11-24T15:30"},
        {"duration_minutes": 90},
        {"recurrence": {"frequency": "Weekly", "count": 3}},
    ],
)
async def test_a_change_that_would_overlap_is_refused_if_asked_and_nothing_is_sent(change: dict[str, object]) -> None:
    async with at_work() as assistant:
        moved = assistant.simulator.put_meeting(topic="Moved", schedule=scheduled(TUESDAY, 60))
        for start in ("2026-11-24T21:00:00Z", "2026-12-01T20:00:00Z"):
            assistant.simulator.put_meeting(topic="Other", schedule=scheduled(start))
        refused = await assistant.call("update_meeting", meeting_id=moved, if_conflict="refuse", **change)
        assert refused.code == "conflict"
        assert "Nothing was changed" in refused.problem["message"]
        assert not assistant.sent("PUT")


async def test_a_change_that_leaves_the_time_alone_looks_for_no_overlap() -> None:
    async with at_work() as assistant:
        renamed = assistant.simulator.put_meeting(topic="Moved", schedule=scheduled(TUESDAY))
        assistant.simulator.put_meeting(topic="Other", schedule=scheduled(TUESDAY))
        done = await assistant.call("update_meeting", meeting_id=renamed, topic="New", if_conflict="refuse")
        assert "conflicts" not in done.data
        assert [call.method for call in assistant.sent()] == ["GET", "PUT"]


async def test_a_meeting_that_moves_within_its_old_time_does_not_overlap_itself() -> None:
    async with at_work() as assistant:
        moved = assistant.simulator.put_meeting(topic="Moved", schedule=scheduled(TUESDAY, 60))
        done = await assistant.call(
            "update_meeting", meeting_id=moved, start_time="2026-11-24T15:15", if_conflict="refuse"
        )
        assert "conflicts" not in done.data
