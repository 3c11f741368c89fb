"""Leases: one owner at a time, with a generation that tells a former owner apart."""

from dataclasses import replace

import anyio
import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings.store import Lease, LeaseTaken, Session, StoreDown
from store.forms import Form, about, memory_form

pytestmark = pytest.mark.anyio


async def lease(form: Form, name: str = "change", seconds: float = 60) -> Lease:
    found = await form.store.leases.grant(name, seconds)
    assert isinstance(found, Lease)
    return found


async def test_one_holds_a_lease_and_the_other_is_told_how_long(form: Form) -> None:
    mine = await lease(form)
    assert await form.store.leases.grant("change", 60) == about(60)
    assert (await lease(form, "another")).owner != mine.owner
    assert await form.store.leases.release(mine)
    assert isinstance(await form.store.leases.grant("change", 60), Lease)


async def test_the_owner_who_asks_again_has_the_same_lease(form: Form) -> None:
    mine = await lease(form)
    assert await form.store.leases.grant("change", 90, mine.owner) == mine
    assert await form.store.leases.grant("change", 1, mine.owner) == mine
    form.advance(70)
    assert isinstance(await form.store.leases.grant("change", 1), float)


async def test_a_lease_ends_by_itself_and_the_next_has_a_higher_generation(form: Form) -> None:
    former = await lease(form)
    form.advance(61)
    latter = await lease(form)
    assert latter.generation > former.generation
    assert not await form.store.leases.extend(former, 60)
    assert not await form.store.leases.release(former)
    assert isinstance(await form.store.leases.grant("change", 60), float), "the former owner gave nothing back"


async def test_generations_rise_after_a_lease_was_given_back_and_after_it_was_forgotten(form: Form) -> None:
    seen = []
    for seconds in (0, 0, 61, 7_300):
        mine = await lease(form)
        await form.store.leases.release(mine)
        form.advance(seconds)
        seen.append(mine.generation)
    assert seen == sorted(set(seen))


async def test_an_extension_lengthens_and_never_shortens(form: Form) -> None:
    mine = await lease(form, seconds=10)
    assert await form.store.leases.extend(mine, 60)
    assert await form.store.leases.extend(mine, 1)
    form.advance(40)
    assert await form.store.leases.grant("change", 60) == about(20)
    form.advance(21)
    assert not await form.store.leases.extend(mine, 60)


async def test_giving_back_twice_is_giving_back_once(form: Form) -> None:
    mine = await lease(form)
    assert await form.store.leases.release(mine)
    assert await form.store.leases.release(mine)
    theirs = await lease(form)
    assert not await form.store.leases.release(mine)
    assert await form.store.leases.extend(theirs, 60)


async def test_a_lease_is_of_its_owner_and_generation_alone(form: Form) -> None:
    mine = await lease(form)
    for other in (replace(mine, owner="another"), replace(mine, generation=mine.generation + 1)):
        assert not await form.store.leases.extend(other, 600)
        assert not await form.store.leases.release(other)
    assert await form.store.leases.grant("change", 60) == about(60)


async def test_one_who_waits_looks_again_and_gives_up_in_time(form: Form) -> None:
    mine = await lease(form, seconds=60)
    with pytest.raises(LeaseTaken) as taken:
        await form.store.leases.granted("change", 60, patience=1.0)
    assert form.slept == pytest.approx([0.05, 0.1, 0.2, 0.25, 0.25, 0.15])
    assert taken.value.held_seconds == about(59)
    assert await form.store.leases.release(mine)
    assert isinstance(await form.store.leases.granted("change", 60, patience=1.0), Lease)


async def test_a_block_gives_its_lease_back_even_where_it_is_cancelled(form: Form) -> None:
    with anyio.CancelScope() as scope:
        async with form.store.leases.held("change", 60, patience=0):
            scope.cancel()
            await anyio.sleep(1)
    assert isinstance(await form.store.leases.grant("change", 60), Lease)


async def test_many_at_once_have_a_lease_one_after_the_other(form: Form) -> None:
    inside, most, served = 0, 0, 0

    async def work() -> None:
        nonlocal inside, most, served
        async with form.store.leases.held("change", 60, patience=600):
            inside += 1
            most = max(most, inside)
            await checkpoint()
            inside -= 1
            served += 1

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(work)
    assert (most, served) == (1, 8)


async def test_what_was_done_under_a_lease_counts_though_the_store_does_not_take_the_lease_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    form, done = memory_form(), []

    async def away(*_: object) -> bool:
        raise StoreDown("cannot be reached")

    monkeypatch.setattr(form.steps, "release", away)
    async with form.store.leases.held("change", 60, 0):
        done.append("changed")
    async with form.store.sessions.renewing("ann") as turn:
        await form.store.sessions.put("ann", Session("access", "refresh", 60, 60), over=0, ends_in=60, lease=turn.lease)
    assert done == ["changed"]
    assert await form.store.sessions.load("ann") is not None
