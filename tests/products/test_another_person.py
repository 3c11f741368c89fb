"""Another login: what was remembered of one person is not used for the next."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from mcp_types import PromptReference

from assistant import Assistant, ManualClock, at_work
from ringcentral_meetings.connection import app_of, shared_store
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.products.remembered import KEPT_MINUTES
from ringcentral_meetings.protocol.contract import CALL_SECONDS
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET
from ringcentral_meetings.simulator.oauth.sessions import sign_in

pytestmark = pytest.mark.anyio

BY_LOGIN: dict[str, Any] = {
    "simulator": False,
    "server_url": "https://platform.example",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "token_store": "file",
}
ADA_ZONE, BEN_ZONE = "America/New_York", "Asia/Tokyo"


@dataclass
class Desk:
    """A server whose token store other processes write: Ada logs in first, then Ben."""

    assistant: Assistant
    clock: ManualClock

    async def log_in(self, person: str) -> None:
        """Do what `login` does in another process of the same user."""
        simulator = self.assistant.simulator
        given = sign_in(simulator, {}, CLIENT_ID)
        simulator.store.run("UPDATE sessions SET user = ? WHERE id = ?", person, given["session_id"])
        settings = Settings(**BY_LOGIN)
        app = app_of(settings)
        assert app is not None
        token = Token(given["access_token"], self.clock.now() + 3_000, given["scope"], person, by_login=True)
        await shared_store(settings, app, self.clock).save(token)

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a tool. The server takes the platform for a real one, so that it is not marked as simulated."""
        self.clock.deadline = self.clock.seconds + CALL_SECONDS
        result = await self.assistant.client.call_tool(tool, arguments)
        assert result.structured_content is not None, result.content
        return dict(result.structured_content)

    async def created_at(self) -> str:
        """The moment at which the platform has the meeting of 9 o'clock that is asked for."""
        wanted = {"topic": "Retro", "start_time": "2026-12-15T09:00", "allow_duplicate": True}
        made = await self.call("create_meeting", **wanted)
        stored = self.assistant.simulator.meeting(made["meeting"]["meeting_id"])
        assert stored is not None
        return str(stored["schedule"]["startTime"])


@pytest.fixture(autouse=True)
def _a_store_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


async def test_a_meeting_is_made_in_the_zone_of_whoever_is_signed_in_now() -> None:
    clock = ManualClock()
    async with at_work(clock=clock, **BY_LOGIN) as assistant:
        desk, simulator = Desk(assistant, clock), assistant.simulator
        simulator.zones |= {simulator.owner_id: ADA_ZONE, simulator.executive_id: BEN_ZONE}
        await desk.log_in(simulator.owner_id)
        assert (await desk.created_at()).startswith("2026-12-15T14:00")
        await desk.log_in(simulator.executive_id)
        assert (await desk.created_at()).startswith("2026-12-15T00:00")
        status = await desk.call("get_connection_status")
        assert BEN_ZONE in str(status)


async def test_the_product_is_that_of_whoever_is_signed_in_now() -> None:
    clock = ManualClock()
    async with at_work(clock=clock, product="auto", **BY_LOGIN) as assistant:
        desk, simulator = Desk(assistant, clock), assistant.simulator
        simulator.providers[simulator.executive_id] = "RCVideo"
        for person, product in (
            (simulator.owner_id, "RingCentral Meetings"),
            (simulator.executive_id, "RingCentral Video"),
        ):
            await desk.log_in(person)
            assert (await desk.call("get_meeting_service_info"))["product"] == product


async def test_completion_shows_nothing_of_the_person_before() -> None:
    clock = ManualClock()
    async with at_work(clock=clock, **BY_LOGIN) as assistant:
        desk, simulator = Desk(assistant, clock), assistant.simulator
        prompts = (await assistant.client.list_prompts()).prompts
        prompt = next(one.name for one in prompts if any(arg.name == "meeting_id" for arg in one.arguments or ()))
        await desk.log_in(simulator.owner_id)
        await desk.created_at()

        async def suggested() -> list[str]:
            typed = {"name": "meeting_id", "value": ""}
            found = await assistant.client.complete(PromptReference(name=prompt), typed)
            return list(found.completion.values)

        assert len(await suggested()) == 1
        await desk.log_in(simulator.executive_id)
        assert await suggested() == []


@pytest.mark.parametrize("minutes", [KEPT_MINUTES - 1, KEPT_MINUTES + 1])
async def test_a_zone_that_was_changed_at_ringcentral_is_read_again_after_a_while(minutes: int) -> None:
    clock = ManualClock()
    async with at_work(clock=clock) as assistant:
        desk, simulator = Desk(assistant, clock), assistant.simulator
        assert (await desk.created_at()).startswith("2026-12-15T14:00")
        simulator.zones[simulator.owner_id] = BEN_ZONE
        clock.seconds += minutes * 60
        hour = "T00:00" if minutes > KEPT_MINUTES else "T14:00"
        assert hour in await desk.created_at()


@pytest.mark.parametrize("minutes", [KEPT_MINUTES - 1, KEPT_MINUTES + 1])
async def test_a_product_that_was_changed_at_ringcentral_is_asked_for_again_after_a_while(minutes: int) -> None:
    clock = ManualClock()
    async with at_work(clock=clock, product="auto") as assistant:
        await assistant.call("get_meeting_service_info")
        assistant.simulator.provider, assistant.simulator.dual_mode = "RCVideo", True
        clock.seconds += minutes * 60
        info = await assistant.call("get_meeting_service_info")
        assert info.data["product"] == ("RingCentral Video" if minutes > KEPT_MINUTES else "RingCentral Meetings")
