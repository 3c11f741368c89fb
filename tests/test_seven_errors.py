"""Seven reasons why a call is refused at the door, from RingCentral's body to the text that a model reads."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from assistant import Assistant, at_work
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import RateLimits
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.consent import Consent
from ringcentral_meetings.platform.signin.grants import App
from ringcentral_meetings.platform.signin.sessions import SessionKey, SharedTokenStore
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT, Simulator

pytestmark = pytest.mark.anyio

SERVER = "https://platform.example"
BY_JWT: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "jwt": JWT, "token_store": "memory"}
BY_LOGIN: dict[str, Any] = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "token_store": "file"}


@dataclass(frozen=True)
class Case:
    """What is wrong at RingCentral or in the settings, and what comes of it."""

    spoil: Callable[[Simulator], object]
    upstream: tuple[int, str]
    code: str
    says: str
    mends: str
    settings: dict[str, Any] = field(default_factory=lambda: BY_JWT)


def on_video(simulator: Simulator) -> None:
    simulator.provider = "RCVideo"
    simulator.switches.withdrawn = True


CASES = {
    "an expired JWT": Case(
        lambda simulator: simulator.jwts.clear(),
        (400, "OAU-213"),
        "session_expired",
        "does not accept the JWT: it has expired",
        "Create a new JWT in the developer console and set RINGCENTRAL_JWT.",
    ),
    "a revoked session": Case(
        lambda simulator: simulator.revoke_tokens(),
        (400, "OAU-211"),
        "session_expired",
        "session of the last login has expired",
        "Run `ringcentral-meetings-mcp login` in a terminal",
        BY_LOGIN,
    ),
    "a wrong secret": Case(
        lambda _: None,
        (401, "OAU-146"),
        "not_signed_in",
        "does not accept the client secret",
        "Copy the app's secret from the developer console to RINGCENTRAL_CLIENT_SECRET.",
        BY_JWT | {"client_secret": "canary-wrong"},
    ),
    "a missing app scope": Case(
        lambda simulator: simulator.scopes.discard("Meetings"),
        (403, "CMN-401"),
        "app_permission_missing",
        "app lacks the application scope Meetings",
        "Add the scope to the app in the developer console",
    ),
    "a missing user permission": Case(
        lambda simulator: simulator.permissions.discard("Meetings"),
        (403, "CMN-408"),
        "user_permission_missing",
        "the permission Meetings is missing",
        "Ask the account's administrator to add the permission to the user's role.",
    ),
    "an extension without the Meetings feature": Case(
        lambda simulator: simulator.features.discard("Meetings"),
        (403, "CMN-109"),
        "feature_unavailable",
        "RingCentral does not offer RingCentral Meetings to this user",
        "administrator to assign RingCentral Meetings",
    ),
    "an account on RingCentral Video": Case(
        on_video,
        (404, "CMN-120"),
        "feature_unavailable",
        "meetings are on RingCentral Video",
        "Set RINGCENTRAL_PRODUCT=auto or video",
    ),
}


async def log_in(assistant: Assistant) -> None:
    """What `login` does, without the browser."""
    simulator, clock = assistant.simulator, assistant.clock
    simulator.issue_refresh_tokens = True
    consent = Consent(App(SERVER, CLIENT_ID, CLIENT_SECRET), "http://127.0.0.1:8912/callback")
    async with httpx.AsyncClient(transport=simulator.transport()) as browser:
        query = {name: values[0] for name, values in parse_qs(urlsplit(consent.address).query).items()}
        answer = await browser.post(consent.address.partition("?")[0], data=query | {"decision": "allow"})
    store = SharedTokenStore(SessionKey("default", CLIENT_ID, SERVER), "file", clock)
    auth = PlatformAuth(consent.grant(answer.headers["Location"]), RateLimits({}, clock), clock, store=store)
    async with build_http(SERVER, auth, transport=simulator.transport(), user_agent="tests/1"):
        await auth.token()


async def told(case: Case, tool: str = "list_meetings", **arguments: Any) -> dict[str, Any]:
    """The error that the model reads."""
    async with at_work(simulator=False, server_url=SERVER, **case.settings) as assistant:
        if case.settings is BY_LOGIN:
            await log_in(assistant)
        case.spoil(assistant.simulator)
        answer = await assistant.call(tool, **arguments)
        assert "canary" not in answer.text
        assert JWT not in answer.text
        return answer.problem


@pytest.fixture(autouse=True)
def _apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))


@pytest.mark.parametrize("name", CASES)
async def test_each_is_told_from_the_platforms_body_with_the_step_that_mends_it(name: str) -> None:
    case = CASES[name]
    problem = await told(case)
    assert problem["code"] == case.code
    assert case.says in problem["message"]
    assert case.mends in problem["next_step"]
    assert problem["retryable"] is False
    ringcentral = problem["ringcentral"]
    assert (ringcentral["http_status"], ringcentral["error_code"]) == case.upstream
    assert ringcentral["request_id"]


async def test_no_two_of_them_say_the_same() -> None:
    problems = [await told(case) for case in CASES.values()]
    for part in ("message", "next_step"):
        assert len({problem[part] for problem in problems}) == len(CASES)


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("get_meeting", {"meeting_id": "1"}),
        ("create_meeting", {"topic": "Plan", "start_time": "2026-11-24T10:00"}),
        ("update_meeting", {"meeting_id": "1", "topic": "Plan"}),
        ("delete_meeting", {"meeting_id": "1", "expected_topic": "Plan"}),
        ("end_meeting", {"meeting_id": "1", "expected_topic": "Plan"}),
        ("get_meeting_service_info", {}),
    ],
)
async def test_every_tool_says_that_an_account_is_on_ringcentral_video(tool: str, arguments: dict[str, Any]) -> None:
    problem = await told(CASES["an account on RingCentral Video"], tool, **arguments)
    assert (problem["code"], "RingCentral Video" in problem["message"]) == ("feature_unavailable", True)


async def test_a_404_without_a_code_is_looked_into_and_the_product_asked_for_once() -> None:
    async with at_work(simulator=False, server_url=SERVER, faults="GET /meeting html=404", **BY_JWT) as assistant:
        assistant.simulator.provider = "RCVideo"
        for _ in range(2):
            assert (await assistant.call("list_meetings")).code == "feature_unavailable"
        assert len(assistant.sent("GET", "video-configuration")) == 1


async def test_what_is_not_known_of_the_product_leaves_the_refusal_as_it_was() -> None:
    faults = "GET video-configuration status=500"
    async with at_work(simulator=False, server_url=SERVER, faults=faults, **BY_JWT) as assistant:
        assistant.simulator.switches.withdrawn = True
        problem = (await assistant.call("list_meetings")).problem
        assert "lacks the feature" in problem["message"]


async def test_a_meeting_that_is_not_there_asks_for_no_product() -> None:
    async with at_work(simulator=False, server_url=SERVER, **BY_JWT) as assistant:
        assert (await assistant.call("get_meeting", meeting_id="1")).code == "not_found"
        assert assistant.sent("GET", "video-configuration") == []


@pytest.mark.parametrize(
    ("settings", "code", "step"),
    [
        ({}, "not_signed_in", "ringcentral-meetings-mcp login"),
        ({"client_id": CLIENT_ID, "token_store": "file", "profile": "work"}, "not_signed_in", "login --profile work`"),
        ({"access_token": "canary-token"}, "session_expired", "RINGCENTRAL_ACCESS_TOKEN"),
        (BY_JWT | {"client_id": "another"}, "not_signed_in", "RINGCENTRAL_CLIENT_ID"),
        (BY_JWT | {"client_secret": None}, "not_signed_in", "Set RINGCENTRAL_CLIENT_SECRET"),
        (BY_JWT | {"client_id": "simulator-public-client-id", "client_secret": None}, "app_permission_missing", "JWT"),
    ],
)
async def test_every_other_way_to_be_refused_names_its_step_too(settings: dict[str, Any], code: str, step: str) -> None:
    problem = await told(Case(lambda _: None, (0, ""), code, "", step, settings))
    assert problem["code"] == code
    assert step in problem["next_step"]
