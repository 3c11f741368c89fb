"""Small texts that outlive a call, each for a while: attempts at creations, facts of a person, zones of a platform."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from ringcentral_meetings.store.records import Note, Sealed, StoreDown, mixed_up
from ringcentral_meetings.store.steps import NoteAnswer, NoteChange, Steps, new_request
from ringcentral_meetings.store.vault import RetiredKey, Unopenable, Vault

MOST_TRIES: Final = 20

logger = logging.getLogger(__name__)

T = TypeVar("T")
Edit = Callable[[str | None], tuple[str | None, T]]
"""Returns the new text for the one that is there, and a result. None stands for no text. It may be called again."""


class Notes:
    """The notes of one `owner`; of nobody in particular where that is empty. All methods raise `StoreDown`.

    A note is sealed for its name and its owner. One whose key is no longer in the ring reads as an empty text.
    """

    def __init__(self, steps: Steps, vault: Vault, owner: str) -> None:
        self._steps = steps
        self._vault = vault
        self._owner = owner

    async def read(self, name: str) -> Note | None:
        """Return a note, or None."""
        return self._opened(name, await self._steps.read_note(self._key(name)))

    async def read_with(self, name: str, other: "Notes", others_name: str) -> tuple[Note | None, Note | None]:
        """Read two notes of different owners in one trip."""
        keys = [self._key(name), other._key(others_name)]  # noqa: SLF001  (of the same class)
        first, second = await self._steps.read_notes(keys)
        return self._opened(name, first), other._opened(others_name, second)  # noqa: SLF001

    async def write(self, name: str, text: str, seconds: float, over: int | None = None) -> int | Note | None:
        """Keep a text for so long, and return its generation.

        Where `over` is a generation, it is written over that one alone, and where it is 0, only if there is none; else
        what is there is returned, or None if nothing is.
        """
        key, sealed = self._key(name), self._sealed(name, text)
        return self.written(name, await self._steps.write_note(key, new_request(), sealed, seconds, over))

    def changed(
        self, name: str, text: str | None, seconds: float, over: int | None = None, request: str = ""
    ) -> NoteChange:
        """Return a change of a note for a step that makes it; None removes the note."""
        value = self._sealed(name, text) if text is not None else None
        return NoteChange(self._key(name), request or new_request(), value, seconds, over)

    def written(self, name: str, answer: NoteAnswer) -> int | Note | None:
        """Return what a step has answered to a change, as `write` does."""
        generation, there = answer
        return generation or self._opened(name, there)

    async def remove(self, name: str, over: int | None = None) -> bool:
        """Remove a note, of the generation `over` alone if that is given; return whether it is gone."""
        return await self._steps.remove_note(self._key(name), over)

    async def change(self, name: str, edit: Edit[T], seconds: float) -> T:
        """Replace a note by what `edit` makes of it, again where another was faster, and keep it for `seconds`."""
        note = await self.read(name)
        for _ in range(MOST_TRIES):
            text, result = edit(note.text if note is not None else None)
            over = note.generation if note is not None else 0
            if text is None:
                if note is None or await self.remove(name, over):
                    return result
                note = await self.read(name)
            elif note is not None and text == note.text:
                return result
            else:
                written = await self.write(name, text, seconds, over)
                if isinstance(written, int):
                    return result
                note = written
        raise StoreDown(f"was changed by others {MOST_TRIES} times in a row")

    def record(self, name: str, seconds: float) -> "NoteRecord":
        """Return a note as something that is only changed."""
        return NoteRecord(self, name, seconds)

    def _key(self, name: str) -> str:
        return f"rcm:{{{self._owner}}}:note:{name}" if self._owner else f"rcm:note:{name}"

    def _sealed(self, name: str, text: str) -> bytes:
        return self._vault.seal(text.encode(), name=self._key(name), owner=self._owner)

    def _opened(self, name: str, sealed: Sealed | None) -> Note | None:
        if sealed is None:
            return None
        try:
            text = self._vault.open(sealed.value, name=self._key(name), owner=self._owner)
        except RetiredKey:
            logger.warning("A note (%s) is sealed with a key that is not there any more", name)
            text = b""
        except Unopenable:
            raise mixed_up(self._key(name)) from None
        return Note(text.decode(), sealed.generation)


class NoteRecord:
    """A note that is only changed, and kept for `seconds` after each change."""

    def __init__(self, notes: Notes, name: str, seconds: float) -> None:
        self._notes = notes
        self._name = name
        self._seconds = seconds

    async def change(self, edit: Edit[T]) -> T:
        """Replace the text by what `edit` makes of it, with nobody else changing it meanwhile."""
        return await self._notes.change(self._name, edit, self._seconds)
