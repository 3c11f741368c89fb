"""Keeps to the rate limits of the plan groups Light, Medium, Heavy and Auth, so that RingCentral refuses nothing.

Facts: RingCentral developer guide, "Rate limits". Each group is a sliding window per user and app. A 429
starts a penalty, and each request of the group within the penalty starts it again.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal, Protocol, cast

import anyio

from ringcentral_meetings import errors
from ringcentral_meetings.platform import call_context
from ringcentral_meetings.platform.rate_windows import Headroom, MemoryWindows, Windows

PlanGroup = Literal["light", "medium", "heavy", "auth"]

DEFAULT_LIMITS: Final[Mapping[PlanGroup, int]] = {"light": 50, "medium": 40, "heavy": 10, "auth": 5}
"""Requests a minute, as RingCentral grants them by default."""

SHORTEST_PENALTY_SECONDS: Final = 1.0
UNNAMED_PENALTY_SECONDS: Final = 30.0
LONGEST_PENALTY_SECONDS: Final = 3_600.0
RESERVE_SECONDS: Final = 1.0
"""What a wait before a read has to leave of the call's time."""

WRITE_SECONDS: Final = 8.0
"""What has to be left of a call when a write starts: for an ordinary answer, and for reading back if it is lost."""

READ_BACK_SECONDS: Final = 3.0
"""The part of `WRITE_SECONDS` that is kept for reading back."""


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


class RateLimits:
    """Admits requests as the plan groups allow; one object per user and process.

    `limits` are requests a minute for the groups that differ from `DEFAULT_LIMITS`. `windows` count what has been
    sent: this process alone where none are given.
    """

    def __init__(self, limits: Mapping[PlanGroup, int], clock: Clock, windows: Windows | None = None) -> None:
        self._clock = clock
        self._defaults: dict[PlanGroup, int] = {**DEFAULT_LIMITS, **limits}
        self._windows = windows or MemoryWindows(clock.now)
        self._waiting = Counter[PlanGroup]()

    async def admit(self, group: PlanGroup) -> None:
        """Take a place in the group's window, waiting for it if the wait fits in the time left.

        Raises `rate_limited` at once if it does not fit.
        """
        while await self.take(group) > 0:
            await self.wait(group)

    async def take(self, group: PlanGroup) -> float:
        """Take a place now and return 0.0, or take none and return the seconds until there may be one."""
        return await self._windows.take_place(group, self._defaults[group])

    async def wait(
        self, group: PlanGroup, *, upstream: errors.Upstream | None = None, reserve: float = RESERVE_SECONDS
    ) -> None:
        """Wait until a place is free that no earlier waiter is due, without taking it.

        Raises `rate_limited`, with `upstream` as what RingCentral said, if the wait would leave less than `reserve`
        seconds of the call.
        """
        seconds = await self._windows.seconds_to_place(group, self._defaults[group], self._waiting[group])
        await self._sleep(group, seconds, upstream, reserve)

    async def headroom(self) -> dict[PlanGroup, Headroom]:
        """Return what is free of each group, as far as RingCentral's answers have shown."""
        free = await self._windows.headroom(cast("Mapping[str, int]", self._defaults))
        return {group: free[group] for group in self._defaults}

    async def spare(self, group: PlanGroup) -> float:
        """Return the share of the group's window that is free now, from 0 to 1; 0 within a penalty."""
        free = (await self._windows.headroom({group: self._defaults[group]}))[group]
        return free.left / free.limit

    async def outlast_penalty(self, group: PlanGroup, *, reserve: float = RESERVE_SECONDS) -> None:
        """Wait until no penalty holds the group. For a request that already has its place."""
        while (seconds := self._windows.held(group)) > 0:
            await self._sleep(group, seconds, None, reserve)

    async def _sleep(self, group: PlanGroup, seconds: float, upstream: errors.Upstream | None, reserve: float) -> None:
        if seconds + reserve > self._clock.time_left():
            raise errors.rate_limited(seconds, upstream)
        self._waiting[group] += 1
        try:
            await call_context.report_wait(seconds)
            await self._clock.sleep(seconds)
        finally:
            self._waiting[group] -= 1

    async def observe(self, group: PlanGroup, headers: Mapping[str, str]) -> None:
        """Correct a group by the `X-Rate-Limit-*` headers of an answer to a request of `group`.

        The group that the headers name is the one corrected; an unknown name counts as `group`.
        Values that are not positive whole numbers are ignored.
        """
        lowered = {name.lower(): value for name, value in headers.items()}
        named, window = named_group(lowered) or group, _whole_number(lowered.get("x-rate-limit-window"))
        await self._windows.learn(
            named,
            self._defaults[named],
            limit=_whole_number(lowered.get("x-rate-limit-limit")),
            window=float(window) if window else None,
            remaining=_whole_number(lowered.get("x-rate-limit-remaining")),
        )

    async def penalise(self, group: PlanGroup, retry_after: float | None, *, unnamed: bool = False) -> None:
        """Hold the whole group after a 429: `retry_after` seconds, or 30 when RingCentral named none.

        `unnamed` says that the refusal named no limit, so that it may be one of another kind.
        """
        seconds = UNNAMED_PENALTY_SECONDS if retry_after is None else retry_after
        seconds = min(max(seconds, SHORTEST_PENALTY_SECONDS), LONGEST_PENALTY_SECONDS)
        await (self._windows.hold_unnamed if unnamed else self._windows.hold)(group, seconds)


def names_a_limit(headers: Mapping[str, str]) -> bool:
    """Return whether an answer's headers (names in lower case) show the user's own limits."""
    return any(name.startswith("x-rate-limit-") for name in headers)


def named_group(headers: Mapping[str, str]) -> PlanGroup | None:
    """Return the known plan group that an answer's headers (names in lower case) name."""
    name = headers.get("x-rate-limit-group", "").strip().lower()
    return cast("PlanGroup", name) if name in DEFAULT_LIMITS else None


def _whole_number(text: str | None) -> int | None:
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None
