"""Locks by name: what one call does at a time, among the calls of this process or of all that share a store."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from weakref import WeakValueDictionary

import anyio


class Turns(Protocol):
    """Locks by name. An implementation that processes share raises `Refused` if it does not answer or no turn comes."""

    def turn(self, name: str) -> AbstractAsyncContextManager[None]:
        """Hold the lock of a name for the block."""
        ...


class LocalTurns:
    """Locks among the calls of this process."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Hold the lock of a name for the block."""
        async with self._locks.setdefault(name, anyio.Lock()):
            yield
