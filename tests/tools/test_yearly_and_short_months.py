"""What RingCentral does not repeat: years, and days that a month has not."""

from typing import Any

import pytest

from assistant import at_work

pytestmark = pytest.mark.anyio

MONTHLY = {"frequency": "Monthly"}


@pytest.mark.parametrize("tool", ["create_meeting", "update_meeting"])
@pytest.mark.parametrize("word", ["Yearly", "yearly", "Annually"])
async def test_yearly_is_refused_with_what_to_do_instead(tool: str, word: str) -> None:
    async with at_work() as assistant:
        which = {"topic": "Review"} if tool == "create_meeting" else {"meeting_id": "123"}
        rule = {"frequency": word}
        refused = await assistant.call(tool, start_time="2026-11-30T10:00", recurrence=rule, **which)
        assert refused.code == "invalid_arguments"
        assert refused.problem["message"].startswith("recurrence.frequency: cannot be Yearly")
        assert "one meeting for each year" in refused.problem["message"]
        assert not assistant.sent()


@pytest.mark.parametrize(
    ("start", "rule", "months"),
    [
        ("2026-12-31", MONTHLY, "No date in February, April, June, September and November: no day 31"),
        ("2026-11-30", MONTHLY, "No date in February:"),
        ("2026-11-29", MONTHLY, "No date in February outside leap years:"),
        ("2026-12-31", MONTHLY | {"interval": 3}, "No date in June and September:"),
        ("2026-11-28", MONTHLY, None),
        ("2026-12-31", {"frequency": "Weekly"}, None),
    ],
)
async def test_a_series_on_a_day_that_months_lack_names_those_months(
    start: str, rule: dict[str, Any], months: str | None
) -> None:
    async with at_work() as assistant:
        made = await assistant.call("create_meeting", topic="Close", start_time=f"{start}T10:00", recurrence=rule)
        note = made.data["note"]
        assert months in note if months is not None else "No date" not in note


async def test_an_update_to_such_a_day_names_the_months_and_one_of_the_topic_does_not() -> None:
    async with at_work() as assistant:
        details: dict[str, Any] = {"topic": "Close", "start_time": "2026-12-15T10:00", "recurrence": MONTHLY}
        series = (await assistant.call("create_meeting", **details)).data["meeting"]["meeting_id"]
        moved = {"start_time": "2026-12-31T10:00", "recurrence": {"monthly_day": 31}}
        assert (
            "No date in February" in (await assistant.call("update_meeting", meeting_id=series, **moved)).data["note"]
        )
        assert "note" not in (await assistant.call("update_meeting", meeting_id=series, topic="Closing")).data


@pytest.mark.parametrize(
    ("topic", "query"),
    [
        ("Stand-up", "standup"),
        ("Standup", "stand-up"),
        ("Réseaux et téléphonie", "reseaux"),
        ("Reseaux", "réseaux"),
        ("Ana's 1:1", "anas 1:1"),
        ("हिन्दी", "हिन्दी"),
    ],
)
async def test_words_are_found_whatever_their_hyphens_and_accents(topic: str, query: str) -> None:
    async with at_work() as assistant:
        assistant.simulator.put_meeting(
            topic=topic, schedule={"startTime": "2026-11-24T20:00:00Z", "durationInMinutes": 30}
        )
        page = (await assistant.call("list_meetings", query=query)).data
        assert [row["topic"] for row in page["meetings"]] == [topic]
        assert (await assistant.call("list_meetings", query=f"{query} elsewhere")).data["total"] == 0
