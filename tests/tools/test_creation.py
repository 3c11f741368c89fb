"""Creation: what goes over the wire, and what the answer says of it."""

import json
from typing import Any

import pytest

from assistant import Assistant, at_work, scheduled
from ringcentral_meetings import __version__
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

TUESDAY = "2026-11-24T15:00"


async def created(assistant: Assistant, **arguments: Any) -> dict[str, Any]:
    made = (await assistant.call("create_meeting", **{"topic": "Budget", "start_time": TUESDAY} | arguments)).data
    assert made["created"] is True
    return made


def bodies(assistant: Assistant, method: str = "POST") -> list[dict[str, Any]]:
    return [json.loads(call.body) for call in assistant.sent(method)]


async def zone_id(assistant: Assistant, name: str) -> str:
    """The dictionary's id, as the platform gives it in a meeting of that zone."""
    meeting_id = assistant.simulator.put_meeting(
        topic="zone", schedule=scheduled("2030-01-01T00:00:00Z", zone=name), finished=True
    )
    found = assistant.simulator.meeting(meeting_id)
    assert found is not None
    assert found["schedule"]["timeZone"]["name"] == name
    return str(found["schedule"]["timeZone"]["id"])


async def test_a_meeting_goes_over_the_wire_as_whole_second_utc_with_the_dictionarys_zone() -> None:
    async with at_work() as assistant:
        await created(assistant, duration_minutes=45)
        (call,) = assistant.sent("POST")
        assert call.path == "/restapi/v1.0/account/~/extension/~/meeting"
        assert call.query == ""
        assert call.headers["user-agent"] == f"ringcentral-meetings-mcp/{__version__}"
        assert call.headers["content-type"] == "application/json"
        assert call.headers["accept"] == "application/json"
        assert json.loads(call.body) == {
            "topic": "Budget",
            "meetingType": "Scheduled",
            "schedule": {
                "startTime": "2026-11-24T20:00:00Z",
                "durationInMinutes": 45,
                "timeZone": {"id": await zone_id(assistant, "America/New_York")},
            },
        }


async def test_a_new_meeting_takes_an_hour_unless_told_otherwise() -> None:
    async with at_work() as assistant:
        assert (await created(assistant))["meeting"]["end"] == "2026-11-24T16:00-05:00"


async def test_the_zone_is_looked_up_over_all_pages_of_the_dictionary_once() -> None:
    async with at_work() as assistant:
        for number, zone in enumerate(("Africa/Abidjan", "Pacific/Wake", "Europe/Berlin")):
            made = await created(assistant, topic=zone, time_zone=zone, start_time=f"2026-12-0{number + 1}T09:00")
            assert made["meeting"]["time_zone"] == zone
            assert made["meeting"]["start"].startswith(f"2026-12-0{number + 1}T09:00")
            assert bodies(assistant)[-1]["schedule"]["timeZone"] == {"id": await zone_id(assistant, zone)}
        pages = [call.query for call in assistant.sent("GET", "/dictionary/timezone")]
        assert len(pages) == len(set(pages)) > 1


async def test_the_ids_of_zones_are_those_of_the_server_and_not_fixed() -> None:
    sent = []
    for old in (False, True):
        async with at_work(switches=Switches(old_zone_ids=old)) as assistant:
            await created(assistant)
            sent.append(bodies(assistant)[0]["schedule"]["timeZone"]["id"])
            assert sent[-1] == await zone_id(assistant, "America/New_York")
    assert sent[0] != sent[1]


@pytest.mark.parametrize("recurrence", [None, {"frequency": "Weekly", "count": 30}], ids=["single", "series"])
async def test_a_zone_that_the_dictionary_lacks_is_replaced_by_one_with_the_same_clocks(
    recurrence: dict[str, Any] | None,
) -> None:
    switches = Switches(zones_without=frozenset({"America/New_York"}))
    async with at_work(switches=switches) as assistant:
        more = {"recurrence": recurrence} if recurrence else {}
        made = await created(assistant, time_zone="America/New_York", **more)
        assert made["meeting"]["start"] == "2026-11-24T15:00-05:00"
        assert bodies(assistant)[0]["schedule"]["startTime"] == "2026-11-24T20:00:00Z"
        stored = assistant.simulator.meeting(made["meeting"]["meeting_id"])
        assert stored is not None
        assert stored["schedule"]["timeZone"]["name"] not in ("America/New_York", "GMT")
        if recurrence:
            window = {"window_start": "2027-03-10", "window_end": "2027-03-17"}
            rows = (await assistant.call("list_meetings", **window)).data["meetings"]
            assert [row["start"] for row in rows] == ["2027-03-16T15:00-04:00"]


