"""The list of past meetings: windows, words, pages and rows, on both products."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from assistant import Assistant, at_work, read_on
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 11, 23, 14, tzinfo=UTC)
HISTORY, RECORDINGS = "/history/meetings", "/meeting-recordings"
PRODUCTS: list[Any] = ["meetings", "video"]
MANY = {"light": 100_000, "medium": 100_000}
both = pytest.mark.parametrize("product", PRODUCTS)


def hold(assistant: Assistant, topic: str, start: datetime, minutes: int = 30, **more: Any) -> str:
    """A meeting that was held and, on the older product, recorded; what finds it again."""
    simulator = assistant.simulator
    if simulator.provider == "RCVideo":
        people = more.pop("people", [simulator.owner_id])
        return simulator.hold(simulator.put_bridge(name=topic), start, minutes, people, **more)
    meeting_id = simulator.put_meeting(topic=topic, meetingType="Recurring")
    return f"{meeting_id}:{simulator.record_meeting(meeting_id, start, minutes)}"


async def page(assistant: Assistant, **arguments: Any) -> dict[str, Any]:
    return (await assistant.call("list_past_meetings", **arguments)).data


def topics(*pages: dict[str, Any]) -> list[str]:
    return [row["topic"] for one in pages for row in one["meetings"]]


def ids(*pages: dict[str, Any]) -> list[str]:
    return [row["past_meeting_id"] for one in pages for row in one["meetings"]]


@both
async def test_without_a_window_it_lists_what_was_held_in_the_last_two_weeks_the_newest_first(product: Any) -> None:
    async with at_work(product=product) as assistant:
        hold(assistant, "edge", NOW - timedelta(days=14))
        hold(assistant, "too old", NOW - timedelta(days=14, seconds=1))
        hold(assistant, "last week", NOW - timedelta(days=7))
        hold(assistant, "this morning", NOW - timedelta(hours=1))
        found = await page(assistant)
        assert topics(found) == ["this morning", "last week", "edge"]
        window = "2026-11-09T09:00-05:00 to 2026-11-23T09:00-05:00, America/New_York (account), newest first."
        assert found["note"].startswith(window)


@both
async def test_a_row_tells_when_how_long_and_which_meeting_it_was_of(product: Any) -> None:
    async with at_work(product=product) as assistant:
        identifier = hold(assistant, "Weekly", datetime(2026, 11, 17, 15, tzinfo=UTC), minutes=45)
        [row] = (await page(assistant, time_zone="Europe/Berlin"))["meetings"]
        assert row["past_meeting_id"] == identifier
        assert (row["start"], row["end"]) == ("2026-11-17T16:00+01:00", "2026-11-17T16:45+01:00")
        assert (row["weekday"], row["duration_minutes"], row["recorded"]) == ("Tuesday", 45, True)
        assert "status" not in row
        read = await assistant.call("get_meeting", meeting_id=row["meeting_id"])
        assert read.data["meeting"]["topic"] == "Weekly"


@both
async def test_a_window_of_dates_holds_both_days_whole_and_one_of_times_ends_before_its_end(product: Any) -> None:
    async with at_work(product=product) as assistant:
        for topic, day, hour, minute in (
            ("before", 18, 4, 59),
            ("first", 18, 5, 0),
            ("last", 20, 4, 59),
            ("after", 20, 5, 0),
        ):
            hold(assistant, topic, datetime(2026, 11, day, hour, minute, tzinfo=UTC), minutes=1)
        assert topics(await page(assistant, window_start="2026-11-18", window_end="2026-11-19")) == ["last", "first"]
        times = {"window_start": "2026-11-18T00:00", "window_end": "2026-11-19T23:59"}
        assert topics(await page(assistant, **times)) == ["first"]


@both
async def test_a_window_that_reaches_beyond_now_is_one_to_now_and_one_with_an_end_alone_is_two_weeks(
    product: Any,
) -> None:
    async with at_work(product=product) as assistant:
        found = await page(assistant, window_start="2026-11-23", window_end="2026-11-30")
        assert found["note"].startswith("2026-11-23T00:00-05:00 to 2026-11-23T09:00-05:00, ")
        found = await page(assistant, window_end="2026-11-04")
        assert found["note"].startswith("2026-10-22T00:00-04:00 to 2026-11-05T00:00-05:00, ")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"window_start": "yesterday"}, "window_start"),
        ({"window_start": "2026-11-24"}, "window_start"),
        ({"window_start": "2026-11-20", "window_end": "2026-11-19"}, "window_end"),
        ({"window_end": "2026-02-30"}, "window_end"),
        ({"time_zone": "New York"}, "time_zone"),
        ({"limit": 0}, "limit"),
        ({"limit": 101}, "limit"),
        ({"page_token": "x"}, "page_token"),
    ],
)
async def test_a_window_zone_limit_or_token_that_makes_no_sense_is_refused_by_name(
    arguments: dict[str, Any], field: str
) -> None:
    async with at_work(product="video") as assistant:
        problem = (await assistant.call("list_past_meetings", **arguments)).problem
        assert problem["code"] == "invalid_arguments"
        assert problem["message"].startswith(field)
        assert not assistant.sent(path=HISTORY)
        ahead = (await assistant.call("list_past_meetings", window_start="2026-12-01")).problem
        assert "list_meetings" in ahead["next_step"]


@both
async def test_an_empty_result_says_how_to_look_further(product: Any) -> None:
    async with at_work(product=product) as assistant:
        found = await page(assistant)
        assert found["meetings"] == []
        assert "window_start" in found["note"]
        found = await page(assistant, query="no where")
        assert 'nothing with "no where"' in found["note"]
        assert "query" in found["note"]


async def test_the_older_product_says_that_only_recorded_meetings_are_known() -> None:
    async with at_work() as assistant:
        assert "recorded meetings only" in (await page(assistant))["note"]
        hold(assistant, "Weekly", NOW - timedelta(hours=1))
        found = await page(assistant)
        assert "recorded meetings only" in found["note"]
        assert not {"participants", "host"} & set(found["meetings"][0])
    async with at_work(product="video") as assistant:
        assert "recorded" not in (await page(assistant))["note"]


@both
async def test_words_find_a_meeting_by_its_topic(product: Any) -> None:
    async with at_work(product=product) as assistant:
        hold(assistant, "Budget review", NOW - timedelta(hours=2))
        hold(assistant, "Review", NOW - timedelta(hours=1))
        assert topics(await page(assistant, query="BUDGET")) == ["Budget review"]
        assert topics(await page(assistant, query="review")) == ["Review", "Budget review"]


async def test_words_find_a_meeting_of_video_by_who_was_there() -> None:
    async with at_work(product="video") as assistant:
        hold(assistant, "Design", NOW - timedelta(hours=1), people=["Ana Duarte"])
        hold(assistant, "Other", NOW - timedelta(hours=1))
        assert topics(await page(assistant, query="duarte")) == ["Design"]


@both
async def test_words_find_a_topic_whatever_its_hyphens_and_accents(product: Any) -> None:
    async with at_work(product=product) as assistant:
        hold(assistant, "Stand-up", NOW - timedelta(hours=1))
        hold(assistant, "Réseaux", NOW - timedelta(hours=2))
        assert topics(await page(assistant, query="standup")) == ["Stand-up"]
        assert topics(await page(assistant, query="reseaux")) == ["Réseaux"]


async def test_words_are_looked_for_beyond_the_first_page_of_the_platform() -> None:
    async with at_work(product="video", limits=MANY) as assistant:
        for number in range(620):
            topic = "Stand-up" if number in {150, 160, 610} else "Other"
            hold(assistant, topic, NOW - timedelta(minutes=number + 31))
        assert topics(await page(assistant, query="standup", limit=2)) == ["Stand-up"] * 2
        assert len(assistant.sent(path=HISTORY)) == 2
        first = await page(assistant, query="standup")
        assert (len(first["meetings"]), first.get("total")) == (2, None)
        rest = await page(assistant, query="standup", page_token=first["next_page_token"])
        assert (topics(rest), rest.get("next_page_token")) == (["Stand-up"], None)


async def test_the_history_is_asked_for_in_milliseconds_and_the_recordings_in_iso_time() -> None:
    window = {"window_start": "2026-11-18T00:00", "window_end": "2026-11-19T00:00"}
    async with at_work(product="video") as assistant:
        await page(assistant, limit=7, **window)
        query = parse_qs(assistant.sent(path=HISTORY)[0].query)
        assert query == {"startTime": ["1794978000000"], "endTime": ["1795064399999"], "perPage": ["7"]}
    async with at_work() as assistant:
        await page(assistant, limit=7, **window)
        query = parse_qs(assistant.sent(path=RECORDINGS)[0].query)
        assert query["meetingStartTimeFrom"] == ["2026-11-18T04:59:59Z"]
        assert query["meetingStartTimeTo"] == ["2026-11-19T05:00:00Z"]


async def test_a_row_of_video_names_the_host_and_some_of_those_who_were_there() -> None:
    people = ["Ana Duarte", "+14155550199", "Lars Holm", "Mika Sato"]
    async with at_work(product="video") as assistant:
        hold(assistant, "Many", NOW - timedelta(hours=1), people=people, recorded=False)
        hold(assistant, "Nobody", NOW - timedelta(hours=2), people=[])
        many, nobody = (await page(assistant))["meetings"]
        assert (many["host"], many["participants"]) == (
            "Robin Ashdown",
            "Ana Duarte, +14155550199, Lars Holm, … (4)",
        )
        assert (many["recorded"], nobody["recorded"]) == (False, True)
        assert nobody["participants"] == "nobody (0)"


async def test_what_still_goes_on_is_said_to_and_has_no_end() -> None:
    async with at_work(product="video") as assistant:
        hold(assistant, "Now", NOW - timedelta(minutes=10), minutes=60)
        [row] = (await page(assistant))["meetings"]
        assert (row["status"], row["duration_minutes"]) == ("in progress", 10)
        assert "end" not in row


@both
async def test_sixty_meetings_are_read_in_pages_without_loss_or_repetition(product: Any) -> None:
    async with at_work(product=product, limits=MANY) as assistant:
        held = [hold(assistant, f"Meeting {n}", NOW - timedelta(hours=n + 1)) for n in range(60)]
        pages = await read_on(assistant, "list_past_meetings")
        assert [len(one["meetings"]) for one in pages] == [25, 25, 10]
        assert ids(*pages) == held
        assert "next_page_token" in pages[0]["note"]


@both
async def test_the_window_of_the_first_page_holds_so_that_what_begins_meanwhile_moves_nothing(product: Any) -> None:
    async with at_work(product=product, limits=MANY) as assistant:
        held = [hold(assistant, f"Meeting {n}", NOW - timedelta(hours=n + 1)) for n in range(30)]
        first = await page(assistant, limit=20)
        assistant.clock.seconds += 3_600
        hold(assistant, "Meanwhile", NOW + timedelta(minutes=10))
        second = await page(assistant, limit=20, page_token=first["next_page_token"])
        assert ids(first, second) == held
        assert "next_page_token" not in second
        assert second["note"].split(",")[0] == first["note"].split(",")[0]


@both
async def test_the_number_of_rows_may_change_from_page_to_page(product: Any) -> None:
    async with at_work(product=product, limits=MANY) as assistant:
        held = [hold(assistant, f"Meeting {n}", NOW - timedelta(hours=n + 1)) for n in range(30)]
        pages = [await page(assistant, limit=10)]
        for limit in (3, 1, 7, 100):
            pages.append(await page(assistant, limit=limit, page_token=pages[-1]["next_page_token"]))
        assert ids(*pages) == held


@both
async def test_rows_too_large_for_one_result_go_on_in_the_next_without_loss(product: Any) -> None:
    long = "\N{PARTY POPPER}" * 200
    async with at_work(product=product, limits=MANY) as assistant:
        held = [hold(assistant, f"{n} {long}", NOW - timedelta(hours=n + 1)) for n in range(100)]
        answers = [await assistant.call("list_past_meetings", limit=100)]
        while token := answers[-1].data.get("next_page_token"):
            answers.append(await assistant.call("list_past_meetings", limit=100, page_token=token))
        assert len(answers) > 2
        assert all(len(one.text.encode()) <= MAX_RESULT_BYTES for one in answers)
        assert ids(*(one.data for one in answers)) == held
        few = await page(assistant, limit=5, page_token=answers[0].data["next_page_token"])
        cut = len(answers[0].data["meetings"])
        assert ids(few) == held[cut : cut + 5]


@both
async def test_a_page_token_belongs_to_its_query_and_to_no_other(product: Any) -> None:
    async with at_work(product=product, limits=MANY) as assistant:
        for n in range(3):
            hold(assistant, f"Meeting {n}", NOW - timedelta(hours=n + 1))
        token = (await page(assistant, limit=1, query="meeting"))["next_page_token"]
        others: list[dict[str, Any]] = [
            {},
            {"query": "other"},
            {"query": "meeting", "window_start": "2026-11-22"},
            {"query": "meeting", "window_end": "2026-11-23"},
            {"query": "meeting", "time_zone": "Europe/Berlin"},
        ]
        for other in others:
            refused = await assistant.call("list_past_meetings", page_token=token, **other)
            assert refused.code == "invalid_arguments", other
        assert topics(await page(assistant, limit=1, query="meeting", page_token=token)) == ["Meeting 1"]


@both
async def test_what_was_held_outlives_the_meeting_and_the_room(product: Any) -> None:
    async with at_work(product=product) as assistant:
        hold(assistant, "Gone", NOW - timedelta(hours=1))
        [row] = (await page(assistant))["meetings"]
        removed = {"meeting_id": row["meeting_id"], "expected_topic": "Gone"}
        assert (await assistant.call("delete_meeting", **removed)).code is None
        assert topics(await page(assistant)) == ["Gone"]
        assert (await assistant.call("get_meeting", meeting_id=row["meeting_id"])).code == "not_found"


async def test_each_time_that_a_series_was_held_is_a_row_of_its_own_with_one_meeting_id() -> None:
    async with at_work() as assistant:
        series = assistant.simulator.put_meeting(topic="Weekly", meetingType="Recurring")
        for weeks in (1, 0):
            assistant.simulator.record_meeting(series, NOW - timedelta(days=7 * weeks, hours=1), 30)
        rows = (await page(assistant))["meetings"]
        assert [row["meeting_id"] for row in rows] == [series, series]
        assert len({row["past_meeting_id"] for row in rows}) == 2


async def test_more_recordings_than_a_page_of_the_platform_are_all_read() -> None:
    async with at_work(limits=MANY) as assistant:
        series = assistant.simulator.put_meeting(topic="Weekly", meetingType="Recurring")
        for minute in range(301):
            assistant.simulator.record_meeting(series, NOW - timedelta(minutes=minute + 2), 1)
        pages = await read_on(assistant, "list_past_meetings", limit=100)
        assert len(set(ids(*pages))) == 301
        assert len(assistant.sent(path=RECORDINGS)) == 2 * len(pages)


async def test_beyond_five_pages_of_recordings_the_list_is_said_to_lack_some() -> None:
    async with at_work(limits=MANY) as assistant:
        series = assistant.simulator.put_meeting(topic="Weekly", meetingType="Recurring")
        for minute in range(1_501):
            assistant.simulator.record_meeting(series, NOW - timedelta(minutes=minute + 2), 1)
        found = await page(assistant)
        assert "may be incomplete" in found["note"]
        assert len(assistant.sent(path=RECORDINGS)) == 5


async def test_without_the_permission_or_the_feature_it_says_which_is_missing() -> None:
    async with at_work() as assistant:
        assistant.simulator.permissions.discard("MeetingsRecordings")
        refused = await assistant.call("list_past_meetings")
        assert (refused.code, "MeetingsRecordings" in refused.text) == ("user_permission_missing", True)
        assistant.simulator.permissions.add("MeetingsRecordings")
        assistant.simulator.features.discard("MeetingsPersonalRecordings")
        refused = await assistant.call("list_past_meetings")
        assert (refused.code, "recording" in refused.problem["message"]) == ("feature_unavailable", True)


async def test_on_video_the_missing_scope_is_named() -> None:
    async with at_work(product="video") as assistant:
        assistant.simulator.scopes.discard("Video")
        refused = await assistant.call("list_past_meetings")
        assert (refused.code, "Video" in refused.problem["message"]) == ("app_permission_missing", True)


def _sealed(position: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


@both
async def test_a_page_token_that_says_nonsense_of_the_right_query_is_refused_or_harmless(product: Any) -> None:
    async with at_work(product=product, limits=MANY) as assistant:
        for n in range(2):
            hold(assistant, f"Meeting {n}", NOW - timedelta(hours=n + 1))
        good: str = (await page(assistant, limit=1))["next_page_token"]
        digest, start, end, size, upstream, begins, last = json.loads(base64.urlsafe_b64decode(good + "=="))
        rest = [size, upstream, begins, last]
        forged = [
            [digest],
            [digest, None, None, *rest],
            [digest, float("nan"), end, *rest],
            [digest, start, float("inf"), *rest],
            [digest, -(10**30), 10**30, *rest],
            [digest, end, start, *rest],
            [digest, start, end, "x", upstream, begins, last],
            [digest, start, end, 10**9, upstream, 0, "x"],
            [digest, start, end, size, "\x00", begins, last],
            [digest, start, end, size, {"a": 1}, begins, last],
            [digest, start, end, size, upstream, [], "x"],
            [digest, start, end, size, upstream, None, "x"],
            ["0" * 16, start, end, *rest],
        ]
        for position in forged:
            answer = await assistant.call("list_past_meetings", limit=1, page_token=_sealed(position))
            assert answer.code in (None, "invalid_arguments"), (position, answer.text)
        assert ids(await page(assistant, limit=1, page_token=good))


@both
async def test_the_total_is_given_where_all_that_matches_was_read(product: Any) -> None:
    async with at_work(product=product) as assistant:
        for hours in (1, 2, 3):
            hold(assistant, f"held {hours}", NOW - timedelta(hours=hours))
        whole = await page(assistant)
        assert whole["total"] == len(whole["meetings"]) == 3
        first = await page(assistant, limit=2)
        assert len(first["meetings"]) == 2
        assert first.get("total") == (3 if product == "meetings" else None)


async def test_the_recorded_meetings_of_another_host_are_read_under_their_extension() -> None:
    async with at_work() as assistant:
        executive = assistant.simulator.executive_id
        meeting_id = assistant.simulator.put_meeting(topic="Hers", host={"id": executive})
        assistant.simulator.record_meeting(meeting_id, NOW - timedelta(hours=2), 20)
        assert (await page(assistant))["total"] == 0
        (row,) = (await page(assistant, host_id=executive))["meetings"]
        assert row["topic"] == "Hers"
        found = await assistant.call("get_past_meeting", past_meeting_id=row["past_meeting_id"], host_id=executive)
        assert found.data["topic"] == "Hers"


async def test_the_recordings_of_a_host_for_whom_the_user_may_not_act_are_refused_with_those_for_whom_they_may() -> (
    None
):
    async with at_work() as assistant:
        outsider = assistant.simulator.outsider_id
        for tool, more in (("list_past_meetings", {}), ("get_past_meeting", {"past_meeting_id": "1:a"})):
            refused = await assistant.call(tool, host_id=outsider, **more)
            assert refused.code == "user_permission_missing"
            assert "Helena Marsh (304921005)" in refused.problem["next_step"]


async def test_video_has_no_history_of_another_host() -> None:
    async with at_work(product="video") as assistant:
        for tool, more in (("list_past_meetings", {}), ("get_past_meeting", {"past_meeting_id": "a"})):
            refused = await assistant.call(tool, host_id=assistant.simulator.executive_id, **more)
            assert refused.code == "not_supported_by_product"
            assert "Leave host_id out" in refused.problem["next_step"]
