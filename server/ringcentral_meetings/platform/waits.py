"""Reports waits for rate limits to the call that waits.

One client serves many calls at once and knows none of them, so a context variable goes with each call into the tasks
that it starts. What one call does for several, as a token renewal, is reported to that one alone.
"""

from collections.abc import Awaitable, Callable
from contextvars import ContextVar

OnWait = Callable[[float], Awaitable[None]]
"""Awaited with the seconds to come, before a wait for a rate limit begins. What it raises ends the wait."""

_on_wait: ContextVar[OnWait | None] = ContextVar("on_wait", default=None)


def report_to(on_wait: OnWait | None) -> None:
    """Report the waits of the current call to `on_wait` from now on: in this task, and in those that it starts."""
    _on_wait.set(on_wait)


async def report(seconds: float) -> None:
    """Report to whom the current call has named, if anybody, that a wait of `seconds` begins."""
    on_wait = _on_wait.get()
    if on_wait is not None:
        await on_wait(seconds)
