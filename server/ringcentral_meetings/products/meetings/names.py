"""The ways in which people name a meeting of RingCentral Meetings: its number, or a link with that in it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ringcentral_meetings import errors
from ringcentral_meetings.domain import links
from ringcentral_meetings.domain.meeting import ServiceInfo
from ringcentral_meetings.platform.api import meetings_wire as wire
from ringcentral_meetings.platform.api.meetings import Listing
from ringcentral_meetings.products.hosts import or_none
from ringcentral_meetings.products.links import read_named
from ringcentral_meetings.products.provider import MEETINGS

_NUMBER = re.compile(rf"[0-9]{{1,{links.MAX_ID_DIGITS}}}")


@dataclass(frozen=True, slots=True)
class MeetingFinder:
    """Finds the meeting that an argument names, among those of one host."""

    load: Callable[[str], Awaitable[wire.Meeting]]
    service_info: Callable[[], Awaitable[ServiceInfo]]
    list_all: Callable[[], Awaitable[Listing]]

    async def meeting(self, named: str) -> wire.Meeting:
        """Return the meeting. Raises `not_found`, and as `number`."""
        name = await read_named(named, MEETINGS, self.own_host)
        return await (self._by_link(name) if isinstance(name, links.JoinLink) else self.load(_number(name)))

    async def number(self, named: str) -> str:
        """Return the number of the meeting, by which RingCentral knows it; read from there for a link alone.

        Raises:
            errors.Refused: `invalid_arguments`, for what names no meeting, or several.
        """
        name = await read_named(named, MEETINGS, self.own_host)
        if isinstance(name, links.JoinLink):
            return (await self._by_link(name)).id or ""
        return _number(name)

    async def _by_link(self, link: links.JoinLink) -> wire.Meeting:
        """The meeting of a link. One into the personal meeting holds its number in place of the meeting's own."""
        try:
            return await self.load(link.name)
        except errors.Refused as refused:
            if refused.code != "not_found":
                raise
            found = [meeting for meeting in (await self.list_all()).meetings if _leads_to(meeting, link.name)]
            if len(found) > 1:
                raise errors.shared_number(link.name, len(found)) from refused
            if not found and link.service == "zoom":
                raise errors.zoom_number_unknown(link.name, refused.upstream) from refused
            if not found:
                raise
            return found[0]

    async def own_host(self) -> str | None:
        """Return the host of the account's join links, which a brand of RingCentral's may have chosen."""
        info = await or_none(self.service_info())
        return links.host_of(info.personal_link) if info is not None else None


def _number(name: links.PlainName) -> str:
    """Return the number given by itself; meetings have no other ids (API reference, `readMeeting`)."""
    if not _NUMBER.fullmatch(name.text):
        raise errors.not_an_id(name.text)
    return name.text


def _leads_to(meeting: wire.Meeting, number: str) -> bool:
    link = meeting.links.join if meeting.links is not None else None
    host = links.host_of(link)
    read = links.read_link(link, {host}) if link is not None and host is not None else None
    return isinstance(read, links.JoinLink) and read.name == number
