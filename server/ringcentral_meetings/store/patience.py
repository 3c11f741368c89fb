"""How long a trip to the store may take, on an event loop that may itself be late."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import anyio

from ringcentral_meetings.store.records import StoreDown

TICKS: Final = 20


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """Cancel the block after `seconds`, and raise `TimeoutError`.

    The time is counted in ticks, between which the event loop looks for answers at least once. What it is busy with
    otherwise makes the ticks longer, and so does not count against the store.
    """
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(None) as scope:
        ticks: list[asyncio.TimerHandle] = []

        def tick() -> None:
            if len(ticks) < TICKS:
                ticks.append(loop.call_later(seconds / TICKS, tick))
            else:
                scope.reschedule(loop.time())

        tick()
        try:
            yield
        finally:
            ticks[-1].cancel()


class Places:
    """Places for trips at once, for which callers take turns: one who asks for many does not keep the others waiting.

    Who waits learns at once when a trip before has found the store down.
    """

    def __init__(self, most: int, seconds: float) -> None:
        self._free = most
        self._seconds = seconds
        self._waiting: dict[str, deque[anyio.Event]] = {}
        self._down: StoreDown | None = None

    @asynccontextmanager
    async def place(self, caller: str) -> AsyncIterator[None]:
        """Hold a place. Raises `StoreDown` where the store is found to be down, or none is free for too long."""
        await self._take(caller)
        try:
            yield
            self._down = None
        except StoreDown as down:
            self._down = down
            raise
        finally:
            self._give_back()

    async def _take(self, caller: str) -> None:
        if self._free:
            self._free -= 1
            return
        turn = anyio.Event()
        self._waiting.setdefault(caller, deque()).append(turn)
        try:
            with anyio.fail_after(self._seconds):
                await turn.wait()
        except BaseException as ended:
            self._leave(caller, turn)
            if isinstance(ended, TimeoutError):
                raise StoreDown("has more to do than it can") from None
            raise
        if self._down is not None:
            self._give_back()
            raise StoreDown(self._down.reason, self._down.retry_after)

    def _leave(self, caller: str, turn: anyio.Event) -> None:
        """Stop waiting, giving back a place that came at the same moment."""
        if turn.is_set():
            self._give_back()
            return
        self._waiting[caller].remove(turn)
        if not self._waiting[caller]:
            del self._waiting[caller]

    def _give_back(self) -> None:
        """Give a place to whoever has waited longest of the next caller, whose next turn is after all others'."""
        if not self._waiting:
            self._free += 1
            return
        caller = next(iter(self._waiting))
        turns = self._waiting.pop(caller)
        turns.popleft().set()
        if turns:
            self._waiting[caller] = turns
