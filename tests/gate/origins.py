"""Several origins on loopback, and what browsers asked them."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

NAMES = ("gate", "ringcentral", "client", "further")

Answer = Callable[[], Response]


def nothing() -> Response:
    """Leave a browser where it is."""
    return Response(status_code=204)


@dataclass(frozen=True)
class Asked:
    """A request that a browser made: to which origin, by which method, for which path, with what."""

    origin: str
    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, list[str]]


@dataclass
class Origins:
    """Origins by name; `answers` has what each gives for a path. For other paths that is `nothing`."""

    urls: dict[str, str]
    answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.urls[name]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        url = f"http://{request.url.netloc}"
        origin = next(name for name in self.urls if self.urls[name] == url)
        form = parse_qs((await request.body()).decode())
        path = request.url.path
        if path != "/favicon.ico":  # which a browser asks of any site
            self.asked.append(Asked(origin, request.method, path, dict(request.headers), form))
        await self.answers.get((origin, path), nothing)()(scope, receive, send)

    def paths(self) -> list[tuple[str, str, str]]:
        return [(one.method, one.origin, one.path) for one in self.asked]


@contextmanager
def origins() -> Iterator[Origins]:
    """Serve the origins, each at a port of its own."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in NAMES]
    urls = {name: f"http://127.0.0.1:{one.getsockname()[1]}" for name, one in zip(NAMES, sockets, strict=True)}
    served = Origins(urls)
    config = uvicorn.Config(served, lifespan="off", ws="none", log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    try:
        yield served
    finally:
        server.should_exit = True
        thread.join()
