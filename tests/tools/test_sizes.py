"""Very many meetings, very long topics, very long series: every answer stays small, whole by pages, and quick."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest
from mcp_types import EmbeddedResource, TextResourceContents

from assistant import Answer, Assistant, at_work, scheduled
from published.sizes import published
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES

pytestmark = pytest.mark.anyio

MANY = {"light": 100_000, "medium": 100_000, "heavy": 100_000}
LONG = "x" * 10_000
CPU_SECONDS = 10.0
"""Of server, client and simulator for one call; one takes about a second with 5,000 meetings on a slow machine."""

HELD = {"window_start": "2026-11-01"}
DECEMBER = {"window_start": "2026-12-01", "window_end": "2026-12-31"}
TEAMS = ("Amber", "Birch", "Cedar", "Delta", "Ember", "Fjord", "Grove", "Heath", "Inlet", "Jetty")
TOOLS = {tool.name for tool in published().tools}
EVERY_DAY = {"frequency": "Daily", "interval": 1, "count": 365}
FIRST = "2026-12-01T09:00-05:00"


def crowd(assistant: Assistant, number: int, tail: str = "") -> list[str]:
    """Meetings all over December, ten teams in turn; the first of them begins on the first of the month at nine."""
    return [
        assistant.simulator.put_meeting(
            topic=f"{TEAMS[n % 10]} review {n} {tail}",
            schedule=scheduled(f"2026-12-{n % 28 + 1:02}T{n % 8 + 14}:00:00Z"),
        )
        for n in range(number)
    ]


def daily(assistant: Assistant, topic: str = "Daily") -> str:
    return assistant.simulator.put_meeting(
        topic=topic,
        meetingType="ScheduledRecurring",
        schedule=scheduled("2026-11-24T15:00:00Z"),
        recurrence=EVERY_DAY,
    )


async def measured(assistant: Assistant, tool: str, **arguments: Any) -> Answer:
    """The answer to a call, once it is known to be small and to have come quickly."""
    began = time.process_time()
    answer = await assistant.call(tool, **arguments)
    assert time.process_time() - began < CPU_SECONDS, tool
    assert not answer.is_error, answer.text
    files = [block.resource for block in answer.attachments if isinstance(block, EmbeddedResource)]
    texts = [answer.text, *(file.text for file in files if isinstance(file, TextResourceContents))]
    assert sum(len(text.encode()) for text in texts) <= MAX_RESULT_BYTES, tool
    return answer


async def all_pages(assistant: Assistant, **arguments: Any) -> list[dict[str, Any]]:
    """The rows of every page."""
    page = (await measured(assistant, "list_meetings", limit=100, **arguments)).data
    rows = list(page["meetings"])
    while token := page.get("next_page_token"):
        page = (await measured(assistant, "list_meetings", limit=100, page_token=token, **arguments)).data
        rows += page["meetings"]
    assert len(rows) == page["total"]
    return rows


def calls(meeting_id: str, topic: str, past_meeting_id: str) -> dict[str, dict[str, Any]]:
    """A call of each tool, on the meeting where it is about one; the deletion is the last."""
    named = {"meeting_id": meeting_id}
    matched = named | {"expected_topic": topic, "expected_start": FIRST}
    return {
        "list_meetings": DECEMBER | {"limit": 100},
        "get_meeting": named,
        "find_meeting_times": DECEMBER | {"duration_minutes": 30, "limit": 25},
        "get_meeting_invitation": named,
        "list_past_meetings": HELD | {"limit": 100},
        "get_past_meeting": {"past_meeting_id": past_meeting_id},
        "get_meeting_service_info": {},
        "get_connection_status": {},
        "create_meeting": {"topic": f"New {LONG[:900]}", "start_time": "2026-12-05T09:00", "duration_minutes": 600},
        "update_meeting": named | {"duration_minutes": 45},
        "end_meeting": matched,
        "delete_meeting": matched,
    }


@pytest.mark.parametrize(("number", "tail"), [(500, LONG), (5_000, "")], ids=["500 of 10 kB", "5,000"])
async def test_every_tool_answers_in_bounds_among_very_many_meetings(number: int, tail: str) -> None:
    async with at_work(limits=MANY) as assistant:
        first, *others = crowd(assistant, number, tail)
        for held, meeting_id in enumerate((first, *others[:199])):
            assistant.simulator.record_meeting(meeting_id, datetime(2026, 11, held % 20 + 1, 15, tzinfo=UTC), 30)
        topic = (await assistant.call("get_meeting", meeting_id=first)).data["meeting"]["topic"]
        past = (await assistant.call("list_past_meetings", **HELD)).data["meetings"][0]
        arguments = calls(first, topic, past["past_meeting_id"])
        assert set(arguments) >= TOOLS
        answers = {tool: await measured(assistant, tool, **given) for tool, given in arguments.items()}
        assert answers["list_meetings"].data["total"] == number
        assert len(answers["list_past_meetings"].data["meetings"]) > 50
        made = answers["create_meeting"].data
        assert (made["created"], made["duplicate_check"]) == (True, "complete")
        assert len(made["conflicts"]) + made["more_conflicts"] > number // 50
        assert len(assistant.simulator.meetings()) == number


@pytest.mark.parametrize(
    ("number", "tail", "query"),
    [(500, LONG, "review"), (5_000, "", "heath")],
    ids=["500 of 10 kB", "a tenth of 5,000"],
)
async def test_very_many_meetings_are_read_whole_in_pages(number: int, tail: str, query: str) -> None:
    async with at_work(limits=MANY) as assistant:
        meetings = crowd(assistant, number, tail)
        rows = await all_pages(assistant, query=query, **DECEMBER)
        meant = meetings if query == "review" else meetings[7::10]
        assert sorted(row["meeting_id"] for row in rows) == sorted(meant)


@pytest.mark.parametrize("tail", ["", LONG], ids=["short", "10 kB"])
async def test_every_date_of_a_series_of_365_is_listed_in_pages(tail: str) -> None:
    async with at_work(limits=MANY) as assistant:
        meeting_id = daily(assistant, f"Daily {tail}")
        rows = await all_pages(assistant, window_start="2026-11-24", window_end="2027-12-31")
        starts = [row["start"][:10] for row in rows]
        assert (len(set(starts)), starts[0], starts[-1]) == (365, "2026-11-24", "2027-11-23")
        assert starts == sorted(starts)
        details = (await measured(assistant, "get_meeting", meeting_id=meeting_id)).data
        assert (details["recurrence"]["count"], len(details["upcoming"])) == (365, 5)
        await measured(assistant, "get_meeting_invitation", meeting_id=meeting_id)


async def test_a_series_of_365_is_moved_deleted_and_brought_back_in_bounds() -> None:
    async with at_work(limits=MANY) as assistant:
        meeting_id = daily(assistant)
        crowd(assistant, 500)
        moved = await measured(assistant, "update_meeting", meeting_id=meeting_id, start_time="2026-11-24T11:00")
        assert moved.data["meeting"]["start"] == "2026-11-24T11:00-05:00"
        gone = await measured(
            assistant,
            "delete_meeting",
            meeting_id=meeting_id,
            expected_topic="Daily",
            expected_start="2026-11-24T11:00",
            scope="series",
        )
        back = await measured(assistant, "create_meeting", **gone.data["restore"])
        assert back.data["created"] is True
        assert len(back.data["conflicts"]) + back.data["more_conflicts"] > 20
        found = await assistant.call("list_meetings", query="daily", window_end="2027-12-31", limit=1)
        assert found.data["total"] == 365
