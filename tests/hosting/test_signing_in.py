"""People sign in with a browser, for the MCP client of the SDK, at two replicas that take turns."""

import pytest

from hosting.browser import Kept, connected
from hosting.town import Mode, told, town

pytestmark = pytest.mark.anyio

OPEN = {"admitted_accounts": "*"}


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_person_signs_in_once_and_calls_tools_at_both_replicas(mode: Mode) -> None:
    async with town(replicas=2, host=OPEN) as t:
        person, kept = t.people[3], Kept()
        async with connected(t, person, kept, mode) as one:
            for _ in range(4):
                status = told(await one.client.call_tool("get_connection_status", {}))
                assert (status["user"], status["host_id"]) == (person.name, person.id)
            assert len(one.visits) == 1
        async with connected(t, person, kept, mode) as again:
            told(await again.client.call_tool("list_meetings", {}))
            assert again.visits == []
