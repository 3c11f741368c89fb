"""Each tool, struck by each fault at its own request: what it says, what it sent, and what is true afterwards."""

from dataclasses import replace

import pytest

from assistant import Assistant
from faults.jobs import JOBS, READS, ROOM_JOBS, WRITES, Desk, Job, lay_out_room, sign_ins, untouched
from faults.rows import (
    AGAIN_AND_AGAIN,
    BEFORE_ANYTHING_IS_DONE,
    OF_ONE,
    OF_READS,
    OF_ROOMS,
    OF_WRITES,
    UNKNOWN,
    WITHOUT_CODE,
    WITHOUT_PERMISSION,
    Row,
)
from ringcentral_meetings.platform.limits import READ_BACK_SECONDS
from ringcentral_meetings.products.writes import SHORTEST_PAUSE_SECONDS

pytestmark = pytest.mark.anyio

LOOKS_OF_A_CALL = 6
"""The least number of looks that fill a call, each after a pause twice as long as the one before."""

CELLS = [
    *[(job, row) for job in READS for row in (*BEFORE_ANYTHING_IS_DONE, *OF_READS)],
    *[(job, row) for job in WRITES for row in (*BEFORE_ANYTHING_IS_DONE, *OF_WRITES, *OF_ONE[job.tool])],
]


def _room_rows(job: Job) -> list[Row]:
    """Rooms need no permission; and a 403 of a past meeting, which need not say why, is that of an unknown one."""
    rows = [row for row in BEFORE_ANYTHING_IS_DONE if row.name != WITHOUT_PERMISSION]
    unknown = job.tool == "get_past_meeting"
    return [replace(row, code="not_found") if unknown and row.name == WITHOUT_CODE else row for row in rows]


ROOM_CELLS = [
    (job, row)
    for job in ROOM_JOBS.values()
    for row in (*_room_rows(job), *((*OF_WRITES, *OF_ROOMS[job.tool]) if job.writes else OF_READS))
]


@pytest.mark.parametrize(("job", "row"), CELLS, ids=[f"{job.tool}: {row.name}" for job, row in CELLS])
async def test_a_struck_tool_says_what_is_true_and_sends_nothing_twice(desk: Desk, job: Job, row: Row) -> None:
    await strike(desk, job, row)


@pytest.mark.parametrize(("job", "row"), ROOM_CELLS, ids=[f"{job.tool}: {row.name}" for job, row in ROOM_CELLS])
async def test_a_tool_struck_on_ringcentral_video_says_what_is_true_too(room: Assistant, job: Job, row: Row) -> None:
    await strike(lay_out_room(room), job, row)


async def strike(desk: Desk, job: Job, row: Row) -> None:
    rules = job.struck(row.fault)
    if row.afterwards is not None:
        rules += f"; GET {job.looked_up} {row.afterwards} after={job.first_looks}"
    desk.strike(rules)
    answer = await job.run(desk)
    assert answer.code == row.code, answer.text
    if row.code is None:
        assert job.claims(desk, answer.data), answer.text
    else:
        assert answer.problem["retryable"] is row.retryable
        assert answer.problem.get("retry_after_seconds") == row.retry_after
        assert row.code != UNKNOWN or job.check_with in answer.problem["next_step"]
    assert job.sends(desk) == row.sends
    read_anew = row.sends - 1 if row.waits and job.reads_anew else 0
    if row.looks == AGAIN_AND_AGAIN:
        assert job.looks(desk) >= LOOKS_OF_A_CALL
        assert desk.assistant.clock.time_left() <= READ_BACK_SECONDS + SHORTEST_PAUSE_SECONDS
    else:
        assert job.looks(desk) == row.looks + read_anew
    assert sign_ins(desk) == row.sign_ins
    assert job.other_writes(desk) == []
    assert waits_of(desk) == row.waits
    assert job.happened(desk) if job.writes and row.done else untouched(desk)


def waits_of(desk: Desk) -> float | None:
    """The seconds of each wait told as progress, where all are the same."""
    waits = {float(message.split()[1]) for message in desk.assistant.progress}
    assert len(waits) <= 1
    return waits.pop() if waits else None


@pytest.mark.parametrize("tool", JOBS)
async def test_after_a_fault_has_passed_the_next_call_works(desk: Desk, tool: str) -> None:
    """A creation is another one each time, since one whose answer was lost is not sent again."""
    job = JOBS[tool]
    faults = ("status=500 x1", "drop_before x1", "rate_limit=300 x1", "status=401 x2")
    for day, fault in enumerate(faults, start=4):
        desk.strike(f"{job.request} {fault}")
        await job.run(replace(desk, other_start=f"2027-01-0{day}T15:00:00Z"))
        desk.assistant.clock.seconds += 301
    answer = await job.run(desk)
    assert job.claims(desk, answer.data), answer.text
    assert job.happened(desk) is job.writes
