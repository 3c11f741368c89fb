"""Canaries in every secret place, and no fault of any kind brings one of them to light."""

import io
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

import pytest

from assistant import at_work, scheduled
from faults.jobs import JOBS, ZONE, Desk, lay_out
from faults.scripted import a_meeting, at_work_on, service_info
from faults.test_matrix import CELLS
from ringcentral_meetings import logs
from ringcentral_meetings.app import build_server
from ringcentral_meetings.platform.api import meetings_wire as wire
from ringcentral_meetings.platform.client import Answer, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth, PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, CodeGrant, JwtGrant
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, Token
from ringcentral_meetings.products.meetings.wire import read_meeting
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import CLIENT_SECRET, JWT, Simulator

pytestmark = pytest.mark.anyio

START_LINK = "zpk"


@contextmanager
def logged(secrets: tuple[str, ...] = ()) -> Iterator[tuple[io.StringIO, io.StringIO]]:
    """What is logged at DEBUG meanwhile, as text and as JSON, by the program's own handlers.

    No secret is named to them, so that what they would have to redact by name shows.
    """
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    text, as_json = io.StringIO(), io.StringIO()
    with redirect_stderr(text):
        logs.configure("DEBUG", "text", secrets)
    (first,) = root.handlers
    root.removeHandler(first)
    with redirect_stderr(as_json):
        logs.configure("DEBUG", "json", secrets)
    root.addHandler(first)
    try:
        yield text, as_json
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def canaries(simulator: Simulator) -> set[str]:
    """Every secret that the platform holds now, tokens in use included."""
    info = simulator.store.run("SELECT token FROM tokens")
    found = {CLIENT_SECRET, JWT, *(row["token"] for row in info)}
    for meeting in simulator.meetings():
        found.add(meeting["links"]["startUri"].partition("zpk=")[2])
        if meeting["h323Password"]:
            found.add(meeting["h323Password"])
    return found


def bare(secret: str) -> re.Pattern[str]:
    """The secret standing alone: a short number may well be a part of a longer one."""
    return re.compile(rf"(?<!\w){re.escape(secret)}(?!\w)")


async def test_no_fault_of_any_tool_brings_a_secret_into_a_result_an_error_or_the_log() -> None:
    with logged() as (text, as_json):
        async with at_work(time_zone=ZONE, log_level="DEBUG") as assistant:
            secrets: set[str] = set()
            said: list[str] = []
            for job, row in CELLS:
                desk = lay_out(assistant)
                assistant.simulator.edit_meeting(desk.meeting_id, password="abc")
                desk.strike(job.struck(row.fault))
                said.append((await job.run(desk)).text)
                said += assistant.progress
                secrets |= canaries(assistant.simulator)
    assert len(secrets) > len(CELLS)
    assert "answered" in text.getvalue()
    assert '"message"' in as_json.getvalue()
    whole = "\n".join([*said, text.getvalue(), as_json.getvalue()])
    words = set(re.findall(r"[\w.-]+", whole))
    assert not secrets & words
    assert not [secret for secret in secrets if len(secret) > 8 and secret in whole]
    assert not re.search(r"zpk|h323|hostKey|userToken|SIMUSERTOKEN|/s/\d", whole)


SECRETS_OF_FAULTS = ["echo_token=400", "echo_token=500", "wrong_types", "malformed", "redirect", "truncated"]


@pytest.mark.parametrize("tool", JOBS)
async def test_an_answer_that_repeats_secrets_does_not_get_them_through(desk: Desk, tool: str) -> None:
    with logged() as (text, as_json):
        for fault in SECRETS_OF_FAULTS:
            desk.strike(f"* . {fault} after=1")
            answer = await JOBS[tool].run(desk)
            said = answer.text + text.getvalue() + as_json.getvalue()
            assert not [secret for secret in canaries(desk.simulator) if bare(secret).search(said)]
            desk = lay_out(desk.assistant)


