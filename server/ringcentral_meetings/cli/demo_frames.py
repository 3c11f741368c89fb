"""What `demo --json` shows: the messages between client and server as lines of JSON."""

import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import click
from anyio.abc import ObjectReceiveStream, ObjectSendStream
from mcp import StdioServerParameters, stdio_client
from mcp.client import Transport
from mcp.shared.message import SessionMessage

from ringcentral_meetings.cli.demo_output import Taken, conclusion

Tap = Callable[[str, SessionMessage], None]
"""Called with each message, and with who sent it."""


class Frames:
    """The messages of both sides on stdout, each a line of JSON with who sent it. Everything else is on stderr."""

    def __init__(self) -> None:
        self._unwritten: OSError | None = None

    def tapped(self, server: StdioServerParameters) -> Transport:
        """Return the connection to a server, every message of which is printed."""
        return _tapped(server, self._print)

    @contextmanager
    def progress(self) -> Iterator[Callable[[str], None]]:
        """Say nothing: the messages do."""
        yield lambda _: None

    def finish(self, taken: Sequence[Taken], lost: BaseException | None) -> int:
        """Print how it went on stderr. Raises OSError if a message could not be written."""
        if self._unwritten is not None:
            raise self._unwritten
        problems, went = conclusion(taken, lost)
        for line in (*problems, went):
            click.echo(line, err=True)
        return int(bool(problems or lost))

    def _print(self, sender: str, item: SessionMessage) -> None:
        message = item.message.model_dump(mode="json", by_alias=True, exclude_unset=True)
        try:
            click.echo(json.dumps({"from": sender, "message": message}, separators=(",", ":")))
        except OSError as unwritten:
            self._unwritten = unwritten
            raise


@asynccontextmanager
async def _tapped(server: StdioServerParameters, tap: Tap) -> AsyncIterator[tuple["_Heard", "_Said"]]:
    async with stdio_client(server) as (read, write):
        yield _Heard(read, tap), _Said(write, tap)


class _Heard(ObjectReceiveStream[SessionMessage | Exception]):
    """What the server sends."""

    def __init__(self, inner: Any, tap: Tap) -> None:
        self._inner, self._tap = inner, tap

    async def receive(self) -> SessionMessage | Exception:
        item: SessionMessage | Exception = await self._inner.receive()
        if isinstance(item, SessionMessage):
            self._tap("server", item)
        return item

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Said(ObjectSendStream[SessionMessage]):
    """What the client sends."""

    def __init__(self, inner: Any, tap: Tap) -> None:
        self._inner, self._tap = inner, tap

    async def send(self, item: SessionMessage) -> None:
        self._tap("client", item)
        await self._inner.send(item)

    async def send_eof(self) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._inner.aclose()
