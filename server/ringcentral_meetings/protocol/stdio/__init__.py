"""MCP messages over stdin and stdout.

Broken lines (`lines.py` recognises them) and requests whose id is in use are answered with an error: the SDK would
drop the first silently, and lose track of the second.
"""

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
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
    RequestId,
)

from ringcentral_meetings.protocol.stdio import lines, pipes

MAX_OPEN_REQUESTS = 256
"""No more requests begin while this many are unanswered. What is read meanwhile is held back, but answers and
cancellations are passed on: without them the open requests may never end."""

MAX_HELD_BYTES = 256 * 1024
"""No more is read while requests of this size are held back: a client that reads no answers must not fill memory."""

logger = logging.getLogger(__name__)


@asynccontextmanager
async def opened() -> AsyncIterator[tuple["Incoming", "Outgoing"]]:
    """Open the two streams of messages that the SDK's low-level server runs on. Takes over stdin and stdout for good.

    The incoming stream ends once stdin has ended and every request is answered.

    Raises:
        ExceptionGroup: With a `BrokenPipeError`, if stdout can no longer be written.
    """
    source, sink = pipes.take_over_stdio()
    async with anyio.create_task_group() as group:
        outgoing = Outgoing(sink, group)
        yield Incoming(source, outgoing, group), outgoing


class _Stream:
    """The part of the SDK's stream protocol that is not about messages. Nothing is closed: stdio lasts as we do."""

    async def aclose(self) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> None:
        pass


