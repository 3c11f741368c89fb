"""The rooms of RingCentral Video."""

import re
from typing import Any, Literal

import httpx
import pytest

from ringcentral_meetings.simulator import Simulator
from simulator.support import Caller, Clock, code, refusal

pytestmark = pytest.mark.anyio

ACCOUNT = "/rcvideo/v2/account/~/extension"
BRIDGES = f"{ACCOUNT}/~/bridges"
ONE = "/rcvideo/v2/bridges"

ENCRYPTED: dict[str, Any] = {
    "security": {"e2ee": True, "password": "Secret1", "noGuests": True},
    "preferences": {"join": {"waitingRoomRequired": "GuestsOnly"}},
}


async def create(caller: Caller, **fields: Any) -> httpx.Response:
    return await caller.call("POST", BRIDGES, json=fields)


async def created(caller: Caller, **fields: Any) -> dict[str, Any]:
    answer = await create(caller, **fields)
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def patch(caller: Caller, bridge_id: str, **fields: Any) -> httpx.Response:
    return await caller.call("PATCH", f"{ONE}/{bridge_id}", json=fields)


async def test_a_room_without_a_body_is_an_open_instant_one_with_the_documented_defaults(
    simulator: Simulator, caller: Caller
) -> None:
    answer = await caller.call("POST", BRIDGES)
    room = answer.json()
    assert answer.status_code == 201
    assert answer.headers["x-rate-limit-group"] == "heavy"
    assert (room["type"], room["name"]) == ("Instant", "Robin Ashdown's Meeting")
    assert room["host"] == {"accountId": "37439510", "extensionId": simulator.owner_id}
    assert room["security"] == {"passwordProtected": False, "noGuests": False, "sameAccount": False, "e2ee": False}
    preferences = room["preferences"]
    assert preferences["join"]["waitingRoomRequired"] == "Nobody"
    assert preferences["joinBeforeHost"] is preferences["musicOnHold"] is preferences["screenSharing"] is True
    assert (preferences["playTones"], preferences["recordingsMode"]) == ("Off", "User")
    assert room["discovery"]["web"] == f"https://v.ringcentral.com/join/{room['pins']['web']}"
    assert (await caller.get(f"{ONE}/{room['id']}")).json() == simulator.bridge(room["id"]) == room
    assert simulator.bridges() == [room]


async def test_what_is_asked_for_is_kept_and_the_rest_filled_in(caller: Caller) -> None:
    room = await created(
        caller,
        name="Planning",
        type="Scheduled",
        preferences={"join": {"audioMuted": True, "pstn": {"promptParticipants": False}}, "playTones": "ExitOnly"},
        security={"sameAccount": True},
        unheard_of=1,
    )
    assert (room["name"], room["type"]) == ("Planning", "Scheduled")
    join = room["preferences"]["join"]
    assert (join["audioMuted"], join["videoMuted"]) == (True, False)
    assert join["pstn"] == {"promptAnnouncement": True, "promptParticipants": False}
    assert room["preferences"]["playTones"] == "ExitOnly"
    assert room["security"]["sameAccount"] is True
    assert "unheard_of" not in room


async def test_a_password_protects_the_room_and_is_hashed_in_the_link(caller: Caller) -> None:
    room = await created(caller, security={"password": "Wq123ygs15"})
    assert room["security"]["passwordProtected"] is True
    password = room["security"]["password"]
    assert password["plainText"] == "Wq123ygs15"
    assert re.fullmatch(r"[0-9]{10}", password["pstn"])
    assert room["discovery"]["web"].endswith(f"?pw={password['joinQuery']}")
    assert "Wq123ygs15" not in room["discovery"]["web"]


