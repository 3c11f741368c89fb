"""HTTP requests that do not arrive."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
import pytest
from anyio.abc import SocketStream
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ringcentral_meetings.protocol import http, punctual

pytestmark = pytest.mark.anyio

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
PATIENCE_SECONDS = 30.0


class Echo:
    """An application that answers with the body, and counts the callers that left before it was there."""

    def __init__(self) -> None:
        self.left = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await Request(scope, receive).body()
        except ClientDisconnect:
            self.left += 1
            return
        await PlainTextResponse(body)(scope, receive, send)


@asynccontextmanager
async def served(app: ASGIApp) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    ready = anyio.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(http.Server(http.quiet_config(app), ready.set).serve, [listener])
        await ready.wait()
        yield listener.getsockname()[1]
        group.cancel_scope.cancel()
    listener.close()


async def all_of(stream: SocketStream) -> bytes:
    """Everything until the server closes the connection."""
    data = b""
    with anyio.fail_after(PATIENCE_SECONDS):
        try:
            while True:
                data += await stream.receive()
        except anyio.EndOfStream:
            return data


@pytest.mark.parametrize(
    ("sent", "answered", "left"),
    [(b"", b"HTTP/1.1 408 ", 0), (b"POST / HT", b"HTTP/1.1 408 ", 0), (HEAD, b"", 1), (HEAD + b"ab", b"", 1)],
    ids=["nothing", "half a line", "no body", "half a body"],
)
async def test_a_half_sent_request_is_ended(
    sent: bytes, answered: bytes, left: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(punctual, "REQUEST_SECONDS", 0.2)
    app = Echo()
    async with served(app) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        if sent:
            await stream.send(sent)
        assert (await all_of(stream)).startswith(answered)
        assert app.left == left


async def test_a_request_that_is_here_may_take_its_time_and_so_may_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(punctual, "REQUEST_SECONDS", 10_000.0)
    async with served(Echo()) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        for _ in range(2):
            await stream.send(HEAD + b"ab")
            await stream.send(b"cde")
            with anyio.fail_after(PATIENCE_SECONDS):
                while not (await stream.receive()).endswith(b"abcde"):
                    pass
            assert punctual.PunctualProtocol.unfinished() == 0


async def test_the_oldest_of_too_many_half_sent_requests_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(punctual, "MAX_UNFINISHED", 3)
    async with served(Echo()) as port:
        streams = [await anyio.connect_tcp("127.0.0.1", port) for _ in range(5)]
        for stream in streams[:2]:
            assert (await all_of(stream)).startswith(b"HTTP/1.1 408 ")
        await streams[4].send(HEAD + b"abcde")
        with anyio.fail_after(PATIENCE_SECONDS):
            assert (await streams[4].receive()).startswith(b"HTTP/1.1 200 ")
        for stream in streams:
            await stream.aclose()


@pytest.mark.parametrize("inner", [punctual._Inner, H11Protocol], ids=["as installed", "h11"])  # noqa: SLF001
async def test_blanks_around_the_value_of_a_header_are_no_part_of_it(
    inner: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(punctual, "_Inner", inner)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"[{Request(scope).headers['mcp-name']}]")(scope, receive, send)

    asked = b"GET / HTTP/1.1\r\nHost: x\r\nMcp-Name: \t get_meeting \t\r\nConnection: close\r\n\r\n"
    async with served(app) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(asked)
        assert (await all_of(stream)).endswith(b"[get_meeting]")
