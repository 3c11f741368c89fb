"""An event loop whose time passes at once: real deadlines and timeouts, without waiting for them."""

import asyncio
import selectors
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio

from assistant import MONDAY, Assistant, ManualClock, at_work

DEADLOCK_SECONDS = 20.0
"""Real seconds after which, with no timer set, nothing is going to happen any more."""


class _Selector(selectors.DefaultSelector):
    skipped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            ready = super().select(DEADLOCK_SECONDS)
            assert ready, "everything waits for something that nobody does"
            return ready
        ready = super().select(0)
        if not ready:
            self.skipped += max(0.0, timeout)
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    """Where nothing is ready to run, the time of the next timer is now."""

    def __init__(self) -> None:
        self._skipping = _Selector()
        super().__init__(self._skipping)

    def time(self) -> float:
        return super().time() + self._skipping.skipped

    def skip(self, seconds: float) -> None:
        """Let time pass in which nothing ran."""
        self._skipping.skipped += seconds


BACKEND = ("asyncio", {"loop_factory": SkippingLoop})


class LoopTime(ManualClock):
    """The loop's own time as the clock of server and simulator, so that deadlines and waits are one."""

    def now(self) -> float:
        return MONDAY.timestamp() + anyio.current_time()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await anyio.sleep(seconds)

    def time_left(self) -> float:
        return anyio.current_effective_deadline() - anyio.current_time()


@asynccontextmanager
async def at_work_in_loop_time(**settings: Any) -> AsyncIterator[Assistant]:
    async with at_work(clock=LoopTime(), **settings) as assistant:
        yield assistant
