"""The meeting operations, one meeting at a time."""

from typing import Any

import pytest

from ringcentral_meetings.simulator import Simulator
from simulator.support import Caller, Clock, code, refusal, schedule

pytestmark = pytest.mark.anyio

ALL_FIELDS: dict[str, Any] = {
    "topic": "Everything",
    "meetingType": "Scheduled",
    "schedule": schedule(),
    "password": "a_1@*-",
    "allowJoinBeforeHost": True,
    "startHostVideo": True,
    "startParticipantsVideo": True,
    "usePersonalMeetingId": True,
    "audioOptions": ["Phone"],
    "autoRecordType": "cloud",
    "enforceLogin": True,
    "muteParticipantsOnEntry": True,
    "enableWaitingRoom": True,
    "globalDialInCountries": ["US", "FR"],
    "alternativeHosts": "someone@example.com",
}


async def test_a_created_meeting_is_answered_with_everything_in_it(simulator: Simulator, caller: Caller) -> None:
    answer = await caller.create(**ALL_FIELDS)
    assert answer.status_code == 201
    meeting = answer.json()
    assert {name: meeting[name] for name in ALL_FIELDS if name != "schedule"} == {
        name: value for name, value in ALL_FIELDS.items() if name != "schedule"
    }
    assert meeting["schedule"]["timeZone"]["name"] == "GMT"
    assert len(meeting["id"]) == 10
    assert meeting["id"].isdecimal()
    assert meeting["uuid"].endswith("==")
    assert {"/", "+"} <= set(meeting["uuid"])
    assert meeting["host"]["id"] == simulator.owner_id
    assert meeting["status"] == "NotStarted"
    assert len(meeting["h323Password"]) == 6
    assert meeting["pmi"] in meeting["links"]["joinUri"]
    assert meeting["telephonyInfo"]["callOut"]["countries"] == ["US", "CA"]
    assert meeting["uri"].endswith(f"/extension/{simulator.owner_id}/meeting/{meeting['id']}")
    assert (await caller.get(f"meeting/{meeting['id']}")).json() == meeting
    assert simulator.meeting(meeting["id"]) == meeting


async def test_the_links_carry_a_host_token_and_the_password_only_where_there_is_one(caller: Caller) -> None:
    locked = await caller.created(topic="a", schedule=schedule(), password="secret")
    unlocked = await caller.created(topic="b", schedule=schedule(), password="")
    assert "?zpk=" in locked["links"]["startUri"]
    assert "?pwd=" in locked["links"]["joinUri"]
    assert unlocked["links"]["joinUri"].endswith(f"/j/{unlocked['id']}")
    assert unlocked["password"] == unlocked["h323Password"] == ""


async def test_defaults_fill_in_what_a_creation_leaves_out(caller: Caller) -> None:
    meeting = await caller.created(schedule={"startTime": "2026-11-24T15:00:00Z"}, topic=None)
    assert meeting["topic"] == "Robin Ashdown's Meeting"
    assert meeting["meetingType"] == "Scheduled"
    assert meeting["schedule"]["durationInMinutes"] == 60
    assert meeting["schedule"]["timeZone"]["id"] == "1"
    assert meeting["audioOptions"] == ["Phone", "ComputerAudio"]
    assert meeting["autoRecordType"] == "none"


async def test_a_start_with_an_offset_is_answered_in_utc(caller: Caller) -> None:
    meeting = await caller.created(schedule=schedule("2026-11-24T15:00:00+02:00"))
    assert meeting["schedule"]["startTime"] == "2026-11-24T13:00:00Z"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"meetingType": "Scheduled"}, "schedule"),
    ({"meetingType": "ScheduledRecurring", "recurrence": {"frequency": "Daily"}}, "schedule"),
    ({"meetingType": "Recurring", "schedule": schedule()}, "schedule"),
    ({"meetingType": "ScheduledRecurring", "schedule": schedule()}, "recurrence"),
    ({"schedule": schedule(), "recurrence": {"frequency": "Daily"}}, "recurrence"),
    ({"schedule": "tomorrow"}, "schedule"),
    ({"schedule": {"durationInMinutes": 30}}, "schedule"),
    ({"schedule": schedule("2026-11-24T15:00:00.000Z")}, "schedule"),
    ({"schedule": schedule("2026-11-24T15:00:00")}, "schedule"),
    ({"schedule": schedule("2026-13-24T15:00:00Z")}, "schedule"),
    ({"schedule": schedule("1066-11-24T15:00:00Z")}, "schedule"),
    ({"schedule": schedule(zone="99999")}, "schedule"),
    ({"schedule": schedule(zone="America/New_York")}, "schedule"),
    ({"schedule": {**schedule(), "timeZone": "1"}}, "schedule"),
    ({"schedule": {**schedule(), "timeZone": {"id": 1}}}, "schedule"),
    ({"schedule": schedule(minutes=0)}, "schedule"),
    ({"schedule": {**schedule(), "durationInMinutes": "30"}}, "schedule"),
    ({"schedule": {**schedule(), "durationInMinutes": True}}, "schedule"),
    ({"schedule": schedule(), "password": "elevenchars"}, "password"),
    ({"schedule": schedule(), "password": "héé"}, "password"),
    ({"schedule": schedule(), "password": "a b"}, "password"),
    ({"schedule": schedule(), "password": 12}, "password"),
    ({"schedule": schedule(), "topic": 12}, "topic"),
    ({"schedule": schedule(), "meetingType": "Weekly"}, "meetingType"),
    ({"schedule": schedule(), "audioOptions": ["ThirdParty"]}, "audioOptions"),
    ({"schedule": schedule(), "audioOptions": "Phone"}, "audioOptions"),
    ({"schedule": schedule(), "autoRecordType": "disc"}, "autoRecordType"),
    ({"schedule": schedule(), "enableWaitingRoom": "yes"}, "enableWaitingRoom"),
    ({"schedule": schedule(), "globalDialInCountries": [1]}, "globalDialInCountries"),
    ({"schedule": schedule(), "host": {"id": 5}}, "host"),
    ({"schedule": schedule(), "host": "me"}, "host"),
]


