"""The typed operations on what was held: what each asks for, and what of an answer is taken for one."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.api.history import HistoryOperations
from scripted_http import answer, script, world

pytestmark = pytest.mark.anyio

ID = "0fd2ae49-1!us-11-pdx10@us-11"
ENCODED = "0fd2ae49-1%21us-11-pdx10%40us-11"
HISTORY = "/rcvideo/v1/history/meetings"
RECORDINGS = "/restapi/v1.0/account/~/extension/{}/meeting-recordings"
RECORD = f"/ai/ringsense/v1/public/accounts/~/domains/rcv/records/{ENCODED}/insights"
WINDOW = {"start_ms": 1_700_000_000_000, "end_ms": 1_700_000_000_999}
Call = Callable[[HistoryOperations], Awaitable[Any]]


def listed(history: HistoryOperations, **more: Any) -> Awaitable[Any]:
    plain: dict[str, Any] = {"page_token": None, "per_page": 25}
    return history.list_video_meetings(**WINDOW | plain | more)


@pytest.mark.parametrize(
    ("call", "path", "query", "group"),
    [
        (listed, HISTORY, "startTime=1700000000000&endTime=1700000000999&perPage=25", "light"),
        (
            lambda h: listed(h, page_token="x=", per_page=1),
            HISTORY,
            "startTime=1700000000000&endTime=1700000000999&perPage=1&pageToken=x%3D",
            "light",
        ),
        (lambda h: h.load_video_meeting(ID), f"{HISTORY}/{ENCODED}", "", "light"),
        (
            lambda h: h.load_insights(ID, ["Transcript", "Summary"]),
            RECORD,
            "insightTypes=Transcript%2CSummary",
            "light",
        ),
        (
            lambda h: h.list_meeting_recordings({"meetingId": "8"}, page=2, per_page=300, extension_id="1001"),
            RECORDINGS.format("1001"),
            "meetingId=8&page=2&perPage=300",
            "medium",
        ),
        (
            lambda h: h.list_meeting_recordings({}, page=1, per_page=300),
            RECORDINGS.format("~"),
            "page=1&perPage=300",
            "medium",
        ),
    ],
)
async def test_each_operation_asks_for_what_the_api_documents(call: Call, path: str, query: str, group: Any) -> None:
    empty = answer(200, {"id": ID, "meetings": [], "records": []})
    async with world(script(empty), limits={"light": 1, "medium": 1}) as w:
        await call(HistoryOperations(w.client))
        [seen] = w.wire.seen
        parts = urlsplit(seen.raw_path)
        assert (seen.method, parts.path, parts.query) == ("GET", path, query)
        assert await w.limits.take(group) > 0
        assert await w.limits.take("medium" if group == "light" else "light") == 0


async def test_the_account_is_that_of_the_settings() -> None:
    async with world(script(answer(200, {}))) as w:
        await HistoryOperations(w.client, "42").load_insights("1", ["Summary"])
        assert w.wire.seen[0].raw_path.startswith("/ai/ringsense/v1/public/accounts/42/")


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (listed, {"meetings": {}}),
        (listed, {"records": []}),
        (listed, []),
        (lambda h: h.load_video_meeting(ID), {"displayName": "x"}),
        (lambda h: h.load_insights(ID, ["Summary"]), []),
        (lambda h: h.list_meeting_recordings({}, page=1, per_page=1), {"meetings": []}),
    ],
)
async def test_what_is_not_what_was_asked_for_is_unreadable_rather_than_empty(call: Call, body: Any) -> None:
    async with world(script(answer(200, body))) as w:
        with pytest.raises(errors.Unanswered):
            await call(HistoryOperations(w.client))


async def test_an_empty_object_is_an_empty_page() -> None:
    async with world(script(answer(200, {}), answer(200, {}))) as w:
        history = HistoryOperations(w.client)
        assert (await listed(history)).meetings == []
        assert (await history.list_meeting_recordings({}, page=1, per_page=1)).records == []


async def test_members_of_a_wrong_type_read_as_absent_and_the_rest_is_kept() -> None:
    meeting = {
        "id": 7,
        "displayName": ["x"],
        "hostInfo": "nobody",
        "duration": "long",
        "participants": [None, "x", {"displayName": "Ana"}],
        "recordings": {"url": "x"},
        "notes": [[], {"status": 4}],
    }
    body = {"meetings": ["x", meeting], "paging": "none"}
    async with world(script(answer(200, body))) as w:
        page = await listed(HistoryOperations(w.client))
    [read] = page.meetings
    assert (read.id, read.display_name, read.host.display_name, read.duration) == ("7", None, None, None)
    assert [one.display_name for one in read.participants] == ["Ana"]
    assert (read.recordings, [one.status for one in read.notes]) == ([], ["4"])
    assert page.next_page_token is None
