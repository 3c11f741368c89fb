"""Signing in: a token on first need, renewed ahead of its end, once for all waiting calls.

Facts: RingCentral developer guide, "Authentication" and "API errors".
"""

import hashlib
import logging
import re
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from math import inf
from typing import Final, Protocol

import anyio
import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import (
    Reply,
    error_body,
    read_reply,
    transport_error,
    unsent_reason,
    upstream_of,
)
from ringcentral_meetings.platform.limits import Clock, RateLimits, names_a_limit
from ringcentral_meetings.platform.signin.grants import Grant, GrantKind, renewal_request, revoke_request
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, Token, TokenStore, is_token, read_token

TOKEN_TIMEOUT_SECONDS: Final = 15.0
PAUSE_AFTER_FAULT_SECONDS: Final = 10.0
MAX_TOKEN_BYTES: Final = 200_000
STORE_TIMEOUT_SECONDS: Final = 15.0
TOKENS_SEEN: Final = 16
"""How many tokens, the current ones included, are remembered to be kept out of answers."""

NO_RENEWAL_SECONDS: Final = 300.0
"""How long 401s are not followed by a renewal, after the API refused a token that had just been issued."""

logger = logging.getLogger(__name__)

_SPENT = frozenset({"invalid_grant", "unauthorized_client"})
"""The errors of RFC 6749 for a refresh token that has ended, or that the app may no longer use."""

_PASSING = frozenset({"upstream_unavailable", "timed_out", "rate_limited"})
"""The codes of a failed sign-in that say nothing about the credentials."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A sign-in that failed. `make` returns the error, a new one for each call that waited for the sign-in.

    `spent` says that the refresh token presented is no longer valid; `upstream` is what RingCentral answered.
    """

    make: Callable[[], errors.MeetingsError]
    spent: bool = False
    upstream: errors.Upstream | None = None


class SignIn(Protocol):
    """How the calls of a client are signed in.

    It is the `auth` of the HTTP client, and changes no request there: what follows a 401 is decided where it is for
    all other answers, in `retries`.
    """

    @property
    def way(self) -> errors.Way | None:
        """The kind of sign-in and its profile, as errors name them."""
        ...

    @property
    def renews(self) -> bool:
        """Whether another token may be obtained after one was refused."""
        ...

    def refused_again(self) -> None:
        """Note that RingCentral refused a token that was issued in place of a refused one."""
        ...

    async def access_token(self, began: float, refused: str | None = None) -> str:
        """Return the token to send, other than `refused`, for a call that began at `began` (seconds of the clock).

        Raises `Refused`, never `Unanswered`: the request of the call has not been sent yet.
        """
        ...

    async def token(self) -> Token | None:
        """Return the token in use, signing in first if need be; None if it is managed elsewhere. Raises `Refused`."""
        ...

    async def owner(self) -> str | None:
        """Return whose token is in use: an extension id, or the token's digest if it names nobody; None without one.

        Nothing is sent. Raises `Refused` if the token store cannot be read.
        """
        ...

    async def verify(self) -> None:
        """Check the credentials behind the token in use, as far as there are any. Raises `MeetingsError`."""
        ...

    def secrets(self) -> Sequence[str]:
        """Return the tokens in use, and the ones before them."""
        ...


class NoCredentialsAuth(httpx.Auth):
    """Refuses every call with `not_signed_in`; `in_memory` says that a login could not be kept either."""

    way: Final = None
    renews: Final = False

    def __init__(self, *, in_memory: bool = False) -> None:
        self._in_memory = in_memory

    def refused_again(self) -> None:
        pass

    async def verify(self) -> None:
        pass

    async def access_token(self, began: float, refused: str | None = None) -> str:  # noqa: ARG002  (of the protocol)
        raise errors.not_signed_in(in_memory=self._in_memory)

    async def token(self) -> Token | None:
        raise errors.not_signed_in(in_memory=self._in_memory)

    async def owner(self) -> str | None:
        return None

    def secrets(self) -> Sequence[str]:
        return ()


class GivenTokenAuth(httpx.Auth):
    """Sends an access token that someone else manages."""

    way: Final = errors.Way("token")
    renews: Final = False

    def __init__(self, token: str) -> None:
        self._token = token.strip()

    def refused_again(self) -> None:
        pass

    async def verify(self) -> None:
        pass

    async def access_token(self, began: float, refused: str | None = None) -> str:  # noqa: ARG002  (of the protocol)
        if not is_token(self._token):
            raise errors.not_signed_in()
        return self._token

    async def token(self) -> Token | None:
        return None

    async def owner(self) -> str | None:
        return _digest(self._token)

    def secrets(self) -> Sequence[str]:
        return (self._token,)


