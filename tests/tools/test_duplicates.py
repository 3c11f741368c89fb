"""One meeting and not two, and what else is at that time."""

from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from assistant import Answer, Assistant, at_work, put
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

TUESDAY = "2026-11-24T15:00"
TUESDAY_UTC = "2026-11-24T20:00:00Z"


async def create(assistant: Assistant, **arguments: Any) -> Answer:
    wanted = {"topic": "Budget", "start_time": TUESDAY, "duration_minutes": 30} | arguments
    return await assistant.call("create_meeting", **wanted)


async def test_an_equal_meeting_is_returned_instead_of_a_second_one() -> None:
    async with at_work() as assistant:
        first = (await create(assistant)).data
        again = (await create(assistant, topic="  BUDGET ", start_time="2026-11-24T21:00+01:00")).data
        assert (first["created"], again["created"]) == (True, False)
        assert again["meeting"]["meeting_id"] == first["meeting"]["meeting_id"]
        assert again["differs"] == ["topic"]
        assert "differs" not in (await create(assistant)).data
        assert "allow_duplicate" in again["note"]
        assert len(assistant.sent("POST")) == len(assistant.simulator.meetings()) == 1


async def test_the_fields_in_which_the_equal_meeting_differs_are_named() -> None:
    async with at_work() as assistant:
        await create(assistant, password="old")
        again = await create(
            assistant,
            password="new",
            recurrence={"frequency": "Weekly"},
            settings={"enable_waiting_room": True, "start_host_video": False, "audio_options": ["Phone"]},
        )
        assert again.data["created"] is False
        assert sorted(again.data["differs"]) == [
            "meeting_type",
            "password",
            "recurrence",
            "settings.audio_options",
            "settings.enable_waiting_room",
        ]


async def test_a_meeting_of_another_topic_time_or_length_is_another_meeting() -> None:
    others: list[dict[str, Any]] = [
        {"topic": "Budget 2"},
        {"start_time": "2026-11-24T15:01"},
        {"duration_minutes": 31},
        {"time_zone": "America/Chicago"},
    ]
    async with at_work() as assistant:
        await create(assistant)
        for other in others:
            assert (await create(assistant, **other)).data["created"] is True, other


async def test_a_duplicate_is_created_where_it_is_allowed() -> None:
    async with at_work() as assistant:
        first = (await create(assistant)).data["meeting"]["meeting_id"]
        second = (await create(assistant, allow_duplicate=True)).data
        assert second["created"] is True
        assert second["meeting"]["meeting_id"] != first
        assert [clash["meeting_id"] for clash in second["conflicts"]] == [first]


async def test_two_calls_at_once_make_one_meeting() -> None:
    async with at_work() as assistant:
        answers: list[Answer] = []

        async def one() -> None:
            answers.append(await create(assistant))

        async with anyio.create_task_group() as group:
            for _ in range(4):
                group.start_soon(one)
        assert sorted(answer.data["created"] for answer in answers) == [False, False, False, True]
        assert len({answer.data["meeting"]["meeting_id"] for answer in answers}) == 1
        assert len(assistant.simulator.meetings()) == 1


async def test_meetings_at_the_same_time_are_reported_and_adjacent_ones_are_not() -> None:
    async with at_work() as assistant:
        before = put(assistant, "Just before", "2026-11-24T19:30:00Z")
        across = put(assistant, "Across the start", "2026-11-24T19:45:00Z")
        inside = put(assistant, "Inside \u202e", "2026-11-24T20:10:00Z", minutes=5)
        put(assistant, "Just after", "2026-11-24T20:30:00Z")
        made = (await create(assistant)).data
        assert made["created"] is True
        assert [clash["meeting_id"] for clash in made["conflicts"]] == [across, inside]
        assert before not in str(made["conflicts"])
        assert made["conflicts"][1] == {
            "meeting_id": inside,
            "topic": "Inside",
            "start": "2026-11-24T15:10-05:00",
            "end": "2026-11-24T15:15-05:00",
        }


