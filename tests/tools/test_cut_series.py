"""Series with more dates than are looked at: whatever leaves some out says so, and says where it stopped."""

from typing import Any

import anyio
import pytest

from assistant import Assistant, at_work, scheduled
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import EXPANDED_AT_MOST, Host, Listing, Meeting, Occurrence
from ringcentral_meetings.products.schedules import Calendar
from ringcentral_meetings.simulator import Switches
from ringcentral_meetings.tools import listing
from ringcentral_meetings.tools.busy import busy_times
from ringcentral_meetings.tools.default_zone import Zone

FOUR_YEARS = {"window_start": "2026-11-24", "window_end": "2030-12-31"}
# A thousand days from 24 November 2026 on, and the day after.
LAST_LISTED, FIRST_LEFT_OUT = "2029-08-19", "2029-08-20"
WEEKLY_FRIDAY = {"frequency": "Weekly", "weekly_days": ["Friday"]}

pytestmark = pytest.mark.anyio


def put_daily(assistant: Assistant, topic: str, count: int) -> str:
    rule = {"frequency": "Daily", "interval": 1, "count": count}
    schedule = scheduled("2026-11-24T14:00:00Z")
    return assistant.simulator.put_meeting(
        topic=topic, schedule=schedule, meetingType="ScheduledRecurring", recurrence=rule
    )


async def listed(assistant: Assistant, **arguments: Any) -> dict[str, Any]:
    page: dict[str, Any] = (await assistant.call("list_meetings", **arguments)).data
    return page


async def test_a_list_that_leaves_out_dates_of_a_series_is_called_incomplete_and_says_how_to_see_them() -> None:
    async with at_work() as assistant:
        put_daily(assistant, "Standup", 1_499)
        page = await listed(assistant, **FOUR_YEARS)
        assert (page["total"], page["incomplete"]) == (1_000, True)
        assert page["hint"] == (
            'Of "Standup" only the first 1,000 dates are listed, '
            f"through {LAST_LISTED}: see later ones by window_start."
        )
        rest = await listed(assistant, window_start=FIRST_LEFT_OUT, window_end="2030-12-31")
        assert rest["total"] == 499
        assert "incomplete" not in rest
        assert "hint" not in rest


async def test_a_series_of_exactly_as_many_dates_as_are_looked_at_is_listed_whole() -> None:
    async with at_work() as assistant:
        put_daily(assistant, "Standup", EXPANDED_AT_MOST)
        page = await listed(assistant, **FOUR_YEARS)
        assert page["total"] == EXPANDED_AT_MOST
        assert "incomplete" not in page


async def test_of_several_cut_series_their_number_and_the_first_day_that_is_cut_are_said_on_each_page() -> None:
    async with at_work() as assistant:
        put_daily(assistant, "Standup", 1_499)
        put_daily(assistant, "Retro", 1_200)
        first = await listed(assistant, **FOUR_YEARS)
        second = await listed(assistant, **FOUR_YEARS, page_token=first["next_page_token"])
        for page in (first, second):
            assert page["incomplete"] is True
            assert f"Of 2 series only the first 1,000 dates are listed, through {LAST_LISTED}:" in page["hint"]
        only = await listed(assistant, **FOUR_YEARS, query="retro")
        assert 'Of "Retro" only' in only["hint"]


async def test_an_incomplete_list_never_says_that_no_topic_contains_the_words() -> None:
    switches = Switches(list_pages=True, list_page_size=4)
    async with at_work(switches=switches, limits={"light": 1_000, "medium": 1_000}) as assistant:
        for number in range(60):
            assistant.simulator.put_meeting(topic=f"Review {number}", schedule=scheduled("2026-11-25T15:00:00Z"))
        page = await listed(assistant, query="budget")
        assert (page["total"], page["incomplete"]) == (0, True)
        assert "no topic contains" not in page["hint"]
        assert 'no topic that could be read contains the words "budget"' in page["hint"]
        empty = await listed(assistant, window_start="2028-01-01", window_end="2028-01-02")
        assert empty["incomplete"] is True
        assert "the window is empty" not in empty["hint"]
        assert "no meeting that could be read is in the window" in empty["hint"]


