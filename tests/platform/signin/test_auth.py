"""Signing in and renewing."""

import base64
from urllib.parse import parse_qs

import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import RateLimits
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth, NoCredentialsAuth, PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, HostedGrant, JwtGrant
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, Token, read_token
from scripted_http import (
    GIVEN,
    JWT,
    SECRET,
    SERVER,
    TOKEN_PATH,
    FakeClock,
    Wire,
    answer,
    at_once,
    bearer,
    jwt_auth,
    numbered,
    refusing,
    script,
    token,
    world,
)

pytestmark = pytest.mark.anyio


async def test_the_jwt_is_sent_with_http_basic_to_the_token_endpoint() -> None:
    async with world(numbered(), signing_in=True) as w:
        assert await w.get() == {"with": "canary-token-1"}
        [sent] = w.wire.sign_ins
        assert sent.method == "POST"
        assert sent.headers["Authorization"] == "Basic " + base64.b64encode(f"client-id:{SECRET}".encode()).decode()
        assert sent.headers["Content-Type"] == "application/x-www-form-urlencoded"
        assert sent.headers["User-Agent"] == "tests/1"
        assert parse_qs(sent.body.decode()) == {
            "grant_type": ["urn:ietf:params:oauth:grant-type:jwt-bearer"],
            "assertion": [JWT],
        }


async def test_a_public_app_names_itself_in_the_body_and_has_no_authorization() -> None:
    request = JwtGrant(App(SERVER + "/", "client-id"), JWT).token_request(None)
    assert str(request.url) == SERVER + TOKEN_PATH
    assert "Authorization" not in request.headers
    assert parse_qs(request.content.decode())["client_id"] == ["client-id"]


async def test_a_hundred_first_calls_at_once_make_one_token_request() -> None:
    async with world(numbered(), signing_in=True, limits={"light": 1_000}) as w:
        results = await at_once(100, w.get)
        assert results == [{"with": "canary-token-1"}] * 100
        assert len(w.wire.sign_ins) == 1


async def test_a_token_is_used_until_shortly_before_its_end_and_then_renewed() -> None:
    async with world(numbered(expires_in=3600), signing_in=True) as w:
        await w.get()
        w.clock.time += 3_539
        assert await w.get() == {"with": "canary-token-1"}
        w.clock.time += 1
        assert await w.get() == {"with": "canary-token-2"}
        assert len(w.wire.sign_ins) == 2


async def test_a_short_token_is_renewed_a_tenth_before_its_end() -> None:
    async with world(numbered(expires_in=100), signing_in=True) as w:
        await w.get()
        w.clock.time += 89
        assert await w.get() == {"with": "canary-token-1"}
        w.clock.time += 1
        assert await w.get() == {"with": "canary-token-2"}


async def test_a_401_is_met_by_one_renewal_and_one_retry() -> None:
    async with world(numbered(ended={"canary-token-1"}), signing_in=True) as w:
        assert await w.get() == {"with": "canary-token-2"}
        assert [seen.is_sign_in for seen in w.wire.seen] == [True, False, True, False]


async def test_a_write_refused_with_401_is_sent_again_with_its_body() -> None:
    async with world(numbered(ended={"canary-token-1"}), signing_in=True) as w:
        await w.post({"topic": "x"})
        assert [seen.body for seen in w.wire.calls] == [b'{"topic":"x"}'] * 2


async def test_a_storm_of_401_makes_one_renewal() -> None:
    async with world(numbered(ended={"canary-token-1"}), signing_in=True, limits={"light": 1_000}) as w:
        results = await at_once(100, w.get)
        assert results == [{"with": "canary-token-2"}] * 100
        assert len(w.wire.sign_ins) == 2


async def test_a_second_401_goes_out() -> None:
    ended = {f"canary-token-{number}" for number in range(10)}
    async with world(numbered(ended=ended), signing_in=True) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.get()
        assert refused.value.code == "session_expired"
        assert len(w.wire.calls) == 2


async def test_an_api_that_refuses_good_tokens_does_not_cost_a_sign_in_for_each_call() -> None:
    ended = {f"canary-token-{number}" for number in range(1, 20)}
    async with world(numbered(ended=ended), signing_in=True) as w:
        for _ in range(5):
            with pytest.raises(errors.Refused) as refused:
                await w.get()
            assert refused.value.code == "session_expired"
        assert len(w.wire.sign_ins) == 2
        w.clock.time += 301
        ended.clear()
        assert await w.get() == {"with": "canary-token-2"}


