"""When rooms are used: by the configured person's own calendar, since RingCentral Video keeps no times."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.calendars import Calendars, Event, Read
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Clash, Listing, Meeting, MeetingDraft, Occurrence
from ringcentral_meetings.platform.api.meetings import OWN, Operations
from ringcentral_meetings.products import CreationPolicy, Window
from ringcentral_meetings.products.agenda import OpenAgenda, listing_of, unknowns
from ringcentral_meetings.products.provider import VIDEO
from ringcentral_meetings.products.unsettled import host_named
from ringcentral_meetings.products.video.rules import lacking, no_calendar_of_others

LISTED_HOURS: Final = 14 * 24
DAYS_AHEAD: Final = 180
DAY_SECONDS: Final = 86_400
USUAL_MINUTES: Final = 60
BUSY: Final = "busy (in the calendar)"
"""Stands for the title of an event without a link, which nobody is shown."""


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
    """The calendars that the configured person's rooms are in, if any are set."""

    operations: Operations
    host: str
    agenda: OpenAgenda | None
    now: Callable[[], Instant]

    async def list_meetings(self, host_id: str | None, window: Window | None) -> Listing:
        """The dates of rooms within a window, of two weeks unless given. Raises as `calendars`."""
        calendars = await self.calendars(host_id)
        start = self.now()
        return listing_of(await calendars.events(*(window or (start, start.add(hours=LISTED_HOURS)))), "video")

    async def calendars(self, host_id: str | None) -> Calendars:
        """The calendars that a host's meetings are in. Raises `not_supported_by_product` where none are known."""
        calendars = await self.agenda() if self.agenda is not None else None
        if calendars is None:
            raise lacking("schedule")
        if not await self._is_own(host_id):
            raise no_calendar_of_others()
        return calendars

    async def overlaps(self, draft: MeetingDraft, host_id: str | None, policy: CreationPolicy) -> Overlaps:
        """What overlaps a new room.

        Raises:
            errors.Refused: `conflict`, where overlaps are to be refused and there is one, or it is not known;
                `not_supported_by_product`, where that cannot be found out.
        """
        if draft.start is None or self.agenda is None or not await self._is_own(host_id):
            if policy.refuse_conflict:
                instead = "Give start_time and set RINGCENTRAL_CALENDARS, or look in the calendar and leave it out."
                raise errors.not_supported(VIDEO, "schedule for if_conflict=refuse here", instead)
            return Overlaps()
        start = draft.start.to_instant()
        end = start.add(minutes=draft.duration_minutes or USUAL_MINUTES)
        read = await (await self.calendars(host_id)).events(start, end)
        overlaps = Overlaps(_clashes(read, draft.start.tz_id or "UTC"), unknowns(read))
        if policy.refuse_conflict and overlaps.found:
            raise errors.conflict([_named(clash) for clash in overlaps.found])
        if policy.refuse_conflict and overlaps.unknown:
            raise errors.conflict_unknown(overlaps.unknown[0])
        return overlaps

    async def dates_of(self, room: Meeting) -> tuple[Occurrence, ...]:
        """The dates from today on at which the configured person's calendar uses a room; none without a calendar."""
        calendars = await self.agenda() if self.agenda is not None else None
        if calendars is None or room.pin is None:
            return ()
        # From a fixed moment on: a person who is asked about the dates is shown the same ones in every round.
        start = Instant.from_timestamp(self.now().timestamp() // DAY_SECONDS * DAY_SECONDS)
        read = await calendars.events(start, start.add(hours=24 * DAYS_AHEAD))
        found = listing_of(read, "video").meetings
        return tuple(one for meeting in found if meeting.meeting_id == room.pin for one in meeting.occurrences())

    async def _is_own(self, host_id: str | None) -> bool:
        if host_id in {None, self.host}:
            return True
        person = await self.operations.person()
        return host_named(host_id or OWN, person) == host_named(self.host, person)


def _clashes(read: Read, zone: str) -> tuple[Clash, ...]:
    return tuple(_clash(event, zone) for event in read.events if event.blocks)


def _clash(event: Event, zone: str) -> Clash:
    start, end = timing.at(event.start, zone), timing.at(event.end, zone)
    meeting_id = event.link.name if event.link is not None and event.link.service == "video" else ""
    meeting = Meeting(meeting_id, event.title or BUSY, "Scheduled", start=start)
    return Clash(meeting, Occurrence(None, timing.Slot(start, end)))


def _named(clash: Clash) -> str:
    start = clash.occurrence.slot.start
    return f'"{errors.quoted(clash.meeting.shown_topic)}" ({timing.weekday(start)} {timing.show(start)})'
