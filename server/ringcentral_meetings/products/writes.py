"""How everything is written: sent once, and read back if the answer is lost."""

import logging
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Final, TypeVar

import anyio

from ringcentral_meetings import errors
from ringcentral_meetings.platform import call_context
from ringcentral_meetings.platform.limits import READ_BACK_SECONDS, WRITE_SECONDS, Clock

T = TypeVar("T")

FIRST_PAUSE_SECONDS: Final = 1.0
SHORTEST_PAUSE_SECONDS: Final = 0.5
LONGEST_LOOKING_SECONDS: Final = 45.0
LAST_MOMENT_SECONDS: Final = 0.05
"""The part of the call's time that is kept for answering."""

logger = logging.getLogger(__name__)


class Verdict(Enum):
    """What reading back showed, if not the write's effect.

    After `NOT_SEEN` the effect may show later, since a write whose answer was lost may still be carried out. After
    `UNDECIDABLE` it never will.
    """

    NOT_SEEN = auto()
    UNDECIDABLE = auto()


class Pauses:
    """Pauses between looks for what may still happen: each twice as long as the one before.

    They pass on `clock`, and the last one ends just in time for a look before the call's time is over.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        left = min(clock.time_left(), LONGEST_LOOKING_SECONDS)
        self._until = clock.now() + left - READ_BACK_SECONDS
        self._next = FIRST_PAUSE_SECONDS

    async def pause(self) -> bool:
        """Pause before a further look; return False at once if there is no time for one."""
        left = self._until - self._clock.now()
        if left < SHORTEST_PAUSE_SECONDS:
            return False
        seconds = min(self._next, left)
        self._next *= 2
        await self._clock.sleep(seconds)
        return True


async def write_once(
    send: Callable[[], Awaitable[T]],
    read_back: Callable[[], Awaitable[T | Verdict]],
    *,
    clock: Clock,
    doing: str,
    check_with: str,
) -> T:
    """Send a write once; if its answer is lost, read back until its effect shows or the call's time is over.

    A write whose effect does not show is never reported as undone: RingCentral may still carry it out. `doing` begins
    a sentence ("The deletion was sent"), `check_with` names the tool to look with.

    Raises:
        errors.Refused: nothing was written, and why.
        errors.Unanswered: `outcome_unknown`, if reading back did not show it.
    """
    if clock.time_left() < WRITE_SECONDS:
        raise errors.out_of_time(doing)
    lost: errors.Unanswered | None = None
    with (
        call_context.open_write(errors.outcome_unknown(doing, check_with)),
        anyio.move_on_after(_seconds_left() - LAST_MOMENT_SECONDS),
    ):
        try:
            return await send()
        except errors.Unanswered as unanswered:
            lost = unanswered
            if (found := await _look_until_seen(read_back, clock)) is not None:
                return found
    raise errors.outcome_unknown(doing, check_with, lost.upstream if lost is not None else None) from lost


async def _look_until_seen(read_back: Callable[[], Awaitable[T | Verdict]], clock: Clock) -> T | None:
    pauses = Pauses(clock)
    while True:
        try:
            seen = await read_back()
        except errors.MeetingsError as problem:
            logger.warning("Reading back failed: %s", problem.code)
            if not problem.retryable or problem.code == "rate_limited":
                return None
        else:
            if not isinstance(seen, Verdict):
                return seen
            if seen is Verdict.UNDECIDABLE:
                return None
        if not await pauses.pause():
            return None


def _seconds_left() -> float:
    return anyio.current_effective_deadline() - anyio.current_time()
