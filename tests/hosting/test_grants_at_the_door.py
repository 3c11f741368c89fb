"""Who is let in with tokens of the host's own, what they permit, and what everybody else is answered."""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from starlette.types import Message

from hosting.town import BOTH, PUBLIC, Town, told, town
from ringcentral_meetings.gate import tokens
from ringcentral_meetings.gate.records import READ, SCOPES
from ringcentral_meetings.hosting import scopes
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.hosting.requests import InboundMarks
from ringcentral_meetings.simulator.people import ACCOUNT_ID, SECOND_ACCOUNT_ID
from ringcentral_meetings.store import KeyRing, Store, StoreDown, memory_store

pytestmark = pytest.mark.anyio

METADATA = f'resource_metadata="{PUBLIC}/.well-known/oauth-protected-resource/mcp"'
CHALLENGE = f'Bearer realm="ringcentral-meetings-mcp", scope="meetings.read meetings.write", {METADATA}'
MEETING = {"topic": "Made", "start_time": "2099-01-05T10:00", "time_zone": "UTC", "duration_minutes": 30}
PAGE = "http://localhost:6274"


def call(tool: str, **arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


LIST = call("list_meetings")
CREATE = call("create_meeting", **MEETING)


async def sent(t: Town, bearer: str | None, body: Any = LIST, number: int = 0, /, **headers: str) -> httpx.Response:
    named = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    async with t.plain(number, **BOTH, **named) as http:
        return await http.post("/mcp", json=body, headers=headers)


async def test_without_a_token_a_client_is_told_where_to_sign_in_and_what_for() -> None:
    async with town(signed_in=True) as t:
        bare = await sent(t, None)
        assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, CHALLENGE)
        async with t.plain() as http:
            opened = await http.get("/mcp")
            assert (opened.status_code, opened.headers["WWW-Authenticate"]) == (401, CHALLENGE)
            document = await http.get("/.well-known/oauth-protected-resource/mcp")
        assert (document.json()["resource"], document.json()["authorization_servers"]) == (f"{PUBLIC}/mcp", [PUBLIC])


async def test_a_request_costs_one_trip_and_an_invented_token_none_cases_11_13_22() -> None:
    made: list[str] = []

    def open_one(ring: KeyRing, _metrics: Metrics) -> Store:
        return memory_store(ring, on_trip=lambda step, _outcome, _seconds: made.append(step))

    async with town(open_store=open_one, signed_in=True) as t:
        issued = await t.grant(t.people[3])
        made.clear()
        upstream = t.simulator.sign_in(t.people[3].id)["access_token"]
        for wrong in (
            upstream,
            issued.refresh,
            issued.access[:-1],
            issued.access[:-1] + ("0" if issued.access[-1] != "0" else "1"),
            issued.access.replace("_at_", "_rt_"),
            issued.access.upper(),
            "x",
        ):
            answer = await sent(t, wrong)
            assert (answer.status_code, 'error="invalid_token"' in answer.headers["WWW-Authenticate"]) == (401, True)
            assert METADATA in answer.headers["WWW-Authenticate"]
        assert made == []
        assert (await sent(t, issued.access, {"jsonrpc": "2.0", "id": 1, "method": "tools/list"})).status_code == 200
        assert made == ["open_call"]
        assert (await sent(t, tokens.new("at", t.user(t.people[3])))).status_code == 401


async def test_a_token_counts_in_the_one_header_alone_cases_12_and_37() -> None:
    async with town(signed_in=True) as t, t.plain(0, **BOTH) as http:
        bearer = t.bearers[t.people[3].id]
        assert (await http.post(f"/mcp?access_token={bearer}", json=LIST)).status_code == 401
        assert (await http.post("/mcp", json=LIST | {"access_token": bearer})).status_code == 401
        assert (await http.post("/mcp", data={"access_token": bearer})).status_code == 401
        for other in (f"Bearer {bearer}", "Bearer x", "Basic eDp5"):
            twice = [("Authorization", f"Bearer {bearer}"), ("Authorization", other)]
            assert (await http.post("/mcp", json=LIST, headers=twice)).status_code == 401
        assert (await sent(t, bearer)).status_code == 200


@pytest.mark.parametrize(
    "resource", ["https://other.example/mcp", f"{PUBLIC}/mcp/", PUBLIC, f"{PUBLIC}/MCP", "http://127.0.0.1/mcp", ""]
)
async def test_a_token_for_another_resource_is_refused_case_10(resource: str) -> None:
    async with town(signed_in=True) as t:
        foreign = await t.grant(t.people[3], resource=resource)
        assert (await sent(t, foreign.access)).status_code == 401


