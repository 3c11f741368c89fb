"""The HTTP server of a host: its paths, its health, and an end that fails no call."""

import asyncio
import logging
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final
from urllib.parse import urlsplit

import anyio
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from sse_starlette.sse import AppStatus
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringcentral_meetings.hosting import requests
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.hosting.settings import HostSettings, words_of
from ringcentral_meetings.protocol.http import NAMES, PATH, CompletedResponses, Server, own_security
from ringcentral_meetings.protocol.punctual import PunctualProtocol
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.store import Store, StoreDown

LAST_CALLS_SECONDS: Final = 50
"""How long calls in progress may take once no more are let in: 45 s of work, and 5 s for a write in flight."""

KEPT_SECONDS: Final = 620
"""How long a connection is kept without a request: longer than balancers keep theirs, so that it is they who close.

nginx and AWS keep them for 60 s, Google Cloud for 600 s. A request that meets a connection just being closed is lost.
"""

ENDING: Final = ("SIGINT", "SIGTERM", "SIGHUP")
"""The signals that end a process, of those that the system has."""

PING_SECONDS: Final = 1.0
"""How long an answer of the store to the question whether it is there counts."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Health:
    """Whether this process is to be sent requests: its store answers, and it is not about to end."""

    store: Store
    seconds: Callable[[], float] = time.monotonic
    draining: bool = False
    _asked_at: float = field(default=float("-inf"))
    _answered: bool = False
    _asking: anyio.Lock = field(default_factory=anyio.Lock)

    async def ready(self) -> bool:
        """Return whether it is."""
        async with self._asking:
            if not self.draining and self.seconds() - self._asked_at >= PING_SECONDS:
                self._answered = await self._store_answers()
                self._asked_at = self.seconds()
        return self._answered and not self.draining

    async def _store_answers(self) -> bool:
        try:
            await self.store.ping()
        except StoreDown as down:
            logger.warning("Not ready: %s", down)
            return False
        return True

    async def answer_live(self, _request: Request) -> Response:
        """Answer that the process runs."""
        return PlainTextResponse("alive\n")

    async def answer_ready(self, _request: Request) -> Response:
        """Answer whether it is to be sent requests."""
        ready = await self.ready()
        return PlainTextResponse("ready\n" if ready else "not ready\n", 200 if ready else 503)


class HostServer(Server):
    """An HTTP server that at the first signal only says that it is not ready, and ends `drain_seconds` later.

    Meanwhile the balancer takes notice, and what it still sends is answered. A second signal ends it at once, but for
    the calls in progress. SIGHUP, which a terminal sends as it closes, is one of them, unless it is ignored, as under
    `nohup`: nothing is read again while a process runs.
    """

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None], health: Health, drain_seconds: float) -> None:
        super().__init__(config, ready)
        self._health, self._drain_seconds = health, drain_seconds

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._health.draining or self._drain_seconds == 0:
            self._health.draining = True
            super().handle_exit(sig, frame)
            return
        self.received, self._health.draining = sig, True
        logger.info("Ending: not ready from now on, and closed to new requests in %g s", self._drain_seconds)
        asyncio.get_running_loop().call_later(self._drain_seconds, setattr, self, "should_exit", True)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals within the event loop, where there is one to ask for a delay."""
        loop, numbers = asyncio.get_running_loop(), _ending_signals()
        try:
            for number in numbers:
                loop.add_signal_handler(number, self.handle_exit, number, None)
        except (NotImplementedError, RuntimeError, ValueError):  # Windows, or a thread that is not the main one
            with super().capture_signals():
                yield
            return
        try:
            yield
        finally:
            for number in numbers:
                loop.remove_signal_handler(number)


def _ending_signals() -> list[signal.Signals]:
    known = [signal.Signals[name] for name in ENDING if name in signal.Signals.__members__]
    return [number for number in known if number.name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN]


