"""Arguments that no tool can use are refused in the contract's words, and nothing is sent."""

from typing import Any

import pytest

from faults.jobs import Desk

pytestmark = pytest.mark.anyio

SOON = "2027-06-01T15:00"
ECHO = {"meeting_id": "1234567890", "expected_topic": "Budget"}

REFUSED: list[tuple[str, str, dict[str, Any], str]] = [
    ("list_meetings", "an unknown argument", {"days": 3}, "days"),
    ("list_meetings", "a limit of nothing", {"limit": 0}, "limit"),
    ("list_meetings", "a limit beyond the most", {"limit": 101}, "limit"),
    ("list_meetings", "words for a number", {"limit": "many"}, "limit"),
    ("list_meetings", "a window that ends first", {"window_start": "2027-06-02", "window_end": "2027-06-01"}, "window"),
    ("list_meetings", "words for a date", {"window_start": "tomorrow"}, "window_start"),
    ("list_meetings", "no zone of this world", {"time_zone": "Mars/Olympus"}, "time_zone"),
    ("list_meetings", "a host that is a directory", {"host_id": ".."}, "list_meetings"),
    ("get_meeting", "no id", {}, "meeting_id"),
    ("get_meeting", "an empty id", {"meeting_id": ""}, "meeting_id"),
    ("get_meeting", "an id that is a directory", {"meeting_id": ".."}, "meeting"),
    ("get_meeting", "an id that is a list", {"meeting_id": ["1"]}, "meeting_id"),
    ("get_meeting", "an unknown argument", {"meeting_id": "1", "id": "2"}, "id"),
    ("get_meeting_service_info", "an unknown argument", {"city": "Paris"}, "city"),
    ("get_meeting_service_info", "a country of a page", {"country": "x" * 61}, "country"),
    ("get_meeting_service_info", "a country that is an object", {"country": {"iso": "FR"}}, "country"),
    ("create_meeting", "no topic", {"start_time": SOON}, "topic"),
    ("create_meeting", "a topic of two lines", {"topic": "a\nb", "start_time": SOON}, "topic"),
    ("create_meeting", "no start", {"topic": "a"}, "start_time"),
    ("create_meeting", "a start in the past", {"topic": "a", "start_time": "2020-01-01T10:00"}, "past"),
    ("create_meeting", "an hour that the clocks skip", {"topic": "a", "start_time": "2027-03-14T02:30"}, "2027-03-14"),
    ("create_meeting", "an hour that comes twice", {"topic": "a", "start_time": "2027-11-07T01:30"}, "2027-11-07"),
    ("create_meeting", "words for a start", {"topic": "a", "start_time": "tomorrow at 3"}, "start_time"),
    (
        "create_meeting",
        "an offset that is not the zone's",
        {"topic": "a", "start_time": f"{SOON}+09:00", "time_zone": "America/New_York"},
        "offset",
    ),
    ("create_meeting", "no length at all", {"topic": "a", "start_time": SOON, "duration_minutes": 0}, "duration_min"),
    ("create_meeting", "attendees", {"topic": "a", "start_time": SOON, "attendees": ["b@example.com"]}, "attendees"),
    (
        "create_meeting",
        "an unknown type",
        {"topic": "a", "start_time": SOON, "meeting_type": "Webinar"},
        "meeting_type",
    ),
    ("create_meeting", "a password with a blank", {"topic": "a", "start_time": SOON, "password": "a b"}, "password"),
    (
        "create_meeting",
        "a series without a rule",
        {"topic": "a", "start_time": SOON, "meeting_type": "ScheduledRecurring"},
        "recurrence",
    ),
    (
        "create_meeting",
        "an option that is none",
        {"topic": "a", "start_time": SOON, "settings": {"waiting_room": True}},
        "settings.waiting_room",
    ),
    ("update_meeting", "nothing to change", {"meeting_id": "1234567890"}, "No field"),
    ("update_meeting", "empty settings", {"meeting_id": "1234567890", "settings": {}}, "No field"),
    (
        "update_meeting",
        "one date of a series",
        {"meeting_id": "1", "topic": "a", "occurrence_id": "2"},
        "occurrence_id",
    ),
    ("update_meeting", "an id that climbs", {"meeting_id": "..", "topic": "a"}, "meeting"),
    ("delete_meeting", "no topic to match", {"meeting_id": "1234567890"}, "expected_topic"),
    ("delete_meeting", "an unknown scope", {**ECHO, "scope": "all"}, "scope"),
    ("delete_meeting", "force", {**ECHO, "force": True}, "force"),
    ("delete_meeting", "an id that climbs", {**ECHO, "meeting_id": ".."}, "meeting"),
    ("end_meeting", "no topic to match", {"meeting_id": "1234567890"}, "expected_topic"),
    ("end_meeting", "a scope", {**ECHO, "scope": "series"}, "scope"),
    ("end_meeting", "an id that climbs", {**ECHO, "meeting_id": "."}, "meeting"),
]


@pytest.mark.parametrize(
    ("tool", "arguments", "named"),
    [(tool, arguments, named) for tool, _, arguments, named in REFUSED],
    ids=[f"{tool}: {what}" for tool, what, _, _ in REFUSED],
)
async def test_bad_arguments_are_refused_by_name_and_nothing_is_sent(
    desk: Desk, tool: str, arguments: dict[str, Any], named: str
) -> None:
    answer = await desk.assistant.call(tool, **arguments)
    assert answer.code == "invalid_arguments", answer.text
    assert answer.problem["retryable"] is False
    assert named in answer.text
    assert "pydantic" not in answer.text
    assert "validation error" not in answer.text
    assert desk.simulator.calls == []


async def test_a_tool_that_is_not_there_is_refused_with_the_names_of_those_that_are(desk: Desk) -> None:
    result = await desk.assistant.client.call_tool("call_api", {"path": "/"})
    assert result.is_error
    (block,) = result.content
    assert block.type == "text"
    assert "get_meeting_service_info" in block.text
    assert desk.simulator.calls == []
