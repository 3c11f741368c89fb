"""Listing: windows, zones, words, and the dates of series."""

from typing import Any

import pytest

from assistant import Assistant, at_work, put, scheduled
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

MANY = {"light": 100_000, "medium": 100_000}


def put_series(assistant: Assistant, topic: str, start: str, **recurrence: Any) -> str:
    return put(assistant, topic, start, meetingType="ScheduledRecurring", recurrence=recurrence)


async def rows(assistant: Assistant, **arguments: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await assistant.call("list_meetings", **arguments)).data["meetings"]
    return found


async def topics(assistant: Assistant, **arguments: Any) -> list[str]:
    return [row["topic"] for row in await rows(assistant, **arguments)]


async def starts(assistant: Assistant, **arguments: Any) -> list[str]:
    return [row["start"] for row in await rows(assistant, **arguments)]


async def test_without_a_window_it_lists_two_weeks_from_now() -> None:
    async with at_work() as assistant:
        put(assistant, "last moment", "2026-12-07T13:59:00Z")
        put(assistant, "too late", "2026-12-07T14:00:00Z")
        put(assistant, "soon", "2026-11-23T14:00:00Z")
        page = (await assistant.call("list_meetings")).data
        assert [row["topic"] for row in page["meetings"]] == ["soon", "last moment"]
        assert (page["window_start"], page["window_end"]) == ("2026-11-23T09:00-05:00", "2026-12-07T09:00-05:00")


async def test_a_window_of_two_weeks_keeps_its_hour_over_a_clock_change() -> None:
    async with at_work() as assistant:
        page = (await assistant.call("list_meetings", window_start="2027-03-10T15:00")).data
        assert (page["window_start"], page["window_end"]) == ("2027-03-10T15:00-05:00", "2027-03-24T15:00-04:00")


async def test_a_window_of_dates_holds_both_days_whole_and_one_of_times_ends_before_its_end() -> None:
    async with at_work() as assistant:
        put(assistant, "before", "2026-11-25T04:59:00Z", minutes=1)
        put(assistant, "first", "2026-11-25T05:00:00Z")
        put(assistant, "last", "2026-11-27T04:59:00Z")
        put(assistant, "after", "2026-11-27T05:00:00Z")
        assert await topics(assistant, window_start="2026-11-25", window_end="2026-11-26") == ["first", "last"]
        window = {"window_start": "2026-11-25T00:00", "window_end": "2026-11-26T23:59"}
        assert await topics(assistant, **window) == ["first"]
        window = {"window_start": "2026-11-27T04:59:00Z", "window_end": "2026-11-27T05:01:00Z"}
        assert await topics(assistant, **window) == ["last", "after"]


