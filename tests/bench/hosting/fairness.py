"""How long 99 people wait for a call each: on their own, and while one more person has 1,000 calls queued."""

import asyncio
import statistics
import time
from collections.abc import Sequence

from ..calls import TOOLS
from ..clients import HttpClient, call
from ..figures import Samples
from .site import site

OTHERS = 99
PLATFORM_SECONDS = 0.05
ARRIVING = 25
"""How many of the queued calls are sent at a time: a process lets 100 arrive at once."""


async def measure(rounds: int, queued: int) -> dict[str, Samples]:
    """The 99th percentile in ms of the others' calls, alone and beside the queue, and the ratio of each round."""
    found = {name: Samples() for name in ("alone_ms", "beside_ms", "ratio")}
    with site(OTHERS + 1) as made:
        replica = made.start()
        async with made.clients(OTHERS + 1, replica) as (one, *others):
            for client in (one, *others):
                await call(client, *TOOLS["ours"])
            made.slow_down(PLATFORM_SECONDS)
            for _ in range(rounds):
                alone = await _slowest(others)
                queue: list[asyncio.Task[object]] = []
                for first in range(0, queued, ARRIVING):
                    queue += [
                        asyncio.ensure_future(call(one, *TOOLS["ours"])) for _ in range(min(ARRIVING, queued - first))
                    ]
                    await asyncio.sleep(0.05)
                beside = await _slowest(others)
                await asyncio.gather(*queue)
                for name, value in (("alone_ms", alone), ("beside_ms", beside), ("ratio", beside / alone)):
                    found[name].values.append(value)
    return found


async def _slowest(clients: Sequence[HttpClient]) -> float:
    """The 99th percentile of one call of each, all at once."""

    async def timed(client: HttpClient) -> float:
        began = time.perf_counter()
        await call(client, *TOOLS["ours"])
        return (time.perf_counter() - began) * 1000

    return statistics.quantiles(await asyncio.gather(*map(timed, clients)), n=100)[98]


def run(*, quick: bool) -> dict[str, Samples]:
    """What was measured."""
    return asyncio.run(measure(*((1, 50) if quick else (7, 1_000))))
