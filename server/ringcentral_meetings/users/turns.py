"""Turns at what one call at a time may do, among the calls of this process first, then among the replicas."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, TypeVar
from weakref import WeakValueDictionary

import anyio

from ringcentral_meetings.platform.records import Beginning, HeldRecord
from ringcentral_meetings.store import Lease, Store
from ringcentral_meetings.users.faults import store_errors, told_in_vain
from ringcentral_meetings.users.records import SharedRecord

LEASE_SECONDS: Final = 20.0
"""For how long the turn of a process that has died keeps others waiting: less than a call has."""

BEAT_SECONDS: Final = 5.0
"""How often a process that lives says so."""

PATIENCE_SECONDS: Final = 40.0
"""Less than a call has, so that it can still say why it did nothing."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SharedTurns:
    """The turns of an owner: a person, or an account. Their names in the store tell nothing."""

    store: Store
    owner: str
    beat_seconds: float = BEAT_SECONDS
    _here: WeakValueDictionary[str, anyio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Hold a turn for the block, once nobody else has it.

        Raises `Refused`, `upstream_unavailable`.
        """
        async with self.alone_here(name):
            with store_errors():
                lease = await self.store.leases.granted(self.lease_name(name), LEASE_SECONDS, PATIENCE_SECONDS)
            async with self.kept(lease, self.store.leases.release):
                yield

    def alone_here(self, name: str) -> AbstractAsyncContextManager[None]:
        """Hold a turn among the calls of this process."""
        return self._here.setdefault(name, anyio.Lock())

    def lease_name(self, name: str) -> str:
        """Return the name of the lease for a turn."""
        return f"{{{self.owner}}}:turn:{self.store.ring.digest('turn', name)}"

    @asynccontextmanager
    async def kept(self, lease: Lease, end: Callable[[Lease], Awaitable[object]]) -> AsyncIterator[None]:
        """Keep the lease of a turn for the block, and give it back by `end`."""
        # Not a task group: what the block raises would arrive within an exception group.
        ended = anyio.Event()
        beating = asyncio.get_running_loop().create_task(self._beat(lease, ended))
        try:
            yield
        finally:
            # Not cancelled: what cuts into a trip to the store leaves its answer to the next one.
            ended.set()
            with anyio.CancelScope(shield=True), told_in_vain("The end of a turn"):
                await beating
                await end(lease)

    async def _beat(self, lease: Lease, ended: anyio.Event) -> None:
        """Keep a lease until the turn has ended."""
        while not ended.is_set():
            with anyio.move_on_after(self.beat_seconds):
                await ended.wait()
                return
            with told_in_vain("A turn that lasts"):
                if not await self.store.leases.extend(lease, LEASE_SECONDS):
                    logger.warning("A turn was over before its call: this process was not heard of in time")
                    return


@dataclass(frozen=True, slots=True)
class SharedRecordTurns:
    """Turns that each have a record in the store, which is kept for `seconds` after each change."""

    turns: SharedTurns
    seconds: float

    @asynccontextmanager
    async def turn(self, name: str, begin: Beginning[T]) -> AsyncIterator[tuple[HeldRecord, T]]:
        """Hold a turn for the block, once nobody else has it, its record changed by `begin`.

        Raises `Refused`, `upstream_unavailable`.
        """
        store, begun = self.turns.store, list[T]()
        record_name = f"attempt:{store.ring.digest('record', name)}"
        record = SharedRecord(store.noted_leases(self.turns.owner, self.seconds), record_name)

        def first() -> str:
            text, result = begin(None)
            begun[:] = [result]
            return text

        async with self.turns.alone_here(name):
            lease_name = self.turns.lease_name(name)
            lease, is_begun = await record.granted(lease_name, first, LEASE_SECONDS, PATIENCE_SECONDS)
            async with self.turns.kept(lease, record.released):
                yield record, begun[0] if is_begun else await record.change(begin)
