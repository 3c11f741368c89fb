"""Facts about the platform that nobody could check: whichever way they are, the same is true at the end."""

from typing import Any

import pytest

from assistant import Assistant, at_work, scheduled
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

Truths = dict[str, Any]

KEPT = {
    "password": "abc",
    "enableWaitingRoom": True,
    "autoRecordType": "cloud",
    "globalDialInCountries": ["US", "FR"],
    "telephonyInfo": {"billingCode": "BC-1"},
}
"""What a meeting holds that no call of the story names."""

TRUTHS: Truths = {
    "listed at first": [("Running", "2026-11-23T08:30-05:00"), ("Kept", "2026-11-24T09:00-05:00")],
    "created": [("Review", "2026-11-24T15:00-05:00"), ("Weekly", "2026-11-24T16:00-05:00")],
    "listed then": [
        ("Running", "2026-11-23T08:30-05:00"),
        ("Kept", "2026-11-24T09:00-05:00"),
        ("Review", "2026-11-24T15:00-05:00"),
        ("Weekly", "2026-11-24T16:00-05:00"),
        ("Weekly", "2026-11-26T16:00-05:00"),
        ("Weekly", "2026-12-01T16:00-05:00"),
        ("Weekly", "2026-12-03T16:00-05:00"),
    ],
    "series": {"frequency": "Weekly", "interval": 1, "weekly_days": ["Tuesday", "Thursday"], "count": 4},
    "series ahead": ["2026-11-24", "2026-11-26", "2026-12-01", "2026-12-03"],
    "renamed": [{"field": "topic", "before": "Kept", "after": "Kept well"}],
    "kept": KEPT,
    "moved": ["start_time"],
    "stored start": "2026-11-25T14:00:00Z",
    "series renamed": [{"field": "topic", "before": "Weekly", "after": "Fortnight"}],
    "series kept": {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday", "Thursday"], "count": 4},
    "date deleted": ["2026-11-24", "2026-12-01", "2026-12-03"],
    "left over": ["Review", "Running"],
}

NO_ID = {"date deleted": "invalid_arguments: its dates have no occurrence_id"}

POSITIONS: list[tuple[str, dict[str, Any], Truths]] = [
    ("as supposed", {}, {}),
    ("PUT keeps what is left out", {"put_resets_omitted": False}, {}),
    ("there is no PATCH", {"patch_supported": False}, {}),
    ("the list has pages", {"list_pages": True}, {}),
    ("the list has pages of one", {"list_pages": True, "list_page_size": 1}, {}),
    (
        "a running meeting is not listed",
        {"list_includes_running": False},
        {"listed at first": TRUTHS["listed at first"][1:], "listed then": TRUTHS["listed then"][1:]},
    ),
    ("series come without their dates", {"list_has_occurrences": False}, NO_ID),
    ("weekdays come as one text", {"weekly_by_days_as_string": True}, {}),
    ("the recurrence is misspelt", {"response_spells_reccurence": True}, {}),
    ("both older spellings", {"weekly_by_days_as_string": True, "response_spells_reccurence": True}, {}),
    ("the personal meeting id is not told", {"use_pmi_echoed": False}, {}),
    ("a PIN may not be chosen", {"pin_may_be_chosen": False}, {}),
    ("the zone of a meeting has no name", {"schedule_zone_has_name": False}, {}),
    ("zones are numbered otherwise", {"old_zone_ids": True}, {}),
    ("zones are numbered otherwise and unnamed", {"old_zone_ids": True, "schedule_zone_has_name": False}, {}),
    ("New York is not in the dictionary", {"zones_without": frozenset({"America/New_York"})}, {}),
]


async def _rows(assistant: Assistant) -> list[tuple[str, str]]:
    page = (await assistant.call("list_meetings", window_start="2026-11-23", window_end="2026-12-06")).data
    return [(row["topic"], row["start"]) for row in page["meetings"]]


async def _delete_second_date(assistant: Assistant, series: str) -> Any:
    page = (await assistant.call("list_meetings", query="fortnight", window_start="2026-11-23")).data
    second = page["meetings"][1]
    if "occurrence_id" not in second:
        asked = {"expected_topic": "Fortnight", "expected_start": second["start"], "scope": "occurrence"}
        answer = await assistant.call("delete_meeting", meeting_id=series, **asked)
        return f"{answer.code}: its dates have no occurrence_id"
    echo = {"expected_topic": "Fortnight", "expected_start": second["start"]}
    named = {"scope": "occurrence", "occurrence_id": second["occurrence_id"]}
    assert (await assistant.call("delete_meeting", meeting_id=series, **echo, **named)).data["deleted"] is True
    return [date["start"][:10] for date in (await assistant.call("get_meeting", meeting_id=series)).data["upcoming"]]


async def _live(assistant: Assistant) -> Truths:
    """List, create a single meeting and a series, read, rename, move, delete one date, delete; and what is true."""
    simulator, truths = assistant.simulator, Truths()
    simulator.put_meeting(topic="Running", schedule=scheduled("2026-11-23T13:30:00Z", 60), auto_started=True)
    kept = simulator.put_meeting(
        topic="Kept", schedule=scheduled("2026-11-24T14:00:00Z", zone="America/Chicago"), **KEPT
    )
    truths["listed at first"] = await _rows(assistant)

    single = await assistant.call("create_meeting", topic="Review", start_time="2026-11-24T15:00", duration_minutes=30)
    rule = {"frequency": "Weekly", "weekly_days": ["Tuesday", "Thursday"], "count": 4}
    several = await assistant.call(
        "create_meeting", topic="Weekly", start_time="2026-11-24T16:00", duration_minutes=30, recurrence=rule
    )
    made = [answer.data["meeting"] for answer in (single, several)]
    truths["created"] = [(meeting["topic"], meeting["start"]) for meeting in made]
    review, series = (meeting["meeting_id"] for meeting in made)
    truths["listed then"] = await _rows(assistant)

    read = (await assistant.call("get_meeting", meeting_id=series)).data
    truths["series"] = read["recurrence"]
    truths["series ahead"] = [date["start"][:10] for date in read["upcoming"]]

    truths["renamed"] = (await assistant.call("update_meeting", meeting_id=kept, topic="Kept well")).data["changes"]
    stored = simulator.meeting(kept) or {}
    truths["kept"] = {name: stored.get(name) for name in KEPT}
    moved = (await assistant.call("update_meeting", meeting_id=review, start_time="2026-11-25T09:00")).data
    truths["moved"] = [change["field"] for change in moved["changes"] if change["field"] != "time_zone"]
    truths["stored start"] = (simulator.meeting(review) or {})["schedule"]["startTime"]
    renamed = (await assistant.call("update_meeting", meeting_id=series, topic="Fortnight")).data
    truths["series renamed"] = renamed["changes"]
    truths["series kept"] = (simulator.meeting(series) or {})["recurrence"]

    truths["date deleted"] = await _delete_second_date(assistant, series)
    echo = {"expected_topic": "Fortnight", "expected_start": "2026-11-24T16:00"}
    assert (await assistant.call("delete_meeting", meeting_id=series, scope="series", **echo)).data["deleted"] is True
    echo = {"expected_topic": "kept well", "expected_start": "2026-11-24T09:00-05:00"}
    assert (await assistant.call("delete_meeting", meeting_id=kept, **echo)).data["deleted"] is True
    truths["left over"] = sorted(meeting["topic"] for meeting in simulator.meetings())
    return truths


@pytest.mark.parametrize(
    ("switches", "otherwise"),
    [(switches, otherwise) for _, switches, otherwise in POSITIONS],
    ids=[name for name, _, _ in POSITIONS],
)
async def test_the_life_of_a_meeting_comes_to_the_same(switches: dict[str, Any], otherwise: Truths) -> None:
    async with at_work(switches=Switches(**switches)) as assistant:
        assert await _live(assistant) == TRUTHS | otherwise


async def test_where_the_product_is_withdrawn_every_tool_says_so_and_nothing_is_written() -> None:
    async with at_work(switches=Switches(withdrawn=True)) as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Kept", schedule=scheduled("2026-11-24T14:00:00Z"))
        echo = {"meeting_id": meeting_id, "expected_topic": "Kept", "expected_start": "2026-11-24T09:00"}
        for tool, arguments in {
            "list_meetings": {},
            "get_meeting": {"meeting_id": meeting_id},
            "get_meeting_service_info": {},
            "create_meeting": {"topic": "a", "start_time": "2026-11-24T10:00"},
            "update_meeting": {"meeting_id": meeting_id, "topic": "b"},
            "delete_meeting": echo,
            "end_meeting": echo,
        }.items():
            answer = await assistant.call(tool, **arguments)
            assert (answer.code, answer.problem["retryable"]) == ("feature_unavailable", False), answer.text
            assert "RingCentral Video" in answer.problem["next_step"]
        assert assistant.sent("PUT") + assistant.sent("DELETE") + assistant.sent("POST", "/meeting") == []


@pytest.mark.parametrize("echoed", [True, False])
@pytest.mark.parametrize("resets", [True, False])
async def test_an_update_never_loses_the_personal_meeting_id_unsaid(echoed: bool, resets: bool) -> None:
    async with at_work(switches=Switches(use_pmi_echoed=echoed, put_resets_omitted=resets)) as assistant:
        meeting_id = assistant.simulator.put_meeting(
            topic="Kept", schedule=scheduled("2026-11-24T14:00:00Z"), usePersonalMeetingId=True
        )
        answer = (await assistant.call("update_meeting", meeting_id=meeting_id, topic="b")).data
        stored = assistant.simulator.meeting(meeting_id) or {}
        assert stored["usePersonalMeetingId"] is True or "personal" in str(answer)


async def test_a_series_in_a_zone_that_has_no_equal_in_the_dictionary_is_refused_and_a_single_meeting_goes() -> None:
    equals = frozenset({"Asia/Kolkata", "Asia/Calcutta", "Asia/Colombo"})
    async with at_work(switches=Switches(zones_without=equals)) as assistant:
        at_three = {"start_time": "2026-11-24T15:00", "time_zone": "Asia/Kolkata", "duration_minutes": 30}
        series = await assistant.call(
            "create_meeting", topic="Daily", recurrence={"frequency": "Daily", "count": 3}, **at_three
        )
        assert series.code == "invalid_arguments"
        assert "Asia/Kolkata" in series.text
        single = (await assistant.call("create_meeting", topic="Once", **at_three)).data
        assert (single["meeting"]["start"], single["meeting"]["start_utc"]) == (
            "2026-11-24T15:00+05:30",
            "2026-11-24T09:30Z",
        )
        assert [meeting["topic"] for meeting in assistant.simulator.meetings()] == ["Once"]
