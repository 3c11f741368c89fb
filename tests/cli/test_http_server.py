"""Serving MCP over streamable HTTP on this machine, to clients of both protocol eras."""

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
import pytest
import uvicorn
from mcp import Client
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, Implementation, TextContent

from assistant import MODES, ManualClock, Mode
from cli.processes import COMMAND, PATIENCE_SECONDS, started
from ringcentral_meetings.app import build_server
from ringcentral_meetings.protocol import http
from ringcentral_meetings.protocol.http import Address
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Faults, Simulator

JSON = "application/json"
STREAM = "text/event-stream"
BOTH = {"Accept": f"{JSON}, {STREAM}", "Content-Type": JSON}
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    },
}

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
each_mode = pytest.mark.parametrize("mode", MODES)


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


@dataclass
class Hanging:
    """How the simulator's latencies pass: not at all, until the caller is gone."""

    began: anyio.Event = field(default_factory=anyio.Event)
    ended: anyio.Event = field(default_factory=anyio.Event)

    async def sleep(self, seconds: float) -> None:  # noqa: ARG002  (what the simulator calls)
        self.began.set()
        try:
            await anyio.sleep_forever()
        finally:
            self.ended.set()


@dataclass
class Served:
    """A server that runs in this process, on a port of its own."""

    url: str
    simulator: Simulator
    listeners: list[socket.socket]

    @property
    def origin(self) -> str:
        return self.url.removesuffix("/mcp")


@asynccontextmanager
async def serving(faults: str = "", host: str = "127.0.0.1", hanging: Hanging | None = None) -> AsyncIterator[Served]:
    clock = ManualClock()
    sleep = hanging.sleep if hanging else clock.sleep
    simulator = Simulator(clock=clock.now, faults=Faults.parse(faults), sleep=sleep)
    settings = Settings(simulator=True, log_level="CRITICAL")
    server = build_server(settings, transport=simulator.transport(), clock=clock, now=clock.instant)
    address = Address(host, 0)
    listeners = http.listen(address)
    ready = anyio.Event()
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(http.serve, server, listeners, ready.set)
            await ready.wait()
            yield Served(http.bound(address, listeners).url, simulator, listeners)
            group.cancel_scope.cancel()
    finally:
        for listener in listeners:
            listener.close()
        simulator.close()


def body_of(result: CallToolResult) -> dict[str, Any]:
    block = result.content[0]
    assert isinstance(block, TextContent)
    body: dict[str, Any] = json.loads(block.text)
    return body


async def agree(context: Any, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"confirm": True})


@pytest.mark.anyio
@each_mode
async def test_a_client_of_either_era_lists_reads_writes_is_asked_and_is_told_of_errors(mode: Mode) -> None:
    async with serving() as served, Client(served.url, mode=mode, elicitation_callback=agree) as client:
        assert {tool.name for tool in (await client.list_tools()).tools} >= {"list_meetings", "delete_meeting"}
        listed = body_of(await client.call_tool("list_meetings", {"limit": 1}))
        assert listed["simulated"] is True
        start = "2099-01-05T10:00"
        made = body_of(await client.call_tool("create_meeting", {"topic": "Over HTTP", "start_time": start}))
        assert made["created"] is True
        echo = {"meeting_id": made["meeting"]["meeting_id"], "expected_topic": "Over HTTP", "expected_start": start}
        assert body_of(await client.call_tool("delete_meeting", echo))["deleted"] is True
        missing = await client.call_tool("get_meeting", {"meeting_id": "0"})
        assert body_of(missing)["error"]["code"] == "not_found"


@pytest.mark.anyio
@each_mode
async def test_waits_for_rate_limits_are_told_while_the_call_runs(mode: Mode) -> None:
    told: list[str] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        told.append(message or "")

    async with serving("GET /meeting$ rate_limit=1 x1") as served, Client(served.url, mode=mode) as client:
        result = await client.call_tool("list_meetings", {}, progress_callback=on_progress)
    assert not result.is_error
    assert told
    assert "rate limit" in told[0]


@pytest.mark.anyio
@each_mode
async def test_a_caller_that_gives_up_cancels_the_wait_for_ringcentral(mode: Mode) -> None:
    hanging = Hanging()
    async with serving("GET /meeting$ latency=9", hanging=hanging) as served, Client(served.url, mode=mode) as client:
        with anyio.fail_after(PATIENCE_SECONDS):
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "list_meetings", {})
                await hanging.began.wait()
                assert not hanging.ended.is_set()
                group.cancel_scope.cancel()
            await hanging.ended.wait()
        assert not (await client.call_tool("get_meeting_service_info", {})).is_error