async def test_the_host_s_key_and_token_and_the_room_password_are_told_by_no_tool() -> None:
    hidden = ("token-of-the-user", "654321", "998877", "zpk")
    answers: list[str] = []
    async with at_work_on(lambda request: service_info() if "service-info" in request.url.path else a_meeting()) as a:
        answers += [(await a.call("get_meeting_service_info")).text, (await a.call("get_meeting", meeting_id="1")).text]
    assert not [secret for secret in hidden for answer in answers if secret in answer]


async def _every_answer(**settings: Any) -> dict[str, dict[str, Any]]:
    async with at_work(time_zone=ZONE, **settings) as assistant:
        made = await assistant.call("create_meeting", topic="a", start_time="2026-11-24T10:00", password="abc")
        meeting_id = made.data["meeting"]["meeting_id"]
        answers = {"create_meeting": made.data}
        answers["list_meetings"] = (await assistant.call("list_meetings")).data
        answers["get_meeting"] = (await assistant.call("get_meeting", meeting_id=meeting_id)).data
        answers["update_meeting"] = (await assistant.call("update_meeting", meeting_id=meeting_id, topic="b")).data
        echo = {"meeting_id": meeting_id, "expected_topic": "b", "expected_start": "2026-11-24T10:00"}
        answers["delete_meeting"] = (await assistant.call("delete_meeting", **echo)).data
        return answers


async def test_the_start_link_is_told_only_to_those_who_want_it_and_by_two_tools_alone() -> None:
    without = await _every_answer()
    assert [name for name, data in without.items() if START_LINK in str(data)] == []
    revealed = await _every_answer(reveal_start_link=True)
    assert [name for name, data in revealed.items() if START_LINK in str(data)] == ["create_meeting", "get_meeting"]
    assert START_LINK in revealed["get_meeting"]["start_url"]
    assert "abc" in str(without["get_meeting"])
    assert "/j/" in str(without["get_meeting"])


async def test_the_log_never_holds_the_start_link_even_where_it_is_revealed() -> None:
    with logged() as (text, as_json):
        await _every_answer(reveal_start_link=True, log_level="DEBUG")
    assert "zpk=" not in re.sub(r"zpk=\[redacted\]", "", text.getvalue() + as_json.getvalue())


async def test_no_object_shows_a_secret_when_printed() -> None:
    secret = "CANARY-0123456789"
    settings = Settings(client_id="id", client_secret=secret, jwt=secret, access_token=secret)
    app = App("https://platform.ringcentral.com", "id", secret)
    grant = JwtGrant(app, secret)
    clock = LoopClock()
    token = Token(secret, 1.0, refresh_token=secret)
    store = MemoryTokenStore()
    await store.save(token)
    auth = PlatformAuth(grant, RateLimits({}, clock), clock, store=store)
    raw = a_meeting() | {"password": secret, "h323Password": secret, "links": {"startUri": secret, "joinUri": secret}}
    read = wire.Meeting.model_validate(raw)
    shown = [
        settings,
        settings.model_dump_json(),
        grant,
        token,
        store,
        auth,
        GivenTokenAuth(secret),
        build_http("https://platform.ringcentral.com", auth, user_agent="test"),
        build_server(settings),
        app,
        app.post("/restapi/oauth/token", {"assertion": secret}),
        CodeGrant(app, secret, "http://127.0.0.1:8000", secret),
        Answer(200, raw),
        read,
        read_meeting(read, ZONE, reveal_start_link=True),
        wire.ServiceInfo.model_validate({"externalUserInfo": {"hostKey": secret, "userToken": secret}}),
    ]
    assert [type(one).__name__ for one in shown if secret in f"{one} {one!r}"] == []


async def test_a_password_in_a_meeting_s_links_is_no_part_of_an_error() -> None:
    async with at_work(time_zone=ZONE) as assistant:
        meeting_id = assistant.simulator.put_meeting(
            topic="a", password="pw_canary", schedule=scheduled("2026-11-24T15:00:00Z")
        )
        wrong = await assistant.call("delete_meeting", meeting_id=meeting_id, expected_topic="b")
        assert wrong.code == "target_mismatch"
        assert "pw_canary" not in wrong.text
        assert "pwd=" not in wrong.text
