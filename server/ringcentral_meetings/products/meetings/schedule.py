"""When meetings are, by RingCentral and by the person's own calendar, whose entries are known by their links."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.calendars import Event
from ringcentral_meetings.domain import links, timing
from ringcentral_meetings.domain.meeting import Clash, Listing, Meeting, MeetingDraft
from ringcentral_meetings.products import CreationPolicy, Window
from ringcentral_meetings.products.agenda import OwnCalendar, as_meeting, invited, link_unknowns, unknowns
from ringcentral_meetings.products.links import OwnHost
from ringcentral_meetings.products.meetings.duplicates import Clashes, clashes_of

AROUND_HOURS: Final = 14 * 24
"""How far beyond a window meetings and entries are compared: one of the two may have been moved."""

LISTED_HOURS: Final = 14 * 24
MOST_HOURS: Final = 366 * 24
"""How far ahead the dates of a new series are compared with the calendar."""

REMARKS_SHOWN: Final = 3
_SERVICES: Final[tuple[links.Service, ...]] = ("meetings", "zoom")


class Overlapping(NamedTuple):
    """What a new meeting overlaps, and why overlaps may have been missed."""

    clashes: Clashes
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """The meetings of RingCentral Meetings together with the configured person's calendar.

    `own_host` reads the host of the account's join links.
    """

    calendar: OwnCalendar
    own_host: OwnHost
    now: Callable[[], Instant]

    async def with_entries(self, listing: Listing, window: Window | None) -> Listing:
        """Return the listed meetings together with the entries of a window, by default of two weeks from now.

        Entries of meetings to which others have invited are added. A remark names meetings whose times differ from
        those of their entry.
        """
        now = self.now()
        start, end = window or (now, now.add(hours=LISTED_HOURS))
        around = (start.subtract(hours=AROUND_HOURS), end.add(hours=AROUND_HOURS))
        read = await self.calendar.read(around, self.own_host, numbers_of(listing.meetings))
        in_window = [event for event in invited(read) if event.start < end and max(event.end, event.start) >= start]
        entries = _by_number(invited(read))
        meetings = [
            found for meeting in listing.meetings for found in _at_entered_dates(meeting, _by_number(in_window))
        ]
        others = [as_meeting(event, None) for event in _foreign(in_window, listing.meetings)]
        ahead = (max(around[0], now), around[1])
        remarks = list(_differences(listing.meetings, entries, (start, end), ahead)) if not read.gaps else []
        notes = link_unknowns(read)
        if notes and not listing.complete:
            notes = (errors.list_incomplete(), *notes)
        return replace(
            listing,
            meetings=(*meetings, *others),
            complete=listing.complete and not notes,
            notes=(*listing.notes, *notes),
            remarks=(*_shortened(remarks), *([errors.invited_elsewhere(len(others))] if others else [])),
        )

    async def overlapping(self, draft: MeetingDraft, listing: Listing, policy: CreationPolicy) -> Overlapping:
        """Return what a new meeting overlaps, among the listed meetings and in the calendar.

        Raises:
            errors.Refused: `conflict`, if overlaps are to be refused and the calendar could not be read for them.
        """
        listed = clashes_of(draft, listing, self.now())
        if draft.start is None:
            return Overlapping(listed)
        first = max(draft.start.to_instant(), self.now())
        last = first.add(hours=MOST_HOURS if draft.rule is not None else 0, minutes=draft.duration_minutes or 0)
        read = await self.calendar.read((first, last), self.own_host, numbers_of(listing.meetings))
        unknown = unknowns(read)
        if policy.refuse_conflict and unknown and not listed.found:
            raise errors.conflict_unknown(unknown[0])
        busy = [event for event in read.events if event.blocks and not _is_at_its_time(event, listing.meetings)]
        entries = tuple(_in_zone(as_meeting(event, None), draft.start.tz_id or "UTC") for event in busy)
        found = clashes_of(draft, Listing(entries, complete=True), self.now()).found
        ends = [listed.until, last if _goes_on(draft, last) else None]
        clashes = sorted((*listed.found, *found), key=lambda one: one.occurrence.slot.start.to_instant())
        until = min((one for one in ends if one is not None), default=None)
        return Overlapping(Clashes(_each_once(clashes), until), unknown)


def numbers_of(meetings: Iterable[Meeting]) -> frozenset[str]:
    """Return the numbers in the links of meetings, the personal one included."""
    return frozenset(number for meeting in meetings for number in _numbers(meeting))


def _numbers(meeting: Meeting) -> set[str]:
    host = links.host_of(meeting.join_url)
    link = links.read_link(meeting.join_url, {host}) if meeting.join_url and host else None
    return {meeting.meeting_id} | ({link.name} if isinstance(link, links.JoinLink) else set())


def _by_number(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        if event.link is not None and event.link.service in _SERVICES:
            found.setdefault(event.link.name, []).append(event)
    return found


def _foreign(events: Iterable[Event], meetings: Iterable[Meeting]) -> list[Event]:
    known = numbers_of(meetings)
    return [event for event in events if not _is_one_of(event, known)]


def _is_at_its_time(event: Event, meetings: Iterable[Meeting]) -> bool:
    """Return whether an event is the entry of a listed meeting that takes place at the same time."""
    return any(
        _is_one_of(event, frozenset(_numbers(meeting))) and meeting.busy_occurrences(event.start, event.end, limit=1)
        for meeting in meetings
    )


def _in_zone(meeting: Meeting, zone: str) -> Meeting:
    start = timing.at(meeting.start.to_instant(), zone) if meeting.start is not None else None
    return replace(meeting, start=start)


def _goes_on(draft: MeetingDraft, last: Instant) -> bool:
    """Return whether a new series has dates after a moment."""
    if draft.rule is None or draft.start is None:
        return False
    return bool(timing.occurrences(draft.rule, draft.start, draft.duration_minutes or 0, after=last, limit=1))


def _is_one_of(event: Event, numbers: frozenset[str]) -> bool:
    return event.link is not None and event.link.service in _SERVICES and event.link.name in numbers


def _at_entered_dates(meeting: Meeting, entries: Mapping[str, list[Event]]) -> Iterator[Meeting]:
    """Yield a meeting; one without a fixed time once for each of its dates in the calendar."""
    dates = entries.get(meeting.meeting_id, []) if meeting.start is None else []
    for event in dates:
        found = as_meeting(event, "meetings")
        yield replace(meeting, start=found.start, duration_minutes=found.duration_minutes)
    if not dates:
        yield meeting


def _differences(
    meetings: Iterable[Meeting], entries: Mapping[str, list[Event]], window: Window, ahead: Window
) -> Iterator[str]:
    """Yield remarks on meetings whose dates differ from those of their entries, if one of these is in the window."""
    for meeting in meetings:
        events = entries.get(meeting.meeting_id)
        if meeting.start is None or meeting.unclear or not events:
            continue
        listed = {one.slot.start.to_instant() for one in meeting.occurrences(*ahead)}
        entered = {event.start for event in events}
        here = sorted(start for start in listed - entered if start >= ahead[0])
        there = sorted(start for start in entered - listed if start >= ahead[0])
        if any(window[0] <= start < window[1] for start in (*here, *there)):
            yield errors.times_differ(meeting.shown_topic, _first_start(here, meeting), _first_start(there, meeting))


def _first_start(starts: list[Instant], meeting: Meeting) -> str | None:
    if not starts:
        return None
    start = timing.at(starts[0], meeting.time_zone or "UTC")
    return f"{timing.weekday(start)} {timing.show(start)}"


def _shortened(remarks: list[str]) -> tuple[str, ...]:
    more = len(remarks) - REMARKS_SHOWN
    return (*remarks[:REMARKS_SHOWN], *([errors.more_times_differ(more)] if more > 0 else []))


def _each_once(clashes: Iterable[Clash]) -> tuple[Clash, ...]:
    """Return each linked meeting once, with its first date: the calendar has each date of a series."""
    found: dict[object, Clash] = {}
    for one in clashes:
        found.setdefault(one.meeting.meeting_id or one.occurrence.slot.start, one)
    return tuple(found.values())
