"""RingCentral Meetings beside the person's own calendar: a meeting and its entry are one, told by the link."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from assistant import Answer, Assistant, at_work, put
from bench.written_feeds import calendar, event
from publisher import answer, publishing
from ringcentral_meetings.simulator import Simulator

pytestmark = pytest.mark.anyio

NUMBER = "5559990001"
JOIN = "https://meetings.ringcentral.com/j/"
AT_THREE = ("DTSTART:20261124T200000Z", "DTEND:20261124T203000Z")
"""15:00 to 15:30 in New York on Tuesday, as `put` stores a meeting."""
AT_FOUR = ("DTSTART:20261124T210000Z", "DTEND:20261124T213000Z")
WEDNESDAY = ("DTSTART:20261125T200000Z", "DTEND:20261125T203000Z")
TUESDAY = {"window_start": "2026-11-24", "window_end": "2026-11-24"}
WEEK = {"window_start": "2026-11-23", "window_end": "2026-11-29"}


def entry(*lines: str, number: str = NUMBER, title: str = "Budget", host: str = JOIN) -> str:
    return event(*lines, f"SUMMARY:{title}", f"LOCATION:{host}{number}", uid=f"{number}{lines}")


DENTIST = event(*AT_FOUR, "SUMMARY:Dentist", uid="dentist")


@asynccontextmanager
async def with_calendar(*parts: str, says: bytes | None = None, **more: Any) -> AsyncIterator[Assistant]:
    async with (
        publishing(says if says is not None else answer(calendar(*parts))) as publisher,
        at_work(product="meetings", calendars=publisher.addresses, **more) as assistant,
    ):
        yield assistant


async def listed(assistant: Assistant, **given: Any) -> dict[str, Any]:
    return (await assistant.call("list_meetings", **(given or TUESDAY))).data


def rows(page: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["topic"], row["start"][5:16]) for row in page["meetings"]]


async def test_a_meeting_and_its_entry_are_one_row_with_the_id_of_the_meeting() -> None:
    async with with_calendar(entry(*AT_THREE, title="Budget round"), DENTIST) as assistant:
        put(assistant, id=NUMBER)
        page = await listed(assistant)
        assert [(row["meeting_id"], row["topic"]) for row in page["meetings"]] == [(NUMBER, "Budget")]
        assert "organizer" not in page["meetings"][0]
        assert page.get("hint") is None
        assert "incomplete" not in page


async def test_meetings_to_which_others_invite_are_listed_with_their_links_and_organizers() -> None:
    invited = event(
        *AT_FOUR,
        "SUMMARY:Vendor call",
        "ORGANIZER;CN=Ana Duarte:mailto:ana@example.com",
        f"URL:{JOIN}5551112222?pwd=ab12",
    )
    declined = event(*AT_FOUR, "ATTENDEE;PARTSTAT=DECLINED:mailto:Robin.Ashdown@example.com", f"URL:{JOIN}5551112223")
    room = event(*WEDNESDAY, "SUMMARY:Design", "LOCATION:https://v.ringcentral.com/join/018209241352", uid="room")
    async with with_calendar(invited, declined.replace("UID:one", "UID:two"), room, DENTIST) as assistant:
        put(assistant, id=NUMBER)
        page = await listed(assistant, **WEEK)
        assert rows(page) == [("Budget", "11-24T15:00"), ("Vendor call", "11-24T16:00"), ("Design", "11-25T15:00")]
        vendor = page["meetings"][1]
        assert (vendor["organizer"], vendor["join_url"]) == ("Ana Duarte", f"{JOIN}5551112222?pwd=ab12")
        assert "2 from the calendar are other people's: join by join_url." in page["hint"]
        for row in page["meetings"][1:]:
            problem = (await assistant.call("get_meeting", meeting_id=row["meeting_id"])).problem
            assert problem["code"] in {"not_found", "not_supported_by_product"}


@pytest.mark.parametrize(
    ("moved", "window"), [(AT_FOUR, TUESDAY), (WEDNESDAY, TUESDAY), (WEDNESDAY, {**WEEK, "window_start": "2026-11-25"})]
)
async def test_a_meeting_whose_entry_is_at_another_time_is_remarked(
    moved: tuple[str, str], window: dict[str, str]
) -> None:
    async with with_calendar(entry(*moved)) as assistant:
        put(assistant, id=NUMBER)
        page = await listed(assistant, **window)
        there = "Tuesday 2026-11-24T16:00" if moved == AT_FOUR else "Wednesday 2026-11-25T15:00"
        assert f'"Budget" is on Tuesday 2026-11-24T15:00-05:00 at RingCentral and is on {there}-05:00' in page["hint"]
        assert "incomplete" not in page


async def test_of_a_series_the_dates_that_differ_are_remarked_and_those_of_long_ago_are_not() -> None:
    weekly = {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"], "count": 3}
    series = entry(*AT_THREE, "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE:20261201T200000Z")
    async with with_calendar(series) as assistant:
        put(assistant, id=NUMBER, meetingType="ScheduledRecurring", recurrence=weekly)
        page = await listed(assistant, window_start="2026-11-24", window_end="2026-12-31")
        assert rows(page) == [("Budget", "11-24T15:00"), ("Budget", "12-01T15:00"), ("Budget", "12-08T15:00")]
        assert (
            '"Budget" is on Tuesday 2026-12-01T15:00-05:00 at RingCentral and is not then in the calendar'
            in page["hint"]
        )
        assert (await listed(assistant)).get("hint") is None


async def test_nothing_is_said_of_differing_times_where_the_calendar_is_not_known_whole() -> None:
    async with with_calendar(says=answer(calendar(entry(*AT_FOUR))[:-16])) as assistant:
        put(assistant, id=NUMBER)
        page = await listed(assistant)
        assert page["incomplete"] is True
        assert "ends early" in page["hint"]
        assert "in the calendar:" not in page["hint"]


async def test_a_meeting_without_a_fixed_time_has_the_times_of_its_entries() -> None:
    async with with_calendar(entry(*AT_THREE, "RRULE:FREQ=DAILY;COUNT=2")) as assistant:
        assistant.simulator.put_meeting(id=NUMBER, topic="Office hours", meetingType="Recurring")
        page = await listed(assistant, **WEEK)
        assert rows(page) == [("Office hours", "11-24T15:00"), ("Office hours", "11-25T15:00")]
        assert {row["meeting_id"] for row in page["meetings"]} == {NUMBER}


async def test_an_entry_with_the_link_of_the_personal_meeting_is_no_other_meeting() -> None:
    async with with_calendar(entry(*AT_THREE, number="4155550101")) as assistant:
        put(assistant, id=NUMBER, usePersonalMeetingId=True)
        assert len((await listed(assistant))["meetings"]) == 1


async def test_links_of_zooms_count_where_the_number_is_the_accounts_own() -> None:
    own = entry(*AT_FOUR, host="https://us02web.zoom.us/j/")
    other = entry(*AT_FOUR, host="https://us02web.zoom.us/j/", number="99988877766", title="Secret plans")
    async with with_calendar(own, other) as assistant:
        put(assistant, id=NUMBER)
        answered = await assistant.call("list_meetings", **TUESDAY)
        assert rows(answered.data) == [("Budget", "11-24T15:00")]
        assert "T16:00-05:00 in the calendar" in answered.data["hint"]
        assert "Secret plans" not in answered.text


async def test_somebody_elses_list_has_nothing_of_the_persons_calendar() -> None:
    async with with_calendar(entry(*AT_FOUR, number="5551112222")) as assistant:
        put(assistant, host={"id": Simulator.executive_id})
        page = await listed(assistant, host_id=Simulator.executive_id, **TUESDAY)
        assert len(page["meetings"]) == 1


async def book(assistant: Assistant, hour: str = "16:15", **more: Any) -> Answer:
    return await assistant.call("create_meeting", topic="Review", start_time=f"2026-11-24T{hour}", **more)


def overlapped(made: Answer) -> list[tuple[str, str]]:
    return [(one["topic"], one["start"][5:16]) for one in made.data.get("conflicts", ())]


async def test_a_new_meeting_names_what_it_overlaps_in_the_calendar_without_its_title() -> None:
    async with with_calendar(DENTIST, entry(*AT_THREE)) as assistant:
        put(assistant, id=NUMBER)
        made = await book(assistant)
        assert overlapped(made) == [("busy (in the calendar)", "11-24T16:00")]
        assert "Dentist" not in made.text
        assert overlapped(await book(assistant, "15:00")) == [("Budget", "11-24T15:00")]
        assert overlapped(await book(assistant, "18:00")) == []


async def test_a_conflict_with_the_calendar_refuses_and_so_does_a_calendar_that_is_not_known() -> None:
    async with with_calendar(DENTIST) as assistant:
        problem = (await book(assistant, if_conflict="refuse")).problem
        assert (problem["code"], "busy (in the calendar)" in problem["message"]) == ("conflict", True)
        assert not assistant.sent("POST", "/meeting")
        assert (await book(assistant, "18:00", if_conflict="refuse")).data["created"] is True
    async with with_calendar(says=answer(status=404)) as assistant:
        problem = (await book(assistant, if_conflict="refuse")).problem
        assert (problem["code"], "reset or deleted" in problem["message"]) == ("conflict", True)
        assert not assistant.sent("POST", "/meeting")
        assert "reset or deleted" in (await book(assistant)).data["note"]


async def test_an_entry_that_was_moved_away_from_its_meeting_is_a_conflict_of_its_own() -> None:
    async with with_calendar(entry(*AT_FOUR)) as assistant:
        put(assistant, id=NUMBER)
        assert overlapped(await book(assistant)) == [("Budget", "11-24T16:00")]


async def test_a_new_series_is_compared_with_a_year_of_the_calendar() -> None:
    late = event("DTSTART:20270601T200000Z", "DTEND:20270601T210000Z", "SUMMARY:Dentist", uid="late")
    weekly = {"frequency": "Weekly", "weekly_days": ["Tuesday"]}
    async with with_calendar(DENTIST, late) as assistant:
        made = await book(assistant, "16:15", meeting_type="ScheduledRecurring", recurrence=weekly)
        assert overlapped(made) == [
            ("busy (in the calendar)", "11-24T16:00"),
            ("busy (in the calendar)", "06-01T16:00"),
        ]
        assert "Overlaps were looked for until 2027-11-25" in made.data["note"]
        short = await book(assistant, "18:00", meeting_type="ScheduledRecurring", recurrence={**weekly, "count": 3})
        assert "Overlaps were looked for" not in short.data["note"]
