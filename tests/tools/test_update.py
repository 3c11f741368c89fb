"""Updates: only what is given changes, and nothing else is lost."""

import json
from typing import Any

import pytest

from assistant import TUESDAY, Assistant, at_work, put, scheduled
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

READ_ONLY = {"uri", "uuid", "id", "h323Password", "status", "links", "occurrences", "pmi", "reccurence"}


async def update(assistant: Assistant, meeting_id: str, **arguments: Any) -> dict[str, Any]:
    return (await assistant.call("update_meeting", meeting_id=meeting_id, **arguments)).data


def put_series(assistant: Assistant, start: str = TUESDAY, **recurrence: Any) -> str:
    rule = recurrence or {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"]}
    return put(assistant, meetingType="ScheduledRecurring", schedule=scheduled(start), recurrence=rule)


def stored(assistant: Assistant, meeting_id: str) -> dict[str, Any]:
    found = assistant.simulator.meeting(meeting_id)
    assert found is not None
    return found


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {name for name in {**before, **after} if before.get(name) != after.get(name)}


async def test_only_the_fields_given_change_and_fields_unknown_to_us_survive() -> None:
    full: dict[str, Any] = {
        "password": "keep",
        "enableWaitingRoom": True,
        "startHostVideo": True,
        "audioOptions": ["Phone"],
        "autoRecordType": "cloud",
        "globalDialInCountries": ["US", "FR"],
        "alternativeHosts": "ada@example.com",
        "telephonyInfo": {"callOut": {"enabled": True}, "billingCode": "BC-1"},
        "brandNew": [1, {"deep": None}],
    }
    async with at_work(switches=Switches(put_resets_omitted=True)) as assistant:
        meeting_id = put(assistant, **full)
        before = stored(assistant, meeting_id)
        done = await update(assistant, meeting_id, topic="Budget 2027")
        after = stored(assistant, meeting_id)
        assert done["changes"] == [{"field": "topic", "before": "Budget", "after": "Budget 2027"}]
        assert "not_applied" not in done
        assert changed(before, after) == {"topic"}
        (sent,) = assistant.sent("PUT")
        body = json.loads(sent.body)
        assert not set(body) & READ_ONLY
        assert body["telephonyInfo"] == full["telephonyInfo"]
        assert body["brandNew"] == full["brandNew"]
        assert body["host"] == {"id": assistant.simulator.owner_id}
        assert sent.headers["content-type"] == "application/json"


async def test_each_change_is_shown_before_and_after() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        done = await update(
            assistant,
            meeting_id,
            start_time="2026-11-25T16:30",
            duration_minutes=45,
            password="new",
            settings={"enable_waiting_room": True, "audio_options": ["Phone"], "auto_record_type": "local"},
        )
        changes = {one["field"]: (one.get("before"), one.get("after")) for one in done["changes"]}
        assert changes == {
            "start_time": ("2026-11-24T15:00-05:00", "2026-11-25T16:30-05:00"),
            "duration_minutes": ("30", "45"),
            "password": (None, "new"),
            "settings.enable_waiting_room": ("false", "true"),
            "settings.audio_options": ('["Phone", "ComputerAudio"]', '["Phone"]'),
            "settings.auto_record_type": ("none", "local"),
        }
        assert (done["meeting"]["start"], done["meeting"]["weekday"]) == ("2026-11-25T16:30-05:00", "Wednesday")


async def test_the_same_update_again_is_harmless_and_sends_nothing() -> None:
    wanted: dict[str, Any] = {
        "topic": "Budget 2027",
        "start_time": "2026-12-01T15:00",
        "duration_minutes": 60,
        "recurrence": {"frequency": "Weekly", "weekly_days": ["Thursday", "Tuesday"], "until": "2027-01-31"},
        "password": "p",
        "settings": {"enforce_login": True, "global_dial_in_countries": ["US", "GB"]},
    }
    async with at_work() as assistant:
        meeting_id = put(assistant)
        assert len((await update(assistant, meeting_id, **wanted))["changes"]) > 5
        again = await update(assistant, meeting_id, **wanted)
        assert again["changes"] == []
        assert "not_applied" not in again
        assert again["note"] == "These values were set already; nothing changed."
        assert len(assistant.sent("PUT")) == 1


async def test_a_start_already_past_may_be_repeated_but_not_newly_given() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, schedule=scheduled("2026-11-23T13:45:00Z"), started=True)
        done = await update(assistant, meeting_id, start_time="2026-11-23T08:45", topic="Running")
        assert [one["field"] for one in done["changes"]] == ["topic"]
        refused = await assistant.call("update_meeting", meeting_id=meeting_id, start_time="2026-11-23T08:50")
        assert refused.code == "invalid_arguments"
        assert refused.problem["message"].startswith("start_time")


