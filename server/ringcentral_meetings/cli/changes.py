"""Changes of clients' configuration files: planned, shown, made at once or not at all, and taken back."""

import difflib
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ringcentral_meetings.cli import edits
from ringcentral_meetings.cli.clients.found import ConfigFile
from ringcentral_meetings.untrusted_text import clean, truncated

BACKUP_SUFFIX: Final = ".before-ringcentral-meetings"
OWNER_ONLY: Final = 0o600
LONGEST_SHOWN: Final = 400
"""How long a changed line may be to be shown: what has longer ones was not laid out for people."""

CONTEXT_WIDTH: Final = 76
"""How much is shown of a line that stays as it is."""

HIDDEN: Final = r"\1..."
"""What stands for a value that looks like a secret."""

_BOM: Final = "\ufeff"
_SECRET: Final = re.compile(
    r"([\w-]*(?:key|token|secret|password|passwd|jwt|auth|bearer|credential)[\w-]*[\"']?\s*[:=]\s*)\S.*", re.IGNORECASE
)


class Unwritable(Exception):
    """A file that is left as it is; says which, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path} is left as it is: {why}")


@dataclass(slots=True)
class Change:
    """A file before and after; None stands for no file. A private one becomes its owner's alone."""

    path: Path
    before: bytes | None
    after: bytes | None
    keeps_backup: bool = False
    drops_backup: bool = False
    is_private: bool = False
    _made: list[Path] = field(default_factory=list)

    @property
    def backup(self) -> Path:
        """Where the file's former content is kept, beside it."""
        return _backup(self.path)

    @property
    def is_empty(self) -> bool:
        """Whether the file already is as it should be."""
        return self.before == self.after

    def make(self) -> None:
        """Write the file. Raises `Unwritable`, and then has changed nothing."""
        if _content(self.path) != self.before:
            raise Unwritable(self.path, "it was changed meanwhile; run the command again")
        try:
            self._make_folders()
            if self.keeps_backup and self.before is not None:
                _write(self.backup, self.before, self.path)
            _put(self.path, self.after, None if self.is_private else self.path)
            if self.drops_backup:
                self.backup.unlink(missing_ok=True)
        except OSError as fault:
            with suppress(OSError):
                self.take_back()
            raise Unwritable(self.path, fault.strerror or type(fault).__name__) from fault

    def take_back(self) -> bool:
        """Put everything back as it was before `make`; return False if the file was changed again, and is left so."""
        now = _content(self.path)
        if now not in (self.before, self.after):
            return False
        if now != self.before:
            _put(self.path, self.before, self.path)
        if self.keeps_backup:
            self.backup.unlink(missing_ok=True)
        for folder in reversed(self._made):
            with suppress(OSError):  # something else is in it by now
                folder.rmdir()
        return True

    def _make_folders(self) -> None:
        missing = [folder for folder in self.path.parents if not folder.exists()]
        for folder in reversed(missing):
            folder.mkdir(mode=0o700 if self.is_private else 0o777)
            self._made.append(folder)

    def lines(self) -> Iterator[str]:
        """Yield the change as a unified diff without its head. No value that looks like a secret is shown."""
        before, after = (_lines(content) for content in (self.before, self.after))
        shown = list(difflib.unified_diff(before, after, n=2, lineterm=""))[2:]
        if any(len(line) > LONGEST_SHOWN for line in shown if not line.startswith(" ")):
            yield "(the file is one long line: the entry is added to it, and nothing else is changed)"
            return
        for line in shown:
            if not line.startswith("@@"):
                yield _shown(line)


def make_all(changes: Sequence[Change]) -> None:
    """Make changes, all or none, also if this is interrupted. Raises `Unwritable`."""
    made: list[Change] = []
    try:
        for change in changes:
            made.append(change)
            change.make()
    except BaseException as fault:
        for change in reversed(made[:-1] if isinstance(fault, Unwritable) else made):
            change.take_back()
        raise


