"""Read-only: no tool that writes is shown, none can be called, and nothing but reading is sent."""

from typing import Any

import pytest

from assistant import MODES, Mode, at_work
from faults.jobs import JOBS, READS, WRITES, ZONE, lay_out

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("mode", MODES)
async def test_no_tool_that_writes_is_listed(mode: Mode) -> None:
    async with at_work(mode=mode, read_only=True) as assistant:
        listed = (await assistant.client.list_tools()).tools
        names = {tool.name for tool in listed}
        assert names >= {job.tool for job in READS}
        assert names & {job.tool for job in WRITES} == set()
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in listed)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_a_tool_that_writes_is_refused_and_nothing_is_sent(job: Any, mode: Mode) -> None:
    async with at_work(mode=mode, read_only=True, time_zone=ZONE) as assistant:
        desk = lay_out(assistant)
        answer = await job.run(desk)
        assert (answer.code, answer.problem["retryable"]) == ("invalid_arguments", False)
        assert "list_meetings" in answer.problem["next_step"]
        assert desk.simulator.calls == []


async def test_every_tool_that_is_listed_reads_alone() -> None:
    async with at_work(read_only=True) as assistant:
        desk = lay_out(assistant)
        for job in READS:
            assert (await assistant.call(job.tool, **job.arguments(desk))).code is None
        assert {call.method for call in assistant.simulator.calls if "/oauth/" not in call.path} == {"GET"}


async def test_without_read_only_every_tool_is_listed() -> None:
    async with at_work() as assistant:
        assert {tool.name for tool in (await assistant.client.list_tools()).tools} >= set(JOBS)
