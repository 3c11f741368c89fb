"""The plain balancer of demonstrations and tests, as far as browsers depend on it."""

import httpx
import pytest

from ringcentral_meetings.hosting.front import Front

pytestmark = pytest.mark.anyio


async def test_headers_that_are_there_twice_and_cookies_go_through_and_cookies_stay_with_their_browser() -> None:
    seen: list[httpx.Request] = []

    def replica(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/readyz":
            return httpx.Response(200)
        seen.append(request)
        return httpx.Response(302, headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2; Path=/"), ("Location", "/x")])

    front = Front(["http://replica.example"], httpx.MockTransport(replica))

    def browser() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(front.app), base_url="http://front.example")

    async with front.app.router.lifespan_context(front.app), browser() as one, browser() as other:
        headers = [("Authorization", "Bearer x"), ("Authorization", "Bearer y"), ("X-Forwarded-For", "192.0.2.1")]
        answer = await one.get("/a?b=c", headers=headers)
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2; Path=/"]
        assert (answer.status_code, answer.headers["Location"]) == (302, "/x")
        assert seen[-1].headers.get_list("authorization") == ["Bearer x", "Bearer y"]
        assert seen[-1].headers.get_list("x-forwarded-for") == ["127.0.0.1"]
        assert seen[-1].url.query == b"b=c"
        await other.get("/")
        assert "cookie" not in seen[-1].headers
        await one.get("/")
        assert seen[-1].headers["cookie"] == "a=1; b=2"
