"""A calendar feed as it grows from 100 to 40,000 events: processor time, memory, longest stop of the event loop.

The answer is for one month out of ten years. Times are of the process, so that a busy machine does not count. Below the
table: a feed over the bound, and what a person's request costs on RingCentral Video, whose calendar is the simulator's.
"""

import asyncio
import gc
import time
import tracemalloc
from collections.abc import Coroutine
from typing import Any

from mcp import Client
from mcp_types import TextContent
from whenever import Instant

from ringcentral_meetings.app import build_server
from ringcentral_meetings.calendars.entries import Owner
from ringcentral_meetings.calendars.feed import MAX_BYTES, Feed
from ringcentral_meetings.calendars.worker import FeedAgenda
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Faults, Simulator

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


async def oversized() -> dict[str, Any]:
    """What becomes of a feed over the bound: the cause, processor time, longest stop, and most memory meanwhile."""
    megabytes = MAX_BYTES // 1_048_576 + 1
    simulator = Simulator(provider="RCVideo", faults=Faults.parse(f"GET basic.ics huge={megabytes}"))
    address = f"https://calendar.google.com{simulator.feeds()['google']}"

    def feed() -> Feed:
        return Feed(address, Guarded("bench/1", transport=simulator.transport()), OWNER, lambda: NOW)

    began = time.process_time()
    read = await feed().events(*MONTH)
    seconds = time.process_time() - began
    stop = await _longest_stop_of(feed().events(*MONTH))
    tracemalloc.start()
    await feed().events(*MONTH)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    simulator.close()
    return {"cause": read.problems[0].cause, "ms": seconds * 1000, "stop_ms": stop * 1000, "peak_bytes": peak}


async def request() -> dict[str, int]:
    """What "what do I have tomorrow, and find us half an hour on Thursday" takes: calls, and bytes of the answers."""
    today = Instant.now().to_tz("America/New_York").date()
    tomorrow, thursday = today.add(days=1), today.add(days=(3 - today.day_of_week().value + 1) % 7 or 7)
    calls = (
        ("list_meetings", {"window_start": f"{tomorrow}", "window_end": f"{tomorrow}"}),
        (
            "find_meeting_times",
            {"duration_minutes": 30, "window_start": f"{thursday}", "window_end": f"{thursday}", "limit": 3},
        ),
    )
    sizes = []
    async with Client(build_server(Settings(simulator=True, product="video", log_level="CRITICAL"))) as client:
        for tool, given in calls:
            (block,) = (await client.call_tool(tool, given)).content
            assert isinstance(block, TextContent)
            sizes.append(len(block.text.encode()))
    return {"calls": len(calls), "bytes": sum(sizes)}


async def _longest_stop(feed: bytes) -> float:
    return await _longest_stop_of(_read(feed))


async def _longest_stop_of(work: Coroutine[Any, Any, object]) -> float:
    stops = [0.0]
    gc.collect()
    gc.freeze()  # as the server does once it is up
    reading = asyncio.create_task(work)
    before = time.process_time()
    while not reading.done():
        await asyncio.sleep(0)
        stops.append((now := time.process_time()) - before)
        before = now
    gc.unfreeze()
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
    large, asked = asyncio.run(oversized()), asyncio.run(request())
    below = [
        f"Over {MAX_BYTES / 1_048_576:.0f} MB: {large['cause']} after {large['ms']:.0f} ms, longest stop "
        f"{large['stop_ms']:.1f} ms, {large['peak_bytes'] / 1e6:.1f} MB at most.",
        f"Tomorrow, and half an hour on Thursday: {asked['calls']} calls, {asked['bytes']:,} bytes of answers.",
    ]
    return "\n".join([table(heads, lines), "", *below]), {"rows": rows, "oversized": large, "request": asked}