@pytest.mark.parametrize(("body", "parameter"), WRONG)
async def test_a_wrong_field_is_named_and_nothing_is_created(
    simulator: Simulator, caller: Caller, body: dict[str, Any], parameter: str
) -> None:
    answer = await caller.create(topic=body.pop("topic", "x"), **body)
    assert refusal(answer) == (400, "CMN-101", parameter)
    whole = answer.json()
    assert whole["errorCode"] == "InvalidParameter"
    assert whole["message"] == f"Parameter [{parameter}] value is invalid"
    assert simulator.meetings() == []


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"{", "CMN-103"), (b"", "CMN-103"), (b"\xff", "CMN-103"), (b"[" * 20_000, "CMN-103"), (b"[]", "CMN-104")],
)
async def test_a_body_that_is_no_json_object_is_refused(caller: Caller, content: bytes, expected: str) -> None:
    assert code(await caller.call("POST", "meeting", content=content)) == (400, expected)


async def test_what_does_not_exist_is_not_found_whatever_is_done_to_it(caller: Caller) -> None:
    body = {"topic": "x", "schedule": schedule()}
    for method, path, json in (
        ("GET", "meeting/1234567890", None),
        ("GET", "meeting/12%2F34", None),
        ("PUT", "meeting/1234567890", body),
        ("PATCH", "meeting/1234567890", body),
        ("DELETE", "meeting/1234567890", None),
        ("POST", "meeting/1234567890/end", None),
        ("GET", "meeting/1234567890/invitation", None),
        ("GET", "/restapi/v1.0/account/~/meeting/1234567890", None),
    ):
        answer = await caller.call(method, path, json=json)
        assert refusal(answer) == (404, "CMN-102", "meetingId")
        assert answer.json()["message"] == "Resource for parameter [meetingId] is not found"


