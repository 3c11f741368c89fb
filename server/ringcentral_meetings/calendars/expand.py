"""The dates of a feed's events within a window: series in local time, moved and removed dates, lists.

What the standard leaves open, and large publishers do, is read so that no busy time is missed: a moved date without its
series counts, two series under one name both count, and a rule that is not understood gives unclear dates.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Final

from whenever import Date

from ringcentral_meetings.calendars import Event, Gap, Reason
from ringcentral_meetings.calendars.entries import FeedEvent, Moment, Period
from ringcentral_meetings.calendars.lines import read_local
from ringcentral_meetings.calendars.rules import FeedRule, TooLong, Work, dates
from ringcentral_meetings.domain.clocks import UTC_CLOCK, to_instant

MAX_DATES_OF_SERIES: Final = 2_000
ZONES_APART: Final = 14 * 3_600
"""The most seconds by which a zone can differ from UTC: a time in an unknown zone may be anywhere within."""

_DAY: Final = timedelta(days=1)
_SLACK: Final = timedelta(days=2)
_MAX_SECONDS: Final = 200 * 366 * 86_400
_FIRST, _LAST = datetime(1_700, 1, 1), datetime(9_900, 1, 1)  # noqa: DTZ001


@dataclass(frozen=True, slots=True)
class Window:
    """The span asked for, in seconds since 1970; `end` is exclusive."""

    start: int
    end: int

    def touches(self, start: int, end: int) -> bool:
        """Return whether a date overlaps the window; a date without a length, whether it starts within."""
        return start < self.end and (end > self.start or start == end == self.start)

    def gap(self, reason: Reason, start: int | None = None, end: int | None = None) -> Gap | None:
        """Return the part of a span within the window as a gap, or None."""
        begins, ends = max(self.start, self.start if start is None else start), min(self.end, end or self.end)
        return Gap(to_instant(begins), to_instant(ends), reason) if begins < ends else None


Found = Event | Gap


@dataclass(frozen=True, slots=True)
class _Place:
    """A date of a series: its local start, and its length if that differs from the event's."""

    start: Moment
    seconds: int | None = None

    @property
    def instant(self) -> int:
        return self.start.instant


def expand(events: Iterable[FeedEvent], window: Window, work: Work) -> Iterator[Found]:
    """Yield the dates of all events with one name (UID), and gaps where they are unclear."""
    masters, moved = _sorted_out(events)
    series = masters or [replace(one, replaces=None) for one in moved if one.repeats is not None or one.more]
    for master in series:
        yield from _series(master, moved if masters else [], window, work)
    plain = {_replaced(one) for one in moved if not one.and_following}
    for one in moved:
        repeats_alone = not masters and (one.repeats is not None or one.more)
        if not repeats_alone and not (one.and_following and _replaced(one) in plain):
            yield from _event_or_gap(one, _Place(one.start), window)


def _sorted_out(events: Iterable[FeedEvent]) -> tuple[list[FeedEvent], list[FeedEvent]]:
    """Return the series and single events, and the dates that replace some of theirs; of equal ones the newest.

    Series under one name with different starts both count: iCloud writes the halves of a split series so.
    """
    newest: dict[tuple[bool, bool, int], FeedEvent] = {}
    for event in events:
        moved = event.replaces is not None
        key = (moved, event.and_following, _replaced(event) if moved else event.start.instant)
        if key not in newest or event.sequence >= newest[key].sequence:
            newest[key] = event
    kept = list(newest.values())
    return [one for one in kept if one.replaces is None], [one for one in kept if one.replaces is not None]


