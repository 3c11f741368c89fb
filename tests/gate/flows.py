"""A gate in this process, browsers and clients that use it, and a stand-in for RingCentral that people sign in at."""

import base64
import hashlib
import html
import itertools
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from starlette.applications import Starlette
from starlette.types import ASGIApp, Receive, Scope, Send

from ringcentral_meetings.gate import metadata
from ringcentral_meetings.gate.clients import Clients
from ringcentral_meetings.gate.records import Client, Declined, Gate, SignedInPerson
from ringcentral_meetings.gate.routes import routes
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.store import KeyRing, Session, Store, StoreDown
from ringcentral_meetings.store.memory import MemorySteps

ISSUER = "https://meetings.example.com"
RESOURCE = f"{ISSUER}/mcp"
RINGCENTRAL = "https://login.ringcentral.example/authorize"
BACK = "https://app.example.net/oauth/callback?tenant=a%20b"
LOOPBACK = "http://127.0.0.1/callback"
EDITOR = "cursor://anysphere.cursor-mcp/oauth/callback"
APP = Client("app", "fixed", "An app", "", (BACK, LOOPBACK, EDITOR))
OTHER = Client("other", "fixed", "Another app", "", (BACK,))
VERIFIER = "v" * 43
STATE = "the client's own/state?&=+ä"

Fields = dict[str, str]


def challenge_of(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def asking(**changed: str | None) -> Fields:
    """The query of an authorization request; None leaves a parameter out."""
    query: dict[str, str | None] = {
        "response_type": "code",
        "client_id": APP.id,
        "redirect_uri": BACK,
        "state": STATE,
        "code_challenge": challenge_of(VERIFIER),
        "code_challenge_method": "S256",
        "resource": RESOURCE,
        "scope": "meetings.read meetings.write",
        **changed,
    }
    return {name: value for name, value in query.items() if value is not None}


def query_of(address: str) -> Fields:
    """The query of an address, of which each name is there once."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def hidden_fields(page: str) -> Fields:
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def onward(answer: httpx.Response) -> str:
    """Where an answer sends the browser: by a redirect that makes it a GET, or by a refresh of its page."""
    if "location" in answer.headers:
        assert answer.status_code == 303
        return answer.headers["location"]
    found = re.search(r'<meta http-equiv="refresh" content="0; url=([^"]*)">', answer.text)
    assert found is not None, answer.text
    return html.unescape(found[1])


class StandIn:
    """Stands in for RingCentral: `people` sign in by their number, and `sessions` of theirs last for `seconds`."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.login = RINGCENTRAL
        self.seconds = 7 * 86_400.0
        self.declines: Declined | None = None
        self.revoked: list[Session] = []
        self.addresses: dict[str, tuple[str, bool]] = {}
        self._codes: dict[str, tuple[int, str]] = {}
        self._numbers = itertools.count(1)

    def authorize_url(self, state: str, verifier: str, *, another_account: bool = False) -> str:
        self.addresses[state] = (verifier, another_account)
        return f"{self.login}?{urlencode({'state': state})}"

    def signs_in(self, address: str, person: int = 1) -> str:
        """Somebody signs in at the address that the browser was sent to; returns where it is sent then."""
        assert address.startswith(self.login)
        state = query_of(address)["state"]
        code = f"upstream-code-{next(self._numbers)}"
        self._codes[code] = (person, self.addresses[state][0])
        return f"/callback?{urlencode({'code': code, 'state': state})}"

    async def complete(self, code: str, verifier: str) -> SignedInPerson:
        if self.declines is not None:
            raise self.declines
        person, expected = self._codes.pop(code, (0, ""))
        if not person or verifier != expected:
            raise Declined("server_error", "The sign-in failed", "The code is not known.")
        user = self.user(person)
        session = Session(f"upstream-access-{code}", f"upstream-refresh-{code}", 3_600, 3_600)
        there = await self.store.sessions.load(user)
        over = there.generation if there is not None else 0
        await self.store.sessions.put(user, session, over=over, ends_in=self.seconds)
        return SignedInPerson(user, "8001", str(9000 + person), f"Person {person}", self.seconds)

    def user(self, person: int) -> str:
        return self.store.ring.user("platform.ringcentral.com", "8001", str(9000 + person))

    async def ended(self, session: Session) -> None:
        self.revoked.append(session)

    async def remaining(self, user: str) -> float:
        return self.seconds if await self.store.sessions.load(user) is not None else 0.0


@dataclass
class World:
    """A gate, its store, and what its time is.

    `trips` are those to the store so far. The answers to the steps in `lost` do not come, to all if it has `*`.
    """

    store: Store
    steps: MemorySteps
    upstream: StandIn
    app: ASGIApp
    clock: list[float]
    trips: list[str]
    lost: set[str]
    issuer: str = ISSUER
    opened: list[httpx.AsyncClient] = field(default_factory=list)

    def advance(self, seconds: float) -> None:
        self.clock[0] += seconds

    def browser(self, address: str = "192.0.2.1") -> httpx.AsyncClient:
        """A browser with cookies of its own, whose forms come from our pages."""
        return self._http(address, {"Sec-Fetch-Site": "same-origin"})

    def program(self, address: str = "198.51.100.1") -> httpx.AsyncClient:
        return self._http(address, {})

    def _http(self, address: str, headers: dict[str, str]) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=(address, 50_000))
        made = httpx.AsyncClient(transport=transport, base_url=self.issuer, headers=headers)
        self.opened.append(made)
        return made

    async def approved(self, browser: httpx.AsyncClient, fields: Fields | None = None, **changed: str | None) -> str:
        """Ask for and approve something; return where at RingCentral the browser goes."""
        page = await browser.get("/authorize", params=asking(**changed))
        assert page.status_code == 200, page.text
        form = hidden_fields(page.text) | {"decision": "allow", "write": "on"} | (fields or {})
        answer = await browser.post("/consent", data=form)
        assert answer.status_code == 200, answer.text
        return onward(answer)

    async def code(
        self,
        browser: httpx.AsyncClient | None = None,
        person: int = 1,
        fields: Fields | None = None,
        **changed: str | None,
    ) -> str:
        """Sign somebody in, and return the code that the client is given."""
        browser = browser or self.browser()
        there = await self.approved(browser, fields, **changed)
        answer = await browser.get(self.upstream.signs_in(there, person))
        return query_of(onward(answer))["code"]

    async def token(self, form: Mapping[str, str | None], http: httpx.AsyncClient | None = None) -> httpx.Response:
        """Ask for tokens; None leaves a parameter out."""
        given = {name: value for name, value in {"client_id": APP.id, **form}.items() if value is not None}
        return await (http or self.program()).post("/token", data=given)

    async def exchange(self, code: str, **changed: str | None) -> httpx.Response:
        form = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, "redirect_uri": BACK}
        return await self.token({**form, **changed})

    async def refresh(self, token: str, **changed: str | None) -> httpx.Response:
        return await self.token({"grant_type": "refresh_token", "refresh_token": token, **changed})

    async def grant(self, person: int = 1, **changed: str | None) -> dict[str, Any]:
        """Sign somebody in, and return what the client is given for the code."""
        client = {name: value for name, value in changed.items() if name in {"client_id", "redirect_uri"}}
        return tokens(await self.exchange(await self.code(None, person, None, **changed), **client))

    async def scopes_of(self, access: str) -> tuple[str, ...] | None:
        """What an access token is good for; None for one that is of no use."""
        user, digest = access.split("_")[2], hashlib.sha256(access.encode()).hexdigest()
        grant = (await self.store.open_call(user, access=digest)).grant
        return grant.scopes if grant is not None else None


