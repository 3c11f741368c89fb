"""One request: its path, its deadline, its tries, and what is made of each answer."""

import gzip
import json
import socket
import ssl
from collections.abc import AsyncIterator

import anyio
import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.auth import GivenTokenAuth
from ringcentral_meetings.platform.client import Answer, PlatformClient, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits

from .world import GIVEN, PATH, SERVER, Handler, answer, at_once, limited, never, script, world

pytestmark = pytest.mark.anyio

MEETING = "/restapi/v1.0/meeting/{meetingId}"
WRITES = ["POST", "PUT", "PATCH", "DELETE"]


class Body(httpx.AsyncByteStream):
    """Chunks, and then a fault, or silence for ever."""

    def __init__(self, *chunks: bytes, fault: Exception | None = None, hangs: bool = False) -> None:
        self.chunks = chunks
        self.fault = fault
        self.hangs = hangs
        self.given = 0
        self.closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            self.given += 1
            yield chunk
        if self.fault:
            raise self.fault
        if self.hangs:
            await anyio.sleep_forever()

    async def aclose(self) -> None:
        self.closed = True


def streaming(body: Body, status: int = 200, **headers: str) -> Handler:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda request: httpx.Response(status, stream=body, headers=named, request=request)


# Paths


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        ("~", "~"),
        ("8801123456", "8801123456"),
        ("a/b", "a%2Fb"),
        ("../..", "..%2F.."),
        ("%2e%2e", "%252e%252e"),
        ("a?b=c", "a%3Fb%3Dc"),
        ("a#b", "a%23b"),
        ("0fd2!us-11@us", "0fd2%21us-11%40us"),
        ("a b+c", "a%20b%2Bc"),
        ("abc+/==", "abc%2B%2F%3D%3D"),
        (";,:&$'(*)", "%3B%2C%3A%26%24%27%28%2A%29"),
        ("Zürich", "Z%C3%BCrich"),
        ("...", "..."),
        ("\\", "%5C"),
        ("x" * 512, "x" * 512),
    ],
)
async def test_a_path_value_is_encoded_whole(value: str, encoded: str) -> None:
    async with world(script(answer())) as w:
        await w.get(MEETING + "/end", meetingId=value)
        assert w.wire.seen[0].raw_path == f"/restapi/v1.0/meeting/{encoded}/end"


@pytest.mark.parametrize("value", ["", ".", "..", "x" * 513, "a\0b", "a\nb", "\x7f", "\x85", "\ud800"])
async def test_a_path_value_that_is_no_id_is_refused_before_a_request(value: str) -> None:
    async with world(script(answer())) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.get(MEETING, meetingId=value)
        assert refused.value.code == "invalid_arguments"
        assert "meetingId" in refused.value.message
        assert w.wire.seen == []


async def test_a_query_is_encoded_and_its_control_characters_are_refused() -> None:
    async with world(script(answer())) as w:
        await w.client.request("GET", PATH, query={"q": "a b&c=d#e/../f"}, group="light")
        assert httpx.URL(w.wire.seen[0].raw_path).params["q"] == "a b&c=d#e/../f"
        assert w.wire.seen[0].raw_path.startswith(PATH + "?q=a")
        for value in ("\0", "\udfff"):
            with pytest.raises(errors.Refused):
                await w.client.request("GET", PATH, query={"q": value}, group="light")
        with pytest.raises(errors.Refused):
            await w.client.request("GET", PATH, query={"q": "x" * 70_000}, group="light")
        assert len(w.wire.seen) == 1


async def test_a_body_goes_out_as_json_and_none_as_no_body() -> None:
    async with world(script(answer())) as w:
        await w.post({"topic": "Zürich \ud800", "n": [1]})
        await w.post(None)
        assert json.loads(w.wire.seen[0].body) == {"topic": "Zürich \ud800", "n": [1]}
        assert w.wire.seen[0].headers["Content-Type"] == "application/json"
        assert w.wire.seen[1].body == b""
        assert "Content-Type" not in w.wire.seen[1].headers


async def test_a_server_url_with_a_path_keeps_it() -> None:
    async with world(script(answer())) as w:
        w.http.base_url = httpx.URL(SERVER + "/gateway")
        await w.get(MEETING, meetingId="a/b")
        assert w.wire.seen[0].raw_path == "/gateway/restapi/v1.0/meeting/a%2Fb"


# The client


