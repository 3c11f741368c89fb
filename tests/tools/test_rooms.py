"""Rooms of RingCentral Video through the same tools: created, found however they are named, told to guests."""

import json
from typing import Any

import pytest
from mcp_types import EmbeddedResource, TextResourceContents

from assistant import MODES, Assistant, Mode, at_work
from ics_reader import Component, read
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

TUESDAY = "2026-11-24T15:00"
EVERY_OPTION: dict[str, Any] = {
    "allow_join_before_host": False,
    "waiting_room": "GuestsOnly",
    "enforce_login": True,
    "same_account": True,
    "mute_participants_on_entry": True,
    "start_participants_video": False,
    "auto_record_type": "forced",
    "screen_sharing": False,
    "transcriptions_mode": "Auto",
    "e2ee": True,
}


async def created(assistant: Assistant, **arguments: Any) -> dict[str, Any]:
    return (await assistant.call("create_meeting", **{"topic": "Retro", "meeting_type": "Recurring"} | arguments)).data


@pytest.mark.parametrize("mode", MODES)
async def test_a_new_room_is_one_request_and_its_time_is_told_but_not_pretended_to_be_stored(mode: Mode) -> None:
    async with at_work(product="video", mode=mode) as assistant:
        made = (await assistant.call("create_meeting", topic="Retro", start_time=TUESDAY, duration_minutes=30)).data
        meeting = made["meeting"]
        assert (made["product"], made["created"]) == ("RingCentral Video", True)
        assert (meeting["start"], meeting["weekday"]) == ("2026-11-24T15:00-05:00", "Tuesday")
        assert "stores no time" in made["note"]
        assert "get_meeting_invitation" in made["note"]
        assert meeting["pin"] in meeting["join_url"]
        assert len(assistant.sent("POST", "/bridges")) == 1
        assert "start" not in (await assistant.call("get_meeting", meeting_id=meeting["meeting_id"])).data["meeting"]


async def test_every_option_of_a_room_arrives_and_is_told_again() -> None:
    async with at_work(product="video") as assistant:
        made = await created(assistant, password="Secret1", settings=EVERY_OPTION)
        assert "differs" not in made
        room = assistant.simulator.bridge(made["meeting"]["meeting_id"])
        assert room is not None
        assert (room["type"], room["security"]["e2ee"], room["security"]["noGuests"]) == ("Scheduled", True, True)
        assert room["preferences"]["join"] | {"pstn": None} == {
            "audioMuted": True,
            "videoMuted": True,
            "waitingRoomRequired": "GuestsOnly",
            "pstn": None,
        }
        assert (room["preferences"]["recordingsMode"], room["preferences"]["transcriptionsMode"]) == (
            "ForceAuto",
            "Auto",
        )
        told = (await assistant.call("get_meeting", meeting_id=made["meeting"]["meeting_id"])).data
        assert told["settings"] == EVERY_OPTION | {"enable_waiting_room": True}
        assert told["meeting"]["password"] == "Secret1"


async def test_what_is_not_given_is_left_to_the_platform() -> None:
    async with at_work(product="video") as assistant:
        await created(assistant)
        body = json.loads(assistant.sent("POST", "/bridges")[0].body)
    assert set(body) == {"name", "type", "pins"}


