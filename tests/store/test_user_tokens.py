"""One session at RingCentral for a person on all replicas: renewed once, and never by a late writer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import anyio
import httpx
import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, LoginGrant
from ringcentral_meetings.store import Session, Store
from ringcentral_meetings.users.tokens import SharedTokens
from store.forms import RING, Form

pytestmark = pytest.mark.anyio

SERVER = "https://platform.example"
APP = App(SERVER, "client", "secret")
DAY = 86_400.0


@dataclass
class Endpoint(httpx.AsyncBaseTransport):
    """A token endpoint whose refresh tokens serve once; `answers` holds what it answered."""

    number: int = 1
    answers: list[int] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        form = parse_qs((await request.aread()).decode())
        for _ in range(5):
            await checkpoint()
        if form["refresh_token"] != [f"refresh-{self.number}"]:
            self.answers.append(400)
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.number += 1
        self.answers.append(200)
        pair = {"access_token": f"access-{self.number}", "refresh_token": f"refresh-{self.number}"}
        return httpx.Response(200, json={**pair, "expires_in": 3_600, "refresh_token_expires_in": 7 * DAY})


@dataclass
class Replica:
    """What one process has for one person."""

    auth: PlatformAuth
    tokens: SharedTokens

    async def call(self, session: Session | None = None, refused: str | None = None) -> str:
        if session is not None:
            self.tokens.opened(session)
        return await self.auth.access_token(LoopClock().now(), refused)


@asynccontextmanager
async def replica(form: Form, endpoint: Endpoint) -> AsyncIterator[Replica]:
    clock = LoopClock()
    tokens = SharedTokens(Store(form.steps, RING, form.sleep), "ann", clock)
    limits = RateLimits({"auth": 1_000}, clock)
    auth = PlatformAuth(LoginGrant(APP), limits, clock, store=tokens)
    async with build_http(SERVER, auth, transport=endpoint, user_agent="tests/1"):
        yield Replica(auth, tokens)


async def signed_in(form: Form, expires_in: float = 3_600) -> Session:
    session = Session("access-1", "refresh-1", expires_in, 3_600, "Meetings", account="7", owner_id="8")
    stored = await form.store.sessions.put("ann", session, over=0, ends_in=7 * DAY)
    assert stored is not None
    form.trips.clear()
    return stored


async def test_a_call_that_was_opened_uses_what_was_read_without_a_trip(form: Form) -> None:
    session = await signed_in(form)
    async with replica(form, Endpoint()) as here:
        assert await here.call(session) == "access-1"
        assert form.trips == []
        assert await here.auth.owner() == "8"


async def test_a_renewal_keeps_the_account_and_lasts_as_long_as_its_refresh_token(form: Form) -> None:
    session = await signed_in(form, expires_in=-1)
    async with replica(form, Endpoint()) as here:
        assert await here.call(session) == "access-2"
        assert await here.call() == "access-2", "it is known to the rest of the call"
    assert [step for step, _ in form.trips] == ["open_call", "grant", "open_call", "put_session", "release"]
    stored = await form.store.sessions.load("ann")
    assert stored is not None
    assert (stored.account, stored.owner_id, stored.refresh_token) == ("7", "8", "refresh-2")
    form.advance(6 * DAY)
    assert await form.store.sessions.load("ann") is not None
    form.advance(2 * DAY)
    assert await form.store.sessions.load("ann") is None


@pytest.mark.parametrize("how", ["expired", "refused"])
async def test_a_hundred_calls_at_once_on_four_replicas_renew_once(form: Form, how: str) -> None:
    session = await signed_in(form, expires_in=-1 if how == "expired" else 3_000)
    endpoint, got = Endpoint(), []
    async with (
        replica(form, endpoint) as first,
        replica(form, endpoint) as second,
        replica(form, endpoint) as third,
        replica(form, endpoint) as fourth,
        anyio.create_task_group() as group,
    ):

        async def call(here: Replica) -> None:
            got.append(await here.call(session, "access-1" if how == "refused" else None))

        for number in range(100):
            group.start_soon(call, (first, second, third, fourth)[number % 4])
    assert endpoint.answers == [200]
    assert got == ["access-2"] * 100


async def test_calls_of_two_people_do_not_see_each_others_session(form: Form) -> None:
    session = await signed_in(form)
    other = Session("access-of-ben", "refresh-of-ben", 3_600, 3_600)
    await form.store.sessions.put("ben", other, over=0, ends_in=DAY)
    ann, ben = (SharedTokens(form.store, user, LoopClock()) for user in ("ann", "ben"))
    ann.opened(session)
    read = [await tokens.load() for tokens in (ann, ben, ann)]
    assert [token.access_token if token else None for token in read] == ["access-1", "access-of-ben", "access-1"]


async def test_a_renewal_of_which_the_access_token_is_refused_again_is_followed_by_another(form: Form) -> None:
    session = await signed_in(form)
    endpoint = Endpoint()
    async with replica(form, endpoint) as here:
        assert await here.call(session, refused="access-1") == "access-2"
        assert await here.call(refused="access-2") == "access-3"
    assert endpoint.answers == [200, 200]


async def test_a_newer_session_that_is_over_too_is_renewed_under_the_lease_and_once(form: Form) -> None:
    session = await signed_in(form, expires_in=-1)
    newer = Session("access-2", "refresh-2", -1, 3_600)
    await form.store.sessions.put("ann", newer, over=session.generation, ends_in=DAY)
    form.trips.clear()
    endpoint, got = Endpoint(number=2), []
    async with replica(form, endpoint) as one, replica(form, endpoint) as two, anyio.create_task_group() as group:

        async def call(here: Replica) -> None:
            got.append(await here.call(session))

        for here in (one, two, one, two):
            group.start_soon(call, here)
    assert (got, endpoint.answers) == (["access-3"] * 4, [200])
    assert ("grant", "ok") in form.trips


async def test_a_late_writer_leaves_the_newer_session_as_it_is(form: Form, caplog: pytest.LogCaptureFixture) -> None:
    await signed_in(form, expires_in=-1)
    tokens = SharedTokens(form.store, "ann", LoopClock())
    async with tokens.exclusive():
        held = await tokens.load()
        assert held is not None
        form.advance(26)
        other = SharedTokens(form.store, "ann", LoopClock())
        newer = Session("access-9", "refresh-9", 3_600, 3_600)
        async with Store(form.steps, RING, form.sleep).sessions.renewing("ann") as turn:
            assert turn.session is not None
            over = turn.session.generation
            await form.store.sessions.put("ann", newer, over=over, ends_in=DAY, lease=turn.lease)
        await tokens.save(held)
        assert "came late: the session was renewed by another" in caplog.text
    read = await other.load()
    assert read is not None
    assert read.access_token == "access-9"


async def test_a_session_that_ends_during_its_renewal_stays_ended(form: Form, caplog: pytest.LogCaptureFixture) -> None:
    session = await signed_in(form, expires_in=-1)
    tokens = SharedTokens(form.store, "ann", LoopClock())
    tokens.opened(session)
    async with tokens.exclusive():
        held = await tokens.load()
        assert held is not None
        await form.store.sessions.end("ann")
        await tokens.save(held)
    assert "the session was ended by another" in caplog.text
    assert await form.store.sessions.load("ann") is None


async def test_a_person_without_a_session_is_told_so_without_waiting(form: Form) -> None:
    session = await signed_in(form, expires_in=-1)
    async with replica(form, Endpoint()) as here:
        await here.tokens.clear()
        with pytest.raises(errors.Refused):
            await here.call(session)
    assert form.slept == []


async def test_a_session_that_ringcentral_ended_is_not_tried_again(form: Form) -> None:
    session = await signed_in(form, expires_in=-1)
    endpoint = Endpoint(number=5)
    async with replica(form, endpoint) as here:
        for opened in (session, None):
            with pytest.raises(errors.Refused):
                await here.call(opened)
    assert endpoint.answers == [400]
