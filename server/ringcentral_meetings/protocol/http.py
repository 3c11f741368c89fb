"""Serving MCP over streamable HTTP, for one user of this machine.

There is no authentication yet, so nothing but loopback addresses is served, and both Host and Origin are checked: a
web page must not reach the server through a name that was bent to this machine.
"""

import json
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from types import FrameType
from typing import Final, NamedTuple

import anyio
import click
import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringcentral_meetings import logs
from ringcentral_meetings.app import build_server
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.tools import Services

PATH: Final = "/mcp"
NAMES: Final = ("127.0.0.1", "localhost", "[::1]")
LAST_WORDS_SECONDS: Final = 2
HTTP_PORT: Final = 80


class Address(NamedTuple):
    """Where to serve; the host without brackets."""

    host: str
    port: int

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{PATH}"


class Unusable(Exception):
    """An address that is not served: one line that says why."""


def read_address(text: str) -> Address:
    """An address as given on the command line. Raises `Unusable`."""
    match = re.fullmatch(r"(?:\[([^][]+)\]|([^][:]+)):(\d{1,5})", text)
    if match is None or int(match[3]) > 65_535:
        raise Unusable("give HOST:PORT, such as 127.0.0.1:8911 or [::1]:8911")
    host = (match[1] or match[2]).lower()
    if not _is_loopback(host):
        raise Unusable(
            f"{text} could be reached from other machines, and the server cannot tell who calls yet: anybody there "
            "could use your meetings. Give 127.0.0.1:PORT, localhost:PORT or [::1]:PORT"
        )
    return Address(host, int(match[3]))


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def serve_http(settings: Settings, address: Address) -> int:
    """Serve until SIGINT or SIGTERM; 128 and the signal's number. Raises `OSError` for a port that is taken."""
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    listeners = listen(address)
    try:
        server = build_server(settings)
        return 128 + anyio.run(serve, server, listeners, lambda: _tell(bound(address, listeners)))
    finally:
        for listener in listeners:
            listener.close()


def _tell(address: Address) -> None:
    click.echo(f"Serving MCP at {address.url} (this machine alone). Ctrl-C ends it.", err=True)


def listen(address: Address) -> list[socket.socket]:
    """The sockets; `localhost` is both loopback addresses where the machine has them. Port 0 takes a free one."""
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
    # What is accepted inherits it. asyncio sets it on sockets that it made itself alone, and without it the body of an
    # answer waits some 40 ms for the client to acknowledge the head.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def bound(address: Address, listeners: list[socket.socket]) -> Address:
    """The address with the port that is really used."""
    return Address(address.host, listeners[0].getsockname()[1])


async def serve(server: ContractServer[Services], listeners: list[socket.socket], ready: Callable[[], None]) -> int:
    """Serve on sockets until a signal comes, whose number is returned; `ready` is called once calls are answered."""
    app = build_app(server, listeners)
    async with app.router.lifespan_context(app):
        http = Server(_config(LoneAnswers(app)), ready)
        await http.serve(sockets=listeners)
    return http.received


class Server(uvicorn.Server):
    """Uvicorn, telling when it serves, and keeping the signal that ended it instead of raising it again."""

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
        """As uvicorn's, which would end the process by SIGTERM before the lifespan was left."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def build_app(server: ContractServer[Services], listeners: list[socket.socket]) -> Starlette:
    """The application for those sockets: it answers to their names alone, and to pages of none but theirs."""
    ports = {listener.getsockname()[1] for listener in listeners}
    own = {listener.getsockname()[0] for listener in listeners}
    names = {*NAMES, *(f"[{host}]" if ":" in host else host for host in own)}
    hosts = [f"{name}:{port}" for name in names for port in ports]
    hosts += names if HTTP_PORT in ports else []
    security = TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=hosts,
        allowed_origins=[f"http://{host}" for host in hosts],
    )
    return server.streamable_http_app(streamable_http_path=PATH, transport_security=security)


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=LAST_WORDS_SECONDS,
    )


class LoneAnswers:
    """Answers as JSON where the event stream that the SDK would send holds the answer alone.

    The SDK's own `json_response` does that for every request: progress and questions then have no way to the client,
    and on the present protocol nobody notices that the caller has gone. Here the SDK streams as it always does, the
    beginning of the stream is held back, and what comes first decides. (For the present protocol the SDK does so
    itself.)
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        held = _Held(send, may_be_lone=scope["method"] == "POST")
        await self._app(scope, receive, held)
        await held.finish()


class _Held:
    def __init__(self, send: Send, *, may_be_lone: bool) -> None:
        self._send = send
        self._may_be_lone = may_be_lone
        self._start: Message | None = None
        self._open = False
        self._answered = False

    async def __call__(self, message: Message) -> None:
        if self._answered:
            return
        if message["type"] == "http.response.start" and self._may_be_lone and _streams(message):
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            if answer := lone_answer(message.get("body", b"")):
                await self._answer(start, answer)
                return
            await self._pass(start)
        await self._pass(message)

    async def finish(self) -> None:
        """End a stream that the application left open, as it does when the server ends."""
        if self._start is not None:
            await self._pass(self._start)
        if self._open:
            await self._pass({"type": "http.response.body", "body": b""})

    async def _answer(self, start: Message, answer: bytes) -> None:
        self._answered = True
        await self._send(_as_json(start, len(answer)))
        await self._send({"type": "http.response.body", "body": answer})

    async def _pass(self, message: Message) -> None:
        self._open = message["type"] == "http.response.start" or message.get("more_body", False)
        await self._send(message)


def _streams(start: Message) -> bool:
    return MutableHeaders(raw=start["headers"]).get("content-type", "").startswith("text/event-stream")


def _as_json(start: Message, length: int) -> Message:
    headers = MutableHeaders(raw=list(start["headers"]))
    for name in ("cache-control", "connection", "x-accel-buffering"):
        del headers[name]
    headers["content-type"] = "application/json"
    headers["content-length"] = str(length)
    return {**start, "headers": headers.raw}


def lone_answer(event: bytes) -> bytes | None:
    """The message of an event, if it is the answer to the request; nothing comes after that."""
    lines = event.splitlines()
    data = [line.removeprefix(b"data:").strip() for line in lines if line.startswith(b"data:")]
    if len(data) != 1 or not event.endswith((b"\r\n\r\n", b"\n\n")):
        return None
    message = json.loads(data[0])
    answers = isinstance(message, dict) and "id" in message and ("result" in message or "error" in message)
    return data[0] if answers else None
