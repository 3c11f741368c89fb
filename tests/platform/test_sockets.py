"""The same client over real sockets, where the faults are the operating system's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from anyio.abc import SocketStream

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth
from scripted_http import GIVEN, PATH

from .sockets import serving, unused_port

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def client_of(server_url: str) -> AsyncIterator[PlatformClient]:
    clock = LoopClock()
    async with build_http(server_url, GivenTokenAuth(GIVEN), user_agent="tests/1") as http:
        yield PlatformClient(http, RateLimits({}, clock), clock=clock, random=lambda: 0.0, write_timeout=2.0)


async def test_an_answer_is_read() -> None:
    async def talk(stream: SocketStream) -> None:
        await stream.send(b'HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n{"a": 1}')

    async with serving(talk) as url, client_of(url) as client:
        assert (await client.request("GET", PATH, group="light")).data == {"a": 1}


async def test_a_refused_connection_was_never_sent() -> None:
    async with client_of(f"http://127.0.0.1:{unused_port()}") as client:
        with pytest.raises(errors.Refused, match="connection refused"):
            await client.request("POST", PATH, group="medium")


async def test_a_name_that_is_not_resolved_was_never_sent() -> None:
    async with client_of("https://nowhere.invalid") as client:
        with pytest.raises(errors.Refused, match="name not resolved"):
            await client.request("POST", PATH, group="medium")


async def test_a_server_that_speaks_no_tls_was_never_sent_to() -> None:
    async def talk(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with serving(talk) as url, client_of(url.replace("http:", "https:")) as client:
        with pytest.raises(errors.Refused, match="tls"):
            await client.request("POST", PATH, group="medium")


@pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 201 Cre", b'HTTP/1.1 201 Created\r\nContent-Length: 90\r\n\r\n{"a'])
async def test_a_connection_that_ends_within_the_answer_leaves_the_outcome_open(sent: bytes) -> None:
    async def talk(stream: SocketStream) -> None:
        await stream.send(sent)

    async with serving(talk) as url, client_of(url) as client:
        with pytest.raises(errors.Unanswered, match="connection lost"):
            await client.request("POST", PATH, json={}, group="medium")


async def test_what_is_no_http_leaves_the_outcome_open() -> None:
    async def talk(stream: SocketStream) -> None:
        await stream.send(b"SSH-2.0-OpenSSH\r\n\r\n")

    async with serving(talk) as url, client_of(url) as client:
        with pytest.raises(errors.Unanswered):
            await client.request("POST", PATH, json={}, group="medium")
