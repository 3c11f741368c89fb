"""A simulator that issues refresh tokens, and processes that sign in there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import RateLimits
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.consent import Consent
from ringcentral_meetings.platform.signin.grants import App, Grant
from ringcentral_meetings.platform.signin.sessions import SessionKey, SharedTokenStore
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, Token, TokenStore
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, PUBLIC_CLIENT_ID, Simulator
from scripted_http import FakeClock

SERVER = "https://platform.example"
REDIRECT = "http://127.0.0.1:8912/callback"
APP = App(SERVER, CLIENT_ID, CLIENT_SECRET)
PUBLIC = App(SERVER, PUBLIC_CLIENT_ID)
MEETINGS = "/restapi/v1.0/account/~/extension/~/meeting"
HOUR = 3_600.0


@dataclass
class Platform:
    """A simulator that issues refresh tokens, and the clock that it shares with its clients."""

    simulator: Simulator
    clock: FakeClock
    folder: Path

    def store(self, app: App = APP, jwt: str | None = None) -> SharedTokenStore:
        key = SessionKey("default", app.client_id, app.server_url, jwt)
        return SharedTokenStore(key, "file", self.clock, folder=self.folder, wall=self.clock.now)

    @asynccontextmanager
    async def process(
        self, grant: Grant, store: TokenStore, transport: httpx.AsyncBaseTransport | None = None
    ) -> AsyncIterator[PlatformClient]:
        """What one process has of its own."""
        limits = RateLimits({"auth": 1_000, "light": 1_000}, self.clock)
        auth = PlatformAuth(grant, limits, self.clock, store=store)
        wire = transport or self.simulator.transport()
        async with build_http(SERVER, auth, transport=wire, user_agent="tests/1") as http:
            yield PlatformClient(http, limits, clock=self.clock)

    async def call(self, grant: Grant, store: TokenStore) -> None:
        async with self.process(grant, store) as client:
            await client.request("GET", MEETINGS, group="light")

    async def log_in(self, app: App = APP) -> Token:
        """What `login` does, without the browser."""
        consent = Consent(app, REDIRECT)
        store = MemoryTokenStore()
        await self.call(consent.grant(await self.consented(consent)), store)
        token = await store.load()
        assert token is not None
        await self.store(app).save(token)
        return token

    async def consented(self, consent: Consent, decision: str = "allow") -> str:
        """The address that the browser is sent to."""
        async with httpx.AsyncClient(transport=self.simulator.transport()) as browser:
            query = {name: values[0] for name, values in parse_qs(urlsplit(consent.address).query).items()}
            answer = await browser.post(consent.address.partition("?")[0], data=query | {"decision": decision})
            assert answer.status_code == 302
            return answer.headers["Location"]

    @property
    def grants(self) -> list[str]:
        bodies = [call.body.decode() for call in self.simulator.calls if call.path == "/restapi/oauth/token"]
        return [parse_qs(body)["grant_type"][0].rpartition(":")[2] for body in bodies]


async def refused(platform: Platform, grant: Grant, store: TokenStore) -> errors.Refused:
    with pytest.raises(errors.Refused) as caught:
        await platform.call(grant, store)
    return caught.value
