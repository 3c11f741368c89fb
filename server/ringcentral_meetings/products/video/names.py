"""The ways in which people name a room: its id, a PIN, a personal meeting name, or a whole join link."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from ringcentral_meetings import errors
from ringcentral_meetings.domain.links import JoinLink
from ringcentral_meetings.platform.api.video import VideoOperations
from ringcentral_meetings.platform.api.video_wire import Bridge
from ringcentral_meetings.products.links import OwnHost, read_named
from ringcentral_meetings.products.provider import VIDEO

_PIN = re.compile(r"[0-9]{4,20}")
_ID = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9_-]{16,}")
"""The form of ids as recorded from the platform (`iad41-c04-ndb` and 26 characters); no personal name is as long."""


@dataclass(frozen=True, slots=True)
class RoomName:
    """What names a room, and the hash of its password where a link brought one; of a link, nothing else is used."""

    text: str
    hash_of_password: str | None = None
    from_link: bool = False

    @property
    def is_pin(self) -> bool:
        return _PIN.fullmatch(self.text) is not None

    async def find(self, video: VideoOperations) -> Bridge:
        """Return the room. Raises `not_found` where nothing is left to try."""
        ways = self._ways(video)
        for way in ways[:-1]:
            try:
                return await way()
            except errors.Refused as refused:
                if refused.code != "not_found":
                    raise
        return await ways[-1]()

    def _ways(self, video: VideoOperations) -> list[Callable[[], Awaitable[Bridge]]]:
        async def by_id() -> Bridge:
            return await video.load_bridge(self.text, self.hash_of_password)

        async def by_web_pin() -> Bridge:
            return await video.load_bridge_by_web_pin(self.text, self.hash_of_password)

        async def by_phone_pin() -> Bridge:
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
