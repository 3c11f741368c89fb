"""What is remembered of people in the store: whom a penalty holds, whose turn it is, and what a lost store breaks."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings import errors
from ringcentral_meetings.platform.limits import RateLimits
from ringcentral_meetings.store import KeyRing, Lease, Store, StoreDown, memory_store
from ringcentral_meetings.users.memories import Refusals, SharedNote, SharedWindows
from ringcentral_meetings.users.turns import LEASE_SECONDS, SharedRecordTurns, SharedTurns
from scripted_http import FakeClock

pytestmark = pytest.mark.anyio

PEOPLE = {"ann": "first", "bob": "first", "cat": "second"}
"""Accounts by person."""


def windows(store: Store, clock: FakeClock) -> dict[str, SharedWindows]:
    refusals = Refusals(clock.now)
    return {user: SharedWindows(store.limits(user, of), of, refusals) for user, of in PEOPLE.items()}


async def test_a_refusal_that_names_no_group_holds_the_account_and_a_second_one_everybody() -> None:
    clock = FakeClock()
    people = windows(memory_store(KeyRing.new(), clock=clock.now), clock)

    async def waits() -> list[float]:
        return [await people[name].seconds_to_place("light", 50) for name in PEOPLE]

    await people["ann"].hold_unnamed("light", 30)
    assert await waits() == [30, 30, 0]
    clock.time += 10
    await people["bob"].hold_unnamed("light", 30)
    assert await waits() == [30, 30, 30]


async def test_a_later_refusal_of_the_account_is_a_first_one_again() -> None:
    clock = FakeClock()
    people = windows(memory_store(KeyRing.new(), clock=clock.now), clock)
    await people["ann"].hold_unnamed("light", 30)
    clock.time += 61
    await people["ann"].hold_unnamed("light", 30)
    assert await people["cat"].seconds_to_place("light", 50) == 0


async def test_a_penalty_of_ones_own_group_holds_nobody_else() -> None:
    clock = FakeClock()
    people = windows(memory_store(KeyRing.new(), clock=clock.now), clock)
    await people["ann"].hold("light", 30)
    waits = [await people[name].seconds_to_place(group, 50) for name, group in (("ann", "light"), ("ann", "heavy"))]
    assert waits == [30, 0]
    assert await people["bob"].seconds_to_place("light", 50) == 0
    assert people["ann"].held("light") == 30


async def test_waits_are_told_of() -> None:
    clock, heard = FakeClock(), list[tuple[str, float]]()
    store = memory_store(KeyRing.new(), clock=clock.now)
    shared = SharedWindows(store.limits("ann", "first"), "first", Refusals(clock.now), lambda *wait: heard.append(wait))
    limits = RateLimits({"heavy": 1}, clock, shared)
    await limits.admit("heavy")
    await limits.admit("heavy")
    assert heard == [("heavy", 60)]
    assert clock.time == FakeClock().time + 60


async def test_turns_of_a_name_follow_each_other_among_replicas_and_others_do_not_wait() -> None:
    store = memory_store(KeyRing.new())
    here, there = SharedTurns(store, "ann"), SharedTurns(store, "ann")
    told: list[str] = []

    async def take(turn: AbstractAsyncContextManager[None], name: str) -> None:
        async with turn:
            told.append(f"{name} begins")
            await checkpoint()
            told.append(f"{name} ends")

    async with here.turn("create:1"):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(take, SharedTurns(store, "bob").turn("create:1"), "bob")
            tasks.start_soon(take, there.turn("create:2"), "another")
        assert sorted(told) == ["another begins", "another ends", "bob begins", "bob ends"]
        told.clear()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(take, there.turn("create:1"), "there")
            await anyio.wait_all_tasks_blocked()
            assert told == []
            tasks.cancel_scope.cancel()


async def test_the_turn_of_a_call_that_lasts_is_kept_and_that_of_a_process_that_has_died_passes_on() -> None:
    clock = FakeClock()
    store = memory_store(KeyRing.new(), clock=clock.now)
    turns = SharedTurns(store, "ann", beat_seconds=0)
    lease_name = turns.lease_name("create:1")
    async with turns.turn("create:1"):
        for _ in range(10):
            clock.time += LEASE_SECONDS / 2
            for _ in range(20):
                await checkpoint()
        assert isinstance(await store.leases.grant(lease_name, 1), float)
    assert isinstance(await store.leases.grant(lease_name, LEASE_SECONDS), Lease)
    clock.time += LEASE_SECONDS
    async with SharedTurns(store, "ann").turn("create:1"):
        pass


@dataclass
class Process:
    """A process in which Ann's creations take turns, and her requests take places."""

    store: Store
    clock: FakeClock

    def __post_init__(self) -> None:
        self.records = SharedRecordTurns(SharedTurns(self.store, "ann", beat_seconds=0), 600)
        self.windows = SharedWindows(self.store.limits("ann", "first"), "first", Refusals(self.clock.now))

    async def send(self) -> None:
        assert await self.windows.take_place("heavy", 10) == 0


@dataclass
class Two:
    """Two processes on a store, and the trips that they make."""

    trips: list[str] = field(default_factory=list)
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.store = memory_store(
            KeyRing.new(),
            clock=self.clock.now,
            sleep=self.clock.sleep,
            on_trip=lambda step, *_: self.trips.append(step),
        )
        self.here, self.there = Process(self.store, self.clock), Process(self.store, self.clock)

    async def text(self) -> str | None:
        async with self.there.records.turn("create:1", kept) as (_, found):
            return found


