"""The network itself, over real sockets: reads and writes go out by different libraries and keep the same promises."""

import asyncio
import gzip
import shutil
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketStream

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth
from scripted_http import GIVEN, PATH

from .test_sockets import unused_port

pytestmark = pytest.mark.anyio

Talk = Callable[[SocketStream], Awaitable[None]]
GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[str]:
    """A server that hears a request on each connection, and then talks until the other side goes."""

    async def one(stream: SocketStream) -> None:
        async with stream:
            with suppress(*GONE):
                await stream.receive()
                await talk(stream)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 (anyio's, not Django's)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, one)
        yield f"http://127.0.0.1:{port}"
        tasks.cancel_scope.cancel()


@asynccontextmanager
async def reading(
    server_url: str, *, read_timeout: float = 20.0, proxy: str | None = None
) -> AsyncIterator[PlatformClient]:
    clock = LoopClock()
    async with build_http(server_url, GivenTokenAuth(GIVEN), proxy=proxy, user_agent="tests/1") as http:
        limits = RateLimits({}, clock)
        yield PlatformClient(
            http, limits, clock=clock, random=lambda: 0.0, read_timeout=read_timeout, max_body_bytes=1_000
        )


def answering(*answers: bytes) -> tuple[Talk, list[bytes]]:
    """Says each answer to one request of a connection, and keeps what was asked beyond the first."""
    asked: list[bytes] = []

    async def talk(stream: SocketStream) -> None:
        for number, answer in enumerate(answers):
            if number:
                asked.append(await stream.receive())
            await stream.send(answer)

    return talk, asked


