"""What is remembered of a hosted person between calls, in the shared store, as the platform and the products want it.

A store that is down becomes the error of the call that needed it. What is stored only after RingCentral has
answered is logged and lost instead: the answer to a write counts for more.
"""

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from ringcentral_meetings.platform.rate_windows import Headroom
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.store import NoteChange, Notes, StoreDown, UserLimits
from ringcentral_meetings.users import records
from ringcentral_meetings.users.faults import store_errors, told_in_vain
from ringcentral_meetings.users.tokens import SharedTokens

ESCALATION_SECONDS: Final = 60.0
"""Within which a second refusal that names no group holds the whole deployment, and not the account alone."""

OnWait = Callable[[str, float], None]
"""Hears of a wait that begins: for which group, and of how many seconds."""


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
    """The rate limits of one person, as all replicas count them. With a place go the `news` for the other replicas."""

    limits: UserLimits
    account: str
    refusals: Refusals
    on_wait: OnWait | None = None
    news: Callable[[], Sequence[NoteChange]] = tuple
    _held: dict[str, float] = field(default_factory=dict)

    async def take_place(self, group: str, default: int) -> float:
        """Take a place and return 0.0, or return the seconds until there may be one."""
        with store_errors():
            return await records.take_place(self.limits, group, default, self.news())

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
        with told_in_vain("A rate limit"):
            await self.limits.learn(group, default, limit=limit, window=window, remaining=remaining)

    async def hold(self, group: str, seconds: float) -> None:
        """Hold the person's group."""
        self._note(group, seconds)
        with told_in_vain("A penalty"):
            await self.limits.hold(group, seconds)

    def held(self, group: str) -> float:
        """Return for how many seconds more a group is held by what this process has seen."""
        return max(0.0, self._held.get(group, 0.0) - self.refusals.clock())

    def _note(self, group: str, seconds: float) -> None:
        self._held[group] = max(self._held.get(group, 0.0), self.refusals.clock() + seconds)

    async def hold_unnamed(self, group: str, seconds: float) -> None:
        """Hold the account after a refusal that names no group, and the whole deployment after a second one."""
        self._note(group, seconds)
        with told_in_vain("A penalty of the account"):
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
        with told_in_vain("What was read for everybody"):
            await self.notes.write(self.name, text, self.seconds)
