"""What several users' clients share, and what each has alone."""

from collections.abc import Mapping

import httpx
import pytest

from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import RateLimits
from ringcentral_meetings.platform.rate_windows import MemoryWindows
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth, NoCredentialsAuth
from scripted_http import SERVER, FakeClock, answer

pytestmark = pytest.mark.anyio


class Recording(MemoryWindows):
    """Windows that remember what they were told of refusals."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock.now)
        self.told: list[tuple[str, str, float]] = []

    async def hold(self, group: str, seconds: float) -> None:
        self.told.append(("named", group, seconds))

    async def hold_unnamed(self, group: str, seconds: float) -> None:
        self.told.append(("unnamed", group, seconds))


async def test_one_http_client_serves_several_users_each_with_a_token_and_limits_of_their_own() -> None:
    clock, seen = FakeClock(), list[str]()

    def note(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers["Authorization"])
        return answer()

    nobody = NoCredentialsAuth()
    async with build_http(SERVER, nobody, transport=httpx.MockTransport(note), user_agent="tests/1") as http:
        users = [
            PlatformClient(http, RateLimits({"light": 2}, clock), clock=clock, sign_in=GivenTokenAuth(token))
            for token in ("ann", "bob")
        ]
        for user in (*users, *users):
            await user.request("GET", "/x", group="light")
        assert seen == ["Bearer ann", "Bearer bob"] * 2
        assert [(await user.headroom())["light"].left for user in users] == [0, 0]
        assert [user.secrets() for user in users] == [("ann",), ("bob",)]


@pytest.mark.parametrize(
    ("headers", "told"),
    [
        ({"Retry-After": "7", "X-Rate-Limit-Group": "light"}, ("named", "light", 7.0)),
        ({"Retry-After": "7"}, ("unnamed", "light", 7.0)),
        ({}, ("unnamed", "light", 30.0)),
    ],
)
async def test_a_refusal_that_names_no_limit_is_told_apart(
    headers: Mapping[str, str], told: tuple[str, str, float]
) -> None:
    clock = FakeClock()
    windows = Recording(clock)
    answers = iter([httpx.Response(429, headers=headers), answer()])
    wire = httpx.MockTransport(lambda _: next(answers))
    async with build_http(SERVER, GivenTokenAuth("token"), transport=wire, user_agent="tests/1") as http:
        client = PlatformClient(http, RateLimits({}, clock, windows), clock=clock)
        await client.request("GET", "/x", group="light")
    assert windows.told == [told]
