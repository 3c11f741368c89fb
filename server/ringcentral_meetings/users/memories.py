"""What is remembered of a hosted person between calls, in the shared store, as the platform and the products want it.

A store that is down becomes the error of the call that needed it. What is stored only after RingCentral has
answered is logged and lost instead: the answer to a write counts for more.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, TypeVar
from weakref import WeakValueDictionary

import anyio

from ringcentral_meetings import errors
from ringcentral_meetings.platform.rate_windows import Headroom
from ringcentral_meetings.platform.records import Edit
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.store import Lease, LeaseTaken, Note, Notes, Store, StoreDown, UserLimits
from ringcentral_meetings.users.tokens import SharedTokens

LEASE_SECONDS: Final = 20.0
"""For how long the turn of a process that has died keeps others waiting: less than a call has."""

BEAT_SECONDS: Final = 5.0
"""How often a process that lives says so."""

PATIENCE_SECONDS: Final = 40.0
"""Less than a call has, so that it can still say why it did nothing."""

ESCALATION_SECONDS: Final = 60.0
"""Within which a second refusal that names no group holds the whole deployment, and not the account alone."""

MOST_TRIES: Final = 20

T = TypeVar("T")
OnWait = Callable[[str, float], None]
"""Hears of a wait that begins: for which group, and of how many seconds."""

logger = logging.getLogger(__name__)


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn a store that is down, or a turn that somebody else keeps, into the error of the call."""
    try:
        yield
    except StoreDown as down:
        raise errors.store_down(down.retry_after) from down
    except LeaseTaken as taken:
        raise errors.taken("The call", taken.held_seconds) from taken


@contextmanager
def _told_in_vain(what: str) -> Iterator[None]:
    try:
        yield
    except StoreDown as down:
        logger.warning("%s was not shared with the replicas: %s", what, down)


@dataclass(slots=True)
class Refusals:
    """When RingCentral last refused a request of an account without naming a group, as this process saw it."""

    clock: Callable[[], float] = time.monotonic
    _seen: dict[str, float] = field(default_factory=dict)

    def again(self, account: str) -> bool:
        """Note one now, and return whether there was one of the account a short while ago."""
        now = self.clock()
        self._seen = {one: at for one, at in self._seen.items() if now - at < ESCALATION_SECONDS}
        before, self._seen[account] = account in self._seen, now
        return before


@dataclass(frozen=True, slots=True)
class SharedWindows:
    """The rate limits of one person, as all replicas count them."""

    limits: UserLimits
    account: str
    refusals: Refusals
    on_wait: OnWait | None = None
    _held: dict[str, float] = field(default_factory=dict)

    async def take_place(self, group: str, default: int) -> float:
        """Take a place and return 0.0, or return the seconds until there may be one."""
        with store_errors():
            return await self.limits.take_place(group, default)

    async def seconds_to_place(self, group: str, default: int, ahead: int = 0) -> float:
        """Return the seconds until there may be a place with `ahead` others going before."""
        with store_errors():
            seconds = await self.limits.seconds_to_place(group, default, ahead)
        if self.on_wait is not None and seconds > 0:
            self.on_wait(group, seconds)
        return seconds

    async def learn(
        self, group: str, default: int, *, limit: int | None, window: float | None, remaining: int | None
    ) -> None:
        """Correct a group by what RingCentral answered."""
        with _told_in_vain("A rate limit"):
            await self.limits.learn(group, default, limit=limit, window=window, remaining=remaining)

    async def hold(self, group: str, seconds: float) -> None:
        """Hold the person's group."""
        self._note(group, seconds)
        with _told_in_vain("A penalty"):
            await self.limits.hold(group, seconds)

    def held(self, group: str) -> float:
        """Return for how many seconds more a group is held by what this process has seen."""
        return max(0.0, self._held.get(group, 0.0) - self.refusals.clock())

    def _note(self, group: str, seconds: float) -> None:
        self._held[group] = max(self._held.get(group, 0.0), self.refusals.clock() + seconds)

    async def hold_unnamed(self, group: str, seconds: float) -> None:
        """Hold the account after a refusal that names no group, and the whole deployment after a second one."""
        self._note(group, seconds)
        with _told_in_vain("A penalty of the account"):
            if self.refusals.again(self.account):
                await self.limits.hold_everybody(seconds)
            else:
                await self.limits.hold_account(seconds)

    async def headroom(self, defaults: Mapping[str, int]) -> dict[str, Headroom]:
        """Return what is free of each group."""
        with store_errors():
            rooms = await self.limits.headroom(defaults)
        return {name: Headroom(room.left, room.limit, room.held_seconds) for name, room in rooms.items()}


