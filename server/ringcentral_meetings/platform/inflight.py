"""Gives a write in flight whose call is cancelled some seconds to finish, so that its outcome is known and logged."""

import logging
from collections.abc import Awaitable, Callable
from typing import Final

import anyio

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import Reply

GRACE_SECONDS: Final = 5.0

logger = logging.getLogger(__name__)


class NoReply(Exception):
    """A try that got no answer, with the error that says so."""

    def __init__(self, error: errors.MeetingsError) -> None:
        super().__init__(str(error))
        self.error = error


async def run_despite_cancellation(
    method: str, exchange: Callable[[], Awaitable[Reply]], deadline: float
) -> Reply | None:
    """Send a write by `exchange` and return its reply; None if there is none by `deadline` (the event loop's time).

    A cancellation of the caller reaches the write `GRACE_SECONDS` later, and is raised here once the write has ended.

    Raises:
        NoReply, errors.MeetingsError: as `exchange` does.
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
            shield.deadline = min(shield.deadline, anyio.current_time() + GRACE_SECONDS)
            with anyio.CancelScope(shield=True):
                await ended.wait()
            logger.warning("A %s was in flight as its call was cancelled: %s", method, _outcome(replies, faults))
            raise
    if faults:
        raise faults[0]
    return replies[0] if replies else None


def _outcome(replies: list[Reply], faults: list[NoReply | errors.MeetingsError]) -> str:
    if replies:
        return f"it was answered with status {replies[0].status}"
    return str(faults[0]) if faults else "its outcome is not known"
