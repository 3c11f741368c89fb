"""`list_meetings` and `find_meeting_times` as the meetings grow from 10 to 10,000.

Once as the platform's list comes in pages of 100, of which the server reads ten at most, and once with all of it in
one page, up to what it takes of a body. Beside the time of a call stand the requests that it made.
"""

import asyncio
import json
import time
from typing import Any

from . import processes
from .calls import COMMANDS
from .clients import Client, call, over_stdio
from .figures import Samples, shown, table
from .sizes import change, fetch

COUNTS = {100: (10, 100, 1_000, 10_000), 10_000: (10, 100, 1_000, 5_000)}
"""Numbers of meetings, by how many there are in a page."""

ASKED: dict[str, dict[str, Any]] = {
    "list_meetings": {"window_end": "2040-01-01", "limit": 25},
    "find_meeting_times": {"duration_minutes": 30, "limit": 5},
}


async def measure(rounds: int) -> list[dict[str, Any]]:
    """A row for each tool, size of page and number of meetings."""
    with processes.upstream() as upstream:
        async with over_stdio(COMMANDS["ours"], processes.environment(upstream)) as client:
            rows: list[dict[str, Any]] = []
            for per_page, counts in COUNTS.items():
                for count in counts:
                    change(upstream, per_page=per_page, meetings=count)
                    for tool in ASKED:
                        rows.append(await _measure(client, upstream, tool, rounds))
                        rows[-1] |= {"per_page": per_page, "meetings": count}
            return rows


async def _measure(client: Client, upstream: str, tool: str, rounds: int) -> dict[str, Any]:
    await call(client, tool, ASKED[tool])
    before = _requests(upstream)
    taken = Samples()
    for _ in range(rounds):
        began = time.perf_counter()
        await call(client, tool, ASKED[tool])
        taken.values.append((time.perf_counter() - began) * 1000)
    return {"tool": tool, "requests": (_requests(upstream) - before) / rounds, "ms": taken}


def _requests(upstream: str) -> int:
    counts: dict[str, int] = json.loads(fetch(f"{upstream}/counts"))
    return counts.get("api", 0)


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    rows = asyncio.run(measure(1 if quick else 7))
    lines = [
        [
            row["tool"],
            f"{row['per_page']:,}",
            f"{row['meetings']:,}",
            f"{row['requests']:.0f}",
            shown(row["ms"]),
            shown(Samples([value / row["requests"] for value in row["ms"].values])),
        ]
        for row in rows
    ]
    head = ["cost as meetings grow", "in a page", "meetings", "requests", "ms a call", "ms a request"]
    return table(head, lines), {"growth": [row | {"ms": row["ms"].told()} for row in rows]}
