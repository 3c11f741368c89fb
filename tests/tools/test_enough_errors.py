"""The first error is enough: it names the form or the right argument, with an example that works when it is used."""

from typing import Any

import pytest

from assistant import at_work

pytestmark = pytest.mark.anyio

CALL: dict[str, Any] = {"topic": "Budget", "start_time": "2026-11-24T15:00"}

CASES: list[tuple[str, dict[str, Any], list[str]]] = [
    ("create_meeting", {**CALL, "password": "two words"}, ["letters, digits", "such as", '"two words"']),
    ("find_meeting_times", {"duration_minutes": 30, "day_start": "9:00"}, ["HH:MM", "09:00", '"9:00"']),
    ("create_meeting", {**CALL, "waiting_room": True}, ['settings={"enable_waiting_room": true}', "Everybody"]),
    ("create_meeting", {**CALL, "mute_participants_on_entry": True}, ['settings={"mute_participants_on_entry": ...}']),
    ("create_meeting", {**CALL, "frequency": "Weekly"}, ['recurrence={"frequency": ...}']),
    ("create_meeting", {**CALL, "time_zone": "UTC+2"}, ["UTC+2", "Europe/Berlin", "2026-11-24T15:00+02:00"]),
    ("create_meeting", {**CALL, "time_zone": "GMT-05:00"}, ["2026-11-24T15:00-05:00"]),
    ("create_meeting", {**CALL, "recurrence": {"frequency": "Yearly"}}, ["Monthly", "Yearly", "each year"]),
    ("create_meeting", {**CALL, "topic": " "}, ["topic", "such as"]),
    ("create_meeting", {**CALL, "duration_minutes": "an hour"}, ['needs a whole number; "an hour" was given']),
    ("create_meeting", {**CALL, "settings": {"enforce_login": "colleagues"}}, ["needs true or false"]),
    ("list_meetings", {"limit": 500}, ["at most 100, not 500"]),
    ("delete_meeting", {"meeting_id": "1", "expected_topic": "x", "scope": "all"}, ["'occurrence' or 'series'"]),
]


@pytest.mark.parametrize(("tool", "arguments", "named"), CASES, ids=[f"{tool} {named[0]}" for tool, _, named in CASES])
async def test_an_error_names_the_form_or_the_right_argument(
    tool: str, arguments: dict[str, Any], named: list[str]
) -> None:
    async with at_work() as assistant:
        answer = await assistant.call(tool, **arguments)
        assert answer.code == "invalid_arguments"
        told = f"{answer.problem['message']} {answer.problem['next_step']}"
        assert [words for words in named if words not in told] == [], told


@pytest.mark.parametrize("value", [{"enable_waiting_room": True}, {"mute_participants_on_entry": True}])
async def test_what_the_error_shows_is_taken(value: dict[str, Any]) -> None:
    async with at_work() as assistant:
        assert (await assistant.call("create_meeting", **CALL, settings=value)).data["created"] is True
