"""Odd records of the platform: none makes a fault of ours, none hides the records beside it."""

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant import Assistant, Product
from faults.jobs import ZONE
from faults.scripted import INSIGHTS, PAST_ID, a_meeting, a_page, a_past_meeting, at_work_on, insights, service_info
from faults.test_hostile_answers import FINE, places_in, with_member
from faults.test_hostile_past import RECORD
from faults.test_hostile_rooms import BRIDGE_ID, a_room
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES

pytestmark = pytest.mark.anyio

MOMENTS = (
    "0001-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "9998-12-31T23:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-12:00",
    "2027-03-01",
    "2027-03-01T09:00:00",
    "2026-11-24T15:00:00.123456789Z",
    "2027-02-30T00:00:00Z",
    "1795000000000",
    "tomorrow",
)
NUMBERS = (0, -1, 1e30, -1e30, 2_000_000_000, 525_600, 10**18, 2**63, 1.5, 1e308, 10_001, 366, 31.0, 32)
ODD = st.one_of(
    st.sampled_from(MOMENTS),
    st.sampled_from(NUMBERS),
    st.sampled_from([None, True, "", " ", [], {}, [None], "Daily", "Monthly", "Yearly", "Last", "Sunday", "Scheduled"]),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=20),
    st.lists(st.one_of(st.none(), st.integers(-9, 9), st.text(max_size=5)), max_size=3),
)
EXAMPLES = settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=False
)
OF_TIME = {"schedule", "recurrence", "occurrences"}
GOOD = a_meeting() | {"id": "2222222222", "topic": "Good"}


