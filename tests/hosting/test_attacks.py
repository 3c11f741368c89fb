"""Requests that can be read in two ways, floods, and what one person was given in the hands of another."""

import json
import time
from itertools import count
from types import SimpleNamespace
from typing import Any

import anyio
import httpx
import pytest

from hosting.test_grants_at_the_door import CREATE, LIST, MEETING, sent
from hosting.town import BOTH, PUBLIC, OpenStore, Town, told, town
from ringcentral_meetings.gate.records import READ
from ringcentral_meetings.hosting import serving
from ringcentral_meetings.hosting.settings import HostSettings
from store.servers import StoreServer

pytestmark = pytest.mark.anyio

WRITE = json.dumps(CREATE)
ARGUMENTS = json.dumps(MEETING)
READING, WRITING = '"name": "list_meetings"', '"name": "create_meeting"'
MODERN = {"MCP-Protocol-Version": "2026-07-28"}
META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
    "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
}


def called(params: str, method: str = '"method": "tools/call"') -> str:
    return f'{{"jsonrpc": "2.0", "id": 1, {method}, "params": {{{params}, "arguments": {ARGUMENTS}}}}}'


@pytest.mark.parametrize(
    "body",
    [
        called(f"{READING}, {WRITING}"),
        called(f"{WRITING}, {READING}"),
        called(WRITING, '"method": "tools/list", "method": "tools/call"'),
        called(WRITING, '"method": "tools/call", "method": "tools/list"'),
        called(WRITING)[:-1] + f', "params": {{{READING}}}}}',
        called(READING)[:-1] + f', "params": {{{WRITING}, "arguments": {ARGUMENTS}}}}}',
        called('"name": "create\\u005fmeeting"'),
        called('"name": "create_meeting "'),
        called('"name": ["create_meeting"]'),
        called('"n\\u0061me": "create_meeting"'),
        called(f'{READING}, "_meta": {{{WRITING}}}'),
        called(f'{WRITING}, "task": {{"ttl": 60000}}'),
        called(f'{READING}, "NAME": "create_meeting"'),
        called(f'"uri": "x", {WRITING}', '"method": "resources/read"'),
        called(WRITING, '"method": "prompts/get"'),
        called(WRITING, '"method": "tasks/create"'),
        called(WRITING, '"method": "tools/call "'),
        f"[{WRITE}]",
        f"[[{WRITE}]]",
        WRITE.replace('"id": 1, ', ""),
        WRITE + "\n" + WRITE,
        WRITE.replace('"id": 1', f'"id": {"9" * 5_000}'),
        WRITE.encode("utf-16"),
        WRITE.encode("utf-8-sig"),
        '{"a": ' * 100_000,
        "[" * 100_000,
    ],
)
@pytest.mark.parametrize("headers", [{}, MODERN | {"Mcp-Method": "tools/call", "Mcp-Name": "list_meetings"}])
async def test_however_a_call_is_written_a_reader_changes_nothing(body: str | bytes, headers: dict[str, str]) -> None:
    async with town(signed_in=True) as t:
        reader = await t.grant(t.people[3], (READ,))
        named = {"Authorization": f"Bearer {reader.access}", "Content-Type": "application/json", **BOTH, **headers}
        async with t.plain() as http:
            answer = await http.post("/mcp", content=body, headers=named)
        assert answer.status_code < 500
        assert [row for row in t.simulator.meetings() if row["topic"] == MEETING["topic"]] == []
        assert t.platform_calls("POST", "meeting") == []


async def confirming(t: Town) -> tuple[dict[str, Any], dict[str, Any]]:
    """A call that somebody has been asked to confirm, with the answer, and the arguments for another meeting."""
    async with t.client(t.people[3]) as client:
        one, other = told(await client.call_tool("list_meetings", {}))["meetings"][:2]
    echoes = [
        {"meeting_id": each["meeting_id"], "expected_topic": each["topic"], "expected_start": each["start"]}
        for each in (one, other)
    ]
    params: dict[str, Any] = {"name": "delete_meeting", "arguments": echoes[0], "_meta": META}
    asked = (await deleting(t, params))["result"]
    answers = {name: {"action": "accept", "content": {"confirm": True}} for name in asked["inputRequests"]}
    return params | {"requestState": asked["requestState"], "inputResponses": answers}, echoes[1]


async def deleting(t: Town, params: dict[str, Any]) -> dict[str, Any]:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    named = {"Mcp-Method": "tools/call", "Mcp-Name": "delete_meeting", **MODERN}
    answer = await sent(t, t.bearers[t.people[3].id], body, **named)
    found: dict[str, Any] = answer.json()
    return found


