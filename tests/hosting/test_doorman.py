"""Who is let in to a host, and what is answered to everybody else."""

import json
from collections import Counter
from pathlib import Path

import anyio
import httpx
import pytest
from anyio import wait_all_tasks_blocked
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from hosting.town import PUBLIC, SERVER, error, told, town
from ringcentral_meetings.hosting.doorman import AT_ONCE, Doorman
from ringcentral_meetings.hosting.settings import HostSettings
from ringcentral_meetings.simulator import Faults
from ringcentral_meetings.users import Person, person_of

pytestmark = pytest.mark.anyio

LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_meetings", "arguments": {}}}
BOTH = {"Accept": "application/json, text/event-stream"}


async def test_without_a_token_a_request_is_challenged_and_ringcentral_not_asked() -> None:
    async with town() as t, t.plain(0, **BOTH) as http:
        before = len(t.simulator.calls)
        bare = await http.post("/mcp", json=LIST)
        assert (bare.status_code, bare.headers["WWW-Authenticate"]) == (401, 'Bearer realm="ringcentral-meetings-mcp"')
        bearer = t.bearers[t.people[0].id]
        for headers in (
            {"Authorization": "Bearer nobody-has-this-token"},
            {"Authorization": f"Basic {bearer}"},
            {"Authorization": f"Bearer {bearer}x"},
            {"Authorization": "Bearer"},
            {"X-Authorization": f"Bearer {bearer}"},
        ):
            assert (await http.post("/mcp", json=LIST, headers=headers)).status_code == 401
        assert (await http.post(f"/mcp?access_token={bearer}", json=LIST)).status_code == 401
        twice = [("Authorization", f"Bearer {bearer}"), ("Authorization", "Bearer other"), *BOTH.items()]
        assert (await http.post("/mcp", json=LIST, headers=twice)).status_code == 401
        assert len(t.simulator.calls) == before


async def test_there_are_no_sessions_to_read_from_or_to_end() -> None:
    async with town() as t, t.plain(0, **t.bearer(t.people[0])) as http:
        for method in ("GET", "DELETE"):
            answer = await http.request(method, "/mcp")
            assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


