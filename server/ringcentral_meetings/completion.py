"""Completion of the arguments of prompts and resources, from what was read a short while ago.

A person types many keys a second, and RingCentral grants 50 requests a minute: at most one reading a minute is
made for completion, none while the budget is short, and one that fails is not tried again before its time.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import anyio
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Meeting
from ringcentral_meetings.platform.limits import Clock, RateLimits
from ringcentral_meetings.text import normalized
from ringcentral_meetings.tools import Services

KEPT_SECONDS = 60.0
READ_SECONDS = 5.0
"""A person does not wait longer for a suggestion."""

SPARE = 0.5
"""The share of the budget that has to be free before any of it is spent on suggestions."""

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Choice:
    meeting_id: str
    topic: str

    def suits(self, typed: str) -> bool:
        return typed in self.meeting_id or all(word in self.topic for word in typed.split())


class TtlValue(Generic[T]):
    """What a reading came to, for a minute from its beginning on; `nothing` where it failed."""

    def __init__(self, nothing: T, limits: RateLimits, clock: Clock) -> None:
        self._value = self._nothing = nothing
        self._until = float("-inf")
        self._limits = limits
        self._clock = clock
        self._lock = anyio.Lock()

    async def get(self, read: Callable[[], Awaitable[T]]) -> T:
        async with self._lock:
            if self._clock.now() >= self._until:
                self._value = self._nothing
                if self._limits.spare("light") >= SPARE:
                    self._until = self._clock.now() + KEPT_SECONDS
                    await self._read(read)
            return self._value

    async def _read(self, read: Callable[[], Awaitable[T]]) -> None:
        """Read, to the end even if the request is cancelled: the next key pressed does that."""
        with anyio.move_on_after(READ_SECONDS, shield=True):
            try:
                self._value = await read()
            except errors.MeetingsError as error:
                logger.info("Nothing to complete from: %s", error.code)


class Completion:
    """The values that fit what is typed, the likeliest first. Never fails, and never waits for a rate limit."""

    def __init__(self, limits: RateLimits, clock: Clock) -> None:
        self._choices = TtlValue[Sequence[_Choice]]((), limits, clock)
        self._own_zone = TtlValue[str | None](None, limits, clock)

    async def values(self, services: Services, argument: str, typed: str) -> Sequence[str]:
        """The values for `meeting_id`, found by id or topic, or for `time_zone`; none for another argument."""
        if argument == "meeting_id":
            return _ids(await self._choices.get(lambda: _choices(services)), normalized(typed))
        if argument == "time_zone":
            return _zones(await self._own_zone.get(lambda: _own_zone(services)), typed)
        return ()


def _ids(choices: Sequence[_Choice], typed: str) -> list[str]:
    fitting = [choice.meeting_id for choice in choices if choice.suits(typed)]
    return sorted(fitting, key=lambda meeting_id: not meeting_id.startswith(typed))


def _zones(own: str | None, typed: str) -> list[str]:
    wanted = _spoken(typed)
    fitting = [name for name in timing.zone_names() if wanted in _spoken(name)]
    return sorted(fitting, key=lambda name: (name != own, not _begins(_spoken(name), wanted)))


def _spoken(zone: str) -> str:
    return normalized(zone).replace("_", " ")


def _begins(zone: str, wanted: str) -> bool:
    return zone.startswith(wanted) or f"/{wanted}" in zone


async def _choices(services: Services) -> Sequence[_Choice]:
    """The user's own meetings, the next one first, those without a fixed time last."""
    listing = await (await services.products.of(None, _refuse_to_wait)).list_meetings(None)
    now = services.now()
    ordered = sorted(listing.meetings, key=lambda meeting: _next_start(meeting, now))
    return [_Choice(meeting.meeting_id, normalized(meeting.topic)) for meeting in ordered]


def _next_start(meeting: Meeting, now: Instant) -> float:
    coming = meeting.next_occurrence(now)
    return coming.slot.start.timestamp() if coming is not None else float("inf")


async def _own_zone(services: Services) -> str | None:
    zone = await services.viewer_zone()
    return zone.name if zone.source != "fallback" else None


async def _refuse_to_wait(seconds: float) -> None:
    raise errors.rate_limited(seconds)
