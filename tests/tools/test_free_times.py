"""Free times: windows, hours, buffers, the calendars of several hosts, and what is said of the unread ones."""

from typing import Any

import pytest
from whenever import Instant, OffsetDateTime

from assistant import Assistant, at_work, scheduled
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Host, Listing, Meeting
from ringcentral_meetings.products.schedules import Calendar
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES
from ringcentral_meetings.simulator import Switches
from ringcentral_meetings.tools.busy import MAX_DATES, busy_times

pytestmark = pytest.mark.anyio

MANY = {"light": 100_000, "medium": 100_000}
TUESDAY = {"window_start": "2026-11-24", "window_end": "2026-11-24"}


def put(assistant: Assistant, start: str, minutes: int = 60, host: str | None = None, **more: Any) -> str:
    body: dict[str, Any] = {"topic": "Taken", "schedule": scheduled(start, minutes)} | more
    return assistant.simulator.put_meeting(**body | ({"host": {"id": host}} if host else {}))


async def found(assistant: Assistant, **arguments: Any) -> dict[str, Any]:
    return (await assistant.call("find_meeting_times", **{"duration_minutes": 60, "limit": 25} | arguments)).data


async def clocks(assistant: Assistant, **arguments: Any) -> list[str]:
    """The local starts, by day and time."""
    return [slot["start"][5:16].replace("T", " ") for slot in (await found(assistant, **arguments))["slots"]]


async def test_without_more_it_searches_a_week_of_working_hours_from_now() -> None:
    async with at_work() as assistant:
        answer = await found(assistant, duration_minutes=480)
        assert [(slot["start"][:16], slot["weekday"]) for slot in answer["slots"]] == [
            ("2026-11-23T09:00", "Monday"),
            ("2026-11-24T09:00", "Tuesday"),
            ("2026-11-25T09:00", "Wednesday"),
            ("2026-11-26T09:00", "Thursday"),
            ("2026-11-27T09:00", "Friday"),
        ]
        assert answer["window_end"] == "2026-11-30T09:00-05:00"
        assert (answer["time_zone"], answer["time_zone_source"]) == ("America/New_York", "account")
        assert "Only scheduled RingCentral meetings were looked at" in answer["note"]
        assert (
            "Order: inside the working hours of every zone first, spread over the days of the window, then by time."
            in answer["note"]
        )


async def test_a_slot_lies_between_meetings_and_not_in_the_past() -> None:
    async with at_work() as assistant:
        assistant.clock.seconds += 2 * 3_600 + 600
        put(assistant, "2026-11-23T17:00:00Z")
        put(assistant, "2026-11-23T20:00:00Z", 30)
        today = {"window_start": "2026-11-23", "window_end": "2026-11-23"}
        assert await clocks(assistant, **today) == [
            "11-23 13:00",
            "11-23 13:30",
            "11-23 14:00",
            "11-23 15:30",
            "11-23 16:00",
        ]


async def test_a_gap_without_a_start_on_the_step_is_offered_from_its_own_start() -> None:
    async with at_work() as assistant:
        put(assistant, "2026-11-24T14:00:00Z", 70)
        put(assistant, "2026-11-24T16:15:00Z", 345)
        assert await clocks(assistant, **TUESDAY) == ["11-24 10:10"]
        assert await clocks(assistant, **TUESDAY, step_minutes=5) == ["11-24 10:10", "11-24 10:15"]


async def test_a_buffer_keeps_both_sides_of_a_meeting_free() -> None:
    async with at_work() as assistant:
        put(assistant, "2026-11-24T17:00:00Z")
        hours = {"day_start": "10:00", "day_end": "15:00"}
        assert await clocks(assistant, **TUESDAY, **hours, buffer_minutes=15) == [
            "11-24 10:00",
            "11-24 10:30",
            "11-24 13:30",
            "11-24 14:00",
        ]
        assert "11-24 13:00" in await clocks(assistant, **TUESDAY, **hours)


async def test_hours_and_weekdays_are_those_asked_for_up_to_midnight() -> None:
    async with at_work() as assistant:
        asked = {"day_start": "22:30", "day_end": "24:00", "weekdays": ["Saturday"]}
        assert await clocks(assistant, **asked) == ["11-28 22:30", "11-28 23:00"]
        whole = {"day_start": "00:00", "day_end": "24:00", "weekdays": ["Saturday", "Sunday"]}
        assert await clocks(assistant, **whole, duration_minutes=1_440, step_minutes=240) == [
            f"11-{day} {hour:02}:00" for day, hour in [*((28, hour) for hour in range(0, 24, 4)), (29, 0)]
        ]