@pytest.mark.parametrize("arguments", [{}, {"settings": {}}, {"host_id": "~"}])
async def test_an_update_of_nothing_is_refused_without_a_request(arguments: dict[str, Any]) -> None:
    async with at_work() as assistant:
        refused = await assistant.call("update_meeting", meeting_id="1", **arguments)
        assert refused.code == "invalid_arguments"
        assert "topic" in refused.problem["next_step"]
        assert assistant.simulator.calls == []


@pytest.mark.parametrize("name", ["occurrence_id", "scope"])
async def test_one_date_of_a_series_cannot_be_edited_and_the_way_round_is_told(name: str) -> None:
    async with at_work() as assistant:
        arguments = {"meeting_id": "1", "topic": "x", name: "occurrence"}
        refused = await assistant.call("update_meeting", **arguments)
        assert refused.code == "invalid_arguments"
        assert "delete_meeting" in refused.problem["next_step"]
        assert "create_meeting" in refused.problem["next_step"]
        assert assistant.simulator.calls == []


async def test_a_start_without_a_zone_is_refused_where_the_meetings_clocks_and_the_users_are_apart() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, schedule=scheduled(TUESDAY, zone="Europe/Berlin"))
        refused = await assistant.call("update_meeting", meeting_id=meeting_id, start_time="2026-11-25T10:00")
        assert refused.code == "invalid_arguments"
        assert "stored in Europe/Berlin, and lists show America/New_York" in refused.problem["message"]
        assert not assistant.sent("PUT")
        done = await update(assistant, meeting_id, start_time="2026-11-25T10:00", time_zone="Europe/Berlin")
        assert (done["meeting"]["start"], done["meeting"]["time_zone"]) == ("2026-11-25T10:00+01:00", "Europe/Berlin")


async def test_a_start_without_a_zone_is_read_on_the_meetings_own_clocks_where_the_users_agree() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, schedule=scheduled(TUESDAY, zone="America/Toronto"))
        done = await update(assistant, meeting_id, start_time="2026-11-25T10:00")
        assert (done["meeting"]["start"], done["meeting"]["time_zone"]) == (
            "2026-11-25T10:00-05:00",
            "America/Toronto",
        )


async def test_a_start_of_a_meeting_stored_in_utc_is_read_on_the_clocks_of_the_user() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant, schedule=scheduled(TUESDAY, zone="GMT"))
        done = await update(assistant, meeting_id, start_time="2026-11-25T10:00")
        assert done["meeting"]["start"] == "2026-11-25T10:00-05:00"
        assert stored(assistant, meeting_id)["schedule"]["startTime"] == "2026-11-25T15:00:00Z"
    async with at_work() as assistant:
        assistant.simulator.scopes.discard("ReadAccounts")
        meeting_id = put(assistant, schedule=scheduled(TUESDAY, zone="GMT"))
        refused = await assistant.call("update_meeting", meeting_id=meeting_id, start_time="2026-11-25T10:00")
        assert (refused.code, "time_zone" in refused.problem["message"]) == ("invalid_arguments", True)
        assert not assistant.sent("PUT")


@pytest.mark.parametrize("zone", ["Asia/Tokyo", "asia/tokyo"])
async def test_a_start_with_a_zone_moves_the_meeting_to_the_clocks_of_that_zone(zone: str) -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        done = await update(assistant, meeting_id, start_time="2026-11-26T09:00", time_zone=zone)
        assert (done["meeting"]["start"], done["meeting"]["time_zone"]) == ("2026-11-26T09:00+09:00", "Asia/Tokyo")
        names = {one["field"]: one["after"] for one in done["changes"]}
        assert names == {"start_time": "2026-11-26T09:00+09:00", "time_zone": "Asia/Tokyo"}
        assert stored(assistant, meeting_id)["schedule"]["timeZone"]["name"] == "Asia/Tokyo"


async def test_the_same_moment_in_another_zone_is_a_change_of_zone() -> None:
    async with at_work() as assistant:
        meeting_id = put(assistant)
        wanted = {"start_time": "2026-11-24T21:00", "time_zone": "Europe/Berlin"}
        done = await update(assistant, meeting_id, **wanted)
        assert stored(assistant, meeting_id)["schedule"]["timeZone"]["name"] == "Europe/Berlin"
        assert "time_zone" in {one["field"] for one in done["changes"]}


