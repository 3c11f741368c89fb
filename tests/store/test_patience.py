"""Deadlines on an event loop that is late itself, and the queue before the store."""

import asyncio
import time

import anyio
import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings.store import StoreDown
from ringcentral_meetings.store.patience import Places, patience

pytestmark = pytest.mark.anyio


async def test_a_block_that_waits_too_long_is_ended() -> None:
    with pytest.raises(TimeoutError):
        async with patience(0.05):
            await asyncio.Event().wait()


async def test_what_the_loop_is_late_does_not_count() -> None:
    answered = asyncio.Event()

    async def busy() -> None:
        for _ in range(5):
            began = time.monotonic()
            while time.monotonic() - began < 0.05:
                pass
            await checkpoint()
        answered.set()

    async with anyio.create_task_group() as group:
        group.start_soon(busy)
        async with patience(0.2):
            await answered.wait()


async def test_a_block_that_ends_in_time_leaves_nothing_behind() -> None:
    async with patience(0.02):
        await checkpoint()
    with anyio.move_on_after(0.05) as scope:
        await anyio.sleep_forever()
    assert scope.cancelled_caught


async def test_places_are_taken_in_turn_and_given_back() -> None:
    places, inside, most = Places(2, 60), 0, 0

    async def visit() -> None:
        nonlocal inside, most
        async with places.place("ann"):
            inside += 1
            most = max(most, inside)
            await checkpoint()
            inside -= 1

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(visit)
    assert (inside, most) == (0, 2)


async def test_one_who_asks_for_many_does_not_keep_others_waiting() -> None:
    places, served = Places(1, 60), []

    async def visit(caller: str) -> None:
        async with places.place(caller):
            served.append(caller)
            await checkpoint()

    async with anyio.create_task_group() as group:
        for caller in ["ann"] * 50 + ["ben", "cat", "ben"]:
            group.start_soon(visit, caller)
    assert served[:7] == ["ann", "ann", "ben", "cat", "ann", "ben", "ann"]
    assert len(served) == 53


async def test_who_waits_is_told_what_the_one_before_found_and_who_comes_later_tries() -> None:
    places, told = Places(1, 60), []

    async def trip(number: int) -> None:
        await checkpoint()
        if number == 0:
            raise StoreDown("does not answer", 7)

    async def visit(number: int) -> None:
        try:
            async with places.place("ann"):
                await trip(number)
        except StoreDown as down:
            told.append((number, down.reason, down.retry_after))

    async with anyio.create_task_group() as group:
        for number in range(3):
            group.start_soon(visit, number)
    assert told == [(number, "does not answer", 7) for number in range(3)]
    await visit(3)
    async with anyio.create_task_group() as group:
        for number in range(4, 8):
            group.start_soon(visit, number)
    assert len(told) == 3


async def test_a_queue_that_does_not_move_is_left() -> None:
    places = Places(1, 0.02)
    async with places.place("ann"):
        with pytest.raises(StoreDown, match="more to do than it can"):
            async with places.place("ann"):
                raise AssertionError
    async with places.place("ann"):
        pass


async def test_who_is_cancelled_in_the_queue_takes_no_place() -> None:
    places = Places(1, 60)
    async with places.place("ann"):
        with anyio.move_on_after(0.02):
            async with places.place("ann"):
                raise AssertionError
    for _ in range(2):
        async with places.place("ann"):
            pass