async def test_a_complete_list_says_that_no_topic_contains_the_words() -> None:
    async with at_work() as assistant:
        put_daily(assistant, "Standup", 3)
        page = await listed(assistant, query="budget")
        assert 'no topic contains the words "budget"' in page["hint"]
        assert "incomplete" not in page


async def test_a_new_series_longer_than_is_compared_says_until_when_overlaps_were_looked_for() -> None:
    async with at_work() as assistant:
        asked = {"topic": "Standup", "start_time": "2026-11-24T09:00", "duration_minutes": 15}
        long = {"recurrence": {"frequency": "Daily", "count": 1_200}}
        made = await assistant.call("create_meeting", **asked, **long)
        assert f"Overlaps were looked for until {FIRST_LEFT_OUT}, not among later dates." in made.data["note"]
        other = {"start_time": "2026-11-24T11:00", "recurrence": {"frequency": "Daily", "count": 1_000}}
        short = await assistant.call("create_meeting", **asked | other)
        assert "Overlaps" not in short.data["note"]


async def test_an_existing_series_longer_than_is_compared_says_so_too_where_it_was_not_found_to_overlap() -> None:
    async with at_work() as assistant:
        put_daily(assistant, "Standup", 3_000)
        asked = {"topic": "Review", "duration_minutes": 30, "recurrence": WEEKLY_FRIDAY | {"count": 300}}
        made = await assistant.call("create_meeting", **asked, start_time="2026-11-27T15:00")
        assert "conflicts" not in made.data
        assert "Overlaps were looked for until 2029-08-2" in made.data["note"]
        clash = await assistant.call("create_meeting", **asked | {"topic": "Other"}, start_time="2026-11-27T09:00")
        assert [one["topic"] for one in clash.data["conflicts"]] == ["Standup"]
        assert "Overlaps" not in clash.data["note"]


@pytest.mark.parametrize(("count", "more"), [(5, None), (6, True)])
async def test_a_series_with_more_dates_ahead_than_are_shown_says_so(count: int, more: bool | None) -> None:
    async with at_work() as assistant:
        found = await assistant.call("get_meeting", meeting_id=put_daily(assistant, "Standup", count))
        assert len(found.data["upcoming"]) == 5
        assert found.data.get("more_upcoming") is more


async def test_more_dates_of_one_series_than_are_looked_at_leave_its_host_partly_unknown() -> None:
    start = timing.parse_start("2026-11-24T15:00", "America/New_York")
    slots = [timing.Slot(start.add(minutes=15 * n), start.add(minutes=15 * n + 10)) for n in range(1_500)]
    dates = tuple(Occurrence(f"{n}", slot) for n, slot in enumerate(slots))
    many, few = (
        Calendar(Host(name), Listing((Meeting(name, "Taken", "ScheduledRecurring", start, 10, listed=some),), True))
        for name, some in (("many", dates), ("few", dates[:EXPANDED_AT_MOST]))
    )
    now = start.to_instant()
    _, partly = await busy_times([many, few], now, now.add(hours=24 * 30), now, 0)
    assert partly == [many]


async def test_a_list_counts_only_so_many_dates_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MAX_DATES", 30)
    async with at_work() as assistant:
        for topic in ("One", "Two", "Three", "Four"):
            put_daily(assistant, topic, 20)
        found = await assistant.call("list_meetings", window_end="2027-12-31")
        assert (found.data["total"], found.data["incomplete"]) == (40, True)
        assert "give a shorter window" in found.data["hint"]
        few = await assistant.call("list_meetings", window_end="2027-12-31", query="One")
        assert (few.data["total"], "incomplete" in few.data) == (20, False)


@pytest.mark.parametrize("work", ["list", "busy"])
async def test_the_end_of_its_time_interrupts_a_long_expansion(work: str) -> None:
    start = timing.parse_start("2026-11-24T15:00", "America/New_York")
    series = Meeting("1", "Daily", "ScheduledRecurring", start, 10, rule=timing.Rule("Daily"))
    found, now = Listing((series,) * 100, True), start.to_instant()
    with anyio.CancelScope() as scope:
        scope.cancel()
        if work == "list":
            query = listing.Query(None, "2028-11-24", None, None)
            await listing.page_of(found, query, Zone("UTC", "setting"), now, 25, None)
        else:
            await busy_times([Calendar(Host("1"), found)], now, now.add(hours=24 * 366), now, 0)
    assert scope.cancelled_caught
