"""What the matrix cannot show of writes: races, single dates, instant meetings, and faults before the write."""

from typing import Any

import anyio
import pytest

from faults.jobs import JOBS, NEW_TOPIC, TOKEN, TOPIC, WRITES, ZONE, Desk, Job, untouched

pytestmark = pytest.mark.anyio

FIRST_READ = {"create_meeting": "GET /meeting$"}
FAULTS_OF_THE_FIRST_READ = {
    "status=500": ("upstream_unavailable", True),
    "status=503": ("upstream_unavailable", True),
    "html=200": ("upstream_unavailable", True),
    "malformed": ("upstream_unavailable", True),
    "empty": ("upstream_unavailable", True),
    "drop_before": ("upstream_unavailable", True),
    "truncated": ("upstream_unavailable", True),
    "refused": ("upstream_unavailable", True),
    "latency=60": ("timed_out", True),
    "rate_limit=300": ("rate_limited", True),
    "status=403 code=CMN-401": ("app_permission_missing", False),
    "status=401": ("session_expired", False),
}
FAULTS_OF_THE_SIGN_IN = {
    "status=500": ("upstream_unavailable", True),
    "html=502": ("upstream_unavailable", True),
    "malformed": ("upstream_unavailable", True),
    "empty": ("upstream_unavailable", True),
    "wrong_types": ("upstream_unavailable", True),
    "refused": ("upstream_unavailable", True),
    "drop_before": ("upstream_unavailable", True),
    "drop_after": ("upstream_unavailable", True),
    "latency=60": ("upstream_unavailable", True),
    "rate_limit=300": ("rate_limited", True),
    "status=400 code=OAU-213": ("session_expired", False),
    "status=401 code=OAU-146": ("not_signed_in", False),
    "status=403 code=CMN-408": ("user_permission_missing", False),
    "redirect": ("upstream_unavailable", False),
}


def vanish_after_the_first_read(desk: Desk) -> None:
    """Let somebody else delete the meeting when it has just been read."""

    async def remove(_: float) -> None:
        desk.simulator.store.remove(desk.meeting_id)

    desk.simulator.sleep = remove
    desk.strike(r"GET /meeting/\d+$ latency=1 x1")


@pytest.fixture(autouse=True)
def simulator_sleeps_again(desk: Desk) -> None:
    desk.simulator.sleep = desk.assistant.clock.sleep


@pytest.mark.parametrize("fault", FAULTS_OF_THE_FIRST_READ)
@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_a_write_whose_first_read_fails_is_not_sent(desk: Desk, job: Job, fault: str) -> None:
    desk.strike(f"{FIRST_READ.get(job.tool, 'GET /meeting/')} {fault}")
    answer = await job.run(desk)
    assert (answer.code, answer.problem["retryable"]) == FAULTS_OF_THE_FIRST_READ[fault]
    assert (job.sends(desk), job.other_writes(desk)) == (0, [])
    assert untouched(desk)


@pytest.mark.parametrize("fault", FAULTS_OF_THE_SIGN_IN)
@pytest.mark.parametrize("tool", ["list_meetings", "create_meeting"])
async def test_a_call_that_cannot_sign_in_sends_nothing_else(desk: Desk, tool: str, fault: str) -> None:
    desk.strike(f"POST /oauth/token {fault}")
    answer = await JOBS[tool].run(desk)
    assert (answer.code, answer.problem["retryable"]) == FAULTS_OF_THE_SIGN_IN[fault], answer.text
    assert [call for call in desk.simulator.calls if TOKEN not in call.path] == []
    assert len(desk.simulator.calls) == 1


async def test_a_deletion_that_somebody_else_was_faster_with_is_success_and_says_so(desk: Desk) -> None:
    vanish_after_the_first_read(desk)
    answer = await JOBS["delete_meeting"].run(desk)
    assert (answer.data["deleted"], answer.data["already_gone"]) == (True, True)
    assert (answer.data["meeting"]["topic"], answer.data["restore"]["topic"]) == (TOPIC, TOPIC)
    assert JOBS["delete_meeting"].sends(desk) == 1


async def test_an_update_of_a_meeting_that_vanished_meanwhile_is_not_found(desk: Desk) -> None:
    vanish_after_the_first_read(desk)
    answer = await JOBS["update_meeting"].run(desk)
    assert (answer.code, answer.problem["retryable"]) == ("not_found", False)
    assert desk.topics() == []


async def test_the_end_of_a_meeting_that_vanished_meanwhile_is_success_and_says_that_it_was_gone(desk: Desk) -> None:
    vanish_after_the_first_read(desk)
    answer = await JOBS["end_meeting"].run(desk)
    assert answer.data["meeting"]["topic"] == TOPIC
    assert JOBS["end_meeting"].sends(desk) == 1
    assert answer.data.get("already_gone") is True


async def _series(desk: Desk) -> tuple[dict[str, Any], str]:
    """A daily series of five dates: the arguments that delete its second date, and its id."""
    rule = {"frequency": "Daily", "interval": 1, "count": 5}
    schedule = {"startTime": desk.start, "durationInMinutes": 15, "timeZone": {"name": ZONE}}
    series = desk.simulator.put_meeting(
        topic="Stand-up", meetingType="ScheduledRecurring", schedule=schedule, recurrence=rule
    )
    page = (await desk.assistant.call("list_meetings", query="stand")).data
    second = page["meetings"][1]
    echo = {"meeting_id": series, "expected_topic": "Stand-up", "expected_start": second["start"]}
    return {**echo, "scope": "occurrence", "occurrence_id": second["occurrence_id"]}, series


