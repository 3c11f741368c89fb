"""What the environment and an env-file say besides valid settings: placeholders, misspelt names and broken lines."""

import os
import re
import stat
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "RINGCENTRAL_"
PLACEHOLDER = "..."
"""What stands for a value in the configuration that `config` and the README show."""

SAFETY = frozenset({"RINGCENTRAL_READ_ONLY", "RINGCENTRAL_CONFIRM"})
"""Settings that protect meetings: a name that looks like a misspelling of one of them is not ignored."""

SECRETS = frozenset(
    {
        *("RINGCENTRAL_CLIENT_SECRET", "RINGCENTRAL_JWT", "RINGCENTRAL_ACCESS_TOKEN", "RINGCENTRAL_CALENDARS"),
        *("RINGCENTRAL_PROXY", "RC_APP_CLIENT_SECRET", "RC_USER_JWT"),
    }
)
"""Settings whose values are secrets, or may hold one."""

_PLACEHOLDERS = re.compile(r"\.\.\.|\$\{[^{}]*\}|%\w+%")
"""The dots of an example, and what clients and shells leave of a variable that has no value."""
_SIMILAR = 0.7


@dataclass(frozen=True, slots=True)
class Findings:
    """What is worth a warning. `unknown` maps each unknown name to the nearest setting, if one is near.

    `open_file` is an env-file with secrets that other users of this computer can read.
    """

    unfilled: tuple[str, ...] = ()
    unknown: Mapping[str, str | None] = field(default_factory=dict)
    useless_file: Path | None = None
    open_file: Path | None = None

    @property
    def misspelt_safety(self) -> list[str]:
        """The unknown names that are close to a safety setting."""
        return [name for name, nearest in self.unknown.items() if nearest in SAFETY]

    def unknown_names(self) -> Iterator[str]:
        """Yield each unknown name with the nearest setting."""
        for name, nearest in self.unknown.items():
            yield f"{name} is not a setting" + (f"; did you mean {nearest}?" if nearest else "")

    def lines(self) -> Iterator[str]:
        """Yield every warning; none shows a value."""
        yield from self.unknown_names()
        for name in self.unfilled:
            yield f"{name} is not filled in and counts as unset"
        if self.useless_file is not None:
            yield f"{self.useless_file} holds no setting"
        if self.open_file is not None:
            yield f"{self.open_file} holds secrets, and others can read it: run chmod 600 on it"


def is_placeholder(value: str | None) -> bool:
    """Return whether a value is exactly one placeholder that nobody filled in."""
    return value is not None and _PLACEHOLDERS.fullmatch(value.strip()) is not None


def expanded(path: str | Path) -> Path:
    """Return the path with `~` replaced by the home folder; unchanged if that is unknown."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        return Path(path)


def read_file(path: Path) -> dict[str, str]:
    """Return the values of an env-file as they are written, without substitution.

    Raises:
        ValueError: a line is not `NAME=value`; the message gives its number, and none of its text.
        OSError, UnicodeDecodeError: the file cannot be read.
    """
    from dotenv.parser import parse_stream

    values: dict[str, str] = {}
    with path.open(encoding="utf-8") as lines:
        for binding in parse_stream(lines):
            if binding.error or (binding.key is not None and binding.value is None):
                blank = len(binding.original.string) - len(binding.original.string.lstrip())
                line = binding.original.line + binding.original.string[:blank].count("\n")
                raise ValueError(f"line {line} is not NAME=value")
            if binding.key is not None:
                values[binding.key] = binding.value or ""
    return values


def inspect(environ: Mapping[str, str], path: Path | None, known: frozenset[str]) -> Findings:
    """Return what is worth a warning in the environment and in an env-file; `known` are the names of settings.

    Names count in upper and lower case alike. Raises as `read_file`.
    """
    in_file = {name.upper(): value for name, value in (read_file(path) if path else {}).items()}
    given = in_file | {name.upper(): value for name, value in environ.items()}
    unknown = sorted(name for name in given if name.startswith(PREFIX) and name not in known)
    return Findings(
        unfilled=tuple(sorted(name for name in given if name in known and is_placeholder(given[name]))),
        unknown={name: _nearest(name, known) for name in unknown},
        useless_file=path if path is not None and not known & in_file.keys() else None,
        open_file=path if path is not None and SECRETS & in_file.keys() and _others_can_read(path) else None,
    )


def _others_can_read(path: Path) -> bool:
    """Return whether group or others may read a file, where files have such permissions."""
    return os.name == "posix" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _nearest(name: str, known: Collection[str]) -> str | None:
    """Return the setting whose name is most like this one, if any; the common prefix and underscores do not count."""
    from difflib import get_close_matches

    short = {_short(one): one for one in known if one.startswith(PREFIX)}
    found = get_close_matches(_short(name), short, n=1, cutoff=_SIMILAR)
    return short[found[0]] if found else None


def _short(name: str) -> str:
    return name.removeprefix(PREFIX).replace("_", "")
