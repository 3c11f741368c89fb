"""The simulator behind a real port, within reach of the test."""

import html
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from cli.processes import PATIENCE_SECONDS
from ringcentral_meetings.simulator import CLIENT_ID, RecordedCall, Simulator, http

TOKEN_PATH = "/restapi/oauth/token"


@contextmanager
def platform(**options: Any) -> Iterator[tuple[Simulator, str]]:
    """A simulator and its base URL; `options` are the simulator's. A login may use any port."""
    simulator = Simulator(**{"redirect_uris": None, **options})
    urls: list[str] = []
    bound = threading.Event()

    def ready(url: str) -> None:
        urls.append(url)
        bound.set()

    thread = threading.Thread(target=http.run, args=(simulator, "127.0.0.1", 0, ready))
    thread.start()
    assert bound.wait(20)
    try:
        yield simulator, urls[0]
    finally:
        simulator.close()
        thread.join(20)


def token_requests(simulator: Simulator) -> list[RecordedCall]:
    """The requests to the token endpoint so far."""
    return [call for call in simulator.calls if call.path == TOKEN_PATH]


def grants(simulator: Simulator) -> list[str]:
    """The grant types of those requests, in order."""
    return [call.body.decode().partition("grant_type=")[2].partition("&")[0] for call in token_requests(simulator)]


def account(url: str, state: object, **more: str) -> dict[str, str]:
    """The environment of a process that signs in there and keeps its sessions in files under `state`."""
    return {
        "RINGCENTRAL_SERVER_URL": url,
        "RINGCENTRAL_CLIENT_ID": CLIENT_ID,
        "RINGCENTRAL_TOKEN_STORE": "file",
        "XDG_STATE_HOME": str(state),
    } | more


@dataclass
class Person:
    """Somebody at a browser: opens the consent page, answers it, and goes where that leads."""

    decision: str = "allow"
    visited: list[str] = field(default_factory=list)
    _pages: list[httpx.Response] = field(default_factory=list)
    _visiting: threading.Lock = field(default_factory=threading.Lock)

    @property
    def pages(self) -> list[httpx.Response]:
        """What was shown, the page that is still on its way included."""
        with self._visiting:
            return self._pages

    def opens(self, address: str) -> bool:
        """What `webbrowser.open` does, to the end."""
        self.goes(self.answered(address))
        return True

    def answered(self, address: str) -> str:
        """The address that the consent page leads to."""
        page = httpx.get(address, timeout=PATIENCE_SECONDS)
        found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        form = {name: html.unescape(value) for name, value in found} | {"decision": self.decision}
        return httpx.post(address.partition("?")[0], data=form, timeout=PATIENCE_SECONDS).headers["Location"]

    def goes(self, address: str) -> None:
        """Visit an address."""
        with self._visiting:
            self.visited.append(address)
            self._pages.append(httpx.get(address, timeout=PATIENCE_SECONDS))
