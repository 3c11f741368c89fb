"""Several people of the simulator at several replicas of a host, all in this process, with a store that they share."""

import itertools
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx
import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult, TextContent
from pydantic import SecretStr
from whenever import Instant

from ringcentral_meetings.gate import tokens
from ringcentral_meetings.gate.records import SCOPES
from ringcentral_meetings.hosting import replica
from ringcentral_meetings.hosting.file_of_users import digest_of
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.hosting.settings import HostSettings
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.platform.limits import Clock, LoopClock
from ringcentral_meetings.platform.signin.auth import NoCredentialsAuth
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, UNLIMITED, Simulator
from ringcentral_meetings.simulator.people import Person as Simulated
from ringcentral_meetings.store import CodeRecord, Grant, Issued, KeyRing, Session, Store, memory_store
from ringcentral_meetings.users import person_of

BOTH = {"Accept": "application/json, text/event-stream"}
PUBLIC = "http://127.0.0.1:8920"
SERVER = "https://platform.ringcentral.com"
Mode = Literal["auto", "legacy"]
OpenStore = Callable[[KeyRing, Metrics], Store]


class ByTurns(httpx2.AsyncBaseTransport):
    """Sends each request to the next of several applications, and notes the status of each answer."""

    def __init__(self, apps: Sequence[Any], turns: "itertools.count[int]") -> None:
        self._transports = [httpx2.ASGITransport(app) for app in apps]
        self._turns = turns
        self.statuses: list[int] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._transports[next(self._turns) % len(self._transports)].handle_async_request(request)
        self.statuses.append(answer.status_code)
        return answer


