"""Text that others wrote: whatever it holds, no tool shows what hides or reorders words, nor too much of it."""

from typing import Any

import pytest

from assistant import Answer, Assistant, at_work, scheduled
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES

pytestmark = pytest.mark.anyio

HIDDEN = "\u202e\u202c\u200b\u2066\ufeff\U000e0041"
START = "2026-11-24T20:00:00Z"
SHOWN = "2026-11-24T15:00-05:00"


async def every_answer(assistant: Assistant, meeting_id: str) -> list[Answer]:
    """What each tool says of a meeting, a mismatch included."""
    seen = await assistant.call("get_meeting", meeting_id=meeting_id)
    topic = seen.data["meeting"]["topic"]
    echo: dict[str, Any] = {"meeting_id": meeting_id, "expected_topic": topic, "expected_start": SHOWN}
    return [
        seen,
        await assistant.call("list_meetings"),
        await assistant.call("create_meeting", topic="Other", start_time="2026-11-24T15:10"),
        await assistant.call("create_meeting", topic="Yet", start_time="2026-11-24T15:10", if_conflict="refuse"),
        await assistant.call("update_meeting", meeting_id=meeting_id, duration_minutes=40),
        await assistant.call("end_meeting", **echo),
        await assistant.call("delete_meeting", **echo | {"expected_topic": "something else"}),
        await assistant.call("delete_meeting", **echo),
    ]


async def test_no_tool_shows_hidden_characters_of_a_topic() -> None:
    async with at_work() as assistant:
        meeting_id = assistant.simulator.put_meeting(topic=f"Bud{HIDDEN}get", schedule=scheduled(START))
        for answer in await every_answer(assistant, meeting_id):
            assert not set(HIDDEN) & set(answer.text), answer.tool


async def test_no_tool_shows_hidden_characters_of_a_setting() -> None:
    async with at_work() as assistant:
        meeting_id = assistant.simulator.put_meeting(
            topic="Budget",
            schedule=scheduled(START),
            alternativeHosts=f"ada{HIDDEN}@example.com",
            globalDialInCountries=[f"U{HIDDEN}S"],
        )
        for answer in await every_answer(assistant, meeting_id):
            assert not set(HIDDEN) & set(answer.text), answer.tool


async def test_the_topic_before_a_change_is_shown_cleaned() -> None:
    async with at_work() as assistant:
        meeting_id = assistant.simulator.put_meeting(topic=f"Bud{HIDDEN}get", schedule=scheduled(START))
        done = await assistant.call("update_meeting", meeting_id=meeting_id, topic="Plain")
        assert done.data["changes"] == [{"field": "topic", "before": "Budget", "after": "Plain"}]


async def test_very_long_texts_stay_within_the_size_of_a_result() -> None:
    async with at_work() as assistant:
        meeting_id = assistant.simulator.put_meeting(
            topic="x" * 60_000,
            schedule=scheduled(START),
            alternativeHosts="y" * 60_000,
            globalDialInCountries=["zz"] * 20_000,
        )
        answers = await every_answer(assistant, meeting_id)
        too_long = [answer.tool for answer in answers if len(answer.text.encode()) > MAX_RESULT_BYTES]
        assert too_long == []
