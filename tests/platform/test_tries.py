"""How often a request is sent, when, and how long it may take."""

import socket
import ssl

import anyio
import httpx
import pytest

from ringcentral_meetings import errors
from scripted_http import PATH, Body, answer, at_once, limited, never, script, streaming, world

pytestmark = pytest.mark.anyio

WRITES = ["POST", "PUT", "PATCH", "DELETE"]


# Tries


@pytest.mark.parametrize("fault", [httpx.ConnectError, httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError])
async def test_a_read_is_tried_again_after_a_lost_connection(fault: type[httpx.TransportError]) -> None:
    async with world(script(fault("x"), fault("x"), answer(200, {"a": 1}))) as w:
        assert await w.get() == {"a": 1}
        assert w.clock.sleeps == [0.5, 1.0]


@pytest.mark.parametrize("status", [502, 503, 504])
async def test_a_read_is_tried_three_times_on_a_gateway_error(status: int) -> None:
    async with world(script(answer(status))) as w:
        with pytest.raises(errors.Unanswered) as unanswered:
            await w.get()
        assert unanswered.value.upstream is not None
        assert unanswered.value.upstream.http_status == status
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_000.5, 1_001.5]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 501])
async def test_other_errors_are_not_tried_again(status: int) -> None:
    async with world(script(answer(status))) as w:
        with pytest.raises(errors.MeetingsError):
            await w.get()
        assert len(w.wire.seen) == 1


async def test_a_read_whose_body_breaks_off_is_tried_again() -> None:
    answers = [httpx.Response(200, stream=Body(b'{"a"', fault=httpx.ReadError("x"))), answer(200, {"a": 1})]
    async with world(lambda request: answers.pop(0)) as w:  # noqa: ARG005
        assert await w.get() == {"a": 1}
        assert len(w.wire.seen) == 2


async def test_retry_after_of_a_503_is_honoured_where_it_fits() -> None:
    async with world(script(answer(503, Retry_After="7"), answer())) as w:
        await w.get()
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_007]
        w.wire.handler = script(answer(503, Retry_After="7"), answer())
        w.clock.deadline = w.clock.now() + 7.5
        with pytest.raises(errors.Unanswered) as unanswered:
            await w.get()
        assert unanswered.value.retry_after_seconds == 7
        assert len(w.wire.seen) == 3


async def test_a_read_is_not_tried_again_when_the_time_is_up() -> None:
    async with world(script(httpx.ReadTimeout("x"))) as w:
        w.clock.deadline = w.clock.now() + 1.4
        with pytest.raises(errors.Unanswered):
            await w.get()
        assert len(w.wire.seen) == 1


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize(
    "fault",
    [
        httpx.ReadTimeout,
        httpx.WriteTimeout,
        httpx.ReadError,
        httpx.WriteError,
        httpx.CloseError,
        httpx.RemoteProtocolError,
        httpx.LocalProtocolError,
    ],
)
async def test_a_write_that_got_no_answer_is_sent_once_and_its_outcome_is_open(
    method: str, fault: type[httpx.TransportError]
) -> None:
    async with world(script(fault("x"), answer())) as w:
        with pytest.raises(errors.Unanswered) as unanswered:
            await w.client.request(method, PATH, json={}, group="medium")
        timed_out = issubclass(fault, httpx.TimeoutException)
        assert unanswered.value.code == ("timed_out" if timed_out else "upstream_unavailable")
        assert len(w.wire.seen) == 1


@pytest.mark.parametrize("method", WRITES)
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_write_is_sent_once_on_a_server_error(method: str, status: int) -> None:
    async with world(script(answer(status, Retry_After="0"), answer())) as w:
        with pytest.raises(errors.Unanswered):
            await w.client.request(method, PATH, json={}, group="medium")
        assert len(w.wire.seen) == 1


async def test_a_write_whose_answer_breaks_off_is_unanswered() -> None:
    async with world(streaming(Body(b"{", fault=httpx.ReadError("x")), 201)) as w:
        with pytest.raises(errors.Unanswered, match="connection lost"):
            await w.post()
        assert len(w.wire.seen) == 1


def caused_by(fault: httpx.TransportError, cause: Exception) -> httpx.TransportError:
    middle = RuntimeError("between")
    middle.__context__ = cause
    fault.__cause__ = middle
    return fault


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (httpx.ConnectError("x"), "connection refused"),
        (httpx.ProxyError("x"), "connection refused"),
        (httpx.UnsupportedProtocol("x"), "connection refused"),
        (caused_by(httpx.ConnectError("x"), socket.gaierror("x")), "name not resolved"),
        (caused_by(httpx.ConnectError("x"), ssl.SSLCertVerificationError("x")), "tls"),
        (httpx.ConnectTimeout("x"), "connect timeout"),
        (httpx.PoolTimeout("x"), "busy"),
    ],
)
async def test_a_write_that_was_never_sent_is_refused(fault: Exception, reason: str) -> None:
    async with world(script(fault)) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.code == "upstream_unavailable"
        assert reason in refused.value.message
        assert "platform.example" in refused.value.message
        assert len(w.wire.seen) == 1


