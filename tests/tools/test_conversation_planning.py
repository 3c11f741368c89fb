"""Conversations as an assistant holds them: a slot found, booked and sent; and the ways round what the API lacks."""

import re
from typing import Any

import pytest
from mcp_types import EmbeddedResource, TextResourceContents

from assistant import MODES, Answer, Assistant, Mode, at_work, scheduled

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("mode", MODES)]

WEEKLY = {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"], "count": 6}


def size(answer: Answer) -> int:
    files = [
        block.resource.text
        for block in answer.attachments
        if isinstance(block, EmbeddedResource) and isinstance(block.resource, TextResourceContents)
    ]
    return len(answer.text.encode()) + sum(len(text.encode()) for text in files)


async def test_half_an_hour_next_week_is_found_set_up_and_given_to_send_in_three_calls(mode: Mode) -> None:
    async with at_work(mode=mode, seeded=True) as assistant:
        free = await assistant.call(
            "find_meeting_times", duration_minutes=30, window_start="2026-11-30", window_end="2026-12-04"
        )
        slot = free.data["slots"][0]
        made = await assistant.call(
            "create_meeting", topic="Budget", start_time=slot["start"], duration_minutes=30, if_conflict="refuse"
        )
        assert made.data["created"] is True
        assert (made.data["meeting"]["start"], made.data["meeting"]["weekday"]) == (slot["start"], slot["weekday"])
        sent = await assistant.call("get_meeting_invitation", meeting_id=made.data["meeting"]["meeting_id"])
        assert made.data["meeting"]["join_url"] in sent.data["text"]
        assert size(free) < 1_200
        assert size(made) < 900
        assert size(sent) < 2_400


async def test_every_slot_offered_can_be_booked_without_a_conflict(mode: Mode) -> None:
    async with at_work(mode=mode, seeded=True, limits={"medium": 1_000, "light": 1_000}) as assistant:
        for _ in range(6):
            free = await assistant.call("find_meeting_times", duration_minutes=45, limit=1)
            booked = await assistant.call(
                "create_meeting",
                topic="Focus",
                start_time=free.data["slots"][0]["start"],
                duration_minutes=45,
                if_conflict="refuse",
            )
            assert booked.data["created"] is True


def put_series(assistant: Assistant) -> str:
    return assistant.simulator.put_meeting(
        topic="Team weekly",
        meetingType="ScheduledRecurring",
        schedule=scheduled("2026-11-24T15:00:00Z"),
        recurrence=WEEKLY,
    )


async def starts(assistant: Assistant) -> list[str]:
    page = (await assistant.call("list_meetings", window_end="2027-02-01")).data
    return [row["start"][:16] for row in page["meetings"]]


@pytest.mark.parametrize(
    "attempt", [{"occurrence_id": "1"}, {"scope": "occurrence"}, {"apply_to": "this"}], ids=lambda one: next(iter(one))
)
async def test_one_date_is_moved_by_the_two_calls_that_the_refusal_names(mode: Mode, attempt: dict[str, Any]) -> None:
    async with at_work(mode=mode) as assistant:
        meeting_id = put_series(assistant)
        row = (await assistant.call("list_meetings")).data["meetings"][1]
        refused = await assistant.call(
            "update_meeting", meeting_id=meeting_id, start_time="2026-12-02T11:00", **attempt
        )
        assert refused.code == "invalid_arguments"
        assert re.findall(r"\w+_meeting", refused.problem["next_step"])[:2] == ["create_meeting", "delete_meeting"]
        assert "scope=occurrence" in refused.problem["next_step"]
        await assistant.call(
            "create_meeting",
            topic=row["topic"],
            start_time="2026-12-02T11:00",
            duration_minutes=row["duration_minutes"],
        )
        await assistant.call(
            "delete_meeting",
            meeting_id=meeting_id,
            expected_topic=row["topic"],
            expected_start=row["start"],
            scope="occurrence",
            occurrence_id=row["occurrence_id"],
        )
        assert await starts(assistant) == [
            "2026-11-24T10:00",
            "2026-12-02T11:00",
            *(f"{day}T10:00" for day in ("2026-12-08", "2026-12-15", "2026-12-22", "2026-12-29")),
        ]


@pytest.mark.parametrize("argument", ["scope", "this_and_following", "following", "apply_to"])
async def test_this_and_following_are_moved_by_the_two_calls_that_the_refusal_names(mode: Mode, argument: str) -> None:
    async with at_work(mode=mode) as assistant:
        meeting_id = put_series(assistant)
        refused = await assistant.call("update_meeting", meeting_id=meeting_id, **{argument: "this_and_following"})
        assert refused.code == "invalid_arguments"
        advice = refused.problem["next_step"].lower().partition("this and following")[2]
        assert re.findall(r"\w+_meeting", advice)[0] == "update_meeting"
        assert re.findall(r"\w+_meeting", advice)[-1] == "create_meeting"
        assert "until" in advice
        rule = {"frequency": "Weekly", "weekly_days": ["Tuesday"]}
        cut = await assistant.call("update_meeting", meeting_id=meeting_id, recurrence=rule | {"until": "2026-12-14"})
        assert [change["field"] for change in cut.data["changes"]] == ["recurrence"]
        await assistant.call(
            "create_meeting",
            topic="Team weekly",
            start_time="2026-12-16T11:00",
            time_zone="America/New_York",
            duration_minutes=30,
            recurrence={"frequency": "Weekly", "weekly_days": ["Wednesday"], "count": 3},
        )
        assert await starts(assistant) == [
            *(f"{day}T10:00" for day in ("2026-11-24", "2026-12-01", "2026-12-08")),
            *(f"{day}T11:00" for day in ("2026-12-16", "2026-12-23", "2026-12-30")),
        ]


async def test_a_conflict_late_in_a_long_series_is_found(mode: Mode) -> None:
    async with at_work(mode=mode) as assistant:
        assistant.simulator.put_meeting(topic="Next summer", schedule=scheduled("2027-07-15T13:00:00Z"))
        made = await assistant.call(
            "create_meeting",
            topic="Stand-up",
            start_time="2026-11-24T09:00",
            duration_minutes=15,
            recurrence={"frequency": "Daily"},
        )
        assert [clash["topic"] for clash in made.data["conflicts"]] == ["Next summer"]
