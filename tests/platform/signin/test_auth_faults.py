"""Sign-ins that fail, and what that does to the calls waiting for them."""

from typing import Any

import anyio
import httpx
import pytest

from ringcentral_meetings import errors
from scripted_http import (
    FakeClock,
    Handler,
    answer,
    at_once,
    limited,
    never,
    numbered,
    refusing,
    script,
    token,
    world,
)

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (400, {"error": "invalid_grant", "errors": [{"errorCode": "OAU-211"}]}, "session_expired"),
        (401, {"error": "invalid_client", "errors": [{"errorCode": "OAU-153"}]}, "not_signed_in"),
        (400, {"error": "unauthorized_client", "errors": [{"errorCode": "OAU-251"}]}, "app_permission_missing"),
        (400, {"error": "invalid_client", "errors": [{"errorCode": "CMN-408"}]}, "user_permission_missing"),
        (403, {"error": 7, "errors": "no"}, "upstream_unavailable"),
        (302, b"<html>", "upstream_unavailable"),
        (404, b"<html>", "upstream_unavailable"),
    ],
)
async def test_a_refused_sign_in_says_why(status: int, body: object, code: str) -> None:
    async with world(refusing(script(answer(status, body, RCRequestId="r-1"))), signing_in=True) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.code == code
        assert refused.value.upstream is not None
        assert refused.value.upstream.request_id == "r-1"
        assert w.wire.calls == []


def slow(handler: Handler, clock: FakeClock) -> Handler:
    """The same answers, each taking a tenth of a second."""

    def later(request: httpx.Request) -> httpx.Response:
        clock.time += 0.1
        given = handler(request)
        assert isinstance(given, httpx.Response)
        return given

    return later


async def test_calls_waiting_for_a_sign_in_share_its_failure_and_the_next_call_tries_again() -> None:
    async with world(refusing(script(answer(400, {"error": "invalid_grant"}), token())), signing_in=True) as w:
        w.wire.handler = slow(w.wire.handler, w.clock)
        results = await at_once(30, w.get)
        assert [getattr(result, "code", None) for result in results] == ["session_expired"] * 30
        assert len({id(result) for result in results}) == 30
        assert len(w.wire.sign_ins) == 1
        assert await w.get() == {}
        assert len(w.wire.sign_ins) == 2


async def test_a_failed_renewal_in_a_storm_of_401_is_tried_once() -> None:
    sign_in = script(token(), answer(400, {"error": "invalid_grant"}))
    async with world(refusing(sign_in, answer(401)), signing_in=True) as w:
        w.wire.handler = slow(w.wire.handler, w.clock)
        results = await at_once(30, w.get)
        assert [getattr(result, "code", None) for result in results] == ["session_expired"] * 30
        assert len(w.wire.sign_ins) == 2


@pytest.mark.parametrize("status", [500, 503, 408])
async def test_a_fault_of_the_token_endpoint_is_given_ten_seconds_of_rest(status: int) -> None:
    async with world(refusing(script(answer(status, b"<html>"), token())), signing_in=True) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.code == "upstream_unavailable"
        assert str(status) in refused.value.message
        await w.post()
        assert [seen.at for seen in w.wire.sign_ins] == [1_000, 1_010]


@pytest.mark.parametrize("fault", [answer(503), answer(200, b"<html>"), limited("40")])
async def test_a_token_endpoint_that_hiccups_in_the_last_minute_of_a_good_token_does_no_harm(fault: Any) -> None:
    async with world(refusing(script(token(), fault, token())), signing_in=True) as w:
        await w.get()
        w.clock.time += 3_545
        began = w.clock.time
        for _ in range(5):
            assert await w.get() == {}
        assert w.clock.time == began
        assert len(w.wire.sign_ins) == 2
        w.clock.time += 56
        assert await w.get() == {}
        assert len(w.wire.sign_ins) == 3


async def test_a_token_that_is_over_is_not_used_whatever_the_token_endpoint_says() -> None:
    async with world(refusing(script(token(), answer(503), token())), signing_in=True) as w:
        await w.get()
        w.clock.time += 3_600
        with pytest.raises(errors.Refused) as refused:
            await w.get()
        assert refused.value.code == "upstream_unavailable"


async def test_a_429_of_the_token_endpoint_holds_the_auth_group() -> None:
    async with world(refusing(script(limited("50"), token())), signing_in=True) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.get()
        assert refused.value.code == "rate_limited"
        assert refused.value.retry_after_seconds == 50
        await w.get()
        assert [seen.at for seen in w.wire.sign_ins] == [1_000, 1_050]


async def test_sign_ins_keep_to_the_auth_group() -> None:
    async with world(numbered(expires_in=1), signing_in=True, limits={"auth": 2}) as w:
        for _ in range(3):
            await w.get()
            w.clock.time += 5
        assert [seen.at for seen in w.wire.sign_ins] == [1_000, 1_005, 1_060]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (httpx.ConnectError("x"), "connection refused"),
        (httpx.ConnectTimeout("x"), "connect timeout"),
        (httpx.ReadTimeout("x"), "no answer to the sign-in"),
        (httpx.RemoteProtocolError("x"), "no answer to the sign-in"),
    ],
)
async def test_a_sign_in_without_an_answer_is_a_refusal_since_the_call_was_not_sent(
    fault: Exception, reason: str
) -> None:
    async with world(refusing(script(fault)), signing_in=True) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.code == "upstream_unavailable"
        assert reason in refused.value.message
        assert len(w.wire.seen) == 1


async def test_a_cancelled_sign_in_leaves_the_next_call_to_sign_in() -> None:
    async with world(never, signing_in=True) as w:
        with anyio.move_on_after(0.02) as scope:
            await w.get()
        assert scope.cancelled_caught
        w.wire.handler = numbered()
        assert await w.get() == {"with": "canary-token-1"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{",
        {},
        {"access_token": 5},
        {"access_token": ""},
        {"access_token": "a b"},
        b" " * 300_000,
    ],
)
async def test_an_answer_without_a_usable_token_is_a_clean_refusal(body: object) -> None:
    async with world(refusing(script(answer(200, body))), signing_in=True) as w:
        with pytest.raises(errors.Refused, match="unreadable answer to the sign-in"):
            await w.post()
        assert w.wire.calls == []