async def test_a_zone_without_an_equal_goes_as_utc_for_a_single_meeting_and_is_refused_for_a_series() -> None:
    switches = Switches(zones_without=frozenset({"Australia/Lord_Howe"}))
    async with at_work(switches=switches, time_zone="Australia/Lord_Howe") as assistant:
        made = await created(assistant, start_time="2027-07-06T15:00")
        assert made["meeting"]["start"] == "2027-07-06T15:00+10:30"
        assert "differs" not in made
        body = bodies(assistant)[0]
        assert body["schedule"]["startTime"] == "2027-07-06T04:30:00Z"
        assert body["schedule"]["timeZone"] == {"id": "1"}
        arguments = {"topic": "Series", "start_time": "2027-07-06T15:00", "recurrence": {"frequency": "Weekly"}}
        refused = await assistant.call("create_meeting", **arguments)
        assert refused.code == "invalid_arguments"
        assert "Australia/Lord_Howe" in refused.problem["message"]
        assert len(assistant.sent("POST")) == 1


async def test_every_option_of_the_api_is_reachable_and_comes_back() -> None:
    settings = {
        "allow_join_before_host": True,
        "enable_waiting_room": True,
        "enforce_login": True,
        "mute_participants_on_entry": True,
        "start_host_video": True,
        "start_participants_video": True,
        "use_personal_meeting_id": True,
        "audio_options": ["ComputerAudio"],
        "auto_record_type": "cloud",
        "global_dial_in_countries": ["US", "GB"],
        "alternative_hosts": "ada@example.com,grace@example.com",
    }
    recurrence = {"frequency": "Weekly", "interval": 2, "weekly_days": ["Tuesday", "Friday"], "until": "2027-01-15"}
    async with at_work() as assistant:
        made = await created(
            assistant,
            duration_minutes=20,
            time_zone="Europe/Berlin",
            meeting_type="ScheduledRecurring",
            recurrence=recurrence,
            password="Aa0_@*-",
            settings=settings,
            host_id=assistant.simulator.executive_id,
        )
        assert "differs" not in made
        assert made["meeting"]["repeats"].startswith("every 2 weeks on Tuesday and Friday at 15:00 Europe/Berlin")
        assert bodies(assistant)[0] == {
            "topic": "Budget",
            "meetingType": "ScheduledRecurring",
            "schedule": {
                "startTime": "2026-11-24T14:00:00Z",
                "durationInMinutes": 20,
                "timeZone": {"id": await zone_id(assistant, "Europe/Berlin")},
            },
            "password": "Aa0_@*-",
            "host": {"id": assistant.simulator.executive_id},
            "recurrence": {
                "frequency": "Weekly",
                "interval": 2,
                "weeklyByDays": ["Tuesday", "Friday"],
                "until": "2027-01-15T22:59:59Z",
            },
            "allowJoinBeforeHost": True,
            "enableWaitingRoom": True,
            "enforceLogin": True,
            "muteParticipantsOnEntry": True,
            "startHostVideo": True,
            "startParticipantsVideo": True,
            "usePersonalMeetingId": True,
            "audioOptions": ["ComputerAudio"],
            "autoRecordType": "cloud",
            "globalDialInCountries": ["US", "GB"],
            "alternativeHosts": "ada@example.com,grace@example.com",
        }
        read = await assistant.call(
            "get_meeting", meeting_id=made["meeting"]["meeting_id"], host_id=assistant.simulator.executive_id
        )
        assert read.data["settings"] == settings
        assert read.data["recurrence"] == recurrence | {"until": "2027-01-15T22:59:59Z"}
        assert read.data["meeting"]["password"] == "Aa0_@*-"


