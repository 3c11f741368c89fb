"""The clocks by which the times in a calendar file are read: zones of the tz database, or defined in the file.

Local times are naive, instants are whole seconds since 1970 in UTC. A local time that clocks skip is read with the
offset before the change, one that they show twice is the first (RFC 5545 section 3.3.5).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from whenever import Instant, PlainDateTime

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001  (naive, as all local times here)
_LAST_YEAR: Final = 9_990


class Clock(Protocol):
    """Converts between local times and instants."""

    def instant(self, wall: datetime) -> int: ...

    def wall(self, instant: int) -> datetime: ...


@dataclass(frozen=True, slots=True)
class NamedClock:
    """The clocks of a zone of the tz database."""

    zone: str

    def instant(self, wall: datetime) -> int:
        plain = PlainDateTime(wall.year, wall.month, wall.day, wall.hour, wall.minute, wall.second)
        return plain.assume_tz(self.zone, disambiguation="compatible").timestamp()

    def wall(self, instant: int) -> datetime:
        return Instant.from_timestamp(instant).to_tz(self.zone).to_plain().to_stdlib()


@dataclass(frozen=True, slots=True)
class FixedClock:
    """Clocks that are never changed."""

    offset: timedelta = timedelta()

    def instant(self, wall: datetime) -> int:
        return _seconds(wall - self.offset)

    def wall(self, instant: int) -> datetime:
        return _EPOCH + timedelta(seconds=instant) + self.offset


UTC_CLOCK: Final = FixedClock()


@dataclass(frozen=True, slots=True)
class Onset:
    """A change of the clocks: when it comes, in local time before it, and the offsets before and after."""

    wall: datetime
    before: timedelta
    after: timedelta

    @property
    def instant(self) -> int:
        return _seconds(self.wall - self.before)


Onsets = Callable[[int, int], Iterable[Onset]]
"""Returns the changes from one year to another, both inclusive, and the last of each kind before."""


@dataclass(slots=True)
class DefinedClock:
    """Clocks that a file defines by itself (VTIMEZONE), read for a few years at a time."""

    onsets: Onsets
    _known: dict[int, tuple[list[int], list[Onset]]] = field(default_factory=dict)

    def instant(self, wall: datetime) -> int:
        onsets = self._around(wall.year)[1]
        offsets = sorted({offset for onset in onsets for offset in (onset.before, onset.after)}, reverse=True)
        fitting = [found for offset in offsets if self._offset(found := _seconds(wall - offset), wall.year) == offset]
        if fitting:
            return fitting[0]
        return _seconds(wall - self._offset(_seconds(wall - offsets[0]), wall.year))

    def wall(self, instant: int) -> datetime:
        utc = _EPOCH + timedelta(seconds=instant)
        return utc + self._offset(instant, utc.year)

    def _offset(self, instant: int, year: int) -> timedelta:
        instants, onsets = self._around(year)
        place = bisect_right(instants, instant)
        return onsets[place - 1].after if place else onsets[0].before

    def _around(self, year: int) -> tuple[list[int], list[Onset]]:
        if year not in self._known:
            first, last = max(year - 1, 1), min(year + 1, _LAST_YEAR)
            onsets = sorted(self.onsets(first, last), key=lambda onset: onset.instant)
            self._known[year] = ([onset.instant for onset in onsets], onsets)
        return self._known[year]


def to_instant(seconds: int) -> Instant:
    """Return the instant at `seconds` since 1970."""
    return Instant.from_timestamp(seconds)


def utc_date(seconds: int) -> int:
    """Return the date in UTC as a number, 20261124."""
    found = datetime.fromtimestamp(seconds, UTC)
    return found.year * 10_000 + found.month * 100 + found.day


def _seconds(utc: datetime) -> int:
    return int((utc - _EPOCH).total_seconds())