async def test_a_confirmation_is_for_what_was_asked_and_for_ten_minutes_case_5(monkeypatch: pytest.MonkeyPatch) -> None:
    async with town(signed_in=True) as t:
        confirmed, other = await confirming(t)
        assert "error" in await deleting(t, confirmed | {"arguments": other})
        with monkeypatch.context() as later:
            later.setattr("mcp.server.request_state.time", SimpleNamespace(time=lambda: time.time() + 601))
            assert "error" in await deleting(t, confirmed)
        assert t.platform_calls("DELETE", "meeting") == []
        assert (await deleting(t, confirmed))["result"]["structuredContent"]["deleted"] is True


async def test_a_session_id_says_nothing_of_who_asks() -> None:
    """Row 33 of what people complain of: the token alone counts, in both eras."""
    async with town(replicas=2, signed_in=True) as t:
        one, other = t.people[3], t.people[4]
        opening = {
            "jsonrpc": "2.0",
            "id": 0,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "tests", "version": "1"},
            },
        }
        opened = await sent(t, t.bearers[one.id], opening)
        assert opened.status_code == 200
        session = opened.headers.get("mcp-session-id", "0" * 32)
        status = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "get_connection_status"}}
        for number in (0, 1):
            headers = {"Mcp-Session-Id": session, "MCP-Protocol-Version": "2025-06-18"}
            answer = await sent(t, t.bearers[other.id], status, number, **headers)
            assert (other.name in answer.text, one.name in answer.text) == (True, False)
            assert (await sent(t, None, status, number, **headers)).status_code == 401


async def test_what_lies_in_the_store_names_no_meeting_and_nobody_case_54(
    shared: OpenStore, server: StoreServer
) -> None:
    async with town(signed_in=True, open_store=shared) as t:
        person = t.people[3]
        made = (await t.call(person, 0, "create_meeting", **MEETING))["structuredContent"]["meeting"]
        await t.call(person, 0, "update_meeting", meeting_id=made["meeting_id"], topic="Secret")
        secrets = [made["meeting_id"], "Secret", MEETING["topic"], person.id, person.account, person.last_name]
        secrets += [t.bearers[person.id], t.bearers[person.id].split("_", 3)[3]]
        with server.admin as admin:
            held = b"".join(key + (admin.dump(key) or b"") for key in admin.scan_iter())
        assert b"rcm:lease:" in held
        assert [secret for secret in secrets if str(secret).encode() in held] == []


async def test_many_people_behind_one_address_are_not_throttled_case_44() -> None:
    """A hosted client sends the requests of all its people from few addresses; the limits are the usual ones."""
    usual = {name: HostSettings.model_fields[name].default for name in ("user_calls", "address_requests")}
    async with town(people=40, signed_in=True, host=usual) as t, t.plain(0, **BOTH) as http:
        ping = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
        statuses = [
            (await http.post("/mcp", json=ping, headers=t.bearer(person))).status_code for person in t.people * 25
        ]
        assert len(statuses) == 25 * len(t.people) >= 1_000
        assert set(statuses) == {200}


async def test_an_address_that_a_request_makes_up_is_not_the_one_it_is_counted_under() -> None:
    """A balancer adds the address that it sees at the end."""
    async with town(signed_in=True, host={"address_requests": 2}) as t:
        numbers = count(1)

        async def statuses(trusted: str, seen: str) -> list[int]:
            settings = HostSettings(trusted_proxies=trusted)
            config = serving._config(t.replicas[0].app, settings)  # noqa: SLF001
            config.load()
            transport = httpx.ASGITransport(config.loaded_app, client=("10.0.0.1", 50_000))
            async with httpx.AsyncClient(transport=transport, base_url=PUBLIC, headers=BOTH) as http:
                found: list[int] = []
                for _ in range(3):
                    forged = {"X-Forwarded-For": f"198.51.100.{next(numbers)}, {seen}"}
                    answer = await http.post("/mcp", json=LIST, headers=forged | t.bearer(t.people[3]))
                    found.append(answer.status_code)
                return found

        assert await statuses("10.0.0.1", "203.0.113.1") == [200, 200, 429]
        assert await statuses("10.0.0.0/8", "203.0.113.2:4711") == [200, 200, 429]
        assert await statuses("127.0.0.1", "203.0.113.3") == [200, 200, 429]


async def test_a_thousand_who_wait_for_events_hold_nothing_case_56() -> None:
    async with town(signed_in=True) as t, t.plain(0, Accept="text/event-stream", **t.bearer(t.people[3])) as http:
        statuses: list[int] = []

        async def wait() -> None:
            statuses.append((await http.get("/mcp")).status_code)

        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                for _ in range(1_000):
                    tasks.start_soon(wait)
        assert statuses == [405] * 1_000
        assert len(t.replicas[0].users) == 0
