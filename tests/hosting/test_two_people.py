"""Two people in one process: what one of them does, has or remembers never reaches the other."""

import re
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import pytest
from mcp.shared.exceptions import MCPError
from mcp_types import ResourceTemplateReference

from hosting.town import BOTH, Town, error, told
from hosting.town import town as open_town
from ringcentral_meetings.simulator import Faults
from ringcentral_meetings.simulator.people import Person
from ringcentral_meetings.store import Session

pytestmark = pytest.mark.anyio

OpenTown = Callable[..., AbstractAsyncContextManager[Town]]

STATUS = {"name": "get_connection_status", "arguments": {}}
MEETING = {"topic": "Same words", "start_time": "2099-01-05T10:00", "time_zone": "UTC", "duration_minutes": 30}


@pytest.fixture(params=["test users", "signed in"])
def town(request: pytest.FixtureRequest) -> OpenTown:
    """A town of people with bearer tokens of either kind."""
    return partial(open_town, signed_in=request.param == "signed in")


async def test_each_sees_meetings_of_their_own(town: OpenTown) -> None:
    async with town() as t:
        for person in t.people[3:]:
            async with t.client(person) as client:
                listed = told(await client.call_tool("list_meetings", {}))
                assert {row["topic"] for row in listed["meetings"]} == {
                    f"Review with {person.mark}",
                    f"Weekly of {person.mark}",
                }
                status = told(await client.call_tool("get_connection_status", {}))
                assert (status["user"], status["host_id"]) == (person.name, person.id)


async def test_equal_creations_of_two_people_make_two_meetings_and_neither_waits_or_is_handed_the_others(
    town: OpenTown,
) -> None:
    """Case 7."""
    async with town() as t:
        made: dict[str, dict[str, Any]] = {}
        async with t.client(t.people[3]) as one, t.client(t.people[4]) as other:

            async def create(name: str, client: Any) -> None:
                made[name] = told(await client.call_tool("create_meeting", MEETING))

            async with anyio.create_task_group() as tasks:
                tasks.start_soon(create, "one", one)
                tasks.start_soon(create, "other", other)
            again = told(await one.call_tool("create_meeting", MEETING))
        assert [made[name]["created"] for name in ("one", "other")] == [True, True]
        assert again["created"] is False
        assert again["meeting"]["meeting_id"] == made["one"]["meeting"]["meeting_id"]
        hosts = [row["host"]["id"] for row in t.simulator.meetings() if row["topic"] == "Same words"]
        assert sorted(hosts) == sorted([t.people[3].id, t.people[4].id])


async def test_equal_rooms_of_two_people_are_two_rooms(town: OpenTown) -> None:
    async with town(provider="RCVideo", dual_mode=False) as t:
        wanted = {"topic": "Same room", "meeting_type": "Recurring"}
        async with t.client(t.people[3]) as one, t.client(t.people[4]) as other:
            rooms = [told(await client.call_tool("create_meeting", wanted)) for client in (one, other, one)]
        assert [room["created"] for room in rooms] == [True, True, False]
        assert rooms[0]["meeting"]["meeting_id"] == rooms[2]["meeting"]["meeting_id"]
        assert rooms[0]["meeting"]["meeting_id"] != rooms[1]["meeting"]["meeting_id"]


async def test_a_meeting_of_somebody_else_is_not_found_by_its_id(town: OpenTown) -> None:
    """Case 1."""
    async with town() as t:
        async with t.client(t.people[3]) as one, t.client(t.people[4]) as other:
            meeting_id = told(await one.call_tool("list_meetings", {}))["meetings"][0]["meeting_id"]
            found = await other.call_tool("get_meeting", {"meeting_id": meeting_id})
            assert error(found)["code"] == "not_found"
            gone = await other.call_tool("delete_meeting", {"meeting_id": meeting_id, "expected_topic": "Review"})
            assert error(gone)["code"] == "not_found"
        assert t.simulator.meeting(meeting_id) is not None


async def test_a_page_token_is_refused_when_somebody_else_shows_it(town: OpenTown) -> None:
    """Case 6."""
    async with town() as t, t.client(t.people[3]) as one, t.client(t.people[4]) as other:
        window = {"window_start": "2020-01-01", "window_end": "2099-01-01", "limit": 1, "time_zone": "UTC"}
        page = told(await one.call_tool("list_meetings", window))
        following = window | {"page_token": page["next_page_token"]}
        assert error(await other.call_tool("list_meetings", following))["code"] == "invalid_arguments"
        assert told(await one.call_tool("list_meetings", following))["meetings"]


