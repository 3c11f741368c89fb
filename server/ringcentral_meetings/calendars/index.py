"""The entries of a feed, found by their lines: which of them may matter in a window is known before one is parsed.

A feed of ten years is some megabytes of which a week needs a few kilobytes. Entries are cut out as bytes; lines are
unfolded within them (RFC 5545 section 3.1), whatever ends a line.
"""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, NamedTuple

MAX_ENTRY_BYTES: Final = 1_000_000
MAX_ENTRIES: Final = 100_000
NEVER: Final = 99_991_231
"""A date after all others, as a number of eight digits."""

_DEFAULT_DAYS: Final = 30
"""The assumed length of an entry whose lines do not show it."""

_MOST_DAYS: Final = 200_000
_KINDS: Final = (b"VEVENT", b"VTIMEZONE", b"VFREEBUSY")
_LINE_ENDS: Final = b"\r\n"
_NAME_ENDS: Final = (b"", b"\r", b"\n", b" ", b"\t")
_TEXTS: Final = (b"DESCRIPTION", b"LOCATION")
_LINE = re.compile(rb"\n(DTSTART|DTEND|DURATION|RRULE|RDATE|RECURRENCE-ID|FREEBUSY)[ \t]*([;:][^\n]*)", re.IGNORECASE)
_EIGHT = re.compile(rb"[0-9]{8}")
_UNTIL = re.compile(rb"UNTIL[ \t]*=[ \t]*([0-9]{8})", re.IGNORECASE)
_DURATION = re.compile(rb"(?:([0-9]{1,4})W)?(?:([0-9]{1,5})D)?(?:T|$)")
_COMPONENT = re.compile(rb"^(?:begin|end):v[a-z]+", re.IGNORECASE | re.MULTILINE)
_PIECE: Final = 262_144
"""How many bytes one slow call into C may take: no other thread of the process runs meanwhile."""


class NotACalendar(ValueError):
    """Bytes that are not a calendar; `html` if they are a web page."""

    def __init__(self, *, html: bool) -> None:
        super().__init__("a web page" if html else "not a calendar")
        self.html = html


class Entry(NamedTuple):
    """Where an entry lies in the file, and the first and last date that it can touch, as numbers (20261124)."""

    start: int
    end: int
    first: int
    last: int


class Entries:
    """Entries of one kind, kept as numbers: objects by the ten thousand would set off long garbage collections."""

    def __init__(self) -> None:
        self._columns = tuple(array("q") for _ in Entry._fields)

    def __len__(self) -> int:
        return len(self._columns[0])

    def __iter__(self) -> Iterator[Entry]:
        return map(Entry._make, zip(*self._columns, strict=True))

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        for column, value in zip(self._columns, entry, strict=True):
            column.append(value)

    def between(self, first: int, last: int) -> Iterator[Entry]:
        """Return those that may touch the dates from `first` to `last`."""
        return (entry for entry in self if entry.first <= last and entry.last >= first)


@dataclass(slots=True)
class Index:
    """What a file holds. `whole` is False if it is cut off; `broken` counts entries whose dates cannot be read."""

    data: bytes
    events: Entries = field(default_factory=Entries)
    busy_times: Entries = field(default_factory=Entries)
    zones: list[bytes] = field(default_factory=list)
    zone_name: str | None = None
    whole: bool = True
    broken: int = 0
    shows_texts: bool = True

    @property
    def too_many(self) -> bool:
        """Whether the file holds more than is read."""
        return len(self.events) + len(self.busy_times) + len(self.zones) >= MAX_ENTRIES

    def lines(self, entry: Entry) -> list[str]:
        """Return the unfolded lines of an entry, without its first and last."""
        text = _unfolded(self.data[entry.start : entry.end]).decode("utf-8", "replace")
        return [line for line in text.split("\n") if line.strip()]


def read_index(data: bytes) -> Index:
    """Find what a file holds, in a few passes over its bytes.

    Raises:
        NotACalendar: it is not a calendar.
    """
    data = _normalized(data)
    index = Index(data, whole=data.rfind(b"END:VCALENDAR") > data.rfind(b"BEGIN:V"))
    found = _next_component(data, 0)
    while found is not None and not index.too_many:
        kind, begins = found
        found = _next_component(data, begins)
        ends = _find_line(data, b"END:" + kind, begins, found[1] if found is not None else len(data))
        if ends < 0:
            index.broken += kind == b"VEVENT"
        elif kind == b"VTIMEZONE":
            index.zones.append(_unfolded(data[begins:ends]))
        else:
            _add(index, kind, begins, ends)
    index.zone_name = _zone_name(data)
    index.shows_texts = not index.events or any(_find_line(data, name, 0, len(data)) >= 0 for name in _TEXTS)
    return index


