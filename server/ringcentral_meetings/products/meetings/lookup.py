"""Finds meetings: by number, by a link with that in it, and in the list; reads them with their zones."""

import re
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass

from ringcentral_meetings import errors
from ringcentral_meetings.domain import links
from ringcentral_meetings.domain.meeting import Listing, Meeting, MeetingDraft, ServiceInfo
from ringcentral_meetings.platform.api import meetings_wire as wire
from ringcentral_meetings.platform.api.listed_wire import ListedMeeting
from ringcentral_meetings.platform.api.meetings import Operations
from ringcentral_meetings.platform.pauses import Pauses
from ringcentral_meetings.products.hosts import assisted, known_zone, or_none
from ringcentral_meetings.products.links import read_named
from ringcentral_meetings.products.meetings.wire import AnyMeeting, read_meeting, read_service_info
from ringcentral_meetings.products.meetings.zones import ZoneDirectory, zone_named
from ringcentral_meetings.products.provider import MEETINGS, ProductResolver
from ringcentral_meetings.products.refusals import for_meeting, reworded

_NUMBER = re.compile(rf"[0-9]{{1,{links.MAX_ID_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class MeetingLookup:
    """Finds and reads meetings, and words the refusals that are met on the way.

    `host` is the extension id of the configured host. Every method raises `MeetingsError` where RingCentral does not
    answer or refuses.
    """

    operations: Operations
    provider: ProductResolver
    zones: ZoneDirectory
    host: str
    reveal_start_link: bool

    async def upcoming(self, host_id: str | None) -> Listing:
        """Return the meetings that RingCentral lists; incomplete if some cannot be read."""
        async with self.reworded(host_id=host_id):
            listing = await self.operations.list_meetings(host_id or self.host)
        meetings: list[Meeting] = []
        zones: dict[tuple[str | None, str | None] | None, str | None] = {}
        pauses = Pauses()
        for one in listing.meetings:
            if (named := zone_named(one)) not in zones:
                # A dictionary that cannot be read keeps nobody from the other meetings.
                zones[named] = await or_none(self.zones.name_in(one, self.operations))
            with suppress(errors.Unanswered):
                meetings.append(read_meeting(one, zones[named], reveal_start_link=self.reveal_start_link))
            await pauses.take_if_due()
        all_clear = len(meetings) == len(listing.meetings) and not any(meeting.unclear for meeting in meetings)
        return Listing(tuple(meetings), listing.complete and all_clear)

    async def named(self, name: str, host_id: str | None) -> wire.Meeting:
        """Return the meeting that an argument names, among those of one host. Raises `not_found`, and as `number`."""
        read = await read_named(name, MEETINGS, lambda: self.own_host(host_id))
        if not isinstance(read, links.JoinLink):
            return await self.load(_number(read), host_id)
        found = await self._by_link(read, host_id)
        return await self.load(found.id, host_id) if isinstance(found, ListedMeeting) else found

    async def number(self, name: str, host_id: str | None) -> str:
        """Return the number of the meeting that an argument names; nothing is sent unless that is a link.

        Raises:
            errors.Refused: `invalid_arguments`, for what names no meeting, or several.
        """
        read = await read_named(name, MEETINGS, lambda: self.own_host(host_id))
        if isinstance(read, links.JoinLink):
            return (await self._by_link(read, host_id)).id or ""
        return _number(read)

    async def _by_link(self, link: links.JoinLink, host_id: str | None) -> AnyMeeting:
        """Return the meeting of a link; one into the personal meeting holds that number, not the meeting's own."""
        try:
            return await self.load(link.name, host_id)
        except errors.Refused as refused:
            if refused.code != "not_found":
                raise
            listed = (await self.operations.list_meetings(host_id or self.host)).meetings
            found = [meeting for meeting in listed if _leads_to(meeting, link.name)]
            if len(found) > 1:
                raise errors.shared_number(link.name, len(found)) from refused
            if not found and link.service == "zoom":
                raise errors.zoom_number_unknown(link.name, refused.upstream) from refused
            if not found:
                raise
            return found[0]

    async def own_host(self, host_id: str | None) -> str | None:
        """Return the host of the account's join links, which a brand of RingCentral's may have chosen."""
        info = await or_none(self.service_info(host_id))
        return links.host_of(info.personal_link) if info is not None else None

    async def service_info(self, host_id: str | None) -> ServiceInfo:
        """Return the dial-in numbers and the personal meeting of a host."""
        async with self.reworded(host_id=host_id):
            read = await self.operations.load_meeting_service_info(host_id or self.host)
        return read_service_info(read)

    async def load(self, meeting_id: str, host_id: str | None) -> wire.Meeting:
        """Return a meeting by its number, as RingCentral wrote it. Raises `not_found`."""
        async with self.reworded(meeting_id, host_id):
            return await self.operations.load_meeting(meeting_id, host_id or self.host)

    async def reload_after_write(self, meeting_id: str, host_id: str | None) -> wire.Meeting:
        """Return the meeting after a write whose answer does not show it; nothing here may pass for a refused write."""
        try:
            return await self.load(meeting_id, host_id)
        except errors.Refused as refused:
            raise errors.no_answer("its effect cannot be read") from refused

    async def read(self, loaded: wire.Meeting) -> Meeting:
        """Return a loaded meeting in its zone, whose name RingCentral may have to be asked for."""
        zone = await self.zones.name_in(loaded, self.operations)
        return read_meeting(loaded, zone, reveal_start_link=self.reveal_start_link)

    def from_write_response(self, answer: wire.Meeting, draft: MeetingDraft, before: Meeting | None) -> Meeting:
        """Return the meeting in the answer to a write, without a further request: its zone is there or was sent."""
        stored = answer.schedule.time_zone.name if answer.schedule and answer.schedule.time_zone else None
        sent = draft.start.tz_id if draft.start is not None else before and before.time_zone
        return read_meeting(answer, known_zone(stored) or sent or None, reveal_start_link=self.reveal_start_link)

    def reworded(self, meeting_id: str | None = None, host_id: str | None = None) -> AbstractAsyncContextManager[None]:
        """Word refusals of what is done within as those of a meeting or a host."""
        for_product = self.provider.for_product(MEETINGS, self.operations)
        return reworded(for_product, for_meeting(meeting_id, host_id, self.people))

    async def people(self) -> list[str] | None:
        """Return for whom the user may schedule, each as "name (extension id)"; None if unknown."""
        return await assisted(self.operations)


def _number(name: links.PlainName) -> str:
    """Return the number given by itself; meetings have no other ids (API reference, `readMeeting`)."""
    if not _NUMBER.fullmatch(name.text):
        raise errors.not_an_id(name.text)
    return name.text


def _leads_to(meeting: AnyMeeting, number: str) -> bool:
    link = meeting.links.join if meeting.links is not None else None
    host = links.host_of(link)
    read = links.read_link(link, {host}) if link is not None and host is not None else None
    return isinstance(read, links.JoinLink) and read.name == number
