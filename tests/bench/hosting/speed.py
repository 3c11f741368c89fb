"""What a call costs beside the server of one person over HTTP, and what 1, 2 and 4 processes answer."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

from .. import processes
from ..calls import TOOLS, ask_all
from ..clients import PRESENT, Client, call, over_http
from ..figures import Samples
from .site import Replica, Site, site

AT_ONCE = (1, 10, 50)
PEOPLE = 50
PROCESSES = (1, 2, 4)
TRIPS = "ringcentral_meetings_call_store_trips"


@dataclass
class Cost:
    """Calls a second, the median ms of one, and ms of the processes' own time for each."""

    rate: Samples = field(default_factory=Samples)
    ms: Samples = field(default_factory=Samples)
    cpu: Samples = field(default_factory=Samples)

    def told(self) -> dict[str, Any]:
        return {"per_second": self.rate.told(), "ms": self.ms.told(), "cpu_ms": self.cpu.told()}


@dataclass
class Speed:
    """The costs of the server of one person and of a host, by calls at once; of several processes; trips of a call."""

    alone: dict[int, Cost]
    host: dict[int, Cost]
    processes: dict[int, Cost]
    trips: float


async def measure(cost: Cost, clients: Sequence[Client], pids: Sequence[int], at_once: int, calls: int) -> None:
    """One round, in which the clients take turns."""
    turns, spent = cycle(clients), Samples()

    async def ask() -> None:
        began = time.perf_counter()
        await call(next(turns), *TOOLS["ours"])
        spent.values.append((time.perf_counter() - began) * 1000)

    began, busy = time.perf_counter(), sum(map(processes.cpu_seconds, pids))
    await ask_all(ask, at_once, calls)
    cost.rate.values.append(calls / (time.perf_counter() - began))
    cost.ms.values.append(spent.median)
    cost.cpu.values.append((sum(map(processes.cpu_seconds, pids)) - busy) * 1000 / calls)


async def compare(rounds: int, calls: int, several: Sequence[int]) -> Speed:
    """Everything, one after the other in each round; `several` are the numbers of processes."""
    speed = Speed({n: Cost() for n in AT_ONCE}, {n: Cost() for n in AT_ONCE}, {n: Cost() for n in several}, 0.0)
    with site(PEOPLE) as made, processes.http_server("ours", made.upstream) as (url, pid):
        replicas = [made.start() for _ in range(max(several))]
        async with over_http(url, PRESENT) as alone, made.clients(PEOPLE, *replicas) as everywhere:
            await ask_all(lambda: call(alone, *TOOLS["ours"]), 10, calls)
            await measure(Cost(), everywhere, [], 10, PEOPLE)
            trips, counted = _trips(replicas[0])
            for _ in range(rounds):
                await _round(speed, alone, pid, made, replicas, calls)
            trips_now, counted_now = _trips(replicas[0])
        speed.trips = (trips_now - trips) / (counted_now - counted)
    return speed


def _trips(replica: Replica) -> tuple[float, float]:
    """The trips to the store of all calls so far, and their number."""
    return replica.sample(f"{TRIPS}_sum"), replica.sample(f"{TRIPS}_count")


async def _round(speed: Speed, alone: Client, pid: int, made: Site, replicas: list[Replica], calls: int) -> None:
    async with made.clients(PEOPLE, replicas[0]) as people:
        for at_once in AT_ONCE:
            await measure(speed.alone[at_once], [alone], [pid], at_once, calls)
            await measure(speed.host[at_once], people, [replicas[0].pid], at_once, calls)
    for count, cost in speed.processes.items():
        async with made.clients(PEOPLE, *replicas[:count]) as people:
            await measure(cost, people, [one.pid for one in replicas[:count]], PEOPLE, calls)


def run(*, quick: bool) -> Speed:
    """What was measured."""
    return asyncio.run(compare(1, 20, PROCESSES[:2]) if quick else compare(7, 400, PROCESSES))