def odd(body: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """The body with up to four members that are odd together."""
    paths = list(places_in(body))
    paths += [path for path in paths if path[0] in OF_TIME and len(path) > 1] * 5

    def changed(changes: list[tuple[tuple[str | int, ...], Any]]) -> dict[str, Any]:
        result = body
        for path, value in changes:
            try:
                result = with_member(result, path, value)
            except (KeyError, IndexError, TypeError):
                continue  # an outer member was changed before
        return result

    return st.lists(st.tuples(st.sampled_from(paths), ODD), min_size=1, max_size=4).map(changed)


def answering(shown: Callable[[str], Any]) -> Callable[[httpx.Request], httpx.Response]:
    def script(request: httpx.Request) -> httpx.Response:
        body = a_page({"id": "58", "name": ZONE}) if "/dictionary/" in request.url.path else shown(request.url.path)
        return httpx.Response(200, content=json.dumps(body))

    return script


async def all_fine(assistant: Assistant, *calls: tuple[str, dict[str, Any]]) -> None:
    for tool, arguments in calls:
        answer = await assistant.call(tool, **arguments)
        assert answer.code in FINE, answer.text
        assert len(answer.text.encode()) <= MAX_RESULT_BYTES


@EXAMPLES
@given(odd(a_meeting()))
async def test_an_odd_meeting_is_read_or_refused_and_hides_no_other(body: dict[str, Any]) -> None:
    def shown(path: str) -> Any:
        if path.endswith("/meeting"):
            return a_page(body, GOOD)
        return service_info() if path.endswith("/service-info") else body

    async with at_work_on(answering(shown)) as assistant:
        listed = await assistant.call("list_meetings", query="good")
        assert {row["meeting_id"] for row in listed.data["meetings"]} >= {GOOD["id"]}
        await all_fine(
            assistant,
            ("list_meetings", {}),
            ("list_meetings", {"window_start": "2026-11-24", "window_end": "2028-11-24", "time_zone": "Asia/Tokyo"}),
            ("find_meeting_times", {"duration_minutes": 30, "time_zone": "America/Los_Angeles"}),
            ("get_meeting", {"meeting_id": "1234567890"}),
            ("get_meeting_invitation", {"meeting_id": "1234567890"}),
        )


@EXAMPLES
@given(odd(a_meeting()))
async def test_an_odd_meeting_keeps_nobody_from_making_another(body: dict[str, Any]) -> None:
    made = {**a_meeting(), "id": "3", "topic": "New", "meetingType": "Scheduled", "occurrences": [], "recurrence": None}
    schedule = {"startTime": "2026-12-01T15:00:00Z", "durationInMinutes": 60, "timeZone": {"id": "58", "name": ZONE}}

    def script(request: httpx.Request) -> httpx.Response:
        is_post = request.method == "POST"
        dictionary = a_page({"id": "58", "name": ZONE})
        shown = made | {"schedule": schedule} if is_post else a_page(body)
        shown = dictionary if "/dictionary/" in request.url.path else shown
        return httpx.Response(200, content=json.dumps(shown))

    async with at_work_on(script) as assistant:
        start = {"start_time": "2026-12-01T10:00", "time_zone": "America/New_York"}
        answer = await assistant.call("create_meeting", topic="New", **start)
        assert answer.data["created"] is True


@EXAMPLES
@given(odd(a_room()))
async def test_an_odd_room_is_read_or_refused(body: dict[str, Any]) -> None:
    numbers = {"phoneNumbers": [{"phoneNumber": "+15550100"}]}
    async with at_work_on(answering(lambda path: numbers if "conferencing" in path else body), product="video") as a:
        await all_fine(
            a,
            ("get_meeting", {"meeting_id": BRIDGE_ID}),
            ("get_meeting_service_info", {}),
            ("get_meeting_invitation", {"meeting_id": BRIDGE_ID, "start_time": "2026-11-30T09:00"}),
        )


@EXAMPLES
@given(odd({"meeting": a_past_meeting(), "heard": insights("One.", "Two.")}))
async def test_an_odd_past_meeting_of_video_is_shown_or_refused_and_hides_no_other(now: dict[str, Any]) -> None:
    good = a_past_meeting(id="good-id", displayName="Good")

    def shown(path: str) -> Any:
        if path.endswith("/meetings"):
            return {"meetings": [now.get("meeting"), good], "paging": {}}
        return now.get("heard") if path.endswith(INSIGHTS) else now.get("meeting")

    async with at_work_on(answering(shown), product="video") as assistant:
        listed = await assistant.call("list_past_meetings")
        assert "good-id" in {row["past_meeting_id"] for row in listed.data["meetings"]}
        await all_fine(assistant, ("get_past_meeting", {"past_meeting_id": PAST_ID, "transcript": True}))


@EXAMPLES
@given(odd(RECORD))
async def test_an_odd_recording_is_shown_or_refused_and_hides_no_other(record: dict[str, Any]) -> None:
    good = RECORD | {"meeting": RECORD["meeting"] | {"id": "99", "uuid": "good", "topic": "Good"}}  # type: ignore[operator]
    async with at_work_on(answering(lambda _: a_page(record, good))) as assistant:
        listed = await assistant.call("list_past_meetings")
        assert "99:good" in {row["past_meeting_id"] for row in listed.data["meetings"]}
        await all_fine(assistant, ("get_past_meeting", {"past_meeting_id": "99:good"}))


@EXAMPLES
@given(odd(service_info()))
async def test_odd_service_information_is_shown_or_refused(body: dict[str, Any]) -> None:
    async with at_work_on(answering(lambda _: body)) as assistant:
        await all_fine(assistant, ("get_meeting_service_info", {}), ("get_meeting_service_info", {"country": "US"}))


PERSON = {"id": "1", "name": "Robin", "regionalSettings": {"timezone": {"id": "58", "name": ZONE, "bias": "-300"}}}


@pytest.mark.parametrize("product", ["meetings", "video"])
@EXAMPLES
@given(odd({"person": PERSON, "provider": {"provider": "RCMeetings"}, "check": {"successful": True}}))
async def test_an_odd_person_is_shown_or_refused(product: Product, now: dict[str, Any]) -> None:
    def shown(path: str) -> Any:
        kind = "provider" if "video-configuration" in path else "check" if path.endswith("/check") else "person"
        return now.get(kind)

    async with at_work_on(answering(shown), product=product, time_zone=None) as assistant:
        await all_fine(assistant, ("get_connection_status", {}), ("get_connection_status", {"check": "full"}))


@EXAMPLES
@given(odd(a_page(GOOD) | {"navigation": {"nextPage": {"uri": "https://simulator.invalid/x?page=2"}}}))
async def test_an_odd_page_is_a_list_or_refused(page: dict[str, Any]) -> None:
    async with at_work_on(answering(lambda _: page)) as assistant:
        await all_fine(assistant, ("list_meetings", {}), ("find_meeting_times", {"duration_minutes": 30}))


RULE, SCHEDULE = a_meeting()["recurrence"] | {"count": None}, a_meeting()["schedule"]
SINGLE: dict[str, Any] = {"meetingType": "Scheduled", "recurrence": None, "occurrences": []}
ODD_SERIES: dict[str, dict[str, Any]] = {
    "an end in year 1": {"recurrence": RULE | {"until": "0001-01-01T00:00:00Z"}},
    "an end that is none": {"recurrence": RULE | {"until": "soon"}},
    "an interval of 1e30": {"recurrence": RULE | {"interval": 1e30}},
    "an interval of words": {"recurrence": RULE | {"interval": "often"}},
    "an interval beyond 64 bits": {"recurrence": RULE | {"interval": 2**63}},
    "a count beyond 64 bits": {"recurrence": RULE | {"count": 2**63}},
    "a count below nothing": {"recurrence": RULE | {"count": -1}},
    "the 32nd of a month": {"recurrence": {"frequency": "Monthly", "monthlyByDay": 32}},
    "a day beyond 64 bits": {"recurrence": {"frequency": "Monthly", "monthlyByDay": 2**63}},
}
ODD_LENGTHS: dict[str, dict[str, Any]] = {
    "a length of 2e9 minutes": {"schedule": SCHEDULE | {"durationInMinutes": 2_000_000_000}},
    "a length of 1e30 minutes": {"schedule": SCHEDULE | {"durationInMinutes": 1e30}},
    "a single meeting of 2e9 minutes": SINGLE | {"schedule": SCHEDULE | {"durationInMinutes": 2_000_000_000}},
    "a date of 2e9 minutes": {
        "occurrences": [{"id": "1", "startTime": "2026-11-24T15:00:00Z", "durationInMinutes": 2e9}]
    },
    "a date in year 1": {"occurrences": [{"id": "1", "startTime": "0001-01-01T00:00:00Z"}]},
}
ODD_STARTS: dict[str, dict[str, Any]] = {
    "a start in 9998": {"occurrences": [], "schedule": SCHEDULE | {"startTime": "9998-12-31T23:00:00Z"}},
    "a start in year 1": SINGLE | {"schedule": SCHEDULE | {"startTime": "0001-01-01T00:00:00Z"}},
}


@pytest.mark.parametrize("name", [*ODD_SERIES, *ODD_LENGTHS, *ODD_STARTS])
async def test_what_no_calendar_computes_with_is_said_to_be_unread_and_hides_no_other(name: str) -> None:
    body = a_meeting() | {"occurrences": []} | (ODD_SERIES | ODD_LENGTHS | ODD_STARTS)[name]

    def shown(path: str) -> Any:
        if path.endswith("/meeting"):
            return a_page(body, GOOD)
        return service_info() if path.endswith("/service-info") else body

    meeting_id = body["id"]
    echo = {"meeting_id": meeting_id, "expected_topic": "Budget", "expected_start": "2026-11-24T10:00"}
    async with at_work_on(answering(shown)) as assistant:
        listed = (await assistant.call("list_meetings")).data
        assert listed["incomplete"] is True
        assert GOOD["id"] in {row["meeting_id"] for row in listed["meetings"]}
        read = await assistant.call("get_meeting", meeting_id=meeting_id)
        if name in ODD_SERIES:
            assert "could not be read" in read.data["meeting"]["repeats"]
            assert "recurrence" not in read.data
        assert read.is_error == (name in ODD_STARTS)
        await all_fine(
            assistant,
            ("get_meeting_invitation", {"meeting_id": meeting_id}),
            ("find_meeting_times", {"duration_minutes": 30, "time_zone": "Asia/Tokyo"}),
        )
        for tool, arguments in (
            ("create_meeting", {"topic": "New", "start_time": "2026-12-01T10:00"}),
            ("update_meeting", {"meeting_id": meeting_id, "topic": "Other"}),
            ("delete_meeting", echo | {"scope": "series"}),
        ):
            assert (await assistant.call(tool, **arguments)).code != "internal_error"


@pytest.mark.parametrize(
    ("until", "end"),
    [
        ("2027-03-01", "2027-03-02T04:59:59Z"),
        ("2027-03-01T09:00:00", "2027-03-01T14:00Z"),
        ("2027-03-01T09:00:00Z", "2027-03-01T09:00Z"),
        ("9999-12-31T23:59:59Z", "9998-01-01T00:00Z"),
    ],
)
async def test_an_end_that_is_told_as_a_date_or_without_a_zone_is_that_of_the_meetings_own_zone(
    until: str, end: str
) -> None:
    body = a_meeting() | {"occurrences": [], "recurrence": RULE | {"until": until}}
    async with at_work_on(answering(lambda _: body)) as assistant:
        read = (await assistant.call("get_meeting", meeting_id=body["id"])).data
    assert read["recurrence"]["until"] == end


async def test_a_series_whose_rule_cannot_be_read_is_not_said_to_repeat_not_at_all() -> None:
    body = a_meeting() | {"occurrences": [], "recurrence": RULE | {"frequency": "Yearly"}}
    async with at_work_on(answering(lambda _: body)) as assistant:
        refused = await assistant.call("update_meeting", meeting_id=body["id"], recurrence={"count": 3})
    assert refused.problem["message"].startswith("recurrence.frequency: is required: the rule")
    assert "cannot be read" in refused.problem["message"]


async def test_a_dictionary_of_zones_that_cannot_be_read_hides_no_meeting() -> None:
    foreign = a_meeting() | {"id": "7", "schedule": SCHEDULE | {"timeZone": {"id": "900", "name": "Nowhere"}}}

    def script(request: httpx.Request) -> httpx.Response:
        if "/dictionary/" in request.url.path:
            return httpx.Response(200, content="no JSON")
        return httpx.Response(200, content=json.dumps(a_page(foreign, GOOD)))

    async with at_work_on(script) as assistant:
        listed = (await assistant.call("list_meetings")).data
    assert {row["meeting_id"] for row in listed["meetings"]} == {"7", GOOD["id"]}
    assert listed["incomplete"] is True


async def test_a_later_page_that_cannot_be_read_spoils_itself_alone() -> None:
    def script(request: httpx.Request) -> httpx.Response:
        if request.url.params.get("page") == "2":
            return httpx.Response(200, content="<html>")
        uri = f"https://simulator.invalid{request.url.path}?page=2"
        return httpx.Response(200, content=json.dumps(a_page(GOOD) | {"navigation": {"nextPage": {"uri": uri}}}))

    async with at_work_on(script) as assistant:
        listed = (await assistant.call("list_meetings")).data
    assert GOOD["id"] in {row["meeting_id"] for row in listed["meetings"]}
    assert listed["incomplete"] is True
