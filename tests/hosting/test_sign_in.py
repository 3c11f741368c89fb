"""What becomes of the code that a browser brings back from RingCentral."""

import base64
import hashlib
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qs, parse_qsl, urlsplit

import anyio
import httpx
import pytest

from hosting.town import SERVER
from ringcentral_meetings.gate.admission import Admission
from ringcentral_meetings.gate.records import Declined, SignedInPerson
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import LoopClock
from ringcentral_meetings.platform.signin.auth import NoCredentialsAuth
from ringcentral_meetings.platform.signin.grants import App
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, UNLIMITED, Faults, Simulator
from ringcentral_meetings.simulator.people import ACCOUNT_ID, SECOND_ACCOUNT_ID
from ringcentral_meetings.simulator.people import Person as Simulated
from ringcentral_meetings.store import KeyRing, Lease, Session, Store, StoreDown, memory_store
from ringcentral_meetings.store.sessions import RENEWAL_SECONDS, renewal_name
from ringcentral_meetings.users import SESSION_SECONDS, person_of
from ringcentral_meetings.users.ringcentral import RingCentral

pytestmark = pytest.mark.anyio

CALLBACK = "https://meetings.example/callback"
VERIFIER = "v" * 43
DAY = 24 * 3600


@dataclass
class Door:
    """RingCentral as a host sees it, and people with browsers."""

    simulator: Simulator
    ring: KeyRing
    store: Store
    upstream: RingCentral

    async def code(self, person: Simulated, decision: str = "allow", **more: bool) -> str:
        """What the browser of somebody brings back."""
        url = urlsplit(self.upstream.authorize_url("our-state", VERIFIER, **more))
        form = dict(parse_qsl(url.query)) | {"decision": decision, "person": person.id}
        async with httpx.AsyncClient(transport=self.simulator.transport(), base_url=SERVER) as browser:
            page = await browser.get(f"{url.path}?{url.query}")
            assert page.status_code == 200, page.text
            answer = await browser.post(url.path, data=form)
        back = urlsplit(answer.headers["Location"])
        assert f"{back.scheme}://{back.netloc}{back.path}" == CALLBACK
        given = parse_qs(back.query)
        assert given["state"] == ["our-state"]
        return given["code"][0]

    async def sign_in(self, person: Simulated) -> SignedInPerson:
        return await self.upstream.complete(await self.code(person), VERIFIER)

    async def declined(self, person: Simulated) -> Declined:
        with pytest.raises(Declined) as caught:
            await self.sign_in(person)
        return caught.value

    def user(self, person: Simulated) -> str:
        return person_of(self.ring, SERVER, person.account, person.id).user

    async def session(self, person: Simulated) -> Session | None:
        return await self.store.sessions.load(self.user(person))

    def alive(self, person: Simulated) -> int:
        """How many sessions somebody has at RingCentral."""
        rows = self.simulator.store.run("SELECT id FROM sessions WHERE user = ? AND NOT ended", person.id)
        return len(rows)

    def revocations(self) -> int:
        return sum(call.path.endswith("/oauth/revoke") for call in self.simulator.calls)

    async def works(self, session: Session) -> bool:
        """Whether RingCentral still takes an access token."""
        headers = {"Authorization": f"Bearer {session.access_token}"}
        async with httpx.AsyncClient(transport=self.simulator.transport(), base_url=SERVER) as api:
            return (await api.get("/restapi/v1.0/account/~/extension/~", headers=headers)).is_success


@asynccontextmanager
async def door(
    admitted: str = "*", replaced_seconds: float = 60.0, seconds: Callable[[], float] = time.monotonic
) -> AsyncIterator[Door]:
    """`seconds` is the clock of the store."""
    simulator = Simulator(people=5, dual_mode=True, limits=UNLIMITED, redirect_uris=[CALLBACK])
    ring = KeyRing.new()
    store = memory_store(ring, clock=seconds)
    app = App(SERVER, CLIENT_ID, CLIENT_SECRET, SESSION_SECONDS)
    transport = simulator.transport()
    async with build_http(SERVER, NoCredentialsAuth(), transport=transport, user_agent="tests/1") as http:
        admission = Admission.of_text(admitted)
        upstream = RingCentral(app, CALLBACK, http, store, admission, LoopClock(), replaced_seconds)
        yield Door(simulator, ring, store, upstream)
    await store.close()
    simulator.close()


async def test_the_browser_goes_to_ringcentral_with_our_challenge_and_the_one_registered_address() -> None:
    async with door() as d:
        query = {
            name: values[0]
            for name, values in parse_qs(urlsplit(d.upstream.authorize_url("s", VERIFIER)).query).items()
        }
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
    assert query == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "state": "s",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }


