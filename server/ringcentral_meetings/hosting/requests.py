"""Who calls and what a request is called, for the lines of the log; a context variable goes with each request."""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ClassVar, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LONGEST_CLIENT: Final = 40

_UNPLAIN: Final = re.compile(r"[^A-Za-z0-9._-]", re.ASCII)
_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


@dataclass(slots=True)
class Inbound:
    """A request that has come in: its id, the digest of the person who sent it, by which client, and trips for it.

    `trips` counts those to the store.
    """

    id: str
    user: str | None = None
    client: str | None = None
    trips: int = 0


_current: ContextVar[Inbound | None] = ContextVar("inbound", default=None)


def current() -> Inbound | None:
    """Return the request that is being answered; None outside one."""
    return _current.get()


@contextmanager
def answering(given_id: str | None) -> Iterator[Inbound]:
    """Answer a request within; `given_id` is what the balancer calls it, which is kept if it is plain."""
    known = given_id is not None and _GIVEN.fullmatch(given_id)
    inbound = Inbound(given_id if known and given_id is not None else secrets.token_hex(8))
    token = _current.set(inbound)
    try:
        yield inbound
    finally:
        _current.reset(token)


def name(user: str, client: str) -> None:
    """Note who has sent the current request, and by which client, whose name nobody has checked."""
    if (inbound := _current.get()) is not None:
        inbound.user, inbound.client = user, _UNPLAIN.sub("_", client)[:LONGEST_CLIENT]


class Answering:
    """Answers each request of `app` under an id, which is in the head of the answer too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        with answering(Headers(scope=scope).get("x-request-id")) as inbound:

            async def named(message: Message) -> None:
                if message["type"] == "http.response.start":
                    MutableHeaders(scope=message)["X-Request-Id"] = inbound.id
                await send(message)

            await self._app(scope, receive, named)


class InboundMarks:
    """Gives each record of the log the request, the user and the client that it is about."""

    names: ClassVar[tuple[str, ...]] = ("request", "user", "client")

    def filter(self, record: logging.LogRecord) -> bool:
        inbound = _current.get()
        record.request = inbound.id if inbound is not None else "-"
        record.user = (inbound.user if inbound is not None else None) or "-"
        record.client = (inbound.client if inbound is not None else None) or "-"
        return True
