"""What a tool needs of the protocol: the base of its result, its specification, the time budget of a call, progress.

`protocol.server` holds tools to it. Nothing here imports a server or a transport, so that a tool does not either.
"""

import functools
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, ParamSpec, Self, TypeVar

import anyio
from mcp.server.mcpserver import Context
from mcp_types import ContentBlock, ToolAnnotations
from pydantic import BaseModel, ConfigDict

from ringcentral_meetings import errors
from ringcentral_meetings.platform import call_context

CALL_SECONDS = 45.0
"""The work that one call may take, including waits for rate limits but not for a person's answer."""

CONFIRMATION_SECONDS = 300.0
"""How long a session-based call waits for a person's answer."""

MAX_RESULT_BYTES = 40_000
"""The most that a result may take in the context of a model, attachments included."""

READ = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
CREATE = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)
UPDATE = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
DESTROY = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)


class Blanks(Enum):
    """Marks, in an argument's annotation, where a blank value does not mean the same as none."""

    ARE_TEXT = auto()
    """Blank text is a value."""
    ARE_ITEMS = auto()
    """Blank items of a list are kept, for the tool to refuse."""


P = ParamSpec("P")
R = TypeVar("R")


class Result(BaseModel):
    """The base class of what tools return. Fields that are `None` are left out of the answer."""

    model_config = ConfigDict(extra="forbid")

    simulated: bool | None = None
    product: str | None = None

    def attachments(self) -> list[ContentBlock]:
        """Return content blocks for the client to save, such as a calendar file; they follow the JSON."""
        return []

    def with_less_attached(self) -> Self:
        """Return what to send if this exceeds `MAX_RESULT_BYTES`; it says how to get the attachments."""
        return self


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool: its function, its title, its annotations, and hints for arguments that callers expect but it lacks.

    `view`, called whenever tools are listed, returns the address of the MCP App in which hosts may draw the results.
    """

    fn: Callable[..., Awaitable[Result]]
    title: str
    annotations: ToolAnnotations
    hints: Mapping[str, str] = field(default_factory=dict)
    view: Callable[[], str] | None = None


def can_ask(ctx: Context[Any, Any]) -> bool:
    """Return whether the client can show the person a form; a client that elicits by URL alone cannot."""
    capabilities = ctx.client_capabilities
    elicitation = capabilities.elicitation if capabilities is not None else None
    return elicitation is not None and (elicitation.form is not None or elicitation.url is None)


def caller(ctx: Context[Any, Any]) -> str:
    """Return what identifies the caller: over HTTP the session, or the program if the protocol has no sessions.

    Over stdio, where there is one caller, it is empty.
    """
    headers = ctx.headers
    if headers is None:
        return ""
    if session := headers.get("mcp-session-id"):
        return session
    params = ctx.session.client_params
    return "" if params is None else f"{params.client_info.name} {params.client_info.version}"


def report_waits(ctx: Context[Any, Any]) -> Callable[[float], Awaitable[None]]:
    """Return a callback for the platform client that reports waits as MCP progress, until the call ends.

    Progress is the seconds waited so far; it has to grow with each report of a call (MCP specification, "Progress").
    """
    call = _current.get()

    async def report(seconds: float) -> None:
        if _current.get(None) is not call:
            return
        before, call.seconds_waited = call.seconds_waited, call.seconds_waited + seconds
        await ctx.report_progress(progress=before, message=f"Waiting {seconds:.0f} s for RingCentral's rate limit")

    return report


@dataclass(slots=True)
class _Call:
    seconds_left: float
    writes: call_context.OpenWrites
    seconds_waited: float = 0.0
    product: str | None = None


_current: ContextVar[_Call] = ContextVar("call")


@contextmanager
def new_call() -> Iterator[None]:
    """Begin a call, with a time budget of `CALL_SECONDS` and no product noted yet."""
    token = _current.set(_Call(CALL_SECONDS, call_context.follow_writes()))
    try:
        yield
    finally:
        _current.reset(token)


def note_product(name: str) -> None:
    """Record which product this call used; the result reports it."""
    _current.get().product = name


def noted_product() -> str | None:
    """Return the product that this call used, if any."""
    return _current.get().product


def open_write() -> errors.Unanswered | None:
    """Return the error for a write of this call of which it is not known what became, if there is one."""
    return next(iter(_current.get().writes.unknown), None)


@contextmanager
def within_budget() -> Iterator[None]:
    """Limit the body to what is left of the call's time budget, and subtract its duration from the budget.

    Raises:
        errors.Unanswered: `timed_out`, when the budget is used up; `outcome_unknown`, when it is within a write.
    """
    call = _current.get()
    began = anyio.current_time()
    try:
        with anyio.fail_after(call.seconds_left):
            yield
    except TimeoutError as late:
        raise open_write() or errors.timed_out(CALL_SECONDS) from late
    finally:
        call.seconds_left = max(0.0, call.seconds_left - (anyio.current_time() - began))


def budgeted(fn: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """Run `fn`, a tool or a resolver, `within_budget`."""

    @functools.wraps(fn)
    async def bounded(*args: P.args, **kwargs: P.kwargs) -> R:
        with within_budget():
            return await fn(*args, **kwargs)

    return bounded
