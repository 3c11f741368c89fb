"""Hosts ask a person, or do not, by what the annotations say: they are held against what is really sent.

A tool that is not called in `arguments` fails here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from mcp_types import Tool

from assistant import Assistant, at_work, scheduled
from ringcentral_meetings.simulator import RecordedCall
from ringcentral_meetings.simulator.ids import engine_uuid

from .sizes import published

pytestmark = pytest.mark.anyio

TOOLS = published().tools

each_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


RECORDED = datetime(2026, 11, 17, 13, 50, tzinfo=UTC)


def past_id(meeting_id: str) -> str:
    """What finds the meeting that was held again, as the simulator numbers it."""
    return f"{meeting_id}:{engine_uuid(f'{meeting_id}:{RECORDED.timestamp()}')}"


def arguments(tool: Tool, meeting_id: str) -> dict[str, Any]:
    """What the tool is called with, where `meeting_id` is a running meeting."""
    named = {"meeting_id": meeting_id}
    matched = named | {"expected_topic": "Standup", "expected_start": "2026-11-23T08:50-05:00"}
    calls: dict[str, dict[str, Any]] = {
        "list_meetings": {"window_start": "2026-11-23", "query": "standup"},
        "get_meeting": named,
        "list_past_meetings": {"window_start": "2026-11-17", "query": "standup"},
        "get_past_meeting": {"past_meeting_id": past_id(meeting_id), "transcript": True},
        "get_meeting_service_info": {"country": "US"},
        "get_connection_status": {"check": "full"},
        "find_meeting_times": {"duration_minutes": 30},
        "get_meeting_invitation": named,
        "create_meeting": {"topic": "Retro", "meeting_type": "Instant"},
        "update_meeting": named | {"topic": "Standup 2", "settings": {"enable_waiting_room": True}},
        "delete_meeting": matched,
        "end_meeting": matched,
    }
    return calls[tool.name]


@asynccontextmanager
async def beginning() -> AsyncIterator[tuple[Assistant, str]]:
    async with at_work() as assistant:
        schedule = scheduled("2026-11-23T13:50:00Z", 60)
        fields: dict[str, Any] = {"topic": "Standup", "meetingType": "Scheduled", "schedule": schedule, "started": True}
        meeting_id = assistant.simulator.put_meeting(**fields)
        assistant.simulator.record_meeting(meeting_id, RECORDED, 30)
        yield assistant, meeting_id


async def requests_of(tool: Tool) -> list[RecordedCall]:
    """What one successful call of the tool sends, without the exchange of tokens."""
    async with beginning() as (assistant, meeting_id):
        answer = await assistant.call(tool.name, **arguments(tool, meeting_id))
        assert not answer.is_error, answer.text
        return [call for call in assistant.simulator.calls if "/oauth/" not in call.path]


async def state_after(tool: Tool, times: int) -> list[dict[str, Any]]:
    async with beginning() as (assistant, meeting_id):
        for _ in range(times):
            await assistant.call(tool.name, **arguments(tool, meeting_id))
        return assistant.simulator.meetings()


def destroys(call: RecordedCall) -> bool:
    return call.method in {"PUT", "PATCH", "DELETE"} or call.path.endswith("/end")


@each_tool
async def test_a_tool_marked_read_only_sends_nothing_but_reads_and_any_other_sends_a_write(tool: Tool) -> None:
    assert tool.annotations is not None
    sent = await requests_of(tool)
    assert sent
    assert tool.annotations.read_only_hint == ({call.method for call in sent} == {"GET"})


@each_tool
async def test_a_tool_marked_destructive_replaces_deletes_or_ends_and_no_other_does(tool: Tool) -> None:
    assert tool.annotations is not None
    assert tool.annotations.destructive_hint == any(destroys(call) for call in await requests_of(tool))


@each_tool
async def test_a_tool_marked_idempotent_does_no_more_the_second_time_and_any_other_does(tool: Tool) -> None:
    assert tool.annotations is not None
    once, twice = await state_after(tool, 1), await state_after(tool, 2)
    assert tool.annotations.idempotent_hint == (once == twice)


@each_tool
async def test_every_write_changes_something_and_no_read_does(tool: Tool) -> None:
    assert tool.annotations is not None
    before, after = await state_after(tool, 0), await state_after(tool, 1)
    assert tool.annotations.read_only_hint == (before == after)
