"""A platform that answers with too much, too deep, too strange: a clear error or a bounded result, and no more."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from faults.jobs import JOBS, READS, TOKEN, WRITES, ZONE, Desk, Job, untouched
from faults.scripted import a_meeting, a_page, at_work_on, service_info
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES

pytestmark = pytest.mark.anyio

UNREADABLE = {
    "huge": "larger than",
    "gzip_bomb": "larger than",
    "deep": "",
    "deep=100000": "nested too deep",
    "content_type=image/png; {request} malformed": "not JSON",
    "empty=204": "not a JSON object",
    "wrong_types": "",
}


@pytest.mark.parametrize("fault", UNREADABLE)
@pytest.mark.parametrize("job", READS, ids=lambda job: job.tool)
async def test_an_answer_that_cannot_be_read_is_said_to_be_so_and_the_next_call_works(
    desk: Desk, job: Job, fault: str
) -> None:
    desk.strike(f"{job.request} {fault.format(request=job.request)}")
    answer = await job.run(desk)
    if answer.is_error:
        assert (answer.code, answer.problem["retryable"]) == ("upstream_unavailable", True), answer.text
        assert UNREADABLE[fault] in answer.problem["message"]
        assert job.sends(desk) == 1
    else:
        assert fault in ("wrong_types", "deep")
        assert len(answer.text) < 2_000
    desk.simulator.faults.clear()
    assert job.claims(desk, (await job.run(desk)).data)


@pytest.mark.parametrize("fault", ["huge", "gzip_bomb", "deep", "deep=100000", "wrong_types", "empty=204"])
@pytest.mark.parametrize("job", WRITES, ids=lambda job: job.tool)
async def test_a_write_whose_answer_cannot_be_read_is_looked_up_and_not_repeated(
    desk: Desk, job: Job, fault: str
) -> None:
    desk.strike(f"{job.request} {fault}")
    answer = await job.run(desk)
    assert job.claims(desk, answer.data) or "topic" in answer.data["differs"], answer.text
    assert job.happened(desk)
    assert job.sends(desk) == 1


@pytest.mark.parametrize("tool", JOBS)
async def test_a_redirect_is_not_followed_and_no_other_host_is_asked(desk: Desk, tool: str) -> None:
    for location in ("https://elsewhere.example/restapi", "//elsewhere.example/x", "/restapi/v1.0/other"):
        desk.strike(f"{JOBS[tool].request} redirect={location}")
        answer = await JOBS[tool].run(desk)
        assert (answer.code, answer.problem["retryable"]) == ("upstream_unavailable", False)
        assert "elsewhere" not in answer.text
    assert {call.headers["host"] for call in desk.simulator.calls} == {"simulator.invalid"}
    assert JOBS[tool].sends(desk) == 3
    assert untouched(desk)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 503])
@pytest.mark.parametrize("tool", JOBS)
async def test_an_error_that_repeats_the_token_does_not_get_through(desk: Desk, tool: str, status: int) -> None:
    desk.strike(f"{JOBS[tool].request} echo_token={status}")
    answer = await JOBS[tool].run(desk)
    tokens = {
        call.headers["authorization"].partition(" ")[2] for call in desk.simulator.calls if TOKEN not in call.path
    }
    assert tokens
    assert not any(token in answer.text for token in tokens)
    assert "Bearer" not in answer.text


async def test_a_next_page_on_another_host_is_not_asked_for() -> None:
    hosts = set()

    def script(request: httpx.Request) -> Any:
        hosts.add(request.url.host)
        return a_page(a_meeting()) | {"navigation": {"nextPage": {"uri": "https://elsewhere.example/meeting?page=2"}}}

    async with at_work_on(script) as assistant:
        page = (await assistant.call("list_meetings", window_end="2027-02-01")).data
        assert page["incomplete"] is True
        assert {row["meeting_id"] for row in page["meetings"]} == {a_meeting()["id"]}
    assert hosts == {"simulator.invalid"}


async def test_pages_that_never_end_are_left_after_ten_and_the_answer_says_so() -> None:
    asked = []

    def script(request: httpx.Request) -> Any:
        asked.append(str(request.url))
        uri = f"https://simulator.invalid{request.url.path}?page={len(asked) + 1}"
        meeting = a_meeting() | {"id": str(len(asked))}
        return a_page(meeting) | {"navigation": {"nextPage": {"uri": uri}}, "paging": {}}

    async with at_work_on(script) as assistant:
        page = (await assistant.call("list_meetings")).data
    assert page["incomplete"] is True
    assert len(asked) == 10


def _single(number: int) -> dict[str, Any]:
    schedule = {
        "startTime": f"2026-11-{24 + number % 6}T{number % 24:02}:00:00Z",
        "durationInMinutes": 30,
        "timeZone": {"name": ZONE},
    }
    links = {"joinUri": f"https://meetings.example/j/{number}?pwd={'x' * 300}"}
    return {"id": str(number), "topic": f"{number} {'long ' * 60}", "schedule": schedule, "links": links}


async def test_a_list_of_five_thousand_meetings_is_told_in_bounded_pages_that_hold_each_one_once() -> None:
    body = a_page(*(_single(number) for number in range(5_000)))
    async with at_work_on(lambda _: body) as assistant:
        seen: list[str] = []
        more: dict[str, Any] = {}
        whole = await assistant.call("list_meetings", limit=100)
        assert (whole.data["total"], len(whole.text.encode()) <= MAX_RESULT_BYTES) == (5_000, True)
        while True:
            answer = await assistant.call("list_meetings", limit=100, query="77", **more)
            assert len(answer.text.encode()) <= MAX_RESULT_BYTES
            seen += [row["meeting_id"] for row in answer.data["meetings"]]
            if "next_page_token" not in answer.data:
                break
            more = {"page_token": answer.data["next_page_token"]}
    assert answer.data["total"] == len(seen) == len(set(seen)) == sum("77" in str(number) for number in range(5_000))


async def test_thousands_of_dial_in_numbers_and_countries_stay_within_the_size_of_a_result() -> None:
    info = service_info()
    number = info["dialInNumbers"][0]
    info["dialInNumbers"] = [
        number | {"location": "x" * 5_000, "country": {"isoCode": f"C{index}", "name": "y" * 5_000}}
        for index in range(700)
    ]
    async with at_work_on(lambda _: info) as assistant:
        for arguments in ({}, {"country": "C5"}):
            answer = await assistant.call("get_meeting_service_info", **arguments)
            assert len(answer.text.encode()) <= MAX_RESULT_BYTES


async def test_a_meeting_of_endless_texts_stays_within_the_size_of_a_result() -> None:
    meeting = a_meeting() | {"topic": "t" * 60_000, "password": "p" * 60_000, "alternativeHosts": "h," * 30_000}
    meeting["globalDialInCountries"] = ["US"] * 20_000
    meeting["links"]["joinUri"] = "https://meetings.example/j/" + "1" * 60_000
    async with at_work_on(lambda _: meeting) as assistant:
        answer = await assistant.call("get_meeting", meeting_id="1234567890")
        assert len(answer.text.encode()) <= MAX_RESULT_BYTES


def places_in(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places_in(inner, (*path, key))


def with_member(body: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return changed


STRANGE: list[Any] = [None, -1, 10**18, 1e308, "7" * 5_000, "\x00\u202e\ud83d", [None, 7, "x", {}], {"id": []}]
STRANGE += ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"]
FINE = (None, "upstream_unavailable")


@pytest.mark.parametrize("path", list(places_in(a_meeting())), ids=lambda path: ".".join(map(str, path)))
async def test_a_meeting_with_one_strange_member_is_read_or_refused_but_never_a_fault_of_ours(
    path: tuple[str | int, ...],
) -> None:
    answers: dict[str, Any] = {}

    def script(request: httpx.Request) -> httpx.Response:
        listed = request.url.path.endswith("/meeting")
        shown: Any = a_page(answers["now"]) if listed else answers["now"]
        if "/dictionary/" in request.url.path:
            shown = a_page({"id": "58", "name": ZONE})
        return httpx.Response(200, content=json.dumps(shown))

    async with at_work_on(script) as assistant:
        for strange in STRANGE:
            answers["now"] = with_member(a_meeting(), path, strange)
            read = await assistant.call("get_meeting", meeting_id="1234567890")
            listed = await assistant.call("list_meetings")
            assert read.code in FINE, (strange, read.text)
            assert listed.code in FINE, (strange, listed.text)
            assert max(len(read.text), len(listed.text)) <= MAX_RESULT_BYTES


@pytest.mark.parametrize("path", list(places_in(service_info())), ids=lambda path: ".".join(map(str, path)))
async def test_service_info_with_one_strange_member_is_read_or_refused_but_never_a_fault_of_ours(
    path: tuple[str | int, ...],
) -> None:
    answers: dict[str, Any] = {}
    async with at_work_on(lambda _: answers["now"]) as assistant:
        for strange in STRANGE:
            answers["now"] = with_member(service_info(), path, strange)
            answer = await assistant.call("get_meeting_service_info")
            assert answer.code in FINE, (strange, answer.text)
            assert "\u202e" not in answer.text
            assert "\\u0000" not in answer.text