async def test_protection_without_a_password_makes_one_up_or_is_refused(simulator: Simulator, caller: Caller) -> None:
    password = (await created(caller, security={"passwordProtected": True}))["security"]["password"]["plainText"]
    assert re.fullmatch(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{10}", password)
    simulator.switches.password_generated = False
    assert (await create(caller, security={"passwordProtected": True})).status_code == 406


async def test_protection_turned_off_beats_a_password_beside_it(caller: Caller) -> None:
    room = await created(caller, security={"passwordProtected": False, "password": ""})
    assert "password" not in room["security"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": "x" * 257}, "name"),
    ({"type": 0}, "type"),
    ({"pins": {"web": "12"}}, "pins.web"),
    ({"pins": "123456789"}, "pins"),
    ({"security": {"password": "with space"}}, "security.password"),
    ({"security": {"password": "Elevenchars"}}, "security.password"),
    ({"security": {"password": ""}}, "security.password"),
    ({"security": {"noGuests": "yes"}}, "security.noGuests"),
    ({"preferences": {"join": {"waitingRoomRequired": "Some"}}}, "preferences.join.waitingRoomRequired"),
    ({"preferences": {"recordingsMode": "Never"}}, "preferences.recordingsMode"),
]


@pytest.mark.parametrize(("fields", "parameter"), WRONG)
async def test_what_is_wrong_is_406_and_nothing_is_created(
    simulator: Simulator, caller: Caller, fields: dict[str, Any], parameter: str
) -> None:
    assert refusal(await create(caller, **fields)) == (406, "CMN-101", parameter)
    assert simulator.bridges() == []


async def test_a_body_that_is_no_json_is_refused_by_the_platform(caller: Caller) -> None:
    assert code(await caller.call("POST", BRIDGES, content=b"{")) == (400, "CMN-103")


async def test_a_chosen_pin_is_accepted_once(simulator: Simulator, caller: Caller) -> None:
    room = await created(caller, pins={"web": "018209241352", "pstn": {"host": "111111111111"}})
    assert room["pins"]["web"] == "018209241352"
    assert room["pins"]["pstn"]["host"] == "111111111111"
    assert len(room["pins"]["pstn"]["participant"]) == 12
    assert refusal(await create(caller, pins={"web": "018209241352"})) == (409, "CMN-406", "pins.web")
    taken = await create(caller, pins={"pstn": {"participant": "111111111111"}})
    assert refusal(taken) == (409, "CMN-406", "pins.pstn.participant")
    twice = await create(caller, pins={"pstn": {"host": "222222", "participant": "222222"}})
    assert refusal(twice) == (409, "CMN-406", "pins.pstn")
    assert len(simulator.bridges()) == 1


async def test_by_a_switch_no_pin_may_be_chosen(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.pin_may_be_chosen = False
    assert refusal(await create(caller, pins={"web": "018209241352"})) == (406, "CMN-101", "pins.web")
    assert simulator.bridges() == []
    room = await created(caller)
    assert (await patch(caller, room["id"], pins={"web": room["pins"]["web"]})).status_code == 200


@pytest.mark.parametrize(
    "lacking",
    [
        {"security": {"password": None}},
        {"security": {"noGuests": False}},
        {"preferences": {"join": {"waitingRoomRequired": "Nobody"}}},
    ],
)
async def test_encryption_needs_a_password_a_waiting_room_and_people_who_are_signed_in(
    simulator: Simulator, caller: Caller, lacking: dict[str, Any]
) -> None:
    fields = {name: {**part, **lacking.get(name, {})} for name, part in ENCRYPTED.items()}
    assert refusal(await create(caller, **fields)) == (409, "CMN-406", "security.e2ee")
    assert simulator.bridges() == []


async def test_encryption_keeps_early_guests_out_unless_they_are_let_in(caller: Caller) -> None:
    room = await created(caller, **ENCRYPTED)
    assert room["security"]["e2ee"] is True
    assert room["preferences"]["joinBeforeHost"] is False
    early = {**ENCRYPTED["preferences"], "joinBeforeHost": True}
    room = await created(caller, security={**ENCRYPTED["security"], "sameAccount": True}, preferences=early)
    assert room["preferences"]["joinBeforeHost"] is True
    renamed = (await patch(caller, room["id"], name="x")).json()
    assert renamed["preferences"]["joinBeforeHost"] is True


async def test_a_waiting_room_for_everybody_and_joining_early_do_not_go_together(
    simulator: Simulator, caller: Caller
) -> None:
    both = {"join": {"waitingRoomRequired": "Everybody"}, "joinBeforeHost": True}
    assert (await created(caller, preferences=both))["preferences"]["joinBeforeHost"] is False
    simulator.switches.waiting_room_wins = False
    assert refusal(await create(caller, preferences=both)) == (409, "CMN-406", "preferences.joinBeforeHost")
    unsaid = await created(caller, preferences={"join": {"waitingRoomRequired": "Everybody"}})
    assert unsaid["preferences"]["joinBeforeHost"] is False


async def test_everybody_has_one_personal_room_with_an_alias_and_a_password(caller: Caller) -> None:
    assert (await caller.get(f"{BRIDGES}/default")).status_code == 404
    room = await created(caller, type="PMI")
    assert (room["pins"]["web"], room["pins"]["aliases"]) == ("4155550101", ["robin"])
    assert room["security"]["passwordProtected"] is True
    assert room["security"]["password"]["plainText"]
    assert room["preferences"]["joinBeforeHost"] is False
    assert room["preferences"]["join"]["waitingRoomRequired"] == "OtherAccount"
    assert (await caller.get(f"{BRIDGES}/default")).json() == room
    assert (await caller.get(f"{ONE}/pin/web/robin")).json() == room
    assert refusal(await create(caller, type="PMI")) == (409, "CMN-406", "type")
    assert (await caller.call("DELETE", f"{ONE}/{room['id']}")).status_code == 403


async def test_a_personal_room_takes_another_pin_where_its_own_is_taken(caller: Caller) -> None:
    await created(caller, pins={"web": "4155550101"})
    assert (await created(caller, type="PMI"))["pins"]["web"] != "4155550101"


async def test_a_room_is_found_by_each_of_its_pins(caller: Caller) -> None:
    room = await created(caller)
    pins = room["pins"]
    found = [await caller.get(f"{ONE}/pin/web/{pins['web']}")]
    found += [await caller.get(f"{ONE}/pin/pstn/{pin}?phoneNumber=%2B16504191505") for pin in pins["pstn"].values()]
    assert all(answer.json() == room for answer in found)
    assert (await caller.get(f"{ONE}/pin/web/{pins['pstn']['host']}")).status_code == 404
    assert (await caller.get(f"{ONE}/pin/pstn/nothing")).status_code == 404


async def test_a_patch_changes_only_what_it_holds(simulator: Simulator, caller: Caller) -> None:
    room = await created(caller, name="Old", type="Scheduled", security={"password": "Abc1"})
    answer = await patch(
        caller,
        room["id"],
        name="New",
        type="PMI",
        pins={"web": "123456789", "pstn": {"host": "987654321"}},
        preferences={"join": {"videoMuted": True}},
    )
    changed = answer.json()
    assert answer.status_code == 200
    assert changed["name"] == "New"
    assert changed["type"] == "Scheduled"
    assert changed["pins"] == {**room["pins"], "web": "123456789"}
    assert changed["security"] == room["security"]
    assert changed["preferences"]["join"] == {**room["preferences"]["join"], "videoMuted": True}
    assert simulator.bridge(room["id"]) == changed
    assert (await caller.get(f"{ONE}/pin/web/{room['pins']['web']}")).status_code == 404


async def test_a_patch_sets_and_lifts_protection(caller: Caller) -> None:
    room = await created(caller)
    protected = (await patch(caller, room["id"], security={"password": "Abc1"})).json()["security"]
    assert (protected["passwordProtected"], protected["password"]["plainText"]) == (True, "Abc1")
    same = (await patch(caller, room["id"], security={"passwordProtected": True})).json()["security"]
    assert same == protected
    lifted = (await patch(caller, room["id"], security={"passwordProtected": False})).json()["security"]
    assert lifted == {"passwordProtected": False, "noGuests": False, "sameAccount": False, "e2ee": False}


async def test_a_patch_that_is_refused_changes_nothing(simulator: Simulator, caller: Caller) -> None:
    room, other = await created(caller), await created(caller)
    assert refusal(await patch(caller, room["id"], security={"e2ee": True})) == (409, "CMN-406", "security.e2ee")
    taken = await patch(caller, room["id"], name="x", pins={"web": other["pins"]["web"]})
    assert refusal(taken) == (409, "CMN-406", "pins.web")
    simulator.switches.bridge_type_refused = True
    assert refusal(await patch(caller, room["id"], name="x", type="Instant")) == (406, "CMN-101", "type")
    assert simulator.bridge(room["id"]) == room


async def test_rooms_can_be_patched_where_meetings_cannot(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.patch_supported = False
    room = await created(caller)
    assert (await patch(caller, room["id"], name="x")).status_code == 200


async def test_a_deleted_room_is_gone_and_its_pin_free(simulator: Simulator, caller: Caller) -> None:
    room = await created(caller, pins={"web": "123456789"})
    answer = await caller.call("DELETE", f"{ONE}/{room['id']}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert simulator.bridge(room["id"]) is None
    for method in ("GET", "DELETE"):
        assert (await caller.call(method, f"{ONE}/{room['id']}")).status_code == 404
    assert (await patch(caller, room["id"], name="x")).status_code == 404
    await created(caller, pins={"web": "123456789"})


async def test_an_instant_room_is_kept_three_days(simulator: Simulator, caller: Caller, clock: Clock) -> None:
    room = await created(caller, pins={"web": "123456789"})
    clock.turn(days=2, hours=23, minutes=59)
    await caller.log_in_again()
    assert (await caller.get(f"{ONE}/{room['id']}")).status_code == 200
    clock.turn(minutes=1)
    assert (await caller.get(f"{ONE}/{room['id']}")).status_code == 404
    assert simulator.bridges() == []
    assert (await caller.get(f"{ONE}/pin/web/123456789")).status_code == 404
    await created(caller, pins={"web": "123456789"}, type="Scheduled")
    clock.turn(days=300)
    assert len(simulator.bridges()) == 1


async def test_rooms_may_be_created_for_those_who_delegate_and_for_nobody_else(
    simulator: Simulator, caller: Caller
) -> None:
    answer = await caller.call("POST", f"{ACCOUNT}/{simulator.executive_id}/bridges", json={"type": "PMI"})
    assert answer.status_code == 201
    room = answer.json()
    assert room["host"]["extensionId"] == simulator.executive_id
    assert (await patch(caller, room["id"], name="Hers")).json()["security"]["password"]["plainText"]
    refused = await caller.call("POST", f"{ACCOUNT}/{simulator.outsider_id}/bridges", json={})
    assert refused.status_code == 403
    assert (await caller.call("POST", f"{ACCOUNT}/1/bridges", json={})).status_code == 404
    assert (await caller.call("POST", "/rcvideo/v2/account/1/extension/~/bridges")).status_code == 404


async def test_a_room_of_others_shows_no_secret_and_cannot_be_changed_but_by_a_super_admin(
    simulator: Simulator, caller: Caller
) -> None:
    host = {"extensionId": simulator.outsider_id}
    identifier = simulator.put_bridge(host=host, name="Theirs", security={"password": "Hidden1"})
    whole = simulator.bridge(identifier)
    assert whole is not None
    secrets = [*whole["security"]["password"].values(), whole["pins"]["pstn"]["host"]]
    seen = await caller.get(f"{ONE}/{identifier}?pw={whole['security']['password']['joinQuery']}")
    assert seen.json()["security"]["passwordProtected"] is True
    assert not [secret for secret in secrets if secret in seen.text]
    assert seen.json()["pins"]["pstn"] == {"participant": whole["pins"]["pstn"]["participant"]}
    for method in ("PATCH", "DELETE"):
        assert (await caller.call(method, f"{ONE}/{identifier}", json={})).status_code == 403
    simulator.super_admin = True
    assert (await caller.get(f"{ONE}/{identifier}")).json() == whole
    assert (await caller.call("DELETE", f"{ONE}/{identifier}")).status_code == 204


async def test_a_room_put_past_the_api_is_stored_as_given(simulator: Simulator, caller: Caller) -> None:
    identifier = simulator.put_bridge(id="mine", name="", pins={"web": "1"}, preferences={"playTones": "Loud"})
    assert identifier == "mine"
    room = (await caller.get(f"{ONE}/pin/web/1")).json()
    assert (room["name"], room["type"], room["preferences"]["playTones"]) == ("", "Scheduled", "Loud")


async def test_delegators_come_in_two_shapes(simulator: Simulator, caller: Caller) -> None:
    path = "/rcvideo/v1/accounts/~/extensions/{}/delegators"
    helena = {"id": simulator.executive_id, "name": "Helena Marsh", "accountId": "37439510"}
    helena["extensionId"] = simulator.executive_id
    assert (await caller.get(path.format("~"))).json() == [helena]
    simulator.switches.delegators_as_array = False
    assert (await caller.get(path.format(simulator.owner_id))).json() == {"items": [helena]}
    assert (await caller.get(path.format(simulator.executive_id))).status_code == 403
    assert (await caller.get(path.format(simulator.outsider_id))).status_code == 403


@pytest.mark.parametrize(
    ("form", "body"),
    [("mixed", b""), ("empty", b""), ("text", b"Not Found")],
)
async def test_a_refusal_needs_no_json(
    simulator: Simulator, caller: Caller, form: Literal["mixed", "empty", "text"], body: bytes
) -> None:
    simulator.switches.video_refusals = form
    answer = await caller.get(f"{ONE}/unknown")
    assert (answer.status_code, answer.content) == (404, body)


async def test_a_refusal_may_be_json(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.video_refusals = "json"
    assert refusal(await caller.get(f"{ONE}/unknown")) == (404, "CMN-102", "bridgeId")
    simulator.switches.video_refusals = "mixed"
    refused = await caller.call("POST", f"{ACCOUNT}/{simulator.outsider_id}/bridges")
    assert (refused.status_code, refused.text) == (403, "Forbidden")


async def test_the_app_needs_the_scope(simulator: Simulator, caller: Caller) -> None:
    simulator.scopes.discard("Video")
    assert code(await caller.get(f"{BRIDGES}/default")) == (403, "CMN-401")


async def test_faults_strike_rooms_too(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.add("drop_after", method="POST", path="/bridges$", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        await create(caller)
    assert len(simulator.bridges()) == 1


async def test_only_ten_rooms_a_minute_may_be_created(simulator: Simulator, caller: Caller) -> None:
    simulator.limiter.limits["heavy"] = 10
    answers = [(await create(caller)).status_code for _ in range(11)]
    assert answers == [201] * 10 + [429]


async def test_the_product_that_is_not_the_users_may_refuse(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.other_product_answers = False
    assert code(await create(caller)) == (403, "CMN-109")
    assert (await caller.get("meeting")).status_code == 200
    simulator.provider = "RCVideo"
    assert (await create(caller)).status_code == 201
    assert code(await caller.get("meeting")) == (403, "CMN-109")
    assert (await caller.get("video-configuration")).json()["provider"] == "RCVideo"
    simulator.dual_mode = True
    assert (await caller.get("meeting")).status_code == 200
    assert (await create(caller)).status_code == 201


async def test_the_audio_conference_has_numbers_and_two_codes(simulator: Simulator, caller: Caller) -> None:
    info = (await caller.get("conferencing")).json()
    assert info["phoneNumber"] == info["phoneNumbers"][0]["phoneNumber"] == "+16463573664"
    assert [number["default"] for number in info["phoneNumbers"]].count(True) == 1
    assert info["hostCode"] != info["participantCode"]
    german = (await caller.get("conferencing", params={"countryId": "75"})).json()
    assert german["phoneNumber"] == "+4969710498922"
    assert refusal(await caller.get("conferencing", params={"countryId": "0"})) == (400, "CMN-101", "countryId")
    simulator.permissions.discard("OrganizeConference")
    assert code(await caller.get("conferencing")) == (403, "CMN-408")
    simulator.permissions.add("OrganizeConference")
    simulator.features.discard("Conferencing")
    assert code(await caller.get("conferencing")) == (403, "CMN-109")
