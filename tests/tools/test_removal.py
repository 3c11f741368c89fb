"""Deletions: the right meeting, the right reach, and the truth about what happened."""

from typing import Any

import pytest

from assistant import TUESDAY, Answer, Assistant, at_work, put, scheduled

pytestmark = pytest.mark.anyio

SHOWN = "2026-11-24T15:00-05:00"
WEEKLY = {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"]}


def put_series(assistant: Assistant, start: str = TUESDAY, **recurrence: Any) -> str:
    rule = recurrence or WEEKLY
    return put(assistant, "Weekly", meetingType="ScheduledRecurring", schedule=scheduled(start), recurrence=rule)


async def delete(assistant: Assistant, meeting_id: str, **arguments: Any) -> Answer:
    echo = {"expected_topic": "Budget", "expected_start": SHOWN} | arguments
    return await assistant.call("delete_meeting", meeting_id=meeting_id, **echo)


@pytest.mark.parametrize(
    ("topic", "echo"),
    [
        ("Budget review", "budget REVIEW"),
        ("Budget review", "  Budget review "),
        ("Budget  review", "Budget review"),
        ("Budget review", "Budget  review"),
        ("Café \uff22udget", "Cafe\u0301 Budget"),
        ("Straße", "STRASSE"),
        ("A \u202etfard\u202c \u200bplan", "A tfard plan"),
        ("", ""),
        ("\u202e", ""),
        ("x" * 400, "x" * 199 + "…"),
        ("x" * 400, "x" * 400),
        ("Party \N{PARTY POPPER}", "party \N{PARTY POPPER}"),
    ],
)
async def test_a_topic_matches_beyond_case_blanks_and_normalisation(topic: str, echo: str) -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, topic)
        assert (await delete(assistant, meeting_id, expected_topic=echo)).data["deleted"] is True
        assert assistant.simulator.meetings() == []


async def test_a_start_matches_in_any_zone_or_offset() -> None:
    spellings = (SHOWN, "2026-11-24T15:00", "2026-11-24T20:00Z", "2026-11-24T21:00+01:00", "2026-11-24 15:00:00")
    async with at_work() as assistant:
        for spelling in spellings:
            assert (await delete(assistant, put(assistant), expected_start=spelling)).data["deleted"] is True


async def test_a_mismatch_shows_what_is_there_and_deletes_nothing() -> None:
    others: list[dict[str, str]] = [
        {"expected_topic": "Budget 2"},
        {"expected_topic": ""},
        {"expected_start": "2026-11-24T15:01"},
        {"expected_start": "2026-11-24T15:00Z"},
        {"expected_start": "2026-11-25T15:00"},
        {"expected_start": "2026-11-24"},
    ]
    async with at_work() as assistant:
        meeting_id = put(assistant, password="secret-pw")
        for other in others:
            refused = await delete(assistant, meeting_id, **other)
            assert refused.code == "target_mismatch", other
            for told in ('"Budget"', "Tuesday", SHOWN, meeting_id, "Nothing was done"):
                assert told in refused.problem["message"]
            assert "secret-pw" not in refused.text
        assert not assistant.sent("DELETE")


async def test_the_start_of_a_meeting_that_has_one_must_be_given_and_of_one_without_must_not() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        refused = await assistant.call("delete_meeting", meeting_id=meeting_id, expected_topic="Budget")
        assert refused.code == "invalid_arguments"
        assert refused.problem["message"].startswith("expected_start")
        refused = await delete(assistant, meeting_id, expected_start="next Tuesday")
        assert refused.problem["message"].startswith("expected_start")
        untimed = assistant.simulator.put_meeting(topic="Budget", meetingType="Recurring")
        assert (await delete(assistant, untimed)).code == "target_mismatch"
        assert not assistant.sent("DELETE")
        assert (await delete(assistant, untimed, expected_start=None)).data["deleted"] is True


async def test_an_unknown_meeting_is_not_found_and_nothing_is_sent() -> None:
    async with at_work() as assistant:
        refused = await delete(assistant, "4711")
        assert refused.code == "not_found"
        assert "4711" in refused.problem["message"]
        assert "list_meetings" in refused.problem["next_step"]
        assert not assistant.sent("DELETE")


async def test_a_single_meeting_is_deleted_with_one_request_and_shown_as_it_was() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        done = (await delete(assistant, meeting_id)).data
        assert (done["deleted"], done["scope"], done["meeting"]["start"]) == (True, "meeting", SHOWN)
        assert "already_gone" not in done
        assert "notified" in done["note"]
        (call,) = assistant.sent("DELETE")
        assert (call.path, call.query) == (f"/restapi/v1.0/account/~/extension/~/meeting/{meeting_id}", "")


async def test_a_series_needs_a_scope_and_the_refusal_tells_its_reach() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, frequency="Weekly", interval=1, weeklyByDays=["Tuesday"], count=12)
        refused = await delete(assistant, series, expected_topic="Weekly")
        assert refused.code == "scope_required"
        for told in ("every week on Tuesday", "12 times", SHOWN):
            assert told in refused.problem["message"]
        assert 'scope="occurrence"' in refused.problem["next_step"]
        assert not assistant.sent("DELETE")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"scope": "occurrence"}, "occurrence_id"),
        ({"scope": "series", "occurrence_id": "1795550400000"}, "occurrence_id"),
        ({"scope": "all"}, "scope"),
    ],
)
async def test_a_scope_and_an_occurrence_have_to_go_together(arguments: dict[str, str], field: str) -> None:
    async with at_work() as assistant:
        refused = await delete(assistant, put_series(assistant), expected_topic="Weekly", **arguments)
        assert refused.code == "invalid_arguments"
        assert refused.problem["message"].startswith(field)
        assert not assistant.sent("DELETE")


