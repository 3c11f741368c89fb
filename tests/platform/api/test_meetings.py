"""The typed operations: what each asks for, and how lists are read to their end."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.api.meetings import Listing, Operations
from ringcentral_meetings.platform.api.meetings_wire import Meeting
from scripted_http import SERVER, answer, script, world

pytestmark = pytest.mark.anyio

BASE = "/restapi/v1.0/account/~/extension/~"
LIST = f"{BASE}/meeting"


def page(*ids: str, next_uri: str | None = None, **paging: int) -> httpx.Response:
    navigation = {"nextPage": {"uri": next_uri}} if next_uri else {}
    return answer(200, {"records": [{"id": one} for one in ids], "paging": paging, "navigation": navigation})


@pytest.mark.parametrize(
    ("call", "method", "path", "body", "group"),
    [
        (lambda o: o.list_meetings(), "GET", LIST, None, "light"),
        (lambda o: o.list_meetings("1001"), "GET", "/restapi/v1.0/account/~/extension/1001/meeting", None, "light"),
        (lambda o: o.create_meeting({"topic": "x"}), "POST", LIST, {"topic": "x"}, "medium"),
        (lambda o: o.load_meeting("8/8"), "GET", f"{LIST}/8%2F8", None, "light"),
        (lambda o: o.update_meeting("88", {"topic": "x"}), "PUT", f"{LIST}/88", {"topic": "x"}, "medium"),
        (lambda o: o.delete_meeting("88"), "DELETE", f"{LIST}/88", None, "medium"),
        (lambda o: o.delete_meeting("88", occurrence_id="5"), "DELETE", f"{LIST}/88?occurrenceId=5", None, "medium"),
        (lambda o: o.end_meeting("88"), "POST", f"{LIST}/88/end", None, "medium"),
        (lambda o: o.load_meeting_service_info(), "GET", f"{LIST}/service-info", None, "light"),
        (lambda o: o.list_time_zones(), "GET", "/restapi/v1.0/dictionary/timezone", None, "light"),
        (lambda o: o.load_extension(), "GET", BASE, None, "light"),
        (lambda o: o.load_video_configuration(), "GET", f"{BASE}/video-configuration", None, "light"),
    ],
)
async def test_each_operation_asks_for_what_the_api_documents(
    call: Callable[[Operations], Awaitable[Any]], method: str, path: str, body: object, group: Any
) -> None:
    async with world(script(answer(200, {"id": "88", "records": []})), limits={"light": 1, "medium": 1}) as w:
        await call(Operations(w.client))
        [seen] = w.wire.seen
        assert (seen.method, seen.raw_path) == (method, path)
        assert (json.loads(seen.body) if seen.body else None) == body
        assert await w.limits.take(group) > 0
        assert await w.limits.take("medium" if group == "light" else "light") == 0


async def test_answers_are_read_into_models() -> None:
    async with world(script(answer(201, {"id": 88, "topic": "x"}))) as w:
        meeting = await Operations(w.client).create_meeting({})
        assert isinstance(meeting, Meeting)
        assert (meeting.id, meeting.raw) == ("88", {"id": 88, "topic": "x"})


async def test_deleting_and_ending_need_no_body_in_the_answer() -> None:
    async with world(script(answer(204, b""))) as w:
        await Operations(w.client).delete_meeting("88")
        await Operations(w.client).end_meeting("88")
        assert len(w.wire.seen) == 2


@pytest.mark.parametrize("body", [b"", b"[]", b'"x"', b"5"])
async def test_an_answer_that_is_no_object_leaves_the_outcome_open(body: bytes) -> None:
    async with world(script(answer(201, body, RCRequestId="r-1"))) as w:
        with pytest.raises(errors.Unanswered) as unanswered:
            await Operations(w.client).create_meeting({})
        assert unanswered.value.upstream == errors.Upstream(201, request_id="r-1")


async def test_the_account_is_that_of_the_settings() -> None:
    async with world(script(answer())) as w:
        await Operations(w.client, "42").load_extension()
        assert {seen.raw_path for seen in w.wire.seen} == {"/restapi/v1.0/account/42/extension/~"}


async def test_a_list_is_followed_to_its_end_and_each_meeting_is_given_once() -> None:
    pages = [
        page("1", "2", next_uri=f"{SERVER}{LIST}?page=2", page=1, totalPages=3),
        page("2", "3", next_uri=f"{LIST}?page=3"),
        page("4", page=3, totalPages=3),
    ]
    async with world(script(*pages)) as w:
        listing = await Operations(w.client).list_meetings()
        assert [meeting.id for meeting in listing.meetings] == ["1", "2", "3", "4"]
        assert listing.complete
        assert [seen.raw_path for seen in w.wire.seen] == [LIST, f"{LIST}?page=2", f"{LIST}?page=3"]


async def test_a_list_longer_than_the_bound_is_not_complete() -> None:
    pages = [page(str(n), next_uri=f"{LIST}?page={n + 1}") for n in range(1, 9)]
    async with world(script(*pages)) as w:
        listing = await Operations(w.client).list_meetings(max_pages=3)
        assert [meeting.id for meeting in listing.meetings] == ["1", "2", "3"]
        assert not listing.complete
        assert len(w.wire.seen) == 3


async def test_links_that_lead_in_a_circle_are_left() -> None:
    async with world(script(page("1", next_uri=f"{LIST}?page=2"))) as w:
        listing = await Operations(w.client).list_meetings()
        assert ([meeting.id for meeting in listing.meetings], listing.complete) == (["1"], False)
        assert len(w.wire.seen) == 2


async def test_a_last_page_that_links_to_itself_ends_the_list() -> None:
    pages = [page("1", next_uri=f"{LIST}?page=2"), page("2", next_uri=f"{LIST}?page=2", page=2, totalPages=2)]
    async with world(script(*pages)) as w:
        listing = await Operations(w.client).list_meetings()
        assert ([meeting.id for meeting in listing.meetings], listing.complete) == (["1", "2"], True)


async def test_a_list_that_only_counts_its_pages_is_asked_for_each() -> None:
    pages = [page("1", page=1, totalPages=3), page("2", page=2, totalPages=3), page("3", page=3, totalPages=3)]
    async with world(script(*pages)) as w:
        listing = await Operations(w.client).list_meetings()
        assert ([meeting.id for meeting in listing.meetings], listing.complete) == (["1", "2", "3"], True)
        assert [seen.raw_path for seen in w.wire.seen] == [LIST, f"{LIST}?page=2", f"{LIST}?page=3"]


async def test_a_server_that_gives_its_first_page_for_each_is_asked_twice() -> None:
    async with world(script(page("1", page=1, totalPages=3))) as w:
        listing = await Operations(w.client).list_meetings()
        assert ([meeting.id for meeting in listing.meetings], listing.complete) == (["1"], False)
        assert len(w.wire.seen) == 2


@pytest.mark.parametrize("odd", [{"topic": "a"}, {"id": ""}, {"id": {}}, "x", None])
async def test_a_listing_with_a_record_that_has_no_id_is_not_complete(odd: object) -> None:
    async with world(script(answer(200, {"records": [{"id": "1"}, odd]}))) as w:
        listing = await Operations(w.client).list_meetings()
        assert ([meeting.id for meeting in listing.meetings], listing.complete) == (["1"], False)


@pytest.mark.parametrize("body", [{}, {"paging": {"page": 1, "totalPages": 1, "totalElements": 0}}])
async def test_a_listing_of_nothing_may_leave_its_records_out(body: object) -> None:
    async with world(script(answer(200, body))) as w:
        assert await Operations(w.client).list_meetings() == Listing([], complete=True)


@pytest.mark.parametrize("body", [{"records": None}, {"records": {"id": "1"}}, {"errorCode": "x"}])
async def test_a_page_without_a_list_is_not_taken_for_an_empty_one(body: object) -> None:
    async with world(script(answer(200, body))) as w:
        with pytest.raises(errors.Unanswered, match="not a list"):
            await Operations(w.client).list_meetings()


@pytest.mark.parametrize("body", [{}, {"id": ""}, {"topic": "x"}])
async def test_an_answer_without_an_id_is_no_meeting(body: object) -> None:
    async with world(script(answer(200, body, RCRequestId="r-1"))) as w:
        with pytest.raises(errors.Unanswered, match="not a meeting") as unanswered:
            await Operations(w.client).load_meeting("88")
        assert unanswered.value.upstream == errors.Upstream(200, request_id="r-1")


async def test_a_next_page_on_another_host_is_not_asked_for_and_the_list_is_not_called_complete() -> None:
    async with world(script(page("1", next_uri="https://evil.example/x"))) as w:
        listing = await Operations(w.client).list_meetings()
        assert ([meeting.id for meeting in listing.meetings], listing.complete) == (["1"], False)
        assert len(w.wire.seen) == 1


async def test_time_zones_are_read_from_all_pages() -> None:
    path = "/restapi/v1.0/dictionary/timezone"
    async with world(script(page("1", next_uri=f"{path}?page=2&perPage=100"), page("101"))) as w:
        zones = await Operations(w.client).list_time_zones()
        assert [zone.id for zone in zones] == ["1", "101"]
        assert w.wire.seen[1].raw_path == f"{path}?page=2&perPage=100"


async def test_a_dictionary_of_time_zones_that_does_not_end_is_an_error() -> None:
    async with world(script(page("1", next_uri="/x?page=2"))) as w:
        with pytest.raises(errors.Unanswered, match="do not end"):
            await Operations(w.client).list_time_zones()
