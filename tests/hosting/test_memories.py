"""What is remembered of people in the store: whom a penalty holds, whose turn it is, and what a lost store breaks."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings import errors
from ringcentral_meetings.platform.limits import RateLimits
from ringcentral_meetings.store import KeyRing, Lease, Store, StoreDown, memory_store
from ringcentral_meetings.users.memories import (
    LEASE_SECONDS,
    Refusals,
    SharedNote,
    SharedRecord,
    SharedTurns,
    SharedWindows,
    begin_call,
)
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
    key = f"{{ann}}:{store.ring.digest('turn', 'create:1')}"
    async with SharedTurns(store, "ann", beat_seconds=0).turn("create:1"):
        for _ in range(10):
            clock.time += LEASE_SECONDS / 2
            for _ in range(20):
                await checkpoint()
        assert isinstance(await store.leases.grant(key, 1), float)
    assert isinstance(await store.leases.grant(key, LEASE_SECONDS), Lease)
    clock.time += LEASE_SECONDS
    async with SharedTurns(store, "ann").turn("create:1"):
        pass


def appended(word: str) -> Callable[[str | None], tuple[str | None, str | None]]:
    """Adds a word to a text, and gives what was there."""
    return lambda text: (f"{text or ''}{word}", text)


async def test_a_record_is_changed_in_one_trip_by_a_call_of_its_own_and_never_over_what_another_wrote() -> None:
    trips: list[str] = []
    store = memory_store(KeyRing.new(), on_trip=lambda operation, *_: trips.append(operation))
    here, there = (SharedRecord(store.notes("ann"), "ann", "attempt", 60) for _ in range(2))
    begin_call()
    assert [await here.change(appended(word)) for word in "ab"] == [None, "a"]
    assert trips == ["write_note", "write_note"]
    begin_call()
    assert await there.change(appended("c")) == "ab"
    begin_call()
    assert await here.change(appended("d")) == "abc"
    assert await there.change(lambda text: (text, text)) == "abcd"
    assert await here.change(lambda text: (None, text)) == "abcd"
    assert await there.change(lambda text: (None, text)) is None


async def test_what_a_call_has_left_is_asked_for_where_nothing_is_to_be_changed() -> None:
    store = memory_store(KeyRing.new())
    here, there = (SharedRecord(store.notes("ann"), owner, "attempt", 60) for owner in ("ann", "ann elsewhere"))
    begin_call()
    await here.change(appended("a"))
    await there.change(appended("b"))
    assert await here.change(lambda text: (text, text)) == "ab"


class Gone:
    """Stands for whatever in a store, which is down."""

    def __getattr__(self, name: str) -> Callable[..., object]:
        async def down(*_args: object, **_named: object) -> None:
            raise StoreDown("is gone", 3.0)

        return down


async def test_what_needs_a_store_that_is_down_is_refused_and_what_only_tells_it_goes_on() -> None:
    gone: Any = Gone()
    shared = SharedWindows(gone, "first", Refusals(lambda: 0.0))
    for needs in (
        shared.take_place("light", 50),
        shared.seconds_to_place("light", 50),
        SharedRecord(gone, "ann", "attempt", 60).change(lambda _: ("text", None)),
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
