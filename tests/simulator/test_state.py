"""The seed, and what survives a restart."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ringcentral_meetings.simulator import Provider, Simulator, Switches
from simulator.support import EXTENSION, Caller, Clock, client_of, log_in, schedule

pytestmark = pytest.mark.anyio


async def test_the_seed_is_a_busy_month(clock: Clock) -> None:
    simulator = Simulator(clock=clock)
    async with client_of(simulator) as client:
        token = (await log_in(client)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        caller = Caller(client, simulator)
        records = (await caller.get("meeting")).json()["records"]
    mine = [meeting for meeting in simulator.meetings() if meeting["host"]["id"] == simulator.owner_id]
    assert [record["id"] for record in records] == [meeting["id"] for meeting in mine]
    topics = [record["topic"] for record in records]
    assert len(simulator.meetings()) == 22
    assert len(set(topics)) == len(topics) - 1
    assert [record["topic"] for record in records if record["status"] == "Started"] == ["Incident review"]
    assert any("\N{PARTY POPPER}" in topic for topic in topics)
    assert any("\N{RIGHT-TO-LEFT OVERRIDE}" in topic for topic in topics)
    assert {record["meetingType"] for record in records} == {"Scheduled", "ScheduledRecurring", "Recurring"}
    frequencies = {record.get("recurrence", {}).get("frequency") for record in records}
    assert frequencies == {"Weekly", "Monthly", None}
    assert any(record["password"] for record in records)
    assert any(record["enableWaitingRoom"] for record in records)
    zones = {record["schedule"]["timeZone"]["name"] for record in records if "schedule" in record}
    assert zones == {"America/New_York"}
    simulator.close()


@pytest.mark.parametrize("day", range(7))
async def test_each_seeded_series_begins_with_an_occurrence_on_any_day_of_the_week(clock: Clock, day: int) -> None:
    clock.turn(days=-90 + day)
    simulator = Simulator(clock=clock)
    clock.turn(days=-70)
    series = [meeting for meeting in simulator.meetings() if "recurrence" in meeting]
    assert len(series) == 4
    for meeting in series:
        assert meeting["occurrences"][0]["startTime"] == meeting["schedule"]["startTime"]
    simulator.close()


async def test_the_seed_keeps_to_working_hours_whatever_the_season(clock: Clock) -> None:
    clock.turn(days=120)
    simulator = Simulator(clock=clock)
    for meeting in simulator.meetings():
        if "schedule" in meeting and meeting["topic"] != "Incident review":
            zone = ZoneInfo(meeting["schedule"]["timeZone"]["name"])
            assert 8 <= datetime.fromisoformat(meeting["schedule"]["startTime"]).astimezone(zone).hour <= 17
    simulator.close()


@pytest.mark.parametrize("day", range(7))
async def test_nothing_is_seeded_on_a_weekend_but_what_is_running_now(clock: Clock, day: int) -> None:
    clock.turn(days=day)
    simulator = Simulator(clock=clock)
    for meeting in simulator.meetings():
        if "schedule" in meeting and meeting["topic"] != "Incident review":
            zone = ZoneInfo(meeting["schedule"]["timeZone"]["name"])
            starts = [slot["startTime"] for slot in meeting.get("occurrences", [meeting["schedule"]])]
            assert all(datetime.fromisoformat(start).astimezone(zone).weekday() < 5 for start in starts)
    simulator.close()


@pytest.mark.parametrize("provider", ["RCMeetings", "RCVideo"])
async def test_the_user_and_the_seed_may_live_in_another_zone(clock: Clock, provider: Provider) -> None:
    simulator = Simulator(clock=clock, zone="Europe/Berlin", provider=provider)
    async with client_of(simulator) as client:
        token = (await log_in(client)).json()["access_token"]
        answer = await client.get(EXTENSION, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["regionalSettings"]["timezone"]["name"] == "Europe/Berlin"
    for meeting in simulator.meetings():
        if meeting["topic"] == "Quarterly forecast":
            assert meeting["schedule"]["timeZone"]["name"] == "Europe/Berlin"
            assert meeting["schedule"]["startTime"] == "2026-10-21T11:30:00Z"
    starts = {row["start"] for row in simulator.store.run("SELECT start FROM held")}
    assert starts == set() or datetime.fromisoformat("2026-10-19T07:00:00Z").timestamp() in starts
    simulator.close()
    with pytest.raises(ValueError, match="unknown time zone: 'Mars/Olympus'"):
        Simulator(zone="Mars/Olympus")


def coming(simulator: Simulator) -> list[str]:
    """The topics of the owner's meetings that are not over, series once."""
    now = simulator.moment()
    ahead = [meeting for meeting in simulator.meetings() if meeting["host"]["id"] == simulator.owner_id]
    return sorted(one["topic"] for one in ahead if one.get("occurrences") or ends(one) > now)


