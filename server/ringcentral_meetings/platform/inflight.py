"""A write in flight whose call is cancelled: it gets some seconds to end, so that its outcome is known and logged."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import anyio
import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import NOT_SENT, Reply

GRACE_SECONDS: Final = 5.0

GIVEN_UP: Final = "ringcentral_given_up"
"""Request extension: the call was cancelled, and nothing more may be sent for it."""

logger = logging.getLogger(__name__)


class NoReply(Exception):
    """A try that got no answer, with the error that says so."""

    def __init__(self, error: errors.MeetingsError) -> None:
        super().__init__(str(error))
        self.error = error


async def run_despite_cancellation(
    request: httpx.Request, exchange: Callable[[], Awaitable[Reply]], deadline: float
) -> Reply | None:
    """The reply to `exchange`, None where it has not come at `deadline` (the event loop's time).

    A cancellation ends what has not gone out yet at once, and what is in flight after a grace at the latest;
    it is passed on in either case.

    Raises:
        Lost, errors.MeetingsError: as `exchange` does.
    """
    replies: list[Reply] = []
    faults: list[NoReply | errors.MeetingsError] = []
    shield = anyio.CancelScope(shield=True, deadline=deadline)
    ended = anyio.Event()

    async def run() -> None:
        try:
            with shield:
                replies.append(await exchange())
        except (NoReply, errors.MeetingsError) as fault:
            faults.append(fault)
        finally:
            ended.set()

    async with anyio.create_task_group() as group:
        group.start_soon(run)
        try:
            await ended.wait()
        except anyio.get_cancelled_exc_class():
            await _give_up(request, shield, ended)
            logger.warning("A %s was in flight as its call was cancelled: %s", request.method, _told(replies, faults))
            raise
    if faults:
        raise faults[0]
    return replies[0] if replies else None


async def _give_up(request: httpx.Request, shield: anyio.CancelScope, ended: anyio.Event) -> None:
    request.extensions[GIVEN_UP] = True
    if NOT_SENT in request.extensions:
        shield.cancel()
    shield.deadline = min(shield.deadline, anyio.current_time() + GRACE_SECONDS)
    with anyio.CancelScope(shield=True):
        await ended.wait()


def _told(replies: list[Reply], faults: list[NoReply | errors.MeetingsError]) -> str:
    if replies:
        return f"it was answered with status {replies[0].status}"
    return str(faults[0]) if faults else "its outcome is not known"
