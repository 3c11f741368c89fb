"""Long lists: what a meeting costs of the processor, and how long the event loop stands still meanwhile.

`list_meetings` and `find_meeting_times` in this process, over HTTP, against `json.loads` of the same bodies. Beside a
call, something else is to run every 5 ms: its longest delay is what another call in the process would wait. It is given
in processor time of the process, so that a busy machine does not count, and in time of the clock.
"""

import asyncio
import gc
import json
import time
from dataclasses import dataclass, field
from typing import Any

from mcp import Client
from mcp_types import CallToolRequest, CallToolRequestParams, CallToolResult
from pydantic import SecretStr

from ringcentral_meetings.app import build_server
from ringcentral_meetings.settings import Settings

from . import processes
from .figures import Samples, shown, table
from .sizes import LIST_PATH, change, fetch

BEAT_SECONDS = 0.005
KINDS = {
    "single": {"series_every": 0, "daily": 0},
    "20 % series": {"series_every": 5, "daily": 0},
    "daily series": {"series_every": 1, "daily": 1},
}
TOOLS: dict[str, dict[str, Any]] = {
    "list_meetings": {"limit": 25},
    "find_meeting_times": {"duration_minutes": 30, "limit": 5},
}
COUNTS = ((100, 100), (1_000, 100), (1_000, 1_000), (5_000, 5_000))
"""Numbers of meetings, and how many there are in a page."""

YEAR = {"window_start": "2030-01-01", "window_end": "2030-12-31"}


@dataclass(frozen=True)
class Case:
    """A tool, and the list that it reads."""

    kind: str
    tool: str
    arguments: dict[str, Any]
    meetings: int
    per_page: int


CASES = [
    Case(kind, tool, arguments, meetings, per_page)
    for kind in ("single", "20 % series")
    for tool, arguments in TOOLS.items()
    for meetings, per_page in COUNTS
] + [Case("daily series", tool, arguments | YEAR, 200, 100) for tool, arguments in TOOLS.items()]


@dataclass
class Row:
    """What was measured of a case: microseconds a meeting, and milliseconds of delay."""

    cpu_us: Samples = field(default_factory=Samples)
    floor_us: Samples = field(default_factory=Samples)
    stop_cpu_ms: Samples = field(default_factory=Samples)
    stop_ms: Samples = field(default_factory=Samples)


@dataclass
class Heartbeat:
    """The longest delay of what should run every BEAT_SECONDS, in processor time and in time of the clock."""

    cpu: float = 0.0
    clock: float = 0.0

    async def beat(self) -> None:
        """Beat until it is cancelled."""
        while True:
            cpu, clock = time.process_time(), time.perf_counter()
            await asyncio.sleep(BEAT_SECONDS)
            self.cpu = max(self.cpu, time.process_time() - cpu - BEAT_SECONDS)
            self.clock = max(self.clock, time.perf_counter() - clock - BEAT_SECONDS)


async def measure(rounds: int, cases: list[Case]) -> list[Row]:
    """A row for each case."""
    with processes.upstream() as upstream:
        async with Client(build_server(_settings(upstream))) as client:
            gc.freeze()  # as a process that serves does
            return [await _measure(client, upstream, case, rounds) for case in cases]


def _settings(upstream: str) -> Settings:
    return Settings(
        server_url=upstream,
        client_id="bench",
        client_secret=SecretStr("bench"),
        jwt=SecretStr("bench"),
        token_store="memory",
        plan_limits=dict.fromkeys(("light", "medium", "heavy", "auth"), 1_000_000),
        log_level="ERROR",
    )


async def _measure(client: Client, upstream: str, case: Case, rounds: int) -> Row:
    change(upstream, meetings=case.meetings, per_page=case.per_page, **KINDS[case.kind])
    bodies = [fetch(f"{upstream}{LIST_PATH}?page={n + 1}") for n in range(case.meetings // case.per_page)]
    row = Row()
    await _call(client, case)
    for _ in range(rounds):
        row.floor_us.values.append(_floor(bodies) * 1e6 / case.meetings)
        heart = Heartbeat()
        beating = asyncio.create_task(heart.beat())
        await asyncio.sleep(2 * BEAT_SECONDS)
        began = time.process_time()
        await _call(client, case)
        row.cpu_us.values.append((time.process_time() - began) * 1e6 / case.meetings)
        await asyncio.sleep(2 * BEAT_SECONDS)
        beating.cancel()
        row.stop_cpu_ms.values.append(heart.cpu * 1e3)
        row.stop_ms.values.append(heart.clock * 1e3)
    return row


async def _call(client: Client, case: Case) -> None:
    # Past the client's own check of each result against its schema.
    params = CallToolRequestParams(name=case.tool, arguments=case.arguments)
    result = await client.session.send_request(CallToolRequest(params=params), CallToolResult)
    if result.is_error:
        raise ValueError(f"{case.tool}: {result.content}")


def _floor(bodies: list[bytes]) -> float:
    began = time.process_time()
    for body in bodies:
        json.loads(body)
    return time.process_time() - began


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    cases = [case for case in CASES if case.meetings == 100] if quick else CASES
    rows = list(zip(cases, asyncio.run(measure(1 if quick else 7, cases)), strict=True))
    lines = [
        [
            f"{case.tool}, {case.kind}",
            f"{case.meetings:,} in {case.meetings // case.per_page}",
            shown(row.cpu_us),
            shown(row.floor_us),
            shown(row.cpu_us.over(row.floor_us)),
            shown(row.stop_cpu_ms),
            shown(row.stop_ms),
        ]
        for case, row in rows
    ]
    head = ["processor a meeting", "pages", "us", "json.loads", "ratio", "longest stop, ms", "by the clock"]
    told = [
        {
            "tool": case.tool,
            "kind": case.kind,
            "meetings": case.meetings,
            "per_page": case.per_page,
            **{name: samples.told() for name, samples in vars(row).items()},
        }
        for case, row in rows
    ]
    return table(head, lines), {"lists": told}
