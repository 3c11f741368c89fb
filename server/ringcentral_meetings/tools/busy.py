"""When people are taken: every date of every meeting that was read, a running one from now on."""

from collections.abc import Iterator, Sequence

from whenever import Instant

from ringcentral_meetings.domain.meeting import EXPANDED_AT_MOST, Meeting
from ringcentral_meetings.products.schedules import Calendar
from ringcentral_meetings.tools import freetime
from ringcentral_meetings.tools.freetime import Span
from ringcentral_meetings.tools.requests import DEFAULT_MINUTES

RUNNING_SECONDS = 1_800
"""How long a meeting that runs is taken to go on, whatever its schedule says."""

MAX_DATES = 50_000
"""Dates of all meetings that one search looks at."""


def busy_times(
    calendars: Sequence[Calendar], start: Instant, end: Instant, now: Instant, buffer: int
) -> tuple[list[Span], list[Calendar]]:
    """The spans in which anybody is taken, each wider by `buffer` seconds on both sides.

    Beside them the calendars that were not read whole, or hold more dates than are looked at.
    """
    spans: list[Span] = []
    partly: list[Calendar] = []
    early, late = start.subtract(seconds=buffer), end.add(seconds=buffer)
    for calendar in calendars:
        if calendar.listing is None:
            continue
        whole = calendar.listing.complete
        for meeting in calendar.listing.meetings:
            if len(spans) >= MAX_DATES:
                whole = False
                break
            taken = list(_taken(meeting, early, late, now))
            whole = whole and len(taken) <= EXPANDED_AT_MOST
            spans += [(begin - buffer, finish + buffer) for begin, finish in taken]
        if not whole:
            partly.append(calendar)
    return freetime.merged(spans), partly


def _taken(meeting: Meeting, start: Instant, end: Instant, now: Instant) -> Iterator[Span]:
    if meeting.running:
        begin = int(now.timestamp())
        yield begin, begin + RUNNING_SECONDS
    # A meeting that names no length is taken for one of the usual length.
    usual = 0 if meeting.minutes else DEFAULT_MINUTES * 60
    for date in meeting.busy_occurrences(start.subtract(seconds=usual), end, limit=EXPANDED_AT_MOST + 1):
        begin, finish = int(date.slot.start.timestamp()), int(date.slot.end.timestamp())
        yield begin, max(finish, begin + usual)
