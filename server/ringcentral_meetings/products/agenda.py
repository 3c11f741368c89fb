"""What the person's own calendar says: of meetings its entries lead to, of busy times, and what it leaves unknown."""

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.calendars import Calendars, Event, FeedState, Read
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.links import Service
from ringcentral_meetings.domain.meeting import Clash, Listing, Meeting, Occurrence
from ringcentral_meetings.platform.api.meetings import OWN, Operations
from ringcentral_meetings.products import Window
from ringcentral_meetings.products.links import OwnHost
from ringcentral_meetings.products.remembered import Remembered
from ringcentral_meetings.products.unsettled import host_named

OpenAgenda = Callable[[], Awaitable[Calendars | None]]
"""Opens the configured person's calendars; returns None if none are set."""

BUSY: Final = "busy (in the calendar)"
"""Shown in place of the title of an event without a link, which is private."""

_HAS_A_PROBLEM: Final = "unreadable"


@dataclass(slots=True)
class OwnCalendar:
    """The calendar of the configured person, whose extension id is `host`, as the products read it."""

    operations: Operations
    host: str
    open: OpenAgenda
    now: Callable[[], Instant]
    _own_host: Remembered[str] = field(init=False)

    def __post_init__(self) -> None:
        self._own_host = Remembered[str](self.now)

    async def belongs_to(self, host_id: str | None) -> bool:
        """Return whether this is the calendar of a host; None is the configured one."""
        if host_id in {None, self.host}:
            return True
        person = await self.operations.person()
        return host_named(host_id or OWN, person) == host_named(self.host, person)

    async def read(self, window: Window, own_host: OwnHost, numbers: frozenset[str] = frozenset()) -> Read:
        """Return the events of a window.

        `numbers` are those of the account's own meetings. `own_host` is called only if there are links that may be on
        the account's own host, and its answer is remembered.
        """
        calendars = await self.open()
        if calendars is None:
            return Read()
        known = self._own_host.get(OWN)
        calendars.know(frozenset({known} if known else ()), numbers)
        read = await calendars.events(*window)
        if known is not None or not read.supposed_hosts:
            return read
        known = await own_host() or ""
        self._own_host.learn(OWN, known)
        if known not in read.supposed_hosts:
            return read
        calendars.know(frozenset({known}), numbers)
        return await calendars.events(*window)


def unknowns(read: Read) -> tuple[str, ...]:
    """Return why a reading is incomplete, each cause once, with what to do."""
    return tuple(dict.fromkeys(_unknowns(read)))


def _unknowns(read: Read) -> Iterator[str]:
    for problem in read.problems:
        yield errors.calendar_problem(problem.host, problem.cause)
    for gap in read.gaps:
        if gap.reason != _HAS_A_PROBLEM or not read.problems:
            yield errors.calendar_gap(gap.reason)
    if read.unreadable:
        yield errors.calendar_entries_unreadable(read.unreadable)


def link_unknowns(read: Read) -> tuple[str, ...]:
    """Return the same as `unknowns`, and that links are hidden if the publisher hides them."""
    hidden = () if read.shows_links else (errors.calendar_hides_links(),)
    return (*unknowns(read), *hidden)


def describe(state: FeedState) -> str:
    """Return the state of a feed in words: its host (the address is secret), when it was read, how much it holds."""
    entries = "1 entry" if state.entries == 1 else f"{state.entries} entries"
    read = f"{entries}, read {timing.show_utc(state.as_of)}" if state.as_of is not None else None
    if state.problem is None:
        return f"{state.host}: {read or 'not read yet'}"
    problem = errors.calendar_problem(state.host, state.problem.cause)
    return f"{problem} Last copy: {read}." if read else problem


def unknown_spans(read: Read) -> list[Window]:
    """Return the times that may not be called free. Those of an earlier copy are not among them."""
    return [(gap.start, gap.end) for gap in read.gaps if gap.reason != "stale"]


def listing_of(read: Read) -> Listing:
    """Return the meetings that calendar entries lead to, each date as a meeting of its own.

    Declined entries are left out. The id is what the link names; RingCentral is not asked.
    """
    notes = link_unknowns(read)
    meetings = [as_meeting(event, "video") for event in invited(read)]
    return Listing(tuple(meetings), complete=not notes, notes=notes, calendar_as_of=read.as_of)


def invited(read: Read) -> list[Event]:
    """Return the dates with a link that the person has not declined."""
    return [event for event in read.events if event.link is not None and event.kind != "declined"]


def as_meeting(event: Event, service: Service | None) -> Meeting:
    """Return a date as a meeting; on another service than `service`, its id is the link."""
    link = event.link
    start, end = _to_second(event.start), _to_second(event.end)
    meeting_id = ""
    if link is not None:
        meeting_id = link.name if link.service == service else link.url or link.name
    return Meeting(
        meeting_id,
        event.title or (BUSY if link is None else ""),
        "Scheduled",
        start=start.to_tz("UTC"),
        duration_minutes=round((end - start).total("minutes")),
        join_url=link.url if link is not None else None,
        organizer=event.organizer,
    )


def as_clash(event: Event, zone: str, service: Service | None) -> Clash:
    """Return a date that keeps the person busy as an overlap of a new meeting."""
    start, end = timing.at(event.start, zone), timing.at(event.end, zone)
    return Clash(as_meeting(event, service), Occurrence(None, timing.Slot(start, end)))


def clash_in_words(overlapped: Clash) -> str:
    """Return an overlap in words."""
    start = overlapped.occurrence.slot.start
    return f'"{errors.quoted(overlapped.meeting.shown_topic)}" ({timing.weekday(start)} {timing.show(start)})'


def _to_second(moment: Instant) -> Instant:
    return moment.round("second")
