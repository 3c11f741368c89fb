"""The ways in which people name a room: its id, a PIN, a personal meeting name, or a whole join link."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from ringcentral_meetings import errors
from ringcentral_meetings.platform.api.video import VideoOperations
from ringcentral_meetings.platform.api.video_wire import Bridge

_PIN = re.compile(r"[0-9]{4,20}")
_GROUPED = re.compile(r"[0-9][0-9 -]*[0-9]")


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
        """The room. Raises `not_found` where nothing is left to try."""
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


def room_name(meeting_id: str) -> RoomName:
    """What an argument names.

    Raises:
        errors.Refused: `invalid_arguments`, for a link that leads to no room.
    """
    text = meeting_id.strip()
    if "/join/" in text or "://" in text:
        return _of_link(text)
    if _GROUPED.fullmatch(text):
        text = text.replace(" ", "").replace("-", "")
    return RoomName(text)


def _of_link(text: str) -> RoomName:
    try:
        url = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        raise _no_link(text) from None
    last = unquote(url.path.rstrip("/").rpartition("/")[2])
    if not last:
        raise _no_link(text)
    return RoomName(last, next(iter(parse_qs(url.query).get("pw", ())), None), from_link=True)


def _no_link(text: str) -> errors.Refused:
    return errors.invalid_argument(
        "meeting_id", f'"{errors.quoted(text)}" is no join link', "Give the whole link, the PIN in it, or a meeting_id."
    )
