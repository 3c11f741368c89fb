"""Doing one thing at a time that others might do as well: here among the calls of one process."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol
from weakref import WeakValueDictionary

import anyio


class Turns(Protocol):
    """Turns by name. A form that others share raises `Refused` where it does not answer, or nobody gives way."""

    def turn(self, name: str) -> AbstractAsyncContextManager[None]:
        """Hold a turn for the block, once nobody else has it."""
        ...


class LocalTurns:
    """Turns among the calls of this process."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Hold a turn for the block, once nobody else has it."""
        async with self._locks.setdefault(name, anyio.Lock()):
            yield