async def test_every_occurrence_of_a_series_is_taken_to_its_end_across_a_clock_change() -> None:
    async with at_work(switches=Switches(list_has_occurrences=False)) as assistant:
        rule = {"frequency": "Weekly", "weeklyByDays": ["Monday"], "count": 20}
        put(assistant, "2026-11-23T15:00:00Z", 60, meetingType="ScheduledRecurring", recurrence=rule)
        hours = {"day_start": "10:00", "day_end": "11:00", "weekdays": ["Monday"], "window_end": "2027-04-30"}
        assert await clocks(assistant, **hours) == ["04-12 10:00", "04-19 10:00", "04-26 10:00"]


async def test_a_running_meeting_is_taken_even_beyond_its_end_and_one_without_a_time_is_not() -> None:
    async with at_work() as assistant:
        put(assistant, "2026-11-23T13:50:00Z", 5, started=True)
        assistant.simulator.put_meeting(topic="Some day", meetingType="Recurring")
        today = {"window_start": "2026-11-23", "window_end": "2026-11-23", "limit": 1}
        assert await clocks(assistant, **today) == ["11-23 09:30"]


async def test_others_are_looked_at_too_and_each_zone_shows_its_own_clock() -> None:
    async with at_work() as assistant:
        helena = assistant.simulator.executive_id
        put(assistant, "2026-11-24T15:00:00Z", 120, host=helena)
        answer = await found(assistant, **TUESDAY, host_ids=[helena, helena, assistant.simulator.owner_id], limit=2)
        assert [slot["start"] for slot in answer["slots"]] == ["2026-11-24T12:00-05:00", "2026-11-24T12:30-05:00"]
        assert answer["slots"][0]["elsewhere"] == [
            {"time_zone": "America/Chicago", "start": "2026-11-24T11:00-06:00", "weekday": "Tuesday"}
        ]
        assert answer["hosts"] == [
            {
                "host_id": assistant.simulator.owner_id,
                "name": "Robin Ashdown",
                "time_zone": "America/New_York",
                "calendar": "known",
            },
            {"host_id": helena, "name": "Helena Marsh", "time_zone": "America/Chicago", "calendar": "known"},
        ]


async def test_slots_within_the_hours_of_every_zone_come_before_earlier_ones_outside() -> None:
    async with at_work() as assistant:
        answer = await found(assistant, **TUESDAY, host_ids=[assistant.simulator.executive_id], limit=25)
        starts = [slot["start"][11:16] for slot in answer["slots"]]
        assert starts[0] == "10:00"
        assert starts[-2:] == ["09:00", "09:30"]
        outside = [slot["elsewhere"][0].get("outside_hours") for slot in answer["slots"]]
        assert outside == [None] * (len(starts) - 2) + [True, True]


async def test_a_zone_far_away_shows_its_own_weekday() -> None:
    async with at_work() as assistant:
        answer = await found(assistant, **TUESDAY, time_zone="Asia/Tokyo", limit=1)
        (slot,) = answer["slots"]
        assert (slot["start"], slot["weekday"]) == ("2026-11-24T09:00+09:00", "Tuesday")
        assert slot["elsewhere"] == [
            {
                "time_zone": "America/New_York",
                "start": "2026-11-23T19:00-05:00",
                "weekday": "Monday",
                "outside_hours": True,
            }
        ]


async def test_a_host_that_may_not_be_read_is_unknown_and_the_answer_says_so_plainly() -> None:
    async with at_work() as assistant:
        tomas = assistant.simulator.outsider_id
        answer = await found(assistant, **TUESDAY, host_ids=[tomas], limit=1)
        assert answer["slots"]
        unknown = answer["hosts"][1]
        assert (unknown["host_id"], unknown["calendar"]) == (tomas, "unknown")
        assert "Helena Marsh (304921005)" in unknown["problem"]
        assert f"The meetings of {tomas} could not be read: they may be busy at any of these times." in answer["note"]


@pytest.mark.parametrize("fault", ["status=500", "refused", "malformed", "latency=60", "rate_limit=300", "html=502"])
async def test_a_host_whose_list_fails_is_unknown_and_the_others_are_still_searched(fault: str) -> None:
    async with at_work(faults=f"GET {304921005}/meeting$ {fault}") as assistant:
        helena = assistant.simulator.executive_id
        put(assistant, "2026-11-24T14:00:00Z", 60)
        answer = await found(assistant, **TUESDAY, host_ids=[helena], limit=1)
        assert [host["calendar"] for host in answer["hosts"]] == ["known", "unknown"]
        assert answer["slots"][0]["start"] == "2026-11-24T10:00-05:00"
        assert "could not be read" in answer["note"]


