"""Pages of a list: position, tokens, the size of a result, and the pages of the platform behind them."""

from typing import Any

import pytest

from assistant import Assistant, at_work, read_on, scheduled
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

MANY = {"light": 100_000, "medium": 100_000}


def put_many(assistant: Assistant, number: int, topic: str = "Meeting {}") -> list[str]:
    """Meetings on two days, most of them at the same time as another."""
    days = ("2026-11-24T20:00:00Z", "2026-11-25T20:00:00Z", "2026-11-24T20:30:00Z")
    return [
        assistant.simulator.put_meeting(topic=topic.format(n), schedule=scheduled(days[n % 3])) for n in range(number)
    ]


async def page(assistant: Assistant, **arguments: Any) -> dict[str, Any]:
    return (await assistant.call("list_meetings", **arguments)).data


def ids(pages: list[dict[str, Any]]) -> list[str]:
    return [row["meeting_id"] for one in pages for row in one["meetings"]]


async def test_sixty_meetings_are_read_in_pages_without_loss_or_repetition() -> None:
    async with at_work(limits=MANY) as assistant:
        meetings = put_many(assistant, 60)
        pages = await read_on(assistant, "list_meetings")
        assert [one["showing"] for one in pages] == ["1-25 of 60", "26-50 of 60", "51-60 of 60"]
        assert sorted(ids(pages)) == sorted(meetings)
        shown = [row["start"] for one in pages for row in one["meetings"]]
        assert shown == sorted(shown)
        by_seven = await read_on(assistant, "list_meetings", limit=7)
        assert ids(by_seven) == ids(pages)
        assert (len(by_seven), by_seven[-1]["showing"]) == (9, "57-60 of 60")


async def test_a_meeting_created_or_deleted_between_pages_moves_no_other_one() -> None:
    async with at_work(limits=MANY) as assistant:
        meetings = set(put_many(assistant, 60))
        first = await page(assistant, limit=20)
        gone = first["meetings"][3]["meeting_id"]
        assistant.simulator.edit_meeting(gone, finished=True)
        early = assistant.simulator.put_meeting(topic="early", schedule=scheduled("2026-11-24T15:00:00Z"))
        late = assistant.simulator.put_meeting(topic="late", schedule=scheduled("2026-11-26T15:00:00Z"))
        second = await page(assistant, limit=20, page_token=first["next_page_token"])
        third = await page(assistant, limit=100, page_token=second["next_page_token"])
        seen = ids([first, second, third])
        assert len(seen) == len(set(seen))
        assert set(seen) == meetings | {late}
        assert early not in seen
        assert "next_page_token" not in third


async def test_the_window_of_the_first_page_holds_for_the_next_ones() -> None:
    async with at_work(limits=MANY) as assistant:
        put_many(assistant, 30)
        first = await page(assistant)
        assistant.clock.seconds += 3_600
        second = await page(assistant, page_token=first["next_page_token"])
        assert second["window_start"] == first["window_start"]
        assert second["window_end"] == first["window_end"]


async def test_rows_without_a_time_and_dates_of_one_series_have_their_place_in_pages_too() -> None:
    async with at_work(limits=MANY) as assistant:
        daily = {"frequency": "Daily"}
        for topic in ("A", "B"):
            assistant.simulator.put_meeting(topic=topic, meetingType="Recurring")
            assistant.simulator.put_meeting(
                topic=topic,
                meetingType="ScheduledRecurring",
                schedule=scheduled("2026-11-24T20:00:00Z"),
                recurrence=daily,
            )
        pages = await read_on(assistant, "list_meetings", limit=3)
        rows = [(row["meeting_id"], row.get("start")) for one in pages for row in one["meetings"]]
        assert len(rows) == len(set(rows)) == pages[0]["total"] == 28
        assert [start for _, start in rows[-2:]] == [None, None]


