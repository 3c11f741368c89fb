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
    ("create_meeting", {**CALL, "recurrence": {"interval": 2}}, ['one of "Daily", "Weekly", "Monthly"']),
    ("create_meeting", {**CALL, "recurrence": "Weekly"}, ['an object such as {"frequency": "Daily"}; "Weekly" was']),
    ("create_meeting", {**CALL, "settings": {"waiting_room": True}}, ["'GuestsOnly' or 'OtherAccount', not true"]),
    ("find_meeting_times", {"duration_minutes": 30, "day_start": "25:00"}, ["HH:MM", "09:00", '"25:00"']),
    ("find_meeting_times", {"duration_minutes": 30, "guest_zones": ["UTC+2"]}, ["UTC+2", 'such as "Europe/Berlin".']),
    (
        "create_meeting",
        {**CALL, "settings": {"global_dial_in_countries": ["+1"]}},
        ['"+1" belongs to CA, US, AG, and others', '"Germany"'],
    ),
    ("update_meeting", {"meeting_id": "1", "invitees": ["x"]}, ["stores no attendees", "invitees"]),
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


async def test_a_time_for_a_series_under_way_that_has_passed_is_answered_with_its_next_date() -> None:
    async with at_work() as assistant:
        made = await assistant.call("create_meeting", **CALL, recurrence={"frequency": "Weekly"})
        series = made.data["meeting"]["meeting_id"]
        assistant.clock.seconds += 8 * 24 * 3600
        refused = await assistant.call("update_meeting", meeting_id=series, start_time="2026-11-24T15:30")
        assert refused.code == "invalid_arguments"
        assert "its next date is 2026-12-01T15:00-05:00" in refused.problem["message"]
        moved = await assistant.call("update_meeting", meeting_id=series, start_time="2026-12-01T15:30")
        assert moved.data["meeting"]["start"] == "2026-12-01T15:30-05:00"


async def test_a_new_frequency_is_asked_for_all_that_it_leaves_open_at_once() -> None:
    async with at_work() as assistant:
        rule = {"frequency": "Weekly", "interval": 2}
        made = await assistant.call("create_meeting", **CALL, recurrence=rule)
        series = made.data["meeting"]["meeting_id"]
        refused = await assistant.call("update_meeting", meeting_id=series, recurrence={"frequency": "Monthly"})
        for words in ("every 2 weeks on Tuesday", "interval as the number of months", "monthly_day"):
            assert words in refused.problem["message"]
        asked = {"frequency": "Monthly", "interval": 1, "monthly_day": 24}
        done = await assistant.call("update_meeting", meeting_id=series, recurrence=asked)
        assert "every month on day 24" in done.data["meeting"]["repeats"]


async def test_a_series_takes_the_start_of_a_free_slot_as_it_is() -> None:
    async with at_work() as assistant:
        slot = (await assistant.call("find_meeting_times", duration_minutes=30)).data["slots"][0]
        rule = {"frequency": "Weekly"}
        made = await assistant.call("create_meeting", topic="Budget", start_time=slot["start"], recurrence=rule)
        assert made.data["meeting"]["start"] == slot["start"]
        assert made.data["time_zone_source"] == "account"


async def test_countries_of_dialling_codes_and_names_are_stored_once_each() -> None:
    async with at_work() as assistant:
        countries = {"global_dial_in_countries": ["+44", "UK", "DEU"]}
        made = await assistant.call("create_meeting", **CALL, settings=countries)
        stored = assistant.simulator.meeting(made.data["meeting"]["meeting_id"])
        assert stored is not None
        assert stored["globalDialInCountries"] == ["GB", "DE"]


async def test_a_start_expected_of_a_room_is_refused_with_the_call_that_works() -> None:
    async with at_work(product="video") as assistant:
        made = (await assistant.call("create_meeting", **CALL)).data["meeting"]
        room = {"meeting_id": made["meeting_id"], "expected_topic": "Budget"}
        refused = await assistant.call("delete_meeting", **room, expected_start=made["start"])
        assert refused.code == "target_mismatch"
        assert "serves every date" in refused.problem["message"]
        assert "call again without expected_start" in refused.problem["next_step"]
        assert (await assistant.call("delete_meeting", **room)).data["deleted"] is True