async def test_the_http_client_follows_nothing_and_takes_nothing_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    async with build_http(SERVER, GivenTokenAuth(GIVEN), user_agent="x/1") as http:
        assert http.trust_env is False
        assert http.follow_redirects is False
        assert http.headers["User-Agent"] == "x/1"
    async with build_http(SERVER, GivenTokenAuth(GIVEN), proxy="http://proxy.example:3128", user_agent="x/1"):
        pass


async def test_cookies_are_not_kept() -> None:
    async with world(script(answer(Set_Cookie="a=b; Path=/"))) as w:
        await w.get()
        await w.get()
        assert "Cookie" not in w.wire.seen[1].headers


async def test_no_more_than_so_many_requests_are_in_flight_for_all_callbacks_together() -> None:
    async with world(script(answer()), max_in_flight=3) as w:
        other = w.client.with_waits(None)
        await at_once(10, w.get)
        await at_once(10, lambda: other.request("GET", PATH, group="light"))
        assert w.wire.most_flying == 3


async def test_another_callback_is_told_of_its_own_waits_alone() -> None:
    async with world(script(answer()), limits={"light": 1}) as w:
        told: list[float] = []

        async def on_wait(seconds: float) -> None:
            told.append(seconds)

        await w.get()
        await w.client.with_waits(on_wait).request("GET", PATH, group="light")
        assert (told, w.waits) == ([60], [])
        await w.get()
        assert (told, w.waits) == ([60], [60])


async def test_waiting_for_one_group_does_not_hold_up_another() -> None:
    async with world(script(answer()), limits={"heavy": 1}, max_in_flight=1) as w:
        clock, limits = LoopClock(), RateLimits({"heavy": 1}, LoopClock())
        client = PlatformClient(w.http, limits, clock=clock, max_in_flight=1)
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(lambda: client.request("GET", PATH, group="heavy"))
            await anyio.wait_all_tasks_blocked()
            await client.request("GET", PATH, group="light")
            tasks.cancel_scope.cancel()
        assert len(w.wire.seen) == 2


# Answers


@pytest.mark.parametrize("status", [200, 201, 202, 204, 207])
@pytest.mark.parametrize("body", [b"", b" \n"])
async def test_any_2xx_is_success_and_may_be_empty(status: int, body: bytes) -> None:
    async with world(script(answer(status, body, RCRequestId="r-7"))) as w:
        got = await w.client.request("DELETE", PATH, group="medium")
        assert got == Answer(status, None, "r-7")


async def test_json_is_read_whatever_its_content_type_says() -> None:
    async with world(script(answer(200, b'\xef\xbb\xbf{"a": 1}', Content_Type="text/html"))) as w:
        assert await w.get() == {"a": 1}


async def test_lone_surrogates_are_replaced_and_pairs_are_kept() -> None:
    body = b'{"a\\udc00": ["\\ud83d\\ude00", "x\\ud800", "\xed\xa0\x80", 1]}'
    async with world(script(answer(200, body))) as w:
        assert await w.get() == {"a\ufffd": ["\U0001f600", "x\ufffd", "\ufffd", 1]}


@pytest.mark.parametrize(
    "body",
    [b"<html>", b'{"a": ', b"{'a': 1}", b"\xff\xfe\xff", b'{"a": NaN}', b"[" * 100_000, b"9" * 5_000, b'{"a":1}x'],
)
async def test_a_success_that_is_not_json_is_unanswered(body: bytes) -> None:
    async with world(script(answer(200, body, RCRequestId="r-8"))) as w:
        with pytest.raises(errors.Unanswered) as unanswered:
            await w.get()
        assert unanswered.value.upstream == errors.Upstream(200, request_id="r-8")
        assert len(w.wire.seen) == 1


async def test_a_body_is_read_up_to_the_cap_and_not_beyond() -> None:
    body = Body(*[b" " * 100] * 50)
    async with world(streaming(body), max_body_bytes=1_000) as w:
        with pytest.raises(errors.Unanswered, match="larger than 1000 bytes"):
            await w.get()
        assert body.given == 11
        assert body.closed
        exact = Body(b" " * 1_000)
        w.wire.handler = streaming(exact)
        assert await w.get() is None


async def test_the_cap_counts_what_was_decompressed() -> None:
    bomb = gzip.compress(b" " * 1_000_000)
    async with world(streaming(Body(bomb), Content_Encoding="gzip"), max_body_bytes=100_000) as w:
        with pytest.raises(errors.Unanswered, match="larger than"):
            await w.get()


