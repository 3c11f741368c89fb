"""The messages of MCP over stdin and stdout, and what the SDK is spared: broken frames, and ids that are in use."""

import logging
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Self

import anyio
from anyio.abc import TaskGroup
from mcp.shared.message import ServerMessageMetadata, SessionMessage
from mcp_types import (
    CONNECTION_CLOSED,
    INVALID_REQUEST,
    ErrorData,
    JSONRPCError,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)

from ringcentral_meetings.protocol import frames, pipes

MAX_OPEN_REQUESTS = 256
"""No more is read while so many are unanswered: a client that does not listen must not fill the memory."""

logger = logging.getLogger(__name__)


@asynccontextmanager
async def opened() -> AsyncIterator[tuple["Incoming", "Outgoing"]]:
    """The two streams of messages that the SDK's low-level server runs on.

    The first ends when stdin has ended and each request is answered. Takes stdin and stdout for good.

    Raises:
        ExceptionGroup: With a `BrokenPipeError`, if stdout can no longer be written.
    """
    source, sink = pipes.claimed()
    async with anyio.create_task_group() as group:
        outgoing = Outgoing(sink, group)
        yield Incoming(source, outgoing), outgoing


class _Stream:
    """What the SDK wants of a stream beside its messages. There is nothing to close: the process owns stdio."""

    async def aclose(self) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass


class Outgoing(_Stream):
    """Writes messages whole and in order, though a sender be cancelled, and knows which requests are unanswered."""

    def __init__(self, sink: pipes.Sink, group: TaskGroup) -> None:
        self.open = set[RequestId]()
        self.asked = set[RequestId]()
        self._sink, self._group = sink, group
        self._unwritten = bytearray()
        self._writing: anyio.Event | None = None
        self._changed = anyio.Event()

    async def send(self, item: SessionMessage) -> None:
        """Send a message, once there is room for it."""
        message = item.message
        if isinstance(message, JSONRPCRequest):
            self.asked.add(message.id)
            self._changed.set()
        try:
            await self.write(message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
        finally:
            if isinstance(message, JSONRPCResponse | JSONRPCError) and message.id is not None:
                await self.settle(message.id)

    async def settle(self, request: RequestId) -> None:
        """No answer is due any more."""
        self.open.discard(request)
        self._changed.set()

    async def change(self) -> None:
        """Wait until a request is settled, or a question is asked."""
        self._changed = anyio.Event()
        await self._changed.wait()

    async def write(self, lines: bytes) -> None:
        """Write lines, at once if there is room for them."""
        self._unwritten += lines
        if self._writing is None:
            self._sink.push(self._unwritten)
            if not self._unwritten:
                return
            self._writing = anyio.Event()
            self._group.start_soon(self._write_on, self._writing)
        writing = self._writing
        await writing.wait()
        if writing is self._writing:
            raise anyio.BrokenResourceError

    async def _write_on(self, writing: anyio.Event) -> None:
        try:
            await self._sink.clear(self._unwritten)
            self._writing = None
        except OSError as lost:
            if not isinstance(lost, ConnectionError):
                logger.critical("Stdout cannot be written: %s", lost.strerror)
            raise BrokenPipeError(lost.errno, lost.strerror) from lost
        finally:
            writing.set()


class Incoming(_Stream):
    """Reads messages, and answers itself what is none."""

    def __init__(self, source: pipes.Source, outgoing: Outgoing) -> None:
        self._source, self._outgoing = source, outgoing
        self._lines = frames.Lines()
        self._unread = deque[bytes | frames.Overlong]()
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def receive(self) -> SessionMessage:
        """The next message.

        Raises:
            anyio.EndOfStream: After the end of input, once no answer is due any more.
        """
        item = None
        while item is None:
            if self._unread:
                item = await self._taken(self._unread.popleft())
            elif self._ended:
                item = await self._last()
            else:
                part = await self._source()
                self._ended = not part
                self._unread.extend(self._lines.cut(part or b"\n"))
        return item

    async def _taken(self, line: bytes | frames.Overlong) -> SessionMessage | None:
        message = frames.read(line)
        if isinstance(message, frames.Broken):
            await self._refuse(message)
            return None
        if isinstance(message, JSONRPCRequest):
            return await self._begun(message)
        if isinstance(message, JSONRPCResponse | JSONRPCError) and message.id is not None:
            self._outgoing.asked.discard(message.id)
        return SessionMessage(message) if message is not None else None

    async def _begun(self, request: JSONRPCRequest) -> SessionMessage | None:
        if request.id in self._outgoing.open:
            problem = "Invalid request: a request with this id is not answered yet"
            await self._refuse(frames.Broken(INVALID_REQUEST, problem, (request.id,)))
            return None
        while len(self._outgoing.open) >= MAX_OPEN_REQUESTS:
            await self._outgoing.change()
        self._outgoing.open.add(request.id)
        unanswered = partial(self._outgoing.settle, request.id)
        return SessionMessage(request, ServerMessageMetadata(on_request_unanswered=unanswered))

    async def _refuse(self, broken: frames.Broken) -> None:
        logger.warning("Refused a frame: %s", broken.problem)
        await self._outgoing.write(broken.answers())

    async def _last(self) -> SessionMessage:
        """An end for each question that nobody can answer now, and for the input once all else is answered."""
        while self._outgoing.open:
            if self._outgoing.asked:
                error = ErrorData(code=CONNECTION_CLOSED, message="The input has ended")
                return SessionMessage(JSONRPCError(jsonrpc="2.0", id=self._outgoing.asked.pop(), error=error))
            await self._outgoing.change()
        raise anyio.EndOfStream