async def test_a_waiting_room_without_more_is_for_everybody() -> None:
    async with at_work(product="video") as assistant:
        made = await created(assistant, settings={"enable_waiting_room": True})
        told = (await assistant.call("get_meeting", meeting_id=made["meeting"]["meeting_id"])).data["settings"]
    assert (told["waiting_room"], told["allow_join_before_host"]) == ("Everybody", False)


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        ({"settings": {"e2ee": True}}, "invalid_arguments", "password"),
        (
            {"settings": {"e2ee": True, "waiting_room": "Everybody"}, "password": "a1"},
            "invalid_arguments",
            "enforce_login",
        ),
        (
            {"settings": {"e2ee": True, "waiting_room": "Nobody", "same_account": True}, "password": "a1"},
            "invalid_arguments",
            "waiting_room",
        ),
        (
            {"settings": {"waiting_room": "Everybody", "allow_join_before_host": True}},
            "invalid_arguments",
            "allow_join_before_host",
        ),
        (
            {"settings": {"waiting_room": "Nobody", "enable_waiting_room": True}},
            "invalid_arguments",
            "enable_waiting_room",
        ),
        ({"password": "a_b*c"}, "invalid_arguments", "password"),
        ({"settings": {"audio_options": ["Phone"]}}, "not_supported_by_product", "audio_options"),
        ({"settings": {"start_host_video": True}}, "not_supported_by_product", "start_host_video"),
        ({"settings": {"alternative_hosts": "a@b.example"}}, "not_supported_by_product", "alternative_hosts"),
        ({"settings": {"auto_record_type": "local"}}, "not_supported_by_product", "auto_record_type"),
        ({"if_conflict": "refuse"}, "not_supported_by_product", "if_conflict"),
        (
            {"meeting_type": "Instant", "settings": {"use_personal_meeting_id": True}},
            "invalid_arguments",
            "use_personal_meeting_id",
        ),
    ],
)
async def test_what_does_not_go_together_or_is_not_there_is_refused_before_any_request(
    arguments: dict[str, Any], code: str, named: str
) -> None:
    async with at_work(product="video") as assistant:
        answer = await assistant.call("create_meeting", **{"topic": "Retro", "meeting_type": "Recurring"} | arguments)
        assert answer.code == code
        assert named in answer.problem["message"]
        assert assistant.simulator.calls == []


@pytest.mark.parametrize("option", ["waiting_room", "same_account", "screen_sharing", "transcriptions_mode", "e2ee"])
async def test_the_older_product_refuses_the_options_of_rooms_by_name(option: str) -> None:
    async with at_work() as assistant:
        settings = {option: EVERY_OPTION[option]}
        made = await assistant.call("create_meeting", topic="Retro", meeting_type="Recurring", settings=settings)
        assert made.code == "not_supported_by_product"
        assert option in made.problem["message"]
        meeting_id = assistant.simulator.put_meeting(topic="Retro", meetingType="Recurring")
        assert (await assistant.call("update_meeting", meeting_id=meeting_id, settings=settings)).code == made.code
        assert assistant.sent("POST", "/meeting") == assistant.sent("PUT") == []


@pytest.mark.parametrize("mode", MODES)
async def test_a_room_is_found_by_id_pin_personal_name_telephone_pin_and_join_link(mode: Mode) -> None:
    async with at_work(product="video", mode=mode) as assistant:
        simulator = assistant.simulator
        bridge_id = simulator.put_bridge(name="Retro", security={"password": "Secret1"})
        personal = simulator.put_bridge(type="PMI", name="Robin's room")
        room = simulator.bridge(bridge_id)
        assert room is not None
        pin, link = room["pins"]["web"], room["discovery"]["web"]
        ways = [bridge_id, pin, f"{pin[:3]} {pin[3:6]}-{pin[6:]}", link, link.removeprefix("https://"), f" {link} "]
        ways += [f"Meeting ID: {pin}", f"<{link}>.", room["pins"]["pstn"]["participant"]]
        for named in ways:
            found = (await assistant.call("get_meeting", meeting_id=named)).data["meeting"]
            assert (found["meeting_id"], found["password"]) == (bridge_id, "Secret1"), named
        for named in ("robin", "https://v.ringcentral.com/join/robin"):
            assert (await assistant.call("get_meeting", meeting_id=named)).data["meeting"]["meeting_id"] == personal


async def test_the_hash_in_a_join_link_goes_with_the_pin_and_nothing_else_of_the_link_does() -> None:
    async with at_work(product="video") as assistant:
        room = assistant.simulator.bridge(
            assistant.simulator.put_bridge(name="Retro", security={"password": "Secret1"})
        )
        assert room is not None
        await assistant.call("get_meeting", meeting_id=f"{room['discovery']['web']}&evil=1#fragment")
        sent = assistant.sent("GET", "/bridges/pin/web/")
        assert [call.query for call in sent] == [room["discovery"]["web"].partition("?")[2]]


@pytest.mark.parametrize("named", ["https://v.ringcentral.com/", "https://[", "../admin", "a/b", "%2e%2e", ".."])
async def test_what_names_no_room_is_refused_and_asks_for_nothing_else(named: str) -> None:
    async with at_work(product="video") as assistant:
        assert (await assistant.call("get_meeting", meeting_id=named)).code in {"invalid_arguments", "not_found"}
        assert all(call.path.startswith("/rcvideo/v2/bridges/") for call in assistant.sent(path="/rcvideo"))


