"""A platform that is slow in every way: each call ends within its 45 seconds and says what is true."""

import asyncio
from dataclasses import dataclass

import anyio
import pytest
from mcp_types import ElicitRequestParams, ElicitResult

from assistant import MODES, Mode, at_work
from faults.jobs import JOBS, READS, WRITES, ZONE, Job, lay_out
from faults.skipping import BACKEND, LoopTime, SkippingLoop, at_work_in_loop_time
from ringcentral_meetings.protocol.contract import CALL_SECONDS

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> object:
    return BACKEND


@dataclass(frozen=True)
class Slow:
    """A slowness of the tool's own request, and what a call says of it; `happened` of writes."""

    fault: str
    code: str | None
    happened: bool = True


OF_READS = {"drip=1": "timed_out", "drip=0.4": "timed_out", "latency=25": "timed_out", "latency=19": None}
OF_WRITES = [
    Slow("latency=19", None),
    Slow("latency=25", None),
    Slow("latency=25; GET /meeting latency=25 after=1", "outcome_unknown"),
    Slow("latency=25; GET /meeting drip after=1", "outcome_unknown"),
    Slow("drop_before=timeout; GET /meeting latency=25 after=1", "outcome_unknown", happened=False),
]


@pytest.mark.parametrize("fault", OF_READS)
@pytest.mark.parametrize("job", READS, ids=lambda job: job.tool)
async def test_a_slow_read_ends_in_time(job: Job, fault: str) -> None:
    async with at_work_in_loop_time(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        desk.strike(f"{job.request} {fault}")
        began = anyio.current_time()
        answer = await job.run(desk)
        assert anyio.current_time() - began <= CALL_SECONDS + 1
        assert answer.code == OF_READS[fault], answer.text
        desk.simulator.faults.clear()
        assert job.claims(desk, (await job.run(desk)).data)


@pytest.mark.parametrize("slow", OF_WRITES, ids=lambda slow: slow.fault)
@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_a_slow_write_ends_in_time_with_what_is_true(job: Job, slow: Slow) -> None:
    async with at_work_in_loop_time(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        desk.strike(f"{job.request} {slow.fault}")
        began = anyio.current_time()
        answer = await job.run(desk)
        assert anyio.current_time() - began <= CALL_SECONDS + 1
        assert answer.code == slow.code, answer.text
        assert job.happened(desk) is slow.happened
        assert job.sends(desk) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("tool", JOBS)
@pytest.mark.parametrize("fault", ["drip=1", "latency=29"])
async def test_a_platform_that_is_slow_throughout_never_holds_a_call_longer_than_it_may_take(
    tool: str, mode: Mode, fault: str
) -> None:
    async with at_work_in_loop_time(time_zone=ZONE, mode=mode) as assistant:
        desk = lay_out(assistant)
        desk.strike(f"* . {fault}")
        began = anyio.current_time()
        answer = await JOBS[tool].run(desk)
        assert anyio.current_time() - began <= CALL_SECONDS + 1
        assert answer.code in ("timed_out", "upstream_unavailable"), answer.text
        assert JOBS[tool].sends(desk) <= (0 if JOBS[tool].writes else 3)


async def test_the_reading_before_a_question_counts_towards_the_time_of_the_work_after_it() -> None:
    def yes(_: ElicitRequestParams) -> ElicitResult:
        return ElicitResult(action="accept", content={"confirm": True})

    async with at_work_in_loop_time(time_zone=ZONE, mode="legacy", reply=yes) as assistant:
        desk = lay_out(assistant)
        desk.strike("GET /meeting/ latency=19")
        answer = await JOBS["delete_meeting"].run(desk)
        assert assistant.questions
        assert answer.code == "timed_out", answer.text
        assert JOBS["delete_meeting"].sends(desk) == 0


async def test_a_wait_for_a_rate_limit_counts_towards_the_time_of_the_call() -> None:
    async with at_work_in_loop_time(time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        desk.strike("GET /meeting$ rate_limit=30 x1; GET /meeting$ latency=25 after=1")
        began = anyio.current_time()
        answer = await JOBS["list_meetings"].run(desk)
        assert anyio.current_time() - began <= CALL_SECONDS + 1
        assert (answer.code, answer.problem["retryable"]) == ("timed_out", True)
        assert len(assistant.progress) == 1


class Lid(LoopTime):
    """The clock of a computer that sleeps for an hour where the platform takes `AWHILE` to answer."""

    AWHILE = 7.0

    async def sleep(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, SkippingLoop)
        if seconds == self.AWHILE:
            loop.skip(3_600)
        await super().sleep(seconds)


@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_of_a_write_in_a_computer_that_slept_meanwhile_the_outcome_is_unknown(job: Job) -> None:
    async with at_work(clock=Lid(), time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        desk.strike(f"{job.request} latency={Lid.AWHILE}")
        answer = await job.run(desk)
        assert answer.code == "outcome_unknown", answer.text


@pytest.mark.parametrize("job", READS, ids=lambda job: job.tool)
async def test_a_read_in_a_computer_that_slept_meanwhile_is_over(job: Job) -> None:
    async with at_work(clock=Lid(), time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        desk.strike(f"{job.request} latency={Lid.AWHILE}")
        assert (await job.run(desk)).code == "timed_out"