def planned(file: ConfigFile, server: Any) -> Change:
    """Return the change that puts an entry into a client's file. Raises `Unwritable`."""
    path, before, text = _read(file)
    kind = file.kind
    if before is None and kind.rival and (path.parent / kind.rival).exists():
        raise Unwritable(path, f"{kind.label} reads {kind.rival} beside it until there is one; move that over first")
    text = text or kind.head
    try:
        there = edits.entry(edits.read(kind.form, text), kind.place())
        after = _encoded(edits.put(kind.form, text, kind.place(), server), before)
    except (edits.Broken, edits.Uneditable) as wrong:
        raise Unwritable(path, str(wrong)) from None
    # A backup is of the file without our entry: the one of an earlier change is kept.
    keeps = before is not None and not (there is not None and _backup(path).exists())
    return Change(path, before, after, keeps_backup=keeps and before != after)


def undoing(file: ConfigFile) -> Change | None:
    """Return the change that takes the entry out of a client's file, None if it is not there. Raises `Unwritable`.

    Where nothing but the entry was changed since it was put there, the file becomes what it was, to the byte.
    """
    path, before, text = _read(file)
    kind, backup = file.kind, _kept(path)
    try:
        server = edits.entry(edits.read(kind.form, text), kind.place())
        if before is None or server is None:
            return None
        former = _decoded(path, backup) or kind.head
        after = backup
        if _encoded(edits.put(kind.form, former, kind.place(), server), backup) != before:
            old = edits.entry(edits.read(kind.form, former), kind.place())
            left = edits.put(kind.form, text, kind.place(), old) if old else edits.remove(kind.form, text, kind.place())
            after = _encoded(left, before)
    except (edits.Broken, edits.Uneditable) as wrong:
        raise Unwritable(path, str(wrong)) from None
    return Change(path, before, after, drops_backup=backup is not None)


def _backup(path: Path) -> Path:
    return path.with_name(path.name + BACKUP_SUFFIX)


def _read(file: ConfigFile) -> tuple[Path, bytes | None, str]:
    """Return the file that is meant, symbolic links followed, and its content."""
    try:
        path = file.path.resolve()
        content = _content(path)
    except (OSError, RuntimeError) as fault:
        raise Unwritable(file.path, getattr(fault, "strerror", None) or str(fault)) from fault
    return path, content, _decoded(path, content)


def _kept(path: Path) -> bytes | None:
    """Return what is kept of a file."""
    try:
        return _content(_backup(path))
    except OSError as fault:
        raise Unwritable(_backup(path), fault.strerror or type(fault).__name__) from fault


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _decoded(path: Path, content: bytes | None) -> str:
    try:
        return (content or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unwritable(path, "it is not UTF-8 text") from None


def _encoded(text: str, like: bytes | None) -> bytes:
    """Return the text as bytes, with a byte order mark if the former content has one."""
    return ((_BOM if (like or b"").startswith(_BOM.encode()) else "") + text).encode()


def _lines(content: bytes | None) -> list[str]:
    return (content or b"").decode("utf-8-sig", errors="replace").splitlines()


def _shown(line: str) -> str:
    """Return a line of the diff as text that is safe to show; what stays as it is may be cut."""
    text = line[1:].expandtabs(4)
    margin = " " * (len(text) - len(text.lstrip()))
    shown = f"{line[0]} {margin}{_SECRET.sub(HIDDEN, clean(text))}".rstrip()
    return truncated(shown, CONTEXT_WIDTH) if line[0] == " " else shown


def private(path: Path, content: bytes) -> Change:
    """Return the change that writes a file for its owner alone. Raises `Unwritable`."""
    try:
        return Change(path, _content(path), content, is_private=True)
    except OSError as fault:
        raise Unwritable(path, fault.strerror or type(fault).__name__) from fault


def _put(path: Path, content: bytes | None, like: Path | None) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        _write(path, content, like)


def _write(path: Path, content: bytes, like: Path | None) -> None:
    """Replace a file as a whole; its owner and permissions are those of a file `like` it, else its owner's alone."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if like is not None:
            _copy_rights(like, new)
        new.replace(path)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _copy_rights(like: Path, new: Path) -> None:
    with suppress(FileNotFoundError):
        rights = like.stat()
        new.chmod(rights.st_mode & 0o7777)
        if hasattr(os, "chown"):
            with suppress(PermissionError):
                os.chown(new, rights.st_uid, rights.st_gid)
