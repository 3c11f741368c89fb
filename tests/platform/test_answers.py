"""What is made of each answer: success, error, or neither."""

import gzip

import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import Answer
from scripted_http import PATH, Body, answer, script, streaming, world

pytestmark = pytest.mark.anyio


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
        ({"errorCode": "x" * 1_000}, errors.Upstream(404, None, "r-9")),
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
