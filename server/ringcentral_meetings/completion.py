"""Completion of the arguments of prompts and resources, from what was read within the last minute.

A person types many keys a second, and RingCentral allows 50 requests a minute: completion reads at most once a minute,
and not at all while the rate budget is short. A reading that failed is not repeated before its minute is over.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

import anyio
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Meeting
from ringcentral_meetings.platform.limits import Clock, RateLimits
from ringcentral_meetings.tools import Services
from ringcentral_meetings.untrusted_text import normalized

KEPT_SECONDS = 60.0
"""How long a reading is used, successful or not."""

READ_SECONDS = 5.0
"""How long a reading may take: a person does not wait longer for a suggestion."""

SPARE = 0.5
"""The share of the rate budget that must be free before any of it is spent on suggestions."""

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Suggestion:
    meeting_id: str
    topic: str

    def matches(self, typed: str) -> bool:
        return typed in self.meeting_id or all(word in self.topic for word in typed.split())


class TtlValue(Generic[T]):
    """The outcome of a reading, kept for `KEPT_SECONDS` from its beginning; `nothing` if it failed or was not made.

    It is read again as soon as somebody else is signed in.
    """

    def __init__(self, nothing: T, limits: RateLimits, clock: Clock) -> None:
        self._value = self._nothing = nothing
        self._until = float("-inf")
        self._owner: str | None = None
        self._limits = limits
        self._clock = clock
        self._lock = anyio.Lock()

    async def get(self, owner: Callable[[], Awaitable[str | None]], read: Callable[[], Awaitable[T]]) -> T:
        """Return the value, reading it again if it has expired or is not of `owner`, and the rate budget allows."""
        async with self._lock:
            if self._clock.now() >= self._until or await owner() != self._owner:
                self._value = self._nothing
                if await self._has_spare():
                    self._until = self._clock.now() + KEPT_SECONDS
                    await self._read(read)
                    self._owner = await owner()  # known by now, even if reading was what signed in
            return self._value

    async def _has_spare(self) -> bool:
        try:
            return await self._limits.spare("light") >= SPARE
        except errors.MeetingsError as error:
            logger.info("Nothing to complete from: %s", error.code)
            return False

    async def _read(self, read: Callable[[], Awaitable[T]]) -> None:
        """Read to the end even if the request is cancelled, as it is when the person types on."""
        with anyio.move_on_after(READ_SECONDS, shield=True):
            try:
                self._value = await read()
            except errors.MeetingsError as error:
                logger.info("Nothing to complete from: %s", error.code)


class Completion:
    """Finds the values that match what was typed. Never fails, and never waits for a rate limit."""

    def __init__(self, limits: RateLimits, clock: Clock) -> None:
        self._meetings = TtlValue[Sequence[_Suggestion]]((), limits, clock)
        self._own_zone = TtlValue[str | None](None, limits, clock)

    async def values(self, services: Services, argument: str, typed: str) -> Sequence[str]:
        """Return values for `meeting_id`, found by id or topic, or for `time_zone`, the likeliest first."""
        owner = partial(_owner, services)
        if argument == "meeting_id":
            return _ids(await self._meetings.get(owner, lambda: _suggestions(services)), normalized(typed))
        if argument == "time_zone":
            return _zones(await self._own_zone.get(owner, lambda: _own_zone(services)), typed)
        return ()


def _ids(suggestions: Sequence[_Suggestion], typed: str) -> list[str]:
    fitting = [one.meeting_id for one in suggestions if one.matches(typed)]
    return sorted(fitting, key=lambda meeting_id: not meeting_id.startswith(typed))


def _zones(own: str | None, typed: str) -> list[str]:
    wanted = _without_underscores(typed)
    fitting = [name for name in timing.zone_names() if wanted in _without_underscores(name)]
    return sorted(fitting, key=lambda name: (name != own, not _begins(_without_underscores(name), wanted)))


def _without_underscores(zone: str) -> str:
    return normalized(zone).replace("_", " ")


def _begins(zone: str, wanted: str) -> bool:
    return zone.startswith(wanted) or f"/{wanted}" in zone


async def _suggestions(services: Services) -> Sequence[_Suggestion]:
    """Return the user's own meetings, the next one first, those without a fixed time last."""
    listing = await (await services.products.of(None, _refuse_to_wait)).list_meetings(None)
    now = services.now()
    ordered = sorted(listing.meetings, key=lambda meeting: _next_start(meeting, now))
    return [_Suggestion(meeting.meeting_id, normalized(meeting.topic)) for meeting in ordered]


def _next_start(meeting: Meeting, now: Instant) -> float:
    coming = meeting.next_occurrence(now)
    return coming.slot.start.timestamp() if coming is not None else float("inf")


async def _owner(services: Services) -> str | None:
    try:
        return await services.products.owner()
    except errors.MeetingsError:
        return None


async def _own_zone(services: Services) -> str | None:
    zone = await services.viewer_zone()
    return zone.name if zone.source != "fallback" else None


async def _refuse_to_wait(seconds: float) -> None:
    raise errors.rate_limited(seconds)
