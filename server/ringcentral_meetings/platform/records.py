"""A small text that a user's processes share: in a file beside the stored sign-ins, else in this process alone."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

import anyio.to_thread

from ringcentral_meetings.platform.signin.token_stores import (
    OWNER_ONLY,
    FileStorage,
    StorageUnusable,
    prepare,
    state_folder,
)

LOCK_SECONDS: Final = 5.0
"""How long a change waits for other processes, whose changes take milliseconds."""

T = TypeVar("T")
Edit = Callable[[str | None], tuple[str | None, T]]
"""Returns the new text for the present one, and a result. None stands for no text."""

logger = logging.getLogger(__name__)


class Record(Protocol):
    """A text that outlives a call, and the process too if it is in a file."""

    async def change(self, edit: Edit[T]) -> T:
        """Replace the text by what `edit` makes of it, while nobody else changes it; return the result."""
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
