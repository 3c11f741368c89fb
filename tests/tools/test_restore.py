"""The way back: what a deletion returns brings back what lay ahead."""

from typing import Any

import pytest

from assistant import Assistant, at_work, put, scheduled
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

MANY = {"light": 100_000, "medium": 100_000}
NEW = {"meeting_id", "occurrence_id", "join_url"}
OPTIONS: dict[str, Any] = {
    "password": "p4ss_@*-",
    "allowJoinBeforeHost": True,
    "enableWaitingRoom": True,
    "enforceLogin": True,
    "muteParticipantsOnEntry": True,
    "startHostVideo": True,
    "startParticipantsVideo": True,
    "usePersonalMeetingId": True,
    "audioOptions": ["Phone"],
    "autoRecordType": "cloud",
    "globalDialInCountries": ["US", "GB"],
    "alternativeHosts": "ada@example.com",
}


def put_series(assistant: Assistant, start: str, **recurrence: Any) -> str:
    return put(assistant, start=start, meetingType="ScheduledRecurring", recurrence=recurrence, **OPTIONS)


async def details(assistant: Assistant, meeting_id: str) -> dict[str, Any]:
    return (await assistant.call("get_meeting", meeting_id=meeting_id)).data


async def dates(assistant: Assistant, **window: str) -> list[tuple[str, str]]:
    """The start and end of everything in a window that no page has room for."""
    found: list[tuple[str, str]] = []
    arguments: dict[str, Any] = {"window_start": "2026-11-23", "window_end": "2027-11-23", "limit": 100} | window
    while True:
        page = (await assistant.call("list_meetings", **arguments)).data
        found += [(row["start"], row["end"]) for row in page["meetings"]]
        if "next_page_token" not in page:
            return found
        arguments["page_token"] = page["next_page_token"]


async def deleted(assistant: Assistant, meeting_id: str, **arguments: Any) -> dict[str, Any]:
    """The result of the deletion, called with nothing but what get_meeting shows."""
    meeting = (await details(assistant, meeting_id))["meeting"]
    echo = {"expected_topic": meeting["topic"], "expected_start": meeting.get("start")} | arguments
    return (await assistant.call("delete_meeting", meeting_id=meeting_id, **echo)).data


async def restored(assistant: Assistant, done: dict[str, Any]) -> dict[str, Any]:
    made = await assistant.call("create_meeting", **done["restore"])
    assert made.data["created"] is True
    assert "differs" not in made.data
    return await details(assistant, made.data["meeting"]["meeting_id"])


def without_new(meeting: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in meeting.items() if name not in NEW}


async def test_a_single_meeting_comes_back_with_all_its_fields() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, start="2026-11-24T20:00:00Z", **OPTIONS)
        before = await details(assistant, meeting_id)
        done = await deleted(assistant, meeting_id)
        assert assistant.simulator.meetings() == []
        assert "new id" in done["note"]
        after = await restored(assistant, done)
        assert without_new(after["meeting"]) == without_new(before["meeting"])
        assert after["settings"] == before["settings"]
        assert after["meeting"]["password"] == OPTIONS["password"]
        assert after["meeting"]["meeting_id"] != meeting_id


@pytest.mark.parametrize("zone", ["GMT", "Europe/Berlin", "Asia/Kolkata"])
async def test_a_meeting_comes_back_on_its_own_clocks(zone: str) -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, start="", schedule=scheduled("2026-11-24T20:00:00Z", zone=zone))
        before = assistant.simulator.meeting(meeting_id)
        after = await restored(assistant, await deleted(assistant, meeting_id))
        stored = assistant.simulator.meeting(after["meeting"]["meeting_id"])
        assert before is not None
        assert stored is not None
        assert stored["schedule"] == before["schedule"]


