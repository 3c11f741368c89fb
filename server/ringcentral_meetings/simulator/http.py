"""The simulator as an HTTP server of its own."""

import socket
from collections.abc import Callable
from typing import Any

import anyio
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from ringcentral_meetings.simulator.replies import ConnectionLost
from ringcentral_meetings.simulator.simulator import Simulator

GRACE_SECONDS = 1


class BreakableProtocol(H11Protocol):
    """Uvicorn's HTTP/1.1, which closes the socket if the application raises ConnectionLost.

    A refused connection looks like one dropped without an answer, because the port is open.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        inner = self.app

        async def breakable(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await inner(scope, receive, send)
            except ConnectionLost:
                self.transport.close()
                while (await receive())["type"] != "http.disconnect":
                    pass

        self.app = breakable


async def serve(simulator: Simulator, host: str, port: int, ready: Callable[[str], None] | None = None) -> None:
    """Serve a simulator over HTTP until a signal arrives or the simulator is closed.

    `ready` is called with the base URL once the port is bound; port 0 takes a free one. Raises OSError if the
    port cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as listener:
        server = uvicorn.Server(_config(simulator))
        simulator.on_close(lambda: setattr(server, "should_exit", True))
        if ready is not None:
            shown = f"[{host}]" if ":" in host else host
            ready(f"http://{shown}:{listener.getsockname()[1]}")
        await server.serve(sockets=[listener])


def run(simulator: Simulator, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve a simulator over HTTP from the calling thread; see `serve`."""
    anyio.run(serve, simulator, host, port, ready)


def _config(simulator: Simulator) -> uvicorn.Config:
    return uvicorn.Config(
        simulator.app,
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
