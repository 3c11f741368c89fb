"""Clients at a gate, with a web of documents and a clock that the tests pass."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from ringcentral_meetings.gate.clients import Clients
from ringcentral_meetings.gate.records import Gate
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.store import Grants, KeyRing, Store
from ringcentral_meetings.store.memory import MemorySteps

ISSUER = "https://meetings.example.com"
REDIRECT = "https://app.example.org/callback"
URL = "https://app.example.org/client.json"
JWKS_URL = "https://app.example.org/jwks.json"
NOW = 1_800_000_000.0
DOCUMENTS = Path(__file__).parent / "documents"


def known(name: str) -> dict[str, Any]:
    """What a real client publishes or registers."""
    found: dict[str, Any] = json.loads((DOCUMENTS / f"{name}.json").read_text("utf-8"))
    return found


def document(url: str = URL, **members: Any) -> dict[str, Any]:
    """The metadata document of a client; None leaves a member out."""
    made = {"client_id": url, "client_name": "App", "redirect_uris": [REDIRECT], "token_endpoint_auth_method": "none"}
    return {name: value for name, value in (made | members).items() if value is not None}


def answer(body: Any, status: int = 200, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if named.get("content-encoding") == "gzip":
        content = gzip.compress(content)
    return httpx.Response(status, stream=Stream(content), headers={"content-type": "application/json", **named})


class Stream(httpx.AsyncByteStream):
    """A body that is only read as it comes, as from a network."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    async def __aiter__(self) -> Any:
        for start in range(0, len(self.content), 65_536):
            yield self.content[start : start + 65_536]


@dataclass
class Web(httpx.AsyncBaseTransport):
    """Says for each address what it is made to say, and keeps what it was asked."""

    says: dict[str, Callable[[], Any]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, body: Any, url: str = URL, status: int = 200, **headers: str) -> None:
        self.says[url] = lambda: answer(body, status, **headers)

    def fail(self, url: str = URL, error: type[httpx.TransportError] = httpx.ConnectTimeout) -> None:
        def failing() -> Any:
            raise error("as told")

        self.says[url] = failing

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        says = self.says.get(str(request.url), lambda: answer(b"", 404))()
        response: httpx.Response = await says if hasattr(says, "__await__") else says
        return response


@dataclass
class Seen:
    """The store's memory of what was there before, and the names that it was asked for."""

    grants: Grants
    names: list[str] = field(default_factory=list)

    async def seen_before(self, name: str, seconds: float) -> bool:
        self.names.append(name)
        return await self.grants.seen_before(name, seconds)


@dataclass
class World:
    gate: Gate = field(default_factory=lambda: Gate(ISSUER))
    ring: KeyRing = field(default_factory=KeyRing.new)
    web: Web = field(default_factory=Web)
    fetch: Guarded | None = None
    time: float = NOW

    def __post_init__(self) -> None:
        self.steps = MemorySteps(lambda: self.time)
        self.seen = Seen(Store(self.steps, self.ring).grants)
        self.clients = self.replica()

    def replica(self, gate: Gate | None = None, ring: KeyRing | None = None) -> Clients:
        """The clients as another process knows them, with the same store."""
        fetch = self.fetch or Guarded("tests/1", transport=self.web)
        store = Store(self.steps, ring or self.ring)
        return Clients(gate or self.gate, store, fetch, self.seen, lambda: self.time)

    def register(self, **members: Any) -> str:
        made = {"client_name": "App", "redirect_uris": [REDIRECT]} | members
        client_id: str = self.clients.registrations.register(json.dumps(made).encode())["client_id"]
        return client_id
