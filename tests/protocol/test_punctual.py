"""HTTP requests that do not arrive."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

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


installed = pytest.mark.parametrize(
    "inner",
    [punctual._Inner, H11Protocol],  # noqa: SLF001
    ids=["as installed", "h11"],
)


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
    monkeypatch.setattr(punctual.PunctualProtocol, "most_unfinished", 3)
    async with served(Echo()) as port:
        streams = [await anyio.connect_tcp("127.0.0.1", port) for _ in range(5)]
        for stream in streams[:2]:
            assert (await all_of(stream)).startswith(b"HTTP/1.1 408 ")
        await streams[4].send(HEAD + b"abcde")
        with anyio.fail_after(PATIENCE_SECONDS):
            assert (await streams[4].receive()).startswith(b"HTTP/1.1 200 ")
        for stream in streams:
            await stream.aclose()


@installed
async def test_trailers_are_no_headers(inner: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy has set the headers; what comes after the body is the client's own."""
    monkeypatch.setattr(punctual, "_Inner", inner)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        body = await request.body()
        await PlainTextResponse(f"{body.decode()}{request.headers.getlist('x-forwarded-for')}")(scope, receive, send)

    head = (
        b"POST / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: first\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n"
    )
    chunks = b"2\r\nab\r\n0\r\nX-Forwarded-For: forged\r\n\r\n"
    async with served(app) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(head + b"\r\n" + chunks)
        assert (await all_of(stream)).endswith(b"ab['first']")


@installed
@pytest.mark.parametrize(
    ("begin", "more"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: ", b"a" * 10_000),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", b"A: b\r\n" * 2_000),
        (b"GET /", b"a" * 10_000),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ", b"a" * 10_000),
    ],
    ids=["a value", "headers", "a path", "a trailer"],
)
async def test_a_head_without_an_end_is_not_read_for_long(
    begin: bytes, more: bytes, inner: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(punctual, "_Inner", inner)
    monkeypatch.setattr(punctual, "REQUEST_SECONDS", 10_000.0)
    async with served(Echo()) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(begin)
        with anyio.fail_after(PATIENCE_SECONDS), suppress(anyio.BrokenResourceError):
            while True:
                await stream.send(more)


@installed
async def test_a_long_body_is_no_head(inner: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(punctual, "_Inner", inner)
    body = b"b" * (3 * punctual.MAX_HEAD_BYTES)
    head = b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
    async with served(Echo()) as port, await anyio.connect_tcp("127.0.0.1", port) as stream:
        await stream.send(head + body)
        assert (await all_of(stream)).endswith(b"\r\n\r\n" + body)


@installed
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
