"""The history of RingCentral Video, its recordings, the insights of RingSense, and the seed."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from ringcentral_meetings.simulator import Simulator, Switches
from simulator.support import NOON, Caller, Clock, client_of, code, log_in, refusal

pytestmark = pytest.mark.anyio

HISTORY = "/rcvideo/v1/history/meetings"
RECORDINGS = "/rcvideo/v1/account/~/extension/~/recordings"
INSIGHTS = "/ai/ringsense/v1/public/accounts/~/domains/{}/records/{}/insights"
HOUR_AGO = NOON - timedelta(hours=1)


async def listed(caller: Caller, **query: str) -> dict[str, Any]:
    answer = await caller.get(HISTORY, params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def names(caller: Caller, **query: str) -> list[str]:
    return [meeting["displayName"] for meeting in (await listed(caller, **query))["meetings"]]


async def read(caller: Caller, meeting_id: str) -> httpx.Response:
    return await caller.get(f"{HISTORY}/{quote(meeting_id, safe='')}")


async def recordings(caller: Caller, extension: str = "~") -> list[str]:
    answer = await caller.get(RECORDINGS.replace("~/rec", f"{extension}/rec"))
    return [recording["id"] for recording in answer.json()["recordings"]]


@pytest.fixture
def room(simulator: Simulator) -> str:
    return simulator.put_bridge(name="Weekly")


async def test_a_held_meeting_shows_who_attended_when_and_how_long(
    simulator: Simulator, caller: Caller, room: str
) -> None:
    people = (simulator.owner_id, "+14155550199", "Ana Duarte")
    identifier = simulator.hold(room, HOUR_AGO, 30, people)
    assert identifier.endswith("!us-11-pdx10@us-11")
    (meeting,) = (await listed(caller))["meetings"]
    bridge = simulator.bridge(room)
    assert bridge is not None
    assert meeting["id"] == identifier
    assert (meeting["bridgeId"], meeting["shortId"]) == (room, bridge["pins"]["web"])
    assert (meeting["displayName"], meeting["startTime"]) == ("Weekly", "2026-10-20T11:00:00Z")
    assert (meeting["duration"], meeting["type"], meeting["status"]) == (1800, "Meeting", "Done")
    assert meeting["hostInfo"]["displayName"] == "Robin Ashdown"
    owner, caller_in, guest = meeting["participants"]
    assert (owner["displayName"], owner["extensionId"]) == ("Robin Ashdown", simulator.owner_id)
    assert caller_in["callerId"] == "+14155550199"
    assert guest.keys() == {"id", "displayName", "type"}
    assert meeting["rights"] == ["delete", "download", "share"]
    assert (await read(caller, identifier)).json() == meeting


async def test_a_meeting_shows_from_its_start_and_is_recorded_and_then_processed(
    simulator: Simulator, caller: Caller, clock: Clock, room: str
) -> None:
    identifier = simulator.hold(room, NOON + timedelta(minutes=5), 30, [simulator.owner_id])
    assert await names(caller) == []
    assert (await read(caller, identifier)).status_code == 404
    clock.turn(minutes=15)
    running = (await read(caller, identifier)).json()
    assert (running["status"], running["duration"]) == ("InProgress", 600)
    assert running["recordings"][0]["status"] == "InProgress"
    assert "notes" not in running
    clock.turn(minutes=20)
    fresh = (await read(caller, identifier)).json()
    assert (fresh["status"], fresh["duration"]) == ("Done", 1800)
    assert fresh["recordings"][0]["status"] == fresh["notes"][0]["status"] == "Processing"
    assert fresh["recordings"][0]["availabilityStatus"] == "NotAvailable"
    assert "url" not in fresh["recordings"][0]
    assert "summary" not in fresh
    assert await recordings(caller) == []
    clock.turn(minutes=10)
    ready = (await read(caller, identifier)).json()
    assert ready["recordings"][0]["status"] == ready["notes"][0]["status"] == "Processed"
    assert ready["recordings"][0]["availabilityStatus"] == "Alive"
    assert ready["recordings"][0]["url"].startswith("https://media.ringcentral.com/")
    assert ready["recordings"][0]["startTime"] == (NOON + timedelta(minutes=5)).timestamp() * 1000
    assert "Weekly" in ready["summary"]
    assert ready["transcriptions"][0]["type"] == "LiveTranscription"
    assert await recordings(caller) == [identifier]
    clock.turn(days=365)
    await caller.log_in_again()
    assert (await read(caller, identifier)).json()["recordings"][0]["availabilityStatus"] == "Purged"
    assert await recordings(caller) == []


async def test_what_was_not_recorded_has_no_recordings(simulator: Simulator, caller: Caller, room: str) -> None:
    identifier = simulator.hold(room, HOUR_AGO, 5, [], recorded=False, noted=False)
    meeting = (await read(caller, identifier)).json()
    assert (meeting["recordings"], meeting["participants"]) == ([], [])
    assert "transcriptions" not in meeting


async def test_the_history_outlives_the_room_and_its_name(simulator: Simulator, caller: Caller, room: str) -> None:
    simulator.hold(room, HOUR_AGO, 5, [])
    await caller.call("PATCH", f"/rcvideo/v2/bridges/{room}", json={"name": "Renamed"})
    simulator.hold(room, HOUR_AGO, 5, [])
    await caller.call("DELETE", f"/rcvideo/v2/bridges/{room}")
    assert await names(caller) == ["Renamed", "Weekly"]
    with pytest.raises(KeyError):
        simulator.hold(room, HOUR_AGO, 5, [])


async def test_an_instant_room_may_be_gone_after_its_meeting(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    simulator.switches.instant_bridge_used_once = True
    kept, used = (simulator.put_bridge(type=kind) for kind in ("Scheduled", "Instant"))
    for room in (kept, used):
        simulator.hold(room, NOON, 30, [])
    assert simulator.bridge(used) is not None
    clock.turn(minutes=30)
    assert [bridge["id"] for bridge in simulator.bridges()] == [kept]


async def test_pages_follow_one_another_though_meetings_go_on(simulator: Simulator, caller: Caller, room: str) -> None:
    held = [simulator.hold(room, HOUR_AGO - timedelta(days=day), 5, []) for day in range(5)]
    first = await listed(caller, perPage="2")
    simulator.hold(room, HOUR_AGO, 5, [])
    second = await listed(caller, perPage="2", pageToken=first["paging"]["nextPageToken"])
    third = await listed(caller, perPage="2", pageToken=second["paging"]["nextPageToken"])
    assert [meeting["id"] for page in (first, second, third) for meeting in page["meetings"]] == held
    assert "nextPageToken" not in third["paging"]
    again = await listed(caller, perPage="2", pageToken=second["paging"]["currentPageToken"])
    assert again == second
    start = await listed(caller, pageToken=first["paging"]["currentPageToken"])
    assert len(start["meetings"]) == 6


async def test_a_page_is_clamped_to_a_hundred(simulator: Simulator, caller: Caller, room: str) -> None:
    for minute in range(101):
        simulator.hold(room, HOUR_AGO - timedelta(minutes=minute), 1, [])
    assert len(await names(caller)) == 20
    assert len(await names(caller, perPage="1000")) == 100


async def test_the_history_can_be_searched(simulator: Simulator, caller: Caller, room: str) -> None:
    other = simulator.put_bridge(name="Forecast")
    simulator.hold(room, HOUR_AGO, 5, ["Ana Duarte"], recorded=False)
    simulator.hold(other, HOUR_AGO - timedelta(days=2), 5, [], noted=False)
    moment = str(round(HOUR_AGO.timestamp() * 1000))
    assert await names(caller, text="FORE") == ["Forecast"]
    assert await names(caller, text="duarte") == ["Weekly"]
    assert await names(caller, startTime=moment) == ["Weekly"]
    assert await names(caller, startTime="0", endTime=str(int(moment) - 1)) == ["Forecast"]
    assert await names(caller, materials="Recordings") == ["Forecast"]
    assert await names(caller, materials="Notes") == ["Weekly"]


async def test_whose_meetings_are_shown(simulator: Simulator, caller: Caller) -> None:
    hosts = {"mine": simulator.owner_id, "hers": simulator.executive_id, "attended": simulator.outsider_id}
    for name, host in {**hosts, "theirs": simulator.outsider_id}.items():
        room = simulator.put_bridge(name=name, host={"extensionId": host})
        identifier = simulator.hold(room, HOUR_AGO, 5, [simulator.owner_id] if name == "attended" else [])
    assert await names(caller) == ["attended", "hers", "mine"]
    assert await names(caller, type="All") == await names(caller, type="My") == ["hers", "mine"]
    assert await names(caller, type="Shared") == await names(caller, type="Deleted") == []
    assert (await read(caller, identifier)).status_code == 403
    attended = (await listed(caller, text="attended"))["meetings"][0]
    assert attended["rights"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"type": "None"},
        {"type": "All", "materials": "Notes"},
        {"materials": "Chat"},
        {"startTime": "2026-10-20T11:00:00Z"},
        {"endTime": "-1"},
        {"perPage": "0"},
        {"perPage": "many"},
        {"pageToken": "?"},
        {"pageToken": "YQ=="},
        {"pageToken": "YWZ0ZXIgeA=="},
        {"pageToken": "/w=="},
    ],
)
async def test_a_wrong_query_is_400(caller: Caller, query: dict[str, str]) -> None:
    assert (await caller.get(HISTORY, params=query)).status_code == 400


async def test_an_invalid_id_is_400_and_an_unknown_one_404(caller: Caller) -> None:
    assert (await read(caller, "42")).status_code == 400
    assert (await read(caller, "0fd2ae49-0000-0000-0000-000000000000!us-11-pdx10@us-11")).status_code == 404


async def test_recordings_are_those_of_the_host_in_the_path(simulator: Simulator, caller: Caller, room: str) -> None:
    hers = simulator.put_bridge(name="Hers", host={"extensionId": simulator.executive_id})
    mine, other = (simulator.hold(bridge, HOUR_AGO, 30, []) for bridge in (room, hers))
    assert await recordings(caller) == [mine]
    assert await recordings(caller, simulator.executive_id) == [other]
    (recording,) = (await caller.get(RECORDINGS)).json()["recordings"]
    assert recording["duration"] == 1800
    assert recording["url"].startswith("https://media.ringcentral.com/")
    assert recording["expiresIn"] == "2027-10-20T11:30:00Z"
    for extension, status in ((simulator.outsider_id, 403), ("1", 404)):
        answer = await caller.get(RECORDINGS.replace("~/rec", f"{extension}/rec"))
        assert answer.status_code == status


@pytest.fixture
def licensed(simulator: Simulator) -> Simulator:
    simulator.scopes.add("RingSense")
    simulator.permissions.add("ReadRingSenseInsights")
    return simulator


async def test_insights_need_their_own_scope_and_permission(licensed: Simulator, caller: Caller, room: str) -> None:
    path = INSIGHTS.format("rcv", quote(licensed.hold(room, HOUR_AGO, 30, []), safe=""))
    assert (await caller.get(path)).status_code == 200
    licensed.permissions.discard("ReadRingSenseInsights")
    assert code(await caller.get(path)) == (403, "CMN-408")
    licensed.scopes.discard("RingSense")
    assert code(await caller.get(path)) == (403, "CMN-401")


async def test_insights_hold_what_was_said_and_what_to_do(licensed: Simulator, caller: Caller, room: str) -> None:
    people = (licensed.owner_id, "+14155550199")
    identifier = licensed.hold(room, HOUR_AGO, 30, people)
    path = INSIGHTS.format("rcv", quote(identifier, safe=""))
    record = (await caller.get(path)).json()
    assert (record["title"], record["sourceRecordId"]) == ("Weekly", identifier)
    assert record["recordingDurationMs"] == 1_800_000
    assert record["creationTime"] == "2026-10-20T11:40:00Z"
    owner, phone = record["speakerInfo"]
    assert (owner["extensionId"], phone["phoneNumber"]) == people
    transcript = record["insights"]["Transcript"]
    assert {line["speakerId"] for line in transcript} == {owner["speakerId"], phone["speakerId"]}
    assert all(before["end"] == after["start"] for before, after in pairwise(transcript))
    assert len(record["insights"]) == 8
    some = (await caller.get(path, params={"insightTypes": "Summary,NextSteps"})).json()["insights"]
    assert list(some) == ["Summary", "NextSteps"]
    assert some["NextSteps"] == record["insights"]["NextSteps"]
    wrong = await caller.get(path, params={"insightTypes": "Gossip"})
    assert refusal(wrong) == (400, "CMN-101", "insightTypes")


async def test_there_are_no_insights_without_a_processed_recording(
    licensed: Simulator, caller: Caller, room: str
) -> None:
    theirs = licensed.put_bridge(host={"extensionId": licensed.outsider_id})
    without = [
        licensed.hold(room, HOUR_AGO, 30, [], recorded=False),
        licensed.hold(room, NOON - timedelta(minutes=31), 30, []),
        licensed.hold(theirs, HOUR_AGO, 30, []),
    ]
    for identifier in without:
        answer = await caller.get(INSIGHTS.format("rcv", quote(identifier, safe="")))
        assert refusal(answer) == (404, "CMN-102", "sourceRecordId")
    good = quote(licensed.hold(room, HOUR_AGO, 30, []), safe="")
    assert code(await caller.get(INSIGHTS.format("pbx", good))) == (404, "CMN-102")
    assert refusal(await caller.get(INSIGHTS.format("zoo", good))) == (400, "CMN-101", "domain")


@pytest.fixture
def seeded(clock: Clock) -> Iterator[Simulator]:
    made = Simulator(clock=clock, provider="RCVideo", limits={"auth": 100})
    yield made
    made.close()


async def test_the_seed_of_video_is_a_month_of_meetings_and_their_rooms(seeded: Simulator) -> None:
    async with client_of(seeded) as client:
        client.headers["Authorization"] = f"Bearer {(await log_in(client)).json()['access_token']}"
        caller = Caller(client, seeded)
        page = await listed(caller, perPage="100")
        default = await caller.get("/rcvideo/v2/account/~/extension/~/bridges/default")
        ready = await recordings(caller)
    meetings = page["meetings"]
    assert 30 < len(meetings) < 60
    assert "nextPageToken" not in page["paging"]
    assert [meeting["displayName"] for meeting in meetings[:2]] == ["Incident review", "Release check"]
    assert [meeting["status"] for meeting in meetings].count("InProgress") == 1
    assert meetings[1]["recordings"][0]["status"] == "Processing"
    assert meetings[-1]["startTime"] >= (NOON - timedelta(days=31)).strftime("%Y-%m-%d")
    assert default.json()["pins"]["aliases"] == ["robin"]
    assert len(ready) >= 5
    assert "Payroll audit" not in {meeting["displayName"] for meeting in meetings}
    assert seeded.meetings() == []


@pytest.mark.parametrize("day", range(7))
async def test_every_seeded_room_was_used_whatever_the_day(clock: Clock, day: int) -> None:
    clock.turn(days=day)
    simulator = Simulator(clock=clock, provider="RCVideo")
    rooms = {bridge["id"] for bridge in simulator.bridges() if bridge["type"] != "PMI"}
    assert rooms == {row["bridge"] for row in simulator.store.run("SELECT bridge FROM held")}
    simulator.close()


@pytest.mark.parametrize(
    ("provider", "dual", "meetings", "rooms"),
    [("RCMeetings", False, True, False), ("RCVideo", True, True, True), ("None", False, False, False)],
)
def test_only_what_the_account_has_is_seeded(provider: Any, dual: bool, meetings: bool, rooms: bool) -> None:
    simulator = Simulator(provider=provider, dual_mode=dual, switches=Switches())
    assert (bool(simulator.meetings()), bool(simulator.bridges())) == (meetings, rooms)
    simulator.close()


async def test_rooms_and_their_history_survive_a_restart(tmp_path: Path, clock: Clock) -> None:
    first = Simulator(database=tmp_path / "s", clock=clock, provider="RCVideo")
    before = first.bridges()
    first.close()
    second = Simulator(database=tmp_path / "s", clock=clock, provider="RCVideo")
    assert second.bridges() == before
    assert second.put_bridge() not in [bridge["id"] for bridge in before]
    second.close()
