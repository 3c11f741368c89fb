"""Keeps to the rate limits of the plan groups Light, Medium, Heavy and Auth, so that RingCentral need not refuse.

Facts: RingCentral developer guide, "Rate limits". Each group is a sliding window per user and app. A 429
starts a penalty, and each request of the group within the penalty starts it again.
"""

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Final, Literal, Protocol, cast

import anyio

from ringcentral_meetings import errors
from ringcentral_meetings.platform import call_context

PlanGroup = Literal["light", "medium", "heavy", "auth"]

DEFAULT_LIMITS: Final[Mapping[PlanGroup, int]] = {"light": 50, "medium": 40, "heavy": 10, "auth": 5}
"""Requests a minute, as RingCentral grants them by default."""

WINDOW_SECONDS: Final = 60.0
SHORTEST_PENALTY_SECONDS: Final = 1.0
UNNAMED_PENALTY_SECONDS: Final = 30.0
LONGEST_PENALTY_SECONDS: Final = 3_600.0
RESERVE_SECONDS: Final = 1.0
"""What has to be left of a call after a wait for a request that reads."""

WRITE_SECONDS: Final = 8.0
"""What has to be left of a call as a write starts: an ordinary answer, and the reading back where it is lost."""

READ_BACK_SECONDS: Final = 3.0
"""The part of that which is kept free of the answer to the write."""


class Clock(Protocol):
    """Time as the platform client sees it."""

    def now(self) -> float:
        """Return seconds on a clock that never goes back."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    def time_left(self) -> float:
        """Return seconds until the enclosing deadline; infinite without one."""
        ...


class LoopClock:
    """The event loop's clock, with the deadline of the enclosing anyio cancel scopes."""

    def now(self) -> float:
        return anyio.current_time()

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    def time_left(self) -> float:
        return anyio.current_effective_deadline() - anyio.current_time()


@dataclass(slots=True)
class _Group:
    limit: int
    window: float = WINDOW_SECONDS
    held_until: float = -inf
    sent: list[float] = field(default_factory=list)
    others: int = 0  # requests that RingCentral counts beyond ours: other processes of the user
    others_seen: float = -inf
    waiting: int = 0

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


@dataclass(frozen=True, slots=True)
class Headroom:
    """How many of a group's `limit` requests a window may go now; `held_seconds` of a penalty are left."""

    left: int
    limit: int
    held_seconds: float


class RateLimits:
    """Lets requests out as the plan groups allow it; one object per user and process.

    `limits` are requests a minute for the groups that differ from `DEFAULT_LIMITS`.
    """

    def __init__(self, limits: Mapping[PlanGroup, int], clock: Clock) -> None:
        self._clock = clock
        self._groups = {name: _Group(max(1, limit)) for name, limit in {**DEFAULT_LIMITS, **limits}.items()}

    async def admit(self, group: PlanGroup) -> None:
        """Take a place in the group's window, waiting for it if the wait fits in the time left.

        Raises `rate_limited` at once if it does not fit.
        """
        while self.take(group) > 0:
            await self.wait(group)

    def take(self, group: PlanGroup) -> float:
        """Take a place now and return 0.0, or take none and return the seconds until there may be one."""
        state, now = self._groups[group], self._clock.now()
        seconds = state.seconds_to_place(now, ahead=0)
        if seconds == 0:
            state.sent.append(now)
        return seconds

    async def wait(
        self, group: PlanGroup, *, upstream: errors.Upstream | None = None, reserve: float = RESERVE_SECONDS
    ) -> None:
        """Wait for the next place that no earlier waiter is due, and take none.

        Raises `rate_limited`, with `upstream` as what RingCentral said, if the wait would leave less than `reserve`
        seconds of the call.
        """
        state = self._groups[group]
        seconds = state.seconds_to_place(self._clock.now(), ahead=state.waiting)
        await self._sleep(state, seconds, upstream, reserve)

    def headroom(self) -> dict[PlanGroup, Headroom]:
        """Return what is free of each group, as far as RingCentral's answers have told."""
        now, free = self._clock.now(), {}
        for name, state in self._groups.items():
            state.forget(now)
            held = max(0.0, state.held_until - now)
            left = 0 if held else max(0, state.limit - len(state.sent) - state.others)
            free[name] = Headroom(left, state.limit, held)
        return free

    def spare(self, group: PlanGroup) -> float:
        """Return the share of the group's window that is free now, from 0 to 1; 0 within a penalty."""
        state, now = self._groups[group], self._clock.now()
        state.forget(now)
        held = state.held_until > now
        return 0.0 if held else max(0.0, 1 - (len(state.sent) + state.others) / state.limit)

    async def outlast_penalty(self, group: PlanGroup, *, reserve: float = RESERVE_SECONDS) -> None:
        """Wait until no penalty holds the group, for a request that has its place already."""
        state = self._groups[group]
        while (seconds := state.held_until - self._clock.now()) > 0:
            await self._sleep(state, seconds, None, reserve)

    async def _sleep(self, state: _Group, seconds: float, upstream: errors.Upstream | None, reserve: float) -> None:
        if seconds + reserve > self._clock.time_left():
            raise errors.rate_limited(seconds, upstream)
        state.waiting += 1
        try:
            await call_context.report_wait(seconds)
            await self._clock.sleep(seconds)
        finally:
            state.waiting -= 1

    def observe(self, group: PlanGroup, headers: Mapping[str, str]) -> None:
        """Correct a group by the `X-Rate-Limit-*` headers of an answer to a request of `group`.

        The group that the headers name is the one corrected; a name not known counts as `group`.
        Values that are not positive whole numbers are ignored.
        """
        told = {name.lower(): value for name, value in headers.items()}
        state = self._groups[named_group(told) or group]
        now = self._clock.now()
        state.limit = _whole(told.get("x-rate-limit-limit")) or state.limit
        state.window = float(_whole(told.get("x-rate-limit-window")) or state.window)
        state.forget(now)
        remaining = _whole(told.get("x-rate-limit-remaining"))
        if remaining is not None:
            state.others = max(0, state.limit - remaining - len(state.sent))
            state.others_seen = now

    def penalise(self, group: PlanGroup, retry_after: float | None) -> None:
        """Hold the whole group after a 429: `retry_after` seconds, or 30 when RingCentral named none."""
        seconds = UNNAMED_PENALTY_SECONDS if retry_after is None else retry_after
        seconds = min(max(seconds, SHORTEST_PENALTY_SECONDS), LONGEST_PENALTY_SECONDS)
        state = self._groups[group]
        state.held_until = max(state.held_until, self._clock.now() + seconds)


def named_group(headers: Mapping[str, str]) -> PlanGroup | None:
    """Return the known plan group that an answer's headers (names in lower case) name."""
    name = headers.get("x-rate-limit-group", "").strip().lower()
    return cast("PlanGroup", name) if name in DEFAULT_LIMITS else None


def _whole(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