async def test_a_window_zone_or_limit_that_makes_no_sense_is_refused_by_name() -> None:
    refused: list[tuple[dict[str, Any], str]] = [
        ({"window_start": "tomorrow"}, "window_start"),
        ({"window_end": "2026-02-30"}, "window_end"),
        ({"window_start": "2026-11-26", "window_end": "2026-11-25"}, "window_end"),
        ({"window_end": "2026-11-20"}, "window_end"),
        ({"time_zone": "New York"}, "time_zone"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
    ]
    async with at_work() as assistant:
        for arguments, field in refused:
            problem = (await assistant.call("list_meetings", **arguments)).problem
            assert problem["code"] == "invalid_arguments", arguments
            assert problem["message"].startswith(f"{field}: "), arguments
        assert not assistant.sent(path="/meeting")


async def test_times_are_shown_in_the_zone_of_the_argument_else_the_setting_else_the_account() -> None:
    async with at_work(time_zone="Asia/Tokyo") as assistant:
        put(assistant, "Sync", "2026-11-24T20:00:00Z")
        page = (await assistant.call("list_meetings")).data
        assert (page["time_zone"], page["time_zone_source"]) == ("Asia/Tokyo", "setting")
        (row,) = page["meetings"]
        assert (row["start"], row["weekday"]) == ("2026-11-25T05:00+09:00", "Wednesday")
        page = (await assistant.call("list_meetings", time_zone="europe/berlin")).data
        assert (page["time_zone"], page["time_zone_source"]) == ("Europe/Berlin", "argument")
        assert page["meetings"][0]["start"] == "2026-11-24T21:00+01:00"
        assert page["meetings"][0]["end"] == "2026-11-24T21:30+01:00"
    async with at_work() as assistant:
        page = (await assistant.call("list_meetings")).data
        assert (page["time_zone"], page["time_zone_source"]) == ("America/New_York", "account")


async def test_where_the_account_tells_no_zone_times_are_in_utc_and_it_says_so() -> None:
    async with at_work() as assistant:
        assistant.simulator.scopes.discard("ReadAccounts")
        put(assistant, "Sync", "2026-11-24T20:00:00Z")
        page = (await assistant.call("list_meetings")).data
        assert (page["time_zone"], page["time_zone_source"]) == ("UTC", "fallback")
        assert page["meetings"][0]["start"] == "2026-11-24T20:00+00:00"


async def test_a_query_finds_meetings_whose_topic_holds_all_its_words() -> None:
    async with at_work() as assistant:
        for topic in (
            "Budget review 2027",
            "Review of \uff22\uff55\uff44\uff47\uff45\uff54",
            "Budget",
            "Réseaux: Café",
        ):
            put(assistant, topic, "2026-11-24T20:00:00Z")
        assert sorted(await topics(assistant, query="REVIEW budget")) == [
            "Budget review 2027",
            "Review of \uff22\uff55\uff44\uff47\uff45\uff54",
        ]
        assert await topics(assistant, query="cafe\u0301") == ["Réseaux: Café"]
        empty = (await assistant.call("list_meetings", query="nowhere")).data
        assert (empty["total"], empty["showing"], empty["meetings"]) == (0, "0 of 0", [])
        assert "nowhere" in empty["hint"]


async def test_an_empty_result_says_how_to_look_further() -> None:
    async with at_work() as assistant:
        page = (await assistant.call("list_meetings")).data
        assert page["meetings"] == []
        assert "window_end" in page["hint"]


async def test_a_series_is_expanded_to_its_dates_at_the_same_wall_time_across_a_clock_change() -> None:
    async with at_work() as assistant:
        put_series(assistant, "Weekly", "2027-03-02T20:00:00Z", frequency="Weekly", weeklyByDays=["Tuesday"])
        window = {"window_start": "2027-03-05", "window_end": "2027-03-25"}
        found = await rows(assistant, **window)
        assert [row["start"] for row in found] == [
            "2027-03-09T15:00-05:00",
            "2027-03-16T15:00-04:00",
            "2027-03-23T15:00-04:00",
        ]
        assert {row["repeats"] for row in found} == {
            "every week on Tuesday at 15:00 America/New_York, without an end",
        }
        assert len({row["occurrence_id"] for row in found}) == 3


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"window_start": "2026-11-23"},
        {"window_start": "2027-02-20", "window_end": "2027-04-10"},
        {"window_start": "2026-11-20", "window_end": "2026-11-30"},
    ],
    ids=["default", "today", "far", "from the past"],
)
async def test_with_and_without_occurrences_in_the_answer_the_rows_are_the_same(window: dict[str, str]) -> None:
    switches = Switches()
    async with at_work(switches=switches, limits=MANY) as assistant:
        put_series(assistant, "Daily", "2026-11-10T12:00:00Z", frequency="Daily")
        put_series(assistant, "Running", "2026-11-20T13:45:00Z", frequency="Daily")
        put_series(assistant, "Counted", "2026-11-20T16:00:00Z", frequency="Daily", interval=2, count=9)
        days = ["Monday", "Thursday"]
        put_series(assistant, "Fortnight", "2026-11-09T17:00:00Z", frequency="Weekly", interval=2, weeklyByDays=days)
        last = {"monthlyByWeek": "Last", "monthlyByWeekDay": "Friday"}
        put_series(assistant, "Monthly", "2026-10-30T18:00:00Z", frequency="Monthly", **last)
        put_series(assistant, "Until", "2026-11-16T19:00:00Z", frequency="Weekly", until="2026-12-07T19:00:00Z")
        switches.list_has_occurrences = True
        listed = await rows(assistant, limit=100, **window)
        switches.list_has_occurrences = False
        expanded = await rows(assistant, limit=100, **window)
        assert len(listed) > 10
        assert [{**row, "occurrence_id": None} for row in listed] == [
            {**row, "occurrence_id": None} for row in expanded
        ]


async def test_a_deleted_occurrence_is_not_shown() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "Weekly", "2026-11-24T20:00:00Z", frequency="Weekly")
        first, second = await rows(assistant)
        echo = {"meeting_id": series, "expected_topic": "Weekly", "expected_start": second["start"]}
        occurrence = {"scope": "occurrence", "occurrence_id": second["occurrence_id"]}
        assert (await assistant.call("delete_meeting", **echo, **occurrence)).data["deleted"] is True
        assert await starts(assistant) == [first["start"]]
        assert await starts(assistant, window_start="2026-12-01", window_end="2026-12-16") == [
            "2026-12-08T15:00-05:00",
            "2026-12-15T15:00-05:00",
        ]