async def test_when_the_own_meetings_cannot_be_read_nothing_is_called_free() -> None:
    async with at_work(faults="GET /meeting$ status=403 code=CMN-401") as assistant:
        refused = await assistant.call("find_meeting_times", duration_minutes=30)
        assert refused.code == "app_permission_missing"


async def test_an_ended_session_is_an_error_and_no_unknown_host() -> None:
    async with at_work(faults="GET 304921005/meeting$ status=401 code=OAU-129") as assistant:
        asked = {"duration_minutes": 30, "host_ids": [assistant.simulator.executive_id]}
        assert (await assistant.call("find_meeting_times", **asked)).code == "session_expired"


async def test_a_host_without_a_zone_is_searched_and_the_zone_is_said_to_be_unknown() -> None:
    async with at_work(faults="GET 304921005$ status=403 code=CMN-408") as assistant:
        helena = assistant.simulator.executive_id
        put(assistant, "2026-11-24T14:00:00Z", 60, host=helena)
        answer = await found(assistant, **TUESDAY, host_ids=[helena], limit=1)
        assert answer["slots"][0]["start"] == "2026-11-24T10:00-05:00"
        assert answer["hosts"][1] == {"host_id": helena, "calendar": "known"}
        assert "without time_zone are unknown" in answer["note"]


async def test_a_list_that_was_not_read_to_its_end_leaves_its_host_partly_unknown() -> None:
    async with at_work(limits=MANY, switches=Switches(list_pages=True, list_page_size=2)) as assistant:
        for _ in range(23):
            put(assistant, "2026-11-24T20:00:00Z")
        answer = await found(assistant, **TUESDAY)
        assert answer["hosts"][0]["calendar"] == "partly_unknown"
        assert "The meetings of Robin Ashdown could not all be read: they may be busy." in answer["note"]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"duration_minutes": 1_441}, "duration_minutes"),
        ({"window_start": "2026-11-26", "window_end": "2026-11-25"}, "window_end"),
        ({"window_start": "2026-11-01", "window_end": "2026-11-20"}, "window_end"),
        ({"window_start": "2027-01-01", "window_end": "2028-01-03"}, "window_end"),
        ({"window_start": "soon"}, "window_start"),
        ({"day_start": "9:00"}, "day_start"),
        ({"day_start": "25:00", "day_end": "26:00"}, "day_start"),
        ({"day_end": "12:75"}, "day_end"),
        ({"day_start": "17:00", "day_end": "09:00"}, "day_end"),
        ({"weekdays": ["Tue"]}, "weekdays"),
        ({"step_minutes": 1}, "step_minutes"),
        ({"buffer_minutes": -1}, "buffer_minutes"),
        ({"limit": 26}, "limit"),
        ({"host_ids": [str(number) for number in range(11)]}, "host_ids"),
        ({"time_zone": "New York"}, "time_zone"),
    ],
)
async def test_what_makes_no_sense_is_refused_by_name(arguments: dict[str, Any], field: str) -> None:
    async with at_work() as assistant:
        problem = (await assistant.call("find_meeting_times", **{"duration_minutes": 30} | arguments)).problem
        assert problem["code"] == "invalid_arguments"
        assert problem["message"].startswith(field)


async def test_nothing_free_says_what_to_widen() -> None:
    async with at_work() as assistant:
        put(assistant, "2026-11-24T13:00:00Z", 600)
        answer = await found(assistant, **TUESDAY)
        assert answer["slots"] == []
        assert "No free slot: widen the window" in answer["note"]


async def test_a_year_and_thousands_of_meetings_cost_two_requests_and_a_small_answer() -> None:
    async with at_work(limits=MANY) as assistant:
        for number in range(400):
            day = f"{1 + number % 28:02}"
            put(assistant, f"2027-{1 + number % 9:02}-{day}T{14 + number % 8}:00:00Z")
        for hour in range(14, 22):
            rule = {"frequency": "Weekly", "weeklyByDays": ["Monday", "Tuesday", "Wednesday", "Thursday"]}
            put(assistant, f"2026-11-23T{hour}:00:00Z", meetingType="ScheduledRecurring", recurrence=rule)
        assistant.simulator.calls.clear()
        year = {"window_start": "2026-11-24", "window_end": "2027-11-24", "limit": 25, "step_minutes": 5}
        answer = await assistant.call("find_meeting_times", duration_minutes=30, **year)
        assert len(answer.text.encode()) < 4_000 < MAX_RESULT_BYTES
        assert {slot["weekday"] for slot in answer.data["slots"]} == {"Friday"}
        reads = [call.path.rpartition("/")[2] for call in assistant.simulator.calls if call.method == "GET"]
        assert reads == ["~", "meeting"]