@pytest.mark.parametrize(
    ("recurrence", "sent", "words"),
    [
        ({"frequency": "Daily", "interval": 90}, {"frequency": "Daily", "interval": 90}, "every 90 days at 15:00"),
        (
            {"frequency": "Weekly", "count": 3},
            {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"], "count": 3},
            "every week on Tuesday at 15:00 America/New_York, 3 times, last on 2026-12-08",
        ),
        (
            {"frequency": "Monthly", "interval": 3},
            {"frequency": "Monthly", "interval": 3, "monthlyByDay": 24},
            "every 3 months on day 24",
        ),
        (
            {
                "frequency": "Monthly",
                "monthly_week": "Fourth",
                "monthly_weekday": "Tuesday",
                "until": "2027-02-01T12:00",
            },
            {
                "frequency": "Monthly",
                "interval": 1,
                "monthlyByWeek": "Fourth",
                "monthlyByWeekDay": "Tuesday",
                "until": "2027-02-01T17:00:00Z",
            },
            "every month on the 4th Tuesday at 15:00 America/New_York, until 2027-02-01, last on 2027-01-26",
        ),
    ],
)
async def test_a_series_goes_over_the_wire_whole_and_is_told_in_words(
    recurrence: dict[str, Any], sent: dict[str, Any], words: str
) -> None:
    async with at_work() as assistant:
        made = await created(assistant, recurrence=recurrence)
        assert made["meeting"]["meeting_type"] == "ScheduledRecurring"
        assert bodies(assistant)[0]["recurrence"] == sent
        assert words in made["meeting"]["repeats"]
        assert "differs" not in made


async def test_a_meeting_without_a_fixed_time_carries_no_schedule() -> None:
    async with at_work() as assistant:
        made = await created(assistant, start_time=None, meeting_type="Recurring")
        assert bodies(assistant) == [{"topic": "Budget", "meetingType": "Recurring"}]
        assert not {"start", "end", "weekday", "time_zone", "start_utc"} & set(made["meeting"])
        assert "time_zone_source" not in made
        again = (await assistant.call("create_meeting", topic="budget ", meeting_type="Recurring")).data
        assert (again["created"], again["meeting"]["meeting_id"]) == (False, made["meeting"]["meeting_id"])


async def test_an_instant_meeting_is_for_now_and_its_id_is_to_be_kept() -> None:
    async with at_work() as assistant:
        made = await created(assistant, start_time=None, meeting_type="Instant", settings={"start_host_video": True})
        assert bodies(assistant) == [{"topic": "Budget", "meetingType": "Instant", "startHostVideo": True}]
        assert made["duplicate_check"] == "not_possible"
        assert "keep its meeting_id" in made["note"]
        assert not assistant.sent("GET", "/meeting")
        another = await created(assistant, start_time=None, meeting_type="Instant")
        assert another["meeting"]["meeting_id"] != made["meeting"]["meeting_id"]
        read = await assistant.call("get_meeting", meeting_id=made["meeting"]["meeting_id"])
        assert read.data["meeting"]["status"] == "Started"


async def test_a_meeting_for_somebody_else_names_the_host_in_the_body_and_is_looked_for_in_her_list() -> None:
    async with at_work() as assistant:
        executive = assistant.simulator.executive_id
        made = await created(assistant, host_id=executive)
        assert made["meeting"]["host_id"] == executive
        (read,) = assistant.sent("GET")
        assert read.path.endswith(f"/extension/{executive}/meeting")
        (sent,) = assistant.sent("POST")
        assert sent.path.endswith("/extension/~/meeting")
        assert bodies(assistant)[0]["host"] == {"id": executive}
        again = (await assistant.call("create_meeting", topic="Budget", start_time=TUESDAY, host_id=executive)).data
        assert again["created"] is False
        assert (await created(assistant))["meeting"]["host_id"] == assistant.simulator.owner_id


async def test_a_start_with_an_offset_needs_no_zone_and_one_that_agrees_with_the_zone_is_taken() -> None:
    async with at_work() as assistant:
        made = await created(assistant, start_time="2026-11-24T20:00Z")
        assert made["meeting"]["start"] == "2026-11-24T15:00-05:00"
        made = await created(assistant, topic="B", start_time="2026-11-24T21:00+01:00", time_zone="europe/berlin")
        assert (made["meeting"]["start"], made["meeting"]["time_zone"]) == ("2026-11-24T21:00+01:00", "Europe/Berlin")
        assert made["time_zone_source"] == "argument"
        made = await created(assistant, topic="C", start_time="2027-11-07T01:30-05:00", time_zone="America/New_York")
        assert bodies(assistant)[-1]["schedule"]["startTime"] == "2027-11-07T06:30:00Z"


async def test_the_zone_comes_from_the_setting_before_the_account_and_is_not_guessed() -> None:
    async with at_work(time_zone="Asia/Tokyo") as assistant:
        made = await created(assistant)
        assert (made["meeting"]["start"], made["time_zone_source"]) == ("2026-11-24T15:00+09:00", "setting")
    async with at_work() as assistant:
        assistant.simulator.scopes.discard("ReadAccounts")
        refused = await assistant.call("create_meeting", topic="Budget", start_time=TUESDAY)
        assert refused.code == "invalid_arguments"
        assert "time_zone" in refused.problem["message"]
        assert not assistant.sent("POST")
        made = await created(assistant, start_time="2026-11-24T15:00-05:00")
        assert made["meeting"]["start_utc"] == "2026-11-24T20:00Z"


async def test_the_answer_says_that_nobody_was_invited_and_hides_the_hosts_link_unless_asked_for() -> None:
    async with at_work() as assistant:
        made = await assistant.call("create_meeting", topic="Budget", start_time=TUESDAY, password="guest")
        assert "no invitation was sent" in made.data["note"]
        assert made.data["meeting"]["join_url"].startswith("https://meetings.ringcentral.com/j/")
        read = await assistant.call("get_meeting", meeting_id=made.data["meeting"]["meeting_id"])
        for answer in (made, read):
            assert "zpk" not in answer.text
            assert "h323" not in answer.text.lower()
            assert "start_url" not in answer.data
    async with at_work(reveal_start_link=True) as assistant:
        made = await assistant.call("create_meeting", topic="Budget", start_time=TUESDAY)
        assert "zpk=" in made.data["start_url"]
        read = await assistant.call("get_meeting", meeting_id=made.data["meeting"]["meeting_id"])
        assert read.data["start_url"] == made.data["start_url"]
        assert "zpk" not in (await assistant.call("list_meetings")).text
