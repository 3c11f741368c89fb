"""Series: when they take place, and what may be done to one occurrence."""

from typing import Any

import pytest

from ringcentral_meetings.simulator import Simulator
from simulator.support import Caller, Clock, refusal, schedule

pytestmark = pytest.mark.anyio


async def series(caller: Caller, start: str, zone: str = "1", **recurrence: Any) -> dict[str, Any]:
    kind = {"meetingType": "ScheduledRecurring", "recurrence": recurrence}
    return await caller.created(topic="Series", schedule=schedule(start, zone=zone), **kind)


def starts(meeting: dict[str, Any]) -> list[str]:
    return [occurrence["startTime"] for occurrence in meeting["occurrences"]]


@pytest.mark.parametrize(
    ("recurrence", "expected"),
    [
        ({"frequency": "Daily", "count": 3}, ["11-02", "11-03", "11-04"]),
        ({"frequency": "Daily", "interval": 90, "count": 2}, ["11-02", "01-31"]),
        ({"frequency": "Daily", "until": "2026-11-03T15:00:00Z"}, ["11-02", "11-03"]),
        ({"frequency": "Weekly", "count": 2}, ["11-02", "11-09"]),
        (
            {"frequency": "Weekly", "interval": 2, "weeklyByDays": ["Monday", "Friday"], "count": 3},
            ["11-02", "11-06", "11-16"],
        ),
        ({"frequency": "Weekly", "weeklyByDays": "Monday, Friday", "count": 2}, ["11-02", "11-06"]),
        ({"frequency": "Monthly", "count": 2}, ["11-02", "12-02"]),
        ({"frequency": "Monthly", "monthlyByDay": 31, "count": 2}, ["12-31", "01-31"]),
        (
            {"frequency": "Monthly", "monthlyByWeek": "Last", "monthlyByWeekDay": "Friday", "count": 2},
            ["11-27", "12-25"],
        ),
        (
            {"frequency": "Monthly", "interval": 3, "monthlyByWeek": "First", "monthlyByWeekDay": "Monday", "count": 2},
            ["11-02", "02-01"],
        ),
    ],
)
async def test_a_recurrence_yields_its_occurrences(
    caller: Caller, recurrence: dict[str, Any], expected: list[str]
) -> None:
    meeting = await series(caller, "2026-11-02T15:00:00Z", **recurrence)
    assert [start[5:10] for start in starts(meeting)] == expected


async def test_an_occurrence_keeps_its_wall_time_when_the_clocks_change(caller: Caller) -> None:
    zone = await caller.zone_id("America/New_York")
    meeting = await series(caller, "2026-10-30T13:00:00Z", zone, frequency="Daily", count=4)
    assert starts(meeting) == [
        "2026-10-30T13:00:00Z",
        "2026-10-31T13:00:00Z",
        "2026-11-01T14:00:00Z",
        "2026-11-02T14:00:00Z",
    ]


@pytest.mark.parametrize(
    ("first", "expected"),
    [("2026-03-07T07:30:00Z", "2026-03-08T07:30:00Z"), ("2026-10-31T05:30:00Z", "2026-11-01T05:30:00Z")],
)
async def test_a_skipped_hour_takes_the_offset_before_and_a_repeated_one_its_first_run(
    caller: Caller, clock: Clock, first: str, expected: str
) -> None:
    clock.turn(days=-300)
    await caller.log_in_again()
    zone = await caller.zone_id("America/New_York")
    meeting = await series(caller, first, zone, frequency="Daily", count=2)
    assert starts(meeting) == [first, expected]


async def test_days_are_those_of_the_meetings_zone(caller: Caller) -> None:
    zone = await caller.zone_id("Asia/Tokyo")
    meeting = await series(caller, "2026-11-01T23:00:00Z", zone, frequency="Weekly", weeklyByDays=["Monday"], count=2)
    assert starts(meeting) == ["2026-11-01T23:00:00Z", "2026-11-08T23:00:00Z"]


async def test_an_occurrence_is_named_by_its_start_in_milliseconds(caller: Caller) -> None:
    meeting = await series(caller, "2026-11-02T15:00:00Z", frequency="Daily", count=1)
    assert meeting["occurrences"] == [
        {
            "id": "1793631600000",
            "startTime": "2026-11-02T15:00:00Z",
            "durationInMinutes": 30,
            "status": "available",
        }
    ]


async def test_an_endless_series_shows_its_next_fifty(caller: Caller) -> None:
    meeting = await series(caller, "2016-01-01T15:00:00Z", frequency="Daily")
    assert len(starts(meeting)) == 50
    assert starts(meeting)[0] == "2026-10-20T15:00:00Z"
    assert await caller.listed() == ["Series"]


async def test_fifty_are_shown_however_many_were_removed_and_however_long_one_lasts(caller: Caller) -> None:
    meeting = await caller.created(
        meetingType="ScheduledRecurring",
        schedule=schedule("2026-01-01T15:00:00Z", minutes=10 * 24 * 60),
        recurrence={"frequency": "Daily"},
    )
    assert starts(meeting)[0] == "2026-10-10T15:00:00Z"
    for occurrence in meeting["occurrences"][:30]:
        params = {"occurrenceId": occurrence["id"]}
        await caller.call("DELETE", f"meeting/{meeting['id']}", params=params)
    left = starts((await caller.get(f"meeting/{meeting['id']}")).json())
    assert (len(left), left[0]) == (50, "2026-11-09T15:00:00Z")


