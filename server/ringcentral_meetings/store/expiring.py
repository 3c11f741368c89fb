"""A bounded dictionary whose entries end, for the form of the store that is in memory."""

import heapq
from collections.abc import Callable
from typing import TypeVar

from ringcentral_meetings.store.records import StoreDown

T = TypeVar("T")


class Expiring:
    """Entries by name, each until its time by `clock`, and `most` of them. What is over takes no memory."""

    def __init__(self, clock: Callable[[], float], most: int) -> None:
        self._clock = clock
        self._most = most
        self._entries: dict[str, tuple[float, object]] = {}
        self._ends: list[tuple[float, str]] = []

    def __len__(self) -> int:
        self._forget()
        return len(self._entries)

    def get(self, name: str, kind: type[T]) -> T | None:
        """Return an entry of a kind, or None."""
        self._forget()
        found = self._entries.get(name)
        return found[1] if found is not None and isinstance(found[1], kind) else None

    def left(self, name: str) -> float:
        """Return for how many seconds an entry is there; 0 where it is not."""
        self._forget()
        found = self._entries.get(name)
        return max(0.0, found[0] - self._clock()) if found is not None else 0.0

    def put(self, name: str, entry: object, seconds: float) -> None:
        """Keep an entry for so long. Raises `StoreDown` where there are too many."""
        self._forget()
        if name not in self._entries and len(self._entries) >= self._most:
            raise StoreDown("is full")
        ends = self._clock() + seconds
        self._entries[name] = (ends, entry)
        heapq.heappush(self._ends, (ends, name))
        if len(self._ends) > 2 * len(self._entries) + 64:
            self._ends = [(ends, name) for name, (ends, _) in self._entries.items()]
            heapq.heapify(self._ends)

    def need(self, free: int) -> None:
        """Raise `StoreDown` where there is no room for so many entries more."""
        self._forget()
        if len(self._entries) + free > self._most:
            raise StoreDown("is full")

    def names(self) -> list[str]:
        """Return the names of all entries."""
        self._forget()
        return list(self._entries)

    def pop(self, name: str, kind: type[T]) -> T | None:
        """Take an entry out."""
        found = self.get(name, kind)
        self._entries.pop(name, None)
        return found

    def _forget(self) -> None:
        now = self._clock()
        while self._ends and self._ends[0][0] <= now:
            ends, name = heapq.heappop(self._ends)
            if (found := self._entries.get(name)) is not None and found[0] <= ends:
                del self._entries[name]
