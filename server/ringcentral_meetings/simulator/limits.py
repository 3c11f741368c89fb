"""Rate limits: a sliding window for each user and plan group, and a penalty interval that any request restarts.

Beside them may stand a limit of a whole account, whose refusals carry no rate-limit headers.

Source: RingCentral developer guide, "Rate Limits"; of the account's only that there is one.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ringcentral_meetings.simulator.people import OWNER, Person
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
    """Counts the requests of each user and plan group by a clock that returns seconds.

    `account_limit` is how many requests a minute the users of an account may send together; None is any number.
    """

    def __init__(
        self, clock: Callable[[], float], limits: Mapping[str, int] | None = None, account_limit: int | None = None
    ) -> None:
        """Set the limits: requests a minute by group name in upper or lower case; other groups keep their default.

        Raises ValueError for an unknown group.
        """
        given = {name.lower(): value for name, value in (limits or {}).items()}
        if unknown := sorted(given.keys() - DEFAULTS.keys()):
            raise ValueError(f"unknown plan group: {unknown[0]} (known: {', '.join(DEFAULTS)})")
        self.limits = DEFAULTS | given
        self._clock = clock
        self.account_limit = account_limit
        self._usage = defaultdict[tuple[str, str], _Usage](_Usage)

    def take(self, group: Group, user: Person = OWNER) -> dict[str, str]:
        """Count a request and return the rate-limit headers of its answer.

        Raises ApiError 429 CMN-301 if the user's group is exhausted, with those headers and Retry-After, or if the
        account's limit is, without them.
        """
        if self.account_limit is not None and not self._taken(("account", user.account), self.account_limit):
            raise rate_exceeded()
        if not self._taken((group, user.id), self.limits[group]):
            raise self._exceeded(group)
        return self._headers(group, self.limits[group] - len(self._usage[group, user.id].times))

    def _taken(self, key: tuple[str, str], limit: int) -> bool:
        now, usage = self._clock(), self._usage[key]
        while usage.times and usage.times[0] <= now - WINDOW_SECONDS:
            usage.times.popleft()
        if now < usage.penalty_until or len(usage.times) >= limit:
            usage.penalty_until = now + PENALTY_SECONDS
            usage.times.clear()
            return False
        usage.times.append(now)
        return True

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