@dataclass
class Town:
    """People and replicas; `bearers` holds the bearer token of each person, by extension id."""

    simulator: Simulator
    ring: KeyRing
    bearers: dict[str, str]
    replicas: list[replica.Replica] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    metrics: list[Metrics] = field(default_factory=list)
    turns: "itertools.count[int]" = field(default_factory=itertools.count)

    @property
    def people(self) -> tuple[Simulated, ...]:
        return self.simulator.people

    @asynccontextmanager
    async def client(
        self, person: Simulated, mode: Mode = "auto", replicas: Sequence[int] | None = None, **more: Any
    ) -> AsyncIterator[Client]:
        """A client of somebody's, whose requests go to the replicas by turns."""
        chosen = [self.replicas[number].app for number in (replicas or range(len(self.replicas)))]
        headers = {"Authorization": f"Bearer {self.bearers[person.id]}"}
        transport = ByTurns(chosen, self.turns)
        async with (
            httpx2.AsyncClient(transport=transport, headers=headers, timeout=60) as http,
            Client(streamable_http_client(f"{PUBLIC}/mcp", http_client=http), mode=mode, **more) as client,
        ):
            yield client

    def plain(self, number: int = 0, **headers: str) -> httpx.AsyncClient:
        """An HTTP client of one replica."""
        transport = httpx.ASGITransport(self.replicas[number].app)
        return httpx.AsyncClient(transport=transport, base_url=PUBLIC, headers=headers)

    def bearer(self, person: Simulated) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearers[person.id]}"}

    async def call(self, person: Simulated, number: int, tool: str, **arguments: Any) -> dict[str, Any]:
        """Call a tool by plain HTTP at one replica, and return the result, which must not be an error."""
        params = {"name": tool, "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        accepted = {"Accept": "application/json, text/event-stream"}
        async with self.plain(number, **self.bearer(person), **accepted) as http:
            answer = await http.post("/mcp", json=body)
        assert answer.status_code == 200, answer.text
        text = answer.text.removeprefix("event: message").strip().removeprefix("data:")
        found: dict[str, Any] = json.loads(text)["result"]
        assert not found["isError"], found
        return found

    async def grant(
        self, person: Simulated, scopes: tuple[str, ...] = SCOPES, resource: str = f"{PUBLIC}/mcp"
    ) -> Issued:
        """Return the tokens of a client of somebody's, as if they had signed in."""
        store, user = self.stores[0], self.user(person)
        if await store.sessions.load(user) is None:
            answer = self.simulator.sign_in(person.id)
            whose: dict[str, Any] = {"account": person.account, "owner_id": person.id}
            session = Session(answer["access_token"], answer["refresh_token"], 3600, 3600, **whose)
            await store.sessions.put(user, session, over=0, ends_in=7 * 86_400)
        grant = Grant(
            id=secrets.token_hex(16),
            user=user,
            account_id=person.account,
            extension_id=person.id,
            person=person.name,
            client_id="https://client.example/oauth.json",
            client="client.example",
            scopes=scopes,
            resource=resource,
            began=int(time.time()),
        )
        code = tokens.new("ac", user)
        await store.grants.put_code(code, CodeRecord(grant, "http://127.0.0.1/callback", "challenge"))
        issued = Issued(tokens.new("at", user), tokens.new("rt", user), 3600, scopes)
        assert await store.grants.exchange_code(code, issued, 86_400)
        return issued

    def user(self, person: Simulated) -> str:
        """The name of somebody in the store."""
        return person_of(self.ring, SERVER, person.account, person.id).user

    def platform_calls(self, method: str, word: str) -> list[str]:
        return [call.path for call in self.simulator.calls if call.method == method and word in call.path]


@asynccontextmanager
async def town(
    people: int = 5,
    replicas: int = 1,
    *,
    open_store: OpenStore | None = None,
    settings: dict[str, Any] | None = None,
    host: dict[str, Any] | Sequence[dict[str, Any]] = (),
    now: Callable[[], Instant] = Instant.now,
    walls: Sequence[Callable[[], float]] = (time.time,),
    documents: httpx.AsyncBaseTransport | None = None,
    signed_in: bool = False,
    clock: Clock | None = None,
    road: Callable[[httpx.AsyncBaseTransport], httpx.AsyncBaseTransport] = lambda transport: transport,
    **simulated: Any,
) -> AsyncIterator[Town]:
    """`open_store` opens the store of a replica; without it they share one in memory.

    `host` are settings, of all replicas or of each. People may sign in where it admits them; with `signed_in` all
    have, and their bearer tokens are of the host's own. `walls` are the clocks of the replicas, seconds since 1970.
    `documents` answers for the hosts of clients' metadata documents, of which there are none otherwise. `road` is what
    each replica's requests to the simulator go by.
    """
    admitted: dict[str, Any] = {"admitted_accounts": "*"} if signed_in else {}
    callback = f"{PUBLIC}{replica.CALLBACK}"
    options: dict[str, Any] = {"limits": UNLIMITED, "dual_mode": True, "redirect_uris": [callback]} | simulated
    simulator = Simulator(people=people, **options)
    ring = KeyRing.new()
    made = Town(simulator, ring, {person.id: f"bearer-token-of-{person.id}" for person in simulator.people})
    lines = {
        digest_of(made.bearers[person.id]): simulator.sign_in(person.id)["refresh_token"] for person in simulator.people
    }
    given: dict[str, Any] = {"plan_limits": dict(UNLIMITED), "log_level": "CRITICAL"} | (settings or {})
    common = Settings(client_id=CLIENT_ID, client_secret=SecretStr(CLIENT_SECRET), **given)
    shared = memory_store(ring)
    fetch = Guarded("tests/1", transport=documents or httpx.MockTransport(lambda _: httpx.Response(404)))
    async with AsyncExitStack() as stack:
        stack.callback(simulator.close)
        for number in range(replicas):
            metrics = Metrics()
            store = open_store(ring, metrics) if open_store is not None else shared
            stack.push_async_callback(store.close)
            http = build_http(SERVER, NoCredentialsAuth(), transport=road(simulator.transport()), user_agent="tests/1")
            await stack.enter_async_context(http)
            limits = {"user_calls": 1_000_000, "address_requests": 1_000_000}
            own = host if isinstance(host, dict) else host[number] if host else {}
            chosen = HostSettings(public_url=PUBLIC, **limits | admitted | own)
            wall = walls[number % len(walls)]
            plan = replica.Plan(common, chosen, store, http, lines, metrics, fetch, clock or LoopClock(), now, wall)
            made.replicas.append(await stack.enter_async_context(replica.opened(plan)))
            made.stores.append(store)
            made.metrics.append(metrics)
        if signed_in:
            made.bearers = {person.id: (await made.grant(person)).access for person in made.people}
        yield made


def told(result: CallToolResult) -> dict[str, Any]:
    """What a call answered, which must not be an error."""
    assert not result.is_error, result.content
    found: dict[str, Any] | None = result.structured_content
    assert found is not None
    return found


def error(result: CallToolResult) -> dict[str, Any]:
    """The error that a call answered."""
    assert result.is_error
    block = result.content[0]
    assert isinstance(block, TextContent)
    found: dict[str, Any] = json.loads(block.text)["error"]
    return found
