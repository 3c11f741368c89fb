"""Places for requests in flight, shared among callers: the requests of one leave places for those of the others."""

from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio.lowlevel import checkpoint_if_cancelled

from ringcentral_meetings.platform.call_context import current_caller


class FairPlaces:
    """Places for requests in flight: `each` for one caller, twice as many for all. Waiting callers take turns."""

    def __init__(self, each: int) -> None:
        self._each = each
        self._free = 2 * each
        self._taken = Counter[str]()
        self._waiting: dict[str, deque[anyio.Event]] = {}

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place for the current caller, and hold it."""
        caller = current_caller()
        await self._take(caller)
        try:
            yield
        finally:
            self._give_back(caller)

    async def _take(self, caller: str) -> None:
        await checkpoint_if_cancelled()
        if caller not in self._waiting and self._may_take(caller):
            self._count(caller)
            return
        turn = anyio.Event()
        self._waiting.setdefault(caller, deque()).append(turn)
        try:
            await turn.wait()
        except BaseException:
            self._leave(caller, turn)
            raise

    def _leave(self, caller: str, turn: anyio.Event) -> None:
        """Stop waiting, giving back a place that came at the same moment."""
        if turn.is_set():
            self._give_back(caller)
            return
        self._waiting[caller].remove(turn)
        if not self._waiting[caller]:
            del self._waiting[caller]

    def _may_take(self, caller: str) -> bool:
        return self._free > 0 and self._taken[caller] < self._each

    def _count(self, caller: str) -> None:
        self._free -= 1
        self._taken[caller] += 1

    def _give_back(self, caller: str) -> None:
        self._free += 1
        self._taken[caller] -= 1
        if not self._taken[caller]:
            del self._taken[caller]
        if (following := next(filter(self._may_take, self._waiting), None)) is not None:
            self._hand_to(following)

    def _hand_to(self, caller: str) -> None:
        """Give a place to the longest waiting request of a caller, whose next turn comes after those of all others."""
        waiting = self._waiting.pop(caller)
        self._count(caller)
        waiting.popleft().set()
        if waiting:
            self._waiting[caller] = waiting
