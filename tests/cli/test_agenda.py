"""The command `agenda`: the person's week in a browser, served to that browser alone."""

import importlib.util
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from cli.processes import COMMAND, PATIENCE_SECONDS, started
from views.conftest import CHROMIUM, FLAGS

PATIENCE_MS = PATIENCE_SECONDS * 1_000
NO_BROWSER = CHROMIUM is None or importlib.util.find_spec("playwright") is None


@contextmanager
def showing(*options: str, **env: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and the address that it prints."""
    command = [*COMMAND, "--simulator", "agenda", "--no-browser", *options]
    with started(command, **env) as process:
        assert process.stderr is not None
        found = re.search(r"http://\S+", process.stderr.readline())
        assert found is not None
        yield process, found[0]


@contextmanager
def let_in(url: str) -> Iterator[httpx.Client]:
    """A browser that opened the address."""
    with httpx.Client(base_url=httpx.URL(url).join("/"), follow_redirects=True, timeout=PATIENCE_SECONDS) as client:
        assert client.get(url).status_code == 200
        yield client


def test_the_address_works_once_and_the_pages_for_that_browser_alone() -> None:
    with showing() as (_, url), let_in(url) as browser:
        assert httpx.get(url, timeout=PATIENCE_SECONDS).status_code == 410
        for path in ("/", "/view", "/host.js", "/watching"):
            assert httpx.get(httpx.URL(url).join(path), timeout=PATIENCE_SECONDS).status_code == 403
        assert "MCP Apps" in browser.get("/view").text
        assert "sandbox allow-scripts" in browser.get("/view").headers["Content-Security-Policy"]


def test_an_address_that_was_not_printed_is_refused() -> None:
    with showing() as (_, url):
        assert httpx.get(httpx.URL(url).join("/open/guessed"), timeout=PATIENCE_SECONDS).status_code == 410
        with let_in(url) as browser:
            assert browser.get("/").status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"), [({"Host": "evil.example"}, 421), ({"Origin": "http://evil.example"}, 403)]
)
def test_another_name_or_a_foreign_page_is_refused(headers: dict[str, str], status: int) -> None:
    with showing() as (_, url), let_in(url) as browser:
        call = {"name": "list_meetings", "arguments": {}}
        assert browser.post("/call", json=call, headers=headers).status_code == status


def test_it_changes_nothing_unless_it_was_asked_to() -> None:
    creation = {"name": "create_meeting", "arguments": {"topic": "Review", "start_time": "2040-01-02T10:00"}}
    with showing() as (_, url), let_in(url) as browser:
        assert browser.post("/call", json=creation).json()["isError"] is True
    with showing("--allow-changes") as (_, url), let_in(url) as browser:
        assert browser.post("/call", json=creation).json()["structuredContent"]["created"] is True


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"name": "list_meetings"}', b'{"name": 1, "arguments": {}}'])
def test_what_is_not_a_call_is_refused(body: bytes) -> None:
    with showing() as (_, url), let_in(url) as browser:
        answer = browser.post("/call", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400


def test_a_signal_ends_it() -> None:
    with showing() as (process, _):
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 143


@pytest.mark.skipif(NO_BROWSER, reason="needs chromium (apt-get install chromium) and pip install -e '.[browser]'")
def test_a_browser_shows_the_week_and_closing_the_page_ends_the_command() -> None:
    from playwright.sync_api import expect, sync_playwright

    with showing() as (process, url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        outside: list[str] = []
        page.on("request", lambda sent: outside.append(sent.url) if "127.0.0.1" not in sent.url else None)
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        view = page.frame_locator("iframe")
        view.locator("section.day").first.wait_for()
        view.get_by_role("button", name="Next week").click()
        view.get_by_role("button", name="Week", exact=True).click()
        expect(view.locator(".column")).to_have_count(7, timeout=PATIENCE_MS)
        assert outside == []
        browser.close()
        assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.skipif(NO_BROWSER, reason="needs chromium (apt-get install chromium) and pip install -e '.[browser]'")
def test_on_video_it_shows_the_rooms_in_the_calendar_of_the_simulator() -> None:
    from playwright.sync_api import sync_playwright

    with showing(RINGCENTRAL_PRODUCT="video") as (_, url), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(url)
        page.frame_locator("iframe").get_by_text("Stand-up").first.wait_for()
        assert not page.frame_locator("iframe").get_by_role("alert").count()
        browser.close()
