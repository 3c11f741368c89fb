"""People sign in with a browser, for the MCP client of the SDK, at two replicas that take turns."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from mcp.shared.auth import OAuthClientInformationFull
from pydantic import AnyUrl

from hosting.browser import CLIENT_CALLBACK, Kept, browser, connected
from hosting.town import BOTH, PUBLIC, Mode, OpenStore, Town, error, told, town
from ringcentral_meetings.simulator.people import Person

pytestmark = pytest.mark.anyio

OPEN = {"admitted_accounts": "*"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_meetings", "arguments": {}}}


async def served(t: Town, kept: Kept) -> int:
    """The status of a request with the tokens that a client has."""
    async with t.plain(0, **BOTH, **kept.bearer) as http:
        return (await http.post("/mcp", json=LIST)).status_code


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_person_signs_in_once_and_calls_tools_at_both_replicas(shared: OpenStore, mode: Mode) -> None:
    async with town(replicas=2, open_store=shared, host=OPEN) as t:
        person, kept = t.people[3], Kept()
        async with connected(t, person, kept, mode) as one:
            for _ in range(4):
                status = told(await one.client.call_tool("get_connection_status", {}))
                assert (status["user"], status["host_id"]) == (person.name, person.id)
            assert len(one.visits) == 1
        async with connected(t, person, kept, mode) as again:
            told(await again.client.call_tool("list_meetings", {}))
            assert again.visits == []


async def test_two_people_with_one_program_are_two_people_case_1() -> None:
    async with (
        town(replicas=2, host=OPEN) as t,
        connected(t, t.people[3]) as one,
        connected(t, t.people[4]) as other,
    ):
        for connection, person in ((one, t.people[3]), (other, t.people[4]), (one, t.people[3])):
            listed = told(await connection.client.call_tool("list_meetings", {}))["meetings"]
            assert all(person.mark in row["topic"] for row in listed)
            stranger = next(row["id"] for row in t.simulator.meetings() if row["host"]["id"] != person.id)
            found = error(await connection.client.call_tool("get_meeting", {"meeting_id": stranger}))
            assert found["code"] == "not_found"


async def test_a_call_that_may_only_read_leads_to_the_persons_agreement_to_more() -> None:
    answers: Iterator[bool] = iter([False, True])
    meeting = {"topic": "Made", "start_time": "2099-01-05T10:00", "time_zone": "UTC", "duration_minutes": 30}
    async with town(replicas=2, host=OPEN) as t, connected(t, t.people[3], write=lambda: next(answers)) as one:
        told(await one.client.call_tool("list_meetings", {}))
        assert (len(one.visits), one.kept.tokens and one.kept.tokens.scope) == (1, "meetings.read")
        assert told(await one.client.call_tool("create_meeting", meeting))["created"] is True
        assert (len(one.visits), 403 in one.statuses) == (2, True)


async def test_when_ringcentral_has_ended_the_session_the_client_signs_in_again_case_52() -> None:
    async with town(replicas=2, host=OPEN) as t, connected(t, t.people[3]) as one:
        told(await one.client.call_tool("list_meetings", {}))
        t.simulator.revoke_tokens()
        assert error(await one.client.call_tool("list_meetings", {}))["code"] == "session_expired"
        assert len(one.visits) == 1
        told(await one.client.call_tool("list_meetings", {}))
        assert (len(one.visits), 401 in one.statuses) == (2, True)


async def test_six_clients_of_one_person_all_stay_signed_in_case_53() -> None:
    async with town(replicas=2, host=OPEN) as t:
        programs = []
        for _ in range(6):
            async with connected(t, t.people[3]) as one:
                told(await one.client.call_tool("list_meetings", {}))
                programs.append(one.kept)
        assert [await served(t, kept) for kept in programs] == [200] * 6
        assert len({kept.bearer["Authorization"] for kept in programs}) == 6


@pytest.mark.parametrize("skew", [300, -300])
async def test_replicas_whose_clocks_differ_by_five_minutes_sign_people_in_case_51(skew: float) -> None:
    walls = [time.time, lambda: time.time() + skew]
    async with town(replicas=2, host=OPEN, walls=walls) as t:
        for person in (t.people[3], t.people[4]):
            async with connected(t, person) as one:
                for _ in range(2):
                    told(await one.client.call_tool("list_meetings", {}))
                assert len(one.visits) == 1
            next(t.turns)  # the other replica has the first request of what follows


async def answers_to(t: Town, person: Person, **how: Any) -> tuple[list[httpx.Response], dict[str, str]]:
    """The pages of a sign-in that a registered client asks for, and what the client is told at its end."""
    async with browser(t, person) as window, t.plain() as http:
        registration = {"redirect_uris": ["http://127.0.0.1:9/back"], "token_endpoint_auth_method": "none"}
        client = (await http.post("/register", json=registration)).json()
        query = {
            "response_type": "code",
            "client_id": client["client_id"],
            "redirect_uri": "http://127.0.0.1:9/back",
            "state": "s",
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
            "resource": f"{PUBLIC}/mcp",
        }
        address = str(httpx.URL(f"{PUBLIC}/authorize", params=query))
        end = await window.sign_in(address, **how)
        return window.seen, {name: values[0] for name, values in parse_qs(urlsplit(end).query).items()}


async def test_the_client_of_somebody_who_is_not_admitted_is_told_so_and_the_person_reads_why_case_35() -> None:
    async with town(host={"admitted_accounts": "1"}) as t:
        pages, answer = await answers_to(t, t.people[3])
        assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "s", PUBLIC)
        assert t.people[3].account in pages[-1].text


async def test_somebody_who_does_not_allow_it_at_ringcentral_is_not_signed_in() -> None:
    async with town(host=OPEN) as t:
        _, answer = await answers_to(t, t.people[3], at="deny")
        assert (answer["error"], answer["iss"]) == ("access_denied", PUBLIC)
        assert await t.stores[0].sessions.load(t.user(t.people[3])) is None


async def test_somebody_may_sign_in_with_another_account() -> None:
    async with town(host=OPEN) as t:
        _, answer = await answers_to(t, t.people[4], decision="another")
        assert answer["code"].startswith("rcm_ac_")
        asked = [call.query for call in t.simulator.calls if call.path.endswith("/authorize")]
        assert "prompt=login" in asked[0]


async def test_a_client_names_itself_by_its_document_and_registers_nowhere() -> None:
    address = "https://client.example/oauth/client.json"
    document = {
        "client_id": address,
        "client_name": "A client",
        "redirect_uris": [CLIENT_CALLBACK],
        "token_endpoint_auth_method": "none",
    }
    published = httpx.MockTransport(lambda request: httpx.Response(200, json=document, request=request))
    async with (
        town(replicas=2, host=OPEN | {"client_registration": False}, documents=published) as t,
        connected(t, t.people[3], document=address) as one,
    ):
        told(await one.client.call_tool("list_meetings", {}))
        assert one.kept.client is not None
        assert one.kept.client.client_id == address
        [grant] = await t.stores[0].grants.of_user(t.user(t.people[3]))
        assert (grant.client_id, grant.client) == (address, "client.example")


async def test_a_client_that_the_operator_has_set_up_signs_people_in_with_its_secret(tmp_path: Path) -> None:
    entry = {"id": "helpdesk", "name": "Help desk", "redirect_uris": [CLIENT_CALLBACK], "secret": "s" * 40}
    file = tmp_path / "clients.json"
    file.touch(0o600)
    file.write_text(json.dumps([entry]))
    async with town(replicas=2, host=OPEN | {"clients": file, "client_registration": False}) as t:
        known = OAuthClientInformationFull(
            client_id="helpdesk",
            client_secret="s" * 40,
            redirect_uris=[AnyUrl(CLIENT_CALLBACK)],
            token_endpoint_auth_method="client_secret_post",
            issuer=PUBLIC,
        )
        async with connected(t, t.people[3], Kept(client=known)) as one:
            told(await one.client.call_tool("list_meetings", {}))
        async with t.plain() as http:
            assert (await http.post("/register", json={"redirect_uris": [CLIENT_CALLBACK]})).status_code == 404
