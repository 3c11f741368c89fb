"""The ways to a token and from one token to the next, against the simulator's own idea of them."""

from collections.abc import Awaitable, Callable

import anyio
import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.signin import auth as auth_module
from ringcentral_meetings.platform.signin.consent import Consent, revoke
from ringcentral_meetings.platform.signin.grants import App, JwtGrant, LoginGrant, renewal_request, revoke_request
from ringcentral_meetings.platform.signin.sessions import SessionKey, SharedTokenStore
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, Token
from ringcentral_meetings.simulator import CLIENT_ID, JWT
from scripted_http import at_once

from .signing import APP, HOUR, MEETINGS, PUBLIC, REDIRECT, SERVER, Platform, refused

pytestmark = pytest.mark.anyio

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


class Overtaken(httpx.AsyncBaseTransport):
    """A wire on which somebody does something to the store while a refresh token is refused."""

    def __init__(self, platform: Platform, meanwhile: Callable[[], Awaitable[object]]) -> None:
        self._wire = platform.simulator.transport()
        self._meanwhile: Callable[[], Awaitable[object]] | None = meanwhile

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._wire.handle_async_request(request)
        if answer.status_code >= 400 and self._meanwhile is not None:
            meanwhile, self._meanwhile = self._meanwhile, None
            await meanwhile()
        return answer


async def test_a_login_stored_while_the_old_session_is_refused_is_used_and_not_written_over(platform: Platform) -> None:
    await platform.log_in()
    platform.simulator.revoke_tokens()
    platform.clock.time += HOUR
    store = platform.store()
    async with platform.process(LoginGrant(APP), store, Overtaken(platform, platform.log_in)) as client:
        await client.request("GET", MEETINGS, group="light")
    assert platform.grants == ["authorization_code", "refresh_token", "authorization_code"]
    held = await platform.store().load()
    assert held is not None
    assert held.refresh_token is not None


async def test_a_logout_while_the_old_session_is_refused_stays_one(platform: Platform) -> None:
    await platform.log_in()
    platform.simulator.revoke_tokens()
    platform.clock.time += HOUR
    async with platform.process(LoginGrant(APP), platform.store(), Overtaken(platform, platform.store().clear)) as mine:
        with pytest.raises(errors.Refused, match="Nobody is signed in"):
            await mine.request("GET", MEETINGS, group="light")
    assert await platform.store().load() is None


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


@pytest.mark.parametrize(
    ("by_jwt", "step"), [(False, "mcp login --profile work`"), (True, "mcp logout --profile work`")]
)
async def test_a_renewal_that_is_refused_names_the_step_of_this_profile_and_way_of_signing_in(
    platform: Platform, by_jwt: bool, step: str
) -> None:
    await platform.log_in()
    platform.clock.time += HOUR
    platform.simulator.faults.add("status", path="oauth/token", status=400, code="OAU-211")
    grant = JwtGrant(APP, JWT, "work") if by_jwt else LoginGrant(APP, "work")
    told = await refused(platform, grant, platform.store(jwt=JWT if by_jwt else None))
    assert told.code == "session_expired"
    assert step in told.next_step
    assert ("RINGCENTRAL_JWT" in told.next_step) is by_jwt


@pytest.mark.parametrize(
    ("by_jwt", "step", "other"), [(False, "login --profile work`", "JWT"), (True, "RINGCENTRAL_JWT", "login")]
)
async def test_an_access_token_that_is_refused_for_good_names_the_right_step_too(
    platform: Platform, by_jwt: bool, step: str, other: str
) -> None:
    await platform.log_in()
    platform.simulator.faults.add("status", path="meeting", status=401, code="OAU-129")
    grant = JwtGrant(APP, JWT, "work") if by_jwt else LoginGrant(APP, "work")
    told = await refused(platform, grant, platform.store(jwt=JWT if by_jwt else None))
    assert told.code == "session_expired"
    assert step in told.next_step
    assert other not in told.next_step


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
        assert "cannot be reached" in (await revoke(http, APP, token) or "")


def test_no_secret_shows_in_what_a_grant_looks_like() -> None:
    consent = Consent(App(SERVER, "id", "canary-secret"), REDIRECT, "canary-state", "canary-verifier")
    grant = consent.grant(f"{REDIRECT}?code=canary-code&state=canary-state")
    shown = [consent, grant, JwtGrant(APP, "canary-jwt"), LoginGrant(APP), grant.token_request(None)]
    assert "canary" not in f"{shown!r} {[str(one) for one in shown]}"
