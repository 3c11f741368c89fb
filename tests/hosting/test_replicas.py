"""Several replicas behind a balancer that sends each request to the next one, on a real store."""

from functools import partial
from typing import Any

import anyio
import pytest
from mcp_types import ElicitRequestParams, ElicitResult

from hosting.town import Mode, OpenStore, error, told, town
from ringcentral_meetings.simulator import Faults
from store.servers import StoreServer

pytestmark = pytest.mark.anyio

MEETING = {"topic": "Once only", "start_time": "2099-01-05T10:00", "time_zone": "UTC", "duration_minutes": 30}
ROOM = {"topic": "One room", "meeting_type": "Recurring"}


async def agree(context: Any, params: ElicitRequestParams) -> ElicitResult:
    return ElicitResult(action="accept", content={"confirm": True})


async def test_a_creation_repeated_at_another_replica_makes_no_second_meeting(shared: OpenStore) -> None:
    async with town(replicas=2, open_store=shared) as t:
        async with t.client(t.people[3], replicas=[0]) as first, t.client(t.people[3], replicas=[1]) as second:
            made = [told(await client.call_tool("create_meeting", MEETING)) for client in (first, second)]
        assert [one["created"] for one in made] == [True, False]
        assert len([row for row in t.simulator.meetings() if row["topic"] == "Once only"]) == 1


async def test_a_room_is_remembered_by_the_other_replica_though_nothing_lists_it(shared: OpenStore) -> None:
    async with town(replicas=2, open_store=shared, provider="RCVideo", dual_mode=False) as t:
        async with t.client(t.people[3], replicas=[0]) as first, t.client(t.people[3], replicas=[1]) as second:
            made = [told(await client.call_tool("create_meeting", ROOM)) for client in (first, second)]
        assert [one["created"] for one in made] == [True, False]
        assert made[0]["meeting"]["meeting_id"] == made[1]["meeting"]["meeting_id"]


@pytest.mark.parametrize("what", [MEETING, ROOM])
async def test_equal_creations_at_two_replicas_at_once_make_one(shared: OpenStore, what: dict[str, Any]) -> None:
    video: dict[str, Any] = {"provider": "RCVideo", "dual_mode": False} if what is ROOM else {}
    slow = Faults.parse("POST .*(meeting|bridges)$ latency=0.3")
    async with town(replicas=2, open_store=shared, faults=slow, **video) as t:
        made: list[dict[str, Any]] = []

        async def create(number: int) -> None:
            async with t.client(t.people[3], replicas=[number]) as client:
                made.append(told(await client.call_tool("create_meeting", what)))

        async with anyio.create_task_group() as tasks:
            for number in (0, 1, 0, 1):
                tasks.start_soon(create, number)
        assert sorted(one["created"] for one in made) == [False, False, False, True]
        assert len(t.platform_calls("POST", "bridges" if what is ROOM else "/meeting")) == 1


async def test_two_people_who_change_one_meeting_at_two_replicas_lose_nothing(shared: OpenStore) -> None:
    slow = Faults.parse("GET .*/meeting/[0-9]+$ latency=1")
    async with town(replicas=2, open_store=shared, faults=slow) as t:
        owner, executive = t.people[0], t.people[1]
        meeting_id = next(row["id"] for row in t.simulator.meetings() if row["topic"] == "Press briefing")
        changes: dict[int, dict[str, Any]] = {0: {"topic": "Changed by one"}, 1: {"password": "Abc12345"}}

        async def change(number: int) -> None:
            who = (owner, executive)[number]
            named = {"host_id": executive.id} if number == 0 else {}
            async with t.client(who, replicas=[number]) as client:
                told(await client.call_tool("update_meeting", {"meeting_id": meeting_id, **changes[number], **named}))

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(change, 0)
            tasks.start_soon(change, 1)
        after = t.simulator.meeting(meeting_id)
        assert after is not None
        assert (after["topic"], after["password"]) == ("Changed by one", "Abc12345")


