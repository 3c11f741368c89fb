"""Sign-ins in a real browser: what it sends with forms, and on its way back, decides whether they work and are safe."""

import importlib.util
import queue
import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import anyio
import httpx
import pytest
import uvicorn
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from gate.flows import APP, VERIFIER, StandIn, World, asking, query_of, world
from views.conftest import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PATIENCE_MS = 30_000

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed (Debian: apt-get install chromium)"),
    pytest.mark.skipif(
        importlib.util.find_spec("playwright") is None,
        reason="the package playwright is not installed (pip install -e '.[browser]')",
    ),
]


@dataclass(frozen=True)
class Elsewhere:
    """The pages of others: RingCentral's at another site, where one signs in with a click, and the client's."""

    gate: str
    upstream: StandIn

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.url.path == "/login":
            link = self.gate + self.upstream.signs_in(str(request.url))
            text = f'<a href="{link.replace("&", "&amp;")}">Sign in</a>'
        elif request.url.path == "/attack":
            fields = "".join(f'<input name="{name}" value="x">' for name in ("request", "nonce", "decision"))
            text = f'<form method="post" action="{self.gate}/consent">{fields}<button>Win</button></form>'
        else:
            text = "<h1>The client has its answer</h1>"
        await HTMLResponse(text)(scope, receive, send)


@dataclass(frozen=True)
class Served:
    """A gate at `issuer`, and at `client` the pages of others, RingCentral's under another name of this machine."""

    here: World
    issuer: str
    client: str

    def ask(self, **changed: str) -> str:
        fields = {"redirect_uri": f"{self.client}/callback", "resource": f"{self.issuer}/mcp"} | changed
        return f"{self.issuer}/authorize?{urlencode(asking(**fields))}"

    def exchanged(self, address: str) -> httpx.Response:
        """Exchange the code in an address that the browser came to."""
        form = {"grant_type": "authorization_code", "code": query_of(address)["code"], "code_verifier": VERIFIER}
        return httpx.post(f"{self.issuer}/token", data=form | {"client_id": APP.id}, trust_env=False)


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    ours, others = (one.getsockname()[1] for one in sockets)
    issuer = f"http://127.0.0.1:{ours}"
    started: queue.Queue[tuple[World, uvicorn.Server]] = queue.Queue()

    async def run() -> None:
        async with world(issuer=issuer) as here:
            here.upstream.login = f"http://localhost:{others}/login"
            elsewhere = Elsewhere(issuer, here.upstream)

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                await (here.app if scope["server"][1] == ours else elsewhere)(scope, receive, send)

            config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1)
            server = uvicorn.Server(config)
            started.put((here, server))
            await server.serve(sockets=sockets)

    thread = threading.Thread(target=anyio.run, args=(run,))
    thread.start()
    here, server = started.get(timeout=60)
    try:
        yield Served(here, issuer, f"http://127.0.0.1:{others}")
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def chromium() -> "Iterator[Browser]":
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE_MS)
        yield opened
        opened.close()


@pytest.fixture
def context(chromium: "Browser") -> "Iterator[BrowserContext]":
    opened = chromium.new_context()
    opened.set_default_timeout(PATIENCE_MS)
    yield opened
    opened.close()


def sign_in(page: "Page", served: Served) -> str:
    """Sign in at RingCentral, and return where one comes out."""
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url(f"{served.client}/callback?**")
    return page.url


def test_from_the_first_page_to_the_tokens(context: "BrowserContext", served: Served) -> None:
    page = context.new_page()
    page.goto(served.ask())
    page.get_by_role("button", name="Allow", exact=True).click()
    answer = served.exchanged(sign_in(page, served))
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "meetings.read meetings.write"
    assert context.cookies() == []


def test_a_button_that_is_pressed_twice_and_a_way_back_lose_nothing(context: "BrowserContext", served: Served) -> None:
    page = context.new_page()
    page.goto(served.ask())
    page.get_by_role("button", name="Allow", exact=True).dblclick(no_wait_after=True)
    page.get_by_role("link", name="Sign in").wait_for()
    page.goto(served.ask(state="again"))
    page.get_by_label("Change your meetings").uncheck()
    page.get_by_role("button", name="Allow, and use another account").click()
    there = sign_in(page, served)
    assert query_of(there)["state"] == "again"
    assert served.exchanged(there).json()["scope"] == "meetings.read"


def test_tabs_side_by_side(context: "BrowserContext", served: Served) -> None:
    tabs = [context.new_page() for _ in range(3)]
    for number, tab in enumerate(tabs):
        tab.goto(served.ask(state=f"tab {number}"))
    for tab in tabs:
        tab.get_by_role("button", name="Allow", exact=True).click()
    for number, tab in reversed(list(enumerate(tabs))):
        assert query_of(sign_in(tab, served))["state"] == f"tab {number}"


def test_denial_comes_to_the_client(context: "BrowserContext", served: Served) -> None:
    page = context.new_page()
    page.goto(served.ask())
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{served.client}/callback?**")
    assert query_of(page.url)["error"] == "access_denied"


def test_case_26_a_form_of_another_site_is_refused(context: "BrowserContext", served: Served) -> None:
    page = context.new_page()
    page.goto(served.ask())
    page.goto(f"{served.here.upstream.login.removesuffix('/login')}/attack")
    with page.expect_response(re.compile("/consent$")) as answered:
        page.get_by_role("button", name="Win").click()
    assert answered.value.status == 403


def test_case_28_another_browser_cannot_finish_a_sign_in(
    chromium: "Browser", context: "BrowserContext", served: Served
) -> None:
    page = context.new_page()
    page.goto(served.ask())
    page.get_by_role("button", name="Allow", exact=True).click()
    link = page.get_by_role("link", name="Sign in").get_attribute("href")
    assert link is not None
    other = chromium.new_context()
    answer = other.new_page().goto(link)
    assert answer is not None
    assert answer.status == 400
    other.close()
    assert served.exchanged(sign_in(page, served)).status_code == 200


def test_the_page_of_connections(context: "BrowserContext", served: Served) -> None:
    page = context.new_page()
    page.goto(served.ask())
    page.get_by_role("button", name="Allow", exact=True).click()
    assert served.exchanged(sign_in(page, served)).status_code == 200
    page.goto(f"{served.issuer}/connections")
    page.get_by_role("link", name="Sign in").click()
    page.wait_for_url(f"{served.issuer}/connections")
    ending = page.get_by_role("button", name="End access for “An app”")
    before = ending.count()
    assert before >= 1
    ending.first.click()
    page.get_by_role("status").wait_for()
    assert ending.count() == before - 1
