"""Serving stdio, as MCP clients start it."""

import json
import signal
import sys
from pathlib import Path
from typing import Any, Literal

import pytest
from mcp import Client, MCPError
from mcp_types import CallToolResult, TextContent

from cli.processes import (
    COMMAND,
    PATIENCE_SECONDS,
    ask,
    finished,
    parameters,
    said_to_the_end,
    shake_hands,
    started,
    tell,
)

WRITE_TOOLS = {"create_meeting", "update_meeting", "delete_meeting", "end_meeting"}

LOUD = """
import logging, sys

class Loud(logging.Handler):
    def emit(self, record):
        print("loud:", record.getMessage())

print("loud before serving", file=sys.stderr)
logging.getLogger("ringcentral_meetings").addHandler(Loud())
from ringcentral_meetings.cli import main
main()
"""

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def error_of(result: CallToolResult) -> dict[str, Any]:
    block = result.content[0]
    assert result.is_error
    assert isinstance(block, TextContent)
    error: dict[str, Any] = json.loads(block.text)["error"]
    return error


async def tools_of(client: Client) -> set[str]:
    return {tool.name for tool in (await client.list_tools()).tools}


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_a_client_of_either_era_lists_reads_writes_and_is_told_of_errors(mode: Literal["legacy", "auto"]) -> None:
    async with Client(parameters("--simulator"), mode=mode) as client:
        assert await tools_of(client) >= {"list_meetings", "get_meeting", "get_meeting_service_info", *WRITE_TOOLS}
        listed = (await client.call_tool("list_meetings", {"limit": 1})).structured_content
        assert listed is not None
        assert listed["simulated"] is True
        made = await client.call_tool("create_meeting", {"topic": "Over stdio", "start_time": "2099-01-05T10:00"})
        assert made.structured_content is not None
        assert made.structured_content["created"] is True
        missing = await client.call_tool("get_meeting", {"meeting_id": "0"})
        assert error_of(missing)["code"] == "not_found"


@pytest.mark.anyio
async def test_without_credentials_it_starts_and_each_call_says_what_to_set() -> None:
    async with Client(parameters()) as client:
        assert await tools_of(client) >= {"list_meetings", *WRITE_TOOLS}
        for tool, arguments in (
            ("list_meetings", {}),
            ("get_meeting_service_info", {}),
            ("create_meeting", {"topic": "x", "start_time": "2099-01-05T10:00", "time_zone": "UTC"}),
        ):
            error = error_of(await client.call_tool(tool, arguments))
            assert error["code"] == "not_signed_in"
            assert "RINGCENTRAL_CLIENT_ID" in error["next_step"]
            assert "RINGCENTRAL_JWT" in error["next_step"]
            assert "--simulator" in error["next_step"]


@pytest.mark.anyio
@pytest.mark.parametrize("mode", ["legacy", "auto"])
@pytest.mark.parametrize(
    ("options", "env", "named"),
    [
        (("--simulator",), {"RINGCENTRAL_TIMEOUT": "soon"}, "RINGCENTRAL_TIMEOUT"),
        ((), {"RINGCENTRAL_READONLY": "1"}, "RINGCENTRAL_READ_ONLY"),
        (("--env-file", "/no/such/file"), {}, "/no/such/file"),
    ],
)
async def test_with_a_wrong_setting_it_starts_with_its_reading_tools_and_each_call_names_the_setting(
    mode: Literal["legacy", "auto"], options: tuple[str, ...], env: dict[str, str], named: str
) -> None:
    async with Client(parameters(*options, **env), mode=mode) as client:
        tools = await tools_of(client)
        assert tools >= {"list_meetings", "get_connection_status"}
        assert not tools & WRITE_TOOLS
        for tool in tools:
            error = error_of(await client.call_tool(tool, {}))
            assert error["code"] == "invalid_settings"
            assert named in error["message"]
            assert "doctor" in error["next_step"]
        with pytest.raises(MCPError, match=named):
            await client.read_resource("ringcentral://meetings/1")


