"""GET requests a second, alone and with 10 and 50 at once: our client's network, httpx's own, and aiohttp's.

Each through one client that keeps its connections, against the platform of fixed answers.
"""

import asyncio
import os
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import aiohttp
import httpx

from ringcentral_meetings.platform.client import build_http

from . import processes
from .calls import AT_ONCE, PATH, Ask, Cost, Costs, Subject, ask_all, measure
from .figures import shown, table

OURS = "httpx over httpcore2 (ours)"
OTHERS = ("httpx", "aiohttp")


async def _asks(stack: AsyncExitStack, upstream: str) -> dict[str, Ask]:
    limits = httpx.Limits(max_connections=50, keepalive_expiry=4.0)
    ours = await stack.enter_async_context(build_http(upstream, httpx.Auth(), user_agent="bench"))
    plain = await stack.enter_async_context(httpx.AsyncClient(base_url=upstream, limits=limits, trust_env=False))
    other = await stack.enter_async_context(aiohttp.ClientSession(upstream))

    async def with_aiohttp() -> None:
        async with other.get(PATH) as response:
            await response.read()

    return {OURS: partial(ours.get, PATH), "httpx": partial(plain.get, PATH), "aiohttp": with_aiohttp}


async def _measured(upstream: str, rounds: int, calls: int) -> Costs:
    async with AsyncExitStack() as stack:
        asks = await _asks(stack, upstream)
        costs = {name: {at_once: Cost() for at_once in AT_ONCE} for name in asks}
        for ask in asks.values():
            await ask_all(ask, 10, max(10, calls // 10))
        for _ in range(rounds):
            for at_once in AT_ONCE:
                for name, ask in asks.items():
                    await measure(costs[name][at_once], Subject(ask, os.getpid()), at_once, calls)
        return costs


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    with processes.upstream() as upstream:
        costs = asyncio.run(_measured(upstream, *((1, 20) if quick else (7, 200))))
    told = {
        name: {str(n): {"per_second": cost.rate.told(), "cpu_ms": cost.cpu.told()} for n, cost in by.items()}
        for name, by in costs.items()
    }
    return f"{_rates(costs)}\n\n{_cpu(costs)}", told


def _rates(costs: Costs) -> str:
    rows = [[name, *(shown(by[n].rate) for n in AT_ONCE)] for name, by in costs.items()]
    for other in OTHERS:
        ratios = (costs[OURS][n].rate.over(costs[other][n].rate) for n in AT_ONCE)
        rows.append([f"ours / {other}", *(shown(ratio) for ratio in ratios)])
    return table(["requests a second", *(f"{n} at once" for n in AT_ONCE)], rows)


def _cpu(costs: Costs) -> str:
    rows = [[name, *(shown(by[n].cpu) for n in AT_ONCE)] for name, by in costs.items()]
    for other in OTHERS:
        ratios = (costs[OURS][n].cpu.over(costs[other][n].cpu) for n in AT_ONCE)
        rows.append([f"ours / {other}", *(shown(ratio) for ratio in ratios)])
    return table(["ms of processor a request", *(f"{n} at once" for n in AT_ONCE)], rows)
