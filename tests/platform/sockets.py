"""Servers on real sockets that say what a test has them say."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import anyio
import anyio.abc
from anyio.abc import SocketStream

Talk = Callable[[SocketStream], Awaitable[None]]
GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError)


@asynccontextmanager
async def serving(talk: Talk) -> AsyncIterator[str]:
    """A server that hears a request on each connection, and then talks until the other side goes."""

    async def one(stream: SocketStream) -> None:
        async with stream:
            with suppress(*GONE):
                await stream.receive()
                await talk(stream)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1", local_port=0)
    port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 (anyio's, not Django's)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, one)
        yield f"http://127.0.0.1:{port}"
        tasks.cancel_scope.cancel()


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