async def test_completion_and_resources_are_of_the_person_who_asks(town: OpenTown) -> None:
    """Case 8."""
    async with town() as t:
        ref = ResourceTemplateReference(uri="ringcentral://meetings/{meeting_id}")
        async with t.client(t.people[3]) as one, t.client(t.people[4]) as other:
            found = {}
            for name, client in (("one", one), ("other", other), ("one again", one)):
                answer = await client.complete(ref, {"name": "meeting_id", "value": "review"})
                found[name] = answer.completion.values
            assert found["one"] == found["one again"] != []
            assert not set(found["one"]) & set(found["other"])
            address = f"ringcentral://meetings/{found['one'][0]}"
            read = await one.read_resource(address)
            assert t.people[3].mark in str(read.contents[0])
            with pytest.raises(MCPError):
                await other.read_resource(address)


async def test_the_dictionary_of_time_zones_is_read_once_for_all_people_and_replicas(town: OpenTown) -> None:
    async with town(replicas=2) as t:
        read = []
        for person in t.people:
            async with t.client(person) as client:
                told(await client.call_tool("create_meeting", MEETING | {"topic": f"Of {person.id}"}))
            read.append(len(t.platform_calls("GET", "dictionary/timezone")))
        assert read == [read[0]] * len(t.people)
        assert read[0] > 0


async def test_calls_of_two_people_that_are_under_way_at_once_stay_their_own(town: OpenTown) -> None:
    """Cases 2 and 4: on one connection pool and one replica, each call waiting while others begin and end."""

    async def wait(_seconds: float) -> None:
        for _ in range(20):
            await anyio.lowlevel.checkpoint()

    async with town(sleep=wait, faults=Faults.parse("GET .* latency=1")) as t, t.plain(0, **BOTH) as http:
        users: list[tuple[str, str]] = []

        async def ask(person: Person) -> None:
            body = {"jsonrpc": "2.0", "id": person.id, "method": "tools/call", "params": STATUS}
            answer = await http.post("/mcp", json=body, headers=t.bearer(person))
            users.extend((person.name, name) for name in re.findall(r'"user": ?"([^"]+)"', answer.text))

        for _ in range(3):
            async with anyio.create_task_group() as tasks:
                for person in t.people * 3:
                    tasks.start_soon(ask, person)
        assert len(users) == 9 * len(t.people)
        assert [pair for pair in users if len(set(pair)) > 1] == []


async def test_an_extension_id_that_two_accounts_have_is_two_people() -> None:
    """Case 9."""
    async with open_town(signed_in=True) as t:
        one, other = t.people[3], t.people[4]
        twin = replace(one, account="999")
        assert t.user(twin) != t.user(one)
        answer = t.simulator.sign_in(other.id)
        session = Session(answer["access_token"], answer["refresh_token"], 3600, 3600)
        await t.stores[0].sessions.put(t.user(twin), session, over=0, ends_in=86_400)
        t.bearers["twin"] = (await t.grant(twin)).access
        own = t.bearers[one.id]
        for bearer, expected in ((own, one), (t.bearers["twin"], other), (own, one)):
            t.bearers[one.id] = bearer
            status = await t.call(one, 0, "get_connection_status")
            assert status["structuredContent"]["user"] == expected.name


async def test_outside_of_a_call_the_door_leads_to_nobody(town: OpenTown) -> None:
    async with town() as t:
        async with t.client(t.people[3]) as one:
            told(await one.call_tool("list_meetings", {}))
        with pytest.raises(LookupError):
            t.replicas[0].users.door()


async def test_forty_calls_of_one_person_that_hang_do_not_hold_up_another(town: OpenTown) -> None:
    begun = anyio.Event()

    async def hang(_seconds: float) -> None:
        begun.set()
        await anyio.sleep_forever()

    async with town(sleep=hang) as t:
        slow, quick = t.people[3], t.people[4]
        rows = (await t.call(slow, 0, "list_meetings"))["structuredContent"]["meetings"]
        await t.call(quick, 0, "list_meetings")
        t.simulator.faults = Faults.parse(f"GET /meeting/{rows[0]['meeting_id']}$ latency=9")
        async with anyio.create_task_group() as tasks:
            for _ in range(40):
                tasks.start_soon(partial(t.call, slow, 0, "get_meeting", meeting_id=rows[0]["meeting_id"]))
            await begun.wait()
            await anyio.wait_all_tasks_blocked()
            await t.call(quick, 0, "list_meetings")
            tasks.cancel_scope.cancel()