def kept(text: str | None) -> tuple[str, str | None]:
    """Changes nothing, and gives what is there."""
    return text or "", text


def appended(word: str) -> Callable[[str | None], tuple[str, str | None]]:
    """Adds a word to a text, and gives what was there."""
    return lambda text: (f"{text or ''}{word}", text)


def silently(word: str) -> Callable[[str | None], tuple[str, None]]:
    """Adds a word to a text."""
    return lambda text: (f"{text or ''}{word}", None)


def emptied(_: str | None) -> tuple[None, None]:
    return None, None


async def test_a_record_is_changed_in_trips_that_are_made_anyway() -> None:
    two = Two()
    async with two.here.records.turn("create:1", appended("a")) as (record, found):
        assert found is None
        await two.here.send()
        await record.change_before_request(silently("b"))
        assert two.trips == ["begin", "take_place"]
        await two.here.send()
        await two.here.send()
        record.change_at_end(silently("c"))
        record.change_at_end(silently("d"))
    assert two.trips == ["begin", "take_place", "take_place", "take_place", "finish"]
    assert await two.text() == "abcd"
    async with two.there.records.turn("create:1", appended("e")) as (record, found):
        assert found == "abcd"
        record.change_at_end(emptied)
    assert await two.text() is None


async def test_who_waits_for_a_turn_begins_with_what_the_one_before_has_left() -> None:
    two = Two()

    async def wait() -> None:
        async with two.there.records.turn("create:1", appended("b")) as (record, found):
            assert found == "a."
            assert await record.change(appended("c")) == "a.b"

    async with anyio.create_task_group() as tasks, two.here.records.turn("create:1", appended("a")) as (record, _):
        tasks.start_soon(wait)
        while two.trips.count("begin") < 3:
            await checkpoint()
        record.change_at_end(silently("."))
    assert await two.text() == "a.bc"


async def test_a_request_is_not_sent_where_the_turn_has_become_anothers() -> None:
    two = Two()

    def refuse(text: str | None) -> tuple[str, None]:
        if "a" not in (text or ""):
            raise errors.out_of_time("The creation")
        return f"{text}!", None

    async with two.here.records.turn("create:1", appended("a")) as (record, _):
        await record.change_before_request(refuse)
        two.clock.time += LEASE_SECONDS + 1
        async with two.there.records.turn("create:1", lambda text: ("other", text)) as (_, found):
            assert found == "a"
        for _ in range(2):
            with pytest.raises(errors.Refused, match="The creation"):
                await two.here.send()
        record.change_at_end(silently(" end"))
    assert await two.text() == "other end"


async def test_a_change_that_waits_for_a_request_is_made_again_on_what_another_has_written() -> None:
    two = Two()
    async with two.here.records.turn("create:1", appended("a")) as (record, _):
        await record.change_before_request(silently("!"))
        two.clock.time += LEASE_SECONDS + 1
        async with two.there.records.turn("create:1", appended("b")):
            pass
        await two.here.send()
        assert await record.change(appended("?")) == "ab!"
        two.clock.time += LEASE_SECONDS + 1
        async with two.there.records.turn("create:1", appended("c")):
            pass
        record.change_at_end(silently("."))
    assert await two.text() == "ab!?c."


async def test_a_change_that_waits_is_made_by_whichever_request_is_first_and_once() -> None:
    two = Two()
    async with two.here.records.turn("create:1", appended("a")) as (record, _):
        await record.change_before_request(silently("b"))
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(two.here.send)
        assert await record.change(appended("c")) == "ab"
    assert await two.text() == "abc"


async def test_what_no_request_was_sent_for_is_not_written() -> None:
    two = Two()
    async with two.here.records.turn("create:1", appended("a")) as (record, _):
        await record.change_before_request(silently("b"))
    assert await two.text() == "a"
    await two.here.send()
    assert await two.text() == "a"


class Gone:
    """Stands for whatever in a store, which is down."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        async def down(*_args: object, **_named: object) -> None:
            raise StoreDown("is gone", 3.0)

        return down


async def test_no_turn_begins_at_a_store_that_is_down() -> None:
    turns = SharedTurns(memory_store(KeyRing.new(), most=0), "ann")
    for turn in (turns.turn("change:1"), SharedRecordTurns(turns, 60).turn("create:1", kept)):
        with pytest.raises(errors.Refused) as refused:
            async with turn:
                pytest.fail("it began")
        assert (refused.value.code, refused.value.retryable) == ("upstream_unavailable", True)


async def test_what_needs_a_store_that_is_down_is_refused_and_what_only_tells_it_goes_on() -> None:
    gone: Any = Gone()
    shared = SharedWindows(gone, "first", Refusals(lambda: 0.0))
    for needs in (
        shared.take_place("light", 50),
        shared.seconds_to_place("light", 50),
    ):
        with pytest.raises(errors.Refused) as refused:
            await needs
        assert (refused.value.code, refused.value.retryable) == ("upstream_unavailable", True)
        assert refused.value.retry_after_seconds == 3.0
    await shared.learn("light", 50, limit=1, window=None, remaining=None)
    await shared.hold("light", 30)
    await shared.hold_unnamed("light", 30)
    assert await SharedNote(gone, "zones", 1.0).read() is None
    await SharedNote(gone, "zones", 1.0).write("text")