async def test_a_read_sends_what_httpx_would_and_nothing_else() -> None:
    heads: list[bytes] = []

    async def talk(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        heads.append(await stream.receive())
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(talk) as url, reading(url) as client:
        await client.request("GET", PATH, group="light")
        values = {"id": "a/b %?ü+@:!"}
        await client.request("GET", f"{PATH}/{{id}}", values=values, query={"q": "x y&z"}, group="light")
    lines = heads[0].decode().split("\r\n")
    assert lines[0] == "GET /restapi/v1.0/thing/a%2Fb%20%25%3F%C3%BC%2B%40%3A%21?q=x+y%26z HTTP/1.1"
    names = sorted(line.partition(":")[0].lower() for line in lines[1:] if line)
    assert names == ["accept", "accept-encoding", "authorization", "connection", "host", "user-agent"]
    assert "User-Agent: tests/1" in lines


async def test_a_redirect_of_a_read_is_not_followed() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    talk, asked = answering(moved, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    async with serving(talk) as url, reading(url) as client:
        with pytest.raises((errors.Refused, errors.Unanswered)):
            await client.request("GET", PATH, group="light")
    assert asked == []


async def test_a_cookie_is_not_sent_back() -> None:
    once = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 2\r\n\r\n{}"
    talk, asked = answering(once, once)
    async with serving(talk) as url, reading(url) as client:
        await client.request("GET", PATH, group="light")
        await client.request("GET", PATH, group="light")
    assert len(asked) == 1
    assert b"cookie" not in asked[0].lower()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_compressed_read_is_unpacked_once(coding: str) -> None:
    body = (gzip.compress if coding == "gzip" else zlib.compress)(b'{"a": 1}')
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    talk, _ = answering(head.encode() + body)
    async with serving(talk) as url, reading(url) as client:
        assert (await client.request("GET", PATH, group="light")).data == {"a": 1}


async def test_a_body_over_the_cap_is_not_read_to_its_end() -> None:
    async def talk(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            await stream.send(b"400\r\n" + b" " * 1_024 + b"\r\n")

    async with serving(talk) as url, reading(url) as client:
        with pytest.raises(errors.Unanswered, match="larger than 1000 bytes"):
            await client.request("GET", PATH, group="light")


async def test_a_dripping_read_ends_at_its_deadline() -> None:
    async def talk(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{")
        await stream.receive()

    async with serving(talk) as url, reading(url, read_timeout=0.1) as client:
        with pytest.raises(errors.Unanswered, match="timeout"):
            await client.request("GET", PATH, group="light")


async def test_a_read_that_finds_nobody_says_why() -> None:
    async with reading(f"http://127.0.0.1:{unused_port()}") as client:
        with pytest.raises(errors.Refused, match="connection refused"):
            await client.request("GET", PATH, group="light")
    async with reading("https://nowhere.invalid") as client:
        with pytest.raises(errors.Refused, match="name not resolved"):
            await client.request("GET", PATH, group="light")


async def test_a_read_trusts_no_server_without_tls() -> None:
    talk, _ = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    async with serving(talk) as url, reading(url.replace("http:", "https:")) as client:
        with pytest.raises(errors.Refused, match="tls"):
            await client.request("GET", PATH, group="light")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"HTTP/1.1 200 O",
        b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"a',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\n{"a"\r\n',
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
    ],
)
async def test_a_read_that_breaks_off_is_unanswered(sent: bytes) -> None:
    async def talk(stream: SocketStream) -> None:
        await stream.send(sent)

    async with serving(talk) as url, reading(url) as client:
        with pytest.raises(errors.Unanswered):
            await client.request("GET", PATH, group="light")


async def test_a_cancelled_read_leaves_the_client_usable() -> None:
    silent = anyio.Event()
    asked = 0

    async def talk(stream: SocketStream) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            silent.set()
            await stream.receive()
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(talk) as url, reading(url) as client:
        async with anyio.create_task_group() as group:
            group.start_soon(lambda: client.request("GET", PATH, group="light"))
            await silent.wait()
            group.cancel_scope.cancel()
        assert (await client.request("GET", PATH, group="light")).data == {}


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_write_on_a_kept_connection_that_died_is_sent_once(method: str) -> None:
    """aiohttp would send PUT and DELETE again, on a new connection."""
    seen: list[bytes] = []

    async def talk(stream: SocketStream) -> None:
        seen.append(b"connection")
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        seen.append(await stream.receive())

    async with serving(talk) as url, reading(url) as client:
        await client.request(method, PATH, json={}, group="medium")
        with pytest.raises(errors.Unanswered):
            await client.request(method, PATH, json={}, group="medium")
    assert [what for what in seen if what == b"connection"] == [b"connection"]


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_with_a_proxy_everything_goes_through_it(method: str) -> None:
    lines: list[bytes] = []

    async def talk(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        lines.append((await stream.receive()).partition(b"\r\n")[0])
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    async with serving(talk) as proxy, reading("http://platform.invalid", proxy=proxy) as client:
        await client.request(method, PATH, group="light")
        await client.request(method, PATH, group="light")
    assert lines == [f"{method} http://platform.invalid{PATH} HTTP/1.1".encode()]


async def test_what_looks_at_the_connection_itself_can_see_it() -> None:
    talk, _ = answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
    async with (
        serving(talk) as url,
        build_http(url, GivenTokenAuth(GIVEN), user_agent="tests/1") as http,
        http.stream("GET", PATH) as response,
    ):
        assert response.extensions["network_stream"].get_extra_info("server_addr") is not None


async def test_certificates_named_by_the_environment_are_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere/at/all.pem")
    async with reading(f"https://127.0.0.1:{unused_port()}") as client:
        with pytest.raises(errors.Refused, match="connection refused"):
            await client.request("GET", PATH, group="light")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_an_untrusted_certificate_ends_a_read_before_it_is_sent(tmp_path: Path) -> None:
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    files = [str(tmp_path / name) for name in ("cert.pem", "key.pem")]
    await anyio.run_process([*made.split(), "-out", files[0], "-keyout", files[1]])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    heard: list[bytes] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    async with server, reading(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}") as client:
        with pytest.raises(errors.Refused, match="tls"):
            await client.request("GET", PATH, group="light")
    assert heard == []
