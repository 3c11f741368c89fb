"""Cost per call over stdio, in both protocol eras, alone and with 10 and 50 at once. `http_calls` is that over HTTP.

`get_meeting`, against the SDK's server with one tool that makes a bare httpx call, against FastMCP's `from_openapi`,
and against bare httpx without any MCP.
"""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx

from . import processes
from .clients import ERAS, call, over_http, over_stdio
from .figures import Samples, shown, table

MEETING_ID = "1000000000"
PATH = f"/restapi/v1.0/account/~/extension/~/meeting/{MEETING_ID}"
TOOLS: dict[str, tuple[str, dict[str, Any]]] = {
    "ours": ("get_meeting", {"meeting_id": MEETING_ID}),
    "bare": ("get_meeting", {"meeting_id": MEETING_ID}),
    "peer": ("loadMeeting", {"accountId": "~", "extensionId": "~", "meetingId": MEETING_ID}),
}
COMMANDS = {
    "ours": processes.OURS,
    "bare": (*processes.BARE, "stdio"),
    "peer": (*processes.PEER, "stdio"),
}
AT_ONCE = (1, 10, 50)

Ask = Callable[[], Awaitable[Any]]


@dataclass(frozen=True)
class Subject:
    """What is measured, and the process whose time it costs."""

    ask: Ask
    pid: int


@dataclass
class Cost:
    """Calls a second, and milliseconds of the process's own time for each: the second hardly minds a busy machine."""

    rate: Samples = field(default_factory=Samples)
    cpu: Samples = field(default_factory=Samples)


Costs = dict[str, dict[int, Cost]]
ROWS = {"ours / bare": ("bare", None), "ours / peer": ("peer", None), "ours / httpx alone": ("httpx", 1)}


async def ask_all(ask: Ask, at_once: int, calls: int) -> None:
    """So many calls, so many of them at once."""
    left = calls

    async def work() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            await ask()

    await asyncio.gather(*(work() for _ in range(at_once)))


async def measure(cost: Cost, subject: Subject, at_once: int, calls: int) -> None:
    """One round."""
    began, busy = time.perf_counter(), processes.cpu_seconds(subject.pid)
    await ask_all(subject.ask, at_once, calls)
    cost.rate.values.append(calls / (time.perf_counter() - began))
    cost.cpu.values.append((processes.cpu_seconds(subject.pid) - busy) * 1000 / calls)


async def measure_way(way: str, rounds: int, calls: int) -> dict[str, Costs]:
    """The costs in each era: each server in each round, one after the other."""
    with processes.upstream() as upstream:
        return {era: await _measure_era(way, era, upstream, rounds, calls) for era in ERAS}


async def _measure_era(way: str, era: str, upstream: str, rounds: int, calls: int) -> Costs:
    async with AsyncExitStack() as stack:
        subjects = {name: await _subject(stack, way, era, name, upstream) for name in COMMANDS}
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=upstream, trust_env=False))
        subjects["httpx"] = Subject(partial(http.get, PATH), os.getpid())
        for subject in subjects.values():
            await ask_all(subject.ask, 10, max(10, calls // 10))
        costs = {name: {at_once: Cost() for at_once in AT_ONCE} for name in subjects}
        for _ in range(rounds):
            for at_once in AT_ONCE:
                for name, subject in subjects.items():
                    await measure(costs[name][at_once], subject, at_once, calls)
        return costs


async def _subject(stack: AsyncExitStack, way: str, era: str, name: str, upstream: str) -> Subject:
    if way == "stdio":
        piped = await stack.enter_async_context(over_stdio(COMMANDS[name], processes.environment(upstream), era))
        return Subject(partial(call, piped, *TOOLS[name]), piped.pid)
    url, pid = stack.enter_context(processes.http_server(name, upstream))
    return Subject(partial(call, await stack.enter_async_context(over_http(url, era)), *TOOLS[name]), pid)


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    return run_way("stdio", quick=quick)


def run_way(way: str, *, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table of one way, stdio or HTTP, and what is in it as JSON."""
    measured = asyncio.run(measure_way(way, *((1, 10) if quick else (7, 100))))
    parts = [
        f"get_meeting over {way}, protocol {era}\n\n{_rates(costs)}\n\n{_cpu(costs)}" for era, costs in measured.items()
    ]
    told = {
        era: {
            name: {str(n): {"per_second": cost.rate.told(), "cpu_ms": cost.cpu.told()} for n, cost in by.items()}
            for name, by in costs.items()
        }
        for era, costs in measured.items()
    }
    return "\n\n".join(parts), {way: told}


def _rates(costs: Costs) -> str:
    rows = [[name, *(shown(by[n].rate) for n in AT_ONCE)] for name, by in costs.items()]
    for title, (other, at) in ROWS.items():
        ratios = (costs["ours"][n].rate.over(costs[other][at or n].rate) for n in AT_ONCE)
        rows.append([title, *(shown(ratio) for ratio in ratios)])
    return table(["calls a second", *(f"{n} at once" for n in AT_ONCE)], rows)


def _cpu(costs: Costs) -> str:
    rows = [[name, *(shown(by[n].cpu) for n in AT_ONCE)] for name, by in costs.items()]
    for title, (other, at) in ROWS.items():
        ratios = (costs["ours"][n].cpu.over(costs[other][at or n].cpu) for n in AT_ONCE)
        rows.append([title, *(shown(ratio) for ratio in ratios)])
    return table(["its own ms of processor a call", *(f"{n} at once" for n in AT_ONCE)], rows)
