"""The requests sent within RingCentral's rate limits, and the penalties that hold them, of one process or shared.

Facts: RingCentral developer guide, "Rate limits". Each group is a sliding window per user and app. A 429
starts a penalty, and each request of the group within the penalty starts it again.
"""

import bisect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final, Protocol

WINDOW_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many of a group's `limit` requests a window may go now; `held_seconds` of a penalty are left."""

    left: int
    limit: int
    held_seconds: float


class Windows(Protocol):
    """The windows of one user's groups. `default` is a group's limit, in requests a minute, until an answer shows it.

    An implementation that processes share raises `Refused` if it does not answer.
    """

    async def take_place(self, group: str, default: int) -> float:
        """Take a place and return 0.0, or take none and return the seconds until there may be one."""
        ...

    async def seconds_to_place(self, group: str, default: int, ahead: int = 0) -> float:
        """Return the seconds until there may be a place with `ahead` others going before, and take none."""
        ...

    async def learn(
        self, group: str, default: int, *, limit: int | None, window: float | None, remaining: int | None
    ) -> None:
        """Correct a group by the headers of an answer."""
        ...

    async def hold(self, group: str, seconds: float) -> None:
        """Hold a group for `seconds` from now on, unless it is held for longer already."""
        ...

    def held(self, group: str) -> float:
        """Return for how many more seconds a group is held, as far as this process knows."""
        ...

    async def hold_unnamed(self, group: str, seconds: float) -> None:
        """Hold every group that a refusal of a request of `group` may be about if the refusal names none."""
        ...

    async def headroom(self, defaults: Mapping[str, int]) -> dict[str, Headroom]:
        """Return what is free of each group."""
        ...


@dataclass(slots=True)
class _Group:
    limit: int = 0  # until the default is known
    window: float = WINDOW_SECONDS
    held_until: float = -inf
    sent: list[float] = field(default_factory=list)
    others: int = 0  # requests that RingCentral counts beyond ours: other processes of the user
    others_seen: float = -inf

    def forget(self, now: float) -> None:
        del self.sent[: bisect.bisect_right(self.sent, now - self.window)]
        if self.others_seen + self.window <= now:
            self.others = 0

    def seconds_to_place(self, now: float, ahead: int) -> float:
        """Return seconds until a request may go with `ahead` others going before it; 0 if it may go now."""
        self.forget(now)
        place = len(self.sent) + self.others - self.limit + ahead
        frees_at = self._frees_at(place, now) if place >= 0 else -inf
        return max(0.0, self.held_until - now, frees_at - now)

    def _frees_at(self, place: int, now: float) -> float:
        taken = sorted([*self.sent, *[self.others_seen] * self.others])
        rounds = 0
        while place >= len(taken):
            place -= self.limit
            rounds += 1
        free = taken[place] + self.window if place >= 0 else now
        return max(free, self.held_until) + self.window * rounds

    def headroom(self, now: float) -> Headroom:
        self.forget(now)
        held = max(0.0, self.held_until - now)
        return Headroom(0 if held else max(0, self.limit - len(self.sent) - self.others), self.limit, held)


class MemoryWindows:
    """The windows of a user whom only this process serves; `clock` returns seconds and never goes back."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._groups: dict[str, _Group] = {}

    async def take_place(self, group: str, default: int) -> float:
        """Take a place and return 0.0, or take none and return the seconds until there may be one."""
        state, now = self._group(group, default), self._clock()
        seconds = state.seconds_to_place(now, ahead=0)
        if seconds == 0:
            state.sent.append(now)
        return seconds

    async def seconds_to_place(self, group: str, default: int, ahead: int = 0) -> float:
        """Return the seconds until there may be a place with `ahead` others going before, and take none."""
        return self._group(group, default).seconds_to_place(self._clock(), ahead)

    async def learn(
        self, group: str, default: int, *, limit: int | None, window: float | None, remaining: int | None
    ) -> None:
        """Correct a group by the headers of an answer."""
        state, now = self._group(group, default), self._clock()
        state.limit = limit or state.limit
        state.window = window or state.window
        state.forget(now)
        if remaining is not None:
            state.others = max(0, state.limit - remaining - len(state.sent))
            state.others_seen = now

    async def hold(self, group: str, seconds: float) -> None:
        """Hold a group for `seconds` from now on, unless it is held for longer already."""
        state = self._groups.setdefault(group, _Group())
        state.held_until = max(state.held_until, self._clock() + seconds)

    def held(self, group: str) -> float:
        """Return for how many more seconds a group is held."""
        return max(0.0, self._groups.setdefault(group, _Group()).held_until - self._clock())

    async def hold_unnamed(self, group: str, seconds: float) -> None:
        """Hold the group of the refused request."""
        await self.hold(group, seconds)

    async def headroom(self, defaults: Mapping[str, int]) -> dict[str, Headroom]:
        """Return what is free of each group."""
        now = self._clock()
        return {name: self._group(name, default).headroom(now) for name, default in defaults.items()}

    def _group(self, name: str, default: int) -> _Group:
        state = self._groups.setdefault(name, _Group())
        state.limit = state.limit or max(1, default)
        return state
