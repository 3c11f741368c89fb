"""The ways to a token and from one token to the next, against the simulator's own idea of them."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform import auth as auth_module
from ringcentral_meetings.platform.auth import PlatformAuth
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.consent import Consent, check, revoke
from ringcentral_meetings.platform.grants import (
    App,
    CodeGrant,
    Grant,
    JwtGrant,
    LoginGrant,
    renewal_request,
    revoke_request,
)
from ringcentral_meetings.platform.limits import RateLimits
from ringcentral_meetings.platform.sessions import SessionKey, SharedTokenStore
from ringcentral_meetings.platform.tokens import MemoryTokenStore, Token, TokenStore
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT, PUBLIC_CLIENT_ID, Simulator

from .world import FakeClock, at_once

pytestmark = pytest.mark.anyio

SERVER = "https://platform.example"
REDIRECT = "http://127.0.0.1:8912/callback"
APP = App(SERVER, CLIENT_ID, CLIENT_SECRET)
PUBLIC = App(SERVER, PUBLIC_CLIENT_ID)
MEETINGS = "/restapi/v1.0/account/~/extension/~/meeting"
HOUR = 3_600.0


@dataclass
class Platform:
    """A simulator that issues refresh tokens, and the clock that it shares with its clients."""

    simulator: Simulator
    clock: FakeClock
    folder: Path

    def store(self, app: App = APP, jwt: str | None = None) -> SharedTokenStore:
        key = SessionKey("default", app.client_id, app.server_url, jwt)
        return SharedTokenStore(key, "file", self.clock, folder=self.folder, wall=self.clock.now)

    @asynccontextmanager
    async def process(
        self, grant: Grant, store: TokenStore, transport: httpx.AsyncBaseTransport | None = None
    ) -> AsyncIterator[PlatformClient]:
        """What one process has of its own."""
        limits = RateLimits({"auth": 1_000, "light": 1_000}, self.clock)
        auth = PlatformAuth(grant, limits, self.clock, store=store)
        wire = transport or self.simulator.transport()
        async with build_http(SERVER, auth, transport=wire, user_agent="tests/1") as http:
            yield PlatformClient(http, limits, clock=self.clock)

    async def call(self, grant: Grant, store: TokenStore) -> None:
        async with self.process(grant, store) as client:
            await client.request("GET", MEETINGS, group="light")

    async def log_in(self, app: App = APP) -> Token:
        """What `login` does, without the browser."""
        consent = Consent(app, REDIRECT)
        store = MemoryTokenStore()
        await self.call(consent.grant(await self.consented(consent)), store)
        token = await store.load()
        assert token is not None
        await self.store(app).save(token)
        return token

    async def consented(self, consent: Consent, decision: str = "allow") -> str:
        """The address that the browser is sent to."""
        async with httpx.AsyncClient(transport=self.simulator.transport()) as browser:
            query = {name: values[0] for name, values in parse_qs(urlsplit(consent.address).query).items()}
            answer = await browser.post(consent.address.partition("?")[0], data=query | {"decision": decision})
            assert answer.status_code == 302
            return answer.headers["Location"]

    @property
    def grants(self) -> list[str]:
        bodies = [call.body.decode() for call in self.simulator.calls if call.path == "/restapi/oauth/token"]
        return [parse_qs(body)["grant_type"][0].rpartition(":")[2] for body in bodies]


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    clock = FakeClock(1_800_000_000.0)
    plenty = {"auth": 1_000, "light": 1_000}
    simulator = Simulator(clock=clock.now, sleep=clock.sleep, seeded=False, limits=plenty)
    simulator.issue_refresh_tokens = True
    return Platform(simulator, clock, tmp_path)


async def refused(platform: Platform, grant: Grant, store: TokenStore) -> errors.Refused:
    with pytest.raises(errors.Refused) as caught:
        await platform.call(grant, store)
    return caught.value


# A code that a browser brought


def test_the_challenge_is_the_digest_of_a_verifier_that_the_address_does_not_hold() -> None:
    consent, other = Consent(APP, REDIRECT), Consent(APP, REDIRECT)
    query = {name: values[0] for name, values in parse_qs(urlsplit(consent.address).query).items()}
    digest = hashlib.sha256(consent.verifier.encode()).digest()
    assert query == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "state": consent.state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    assert 43 <= len(consent.verifier) <= 128
    assert len(base64.urlsafe_b64decode(consent.state + "=")) == 32
    assert consent.verifier != other.verifier
    assert consent.state != other.state


@pytest.mark.parametrize("app", [APP, PUBLIC])
async def test_a_code_is_swapped_for_a_session_by_a_public_and_by_a_confidential_app(
    platform: Platform, app: App
) -> None:
    token = await platform.log_in(app)
    assert token.by_login
    assert token.refresh_token is not None
    sent = next(call for call in platform.simulator.calls if call.path == "/restapi/oauth/token")
    assert ("authorization" in sent.headers) == (app is APP)
    assert ("client_id" in parse_qs(sent.body.decode())) == (app is PUBLIC)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("{redirect}?code=c&state=another", "does not belong"),
        ("{redirect}?code=c", "does not belong"),
        ("{redirect}?state={state}", "does not belong"),
        ("{redirect}?state={state}&code=", "does not belong"),
        ("c", "does not belong"),
        ("{redirect}?error=access_denied&state={state}", "Access was refused"),
        ("{redirect}?error=invalid_scope&state={state}", "error invalid_scope"),
        ("{redirect}?error=access_denied", "does not belong"),
        ("{redirect}?error=access_denied&state=\u00e9", "does not belong"),
    ],
)
def test_an_address_that_is_no_answer_to_this_visit_gives_no_code(address: str, message: str) -> None:
    consent = Consent(APP, REDIRECT)
    with pytest.raises(errors.Refused, match=message):
        consent.grant(address.format(redirect=REDIRECT, state=consent.state))


async def test_a_code_serves_once_for_a_minute_for_its_own_app_address_and_verifier(platform: Platform) -> None:
    async def outcome(spoil: CodeGrant | None = None, *, wait: float = 0.0) -> str | None:
        consent = Consent(APP, REDIRECT)
        grant = consent.grant(await platform.consented(consent))
        platform.clock.time += wait
        told = await refused(platform, _like(grant, spoil) if spoil else grant, MemoryTokenStore())
        assert told.code == "session_expired"
        assert "login" in told.next_step
        return told.upstream.error_code if told.upstream else None

    good = CodeGrant(APP, "", REDIRECT, "")
    assert await outcome(CodeGrant(APP, "another", REDIRECT, "")) == "OAU-106"
    assert await outcome(CodeGrant(APP, "", REDIRECT + "/", "")) == "OAU-109"
    assert await outcome(CodeGrant(APP, "", REDIRECT, "another")) == "OAU-106"
    assert await outcome(CodeGrant(PUBLIC, "", REDIRECT, "")) == "OAU-110"
    assert await outcome(good, wait=60) == "OAU-108"
    consent = Consent(APP, REDIRECT)
    grant = consent.grant(await platform.consented(consent))
    await platform.call(grant, MemoryTokenStore())
    told = await refused(platform, grant, MemoryTokenStore())
    assert told.upstream is not None
    assert told.upstream.error_code == "OAU-106"


def _like(grant: CodeGrant, spoil: CodeGrant) -> CodeGrant:
    return CodeGrant(spoil.app, spoil.code or grant.code, spoil.redirect_uri, spoil.verifier or grant.verifier)


async def test_the_consent_page_is_asked_for_before_a_person_is_sent_there(platform: Platform) -> None:
    async with build_http(SERVER, httpx.Auth(), transport=platform.simulator.transport(), user_agent="t/1") as http:
        await check(http, Consent(APP, REDIRECT))
        for consent in (Consent(App(SERVER, "another"), REDIRECT), Consent(APP, "https://elsewhere.example/")):
            with pytest.raises(errors.Refused) as caught:
                await check(http, consent)
            assert consent.redirect_uri in caught.value.next_step
        platform.simulator.faults.add("drop_before", path="authorize")
        with pytest.raises(errors.Unanswered):
            await check(http, Consent(APP, REDIRECT))


# From one token to the next


async def test_a_login_is_renewed_by_its_refresh_token_for_weeks(platform: Platform) -> None:
    await platform.log_in()
    store = platform.store()
    for _ in range(30):
        platform.clock.time += 6 * 24 * HOUR
        await platform.call(LoginGrant(APP), store)
    assert platform.grants == ["authorization_code"] + ["refresh_token"] * 30
    held = await store.load()
    assert held is not None
    assert held.by_login


async def test_a_public_app_renews_without_an_authorization_header(platform: Platform) -> None:
    await platform.log_in(PUBLIC)
    platform.clock.time += HOUR
    await platform.call(LoginGrant(PUBLIC), platform.store(PUBLIC))
    assert platform.grants[-1] == "refresh_token"
    assert "authorization" not in renewal_request(PUBLIC, "r").headers
    assert "authorization" not in revoke_request(PUBLIC, Token("a", 1.0)).headers


class Killed(Exception):
    """The process ends here."""


class Mortal(SharedTokenStore):
    """A store whose process dies as it begins to write."""

    async def save(self, token: Token) -> None:  # noqa: ARG002
        raise Killed


@pytest.mark.parametrize("later", [0.0, 59 * 60.0])
async def test_a_crash_between_the_renewal_and_its_storing_strands_nobody(platform: Platform, later: float) -> None:
    await platform.log_in()
    platform.clock.time += HOUR
    key = SessionKey("default", CLIENT_ID, SERVER)
    mortal = Mortal(key, "file", platform.clock, folder=platform.folder, wall=platform.clock.now)
    with pytest.raises(Killed):
        await platform.call(LoginGrant(APP), mortal)
    assert platform.grants[-1] == "refresh_token"
    platform.clock.time += later
    await platform.call(LoginGrant(APP), platform.store())
    platform.clock.time += HOUR
    await platform.call(LoginGrant(APP), platform.store())
    assert platform.grants == ["authorization_code", *["refresh_token"] * 3]


async def test_a_renewal_is_stored_before_it_is_used(platform: Platform) -> None:
    await platform.log_in()
    platform.clock.time += HOUR
    used: list[bool] = []

    class Watching(httpx.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if "oauth" not in request.url.path:
                held = await platform.store().load()
                used.append(held is not None and request.headers["Authorization"] == f"Bearer {held.access_token}")
            return await platform.simulator.transport().handle_async_request(request)

    async with platform.process(LoginGrant(APP), platform.store(), Watching()) as client:
        await client.request("GET", MEETINGS, group="light")
    assert used == [True]
    assert platform.grants[-1] == "refresh_token"


async def test_a_call_that_is_cancelled_while_the_renewal_is_stored_does_not_lose_it(platform: Platform) -> None:
    await platform.log_in()
    platform.clock.time += HOUR

    class Slow(SharedTokenStore):
        async def save(self, token: Token) -> None:
            scope.cancel()
            await anyio.lowlevel.checkpoint()
            await super().save(token)

    key = SessionKey("default", CLIENT_ID, SERVER)
    slow = Slow(key, "file", platform.clock, folder=platform.folder, wall=platform.clock.now)
    before = await platform.store().load()
    with anyio.CancelScope() as scope:
        await platform.call(LoginGrant(APP), slow)
    after = await platform.store().load()
    assert before is not None
    assert after is not None
    assert after.refresh_token != before.refresh_token


async def test_a_store_that_never_answers_is_a_clear_line(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent(MemoryTokenStore):
        async def save(self, token: Token) -> None:  # noqa: ARG002
            await anyio.sleep_forever()

    monkeypatch.setattr(auth_module, "STORE_TIMEOUT_SECONDS", 0.0)
    told = await refused(platform, JwtGrant(APP, JWT), Silent())
    assert "does not answer" in told.message


async def test_a_session_that_was_ended_elsewhere_asks_for_login_once_and_sends_no_more_requests(
    platform: Platform,
) -> None:
    await platform.log_in()
    platform.simulator.revoke_tokens()
    store = platform.store()
    told = await refused(platform, LoginGrant(APP), store)
    assert told.code == "session_expired"
    assert "`ringcentral-meetings-mcp login`" in told.next_step
    assert told.upstream is not None
    assert told.upstream.error_code == "OAU-211"
    count = len(platform.grants)
    for again in (store, platform.store()):
        told = await refused(platform, LoginGrant(APP, "work"), again)
        assert told.code == "session_expired"
        assert "login --profile work`" in told.next_step
    assert len(platform.grants) == count
    await platform.log_in()
    await platform.call(LoginGrant(APP), store)


async def test_a_session_that_ended_gives_way_to_the_jwt(platform: Platform) -> None:
    await platform.log_in()
    platform.simulator.revoke_tokens()
    store = platform.store(jwt=JWT)
    await platform.call(JwtGrant(APP, JWT), store)
    assert platform.grants == ["authorization_code", "refresh_token", "jwt-bearer"]
    await platform.call(JwtGrant(APP, JWT), platform.store(jwt=JWT))
    assert len(platform.grants) == 3


async def test_without_a_refresh_token_a_login_lasts_an_hour_and_then_asks_for_another(platform: Platform) -> None:
    platform.simulator.issue_refresh_tokens = False
    token = await platform.log_in()
    assert token.refresh_token is None
    await platform.call(LoginGrant(APP), platform.store())
    platform.clock.time += HOUR
    told = await refused(platform, LoginGrant(APP), platform.store())
    assert told.code == "session_expired"
    assert platform.grants == ["authorization_code"]


async def test_without_a_refresh_token_the_jwt_is_presented_again(platform: Platform) -> None:
    platform.simulator.issue_refresh_tokens = False
    store = platform.store(jwt=JWT)
    for _ in range(2):
        await platform.call(JwtGrant(APP, JWT), store)
        platform.clock.time += HOUR
    assert platform.grants == ["jwt-bearer", "jwt-bearer"]


async def test_with_a_refresh_token_the_jwt_is_not(platform: Platform) -> None:
    store = platform.store(jwt=JWT)
    for _ in range(3):
        await platform.call(JwtGrant(APP, JWT), store)
        platform.clock.time += HOUR
    assert platform.grants == ["jwt-bearer", "refresh_token", "refresh_token"]
    platform.simulator.issue_refresh_tokens = False
    await platform.call(JwtGrant(APP, JWT), store)
    assert platform.grants[3:] == ["refresh_token", "jwt-bearer"]


async def test_a_wrong_secret_does_not_cost_the_session(platform: Platform) -> None:
    await platform.log_in()
    platform.clock.time += HOUR
    told = await refused(platform, LoginGrant(App(SERVER, CLIENT_ID, "canary-wrong")), platform.store())
    assert told.code == "not_signed_in"
    assert "RINGCENTRAL_CLIENT_SECRET" in told.next_step
    assert "canary" not in str(vars(told))
    await platform.call(LoginGrant(APP), platform.store())


async def test_nobody_signed_in_names_login(platform: Platform) -> None:
    told = await refused(platform, LoginGrant(APP, "work"), platform.store())
    assert told.code == "not_signed_in"
    assert "`ringcentral-meetings-mcp login --profile work`" in told.next_step
    assert platform.grants == []


@pytest.mark.parametrize("count", [8])
async def test_processes_that_start_together_share_one_session_and_one_renewal(platform: Platform, count: int) -> None:
    async def one() -> None:
        await platform.call(JwtGrant(APP, JWT), platform.store(jwt=JWT))

    assert await at_once(count, one) == [None] * count
    assert platform.grants == ["jwt-bearer"]
    platform.clock.time += HOUR
    assert await at_once(count, one) == [None] * count
    assert platform.grants == ["jwt-bearer", "refresh_token"]


async def test_a_process_that_holds_an_old_token_finds_the_one_that_another_renewed(platform: Platform) -> None:
    store, other = platform.store(jwt=JWT), platform.store(jwt=JWT)
    async with platform.process(JwtGrant(APP, JWT), store) as mine:
        await mine.request("GET", MEETINGS, group="light")
        platform.clock.time += HOUR
        await platform.call(JwtGrant(APP, JWT), other)
        await mine.request("GET", MEETINGS, group="light")
    assert platform.grants == ["jwt-bearer", "refresh_token"]


# The end of a session


async def test_revoking_ends_the_session_on_every_device(platform: Platform) -> None:
    token = await platform.log_in()
    async with build_http(SERVER, httpx.Auth(), transport=platform.simulator.transport(), user_agent="t/1") as http:
        assert await revoke(http, APP, token) is None
        assert (await refused(platform, LoginGrant(APP), platform.store())).code == "session_expired"
        assert "401" in (await revoke(http, App(SERVER, CLIENT_ID, "wrong"), token) or "")
        platform.simulator.faults.add("refused", path="revoke")
        assert "No connection" in (await revoke(http, APP, token) or "")


def test_no_secret_shows_in_what_a_grant_looks_like() -> None:
    consent = Consent(App(SERVER, "id", "canary-secret"), REDIRECT, "canary-state", "canary-verifier")
    grant = consent.grant(f"{REDIRECT}?code=canary-code&state=canary-state")
    shown = [consent, grant, JwtGrant(APP, "canary-jwt"), LoginGrant(APP), grant.token_request(None)]
    assert "canary" not in f"{shown!r} {[str(one) for one in shown]}"
