"""The dates of a series under way through a change, or a deletion and its way back, whatever RingCentral does then.

Ten Tuesdays from 3 November 2026 to 5 January 2027, or without an end; it is 23 November, and 1 December is cancelled.
"""

from typing import Any

import pytest

from assistant import Assistant, at_work, scheduled
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

WEEKLY = {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"]}
ENDS: dict[str, dict[str, Any]] = {
    "counted": {"count": 10},
    "dated": {"until": "2027-01-05T20:00:00Z"},
    "endless": {},
}
CHANGES: dict[str, dict[str, Any]] = {
    "half an hour": {"start_time": "2026-11-24T15:30"},
    "another weekday": {"start_time": "2026-11-25T15:00", "recurrence": {"weekly_days": ["Wednesday"]}},
    "end earlier": {"recurrence": {"until": "2026-12-15"}},
    "rename": {"topic": "Weekly round"},
}
POSITIONS: dict[str, dict[str, Any]] = {
    "as supposed": {},
    "by day": {"cancelled_dates_kept": "by_day"},
    "never": {"cancelled_dates_kept": "never"},
    "held count": {"changed_count_includes_held": True},
    "start moves on": {"past_start_moves_on": True},
}
LATEST = "2027-02-02"
"""Until when an endless series is looked at."""


def put_series(assistant: Assistant, end: str) -> str:
    return assistant.simulator.put_meeting(
        topic="Weekly",
        meetingType="ScheduledRecurring",
        schedule=scheduled("2026-11-03T20:00:00Z"),
        recurrence=WEEKLY | ENDS[end],
    )


async def cancel(assistant: Assistant, series: str, day: str) -> None:
    page = (await assistant.call("list_meetings", window_start=day, window_end=day)).data
    (row,) = (row for row in page["meetings"] if row["meeting_id"] == series)
    arguments = {"expected_topic": row["topic"], "expected_start": row["start"], "scope": "occurrence"}
    gone = await assistant.call("delete_meeting", meeting_id=series, occurrence_id=row["occurrence_id"], **arguments)
    assert gone.data["deleted"]


async def days(assistant: Assistant, topic: str = "weekly") -> list[str]:
    page = (await assistant.call("list_meetings", query=topic, window_end=LATEST, limit=100)).data
    return [row["start"][5:10] for row in page["meetings"]]


def dates_in(answer: dict[str, Any], name: str) -> list[str]:
    return [entry[5:10] for entry in answer.get(name, ())]


TUESDAYS = ["11-24", "12-01", "12-08", "12-15", "12-22", "12-29", "01-05", "01-12", "01-19", "01-26", "02-02"]
WEDNESDAYS = ["11-25", "12-02", "12-09", "12-16", "12-23", "12-30", "01-06", "01-13", "01-20", "01-27"]


def expected(end: str, change: str, position: str) -> dict[str, list[str]]:
    """What the series comes to, and what the answer has to say of it."""
    number = 4 if change == "end earlier" else 7 if end != "endless" else 11
    plain = TUESDAYS[: 7 if end != "endless" else 11]
    found: dict[str, list[str]] = {"added": [], "lost": plain[4:] if change == "end earlier" else [], "returned": []}
    if (end, position) == ("counted", "held count") and change in ("half an hour", "another weekday"):
        number, found["lost"] = 4, plain[4:]
    if (end, position, change) == ("counted", "start moves on", "rename"):
        number, found["added"] = 10, TUESDAYS[7:10]
    stored = (WEDNESDAYS if change == "another weekday" else TUESDAYS)[:number]
    comes_back = {
        "half an hour": position != "by day",
        "another weekday": True,
        "end earlier": position == "never",
        "rename": position == "never",
    }[change]
    found["returned"] = [stored[1]] if comes_back else []
    found["dates"] = stored if comes_back else [day for day in stored if day != "12-01"]
    return found


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("end", ENDS)
async def test_what_a_change_does_to_the_dates_is_what_the_answer_says(end: str, change: str, position: str) -> None:
    async with at_work(switches=Switches(**POSITIONS[position])) as assistant:
        series = put_series(assistant, end)
        await cancel(assistant, series, "2026-12-01")
        done = (await assistant.call("update_meeting", meeting_id=series, **CHANGES[change])).data
        wanted = expected(end, change, position)
        assert await days(assistant) == wanted["dates"]
        assert dates_in(done, "dates_added") == wanted["added"]
        assert dates_in(done, "cancelled_dates_returned") == wanted["returned"]
        lost = [day for day in dates_in(done, "dates_lost") if day in TUESDAYS]
        assert lost == wanted["lost"]
        assert ("delete_meeting scope=occurrence" in done.get("note", "")) is bool(wanted["added"] + wanted["returned"])


@pytest.mark.parametrize("position", POSITIONS)
@pytest.mark.parametrize("end", ENDS)
async def test_a_restored_series_has_the_dates_ahead_and_names_those_to_delete_again(end: str, position: str) -> None:
    async with at_work(switches=Switches(**POSITIONS[position])) as assistant:
        series = put_series(assistant, end)
        await cancel(assistant, series, "2026-12-01")
        before = await days(assistant)
        page = (await assistant.call("list_meetings", limit=1)).data["meetings"]
        expected_now = {"expected_topic": "Weekly", "expected_start": page[0]["start"]}
        gone = (await assistant.call("delete_meeting", meeting_id=series, scope="series", **expected_now)).data
        assert gone["delete_again"] == ["2026-12-01T15:00-05:00"]
        assert "delete_again" in gone["note"]
        back = (await assistant.call("create_meeting", **gone["restore"])).data["meeting"]
        assert set(await days(assistant)) - set(before) == {"12-01"}
        await cancel(assistant, back["meeting_id"], gone["delete_again"][0][:10])
        assert await days(assistant) == before


async def test_what_came_back_is_removed_by_the_id_and_start_that_the_answer_gives() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "counted")
        await cancel(assistant, series, "2026-12-01")
        done = (await assistant.call("update_meeting", meeting_id=series, **CHANGES["half an hour"])).data
        (returned,) = done["cancelled_dates_returned"]
        start, _, occurrence_id = returned.partition(" occurrence_id=")
        arguments = {"expected_topic": "Weekly", "expected_start": start, "scope": "occurrence"}
        await assistant.call("delete_meeting", meeting_id=series, occurrence_id=occurrence_id, **arguments)
        assert await days(assistant) == ["11-24", "12-08", "12-15", "12-22", "12-29", "01-05"]


