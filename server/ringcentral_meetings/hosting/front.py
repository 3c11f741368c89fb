"""A plain balancer for demonstrations and tests: each request goes to the next replica that is ready.

It sends nothing twice. A replica is passed over where it says that it is not ready, the connection to it is refused, or
it does not take the request (503).
"""

import itertools
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

READY_SECONDS: Final = 0.2
"""How long a replica's word that it is ready counts."""

OWN: Final = frozenset(b"connection keep-alive transfer-encoding te trailer upgrade host x-forwarded-for date".split())
"""Headers that are not passed on: they concern one connection, or each server writes its own."""

METHODS: Final = ["GET", "POST", "DELETE", "OPTIONS"]


class Front:
    """Sends requests to replicas by turns; `replicas` are their base addresses, and may change at any time.

    `kept_open` is how many connections to them are kept for the next request; `transport` replaces the network.
    """

    def __init__(
        self, replicas: Sequence[str], kept_open: int = 0, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.replicas = list(replicas)
        self._next = itertools.count()
        self._ready_until: dict[str, float] = {}
        self._http = httpx.AsyncClient(
            transport=transport,
            timeout=httpx.Timeout(120.0),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=kept_open, keepalive_expiry=None),
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),  # they are the browsers'
        )
        self.app = Starlette(routes=[Route("/{path:path}", self._pass_on, methods=METHODS)], lifespan=self._lifespan)

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with self._http:
            yield

    def trusts(self, replica: str) -> bool:
        """Return whether a replica's word that it is ready still counts."""
        return time.monotonic() < self._ready_until.get(replica, 0.0)

    async def _pass_on(self, request: Request) -> Response:
        body, replicas, first = await request.body(), list(self.replicas), next(self._next)
        last: Response = PlainTextResponse("No replica is there.\n", 503, {"Retry-After": "1"})
        for turn in range(len(replicas)):
            replica = replicas[(first + turn) % len(replicas)]
            try:
                if not await self._is_ready(replica):
                    continue
                answer = await self._sent(request, body, replica)
            except httpx.ConnectError:
                continue
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return _streamed(answer)
            await answer.aread()
            last = _headed(Response(answer.content, answer.status_code), answer)
        return last

    async def _is_ready(self, replica: str) -> bool:
        """Return whether a replica says that it is; one that gives no answer to that is not."""
        if self.trusts(replica):
            return True
        asked = time.monotonic()
        try:
            answer = await self._http.get(f"{replica}/readyz")
        except httpx.TransportError:
            return False
        if answer.is_success:
            self._ready_until[replica] = asked + READY_SECONDS
        return answer.is_success

    async def _sent(self, request: Request, body: bytes, replica: str) -> httpx.Response:
        query = f"?{request.url.query}" if request.url.query else ""
        address = f"{replica}{request.url.path}{query}"
        sender = request.client.host if request.client else ""
        headers = [*_kept(request.headers.raw), (b"x-forwarded-for", sender.encode())]
        return await self._http.send(
            self._http.build_request(request.method, address, headers=headers, content=body), stream=True
        )


def _kept(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return the headers that go on, each as often as it is there."""
    return [(name.lower(), value) for name, value in headers if name.lower() not in OWN]


def _headed(response: Response, answer: httpx.Response) -> Response:
    response.raw_headers = _kept(answer.headers.raw)
    return response


def _streamed(answer: httpx.Response) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        try:
            async for piece in answer.aiter_raw():
                yield piece
        finally:
            await answer.aclose()

    return _headed(StreamingResponse(pieces(), answer.status_code), answer)
