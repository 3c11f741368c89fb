"""Memory over 10,000 calls, against the bare server, and what a day of ordinary calls leaves behind.

The calls go over stdio, 50 at once; counted is what the process holds in memory. The day passes on a clock of its own,
in this process against the simulator: tokens expire, remembered facts are asked again. Counted is what Python has
allocated, the simulator's part left out.
"""

import asyncio
import gc
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import anyio
from mcp import Client
from whenever import Instant

from ringcentral_meetings.app import build_server
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator

from . import processes
from .calls import COMMANDS, TOOLS, ask_all
from .clients import call, over_stdio
from .figures import table
from .startup import peak_bytes
from .trace import SIMULATOR

CALLS = 10_000
AT_ONCE = 50
WARM_UP = 500
HOURS = 24
WARM_HOURS = 4
MINUTES = 5
"""Between two of the day's calls."""


@dataclass
class DayClock:
    """A clock that only passes when it is turned, for waits and for the present moment."""

    seconds: float = Instant.from_utc(2026, 11, 23).timestamp()

    def __call__(self) -> float:
        return self.seconds

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await anyio.lowlevel.checkpoint()

    def time_left(self) -> float:
        return anyio.current_effective_deadline() - anyio.current_time()

    def instant(self) -> Instant:
        return Instant.from_timestamp(self.seconds)


async def measure_calls(calls: int) -> dict[str, dict[str, float]]:
    """Megabytes of each server after the warm-up, after all calls, and at most."""
    with processes.upstream() as upstream:
        return {name: await _measure_calls(name, upstream, calls) for name in ("ours", "bare")}


async def _measure_calls(name: str, upstream: str, calls: int) -> dict[str, float]:
    async with over_stdio(COMMANDS[name], processes.environment(upstream)) as client:
        ask = partial(call, client, *TOOLS[name])
        await ask_all(ask, AT_ONCE, min(calls, WARM_UP))
        warm = resident_bytes(client.pid)
        await ask_all(ask, AT_ONCE, calls)
        after, peak = resident_bytes(client.pid), peak_bytes(client.pid)
    return {"warm_mb": warm / 1e6, "after_mb": after / 1e6, "peak_mb": peak / 1e6}


def resident_bytes(pid: int) -> float:
    """The memory that a process holds now; 0 where the system does not tell it (not Linux)."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return 0.0
    lines = status.read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


async def measure_day(warm_hours: int, hours: int) -> dict[str, float]:
    """The day's calls, and kilobytes allocated since the first hours: an hour later, and at the end of the day."""
    clock = DayClock()
    simulator = Simulator(seeded=True, clock=clock, sleep=clock.sleep)
    settings = Settings(simulator=True, log_level="CRITICAL")
    server = build_server(settings, transport=simulator.transport(), clock=clock, now=clock.instant)
    try:
        async with Client(server) as client:
            calls = await _hours(client, clock, warm_hours)
            tracemalloc.start()
            calls += await _hours(client, clock, 1)
            soon = _allocated(simulator)
            calls += await _hours(client, clock, hours - warm_hours - 1)
            return {"calls": calls, "soon_kb": soon / 1e3, "end_kb": _allocated(simulator) / 1e3}
    finally:
        tracemalloc.stop()
        simulator.close()


async def _hours(client: Client, clock: DayClock, hours: int) -> int:
    steps = cycle(_steps(client))
    count = hours * 60 // MINUTES
    for step in islice(steps, count):
        await step()
        clock.seconds += MINUTES * 60
    return count


def _steps(client: Client) -> list[Callable[[], Awaitable[object]]]:
    async def ask(tool: str, **arguments: Any) -> dict[str, Any]:
        result = await client.call_tool(tool, arguments)
        if result.is_error or result.structured_content is None:
            raise ValueError(f"{tool}: {result.content}")
        return dict(result.structured_content)

    async def live() -> None:
        made = (await ask("create_meeting", topic="Day", start_time="2027-03-02T15:00", time_zone="Europe/Paris"))[
            "meeting"
        ]
        which = {"meeting_id": made["meeting_id"]}
        await ask("update_meeting", **which, topic="Day, moved")
        await ask("delete_meeting", **which, expected_topic="Day, moved", expected_start=made["start"])

    return [
        partial(ask, "list_meetings"),
        live,
        partial(ask, "find_meeting_times", duration_minutes=30),
        partial(ask, "get_connection_status"),
        partial(ask, "list_past_meetings"),
        partial(ask, "get_meeting_service_info"),
    ]


def _allocated(simulator: Simulator) -> int:
    simulator.calls.clear()
    gc.collect()
    own = tracemalloc.take_snapshot().filter_traces(
        [tracemalloc.Filter(False, f"{SIMULATOR}/*"), tracemalloc.Filter(False, tracemalloc.__file__)]
    )
    return sum(trace.size for trace in own.traces)


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    calls = 100 if quick else CALLS
    held = asyncio.run(measure_calls(calls))
    day = asyncio.run(measure_day(*((1, 2) if quick else (WARM_HOURS, HOURS))))
    rows = [[name, *(f"{value:.1f}" for value in memory.values())] for name, memory in held.items()]
    ratios = [held["ours"][what] / theirs if theirs else 0.0 for what, theirs in held["bare"].items()]
    rows.append(["ours / bare", *(f"{ratio:.2f}" for ratio in ratios)])
    first = table([f"MB over {calls:,} calls", "warm", "after", "most"], rows)
    second = table(
        ["KB allocated since the first hours of a day", "calls", "an hour later", "at its end"],
        [["ours", f"{day['calls']:.0f}", f"{day['soon_kb']:,.0f}", f"{day['end_kb']:,.0f}"]],
    )
    return f"{first}\n\n{second}", {"calls": held, "day": day}
