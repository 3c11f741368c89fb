"""Who calls and what a request is called, for the lines of the log; a context variable goes with each request."""

import logging
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ClassVar, Final

_GIVEN: Final = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)


@dataclass(slots=True)
class Inbound:
    """A request that has come in: its id, the digest of the person who sent it, and the trips to the store for it."""

    id: str
    user: str | None = None
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


class InboundMarks:
    """Gives each record of the log the request and the user that it is about."""

    names: ClassVar[tuple[str, ...]] = ("request", "user")

    def filter(self, record: logging.LogRecord) -> bool:
        inbound = _current.get()
        record.request = inbound.id if inbound is not None else "-"
        record.user = (inbound.user if inbound is not None else None) or "-"
        return True