async def test_a_damaged_compression_is_unanswered() -> None:
    async with world(streaming(Body(b"no gzip"), Content_Encoding="gzip")) as w:
        with pytest.raises(errors.Unanswered, match="compression"):
            await w.get()
        assert len(w.wire.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with world(script(answer(status, Location="https://evil.example/"))) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.upstream is not None
        assert refused.value.upstream.http_status == status
        assert len(w.wire.seen) == 1


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            {"errorCode": "InvalidParameter", "errors": [{"errorCode": "CMN-102", "parameterName": "meetingId"}]},
            errors.Upstream(404, "CMN-102", "r-9", "meetingId"),
        ),
        (
            {"errorCode": "CMN-408", "permissionName": "Meetings", "errors": [{"message": "x"}, {"errorCode": "no"}]},
            errors.Upstream(404, "CMN-408", "r-9", None, "Meetings"),
        ),
        (
            {"errors": {"errorCode": "CMN-101"}, "parameterName": "schedule"},
            errors.Upstream(404, "CMN-101", "r-9", "schedule"),
        ),
        ({"errors": [], "errorCode": "CMN-102"}, errors.Upstream(404, "CMN-102", "r-9")),
        ({"errors": ["CMN-102"], "errorCode": 5, "parameterName": ["x"]}, errors.Upstream(404, None, "r-9")),
        ({"errors": None, "errorCode": "a\nb"}, errors.Upstream(404, None, "r-9")),
        ({"errorCode": "x" * 1_000}, errors.Upstream(404, "x" * 100, "r-9")),
        ([1], errors.Upstream(404, None, "r-9")),
        (b"", errors.Upstream(404, None, "r-9")),
        (b"<html>not found</html>", errors.Upstream(404, None, "r-9")),
        (b"[" * 100_000, errors.Upstream(404, None, "r-9")),
        (b" " * 2_000, errors.Upstream(404, None, "r-9")),
    ],
)
async def test_an_error_of_any_shape_is_read_as_far_as_it_goes(body: object, expected: errors.Upstream) -> None:
    async with world(script(answer(404, body, rcrequestid="r-9")), max_body_bytes=120_000) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.upstream == expected


@pytest.mark.parametrize(
    "body",
    [Body(b"x" * 20_000), Body(b"{", fault=httpx.ReadError("x")), Body(b"no gzip")],
    ids=["large", "cut", "gzip"],
)
async def test_an_error_with_an_unreadable_body_keeps_its_status(body: Body) -> None:
    encoding = {"Content_Encoding": "gzip"} if body.chunks == (b"no gzip",) else {}
    async with world(streaming(body, 403, **encoding), max_body_bytes=10_000) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.code == "user_permission_missing"
        assert body.closed


@pytest.mark.parametrize(
    ("header", "date", "seconds"),
    [
        ("17", "", 17),
        ("1.5", "", 1.5),
        ("Wed, 21 Oct 2026 07:28:10 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 10),
        ("Wed, 21 Oct 2026 07:28:10", "Wed, 21 Oct 2026 07:28:00 GMT", 10),
        ("Wed, 21 Oct 2026 07:27:00 GMT", "Wed, 21 Oct 2026 07:28:00 GMT", 0),
        ("Wed, 21 Oct 2026 07:28:10 GMT", "", None),
        ("Wed, 21 Oct 2026 07:28:10 GMT", "yesterday", None),
        ("soon", "", None),
        ("-5", "", None),
        ("nan", "", None),
        ("inf", "", None),
        ("Wed, 21 Oct 2026 07:28:10 +999999999999999", "", None),
    ],
)
async def test_retry_after_is_seconds_or_a_date(header: str, date: str, seconds: float | None) -> None:
    async with world(script(answer(500, Retry_After=header, Date=date))) as w:
        with pytest.raises(errors.Unanswered) as unanswered:
            await w.get()
        assert unanswered.value.upstream is not None
        assert unanswered.value.upstream.retry_after_seconds == seconds


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
        w.limits.penalise("heavy", 10)
        assert w.limits.take("light") == 0
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_030, 1_030]


async def test_the_headers_of_an_answer_correct_the_limits() -> None:
    async with world(script(answer(X_Rate_Limit_Limit="1", X_Rate_Limit_Window="10"))) as w:
        await w.get()
        await w.get()
        assert [seen.at for seen in w.wire.seen] == [1_000, 1_010]


# Deadlines and cancellation


