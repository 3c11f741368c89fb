"""How long a trip to the store may take, on an event loop that may itself be late."""

import asyncio
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
    """Places for trips at once. Who waits for one learns at once when a trip before has found the store down."""

    def __init__(self, most: int, seconds: float) -> None:
        self._free = anyio.Semaphore(most)
        self._seconds = seconds
        self._down: StoreDown | None = None

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place. Raises `StoreDown` where the store is found to be down, or none is free for too long."""
        try:
            self._free.acquire_nowait()
        except anyio.WouldBlock:
            await self._wait()
        try:
            yield
            self._down = None
        except StoreDown as down:
            self._down = down
            raise
        finally:
            self._free.release()

    async def _wait(self) -> None:
        try:
            with anyio.fail_after(self._seconds):
                await self._free.acquire()
        except TimeoutError:
            raise StoreDown("has more to do than it can") from None
        if self._down is not None:
            self._free.release()
            raise StoreDown(self._down.reason, self._down.retry_after)
