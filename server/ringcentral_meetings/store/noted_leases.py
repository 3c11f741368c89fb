"""Leases that begin and end with a change of a note, in the same trip."""

from collections.abc import Callable

from ringcentral_meetings.store.leases import Sleep, lease_key, polled
from ringcentral_meetings.store.notes import Notes
from ringcentral_meetings.store.records import Lease, Note
from ringcentral_meetings.store.steps import Steps, new_request


class NotedLeases:
    """Leases of one owner, each with one of the owner's `notes`, which is kept for `seconds` after each change.

    Both lie in one slot: the name of a lease has to hold the owner in braces. All methods raise `StoreDown`.
    """

    def __init__(self, steps: Steps, notes: Notes, seconds: float, sleep: Sleep) -> None:
        self.notes = notes
        self.seconds = seconds
        self._steps = steps
        self._sleep = sleep

    async def granted(
        self, lease: str, note: str, first: Callable[[], str], seconds: float, patience: float
    ) -> tuple[Lease, int | Note | None]:
        """Return a lease of `seconds` once nobody else has it, within `patience` seconds, and what became of the note.

        Where there is no note, the text that `first` returns is written, and its generation returned; else the note
        that is there, which stays as it is. Raises `LeaseTaken`.
        """
        owner = new_request()

        async def look() -> tuple[Lease, int | Note | None] | float:
            change = self.notes.changed(note, first(), self.seconds, 0, owner)
            generation, held, written = await self._steps.begin(lease_key(lease), owner, seconds, change)
            return (Lease(lease, owner, generation), self.notes.written(note, written)) if generation else held

        return await polled(look, patience, self._sleep)

    async def released(self, lease: Lease, note: str, text: str | None, over: int) -> bool:
        """Write a text over a generation of a note, or remove it for None, and give the lease back.

        Neither is done, and False returned, where the note is of another generation.
        """
        change = self.notes.changed(note, text, self.seconds, over)
        return await self._steps.finish(lease_key(lease.name), lease.owner, lease.generation, change)

    async def given_back(self, lease: Lease) -> bool:
        """Give a lease back and leave the note as it is; False where the lease is over, and perhaps another's."""
        return await self._steps.release(lease_key(lease.name), lease.owner, lease.generation)
