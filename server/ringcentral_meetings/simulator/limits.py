"""Rate limits: a sliding window for each plan group, and a penalty interval that any request restarts.

Source: RingCentral developer guide, "Rate Limits".
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ringcentral_meetings.simulator.replies import ApiError

Group = Literal["light", "medium", "heavy", "auth"]

DEFAULTS: dict[str, int] = {"light": 50, "medium": 40, "heavy": 10, "auth": 5}
UNLIMITED: dict[str, int] = dict.fromkeys(DEFAULTS, 1_000_000)
"""Limits that nobody reaches."""
WINDOW_SECONDS = 60
PENALTY_SECONDS = 60


@dataclass
class _Usage:
    times: deque[float] = field(default_factory=deque)
    penalty_until: float = 0.0


class Limiter:
    """Counts the requests of each plan group by a clock that returns seconds."""

    def __init__(self, clock: Callable[[], float], limits: Mapping[str, int] | None = None) -> None:
        """Set the limits: requests a minute by group name in upper or lower case; other groups keep their default.

        Raises ValueError for an unknown group.
        """
        given = {name.lower(): value for name, value in (limits or {}).items()}
        if unknown := sorted(given.keys() - DEFAULTS.keys()):
            raise ValueError(f"unknown plan group: {unknown[0]} (known: {', '.join(DEFAULTS)})")
        self.limits = DEFAULTS | given
        self._clock = clock
        self._usage = {name: _Usage() for name in DEFAULTS}

    def take(self, group: Group) -> dict[str, str]:
        """Count a request and return the rate-limit headers of its answer.

        Raises ApiError 429 CMN-301, with those headers and Retry-After, if the group is exhausted.
        """
        now = self._clock()
        usage = self._usage[group]
        if now < usage.penalty_until or not self._has_room(usage, group, now):
            usage.penalty_until = now + PENALTY_SECONDS
            usage.times.clear()
            raise self._exceeded(group)
        usage.times.append(now)
        return self._headers(group, self.limits[group] - len(usage.times))

    def _has_room(self, usage: _Usage, group: Group, now: float) -> bool:
        while usage.times and usage.times[0] <= now - WINDOW_SECONDS:
            usage.times.popleft()
        return len(usage.times) < self.limits[group]

    def _headers(self, group: Group, remaining: int) -> dict[str, str]:
        return {
            "X-Rate-Limit-Group": group,
            "X-Rate-Limit-Limit": str(self.limits[group]),
            "X-Rate-Limit-Remaining": str(remaining),
            "X-Rate-Limit-Window": str(WINDOW_SECONDS),
        }

    def _exceeded(self, group: Group) -> ApiError:
        error = rate_exceeded()
        error.headers = {**self._headers(group, 0), "Retry-After": str(PENALTY_SECONDS)}
        return error


def rate_exceeded() -> ApiError:
    """Return 429 CMN-301 without rate-limit headers."""
    return ApiError(429, "CMN-301", "Request rate exceeded")
