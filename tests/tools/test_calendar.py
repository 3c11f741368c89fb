"""The person's own calendar through the tools: a feed on loopback, and a simulated account with RingCentral Video."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from mcp import Client
from mcp_types import ElicitRequestParams, ElicitResult
from pydantic import SecretStr
from whenever import Instant

from assistant import Answer, Assistant, at_work, put
from bench.written_feeds import calendar, event
from publisher import SECRET, answer, publishing
from ringcentral_meetings.app import build_server
from ringcentral_meetings.cli import doctor
from ringcentral_meetings.cli.checks import examine
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator
from ringcentral_meetings.simulator.video import rendering

pytestmark = pytest.mark.anyio

JOIN = "https://v.ringcentral.com/join/"
PIN = "018209241352"
AT_NINE = ("DTSTART:20261124T140000Z", "DTEND:20261124T150000Z")
"""09:00 to 10:00 in New York on Tuesday."""
AT_ELEVEN = ("DTSTART:20261124T160000Z", "DTEND:20261124T170000Z")
BUDGET = event(*AT_NINE, "SUMMARY:Budget", f"LOCATION:{JOIN}{PIN}", uid="budget")
DENTIST = event(*AT_ELEVEN, "SUMMARY:Dentist", uid="dentist")
TUESDAY = {"window_start": "2026-11-24", "window_end": "2026-11-24"}


@asynccontextmanager
async def with_calendar(*parts: str, says: bytes | None = None, **more: Any) -> AsyncIterator[Assistant]:
    """An assistant on RingCentral Video, or the product named, with one calendar of some parts."""
    said = says if says is not None else answer(calendar(*parts))
    async with (
        publishing(said) as publisher,
        at_work(**{"product": "video", "calendars": publisher.addresses} | more) as assistant,
    ):
        yield assistant


def room(simulator: Simulator, pin: str = PIN, name: str = "Budget") -> str:
    """Put a room with this PIN on the platform; return its id."""
    return simulator.put_bridge(name=name, pins={"web": pin})


async def test_what_is_on_tomorrow_on_video_is_read_from_the_calendar_and_no_room_is_looked_up() -> None:
    async with with_calendar(BUDGET, DENTIST) as assistant:
        page = (await assistant.call("list_meetings", **TUESDAY)).data
        assert [(row["topic"], row["start"], row["end"], row["meeting_id"]) for row in page["meetings"]] == [
            ("Budget", "2026-11-24T09:00-05:00", "2026-11-24T10:00-05:00", PIN)
        ]
        assert "incomplete" not in page
        assert "the person's calendar" in page["hint"]
        assert not assistant.sent(path="/bridges")


async def test_the_title_of_an_event_without_a_link_is_never_shown() -> None:
    async with with_calendar(BUDGET, DENTIST) as assistant:
        for tool in ("list_meetings", "get_connection_status"):
            assert "Dentist" not in (await assistant.call(tool)).text
        assert "Dentist" not in (await assistant.call("find_meeting_times", duration_minutes=30)).text


async def test_a_meeting_in_two_calendars_is_one_row_and_declined_and_foreign_ones_are_none() -> None:
    declined = event(
        *AT_ELEVEN, "SUMMARY:No", f"LOCATION:{JOIN}1234567890", "ATTENDEE;PARTSTAT=DECLINED:mailto:robin@example.com"
    )
    zoom = event(*AT_ELEVEN, "SUMMARY:Other", "LOCATION:https://zoom.us/j/1234567890", uid="zoom")
    async with (
        publishing(answer(calendar(BUDGET, declined)), answer(calendar(BUDGET, zoom))) as publisher,
        at_work(product="video", calendars=publisher.addresses, calendar_emails="Robin@example.com") as assistant,
    ):
        page = (await assistant.call("list_meetings", **TUESDAY)).data
        assert [row["topic"] for row in page["meetings"]] == ["Budget"]
        assert len(publisher.asked) == 2


async def test_pages_of_a_calendar_follow_each_other_in_the_window_of_the_first() -> None:
    weekly = event(*AT_NINE, "RRULE:FREQ=DAILY;COUNT=5", "SUMMARY:Daily", f"LOCATION:{JOIN}{PIN}")
    async with with_calendar(weekly) as assistant:
        first = (await assistant.call("list_meetings", limit=3)).data
        assistant.clock.seconds += 30 * 60
        second = (await assistant.call("list_meetings", limit=3, page_token=first["next_page_token"])).data
        days = [row["start"][:10] for page in (first, second) for row in page["meetings"]]
        assert days == [f"2026-11-{day}" for day in range(24, 29)]


BRAND = "https://meet.brand.example/join/"


async def test_a_link_on_the_accounts_own_host_is_one_of_its_rooms_and_the_host_is_asked_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rendering, "JOIN_BASE", BRAND[:-1])
    foreign = event(*AT_ELEVEN, "SUMMARY:Secret plans", f"LOCATION:https://elsewhere.example/join/{PIN}", uid="foreign")
    async with with_calendar(event(*AT_NINE, "SUMMARY:Budget", f"LOCATION:{BRAND}{PIN}"), foreign) as assistant:
        room(assistant.simulator)
        assistant.simulator.put_bridge(type="PMI", name="Robin's room")
        for _ in range(3):
            answered = await assistant.call("list_meetings", **TUESDAY)
            assert [(row["topic"], row["join_url"]) for row in answered.data["meetings"]] == [
                ("Budget", f"{BRAND}{PIN}")
            ]
            assert "Secret plans" not in answered.text
        assert len(assistant.sent("GET", "/bridges/default")) == 1
        assert starts(await free_on_tuesday(assistant))[:3] == ["10:00", "12:00", "13:00"]


async def test_on_an_account_without_a_host_of_its_own_nobody_elses_links_count() -> None:
    foreign = event(*AT_ELEVEN, "SUMMARY:Secret plans", f"LOCATION:https://elsewhere.example/join/{PIN}", uid="foreign")
    async with with_calendar(foreign) as assistant:
        for _ in range(2):
            assert (await assistant.call("list_meetings", **TUESDAY)).data["meetings"] == []
        assert len(assistant.sent("GET", "/bridges/default")) == 1


async def test_without_links_on_unknown_hosts_the_accounts_own_is_not_asked_for() -> None:
    async with with_calendar(BUDGET, DENTIST) as assistant:
        await assistant.call("list_meetings", **TUESDAY)
        assert not assistant.sent("GET", "/bridges/default")


async def test_what_a_row_shows_is_what_the_next_tools_take() -> None:
    hashed = f"{JOIN}{PIN}?pw=a1b2c3d4e5f60718a1b2c3d4e5f60718"
    invited = event(
        *AT_NINE, "SUMMARY:Review", "ORGANIZER;CN=Ana Duarte:mailto:ana@example.com", f"URL:{hashed}", uid="budget"
    )
    named = event(*AT_ELEVEN, "SUMMARY:Chat", f"LOCATION:{JOIN}robin", uid="named")
    async with with_calendar(invited, named) as assistant:
        room(assistant.simulator)
        assistant.simulator.put_bridge(type="PMI", name="Robin's room")
        page = (await assistant.call("list_meetings", **TUESDAY)).data
        by_pin, by_name = page["meetings"]
        assert (by_pin["meeting_id"], by_pin["join_url"], by_pin["organizer"]) == (PIN, hashed, "Ana Duarte")
        assert (by_name["meeting_id"], by_name["join_url"]) == ("robin", f"{JOIN}robin")
        assert "organizer" not in by_name
        for row, name in ((by_pin, "Budget"), (by_name, "Robin's room")):
            given = {"meeting_id": row["meeting_id"]}
            assert (await assistant.call("get_meeting", **given)).data["meeting"]["topic"] == name
            invitation = await assistant.call("get_meeting_invitation", start_time=row["start"], **given)
            assert name in invitation.text
        renamed = await assistant.call("update_meeting", meeting_id=PIN, topic="Budget round")
        assert renamed.data["meeting"]["topic"] == "Budget round"
        given = {"meeting_id": PIN, "expected_start": by_pin["start"]}
        wrong = (await assistant.call("delete_meeting", expected_topic=by_pin["topic"], **given)).problem
        assert (wrong["code"], "Budget round" in wrong["message"]) == ("target_mismatch", True)
        assert (await assistant.call("delete_meeting", expected_topic="Budget round", **given)).data["deleted"] is True


async def test_a_meeting_of_the_other_product_is_listed_to_be_joined_by_its_link() -> None:
    link = "https://meetings.ringcentral.com/j/1234567890?pwd=ab12"
    start_link = "https://meetings.ringcentral.com/s/1234567891?zpk=hostsecret"
    older = event(*AT_NINE, "SUMMARY:Older", f"LOCATION:{link}", uid="older")
    started = event(*AT_ELEVEN, "SUMMARY:Mine", f"LOCATION:{start_link}", uid="started")
    async with with_calendar(older, started) as assistant:
        answered = await assistant.call("list_meetings", **TUESDAY)
        first, second = answered.data["meetings"]
        assert (first["meeting_id"], first["join_url"]) == (link, link)
        assert "hostsecret" not in answered.text
        assert (second["meeting_id"], "join_url" in second) == ("1234567891", False)
        problem = (await assistant.call("get_meeting", meeting_id=link)).problem
        assert problem["code"] == "not_supported_by_product"
        assert "Join by the link itself" in problem["next_step"]


async def test_invitations_that_the_accounts_own_address_declined_are_not_listed_and_not_busy() -> None:
    declined = event(
        *AT_NINE, "SUMMARY:No", "ATTENDEE;PARTSTAT=DECLINED:mailto:robin.ashdown@example.com", f"URL:{JOIN}{PIN}"
    )
    async with with_calendar(declined) as assistant:
        assert (await assistant.call("list_meetings", **TUESDAY)).data["meetings"] == []
        assert "09:00" in starts(await free_on_tuesday(assistant))


async def test_without_the_setting_the_way_out_names_it_and_the_join_link() -> None:
    async with at_work(product="video") as assistant:
        for tool, given in (("list_meetings", {}), ("find_meeting_times", {"duration_minutes": 30})):
            problem = (await assistant.call(tool, **given)).problem
            assert problem["code"] == "not_supported_by_product"
            assert "RINGCENTRAL_CALENDARS" in problem["next_step"]
            assert "get_meeting takes the join link" in problem["next_step"]


async def test_somebody_elses_meetings_are_not_in_the_persons_calendar() -> None:
    async with with_calendar(BUDGET) as assistant:
        problem = (await assistant.call("list_meetings", host_id=Simulator.executive_id)).problem
        assert problem["code"] == "not_supported_by_product"
        own = (await assistant.call("list_meetings", host_id=Simulator.owner_id, **TUESDAY)).data
        assert own["total"] == 1


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (answer(status=404), "reset or deleted"),
        (answer(status=403), "refuses this address"),
        (answer(status=429), "asks to wait"),
        (answer(status=500), "answered with an error"),
        (answer(b"<html>Sign in</html>"), "publishing was switched off"),
        (answer(b"nothing to see"), "not a calendar"),
        (answer(calendar(BUDGET)[:-20]), "ends early"),
        (answer(calendar(BUDGET, event("DTSTART:soon", uid="bad"))), "1 calendar entry has no readable time"),
    ],
)
async def test_a_calendar_that_cannot_be_read_whole_is_incomplete_for_a_named_reason(says: bytes, words: str) -> None:
    async with with_calendar(says=says) as assistant:
        page = (await assistant.call("list_meetings", **TUESDAY)).data
        assert page["incomplete"] is True
        assert words in page["hint"]
        assert "the window is empty" not in page["hint"]


async def test_the_address_is_in_no_answer_whatever_a_calendar_says() -> None:
    echo = event(*AT_NINE, f"SUMMARY:see {SECRET} and private-0123456789abcdef", f"LOCATION:{JOIN}{PIN}")
    async with with_calendar(echo) as assistant:
        for tool, given in (("list_meetings", TUESDAY), ("get_connection_status", {"check": "full"})):
            text = (await assistant.call(tool, **given)).text
            assert "0123456789abcdef" not in text


async def test_the_publisher_sees_the_user_agent_that_is_set_and_no_token() -> None:
    async with (
        publishing(answer(calendar(BUDGET))) as publisher,
        at_work(product="video", calendars=publisher.addresses, calendar_user_agent="Mozilla/5.0") as assistant,
    ):
        await assistant.call("list_meetings")
        assert "Mozilla/5.0" in publisher.asked[0]
        assert "uthorization" not in publisher.asked[0]


async def upcoming(**settings: Any) -> dict[str, Any]:
    """What a server on a simulator of its own lists, with nothing between them but the settings."""
    server = build_server(Settings(simulator=True, product="video", log_level="CRITICAL", **settings))
    async with Client(server) as client:
        listed = await client.call_tool("list_meetings", {})
        found = await client.call_tool("find_meeting_times", {"duration_minutes": 30})
    assert found.structured_content is not None
    assert found.structured_content["slots"]
    page: dict[str, Any] = listed.structured_content or {}
    return page


async def test_the_simulator_of_video_brings_a_calendar_unless_one_is_set() -> None:
    own = await upcoming()
    assert {row["topic"] for row in own["meetings"]} >= {"Stand-up", "Team weekly", "All hands"}
    assert "Investor update" not in {row["topic"] for row in own["meetings"]}
    start = Instant.now().add(hours=30).format_iso().replace("-", "").replace(":", "")[:15]
    soon = event(f"DTSTART:{start}Z", "DURATION:PT1H", "SUMMARY:Mine", f"LOCATION:{JOIN}{PIN}")
    async with publishing(answer(calendar(soon))) as publisher:
        set_one = await upcoming(calendars=publisher.addresses)
    assert [row["topic"] for row in set_one["meetings"]] == ["Mine"]


async def free_on_tuesday(assistant: Assistant, **more: Any) -> dict[str, Any]:
    given = TUESDAY | {"duration_minutes": 60, "step_minutes": 60, "limit": 25} | more
    return (await assistant.call("find_meeting_times", **given)).data


def starts(found: dict[str, Any]) -> list[str]:
    return [slot["start"][11:16] for slot in found["slots"]]


async def test_every_busy_time_of_the_calendar_counts_and_none_is_named() -> None:
    free = event("DTSTART:20261124T180000Z", "DTEND:20261124T190000Z", "TRANSP:TRANSPARENT", uid="free")
    async with with_calendar(BUDGET, DENTIST, free) as assistant:
        found = await free_on_tuesday(assistant)
        assert starts(found) == ["10:00", "12:00", "13:00", "14:00", "15:00", "16:00"]
        assert [(host["calendar"], host.get("problem")) for host in found["hosts"]] == [("known", None)]
        assert "own calendar was looked at" in found["note"]
        assert starts(await free_on_tuesday(assistant, buffer_minutes=30)) == ["13:00", "14:00", "15:00", "16:00"]


async def test_whole_days_block_unless_they_are_marked_free_and_the_note_counts_both() -> None:
    fair = event("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261125", "SUMMARY:Fair", uid="fair")
    birthday = event("DTSTART;VALUE=DATE:19360124", "RRULE:FREQ=MONTHLY", "TRANSP:TRANSPARENT", uid="birthday")
    async with with_calendar(fair, birthday) as assistant:
        found = await free_on_tuesday(assistant, window_end="2026-11-25")
        assert {slot["start"][:10] for slot in found["slots"]} == {"2026-11-25"}
        assert "1 marked free in the calendar does not count. 1 of whole days in the calendar does." in found["note"]
    async with with_calendar(birthday) as assistant:
        found = await free_on_tuesday(assistant)
        assert "09:00" in starts(found)
        assert "of whole days" not in found["note"]
        assert (await assistant.call("list_meetings", **TUESDAY)).data["meetings"] == []


async def test_an_empty_calendar_is_empty_and_not_unknown() -> None:
    async with with_calendar() as assistant:
        page = (await assistant.call("list_meetings", **TUESDAY)).data
        assert (page["meetings"], "incomplete" in page) == ([], False)
        assert "Nothing found: the window is empty." in page["hint"]
        found = await free_on_tuesday(assistant)
        assert (len(found["slots"]), found["hosts"][0]["calendar"]) == (8, "known")


async def test_on_ringcentral_meetings_the_calendar_counts_beside_the_meetings() -> None:
    async with with_calendar(DENTIST, product="meetings") as assistant:
        put(assistant, start="2026-11-24T14:00:00Z", minutes=60)
        assert starts(await free_on_tuesday(assistant)) == ["10:00", "12:00", "13:00", "14:00", "15:00", "16:00"]


async def test_time_that_nothing_is_known_of_is_not_offered() -> None:
    async with with_calendar(says=answer(status=404)) as assistant:
        found = await free_on_tuesday(assistant)
        assert found["slots"] == []
        (own,) = found["hosts"]
        assert own["calendar"] == "unknown"
        assert "reset or deleted" in own["problem"]
        assert "could not be read" in found["note"]


async def test_of_two_calendars_the_one_that_cannot_be_read_keeps_everything_unknown() -> None:
    async with (
        publishing(answer(calendar(BUDGET)), answer(b"<html>Sign in</html>")) as publisher,
        at_work(product="video", calendars=publisher.addresses) as assistant,
    ):
        found = await free_on_tuesday(assistant)
        assert (found["slots"], found["hosts"][0]["calendar"]) == ([], "unknown")


async def test_hours_in_an_unknown_zone_are_not_offered_and_the_rest_of_the_week_is() -> None:
    nowhere = event("DTSTART;TZID=Nowhere:20261124T090000", "DTEND;TZID=Nowhere:20261124T100000", uid="nowhere")
    async with with_calendar(nowhere) as assistant:
        found = await free_on_tuesday(assistant, window_end="2026-11-27")
        days = {slot["start"][:10] for slot in found["slots"]}
        assert "2026-11-24" not in days
        assert "2026-11-27" in days
        assert found["hosts"][0]["calendar"] == "partly_unknown"
        assert "time zone that nothing defines" in found["hosts"][0]["problem"]


async def test_an_earlier_copy_is_offered_as_known_in_part() -> None:
    async with (
        publishing(answer(calendar(BUDGET))) as publisher,
        at_work(product="video", calendars=publisher.addresses) as assistant,
    ):
        await free_on_tuesday(assistant)
        publisher.says = dict.fromkeys(publisher.says, answer(status=500))
        assistant.clock.seconds += 301
        found = await free_on_tuesday(assistant)
        assert starts(found)[0] == "10:00"
        assert found["hosts"][0]["calendar"] == "partly_unknown"
        assert "earlier copy" in found["hosts"][0]["problem"]


async def test_the_status_names_each_calendar_by_its_host_with_age_entries_and_problems() -> None:
    async with (
        publishing(answer(calendar(BUDGET, DENTIST)), answer(status=404)) as publisher,
        at_work(product="video", calendars=publisher.addresses) as assistant,
    ):
        shown = (await assistant.call("get_connection_status")).data["calendars"]
        assert shown[0] == "127.0.0.1: 2 entries, read 2026-11-23T14:00Z"
        assert "The calendar on 127.0.0.1 no longer knows this address" in shown[1]
        assert len(shown) == 2
    async with at_work(product="video") as assistant:
        assert "calendars" not in (await assistant.call("get_connection_status")).data


async def test_doctor_checks_each_calendar_and_warns_without_its_address() -> None:
    async with publishing(answer(calendar(BUDGET)), answer(b"<html>Sign in</html>")) as publisher:
        simulator = Simulator(provider="RCVideo", seeded=False)
        settings = Settings(simulator=True, product="video", calendars=SecretStr(publisher.addresses))
        async with doctor.doctor_context(settings, simulator.transport()) as context:
            checks = {check.name: check async for check in examine(context)}
        simulator.close()
    assert checks["calendar"].state == "warn"
    assert "127.0.0.1: 1 entry, read" in checks["calendar"].detail
    assert "publishing was switched off" in checks["calendar"].detail
    assert not [check for check in checks.values() if "0123456789abcdef" in f"{check}"]


async def book(assistant: Assistant, hour: str = "09:30", **more: Any) -> Answer:
    return await assistant.call("create_meeting", topic="Review", start_time=f"2026-11-24T{hour}", **more)


async def test_a_new_room_at_a_busy_time_is_created_and_the_overlaps_are_reported() -> None:
    async with with_calendar(BUDGET, DENTIST) as assistant:
        assert [one["topic"] for one in (await book(assistant)).data["conflicts"]] == ["Budget"]
        shown = (await book(assistant, "11:30")).data["conflicts"]
        assert [(one["topic"], one["start"]) for one in shown] == [("busy (in the calendar)", "2026-11-24T11:00-05:00")]
        assert "conflicts" not in (await book(assistant, "13:00")).data


async def test_refusing_a_conflict_means_something_on_video_where_the_calendar_is_known() -> None:
    async with with_calendar(BUDGET) as assistant:
        problem = (await book(assistant, if_conflict="refuse")).problem
        assert (problem["code"], '"Budget"' in problem["message"]) == ("conflict", True)
        assert not assistant.sent("POST", "/bridges")
        assert (await book(assistant, "13:00", if_conflict="refuse")).data["created"] is True
    async with with_calendar(says=answer(status=404)) as assistant:
        problem = (await book(assistant, "13:00", if_conflict="refuse")).problem
        assert (problem["code"], "reset or deleted" in problem["message"]) == ("conflict", True)
        assert not assistant.sent("POST", "/bridges")
        assert "reset or deleted" in (await book(assistant, "13:00")).data["note"]


DAILY = event(*AT_NINE, "RRULE:FREQ=DAILY;COUNT=7", "SUMMARY:Budget", f"LOCATION:{JOIN}{PIN}", uid="daily")


async def test_a_room_shows_its_next_dates_in_the_calendar() -> None:
    async with with_calendar(DAILY, DENTIST) as assistant:
        shown = (await assistant.call("get_meeting", meeting_id=room(assistant.simulator))).data
        assert [one["start"] for one in shown["upcoming"]] == [f"2026-11-{day}T09:00-05:00" for day in range(24, 29)]
        assert shown["more_upcoming"] is True
        other = (await assistant.call("get_meeting", meeting_id=room(assistant.simulator, "999999999999"))).data
        assert "upcoming" not in other


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (answer(status=404), "reset or deleted"),
        (answer(calendar(event("DTSTART:20261124T140000Z", "SUMMARY:Busy"))), "published without details"),
    ],
)
async def test_a_room_says_so_where_its_dates_in_the_calendar_are_not_known(says: bytes, words: str) -> None:
    questions: list[str] = []

    def yes(asked: ElicitRequestParams) -> ElicitResult:
        questions.append(asked.message)
        return ElicitResult(action="accept", content={"confirm": True})

    async with with_calendar(says=says, reply=yes) as assistant:
        given = {"meeting_id": room(assistant.simulator)}
        shown = (await assistant.call("get_meeting", **given)).data
        assert shown["note"].startswith("Dates in the calendar may be missing.")
        assert words in shown["note"]
        assert "upcoming" not in shown
        given["expected_topic"] = "Budget"
        wrong = (await assistant.call("delete_meeting", expected_start="2026-11-24T09:00", **given)).problem
        assert (wrong["code"], "calendar could not be read: leave it out" in wrong["message"]) == (
            "target_mismatch",
            True,
        )
        gone = (await assistant.call("delete_meeting", **given)).data
        assert "Whether calendar entries use it is unknown" in gone["note"]
        assert "dates in the calendar unknown" in questions[-1]
    async with with_calendar(DAILY) as assistant:
        assert "note" not in (await assistant.call("get_meeting", meeting_id=room(assistant.simulator))).data


async def test_the_start_that_a_room_is_expected_at_is_one_of_its_dates_in_the_calendar() -> None:
    async with with_calendar(DAILY) as assistant:
        given = {"meeting_id": room(assistant.simulator), "expected_topic": "Budget"}
        wrong = (await assistant.call("delete_meeting", expected_start="2026-11-24T10:00", **given)).problem
        assert wrong["code"] == "target_mismatch"
        assert "Tuesday 2026-11-24T09:00-05:00" in wrong["message"]
        given["expected_start"] = "2026-11-25T09:00"
        one = (await assistant.call("delete_meeting", **given)).problem
        assert (one["code"], 'scope="series"' in one["next_step"]) == ("scope_required", True)
        assert "2026-11-28T09:00" in one["message"]
        assert not assistant.sent("DELETE", "/bridges")
        done = (await assistant.call("delete_meeting", scope="series", **given)).data
        assert done["deleted"] is True
        for day in range(24, 29):
            assert f"2026-11-{day}T09:00" in done["note"]
        assert "and 2 more" in done["note"]
