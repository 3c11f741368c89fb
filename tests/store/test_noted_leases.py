"""Leases that begin and end with a change of a note, and a note that goes with a place: in one trip, as a whole."""

from collections.abc import Sequence
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings.store import Lease, LeaseTaken, Note, NotedLeases
from ringcentral_meetings.store.redis import RedisServer, Run
from ringcentral_meetings.store.redis_steps import RedisSteps
from ringcentral_meetings.store.shared import Store
from ringcentral_meetings.store.steps import NoteChange
from store.forms import PATIENT, RING, Form
from store.servers import StoreServer
from store.use import everything

pytestmark = pytest.mark.anyio

NAME = "{ann}:turn"


def leases(form: Form) -> NotedLeases:
    return form.store.noted_leases("ann", 600)


async def begun(form: Form, text: str = "begun") -> tuple[Lease, int | Note | None]:
    return await leases(form).granted(NAME, "attempt", lambda: text, 60, 0)


async def note(form: Form) -> str | None:
    found = await form.store.notes("ann").read("attempt")
    return found.text if found is not None else None


async def test_a_lease_is_granted_and_its_note_written_in_one_trip_and_both_end_in_another(form: Form) -> None:
    lease, generation = await begun(form)
    assert isinstance(generation, int)
    assert await form.store.notes("ann").read("attempt") == Note("begun", generation)
    assert await leases(form).released(lease, "attempt", "ended", generation)
    assert [step for step, _ in form.trips] == ["begin", "read_note", "finish"]
    assert await note(form) == "ended"
    assert isinstance(await form.store.leases.grant(NAME, 60), Lease)


async def test_a_note_is_removed_with_the_end_of_its_lease(form: Form) -> None:
    lease, generation = await begun(form)
    assert isinstance(generation, int)
    assert await leases(form).released(lease, "attempt", None, generation)
    assert await note(form) is None
    assert isinstance((await begun(form, "again"))[1], int)


async def test_what_another_has_written_stays_and_is_returned(form: Form) -> None:
    generation = await form.store.notes("ann").write("attempt", "earlier", 600)
    assert isinstance(generation, int)
    lease, found = await begun(form)
    assert found == Note("earlier", generation)
    for text in ("mine", None):
        assert not await leases(form).released(lease, "attempt", text, generation - 1)
    assert await note(form) == "earlier"
    assert isinstance(await form.store.leases.grant(NAME, 60), float), "the lease was not given back either"
    assert await leases(form).given_back(lease)
    assert isinstance(await form.store.leases.grant(NAME, 60), Lease)


async def test_who_does_not_get_the_lease_writes_nothing(form: Form) -> None:
    lease, generation = await begun(form)
    assert isinstance(generation, int)
    await form.store.notes("ann").remove("attempt")
    with pytest.raises(LeaseTaken):
        await begun(form, "another's")
    assert await note(form) is None
    written: list[str] = []

    def counted() -> str:
        written.append(f"try {len(written)}")
        return written[-1]

    async with anyio.create_task_group() as tasks:

        async def wait() -> None:
            await leases(form).granted(NAME, "attempt", counted, 60, 60)

        tasks.start_soon(wait)
        while len(written) < 2:
            await checkpoint()
        await leases(form).given_back(lease)
    assert await note(form) == written[-1]


async def test_a_late_owner_changes_no_note_of_the_next_one_and_gives_nothing_back(form: Form) -> None:
    lease, generation = await begun(form)
    assert isinstance(generation, int)
    form.advance(61)
    later, found = await begun(form, "later")
    assert found == Note("begun", generation)
    assert isinstance(await form.store.notes("ann").write("attempt", "later", 600, generation), int)
    assert not await leases(form).released(lease, "attempt", None, generation)
    assert await note(form) == "later"
    assert later.generation > lease.generation
    assert isinstance(await form.store.leases.grant(NAME, 60), float)


async def test_repeated_steps_have_one_effect_and_one_answer(form: Form) -> None:
    notes, key = form.store.notes("ann"), f"rcm:lease:{NAME}"
    begin = notes.changed("attempt", "begun", 600, 0, "the-same")
    answers = [await form.steps.begin(key, "owner", 60, begin) for _ in range(3)]
    assert len({(generation, written) for generation, _, written in answers}) == 1
    generation, _, (noted, there) = answers[0]
    assert generation > 0
    assert noted > 0
    assert there is None
    for text in ("ended", None):
        end = notes.changed("attempt", text, 600, noted, f"the end {text}")
        assert [await form.steps.finish(key, "owner", generation, end) for _ in range(2)] == [True, True]
        found = await notes.read("attempt")
        noted = found.generation if found is not None else 0
    assert noted == 0
    assert isinstance(await form.store.leases.grant(NAME, 60), Lease)


async def test_a_note_goes_with_a_place_and_without_one(form: Form) -> None:
    limits, notes = form.store.limits("ann", "acme"), form.store.notes("ann")

    def change(text: str, over: int, request: str = "") -> NoteChange:
        return notes.changed("attempt", text, 600, over, request)

    seconds, [(first, there)] = await limits.take_place_noting("heavy", 1, [change("first", 0)])
    assert (seconds, there) == (0, None)
    repeated = change("second", first, "the-same")
    for _ in range(2):
        seconds, [(second, _)] = await limits.take_place_noting("heavy", 1, [repeated])
        assert seconds > 0
    assert second > first
    assert await notes.read("attempt") == Note("second", second)
    _, [answer] = await limits.take_place_noting("light", 1, [change("third", first)])
    assert notes.written("attempt", answer) == Note("second", second)
    await limits.hold_account(30)
    seconds, [(third, _)] = await limits.take_place_noting("medium", 1, [change("third", second)])
    assert seconds > 0
    assert third > second
    form.advance(31)
    assert await limits.take_place("medium", 1) == 0, "no place was kept from before the penalty"


class Slots(RedisServer):
    """Notes the keys of each script that is run."""

    keys: list[Sequence[str]]

    async def run(self, step: str, runs: Sequence[Run], *, to_replica: bool = False) -> list[list[Any]]:
        self.keys += [run.keys for run in runs]
        return await super().run(step, runs, to_replica=to_replica)


async def test_the_keys_of_a_script_lie_in_one_slot(server: StoreServer) -> None:
    """Redis Cluster specification, "Hash tags": what is in braces decides."""
    reached = Slots(server.url, trip_seconds=PATIENT)
    reached.keys = []
    store = Store(RedisSteps(reached), RING)
    await everything(store, "ann")
    several = [keys for keys in reached.keys if len(keys) > 1]
    assert len(several) > 10
    assert [keys for keys in several if any("{ann}" not in key for key in keys)] == []
    await store.close()
