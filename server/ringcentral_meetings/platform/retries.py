"""The retry policy: what is done after each answer to a request, and after none.

| after | a GET | anything else |
|---|---|---|
| no place in the plan group | sent once there is one | sent once there is one |
| no answer, 502, 503, 504 | sent again after a pause, three tries in all | never sent again |
| 401 | sent again with another token, once | sent again with another token, once |
| 429 | sent again once there is a place, twice at most | the same: RingCentral did not carry it out |
| any other | never sent again | never sent again |

Facts: RingCentral developer guide, "API errors" and "Rate limits".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import Reply, upstream_of
from ringcentral_meetings.platform.inflight import NoReply
from ringcentral_meetings.platform.limits import RESERVE_SECONDS, WRITE_SECONDS, Clock, PlanGroup, RateLimits
from ringcentral_meetings.platform.signin.auth import SignIn

MAX_TRIES: Final = 3
MAX_RESENDS: Final = 2
FIRST_BACKOFF_SECONDS: Final = 1.0

_TRY_AGAIN = frozenset({502, 503, 504})


@dataclass(frozen=True, slots=True)
class Call:
    """A request that every try sends the same; `began` is when the first one did, in seconds of the clock.

    One that is not `patient` does not wait for rate limits.
    """

    method: str
    url: str | httpx.URL
    query: Mapping[str, str] | None
    content: bytes | None
    group: PlanGroup
    began: float
    patient: bool = True

    @property
    def may_repeat(self) -> bool:
        """Whether it may be sent again although it may have been carried out."""
        return self.method == "GET"

    @property
    def reserve(self) -> float:
        """How many seconds of the caller's time a wait has to leave."""
        return RESERVE_SECONDS if self.may_repeat else WRITE_SECONDS


@dataclass(slots=True)
class Retries:
    """The tries of one call. Each method returns once a further try may go, or raises what the call failed with.

    `token` is the last one sent; `refused_token` the one that got a 401. `random` returns numbers from 0 to 1.
    """

    call: Call
    limits: RateLimits
    sign_in: SignIn
    clock: Clock
    random: Callable[[], float]
    token: str | None = field(default=None, repr=False)
    refused_token: str | None = field(default=None, repr=False)
    _tries: int = 1
    _limited: errors.Upstream | None = None
    _resends: int = 0

    def wants_another_token(self, status: int) -> bool:
        """Return whether an answer of this status is followed by a try with another token."""
        return status == httpx.codes.UNAUTHORIZED and self.refused_token is None and self.sign_in.renews

    async def wait_for_place(self) -> None:
        """Wait until the plan group may have a place, taking up no place in flight."""
        if not self.call.patient:
            raise errors.rate_limited(RESERVE_SECONDS)
        await self.limits.wait(self.call.group, upstream=self._limited, reserve=self.call.reserve)

    async def after_no_reply(self, lost: NoReply) -> None:
        """Decide what follows a try that got no answer."""
        if not lost.error.retryable:
            raise lost.error from None
        await self._back_off(lost.error)

    async def after_error(self, reply: Reply) -> None:
        """Decide what follows an answer that is an error."""
        upstream = upstream_of(reply)
        if self.wants_another_token(reply.status):
            self.refused_token = self.token
            return
        if reply.status == httpx.codes.UNAUTHORIZED and self.refused_token is not None:
            self.sign_in.refused_again()
        if reply.status == httpx.codes.TOO_MANY_REQUESTS and self._resends < MAX_RESENDS and self.call.patient:
            self._limited, self._resends = upstream, self._resends + 1
        elif reply.status in _TRY_AGAIN:
            await self._back_off(errors.refusal(upstream), upstream.retry_after_seconds)
        else:
            raise errors.refusal(upstream, self.sign_in.way)

    async def _back_off(self, error: errors.MeetingsError, retry_after: float | None = None) -> None:
        """Sleep before the next try of a GET, or raise `error`: exponential, with full jitter."""
        backoff = self.random() * FIRST_BACKOFF_SECONDS * 2 ** (self._tries - 1)
        seconds = backoff if retry_after is None else retry_after
        over = self._tries >= MAX_TRIES or seconds + RESERVE_SECONDS > self.clock.time_left()
        if over or not self.call.may_repeat:
            raise error
        self._tries += 1
        await self.clock.sleep(seconds)