async def test_a_room_that_is_not_there_is_told_with_where_to_find_the_right_name() -> None:
    async with at_work(product="video") as assistant:
        problem = (await assistant.call("get_meeting", meeting_id="123456789012")).problem
        assert (problem["code"], "join link" in problem["next_step"]) == ("not_found", True)


async def test_the_room_of_somebody_else_is_shown_without_its_secrets_and_changed_by_nobody() -> None:
    async with at_work(product="video") as assistant:
        host = {"extensionId": assistant.simulator.outsider_id}
        theirs = assistant.simulator.put_bridge(name="Payroll", host=host, security={"password": "Secret1"})
        shown = await assistant.call("get_meeting", meeting_id=theirs)
        assert "Secret1" not in shown.text
        for tool, arguments in (
            ("update_meeting", {"topic": "Mine"}),
            ("delete_meeting", {"expected_topic": "Payroll"}),
        ):
            problem = (await assistant.call(tool, meeting_id=theirs, **arguments)).problem
            assert (problem["code"], "delegate" in problem["message"]) == ("user_permission_missing", True)
        assert assistant.simulator.bridge(theirs)["name"] == "Payroll"  # type: ignore[index]


async def test_a_room_for_somebody_else_is_made_in_their_name_or_the_missing_delegation_named() -> None:
    async with at_work(product="video") as assistant:
        made = await created(assistant, host_id=assistant.simulator.executive_id)
        assert made["meeting"]["host_id"] == assistant.simulator.executive_id
        problem = (
            await assistant.call(
                "create_meeting", topic="Retro", meeting_type="Recurring", host_id=assistant.simulator.outsider_id
            )
        ).problem
        assert problem["code"] == "user_permission_missing"
        assert "delegation" in problem["message"]
        assert f"Helena Marsh ({assistant.simulator.executive_id})" in problem["next_step"]
        unknown = await assistant.call("create_meeting", topic="Retro", meeting_type="Recurring", host_id="999")
        assert unknown.code == "not_found"


@pytest.mark.parametrize("as_array", [True, False])
async def test_the_people_one_may_act_for_are_read_in_both_forms(as_array: bool) -> None:
    async with at_work(product="video", switches=Switches(delegators_as_array=as_array)) as assistant:
        told = (await assistant.call("get_connection_status", check="full")).data
        assert told["may_schedule_for"] == f"Helena Marsh ({assistant.simulator.executive_id})"


async def test_the_personal_room_is_returned_where_it_is_there_and_made_where_it_is_not() -> None:
    personal = {"settings": {"use_personal_meeting_id": True}}
    async with at_work(product="video") as assistant:
        first = await created(assistant, **personal)
        assert first["created"] is True
        again = await created(assistant, **personal | {"topic": "Another"})
        assert (again["created"], again["differs"]) == (False, ["topic"])
        assert again["meeting"]["meeting_id"] == first["meeting"]["meeting_id"]
        assert "update_meeting" in again["note"]
        assert [room["type"] for room in assistant.simulator.bridges()] == ["PMI"]


async def test_the_invitation_carries_the_time_that_it_is_given_and_what_guests_need() -> None:
    async with at_work(product="video") as assistant:
        meeting_id = (await created(assistant, password="Secret1"))["meeting"]["meeting_id"]
        plain = await assistant.call("get_meeting_invitation", meeting_id=meeting_id)
        assert (plain.attachments, "file_name" in plain.data) == ([], False)
        timed = {"meeting_id": meeting_id, "start_time": TUESDAY, "duration_minutes": 45, "time_zone": "Europe/Paris"}
        told = await assistant.call("get_meeting_invitation", **timed)
        room = assistant.simulator.bridge(meeting_id)
        assert room is not None
        for fact in (room["discovery"]["web"], "Secret1", room["pins"]["web"], room["pins"]["pstn"]["participant"]):
            assert fact in told.data["text"]
        assert "Tuesday 2026-11-24T15:00+01:00 Europe/Paris, 45 minutes" in told.data["text"]
        assert room["pins"]["pstn"]["host"] not in told.text
        event = event_in(told.attachments)
        assert (event.one("DTSTART").value, event.one("DTSTART").parameters["TZID"]) == (
            "20261124T150000",
            "Europe/Paris",
        )
        later = await assistant.call("get_meeting_invitation", **timed | {"start_time": "2026-11-25T15:00"})
        assert event_in(later.attachments).one("UID").value != event.one("UID").value