async def test_a_meeting_shows_its_first_start_its_next_what_is_left_and_what_was_cancelled() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "counted")
        await cancel(assistant, series, "2026-12-01")
        shown = (await assistant.call("get_meeting", meeting_id=series)).data
        assert shown["first_start"] == "2026-11-03T15:00-05:00"
        assert shown["meeting"]["start"] == shown["upcoming"][0]["start"] == "2026-11-24T15:00-05:00"
        assert shown["dates_left"] == 6
        assert shown["cancelled_dates"] == ["2026-12-01T15:00-05:00"]
        endless = (await assistant.call("get_meeting", meeting_id=put_series(assistant, "endless"))).data
        assert not {"dates_left", "cancelled_dates"} & set(endless)


async def test_a_later_start_drops_the_dates_before_it_and_says_so() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "counted")
        done = (await assistant.call("update_meeting", meeting_id=series, start_time="2026-12-08T15:00")).data
        assert dates_in(done, "dates_lost") == ["11-24", "12-01"]
        assert (await days(assistant))[-1] == "01-05"


async def test_a_later_hour_does_not_move_the_last_date_over_the_end() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "dated")
        done = (await assistant.call("update_meeting", meeting_id=series, start_time="2026-11-24T21:00")).data
        assert "dates_lost" not in done
        assert (await days(assistant))[-1] == "01-05"


@pytest.mark.parametrize("change", ["half an hour", "rename", "end earlier"])
async def test_an_update_shows_the_start_that_the_next_tool_expects(change: str) -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "dated")
        shown = (await assistant.call("update_meeting", meeting_id=series, **CHANGES[change])).data["meeting"]
        expected_now = {"expected_topic": shown["topic"], "expected_start": shown["start"]}
        gone = await assistant.call("delete_meeting", meeting_id=series, scope="series", **expected_now)
        assert gone.data["deleted"]


async def test_an_equal_series_that_is_under_way_is_shown_at_its_next_date() -> None:
    async with at_work() as assistant:
        details = {"topic": "Daily", "start_time": "2026-11-23T15:00", "recurrence": {"frequency": "Daily", "count": 5}}
        await assistant.call("create_meeting", **details)
        twin = (await assistant.call("create_meeting", **details)).data
        listed = (await assistant.call("list_meetings", limit=1)).data["meetings"][0]
        assert twin["created"] is False
        assert twin["meeting"]["start"] == listed["start"]
