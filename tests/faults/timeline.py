"""Time for several calls at once, and a record of when each request reached the platform."""

import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
from anyio.lowlevel import checkpoint

from assistant import Assistant, ManualClock
from ringcentral_meetings.simulator import RecordedCall

TURNS = 200
"""Turns of the event loop after which everybody who can go on has done so."""


@dataclass
class SharedClock(ManualClock):
    """A manual clock for many sleepers: it goes on to the next waking time when nobody else has anything to do."""

    _sleepers: list[tuple[float, int, anyio.Event]] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        event = anyio.Event()
        heapq.heappush(self._sleepers, (self.seconds + seconds, len(self.slept), event))
        await event.wait()

    async def _run(self) -> None:
        while True:
            for _ in range(TURNS):
                await checkpoint()
            if self._sleepers:
                until, _, event = heapq.heappop(self._sleepers)
                self.seconds = max(self.seconds, until)
                event.set()

    @asynccontextmanager
    async def going(self) -> AsyncIterator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(self._run)
            yield
            group.cancel_scope.cancel()


class Timeline(list[RecordedCall]):
    """The simulator's record of calls, which also notes when each was made."""

    def __init__(self, now: Callable[[], float]) -> None:
        super().__init__()
        self._now = now
        self.times: list[float] = []

    def append(self, call: RecordedCall) -> None:
        super().append(call)
        self.times.append(self._now())

    def of(self, *methods: str) -> list[float]:
        """When the requests of these methods were made, sign-ins left out."""
        timed = zip(self, self.times, strict=True)
        return [time for call, time in timed if call.method in methods and "/oauth/" not in call.path]

    def statuses(self) -> set[int]:
        return {call.status for call in self}


def watch(assistant: Assistant) -> Timeline:
    """The record of what reaches the simulator from now on."""
    timeline = Timeline(assistant.clock.now)
    assistant.simulator.calls = timeline
    return timeline


def most_within(times: list[float], seconds: float) -> int:
    """The most of these moments that lie within one span of so many seconds."""
    return max((sum(1 for time in times if start <= time < start + seconds) for start in times), default=0)
