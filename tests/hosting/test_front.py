"""The plain balancer of demonstrations and tests, as far as browsers depend on it."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ringcentral_meetings.hosting.front import Front

pytestmark = pytest.mark.anyio


async def test_headers_that_are_there_twice_and_cookies_go_through_and_cookies_stay_with_their_browser() -> None:
    seen: list[Request] = []

    async def replica(request: Request) -> Response:
        if request.url.path == "/readyz":
            return Response()
        seen.append(request)
        answer = Response(status_code=302, headers={"Location": "/x"})
        answer.set_cookie("a", "1")
        answer.set_cookie("b", "2")
        return answer

    app = Starlette(routes=[Route("/{path:path}", replica)])
    front = Front(["http://replica.example"], transport=httpx.ASGITransport(app))

    def browser() -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.ASGITransport(front.app), base_url="http://front.example")

    async with front.app.router.lifespan_context(front.app), browser() as one, browser() as other:
        headers = [("Authorization", "Bearer x"), ("Authorization", "Bearer y"), ("X-Forwarded-For", "192.0.2.1")]
        answer = await one.get("/a?b=c", headers=headers)
        assert [cookie[:4] for cookie in answer.headers.get_list("set-cookie")] == ["a=1;", "b=2;"]
        assert (answer.status_code, answer.headers["Location"]) == (302, "/x")
        assert seen[-1].headers.getlist("authorization") == ["Bearer x", "Bearer y"]
        assert seen[-1].headers.getlist("x-forwarded-for") == ["127.0.0.1"]
        assert seen[-1].url.query == "b=c"
        await other.get("/")
        assert "cookie" not in seen[-1].headers
        await one.get("/")
        assert seen[-1].headers["cookie"] == "a=1; b=2"


async def test_an_answer_has_one_date() -> None:
    async def app(_: Request) -> Response:
        return Response("x", headers={"Date": "Sat, 28 Nov 2026 11:08:10 GMT", "X-Kept": "yes"})

    served = Starlette(routes=[Route("/{path:path}", app)])
    front = Front(["http://replica.example"], transport=httpx.ASGITransport(served))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(front.app), base_url="http://front.example") as browser:
        answer = await browser.get("/")
    assert "Date" not in answer.headers, "the server before it writes one"
    assert answer.headers["X-Kept"] == "yes"
