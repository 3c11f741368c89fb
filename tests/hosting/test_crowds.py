"""Many connections at the same moment, as a balancer opens them."""

import socket

import anyio
import pytest

from ringcentral_meetings.hosting import serving
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.store import KeyRing, memory_store

pytestmark = pytest.mark.anyio

CROWD = 300


async def test_no_connection_of_a_crowd_is_ended_because_of_the_others() -> None:
    store = memory_store(KeyRing.new())
    with socket.create_server(("127.0.0.1", 0), backlog=CROWD) as listener:
        async with serving.aside(Metrics(), serving.Health(store), [listener]):
            streams = [await anyio.connect_tcp("127.0.0.1", listener.getsockname()[1]) for _ in range(CROWD)]
            with anyio.fail_after(60):
                for stream in streams:
                    await stream.send(b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
                answers = [(await stream.receive())[:12] for stream in streams]
            for stream in streams:
                await stream.aclose()
    assert answers == [b"HTTP/1.1 200"] * CROWD
