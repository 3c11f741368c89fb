"""One replica as a process: for each line it reads, so many calls at once of one person; it prints their tokens.

Arguments: the address of the store, that of the token endpoint, and after what to die (`-`, a step of the store, or
`exchange`, once the endpoint has answered). The keys come in KEYS.
"""

import json
import os
import signal
import sys

import anyio
import anyio.to_thread
import httpx

from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import PlatformAuth
from ringcentral_meetings.platform.signin.grants import App, LoginGrant
from ringcentral_meetings.store import KeyRing, open_store
from ringcentral_meetings.users.tokens import SharedTokens


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Dying(httpx.AsyncHTTPTransport):
    """Lets the process die once it has an answer."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        await response.aread()
        die()
        return response


async def main(store_url: str, endpoint: str, dies_after: str) -> None:
    def on_trip(step: str, outcome: str, seconds: float) -> None:
        if step == dies_after:
            die()

    clock = LoopClock()
    store = open_store(store_url, KeyRing.of_text(os.environ["KEYS"]), on_trip=on_trip, trip_seconds=5)
    tokens = SharedTokens(store, "ann", clock)
    auth = PlatformAuth(LoginGrant(App(endpoint, "client", "secret")), RateLimits({}, clock), clock, store=tokens)
    got: list[str] = []

    async def call() -> None:
        opened = await store.open_call("ann")
        tokens.opened(opened.session)
        got.append(await auth.access_token(clock.now()))

    transport = Dying() if dies_after == "exchange" else httpx.AsyncHTTPTransport()
    async with build_http(endpoint, auth, transport=transport, user_agent="tests/1"):
        print("ready", flush=True)  # noqa: T201  (to the test)
        while line := await anyio.to_thread.run_sync(sys.stdin.readline):
            got.clear()
            async with anyio.create_task_group() as group:
                for _ in range(int(line)):
                    group.start_soon(call)
            print(json.dumps(got), flush=True)  # noqa: T201
    await store.close()


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], sys.argv[2], sys.argv[3])
