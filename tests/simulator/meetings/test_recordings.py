"""The recordings of RingCentral Meetings: when they show, how they are asked for, and who may see them."""

from datetime import timedelta
from typing import Any

import pytest

from ringcentral_meetings.simulator import Simulator
from simulator.support import NOON, Caller, Clock, code, refusal

pytestmark = pytest.mark.anyio

HOUR_AGO = NOON - timedelta(hours=1)


async def listed(caller: Caller, **query: str) -> dict[str, Any]:
    answer = await caller.get("meeting-recordings", params=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def uuids(caller: Caller, **query: str) -> list[str]:
    return [record["meeting"]["uuid"] for record in (await listed(caller, **query))["records"]]


@pytest.fixture
def series(simulator: Simulator) -> str:
    return simulator.put_meeting(topic="Weekly", meetingType="Recurring")


async def test_a_recording_shows_once_its_meeting_is_over_and_gets_its_links_when_processed(
    simulator: Simulator, caller: Caller, clock: Clock, series: str
) -> None:
    uuid = simulator.record_meeting(series, NOON - timedelta(minutes=20), 30)
    assert await uuids(caller) == []
    clock.turn(minutes=10)
    (record,) = (await listed(caller))["records"]
    start = "2026-10-20T11:40:00Z"
    assert record["meeting"] == {"uuid": uuid, "id": series, "topic": "Weekly", "startTime": start}
    assert {file["status"] for file in record["recordings"]} == {"Processing"}
    assert not any("contentDownloadUri" in file for file in record["recordings"])
    clock.turn(minutes=10)
    (record,) = (await listed(caller))["records"]
    assert [file["contentType"] for file in record["recordings"]] == ["video/mp4", "audio/m4a", "text/vtt"]
    for file in record["recordings"]:
        assert (file["status"], file["endTime"]) == ("Completed", "2026-10-20T12:10:00Z")
        assert file["contentDownloadUri"].startswith("https://media.ringcentral.com/")
        assert file["size"] > 0


async def test_each_time_that_a_series_was_held_has_its_own_uuid_and_the_newest_is_first(
    simulator: Simulator, caller: Caller, series: str
) -> None:
    older, newer = (simulator.record_meeting(series, HOUR_AGO - timedelta(days=day), 30) for day in (7, 0))
    assert older != newer
    assert set("/+=") < set(older) & set(newer)
    assert await uuids(caller) == [newer, older]
    simulator.edit_meeting(series, topic="Renamed")
    assert [record["meeting"]["topic"] for record in (await listed(caller))["records"]] == ["Weekly", "Weekly"]


async def test_recordings_are_found_by_meeting_or_by_time(simulator: Simulator, caller: Caller, series: str) -> None:
    other = simulator.put_meeting(topic="Other")
    mine = simulator.record_meeting(series, HOUR_AGO, 30)
    theirs = simulator.record_meeting(other, HOUR_AGO - timedelta(days=2), 30)
    assert await uuids(caller, meetingId=series) == [mine]
    assert await uuids(caller, meetingId="1") == []
    assert await uuids(caller, meetingStartTimeFrom="2026-10-20T11:00:00Z") == [mine]
    assert await uuids(caller, meetingStartTimeTo="2026-10-20T10:59:59Z") == [theirs]
    window = {"meetingStartTimeFrom": "2026-10-18T11:00:00Z", "meetingStartTimeTo": "2026-10-20T11:00:00+00:00"}
    assert await uuids(caller, **window) == [mine, theirs]


async def test_pages_hold_a_hundred_and_at_most_three_hundred(
    simulator: Simulator, caller: Caller, series: str
) -> None:
    for minute in range(301):
        simulator.record_meeting(series, HOUR_AGO - timedelta(minutes=minute), 1)
    assert len(await uuids(caller)) == 100
    assert len(await uuids(caller, perPage="max")) == len(await uuids(caller, perPage="300")) == 300
    first = await listed(caller, perPage="200", meetingId=series)
    assert first["paging"]["totalPages"] == 2
    following = (await caller.client.get(first["navigation"]["nextPage"]["uri"])).json()
    assert len(following["records"]) == 101
    assert await uuids(caller, page="3", perPage="200") == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"meetingId": "1", "meetingStartTimeFrom": "2026-10-20T11:00:00Z"}, "meetingId"),
        ({"meetingStartTimeFrom": "yesterday"}, "meetingStartTimeFrom"),
        ({"meetingStartTimeTo": "2026-10-20T11:00:00"}, "meetingStartTimeTo"),
        ({"page": "0"}, "page"),
        ({"perPage": "301"}, "perPage"),
        ({"perPage": "most"}, "perPage"),
    ],
)
async def test_a_wrong_query_is_refused_by_name(caller: Caller, query: dict[str, str], parameter: str) -> None:
    answer = await caller.get("meeting-recordings", params=query)
    assert refusal(answer) == (400, "CMN-101", parameter)


async def test_recordings_need_scope_permission_and_feature(simulator: Simulator, caller: Caller) -> None:
    simulator.features.discard("MeetingsPersonalRecordings")
    assert code(await caller.get("meeting-recordings")) == (403, "CMN-109")
    simulator.permissions.discard("MeetingsRecordings")
    refused = await caller.get("meeting-recordings")
    assert code(refused) == (403, "CMN-408")
    assert refused.json()["permissionName"] == "MeetingsRecordings"
    simulator.scopes.discard("Meetings")
    assert code(await caller.get("meeting-recordings")) == (403, "CMN-401")


async def test_recordings_are_those_of_the_host_and_outlive_the_meeting(simulator: Simulator, caller: Caller) -> None:
    hers = simulator.put_meeting(topic="Hers", host={"id": simulator.executive_id})
    uuid = simulator.record_meeting(hers, HOUR_AGO, 30)
    assert await uuids(caller) == []
    path = f"/restapi/v1.0/account/~/extension/{simulator.executive_id}/meeting-recordings"
    await caller.call("DELETE", f"meeting/{hers}")
    assert [record["meeting"]["uuid"] for record in (await caller.get(path)).json()["records"]] == [uuid]
    with pytest.raises(KeyError):
        simulator.record_meeting(hers, HOUR_AGO, 30)


async def test_the_limit_of_recordings_is_that_of_the_medium_group(simulator: Simulator, caller: Caller) -> None:
    answer = await caller.get("meeting-recordings")
    assert answer.headers["x-rate-limit-group"] == "medium"


@pytest.mark.parametrize("day", range(14))
def test_some_of_the_seeded_meetings_were_recorded_whatever_the_day(clock: Clock, day: int) -> None:
    clock.turn(days=day)
    simulator = Simulator(clock=clock)
    rows = simulator.store.run("SELECT topic, start, seconds FROM recorded ORDER BY start")
    assert {row["topic"] for row in rows} >= {"Team weekly", "Open office hours"}
    assert all(row["start"] + row["seconds"] <= clock() for row in rows)
    assert rows[-1]["topic"] == "Open office hours"
    simulator.close()
