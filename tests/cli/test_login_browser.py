"""The whole of `login` in a real browser: the consent page, the person's choice, the page that says it worked."""

import importlib.util
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cli.platforms import account, grants, platform
from cli.processes import COMMAND, PATIENCE_SECONDS, started
from ringcentral_meetings.simulator import CLIENT_SECRET, PUBLIC_CLIENT_ID
from views.conftest import CHROMIUM, FLAGS

if TYPE_CHECKING:
    from playwright.sync_api import Page

PATIENCE_MS = PATIENCE_SECONDS * 1_000

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed (Debian: apt-get install chromium)"),
    pytest.mark.skipif(
        importlib.util.find_spec("playwright") is None,
        reason="the package playwright is not installed (pip install -e '.[browser]')",
    ),
]


@pytest.fixture
def page() -> "Iterator[Page]":
    """A page of a headless chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE_MS)
        opened = browser.new_page()
        opened.set_default_timeout(PATIENCE_MS)
        yield opened
        browser.close()


@contextmanager
def logging_in(url: str, state: Path, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, waiting for its browser, and the address that it tells it to open."""
    env = account(url, state, BROWSER="true", **more)
    with started([*COMMAND, "login", "--port", "0"], **env) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "authorize?" in line)
        yield process, line.strip()


@pytest.mark.parametrize(
    "app",
    [{"RINGCENTRAL_CLIENT_SECRET": CLIENT_SECRET}, {"RINGCENTRAL_CLIENT_ID": PUBLIC_CLIENT_ID}],
    ids=["confidential", "public"],
)
def test_a_person_allows_it_and_is_signed_in(page: "Page", tmp_path: Path, app: dict[str, Any]) -> None:
    with platform() as (simulator, url):
        simulator.issue_refresh_tokens = True
        with logging_in(url, tmp_path, **app) as (process, address):
            requests: list[str] = []
            page.on("request", lambda request: requests.append(request.url))
            page.goto(address)
            assert "Robin Ashdown" in page.inner_text("body")
            page.get_by_role("button", name="Allow").click()
            page.wait_for_url("http://127.0.0.1:*/callback?*")
            assert page.inner_text("h1") == "You are signed in"
            assert "close this window" in page.inner_text("p")
            out, err = process.communicate(timeout=PATIENCE_SECONDS)
        assert (process.returncode, err) == (0, "")
        assert "Signed in as Robin Ashdown" in out
        assert grants(simulator) == ["authorization_code"]
        assert all(seen.startswith(("http://127.0.0.1:", "chrome-extension:")) for seen in requests)
        assert len(list(tmp_path.glob("*/sessions/default-*.json"))) == 1


def test_a_person_refuses_and_both_the_page_and_the_terminal_say_so(page: "Page", tmp_path: Path) -> None:
    with platform() as (simulator, url):
        with logging_in(url, tmp_path, RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET) as (process, address):
            page.goto(address)
            page.get_by_role("button", name="Deny").click()
            page.wait_for_url("http://127.0.0.1:*/callback?*")
            assert page.inner_text("h1") == "Signing in failed"
            _, err = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 1
        assert err.startswith("ringcentral-meetings-mcp: Access was refused on RingCentral's page.")
        assert err.count("\n") == 1
        assert grants(simulator) == []
        assert not list(tmp_path.glob("*/sessions/*.json"))