@asynccontextmanager
async def world(
    *,
    fixed: tuple[Client, ...] = (APP, OTHER),
    ring: KeyRing | None = None,
    issuer: str = ISSUER,
    documents: Mapping[str, Mapping[str, object]] | None = None,
    stores: Sequence[Store] = (),
    **settings: Any,
) -> AsyncIterator[World]:
    """`documents` are what clients publish of themselves, by address, and `settings` are those of the gate.

    With `stores` there is a replica for each, and requests go to them by turns.
    """

    async def published(request: httpx.Request) -> httpx.Response:
        found = (documents or {}).get(str(request.url))
        return httpx.Response(404) if found is None else httpx.Response(200, json=found)

    clock = [1_800_000_000.0]
    trips: list[str] = []
    lost: set[str] = set()

    def on_trip(step: str, _outcome: str, _seconds: float) -> None:
        trips.append(step)
        if lost & {step, "*"}:
            raise StoreDown("does not answer")

    steps = MemorySteps(lambda: clock[0], on_trip=on_trip)
    stores = stores or [Store(steps, ring or KeyRing.new())]
    gate, upstream = Gate(issuer, fixed=fixed, **settings), StandIn(stores[0])

    def replica(store: Store) -> Starlette:
        fetch = Guarded("tests/1", transport=httpx.MockTransport(published))
        clients = Clients(gate, store, fetch, store.grants, lambda: clock[0])
        paths = routes(gate, store, clients, upstream, now=lambda: clock[0])
        return Starlette(routes=[*metadata.routes(gate), *paths])

    app = by_turns([replica(store) for store in stores])
    made = World(stores[0], steps, upstream, app, clock, trips, lost, issuer)
    try:
        yield made
    finally:
        for http in made.opened:
            await http.aclose()


def by_turns(apps: Sequence[ASGIApp]) -> ASGIApp:
    """An application whose requests go to each of others by turns."""
    turns = itertools.cycle(apps)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await next(turns)(scope, receive, send)

    return app


def tokens(answer: httpx.Response) -> dict[str, Any]:
    """What was issued."""
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def error(answer: httpx.Response) -> tuple[int, str]:
    """The status and OAuth's code of an error that is told to a program, which may not be kept."""
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, answer.json()["error"]