@dataclass(frozen=True, slots=True)
class HostedTokens:
    """The store of a person's tokens, whose failures are errors of the call."""

    tokens: SharedTokens

    @asynccontextmanager
    async def exclusive(self) -> AsyncIterator[None]:
        """Renew alone among all replicas."""
        async with AsyncExitStack() as stack:
            with store_errors():
                await stack.enter_async_context(self.tokens.exclusive())
            yield

    async def load(self) -> Token | None:
        """Return the token that is stored."""
        with store_errors():
            return await self.tokens.load()

    async def save(self, token: Token) -> None:
        """Store what a renewal brought."""
        with store_errors():
            await self.tokens.save(token)

    async def clear(self) -> None:
        """End the session in the store."""
        with store_errors():
            await self.tokens.clear()


@dataclass(frozen=True, slots=True)
class SharedTurns:
    """Turns at what one at a time may do, among the calls of this process first, then among the replicas."""

    store: Store
    owner: str
    beat_seconds: float = BEAT_SECONDS
    _here: WeakValueDictionary[str, anyio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Hold a turn for the block, once nobody else has it.

        Raises `Refused`, `upstream_unavailable`.
        """
        async with self._here.setdefault(name, anyio.Lock()):
            lease = await self._granted(name)
            # Not a task group: what the block raises would arrive within an exception group.
            ended = anyio.Event()
            beating = asyncio.get_running_loop().create_task(self._beat(lease, ended))
            try:
                yield
            finally:
                # Not cancelled: what cuts into a trip to the store leaves its answer to the next one.
                ended.set()
                with anyio.CancelScope(shield=True), _told_in_vain("The end of a turn"):
                    await beating
                    await self.store.leases.release(lease)

    async def _beat(self, lease: Lease, ended: anyio.Event) -> None:
        """Keep a lease until the turn has ended."""
        while not ended.is_set():
            with anyio.move_on_after(self.beat_seconds):
                await ended.wait()
                return
            with _told_in_vain("A turn that lasts"):
                if not await self.store.leases.extend(lease, LEASE_SECONDS):
                    logger.warning("A turn was over before its call: this process was not heard of in time")
                    return

    async def _granted(self, name: str) -> Lease:
        key = f"{{{self.owner}}}:{self.store.ring.digest('turn', name)}"  # names hold ids of meetings
        with store_errors():
            return await self.store.leases.granted(key, LEASE_SECONDS, PATIENCE_SECONDS)


_left: ContextVar[dict[tuple[str, str], Note] | None] = ContextVar("left", default=None)


def begin_call() -> None:
    """Begin a call: what it writes into its records is remembered until its end, and saves it reading that again."""
    _left.set({})


@dataclass(frozen=True, slots=True)
class SharedRecord:
    """A text in the store that is changed in turn, and kept for `seconds` after each change.

    A change takes one trip where nobody else has a hand in it: it is tried on what the call's last one left, or on
    nothing, and tried again on what is there where that was not so.
    """

    notes: Notes
    owner: str
    name: str
    seconds: float

    async def change(self, edit: Edit[T]) -> T:
        """Replace the text by what `edit` makes of it. Raises `Refused` where the store does not answer."""
        with store_errors():
            return await self._change(edit)

    async def _change(self, edit: Edit[T]) -> T:
        left, key = _left.get(), (self.owner, self.name)
        there, is_read = left.pop(key, None) if left is not None else None, False
        for _ in range(MOST_TRIES):
            text, result = edit(there.text if there is not None else None)
            if text == (there.text if there is not None else None):
                if is_read:
                    return result
                there, is_read = await self.notes.read(self.name), True
                continue
            done, there = await self._replaced(text, there)
            if done:
                if left is not None and there is not None:
                    left[key] = there
                return result
            is_read = True
        raise StoreDown(f"was changed by others {MOST_TRIES} times in a row")

    async def _replaced(self, text: str | None, there: Note | None) -> tuple[bool, Note | None]:
        """Return whether a text has taken the place of what was there, and what is there now."""
        over = there.generation if there is not None else 0
        if text is None:
            gone = await self.notes.remove(self.name, over)
            return gone, None if gone else await self.notes.read(self.name)
        written = await self.notes.write(self.name, text, self.seconds, over)
        return (True, Note(text, written)) if isinstance(written, int) else (False, written)


@dataclass(frozen=True, slots=True)
class SharedNote:
    """A text in the store that concerns everybody, such as a dictionary of the platform; lost, it is read again."""

    notes: Notes
    name: str
    seconds: float

    async def read(self) -> str | None:
        """Return the text; None where there is none, or none can be had."""
        with suppress(StoreDown):
            note = await self.notes.read(self.name)
            return note.text if note is not None else None
        return None

    async def write(self, text: str) -> None:
        """Keep the text for a while."""
        with _told_in_vain("What was read for everybody"):
            await self.notes.write(self.name, text, self.seconds)
