"""HTTP connections on which a whole request, body included, has to arrive within a time limit.

Uvicorn waits forever for the rest of a request, and for the first byte on a connection.
"""

import asyncio
from typing import Any, ClassVar, Final

from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

try:
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:  # httptools is of the extra "host"
    HttpToolsProtocol = None  # type: ignore[assignment,misc]

REQUEST_SECONDS: Final = 20.0
"""How long a request may take to arrive."""

MAX_UNFINISHED: Final = 100
"""How many requests may be arriving at a time. A further one ends the one that began first."""

MAX_HEAD_BYTES: Final = 65_536
"""How long the head of a request may be, as in h11; what comes with its last piece is not counted."""

_TOO_LARGE: Final = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_TOO_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


if HttpToolsProtocol is None:
    _Inner: Any = H11Protocol
else:

    class _StrictProtocol(HttpToolsProtocol):
        """Takes no trailers for headers (RFC 9110, section 6.5.1), nor blanks for the end of a value (5.5).

        A trailer would come after the headers that a proxy has set, and count in their place. A head, or a trailer,
        that is too long ends the connection: the parser keeps what it has until it is complete.
        """

        _unread = 0
        """Bytes since the last that were of a body."""

        _in_head = False

        def data_received(self, data: bytes) -> None:
            self._unread += len(data)
            super().data_received(data)
            if self._unread > MAX_HEAD_BYTES and not self.transport.is_closing():
                if self._in_head and (self.cycle is None or self.cycle.response_complete):
                    self.transport.write(_TOO_LARGE)
                self.transport.close()

        def on_message_begin(self) -> None:
            self._in_head = True
            super().on_message_begin()

        def on_header(self, name: bytes, value: bytes) -> None:
            if self._in_head:
                super().on_header(name, value.rstrip(b" \t"))

        def on_headers_complete(self) -> None:
            self._in_head, self._unread = False, 0
            super().on_headers_complete()

        def on_body(self, body: bytes) -> None:
            self._unread = 0
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._unread = 0
            super().on_message_complete()

    _Inner = _StrictProtocol


class PunctualProtocol(asyncio.Protocol):
    """Uvicorn's protocol for one connection, closed if a request does not arrive in time."""

    most_unfinished: ClassVar[int] = MAX_UNFINISHED

    _unfinished: Final[dict["PunctualProtocol", asyncio.TimerHandle]] = {}

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._inner = _Inner(config=config, server_state=server_state, app_state=app_state, _loop=_loop)
        self._loop = _loop or asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None

    @classmethod
    def unfinished(cls) -> int:
        """Return how many requests are arriving."""
        return len(cls._unfinished)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # a stream's
        self._inner.connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        self._inner.data_received(data)
        self._watch()

    def eof_received(self) -> bool | None:
        ends: bool | None = self._inner.eof_received()
        return ends

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        self._inner.connection_lost(exc)

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()

    def _watch(self) -> None:
        """Start the timer of a request that is arriving, or stop it once the request is complete."""
        if not self._is_arriving():
            self._forget()
        elif self not in self._unfinished:
            if len(self._unfinished) >= self.most_unfinished:
                next(iter(self._unfinished)).end()
            self._unfinished[self] = self._loop.call_later(REQUEST_SECONDS, self.end)

    def _is_arriving(self) -> bool:
        """Return whether the head or the body of a request is incomplete; both of Uvicorn's protocols have `cycle`."""
        cycle = self._inner.cycle
        return cycle is None or cycle.response_complete or cycle.more_body

    def _forget(self) -> None:
        if (timer := self._unfinished.pop(self, None)) is not None:
            timer.cancel()

    def end(self) -> None:
        """End the connection, with a 408 if that can still be sent."""
        self._forget()
        cycle = self._inner.cycle
        if self._transport is None or self._transport.is_closing():
            return
        if cycle is None or (cycle.response_complete and not cycle.more_body):
            self._transport.write(_TOO_LATE)
        self._transport.close()
