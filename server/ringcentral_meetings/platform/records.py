"""A small text that a user's processes share: in a file beside the stored sign-ins, else in this process alone."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeVar

import anyio
import anyio.to_thread

from ringcentral_meetings.platform.named_locks import LocalTurns
from ringcentral_meetings.platform.signin.token_stores import (
    OWNER_ONLY,
    FileStorage,
    StorageUnusable,
    prepare,
    state_folder,
)

LOCK_SECONDS: Final = 5.0
"""How long a change waits for other processes, whose changes take milliseconds."""

LAST_SECONDS: Final = 10.0
"""How long a change at the end of a turn may take, whose call may be over."""

T = TypeVar("T")
Edit = Callable[[str | None], tuple[str | None, T]]
"""Returns the new text for the present one, and a result. None stands for no text. It may be called again."""

Beginning = Callable[[str | None], tuple[str, T]]
"""An edit that always leaves a text."""

logger = logging.getLogger(__name__)


class Record(Protocol):
    """A text that outlives a call, and the process too if it is in a file."""

    async def change(self, edit: Edit[T]) -> T:
        """Replace the text by what `edit` makes of it, while nobody else changes it; return the result."""
        ...


class HeldRecord(Protocol):
    """A record within a turn. Changes raise `Refused` if it is shared and cannot be reached."""

    async def change(self, edit: Edit[T]) -> T:
        """Replace the text by what `edit` makes of it; return the result."""
        ...

    async def change_before_request(self, edit: Edit[None]) -> None:
        """Change it before the next request of this call is sent; what `edit` raises keeps that from being sent."""
        ...

    def change_at_end(self, edit: Edit[None]) -> None:
        """Change it as the turn ends. The call goes on even if that fails."""
        ...


class RecordTurns(Protocol):
    """Records, each changed by one call at a time, among all that share it."""

    def turn(self, name: str, begin: Beginning[T]) -> AbstractAsyncContextManager[tuple[HeldRecord, T]]:
        """Hold the turn of a name for the block, its record changed by `begin` first; the result goes with it.

        Raises `Refused` if no turn comes.
        """
        ...


class KeptText(Protocol):
    """A text that processes share for a while. Where it cannot be had, it is as if there were none."""

    async def read(self) -> str | None: ...

    async def write(self, text: str) -> None: ...


class MemoryRecord:
    """A text of this process alone."""

    def __init__(self) -> None:
        self._text: str | None = None

    async def change(self, edit: Edit[T]) -> T:
        self._text, result = edit(self._text)
        return result


class LocalRecordTurns:
    """Turns among the calls of this process, all at one record, which other processes may share."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._turns = LocalTurns()

    @asynccontextmanager
    async def turn(self, name: str, begin: Beginning[T]) -> AsyncIterator[tuple[HeldRecord, T]]:
        async with self._turns.turn(name):
            held = _LocalRecord(self._record)
            result = await self._record.change(begin)
            try:
                yield held, result
            finally:
                with anyio.move_on_after(LAST_SECONDS, shield=True):
                    for edit in held.last:
                        await self._record.change(edit)


@dataclass(frozen=True, slots=True)
class _LocalRecord:
    record: Record
    last: list[Edit[None]] = field(default_factory=list)

    async def change(self, edit: Edit[T]) -> T:
        return await self.record.change(edit)

    async def change_before_request(self, edit: Edit[None]) -> None:
        await self.record.change(edit)

    def change_at_end(self, edit: Edit[None]) -> None:
        self.last.append(edit)


class FileRecord:
    """A text in a file that only its owner can read, replaced as a whole under a lock among processes.

    If the file cannot be used, that is logged, and the text is kept in this process from then on.
    """

    def __init__(self, name: str, folder: Path | None = None) -> None:
        self._name = name
        self._folder = folder
        self._instead: MemoryRecord | None = None

    async def change(self, edit: Edit[T]) -> T:
        if self._instead is None:
            try:
                return await anyio.to_thread.run_sync(self._change, edit)
            except StorageUnusable as unusable:
                logger.warning("%s; it is kept in memory, and ends with this process", unusable)
                self._instead = MemoryRecord()
        return await self._instead.change(edit)

    def _change(self, edit: Edit[T]) -> T:
        from filelock import FileLock, Timeout

        folder = self._folder or state_folder()
        prepare(folder)
        storage, lock = FileStorage(folder, "The record"), folder / f"{self._name}.lock"
        try:
            with FileLock(lock, timeout=LOCK_SECONDS, mode=OWNER_ONLY):
                return _edited(storage, self._name, edit)
        except Timeout:
            raise StorageUnusable(f"The lock {lock}", "another process holds it") from None
        except OSError as fault:
            raise StorageUnusable(f"The lock {lock}", fault.strerror or type(fault).__name__) from fault


def _edited(storage: FileStorage, name: str, edit: Edit[T]) -> T:
    before = storage.read(name)
    after, result = edit(before)
    if after is None and before is not None:
        storage.remove(name)
    elif after is not None and after != before:
        storage.write(name, after)
    return result
