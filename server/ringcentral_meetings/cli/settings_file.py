"""The env-file that `setup` writes for a profile: what the server needs and a client's file must not hold."""

import os
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from ringcentral_meetings import PROGRAM
from ringcentral_meetings.environment import is_placeholder
from ringcentral_meetings.settings import ENV_FILE, Settings, load

HEAD: Final = (
    "# Settings of ringcentral-meetings-mcp, written by setup. It may hold secrets: it is for its owner alone.\n"
)
NOT_KEPT: Final = frozenset({"RINGCENTRAL_ENV_FILE", "RINGCENTRAL_SIMULATOR"})
"""What an entry says itself, by its options."""


def settings_file(profile: str) -> Path:
    """Return the path of a profile's file, in the user's configuration folder."""
    from platformdirs import user_config_path

    return user_config_path(PROGRAM, appauthor=False) / f"{profile}.env"


def load_for_command(env_file: str | None, overrides: Mapping[str, Any]) -> tuple[Settings, Path | None]:
    """Return the settings for a command in a terminal, and the file of `setup` if that is read for want of others.

    It is read if no file is named, neither an account nor the simulator is set, and the file is the user's own. The
    environment and `overrides` come before it. Raises `SettingsError`.
    """
    settings = load(env_file, overrides)
    if names_file(env_file) or settings.simulator or has_account(settings):
        return settings, None
    kept = settings_file(settings.profile)
    return (load(kept, overrides), kept) if _is_own(kept) else (settings, None)


def names_file(env_file: str | None) -> bool:
    """Return whether an option or the environment names an env-file."""
    return bool(env_file or os.environ.get(ENV_FILE))


def has_account(settings: Settings) -> bool:
    """Return whether anything is set that says whose account to use."""
    return any((settings.client_id, settings.jwt, settings.access_token))


def _is_own(path: Path) -> bool:
    """Return whether a path is a file of the present user, as far as files have owners."""
    try:
        found = path.stat()
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and (sys.platform == "win32" or found.st_uid == os.geteuid())


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