UNTIMED: dict[str, Any] = {"meetingType": "Recurring", "schedule": None}
REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({}, {"time_zone": "Europe/Berlin"}, "time_zone"),
    ({}, {"start_time": "2026-11-24T15:00-08:00", "time_zone": "America/New_York"}, "start_time"),
    ({}, {"start_time": "2026-11-24"}, "start_time"),
    ({}, {"start_time": "2027-03-14T02:30"}, "start_time"),
    ({}, {"start_time": "2026-11-22T09:00"}, "start_time"),
    ({}, {"meeting_type": "ScheduledRecurring"}, "recurrence"),
    ({}, {"meeting_type": "Recurring", "start_time": "2026-11-25T09:00"}, "start_time"),
    ({}, {"meeting_type": "Scheduled", "recurrence": {"frequency": "Daily"}}, "recurrence"),
    ({}, {"recurrence": {"frequency": "Weekly", "weekly_days": ["Monday"]}}, "start_time"),
    ({}, {"topic": "a\nb"}, "topic"),
    ({}, {"password": "no blanks"}, "password"),
    (UNTIMED, {"meeting_type": "Scheduled"}, "start_time"),
    (UNTIMED, {"duration_minutes": 30}, "duration_minutes"),
    (UNTIMED, {"recurrence": {"frequency": "Daily"}}, "recurrence"),
]


async def test_a_change_that_contradicts_itself_or_the_meeting_is_refused_by_name() -> None:
    async with at_work() as assistant:
        for fields, arguments, field in REFUSED:
            meeting_id = put(assistant, **fields)
            refused = await assistant.call("update_meeting", meeting_id=meeting_id, **arguments)
            assert refused.code == "invalid_arguments", arguments
            assert refused.problem["message"].startswith(field), refused.problem["message"]
        assert not assistant.sent("PUT")


@pytest.mark.parametrize("echoed", [True, False], ids=["told", "not told"])
@pytest.mark.parametrize("wanted", [True, False])
async def test_the_personal_meeting_id_is_sent_even_where_answers_do_not_tell_it(wanted: bool, echoed: bool) -> None:
    async with at_work(switches=Switches(use_pmi_echoed=echoed, put_resets_omitted=False)) as assistant:
        meeting_id = put(assistant, usePersonalMeetingId=not wanted)
        done = await update(assistant, meeting_id, settings={"use_personal_meeting_id": wanted})
        assert stored(assistant, meeting_id)["usePersonalMeetingId"] is wanted
        assert "not_applied" not in done


@pytest.mark.parametrize("resets", [True, False])
async def test_older_spellings_survive_an_update_of_the_topic(resets: bool) -> None:
    switches = Switches(
        put_resets_omitted=resets, weekly_by_days_as_string=True, response_spells_reccurence=True, old_zone_ids=True
    )
    async with at_work(switches=switches) as assistant:
        rule: dict[str, Any] = {"frequency": "Weekly", "interval": 2, "weeklyByDays": ["Tuesday", "Friday"], "count": 9}
        meeting_id = put_series(assistant, **rule)
        before = stored(assistant, meeting_id)
        done = await update(assistant, meeting_id, topic="Budget 2027")
        assert [one["field"] for one in done["changes"]] == ["topic"]
        assert "not_applied" not in done
        assert changed(before, stored(assistant, meeting_id)) == {"topic"}
        done = await update(assistant, meeting_id, recurrence={"frequency": "Daily", "interval": 1, "count": 2})
        assert stored(assistant, meeting_id)["recurrence"] == {"frequency": "Daily", "interval": 1, "count": 2}
        assert "not_applied" not in done


async def test_a_field_that_was_not_taken_is_reported_and_not_hidden() -> None:
    async with at_work(faults="PUT /meeting/ status=200 lands=no x1") as assistant:
        meeting_id = put(assistant)
        done = await update(assistant, meeting_id, topic="New", settings={"enforce_login": True})
        assert done["not_applied"] == ["topic", "settings.enforce_login"]
        assert done["changes"] == []
        assert done["note"] == (
            "RingCentral did not apply what not_applied names; the account's settings may not allow it."
        )


async def test_an_update_whose_answer_was_lost_is_read_back() -> None:
    async with at_work(faults="PUT /meeting/ drop_after x1") as assistant:
        meeting_id = put(assistant)
        done = await update(assistant, meeting_id, topic="New")
        assert done["changes"] == [{"field": "topic", "before": "Budget", "after": "New"}]
        assert len(assistant.sent("PUT")) == 1
    async with at_work(faults="PUT /meeting/ status=500 x1") as assistant:
        meeting_id = put(assistant)
        refused = await assistant.call("update_meeting", meeting_id=meeting_id, topic="New")
        assert refused.code == "outcome_unknown"
        assert stored(assistant, meeting_id)["topic"] == "Budget"


async def test_a_meeting_of_another_host_is_read_and_written_under_her_extension() -> None:
    async with at_work() as assistant:
        executive = assistant.simulator.executive_id
        meeting_id = put(assistant, host={"id": executive})
        done = await update(assistant, meeting_id, topic="Hers", host_id=executive)
        assert done["meeting"]["host_id"] == executive
        assert {call.path for call in assistant.sent()} == {
            f"/restapi/v1.0/account/~/extension/{executive}/meeting/{meeting_id}"
        }
        assert json.loads(assistant.sent("PUT")[0].body)["host"] == {"id": executive}
