"""A platform that acts late: it closes the connection or answers an error, and carries the write out afterwards."""

from typing import Any

import pytest

from assistant import Assistant
from faults.jobs import JOBS, NEW_TOPIC, ROOM_JOBS, TOPIC, WRITES, Desk, Job, lay_out_room

pytestmark = pytest.mark.anyio

ROOM_WRITES = [job for job in ROOM_JOBS.values() if job.writes]
LATE = ["late", "late status=500", "late status=502", "late status=503", "late=20"]
AFTER_THE_CALL = ["late=60", "late=60 status=503"]


async def check_seen_later(desk: Desk, job: Job, fault: str) -> None:
    desk.strike(job.struck(f"{fault} x1"))
    answer = await job.run(desk)
    assert job.claims(desk, answer.data), answer.text
    assert job.happened(desk)
    assert job.sends(desk) == 1


@pytest.mark.parametrize("fault", LATE)
@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_a_write_that_is_carried_out_while_it_is_looked_for_is_success(desk: Desk, job: Job, fault: str) -> None:
    await check_seen_later(desk, job, fault)


@pytest.mark.parametrize("fault", LATE)
@pytest.mark.parametrize("job", ROOM_WRITES, ids=lambda job: job.tool)
async def test_a_write_on_ringcentral_video_that_is_carried_out_while_it_is_looked_for_is_success(
    room: Assistant, job: Job, fault: str
) -> None:
    await check_seen_later(lay_out_room(room), job, fault)


async def check_not_denied(desk: Desk, job: Job, fault: str) -> None:
    desk.strike(job.struck(f"{fault} x1"))
    problem = (await job.run(desk)).problem
    assert (problem["code"], problem["retryable"]) == ("outcome_unknown", False)
    assert job.check_with in problem["next_step"]
    await desk.simulator.carry_out_late()
    assert job.happened(desk)


@pytest.mark.parametrize("fault", AFTER_THE_CALL)
@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_a_write_that_is_carried_out_after_its_call_is_not_called_undone(
    desk: Desk, job: Job, fault: str
) -> None:
    await check_not_denied(desk, job, fault)


@pytest.mark.parametrize("fault", AFTER_THE_CALL)
@pytest.mark.parametrize("job", ROOM_WRITES, ids=lambda job: job.tool)
async def test_a_write_on_ringcentral_video_that_is_carried_out_after_its_call_is_not_called_undone(
    room: Assistant, job: Job, fault: str
) -> None:
    await check_not_denied(lay_out_room(room), job, fault)


async def check_repeated(desk: Desk, job: Job, seconds: int) -> None:
    """The same creation twice, where the first is carried out some seconds later."""
    desk.strike(job.struck(f"late={seconds} x1"))
    assert (await job.run(desk)).code == "outcome_unknown"
    again = (await job.run(desk)).data
    assert (again["created"], again["meeting"]["topic"]) == (False, NEW_TOPIC)
    assert sorted(desk.topics()) == [TOPIC, NEW_TOPIC]
    assert job.sends(desk) == 1


async def test_a_repeat_waits_for_the_meeting_of_the_creation_before_and_answers_it(desk: Desk) -> None:
    await check_repeated(desk, JOBS["create_meeting"], 60)


async def test_a_repeat_waits_for_the_room_of_the_creation_before_and_answers_it(room: Assistant) -> None:
    await check_repeated(lay_out_room(room), ROOM_JOBS["create_meeting"], 60)


async def check_asked_back(desk: Desk, job: Job) -> None:
    """The same creation again and again, until it is said that another one is wanted."""
    desk.strike(job.struck("late=6000 x1"))
    arguments: dict[str, Any] = job.arguments(desk)
    assert (await job.run(desk)).code == "outcome_unknown"
    for _ in range(3):
        problem = (await job.run(desk)).problem
        assert (problem["code"], problem["retryable"]) == ("conflict", False)
        assert "allow_duplicate=true" in problem["next_step"]
        desk.assistant.clock.seconds += 600
    assert desk.topics() == [TOPIC]
    other = await desk.assistant.call("create_meeting", **arguments, allow_duplicate=True)
    assert other.data["created"] is True
    assert (await job.run(desk)).data["created"] is False
    assert job.sends(desk) == 2


async def test_where_nothing_shows_a_second_meeting_is_made_only_for_those_who_ask_for_it(desk: Desk) -> None:
    await check_asked_back(desk, JOBS["create_meeting"])


async def test_where_nothing_shows_a_second_room_is_made_only_for_those_who_ask_for_it(room: Assistant) -> None:
    await check_asked_back(lay_out_room(room), ROOM_JOBS["create_meeting"])


@pytest.mark.parametrize(("days", "code"), [(6.9, "conflict"), (7.1, None)])
async def test_an_unsettled_creation_is_remembered_for_a_week(desk: Desk, days: float, code: str | None) -> None:
    job, clock = JOBS["create_meeting"], desk.assistant.clock
    arguments = job.arguments(desk) | {"start_time": "2030-01-07T09:00"}
    desk.strike(job.struck("drop_before x1"))
    assert (await desk.assistant.call("create_meeting", **arguments)).code == "outcome_unknown"
    clock.seconds += days * 24 * 3_600
    assert (await desk.assistant.call("create_meeting", **arguments)).code == code


@pytest.mark.parametrize(("minutes", "code"), [(50, "conflict"), (61, None)])
async def test_an_unsettled_creation_of_an_instant_meeting_is_remembered_for_an_hour(
    desk: Desk, minutes: int, code: str | None
) -> None:
    desk.strike("POST /meeting$ drop_before x1")
    instant = {"topic": f"Now {minutes}", "meeting_type": "Instant"}
    assert (await desk.assistant.call("create_meeting", **instant)).code == "outcome_unknown"
    desk.assistant.clock.seconds += minutes * 60
    assert (await desk.assistant.call("create_meeting", **instant)).code == code


async def test_another_start_length_topic_or_host_is_another_creation(desk: Desk) -> None:
    job = JOBS["create_meeting"]
    desk.strike(job.struck("drop_before x1"))
    arguments = job.arguments(desk)
    assert (await job.run(desk)).code == "outcome_unknown"
    for other in (
        {"topic": "Board"},
        {"duration_minutes": 45},
        {"start_time": "2030-01-07T09:00"},
        {"host_id": desk.simulator.executive_id},
    ):
        made = await desk.assistant.call("create_meeting", **arguments | other)
        assert made.data["created"] is True, made.text