def _series(master: FeedEvent, moved: list[FeedEvent], window: Window, work: Work) -> Iterator[Found]:
    if master.cancelled:
        return
    left = MAX_DATES_OF_SERIES
    following = sorted((one for one in moved if one.and_following), key=_replaced, reverse=True)
    absent = _Dates.of([*master.excluded, *(one.replaces for one in moved if one.replaces is not None)], master.start)
    try:
        for place in _places(master, following, window, work):
            if place.start in absent:
                continue
            change = next((one for one in following if _replaced(one) < place.instant), None)
            shown = list(_event_or_gap(change or master, _moved_along(master, change, place), window))
            _refuse_excess(left := left - len(shown))
            yield from shown
    except TooLong:
        yield from filter(None, [window.gap("too_many", master.start.instant)])
    if master.repeats == "unreadable":
        yield from filter(None, [window.gap("unclear_repeat", master.start.instant)])


def _refuse_excess(left: int) -> None:
    if left < 0:
        raise TooLong


@dataclass(frozen=True, slots=True)
class _Dates:
    """Dates of a series, which may be written by another clock than its own, or as days."""

    instants: frozenset[int]
    days: frozenset[date]

    @classmethod
    def of(cls, moments: Iterable[Moment], start: Moment) -> "_Dates":
        if start.form == "date":
            return cls(frozenset(), frozenset(_day_of(one, start).date() for one in moments))
        listed = list(moments)
        return cls(
            frozenset(one.instant for one in listed if one.form != "date"),
            frozenset(one.wall.date() for one in listed if one.form == "date"),
        )

    def __contains__(self, start: Moment) -> bool:
        return start.wall.date() in self.days or start.instant in self.instants


def _places(master: FeedEvent, following: list[FeedEvent], window: Window, work: Work) -> Iterator[_Place]:
    """Yield the dates of a series that may touch the window, each once."""
    around = max(_length(one) for one in (master, *following)) + _SLACK
    around += max((abs(_shift(master, one)) for one in following), default=timedelta())
    clock = master.start.clock or UTC_CLOCK
    low, high = _shifted(clock.wall(window.start), -around), _shifted(clock.wall(window.end), around)
    seen: set[int] = set()
    for place in (*_by_rule(master, low, high, work), *_by_list(master)):
        if low <= place.start.wall <= high and place.instant not in seen:
            seen.add(place.instant)
            yield place


def _length(event: FeedEvent) -> timedelta:
    longest = max((_seconds_of(period) or 0 for period in event.more), default=0)
    return timedelta(days=event.days, seconds=min(max(event.seconds, longest), _MAX_SECONDS))


def _shifted(wall: datetime, by: timedelta) -> datetime:
    """Return a local time moved, between the years in which every clock can be read."""
    try:
        return min(max(wall + by, _FIRST), _LAST)
    except OverflowError:
        return _FIRST if by < timedelta() else _LAST


def _by_rule(master: FeedEvent, low: datetime, high: datetime, work: Work) -> Iterator[_Place]:
    """Yield the dates of the rule; the start is the first of them, even if the rule does not fall on it."""
    rule, start = master.repeats, master.start
    if not isinstance(rule, FeedRule):
        yield _Place(start)
        return
    ends = _last(rule, start)
    if ends is not None and ends < start.instant:
        return
    yield _Place(start)
    for wall in dates(rule, start.wall, low, high, work):
        place = _Place(replace(start, wall=wall))
        if ends is not None and place.instant > ends:
            return
        yield place


def _last(rule: FeedRule, start: Moment) -> int | None:
    """Return the instant of UNTIL. A date stands for the whole of that day, as Google's feeds mean it."""
    wall = read_local(rule.until) if rule.until is not None else None
    if wall is None or rule.until is None:
        return None
    if start.form == "date":
        utc = rule.until.endswith("Z")
        return replace(start, wall=_day_of(replace(start, wall=wall, form="utc" if utc else "local"), start)).instant
    if "T" not in rule.until:
        return replace(start, wall=wall + _DAY).instant - 1
    return UTC_CLOCK.instant(wall) if rule.until.endswith("Z") else replace(start, wall=wall).instant


