"""Appointments in a Video room, whose time RingCentral does not store: they repeat and are moved by calendar files."""

from datetime import UTC, datetime
from typing import Any

import pytest
from mcp_types import EmbeddedResource, TextResourceContents

import ics_reader
from assistant import Answer, Assistant, ManualClock, at_work

pytestmark = pytest.mark.anyio

FIRST = "2026-11-24T15:00"


async def room(assistant: Assistant) -> str:
    return str((await assistant.call("create_meeting", topic="Retro")).data["meeting"]["meeting_id"])


def content(answer: Answer) -> bytes:
    (resource,) = [one for one in answer.attachments if isinstance(one, EmbeddedResource)]
    assert isinstance(resource.resource, TextResourceContents)
    return resource.resource.text.encode()


def event(answer: Answer) -> ics_reader.Component:
    (found,) = ics_reader.read(content(answer)).within("VEVENT")
    return found


async def invited(assistant: Assistant, meeting_id: str, start: str = FIRST, **more: Any) -> Answer:
    return await assistant.call(
        "get_meeting_invitation", meeting_id=meeting_id, start_time=start, duration_minutes=30, **more
    )


async def test_an_appointment_repeats() -> None:
    async with at_work(product="video") as assistant:
        rule = {"frequency": "Weekly", "weekly_days": ["Tuesday", "Thursday"], "count": 4}
        answer = await invited(assistant, await room(assistant), recurrence=rule)
        dates = ics_reader.occurrences(content(answer), datetime(2027, 3, 1, tzinfo=UTC))
        assert [begin.strftime("%m-%d %H:%M") for begin, _ in dates] == [
            "11-24 20:00",
            "11-26 20:00",
            "12-01 20:00",
            "12-03 20:00",
        ]
        assert "Repeats: every week on Tuesday and Thursday" in answer.data["text"]


async def test_a_move_keeps_the_uid_and_raises_the_sequence_and_so_does_a_second_one() -> None:
    clock = ManualClock()
    async with at_work(product="video", clock=clock) as assistant:
        meeting_id = await room(assistant)
        answer = await invited(assistant, meeting_id)
        events = [event(answer)]
        for start in ("2026-11-25T16:00", "2026-11-26T10:00"):
            clock.seconds += 1
            answer = await invited(assistant, meeting_id, start, replaces=answer.data["uid"])
            events.append(event(answer))
        assert {one.one("UID").value for one in events} == {answer.data["uid"]}
        numbers = [int(one.one("SEQUENCE").value) for one in events]
        assert numbers[0] < numbers[1] < numbers[2]
        assert events[2].one("DTSTART").value == "20261126T100000"


async def test_the_first_start_names_an_appointment_that_was_never_moved() -> None:
    async with at_work(product="video") as assistant:
        meeting_id = await room(assistant)
        first = await invited(assistant, meeting_id)
        moved = await invited(assistant, meeting_id, "2026-11-25T16:00", replaces=FIRST)
        assert moved.data["uid"] == first.data["uid"]
        assert "never moved" in moved.data["note"]


@pytest.mark.parametrize("shown", ["2026-11-24T15:00-05:00", "2026-11-24T21:00+01:00", "2026-11-24T20:00Z"])
async def test_the_first_start_names_an_appointment_by_its_offset_whatever_the_zone_of_the_new_one(shown: str) -> None:
    async with at_work(product="video") as assistant:
        meeting_id = await room(assistant)
        first = await invited(assistant, meeting_id)
        assert (await invited(assistant, meeting_id, replaces=shown)).data["uid"] == first.data["uid"]


async def test_without_replaces_another_appointment_stands_beside_the_first() -> None:
    async with at_work(product="video") as assistant:
        meeting_id = await room(assistant)
        one, other = await invited(assistant, meeting_id), await invited(assistant, meeting_id, "2026-11-25T16:00")
        assert one.data["uid"] != other.data["uid"]
        assert "replaces" in other.data["note"]
        assert "cancel" in other.data["note"]
        assert b"METHOD" not in content(other)


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"replaces": "someone@example.com"}, "replaces"),
        ({"replaces": "the first one"}, "replaces"),
        ({"replaces": "999.20261124T200000Z@ringcentral-meetings-mcp"}, "replaces"),
        ({"start_time": None, "duration_minutes": None, "recurrence": {"frequency": "Daily"}}, "start_time"),
        ({"start_time": None, "duration_minutes": None, "replaces": FIRST}, "start_time"),
        ({"recurrence": {"frequency": "Weekly", "weekly_days": ["Monday"]}}, "Monday"),
    ],
)
async def test_what_names_no_appointment_of_the_room_is_refused(more: dict[str, Any], named: str) -> None:
    async with at_work(product="video") as assistant:
        given = {"meeting_id": await room(assistant), "start_time": FIRST, "duration_minutes": 30} | more
        answer = await assistant.call("get_meeting_invitation", **given)
        assert answer.code == "invalid_arguments"
        assert named in answer.problem["message"]


async def test_a_meeting_with_a_time_of_its_own_is_moved_by_update_meeting() -> None:
    async with at_work() as assistant:
        made = (await assistant.call("create_meeting", topic="Retro", start_time=FIRST)).data["meeting"]["meeting_id"]
        answer = await assistant.call("get_meeting_invitation", meeting_id=made, replaces=FIRST)
        assert answer.code == "invalid_arguments"
        assert "update_meeting" in answer.problem["next_step"]


async def test_a_move_that_leaves_length_and_recurrence_out_says_what_the_entry_has_become() -> None:
    async with at_work(product="video") as assistant:
        meeting_id, rule = await room(assistant), {"frequency": "Weekly", "count": 6}
        first = await invited(assistant, meeting_id, recurrence=rule)
        assert "The entry now" not in first.data["note"]
        moved = {"meeting_id": meeting_id, "start_time": "2026-11-25T16:00", "replaces": first.data["uid"]}
        bare = await assistant.call("get_meeting_invitation", **moved)
        assert "The entry now does not repeat and lasts 60 minutes" in bare.data["note"]
        kept = await assistant.call("get_meeting_invitation", **moved, duration_minutes=30, recurrence=rule)
        assert "The entry now" not in kept.data["note"]


async def test_an_appointment_on_the_last_of_each_month_names_the_months_that_it_skips() -> None:
    async with at_work(product="video") as assistant:
        rule = {"frequency": "Monthly"}
        answer = await invited(assistant, await room(assistant), "2026-12-31T15:00", recurrence=rule)
        assert "No date in February, April, June, September and November: no day 31 there." in answer.data["note"]