def _dates(desk: Desk, series: str) -> list[str]:
    meeting = desk.simulator.meeting(series)
    assert meeting is not None
    return [date["id"] for date in meeting["occurrences"]]


@pytest.mark.parametrize(
    ("fault", "code", "left"),
    [
        ("drop_after", None, 4),
        ("latency=60", None, 4),
        ("status=504 lands", None, 4),
        ("drop_before", "outcome_unknown", 5),
        ("status=500", "outcome_unknown", 5),
        ("status=504", "outcome_unknown", 5),
        ("drop_before=timeout", "outcome_unknown", 5),
        ("refused", "upstream_unavailable", 5),
    ],
)
async def test_a_struck_deletion_of_one_date_takes_that_date_or_none(
    desk: Desk, fault: str, code: str | None, left: int
) -> None:
    arguments, series = await _series(desk)
    desk.strike(f"DELETE /meeting/ {fault}")
    answer = await desk.assistant.call("delete_meeting", **arguments)
    assert answer.code == code, answer.text
    assert len(_dates(desk, series)) == left
    assert (arguments["occurrence_id"] in _dates(desk, series)) is (code is not None)
    assert len(desk.assistant.sent("DELETE")) == 1


@pytest.mark.parametrize("fault", ["drop_after", "latency=60", "status=500", "drop_before", "empty"])
async def test_an_instant_meeting_whose_answer_was_lost_is_unknown_since_it_is_never_listed(
    desk: Desk, fault: str
) -> None:
    desk.strike(f"POST /meeting$ {fault}")
    answer = await desk.assistant.call("create_meeting", topic="Now", meeting_type="Instant")
    assert (answer.code, answer.problem["retryable"]) == ("outcome_unknown", False)
    assert "RingCentral app" in answer.problem["next_step"]
    assert len(desk.assistant.sent("POST")) == 1


async def test_equal_creations_at_the_same_time_make_one_meeting(desk: Desk) -> None:
    created: list[bool] = []

    async def create() -> None:
        created.append((await JOBS["create_meeting"].run(desk)).data["created"])

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(create)
    assert sorted(created) == [False, False, False, False, True]
    assert sorted(desk.topics()) == [TOPIC, NEW_TOPIC]
    assert len(desk.assistant.sent("POST")) == 1


@pytest.mark.parametrize("fault", [None, "drop_after x1", "rate_limit=5 x1"])
async def test_changes_of_several_fields_of_one_meeting_at_the_same_time_are_all_kept(
    desk: Desk, fault: str | None
) -> None:
    desk.strike(f"PUT /meeting/ {fault}" if fault else "")
    changes: list[dict[str, Any]] = [
        {"topic": NEW_TOPIC},
        {"duration_minutes": 45},
        {"settings": {"enable_waiting_room": True}},
    ]

    async def update(change: dict[str, Any]) -> None:
        await desk.assistant.call("update_meeting", meeting_id=desk.meeting_id, **change)

    async with anyio.create_task_group() as group:
        for change in changes:
            group.start_soon(update, change)
    meeting = desk.simulator.meeting(desk.meeting_id)
    assert meeting is not None
    kept = (meeting["topic"], meeting["schedule"]["durationInMinutes"], meeting["enableWaitingRoom"])
    assert kept == (NEW_TOPIC, 45, True)
    assert len(desk.assistant.sent("PUT")) == 3 + (fault is not None and "rate_limit" in fault)


@pytest.mark.parametrize("fault", ["drop_after", "status=504 lands", "latency=60"])
async def test_a_creation_repeated_after_an_unknown_outcome_finds_what_the_first_one_made(
    desk: Desk, fault: str
) -> None:
    desk.strike(f"POST /meeting$ {fault}; GET /meeting$ status=500 after=1")
    assert (await JOBS["create_meeting"].run(desk)).code == "outcome_unknown"
    desk.simulator.faults.clear()
    again = await JOBS["create_meeting"].run(desk)
    assert again.data["created"] is False
    assert sorted(desk.topics()) == [TOPIC, NEW_TOPIC]
    assert len(desk.assistant.sent("POST")) == 1


async def test_a_lost_creation_is_not_mistaken_for_an_equal_meeting_that_was_there_before(desk: Desk) -> None:
    await JOBS["create_meeting"].run(desk)
    desk.strike("POST /meeting$ drop_before")
    twin = {"topic": NEW_TOPIC, "start_time": desk.other_start, "duration_minutes": 30, "allow_duplicate": True}
    answer = await desk.assistant.call("create_meeting", **twin)
    assert (answer.code, answer.problem["retryable"]) == ("outcome_unknown", False)
    assert sorted(desk.topics()) == [TOPIC, NEW_TOPIC]


async def test_an_update_repeated_after_it_took_sends_nothing(desk: Desk) -> None:
    desk.strike("PUT /meeting/ drop_after; GET /meeting/ status=500 after=1")
    assert (await JOBS["update_meeting"].run(desk)).code == "outcome_unknown"
    desk.simulator.faults.clear()
    again = await JOBS["update_meeting"].run(desk)
    assert again.data["changes"] == []
    assert len(desk.assistant.sent("PUT")) == 1
