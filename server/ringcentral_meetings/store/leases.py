"""Doing something alone among all replicas, for a while."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Final, TypeVar

import anyio

from ringcentral_meetings.store.records import Lease, LeaseTaken, StoreDown
from ringcentral_meetings.store.steps import Steps, new_request

FIRST_PAUSE_SECONDS: Final = 0.05
LONGEST_PAUSE_SECONDS: Final = 0.25

logger = logging.getLogger(__name__)

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[None]]


class Leases:
    """Leases by name. All methods raise `StoreDown`; a lease that cannot be given back ends by itself."""

    def __init__(self, steps: Steps, sleep: Sleep = anyio.sleep) -> None:
        self._steps = steps
        self._sleep = sleep

    async def grant(self, name: str, seconds: float, owner: str | None = None) -> Lease | float:
        """Return a lease, or the seconds that another holds it at most. An `owner` who asks again has the same one."""
        owner = owner or new_request()
        generation, held = await self._steps.grant(lease_key(name), owner, seconds)
        return Lease(name, owner, generation) if generation else held

    async def extend(self, lease: Lease, seconds: float) -> bool:
        """Hold a lease until `seconds` from now; False where it is over."""
        return await self._steps.extend(lease_key(lease.name), lease.owner, lease.generation, seconds)

    async def release(self, lease: Lease) -> bool:
        """Give a lease back; False where it is over, and perhaps another's."""
        return await self._steps.release(lease_key(lease.name), lease.owner, lease.generation)

    async def granted(self, name: str, seconds: float, patience: float) -> Lease:
        """Return a lease once nobody else has it, within `patience` seconds. Raises `LeaseTaken`."""
        owner = new_request()
        return await polled(lambda: self.grant(name, seconds, owner), patience, self._sleep)

    @asynccontextmanager
    async def held(self, name: str, seconds: float, patience: float) -> AsyncIterator[Lease]:
        """Hold a lease for as long as the block runs, and `seconds` at most.

        Raises `LeaseTaken` where somebody else has it for longer than `patience` seconds.
        """
        lease = await self.granted(name, seconds, patience)
        try:
            yield lease
        finally:
            await self.give_back(lease)

    async def give_back(self, lease: Lease) -> None:
        """Release a lease at the end of what was done under it, which counts though the store does not answer now."""
        with anyio.CancelScope(shield=True):
            try:
                await self.release(lease)
            except StoreDown as down:
                logger.warning("A lease was not given back, and ends by itself: %s", down)


async def polled(look: Callable[[], Awaitable[T | float]], patience: float, sleep: Sleep) -> T:
    """Return what `look` finds, looking again for `patience` seconds while it returns how long somebody has a lease.

    Raises `LeaseTaken`.
    """
    pauses = _pauses(patience)
    while True:
        found = await look()
        if not isinstance(found, float):
            return found
        if (pause := next(pauses, None)) is None:
            raise LeaseTaken(found)
        await sleep(pause)


def _pauses(patience: float) -> Iterator[float]:
    pause = FIRST_PAUSE_SECONDS
    while patience > 0:
        yield min(pause, patience)
        patience, pause = patience - pause, min(2 * pause, LONGEST_PAUSE_SECONDS)


def lease_key(name: str) -> str:
    """Return the key under which a lease is stored."""
    return f"rcm:lease:{name}"
