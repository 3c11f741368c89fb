"""Signing in: a token on first need, renewed ahead of its end, once for all waiting calls.

Facts: RingCentral developer guide, "Authentication" and "API errors".
"""

import base64
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from math import inf
from typing import Any, Final, Protocol, cast
from urllib.parse import urlencode

import anyio
import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import (
    CALL_BEGAN,
    NOT_SENT,
    PLAN_GROUP,
    Reply,
    error_body,
    read_reply,
    unsent_reason,
    upstream_of,
)
from ringcentral_meetings.platform.limits import Clock, PlanGroup, RateLimits
from ringcentral_meetings.platform.tokens import MemoryTokenStore, Token, TokenStore

TOKEN_PATH: Final = "/restapi/oauth/token"  # noqa: S105 (a path, not a secret)
JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"
TOKEN_TIMEOUT_SECONDS: Final = 15.0
PAUSE_AFTER_FAULT_SECONDS: Final = 10.0
LEAST_LIFETIME_SECONDS: Final = 600.0
MAX_TOKEN_BYTES: Final = 200_000

AuthFlow = AsyncGenerator[httpx.Request, httpx.Response]
Failure = Callable[[], errors.MeetingsError]

_TOKEN68 = re.compile(r"[!-~]+")


class Grant(Protocol):
    """A way to get a token."""

    def token_request(self, held: Token | None) -> httpx.Request:
        """The request to the token endpoint; `held` is the token to follow, if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class JwtGrant:
    """Signs in with a JWT credential of the developer console, anew each time.

    `server_url` is the platform's root. An app without `client_secret` names itself in the body (public app).
    """

    server_url: str
    client_id: str
    client_secret: str | None = field(repr=False)
    jwt: str = field(repr=False)

    def token_request(self, held: Token | None) -> httpx.Request:  # noqa: ARG002 (a JWT needs no earlier token)
        form = {"grant_type": JWT_GRANT, "assertion": self.jwt}
        return form_request(self.server_url, form, self.client_id, self.client_secret)


def form_request(server_url: str, form: dict[str, str], client_id: str, client_secret: str | None) -> httpx.Request:
    """A token request: HTTP Basic for an app with a secret, `client_id` in the form for a public one."""
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if client_secret:
        pair = f"{client_id}:{client_secret}".encode(errors="replace")
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    else:
        form = {**form, "client_id": client_id}
    content = urlencode(form, errors="replace").encode()
    return httpx.Request("POST", server_url.rstrip("/") + TOKEN_PATH, headers=headers, content=content)


class NoCredentialsAuth(httpx.Auth):
    """Refuses every call with `not_signed_in`."""

    async def async_auth_flow(self, request: httpx.Request) -> AuthFlow:
        raise errors.not_signed_in()
        yield request


class GivenTokenAuth(httpx.Auth):
    """An access token that someone else manages; a 401 goes out as it is."""

    def __init__(self, token: str) -> None:
        self._token = token.strip()

    async def async_auth_flow(self, request: httpx.Request) -> AuthFlow:
        if not _TOKEN68.fullmatch(self._token):
            raise errors.not_signed_in()
        _authorize(request, self._token)
        yield request


class PlatformAuth(httpx.Auth):
    """Signs in by a `Grant`, and renews.

    Token requests go through the client given to `connect` (`build_http` does that) and never to another host
    than the grant's. They are not yielded from the flow: a flow never sees a request that failed, could not
    share that failure with the calls waiting for it, and would have `httpx` read the answer without a cap.
    A call whose own sign-in failed was not sent, so each error raised here is a `Refused`.
    """

    def __init__(self, grant: Grant, limits: RateLimits, clock: Clock, *, store: TokenStore | None = None) -> None:
        self._grant = grant
        self._limits = limits
        self._clock = clock
        self._store = store or MemoryTokenStore()
        self._http: httpx.AsyncClient | None = None
        self._failed_at = -inf
        self._failure: Failure = errors.not_signed_in

    def connect(self, http: httpx.AsyncClient) -> None:
        """Say which client sends the token requests."""
        self._http = http

    async def token(self) -> Token:
        """The token in use, signing in if there is none yet. Raises `Refused`."""
        return await self._current(None, self._clock.now())

    async def async_auth_flow(self, request: httpx.Request) -> AuthFlow:
        began: float = request.extensions.get(CALL_BEGAN, self._clock.now())
        group: PlanGroup = request.extensions.get(PLAN_GROUP, "light")
        request.extensions[NOT_SENT] = "connect timeout"
        token = await self._current(None, began)
        await self._limits.outlast_penalty(group)
        response = yield _authorize(request, token.access_token)
        if response.status_code != httpx.codes.UNAUTHORIZED:
            return
        _drop_body(response)
        request.extensions[NOT_SENT] = "connect timeout"
        token = await self._current(token, began)
        await self._limits.admit(group)
        yield _authorize(request, token.access_token)

    async def _current(self, refused: Token | None, began: float) -> Token:
        """A token other than `refused`, for a call that began at `began` and shares a sign-in failed since."""
        if token := self._usable(await self._store.load(), refused):
            return token
        async with self._store.exclusive():
            held = await self._store.load()
            if token := self._usable(held, refused):
                return token
            if began < self._failed_at:
                raise self._failure()
            return await self._sign_in(held)

    def _usable(self, token: Token | None, refused: Token | None) -> Token | None:
        if token is None or token.renew_at <= self._clock.now():
            return None
        return None if refused and refused.access_token == token.access_token else token

    async def _sign_in(self, held: Token | None) -> Token:
        request = self._grant.token_request(held)
        await self._limits.admit("auth")
        outcome = await self._exchange(request)
        if isinstance(outcome, Token):
            await self._store.save(outcome)
            return outcome
        self._failed_at, self._failure = self._clock.now(), outcome
        raise outcome()

    async def _exchange(self, request: httpx.Request) -> Token | Failure:
        asked_at = self._clock.now()
        with anyio.move_on_after(TOKEN_TIMEOUT_SECONDS):
            try:
                return self._outcome(await self._ask(request), asked_at, request.url.host)
            except httpx.TransportError as fault:
                reason = unsent_reason(fault)
                if reason:
                    return partial(errors.unreachable, request.url.host, reason)
        return self._fault(request.url.host, "no answer to the sign-in", None)

    async def _ask(self, request: httpx.Request) -> Reply:
        if self._http is None:
            raise RuntimeError("PlatformAuth.connect() was not called")
        request.headers["User-Agent"] = self._http.headers["User-Agent"]
        request.extensions["timeout"] = self._http.timeout.as_dict()
        response = await self._http.send(request, auth=None, stream=True, follow_redirects=False)
        reply = await read_reply(response, MAX_TOKEN_BYTES)
        self._limits.observe("auth", reply.headers)
        return reply

    def _outcome(self, reply: Reply, asked_at: float, host: str) -> Token | Failure:
        upstream, body = upstream_of(reply), error_body(reply)
        if reply.succeeded:
            return read_token(body, asked_at) or partial(errors.unreachable, host, "unreadable answer to the sign-in")
        if reply.status == httpx.codes.TOO_MANY_REQUESTS:
            self._limits.penalise("auth", upstream.retry_after_seconds)
            return partial(errors.rate_limited, upstream.retry_after_seconds or 30.0, upstream)
        if reply.status >= 500 or reply.status == httpx.codes.REQUEST_TIMEOUT:
            return self._fault(host, f"status {reply.status} to the sign-in", upstream.retry_after_seconds)
        return partial(errors.sign_in_refused, upstream, _oauth_error(body.get("error")))

    def _fault(self, host: str, reason: str, retry_after: float | None) -> Failure:
        """A fault of the token endpoint, which wants 10 s of rest before the next try."""
        self._limits.penalise("auth", retry_after or PAUSE_AFTER_FAULT_SECONDS)
        return partial(errors.unreachable, host, reason)


def read_token(body: dict[str, Any], asked_at: float) -> Token | None:
    """The token in an answer of the token endpoint, if there is one; `asked_at` is the clock at the request."""
    access_token, owner = body.get("access_token"), body.get("owner_id")
    if not isinstance(access_token, str) or not _TOKEN68.fullmatch(access_token):
        return None
    lifetime = _lifetime(body.get("expires_in"))
    return Token(
        access_token=access_token,
        expires_at=asked_at + lifetime,
        scope=_text(body.get("scope")) or "",
        owner_id=str(owner) if isinstance(owner, str | int) else None,
        refresh_token=_text(body.get("refresh_token")),
        lifetime=lifetime,
    )


def _lifetime(value: object) -> float:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    return float(value) if isinstance(value, int | float) and 0 < value < 1e9 else LEAST_LIFETIME_SECONDS


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _oauth_error(value: object) -> str | None:
    """An error code of RFC 6749; anything else might repeat what was sent."""
    return value if isinstance(value, str) and re.fullmatch("[a-z_]{1,40}", value) else None


def _authorize(request: httpx.Request, token: str) -> httpx.Request:
    request.extensions.pop(NOT_SENT, None)
    request.headers["Authorization"] = f"Bearer {token}"
    return request


class _NoBody(httpx.AsyncByteStream):
    def __init__(self, closes: httpx.AsyncByteStream) -> None:
        self._closes = closes

    async def __aiter__(self) -> AsyncIterator[bytes]:
        return
        yield b""

    async def aclose(self) -> None:
        await self._closes.aclose()


def _drop_body(response: httpx.Response) -> None:
    """Keep `httpx` from reading, without a cap, the answer that a second request follows."""
    response.stream = _NoBody(cast("httpx.AsyncByteStream", response.stream))
    response.headers.pop("Content-Encoding", None)