async def test_a_page_token_belongs_to_its_query_and_to_no_other() -> None:
    async with at_work(limits=MANY) as assistant:
        put_many(assistant, 30)
        token = (await page(assistant, query="meeting"))["next_page_token"]
        others: list[dict[str, Any]] = [
            {},
            {"query": "other"},
            {"query": "meeting", "window_start": "2026-11-23"},
            {"query": "meeting", "window_end": "2026-12-01"},
            {"query": "meeting", "time_zone": "Europe/Berlin"},
            {"query": "meeting", "host_id": assistant.simulator.executive_id},
        ]
        for other in others:
            refused = await assistant.call("list_meetings", page_token=token, **other)
            assert refused.code == "invalid_arguments", other
            assert "page_token" in refused.problem["message"]
        assert (await page(assistant, query="meeting", limit=2, page_token=token))["showing"] == "26-27 of 30"


async def test_a_page_token_that_is_none_is_refused() -> None:
    async with at_work(limits=MANY) as assistant:
        put_many(assistant, 30)
        token: str = (await page(assistant))["next_page_token"]
        broken = [
            token[:-3],
            token[: len(token) // 2],
            token[1:],
            "garbage",
            "{}",
            "é" * 20,
            "W10",
            "bnVsbA",
            "=",
            "A" * 999,
        ]
        for text in broken:
            refused = await assistant.call("list_meetings", page_token=text)
            assert refused.code == "invalid_arguments", text
        assert (await assistant.call("list_meetings", page_token="A" * 1_001)).code == "invalid_arguments"


async def test_a_page_beyond_the_last_row_says_that_there_is_no_more() -> None:
    async with at_work(limits=MANY) as assistant:
        meetings = put_many(assistant, 30)
        first = await page(assistant)
        for meeting_id in set(meetings) - set(ids([first])):
            assistant.simulator.edit_meeting(meeting_id, finished=True)
        beyond = await page(assistant, page_token=first["next_page_token"])
        assert (beyond["meetings"], beyond["showing"]) == ([], "0 of 25")
        assert "next_page_token" not in beyond
        assert beyond["hint"]


async def test_very_long_topics_are_cut_and_a_page_of_them_stays_within_the_size_of_a_result() -> None:
    async with at_work(limits=MANY) as assistant:
        put_many(assistant, 120, topic="{} " + "\N{PARTY POPPER}" * 2_500)
        pages = [await assistant.call("list_meetings", limit=100)]
        while token := pages[-1].data.get("next_page_token"):
            pages.append(await assistant.call("list_meetings", limit=100, page_token=token))
        assert all(len(one.text.encode()) <= MAX_RESULT_BYTES for one in pages)
        assert len(pages) > 2
        assert len(set(ids([one.data for one in pages]))) == 120
        assert max(len(row["topic"]) for row in pages[0].data["meetings"]) == 200


async def test_five_thousand_meetings_stay_within_the_size_of_a_result() -> None:
    async with at_work(limits=MANY) as assistant:
        put_many(assistant, 5_000, topic="Quarterly review of the whole department number {}")
        answer = await assistant.call("list_meetings", limit=100)
        assert len(answer.text.encode()) <= MAX_RESULT_BYTES
        assert answer.data["total"] == 5_000
        assert answer.data["showing"].startswith("1-")
        assert answer.data["next_page_token"]
        assert "incomplete" not in answer.data


async def test_the_pages_of_the_platform_are_followed_to_the_end() -> None:
    async with at_work(switches=Switches(list_pages=True, list_page_size=7), limits=MANY) as assistant:
        meetings = put_many(assistant, 60)
        found = await page(assistant, limit=100)
        assert sorted(ids([found])) == sorted(meetings)
        assert "incomplete" not in found
        assert len(assistant.sent("GET")) == 9


async def test_no_more_than_ten_pages_of_the_platform_are_read_and_the_answer_is_called_incomplete() -> None:
    async with at_work(switches=Switches(list_pages=True, list_page_size=4), limits=MANY) as assistant:
        put_many(assistant, 60)
        found = await page(assistant, limit=100)
        assert (found["total"], found["incomplete"]) == (40, True)
        assert found["hint"]
        assert len(assistant.sent("GET")) == 10
        nothing = await page(assistant, query="nowhere")
        assert nothing["incomplete"] is True
        made = await assistant.call("create_meeting", topic="New", start_time="2026-11-27T10:00")
        assert made.data["duplicate_check"] == "partial"
        assert "missed" in made.data["note"]
