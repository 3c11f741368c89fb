"""Content lines (RFC 5545 section 3.1): name, parameters and value, and the times in values.

icalendar parses what precedes the value, once for each distinct text: in a feed of thousands of lines, some dozens.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

_HEAD_CHARS: Final = 1_000
_QUOTED_COLON = re.compile(r'(?:[^":]|"[^"]*")*:')
_LOCAL = re.compile(
    r"([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[T ]?([0-9]{2}):?([0-9]{2}):?([0-9]{2})?)?(?:\.[0-9]+)?Z?", re.IGNORECASE
)
_DURATION = re.compile(
    r"([+-])?P(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,7})M)?(?:([0-9]{1,8})S)?)?",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"\\([\\,;nN])")


class Property(NamedTuple):
    """A content line: its name in capitals, its parameters, and its value as written."""

    name: str
    parameters: Mapping[str, str]
    value: str

    @property
    def text(self) -> str:
        """The value of a property of text, unescaped."""
        return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], self.value)


def content(line: str) -> Property | None:
    """Return the parts of an unfolded line; None if it is not a content line."""
    name, colon, value = line.partition(":")
    if not colon:
        return None
    if ";" not in name:
        return Property(name.strip().upper(), {}, value) if name.strip() else None
    if '"' in name:
        head = _QUOTED_COLON.match(line)
        name, value = (line[: head.end() - 1], line[head.end() :]) if head is not None else (name, value)
    return Property(*_head(name[:_HEAD_CHARS]), value)


@lru_cache(maxsize=512)
def _head(head: str) -> tuple[str, Mapping[str, str]]:
    """Return the name and the parameters of a line; of a parameter with several values, the first."""
    # Imported late: icalendar takes long to import, and a server without calendars does not need it.
    from icalendar.parser import Contentline

    read: dict[str, str | list[str]]
    try:
        name, parameters, _ = Contentline(f"{head}:").raw_parts()  # type: ignore[no-untyped-call]
        read = dict(parameters)
    except ValueError:
        name, *parts = head.split(";")
        read = {key: value.strip('"') for key, _, value in (part.partition("=") for part in parts)}
    values = ((key, one[0] if isinstance(one, list) else one) for key, one in read.items())
    return str(name).strip().upper(), {key.strip().upper(): value.strip() for key, value in values}


def read_local(text: str) -> datetime | None:
    """Return a date or date-time by its clock, midnight for a date; None for anything else."""
    match = _LOCAL.fullmatch(text.strip())
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        # A leap second is read as the second before, as RFC 5545 (section 3.3.12) allows.
        return datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001
    except ValueError:
        return None


def read_duration(text: str) -> tuple[int, timedelta] | None:
    """Return a duration as whole calendar days and the time beyond them; None if invalid or negative."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or match[1] == "-" or not any(match.groups()[1:]):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    return weeks * 7 + days, timedelta(hours=hours, minutes=minutes, seconds=seconds)
