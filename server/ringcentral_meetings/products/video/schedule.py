"""When rooms are used, by the configured person's own calendar: RingCentral Video keeps no times."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import Clash, Listing, Meeting, MeetingDraft
from ringcentral_meetings.products import CreationPolicy, Window
from ringcentral_meetings.products.agenda import (
    OwnCalendar,
    as_clash,
    clash_in_words,
    link_unknowns,
    listing_of,
    unknowns,
)
from ringcentral_meetings.products.links import OwnHost
from ringcentral_meetings.products.provider import VIDEO
from ringcentral_meetings.products.video.rules import lacking, no_calendar_of_others

LISTED_HOURS: Final = 14 * 24
DAYS_AHEAD: Final = 180
DAY_SECONDS: Final = 86_400
USUAL_MINUTES: Final = 60


@dataclass(frozen=True, slots=True)
class Overlaps:
    """What keeps the person busy at the time of a new room, and what is not known of that time."""

    found: tuple[Clash, ...] = ()
    unknown: tuple[str, ...] = ()

    def besides(self, pin: str | None) -> tuple[Clash, ...]:
        """Return those that are not entries of the room itself, which may exist already."""
        return tuple(clash for clash in self.found if clash.meeting.meeting_id != pin)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The configured person's calendar, if one is set. `own_host` reads the host of the account's join links."""

    calendar: OwnCalendar | None
    own_host: OwnHost
    now: Callable[[], Instant]

    async def list_meetings(self, host_id: str | None, window: Window | None) -> Listing:
        """Return the dates of rooms in a window, by default of two weeks from now. Raises as `known_of`."""
        calendar = await self.known_of(host_id)
        start = self.now()
        return listing_of(await calendar.read(window or (start, start.add(hours=LISTED_HOURS)), self.own_host))

    async def known_of(self, host_id: str | None) -> OwnCalendar:
        """Return the calendar with a host's meetings. Raises `not_supported_by_product` if there is none."""
        if self.calendar is None:
            raise lacking("schedule")
        if not await self.calendar.belongs_to(host_id):
            raise no_calendar_of_others()
        return self.calendar

    async def overlaps(self, draft: MeetingDraft, host_id: str | None, policy: CreationPolicy) -> Overlaps:
        """Return what overlaps a new room.

        Raises:
            errors.Refused: if overlaps are to be refused: `conflict`, if there is one or the calendar could not be
                read; `not_supported_by_product`, if there is no calendar or time to compare.
        """
        if draft.start is None or self.calendar is None or not await self.calendar.belongs_to(host_id):
            if policy.refuse_conflict:
                instead = "Give start_time and set RINGCENTRAL_CALENDARS, or look in the calendar and leave it out."
                raise errors.not_supported(VIDEO, "schedule for if_conflict=refuse here", instead)
            return Overlaps()
        start = draft.start.to_instant()
        end = start.add(minutes=draft.duration_minutes or USUAL_MINUTES)
        read = await self.calendar.read((start, end), self.own_host)
        zone = draft.start.tz_id or "UTC"
        overlaps = Overlaps(
            tuple(as_clash(event, zone, "video") for event in read.events if event.blocks), unknowns(read)
        )
        if policy.refuse_conflict and overlaps.found:
            raise errors.conflict([clash_in_words(one) for one in overlaps.found])
        if policy.refuse_conflict and overlaps.unknown:
            raise errors.conflict_unknown(overlaps.unknown[0])
        return overlaps

    async def with_dates(self, room: Meeting) -> Meeting:
        """Return the room with its dates in the calendar from today on, and why some may have been missed."""
        if self.calendar is None or room.pin is None:
            return room
        # From a fixed moment on: a person who is asked about the dates is shown the same ones in every round.
        start = Instant.from_timestamp(self.now().timestamp() // DAY_SECONDS * DAY_SECONDS)
        read = await self.calendar.read((start, start.add(hours=24 * DAYS_AHEAD)), self.own_host)
        dates = [one for meeting in _of_room(listing_of(read), room) for one in meeting.occurrences()]
        return replace(room, calendar_dates=tuple(dates), calendar_unknown=link_unknowns(read))


def _of_room(listing: Listing, room: Meeting) -> list[Meeting]:
    return [meeting for meeting in listing.meetings if meeting.meeting_id == room.pin]
