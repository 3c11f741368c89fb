"""The client of RingCentral's API: paths, one deadline for each try, retries, rate limits, errors.

Facts: RingCentral developer guide, "URIs", "API errors" and "Rate limits".
"""

import json as json_codec
import random as random_numbers
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from http.cookiejar import CookieJar
from types import MappingProxyType
from typing import Any, Final, cast
from unicodedata import category
from urllib.parse import quote

import anyio
import anyio.to_thread
import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform import call_context
from ringcentral_meetings.platform.answers import (
    LARGE_BYTES,
    Reply,
    close_unread,
    parse_body,
    read_reply,
    request_id,
    transport_error,
    upstream_of,
)
from ringcentral_meetings.platform.bodies import ACCEPTED, Unreadable
from ringcentral_meetings.platform.fair_places import FairPlaces
from ringcentral_meetings.platform.inflight import NoReply, run_despite_cancellation
from ringcentral_meetings.platform.limits import (
    READ_BACK_SECONDS,
    RESERVE_SECONDS,
    WRITE_SECONDS,
    Clock,
    PlanGroup,
    RateLimits,
    named_group,
    names_a_limit,
)
from ringcentral_meetings.platform.network import Network
from ringcentral_meetings.platform.rate_windows import Headroom
from ringcentral_meetings.platform.retries import Call, Retries
from ringcentral_meetings.platform.signin.auth import PlatformAuth, SignIn
from ringcentral_meetings.platform.signin.tokens import Token

MAX_PATH_VALUE_CHARS: Final = 512
CONNECT_TIMEOUT_SECONDS: Final = 10.0
KEEP_ALIVE_SECONDS: Final = 4.0
MOST_CONNECTIONS: Final = 32
MOMENT_SECONDS: Final = 0.1
"""How long taking a free place may take, since it yields to the event loop."""

