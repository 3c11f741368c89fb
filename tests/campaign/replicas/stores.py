"""What replicas share: the form of the store in memory, and a real server with another one that takes over."""

import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Protocol

import anyio
from anyio.lowlevel import checkpoint

from ringcentral_meetings.store.memory import MemorySteps
from ringcentral_meetings.store.redis import RedisServer
from ringcentral_meetings.store.redis_steps import RedisSteps
from ringcentral_meetings.store.steps import Steps
from store.proxy import Road, road_to
from store.servers import StoreServer

PAUSE_SECONDS = 0.3


class Shared(Protocol):
    """A store that replicas share."""

    def reached(self) -> AbstractAsyncContextManager[Steps]:
        """Open a replica's way to it."""
        ...

    async def trouble(self) -> str | None:
        """Do something to it for a moment, and return what."""
        ...


class InMemory:
    """The form of the store that is in memory; what fails is each trip."""

    def __init__(self) -> None:
        self._steps = MemorySteps()

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Steps]:
        yield self._steps

    async def trouble(self) -> None:
        return None


class OnServers:
    """A server, another that follows it and takes over once, and a road to them for each replica."""

    def __init__(self, primary: StoreServer, other: StoreServer, chance: random.Random) -> None:
        self.server, self._other = primary, other
        self._chance = chance
        self._roads: list[Road] = []
        self.has_failed_over = False

    @asynccontextmanager
    async def reached(self) -> AsyncIterator[Steps]:
        async with road_to(self.server.port) as (road, url):
            self._roads.append(road)
            steps = RedisSteps(RedisServer(url))
            try:
                yield steps
            finally:
                self._roads.remove(road)
                await steps.close()

    async def trouble(self) -> str:
        """Let the other server take over at first; then pause it, or lose something on the road of a replica."""
        if not self.has_failed_over:
            await self._fail_over()
            return "failover"
        what = self._chance.choice(("pause", "lose_requests", "lose_answers", "closed", "hold_answers"))
        road = self._chance.choice(self._roads)
        if what == "pause":
            with self.server.admin as admin:
                admin.client_pause(round(self._chance.uniform(0, PAUSE_SECONDS) * 1000))
        elif what.startswith("lose"):
            setattr(road, what, self._chance.randint(1, 4))
        else:
            setattr(road, what, True)
            await anyio.sleep(self._chance.uniform(0, 0.05))
            setattr(road, what, False)
            road.hang_up()
        return what

    async def _fail_over(self) -> None:
        """Let the other server take over, which has all that was answered, and end the first."""
        former, self.server = self.server, self._other
        with former.admin as first, self.server.admin as second:
            first.client_pause(60_000, all=False)
            while second.info("replication")["slave_repl_offset"] < first.info("replication")["master_repl_offset"]:
                await checkpoint()
        self.server.promote()
        former.stop()
        self.has_failed_over = True
        for road in self._roads:
            road.to = self.server.port
            road.hang_up()


@asynccontextmanager
async def on_servers(binary: str, folder: Path, chance: random.Random) -> AsyncIterator[OnServers]:
    """Start both servers."""
    async with AsyncExitStack() as stack:
        servers = []
        for name in ("primary", "other"):
            (folder / name).mkdir()
            servers.append(stack.enter_context(StoreServer(binary, folder / name)))
        primary, other = servers
        other.follow(primary)
        yield OnServers(primary, other, chance)
