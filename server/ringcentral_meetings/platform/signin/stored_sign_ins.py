"""Every sign-in that this user's processes have stored, for any profile, app and server.

A keyring cannot be searched: the stamp files in the folder name what it holds (`token_stores.revision_path`).
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

from ringcentral_meetings.platform.signin.token_stores import (
    FileStorage,
    Storage,
    StorageUnusable,
    keyring_storage,
)

LOCK_SECONDS: Final = 5.0
SUFFIXES: Final = (".json", ".new", ".lock")
"""The endings of the files in the folder of sign-ins, except the stamps of what a keyring holds."""


class Stored(NamedTuple):
    """A sign-in by its name, and the storage that holds it."""

    name: str
    storage: Storage


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the locks of all sign-ins. Raises `StorageUnusable` if another process does not give one up."""
    from filelock import FileLock, Timeout

    with ExitStack() as held:
        for path in sorted(folder.glob("*.lock")):
            try:
                held.enter_context(FileLock(path, timeout=LOCK_SECONDS, mode=0o600))
            except Timeout:
                raise StorageUnusable(f"The lock {path}", "another process holds it") from None
            except OSError as fault:
                raise StorageUnusable(f"The lock {path}", fault.strerror or type(fault).__name__) from fault
        yield


def in_files(folder: Path, records: frozenset[str]) -> list[Stored]:
    """Return the sign-ins in files; the `records` in the same folder are not among them."""
    files = FileStorage(folder)
    return [Stored(name, files) for name in sorted({path.stem for path in folder.glob("*.json")} - records)]


def in_keyring(folder: Path) -> list[Stored]:
    """Return the sign-ins in the keyring. Raises `KeyringUnusable` if there are any and it cannot be opened."""
    names = sorted(path.stem for path in folder.glob("*.stamp"))
    ring = keyring_storage(folder) if names else None
    return [Stored(name, ring) for name in names if ring is not None]


def remove_files(folder: Path) -> list[Path]:
    """Remove our files from the folder, and the folder if nothing else is in it; return what was removed.

    Stamps are left to the removal of what they stand for in the keyring. Raises OSError.
    """
    ours = [path for suffix in SUFFIXES for path in sorted(folder.glob(f"*{suffix}"))]
    for path in ours:
        path.unlink(missing_ok=True)
    return [*ours, *remove_empty(folder)]


def remove_empty(*folders: Path) -> list[Path]:
    """Remove the folders that are empty, and return them."""
    removed = []
    for folder in folders:
        with suppress(OSError):  # something is in it, or it is not there
            folder.rmdir()
            removed.append(folder)
    return removed