def _add(index: Index, kind: bytes, begins: int, ends: int) -> None:
    entry = None if ends - begins > MAX_ENTRY_BYTES else _read_entry(index.data, begins, ends)
    if entry is None:
        index.broken += kind == b"VEVENT"
    elif kind == b"VEVENT":
        index.events.add(entry)
    else:
        index.busy_times.add(entry)


def _normalized(data: bytes) -> bytes:
    """Return the file as UTF-8, with the names of its components in capitals."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(b"\xef\xbb\xbf")
    if b"BEGIN:VCALENDAR" in data:
        return data
    beginning = data[:_PIECE].lower()
    if b"begin:vcalendar" not in beginning:
        raise NotACalendar(html=b"<html" in beginning or b"<!doctype" in beginning)
    pieces = (data[place : place + _PIECE] for place in range(0, len(data), _PIECE))
    return b"".join(_COMPONENT.sub(lambda match: match[0].upper(), piece) for piece in pieces)


def _next_component(data: bytes, place: int) -> tuple[bytes, int] | None:
    """Return the next component of a kind that matters, and where its lines begin."""
    while (found := data.find(b"BEGIN:V", place)) >= 0:
        place = found + 7
        if found and data[found - 1] not in _LINE_ENDS:
            continue
        name = data[found + 6 : found + 20]
        kind = next(
            (kind for kind in _KINDS if name.startswith(kind) and name[len(kind) : len(kind) + 1] in _NAME_ENDS), None
        )
        if kind is not None:
            return kind, found + 6 + len(kind)
    return None


def _find_line(data: bytes, line: bytes, begins: int, until: int) -> int:
    """Return where the next line begins that starts with these bytes, or -1."""
    while (found := data.find(line, begins, until)) >= 0:
        if data[found - 1] in _LINE_ENDS:
            return found
        begins = found + 1
    return -1


def _unfolded(block: bytes) -> bytes:
    block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\n " in block or b"\n\t" in block:
        block = block.replace(b"\n ", b"").replace(b"\n\t", b"")
    return block


def _read_entry(data: bytes, begins: int, ends: int) -> Entry | None:
    """Return an entry with the dates that it can touch; None if its start cannot be read."""
    dates: list[int] = []
    starts = False
    length = repeats = 0
    until = None
    for written, rest in _LINE.findall(_unfolded(data[begins:ends])):
        name = written.upper()
        if name == b"DURATION":
            length = max(length, _days(rest))
        elif name in {b"RRULE", b"RDATE"}:
            repeats += 1
            until = _UNTIL.search(rest) if name == b"RRULE" else None
        else:
            found = [
                day for one in _EIGHT.findall(rest.partition(b":")[2].replace(b"-", b"")) if _is_date(day := int(one))
            ]
            starts = starts or (bool(found) and name in {b"DTSTART", b"FREEBUSY"})
            dates += found
        if b"THISANDFUTURE" in rest.upper():
            repeats += 2
    if not starts:
        return None
    first, last = min(dates), max(dates)
    if repeats:
        last = max(last, int(until[1]) + _distance_bound(first, last)) if repeats == 1 and until is not None else NEVER
    return Entry(begins, ends, first, min(_later_bound(last, length), NEVER))


def _is_date(day: int) -> bool:
    return 18_000_000 < day < 90_010_000 and 1 <= day // 100 % 100 <= 12 and 1 <= day % 100 <= 31


def _distance_bound(first: int, last: int) -> int:
    """Return a generous bound of what lies between two dates, in the numbers of dates."""
    return last - first + 100


def _days(rest: bytes) -> int:
    value = rest.rpartition(b":")[2].strip().lstrip(b"+P")
    found = _DURATION.match(value)
    return int(found[1] or 0) * 7 + int(found[2] or 0) + 1 if found else _DEFAULT_DAYS


def _later_bound(day: int, days: int) -> int:
    """Return a bound of the date some days later, in the numbers of dates."""
    if not days or day >= NEVER:
        return day
    start = date(day // 10_000, min(day // 100 % 100, 12), 1)
    later = start + timedelta(days=min(days, _MOST_DAYS) + 62)
    return later.year * 10_000 + later.month * 100 + later.day


def _zone_name(data: bytes) -> str | None:
    """Return the zone for times without one; the property is common, though not in the standard."""
    found = _find_line(data, b"X-WR-TIMEZONE", 0, len(data))
    line = data[found : found + 200].splitlines()[0] if found >= 0 else b""
    return line.rpartition(b":")[2].decode("utf-8", "replace").strip() or None
