"""A host of MCP Apps in a real browser: it shows the view in a sandboxed frame and passes its calls to the server."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mcp import Client
from whenever import Instant

from ringcentral_meetings import views

if TYPE_CHECKING:
    from playwright.async_api import Browser, FrameLocator, Page, Route

HOST, VIEW = "https://host.example/", "https://view.example/"
POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; media-src data:; "
    "connect-src 'none'"
)
"""What the specification has a host set where a view declares no domains."""

EVERYTHING: dict[str, Any] = {
    "openLinks": {},
    "downloadFile": {},
    "serverTools": {},
    "message": {"text": {}},
    "updateModelContext": {"text": {}},
}
PAGE = (Path(__file__).parent / "host.html").read_text(encoding="utf-8")

PATIENCE_MS = 60_000

Json = dict[str, Any]


@dataclass
class Host:
    """The page of the host, the view in it, and what passed between the two.

    `capabilities` and `context` are what the host answers to `ui/initialize`; a context of None is left out.
    """

    page: "Page"
    client: Client
    capabilities: Json
    context: Json | None
    calls: list[Json] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    @property
    def view(self) -> "FrameLocator":
        return self.page.frame_locator("iframe")

    async def sent(self, method: str | None = None) -> list[Json]:
        """What the view has sent until now, answers included, or its messages of one method."""
        await self.caught_up()
        messages: list[Json] = await self.page.evaluate("window.sent")
        return [one for one in messages if method is None or one.get("method") == method]

    async def notify(self, method: str, params: Json) -> None:
        """Send the view a notification, and wait until it was taken in."""
        await self.page.evaluate("([method, params]) => window.notify(method, params)", [method, params])
        await self.caught_up()

    async def caught_up(self) -> None:
        """Wait until the view has taken in what it was sent, and what it has sent by then is here.

        Messages keep their order, and the view answers a ping as any request that it does not know.
        """
        await self.page.evaluate("window.ping()")

    async def show(self, tool: str, **arguments: Any) -> Json:
        """Call a tool as the assistant would, and give the view its input and its result."""
        result = await self._call(tool, arguments)
        await self.notify("ui/notifications/tool-input", {"arguments": arguments})
        await self.notify("ui/notifications/tool-result", result)
        return result

    async def answer(self, method: str, params: Json) -> Json:
        if method == "ui/initialize":
            result: Json = {
                "protocolVersion": params["protocolVersion"],
                "hostInfo": {"name": "tests", "version": "1"},
                "hostCapabilities": self.capabilities,
            }
            return {"result": result if self.context is None else {**result, "hostContext": self.context}}
        if method == "tools/call":
            self.calls.append(params)
            return {"result": await self._call(params["name"], params["arguments"])}
        return {"result": {"mode": params["mode"]} if method == "ui/request-display-mode" else {}}

    async def _call(self, tool: str, arguments: Json) -> Json:
        answer = await self.client.call_tool(tool, arguments)
        content: Json = json.loads(answer.model_dump_json(by_alias=True, exclude_none=True))
        return content

    async def serve(self, route: "Route") -> None:
        url = route.request.url
        if url == HOST:
            await route.fulfill(body=PAGE, content_type="text/html")
        elif url == VIEW:
            headers = {"Content-Security-Policy": POLICY}
            await route.fulfill(body=views.page(), content_type="text/html", headers=headers)
        else:
            self.outside.append(url)
            await route.abort()


@asynccontextmanager
async def hosting(
    browser: "Browser",
    client: Client,
    *,
    now: Instant,
    width: int = 900,
    capabilities: Json | None = None,
    context: Json | None = None,
    bare: bool = False,
) -> AsyncIterator[Host]:
    """Open the view in a host under a clock that stands at `now`, and wait until the two have shaken hands.

    `context` is laid over that of a host in New York; a `bare` host gives no context at all. Fails on any error in
    the page, and on any request beyond the two pages.
    """
    page = await browser.new_page(viewport={"width": width, "height": 900})
    page.set_default_timeout(PATIENCE_MS)
    usual = {"theme": "light", "locale": "en-US", "timeZone": "America/New_York", "displayMode": "inline"}
    given = EVERYTHING if capabilities is None else capabilities
    host = Host(page, client, given, None if bare else {**usual, **(context or {})})
    page.on("pageerror", lambda fault: host.faults.append(str(fault)))
    page.on("console", lambda said: host.faults.append(said.text) if said.type == "error" else None)
    await page.clock.set_fixed_time(now.timestamp())
    await page.expose_function("answer", host.answer)
    await page.route("**/*", host.serve)
    await page.goto(HOST)
    await page.evaluate(
        "(theme) => { document.documentElement.dataset.theme = theme; }", (context or usual).get("theme")
    )
    await page.wait_for_function("window.sent.some((one) => one.method === 'ui/notifications/initialized')")
    try:
        yield host
    finally:
        await page.close()
        assert not host.faults, host.faults
        assert host.outside == []
