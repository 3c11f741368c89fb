"""One store, in either of its forms."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import anyio

from ringcentral_meetings.store.grants import Grants, keys_of
from ringcentral_meetings.store.keys import KeyRing
from ringcentral_meetings.store.leases import Leases, Sleep
from ringcentral_meetings.store.limits import UserLimits
from ringcentral_meetings.store.memory import MOST_ENTRIES, MemorySteps
from ringcentral_meetings.store.noted_leases import NotedLeases
from ringcentral_meetings.store.notes import Notes
from ringcentral_meetings.store.records import Opened, Resealed, Throttle
from ringcentral_meetings.store.reseal import reseal
from ringcentral_meetings.store.sessions import Sessions
from ringcentral_meetings.store.steps import OnTrip, Steps
from ringcentral_meetings.store.vault import Vault


class Store:
    """What the replicas of a host share. Every method that waits raises `StoreDown`, and answers from nowhere else."""

    def __init__(self, steps: Steps, ring: KeyRing, sleep: Sleep = anyio.sleep) -> None:
        self._steps = steps
        self._vault = Vault(ring)
        self._sleep = sleep
        self.ring: Final = ring
        self.leases: Final = Leases(steps, sleep)
        self.sessions: Final = Sessions(steps, self._vault, self.leases, sleep)
        self.grants: Final = Grants(steps, ring, self._vault, self.sessions)

    def limits(self, user: str, account: str) -> UserLimits:
        """Return the rate limits of a user; both are names of the key ring."""
        return UserLimits(self._steps, user, account)

    def notes(self, owner: str) -> Notes:
        """Return the notes of a user, or with an empty `owner` those that concern all."""
        return Notes(self._steps, self._vault, owner)

    def noted_leases(self, owner: str, seconds: float) -> NotedLeases:
        """Return the leases of a user that begin and end with a change of a note, which is kept for `seconds`."""
        return NotedLeases(self._steps, self.notes(owner), seconds, self._sleep)

    async def open_call(self, user: str, throttles: Sequence[Throttle] = (), access: str = "") -> Opened:
        """Count a call against inbound limits, and return its user's session, in one trip.

        With `access`, the SHA-256 in hex of an access token, its grant is returned as well. A call that one limit
        refuses counts against the others all the same.
        """
        keys = keys_of(user)
        counted = [(self._counter(keys.prefix, one), one) for one in throttles]
        token = (keys, self.grants.access_key(user, access)) if access else None
        session, wait, grant = await self._steps.open_call(keys.session, counted, token)
        return Opened(self.sessions.opened(user, session), wait, self.grants.opened(user, grant))

    def _counter(self, prefix: str, throttle: Throttle) -> str:
        """Return the key of a limit: beside the grants, in the same slot, where these are looked at to count."""
        return f"{prefix if throttle.of_grants else 'rcm:'}in:{self.ring.digest('throttle', throttle.name)}"

    async def reseal(self, on_key: Callable[[str], None]) -> Resealed:
        """Seal everything with the first key of the ring that another sealed; call `on_key` with the name of each."""
        return await reseal(self._steps, self._vault, on_key)

    async def check(self) -> list[str]:
        """Return advice on the store, each a sentence. Raises `UnsafeStore` where nothing should start on it."""
        return await self._steps.check()

    async def ping(self) -> None:
        """Ask whether the store can be used now."""
        await self._steps.ping()

    async def close(self) -> None:
        """Close its connections."""
        await self._steps.close()


def open_store(url: str, ring: KeyRing, *, on_trip: OnTrip | None = None, trip_seconds: float = 2.0) -> Store:
    """Return the store on a Redis or Valkey server, to which it connects when it is first used.

    `url` is `redis://`, `rediss://` (TLS) or `unix://`, with user and password where they are needed. A trip takes
    `trip_seconds` at most, and what the event loop is late. Raises `UnsafeStore` where the address cannot be read.
    """
    from ringcentral_meetings.store.redis import RedisServer
    from ringcentral_meetings.store.redis_steps import RedisSteps

    return Store(RedisSteps(RedisServer(url, on_trip=on_trip, trip_seconds=trip_seconds)), ring)


def memory_store(
    ring: KeyRing,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Sleep = anyio.sleep,
    most: int = MOST_ENTRIES,
    on_trip: OnTrip | None = None,
) -> Store:
    """Return a store for one process, with `most` entries at once; `clock` gives seconds that never go back."""
    return Store(MemorySteps(clock, most=most, on_trip=on_trip), ring, sleep)