async def test_one_person_who_sends_too_much_is_told_when_to_come_back_and_others_are_served() -> None:
    async with town(host={"user_calls": 3}) as t, t.plain(0, **BOTH) as http:
        answers = [await http.post("/mcp", json=LIST, headers=t.bearer(t.people[3])) for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
        assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
        assert (await http.post("/mcp", json=LIST, headers=t.bearer(t.people[4]))).status_code == 200


async def test_each_answer_names_its_request_by_the_id_given_if_that_is_plain() -> None:
    async with town() as t, t.plain(0, **t.bearer(t.people[0]), **BOTH) as http:
        named = await http.post("/mcp", json=LIST, headers={"X-Request-Id": "balancer-12345"})
        assert named.headers["X-Request-Id"] == "balancer-12345"
        for given in ("short", "x" * 65, "with spaces in it", "quote\"'quote"):
            answer = await http.post("/mcp", json=LIST, headers={"X-Request-Id": given})
            assert answer.headers["X-Request-Id"] not in ("", given)


async def test_another_name_of_this_machine_is_refused() -> None:
    async with town() as t, t.plain(0, **t.bearer(t.people[0]), **BOTH) as http:
        assert (await http.post("/mcp", json=LIST)).status_code == 200
        assert (await http.post("/mcp", json=LIST, headers={"Host": "evil.example"})).status_code == 421
        foreign = await http.post("/mcp", json=LIST, headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403


async def test_after_ringcentral_ended_a_session_the_call_says_so_and_the_next_request_is_challenged() -> None:
    async with town() as t, t.client(t.people[3]) as client:
        told(await client.call_tool("list_meetings", {}))
        t.simulator.revoke_tokens()
        ended = error(await client.call_tool("list_meetings", {}))
        assert (ended["code"], "sign in again" in ended["next_step"]) == ("session_expired", True)
        async with t.plain(0, **t.bearer(t.people[3]), **BOTH) as http:
            answer = await http.post("/mcp", json=LIST)
            assert (answer.status_code, "invalid_token" in answer.headers["WWW-Authenticate"]) == (401, True)


@pytest.mark.parametrize("fault", ["POST token status=503 x1", "POST token drop_before x1", "GET ~$ html x3"])
async def test_a_sign_in_that_ringcentral_does_not_answer_is_no_reason_to_sign_in_again(fault: str) -> None:
    async with town() as t, t.plain(0, **t.bearer(t.people[3]), **BOTH) as http:
        t.simulator.faults = Faults.parse(fault)
        answer = await http.post("/mcp", json=LIST)
        assert (answer.status_code, "Retry-After" in answer.headers) == (503, True)


async def test_a_session_of_the_file_that_is_over_is_refused() -> None:
    async with town() as t, t.plain(0, **t.bearer(t.people[3]), **BOTH) as http:
        t.simulator.revoke_tokens()
        assert (await http.post("/mcp", json=LIST)).status_code == 401


async def test_the_audit_log_names_the_person_by_a_digest(tmp_path: Path) -> None:
    log = tmp_path / "audit"
    async with town(settings={"audit_log": log}) as t:
        for person in (t.people[3], t.people[4]):
            async with t.client(person) as client:
                told(await client.call_tool("list_meetings", {}))
        people = (t.people[3], t.people[4])
    users = {person_of(t.ring, SERVER, person.account, person.id).user for person in people}
    text = log.read_text()
    assert {json.loads(line)["user"] for line in text.splitlines()} == users
    for secret in (t.people[3].id, t.people[3].last_name, t.people[3].email, t.bearers[t.people[3].id]):
        assert secret not in text


async def test_the_metrics_count_calls_refusals_trips_and_people() -> None:
    async with town() as t:
        async with t.client(t.people[3]) as client:
            told(await client.call_tool("list_meetings", {}))
            await client.call_tool("get_meeting", {"meeting_id": "0"})
        async with t.plain() as http:
            await http.post("/mcp", json=LIST)
        shown = bytes((await t.metrics[0].answer(Request({"type": "http"}))).body).decode()
    lines = shown.splitlines()
    calls, product = "ringcentral_meetings_calls_total", 'product="RingCentral Meetings"'
    for line in (
        f'{calls}{{outcome="ok",{product},tool="list_meetings"}} 1.0',
        f'{calls}{{outcome="not_found",{product},tool="get_meeting"}} 1.0',
        'ringcentral_meetings_refused_requests_total{status="401"} 1.0',
        "ringcentral_meetings_users 1.0",
    ):
        assert line in lines
    for secret in (t.people[3].id, t.people[3].last_name):
        assert secret not in shown


async def test_a_process_that_is_to_end_says_so_to_the_balancer_and_answers_what_still_comes() -> None:
    async with town() as t, t.plain() as http:
        assert [(await http.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 200]
        served = await http.post("/mcp", json=LIST, headers=t.bearer(t.people[3]) | BOTH)
        assert served.headers.get("Connection") != "close"
        t.replicas[0].health.draining = True
        assert [(await http.get(path)).status_code for path in ("/livez", "/readyz")] == [200, 503]
        await t.call(t.people[3], 0, "list_meetings")
        last = await http.post("/mcp", json=LIST, headers=t.bearer(t.people[3]) | BOTH)
        assert (last.status_code, last.headers["Connection"]) == (200, "close")


async def test_who_sends_many_requests_at_once_does_not_take_the_process_from_others() -> None:
    free, working = anyio.Event(), Counter[str]()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        working[scope["path"]] += 1
        await free.wait()
        await Response("done")(scope, receive, send)

    async with town() as t:
        people = {t.bearers[one.id]: person_of(t.ring, SERVER, one.account, one.id) for one in t.people}

        async def identify(bearer: str) -> Person | None:
            return people.get(bearer)

        settings = HostSettings(public_url=PUBLIC, user_calls=1_000, address_requests=1_000)
        doorman = Doorman(app, identify, t.stores[0], t.replicas[0].users, settings, t.metrics[0])
        answers: list[int] = []

        async def post(path: str, number: int) -> None:
            transport = httpx.ASGITransport(doorman)
            async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as http:
                answers.append((await http.post(path, headers=t.bearer(t.people[number]))).status_code)

        for number in range(5):
            await t.call(t.people[number], 0, "list_meetings")
        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(post, "/many", 0)
            for number in range(1, 5):
                tasks.start_soon(post, "/one", number)
            await wait_all_tasks_blocked()
            assert working == {"/many": AT_ONCE, "/one": 4}
            free.set()
        assert answers == [200] * 104
        assert working["/many"] == 100
