"""A calendar feed as it grows from 100 to 40,000 events: processor time, memory, longest stop of the event loop.

The answer is for one month out of ten years. Times are of the process, so that a busy machine does not count.
"""

import asyncio
import time
import tracemalloc
from typing import Any

from whenever import Instant

from ringcentral_meetings.calendars.entries import Owner
from ringcentral_meetings.calendars.worker import FeedAgenda

from .figures import table
from .written_feeds import large_feed

COUNTS = (100, 1_000, 5_000, 10_000, 40_000)
OWNER = Owner("America/New_York")
NOW = Instant.from_utc(2026, 11, 23)
MONTH = (Instant.from_utc(2026, 11, 1), Instant.from_utc(2026, 12, 1))


async def measure(count: int, rounds: int) -> dict[str, Any]:
    """A row for a feed of so many events: the best of some rounds."""
    feed = large_feed(count)
    seconds = []
    for _ in range(rounds):
        began = time.process_time()
        agenda = await FeedAgenda.read(feed, OWNER, NOW)
        read = await agenda.events(*MONTH)
        seconds.append(time.process_time() - began)
    began = time.process_time()
    await agenda.events(*MONTH)
    again = time.process_time() - began
    return {
        "events": count,
        "bytes": len(feed),
        "dates": len(read.events),
        "ms": min(seconds) * 1000,
        "again_ms": again * 1000,
        "stop_ms": await _longest_stop(feed) * 1000,
        "kept_bytes": await _memory(feed),
    }


async def _longest_stop(feed: bytes) -> float:
    stops = [0.0]
    reading = asyncio.create_task(_read(feed))
    before = time.process_time()
    while not reading.done():
        await asyncio.sleep(0)
        stops.append((now := time.process_time()) - before)
        before = now
    return max(stops)


async def _read(feed: bytes) -> None:
    await (await FeedAgenda.read(feed, OWNER, NOW)).events(*MONTH)


async def _memory(feed: bytes) -> int:
    """What stays beside the bytes of the feed."""
    tracemalloc.start()
    try:
        agenda = await FeedAgenda.read(feed, OWNER, NOW)
        await agenda.events(*MONTH)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    asyncio.run(measure(10, 1))
    rows = [asyncio.run(measure(count, 1 if quick else 5)) for count in (COUNTS[:2] if quick else COUNTS)]
    lines = [
        [
            f"{row['events']:,}",
            f"{row['bytes'] / 1e6:.2f}",
            f"{row['dates']:,}",
            f"{row['ms']:.0f}",
            f"{row['again_ms']:.0f}",
            f"{row['stop_ms']:.1f}",
            f"{row['kept_bytes'] / 1e6:.2f}",
        ]
        for row in rows
    ]
    heads = ["events", "MB", "dates in the month", "ms", "ms again", "longest stop, ms", "MB kept beside it"]
    return table(heads, lines), {"rows": rows}