@pytest.mark.parametrize("listed", [True, False], ids=["occurrences listed", "by the rule"])
@pytest.mark.parametrize(
    ("start", "recurrence"),
    [
        ("2026-11-24T20:00:00Z", {"frequency": "Weekly", "count": 12, "weeklyByDays": ["Tuesday"]}),
        ("2026-11-10T20:00:00Z", {"frequency": "Weekly", "count": 12}),
        (
            "2026-11-09T20:00:00Z",
            {"frequency": "Weekly", "interval": 2, "weeklyByDays": ["Monday", "Friday"], "count": 9},
        ),
        ("2026-11-21T13:45:00Z", {"frequency": "Daily", "interval": 2, "count": 60}),
        ("2026-10-06T19:00:00Z", {"frequency": "Weekly", "until": "2027-05-04T19:00:00Z"}),
        ("2026-09-30T18:00:00Z", {"frequency": "Monthly", "monthlyByDay": 30, "until": "2027-08-01T00:00:00Z"}),
        ("2026-08-28T18:00:00Z", {"frequency": "Monthly", "monthlyByWeek": "Last", "monthlyByWeekDay": "Friday"}),
        ("2026-11-22T15:00:00Z", {"frequency": "Daily"}),
        ("2026-03-02T20:00:00Z", {"frequency": "Weekly", "interval": 12, "weeklyByDays": ["Monday", "Sunday"]}),
    ],
)
async def test_a_series_comes_back_with_every_date_that_lay_ahead(
    start: str, recurrence: dict[str, Any], listed: bool
) -> None:
    async with at_work(switches=Switches(list_has_occurrences=listed), limits=MANY) as assistant:
        series = put_series(assistant, start, **{"interval": 1} | recurrence)
        before = await details(assistant, series)
        ahead = [slot for slot in await dates(assistant) if slot[0] > "2026-11-23T09:00"]
        done = await deleted(assistant, series, scope="series")
        after = await restored(assistant, done)
        assert await dates(assistant) == ahead
        assert after["settings"] == before["settings"]
        for name in ("topic", "meeting_type", "password", "duration_minutes", "time_zone", "host_id"):
            assert after["meeting"][name] == before["meeting"][name]
        kept = {name: value for name, value in before["recurrence"].items() if name != "count"}
        for name, value in kept.items():
            assert after["recurrence"][name] == value


async def test_a_very_long_series_comes_back_with_all_the_dates_that_were_left() -> None:
    async with at_work(limits=MANY) as assistant:
        series = put_series(assistant, "2026-11-21T20:00:00Z", frequency="Daily", interval=1, count=2_000)
        done = await deleted(assistant, series, scope="series")
        assert done["restore"]["recurrence"]["count"] == 1_998


async def test_a_date_of_a_series_comes_back_as_a_single_meeting() -> None:
    async with at_work() as assistant:
        series = put_series(assistant, "2026-11-24T20:00:00Z", frequency="Weekly", interval=1)
        before = await details(assistant, series)
        ahead = await dates(assistant, window_end="2027-01-15")
        row = (await assistant.call("list_meetings")).data["meetings"][1]
        done = await deleted(
            assistant, series, scope="occurrence", occurrence_id=row["occurrence_id"], expected_start=row["start"]
        )
        after = await restored(assistant, done)
        assert after["meeting"]["meeting_type"] == "Scheduled"
        assert (after["meeting"]["start"], after["meeting"]["end"]) == (row["start"], row["end"])
        assert after["settings"] == before["settings"]
        assert await dates(assistant, window_end="2027-01-15") == ahead


async def test_a_meeting_without_a_fixed_time_comes_back_without_one() -> None:
    async with at_work() as assistant:
        meeting_id = assistant.simulator.put_meeting(**{"topic": "Hours", "meetingType": "Recurring"} | OPTIONS)
        before = await details(assistant, meeting_id)
        done = await deleted(assistant, meeting_id)
        assert not {"start_time", "time_zone", "duration_minutes", "recurrence"} & set(done["restore"])
        after = await restored(assistant, done)
        assert without_new(after["meeting"]) == without_new(before["meeting"])
        assert after["settings"] == before["settings"]


@pytest.mark.parametrize("topic", ["", "\u202e", "Budget \u202etfard", "Two\nlines", "x" * 1_500])
async def test_a_meeting_with_an_odd_topic_comes_back_too(topic: str) -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, start="2026-11-24T20:00:00Z", topic=topic)
        done = await deleted(assistant, meeting_id)
        made = await assistant.call("create_meeting", **done["restore"])
        assert made.data["created"] is True
        assert made.data["meeting"]["start"] == "2026-11-24T15:00-05:00"


async def test_a_meeting_longer_than_a_day_comes_back_too() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, start="2026-11-24T20:00:00Z", minutes=2_000)
        done = await deleted(assistant, meeting_id)
        assert (await assistant.call("create_meeting", **done["restore"])).data["created"] is True


async def test_nothing_is_offered_of_what_is_over_running_or_instant() -> None:
    async with at_work() as assistant:
        over = put(assistant, start="2026-11-23T10:00:00Z")
        running = put(assistant, start="2026-11-23T13:45:00Z", started=True)
        instant = assistant.simulator.put_meeting(topic="Now", meetingType="Instant", started=True)
        series = put_series(assistant, "2026-11-09T20:00:00Z", frequency="Weekly", interval=1, count=2)
        for meeting_id, more in ((over, {}), (running, {}), (instant, {}), (series, {"scope": "series"})):
            meeting = (await details(assistant, meeting_id))["meeting"]
            echo = {"expected_topic": meeting["topic"], "expected_start": meeting.get("start"), **more}
            done = (await assistant.call("delete_meeting", meeting_id=meeting_id, **echo)).data
            assert done["deleted"] is True
            assert "restore" not in done
            assert "no upcoming dates to restore" in done["note"]
