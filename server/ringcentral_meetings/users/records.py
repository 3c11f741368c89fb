"""A record in the shared store that a call changes in its turn, in as few trips as can be.

The record is changed as the turn is granted, with the place of a request in its rate limit, and as the turn is given
back: trips that are made anyway.
"""

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, TypeVar

from ringcentral_meetings.platform.records import Edit
from ringcentral_meetings.store import Lease, Note, NoteChange, NotedLeases, StoreDown, UserLimits
from ringcentral_meetings.users.faults import store_errors

MOST_TRIES: Final = 20

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _PutOff:
    """A change that goes with the next place in a rate limit: its edit, the text that it makes, and the step for it."""

    edit: Edit[None]
    text: str
    change: NoteChange


@dataclass(slots=True)
class SharedRecord:
    """A text in the store within a turn. `_there` is what this turn has left, or what it has read if `_is_fresh`.

    The turn of a process that was not heard of for too long may be another's by now. So a change is tried on what this
    turn has left, and tried again on what is there where that was not so.
    """

    leases: NotedLeases
    name: str
    _there: Note | None = None
    _put_off: _PutOff | None = None
    _is_fresh: bool = False
    _last: list[Edit[None]] = field(default_factory=list)

    async def granted(
        self, lease: str, first: Callable[[], str], seconds: float, patience: float
    ) -> tuple[Lease, bool]:
        """Return a lease for the turn, and whether the text that `first` returns was written: there was none before.

        Raises `Refused` where no turn comes.
        """
        text = ""

        def latest() -> str:
            nonlocal text
            text = first()
            return text

        with store_errors():
            granted, found = await self.leases.granted(lease, self.name, latest, seconds, patience)
        is_written = isinstance(found, int)
        self._there, self._is_fresh = (Note(text, found) if isinstance(found, int) else found), not is_written
        return granted, is_written

    async def change(self, edit: Edit[T]) -> T:
        """Replace the text by what `edit` makes of it. Raises `Refused` where the store does not answer."""
        with store_errors():
            return await self._changed(edit)

    async def change_before_request(self, edit: Edit[None]) -> None:
        """Change it with the place of the call's next request, without which that is not sent."""
        there = self._there
        text, _ = edit(there.text if there is not None else None)
        if there is None or text is None or text == there.text:
            await self.change(edit)
            return
        notes, seconds = self.leases.notes, self.leases.seconds
        self._put_off = _PutOff(edit, text, notes.changed(self.name, text, seconds, there.generation))
        _waiting.set(self)

    def change_at_end(self, edit: Edit[None]) -> None:
        """Change it as the turn ends."""
        self._last.append(edit)

    async def take_place(self, limits: UserLimits, group: str, default: int, news: Sequence[NoteChange]) -> float:
        """Take a place as `take_place` of this module does."""
        put_off = self._put_off
        if put_off is None:
            return await _taken(limits, group, default, news)
        seconds, [answer, *_] = await limits.take_place_noting(group, default, [put_off.change, *news])
        # A request of the same call beside this one may have brought the change about meanwhile.
        if self._put_off is put_off:
            found = self.leases.notes.written(self.name, answer)
            if isinstance(found, int):
                self._there = Note(put_off.text, found)
            else:
                self._there, self._is_fresh = found, True
                await self._changed(put_off.edit)
            self._put_off = None
        return seconds

    async def released(self, lease: Lease) -> None:
        """End the turn, with the changes that were left for that."""
        self._put_off = None
        there = self._there
        text, _ = self._at_end(there.text if there is not None else None)
        if there is not None and text != there.text:
            if await self.leases.released(lease, self.name, text, there.generation):
                return
            self._there, self._is_fresh = await self.leases.notes.read(self.name), True
        if self._last:
            await self._changed(self._at_end)
        await self.leases.given_back(lease)

    def _at_end(self, text: str | None) -> tuple[str | None, None]:
        for edit in self._last:
            text, _ = edit(text)
        return text, None

    async def _changed(self, edit: Edit[T]) -> T:
        for _ in range(MOST_TRIES):
            there = self._there
            text, result = edit(there.text if there is not None else None)
            if text != (there.text if there is not None else None):
                done, self._there = await self._replaced(text, there)
                self._is_fresh = not done
                if done:
                    return result
            elif self._is_fresh:
                return result
            else:
                self._there, self._is_fresh = await self.leases.notes.read(self.name), True
        raise StoreDown(f"was changed by others {MOST_TRIES} times in a row")

    async def _replaced(self, text: str | None, there: Note | None) -> tuple[bool, Note | None]:
        """Return whether a text has taken the place of what was there, and what is there now."""
        over, notes = there.generation if there is not None else 0, self.leases.notes
        if text is None:
            gone = await notes.remove(self.name, over)
            return gone, None if gone else await notes.read(self.name)
        written = await notes.write(self.name, text, self.leases.seconds, over)
        return (True, Note(text, written)) if isinstance(written, int) else (False, written)


_waiting: ContextVar[SharedRecord | None] = ContextVar("waiting", default=None)


async def take_place(limits: UserLimits, group: str, default: int, news: Sequence[NoteChange]) -> float:
    """Take a place for a request of the current call, write `news`, and make the change of its record that waits.

    Raises:
        StoreDown: the store does not answer.
        errors.Refused: what the change raises.
    """
    record = _waiting.get()
    take = record.take_place if record is not None else _taken
    return await take(limits, group, default, news)


async def _taken(limits: UserLimits, group: str, default: int, news: Sequence[NoteChange]) -> float:
    if news:
        return (await limits.take_place_noting(group, default, news))[0]
    return await limits.take_place(group, default)
