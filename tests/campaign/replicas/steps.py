"""The shared store as one replica reaches it: it fails now and then, and ends with the replica."""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, cast

import anyio

from campaign.platform import PACE
from ringcentral_meetings.store import StoreDown
from ringcentral_meetings.store.steps import NoteChange, Steps

FAILURES_OF_TRIPS = {"down": 0.004, "lost": 0.004, "again": 0.02, "late": 0.02, "outage": 0.002}
"""How often a trip meets each failure.

`down` is not carried out, and `lost` is, though nobody learns of it; `again` is carried out and made once more under
the same request, as after a lost connection; `late` takes long; with `outage` all replicas lose the store for a while.
"""

LATE_SECONDS = 0.02
OUTAGE_SECONDS = 0.1


@dataclass
class Outages:
    """What strikes all replicas at once, what has struck, and who holds which leases without giving them back."""

    chance: random.Random
    failures: dict[str, float] = field(default_factory=dict)
    until: float = 0.0
    struck: Counter[str] = field(default_factory=Counter)
    abandoned: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def strike(self) -> str | None:
        """Return which failure a trip meets, if any."""
        drawn = self.chance.random()
        for name, share in self.failures.items():
            drawn -= share
            if drawn < 0:
                self.struck[name] += 1
                return name
        return None


class FailingSteps:
    """`Steps` of one replica. Penalties and abandoned leases pass quickly; leases in use take their time."""

    def __init__(self, inner: Steps, outages: Outages) -> None:
        self._inner = inner
        self._outages = outages
        self.dead = False
        self._held: set[tuple[str, str]] = set()

    def as_steps(self) -> Steps:
        """Return itself as what a store is made of."""
        return cast("Steps", self)

    def __getattr__(self, name: str) -> Any:
        async def step(*args: Any, **options: Any) -> Any:
            return await self._tried(name, *args, **options)

        return step

    async def close(self) -> None:
        await self._inner.close()

    async def hold(self, key: str, seconds: float) -> None:
        await self._tried("hold", key, seconds / PACE)

    async def grant(self, key: str, owner: str, seconds: float) -> Any:
        return await self._granted("grant", key, owner, seconds)

    async def begin(self, key: str, owner: str, seconds: float, note: NoteChange) -> Any:
        return await self._granted("begin", key, owner, seconds, note)

    async def release(self, key: str, owner: str, generation: int) -> Any:
        return await self._given_back("release", key, owner, generation)

    async def finish(self, key: str, owner: str, generation: int, note: NoteChange) -> Any:
        return await self._given_back("finish", key, owner, generation, note)

    async def _granted(self, name: str, key: str, owner: str, *args: Any) -> Any:
        self._held.add((key, owner))
        granted = await self._or_abandoned(name, key, owner, *args)
        if not granted[0]:
            self._held.discard((key, owner))
            await self._end_abandoned(key)
        return granted

    async def _given_back(self, name: str, key: str, owner: str, *args: Any) -> Any:
        done = await self._or_abandoned(name, key, owner, *args)
        self._held.discard((key, owner))
        return done

    def abandon(self) -> None:
        """Leave behind the leases of a replica that has died."""
        for key, owner in self._held:
            self._outages.abandoned[key].add(owner)

    async def _or_abandoned(self, name: str, key: str, owner: str, *args: Any) -> Any:
        """Make a trip about a lease; one that fails leaves behind what it was to grant or to give back."""
        try:
            return await self._tried(name, key, owner, *args)
        except StoreDown:
            if not self.dead:
                self._outages.abandoned[key].add(owner)
            raise

    async def _end_abandoned(self, key: str) -> None:
        """End leases as time would do it."""
        for owner in self._outages.abandoned.pop(key, set()):
            generation, _ = await self._inner.grant(key, owner, 1)
            if generation:
                await self._inner.release(key, owner, generation)

    async def _tried(self, name: str, *args: Any, **options: Any) -> Any:
        struck = None if self.dead else self._outages.strike()
        if struck == "outage":
            self._outages.until = anyio.current_time() + self._outages.chance.uniform(0, OUTAGE_SECONDS)
        if struck == "late":
            await anyio.sleep(self._outages.chance.uniform(0, LATE_SECONDS))
        self._check(struck)
        if struck in ("again", "lost"):
            await getattr(self._inner, name)(*args, **options)
        if struck == "lost":
            raise StoreDown("did not answer in time")
        answer = await getattr(self._inner, name)(*args, **options)
        if self.dead:
            raise StoreDown("cannot be reached")
        return answer

    def _check(self, struck: str | None) -> None:
        if self.dead or struck == "down" or anyio.current_time() < self._outages.until:
            raise StoreDown("cannot be reached", retry_after=0.01)