def ends(meeting: dict[str, Any]) -> datetime:
    schedule = meeting.get("schedule")
    if schedule is None or "recurrence" in meeting:
        return datetime.min.replace(tzinfo=UTC)
    return datetime.fromisoformat(schedule["startTime"]) + timedelta(minutes=schedule["durationInMinutes"])


@pytest.mark.parametrize("days", [7, 16, 400])
async def test_sample_meetings_are_filled_up_when_a_week_has_passed(clock: Clock, days: int) -> None:
    simulator = Simulator(clock=clock, refills=True)
    at_first, stored = coming(simulator), len(simulator.meetings())
    mine = simulator.put_meeting(topic="Mine", schedule=schedule())
    before = {meeting["id"]: meeting for meeting in simulator.meetings()}
    clock.turn(days=days)
    assert len(coming(simulator)) < len(at_first)
    async with client_of(simulator) as client:
        await log_in(client)
    assert [topic for topic in coming(simulator) if topic != "Mine"] == at_first
    after = {meeting["id"]: meeting for meeting in simulator.meetings()}
    assert before.keys() < after.keys()
    assert len(after) <= 2 * stored + 1
    assert after[mine]["topic"] == "Mine"
    assert simulator.refill() == 0
    simulator.close()


@pytest.mark.parametrize(("refills", "days"), [(False, 400), (True, 6)])
async def test_sample_meetings_stay_as_they_are_before_that_and_where_nobody_asked(
    clock: Clock, refills: bool, days: int
) -> None:
    simulator = Simulator(clock=clock, refills=refills)
    before = [meeting["id"] for meeting in simulator.meetings()]
    clock.turn(days=days)
    async with client_of(simulator) as client:
        await log_in(client)
    assert [meeting["id"] for meeting in simulator.meetings()] == before
    simulator.close()


@pytest.mark.parametrize("provider", ["RCMeetings", "RCVideo"])
async def test_a_database_without_sample_meetings_is_not_filled_up(clock: Clock, provider: Provider) -> None:
    never = Simulator(clock=clock, seeded=False, refills=True, provider=provider)
    emptied = Simulator(clock=clock, refills=True, provider=provider)
    emptied.store.run("DELETE FROM meetings")
    emptied.store.run("DELETE FROM bridges")
    clock.turn(days=400)
    for simulator in (never, emptied):
        assert simulator.refill() == 0
        assert simulator.meetings() == simulator.bridges() == []
        simulator.close()


async def test_the_rooms_go_on_being_used(clock: Clock) -> None:
    simulator = Simulator(clock=clock, provider="RCVideo", refills=True)
    rooms = [room["id"] for room in simulator.bridges() if room["type"] == "Scheduled"]
    first = clock()
    clock.turn(days=21)
    assert simulator.refill() == len(rooms)
    starts = [row["start"] for row in simulator.store.run("SELECT start FROM held WHERE start > ?", first)]
    local = [datetime.fromtimestamp(start, ZoneInfo("America/New_York")) for start in starts]
    assert len(local) > 20
    assert max(starts) <= clock()
    assert {moment.weekday() for moment in local if clock() - moment.timestamp() > 86_400} <= {0, 1, 2, 3, 4}
    assert [room["id"] for room in simulator.bridges() if room["type"] == "Scheduled"] == rooms
    simulator.close()