async def test_a_grant_that_has_ended_is_refused_at_once_by_every_replica_case_21() -> None:
    async with town(replicas=2, signed_in=True) as t:
        one, other = await t.grant(t.people[3]), await t.grant(t.people[3])
        assert [(await sent(t, one.access, LIST, number)).status_code for number in (0, 1)] == [200, 200]
        user = t.user(t.people[3])
        grant = (await t.stores[0].open_call(user, access=tokens.digest(one.access))).grant
        assert grant is not None
        await t.stores[0].grants.end(user, grant.id)
        assert [(await sent(t, one.access, LIST, number)).status_code for number in (0, 1)] == [401, 401]
        assert (await sent(t, other.access)).status_code == 200


async def test_a_client_that_was_ended_cannot_use_up_its_persons_limit_case_44() -> None:
    async with town(signed_in=True, host={"user_calls": 3}) as t:
        kept, ended = await t.grant(t.people[3]), await t.grant(t.people[3])
        user = t.user(t.people[3])
        grant = (await t.stores[0].open_call(user, access=tokens.digest(ended.access))).grant
        assert grant is not None
        await t.stores[0].grants.end(user, grant.id)
        for bearer in (ended.access, tokens.new("at", user)) * 4:
            assert (await sent(t, bearer)).status_code == 401
        assert [(await sent(t, kept.access)).status_code for _ in range(4)] == [200, 200, 200, 429]


async def test_addresses_of_one_network_have_one_limit() -> None:
    async with town(signed_in=True, host={"address_requests": 2}) as t:
        answers: list[int] = []
        for number in range(4):
            transport = httpx.ASGITransport(t.replicas[0].app, client=(f"2001:db8::{number}", 50_000))
            async with httpx.AsyncClient(transport=transport, base_url=PUBLIC, headers=t.bearer(t.people[3])) as http:
                answers.append((await http.post("/mcp", json=LIST, headers=BOTH)).status_code)
        assert answers == [200, 200, 429, 429]


async def test_somebody_who_is_not_admitted_any_more_is_signed_out_everywhere_case_35() -> None:
    async with town(replicas=2, signed_in=True, host=[{}, {"admitted_accounts": ACCOUNT_ID}]) as t:
        gone = next(person for person in t.people if person.account == SECOND_ACCOUNT_ID)
        stays = next(person for person in t.people if person.account == ACCOUNT_ID)
        session = await t.stores[0].sessions.load(t.user(gone))
        assert session is not None
        assert (await sent(t, t.bearers[gone.id], LIST, 0)).status_code == 200
        assert (await sent(t, t.bearers[gone.id], LIST, 1)).status_code == 401
        assert (await sent(t, t.bearers[stays.id], LIST, 1)).status_code == 200
        assert (await sent(t, t.bearers[gone.id], LIST, 0)).status_code == 401
        assert await t.stores[0].sessions.load(t.user(gone)) is None
        assert await t.stores[0].grants.of_user(t.user(gone)) == []
        [row] = t.simulator.store.run("SELECT revoked FROM tokens WHERE token = ?", session.access_token)
        assert row["revoked"]


async def test_what_a_request_says_of_host_and_proxy_reaches_neither_challenge_nor_metadata_case_36() -> None:
    forged = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}
    async with town(signed_in=True) as t:
        async with t.plain(0, **forged) as http:
            for path in ("oauth-protected-resource", "oauth-protected-resource/mcp", "oauth-authorization-server"):
                answer = await http.get(f"/.well-known/{path}")
                assert (answer.status_code, PUBLIC in answer.text, "evil" in answer.text) == (200, True, False)
        assert (await sent(t, None, **forged)).headers["WWW-Authenticate"] == CHALLENGE


async def test_while_the_store_is_away_a_token_is_not_called_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    async with town(signed_in=True) as t:

        async def away(*_: object, **__: object) -> object:
            raise StoreDown("is away", 3)

        monkeypatch.setattr(t.stores[0], "open_call", away)
        answer = await sent(t, t.bearers[t.people[3].id])
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
        assert "WWW-Authenticate" not in answer.headers


async def test_a_grant_to_read_lists_all_tools_and_reads() -> None:
    async with town(signed_in=True) as t:
        t.bearers[t.people[3].id] = (await t.grant(t.people[3], (READ,))).access
        async with t.client(t.people[3]) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            assert {"create_meeting", "list_meetings"} <= names
            assert told(await client.call_tool("list_meetings", {}))["meetings"]