async def test_after_a_while_a_401_is_met_by_a_renewal_again() -> None:
    async with world(numbered(ended={f"canary-token-{number}" for number in range(1, 3)}), signing_in=True) as w:
        with pytest.raises(errors.Refused):
            await w.get()
        w.clock.time += 301
        assert await w.get() == {"with": "canary-token-3"}


async def test_the_401_that_is_retried_is_not_read() -> None:
    """httpx reads it whole by itself: an endless body would hold up the call."""
    handler = numbered(ended=set())

    class Endless(httpx.AsyncByteStream):
        async def __aiter__(self):  # type: ignore[no-untyped-def]
            raise AssertionError("read")
            yield b""

    async def first_401(request: httpx.Request) -> httpx.Response:
        if request.url.path != TOKEN_PATH and bearer(request) == "canary-token-1":
            return httpx.Response(401, stream=Endless(), headers={"Content-Encoding": "gzip"})
        given = handler(request)
        assert isinstance(given, httpx.Response)
        return given

    async with world(first_401, signing_in=True) as w:
        assert await w.get() == {"with": "canary-token-2"}


async def test_the_retry_after_a_401_counts_in_its_plan_group() -> None:
    async with world(numbered(ended={"canary-token-1"}), signing_in=True, limits={"light": 2}) as w:
        await w.get()
        w.clock.deadline = w.clock.now() + 5
        with pytest.raises(errors.Refused, match="rate limit"):
            await w.get()


async def test_a_penalty_that_begins_during_the_sign_in_is_waited_out() -> None:
    async with world(script(answer()), signing_in=True) as w:

        async def handler(request: httpx.Request) -> httpx.Response:
            if request.url.path == TOKEN_PATH:
                await w.limits.penalise("light", 40)
                return token()
            return answer()

        w.wire.handler = handler
        await w.get()
        assert w.wire.calls[0].at == 1_040


async def test_a_given_token_is_sent_and_never_renewed() -> None:
    async with world(script(answer(401))) as w:
        with pytest.raises(errors.Refused) as refused:
            await w.get()
        assert refused.value.code == "session_expired"
        assert [seen.headers["Authorization"] for seen in w.wire.seen] == [f"Bearer {GIVEN}"]


@pytest.mark.parametrize(
    "auth", [NoCredentialsAuth(), GivenTokenAuth(" "), GivenTokenAuth("a\nb"), GivenTokenAuth("ä")]
)
async def test_without_a_usable_credential_nothing_is_sent(auth: httpx.Auth) -> None:
    async with world(script(answer())) as w:
        w.http.auth = auth
        with pytest.raises(errors.Refused) as refused:
            await w.get()
        assert refused.value.code == "not_signed_in"
        assert w.wire.seen == []


@pytest.mark.parametrize(
    ("given", "lifetime"),
    [
        (7199, 7199),
        ("7199", 7199),
        (1.5, 1.5),
        (0, 600),
        (-1, 600),
        (None, 600),
        ("soon", 600),
        (1e300, 600),
        ([], 600),
    ],
)
def test_a_lifetime_that_makes_no_sense_is_taken_as_the_shortest_there_is(given: object, lifetime: float) -> None:
    read = read_token({"access_token": "t", "expires_in": given}, 100.0)
    assert read is not None
    assert (read.expires_at, read.lifetime) == (100 + lifetime, lifetime)


def test_what_a_token_answer_says_is_kept() -> None:
    body = {"access_token": "t", "expires_in": 60, "scope": "Meetings", "owner_id": 1001, "refresh_token": "r"}
    assert read_token(body, 0.0) == Token("t", 60.0, "Meetings", "1001", "r", 60.0)
    assert read_token({"access_token": "t", "scope": 5, "owner_id": []}, 0.0) == Token("t", 600.0, lifetime=600.0)


