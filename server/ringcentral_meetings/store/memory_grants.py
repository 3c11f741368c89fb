"""Grants in the form of the store that is in the memory of one process."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal

from ringcentral_meetings.store.expiring import Expiring
from ringcentral_meetings.store.grant_steps import (
    LONGEST_GRANT_SECONDS,
    MOST_REPLACED,
    USED_CODE_SECONDS,
    GrantKeys,
    StoredCode,
    StoredGrant,
    Taken,
    Tokens,
    Turned,
)
from ringcentral_meetings.store.memory_entries import HeldCode, HeldGrant, Index, Over, Replaced, SameAnswer, Written
from ringcentral_meetings.store.records import Sealed
from ringcentral_meetings.store.steps import ANSWER_KEPT_SECONDS, SessionKeys

Trip = Callable[[str], AbstractContextManager[None]]
TakeSession = Callable[[SessionKeys, str], None]


class MemoryGrants:
    """`GrantSteps` among the entries of a `MemorySteps`, which takes sessions out."""

    def __init__(
        self,
        entries: Expiring,
        clock: Callable[[], float],
        generations: Iterator[int],
        trip: Trip,
        take_session: TakeSession,
    ) -> None:
        self._entries = entries
        self._clock = clock
        self._generations = generations
        self._trip = trip
        self._take_session = take_session

    async def take_note(self, key: str, request: str) -> Sealed | None:
        with self._trip("take_note"):
            known = self._entries.get(key, Written)
            if known is None or known.taken not in {"", request}:
                return None
            if not known.taken:
                left = min(ANSWER_KEPT_SECONDS, self._entries.left(key))
                self._entries.put(key, replace(known, taken=request), left)
            return Sealed(known.value, known.generation)

    async def first(self, key: str, request: str, seconds: float) -> bool:
        with self._trip("first"):
            if (known := self._entries.get(key, str)) is None:
                self._entries.put(key, request, seconds)
            return known is None or known == request

    async def put_code(self, keys: GrantKeys, code: str, stored: StoredCode, seconds: float) -> None:
        with self._trip("put_code"):
            if self._entries.get(keys.code(code), HeldCode) is None:
                self._entries.need(2)
                self._entries.put(keys.code(code), HeldCode(stored.grant_id, stored.value, stored.grant), seconds)
                self._list(keys, stored.grant_id, self._clock() + seconds)

    async def read_code(self, keys: GrantKeys, code: str) -> StoredCode | Literal["used"] | None:
        with self._trip("read_code"):
            known = self._entries.get(keys.code(code), HeldCode)
            if known is not None and known.used:
                return "used"
            if known is None or known.grant_id not in self._index(keys):
                return None
            return StoredCode(known.grant_id, known.value, known.grant)

    async def exchange_code(self, keys: GrantKeys, code: str, request: str, tokens: Tokens) -> bool:
        with self._trip("exchange_code"):
            known = self._entries.get(keys.code(code), HeldCode)
            if known is None or known.used:
                return known is not None and known.used == request
            if known.grant_id not in self._index(keys):
                return False
            self._entries.need(3)
            ends = self._clock() + LONGEST_GRANT_SECONDS
            self._issue(
                keys, known.grant_id, HeldGrant(known.grant, next(self._generations), request, ends=ends), tokens
            )
            self._entries.put(keys.code(code), HeldCode(known.grant_id, used=request), USED_CODE_SECONDS)
            return True

    async def end_grant_of_code(self, keys: GrantKeys, code: str, request: str) -> Taken:
        with self._trip("end_grant_of_code"):
            known = self._entries.get(keys.code(code), HeldCode)
            return self._end(keys, [known.grant_id] if known is not None and known.used else [], request)

    async def read_refresh(self, keys: GrantKeys, refresh: str) -> StoredGrant | None:
        with self._trip("read_refresh"):
            grant_id = self._grant_of_refresh(keys, refresh)
            return self._stored(keys, grant_id) if grant_id is not None else None

    async def rotate(
        self, keys: GrantKeys, refresh: str, request: str, tokens: Tokens, answer: bytes, same_seconds: float
    ) -> Turned:
        with self._trip("rotate"):
            if self._entries.get(keys.over(request), Over) is not None:
                return Turned("reused", taken=self._end(keys, [], request))
            grant_id = self._grant_of_refresh(keys, refresh)
            known = self._entries.get(keys.grant(grant_id), HeldGrant) if grant_id is not None else None
            if grant_id is None or known is None:
                return Turned("unknown")
            if known.request == request:
                return Turned("rotated")
            if known.current == refresh:
                self._entries.need(3)
                self._issue(keys, grant_id, replace(known, request=request), tokens)
                self._replace(keys, grant_id, refresh)
                same = SameAnswer(answer, tokens.refresh, self._clock())
                self._entries.put(keys.same(refresh), same, same_seconds)
                return Turned("rotated")
            kept = self._entries.get(keys.same(refresh), SameAnswer)
            if kept is not None and kept.next == known.current:
                return Turned("same", kept.answer, self._clock() - kept.at)
            return Turned("reused", taken=self._end(keys, [grant_id], request))

    async def end(self, keys: GrantKeys, grant_id: str | None, request: str) -> Taken:
        with self._trip("end_grants"):
            ids = [grant_id] if grant_id is not None else list(self._index(keys))
            return self._end(keys, ids, request, whole=grant_id is None)

    async def end_unused(self, keys: GrantKeys, request: str) -> Taken:
        with self._trip("end_grants"):
            return self._end(keys, [], request, whole=True)

    async def of_user(self, keys: GrantKeys) -> list[StoredGrant]:
        with self._trip("list_grants"):
            listed = (self._stored(keys, grant_id) for grant_id in self._index(keys))
            return [stored for stored in listed if stored is not None]

    async def scan(self, pattern: str) -> AsyncIterator[str]:
        with self._trip("scan"):
            found = [name for name in self._entries.names() if fnmatchcase(name, pattern)]
        for name in found:
            yield name

    async def reseal(self, key: str, generation: int, value: bytes) -> bool:
        with self._trip("reseal"):
            known = self._entries.get(key, Written)
            if known is None or known.generation != generation:
                return False
            self._entries.put(key, replace(known, value=value), self._entries.left(key))
            return True

    def read(self, keys: GrantKeys, access_key: str) -> StoredGrant | None:
        """Return the grant of an access token, which is under this key."""
        grant_id = self._entries.get(access_key, str)
        return self._stored(keys, grant_id) if grant_id is not None else None

    def _stored(self, keys: GrantKeys, grant_id: str) -> StoredGrant | None:
        known = self._entries.get(keys.grant(grant_id), HeldGrant)
        if known is None:
            return None
        return StoredGrant(grant_id, Sealed(known.value, known.generation), self._clock() - known.at)

    def _grant_of_refresh(self, keys: GrantKeys, refresh: str) -> str | None:
        """Return the id of the grant that has a refresh token, or had it."""
        if (grant_id := self._entries.get(keys.refresh(refresh), str)) is not None:
            return grant_id
        for one in self._index(keys):
            old = self._entries.get(keys.old(one), Replaced)
            if old is not None and refresh in old.names:
                return one
        return None

    def _replace(self, keys: GrantKeys, grant_id: str, refresh: str) -> None:
        """Remember that a refresh token was replaced, for as long as its grant lasts."""
        self._entries.pop(keys.refresh(refresh), str)
        old = self._entries.get(keys.old(grant_id), Replaced) or Replaced()
        if len(old.names) >= MOST_REPLACED:
            old.names.pop()
        old.names.add(refresh)
        self._entries.put(keys.old(grant_id), old, self._entries.left(keys.grant(grant_id)))

    def _issue(self, keys: GrantKeys, grant_id: str, grant: HeldGrant, tokens: Tokens) -> None:
        """Give a grant its tokens, and an end: never after the user's session, nor after its absolute end."""
        now = self._clock()
        left = min(tokens.refresh_seconds, grant.ends - now)
        if session := self._entries.left(keys.session):
            left = min(left, session)
        self._entries.put(keys.grant(grant_id), replace(grant, current=tokens.refresh, at=now), left)
        self._entries.put(keys.access(tokens.access), grant_id, min(tokens.access_seconds, left))
        self._entries.put(keys.refresh(tokens.refresh), grant_id, left)
        self._list(keys, grant_id, now + left)

    def _index(self, keys: GrantKeys) -> dict[str, float]:
        """Return the ends of the user's grants that are not over, by their ids."""
        index = self._entries.get(keys.index, Index) or Index()
        return {grant_id: ends for grant_id, ends in index.ends.items() if ends > self._clock()}

    def _list(self, keys: GrantKeys, grant_id: str, ends: float) -> None:
        self._keep_index(keys, {**self._index(keys), grant_id: ends})

    def _keep_index(self, keys: GrantKeys, ends: dict[str, float]) -> None:
        self._entries.pop(keys.index, Index)
        if ends:
            self._entries.put(keys.index, Index(ends), max(ends.values()) - self._clock())

    def _end(self, keys: GrantKeys, ids: Iterable[str], request: str, *, whole: bool = False) -> Taken:
        """End grants; the session goes with the last one, or if `whole`."""
        over = self._entries.get(keys.over(request), Over)
        if over is None:
            over = self._ended(keys, set(ids), request, whole=whole)
            self._entries.put(keys.over(request), over, ANSWER_KEPT_SECONDS)
        session = self._entries.get(f"{keys.ended}{request}", Written)
        sealed = None
        if session is not None:
            sealed = Sealed(session.value, session.generation, session.until - self._clock())
        return Taken(over.grants, over.last, sealed)

    def _ended(self, keys: GrantKeys, ids: set[str], request: str, *, whole: bool) -> Over:
        live = [one for one in ids if self._remove(keys, one)]
        listed = self._index(keys)
        left = {one: ends for one, ends in listed.items() if one not in ids}
        self._keep_index(keys, left)
        if not left and (whole or live or len(left) < len(listed)):
            self._take_session(SessionKeys(keys.session, keys.renew, keys.ended), request)
        return Over(len(live), not left)

    def _remove(self, keys: GrantKeys, grant_id: str) -> bool:
        grant = self._entries.pop(keys.grant(grant_id), HeldGrant)
        self._entries.pop(keys.old(grant_id), Replaced)
        if grant is not None:
            self._entries.pop(keys.refresh(grant.current), str)
        return grant is not None
