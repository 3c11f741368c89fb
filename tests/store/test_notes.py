"""Notes: written over what was read, sealed for their owner and name, and ended by themselves."""

import logging
from collections.abc import Callable

import anyio
import pytest

from ringcentral_meetings.store import KeyRing, Note, Notes, Store, StoreDown
from store.forms import Form

pytestmark = pytest.mark.anyio


async def test_a_note_is_read_as_it_was_written_until_its_end(form: Form) -> None:
    notes = form.store.notes("ann")
    assert await notes.read("facts") is None
    generation = await notes.write("facts", "Zürich ☕", 60)
    assert await notes.read("facts") == Note("Zürich ☕", generation)  # type: ignore[arg-type]
    form.advance(61)
    assert await notes.read("facts") is None


async def test_notes_of_two_people_and_those_of_all_are_apart(form: Form) -> None:
    for owner in ("ann", "ben", ""):
        await form.store.notes(owner).write("facts", f"of {owner}", 60)
    read = [await form.store.notes(owner).read("facts") for owner in ("ann", "ben", "")]
    assert [note.text if note else None for note in read] == ["of ann", "of ben", "of "]


async def test_a_note_is_written_over_the_one_that_was_read_alone(form: Form) -> None:
    notes = form.store.notes("ann")
    first = await notes.write("attempt", "one", 60, over=0)
    assert isinstance(first, int)
    assert await notes.write("attempt", "mine", 60, over=0) == Note("one", first)
    second = await notes.write("attempt", "two", 60, over=first)
    assert isinstance(second, int)
    assert second > first
    assert await notes.write("attempt", "mine", 60, over=first) == Note("two", second)
    await notes.remove("attempt")
    assert await notes.write("attempt", "mine", 60, over=second) is None
    again = await notes.write("attempt", "three", 60, over=0)
    assert isinstance(again, int)
    assert again > second, "a note that was removed and written again is another one"


async def test_a_note_is_removed_where_it_is_the_one_that_was_read(form: Form) -> None:
    notes = form.store.notes("ann")
    first = await notes.write("attempt", "one", 60)
    second = await notes.write("attempt", "two", 60)
    assert isinstance(first, int)
    assert isinstance(second, int)
    assert not await notes.remove("attempt", first)
    assert await notes.remove("attempt", second)
    assert await notes.remove("attempt", second), "it is gone"
    assert await notes.read("attempt") is None


async def test_changes_at_once_are_all_kept(form: Form) -> None:
    record = form.store.notes("ann").record("list", 60)

    def add(item: str) -> Callable[[str | None], tuple[str | None, None]]:
        return lambda text: (",".join(sorted([*(text or "").split(","), item])).strip(","), None)

    async with anyio.create_task_group() as group:
        for number in range(8):
            group.start_soon(record.change, add(str(number)))
    note = await form.store.notes("ann").read("list")
    assert note is not None
    assert note.text == "0,1,2,3,4,5,6,7"


@pytest.mark.parametrize("makes", ["something", None])
async def test_a_change_is_made_again_where_somebody_was_faster(form: Form, makes: str | None) -> None:
    seen: list[str | None] = []

    def edit(text: str | None) -> tuple[str | None, None]:
        seen.append(text)
        return makes, None

    notes = form.store.notes("ann")
    await notes.write("list", "first", 60)
    rival = Rival(notes, times=2)
    await rival.change("list", edit, 60)
    assert seen == ["first", "rival 1", "rival 0"]
    note = await notes.read("list")
    assert (note.text if note else None) == makes
    with pytest.raises(StoreDown, match="changed by others"):
        await Rival(notes, times=100).change("list", lambda text: (f"{text} and more", None), 60)


class Rival(Notes):
    """The notes of somebody before whose writes another writes, so many times."""

    def __init__(self, notes: Notes, times: int) -> None:
        super().__init__(notes._steps, notes._vault, notes._owner)  # noqa: SLF001
        self._other = notes
        self._times = times

    async def _outrun(self, name: str) -> None:
        if self._times:
            self._times -= 1
            await self._other.write(name, f"rival {self._times}", 60)

    async def write(self, name: str, text: str, seconds: float, over: int | None = None) -> int | Note | None:
        await self._outrun(name)
        return await super().write(name, text, seconds, over)

    async def remove(self, name: str, over: int | None = None) -> bool:
        await self._outrun(name)
        return await super().remove(name, over)


async def test_a_change_to_nothing_removes_and_one_to_the_same_writes_nothing(form: Form) -> None:
    record = form.store.notes("ann").record("list", 60)
    assert await record.change(lambda _: ("text", "result")) == "result"
    before = len(form.trips)
    assert await record.change(lambda text: (text, text)) == "text"
    assert await record.change(lambda text: (None, text)) == "text"
    assert await record.change(lambda text: (None, text)) is None
    assert [step for step, _ in form.trips[before:]] == ["read_note", "read_note", "remove_note", "read_note"]


async def test_a_repeated_request_writes_once(form: Form) -> None:
    for _ in range(3):
        generation, there = await form.steps.write_note("note", "the-same", b"sealed", 60, 0)
        assert there is None
    assert generation > 0
    assert (await form.steps.write_note("note", "another", b"sealed", 60, 0))[0] == 0


async def test_what_was_moved_to_another_name_or_owner_does_not_open(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    await form.store.notes("ann").write("facts", "of ann", 60)
    sealed = await form.steps.read_note("rcm:{ann}:note:facts")
    assert sealed is not None
    assert b"of ann" not in sealed.value
    for key, owner, name in (("rcm:{ben}:note:facts", "ben", "facts"), ("rcm:{ann}:note:other", "ann", "other")):
        await form.steps.write_note(key, "moved", sealed.value, 60, None)
        with pytest.raises(StoreDown, match="not stored under its name"):
            await form.store.notes(owner).read(name)
        assert key in caplog.text


async def test_a_note_whose_key_is_retired_reads_as_empty_and_is_written_over(
    form: Form, caplog: pytest.LogCaptureFixture
) -> None:
    await form.store.notes("ann").write("facts", "of ann", 60)
    later = Store(form.steps, KeyRing.new()).notes("ann")
    with caplog.at_level(logging.WARNING):
        assert await later.change("facts", lambda text: ("new", text), 60) == ""
    assert "sealed with a key that is not there any more" in caplog.text
    note = await later.read("facts")
    assert note is not None
    assert note.text == "new"