async def test_a_hosted_session_is_renewed_for_as_long_as_can_be_and_followed_by_nothing_else() -> None:
    store, clock = MemoryTokenStore(), FakeClock()
    answers = script(
        token(refresh_token="second", refresh_token_expires_in="2592000"), answer(400, {"error": "invalid_grant"})
    )
    wire = Wire(clock, answers)
    app = App(SERVER, "client-id", SECRET, session_seconds=2_592_000)
    auth = PlatformAuth(HostedGrant(app), RateLimits({}, clock), clock, store=store)
    await store.save(Token("over", 0.0, refresh_token="first"))
    async with build_http(SERVER, auth, transport=wire, user_agent="tests/1"):
        renewed = await auth.token()
        assert (renewed.refresh_token, renewed.refresh_lifetime) == ("second", 2_592_000)
        assert b"refresh_token_ttl=2592000" in wire.seen[0].body
        clock.time += 4_000
        with pytest.raises(errors.Refused) as ended:
            await auth.token()
        assert (ended.value.code, len(wire.seen)) == ("session_expired", 2)
        assert "sign in again" in ended.value.next_step


async def test_the_token_in_use_can_be_asked_for() -> None:
    async with world(numbered(), signing_in=True) as w:
        assert isinstance(w.auth, PlatformAuth)
        held = await w.auth.token()
        assert (held.scope, held.owner_id) == ("Meetings ReadAccounts", "1001")
        assert await w.get() == {"with": "canary-token-1"}
        assert len(w.wire.sign_ins) == 1


async def test_a_token_that_another_process_stored_is_used() -> None:
    store = MemoryTokenStore()
    await store.save(Token("stored", 9_999.0))
    async with world(numbered(), signing_in=True, store=store) as w:
        assert await w.get() == {"with": "stored"}
        await store.clear()
        assert await store.load() is None
        assert await w.get() == {"with": "canary-token-1"}


async def test_a_token_renewed_elsewhere_meanwhile_is_used_on_a_401() -> None:
    store = MemoryTokenStore()
    await store.save(Token("old", 9_999.0))
    async with world(numbered(ended={"old"}), signing_in=True, store=store) as w:
        inner = w.wire.handler

        async def handler(request: httpx.Request) -> httpx.Response:
            await store.save(Token("new", 9_999.0))
            given = inner(request)
            assert isinstance(given, httpx.Response)
            return given

        w.wire.handler = handler
        assert await w.get() == {"with": "new"}
        assert w.wire.sign_ins == []


async def test_an_auth_that_no_client_was_given_to_says_so() -> None:
    clock = FakeClock()
    with pytest.raises(RuntimeError, match="connect"):
        await jwt_auth(RateLimits({}, clock), clock).token()


async def test_no_secret_shows_in_any_text() -> None:
    bodies = [answer(400, {"error": JWT, "error_description": JWT}), answer(500, JWT.encode()), answer(200, {"x": JWT})]
    shown: list[object] = []
    for body in bodies:
        async with world(refusing(script(body)), signing_in=True) as w:
            with pytest.raises(errors.Refused) as refused:
                await w.get()
            error: BaseException | None = refused.value
            while error is not None:
                shown += [error, vars(error)]
                error = error.__cause__ or error.__context__
            shown += [w.auth, vars(w.auth), w.client, w.http, w.limits]
    clock = FakeClock()
    http = build_http(SERVER, GivenTokenAuth(GIVEN), transport=Wire(clock, script(answer())), user_agent="t/1")
    shown += [http, GivenTokenAuth(GIVEN), token(), JwtGrant(App(SERVER, "client-id", SECRET), JWT)]
    shown += [Token("canary-token-1", 1.0, refresh_token="canary-refresh")]
    shown += [JwtGrant(App(SERVER, "client-id", SECRET), JWT).token_request(None)]
    for thing in shown:
        assert "canary" not in f"{thing} {thing!r}"


async def test_the_owner_is_named_by_the_session_and_of_a_token_that_names_nobody_by_its_digest() -> None:
    assert await NoCredentialsAuth().owner() is None
    one, again, another = [await GivenTokenAuth(text).owner() for text in (GIVEN, GIVEN, f"{GIVEN}2")]
    assert one == again != another
    assert GIVEN not in str(one)
    async with world(numbered(), signing_in=True) as w:
        assert await w.client.owner() is None
        assert w.wire.sign_ins == []
        signed_in = await w.client.token()
        assert signed_in is not None
        named = await w.client.owner()
        assert named is not None
        assert SERVER in named
        assert signed_in.access_token not in named