async def test_another_account_is_asked_for_by_a_new_sign_in() -> None:
    async with door() as d:
        url = d.upstream.authorize_url("s", VERIFIER, another_account=True)
        assert parse_qs(urlsplit(url).query)["prompt"] == ["login sso"]
        async with httpx.AsyncClient(transport=d.simulator.transport()) as browser:
            assert "prompt=login" in (await browser.get(url)).text


async def test_the_session_is_stored_for_its_person_and_lasts_as_long_as_ringcentral_grants() -> None:
    async with door() as d:
        person = d.simulator.people[4]
        signed_in = await d.sign_in(person)
        assert signed_in == SignedInPerson(d.user(person), person.account, person.id, person.name, 30 * DAY)
        session = await d.session(person)
        assert session is not None
        assert await d.works(session)
        assert (session.account, session.owner_id) == (person.account, person.id)
        assert 29 * DAY < await d.upstream.remaining(signed_in.user) <= 30 * DAY
        assert await d.session(d.simulator.people[3]) is None


@pytest.mark.parametrize("admitted", [ACCOUNT_ID, f"{ACCOUNT_ID} 1", f"{SECOND_ACCOUNT_ID}/1", "1,2"])
async def test_an_account_that_is_not_admitted_leaves_no_session_behind_case_35(admitted: str) -> None:
    async with door(admitted) as d:
        person = next(one for one in d.simulator.people if one.account == SECOND_ACCOUNT_ID)
        declined = await d.declined(person)
        assert declined.error == "access_denied"
        assert person.account in declined.text
        assert await d.session(person) is None
        assert d.alive(person) == 0


async def test_an_extension_is_admitted_by_itself_case_35() -> None:
    async with door(f"{SECOND_ACCOUNT_ID}/305000001") as d:
        one, *others = [one for one in d.simulator.people if one.id in {"305000001", "304921004"}][::-1]
        assert (await d.sign_in(one)).extension_id == one.id
        assert (await d.declined(others[0])).error == "access_denied"


async def test_an_identity_without_an_account_is_nobodys_case_35() -> None:
    async with door() as d:
        code = await d.code(d.simulator.people[3])
        d.simulator.faults = Faults.parse("GET ~$ html x9")
        with pytest.raises(Declined) as caught:
            await d.upstream.complete(code, VERIFIER)
        assert caught.value.error in {"temporarily_unavailable", "server_error"}
        assert d.alive(d.simulator.people[3]) == 0


def _disable(simulator: Simulator, person: Simulated) -> None:
    simulator.disabled = {person.id}


def _withdraw(simulator: Simulator, _person: Simulated, permission: str) -> None:
    simulator.permissions.discard(permission)


def _fault(simulator: Simulator, _person: Simulated, spec: str) -> None:
    simulator.faults = Faults.parse(spec)


def _unscope(simulator: Simulator, _person: Simulated) -> None:
    simulator.scopes.discard("ReadAccounts")


LOST = partial(_fault, spec="POST token drop_after x9")
"""The session that came of it is known to RingCentral alone."""


def _no_refresh_tokens(simulator: Simulator, _person: Simulated) -> None:
    simulator.issue_refresh_tokens = False


@pytest.mark.parametrize(
    ("act", "error", "words"),
    [
        (_no_refresh_tokens, "server_error", "whoever runs the server"),
        (_disable, "access_denied", "OAU-236"),
        (partial(_withdraw, permission="ThirdPartyAppAccess"), "access_denied", "ThirdPartyAppAccess"),
        (_unscope, "server_error", "whoever runs the server"),
        (partial(_fault, spec="POST token status=503 x9"), "temporarily_unavailable", "few minutes"),
        (LOST, "temporarily_unavailable", "few minutes"),
        (partial(_fault, spec="POST token drop_before x9"), "temporarily_unavailable", "few minutes"),
        (partial(_fault, spec="GET ~$ status=503 x9"), "temporarily_unavailable", "few minutes"),
    ],
)
async def test_a_sign_in_that_ringcentral_refuses_is_declined_in_our_words(
    act: Callable[[Simulator, Simulated], None], error: str, words: str
) -> None:
    async with door() as d:
        person = d.simulator.people[3]
        code = await d.code(person)
        act(d.simulator, person)
        with pytest.raises(Declined) as caught:
            await d.upstream.complete(code, VERIFIER)
        assert (caught.value.error, words in caught.value.text) == (error, True), caught.value.text
        assert await d.session(person) is None
        if act is not LOST:
            assert d.alive(person) == 0


async def test_a_code_that_is_used_foreign_or_has_another_verifier_is_declined() -> None:
    async with door() as d:
        person = d.simulator.people[3]
        used = await d.code(person)
        await d.upstream.complete(used, VERIFIER)
        for code, verifier in ((used, VERIFIER), ("unknown", VERIFIER), (await d.code(person), "w" * 43)):
            with pytest.raises(Declined) as caught:
                await d.upstream.complete(code, verifier)
            assert (caught.value.error, "minute" in caught.value.text) == ("access_denied", True)
        assert await d.session(person) is not None


