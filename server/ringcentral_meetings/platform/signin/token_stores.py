"""Storage for sign-ins: the operating system's keyring, private files, or this process.

Each storage holds small texts by name. Reading and writing may block. A writer holds the lock of the name.
"""

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from keyring.backend import KeyringBackend

SERVICE: Final = "ringcentral-meetings-mcp"
OWNER_ONLY: Final = 0o600
OWNER_ONLY_FOLDER: Final = 0o700
LONGEST_ON_WINDOWS: Final = 2_560
REPLACE_TRIES: Final = 5
REPLACE_PAUSE_SECONDS: Final = 0.02

TokenStoreSetting = Literal["auto", "keyring", "file", "memory"]


class StorageUnusable(Exception):
    """A storage that cannot be read or written; the text says where, and `why`."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}")
        self.where = where
        self.why = why


class KeyringUnusable(StorageUnusable):
    """A keyring that does not exist or cannot be opened, whatever it is asked for."""

    def __init__(self, why: str) -> None:
        super().__init__("The keyring", why)


class TooLong(StorageUnusable):
    """A text that is too large for the storage."""


class Storage(Protocol):
    """Small texts by name. All raise `StorageUnusable`."""

    revision_may_lag: ClassVar[bool]
    """Whether a process that dies while writing may leave a new text with the old revision."""

    def revision(self, name: str) -> object:
        """Return a value that changes with each write by any process. It is quick to read."""
        ...

    def read(self, name: str) -> str | None: ...

    def write(self, name: str, text: str) -> None: ...

    def remove(self, name: str) -> None: ...

    def where(self, name: str) -> str:
        """Return words for the place of a name, to begin a sentence with."""
        ...


class FileStorage:
    """A file for each name, readable by its owner alone.

    A file is replaced as a whole: a reader, even after a crash, finds the old text or the new one.
    """

    revision_may_lag: ClassVar[bool] = False

    def __init__(self, folder: Path, what: str = "The stored sign-in") -> None:
        self._folder = folder
        self._what = what

    def where(self, name: str) -> str:
        return f"{self._what} {self._path(name)}"

    def revision(self, name: str) -> object:
        try:
            found = self._path(name).stat()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise self._unusable(name, fault) from fault
        return found.st_ino, found.st_mtime_ns, found.st_size

    def read(self, name: str) -> str | None:
        try:
            with self._path(name).open("rb") as file:
                _close_to_others(file.fileno())
                return file.read().decode(errors="replace")
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise self._unusable(name, fault) from fault

    def write(self, name: str, text: str) -> None:
        path = self._path(name)
        new = path.with_suffix(".new")
        try:
            new.unlink(missing_ok=True)
            with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            _replace(new, path)
        except OSError as fault:
            raise self._unusable(name, fault) from fault

    def remove(self, name: str) -> None:
        try:
            self._path(name).unlink(missing_ok=True)
        except OSError as fault:
            raise self._unusable(name, fault) from fault

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _unusable(self, name: str, fault: OSError) -> StorageUnusable:
        return StorageUnusable(self.where(name), _reason(fault))


class KeyringStorage:
    """The keyring of the operating system. An empty file beside it shows other processes that something was written."""

    revision_may_lag: ClassVar[bool] = True

    def __init__(self, backend: "KeyringBackend", folder: Path) -> None:
        self._backend = backend
        self._folder = folder

    def where(self, name: str) -> str:
        return f"The sign-in {name} in the keyring ({self._backend.name})"

    def revision(self, name: str) -> object:
        try:
            return self._revision_path(name).stat().st_mtime_ns
        except OSError:
            return None

    def read(self, name: str) -> str | None:
        return self._call_backend(name, lambda: self._backend.get_password(SERVICE, name))

    def write(self, name: str, text: str) -> None:
        if sys.platform == "win32" and len(text.encode("utf-16-le")) > LONGEST_ON_WINDOWS:
            raise TooLong(self.where(name), "it is too long for this keyring")
        self._call_backend(name, lambda: self._backend.set_password(SERVICE, name, text))
        self._touch_revision(name)

    def remove(self, name: str) -> None:
        if self.read(name) is not None:
            self._call_backend(name, lambda: self._backend.delete_password(SERVICE, name))
        try:
            self._revision_path(name).unlink(missing_ok=True)
        except OSError as fault:
            raise StorageUnusable(str(self._revision_path(name)), _reason(fault)) from fault

    def _call_backend(self, name: str, question: "Callable[[], str | None]") -> str | None:
        try:
            return question()
        except Exception as fault:  # a backend is anybody's code, with exceptions of its own
            raise StorageUnusable(self.where(name), _reason(fault)) from fault

    def _touch_revision(self, name: str) -> None:
        try:
            self._revision_path(name).touch(OWNER_ONLY)
        except OSError as fault:
            raise StorageUnusable(str(self._revision_path(name)), _reason(fault)) from fault

    def _revision_path(self, name: str) -> Path:
        return revision_path(self._folder, name)


class KeyringWithFileFallback:
    """The keyring, or a file for a text that is too long for it. A file comes before an entry of the keyring."""

    revision_may_lag: ClassVar[bool] = True

    def __init__(self, keyring: KeyringStorage, files: FileStorage) -> None:
        self._keyring = keyring
        self._files = files

    def where(self, name: str) -> str:
        return self._holder(name).where(name)

    def revision(self, name: str) -> object:
        return self._keyring.revision(name), self._files.revision(name)

    def read(self, name: str) -> str | None:
        return self._holder(name).read(name)

    def write(self, name: str, text: str) -> None:
        try:
            self._keyring.write(name, text)
        except TooLong:
            self._files.write(name, text)
            self._keyring.remove(name)
        else:
            self._files.remove(name)

    def remove(self, name: str) -> None:
        self._files.remove(name)
        self._keyring.remove(name)

    def _holder(self, name: str) -> Storage:
        return self._keyring if self._files.revision(name) is None else self._files


class MemoryStorage:
    """This process alone."""

    revision_may_lag: ClassVar[bool] = False

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def where(self, name: str) -> str:
        return f"The sign-in {name} in memory"

    def revision(self, name: str) -> object:
        return self._texts.get(name)

    def read(self, name: str) -> str | None:
        return self._texts.get(name)

    def write(self, name: str, text: str) -> None:
        self._texts[name] = text

    def remove(self, name: str) -> None:
        self._texts.pop(name, None)


def state_folder() -> Path:
    """Return the folder of the signed-in sessions, under the platform's state directory."""
    from platformdirs import user_state_path

    return user_state_path(SERVICE, appauthor=False) / "sessions"


