"""The calendar of the simulated user, as its publishers serve it over the wire."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar

from ringcentral_meetings.simulator import Faults, Simulator
from ringcentral_meetings.simulator.calendars.writing import definition
from simulator.support import Caller, Clock, client_of

pytestmark = pytest.mark.anyio


@pytest.fixture
async def visitor(simulator: Simulator) -> AsyncIterator[httpx.AsyncClient]:
    """Somebody who knows the addresses and has no token."""
    async with client_of(simulator) as client:
        yield client


async def events(visitor: httpx.AsyncClient, path: str) -> list[Any]:
    answer = await visitor.get(path)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    whole = Calendar.from_ical(answer.content)
    assert not [error for part in whole.walk() for error in part.errors]
    return [part for part in whole.walk("VEVENT") if part.get("DTSTART") is not None]


async def test_each_publisher_serves_a_well_formed_file_without_a_sign_in(
    simulator: Simulator, visitor: httpx.AsyncClient
) -> None:
    simulator.put_entry(title="Dentist; with\nÄrzte, all of them", start="2026-10-21T09:00", minutes=60)
    simulator.put_entry(title="Fair", start="2026-10-22", minutes=2_880)
    simulator.put_entry(title="Weekly", start="2026-10-21T10:00", minutes=30, rule="FREQ=WEEKLY;COUNT=2")
    counts = {name: len(await events(visitor, path)) for name, path in simulator.feeds().items()}
    assert counts == {"google": 3, "microsoft": 3, "icloud": 3, "busy": 4}
    dentist = (await events(visitor, simulator.feeds()["icloud"]))[0]
    assert str(dentist["SUMMARY"]) == "Dentist; with\nÄrzte, all of them"


async def test_whoever_does_not_know_the_secret_gets_nothing(simulator: Simulator, visitor: httpx.AsyncClient) -> None:
    for path in simulator.feeds().values():
        if "public" not in path:
            assert (await visitor.get(path.replace("e", "f"))).status_code == 404


async def test_a_meeting_is_in_the_calendar_as_it_is_now(caller: Caller, visitor: httpx.AsyncClient) -> None:
    zone = {"timeZone": {"id": await caller.zone_id("America/New_York")}}
    schedule = {"startTime": "2026-10-27T14:00:00Z", "durationInMinutes": 30, **zone}
    weekly = {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"], "count": 3}
    made = await caller.created(
        topic="Team", schedule=schedule, meetingType="ScheduledRecurring", recurrence=weekly, password="crit"
    )
    google = caller.simulator.feeds()["google"]
    (shown,) = await events(visitor, google)
    assert (shown["SUMMARY"], shown["LOCATION"]) == ("Team", made["links"]["joinUri"])
    assert shown["RRULE"].to_ical() == b"FREQ=WEEKLY;COUNT=3;INTERVAL=1;BYDAY=TU;WKST=SU"
    assert shown["DTSTART"].dt.isoformat() == "2026-10-27T10:00:00-04:00"
    assert f"Meeting ID: {made['id']}\n\nPassword: crit" in shown["DESCRIPTION"].replace("\nPassword", "\n\nPassword")
    await caller.call("DELETE", f"meeting/{made['id']}", params={"occurrenceId": made["occurrences"][1]["id"]})
    (shown,) = await events(visitor, google)
    assert shown["EXDATE"].dts[0].dt == datetime(2026, 11, 3, 15, tzinfo=UTC)
    assert len(await events(visitor, caller.simulator.feeds()["busy"])) == 2
    await caller.call("DELETE", f"meeting/{made['id']}")
    assert await events(visitor, google) == []


async def test_exchange_names_zones_as_windows_does_and_ends_half_a_year_ahead(
    simulator: Simulator, visitor: httpx.AsyncClient
) -> None:
    for start in ("2026-05-01T09:00", "2026-11-01T09:00", "2027-04-01T09:00", "2027-06-01T09:00"):
        simulator.put_entry(title=start[:7], start=start, minutes=30)
    path = simulator.feeds()["microsoft"]
    text = (await visitor.get(path)).text
    assert "DTSTART;TZID=Eastern Standard Time:20261101T090000" in text
    assert "VTIMEZONE" not in text
    assert [one["SUMMARY"] for one in await events(visitor, path)] == ["2026-11", "2027-04"]
    simulator.switches.feed_months_ahead = simulator.switches.feed_months_back = 12
    simulator.switches.feed_defines_zones = True
    assert len(await events(visitor, path)) == 4
    assert "TZID:Eastern Standard Time" in (await visitor.get(path)).text


async def test_busy_times_have_no_texts_and_no_series(simulator: Simulator, visitor: httpx.AsyncClient) -> None:
    simulator.put_entry(
        title="Weekly", start="2026-10-21T10:00", minutes=30, rule="FREQ=WEEKLY;COUNT=2", link="https://x"
    )
    simulator.put_entry(title="Gym", start="2026-10-21T10:00", minutes=30, free=True)
    found = await events(visitor, simulator.feeds()["busy"])
    assert [(one["SUMMARY"], "RECURRENCE-ID" in one, "RRULE" in one) for one in found] == [("Busy", True, False)] * 2
    text = (await visitor.get(simulator.feeds()["busy"])).text
    assert "Weekly" not in text
    assert "https" not in text


async def test_a_version_that_is_known_is_not_sent_again_until_something_changes(
    simulator: Simulator, visitor: httpx.AsyncClient, clock: Clock
) -> None:
    path = simulator.feeds()["icloud"]
    version = {"If-None-Match": (await visitor.get(path)).headers["etag"]}
    clock.turn(hours=1)
    again = await visitor.get(path, headers=version)
    assert (again.status_code, again.content) == (304, b"")
    simulator.put_entry(title="New", start="2026-10-21T10:00", minutes=30)
    assert (await visitor.get(path, headers=version)).status_code == 200
    assert "etag" not in (await visitor.get(simulator.feeds()["google"])).headers


async def test_the_gate_lets_browsers_in_and_leads_others_to_a_page(
    simulator: Simulator, visitor: httpx.AsyncClient
) -> None:
    simulator.faults.add("gate", path="/owa/calendar/")
    path = simulator.feeds()["microsoft"]
    refused = await visitor.get(path)
    assert (refused.status_code, "errorfe.aspx" in refused.headers["location"]) == (302, True)
    assert (await visitor.get(refused.headers["location"])).text.startswith("<!DOCTYPE html>")
    assert (await visitor.get(path, headers={"User-Agent": "Mozilla/5.0"})).status_code == 200


async def test_a_file_that_is_cut_off_passes_for_whole(simulator: Simulator, visitor: httpx.AsyncClient) -> None:
    path = simulator.feeds()["google"]
    whole = (await visitor.get(path)).content
    simulator.faults = Faults.parse("GET basic.ics cut_off=70")
    cut = await visitor.get(path)
    assert (cut.status_code, cut.content) == (200, whole[:70])
    assert cut.headers["content-length"] == "70"


async def test_a_week_later_the_calendar_is_filled_again(clock: Clock) -> None:
    simulator = Simulator(clock=clock, provider="RCVideo")
    async with client_of(simulator) as visitor:
        before = await events(visitor, simulator.feeds()["busy"])
        clock.turn(days=8)
        assert simulator.refill() > 0
        after = await events(visitor, simulator.feeds()["busy"])
    simulator.close()
    new = {one["UID"] for one in after} - {one["UID"] for one in before}
    assert len(new) == 7
    assert all(
        str(one["DTSTART"].dt) > f"{datetime.fromtimestamp(clock(), UTC):%Y-%m-%d}"
        for one in after
        if one["UID"] in new
    )


@pytest.mark.parametrize("name", ["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe"])
async def test_a_defined_zone_is_the_zone(name: str) -> None:
    text = "\r\n".join(["BEGIN:VCALENDAR", *definition(ZoneInfo(name), "Own", 2026, 2027), "END:VCALENDAR", ""])
    (read,) = Calendar.from_ical(text).timezones
    defined = read.to_tz(lookup_tzid=False)
    for hours in range(0, 730 * 24, 7):
        moment = datetime(2026, 1, 2, tzinfo=UTC) + timedelta(hours=hours)
        assert moment.astimezone(defined).utcoffset() == moment.astimezone(ZoneInfo(name)).utcoffset(), moment
