"""The env-file that `setup` writes for a profile: what the server needs and a client's file must not hold."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from ringcentral_meetings import PROGRAM
from ringcentral_meetings.environment import is_placeholder

HEAD: Final = (
    "# Settings of ringcentral-meetings-mcp, written by setup. It may hold secrets: it is for its owner alone.\n"
)
NOT_KEPT: Final = frozenset({"RINGCENTRAL_ENV_FILE", "RINGCENTRAL_SIMULATOR"})
"""What an entry says itself, by its options."""


def settings_file(profile: str) -> Path:
    """Return the path of a profile's file, in the user's configuration folder."""
    from platformdirs import user_config_path

    return user_config_path(PROGRAM, appauthor=False) / f"{profile}.env"


def of_this_terminal(known: Iterable[str]) -> dict[str, str]:
    """Return the settings in the environment, which clients would not see; `known` are the names of settings."""
    names = frozenset(known) - NOT_KEPT
    given = {name.upper(): value.strip() for name, value in os.environ.items() if name.upper() in names}
    return {name: value for name, value in given.items() if value and not is_placeholder(value)}


def written(values: Mapping[str, str]) -> bytes:
    """Return the content of a file. Raises `ValueError` for a value that no line can hold."""
    for name, value in values.items():
        if "\n" in value or "\r" in value or "${" in value:
            raise ValueError(f"{name} cannot be kept in a file: it holds a line end or ${{")
    return (HEAD + "".join(f"{name}={_quoted(value)}\n" for name, value in values.items())).encode()


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