async def test_a_question_that_one_replica_asks_is_answered_at_the_other(shared: OpenStore) -> None:
    async with town(replicas=2, open_store=shared) as t:
        async with t.client(t.people[3], elicitation_callback=agree) as client:
            for topic in ("Review with", "Weekly of"):
                listed = told(await client.call_tool("list_meetings", {"query": topic}))["meetings"][0]
                echo = {"meeting_id": listed["meeting_id"], "expected_topic": listed["topic"]}
                if topic == "Weekly of":
                    echo["scope"] = "series"
                gone = await client.call_tool("delete_meeting", echo | {"expected_start": listed["start"]})
                assert told(gone)["deleted"] is True
        host = [row for row in t.simulator.meetings() if row["host"]["id"] == t.people[3].id]
        assert host == []


@pytest.mark.parametrize("signed_in", [False, True])
async def test_what_was_sealed_for_one_person_opens_for_nobody_else(shared: OpenStore, *, signed_in: bool) -> None:
    """Case 5."""
    async with town(replicas=2, open_store=shared, signed_in=signed_in) as t:
        headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2026-07-28"}
        listed = None
        async with t.client(t.people[3]) as client:
            listed = told(await client.call_tool("list_meetings", {"query": "Review"}))["meetings"][0]
        echo = {
            "meeting_id": listed["meeting_id"],
            "expected_topic": listed["topic"],
            "expected_start": listed["start"],
        }
        meta = {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
            "io.modelcontextprotocol/clientInfo": {"name": "tests", "version": "1"},
        }
        call = {"name": "delete_meeting", "arguments": echo, "_meta": meta}
        own = {"Mcp-Method": "tools/call", "Mcp-Name": "delete_meeting"}
        async with t.plain(0, **headers, **own) as http:
            body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
            asked = (await http.post("/mcp", json=body, headers=t.bearer(t.people[3]))).json()["result"]
            assert asked["resultType"] == "input_required", asked
            answers = {name: {"action": "accept", "content": {"confirm": True}} for name in asked["inputRequests"]}
            body["params"] = call | {"requestState": asked["requestState"], "inputResponses": answers}
            stolen = await http.post("/mcp", json=body, headers=t.bearer(t.people[4]))
            assert "error" in stolen.json(), stolen.text
            assert t.simulator.meeting(listed["meeting_id"]) is not None
        async with t.plain(1, **headers, **own) as http:
            done = (await http.post("/mcp", json=body, headers=t.bearer(t.people[3]))).json()["result"]
            assert done["structuredContent"]["deleted"] is True


async def test_a_hundred_calls_at_once_renew_an_expired_session_once() -> None:
    """On a store in memory: on a server, the calls of one thread would wait longer for each other than for it."""
    async with town(replicas=4) as t:
        person = t.people[3]
        for number in range(4):
            await t.call(person, number, "list_meetings")
        t.simulator.expire_tokens()
        before = len(t.platform_calls("POST", "oauth/token"))
        async with anyio.create_task_group() as tasks:
            for number in range(100):
                tasks.start_soon(partial(t.call, person, number % 4, "get_connection_status"))
        assert len(t.platform_calls("POST", "oauth/token")) - before == 1


async def test_a_penalty_that_one_replica_is_told_of_holds_the_other(shared: OpenStore) -> None:
    async with town(replicas=2, open_store=shared, limits={"light": 5}, settings={"plan_limits": {"light": 500}}) as t:
        person, other = t.people[3], t.people[4]
        async with t.client(person, replicas=[0]) as client:
            refused = [await client.call_tool("list_meetings", {}) for _ in range(6)][-1]
            assert error(refused)["code"] == "rate_limited"
        sent = len(t.simulator.calls)
        async with t.client(person, replicas=[1]) as client:
            assert error(await client.call_tool("list_meetings", {}))["code"] == "rate_limited"
        assert len(t.simulator.calls) == sent
        async with t.client(other, replicas=[1]) as client:
            told(await client.call_tool("list_meetings", {}))


