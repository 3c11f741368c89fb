"""What a feed holds for a window: its bytes are indexed once, and events are parsed when a window needs them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from whenever import Instant

from ringcentral_meetings.calendars import Event, Gap, Read
from ringcentral_meetings.calendars.entries import (
    FeedEvent,
    Owner,
    Period,
    UnreadableEntry,
    read_event,
    read_periods,
)
from ringcentral_meetings.calendars.expand import Window, expand
from ringcentral_meetings.calendars.index import Entry, Index, read_index
from ringcentral_meetings.calendars.rules import Work
from ringcentral_meetings.calendars.zones import FeedZones, home_clock
from ringcentral_meetings.domain.clocks import to_instant, utc_date

MAX_ENTRIES: Final = 20_000
MAX_DATES: Final = 50_000
MAX_PERIODS: Final = 200_000
"""Bounds of one answer: events that may touch the window, their dates, and the periods of rules looked at for those."""

_DAY: Final = 86_400


@dataclass(slots=True)
class FeedReader:
    """A feed as it was read. It keeps what it parses, and must not be used by two threads at once."""

    index: Index
    owner: Owner
    zones: FeedZones
    _parsed: dict[int, FeedEvent | None] = field(default_factory=dict)

    @classmethod
    def of(cls, data: bytes, owner: Owner) -> "FeedReader":
        """Return the reader of a feed's bytes.

        Raises:
            NotACalendar: they are not a calendar.
        """
        index = read_index(data)
        return cls(index, owner, FeedZones(index.zones, home_clock(index.zone_name, owner.zone)))

    @property
    def count(self) -> int:
        """How many entries the feed holds."""
        return len(self.index.events) + len(self.index.busy_times)

    def know(self, owner: Owner) -> None:
        """Read for this owner from now on."""
        if owner != self.owner:
            self.owner = owner
            self._parsed.clear()

    def events(self, start: Instant, end: Instant) -> Read:
        """Return the events from `start` to `end`, and the gaps in that span."""
        window = Window(start.timestamp(), end.timestamp())
        if window.start >= window.end:
            return Read(shows_links=self.index.shows_texts)
        entries = self._near(window)
        found = [*self._incomplete(window, entries), *self._dates(entries[:MAX_ENTRIES], window)]
        found += self._busy_times(window)
        dates = sorted((one for one in found if isinstance(one, Event)), key=lambda one: (one.start, one.end))
        gaps = {one: None for one in found if isinstance(one, Gap)}
        return Read(
            events=tuple(dates[:MAX_DATES]),
            gaps=tuple(sorted(gaps, key=lambda gap: (gap.start, gap.end))),
            unreadable=self.index.broken + sum(self._parsed[one.start] is None for one in entries[:MAX_ENTRIES]),
            shows_links=self.index.shows_texts,
            supposed_hosts=frozenset(self._supposed_hosts(entries[:MAX_ENTRIES])),
        )

    def _supposed_hosts(self, entries: Iterable[Entry]) -> Iterator[str]:
        for entry in entries:
            if (event := self._parsed[entry.start]) is not None:
                yield from event.supposed_hosts

    def _near(self, window: Window) -> list[Entry]:
        first, last = window.start - 2 * _DAY, window.end + 2 * _DAY
        return list(self.index.events.between(utc_date(first), utc_date(last)))

    def _incomplete(self, window: Window, entries: list[Entry]) -> Iterator[Gap]:
        """Yield the whole window as a gap if the file ends early or holds more than is read."""
        if not self.index.whole:
            yield from filter(None, [window.gap("cut_off")])
        if self.index.too_many or len(entries) > MAX_ENTRIES:
            yield from filter(None, [window.gap("too_many")])

    def _dates(self, entries: Iterable[Entry], window: Window) -> list[Event | Gap]:
        by_name: dict[str, list[FeedEvent]] = {}
        for entry in entries:
            if (event := self._event(entry)) is not None:
                # Events without a name of their own are not the same one.
                by_name.setdefault(event.uid or f"\0{entry.start}", []).append(event)
        found: list[Event | Gap] = []
        work = Work(MAX_PERIODS)
        for events in by_name.values():
            found += expand(events, window, work)
            if len(found) > MAX_DATES:
                return found + [gap for gap in [window.gap("too_many")] if gap is not None]
        return found

    def _event(self, entry: Entry) -> FeedEvent | None:
        if entry.start not in self._parsed:
            try:
                self._parsed[entry.start] = read_event(self.index.lines(entry), self.zones, self.owner)
            except UnreadableEntry:
                self._parsed[entry.start] = None
        return self._parsed[entry.start]

    def _busy_times(self, window: Window) -> Iterator[Event]:
        for entry in self.index.busy_times:
            for period in read_periods(self.index.lines(entry), self.zones):
                start, end = period.start.instant, _end(period)
                if window.touches(start, end) and start < end:
                    yield Event(to_instant(start), to_instant(end), "busy")


def _end(period: Period) -> int:
    if period.length is not None:
        return period.start.instant + int(period.length.total_seconds())
    return period.end.instant if period.end is not None else period.start.instant