async def test_a_body_that_drips_for_ever_ends_at_the_deadline() -> None:
    body = Body(b"{", hangs=True)
    async with world(streaming(body), write_timeout=0.03) as w:
        with pytest.raises(errors.Unanswered) as unanswered:
            await w.post()
        assert unanswered.value.code == "timed_out"
        assert body.closed


async def test_a_request_without_an_answer_ends_at_the_deadline_and_a_read_is_tried_again() -> None:
    silent = [never, never]

    async def handler(request: httpx.Request) -> httpx.Response:
        return await silent.pop()(request) if silent else answer(200, {"a": 1})

    async with world(handler, read_timeout=0.03) as w:
        assert await w.get() == {"a": 1}
        assert len(w.wire.seen) == 3


async def test_a_write_waiting_for_a_place_in_flight_was_never_sent() -> None:
    async with world(never, max_in_flight=1, write_timeout=0.03) as w, anyio.create_task_group() as tasks:
        tasks.start_soon(w.get)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(errors.Refused) as refused:
            await w.post()
        assert refused.value.code == "upstream_unavailable"
        assert len(w.wire.seen) == 1
        tasks.cancel_scope.cancel()


async def test_an_auth_of_another_kind_leaves_a_write_that_hangs_open() -> None:
    async with world(never, write_timeout=0.03) as w:
        w.http.auth = httpx.BasicAuth("user", "canary")
        with pytest.raises(errors.Unanswered):
            await w.post()


async def test_nothing_is_sent_when_no_time_is_left() -> None:
    async with world(script(answer())) as w:
        w.clock.deadline = w.clock.now() - 1
        with pytest.raises(errors.Refused):
            await w.post()
        assert w.wire.seen == []


async def test_the_time_left_is_the_deadline_where_it_is_shorter() -> None:
    async with world(never) as w:
        w.clock.deadline = w.clock.now() + 0.03
        with pytest.raises(errors.Unanswered):
            await w.post()


async def test_a_cancellation_passes_through_and_nothing_is_sent_after_it() -> None:
    async with world(never) as w:
        with anyio.move_on_after(0.03) as scope:
            await w.get()
        assert scope.cancelled_caught
        assert len(w.wire.seen) == 1
        w.wire.handler = script(answer())
        await at_once(8, w.get)
        assert len(w.wire.seen) == 9


# Following pages


@pytest.mark.parametrize(
    ("uri", "raw_path"),
    [
        (SERVER + "/restapi/v1.0/meeting?page=2&perPage=100", "/restapi/v1.0/meeting?page=2&perPage=100"),
        ("/restapi/v1.0/a%2Fb?page=2", "/restapi/v1.0/a%2Fb?page=2"),
        ("http://user:pw@platform.example:8080/x?token=a%20b#c", "/x?token=a%20b"),
    ],
)
async def test_of_a_next_page_only_path_and_query_are_used(uri: str, raw_path: str) -> None:
    async with world(script(answer(200, {"a": 1}))) as w:
        assert (await w.client.follow(uri, group="light")).data == {"a": 1}
        [seen] = w.wire.seen
        assert (seen.method, seen.raw_path) == ("GET", raw_path)
        assert seen.headers["Host"] == "platform.example"
        assert seen.headers["Authorization"] == f"Bearer {GIVEN}"


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/restapi",
        "//evil.example/x",
        "https://platform.example.evil.example/",
        "https://platform.example@evil.example/",
        "javascript:alert(1)",
        "https://[::1/",
        "https://platform.example:port/",
        "\0",
    ],
)
async def test_a_next_page_of_another_host_is_refused(uri: str) -> None:
    async with world(script(answer())) as w:
        with pytest.raises(errors.MeetingsError) as error:
            await w.client.follow(uri)
        assert error.value.code == "upstream_unavailable"
        assert w.wire.seen == []


# Secrets


async def test_no_secret_shows_in_an_answer_or_error() -> None:
    canary = "canary-start-link"
    async with world(script(answer(200, {"links": {"startUri": canary}}))) as w:
        got = await w.client.request("GET", PATH, group="light")
        assert canary not in f"{got} {got!r}"
    for given in (answer(500, {"message": canary}), answer(403, canary.encode()), httpx.ReadError("x")):
        async with world(script(given)) as w:
            with pytest.raises(errors.MeetingsError) as caught:
                await w.post()
            error: BaseException | None = caught.value
            while error is not None:
                assert "canary" not in f"{error} {error!r} {vars(error)}"
                error = error.__cause__ or error.__context__
