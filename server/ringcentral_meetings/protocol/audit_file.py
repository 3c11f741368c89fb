"""The file of the audit log: how it is opened, and whether that can be done."""

import os
from pathlib import Path

_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Without O_NONBLOCK, opening a pipe that nobody reads would wait."""


def opened(path: Path) -> int:
    """Open the file to append to, and create it, for its owner alone, unless it is there. Raises OSError."""
    return os.open(path, _FLAGS, 0o600)


def problem(place: object) -> str | None:
    """Return why lines cannot be written to a place, after the name of its setting; None if they can.

    The file is created unless it is there already.
    """
    if not isinstance(place, Path):
        return None
    try:
        os.close(opened(place))
    except OSError as failed:
        return f"RINGCENTRAL_AUDIT_LOG: {place} cannot be written ({failed.strerror})"
    return None
