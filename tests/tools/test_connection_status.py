"""get_connection_status: the same facts as doctor's, for a model, and no exception however broken things are."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from mcp import Client

from assistant import MODES, Assistant, ManualClock, Mode, at_work
from ringcentral_meetings import __version__
from ringcentral_meetings.app import build_server
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import JWT, Simulator
from ringcentral_meetings.simulator.oauth.sessions import APPS_ALLOWED

pytestmark = pytest.mark.anyio

TOOL = "get_connection_status"


async def status(assistant: Assistant, check: str = "quick") -> dict[str, Any]:
    return (await assistant.call(TOOL, check=check)).data


@asynccontextmanager
async def real(simulator: Simulator, **settings: Any) -> AsyncIterator[Client]:
    """A client of a server that takes the simulator for RingCentral itself."""
    clock = ManualClock()
    chosen: dict[str, Any] = {"token_store": "memory", "log_level": "CRITICAL", "product": "meetings"} | settings
    server = build_server(Settings(**chosen), transport=simulator.transport(), clock=clock, now=clock.instant)
    async with Client(server) as client:
        yield client
    simulator.close()


async def told(client: Client, check: str = "full") -> dict[str, Any]:
    result = await client.call_tool(TOOL, {"check": check})
    assert not result.is_error
    assert result.structured_content is not None
    return dict(result.structured_content)


@pytest.mark.parametrize("mode", MODES)
async def test_it_tells_who_is_signed_in_and_what_works(mode: Mode) -> None:
    async with at_work(mode=mode) as assistant:
        assert await status(assistant) == {
            "simulated": True,
            "signed_in": True,
            "user": "Robin Ashdown",
            "host_id": assistant.simulator.owner_id,
            "product": "RingCentral Meetings",
            "scopes": "Meetings ReadAccounts Video",
            "meetings_permitted": True,
            "time_zone": "America/New_York",
            "time_zone_source": "account",
            "today": "Monday 2026-11-23",
            "rate_budget": "light 48 of 50, medium 40 of 40, heavy 10 of 10, auth 4 of 5",
            "read_only": False,
            "confirm": "auto",
            "version": __version__,
        }


async def test_in_full_it_tries_the_meetings_and_names_whom_one_may_act_for() -> None:
    async with at_work() as assistant:
        told = await status(assistant, "full")
        assert told["may_schedule_for"] == f"Helena Marsh ({assistant.simulator.executive_id})"
        assert assistant.sent("GET", "/meeting/service-info")
        assert {call.method for call in assistant.sent() if "/oauth/" not in call.path} == {"GET"}


async def test_it_tells_the_settings_that_matter() -> None:
    async with at_work(read_only=True, confirm="always", time_zone="Europe/Berlin") as assistant:
        told = await status(assistant)
    assert (told["read_only"], told["confirm"]) == (True, "always")
    assert (told["time_zone"], told["time_zone_source"]) == ("Europe/Berlin", "setting")


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ("POST /oauth/token status=500", "upstream_unavailable"),
        ("POST /oauth/token refused", "upstream_unavailable"),
        ("POST /oauth/token status=400 code=OAU-213", "session_expired"),
        ("GET .* status=503", "upstream_unavailable"),
        ("GET .* drop_after=timeout", "timed_out"),
        ("GET .* html=502", "upstream_unavailable"),
        ("GET .* malformed", "upstream_unavailable"),
        ("GET .* rate_limit=120", "rate_limited"),
        ("GET .* token_revoked", "session_expired"),
    ],
)
@pytest.mark.parametrize("check", ["quick", "full"])
async def test_what_is_broken_is_told_as_a_result(faults: str, code: str, check: str) -> None:
    async with at_work(faults=faults) as assistant:
        told = await status(assistant, check)
    assert told["signed_in"] is False
    assert told["problem"]["code"] == code
    assert set(told["problem"]) == {"code", "message", "next_step"}
    assert (told["time_zone"], told["time_zone_source"]) == ("UTC", "fallback")


async def test_without_credentials_it_says_what_to_set() -> None:
    async with real(Simulator()) as client:
        told_so = await told(client)
    assert told_so["signed_in"] is False
    assert told_so["problem"]["code"] == "not_signed_in"
    assert "RINGCENTRAL_CLIENT_ID" in told_so["problem"]["next_step"]


async def test_a_given_token_tells_no_scopes() -> None:
    simulator = Simulator()
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": JWT}
    async with httpx.AsyncClient(transport=simulator.transport(), auth=_app()) as http:
        answer = await http.post("https://platform.ringcentral.com/restapi/oauth/token", data=form)
    async with real(simulator, access_token=answer.json()["access_token"]) as client:
        good = await told(client)
        simulator.revoke_tokens()
        over = await told(client)
    assert good["signed_in"] is True
    assert "scopes" not in good
    assert (over["signed_in"], over["problem"]["code"]) == (False, "session_expired")


def _app() -> tuple[str, str]:
    from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET

    return CLIENT_ID, CLIENT_SECRET


async def test_a_missing_meetings_scope_is_the_problem_though_the_user_is_known() -> None:
    async with at_work() as assistant:
        assistant.simulator.scopes = {"ReadAccounts"}
        told = await status(assistant, "full")
    assert told["signed_in"] is True
    assert told["user"] == "Robin Ashdown"
    assert told["missing_scopes"] == "Meetings"
    assert told["problem"]["code"] == "app_permission_missing"
    assert "Meetings" in told["problem"]["message"]


async def test_without_readaccounts_meetings_work_and_the_user_is_known_by_id_alone() -> None:
    async with at_work() as assistant:
        assistant.simulator.scopes = {"Meetings"}
        told = await status(assistant, "full")
    assert told["signed_in"] is True
    assert "problem" not in told
    assert "user" not in told
    assert told["host_id"] == assistant.simulator.owner_id
    assert told["missing_scopes"] == "ReadAccounts"


async def test_a_missing_permission_is_the_problem() -> None:
    async with at_work() as assistant:
        assistant.simulator.permissions = {APPS_ALLOWED}
        told = await status(assistant)
    assert (told["signed_in"], told["meetings_permitted"]) == (True, False)
    assert told["problem"]["code"] == "user_permission_missing"


async def test_a_user_of_ringcentral_video_is_told_so_and_asked_for_its_scope() -> None:
    async with at_work(product="auto") as assistant:
        assistant.simulator.provider = "RCVideo"
        told = await status(assistant, "full")
        assert told["product"] == "RingCentral Video"
        assert "problem" not in told
        assert "meetings_permitted" not in told
    async with at_work(product="auto") as assistant:
        assistant.simulator.provider = "RCVideo"
        assistant.simulator.scopes.discard("Video")
        told = await status(assistant)
    assert told["missing_scopes"] == "Video"
    assert told["problem"]["code"] == "app_permission_missing"


async def test_meetings_that_are_withdrawn_are_found_in_full() -> None:
    async with at_work() as assistant:
        assistant.simulator.switches.withdrawn = True
        quick, full = await status(assistant), await status(assistant, "full")
    assert "problem" not in quick
    assert full["problem"]["code"] == "feature_unavailable"
    assert "may_schedule_for" not in full


async def test_many_people_are_counted_and_nobody_is_said() -> None:
    from ringcentral_meetings.tools.connection import _people

    many = [f"Person {number}" for number in range(25)]
    assert (_people(many) or "").endswith("Person 19 and 5 more")
    assert _people([]) == "nobody else"
    await anyio.lowlevel.checkpoint()


async def test_nothing_of_the_sign_in_is_shown() -> None:
    async with at_work() as assistant:
        text = (await assistant.call(TOOL, check="full")).text
        sent = "".join(call.headers.get("authorization", "") for call in assistant.simulator.calls)
    tokens = {word for word in sent.replace("Bearer", " ").replace("Basic", " ").split() if len(word) > 20}
    assert tokens
    assert not any(token in text for token in tokens)


async def test_today_and_its_weekday_are_those_of_the_persons_zone() -> None:
    async with at_work(time_zone="Pacific/Auckland") as assistant:
        assert (await assistant.call("get_connection_status")).data["today"] == "Tuesday 2026-11-24"
        assert (await assistant.call("list_meetings")).data["today"] == "Tuesday 2026-11-24"
        assert (await assistant.call("list_past_meetings")).data["today"] == "Tuesday 2026-11-24"
        shown = (await assistant.call("list_meetings", time_zone="America/New_York")).data
        assert shown["today"] == "Monday 2026-11-23"
