"""What the person's own calendar leaves unknown, in words; and the meetings that its entries lead to."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Final

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.calendars import Calendars, Event, FeedState, Read
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.links import Service
from ringcentral_meetings.domain.meeting import Listing, Meeting
from ringcentral_meetings.products import Window

OpenAgenda = Callable[[], Awaitable[Calendars | None]]
"""Opens the configured person's calendars; returns None if none are set."""

_HAS_A_PROBLEM: Final = "unreadable"


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


def listing_of(read: Read, service: Service) -> Listing:
    """Return the meetings of one service that calendar entries lead to, each date as a meeting of its own.

    Declined entries are left out. The id is what the link names; RingCentral is not asked.
    """
    notes = unknowns(read)
    if not read.shows_links:
        notes = (*notes, errors.calendar_hides_links())
    meetings = [_meeting(event, event.link.name) for event in read.events if event.link and _is_listed(event, service)]
    return Listing(tuple(meetings), complete=not notes, notes=notes, calendar_as_of=read.as_of)


def _is_listed(event: Event, service: Service) -> bool:
    return event.kind != "declined" and event.link is not None and event.link.service == service


def _meeting(event: Event, meeting_id: str) -> Meeting:
    start, end = _to_second(event.start), _to_second(event.end)
    minutes = round((end - start).total("minutes"))
    return Meeting(meeting_id, event.title or "", "Scheduled", start=start.to_tz("UTC"), duration_minutes=minutes)


def _to_second(moment: Instant) -> Instant:
    return moment.round("second")