@pytest.mark.anyio
@each_mode
async def test_the_slow_calls_of_one_caller_leave_places_for_another(mode: Mode) -> None:
    hanging = Hanging()
    async with serving("GET /meeting$ latency=9", hanging=hanging) as served, anyio.create_task_group() as group:
        slow = Client(served.url, mode=mode, client_info=Implementation(name="slow", version="1"))
        quick = Client(served.url, mode=mode, client_info=Implementation(name="quick", version="1"))
        async with slow, quick:
            for _ in range(30):
                group.start_soon(slow.call_tool, "list_meetings", {})
            await hanging.began.wait()
            with anyio.fail_after(PATIENCE_SECONDS / 2):
                assert not (await quick.call_tool("get_meeting_service_info", {})).is_error
            group.cancel_scope.cancel()


def modern(method: str, params: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """A request of the present protocol, and its headers."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": meta}}
    headers = {**BOTH, "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": method}
    return body, headers | ({"Mcp-Name": params["name"]} if "name" in params else {})


@pytest.mark.anyio
async def test_a_connection_that_breaks_cancels_the_wait_for_ringcentral() -> None:
    hanging = Hanging()
    body, headers = modern("tools/call", {"name": "list_meetings", "arguments": {}})
    async with serving("GET /meeting$ latency=9", hanging=hanging) as served, anyio.create_task_group() as group:

        async def call() -> None:
            async with httpx.AsyncClient(trust_env=False) as client:
                await client.post(served.url, json=body, headers=headers, timeout=None)

        group.start_soon(call)
        with anyio.fail_after(PATIENCE_SECONDS):
            await hanging.began.wait()
            group.cancel_scope.cancel()
        with anyio.CancelScope(shield=True), anyio.fail_after(PATIENCE_SECONDS):
            await hanging.ended.wait()


@pytest.mark.anyio
async def test_an_answer_alone_is_json_in_the_present_era_and_a_stream_in_the_older_one() -> None:
    async with serving() as served, httpx.AsyncClient(trust_env=False, headers=BOTH) as client:
        opened = await client.post(served.url, json=INITIALIZE)
        session = {"Mcp-Session-Id": opened.headers["mcp-session-id"], "MCP-Protocol-Version": "2025-06-18"}
        ready = {"jsonrpc": "2.0", "method": "notifications/initialized"}
        assert (await client.post(served.url, json=ready, headers=session)).status_code == 202
        call = {"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}
        legacy = await client.post(served.url, json=call, headers=session)
        body, headers = modern("tools/list", {})
        present = await client.post(served.url, json=body, headers=headers)
        ended = await client.delete(served.url, headers=session)
    assert [answer.status_code for answer in (opened, legacy, present, ended)] == [200] * 4
    assert (legacy.headers["content-type"], present.headers["content-type"]) == (STREAM, JSON)
    (streamed,) = (line for line in legacy.text.splitlines() if line.startswith("data: {"))
    assert json.loads(streamed.removeprefix("data: "))["result"]["tools"] == present.json()["result"]["tools"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "meetings.example.com"}, 421),
        ({"Host": "127.0.0.1:1"}, 421),
        ({"Host": "127.0.0.1"}, 421),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "http://localhost:1"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
async def test_other_hosts_and_origins_are_refused(headers: dict[str, str], status: int) -> None:
    body, current = modern("tools/list", {})
    async with serving() as served, httpx.AsyncClient(trust_env=False) as client:
        old = await client.post(served.url, json=INITIALIZE, headers=BOTH | headers)
        new = await client.post(served.url, json=body, headers=current | headers)
        own = await client.post(served.url, json=INITIALIZE, headers=BOTH | {"Origin": served.origin})
        assert own.status_code == 200
        assert (old.status_code, new.status_code) == (status, status)


@pytest.mark.anyio
@pytest.mark.parametrize("host", ["localhost", "::1"])
async def test_every_loopback_address_can_be_served(host: str) -> None:
    if host == "::1" and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    async with serving(host=host) as served, Client(served.url) as client:
        assert (await client.list_tools()).tools
        assert len({listener.getsockname()[1] for listener in served.listeners}) == 1


@pytest.mark.anyio
async def test_at_port_80_a_host_without_a_port_is_its_own() -> None:
    class Listener:
        def getsockname(self) -> tuple[str, int]:
            return ("127.0.0.1", 80)

    server = build_server(Settings(simulator=True, log_level="CRITICAL"))
    app = http.build_app(server, [Listener()])  # type: ignore[list-item]  # all that is asked of a socket
    transport = httpx.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport) as client:
        answer = await client.post("http://localhost/mcp", json=INITIALIZE, headers=BOTH)
    assert answer.status_code == 200


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process that serves, and its URL."""
    with started([*COMMAND, *options, "--http", "127.0.0.1:0"]) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("Serving MCP at http://127.0.0.1:"), line
        yield process, line.split()[3]


@pytest.mark.anyio
async def test_the_command_serves_and_tells_where() -> None:
    with running("--simulator", "--read-only") as (_, url):
        async with Client(url) as client:
            tools = (await client.list_tools()).tools
            assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in tools)