def event_in(attachments: list[Any]) -> Component:
    (file,) = attachments
    assert isinstance(file, EmbeddedResource)
    assert isinstance(file.resource, TextResourceContents)
    (event,) = read(file.resource.text.encode()).within("VEVENT")
    return event


async def test_a_meeting_with_a_time_of_its_own_takes_no_other_for_its_invitation() -> None:
    async with at_work() as assistant:
        made = (await assistant.call("create_meeting", topic="Retro", start_time=TUESDAY)).data
        arguments = {"meeting_id": made["meeting"]["meeting_id"], "start_time": "2026-11-25T10:00"}
        problem = (await assistant.call("get_meeting_invitation", **arguments)).problem
        assert (problem["code"], "update_meeting" in problem["next_step"]) == ("invalid_arguments", True)


async def test_service_info_has_the_numbers_and_the_personal_room_and_no_code_of_the_host() -> None:
    async with at_work(product="video", seeded=True) as assistant:
        answer = await assistant.call("get_meeting_service_info", country="FR")
        assert [number["number"] for number in answer.data["dial_in_numbers"]] == ["+33170950103"]
        assert answer.data["personal_meeting_id"] == "4155550101"
        assert answer.data["personal_link"].startswith("https://v.ringcentral.com/join/4155550101")
        assert "ode" not in answer.text.replace("country", "")


async def test_numbers_that_are_not_told_leave_the_personal_room_and_a_word_about_it() -> None:
    async with at_work(product="video", seeded=True) as assistant:
        assistant.simulator.permissions.discard("OrganizeConference")
        told = (await assistant.call("get_meeting_service_info")).data
        assert told["personal_meeting_id"] == "4155550101"
        assert "user_permission_missing" in told["hint"]


@pytest.mark.parametrize(
    ("tool", "arguments", "instead"),
    [
        ("list_meetings", {}, "list_past_meetings"),
        ("find_meeting_times", {"duration_minutes": 30}, "calendar"),
        ("end_meeting", {"meeting_id": "1", "expected_topic": "Retro"}, "delete_meeting"),
        ("create_meeting", {"topic": "R", "start_time": TUESDAY, "recurrence": {"frequency": "Daily"}}, "calendar"),
        ("update_meeting", {"meeting_id": "ROOM", "start_time": TUESDAY}, "get_meeting_invitation"),
        ("update_meeting", {"meeting_id": "ROOM", "duration_minutes": 30}, "get_meeting_invitation"),
        ("update_meeting", {"meeting_id": "ROOM", "recurrence": {"frequency": "Daily"}}, "calendar"),
        ("update_meeting", {"meeting_id": "ROOM", "settings": {"use_personal_meeting_id": True}}, "create_meeting"),
        ("delete_meeting", {"meeting_id": "ROOM", "expected_topic": "Retro", "scope": "series"}, "calendar"),
        ("delete_meeting", {"meeting_id": "ROOM", "expected_topic": "Retro", "occurrence_id": "1"}, "calendar"),
    ],
)
async def test_what_rooms_do_not_have_is_refused_with_what_to_do_instead(
    tool: str, arguments: dict[str, Any], instead: str
) -> None:
    async with at_work(product="video") as assistant:
        room = assistant.simulator.put_bridge(name="Retro")
        given = {name: room if value == "ROOM" else value for name, value in arguments.items()}
        problem = (await assistant.call(tool, **given)).problem
        assert problem["code"] == "not_supported_by_product"
        assert "RingCentral Video" in problem["message"]
        assert instead in problem["next_step"]
        assert not [call for call in assistant.simulator.calls if call.method in {"PATCH", "DELETE"}]
        assert assistant.sent("POST", "/bridges") == []


async def test_where_neither_numbers_nor_a_personal_room_are_told_the_reason_is() -> None:
    async with at_work(product="video") as assistant:
        assistant.simulator.permissions.discard("OrganizeConference")
        assert (await assistant.call("get_meeting_service_info")).code == "user_permission_missing"


async def test_people_whose_list_fails_are_left_out_of_the_status() -> None:
    async with at_work(product="video", faults="GET /delegators$ status=500") as assistant:
        told = (await assistant.call("get_connection_status", check="full")).data
        assert "may_schedule_for" not in told
        assert "problem" not in told
