"""The view in the reference host of MCP Apps, `python -m clients.app_view NODE_MODULES`.

The host is `AppBridge` of the npm package ext-apps, which checks each message of the view; the same messages are held
against the package's own JSON schema.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import anyio
from jsonschema import Draft202012Validator
from playwright.async_api import Browser, Page, Route, async_playwright

from assistant import MONDAY, at_work
from ringcentral_meetings import views
from views.conftest import CHROMIUM, FLAGS
from views.hosting import HOST, POLICY, VIEW

ENTRY = Path(__file__).with_name("app_bridge.mjs")
EXT_APPS = "@modelcontextprotocol/ext-apps"

Json = dict[str, Any]


def main(modules: Path) -> None:
    schema = json.loads((modules / EXT_APPS / "dist/src/generated/schema.json").read_text(encoding="utf-8"))
    sent = anyio.run(_played, _bundle(modules))
    checked = [method for message in sent if (method := _check(message, schema)) is not None]
    missing = {"ui/initialize", "ui/notifications/initialized", "ui/open-link", "ui/message"} - set(checked)
    if missing:
        sys.exit(f"the view never sent {', '.join(sorted(missing))}")
    version = json.loads((modules / EXT_APPS / "package.json").read_text(encoding="utf-8"))["version"]
    sys.stdout.write(f"ext-apps {version}, {len(checked)} messages valid")


def _bundle(modules: Path) -> str:
    """Return the script of the host's page as one text, from a copy beside the packages, where Node finds them."""
    with TemporaryDirectory(dir=modules.parent) as folder:
        entry = shutil.copy(ENTRY, folder)
        command = [str(modules / ".bin/esbuild"), str(entry), "--bundle", "--format=esm", "--log-level=error"]
        return subprocess.check_output(command, text=True)


def _check(message: Json, schema: Json) -> str | None:
    """Hold a message against the definition of its method. Answers have none, nor do methods of MCP itself."""
    method = message.get("method")
    named = [
        name
        for name, definition in schema["$defs"].items()
        if definition.get("properties", {}).get("method", {}).get("const") == method
    ]
    if method is None or not named:
        return None
    body = {name: value for name, value in message.items() if name not in {"jsonrpc", "id"}}
    Draft202012Validator({"$defs": schema["$defs"], "$ref": f"#/$defs/{named[0]}"}).validate(body)
    return str(method)


async def _played(script: str) -> list[Json]:
    async with async_playwright() as playwright, at_work(seeded=True) as assistant:
        browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        await page.clock.set_fixed_time(MONDAY.timestamp())

        async def call(tool: str, arguments: Json) -> Json:
            answer = await assistant.client.call_tool(tool, arguments)
            content: Json = json.loads(answer.model_dump_json(by_alias=True, exclude_none=True))
            return content

        async def answer(method: str, params: Json) -> Json:
            if method == "tools/call":
                return {"result": await call(params["name"], params["arguments"])}
            return {"result": {"mode": "inline"} if method == "ui/request-display-mode" else {}}

        await page.expose_function("answer", answer)
        await page.route("**/*", lambda route: _serve(route, script))
        await page.goto(HOST)
        await page.wait_for_function("window.initialized === true")
        await _use(page, {}, await call("list_meetings", {}))
        faults = await page.evaluate("window.faults")
        if faults:
            sys.exit(f"the reference host says: {faults}")
        sent: list[Json] = await page.evaluate("window.sent")
        await browser.close()
    return sent


async def _use(page: Page, arguments: Json, result: Json) -> None:
    """Open a meeting, join it, take its calendar file, ask the assistant, and go."""
    await page.evaluate("([args, result]) => window.show(args, result)", [arguments, result])
    view = page.frame_locator("iframe")
    await view.locator("button.row").nth(1).click()
    for name in ("Join", "Calendar file", "Ask to delete…"):
        await view.locator(".card").get_by_role("button", name=name).click()
    await page.wait_for_function("window.sent.some((one) => one.method === 'ui/download-file')")
    await page.evaluate("window.end()")


async def _serve(route: Route, script: str) -> None:
    url = route.request.url
    if url == VIEW:
        await route.fulfill(body=views.page(), content_type="text/html", headers={"Content-Security-Policy": POLICY})
    elif url == f"{HOST}host.mjs":
        await route.fulfill(body=script, content_type="text/javascript")
    elif url == HOST:
        body = '<!doctype html><meta charset="utf-8"><body><script type="module" src="host.mjs"></script>'
        await route.fulfill(body=body, content_type="text/html")
    else:
        await route.abort()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
