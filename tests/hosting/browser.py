"""People with browsers, who sign in to a town for an MCP client: the SDK's own, with its OAuth."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import httpx2
from mcp import Client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from hosting.town import PUBLIC, SERVER, ByTurns, Mode, Town
from ringcentral_meetings.simulator.people import Person as Simulated

CLIENT_CALLBACK = "http://127.0.0.1:33418/callback"


class Web(httpx.AsyncBaseTransport):
    """All that a browser reaches: the replicas by turns under the public address, and RingCentral."""

    def __init__(self, town: Town) -> None:
        self._replicas = [httpx.ASGITransport(replica.app) for replica in town.replicas]
        self._ringcentral = town.simulator.transport()
        self._turns = town.turns

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if str(request.url).startswith(SERVER):
            return await self._ringcentral.handle_async_request(request)
        assert str(request.url).startswith(PUBLIC), request.url
        return await self._replicas[next(self._turns) % len(self._replicas)].handle_async_request(request)


@dataclass
class Browser:
    """The browser of somebody, with cookies of its own, before a host; `seen` are the pages that it was shown."""

    person: Simulated
    http: httpx.AsyncClient
    public: str = PUBLIC
    seen: list[httpx.Response] = field(default_factory=list)

    async def sign_in(self, address: str, *, write: bool = True, decision: str = "allow", at: str = "allow") -> str:
        """Follow a client's address, consent, sign in at RingCentral, and return where the browser ends up.

        `decision` is that on our page, `at` that on RingCentral's.
        """
        return await self.come_back(await self.consent(address, write=write, decision=decision), at)

    async def consent(self, address: str, *, write: bool = True, decision: str = "allow") -> str:
        """Answer our page, and return the address to which it leads."""
        page = await self.http.get(address)
        self.seen.append(page)
        assert page.status_code == 200, page.text
        form = {"decision": decision, **hidden(page.text), **({"write": "on"} if write else {})}
        own = {"Origin": self.public, "Sec-Fetch-Site": "same-origin"}
        answer = await self.http.post(f"{self.public}/consent", data=form, headers=own)
        self.seen.append(answer)
        return onward(answer)

    async def come_back(self, address: str, decision: str = "allow") -> str:
        """Sign in at RingCentral's page, and return the address to which our callback leads."""
        back = await self.at_ringcentral(address, decision)
        answer = await self.http.get(back)
        self.seen.append(answer)
        return onward(answer)

    async def at_ringcentral(self, address: str, decision: str = "allow") -> str:
        """Sign in at RingCentral's page, and return the address of our callback."""
        url = urlsplit(address)
        assert (await self.http.get(address)).status_code == 200
        form = dict(parse_qsl(url.query)) | {"decision": decision, "person": self.person.id}
        answer = await self.http.post(f"{url.scheme}://{url.netloc}{url.path}", data=form)
        return answer.headers["Location"]


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: unescape(value) for name, value in found}


def onward(answer: httpx.Response) -> str:
    """Where an answer leads, by a redirect, by a refresh of its page, or by the link on it."""
    if answer.is_redirect:
        return answer.headers["Location"]
    found = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"|<a[^>]* href="([^"]+)"', answer.text)
    assert found is not None, answer.text
    return unescape(found[1] or found[2])


@asynccontextmanager
async def browser(town: Town, person: Simulated) -> AsyncIterator[Browser]:
    """A browser that has no cookies yet."""
    async with httpx.AsyncClient(transport=Web(town)) as http:
        yield Browser(person, http)


@dataclass
class Kept:
    """What an MCP client keeps between its runs."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info

    @property
    def bearer(self) -> dict[str, str]:
        assert self.tokens is not None
        return {"Authorization": f"Bearer {self.tokens.access_token}"}


@dataclass
class Connected:
    """An MCP client that somebody has connected; `visits` are the addresses that it opened in their browser."""

    client: Client
    kept: Kept
    statuses: list[int]
    visits: list[str]


def provider(
    window: Browser, kept: Kept, visits: list[str], document: str | None = None, **how: Any
) -> OAuthClientProvider:
    """The SDK's OAuth, which opens addresses in somebody's browser; `how` says what is done there, each time.

    `document` is the address of its metadata document; without one it registers itself.
    """
    ends: list[str] = []

    async def visit(address: str) -> None:
        visits.append(address)
        chosen = {name: value() if callable(value) else value for name, value in how.items()}
        ends.append(await window.sign_in(address, **chosen))

    async def answer() -> AuthorizationCodeResult:
        given = {name: values[0] for name, values in parse_qs(urlsplit(ends.pop()).query).items()}
        return AuthorizationCodeResult(code=given.get("code", ""), state=given.get("state"), iss=given.get("iss"))

    metadata = OAuthClientMetadata(client_name="A test", redirect_uris=[AnyUrl(CLIENT_CALLBACK)])
    return OAuthClientProvider(f"{window.public}/mcp", metadata, kept, visit, answer, document)


@asynccontextmanager
async def connected(
    town: Town, person: Simulated, kept: Kept | None = None, mode: Mode = "auto", **how: Any
) -> AsyncIterator[Connected]:
    """An MCP client that signs somebody in where it has to, with requests to the replicas by turns."""
    kept, visits = kept or Kept(), list[str]()
    transport = ByTurns([replica.app for replica in town.replicas], town.turns)
    async with browser(town, person) as window:
        auth = provider(window, kept, visits, **how)
        async with (
            httpx2.AsyncClient(transport=transport, auth=auth, timeout=60) as http,
            Client(streamable_http_client(f"{PUBLIC}/mcp", http_client=http), mode=mode) as client,
        ):
            yield Connected(client, kept, transport.statuses, visits)
