"""What happens to every call around the application: faults, the call record, request ids, the date."""

import threading
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ringcentral_meetings.simulator.faults.damage import Damage, damage_for
from ringcentral_meetings.simulator.replies import ConnectionLost, Reply, body_length, pieces
from ringcentral_meetings.simulator.state import RecordedCall, State

NOT_ANSWERED = 0


@dataclass(frozen=True)
class Incoming:
    """A whole request as it came off the wire."""

    method: str
    scheme: str
    host: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


class Gateway:
    """The outermost ASGI application of the simulator; `exchange` is the same without ASGI, for the transport."""

    def __init__(self, state: State, inner: ASGIApp) -> None:
        self._state = state
        self._inner = inner
        self._late: list[tuple[float, Incoming]] = []
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection.

        Raises ConnectionLost if the connection is to break; the HTTP server then closes the socket.
        """
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        reply = await self.exchange(await _incoming(scope, receive))
        if reply.delay:
            await self._state.sleep(reply.delay)
        await send(_start(reply))
        async for piece in pieces(reply, self._state.sleep):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    async def exchange(self, incoming: Incoming) -> Reply:
        """Answer one request.

        Raises ConnectionLost if there is to be no answer.
        """
        self._state.before_call()
        await self.carry_out_late(self._state.now())
        struck = self._state.faults.striking(incoming.method, unquote(incoming.path))
        damage = damage_for(self._state, struck, incoming.headers)
        try:
            reply = await self._damaged_reply(incoming, damage)
        except ConnectionLost:
            self._record(incoming, NOT_ANSWERED)
            raise
        self._record(incoming, reply.status)
        return reply

    async def carry_out_late(self, until: float) -> None:
        """Carry out the requests that were put off and are due at `until`, in seconds since 1970."""
        with self._lock:  # a test may carry requests out from a thread other than the one that answers
            due = sorted((late for late in self._late if late[0] <= until), key=lambda late: late[0])
            self._late = [late for late in self._late if late[0] > until]
        for _, incoming in due:
            await self._answer(incoming)

    async def _damaged_reply(self, incoming: Incoming, damage: Damage) -> Reply:
        with self._state.skewed(damage.skew), self._state.without(damage.withdrawn):
            damage.strike_before()
            if damage.late is not None:
                with self._lock:
                    self._late.append((self._state.now() + damage.late, incoming))
                damage.strike_late()
            reply = damage.instead or await self._answer(incoming)
            if damage.instead and damage.lands:
                await self._answer(incoming)
            self._finish(reply)
        return damage.strike_after(reply)

    async def _answer(self, incoming: Incoming) -> Reply:
        received = iter([{"type": "http.request", "body": incoming.body, "more_body": False}])
        sent: list[Message] = []

        async def receive() -> Message:
            return next(received)

        async def send(message: Message) -> None:
            sent.append(message)

        await self._inner(_scope(incoming), receive, send)
        headers = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
        headers.pop("content-length", None)
        return Reply(sent[0]["status"], b"".join(part.get("body", b"") for part in sent[1:]), headers)

    def _finish(self, reply: Reply) -> None:
        reply.headers = {name.lower(): value for name, value in reply.headers.items()}
        reply.headers["rcrequestid"] = self._state.ids.request()
        reply.headers["date"] = formatdate(self._state.now(), usegmt=True)

    def _record(self, incoming: Incoming, status: int) -> None:
        call = RecordedCall(incoming.method, incoming.path, incoming.query, incoming.headers, incoming.body, status)
        self._state.calls.append(call)


def announced_headers(reply: Reply) -> list[tuple[bytes, bytes]]:
    """Return the headers of a reply as they go out, with the content length that it announces."""
    headers = dict(reply.headers)
    if reply.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers["content-length"] = str(body_length(reply))
    return [(name.encode(), value.encode()) for name, value in headers.items()]


async def _incoming(scope: Scope, receive: Receive) -> Incoming:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return Incoming(
        method=scope["method"],
        scheme=scope["scheme"],
        host=headers.get("host", "localhost"),
        path=scope["raw_path"].decode("ascii"),
        query=scope["query_string"].decode("ascii"),
        headers=headers,
        body=body,
    )


def _scope(incoming: Incoming) -> dict[str, Any]:
    headers = {**incoming.headers, "host": incoming.host}
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": incoming.method,
        "scheme": incoming.scheme,
        "path": incoming.path,
        "raw_path": incoming.path.encode(),
        "query_string": incoming.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": None,
        "server": None,
    }


def _start(reply: Reply) -> Message:
    return {"type": "http.response.start", "status": reply.status, "headers": announced_headers(reply)}