_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer: `data` is its parsed JSON, None when it has no body."""

    status: int
    data: Any = field(repr=False)
    request_id: str | None = None


class PlatformClient:
    """Sends requests to the RingCentral API.

    `read_timeout` and `write_timeout` are the seconds that one try may take, until the whole body of the answer has
    arrived. For a GET they include the wait for one of its caller's `max_in_flight` places; for anything else they
    begin once it has its place and a token. A write leaves its caller `READ_BACK_SECONDS`, and does not start if the
    caller has less than `WRITE_SECONDS` left. The time of a whole call is that of the caller's enclosing cancel scope,
    which `clock` reports; after a cancellation nothing new is sent. `sign_in` signs its requests in, where several
    users share the HTTP client and its own `auth` cannot. `random` returns numbers from 0 to 1.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        limits: RateLimits,
        *,
        clock: Clock,
        sign_in: SignIn | None = None,
        random: Callable[[], float] = random_numbers.random,
        max_in_flight: int = 8,
        read_timeout: float = 20.0,
        write_timeout: float = 20.0,
        max_body_bytes: int = 8_000_000,
    ) -> None:
        self._http = http
        self._own_sign_in = sign_in
        self._limits = limits
        self._clock = clock
        self._random = random
        self._places = FairPlaces(max_in_flight)
        self._read_timeout = read_timeout
        self._write_timeout = write_timeout
        self._max_body_bytes = max_body_bytes

    async def request(
        self,
        method: str,
        path: str,
        *,
        values: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        group: PlanGroup,
        patient: bool = True,
    ) -> Answer:
        """Send a request to a path template such as `/restapi/v1.0/account/{accountId}`, filled from `values`.

        A GET is tried up to three times on lost connections, timeouts, 502, 503 and 504. Any method is sent
        again after a 429, which RingCentral did not carry out. Nothing else is ever sent twice. A request that is not
        `patient` never waits for a rate limit: it is refused as `rate_limited`, for the caller to prepare it again.

        Raises `Refused` where nothing was done, `Unanswered` where a write may have been carried out.
        """
        for name, value in (query or {}).items():
            _check_text(name, value)
        content = None if json is None else json_codec.dumps(json, separators=(",", ":")).encode()
        call = Call(method.upper(), fill_path(path, values), query, content, group, self._clock.now(), patient)
        return await answer_of(await self._perform(call))

    async def fetch(
        self,
        path: str,
        *,
        values: Mapping[str, str] = _NOTHING,
        query: Mapping[str, str] | None = None,
        group: PlanGroup,
    ) -> Reply:
        """GET as `request` does, and leave the body as it came."""
        return await self._perform(Call("GET", fill_path(path, values), query, None, group, self._clock.now()))

    @property
    def clock(self) -> Clock:
        """The time that requests and waits take."""
        return self._clock

    async def wait_to_write(self, group: PlanGroup) -> None:
        """Wait until a write of the group may go after a further read, taking no place.

        Raises `rate_limited` where that does not fit.
        """
        await self._limits.wait(group, reserve=WRITE_SECONDS + RESERVE_SECONDS)

    async def follow(self, uri: str, *, group: PlanGroup = "light") -> Reply:
        """Fetch the next page that a `navigation` uri names; only its path and query are used.

        Raises `Unanswered` for a uri of another host, without sending anything.
        """
        return await self._perform(Call("GET", self._own_url(uri), None, None, group, self._clock.now()))

    async def token(self) -> Token | None:
        """Return the token in use, signing in first if need be; None if it is managed elsewhere. Raises `Refused`."""
        return await self._sign_in.token()

    async def owner(self) -> str | None:
        """Return the server and whose token is in use; None if nobody has signed in. Nothing is sent."""
        owner = await self._sign_in.owner()
        return f"{self._http.base_url} {owner}" if owner is not None else None

    async def person(self) -> tuple[str, str]:
        """Return the server and whose token is in use, signing in if nobody has. Raises `Refused`."""
        await self._sign_in.access_token(self._clock.now())
        return str(self._http.base_url), await self._sign_in.owner() or ""

    def secrets(self) -> Sequence[str]:
        """Return the tokens that were sent, which an answer may echo."""
        return self._sign_in.secrets()

    @property
    def _sign_in(self) -> SignIn:
        return self._own_sign_in or cast("SignIn", self._http.auth)

    async def headroom(self) -> dict[PlanGroup, Headroom]:
        """Return what is free of each plan group."""
        return await self._limits.headroom()

    def _own_url(self, uri: str) -> httpx.URL:
        base = self._http.base_url
        try:
            target = base.join(uri)
        except httpx.InvalidURL:
            raise errors.unreadable_answer(errors.Upstream(200), "its link to the next page is not a URL") from None
        if target.host != base.host:
            raise errors.unreadable_answer(errors.Upstream(200), "its next page is on another host")
        return base.copy_with(raw_path=target.raw_path)

    async def _perform(self, call: Call) -> Reply:
        """Send a call until there is a success to give or an error to raise, as `Retries` decides."""
        retries = Retries(call, self._limits, self._sign_in, self._clock, self._random)
        while True:
            try:
                reply = await self._try(call, retries)
            except NoReply as lost:
                await retries.after_no_reply(lost)
                continue
            if reply is None:
                await retries.wait_for_place()
            elif reply.succeeded:
                return reply
            else:
                await retries.after_error(reply)

    async def _try(self, call: Call, retries: Retries) -> Reply | None:
        """Send one request within its time; None, without sending it, if its plan group has no place.

        A read is cancelled with its call. A write in flight is given some seconds more, so that its outcome is known.
        """
        request = self._build(call)
        unsent: str | None = "busy"
        with anyio.move_on_after(self._seconds_to_start(call)) as limit:
            async with self._places.place():
                if await self._limits.take(call.group) > 0:
                    return None
                unsent = "connect timeout"
                await self._authorize(request, call, retries)
                unsent = None
                send = partial(self._send, request, call.group, retries)
                if call.may_repeat:
                    return await send()
                limit.deadline = anyio.current_time() + self._seconds_to_answer()
                if (reply := await run_despite_cancellation(call.method, send, limit.deadline)) is not None:
                    return reply
        raise NoReply(errors.unreachable(request.url.host, unsent) if unsent else errors.no_answer("timeout"))

    def _seconds_to_start(self, call: Call) -> float:
        """Return the seconds for a whole read, or for a write until it has its place and a token."""
        left = self._clock.time_left()
        if call.may_repeat:
            return max(0.0, min(self._read_timeout, left))
        if left < WRITE_SECONDS - MOMENT_SECONDS:
            raise errors.out_of_time("The change")
        return left - WRITE_SECONDS + MOMENT_SECONDS

    def _seconds_to_answer(self) -> float:
        return max(0.0, min(self._write_timeout, self._clock.time_left() - READ_BACK_SECONDS))

    async def _authorize(self, request: httpx.Request, call: Call, retries: Retries) -> None:
        """Put a token into a request, and wait for a penalty that may have begun while it signed in."""
        retries.token = await self._sign_in.access_token(call.began, retries.refused_token)
        request.headers["Authorization"] = f"Bearer {retries.token}"
        await self._limits.outlast_penalty(call.group, reserve=call.reserve)

    def _build(self, call: Call) -> httpx.Request:
        headers = {} if call.content is None else {"Content-Type": "application/json"}
        try:
            return self._http.build_request(
                call.method,
                call.url,
                params=call.query,
                content=call.content,
                headers=headers,
            )
        except httpx.InvalidURL:
            raise errors.invalid_path_value("address", str(call.url)) from None

    async def _send(self, request: httpx.Request, group: PlanGroup, retries: Retries) -> Reply:
        """Send a request and read its answer, but not the body of a 401 after which it is sent again."""
        try:
            response = await self._http.send(request, stream=True)
            repeats = retries.wants_another_token(response.status_code)
            reply = await (close_unread(response) if repeats else read_reply(response, self._max_body_bytes))
        except httpx.TransportError as fault:
            raise NoReply(transport_error(fault, request.url.host)) from fault
        call_context.note_request(request.method, request_id(reply))
        await self._heed_limits(reply, group)
        return reply

    async def _heed_limits(self, reply: Reply, group: PlanGroup) -> None:
        """Take over what an answer says about rate limits."""
        await self._limits.observe(group, reply.headers)
        if reply.status == httpx.codes.TOO_MANY_REQUESTS:
            seconds, unnamed = upstream_of(reply).retry_after_seconds, not names_a_limit(reply.headers)
            for held in {group, named_group(reply.headers) or group}:
                await self._limits.penalise(held, seconds, unnamed=unnamed)


