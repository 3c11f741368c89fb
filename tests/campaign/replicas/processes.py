"""Replicas of a host in this process, each of which can be ended as a process is."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

import anyio
import httpx
from anyio.abc import TaskStatus

from campaign.people import Unanswered
from campaign.platform import QuickClock
from campaign.replicas.steps import FailingSteps, Outages
from ringcentral_meetings.hosting import replica
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.hosting.settings import HostSettings
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.platform.signin.auth import NoCredentialsAuth
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.store import KeyRing, Store
from ringcentral_meetings.store.steps import Steps

PUBLIC = "http://127.0.0.1:8920"
POLLED_FASTER = 10
"""How much faster than real time the pauses pass in which somebody waits for a turn."""


class Mortal(httpx.AsyncBaseTransport):
    """The way of one replica to the platform. What it has sent arrives, though it may have died meanwhile."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._sent: set[asyncio.Future[httpx.Response]] = set()
        self.dead = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self.dead:
            raise httpx.ConnectError("the process is gone", request=request)
        sent = asyncio.ensure_future(self._inner.handle_async_request(request))
        self._sent.add(sent)
        sent.add_done_callback(self._settle)
        answer = await asyncio.shield(sent)
        if self.dead:
            raise httpx.ReadError("the process is gone", request=request)
        return answer

    def _settle(self, sent: asyncio.Future[httpx.Response]) -> None:
        """Forget what has been answered, or failed, which nobody may be there to hear."""
        self._sent.discard(sent)
        if not sent.cancelled():
            sent.exception()

    async def settled(self) -> None:
        """Wait until everything that was sent has been answered."""
        await asyncio.gather(*self._sent, return_exceptions=True)

    async def aclose(self) -> None:
        await self.settled()
        await self._inner.aclose()


@dataclass(frozen=True)
class Plan:
    """What every replica is made of."""

    settings: Settings
    lines: dict[str, str]
    ring: KeyRing
    reach: Callable[[], AbstractAsyncContextManager[Steps]]
    outages: Outages
    way: Callable[[], httpx.AsyncBaseTransport]


class Process:
    """A replica, from its start to its end."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._transport = Mortal(plan.way())
        self._died, self._settled, self._over = anyio.Event(), anyio.Event(), anyio.Event()
        self._idle = anyio.Event()
        self._steps: FailingSteps | None = None
        self._app: Any = None
        self._calls = 0

    async def run(self, *, task_status: TaskStatus[None]) -> None:
        """Serve until it is ended."""
        plan, host = self._plan, HostSettings(public_url=PUBLIC, user_calls=1_000_000, address_requests=1_000_000)
        url = plan.settings.server_url
        async with (
            plan.reach() as reached,
            build_http(url, NoCredentialsAuth(), transport=self._transport, user_agent="tests/1") as http,
        ):
            self._steps = FailingSteps(reached, plan.outages)
            store, clock = Store(self._steps.as_steps(), plan.ring, _pause), QuickClock()
            fetch = Guarded("tests/1", transport=httpx.MockTransport(lambda _: httpx.Response(404)))
            made = replica.Plan(plan.settings, host, store, http, plan.lines, Metrics(), fetch, clock)
            async with replica.opened(made) as opened:
                self._app = opened.app
                task_status.started()
                await self._over.wait()

    async def post(self, body: dict[str, Any], headers: dict[str, str]) -> httpx.Response:
        """Send it a request. Raises `Unanswered` where it dies before it has answered."""
        answers: list[httpx.Response] = []
        transport = httpx.ASGITransport(self._app)
        self._calls += 1
        try:
            async with anyio.create_task_group() as group:
                group.start_soon(self._cut_off, group.cancel_scope)
                async with httpx.AsyncClient(transport=transport, base_url=PUBLIC, headers=headers) as http:
                    answers.append(await http.post("/mcp", json=body))
                group.cancel_scope.cancel()
        finally:
            self._calls -= 1
            if not self._calls:
                self._idle.set()
        if self._died.is_set():
            await self._settled.wait()
            raise Unanswered
        return answers[0]

    async def _cut_off(self, scope: anyio.CancelScope) -> None:
        await self._died.wait()
        scope.cancel()

    async def kill(self, late_seconds: float) -> None:
        """End it in the middle of whatever it does, and let the time pass that others have to wait for it."""
        assert self._steps is not None
        self._steps.dead = self._transport.dead = True
        self._died.set()
        await self._transport.settled()
        await anyio.sleep(late_seconds)
        self._steps.abandon()
        self._settled.set()
        self._over.set()

    async def drain(self) -> None:
        """End it once it has answered what it was sent, and is sent nothing more."""
        while self._calls:
            self._idle = anyio.Event()
            await self._idle.wait()
        self._over.set()


async def _pause(seconds: float) -> None:
    await anyio.sleep(seconds / POLLED_FASTER)
