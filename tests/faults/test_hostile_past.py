"""A platform that tells strangely of what was held: each member in turn, page tokens, ids."""

import copy
import json
from typing import Any

import httpx
import pytest

from faults.scripted import INSIGHTS, a_past_meeting, at_work_on, insights
from faults.scripted import PAST_ID as ID
from faults.test_hostile_answers import FINE, STRANGE, places_in, with_member
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES

pytestmark = pytest.mark.anyio

STRANGER: list[Any] = [*STRANGE, "https://x.example/?access_token=1", {"a": {"b": []}}, True, 1.5]
MEETING = a_past_meeting()
HEARD = insights("One.", "Two.", NextSteps=[{"speakerId": "p-1", "value": "Pay", "start": 0.0, "end": 1.0}])
RECORD = {
    "meeting": {"uuid": "a/b+c==", "id": "88", "topic": "Weekly", "startTime": "2026-11-18T15:00:00Z"},
    "recordings": [
        {
            "uuid": "a/b+c==",
            "id": "1",
            "contentDownloadUri": "https://media.ringcentral.com/1",
            "contentType": "video/mp4",
            "size": 1,
            "startTime": "2026-11-18T15:00:00Z",
            "endTime": "2026-11-18T15:30:00Z",
            "status": "Completed",
        }
    ],
}


@pytest.mark.parametrize(
    "path", list(places_in({"meeting": MEETING, "heard": HEARD})), ids=lambda p: ".".join(map(str, p))
)
async def test_a_past_meeting_with_one_strange_member_is_told_or_refused_but_never_a_fault_of_ours(
    path: tuple[str | int, ...],
) -> None:
    now: dict[str, Any] = {}

    def script(request: httpx.Request) -> httpx.Response:
        shown = now["heard"] if request.url.path.endswith(INSIGHTS) else now["meeting"]
        if request.url.path.endswith("/meetings"):
            shown = {"meetings": [now["meeting"]], "paging": {"currentPageToken": "a"}}
        return httpx.Response(200, content=json.dumps(shown))

    async with at_work_on(script, product="video") as assistant:
        for strange in STRANGER:
            now |= with_member({"meeting": MEETING, "heard": HEARD}, path, strange)
            for answer in (
                await assistant.call("list_past_meetings", limit=1),
                await assistant.call("get_past_meeting", past_meeting_id=ID, transcript=True),
            ):
                assert answer.code in FINE, (strange, answer.text)
                assert len(answer.text.encode()) <= MAX_RESULT_BYTES
                assert "\u202e" not in answer.text
                assert path[-1] not in ("url", "chatUrl") or "access_token" not in answer.text


PAGE = {"records": [RECORD], "paging": {"page": 1, "totalPages": 1, "perPage": 300}, "navigation": {}}


@pytest.mark.parametrize("path", list(places_in(PAGE)), ids=lambda path: ".".join(map(str, path)))
async def test_a_recording_with_one_strange_member_is_told_or_refused_but_never_a_fault_of_ours(
    path: tuple[str | int, ...],
) -> None:
    now: dict[str, Any] = {}
    async with at_work_on(lambda _: now["page"], product="meetings") as assistant:
        for strange in STRANGER:
            now["page"] = with_member(PAGE, path, strange)
            listed = await assistant.call("list_past_meetings", limit=1)
            read = await assistant.call("get_past_meeting", past_meeting_id="88:a/b+c==", transcript=True)
            assert listed.code in FINE, (strange, listed.text)
            assert read.code in (*FINE, "not_found"), (strange, read.text)
            assert max(len(listed.text.encode()), len(read.text.encode())) <= MAX_RESULT_BYTES


async def test_page_tokens_of_the_platform_that_lead_nowhere_end_the_list_or_are_refused() -> None:
    page: dict[str, Any] = {"meetings": [MEETING], "paging": {"nextPageToken": "same"}}
    async with at_work_on(lambda _: copy.deepcopy(page), product="video") as assistant:
        first = (await assistant.call("list_past_meetings")).data
        second = (await assistant.call("list_past_meetings", page_token=first["next_page_token"])).data
        assert "next_page_token" not in second
        page["paging"]["nextPageToken"] = "x" * 100_000
        assert (await assistant.call("list_past_meetings")).code == "upstream_unavailable"
        page |= {"meetings": [], "paging": {"nextPageToken": "other"}}
        empty = (await assistant.call("list_past_meetings")).data
        assert "call again with next_page_token" in empty["note"]
        assert empty["next_page_token"]


async def test_meetings_without_an_id_that_can_be_given_back_are_said_to_lack() -> None:
    broken = [MEETING | {"id": strange} for strange in (None, "", "a\u202eb", "x" * 400)]
    page = {"meetings": [*broken, MEETING], "paging": {}}
    async with at_work_on(lambda _: page, product="video") as assistant:
        listed = (await assistant.call("list_past_meetings")).data
        assert [row["past_meeting_id"] for row in listed["meetings"]] == [ID]
        assert "may be incomplete" in listed["note"]


async def test_while_a_recording_cannot_be_made_out_no_meeting_is_said_not_to_be_there() -> None:
    nameless = RECORD | {"meeting": {"id": "88", "topic": "Weekly"}}
    page = PAGE | {"records": [nameless]}
    async with at_work_on(lambda _: page, product="meetings") as assistant:
        unread = await assistant.call("get_past_meeting", past_meeting_id="88:a/b+c==")
        assert (unread.code, unread.problem["retryable"]) == ("upstream_unavailable", True)
        assert "may be incomplete" in (await assistant.call("list_past_meetings")).data["note"]
        page["records"] = [RECORD]
        gone = await assistant.call("get_past_meeting", past_meeting_id="88:other")
        assert gone.code == "not_found"