async def test_a_later_sign_in_replaces_the_session_which_is_revoked_once_and_only_after_its_use() -> None:
    async with door() as d:
        person = d.simulator.people[3]
        async with d.upstream.serving():
            await d.sign_in(person)
            first = await d.session(person)
            await d.sign_in(person)
            second = await d.session(person)
            assert first is not None
            assert second is not None
            assert second.generation > first.generation
            assert (await d.works(first), await d.works(second), d.revocations()) == (True, True, 0)
        assert (await d.works(first), await d.works(second), d.revocations()) == (False, True, 1)


async def test_of_several_sign_ins_at_once_one_session_stays() -> None:
    async with door(replaced_seconds=0) as d:
        person = d.simulator.people[3]
        codes = [await d.code(person) for _ in range(4)]
        async with d.upstream.serving(), anyio.create_task_group() as tasks:
            for code in codes:
                tasks.start_soon(d.upstream.complete, code, VERIFIER)
        session = await d.session(person)
        assert session is not None
        assert await d.works(session)
        assert (d.alive(person), d.revocations()) == (1, 3)


@pytest.mark.parametrize(("is_named", "asked"), [(False, 1), (True, 2)])
async def test_a_penalty_that_names_no_limit_holds_the_sign_ins_of_all_until_it_is_over(
    is_named: bool, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Case 48: each request within a penalty begins it anew."""
    monkeypatch.setattr("ringcentral_meetings.platform.signin.auth.names_a_limit", lambda _headers: is_named)
    now = [1_000.0]
    async with door() as d:
        d.upstream.store = memory_store(d.ring, clock=lambda: now[0])
        codes = [await d.code(person) for person in d.simulator.people[1:4]]
        d.simulator.faults = Faults.parse("POST token rate_limit x2")
        for code in codes[:2]:
            with pytest.raises(Declined) as caught:
                await d.upstream.complete(code, VERIFIER)
            assert caught.value.error == "temporarily_unavailable"
        assert sum(call.path.endswith("/oauth/token") for call in d.simulator.calls) == asked
        d.simulator.faults = Faults.parse("GET nothing status=500")
        now[0] += 61
        assert (await d.upstream.complete(codes[2], VERIFIER)).name == d.simulator.people[3].name


async def test_the_session_of_the_latest_of_six_sign_ins_works_case_53() -> None:
    async with door() as d, d.upstream.serving():
        person = d.simulator.people[3]
        for _ in range(6):
            await d.sign_in(person)
            session = await d.session(person)
            assert session is not None
            assert await d.works(session)
        assert d.revocations() == 0


async def test_where_the_store_is_down_before_it_is_sent_a_session_that_session_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with door() as d:
        person = d.simulator.people[3]
        code = await d.code(person)

        async def down(*_: object) -> object:
            raise StoreDown("is away")

        monkeypatch.setattr(d.store.leases, "grant", down)
        with pytest.raises(StoreDown):
            await d.upstream.complete(code, VERIFIER)
        assert d.alive(person) == 0


async def test_a_process_that_is_killed_between_the_exchange_and_the_save_leaves_a_way_on_case_50() -> None:
    """Its session lies at RingCentral unused, its lease ends by itself, and the person's next sign-in works."""
    passed = 0.0
    async with door(seconds=lambda: passed) as d:
        person = d.simulator.people[1]
        await d.sign_in(person)
        before = await d.session(person)
        lease = await d.store.leases.grant(renewal_name(d.user(person)), RENEWAL_SECONDS)
        assert isinstance(lease, Lease), "it was killed with the new session in its hands"
        assert before is not None
        assert await d.works(before), "until then the former session serves"
        passed = RENEWAL_SECONDS + 1
        await d.sign_in(person)
        after = await d.session(person)
        assert after is not None
        assert after.generation > before.generation
        assert await d.works(after)


async def test_a_session_that_cannot_be_ended_raises_nothing() -> None:
    async with door() as d:
        person = d.simulator.people[3]
        user = (await d.sign_in(person)).user
        session = await d.store.sessions.end(user)
        assert session is not None
        d.simulator.faults = Faults.parse("POST revoke drop_before x9")
        await d.upstream.ended(session)
        assert d.revocations() == 1
        assert await d.upstream.remaining(user) == 0


async def test_nothing_remains_for_somebody_who_is_not_admitted_any_more_case_35() -> None:
    async with door() as d:
        user = (await d.sign_in(d.simulator.people[3])).user
        assert await d.upstream.remaining(user) > 0
        d.upstream.admission = Admission.of_text("1")
        assert await d.upstream.remaining(user) == 0