async def test_a_deleted_meeting_is_gone(simulator: Simulator, caller: Caller) -> None:
    meeting = await caller.created(schedule=schedule())
    answer = await caller.call("DELETE", f"meeting/{meeting['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-length" not in answer.headers
    assert code(await caller.get(f"meeting/{meeting['id']}")) == (404, "CMN-102")
    assert simulator.meeting(meeting["id"]) is None
    assert await caller.listed() == []


async def test_put_resets_what_it_leaves_out_and_keeps_what_it_is_given_even_if_unknown(caller: Caller) -> None:
    old = await caller.created(**ALL_FIELDS)
    body = {"topic": "New", "schedule": {**old["schedule"], "room": {"floor": 3}}, "gadget": {"deep": [1]}}
    answer = await caller.call("PUT", f"meeting/{old['id']}", json=body)
    assert answer.status_code == 200
    new = answer.json()
    assert new["topic"] == "New"
    assert new["gadget"] == {"deep": [1]}
    assert new["schedule"]["room"] == {"floor": 3}
    assert new["password"] == ""
    assert new["enableWaitingRoom"] is False
    assert "telephonyInfo" not in new
    assert (new["id"], new["uuid"], new["host"]) == (old["id"], old["uuid"], old["host"])


async def test_put_of_the_whole_answer_changes_nothing(caller: Caller) -> None:
    old = await caller.created(**ALL_FIELDS)
    assert (await caller.call("PUT", f"meeting/{old['id']}", json=old)).json() == old


async def test_put_keeps_what_it_leaves_out_where_the_switch_says_so(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.put_resets_omitted = False
    old = await caller.created(**ALL_FIELDS)
    new = (await caller.call("PUT", f"meeting/{old['id']}", json={"password": "n"})).json()
    assert new["password"] == "n"
    assert {**new, "password": 0, "links": 0, "h323Password": 0} == {
        **old,
        "password": 0,
        "links": 0,
        "h323Password": 0,
    }


async def test_put_checks_the_whole_meeting(caller: Caller) -> None:
    meeting = await caller.created(schedule=schedule())
    path = f"meeting/{meeting['id']}"
    assert refusal(await caller.call("PUT", path, json={"topic": "x"})) == (400, "CMN-101", "schedule")
    body = {"schedule": schedule(), "password": "not allowed"}
    assert refusal(await caller.call("PUT", path, json=body)) == (400, "CMN-101", "password")
    assert refusal(await caller.call("PUT", path, json={"id": "1"})) == (400, "CMN-108", "id")
    assert (await caller.get(path)).json() == meeting


async def test_patch_changes_only_what_it_is_given(simulator: Simulator, caller: Caller) -> None:
    old = await caller.created(**ALL_FIELDS)
    path = f"meeting/{old['id']}"
    new = (await caller.call("PATCH", path, json={"topic": "New", "schedule": {"durationInMinutes": 5}})).json()
    assert new["topic"] == "New"
    assert new["schedule"] == {**old["schedule"], "durationInMinutes": 5}
    assert {**new, "topic": 0, "schedule": 0} == {**old, "topic": 0, "schedule": 0}
    assert refusal(await caller.call("PATCH", path, json={"schedule": 3})) == (400, "CMN-101", "schedule")
    simulator.switches.patch_supported = False
    assert code(await caller.call("PATCH", path, json={"topic": "Newer"})) == (405, "CMN-202")


async def test_a_meeting_may_become_a_series_and_back(caller: Caller) -> None:
    meeting = await caller.created(schedule=schedule())
    path = f"meeting/{meeting['id']}"
    series = {"meetingType": "ScheduledRecurring", "recurrence": {"frequency": "Daily", "count": 3}}
    assert len((await caller.call("PATCH", path, json=series)).json()["occurrences"]) == 3
    single = (await caller.call("PATCH", path, json={"meetingType": "Scheduled"})).json()
    assert "recurrence" not in single
    assert "occurrences" not in single
    open_end = (await caller.call("PATCH", path, json={"meetingType": "Recurring"})).json()
    assert "schedule" not in open_end


async def test_a_meeting_for_an_assisted_person_is_theirs(simulator: Simulator, caller: Caller) -> None:
    meeting = await caller.created(topic="Theirs", schedule=schedule(), host={"id": simulator.executive_id})
    assert meeting["host"]["id"] == simulator.executive_id
    assert await caller.listed() == []
    theirs = f"/restapi/v1.0/account/~/extension/{simulator.executive_id}/meeting"
    assert [record["id"] for record in (await caller.get(theirs)).json()["records"]] == [meeting["id"]]
    assert (await caller.get(f"meeting/{meeting['id']}")).status_code == 200
    by_path = await caller.call("POST", theirs, json={"schedule": schedule()})
    assert by_path.json()["host"]["id"] == simulator.executive_id


async def test_a_meeting_cannot_be_scheduled_for_others(simulator: Simulator, caller: Caller) -> None:
    answer = await caller.create(schedule=schedule(), host={"id": simulator.outsider_id})
    assert code(answer) == (403, "CMN-404")
    meeting = await caller.created(schedule=schedule())
    moved = {"host": {"id": simulator.outsider_id}}
    assert code(await caller.call("PATCH", f"meeting/{meeting['id']}", json=moved)) == (403, "CMN-404")


async def test_somebody_elses_meeting_is_seen_only_through_the_account(simulator: Simulator, caller: Caller) -> None:
    foreign = simulator.put_meeting(topic="Private", host={"id": simulator.outsider_id}, schedule=schedule())
    assert code(await caller.get(f"meeting/{foreign}")) == (404, "CMN-102")
    answer = await caller.get(f"/restapi/v1.0/account/~/meeting/{foreign}")
    assert answer.json()["topic"] == "Private"
    executive = f"/restapi/v1.0/account/~/extension/{simulator.executive_id}/meeting"
    mine = await caller.created(schedule=schedule())
    assert code(await caller.get(f"{executive}/{mine['id']}")) == (404, "CMN-102")


async def test_a_meeting_runs_between_start_and_end_and_then_leaves_the_list(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    identifier = simulator.put_meeting(topic="Auto", auto_started=True, schedule=schedule("2026-10-20T13:00:00Z"))
    simulator.put_meeting(topic="Idle", schedule=schedule("2026-10-20T13:00:00Z"))

    async def state() -> tuple[str, list[str]]:
        return (await caller.get(f"meeting/{identifier}")).json()["status"], await caller.listed()

    assert await state() == ("NotStarted", ["Auto", "Idle"])
    clock.turn(minutes=59, seconds=59)
    assert await state() == ("NotStarted", ["Auto", "Idle"])
    clock.turn(seconds=1)
    await caller.log_in_again()
    assert await state() == ("Started", ["Auto", "Idle"])
    simulator.switches.list_includes_running = False
    assert await state() == ("Started", [])
    simulator.switches.list_includes_running = True
    clock.turn(minutes=30)
    assert await state() == ("NotStarted", [])


async def test_ending_a_running_meeting_finishes_it(simulator: Simulator, caller: Caller) -> None:
    identifier = simulator.put_meeting(topic="Now", started=True, schedule=schedule("2026-10-20T11:50:00Z"))
    answer = await caller.call("POST", f"meeting/{identifier}/end")
    assert (answer.status_code, answer.content) == (204, b"")
    assert (await caller.get(f"meeting/{identifier}")).json()["status"] == "NotStarted"
    assert await caller.listed() == []
    assert refusal(await caller.call("POST", f"meeting/{identifier}/end")) == (400, "CMN-101", "meetingId")


async def test_a_finished_meeting_that_is_moved_is_listed_again(simulator: Simulator, caller: Caller) -> None:
    identifier = simulator.put_meeting(topic="Now", finished=True, schedule=schedule("2026-10-20T11:50:00Z"))
    await caller.call("PATCH", f"meeting/{identifier}", json={"schedule": schedule()})
    assert await caller.listed() == ["Now"]


async def test_a_meeting_that_overruns_is_listed_while_it_runs(simulator: Simulator, caller: Caller) -> None:
    simulator.put_meeting(topic="Late", started=True, schedule=schedule("2026-10-20T11:00:00Z"))
    assert await caller.listed() == ["Late"]
    simulator.switches.list_includes_running = False
    assert await caller.listed() == []


async def test_an_instant_meeting_runs_at_once_and_is_never_listed(caller: Caller) -> None:
    meeting = await caller.created(topic="Quick", meetingType="Instant", schedule=schedule())
    assert meeting["status"] == "Started"
    assert "schedule" not in meeting
    assert await caller.listed() == []
    assert (await caller.call("POST", f"meeting/{meeting['id']}/end")).status_code == 204


async def test_a_recurring_meeting_without_fixed_time_is_always_listed(caller: Caller) -> None:
    meeting = await caller.created(topic="Any time", meetingType="Recurring")
    assert "schedule" not in meeting
    assert await caller.listed() == ["Any time"]


async def test_the_invitation_is_text_that_a_guest_can_use(simulator: Simulator, caller: Caller) -> None:
    locked = await caller.created(topic="Locked", schedule=schedule(), password="pw")
    text = (await caller.get(f"meeting/{locked['id']}/invitation")).json()["invitation"]
    for part in ("Robin Ashdown", "Topic: Locked", "2026-11-24T15:00:00Z", locked["links"]["joinUri"], "pw"):
        assert part in text
    assert locked["links"]["startUri"] not in text
    unlocked = await caller.created(topic="Open", meetingType="Recurring")
    text = (await caller.get(f"meeting/{unlocked['id']}/invitation")).json()["invitation"]
    assert "Password" not in text
    assert "Time" not in text


async def test_withdrawn_endpoints_answer_an_invalid_uri(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.withdrawn = True
    assert code(await caller.get("meeting")) == (404, "CMN-120")
    assert code(await caller.get("meeting/service-info")) == (404, "CMN-120")
    assert (await caller.get("video-configuration")).status_code == 200


async def test_a_test_may_change_a_meeting_behind_the_callers_back(simulator: Simulator, caller: Caller) -> None:
    meeting = await caller.created(topic="Before", schedule=schedule())
    simulator.edit_meeting(meeting["id"], topic="After", telephonyInfo=None, started=True)
    seen = (await caller.get(f"meeting/{meeting['id']}")).json()
    assert (seen["topic"], seen["status"]) == ("After", "Started")
    assert "telephonyInfo" not in seen
    with pytest.raises(KeyError):
        simulator.edit_meeting("1", topic="x")


async def test_a_raw_meeting_may_name_its_zone_and_its_id(simulator: Simulator) -> None:
    raw = {"startTime": "2026-11-24T15:00:00Z", "timeZone": {"name": "Asia/Tokyo"}}
    assert simulator.put_meeting(id="1112223334", schedule=raw) == "1112223334"
    stored = simulator.meeting("1112223334")
    assert stored is not None
    assert stored["schedule"]["timeZone"]["name"] == "Asia/Tokyo"