@pytest.mark.parametrize("arguments", [{"scope": "occurrence", "occurrence_id": "1"}, {"occurrence_id": "1"}])
async def test_a_single_meeting_has_no_occurrence_to_delete(arguments: dict[str, str]) -> None:
    async with at_work() as assistant:
        refused = await delete(assistant, put(assistant), **arguments)
        assert refused.code == "invalid_arguments"
        assert "single meeting" in refused.problem["message"]
        assert not assistant.sent("DELETE")


async def test_one_date_of_a_series_is_deleted_and_the_others_stay() -> None:
    async with at_work() as assistant:
        series = put_series(assistant)
        rows = (await assistant.call("list_meetings")).data["meetings"]
        second = rows[1]
        echo = {"expected_topic": "Weekly", "scope": "occurrence", "occurrence_id": second["occurrence_id"]}
        refused = await delete(assistant, series, **echo)
        assert refused.code == "target_mismatch"
        assert second["start"] in refused.problem["message"]
        done = (await delete(assistant, series, expected_start=second["start"], **echo)).data
        assert (done["scope"], done["meeting"]["start"]) == ("occurrence", second["start"])
        assert done["meeting"]["occurrence_id"] == second["occurrence_id"]
        (call,) = assistant.sent("DELETE")
        assert call.path.endswith(f"/meeting/{series}")
        assert call.query == f"occurrenceId={second['occurrence_id']}"
        left = (await assistant.call("list_meetings")).data["meetings"]
        assert [row["start"] for row in left] == [row["start"] for row in rows if row is not second]
        again = await delete(assistant, series, expected_start=second["start"], **echo)
        assert again.code == "not_found"
        assert second["occurrence_id"] in again.problem["message"]


async def test_a_whole_series_is_echoed_by_its_next_date_even_where_it_began_long_ago() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "2026-03-03T20:00:00Z")
        echo = {"expected_topic": "Weekly", "scope": "series"}
        refused = await delete(assistant, series, expected_start="2026-03-03T15:00-05:00", **echo)
        assert refused.code == "target_mismatch"
        assert SHOWN in refused.problem["message"]
        done = (await delete(assistant, series, **echo)).data
        assert (done["scope"], done["meeting"]["start"]) == ("series", SHOWN)
        assert [call.query for call in assistant.sent("DELETE")] == [""]
        assert assistant.simulator.meetings() == []


@pytest.mark.parametrize("scope", ["meeting", "occurrence"])
async def test_what_is_gone_by_the_time_of_our_own_request_counts_as_deleted(scope: str) -> None:
    faults = "DELETE /meeting/ status=404 code=CMN-102 lands x1"
    async with at_work(faults=faults) as assistant:
        if scope == "meeting":
            done = (await delete(assistant, put(assistant))).data
        else:
            series = put_series(assistant)
            row = (await assistant.call("list_meetings")).data["meetings"][0]
            echo = {"scope": "occurrence", "occurrence_id": row["occurrence_id"]}
            done = (await delete(assistant, series, expected_topic="Weekly", **echo)).data
        assert (done["deleted"], done["already_gone"], done["scope"]) == (True, True, scope)
        assert done["restore"]["topic"]


async def test_a_refusal_on_our_own_request_stays_one() -> None:
    async with at_work(faults="DELETE /meeting/ permission_withdrawn x1") as assistant:
        refused = await delete(assistant, put(assistant))
        assert refused.code == "user_permission_missing"
        assert len(assistant.simulator.meetings()) == 1


@pytest.mark.parametrize("fault", ["drop_after", "status=502 lands", "html=502 lands"])
async def test_a_deletion_whose_answer_was_lost_is_read_back(fault: str) -> None:
    async with at_work(faults=f"DELETE /meeting/ {fault} x1") as assistant:
        done = (await delete(assistant, put(assistant))).data
        assert done["deleted"] is True
        assert len(assistant.sent("DELETE")) == 1
    async with at_work(faults=f"DELETE /meeting/ {fault} x1") as assistant:
        series = put_series(assistant)
        row = (await assistant.call("list_meetings")).data["meetings"][0]
        echo = {"scope": "occurrence", "occurrence_id": row["occurrence_id"]}
        done = (await delete(assistant, series, expected_topic="Weekly", **echo)).data
        assert done["deleted"] is True
        assert len(assistant.sent("DELETE")) == 1


async def test_a_deletion_that_did_not_happen_is_not_called_done() -> None:
    async with at_work(faults="DELETE /meeting/ status=500 x1") as assistant:
        meeting_id = put(assistant)
        refused = await delete(assistant, meeting_id)
        assert (refused.code, refused.problem["retryable"]) == ("outcome_unknown", False)
        assert (await delete(assistant, meeting_id)).data["deleted"] is True


async def test_meetings_of_a_host_are_deleted_under_her_extension() -> None:
    async with at_work() as assistant:
        executive = assistant.simulator.executive_id
        meeting_id = put(assistant, host={"id": executive})
        done = (await delete(assistant, meeting_id, host_id=executive)).data
        assert done["restore"]["host_id"] == executive
        (call,) = assistant.sent("DELETE")
        assert call.path.endswith(f"/extension/{executive}/meeting/{meeting_id}")
