"""Finds rooms: by id, PIN, personal meeting name or a whole join link, and after they were written."""

import re
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from ringcentral_meetings import errors
from ringcentral_meetings.domain.differences import not_applied
from ringcentral_meetings.domain.links import JoinLink, host_of
from ringcentral_meetings.domain.meeting import Meeting, MeetingDraft
from ringcentral_meetings.platform.api import video_wire as wire
from ringcentral_meetings.platform.api.meetings import OWN, Operations
from ringcentral_meetings.platform.api.video import VideoOperations
from ringcentral_meetings.products.hosts import listed_people, or_none
from ringcentral_meetings.products.links import OwnHost, read_named
from ringcentral_meetings.products.provider import VIDEO, ProductResolver
from ringcentral_meetings.products.refusals import Wording, for_room, reworded
from ringcentral_meetings.products.video.wire import read_room

_PIN = re.compile(r"[0-9]{4,20}")
_ID = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9_-]{16,}")
"""The form of ids as recorded from the platform (`iad41-c04-ndb` and 26 characters); no personal name is as long."""


@dataclass(frozen=True, slots=True)
class RoomLookup:
    """Finds rooms, and words the refusals that are met on the way.

    `host` is the extension id of the configured host. Every method raises `MeetingsError` where RingCentral does not
    answer or refuses.
    """

    video: VideoOperations
    operations: Operations
    provider: ProductResolver
    host: str

    async def load(self, meeting_id: str) -> wire.Bridge:
        """Return the room that an argument names. Raises `not_found`, and `invalid_arguments` for what names none."""
        named = await room_name(meeting_id, self.own_host)
        async with self.reworded(named.text):
            return await named.find(self.video)

    async def own_host(self) -> str | None:
        """Return the host of the account's join links, which a brand of RingCentral's may have chosen."""
        room = await or_none(self.personal(self.host))
        return host_of(room.join_url) if room is not None else None

    async def by_id(self, bridge_id: str) -> Meeting:
        """Return a room by the id that RingCentral gave it. An answer about another one proves nothing."""
        room = read_room(await self.video.load_bridge(bridge_id))
        if room.meeting_id != bridge_id:
            raise errors.no_answer("its answer is about another room")
        return room

    async def by_id_or_none(self, bridge_id: str) -> Meeting | None:
        """Return a room by id, or None."""
        return await _none_if_not_found(self.by_id(bridge_id))

    async def by_pin(self, pin: str) -> Meeting | None:
        """Return the room that guests join by this PIN, or None."""
        room = await _none_if_not_found(_as_room(self.video.load_bridge_by_web_pin(pin)))
        if room is not None and room.pin != pin:
            raise errors.no_answer("its answer is about another room")
        return room

    async def personal(self, extension_id: str, host_id: str | None = None) -> Meeting | None:
        """Return the personal room of an extension, None if it has none; refusals name `host_id`."""
        async with self.reworded(host_id=host_id):
            return await _none_if_not_found(_as_room(self.video.load_default_bridge(extension_id)))

    async def after_write(self, answer: wire.Bridge, draft: MeetingDraft, bridge_id: str | None = None) -> Meeting:
        """Return the room after a write: from the answer if that shows the change, else read again."""
        room = read_room(answer)
        if room.meeting_id and bridge_id in {None, room.meeting_id} and not not_applied(draft, room):
            return room
        found = bridge_id or room.meeting_id
        if not found:
            raise errors.no_answer("its answer names no room")
        try:
            return await self.by_id(found)
        except errors.Refused as refused:
            raise errors.no_answer("its effect cannot be read") from refused

    def reworded(self, meeting_id: str | None = None, host_id: str | None = None) -> AbstractAsyncContextManager[None]:
        """Word refusals of what is done within as those of a room or a host."""
        whose = host_id or (self.host if self.host != OWN else None)
        return reworded(self.for_product(), for_room(meeting_id, whose, self.people, room_not_found))

    def for_product(self) -> Wording:
        """Word refusals for want of RingCentral Video."""
        return self.provider.for_product(VIDEO, self.operations)

    async def people(self) -> list[str] | None:
        """Return for whom the user may schedule, each as "name (extension id)"; None if unknown."""
        try:
            return listed_people(await self.video.list_delegators(OWN))
        except errors.MeetingsError:
            return None


async def _as_room(asked: Awaitable[wire.Bridge]) -> Meeting:
    return read_room(await asked)


async def _none_if_not_found(asked: Awaitable[Meeting]) -> Meeting | None:
    """Return the room, None if RingCentral does not find it."""
    try:
        return await asked
    except errors.Refused as refused:
        if refused.code != "not_found":
            raise
        return None


@dataclass(frozen=True, slots=True)
class RoomName:
    """What names a room, and the hash of its password where a link brought one; of a link, nothing else is used."""

    text: str
    hash_of_password: str | None = None
    from_link: bool = False

    @property
    def is_pin(self) -> bool:
        return _PIN.fullmatch(self.text) is not None

    async def find(self, video: VideoOperations) -> wire.Bridge:
        """Return the room. Raises `not_found` where nothing is left to try."""
        ways = self._ways(video)
        for way in ways[:-1]:
            try:
                return await way()
            except errors.Refused as refused:
                if refused.code != "not_found":
                    raise
        return await ways[-1]()

    def _ways(self, video: VideoOperations) -> list[Callable[[], Awaitable[wire.Bridge]]]:
        async def by_id() -> wire.Bridge:
            return await video.load_bridge(self.text, self.hash_of_password)

        async def by_web_pin() -> wire.Bridge:
            return await video.load_bridge_by_web_pin(self.text, self.hash_of_password)

        async def by_phone_pin() -> wire.Bridge:
            return await video.load_bridge_by_phone_pin(self.text)

        if self.from_link:
            return [by_web_pin]
        return [by_web_pin, by_phone_pin] if self.is_pin else [by_id, by_web_pin]


async def room_name(meeting_id: str, own_host: OwnHost) -> RoomName:
    """Return what an argument names.

    Raises:
        errors.Refused: `invalid_arguments`, for what is no id and leads to no room of RingCentral's.
    """
    named = await read_named(meeting_id, VIDEO, own_host)
    if isinstance(named, JoinLink):
        return RoomName(named.name, named.password_hash, from_link=True)
    return RoomName(named.text)


def room_not_found(named: str, upstream: errors.Upstream | None) -> errors.Refused:
    """Return why nothing was found: a room that may have been deleted, or a name that nobody has."""
    if _PIN.fullmatch(named) or _ID.fullmatch(named):
        return errors.room_not_found(named, upstream)
    return errors.no_room_named(named, upstream)