# Rate limits


@pytest.mark.parametrize("method", ["GET", *WRITES])
async def test_any_method_is_sent_again_after_the_penalty_of_a_429(method: str) -> None:
    async with world(script(limited("30"), answer(200, {"a": 1}))) as w:
        got = await w.client.request(method, PATH, json={}, group="medium")
        assert got.data == {"a": 1}
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_030]
        assert w.waits == [30]


async def test_a_429_that_names_another_plan_group_holds_that_one_as_well_as_the_one_asked() -> None:
    async with world(script(limited("30", X_Rate_Limit_Group="heavy"))) as w:
        w.clock.deadline = w.clock.now() + 10
        with pytest.raises(errors.Refused):
            await w.get(group="light")
        assert [await w.limits.take(group) for group in ("light", "heavy", "medium")] == [30, 30, 0]


async def test_a_429_without_retry_after_waits_half_a_minute() -> None:
    async with world(script(limited(None), answer())) as w:
        await w.get()
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_030]


async def test_a_penalty_that_does_not_fit_is_an_error_with_the_seconds() -> None:
    async with world(script(limited("30", RCRequestId="r-1"))) as w:
        w.clock.deadline = w.clock.now() + 30.5
        with pytest.raises(errors.Refused) as refused:
            await w.get()
        assert refused.value.code == "rate_limited"
        assert refused.value.retry_after_seconds == 30
        assert refused.value.upstream == errors.Upstream(429, "CMN-301", "r-1", retry_after_seconds=30)
        assert len(w.wire.seen) == 1


async def test_a_request_is_sent_three_times_at_most_when_each_is_refused_with_429() -> None:
    async with world(script(limited("30"))) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.code == "rate_limited"
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_030, 1_060]


async def test_no_request_of_the_group_goes_out_inside_a_penalty() -> None:
    penalties: list[tuple[float, float]] = []
    async with world(script(answer()), limits={"light": 200}, max_in_flight=4) as w:
        count = 0

        def handler(request: httpx.Request) -> httpx.Response:
            nonlocal count
            count += 1
            if count % 9 == 0 and len(penalties) < 5:
                penalties.append((w.clock.now(), w.clock.now() + 45))
                return limited("45")
            return answer()

        w.wire.handler = handler
        results = await at_once(60, w.get)
        assert results == [{}] * 60
        assert len(penalties) == 5
        for begin, end in penalties:
            assert not [seen for seen in w.wire.seen if begin < seen.at < end]


async def test_requests_queued_for_a_place_in_flight_heed_a_penalty_that_began_meanwhile() -> None:
    async with world(script(limited("45"), answer()), max_in_flight=1) as w:
        await at_once(5, w.get)
        assert [seen.at for seen in w.wire.seen] == [1_000] + [1_045] * 5


async def test_a_penalty_holds_the_group_that_the_headers_name_too() -> None:
    async with world(script(limited("30", X_Rate_Limit_Group="heavy"), answer())) as w:
        await w.get()
        await w.client.request("GET", PATH, group="heavy")
        await w.limits.penalise("heavy", 10)
        assert await w.limits.take("light") == 0
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_030, 1_030]


async def test_the_headers_of_an_answer_correct_the_limits() -> None:
    async with world(script(answer(X_Rate_Limit_Limit="1", X_Rate_Limit_Window="10"))) as w:
        await w.get()
        await w.get()
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_010]


# Deadlines


async def test_a_write_waiting_for_a_place_in_flight_was_never_sent() -> None:
    async with world(never, max_in_flight=1) as w, anyio.create_task_group() as tasks:
        tasks.start_soon(w.get)
        await anyio.wait_all_tasks_blocked()
        w.clock.deadline = w.clock.now() + 8
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.code == "upstream_unavailable"
        assert len(w.wire.seen) == 1
        tasks.cancel_scope.cancel()


@pytest.mark.parametrize(("left", "starts"), [(45, True), (8, True), (7.8, False), (1.5, False)])
async def test_a_write_starts_with_time_for_an_ordinary_answer_and_for_reading_it_back(
    left: float, starts: bool
) -> None:
    async with world(script(answer())) as w:
        w.clock.deadline = w.clock.now() + left
        if starts:
            await w.post()
            return
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert (refused.value.code, refused.value.retryable) == ("timed_out", True)
        assert w.wire.seen == []


@pytest.mark.parametrize(("seconds", "waits"), [(36, True), (38, False)])
async def test_a_write_waits_for_its_rate_limit_where_that_leaves_it_enough_time(seconds: int, waits: bool) -> None:
    async with world(script(limited(str(seconds)), answer())) as w:
        w.clock.deadline = w.clock.now() + 45
        if waits:
            await w.post()
            assert w.clock.sleeps == [seconds]
            return
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert (refused.value.code, refused.value.retry_after_seconds) == ("rate_limited", seconds)
        assert len(w.wire.seen) == 1


async def test_nothing_is_sent_when_no_time_is_left() -> None:
    async with world(script(answer())) as w:
        w.clock.deadline = w.clock.now() - 1
        with pytest.raises(errors.Refused):
            await w.post()
        assert w.wire.seen == []
