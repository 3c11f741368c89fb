"""One built server, clients of both protocol eras at the same time."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from importlib.metadata import version
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp_types import Implementation, ListRootsResult, TextContent, Tool

from assistant import MODES, ManualClock, Mode
from ringcentral_meetings.app import READ_TOOLS, WRITE_TOOLS, build_server
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator
from ringcentral_meetings.tools import Door

pytestmark = pytest.mark.anyio

PRESENT = "2026-07-28"


@contextmanager
def built(*, read_only: bool = False) -> Iterator[ContractServer[Door]]:
    clock = ManualClock()
    settings = Settings(simulator=True, read_only=read_only, log_level="CRITICAL")
    with closing(Simulator(clock=clock.now, sleep=clock.sleep, seeded=False)) as simulator:
        yield build_server(settings, transport=simulator.transport(), clock=clock, now=clock.instant)


@asynccontextmanager
async def connected(mode: Mode = "auto", read_only: bool = False, **callbacks: Any) -> AsyncIterator[Client]:
    with built(read_only=read_only) as server:
        async with Client(server, mode=mode, **callbacks) as client:
            yield client


@asynccontextmanager
async def both() -> AsyncIterator[tuple[Client, Client]]:
    with built() as server:
        async with Client(server, mode="legacy") as legacy, Client(server, mode="auto") as modern:
            yield legacy, modern


def published(tool: Tool) -> dict[str, Any]:
    return tool.model_dump(mode="json", by_alias=True, exclude_none=True)


async def test_each_client_gets_the_protocol_of_its_era() -> None:
    async with both() as (legacy, modern):
        assert modern.protocol_version == PRESENT
        assert legacy.protocol_version < PRESENT


async def test_both_eras_are_told_who_serves_and_how_to_use_it() -> None:
    async with both() as clients:
        for client in clients:
            expected = Implementation(
                name="ringcentral-meetings-mcp",
                title="RingCentral Meetings",
                version=version("ringcentral-meetings-mcp"),
            )
            assert client.server_info == expected
            assert client.instructions
            assert client.instructions.startswith("RingCentral meetings")
        assert clients[0].instructions == clients[1].instructions


async def test_both_eras_are_shown_the_same_tools_in_the_same_order() -> None:
    async with both() as (legacy, modern):
        older = [published(tool) for tool in (await legacy.list_tools()).tools]
        newer = [published(tool) for tool in (await modern.list_tools()).tools]
        assert older == newer
        assert [tool["name"] for tool in newer] == [spec.fn.__name__ for spec in (*READ_TOOLS, *WRITE_TOOLS)]


async def test_two_lists_are_the_same_bytes() -> None:
    async with connected() as first, connected() as second:
        assert (await first.list_tools()).model_dump_json() == (await second.list_tools()).model_dump_json()


async def test_lists_may_be_kept_by_a_client_of_the_present_era_and_by_no_one_else() -> None:
    async with both() as (_, modern):
        for listed in (await modern.list_tools(), await modern.list_prompts(), await modern.list_resources()):
            assert listed.ttl_ms >= 60_000
            assert listed.cache_scope == "private"


async def test_no_notice_is_promised_that_would_never_come() -> None:
    async with both() as clients:
        for client in clients:
            told = client.server_capabilities
            assert told.tools is not None
            assert told.prompts is not None
            assert told.resources is not None
            promised = (told.tools.list_changed, told.prompts.list_changed, told.resources.list_changed)
            assert not any((*promised, told.resources.subscribe))


async def test_calls_of_both_eras_at_once_are_answered_each_for_itself() -> None:
    topics: dict[str, str] = {}

    async def create_and_read(client: Client, topic: str) -> None:
        arguments = {"topic": topic, "start_time": "2026-12-01T10:00", "time_zone": "Europe/Paris"}
        made = (await client.call_tool("create_meeting", arguments)).structured_content
        assert made is not None
        read = await client.call_tool("get_meeting", {"meeting_id": made["meeting"]["meeting_id"]})
        assert read.structured_content is not None
        topics[topic] = read.structured_content["meeting"]["topic"]

    async with both() as clients, anyio.create_task_group() as tasks:
        for turn in range(4):
            for client, era in zip(clients, MODES, strict=True):
                tasks.start_soon(create_and_read, client, f"{era} {turn}")
    assert len(topics) == 8
    assert all(asked == got for asked, got in topics.items())


@pytest.mark.parametrize("mode", MODES)
async def test_a_read_only_server_lists_the_reading_tools_and_no_others(mode: Mode) -> None:
    async with connected(mode, read_only=True) as client:
        tools = (await client.list_tools()).tools
        assert [tool.name for tool in tools] == [spec.fn.__name__ for spec in READ_TOOLS]
        assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in tools)
    async with connected(mode) as client:
        reading = [
            tool for tool in (await client.list_tools()).tools if tool.annotations and tool.annotations.read_only_hint
        ]
        assert [published(tool) for tool in reading] == [published(tool) for tool in tools]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", [spec.fn.__name__ for spec in WRITE_TOOLS])
async def test_a_read_only_server_refuses_a_write_and_names_the_tools_it_has(mode: Mode, name: str) -> None:
    async with connected(mode, read_only=True) as client:
        answer = await client.call_tool(name, {})
    (block,) = answer.content
    assert isinstance(block, TextContent)
    assert answer.is_error
    assert f"{name} is not available: this server is read-only." in block.text
    assert all(spec.fn.__name__ in block.text for spec in READ_TOOLS)


@pytest.mark.parametrize("mode", MODES)
async def test_a_read_only_server_promises_no_changes(mode: Mode) -> None:
    async with connected(mode, read_only=True) as client:
        said = client.instructions or ""
        assert "This server changes nothing" in said
        assert len(said.encode()) < 2_000
        assert not [spec.fn.__name__ for spec in WRITE_TOOLS if spec.fn.__name__ in said]


@pytest.mark.parametrize("mode", MODES)
async def test_nothing_is_asked_of_a_client_beyond_the_protocol_s_core(mode: Mode) -> None:
    """No sampling, no roots, no log messages, though the client offers all of them."""
    used: list[str] = []

    async def sample(context: Any, params: Any) -> Any:
        used.append("sampling")

    async def roots(context: Any) -> ListRootsResult:
        used.append("roots")
        return ListRootsResult(roots=[])

    async def log(params: Any) -> None:
        used.append("logging")

    offered: dict[str, Any] = {"sampling_callback": sample, "list_roots_callback": roots, "logging_callback": log}
    async with connected(mode, **offered) as client:
        capabilities = client.server_capabilities.model_dump(exclude_none=True)
        # The SDK leaves extensions out of what sessions of earlier revisions are told.
        extensions = {"extensions"} if mode == "auto" else set()
        assert set(capabilities) == {"tools", "prompts", "resources", "completions", *extensions}
        listed = await client.call_tool("list_meetings", {})
        missed = await client.call_tool("get_meeting", {"meeting_id": "404"})
    assert (bool(listed.is_error), missed.is_error) == (False, True)
    assert used == []
