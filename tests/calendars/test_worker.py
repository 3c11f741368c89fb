"""A large feed is read beside the event loop, within its share of time and memory; beyond the bounds is unknown."""

import asyncio
import gc
import time
import tracemalloc

import pytest
from whenever import Instant

from bench.written_feeds import calendar, event, large_feed
from calendars.feeds import OWNER
from ringcentral_meetings.calendars import Agenda
from ringcentral_meetings.calendars.index import NotACalendar
from ringcentral_meetings.calendars.worker import FeedAgenda

pytestmark = pytest.mark.anyio

NOW = Instant.from_utc(2026, 11, 23, hour=14)
MONTH = (Instant.from_utc(2026, 11, 1), Instant.from_utc(2026, 12, 1))
MOST_CPU_SECONDS = 0.4
LONGEST_STOP_SECONDS = 0.02
MOST_BYTES_BESIDE_THE_FILE = 3_000_000


async def test_five_thousand_events_take_less_than_their_share_of_processor_time_and_memory() -> None:
    feed = large_feed(5_000)
    assert 1_800_000 < len(feed) < 2_100_000
    await (await FeedAgenda.read(large_feed(1_000), OWNER, NOW)).events(*MONTH)  # what is imported late
    began = time.process_time()
    agenda: Agenda = await FeedAgenda.read(feed, OWNER, NOW)
    read = await agenda.events(*MONTH)
    assert time.process_time() - began < MOST_CPU_SECONDS
    assert len(read.events) > 150
    assert (read.gaps, read.unreadable, read.as_of) == ((), 0, NOW)
    tracemalloc.start()
    try:
        await (await FeedAgenda.read(feed, OWNER, NOW)).events(*MONTH)
        assert tracemalloc.get_traced_memory()[1] < MOST_BYTES_BESIDE_THE_FILE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("in_capitals", [True, False])
async def test_the_event_loop_goes_on_while_forty_thousand_events_are_read(in_capitals: bool) -> None:
    feed = large_feed(40_000)
    if not in_capitals:
        feed = feed.replace(b"BEGIN:V", b"begin:v").replace(b"END:V", b"end:v")
    await longest_stop(large_feed(1_000))  # what is imported late
    # What stops the loop does so each time; what another process does, does not.
    assert min([await longest_stop(feed) for _ in range(3)]) < LONGEST_STOP_SECONDS


async def longest_stop(feed: bytes) -> float:
    """How long the event loop stands still while a feed is read, in processor time of this process."""
    stops: list[float] = []
    done = asyncio.Event()

    async def turn() -> None:
        before = time.process_time()
        while not done.is_set():
            await asyncio.sleep(0)
            stops.append((now := time.process_time()) - before)
            before = now

    gc.collect()
    gc.freeze()  # as the server does once it is up
    try:
        turning = asyncio.create_task(turn())
        await asyncio.sleep(0)
        assert (await (await FeedAgenda.read(feed, OWNER, NOW)).events(*MONTH)).events
        done.set()
        await turning
    finally:
        gc.unfreeze()
    return max(stops)


async def test_a_rule_that_never_falls_costs_no_more_than_its_window() -> None:
    never = event("DTSTART:20200101T090000Z", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    agenda = await FeedAgenda.read(calendar(*[never.replace("UID:one", f"UID:{n}") for n in range(200)]), OWNER, NOW)
    began = time.process_time()
    assert (await agenda.events(*MONTH)).events == ()
    assert time.process_time() - began < 1


async def test_many_rules_that_must_be_counted_are_given_up_together_and_are_unknown() -> None:
    counted = event("DTSTART:19700101T090000Z", "RRULE:FREQ=DAILY;COUNT=9;BYMONTH=2;BYMONTHDAY=30")
    agenda = await FeedAgenda.read(calendar(*[counted.replace("UID:one", f"UID:{n}") for n in range(500)]), OWNER, NOW)
    began = time.process_time()
    read = await agenda.events(*MONTH)
    assert time.process_time() - began < 10
    assert {gap.reason for gap in read.gaps} == {"too_many"}


async def test_more_events_than_are_read_make_the_window_unknown() -> None:
    crowd = [event("DTSTART:20261124T140000Z", uid=str(n)) for n in range(20_001)]
    read = await (await FeedAgenda.read(calendar(*crowd), OWNER, NOW)).events(*MONTH)
    assert [(gap.reason, gap.start, gap.end) for gap in read.gaps] == [("too_many", *MONTH)]


async def test_two_questions_at_once_get_the_same_answer() -> None:
    agenda = await FeedAgenda.read(large_feed(500), OWNER, NOW)
    one, other = await asyncio.gather(agenda.events(*MONTH), agenda.events(*MONTH))
    assert one == other
    assert one.events


async def test_what_is_no_calendar_is_refused_as_that() -> None:
    with pytest.raises(NotACalendar):
        await FeedAgenda.read(b"<html>", OWNER, NOW)