async def answer_of(reply: Reply) -> Answer:
    """Parse a success. Raises `Unanswered` if its body is unreadable."""
    large = reply.body is not None and len(reply.body) > LARGE_BYTES
    try:
        if large:
            data = await anyio.to_thread.run_sync(parse_body, reply, abandon_on_cancel=True)
        else:
            data = parse_body(reply)
        return Answer(reply.status, data, request_id(reply))
    except Unreadable as unreadable:
        raise errors.unreadable_answer(upstream_of(reply), str(unreadable)) from None


def fill_path(template: str, values: Mapping[str, str]) -> str:
    """Return a path with each `{name}` replaced by its value, percent-encoded whole.

    Raises `invalid_arguments` for a value that is empty, `.`, `..`, too long, or holds control characters.
    """
    return re.sub(r"\{(\w+)\}", lambda match: _encode(match[1], values[match[1]]), template)


def _encode(name: str, value: str) -> str:
    if value in {"", ".", ".."} or len(value) > MAX_PATH_VALUE_CHARS:
        raise errors.invalid_path_value(name, value)
    _check_text(name, value)
    return quote(value, safe="~")


def _check_text(name: str, value: str) -> None:
    if any(category(character) in {"Cc", "Cs"} for character in value):
        raise errors.invalid_path_value(name, value)


def _connections(most: int) -> httpx.Limits:
    return httpx.Limits(max_connections=most, max_keepalive_connections=most // 2, keepalive_expiry=KEEP_ALIVE_SECONDS)


class _NoCookies(CookieJar):
    def extract_cookies(self, response: object, request: object) -> None:
        """Keep none, without a look at what was sent."""


def build_http(
    server_url: str,
    auth: httpx.Auth,
    *,
    transport: httpx.AsyncBaseTransport | None = None,
    proxy: str | None = None,
    user_agent: str,
    connections: int = MOST_CONNECTIONS,
) -> httpx.AsyncClient:
    """Return the process's one HTTP client: no redirects, no cookies, nothing of the environment but SSL_CERT_*.

    It has `connections` at most. With a `transport` no proxy is used. Connections are dropped after 4 s idle, since
    servers commonly drop theirs at 5 s and a request on a connection just dropped is lost.
    """
    http = httpx.AsyncClient(
        base_url=server_url,
        auth=auth,
        transport=transport or Network(_connections(connections), proxy),
        headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": ACCEPTED},
        cookies=_NoCookies(),
        timeout=httpx.Timeout(30.0, connect=CONNECT_TIMEOUT_SECONDS),
        follow_redirects=False,
        trust_env=False,
    )
    if isinstance(auth, PlatformAuth):
        auth.connect(http)
    return http
