"""The network itself, over real sockets: what goes out, what comes in, and what is made of the errors in between."""

import gzip
import socket
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

import anyio
import httpcore2
import httpx
import pytest
from anyio.abc import SocketStream

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth
from scripted_http import GIVEN, PATH

from .sockets import GONE, Talk, serving, unused_port

pytestmark = pytest.mark.anyio


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


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "deflate ": lambda data: zlib.compress(data, wbits=-15),
    "identity": bytes,
}


@pytest.mark.parametrize("coding", PACKERS)
async def test_a_compressed_read_is_unpacked_once(coding: str) -> None:
    body = PACKERS[coding](b'{"a": 1}')
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


async def test_a_body_that_inflates_beyond_the_cap_is_not_inflated_to_its_end() -> None:
    bomb = gzip.compress(bytes(100_000_000), 1)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    talk, _ = answering(head.encode() + bomb)
    async with serving(talk) as url, reading(url) as client:
        tracemalloc.start()
        with pytest.raises(errors.Unanswered, match="larger than 1000 bytes"):
            await client.request("GET", PATH, group="light")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 8_000_000


async def test_what_is_below_the_cap_is_inflated_whole_however_it_is_cut() -> None:
    data = b"[" + b"0," * 400 + b"0]"
    packed = gzip.compress(data)

    async def talk(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
        for byte in packed:
            await stream.send(b"1\r\n" + bytes([byte]) + b"\r\n")
        await stream.send(b"0\r\n\r\n")

    async with serving(talk) as url, reading(url) as client:
        assert (await client.request("GET", PATH, group="light")).data == [0] * 401


@pytest.mark.parametrize(
    ("coding", "body", "problem"),
    [
        ("br", b"whatever", "unknown"),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}", mtime=0), mtime=0), "unknown"),
        ("gzip", b"plain", "damaged"),
        ("gzip", gzip.compress(b"{}", mtime=0)[:-9], "damaged"),
    ],
    ids=["another", "two at once", "none", "cut off"],
)
async def test_a_compression_that_cannot_be_undone_is_said_so(coding: str, body: bytes, problem: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(body)}\r\n\r\n"
    talk, _ = answering(head.encode() + body)
    async with serving(talk) as url, reading(url) as client:
        with pytest.raises(errors.Unanswered, match=f"its compression is {problem}"):
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


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Breaking:
    """A server that ends each connection at a moment, and counts the requests that it sees."""

    def __init__(self, moment: str) -> None:
        self._moment = moment
        self.seen = 0

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
        port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 (anyio's, not Django's)
        async with listener, anyio.create_task_group() as tasks:
            tasks.start_soon(listener.serve, self._one)
            yield f"http://127.0.0.1:{port}"
            tasks.cancel_scope.cancel()

    async def _one(self, stream: SocketStream) -> None:
        with suppress(*GONE):
            await self._talk(stream)
        if self._moment.endswith("reset"):
            stream.extra(anyio.abc.SocketAttribute.raw_socket).setsockopt(  # noqa: S610 (anyio's, not Django's)
                socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
            )
        await stream.aclose()

    async def _talk(self, stream: SocketStream) -> None:
        if self._moment.startswith("accepted"):
            return
        if self._moment.startswith("kept"):
            await self._hear(stream)
            await stream.send(ANSWER)
            if self._moment == "kept, idle":
                return
        await self._hear(stream)
        if self._moment == "within the head of the answer":
            await stream.send(ANSWER[:20])
        if self._moment == "within the answer":
            await stream.send(ANSWER[:-1])

    async def _hear(self, stream: SocketStream) -> None:
        """A request: no more than its first line where that is the moment."""
        if self._moment.startswith("request line"):
            heard = await stream.receive(1)
            while not heard.endswith(b"\r\n"):
                heard += await stream.receive(1)
        else:
            heard = await stream.receive()
            while b"\r\n\r\n" not in heard:
                heard += await stream.receive()
        self.seen += heard.count(b" HTTP/1.1\r\n")


MOMENTS = (
    "accepted",
    "accepted, reset",
    "request line",
    "request line, reset",
    "request",
    "request, reset",
    "within the head of the answer",
    "within the answer",
)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("method", METHODS)
async def test_the_network_sends_nothing_twice_whenever_a_connection_breaks(method: str, moment: str) -> None:
    server = Breaking(moment)
    async with server.serving() as url, build_http(url, httpx.Auth(), user_agent="tests/1") as http:
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await http.request(method, PATH, content=None if method == "GET" else b"{}")
    assert server.seen == (0 if moment.startswith("accepted") else 1)


@pytest.mark.parametrize("method", METHODS)
async def test_a_request_on_a_kept_connection_that_breaks_under_it_is_not_sent_again(method: str) -> None:
    server = Breaking("kept, broken by the next request")
    async with server.serving() as url, build_http(url, httpx.Auth(), user_agent="tests/1") as http:
        await http.request(method, PATH)
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            await http.request(method, PATH)
    assert server.seen == 2


@pytest.mark.parametrize("method", METHODS)
async def test_a_kept_connection_that_the_server_closed_is_not_used_again(method: str) -> None:
    server = Breaking("kept, idle")
    async with server.serving() as url, build_http(url, httpx.Auth(), user_agent="tests/1") as http:
        for _ in range(3):
            assert (await http.request(method, PATH)).status_code == 200
            await anyio.wait_all_tasks_blocked()
    assert server.seen == 3


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize(("method", "times"), [("GET", 3), ("POST", 1), ("PUT", 1), ("PATCH", 1), ("DELETE", 1)])
async def test_the_client_sends_a_write_once_and_a_read_three_times(method: str, times: int, moment: str) -> None:
    server = Breaking(moment)
    async with server.serving() as url, reading(url) as client:
        with pytest.raises(errors.Unanswered, match="connection lost"):
            await client.request(method, PATH, json=None if method == "GET" else {}, group="medium")
    assert server.seen == (0 if moment.startswith("accepted") else times)


def test_every_error_of_the_pool_has_one_of_httpx_by_its_name() -> None:
    every = [one for one in vars(httpcore2).values() if isinstance(one, type) and issubclass(one, Exception)]
    every.remove(httpcore2.ConnectionNotAvailable)  # never leaves the pool
    assert len(every) >= 14
    assert all(issubclass(getattr(httpx, one.__name__), httpx.TransportError) for one in every)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_both_kinds_of_address_are_reached(host: str) -> None:
    if host == "::1" and not socket.has_ipv6:
        pytest.skip("this system has no IPv6")
    listener = await anyio.create_tcp_listener(local_host=host, local_port=0)
    port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 (anyio's, not Django's)
    heads: list[bytes] = []

    async def one(stream: SocketStream) -> None:
        async with stream:
            heads.append(await stream.receive())
            await stream.send(ANSWER)

    shown = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, one)
        async with reading(f"http://{shown}") as client:
            await client.request("GET", PATH, group="light")
        tasks.cancel_scope.cancel()
    assert f"Host: {shown}".encode() in heads[0]