def revision_path(folder: Path, name: str) -> Path:
    """Return the file that exists while the keyring holds something under the name."""
    return folder / f"{name}.stamp"


def prepare(folder: Path) -> None:
    """Create the folder, open to its owner alone. Raises `StorageUnusable`."""
    try:
        folder.mkdir(mode=OWNER_ONLY_FOLDER, parents=True, exist_ok=True)
        if folder.stat().st_mode & 0o077:
            folder.chmod(OWNER_ONLY_FOLDER)
        if not os.access(folder, os.W_OK):
            raise StorageUnusable(f"The folder of sign-ins {folder}", "it cannot be written")
    except OSError as fault:
        raise StorageUnusable(f"The folder of sign-ins {folder}", _reason(fault)) from fault


def keyring_storage(folder: Path) -> KeyringStorage:
    """Return the system's keyring, if it works; recommended backends have a priority of 1 or more.

    Raises `KeyringUnusable`. Source: keyring's README, "Writing your own keyring backend".
    """
    try:
        # keyring loads the backend that is configured while it is imported itself. Backends are packages of others,
        # and each fails in its own way: by an import, by a missing bus, by exceptions of its own.
        import keyring

        backend = keyring.get_keyring()
        usable = backend.priority >= 1
    except Exception as fault:
        raise KeyringUnusable(_why_not_loaded(fault)) from fault
    if not usable:
        raise KeyringUnusable("there is none on this system")
    storage = KeyringStorage(backend, folder)
    try:
        storage.read("probe")
    except StorageUnusable as unusable:
        raise KeyringUnusable(unusable.why) from unusable
    return storage


def _why_not_loaded(fault: Exception) -> str:
    pinned = os.environ.get("PYTHON_KEYRING_BACKEND")
    named = " that PYTHON_KEYRING_BACKEND names" if pinned else ""
    return f"its backend{named} cannot be loaded ({_reason(fault)})"


def _close_to_others(descriptor: int) -> None:
    """Remove the access that a copy or a careless chmod gave to others."""
    if hasattr(os, "fchmod") and os.fstat(descriptor).st_mode & 0o077:
        os.fchmod(descriptor, OWNER_ONLY)


def _replace(new: Path, path: Path) -> None:
    """Replace a file. On Windows that fails while a process reads it, so it is tried again shortly after."""
    for _ in range(REPLACE_TRIES - 1):
        try:
            new.replace(path)
        except PermissionError:
            time.sleep(REPLACE_PAUSE_SECONDS)
        else:
            return
    new.replace(path)


def _reason(fault: Exception) -> str:
    """Return the operating system's words for a fault, else its type: a keyring's own words might repeat a secret."""
    if isinstance(fault, OSError) and fault.strerror:
        return fault.strerror[0].lower() + fault.strerror[1:]
    return type(fault).__name__