@pytest.mark.parametrize("product", ["RCMeetings", "RCVideo"])
async def test_a_call_makes_few_trips_to_the_store(shared: OpenStore, product: str) -> None:
    """One as a call begins, one for each request, and two for the turn of a creation or of a change of a meeting."""
    video: dict[str, Any] = {"provider": "RCVideo", "dual_mode": False} if product == "RCVideo" else {}
    what = ROOM if video else MEETING
    async with town(open_store=shared, **video) as t, t.client(t.people[3], elicitation_callback=agree) as client:
        made = told(await client.call_tool("create_meeting", what))["meeting"]
        trips = []

        async def counted(tool: str, **arguments: Any) -> dict[str, Any]:
            before, sent = t.metrics[0].trips(), len(t.simulator.calls)
            answer = told(await client.call_tool(tool, arguments))
            trips.append((tool, t.metrics[0].trips() - before - (len(t.simulator.calls) - sent)))
            return answer

        named = {"meeting_id": made["meeting_id"]}
        await counted("get_meeting", **named)
        if not video:
            await counted("list_meetings")
        assert (await counted("create_meeting", **what | {"topic": "Another"}))["created"] is True
        assert (await counted("create_meeting", **what | {"topic": "Another"}))["created"] is False
        await counted("update_meeting", **named, topic="Changed")
        echo = named | {"expected_topic": "Changed"} | ({} if video else {"expected_start": made["start"]})
        assert (await counted("delete_meeting", **echo))["deleted"] is True
        reads = [("get_meeting", 1), *([] if video else [("list_meetings", 1)])]
        creations = [("create_meeting", 3), ("create_meeting", 3)]
        assert trips == [*reads, *creations, ("update_meeting", 1 if video else 3), ("delete_meeting", 2)]


async def test_while_the_store_is_away_requests_are_told_to_come_back_and_then_served(
    shared: OpenStore, server: StoreServer
) -> None:
    async with town(open_store=shared) as t:
        async with t.client(t.people[3]) as client:
            told(await client.call_tool("list_meetings", {}))
        sent = len(t.simulator.calls)
        async with t.plain(0, **t.bearer(t.people[3])) as http:
            server.stop()
            try:
                answers = [await http.post("/mcp", json={}), await http.get("/readyz"), await http.get("/livez")]
            finally:
                server.start()
            assert [answer.status_code for answer in answers] == [503, 503, 200]
            assert int(answers[0].headers["Retry-After"]) >= 1
        assert len(t.simulator.calls) == sent


@pytest.mark.parametrize(
    ("tool", "fault"), [("create_meeting", "POST /meeting$ latency=1"), ("update_meeting", "PUT /meeting/ latency=1")]
)
async def test_a_change_in_flight_is_seen_through_when_the_store_goes_away(
    shared: OpenStore, server: StoreServer, tool: str, fault: str
) -> None:
    async def stop_the_store(_seconds: float) -> None:
        server.stop()

    async with town(open_store=shared, sleep=stop_the_store) as t:
        person = t.people[3]
        made = (await t.call(person, 0, "create_meeting", **MEETING))["structuredContent"]
        t.simulator.faults = Faults.parse(fault)
        try:
            if tool == "create_meeting":
                done = await t.call(person, 0, tool, **MEETING | {"topic": "In flight"})
                assert done["structuredContent"]["created"] is True
            else:
                done = await t.call(person, 0, tool, meeting_id=made["meeting"]["meeting_id"], topic="In flight")
                assert done["structuredContent"]["changes"][0]["after"] == "In flight"
        finally:
            server.start()
        assert len([row for row in t.simulator.meetings() if row["topic"] == "In flight"]) == 1


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_of_either_era_is_served_by_replicas_in_turn(mode: Mode) -> None:
    async with town(replicas=3) as t, t.client(t.people[3], mode=mode) as client:
        assert "delete_meeting" in {tool.name for tool in (await client.list_tools()).tools}
        made = told(await client.call_tool("create_meeting", MEETING))["meeting"]
        assert told(await client.call_tool("get_meeting", {"meeting_id": made["meeting_id"]}))["meeting"]
        echo = {"meeting_id": made["meeting_id"], "expected_topic": made["topic"], "expected_start": made["start"]}
        assert told(await client.call_tool("delete_meeting", echo))["deleted"] is True
        assert t.simulator.meeting(made["meeting_id"]) is None
        assert all(len(one.users) == 1 for one in t.replicas)