class SideServer(uvicorn.Server):
    """A server that ends on request, and heeds no signal."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def build_mcp_app(server: ContractServer[Any], settings: HostSettings, listeners: Sequence[socket.socket]) -> Starlette:
    """Return the application of the MCP server, in which no request needs what an earlier one left behind."""
    return server.streamable_http_app(
        streamable_http_path=PATH, stateless_http=True, transport_security=_security(settings, listeners)
    )


def build_app(
    mcp: ASGIApp, health: Health, sign_in: Sequence[Route] = (), browsers: Sequence[Middleware] = ()
) -> ASGIApp:
    """Return what a host serves to the balancer: the MCP server, its health, and where people sign in.

    `browsers` lets pages of others call the MCP server.
    """
    routes = [
        Route(PATH, endpoint=CompletedResponses(mcp), middleware=browsers),
        Route("/livez", health.answer_live),
        Route("/readyz", health.answer_ready),
        *sign_in,
    ]
    return _Leaving(requests.Answering(Starlette(routes=routes)), health)


class _Leaving:
    """Ends the connections of a process that is about to end with their next answers, so that none waits on them."""

    def __init__(self, app: ASGIApp, health: Health) -> None:
        self._app, self._health = app, health

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def leaving(message: Message) -> None:
            if message["type"] == "http.response.start" and self._health.draining:
                MutableHeaders(scope=message)["Connection"] = "close"
            await send(message)

        await self._app(scope, receive, leaving)


async def serve(
    app: ASGIApp, listeners: list[socket.socket], settings: HostSettings, health: Health, ready: Callable[[], None]
) -> int:
    """Serve until a signal, and return its number."""
    http = HostServer(_config(app, settings), ready, health, settings.drain_seconds)
    with _streams_completed():
        await http.serve(sockets=listeners)
    return http.received


@contextmanager
def _streams_completed() -> Iterator[None]:
    """Let event streams last until their calls are answered; at a signal, sse-starlette would cut them off.

    None lasts longer than its call, since GET is refused.
    """
    AppStatus.disable_automatic_graceful_drain()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        AppStatus.enable_automatic_graceful_drain_mode()  # type: ignore[no-untyped-call]


@asynccontextmanager
async def aside(metrics: Metrics, health: Health, listeners: list[socket.socket]) -> AsyncIterator[None]:
    """Serve the metrics and the health on sockets of their own, if there are any, for as long as the block runs."""
    if not listeners:
        yield
        return
    app = Starlette(
        routes=[
            Route("/metrics", metrics.answer),
            Route("/livez", health.answer_live),
            Route("/readyz", health.answer_ready),
        ]
    )
    server = SideServer(_config(app, HostSettings(trusted_proxies="")))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(server.serve, listeners)
        try:
            yield
        finally:
            server.should_exit = True


def _security(settings: HostSettings, listeners: Sequence[socket.socket]) -> TransportSecuritySettings:
    """Accept as Host the public name and the names of the sockets, as Origin the pages that may call the server.

    Where people sign in these are also the pages of their own machines, and those of the operator's choice.
    """
    security, public = own_security(listeners), urlsplit(settings.public_url or "")
    names = {public.netloc, public.hostname or ""} - {""}
    pages = [settings.public_url] if settings.public_url else []
    if settings.admission is not None:
        own_machine = [page for name in NAMES for page in (f"http://{name}", f"http://{name}:*")]
        pages += [*words_of(settings.allowed_origins), *own_machine]
    return security.model_copy(update={"allowed_hosts": [*security.allowed_hosts, *names], "allowed_origins": pages})


class _Protocol(PunctualProtocol):
    """One connection: a balancer opens many at the same moment, and each counts until its request is there.

    With half of the 1,024 files that a process may usually open, whoever sends nothing leaves enough for the rest.
    """

    most_unfinished = 512


def _config(app: ASGIApp, settings: HostSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=LAST_CALLS_SECONDS,
        timeout_keep_alive=KEPT_SECONDS,
    )
