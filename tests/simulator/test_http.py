"""The simulator behind a real socket."""

import socket
import threading
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT, Faults, Simulator, http
from simulator.support import EXTENSION, JWT_GRANT, TOKEN_PATH, schedule


@contextmanager
def served(simulator: Simulator, host: str = "127.0.0.1") -> Iterator[httpx.Client]:
    urls: list[str] = []
    bound = threading.Event()

    def ready(url: str) -> None:
        urls.append(url)
        bound.set()

    thread = threading.Thread(target=http.run, args=(simulator, host, 0, ready))
    thread.start()
    assert bound.wait(10)
    with httpx.Client(base_url=urls[0], timeout=5) as client:
        yield client
    simulator.close()
    thread.join(10)
    assert not thread.is_alive()


def sign_in(client: httpx.Client) -> None:
    data = {"grant_type": JWT_GRANT, "assertion": JWT}
    answer = client.post(TOKEN_PATH, data=data, auth=(CLIENT_ID, CLIENT_SECRET))
    client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"


def _has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


def test_it_serves_meetings_over_http() -> None:
    with served(Simulator()) as client:
        sign_in(client)
        created = client.post(f"{EXTENSION}/meeting", json={"topic": "Over HTTP", "schedule": schedule()})
        assert created.status_code == 201
        uri = created.json()["uri"]
        assert uri.startswith(str(client.base_url).rstrip("/"))
        read = client.get(uri)
        assert read.json()["topic"] == "Over HTTP"
        assert read.headers["RCRequestId"]
        assert "Server" not in read.headers
        assert len(read.headers.get_list("Date")) == 1
        assert client.delete(uri).status_code == 204
        assert client.get(f"{EXTENSION}/meeting/a%2Fb").status_code == 404


def test_connections_break_on_the_wire() -> None:
    faults = Faults.parse(
        "POST /meeting$ drop_after x1; POST /meeting$ drop_before after=1 x1; GET /service-info$ truncated;"
        "GET /user-settings$ refused; GET /meeting$ latency=0.01"
    )
    simulator = Simulator(faults=faults, seeded=False)
    with served(simulator) as client:
        sign_in(client)
        for landed in (1, 1):
            with pytest.raises(httpx.RemoteProtocolError):
                client.post(f"{EXTENSION}/meeting", json={"topic": "x", "schedule": schedule()})
            assert len(simulator.meetings()) == landed
        for path in ("service-info", "user-settings"):
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(f"{EXTENSION}/meeting/{path}")
        assert client.get(f"{EXTENSION}/meeting").status_code == 200


def test_it_can_listen_on_ipv6() -> None:
    if not _has_ipv6():
        pytest.skip("this machine has no IPv6 loopback")
    with served(Simulator(), "::1") as client:
        assert "[::1]" in str(client.base_url)
        assert client.get(f"{EXTENSION}/meeting").status_code == 401


@pytest.mark.anyio
async def test_the_application_has_a_lifespan_like_any_other() -> None:
    simulator = Simulator()
    waiting = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]
    sent: list[str] = []

    async def receive() -> MutableMapping[str, Any]:
        return waiting.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message["type"])

    await simulator.app({"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    simulator.close()


@pytest.mark.anyio
async def test_it_can_be_served_without_a_callback_for_when_it_is_ready() -> None:
    simulator = Simulator()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(http.serve, simulator, "127.0.0.1", 0)
        await anyio.lowlevel.checkpoint()
        simulator.close()


def test_a_port_that_is_taken_is_an_error() -> None:
    simulator = Simulator()
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        http.run(simulator, "127.0.0.1", taken.getsockname()[1], print)
    simulator.close()
