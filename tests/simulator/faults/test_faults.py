"""The faults, through the in-process transport."""

import json
from typing import Any

import httpx
import pytest

from ringcentral_meetings.simulator import Faults, Simulator
from simulator.support import Caller, Clock, code, schedule

pytestmark = pytest.mark.anyio

BODY = {"topic": "x", "schedule": schedule()}


async def test_a_status_fault_answers_in_the_apis_form_and_the_call_does_not_land(
    simulator: Simulator, caller: Caller
) -> None:
    for status, expected in ((500, "CMN-203"), (501, "CMN-202"), (502, "CMN-201"), (503, "CMN-201"), (418, "CMN-101")):
        simulator.faults.add("status", status=status, method="POST", times=1)
        assert code(await caller.create(**BODY)) == (status, expected)
    assert simulator.meetings() == []
    assert simulator.calls[-1].status == 418


async def test_a_status_fault_may_land_all_the_same_and_say_what_it_likes(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.add("status", status=503, lands=True, code="CMN-211", message="Limited", retry_after=7)
    answer = await caller.create(**BODY)
    assert code(answer) == (503, "CMN-211")
    assert answer.json()["message"] == "Limited"
    assert answer.headers["Retry-After"] == "7"
    assert len(simulator.meetings()) == 1


@pytest.mark.parametrize(("retry_after", "header"), [(60, "60"), (None, None), ("soon", "soon")])
async def test_a_rate_limit_fault_comes_with_and_without_retry_after(
    simulator: Simulator, caller: Caller, retry_after: Any, header: str | None
) -> None:
    simulator.faults.add("rate_limit", retry_after=retry_after)
    answer = await caller.get("meeting")
    assert code(answer) == (429, "CMN-301")
    assert answer.headers.get("Retry-After") == header


async def test_bodies_can_be_spoilt_in_many_ways(simulator: Simulator, caller: Caller) -> None:
    await caller.created(**BODY)

    async def spoilt(kind: str, **detail: Any) -> httpx.Response:
        simulator.faults.clear()
        simulator.faults.add(kind, **detail)
        return await caller.get("meeting")

    html = await spoilt("html")
    assert html.status_code == 502
    assert html.headers["Content-Type"] == "text/html"
    assert b"<html>" in html.content
    empty = await spoilt("empty")
    assert (empty.status_code, empty.content) == (200, b"")
    assert (await spoilt("empty", status=502)).status_code == 502
    malformed = await spoilt("malformed")
    assert malformed.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        malformed.json()
    plain = await spoilt("content_type")
    assert plain.headers["Content-Type"] == "text/plain"
    assert plain.json()["records"]
    with pytest.raises(RecursionError):
        (await spoilt("deep")).json()
    wrong = (await spoilt("wrong_types")).json()
    assert isinstance(wrong["records"][0]["id"], int)
    assert isinstance(wrong["records"][0]["schedule"], list)
    assert isinstance(wrong["records"][0]["audioOptions"], dict)
    assert isinstance(wrong["records"][0]["enableWaitingRoom"], dict)
    assert isinstance(wrong["paging"], list)
    redirect = await spoilt("redirect")
    assert redirect.status_code == 302
    assert redirect.headers["Location"] == "https://elsewhere.example/restapi"
    echo = await spoilt("echo_token")
    assert caller.client.headers["Authorization"] in echo.json()["message"]


async def test_wrong_types_of_answers_that_are_no_list(simulator: Simulator, caller: Caller) -> None:
    meeting = await caller.created(**BODY)
    simulator.faults.add("wrong_types")
    assert (await caller.get(f"meeting/{meeting['id']}")).json()["id"] == 7
    answer = await caller.call("DELETE", f"meeting/{meeting['id']}")
    assert answer.content == b""
    simulator.faults.add("html", times=1)
    assert "<html>" in (await caller.get("meeting")).text


async def test_wrong_types_leave_a_malformed_answer_as_it_is(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.add("malformed")
    simulator.faults.add("wrong_types")
    assert (await caller.get("meeting")).content.startswith(b'{"records": [{')


async def test_a_huge_body_and_a_bomb_are_streamed(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.add("huge", megabytes=3, times=1)
    assert len((await caller.get("meeting")).content) == 3 * 1_048_576
    simulator.faults.add("gzip_bomb", megabytes=20)
    async with caller.client.stream("GET", "/restapi/v1.0/dictionary/timezone") as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert int(answer.headers["Content-Length"]) < 100_000
        unpacked = 0
        async for piece in answer.aiter_bytes():
            unpacked += len(piece)
    assert unpacked == 20 * 1_048_576


async def test_the_default_huge_body_is_fifty_megabytes(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.add("huge")
    async with caller.client.stream("GET", "/restapi/v1.0/dictionary/timezone") as answer:
        assert int(answer.headers["Content-Length"]) == 50 * 1_048_576


async def test_a_dripping_body_takes_a_second_a_byte(simulator: Simulator, caller: Caller, clock: Clock) -> None:
    simulator.faults.add("drip")
    before = clock()
    answer = await caller.get("video-configuration")
    assert clock() - before == len(answer.content)
    assert answer.json()["provider"] == "RCMeetings"
    simulator.faults.clear()
    simulator.faults.add("drip", seconds=10)
    with pytest.raises(httpx.ReadTimeout):
        await caller.get("video-configuration")


async def test_latency_passes_on_the_simulators_sleep_or_times_out_at_once(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    simulator.faults.add("latency", seconds=4.0)
    before = clock()
    assert (await caller.get("meeting", timeout=5)).status_code == 200
    assert clock() - before == 4
    with pytest.raises(httpx.ReadTimeout):
        await caller.call("POST", "meeting", json=BODY, timeout=3)
    assert clock() - before == 4
    assert len(simulator.meetings()) == 1
    assert (await caller.get("meeting", timeout=None)).status_code == 200


@pytest.mark.parametrize(
    ("kind", "detail", "error", "landed"),
    [
        ("refused", {}, httpx.ConnectError, 0),
        ("drop_before", {}, httpx.RemoteProtocolError, 0),
        ("drop_before", {"error": "read"}, httpx.ReadError, 0),
        ("drop_after", {}, httpx.RemoteProtocolError, 1),
        ("drop_after", {"error": "timeout"}, httpx.ReadTimeout, 1),
        ("truncated", {}, httpx.RemoteProtocolError, 1),
        ("truncated", {"bytes": 0}, httpx.RemoteProtocolError, 1),
    ],
)
async def test_a_connection_breaks_before_or_after_the_write_lands(
    simulator: Simulator, caller: Caller, kind: str, detail: dict[str, Any], error: type[Exception], landed: int
) -> None:
    simulator.faults.add(kind, method="POST", path="/meeting$", times=1, **detail)
    with pytest.raises(error):
        await caller.create(**BODY)
    assert len(simulator.meetings()) == landed
    assert simulator.calls[-1].status == (201 if kind == "truncated" else 0)
    assert (await caller.create(**BODY)).status_code == 201


@pytest.mark.parametrize("status", [None, 500, 503])
async def test_a_write_is_carried_out_some_seconds_after_its_connection_broke_or_an_error_was_answered(
    simulator: Simulator, caller: Caller, clock: Clock, status: int | None
) -> None:
    simulator.faults.add("late", method="POST", path="/meeting$", times=1, status=status)
    if status is None:
        with pytest.raises(httpx.RemoteProtocolError):
            await caller.create(**BODY)
    else:
        assert code(await caller.create(**BODY))[0] == status
    assert await caller.listed() == []
    clock.turn(seconds=1.9)
    assert await caller.listed() == []
    clock.turn(seconds=0.1)
    assert await caller.listed() == ["x"]
    clock.turn(seconds=60)
    assert await caller.listed() == ["x"]


async def test_what_was_put_off_can_be_carried_out_at_once(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.add("late", method="POST", path="/meeting$", times=1, seconds=3600)
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.create(**BODY)
    await simulator.carry_out_late()
    assert await caller.listed() == ["x"]


@pytest.mark.parametrize(("kind", "expected"), [("token_expired", "OAU-128"), ("token_revoked", "OAU-129")])
async def test_a_token_dies_until_the_next_sign_in(
    simulator: Simulator, caller: Caller, kind: str, expected: str
) -> None:
    simulator.faults.add(kind, times=1)
    assert code(await caller.get("meeting")) == (401, expected)
    assert code(await caller.get("meeting")) == (401, expected)
    await caller.log_in_again()
    assert (await caller.get("meeting")).status_code == 200


async def test_a_permission_is_withdrawn_from_the_calls_that_are_struck(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.add("permission_withdrawn", times=1)
    assert code(await caller.get("meeting")) == (403, "CMN-408")
    assert (await caller.get("meeting")).status_code == 200


async def test_a_skewed_clock_shows_in_the_date_and_lets_tokens_expire(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    simulator.faults.add("clock_skew", seconds=-600, times=1)
    assert (await caller.get("meeting")).headers["Date"] == "Tue, 20 Oct 2026 11:50:00 GMT"
    simulator.faults.add("clock_skew", seconds=3600, times=1)
    assert code(await caller.get("meeting")) == (401, "OAU-128")
    assert (await caller.get("meeting")).headers["Date"] == "Tue, 20 Oct 2026 12:00:00 GMT"


async def test_a_fault_strikes_the_calls_that_it_is_meant_for(simulator: Simulator, caller: Caller) -> None:
    simulator.faults.add("status", method="GET", path=r"/meeting$", after=1, times=2)
    statuses = [(await caller.get("meeting")).status_code for _ in range(4)]
    assert statuses == [200, 500, 500, 200]
    assert (await caller.create(**BODY)).status_code == 201
    simulator.faults.add("status", path="a b")
    assert (await caller.get("meeting/a%20b")).status_code == 500
    simulator.faults.clear()
    assert (await caller.get("meeting/a%20b")).status_code == 404


def strikes(faults: Faults, calls: int = 200) -> list[bool]:
    return [bool(faults.striking("GET", "/x")) for _ in range(calls)]


def test_a_probability_is_repeatable_by_its_seed() -> None:
    def one(own: int, **detail: Any) -> list[bool]:
        faults = Faults(own)
        faults.add("status", probability=0.3, **detail)
        return strikes(faults)

    assert one(1) == one(1)
    assert one(1) != one(2)
    assert one(1, seed=9) == one(2, seed=9)
    assert 30 < sum(one(1)) < 90


def test_a_text_describes_faults() -> None:
    faults = Faults.parse(
        "POST /meeting$ drop_after x1; GET .* status=503 p=0.2 seed=7; ;"
        "* /token latency=2.5 after=1; /zone rate_limit retry_after=none; PUT /m status=504 lands code=CMN-211"
    )
    assert faults.striking("POST", "/a/meeting")[0].kind == "drop_after"
    assert faults.striking("POST", "/a/meeting") == []
    again = Faults.parse("GET /x status=503 p=0.2 seed=7")
    assert 20 < sum(strikes(again)) < 60
    assert faults.striking("DELETE", "/token") == []
    (latency,) = faults.striking("DELETE", "/token")
    assert latency.detail == {"seconds": 2.5}
    assert faults.striking("PATCH", "/zone")[0].detail["retry_after"] is None
    (status,) = faults.striking("PUT", "/m")
    assert status.detail == {"status": 504, "code": "CMN-211", "message": "", "retry_after": None, "lands": True}
    assert Faults.parse("/x drop_before=read; /x status=500 lands=no").striking("GET", "/x")[0].detail == {
        "error": "read"
    }


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("GET", "no path in 'GET'"),
        ("GET /x", "no fault named in 'GET /x'"),
        ("GET /x explode", "unknown fault: 'explode'"),
        ("GET /x x3 status=5 p=often", "not a number: 'p=often'"),
        ("GET /x deep after=some", "not a number: 'after=some'"),
        ("GET /x status p=1.5", "not a probability: 1.5"),
        ("GET /x status=abc", "status: invalid value for status: 'abc'"),
        ("GET /x status=none", "status: invalid value for status: None"),
        ("GET /x latency=yes", "latency: invalid value for seconds: True"),
        ("GET /x status lands=5", "status: invalid value for lands: 5"),
        ("GET /x drop_after=softly", "drop_after: invalid value for error: 'softly'"),
        ("GET /x rate_limit=1.5", "rate_limit: invalid value for retry_after: 1.5"),
        ("GET /x truncated=half", "truncated: invalid value for bytes: 'half'"),
        ("GET /x malformed=1", "malformed takes no value: 'malformed=1'"),
        ("GET /x malformed status=5", "malformed takes no 'status' (it takes nothing)"),
        ("GET /x status=500 colour=red", "status takes no 'colour'"),
        ("GET ( status", "not a regular expression: '('"),
    ],
)
def test_a_bad_text_is_refused_naming_the_part(text: str, part: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011  (the message is compared as a whole part below)
        Faults.parse(text)
    assert part in str(caught.value)


def test_a_fault_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown fault: 'flood'"):
        Faults().add("flood")
    with pytest.raises(ValueError, match="unknown method: 'FETCH'"):
        Faults().add("status", method="FETCH")