class Outgoing(_Stream):
    """Writes messages whole and in order, even if a sender is cancelled, and keeps the ids that wait for an answer.

    `unanswered` are requests of the client, `pending_questions` requests of ours.
    """

    def __init__(self, sink: pipes.Sink, group: TaskGroup) -> None:
        self.unanswered = set[RequestId]()
        self.pending_questions = set[RequestId]()
        self._sink, self._group = sink, group
        self._unwritten = bytearray()
        self._writing: anyio.Event | None = None
        self._changed = anyio.Event()

    async def send(self, item: SessionMessage) -> None:
        """Send a message, waiting until there is room for it."""
        message = item.message
        if isinstance(message, JSONRPCRequest):
            self.pending_questions.add(message.id)
            self.note_change()
        try:
            await self.write(message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
        finally:
            if isinstance(message, JSONRPCResponse | JSONRPCError) and message.id is not None:
                await self.settle(message.id)

    async def settle(self, request: RequestId) -> None:
        """Note that no answer to a request is due any more: it was sent, or the request was cancelled."""
        self.unanswered.discard(request)
        self.note_change()

    def note_change(self) -> None:
        """Wake whoever waits for a change."""
        self._changed.set()

    async def wait_for_change(self) -> None:
        """Wait until a request is settled, a question is asked, or another change is noted."""
        self._changed = anyio.Event()
        await self._changed.wait()

    async def write(self, output: bytes) -> None:
        """Write whole lines, at once where there is room, else behind what is still unwritten.

        Raises:
            anyio.BrokenResourceError: If stdout can no longer be written.
        """
        self._unwritten += output
        if self._writing is None:
            self._sink.write_available(self._unwritten)
            if not self._unwritten:
                return
            self._writing = anyio.Event()
            # In the task group and not here: a sender may be cancelled in the middle of a line, the line may not.
            self._group.start_soon(self._drain, self._writing)
        writing = self._writing
        await writing.wait()
        if writing is self._writing:  # which a failure leaves in place
            raise anyio.BrokenResourceError

    async def _drain(self, writing: anyio.Event) -> None:
        try:
            await self._sink.drain(self._unwritten)
            self._writing = None
        except OSError as lost:
            if not isinstance(lost, ConnectionError):
                logger.critical("Stdout cannot be written: %s", lost.strerror)
            raise BrokenPipeError(lost.errno, lost.strerror) from lost
        finally:
            writing.set()


class Incoming(_Stream):
    """Reads messages, and answers broken lines itself."""

    def __init__(self, source: pipes.Source, outgoing: Outgoing, group: TaskGroup) -> None:
        self._source, self._outgoing, self._group = source, outgoing, group
        self._splitter = lines.LineSplitter()
        self._unread = deque[bytes | lines.OverlongLine]()
        self._held = dict[RequestId, tuple[JSONRPCRequest, int]]()
        """Requests that wait until others are answered, in order, with the sizes of their lines."""
        self._held_bytes = 0
        self._reading_on = False
        self._ended = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def receive(self) -> SessionMessage:
        """Return the next message.

        Raises:
            anyio.EndOfStream: After the end of input, once no answer is due any more.
        """
        item = None
        while item is None:
            if self._held and len(self._outgoing.unanswered) < MAX_OPEN_REQUESTS:
                item = self._begin_request(self._release(next(iter(self._held))))
            elif self._held_bytes >= MAX_HELD_BYTES:
                await self._outgoing.wait_for_change()
            elif self._unread:
                item = await self._accept_line(self._unread.popleft())
            elif self._ended:
                item = await self._after_input()
            elif self._held or self._reading_on:
                await self._read_or_change()
            else:
                await self._read_input()
        return item

    async def _read_input(self) -> None:
        part = await self._source()
        self._ended = not part
        # At the end of input a line end is added, which the last line may lack.
        self._unread.extend(self._splitter.split(part or b"\n"))

    async def _read_or_change(self) -> None:
        """Wait for input, or for a change that lets a request begin."""
        if not self._reading_on:
            self._reading_on = True
            # In a task of its own, which goes on after a change: a read that is cancelled may lose what it has read.
            self._group.start_soon(self._read_on)
        await self._outgoing.wait_for_change()

    async def _read_on(self) -> None:
        await self._read_input()
        self._reading_on = False
        self._outgoing.note_change()

    async def _accept_line(self, line: bytes | lines.OverlongLine) -> SessionMessage | None:
        message = lines.read(line)
        if isinstance(message, lines.BrokenLine):
            await self._refuse(message)
            return None
        if isinstance(message, JSONRPCRequest):
            return await self._begin_or_hold(message, len(line))
        if isinstance(message, JSONRPCNotification) and self._cancels_held(message):
            return None
        if isinstance(message, JSONRPCResponse | JSONRPCError) and message.id is not None:
            self._outgoing.pending_questions.discard(message.id)
        return SessionMessage(message) if message is not None else None

    async def _begin_or_hold(self, request: JSONRPCRequest, size: int) -> SessionMessage | None:
        if request.id in self._outgoing.unanswered or request.id in self._held:
            problem = "Invalid request: a request with this id is not answered yet"
            await self._refuse(lines.BrokenLine(INVALID_REQUEST, problem, (request.id,)))
            return None
        if self._held or len(self._outgoing.unanswered) >= MAX_OPEN_REQUESTS:
            self._held[request.id] = request, size
            self._held_bytes += size
            return None
        return self._begin_request(request)

    def _begin_request(self, request: JSONRPCRequest) -> SessionMessage:
        self._outgoing.unanswered.add(request.id)
        unanswered = partial(self._outgoing.settle, request.id)
        return SessionMessage(request, ServerMessageMetadata(on_request_unanswered=unanswered))

    def _cancels_held(self, message: JSONRPCNotification) -> bool:
        """Drop the request that a notification cancels, if it has not begun. No answer to it is due."""
        request = (message.params or {}).get("requestId") if message.method == "notifications/cancelled" else None
        if not isinstance(request, str | int) or request not in self._held:
            return False
        self._release(request)
        return True

    def _release(self, request: RequestId) -> JSONRPCRequest:
        released, size = self._held.pop(request)
        self._held_bytes -= size
        return released

    async def _refuse(self, broken: lines.BrokenLine) -> None:
        logger.warning("Refused a line of stdin: %s", broken.problem)
        await self._outgoing.write(broken.answers())

    async def _after_input(self) -> SessionMessage | None:
        """Return an error for a question that nobody can answer any more, or wait for a request to be answered."""
        if not self._outgoing.unanswered:
            raise anyio.EndOfStream
        if self._outgoing.pending_questions:
            question = self._outgoing.pending_questions.pop()
            error = ErrorData(code=CONNECTION_CLOSED, message="The input has ended")
            return SessionMessage(JSONRPCError(jsonrpc="2.0", id=question, error=error))
        await self._outgoing.wait_for_change()
        return None
