"""What a person costs in memory: one who has called lately, and one whose call is in progress."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Any

from ..calls import TOOLS
from ..clients import HttpClient, call
from ..memory import resident_bytes
from .site import Site, site

WARM_UP = 50
AT_ONCE = 10
HELD_SECONDS = 5.0
LOOK_SECONDS = 0.1


async def measure(idle: int, active: int) -> dict[str, float]:
    """Megabytes after a warm-up, and kilobytes for each further person."""
    with site(WARM_UP + idle) as made:
        replica = made.start()
        async with made.clients(WARM_UP + idle, replica) as clients:
            for _ in range(5):
                await _call_all(clients[:WARM_UP])
            warm = resident_bytes(replica.pid)
            await _call_all(clients[WARM_UP:])
            known = resident_bytes(replica.pid)
            peak = await _peak(made, clients[WARM_UP : WARM_UP + active], replica.pid)
        return {
            "warm_mb": warm / 1e6,
            "idle_people": idle,
            "idle_kb": (known - warm) / idle / 1e3,
            "active_people": active,
            "active_kb": (peak - known) / active / 1e3,
        }


async def _call_all(clients: Sequence[HttpClient]) -> None:
    left = list(clients)

    async def work() -> None:
        while left:
            await call(left.pop(), *TOOLS["ours"])

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


async def _peak(made: Site, clients: Sequence[HttpClient], pid: int) -> float:
    """The most memory while so many people wait for the platform."""
    made.slow_down(HELD_SECONDS)
    calls = []
    for client in clients:
        calls.append(asyncio.ensure_future(call(client, *TOOLS["ours"])))
        if len(calls) % AT_ONCE == 0:
            await asyncio.sleep(0.01)  # not more at once than a process lets arrive
    peak, waiting = 0.0, asyncio.gather(*calls)
    while not waiting.done():
        peak = max(peak, await asyncio.to_thread(partial(resident_bytes, pid)))
        await asyncio.wait([waiting], timeout=LOOK_SECONDS)
    await waiting
    made.slow_down(0)
    return peak


def run(*, quick: bool) -> dict[str, Any]:
    """What was measured."""
    return asyncio.run(measure(*((20, 10) if quick else (10_000, 1_000))))
