"""A person's one session at RingCentral, which every replica uses and one at a time renews.

RingCentral ends the oldest of more than about five sessions per user and app, and a refresh token serves once
(developer guide, "Access tokens" and "Refreshing").
"""

import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Final
from weakref import WeakValueDictionary

import anyio

from ringcentral_meetings.store.leases import Leases, Sleep, lease_key, polled
from ringcentral_meetings.store.records import (
    Lease,
    Sealed,
    Session,
    StoreDown,
    mixed_up,
)
from ringcentral_meetings.store.steps import Put, SessionKeys, Steps, new_request
from ringcentral_meetings.store.vault import RetiredKey, Unopenable, Vault

RENEWAL_SECONDS: Final = 25.0
"""How long one may renew alone: the 15 s that a token request may take, and 10 s more."""

PATIENCE_SECONDS: Final = 15.0
"""How long the others wait for that."""

VERSION: Final = 1

_STORED: Final = ("access_token", "refresh_token", "lifetime", "scope", "by_login", "account", "owner_id")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Renewal:
    """A turn to renew a session: what is stored now, and the lease. Without a lease somebody else has renewed it."""

    session: Session | None
    lease: Lease | None


class Sessions:
    """The sessions of all users, each sealed for its user. All methods raise `StoreDown`."""

    def __init__(self, steps: Steps, vault: Vault, leases: Leases, sleep: Sleep = anyio.sleep) -> None:
        self._steps = steps
        self._vault = vault
        self._leases = leases
        self._sleep = sleep
        self._turns: WeakValueDictionary[str, anyio.Lock] = WeakValueDictionary()

    async def load(self, user: str) -> Session | None:
        """Return the session of a user; None where there is none, or none that a key of the ring opens."""
        sealed, _, _ = await self._steps.open_call(session_keys(user).session, ())
        return self.opened(user, sealed)

    async def seconds_left(self, user: str) -> float:
        """Return for how many seconds a session is kept, which is as long as its refresh token lasts; 0 without one."""
        return await self._steps.seconds_left(session_keys(user).session)

    async def put(
        self, user: str, session: Session, *, over: int, ends_in: float, lease: Lease | None = None
    ) -> Session | None:
        """Store a session for the `ends_in` seconds that its refresh token lasts.

        It is stored over the generation `over` alone (0: where there is none), or under the lease of a renewal that is
        not over; then it is returned with its new generation. Else what is stored is returned, None for nothing:
        somebody else has renewed or ended the session, and theirs holds.
        """
        keys = session_keys(user)
        value = self._vault.seal(_text(session).encode(), name=keys.session, owner=user)
        owner, generation = (lease.owner, lease.generation) if lease is not None else ("", 0)
        put = Put(value, session.expires_in, ends_in, over, owner, generation)
        with anyio.CancelScope(shield=True):
            stored, there = await self._steps.put_session(keys, new_request(), put)
        return replace(session, generation=stored) if stored else self.opened(user, there)

    async def end(self, user: str) -> Session | None:
        """Take a session out, and return it for its revocation. Whoever renews it meanwhile cannot store it again."""
        with anyio.CancelScope(shield=True):
            sealed = await self._steps.end_session(session_keys(user), new_request())
        return self.opened(user, sealed)

    @asynccontextmanager
    async def renewing(self, user: str, since: Session | None = None) -> AsyncIterator[Renewal]:
        """Renew a session alone, among the tasks of this process and all replicas, or learn that it was done.

        `since` is the session that is to be renewed: where another is stored meanwhile, nobody is waited for. A sign-in
        that replaces a session takes a turn as well, without `since`.

        Raises `LeaseTaken` where another replica takes longer than 15 s.
        """
        async with self._turns.setdefault(user, anyio.Lock()):
            turn = await self._turn(user, since)
            try:
                yield turn
            finally:
                if turn.lease is not None:
                    await self._leases.give_back(turn.lease)

    async def _turn(self, user: str, since: Session | None) -> Renewal:
        owner = new_request()

        async def look() -> Renewal | float:
            if since is not None and _is_another(there := await self.load(user), since):
                return Renewal(there, None)
            found = await self._leases.grant(renewal_name(user), RENEWAL_SECONDS, owner)
            return await self._begun(user, found) if isinstance(found, Lease) else found

        return await polled(look, PATIENCE_SECONDS, self._sleep)

    async def _begun(self, user: str, lease: Lease) -> Renewal:
        """Return a turn that has its lease, with what is stored now that nobody else renews."""
        try:
            return Renewal(await self.load(user), lease)
        except BaseException:
            await self._leases.give_back(lease)
            raise

    def opened(self, user: str, sealed: Sealed | None) -> Session | None:
        """Return a session as it lies in the store; None where there is none, or none that a key of the ring opens."""
        if sealed is None:
            return None
        try:
            text = self._vault.open(sealed.value, name=session_keys(user).session, owner=user)
        except RetiredKey:
            logger.warning("The session of %s is sealed with a key that is not there any more: it is of no use", user)
            return None
        except Unopenable:
            raise mixed_up(session_keys(user).session) from None
        return replace(_session(text), generation=sealed.generation, expires_in=sealed.seconds)


def renewal_name(user: str) -> str:
    """Return the name of the lease under which a user's session is renewed or replaced."""
    return f"{{{user}}}:renew"


def session_keys(user: str) -> SessionKeys:
    """Return the keys of a user's session."""
    return SessionKeys(f"rcm:{{{user}}}:session", lease_key(renewal_name(user)), f"rcm:{{{user}}}:ended:")


def _is_another(there: Session | None, since: Session) -> bool:
    return there is None or there.generation != since.generation


def _text(session: Session) -> str:
    record = {name: getattr(session, name) for name in _STORED}
    return json.dumps({"version": VERSION, **record}, separators=(",", ":"))


def _session(text: bytes) -> Session:
    record = json.loads(text)
    if record.pop("version") != VERSION:
        raise StoreDown("holds a session of another version of this program")
    return Session(expires_in=0.0, **record)