async def test_a_series_that_is_over_is_not_listed(caller: Caller, clock: Clock) -> None:
    await series(caller, "2026-10-20T12:30:00Z", frequency="Daily", count=2)
    clock.turn(days=1, minutes=30)
    await caller.log_in_again()
    assert await caller.listed() == ["Series"]
    clock.turn(minutes=30)
    assert await caller.listed() == []


async def test_one_occurrence_can_be_removed_and_is_gone(caller: Caller) -> None:
    meeting = await series(caller, "2026-11-02T15:00:00Z", frequency="Daily", count=3)
    path, second = f"meeting/{meeting['id']}", meeting["occurrences"][1]["id"]
    answer = await caller.call("DELETE", path, params={"occurrenceId": second})
    assert (answer.status_code, answer.content) == (204, b"")
    left = (await caller.get(path)).json()
    assert [start[8:10] for start in starts(left)] == ["02", "04"]
    again = await caller.call("DELETE", path, params={"occurrenceId": second})
    assert refusal(again) == (404, "CMN-102", "occurrenceId")


async def test_a_single_meeting_has_no_occurrence_to_remove(caller: Caller) -> None:
    meeting = await caller.created(schedule=schedule("2026-11-02T15:00:00Z"))
    answer = await caller.call("DELETE", f"meeting/{meeting['id']}", params={"occurrenceId": "1793631600000"})
    assert refusal(answer) == (404, "CMN-102", "occurrenceId")
    assert (await caller.get(f"meeting/{meeting['id']}")).status_code == 200


async def test_ending_the_running_occurrence_leaves_the_rest_of_the_series(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    identifier = simulator.put_meeting(
        topic="Series",
        meetingType="ScheduledRecurring",
        auto_started=True,
        schedule=schedule("2026-10-19T11:45:00Z"),
        recurrence={"frequency": "Daily"},
    )
    path = f"meeting/{identifier}"
    assert (await caller.get(path)).json()["status"] == "Started"
    assert (await caller.call("POST", f"{path}/end")).status_code == 204
    assert (await caller.get(path)).json()["status"] == "NotStarted"
    assert await caller.listed() == ["Series"]
    clock.turn(days=1)
    await caller.log_in_again()
    assert (await caller.get(path)).json()["status"] == "Started"


@pytest.mark.parametrize(
    "recurrence",
    [
        {},
        {"frequency": "Yearly"},
        {"frequency": "Daily", "interval": 91},
        {"frequency": "Daily", "interval": 0},
        {"frequency": "Weekly", "interval": 13},
        {"frequency": "Monthly", "interval": 4},
        {"frequency": "Weekly", "weeklyByDays": ["Mon"]},
        {"frequency": "Weekly", "weeklyByDays": "Mon"},
        {"frequency": "Weekly", "weeklyByDays": 1},
        {"frequency": "Monthly", "monthlyByDay": 32},
        {"frequency": "Monthly", "monthlyByWeek": "Fifth", "monthlyByWeekDay": "Monday"},
        {"frequency": "Monthly", "monthlyByWeek": "First"},
        {"frequency": "Monthly", "monthlyByWeekDay": "Monday"},
        {"frequency": "Daily", "count": 0},
        {"frequency": "Daily", "count": True},
        {"frequency": "Daily", "until": "2026-12-01"},
    ],
)
async def test_a_recurrence_out_of_range_is_refused(caller: Caller, recurrence: dict[str, Any]) -> None:
    answer = await caller.create(meetingType="ScheduledRecurring", schedule=schedule(), recurrence=recurrence)
    assert refusal(answer) == (400, "CMN-101", "recurrence")


async def test_the_older_spellings_are_switches(simulator: Simulator, caller: Caller) -> None:
    meeting = await series(
        caller, "2026-11-02T15:00:00Z", frequency="Weekly", weeklyByDays=["Monday", "Friday"], interval=None
    )
    assert meeting["recurrence"]["weeklyByDays"] == ["Monday", "Friday"]
    assert "interval" not in meeting["recurrence"]
    simulator.switches.weekly_by_days_as_string = True
    simulator.switches.response_spells_reccurence = True
    simulator.switches.list_has_occurrences = False
    older = (await caller.get(f"meeting/{meeting['id']}")).json()
    assert older["reccurence"]["weeklyByDays"] == "Monday,Friday"
    assert "recurrence" not in older
    assert "occurrences" not in older
    assert refusal(await caller.call("PUT", f"meeting/{meeting['id']}", json=older)) == (
        400,
        "CMN-101",
        "recurrence",
    )
    older["recurrence"] = older["reccurence"]
    assert (await caller.call("PUT", f"meeting/{meeting['id']}", json=older)).status_code == 200
    daily = await series(caller, "2026-11-02T15:00:00Z", frequency="Daily")
    assert daily["reccurence"] == {"frequency": "Daily"}
