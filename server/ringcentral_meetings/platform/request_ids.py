"""What RingCentral calls the requests of the current call, for whoever has asked to be given that.

One client serves many calls at once and knows none of them, so a context variable goes with each call.
"""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(slots=True)
class LastRequest:
    """The request id of the last answer to a change, or of the last answer where nothing was to be changed."""

    request_id: str | None = None
    changed: bool = False


_last: ContextVar[LastRequest | None] = ContextVar("last_request", default=None)


def follow() -> LastRequest:
    """Return what will hold the request id of the current call: of this task, and of those that it starts."""
    last = LastRequest()
    _last.set(last)
    return last


def note(method: str, request_id: str | None) -> None:
    """Record that an answer came, with its request id."""
    last = _last.get()
    changes = method != "GET"
    if last is not None and request_id is not None and (changes or not last.changed):
        last.request_id, last.changed = request_id, changes
