"""The form of the store that is in the memory of one process."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from typing import Final

from ringcentral_meetings.store.expiring import Expiring
from ringcentral_meetings.store.grant_steps import GrantKeys, StoredGrant
from ringcentral_meetings.store.memory_entries import Bucket, HeldLease, Written
from ringcentral_meetings.store.memory_grants import MemoryGrants
from ringcentral_meetings.store.memory_windows import MemoryWindows
from ringcentral_meetings.store.records import Place, Room, Sealed, StoreDown, Throttle
from ringcentral_meetings.store.steps import (
    ANSWER_KEPT_SECONDS,
    GENERATION_KEPT_SECONDS,
    Group,
    NoteAnswer,
    NoteChange,
    OnTrip,
    Put,
    SessionKeys,
)

MOST_ENTRIES: Final = 200_000


class MemorySteps:
    """`Steps` in one process, by `clock` (seconds that never go back), with `most` entries at once."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        *,
        most: int = MOST_ENTRIES,
        on_trip: OnTrip | None = None,
    ) -> None:
        self._clock = clock
        self._entries = Expiring(clock, most)
        self._windows = MemoryWindows(self._entries, clock)
        self._generations = count(1)
        self._on_trip = on_trip
        self.grants = MemoryGrants(self._entries, clock, self._generations, self._trip, self._take_session)

    def __len__(self) -> int:
        return len(self._entries)

    @contextmanager
    def _trip(self, step: str) -> Iterator[None]:
        began, outcome = time.perf_counter(), "ok"
        try:
            yield
        except StoreDown:
            outcome = "down"
            raise
        finally:
            if self._on_trip is not None:
                self._on_trip(step, outcome, time.perf_counter() - began)

    async def take_place(self, group: Group, request: str, penalties: Sequence[str]) -> Place:
        with self._trip("take_place"):
            return self._windows.take(group, request, penalties)

    async def take_place_noting(
        self, group: Group, request: str, penalties: Sequence[str], notes: Sequence[NoteChange]
    ) -> tuple[Place, list[NoteAnswer]]:
        with self._trip("take_place"):
            return self._windows.take(group, request, penalties), [self._noted(note) for note in notes]

    async def see_place(self, group: Group, ahead: int, penalties: Sequence[str]) -> Place:
        with self._trip("see_place"):
            return self._windows.see(group, ahead, penalties)

    async def see_rooms(self, groups: Mapping[str, Group], penalties: Sequence[str]) -> dict[str, Room]:
        with self._trip("see_rooms"):
            return self._windows.rooms(groups, penalties)

    async def learn(self, group: Group, limit: int | None, window: float | None, remaining: int | None) -> None:
        with self._trip("learn"):
            self._windows.learn(group, limit, window, remaining)

    async def hold(self, key: str, seconds: float) -> None:
        with self._trip("hold"):
            self._windows.hold(key, seconds)

    async def grant(self, key: str, owner: str, seconds: float) -> tuple[int, float]:
        with self._trip("grant"):
            return self._granted(key, owner, seconds)

    def _granted(self, key: str, owner: str, seconds: float) -> tuple[int, float]:
        now, known = self._clock(), self._entries.get(key, HeldLease)
        until = now + seconds
        if known is not None and known.owner and known.until > now:
            if known.owner != owner:
                return 0, known.until - now
            lease = replace(known, until=max(known.until, until))
        else:
            lease = HeldLease(owner, until, next(self._generations))
        self._keep_lease(key, lease)
        return lease.generation, lease.until - now

    async def extend(self, key: str, owner: str, generation: int, seconds: float) -> bool:
        with self._trip("extend"):
            now, known = self._clock(), self._entries.get(key, HeldLease)
            if known is None or not known.is_of(owner, generation, now):
                return False
            self._keep_lease(key, replace(known, until=max(known.until, now + seconds)))
            return True

    async def release(self, key: str, owner: str, generation: int) -> bool:
        with self._trip("release"):
            return self._released(key, owner, generation)

    def _released(self, key: str, owner: str, generation: int) -> bool:
        known = self._entries.get(key, HeldLease)
        if known is None or known.generation != generation:
            return False
        if known.is_of(owner, generation, self._clock()):
            self._keep_lease(key, HeldLease("", 0.0, generation, owner))
            return True
        return known.last == owner

    async def begin(self, key: str, owner: str, seconds: float, note: NoteChange) -> tuple[int, float, NoteAnswer]:
        with self._trip("begin"):
            generation, held = self._granted(key, owner, seconds)
            return generation, held, self._noted(note) if generation else (0, None)

    async def finish(self, key: str, owner: str, generation: int, note: NoteChange) -> bool:
        with self._trip("finish"):
            done = bool(self._noted(note)[0]) if note.value is not None else self._removed(note.key, note.over)
            if done:
                self._released(key, owner, generation)
            return done

    def _keep_lease(self, key: str, lease: HeldLease) -> None:
        self._entries.put(key, lease, max(0.0, lease.until - self._clock()) + GENERATION_KEPT_SECONDS)

    async def read_note(self, key: str) -> Sealed | None:
        with self._trip("read_note"):
            return self._sealed(self._entries.get(key, Written))

    async def read_notes(self, keys: Sequence[str]) -> list[Sealed | None]:
        with self._trip("read_notes"):
            return [self._sealed(self._entries.get(key, Written)) for key in keys]

    async def write_note(self, key: str, request: str, value: bytes, seconds: float, over: int | None) -> NoteAnswer:
        with self._trip("write_note"):
            return self._noted(NoteChange(key, request, value, seconds, over))

    def _noted(self, note: NoteChange) -> NoteAnswer:
        known = self._entries.get(note.key, Written)
        if known is not None and known.request == note.request:
            return known.generation, None
        if note.over is not None and note.over != (known.generation if known is not None else 0):
            return 0, self._sealed(known)
        written = Written(note.value or b"", next(self._generations), note.request)
        return self._write(note.key, written, note.seconds), None

    async def remove_note(self, key: str, over: int | None) -> bool:
        with self._trip("remove_note"):
            return self._removed(key, over)

    def _removed(self, key: str, over: int | None) -> bool:
        known = self._entries.get(key, Written)
        if known is not None and over is not None and known.generation != over:
            return False
        self._entries.pop(key, Written)
        return True

    async def open_call(
        self,
        session: str,
        throttles: Sequence[tuple[str, Throttle]],
        access: tuple[GrantKeys, str] | None = None,
    ) -> tuple[Sealed | None, float, StoredGrant | None]:
        with self._trip("open_call"):
            grant = self.grants.read(*access) if access is not None else None
            counts = [(key, one) for key, one in throttles if access is None or grant is not None or not one.of_grants]
            wait = max((self._admit(key, throttle) for key, throttle in counts), default=0.0)
            return self._sealed(self._entries.get(session, Written)), wait, grant

    def _admit(self, key: str, throttle: Throttle) -> float:
        now, rate = self._clock(), throttle.per_minute / 60
        known, level = self._entries.get(key, Bucket), float(throttle.burst)
        if known is not None:
            level = min(level, known.level + (now - known.at) * rate)
        if level < 1:
            return (1 - level) / rate
        self._entries.put(key, Bucket(level - 1, now), (throttle.burst - level + 1) / rate + 1)
        return 0.0

    async def seconds_left(self, key: str) -> float:
        with self._trip("held"):
            return self._entries.left(key)

    async def put_session(self, keys: SessionKeys, request: str, put: Put) -> tuple[int, Sealed | None]:
        with self._trip("put_session"):
            now, known = self._clock(), self._entries.get(keys.session, Written)
            if known is not None and known.request == request:
                return known.generation, None
            lease = self._entries.get(keys.renew, HeldLease)
            is_owner = lease is not None and lease.is_of(put.owner, put.generation, now)
            if not is_owner and put.over != (known.generation if known is not None else 0):
                return 0, self._sealed(known)
            written = Written(put.value, next(self._generations), request, now + put.seconds)
            return self._write(keys.session, written, put.ends_in), None

    async def end_session(self, keys: SessionKeys, request: str) -> Sealed | None:
        with self._trip("end_session"):
            if self._entries.get(f"{keys.ended}{request}", Written) is None:
                self._take_session(keys, request)
            return self._sealed(self._entries.get(f"{keys.ended}{request}", Written))

    def _take_session(self, keys: SessionKeys, request: str) -> None:
        if (lease := self._entries.get(keys.renew, HeldLease)) is not None:
            self._keep_lease(keys.renew, HeldLease("", 0.0, lease.generation))
        if (session := self._entries.pop(keys.session, Written)) is not None:
            self._entries.put(f"{keys.ended}{request}", session, ANSWER_KEPT_SECONDS)

    async def check(self) -> list[str]:
        return ["the store is in memory: it is empty after a restart, and no other replica shares it"]

    async def ping(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def _write(self, key: str, written: Written, seconds: float) -> int:
        self._entries.put(key, written, seconds)
        return written.generation

    def _sealed(self, written: Written | None) -> Sealed | None:
        if written is None:
            return None
        return Sealed(written.value, written.generation, written.until - self._clock())