async def test_no_more_than_five_conflicts_are_shown_and_the_rest_are_counted() -> None:
    async with at_work() as assistant:
        for number in range(8):
            put(assistant, f"Busy {number}", TUESDAY_UTC)
        made = (await create(assistant)).data
        assert (len(made["conflicts"]), made["more_conflicts"]) == (5, 3)


async def test_a_conflict_refuses_the_creation_where_that_is_asked_for() -> None:
    async with at_work() as assistant:
        put(assistant, "Board", "2026-11-24T20:15:00Z")
        refused = await create(assistant, if_conflict="refuse")
        assert refused.code == "conflict"
        assert '"Board"' in refused.problem["message"]
        assert "2026-11-24T15:15-05:00" in refused.problem["message"]
        assert not assistant.sent("POST")
        free = await create(assistant, start_time="2026-11-24T14:45", if_conflict="refuse")
        assert free.data["created"] is True


@pytest.mark.parametrize("listed", [True, False], ids=["occurrences listed", "by the rule"])
async def test_conflicts_with_a_date_of_a_series_are_found_and_that_date_is_named(listed: bool) -> None:
    async with at_work(switches=Switches(list_has_occurrences=listed)) as assistant:
        series = put(
            assistant,
            "Weekly",
            "2026-03-03T20:15:00Z",
            meetingType="ScheduledRecurring",
            recurrence={"frequency": "Weekly", "weeklyByDays": ["Tuesday"]},
        )
        made = (await create(assistant)).data
        assert [(one["meeting_id"], one["start"]) for one in made["conflicts"]] == [(series, "2026-11-24T15:15-05:00")]


async def test_a_series_that_would_meet_a_meeting_later_on_reports_it() -> None:
    async with at_work() as assistant:
        put(assistant, "Clear", "2026-12-02T20:00:00Z")
        met = put(assistant, "Met in March", "2027-03-23T19:15:00Z")
        made = (await create(assistant, recurrence={"frequency": "Weekly"})).data
        assert [(one["meeting_id"], one["start"]) for one in made["conflicts"]] == [(met, "2027-03-23T15:15-04:00")]


async def test_a_field_that_ringcentral_did_not_take_is_named() -> None:
    async with at_work() as assistant:
        assistant.simulator.faults.add("drop_after", method="POST", path="/meeting$", times=1)

        def drop_the_password() -> None:
            (meeting,) = assistant.simulator.meetings()
            assistant.simulator.edit_meeting(meeting["id"], password="", enableWaitingRoom=False)

        async with anyio.create_task_group() as group:
            answers: list[Answer] = []

            async def call() -> None:
                answers.append(await create(assistant, password="secret", settings={"enable_waiting_room": True}))

            async def meddle() -> None:
                while not assistant.sent("POST"):
                    await checkpoint()
                drop_the_password()

            group.start_soon(call)
            group.start_soon(meddle)
        (made,) = answers
        assert made.data["created"] is True
        assert made.data["differs"] == ["password", "settings.enable_waiting_room"]


async def test_a_creation_whose_answer_was_lost_is_found_again_and_not_sent_twice() -> None:
    async with at_work(faults="POST /meeting$ drop_after x1") as assistant:
        made = (await create(assistant)).data
        assert made["created"] is True
        assert len(assistant.sent("POST")) == len(assistant.simulator.meetings()) == 1


async def test_what_was_never_sent_is_called_so_and_made_when_it_is_asked_for_again() -> None:
    async with at_work(faults="POST /meeting$ refused x1") as assistant:
        refused = await create(assistant)
        assert refused.code == "upstream_unavailable"
        assert refused.problem["retryable"] is True
        assert assistant.simulator.meetings() == []
        assert (await create(assistant)).data["created"] is True


async def test_an_instant_meeting_whose_answer_was_lost_may_or_may_not_be_there() -> None:
    async with at_work(faults="POST /meeting$ drop_after x1") as assistant:
        refused = await assistant.call("create_meeting", topic="Now", meeting_type="Instant")
        assert refused.code == "outcome_unknown"
        assert "RingCentral app" in refused.problem["next_step"]
        assert len(assistant.sent("POST")) == 1