@pytest.mark.anyio
async def test_the_root_says_to_a_person_what_this_is() -> None:
    async with serving() as served, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(served.origin + "/")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain")
        assert "Model Context Protocol" in answer.text
        assert f"{served.origin}/mcp " in answer.text
        assert (await client.get(served.origin + "/other")).status_code == 404


@pytest.mark.anyio
async def test_with_a_wrong_setting_the_command_serves_too_and_each_call_names_it() -> None:
    with started([*COMMAND, "--http", "127.0.0.1:0"], RINGCENTRAL_TIMEOUT="soon") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("ringcentral-meetings-mcp: RINGCENTRAL_TIMEOUT: ")
        line = next(line for line in process.stderr if line.startswith("Serving MCP at "))
        async with Client(line.split()[3]) as client:
            assert "create_meeting" not in {tool.name for tool in (await client.list_tools()).tools}
            block = (await client.call_tool("list_meetings", {})).content[0]
            assert isinstance(block, TextContent)
            assert json.loads(block.text)["error"]["code"] == "invalid_settings"


@unix_only
@pytest.mark.anyio
@pytest.mark.parametrize(
    ("number", "code", "mode"),
    [(signal.SIGINT, 130, "legacy"), (signal.SIGTERM, 143, "legacy"), (signal.SIGTERM, 143, "auto")],
)
async def test_a_signal_ends_it_cleanly_though_a_client_is_there(number: int, code: int, mode: Mode) -> None:
    with running("--simulator") as (process, url):
        await anyio.to_thread.run_sync(_signalled_in_session, process, url, mode, number)
        assert process.returncode == code
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def _signalled_in_session(process: subprocess.Popen[str], url: str, mode: Mode, number: int) -> None:
    async def session() -> None:
        body, headers = modern("tools/list", {})
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            if mode == "auto":
                assert (await client.post(url, json=body, headers=headers)).status_code == 200
                process.send_signal(number)
            else:
                opened = await client.post(url, json=INITIALIZE, headers=BOTH)
                session = {"Mcp-Session-Id": opened.headers["mcp-session-id"], "Accept": STREAM}
                async with client.stream("GET", url, headers=session) as listening:
                    assert listening.status_code == 200
                    process.send_signal(number)
                    assert await listening.aread() == b""
            await anyio.to_thread.run_sync(process.wait, PATIENCE_SECONDS)

    anyio.run(session)


@pytest.mark.anyio
async def test_it_serves_in_a_thread_too() -> None:
    ready = threading.Event()
    address = Address("127.0.0.1", 0)
    listeners = http.listen(address)
    app = http.build_app(build_server(Settings(simulator=True, log_level="CRITICAL")), listeners)
    server = http.Server(uvicorn.Config(app, lifespan="on", log_config=None, log_level="critical"), ready.set)
    thread = threading.Thread(target=server.run, args=[listeners])
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    async with Client(http.bound(address, listeners).url) as client:
        assert (await client.list_tools()).tools
    server.should_exit = True
    thread.join(PATIENCE_SECONDS)
    assert not thread.is_alive()


@pytest.mark.anyio
@pytest.mark.parametrize("more", [True, False])
async def test_a_response_that_is_left_open_is_ended_once(more: bool) -> None:
    sent: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"x", "more_body": more})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    await http.CompletedResponses(app)({"type": "http", "method": "POST"}, receive, send)
    assert [message.get("more_body", False) for message in sent[1:]].count(False) == 1
    assert not sent[-1].get("more_body", False)
    assert b"".join(message["body"] for message in sent[1:]) == b"x"