@pytest.mark.anyio
async def test_read_only_offers_no_tool_that_writes_and_refuses_to_call_one() -> None:
    async with Client(parameters("--simulator", "--read-only")) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} >= {"list_meetings", "get_meeting"}
        assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in tools)
        refused = await client.call_tool("create_meeting", {"topic": "x", "start_time": "2099-01-05T10:00"})
        assert error_of(refused)["code"] == "invalid_arguments"


@pytest.mark.anyio
@pytest.mark.parametrize("way", ["option", "variable"])
async def test_a_named_env_file_is_read_and_one_that_lies_about_is_not(way: str, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("RINGCENTRAL_SIMULATOR=true\n")
    named = tmp_path / "mine.env"
    named.write_text("RINGCENTRAL_READ_ONLY=true\n")
    option, variable = parameters("--env-file", str(named)), parameters(RINGCENTRAL_ENV_FILE=str(named))
    server = option if way == "option" else variable
    async with Client(server.model_copy(update={"cwd": tmp_path})) as client:
        assert not await tools_of(client) & WRITE_TOOLS
        assert error_of(await client.call_tool("list_meetings", {}))["code"] == "not_signed_in"


def test_nothing_but_protocol_is_on_stdout_even_if_something_prints() -> None:
    with started([sys.executable, "-c", LOUD, "--simulator"], RINGCENTRAL_LOG_LEVEL="DEBUG") as process:
        shake_hands(process)
        calls = [
            ("tools/list", {}),
            ("tools/call", {"name": "list_meetings", "arguments": {}}),
            ("tools/call", {"name": "get_meeting", "arguments": {"meeting_id": "0"}}),
            ("tools/call", {"name": "no_such_tool", "arguments": {}}),
            ("no/such/method", {}),
        ]
        for number, (method, params) in enumerate(calls, 1):
            answer = ask(process, number, method, params)
            assert (answer["jsonrpc"], answer["id"]) == ("2.0", number)
        rest, told = said_to_the_end(process)
    assert rest == ""
    assert process.returncode == 0
    assert "loud: Tool get_meeting answered not_found" in told
    assert "DEBUG" in told


@pytest.mark.parametrize(
    ("method", "params", "told"),
    [
        ("tools/list", {}, "initialize first"),
        (
            "initialize",
            {"protocolVersion": "2025-06-18"},
            "params.capabilities is missing, params.clientInfo is missing",
        ),
        ("tools/call", {"arguments": {}}, "params.name is missing"),
        ("tools/call", {"name": "list_meetings", "arguments": "{"}, "params.arguments is invalid"),
    ],
)
def test_a_request_that_reaches_no_tool_is_told_what_is_missing(method: str, params: dict[str, Any], told: str) -> None:
    with started([*COMMAND, "--simulator"]) as process:
        error = ask(process, 1, method, params)["error"]
        assert error["code"] == -32602
        assert told in error["message"]
        shake_hands(process)


@unix_only
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_though_stdin_stays_open(number: signal.Signals, code: int) -> None:
    with started([*COMMAND, "--simulator"]) as process:
        shake_hands(process)
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == code
        assert process.stderr is not None
        assert process.stderr.read() == ""


AS_ON_WINDOWS = """
import asyncio, signal, sys

def missing(loop, *_):
    signal.set_wakeup_fd(loop._csock.fileno())  # as the loops of Windows do
    raise NotImplementedError

asyncio.SelectorEventLoop.add_signal_handler = missing
from ringcentral_meetings.cli import main
main()
"""


@unix_only
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_on_a_loop_without_signal_handlers_as_on_windows(number: signal.Signals, code: int) -> None:
    with started([sys.executable, "-c", AS_ON_WINDOWS, "--simulator"]) as process:
        shake_hands(process)
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == code
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_the_end_of_stdin_ends_it() -> None:
    done = finished("--simulator")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@unix_only
def test_a_client_that_no_longer_reads_ends_it_without_a_traceback() -> None:
    with started([*COMMAND, "--simulator"]) as process:
        shake_hands(process)
        assert process.stdout is not None
        process.stdout.close()
        tell(process, {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}})
        assert process.wait(PATIENCE_SECONDS) == 1
        assert process.stderr is not None
        assert process.stderr.read() == ""
        process.stdout = None