MODERN = {"MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call"}


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (CREATE, {}),
        (CREATE, MODERN | {"Mcp-Name": "create_meeting"}),
        (CREATE, MODERN | {"Mcp-Name": "list_meetings"}),
        (LIST, MODERN | {"Mcp-Name": "create_meeting"}),
        ([LIST, CREATE], {}),
        (call("update_meeting"), {}),
        (call("delete_meeting"), {}),
        (call("end_meeting"), {}),
    ],
)
async def test_what_changes_something_needs_the_scope_for_it_before_anything_is_done(
    body: Any, headers: dict[str, str]
) -> None:
    async with town(signed_in=True) as t:
        reader = await t.grant(t.people[3], (READ,))
        before = len(t.simulator.calls)
        answer = await sent(t, reader.access, body, **headers)
        assert answer.status_code == 403
        challenge = answer.headers["WWW-Authenticate"]
        assert challenge.startswith('Bearer realm="ringcentral-meetings-mcp", error="insufficient_scope", ')
        assert 'scope="meetings.read meetings.write"' in challenge
        assert METADATA in challenge
        assert len(t.simulator.calls) == before


async def test_the_tool_itself_is_refused_where_the_door_has_overlooked_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "_called", lambda *_: ())
    async with town(signed_in=True) as t:
        reader = await t.grant(t.people[3], (READ,))
        answer = await sent(t, reader.access, CREATE)
        result = json.loads(answer.text[answer.text.index("{") :])["result"]
        assert (result["isError"], "user_permission_missing" in answer.text) == (True, True)
        assert [row for row in t.simulator.meetings() if row["topic"] == "Made"] == []


async def raw(t: Town, receive: Callable[[], Awaitable[Message]], **headers: str) -> int:
    """The status of an answer to a request whose body is asked for by `receive`."""
    statuses: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    named = {"Host": "127.0.0.1:8920", "Content-Type": "application/json", **BOTH, **headers}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/mcp",
        "raw_path": b"/mcp",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in named.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8920),
    }
    await t.replicas[0].app(scope, receive, send)
    return statuses[0]


async def test_a_body_is_not_read_before_the_token_is_known_to_be_good_case_55() -> None:
    async def unread() -> Message:
        raise AssertionError("the body was read")

    async with town(signed_in=True) as t:
        invented = tokens.new("at", t.user(t.people[3]))
        for headers in ({}, {"Authorization": f"Bearer {invented}"}, {"Authorization": "Bearer x"}):
            assert await raw(t, unread, **{"Content-Length": str(4 << 20)}, **headers) == 401


@pytest.mark.parametrize("granted", [(READ,), SCOPES])
async def test_nobody_can_make_the_door_keep_a_body_without_end(granted: tuple[str, ...]) -> None:
    """Nor one that takes long to read: everybody else would wait."""
    pieces = 0

    async def endless() -> Message:
        nonlocal pieces
        pieces += 1
        assert pieces < 100
        return {"type": "http.request", "body": b" " * 50_000, "more_body": True}

    async with town(signed_in=True) as t:
        issued = await t.grant(t.people[3], granted)
        assert await raw(t, endless, Authorization=f"Bearer {issued.access}") == 413
        assert pieces == 3


async def test_a_page_of_the_persons_own_machine_may_call_and_read_the_challenge() -> None:
    async with town(signed_in=True, host={"allowed_origins": "https://chat.example"}) as t, t.plain() as http:
        asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,mcp-name"}
        for page in (PAGE, "https://chat.example"):
            preflight = await http.options("/mcp", headers={"Origin": page, **asked})
            assert preflight.status_code == 200
            assert preflight.headers["Access-Control-Allow-Origin"] == page
            assert "Access-Control-Allow-Credentials" not in preflight.headers
            bare = await sent(t, None, Origin=page)
            assert (bare.status_code, bare.headers["Access-Control-Allow-Origin"]) == (401, page)
            assert "WWW-Authenticate" in bare.headers["Access-Control-Expose-Headers"]
            assert (await sent(t, t.bearers[t.people[3].id], Origin=page)).status_code == 200
        for page in ("https://evil.example", "http://localhost.evil.example", "null"):
            assert (await http.options("/mcp", headers={"Origin": page, **asked})).status_code == 400
            bare = await sent(t, None, Origin=page)
            assert "Access-Control-Allow-Origin" not in bare.headers
            assert (await sent(t, t.bearers[t.people[3].id], Origin=page)).status_code == 403


async def test_a_line_of_the_log_names_the_person_by_a_digest_the_client_and_the_request(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with town(signed_in=True, settings={"log_level": "INFO"}) as t:
        caplog.handler.addFilter(InboundMarks().filter)
        caplog.set_level(logging.INFO)
        t.simulator.expire_tokens()
        t.simulator.disabled = {t.people[3].id}
        await sent(t, t.bearers[t.people[3].id], **{"X-Request-Id": "balancer-123"})
        [record] = [one for one in caplog.records if "ended the stored session" in one.getMessage()]
        shown = {name: getattr(record, name) for name in InboundMarks.names}
        assert shown == {"request": "balancer-123", "user": t.user(t.people[3]), "client": "client.example"}
        assert t.bearers[t.people[3].id] not in caplog.text
