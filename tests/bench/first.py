"""From the start of a process to the answer of its first call that reads the platform, signing in on the way.

`get_meeting` over stdio, against the SDK's server with one tool that makes a bare httpx call. Files are warm: each
command runs once beforehand.
"""

import asyncio
import time
from typing import Any

from . import processes
from .calls import COMMANDS, TOOLS
from .clients import call, over_stdio
from .figures import Samples, shown, table

NAMES = ("ours", "bare")


async def first_call(name: str, upstream: str) -> tuple[float, float]:
    """Milliseconds until the first answer, and of processor time."""
    began = time.perf_counter()
    async with over_stdio(COMMANDS[name], processes.environment(upstream)) as client:
        await call(client, *TOOLS[name])
        return (time.perf_counter() - began) * 1000, processes.cpu_seconds(client.pid) * 1000


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    taken = {name: (Samples(), Samples()) for name in NAMES}
    with processes.upstream() as upstream:
        for name in NAMES:
            asyncio.run(first_call(name, upstream))
        for _ in range(2 if quick else 15):
            for name, both in taken.items():
                for samples, value in zip(both, asyncio.run(first_call(name, upstream)), strict=True):
                    samples.values.append(value)
    ratios = [mine.over(theirs) for mine, theirs in zip(taken["ours"], taken["bare"], strict=True)]
    rows = [[name, *map(shown, both)] for name, both in {**taken, "ours / bare": ratios}.items()]
    told = {name: {"ms": ms.told(), "cpu_ms": cpu.told()} for name, (ms, cpu) in taken.items()}
    return table(["first call", "ms", "processor, ms"], rows), told