class PlatformAuth(httpx.Auth):
    """Signs in by a `Grant`, and renews by refresh token if one was issued.

    A token is in the store before it is used. A process that dies in between leaves the old refresh token there, which
    RingCentral still accepts: for an hour where the new access token was not used (developer guide, "Refreshing").

    Token requests go through the client given to `connect` (`build_http` does that), and only to the grant's host.
    They are not part of an `httpx` auth flow: a flow does not see failed requests, could not share a failure with the
    calls waiting for it, and would have `httpx` read the answer without a limit.
    """

    def __init__(self, grant: Grant, limits: RateLimits, clock: Clock, *, store: TokenStore | None = None) -> None:
        self.way: Final = errors.Way(grant.kind, grant.profile)
        self._grant = grant
        self._limits = limits
        self._clock = clock
        self._store = store or MemoryTokenStore()
        self._http: httpx.AsyncClient | None = None
        self._recent_secrets: deque[str] = deque(maxlen=TOKENS_SEEN)
        self._failed_at = -inf
        self._failure = Failure(errors.not_signed_in)
        self._next_renewal = -inf
        self._has_signed_in = False
        self._next_answer_to_401 = -inf

    @property
    def renews(self) -> bool:
        return self._clock.now() >= self._next_answer_to_401

    def refused_again(self) -> None:
        """Stop renewing after 401s for a while: the API accepts no token, and each try would cost a sign-in."""
        self._next_answer_to_401 = self._clock.now() + NO_RENEWAL_SECONDS

    def connect(self, http: httpx.AsyncClient) -> None:
        """Set the client that sends the token requests."""
        self._http = http

    async def token(self) -> Token:
        return await self._current(None, self._clock.now())

    async def access_token(self, began: float, refused: str | None = None) -> str:
        return (await self._current(refused, began)).access_token

    def _remember(self, token: Token | None) -> None:
        """Remember the secrets of a token, which must not be shown."""
        for secret in (token.access_token, token.refresh_token) if token is not None else ():
            if secret is not None and secret not in self._recent_secrets:
                self._recent_secrets.append(secret)

    async def owner(self) -> str | None:
        token = await self._store.load()
        return (token.owner_id or _digest(token.access_token)) if token is not None else None

    async def verify(self) -> None:
        """Check that RingCentral still accepts the app and its secret, which a stored token does not show.

        A stored session is renewed, and the new tokens are stored. Without a refresh token the JWT is exchanged, and
        the new session ended at once: one session too many would end that of a running server. Raises `MeetingsError`.
        """
        if self._has_signed_in:
            return
        async with self._store.exclusive():
            held = await self._store.load()
            if held is not None and held.refresh_token is not None:
                await self._sign_in(held)
            elif self._grant.kind == "jwt":
                await self._try_grant()

    async def _try_grant(self) -> None:
        outcome = await self._exchange(self._grant.token_request(None), self._grant.kind)
        if isinstance(outcome, Failure):
            raise outcome.make()
        await self._send(revoke_request(self._grant.app, outcome))

    def secrets(self) -> Sequence[str]:
        return tuple(self._recent_secrets)

    async def _current(self, refused: str | None, began: float) -> Token:
        """Return a token other than `refused`. A call shares a sign-in that failed after it began, at `began`."""
        if token := self._usable(await self._store.load(), refused):
            return token
        async with self._store.exclusive():
            held = await self._store.load()
            if token := self._usable(held, refused):
                return token
            if began < self._failed_at:
                raise self._failure.make()
            return await self._renewed(held, refused)

    async def _renewed(self, held: Token | None, refused: str | None) -> Token:
        """Return a new token, or `held` while it still lasts and the token endpoint does not answer."""
        try:
            return await self._sign_in(held)
        except errors.MeetingsError as problem:
            if problem.code not in _PASSING:
                raise
            self._next_renewal = self._clock.now() + (problem.retry_after_seconds or PAUSE_AFTER_FAULT_SECONDS)
            if token := self._usable(held, refused):
                logger.info("The sign-in failed (%s); the token in use still lasts", problem.code)
                return token
            raise

    def _usable(self, token: Token | None, refused: str | None) -> Token | None:
        """Return the token if it was not refused and is not due for renewal; after a fault it is used to its end."""
        self._remember(token)
        now = self._clock.now()
        if token is None or token.access_token == refused or token.expires_at <= now:
            return None
        return token if now < max(token.renew_at, self._next_renewal) else None

    async def _sign_in(self, held: Token | None) -> Token:
        refused: errors.Upstream | None = None
        if held is not None and held.refresh_token is not None:
            outcome = await self._exchange(renewal_request(self._grant.app, held.refresh_token), "refresh")
            if not isinstance(outcome, Failure) or not outcome.spent:
                return await self._store_or_raise(outcome, by_login=held.by_login)
            there = await self._store.load()
            if not _is_same(held, there):
                return self._usable(there, held.access_token) or await self._sign_in(there)
            refused, held = outcome.upstream, await self._store_ended(held)
        request = self._grant.token_request(held, refused)
        outcome = await self._exchange(request, self._grant.kind)
        return await self._store_or_raise(outcome, by_login=self._grant.kind == "code")

    async def _store_or_raise(self, outcome: Token | Failure, *, by_login: bool) -> Token:
        if isinstance(outcome, Failure):
            self._failed_at, self._failure = self._clock.now(), outcome
            raise outcome.make()
        self._has_signed_in = True
        token = replace(outcome, by_login=by_login)
        self._remember(token)
        await self._store_token(token)
        return token

    async def _store_ended(self, held: Token) -> Token:
        """Store an ended session without its refresh token, so that it is not tried again."""
        logger.warning("RingCentral ended the stored session")
        dead = replace(held, refresh_token=None, expires_at=self._clock.now())
        await self._store_token(dead)
        return dead

    async def _store_token(self, token: Token) -> None:
        """Write to the store, even if the call that signed in is cancelled meanwhile."""
        with anyio.move_on_after(STORE_TIMEOUT_SECONDS, shield=True) as scope:
            await self._store.save(token)
        if scope.cancelled_caught:
            raise errors.token_store_unusable("The store of sign-ins", "it does not answer")

    async def _exchange(self, request: httpx.Request, kind: GrantKind) -> Token | Failure:
        await self._limits.admit("auth")
        asked_at = self._clock.now()
        with anyio.move_on_after(TOKEN_TIMEOUT_SECONDS):
            try:
                return await self._outcome(await self._send(request), asked_at, request.url.host, kind)
            except httpx.TransportError as fault:
                if unsent_reason(fault):
                    return Failure(partial(transport_error, fault, request.url.host))
        return await self._endpoint_fault(request.url.host, "no answer to the sign-in", None)

    async def _send(self, request: httpx.Request) -> Reply:
        if self._http is None:
            raise RuntimeError("PlatformAuth.connect() was not called")
        request.headers["User-Agent"] = self._http.headers["User-Agent"]
        request.extensions["timeout"] = self._http.timeout.as_dict()
        response = await self._http.send(request, auth=None, stream=True, follow_redirects=False)
        reply = await read_reply(response, MAX_TOKEN_BYTES)
        await self._limits.observe("auth", reply.headers)
        return reply

    async def _outcome(self, reply: Reply, asked_at: float, host: str, kind: GrantKind) -> Token | Failure:
        upstream, body = upstream_of(reply), error_body(reply)
        if reply.succeeded:
            unreadable = Failure(partial(errors.unreachable, host, "unreadable answer to the sign-in"))
            return read_token(body, asked_at) or unreadable
        if reply.status == httpx.codes.TOO_MANY_REQUESTS:
            unnamed = not names_a_limit(reply.headers)
            await self._limits.penalise("auth", upstream.retry_after_seconds, unnamed=unnamed)
            return Failure(partial(errors.rate_limited, upstream.retry_after_seconds or 30.0, upstream))
        if reply.status >= 500 or reply.status == httpx.codes.REQUEST_TIMEOUT:
            reason = f"status {reply.status} to the sign-in"
            return await self._endpoint_fault(host, reason, upstream.retry_after_seconds)
        error = _oauth_error(body.get("error"))
        if reply.status < 400 or (error is None and upstream.error_code is None):
            return Failure(partial(errors.no_api, upstream))
        spent = error in _SPENT
        return Failure(partial(errors.sign_in_refused, upstream, error, kind, self.way), spent, upstream)

    async def _endpoint_fault(self, host: str, reason: str, retry_after: float | None) -> Failure:
        """Return a fault of the token endpoint, after which the next try waits `retry_after` or 10 s."""
        await self._limits.penalise("auth", retry_after or PAUSE_AFTER_FAULT_SECONDS)
        return Failure(partial(errors.unreachable, host, reason))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _is_same(held: Token, there: Token | None) -> bool:
    """Return whether two reads of the store gave one token; `expires_at` is computed at each read, so it may differ."""
    return there is not None and (held.access_token, held.refresh_token) == (there.access_token, there.refresh_token)


def _oauth_error(value: object) -> str | None:
    """Return an error code of RFC 6749; anything else might repeat what was sent."""
    return value if isinstance(value, str) and re.fullmatch("[a-z_]{1,40}", value) else None
