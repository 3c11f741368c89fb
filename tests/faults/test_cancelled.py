"""A call that its client gives up: nothing new is sent, a write in flight is seen through, the next call works."""

import anyio
import pytest

from assistant import MODES, ManualClock, Mode, at_work
from faults.jobs import JOBS, WRITES, ZONE, Desk, Job, lay_out, sign_ins, untouched

pytestmark = pytest.mark.anyio

PATIENCE = 120.0
"""More than a call may take: in one process the server sees the deadline that its client has set."""


class Gate:
    """A sleep that begins and does not end until it is opened."""

    def __init__(self) -> None:
        self.reached = anyio.Event()
        self.opened = anyio.Event()

    async def sleep(self, _: float) -> None:
        self.reached.set()
        await self.opened.wait()


class GatedClock(ManualClock):
    """A manual clock that can be made to stand still within a sleep."""

    gate: Gate | None = None

    async def sleep(self, seconds: float) -> None:
        if self.gate is not None:
            await self.gate.sleep(seconds)
        await super().sleep(seconds)


async def _give_up(desk: Desk, job: Job, gate: Gate) -> None:
    """Begin the call, cancel it once the gate is reached, and then open the gate."""

    async def open_gate() -> None:
        await anyio.wait_all_tasks_blocked()
        gate.opened.set()

    with anyio.fail_after(PATIENCE):
        async with anyio.create_task_group() as others, anyio.create_task_group() as group:
            group.start_soon(job.run, desk)
            await gate.reached.wait()
            group.cancel_scope.cancel()
            others.start_soon(open_gate)
    await anyio.wait_all_tasks_blocked()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tool", JOBS)
async def test_a_call_cancelled_while_its_request_is_in_flight_sends_nothing_more(
    tool: str, mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    job, gate = JOBS[tool], Gate()
    async with at_work(mode=mode, time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        assistant.simulator.sleep = gate.sleep
        desk.strike(f"{job.request} latency=1 x1")
        await _give_up(desk, job, gate)
        assert (job.sends(desk), job.looks(desk), job.other_writes(desk)) == (1, 0, [])
        assert job.happened(desk) if job.writes else untouched(desk)
        assert ("in flight as its call was cancelled: it was answered with status 20" in caplog.text) is job.writes
        assistant.simulator.sleep = assistant.clock.sleep
        desk = lay_out(assistant)
        again = await job.run(desk)
        assert job.claims(desk, again.data), again.text


@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_a_write_whose_token_turns_out_to_be_over_after_its_call_was_cancelled_is_not_sent_again(
    job: Job,
) -> None:
    gate = Gate()
    async with at_work(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        assistant.simulator.sleep = gate.sleep
        desk.strike(f"{job.request} token_expired x1; {job.request} latency=1 x1")
        await _give_up(desk, job, gate)
        assert (job.sends(desk), job.other_writes(desk), sign_ins(desk)) == (1, [], 1)
        assert untouched(desk)


@pytest.mark.parametrize("tool", JOBS)
async def test_a_call_cancelled_while_it_waits_for_a_rate_limit_sends_nothing_more(tool: str) -> None:
    job, clock = JOBS[tool], GatedClock()
    async with at_work(time_zone=ZONE, clock=clock) as assistant:
        desk = lay_out(assistant)
        clock.gate = gate = Gate()
        desk.strike(f"{job.request} rate_limit=5 x1")
        await _give_up(desk, job, gate)
        assert job.sends(desk) == 1
        assert untouched(desk)
        clock.gate = None
        desk = lay_out(assistant)
        again = await job.run(desk)
        assert job.claims(desk, again.data), again.text


@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_a_write_cancelled_before_its_request_was_begun_is_not_begun(job: Job) -> None:
    gate = Gate()
    async with at_work(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        assistant.simulator.sleep = gate.sleep
        desk.strike(f"GET {'/meeting$' if job.tool == 'create_meeting' else '/meeting/'} latency=1 x1")
        await _give_up(desk, job, gate)
        assert (job.sends(desk), job.other_writes(desk)) == (0, [])
        assert untouched(desk)
