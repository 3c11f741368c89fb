"""The one way in which anything is written: send once, classify, read back."""

import logging
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import TypeVar

import anyio

from ringcentral_meetings import errors

T = TypeVar("T")

READ_BACK_SECONDS = 10.0
"""Kept free of the call's time for reading back."""

logger = logging.getLogger(__name__)


class Verdict(Enum):
    """What reading back showed where it did not show the write's effect."""

    NOT_DONE = auto()
    UNDECIDABLE = auto()


async def write_once(
    send: Callable[[], Awaitable[T]],
    read_back: Callable[[], Awaitable[T | Verdict]],
    *,
    doing: str,
    check_with: str,
) -> T:
    """Send a write once; where its answer is lost, read back and answer what is true.

    `doing` begins a sentence ("The deletion was sent"), `check_with` names the tool to look with.

    Raises:
        errors.Refused: nothing was written, and why.
        errors.Unanswered: `outcome_unknown`, where reading back could not decide.
    """
    try:
        return await _in_flight(send, doing)
    except errors.Unanswered as lost:
        verdict = await _read_back(read_back)
        if not isinstance(verdict, Verdict):
            return verdict
        if verdict is Verdict.NOT_DONE and not _may_still_land(lost):
            raise errors.not_carried_out(doing, lost.upstream) from lost
        raise errors.outcome_unknown(doing, check_with, lost.upstream) from lost


async def _in_flight(send: Callable[[], Awaitable[T]], doing: str) -> T:
    """The answer to `send`, given as much of the call's time as leaves some for reading back."""
    left = anyio.current_effective_deadline() - anyio.current_time()
    if left < READ_BACK_SECONDS:
        raise errors.out_of_time(doing)
    with anyio.move_on_after(left - READ_BACK_SECONDS):
        return await send()
    raise errors.no_answer("timeout")


async def _read_back(read_back: Callable[[], Awaitable[T | Verdict]]) -> T | Verdict:
    left = anyio.current_effective_deadline() - anyio.current_time()
    with anyio.move_on_after(left - 1):
        try:
            return await read_back()
        except errors.MeetingsError as problem:
            logger.warning("Reading back failed: %s", problem.code)
    return Verdict.UNDECIDABLE


def _may_still_land(lost: errors.Unanswered) -> bool:
    """A request that timed out may still be worked on; one that failed or was cut off is over."""
    return lost.code == "timed_out" or (lost.upstream is not None and lost.upstream.http_status == 504)
