"""MCP over streamable HTTP, for one user of this machine.

There is no authentication yet, so only loopback addresses are served, and both Host and Origin are checked: a web page
must not reach the server through a name that it resolves to this machine (DNS rebinding).
"""

import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from types import FrameType
from typing import Any, Final, NamedTuple

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringcentral_meetings.protocol.punctual import PunctualProtocol
from ringcentral_meetings.protocol.server import ContractServer

PATH: Final = "/mcp"
NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
LAST_WORDS_SECONDS: Final = 2
"""How long requests in flight may take once the server is stopping."""

HTTP_PORT: Final = 80
"""The port that clients leave out of Host and Origin."""


class Address(NamedTuple):
    """An address to serve; an IPv6 host is without its brackets."""

    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{PATH}"


class UnusableAddress(Exception):
    """An address that is not served; its text is one line that says why."""


def read_address(text: str, *, for_others: bool = False) -> Address:
    """Read an address as it is given on the command line; `for_others` allows those that other machines reach.

    Raises:
        UnusableAddress: If it is not HOST:PORT, or could be reached from other machines.
    """
    match = re.fullmatch(r"(?:\[([^][]+)\]|([^][:]+)):(\d{1,5})", text)
    if match is None or int(match[3]) > 65_535:
        raise UnusableAddress("give HOST:PORT, such as 127.0.0.1:8911 or [::1]:8911")
    host = (match[1] or match[2]).lower()
    if not for_others and not _is_loopback(host):
        raise UnusableAddress(
            f"{text} could be reached from other machines, and the server does not ask who calls: anybody there "
            "could use your meetings. Give 127.0.0.1:PORT, localhost:PORT or [::1]:PORT"
        )
    return Address(host, int(match[3]))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def listen(address: Address) -> list[socket.socket]:
    """Open the sockets to serve on. `localhost` is both loopback addresses, where the machine has both.

    Port 0 takes a free port.

    Raises:
        OSError: If the port is taken.
    """
    hosts = ("127.0.0.1", "::1") if address.host == "localhost" else (address.host,)
    first = _socket(hosts[0], address.port)
    return [first, *_if_free(hosts[1:], first.getsockname()[1])]


def _if_free(hosts: tuple[str, ...], port: int) -> list[socket.socket]:
    try:
        return [_socket(host, port) for host in hosts]
    except OSError:
        return []


def _socket(host: str, port: int) -> socket.socket:
    listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    # Accepted connections inherit this. asyncio sets it only on sockets that it made itself, and without it the body
    # of an answer waits up to 40 ms for the client to acknowledge the head (Nagle's algorithm and delayed ACK).
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def bound(address: Address, listeners: list[socket.socket]) -> Address:
    """Return the address with the port that the sockets really use."""
    return Address(address.host, listeners[0].getsockname()[1])


async def serve(server: ContractServer[Any], listeners: list[socket.socket], ready: Callable[[], None]) -> int:
    """Serve on open sockets until SIGINT or SIGTERM, and return the signal's number.

    `ready` is called once requests are answered.
    """
    app = build_app(server, listeners)
    async with app.router.lifespan_context(app):
        http = Server(quiet_config(CompletedResponses(app)), ready)
        await http.serve(sockets=listeners)
    return http.received


class Server(uvicorn.Server):
    """A Uvicorn server that calls `ready` once it serves, and keeps the number of the signal that ended it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready
        self.received = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.received = sig
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals as Uvicorn does, without raising them again: SIGTERM would end us before the lifespan ends."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def build_app(server: ContractServer[Any], listeners: list[socket.socket]) -> Starlette:
    """Build the application, which takes requests of this machine alone."""
    app = server.streamable_http_app(streamable_http_path=PATH, transport_security=own_security(listeners))
    app.router.routes.append(Route("/", partial(_introduce, server)))
    return app


async def _introduce(server: ContractServer[Any], request: Request) -> PlainTextResponse:
    """Say what this is to a person who opens the address in a browser."""
    address = request.url.replace(path=PATH, query="")
    return PlainTextResponse(
        f"{server.name} {server.version}: a server of the Model Context Protocol, for RingCentral meetings.\n"
        f"MCP clients connect to {address} (streamable HTTP). In a browser there is nothing more to see.\n"
    )


def own_security(listeners: Sequence[socket.socket]) -> TransportSecuritySettings:
    """Accept as Host only the names of these sockets, and as Origin only their own pages."""
    ports = {listener.getsockname()[1] for listener in listeners}
    own = {listener.getsockname()[0] for listener in listeners}
    names = {*NAMES, *(f"[{host}]" if ":" in host else host for host in own)}
    hosts = [f"{name}:{port}" for name in names for port in ports]
    hosts += names if HTTP_PORT in ports else []
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"http://{host}" for host in hosts],
    )


def quiet_config(app: ASGIApp) -> uvicorn.Config:
    """Return the configuration with which an application is served here; it logs only what is wrong."""
    return uvicorn.Config(
        app,
        http=PunctualProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=LAST_WORDS_SECONDS,
    )


class CompletedResponses:
    """Middleware that ends a response which the application leaves open, as the SDK leaves streams when it stops."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = False

        async def note_and_send(message: Message) -> None:
            nonlocal is_open
            is_open = message["type"] == "http.response.start" or message.get("more_body", False)
            await send(message)

        await self._app(scope, receive, note_and_send)
        if is_open:
            await send({"type": "http.response.body", "body": b""})
