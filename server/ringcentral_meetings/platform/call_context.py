"""What goes with a call: for whom it is, who makes it, to whom its waits are reported, its last request and open write.

One client serves many calls at once and knows none of them, so context variables go with each call into the tasks that
it starts. What one call does for several, such as a token renewal, belongs to that call alone.
"""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ringcentral_meetings import errors

OnWait = Callable[[float], Awaitable[None]]
"""Awaited with the seconds to come, before a wait for a rate limit begins. What it raises ends the wait."""


@dataclass(slots=True)
class LastRequest:
    """RingCentral's id of the last request that changed something, or of the last request if none did."""

    request_id: str | None = None
    changed: bool = False


@dataclass(slots=True)
class OpenWrites:
    """The errors that are to be raised for the writes of a call of which it is not known what became."""

    unknown: list[errors.Unanswered]


_person: ContextVar[str] = ContextVar("person", default="")
_caller: ContextVar[str] = ContextVar("caller", default="")
_on_wait: ContextVar[OnWait | None] = ContextVar("on_wait", default=None)
_last_request: ContextVar[LastRequest | None] = ContextVar("last_request", default=None)
_open_writes: ContextVar[OpenWrites | None] = ContextVar("open_writes", default=None)


def serve(person: str) -> None:
    """Set for whom the current call is, if a process serves several people: an opaque name."""
    _person.set(person)


def current_person() -> str:
    """Return for whom the current call is; the empty string where the process serves one person."""
    return _person.get()


def call_for(caller: str) -> None:
    """Count the requests of the current call as those of `caller` from now on."""
    _caller.set(caller)


def current_caller() -> str:
    """Return who makes the current call; the empty string if nobody was named."""
    return _caller.get()


def report_waits_to(on_wait: OnWait | None) -> None:
    """Report the waits of the current call to `on_wait` from now on."""
    _on_wait.set(on_wait)


async def report_wait(seconds: float) -> None:
    """Report that a wait of `seconds` begins, if the current call has named somebody to report to."""
    on_wait = _on_wait.get()
    if on_wait is not None:
        await on_wait(seconds)


def follow_requests() -> LastRequest:
    """Return an object that is kept up to date with the last request of the current call."""
    last = LastRequest()
    _last_request.set(last)
    return last


def note_request(method: str, request_id: str | None) -> None:
    """Record that a request was answered, with the request id in the answer."""
    last = _last_request.get()
    changes = method != "GET"
    if last is not None and request_id is not None and (changes or not last.changed):
        last.request_id, last.changed = request_id, changes


def follow_writes() -> OpenWrites:
    """Return an object that holds, at any time, the writes of the current call whose outcome is not known."""
    writes = OpenWrites([])
    _open_writes.set(writes)
    return writes


@contextmanager
def open_write(unknown: errors.Unanswered) -> Iterator[None]:
    """Count a write as one of unknown outcome until the body ends, and for good if a cancellation ends it.

    `unknown` is the error for it. A call's time may be over at the very moment at which the write's time is, as when
    the machine was asleep meanwhile: then the body has no say, and whoever ends the call raises the error.
    """
    writes = _open_writes.get()
    if writes is None:
        yield
        return
    writes.unknown.append(unknown)
    try:
        yield
    except Exception:  # not a cancellation
        writes.unknown.remove(unknown)
        raise
    writes.unknown.remove(unknown)
