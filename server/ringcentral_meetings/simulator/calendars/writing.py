"""iCalendar text (RFC 5545): lines, texts, times, and definitions of time zones."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

LINE_BYTES = 75
SHORTEST = timedelta(minutes=30)
"""Clocks change at full and half hours UTC."""


def file_of(lines: Iterable[str]) -> bytes:
    """Return the lines of a file as bytes, each folded to 75 of them."""
    return b"".join(_folded(line.encode()) + b"\r\n" for line in lines)


def text(value: str) -> str:
    """Return a text with what separates values escaped."""
    return value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")


def utc(moment: datetime) -> str:
    """Return a moment in UTC."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def local(moment: datetime) -> str:
    """Return a moment as its own clock shows it."""
    return moment.strftime("%Y%m%dT%H%M%S")


def day(moment: datetime) -> str:
    """Return the date of a moment."""
    return moment.strftime("%Y%m%d")


@lru_cache(maxsize=64)
def definition(zone: ZoneInfo, named: str, first: int, last: int) -> tuple[str, ...]:
    """Return a VTIMEZONE for the years from `first` to `last`: each change of clocks is an observance of its own."""
    before = datetime(first, 1, 1, tzinfo=UTC).astimezone(zone)
    lines = ["BEGIN:VTIMEZONE", f"TZID:{named}", f"X-LIC-LOCATION:{zone.key}"]
    lines += _observance(before.replace(tzinfo=None), before, before)
    step = timedelta(days=1)
    while before.year <= last:
        after = (before.astimezone(UTC) + step).astimezone(zone)
        if after.utcoffset() == before.utcoffset():
            before = after
        elif step > SHORTEST:
            step = SHORTEST
            continue
        else:
            lines += _observance(before.replace(tzinfo=None) + step, before, after)
            before = after
            step = timedelta(days=1)
    return (*lines, "END:VTIMEZONE")


def _observance(starts: datetime, before: datetime, after: datetime) -> Iterator[str]:
    """Return one change of the clocks, at a time by the clock before it."""
    kind = "DAYLIGHT" if after.dst() else "STANDARD"
    yield f"BEGIN:{kind}"
    yield f"DTSTART:{local(starts)}"
    yield f"TZOFFSETFROM:{before.strftime('%z')}"
    yield f"TZOFFSETTO:{after.strftime('%z')}"
    yield f"END:{kind}"


def _folded(line: bytes) -> bytes:
    parts = []
    while len(line) > LINE_BYTES:
        cut = LINE_BYTES
        while line[cut] & 0xC0 == 0x80:
            cut -= 1
        parts.append(line[:cut])
        line = b" " + line[cut:]
    return b"\r\n".join([*parts, line])