async def test_two_processes_on_one_file_fill_it_up_once(tmp_path: Path, clock: Clock) -> None:
    one, other = (Simulator(database=tmp_path / "s", clock=clock, refills=True) for _ in range(2))
    clock.turn(days=30)
    assert one.refill() > 0
    count = len(one.meetings())
    assert other.refill() == 0
    assert len(other.meetings()) == count
    one.close()
    other.close()


@pytest.mark.parametrize("provider", ["RCMeetings", "RCVideo"])
async def test_a_reset_replaces_everything(tmp_path: Path, clock: Clock, provider: Provider) -> None:
    simulator = Simulator(database=tmp_path / "s", clock=clock, provider=provider)
    async with client_of(simulator) as client:
        token = (await log_in(client)).json()["access_token"]
    before = len(simulator.meetings()), len(simulator.bridges())
    simulator.put_meeting(topic="Mine")
    clock.turn(days=29)
    simulator.reset()
    assert (len(simulator.meetings()), len(simulator.bridges())) == before
    assert simulator.refill() == 0
    async with client_of(simulator, headers={"Authorization": f"Bearer {token}"}) as client:
        assert (await client.get(EXTENSION)).status_code == 401
    simulator.close()


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland", "Pacific/Honolulu"])
async def test_nobody_meets_at_weekends_whenever_the_simulator_begins(clock: Clock, zone: str) -> None:
    for _ in range(8):
        simulator = Simulator(clock=clock, zone=zone)
        for meeting in simulator.meetings():
            whole = meeting.get("schedule", {})
            dates = [whole, *meeting.get("occurrences", ())] if meeting["topic"] != "Incident review" else []
            local = [datetime.fromisoformat(one["startTime"]) for one in dates if "startTime" in one]
            assert all(at.astimezone(ZoneInfo(whole["timeZone"]["name"])).weekday() < 5 for at in local)
        simulator.close()
        clock.turn(hours=21)


async def test_a_file_survives_a_restart_with_its_tokens_and_gives_out_new_ids(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "simulator.sqlite"
    first = Simulator(database=file, clock=clock)
    async with client_of(first) as client:
        token = (await log_in(client)).json()["access_token"]
    before = first.meetings()
    last = first.put_meeting(topic="Last")
    first.close()

    second = Simulator(database=str(file), clock=clock)
    assert [meeting["id"] for meeting in second.meetings()] == [meeting["id"] for meeting in before] + [last]
    async with client_of(second, headers={"Authorization": f"Bearer {token}"}) as client:
        assert (await client.get(f"{EXTENSION}/meeting")).status_code == 200
        assert (await log_in(client)).json()["access_token"] != token
    assert second.put_meeting(topic="Newer") not in [meeting["id"] for meeting in second.meetings()][:-1]
    second.close()


async def test_a_database_that_was_emptied_is_not_seeded_again(tmp_path: Path) -> None:
    first = Simulator(database=tmp_path / "s", seeded=False)
    identifier = first.put_meeting(topic="Mine")
    async with client_of(first) as client:
        token = (await log_in(client)).json()["access_token"]
        bearer = {"Authorization": f"Bearer {token}"}
        await client.delete(f"{EXTENSION}/meeting/{identifier}", headers=bearer)
    first.close()
    second = Simulator(database=tmp_path / "s")
    assert second.meetings() == []
    second.close()


async def test_the_same_seed_gives_the_same_ids_and_another_seed_others() -> None:
    def ids(seed: int) -> list[str]:
        simulator = Simulator(seed=seed, switches=Switches())
        found = [meeting["id"] for meeting in simulator.meetings()]
        simulator.close()
        return found

    assert ids(1) == ids(1)
    assert ids(1) != ids(2)


async def test_calls_are_recorded_with_their_raw_path(simulator: Simulator, caller: Caller) -> None:
    simulator.calls.clear()
    await caller.get("meeting/..%2Fservice-info?a=b%20c", headers={"User-Agent": "test/1"})
    (call,) = simulator.calls
    assert call.method == "GET"
    assert call.path == f"{EXTENSION}/meeting/..%2Fservice-info"
    assert call.query == "a=b%20c"
    assert call.headers["user-agent"] == "test/1"
    assert call.status == 404
    await caller.create(topic="x")
    assert simulator.calls[1].body == b'{"topic":"x"}'
