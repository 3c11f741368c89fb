"""The zones of one feed: from the tz database if it has them, else as the feed defines them.

Definitions are kept for one feed alone. icalendar would keep the first one of each name for the whole process, so that
one calendar could shift the times of another.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from ringcentral_meetings.calendars.lines import Property, content, read_local
from ringcentral_meetings.calendars.rules import LAST_YEAR, FeedRule, TooLong, UnreadableRule, Work, dates, read_rule
from ringcentral_meetings.domain import zones
from ringcentral_meetings.domain.clocks import Clock, DefinedClock, NamedClock, Onset

_OFFSET = re.compile(r"([+-])([0-9]{2}):?([0-9]{2}):?([0-9]{2})?")
_EARLIEST: Final = 1_800


@dataclass(frozen=True, slots=True)
class _Observance:
    """A STANDARD or DAYLIGHT part: its offsets, its single onsets, and the rule of its yearly ones."""

    before: timedelta
    after: timedelta
    start: datetime
    rule: FeedRule | None
    single: tuple[datetime, ...]

    def onsets(self, first: int, last: int) -> list[Onset]:
        """Return the onsets in the years from `first` to `last`, and the last one before."""
        walls = [*self.single, *self._repeated(first, last)]
        earlier = [wall for wall in walls if wall.year < first]
        kept = [wall for wall in walls if first <= wall.year <= last] + ([max(earlier)] if earlier else [])
        return [Onset(wall, self.before, self.after) for wall in kept]

    def _repeated(self, first: int, last: int) -> list[datetime]:
        if self.rule is None:
            return []
        ends = _until(self.rule, self.before)
        high = min(datetime(last, 12, 31, 23), ends)  # noqa: DTZ001
        # Of a rule that has ended the last onset counts: two years suffice to find it.
        low = max(datetime(max(min(first, high.year) - 2, 1), 1, 1), self.start)  # noqa: DTZ001
        try:
            return list(dates(self.rule, self.start, low, high, Work()))
        except TooLong:
            return []


@dataclass(slots=True)
class FeedZones:
    """Finds the clock for the name of a zone. `calendar` is the clock of times without a zone."""

    definitions: Iterable[bytes]
    calendar: Clock
    _defined: dict[str, DefinedClock | None] | None = None
    _locations: dict[str, str] = field(default_factory=dict)
    _known: dict[str, Clock | None] = field(default_factory=dict)

    def clock(self, name: str) -> Clock | None:
        """Return the clock of a zone: of the tz database if that knows the name, else as the feed defines it."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> Clock | None:
        if (known := zones.identified(name)) is not None:
            return NamedClock(known)
        if self._defined is None:
            self._defined = self._read_definitions()
        plain = name.strip(' "')
        if (defined := self._defined.get(plain)) is not None:
            return defined
        located = zones.identified(self._locations.get(plain, ""))
        return NamedClock(located) if located is not None else None

    def _read_definitions(self) -> dict[str, DefinedClock | None]:
        found: dict[str, DefinedClock | None] = {}
        for block in self.definitions:
            own, parts = _parted(block.decode("utf-8", "replace"))
            name = _value(own, "TZID").strip(' "')
            self._locations.setdefault(name, _value(own, "X-LIC-LOCATION"))
            observances = [one for one in map(_observance, parts) if one is not None]
            if observances and name not in found:
                found[name] = DefinedClock(partial(_onsets, observances))
        return found


def _onsets(observances: Iterable[_Observance], first: int, last: int) -> list[Onset]:
    return [onset for one in observances for onset in one.onsets(first, last)]


def _parted(text: str) -> tuple[list[Property], list[list[Property]]]:
    """Return the properties of a VTIMEZONE, and those of each of its parts."""
    own: list[Property] = []
    parts: list[list[Property]] = []
    inside = False
    for line in text.split("\n"):
        if (found := content(line)) is None:
            continue
        if found.name in {"BEGIN", "END"}:
            inside = found.name == "BEGIN"
            parts += [[]] if inside else []
        else:
            (parts[-1] if inside else own).append(found)
    return own, parts


def _observance(part: list[Property]) -> _Observance | None:
    """Return one part of a definition; None if its offsets, start or rule cannot be read."""
    before, after = _offset(_value(part, "TZOFFSETFROM")), _offset(_value(part, "TZOFFSETTO"))
    start = _local(_value(part, "DTSTART"))
    if before is None or after is None or start is None:
        return None
    try:
        text = _value(part, "RRULE")
        rule = read_rule(text) if text else None
    except UnreadableRule:
        return None
    single = [
        moment for one in part if one.name == "RDATE" for text in one.value.split(",") if (moment := _local(text))
    ]
    return _Observance(before, after, start, rule, (start, *single))


def _value(properties: Iterable[Property], name: str) -> str:
    return next((one.value for one in properties if one.name == name), "").strip()


def _offset(text: str) -> timedelta | None:
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    seconds = int(match[2]) * 3_600 + int(match[3]) * 60 + int(match[4] or 0)
    return timedelta(seconds=-seconds if match[1] == "-" else seconds) if seconds < 86_400 else None


def _local(text: str) -> datetime | None:
    """Return a local time; years before 1800 are read as that, since some definitions begin in the year 1."""
    found = read_local(text.partition("/")[0])
    if found is None or found.year >= _EARLIEST:
        return found
    return found.replace(year=_EARLIEST, day=min(found.day, 28))


def _until(rule: FeedRule, before: timedelta) -> datetime:
    """Return when a rule ends, in local time before the change; UNTIL may be in UTC."""
    ends = _local(rule.until) if rule.until is not None else None
    if ends is None:
        return datetime(LAST_YEAR, 1, 1)  # noqa: DTZ001
    return ends + before if rule.until is not None and rule.until.endswith("Z") else ends


def home_clock(zone_name: str | None, home: str) -> Clock:
    """Return the clock of the zone that a calendar names, else that of the person's zone."""
    return NamedClock((zones.identified(zone_name) if zone_name else None) or home)