async def test_the_largest_answer_stays_small() -> None:
    async with at_work() as assistant:
        unknown = [f"unknown {number}" for number in range(9)]
        hosts = [assistant.simulator.executive_id, *unknown]
        answer = await assistant.call(
            "find_meeting_times", duration_minutes=5, step_minutes=5, limit=25, host_ids=hosts
        )
        assert len(answer.data["slots"]) == 25
        assert len(answer.text.encode()) < 8_000


async def test_a_meeting_that_names_no_length_is_taken_for_an_hour() -> None:
    start = timing.parse_start("2026-11-24T15:00", "America/New_York")
    calendar = Calendar(Host("1"), Listing((Meeting("1", "Taken", "Scheduled", start),), complete=True))
    late = start.add(minutes=45).to_instant()
    spans, partly = await busy_times([calendar], late, late.add(hours=1), late, 0)
    assert spans == [(int(start.timestamp()), int(start.timestamp()) + 3_600)]
    assert partly == []


async def test_more_dates_than_are_looked_at_leave_their_host_partly_unknown() -> None:
    start = timing.parse_start("2026-11-24T15:00", "America/New_York")
    daily = Meeting("1", "Taken", "ScheduledRecurring", start, 30, timing.Rule("Daily"))
    few, many = (Calendar(Host(f"{n}"), Listing((daily,) * n, complete=True)) for n in (2, MAX_DATES // 365 + 2))
    now = start.to_instant()
    _, partly = await busy_times([few, many], now, now.add(hours=24 * 365), now, 0)
    assert partly == [many]


async def test_options_are_spread_over_the_days_of_the_window() -> None:
    async with at_work() as assistant:
        answer = await found(assistant, window_start="2026-11-24", window_end="2026-11-27", limit=3)
        assert [slot["weekday"] for slot in answer["slots"]] == ["Tuesday", "Wednesday", "Thursday"]
        assert "There are more slots" in answer["note"]
        five = await found(assistant, window_start="2026-11-24", window_end="2026-11-25", limit=5)
        assert [slot["weekday"] for slot in five["slots"]] == ["Tuesday"] * 3 + ["Wednesday"] * 2


async def test_a_window_of_one_day_gives_the_times_of_that_day() -> None:
    async with at_work() as assistant:
        answer = await found(assistant, **TUESDAY, limit=3)
        assert {slot["start"][:10] for slot in answer["slots"]} == {"2026-11-24"}
        assert len(answer["slots"]) == 3


async def test_guests_without_an_extension_are_reckoned_with_by_their_zone() -> None:
    async with at_work() as assistant:
        answer = await found(assistant, **TUESDAY, guest_zones=["Europe/Berlin"], limit=25)
        first = answer["slots"][0]
        assert first["elsewhere"][0]["time_zone"] == "Europe/Berlin"
        assert first["elsewhere"][0]["start"] == "2026-11-24T15:00+01:00"
        inside = [slot for slot in answer["slots"] if "outside_hours" not in slot["elsewhere"][0]]
        assert answer["slots"][: len(inside)] == inside
        assert len(inside) < len(answer["slots"])
        refused = await assistant.call("find_meeting_times", duration_minutes=30, guest_zones=["Berlin time"])
        assert refused.code == "invalid_arguments"
        assert "guest_zones" in refused.problem["message"]


async def test_the_start_of_a_slot_is_taken_by_create_meeting_as_it_is() -> None:
    async with at_work() as assistant:
        for zone in ("America/New_York", "Europe/Berlin"):
            slot = (await found(assistant, **TUESDAY, time_zone=zone))["slots"][0]["start"]
            for more in ({}, {"time_zone": zone}):
                made = (await assistant.call("create_meeting", topic=f"{zone} {more}", start_time=slot, **more)).data
                start = made["meeting"]["start_utc"]
                assert Instant.parse_iso(start) == OffsetDateTime.parse_iso(slot).to_instant()
