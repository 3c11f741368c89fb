"""When people are busy: each date of each meeting that was read; a running meeting from now on.

Of the user's own calendar what blocks counts, and so does every time of which too little is known to call it free.
"""

from collections.abc import Iterator, Sequence
from math import ceil

from whenever import Instant

from ringcentral_meetings.calendars import Read
from ringcentral_meetings.domain.meeting import EXPANDED_AT_MOST, Meeting
from ringcentral_meetings.platform.pauses import Pauses
from ringcentral_meetings.products.agenda import unknown_spans, unknowns
from ringcentral_meetings.products.schedules import Calendar
from ringcentral_meetings.tools.requests import DEFAULT_MINUTES
from ringcentral_meetings.tools.spans import Span, covers, merged

RUNNING_SECONDS = 1_800
"""How long a running meeting is assumed to go on, whatever its schedule says."""

MAX_DATES = 50_000
"""The most dates, of all meetings together, that one search reads."""

MERGED_AT_A_TIME = 5_000
"""So many dates are merged in some milliseconds."""


async def busy_times(
    calendars: Sequence[Calendar], start: Instant, end: Instant, now: Instant, buffer: int
) -> tuple[list[Span], list[Calendar]]:
    """Return the spans in which anybody is busy, and the calendars that are known only in part.

    Each span is widened by `buffer` seconds on both sides. A calendar is known in part if it was not read to its
    end, or holds more than `MAX_DATES`. What is unknown of the user's own calendar counts as busy.
    """
    spans: list[Span] = []
    fresh: list[Span] = []
    dates = 0
    partly: list[Calendar] = []
    pauses = Pauses()
    early, late = start.subtract(seconds=buffer), end.add(seconds=buffer)
    for calendar in calendars:
        if calendar.listing is None:
            continue
        whole = calendar.listing.complete
        for meeting in calendar.listing.meetings:
            await pauses.take_if_due()
            if dates >= MAX_DATES:
                whole = False
                break
            busy = list(_busy(meeting, early, late, now))
            dates += len(busy)
            whole = whole and len(busy) <= EXPANDED_AT_MOST
            fresh += [(begin - buffer, finish + buffer) for begin, finish in busy]
            if len(fresh) >= MERGED_AT_A_TIME:
                await pauses.take_if_due()
                spans, fresh = merged([*spans, *fresh]), []
        if calendar.own is not None:
            fresh += _blocked(calendar.own, buffer)
            whole = whole and not unknowns(calendar.own)
        if not whole:
            partly.append(calendar)
    await pauses.take_if_due()
    busy_spans = merged([*spans, *fresh])
    await pauses.take_if_due()
    return busy_spans, partly


def unknown_throughout(calendar: Calendar, start: Instant, end: Instant) -> bool:
    """Return whether nothing is known of the user's own calendar between two moments."""
    if calendar.own is None:
        return False
    unknown = merged(_seconds_around(*span) for span in unknown_spans(calendar.own))
    return covers(unknown, (ceil(start.timestamp()), int(end.timestamp())))


def remarks(read: Read) -> Iterator[str]:
    """Say which of the calendar's entries a person may not expect to count, or not to."""
    free = sum(event.kind == "free" for event in read.events)
    whole = sum(event.blocks and event.days is not None for event in read.events)
    if free:
        yield f"{free} marked free in the calendar {'does' if free == 1 else 'do'} not count."
    if whole:
        yield f"{whole} of whole days in the calendar {'does' if whole == 1 else 'do'}."


def _blocked(read: Read, buffer: int) -> Iterator[Span]:
    for event in read.events:
        if event.blocks:
            begin, finish = _seconds_around(event.start, event.end)
            yield begin - buffer, finish + buffer
    yield from (_seconds_around(*span) for span in unknown_spans(read))


def _seconds_around(start: Instant, end: Instant) -> Span:
    """Return the whole seconds that hold all of the time between two moments."""
    return int(start.timestamp()), ceil(end.timestamp())


def _busy(meeting: Meeting, start: Instant, end: Instant, now: Instant) -> Iterator[Span]:
    if meeting.running:
        begin = int(now.timestamp())
        yield begin, begin + RUNNING_SECONDS
    # A meeting without a length is assumed to last as long as a new one would by default.
    usual = 0 if meeting.minutes else DEFAULT_MINUTES * 60
    for date in meeting.busy_occurrences(start.subtract(seconds=usual), end, limit=EXPANDED_AT_MOST + 1):
        begin, finish = int(date.slot.start.timestamp()), int(date.slot.end.timestamp())
        yield begin, max(finish, begin + usual)