def _by_list(master: FeedEvent) -> Iterator[_Place]:
    """Yield the dates of RDATE; a date without a time has the time of day of the series."""
    for period in master.more:
        start = period.start
        if start.form == "date" and master.start.form != "date":
            start = replace(master.start, wall=datetime.combine(start.wall.date(), master.start.wall.time()))
        elif master.start.form == "date":
            start = replace(master.start, wall=_day_of(start, master.start))
        yield _Place(start, _seconds_of(period))


def _seconds_of(period: Period) -> int | None:
    if period.length is not None:
        return int(period.length.total_seconds())
    seconds = period.end.instant - period.start.instant if period.end is not None else None
    return seconds if seconds is not None and seconds >= 0 else None


def _day_of(moment: Moment, whole_days: Moment) -> datetime:
    """Return the day that a time means in a series of whole days: midnight by any clock is that day."""
    if moment.form == "date" or not any((moment.wall.hour, moment.wall.minute)) or moment.clock is None:
        return datetime.combine(moment.wall.date(), time())
    clock = whole_days.clock or UTC_CLOCK
    return datetime.combine(clock.wall(moment.instant).date(), time())


def _replaced(event: FeedEvent) -> int:
    return event.replaces.instant if event.replaces is not None else 0


def _shift(master: FeedEvent, change: FeedEvent) -> timedelta:
    """Return how far a change of all following dates moves each of them, roughly."""
    return change.start.wall - _by_clock_of(master, change)


def _by_clock_of(master: FeedEvent, change: FeedEvent) -> datetime:
    """Return the date that a change replaces, in the local time of its series."""
    replaced = change.replaces or change.start
    if master.start.form == "date":
        return _day_of(replaced, master.start)
    if replaced.form == "date":
        return datetime.combine(replaced.wall.date(), master.start.wall.time())
    return replaced.wall if replaced.clock is None else (master.start.clock or UTC_CLOCK).wall(replaced.instant)


def _moved_along(master: FeedEvent, change: FeedEvent | None, place: _Place) -> _Place:
    """Return a date as changed together with an earlier one (`THISANDFUTURE`): at its time of day, by its clock."""
    if change is None:
        return place
    wall = _shifted(change.start.wall, place.start.wall - _by_clock_of(master, change))
    if change.start.form == "date":
        wall = datetime.combine(wall.date(), time())
    return _Place(replace(change.start, wall=wall), place.seconds)


def _event_or_gap(event: FeedEvent, place: _Place, window: Window) -> Iterator[Found]:
    """Yield a date as an event, or as a gap if it is unclear, if it touches the window."""
    if event.cancelled:
        return
    start = place.start.instant
    if place.start.form == "date":
        end = replace(place.start, wall=_shifted(place.start.wall, timedelta(days=event.days or 1))).instant
    elif place.seconds is not None or not event.days:
        end = start + (event.seconds if place.seconds is None else place.seconds)
    else:
        end = replace(place.start, wall=_shifted(place.start.wall, timedelta(days=event.days))).instant + event.seconds
    if place.start.clock is None:
        gap = window.gap("unknown_zone", start - ZONES_APART, end + ZONES_APART)
    elif isinstance(event.repeats, FeedRule) and event.repeats.doubtful and place.start != event.start:
        gap = window.gap("unclear_repeat", start, end)
    else:
        if window.touches(start, end):
            yield _event(event, place, start, end)
        return
    if gap is not None and event.kind not in {"free", "declined"}:
        yield gap


def _event(event: FeedEvent, place: _Place, start: int, end: int) -> Event:
    days = None
    if place.start.form == "date":
        last = place.start.wall + timedelta(days=max(event.days, 1) - 1)
        days = (Date(*place.start.wall.timetuple()[:3]), Date(*last.timetuple()[:3]))
    return Event(
        to_instant(start),
        to_instant(end),
        event.kind,
        days,
        event.link,
        event.title,
        other_links=event.other_links,
        organizer=event.organizer,
    )
