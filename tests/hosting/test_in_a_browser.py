"""A person who signs in to the demonstration with a real browser."""

import base64
import hashlib
import importlib.util
import re
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from cli.processes import PATIENCE_SECONDS
from hosting.processes import body_of
from hosting.test_demo import CALL, shown
from ringcentral_meetings.simulator.people import PEOPLE
from views.conftest import CHROMIUM, FLAGS

pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed (Debian: apt-get install chromium)"),
    pytest.mark.skipif(
        importlib.util.find_spec("playwright") is None,
        reason="the package playwright is not installed (pip install -e '.[browser]')",
    ),
]

BACK = "http://127.0.0.1:33418/callback"
VERIFIER = "v" * 43
PERSON = PEOPLE.first(5)[4]


def visit(address: str) -> str:
    """Allow a client to use the meetings, sign in at the simulator's page, and return where the browser is led."""
    from playwright.sync_api import Route, sync_playwright

    ends: list[str] = []

    def arrive(route: Route) -> None:
        ends.append(route.request.url)
        route.fulfill(body="back")

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, timeout=PATIENCE_SECONDS * 1000)
        page = chromium.new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.route(f"{BACK}?**", arrive)
        page.goto(address)
        page.get_by_role("button", name="Allow", exact=True).click()
        page.get_by_label("You are").select_option(PERSON.id)
        page.get_by_role("button", name="Allow", exact=True).click()
        page.wait_for_url(f"{BACK}?**")
        chromium.close()
    return ends[0]


def test_a_real_browser_leads_a_person_to_the_client_through_both_processes(tmp_path: Path) -> None:
    with shown(tmp_path) as (_process, said), httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
        found = re.search(r"^claude mcp add .* (http\S+)/mcp$", said, re.MULTILINE)
        assert found is not None
        url = found[1]
        asked = {"redirect_uris": [BACK], "token_endpoint_auth_method": "none", "client_name": "A test"}
        client_id = client.post(f"{url}/register", json=asked).json()["client_id"]
        challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
        query = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": BACK,
            "state": "the client's",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "resource": f"{url}/mcp",
        }
        answer = {
            name: one for name, [one] in parse_qs(urlsplit(visit(f"{url}/authorize?{urlencode(query)}")).query).items()
        }
        assert (answer["state"], answer["iss"]) == ("the client's", url)
        form = {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": BACK,
            "client_id": client_id,
            "code_verifier": VERIFIER,
            "resource": f"{url}/mcp",
        }
        token = client.post(f"{url}/token", data=form).json()["access_token"]
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json, text/event-stream"}
        for _ in range(2):
            listed = body_of(client.post(f"{url}/mcp", json=CALL, headers=headers))["meetings"]
            assert {row["topic"].partition(PERSON.mark)[1] for row in listed} == {PERSON.mark}
