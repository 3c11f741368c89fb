"""From the start of a process to its readiness, and what a rolling restart loses behind a balancer."""

import asyncio
import signal
import sys
import time
from functools import partial
from typing import Any

import httpx

from ringcentral_meetings.hosting.front import Front

from ..calls import TOOLS
from ..clients import ACCEPT
from ..figures import Samples
from .site import Site, bearer_of, is_ready, site

PEOPLE = 5
PUBLIC = "http://127.0.0.1:8920"
KEPT_OPEN = 20


def measure_start(rounds: int) -> Samples:
    """Milliseconds from the start of the command until it says that it is ready."""
    found = Samples()
    with site(1) as made:
        for _ in range(rounds + 1):
            began = time.perf_counter()
            replica = made.start()
            while not is_ready(replica.url):
                time.sleep(0.005)
            found.values.append((time.perf_counter() - began) * 1000)
            made.end()
    del found.values[0]  # files were not in memory yet
    return found


async def measure_restart(processes: int) -> dict[str, Any]:
    """How many calls were answered and how many failed while each of so many processes was replaced."""
    with site(PEOPLE, DRAIN_SECONDS="2") as made:
        old = [made.start() for _ in range(processes)]
        front = Front([replica.url for replica in old], KEPT_OPEN)
        counts = {"answered": 0, "failed": 0}
        async with front.app.router.lifespan_context(front.app):
            transport = httpx.ASGITransport(front.app)
            async with httpx.AsyncClient(transport=transport, base_url=PUBLIC, timeout=60) as http:
                working = [asyncio.ensure_future(_work(http, number, counts)) for number in range(PEOPLE)]
                for replica in old:
                    await _replaced(made, front, replica)
                for one in working:
                    one.cancel()
                await asyncio.gather(*working, return_exceptions=True)
        return counts


async def _replaced(made: Site, front: Front, replica: Any) -> None:
    front.replicas.append((await asyncio.to_thread(made.start)).url)
    await asyncio.sleep(0.5)
    replica.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(partial(replica.process.wait, 60))
    front.replicas.remove(replica.url)


async def _work(http: httpx.AsyncClient, number: int, counts: dict[str, int]) -> None:
    tool, arguments = TOOLS["ours"]
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
    while True:
        answer = await http.post("/mcp", json=body, headers=ACCEPT | {"Authorization": f"Bearer {bearer_of(number)}"})
        good = answer.status_code == httpx.codes.OK and '"isError":false' in answer.text
        counts["answered" if good else "failed"] += 1
        if not good:
            sys.stderr.write(f"{answer.status_code} {answer.text[:500]}\n")


def run(*, quick: bool) -> tuple[Samples, dict[str, Any]]:
    """What was measured."""
    return measure_start(1 if quick else 7), asyncio.run(measure_restart(1 if quick else 4))