async def test_a_series_that_lists_no_occurrences_is_expanded_by_its_rule_rather_than_hidden() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "Twice", "2026-11-17T20:00:00Z", frequency="Weekly", count=2)
        (row,) = await rows(assistant)
        echo = {"meeting_id": series, "expected_topic": "Twice", "expected_start": row["start"]}
        await assistant.call("delete_meeting", **echo, scope="occurrence", occurrence_id=row["occurrence_id"])
        assert assistant.simulator.meeting(series) is not None
        (ahead,) = (await assistant.call("get_meeting", meeting_id=series)).data["upcoming"]
        assert ahead == {"start": row["start"], "weekday": "Tuesday"}


async def test_a_running_meeting_is_shown_with_its_status() -> None:
    async with at_work() as assistant:
        put(assistant, "Now", "2026-11-23T13:30:00Z", minutes=60, started=True)
        (row,) = await rows(assistant)
        assert (row["start"], row["status"]) == ("2026-11-23T08:30-05:00", "Started")


async def test_meetings_without_a_fixed_time_come_last_and_only_without_a_window() -> None:
    async with at_work() as assistant:
        assistant.simulator.put_meeting(topic="Office hours", meetingType="Recurring")
        put(assistant, "Sync", "2026-11-24T20:00:00Z")
        first, last = await rows(assistant)
        assert (first["topic"], last["topic"]) == ("Sync", "Office hours")
        assert last["meeting_type"] == "Recurring"
        assert not {"start", "end", "weekday"} & set(last)
        windowed = (await assistant.call("list_meetings", window_start="2026-11-23")).data
        assert [row["topic"] for row in windowed["meetings"]] == ["Sync"]
        assert "without a fixed time" in windowed["hint"]


async def test_instant_meetings_are_not_listed() -> None:
    async with at_work() as assistant:
        made = (await assistant.call("create_meeting", topic="Now", meeting_type="Instant")).data
        assert made["created"] is True
        assert await rows(assistant) == []


async def test_topics_are_cleaned_of_what_hides_or_reorders_words_and_keep_emoji() -> None:
    async with at_work() as assistant:
        put(assistant, "Launch \N{PARTY POPPER} \u202etfard\u202c\x00\x1b[31m\u200bplan\nnow", "2026-11-24T20:00:00Z")
        assert await topics(assistant) == ["Launch \N{PARTY POPPER} tfard[31mplan now"]


async def test_a_topic_that_hides_nothing_but_characters_is_shown_empty() -> None:
    async with at_work() as assistant:
        put(assistant, "\u202e\u200b", "2026-11-24T20:00:00Z")
        assert await topics(assistant) == [""]


async def test_meetings_of_a_host_are_read_under_the_hosts_extension() -> None:
    async with at_work() as assistant:
        executive = assistant.simulator.executive_id
        put(assistant, "Mine", "2026-11-24T20:00:00Z")
        put(assistant, "Hers", "2026-11-24T21:00:00Z", host={"id": executive})
        assert await topics(assistant, host_id=executive) == ["Hers"]
        assert assistant.sent("GET")[-1].path.endswith(f"/account/~/extension/{executive}/meeting")
        assert await topics(assistant) == ["Mine"]
        assert assistant.sent("GET")[-1].path.endswith("/account/~/extension/~/meeting")
        refused = await assistant.call("list_meetings", host_id=assistant.simulator.outsider_id)
        assert refused.code == "user_permission_missing"
        assert "host_id" in refused.text


async def test_a_meeting_stored_in_utc_is_shown_on_the_clocks_of_the_user() -> None:
    async with at_work() as assistant:
        gmt = scheduled("2026-11-25T02:00:00Z", zone="GMT")
        meeting_id = assistant.simulator.put_meeting(topic="By the app", schedule=gmt)
        (row,) = await rows(assistant)
        assert (row["start"], row["weekday"]) == ("2026-11-24T21:00-05:00", "Tuesday")
        meeting = (await assistant.call("get_meeting", meeting_id=meeting_id)).data["meeting"]
        assert (meeting["start"], meeting["time_zone"]) == ("2026-11-24T21:00-05:00", "America/New_York")
        assert meeting["start_utc"] == "2026-11-25T02:00Z"


async def test_a_zone_that_the_answer_names_by_id_alone_is_looked_up_in_the_dictionary() -> None:
    async with at_work(switches=Switches(schedule_zone_has_name=False)) as assistant:
        schedule = scheduled("2026-11-24T20:00:00Z", zone="Europe/Berlin")
        meeting_id = assistant.simulator.put_meeting(topic="Sync", schedule=schedule)
        meeting = (await assistant.call("get_meeting", meeting_id=meeting_id)).data["meeting"]
        assert (meeting["start"], meeting["time_zone"]) == ("2026-11-24T21:00+01:00", "Europe/Berlin")
        await assistant.call("get_meeting", meeting_id=meeting_id)
        dictionary = [call.query for call in assistant.sent(path="/dictionary/timezone")]
        assert len(dictionary) == len(set(dictionary)) > 1
