"""A RingCentral of a few lines at the transport, under a clock that moves only when somebody sleeps."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from math import inf
from typing import Any

import anyio
import httpx
from anyio.lowlevel import checkpoint

from ringcentral_meetings.platform.call_context import report_waits_to
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import PlanGroup, RateLimits
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth, PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, JwtGrant
from ringcentral_meetings.platform.signin.tokens import TokenStore

SERVER = "https://platform.example"
SECRET = "canary-client-secret"
JWT = "canary.jwt.assertion"
GIVEN = "canary-given-token"
TOKEN_PATH = "/restapi/oauth/token"
PATH = "/restapi/v1.0/thing"

Handler = Callable[[httpx.Request], Awaitable[httpx.Response] | httpx.Response]


@dataclass
class FakeClock:
    """Sleeping moves it on at once; `deadline` is the caller's."""

    time: float = 1_000.0
    deadline: float = inf
    sleeps: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        until = self.time + seconds
        await checkpoint()
        self.time = max(self.time, until)

    def time_left(self) -> float:
        return self.deadline - self.time


class ThreadsClock(FakeClock):
    """As `FakeClock`, for waits on work in threads: it lets them run, and short pauses take none of the time.

    Who waits for a lock would else use up its patience before the thread of the lock's holder gets to run.
    """

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(0.001)
        if seconds >= 1:
            await super().sleep(seconds)


@dataclass
class Seen:
    """A request as the transport got it, and when."""

    at: float
    method: str
    raw_path: str
    headers: httpx.Headers
    body: bytes

    @property
    def is_sign_in(self) -> bool:
        return self.raw_path == TOKEN_PATH


class Wire(httpx.AsyncBaseTransport):
    """Records each request and answers as `handler` says, after letting every other task run."""

    def __init__(self, clock: FakeClock, handler: Handler) -> None:
        self.clock = clock
        self.handler = handler
        self.seen: list[Seen] = []
        self.flying = 0
        self.most_flying = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        raw_path = request.url.raw_path.decode()
        self.seen.append(Seen(self.clock.time, request.method, raw_path, request.headers, body))
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        try:
            await checkpoint()
            response = self.handler(request)
            return response if isinstance(response, httpx.Response) else await response
        finally:
            self.flying -= 1

    @property
    def calls(self) -> list[Seen]:
        return [seen for seen in self.seen if not seen.is_sign_in]

    @property
    def sign_ins(self) -> list[Seen]:
        return [seen for seen in self.seen if seen.is_sign_in]


@dataclass
class World:
    """A client with all that it stands on; `waits` holds the seconds that it announced."""

    clock: FakeClock
    wire: Wire
    limits: RateLimits
    http: httpx.AsyncClient
    client: PlatformClient
    waits: list[float]
    auth: httpx.Auth

    async def get(self, path: str = PATH, group: PlanGroup = "light", **values: str) -> Any:
        return (await self.client.request("GET", path, values=values, group=group)).data

    async def post(self, body: object = None) -> Any:
        return (await self.client.request("POST", PATH, json=body, group="medium")).data


class Body(httpx.AsyncByteStream):
    """Chunks, and then a fault, or silence for ever."""

    def __init__(self, *chunks: bytes, fault: Exception | None = None, hangs: bool = False) -> None:
        self.chunks = chunks
        self.fault = fault
        self.hangs = hangs
        self.given = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.given += 1
            yield chunk
        if self.fault:
            raise self.fault
        if self.hangs:
            await anyio.sleep_forever()

    async def aclose(self) -> None:
        self.closed = True


def streaming(body: Body, status: int = 200, **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx.Response(status, stream=body, headers=named, request=request)


async def never(request: httpx.Request) -> httpx.Response:
    """A handler that does not answer."""
    await anyio.sleep_forever()
    raise AssertionError


def script(*answers: httpx.Response | Exception) -> Handler:
    """Give one answer after the other, and the last one ever after."""
    left = list(answers)

    def handler(request: httpx.Request) -> httpx.Response:
        answer = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(answer, Exception):
            raise answer
        return copy_of(answer)

    return handler


def copy_of(answer: httpx.Response) -> httpx.Response:
    return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def answer(status: int = 200, body: object = None, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    content = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    return httpx.Response(status, headers=named, content=content)


def token(name: str = "canary-token-1", **more: object) -> httpx.Response:
    body = {"access_token": name, "expires_in": 3600, "token_type": "bearer", "scope": "Meetings ReadAccounts"}
    return httpx.Response(200, json={**body, "owner_id": "1001", **more})


def limited(retry_after: str | None = "30", **headers: str) -> httpx.Response:
    body = {"errorCode": "CMN-301", "message": "Request rate exceeded"}
    waiting = {} if retry_after is None else {"Retry_After": retry_after}
    return answer(429, {**body, "errors": [body]}, **waiting, **headers)


def jwt_auth(limits: RateLimits, clock: FakeClock, store: TokenStore | None = None) -> PlatformAuth:
    return PlatformAuth(JwtGrant(App(SERVER, "client-id", SECRET), JWT), limits, clock, store=store)


@asynccontextmanager
async def world(
    handler: Handler,
    *,
    signing_in: bool = False,
    limits: Mapping[PlanGroup, int] | None = None,
    store: TokenStore | None = None,
    **options: Any,
) -> AsyncIterator[World]:
    """`signing_in` with a JWT, else with a given token; `options` go to the client."""
    clock = FakeClock()
    wire = Wire(clock, handler)
    plan = RateLimits(limits or {}, clock)
    auth = jwt_auth(plan, clock, store) if signing_in else GivenTokenAuth(GIVEN)
    waits: list[float] = []

    async def on_wait(seconds: float) -> None:
        waits.append(seconds)

    http = build_http(SERVER, auth, transport=wire, user_agent="tests/1")
    report_waits_to(on_wait)
    try:
        async with http:
            client = PlatformClient(http, plan, clock=clock, **{"random": lambda: 0.5, **options})
            yield World(clock, wire, plan, http, client, waits, auth)
    finally:
        report_waits_to(None)


async def at_once(count: int, call: Callable[[], Awaitable[object]]) -> list[object]:
    """Run `count` calls side by side; what each gave or raised."""
    results: list[object] = []

    async def one() -> None:
        try:
            results.append(await call())
        except Exception as error:  # noqa: BLE001 (the tests look at it)
            results.append(error)

    async with anyio.create_task_group() as tasks:
        for _ in range(count):
            tasks.start_soon(one)
    return results


def bearer(request: httpx.Request) -> str:
    return request.headers["Authorization"].removeprefix("Bearer ")


def numbered(*, ended: set[str] | None = None, **more: object) -> Handler:
    """Issues canary-token-1, -2, ...; an API request with one of `ended` gets 401."""
    issued = 0

    def handler(request: httpx.Request) -> httpx.Response:
        nonlocal issued
        if request.url.path == TOKEN_PATH:
            issued += 1
            return token(f"canary-token-{issued}", **more)
        return answer(401) if bearer(request) in (ended or set()) else answer(200, {"with": bearer(request)})

    return handler


def refusing(sign_in: Handler, api: httpx.Response | None = None) -> Handler:
    """Answers sign-ins as `sign_in` does, and the API with `api`."""

    def handler(request: httpx.Request) -> httpx.Response:
        given = sign_in(request) if request.url.path == TOKEN_PATH else api or answer()
        assert isinstance(given, httpx.Response)
        return given

    return handler
