"""What every tool call obeys: strict arguments, slim schemas, compact results, error results, one time budget.

The only module that touches the internals of the MCP SDK.
"""

import functools
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, BinaryIO, ParamSpec, TypeVar, cast

import anyio
import pydantic_core
from anyio import to_thread
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import ArgModelBase, FuncMetadata
from mcp.server.stdio import stdio_server
from mcp_types import CallToolResult, InputRequiredResult, TextContent, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ringcentral_meetings import errors
from ringcentral_meetings.timing import TimingError

CALL_SECONDS = 45.0
"""The work that one call may take, waits for rate limits included, waits for a person not."""

CONFIRMATION_SECONDS = 300.0
"""How long a person is waited for within a session-based call."""

MAX_RESULT_BYTES = 40_000

READ = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=True)
CREATE = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=False, open_world_hint=True)
UPDATE = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)
DESTROY = ToolAnnotations(read_only_hint=False, destructive_hint=True, idempotent_hint=True, open_world_hint=True)

logger = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")
AppT = TypeVar("AppT")


class Result(BaseModel):
    """The base of what a tool answers: absent facts are `None` and are left out of the answer."""

    model_config = ConfigDict(extra="forbid")

    simulated: bool | None = None


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool: its function, what a person is shown of it, and hints for arguments that it does not have."""

    fn: Callable[..., Awaitable[Result]]
    title: str
    annotations: ToolAnnotations
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def writes(self) -> bool:
        return not self.annotations.read_only_hint


class StrictTool(Tool):
    """A `Tool` that also knows the hints of its `ToolSpec`."""

    hints: Mapping[str, str] = Field(default_factory=dict)


class CompactMetadata(FuncMetadata):
    """Turns a `Result` into one text block of compact JSON and the same as structured content."""

    stamp: dict[str, Any] = Field(default_factory=dict)

    def convert_result(self, result: Any) -> CallToolResult | InputRequiredResult:
        if isinstance(result, InputRequiredResult):
            return result
        content = self.stamp | cast("Result", result).model_dump(mode="json", exclude_none=True)
        text = TextContent(type="text", text=pydantic_core.to_json(content).decode())
        return CallToolResult(content=[text], structured_content=content)


class ContractServer(MCPServer[AppT]):
    """An `MCPServer` whose tools obey the contract: every failure is one short error result in JSON."""

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[AppT, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Never raises for what went wrong in it, and never lets an exception's own text out."""
        token = _work.set(_Work())
        try:
            tool = self._strict_tool(name)
            _refuse_unknown(tool, arguments)
            with anyio.fail_after(CALL_SECONDS + CONFIRMATION_SECONDS):
                return await super().call_tool(name, arguments, context)
        except TimeoutError:
            return _error_result(name, errors.declined(f"no answer within {CONFIRMATION_SECONDS:g} s"))
        except errors.MeetingsError as error:
            return _error_result(name, error)
        except ToolError as wrapped:
            return _error_result(name, _unwrap(tool, wrapped))
        finally:
            _work.reset(token)

    async def run_stdio_async(self) -> None:
        """Serve stdin and stdout; can be cancelled while it waits for input, as the SDK's own cannot.

        What is printed meanwhile goes to stderr, and no leftover of it reaches the wire at exit.
        """
        lines = cast("anyio.AsyncFile[str]", _Lines(sys.stdin.buffer))
        async with stdio_server(stdin=lines) as (incoming, outgoing):
            with redirect_stdout(sys.stderr):
                options = self._lowlevel_server.create_initialization_options()
                await self._lowlevel_server.run(incoming, outgoing, options)

    def _strict_tool(self, name: str) -> StrictTool:
        tool = self._tool_manager.get_tool(name)
        if not isinstance(tool, StrictTool):
            raise errors.unknown_tool(name, (known.name for known in self._tool_manager.list_tools()))
        return tool


class _Lines:
    """The lines of a blocking binary stream, as UTF-8 text; a cancelled read is left to its thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[str]:
        while line := await to_thread.run_sync(self._stream.readline, abandon_on_cancel=True):
            yield line.decode("utf-8", errors="replace")


def build_tool(spec: ToolSpec, stamp: Mapping[str, Any] | None = None) -> StrictTool:
    """The tool as published: strict arguments, slim schemas, explicit annotations.

    `stamp` is put in front of each of its results; its names are fields of `Result`.
    """
    published = StrictTool.from_function(
        spec.fn, title=spec.title, description=_dedent(spec.fn), annotations=spec.annotations
    )
    tool = cast("StrictTool", published)
    arguments = _strict(tool.fn_metadata.arg_model)
    schema = slim(tool.fn_metadata.output_schema or {}, describe=False)
    tool.fn = budgeted(spec.fn)
    tool.fn_metadata = CompactMetadata(arg_model=arguments, output_schema=schema, stamp=dict(stamp or {}))
    tool.parameters = slim(arguments.model_json_schema(by_alias=True), describe=True)
    tool.hints = spec.hints
    return tool


def slim(schema: dict[str, Any], *, describe: bool) -> dict[str, Any]:
    """`schema` with references inlined and without titles, null alternatives and null defaults.

    Unless `describe`, of each part nothing but its type is left.
    """
    definitions = schema.get("$defs", {})

    def walk(node: Any, *, names: bool = False) -> Any:
        if isinstance(node, list):
            return [walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        if names:
            return {name: walk(child) for name, child in node.items()}
        node = _resolve(node, definitions)
        return {key: walk(value, names=key == "properties") for key, value in node.items() if keep(key, value)}

    def keep(key: str, value: Any) -> bool:
        if not describe:
            return key in _TYPE_KEYWORDS
        return key not in {"title", "$defs"} and not (key == "default" and value is None)

    return cast("dict[str, Any]", walk(schema))


_TYPE_KEYWORDS = frozenset({"type", "properties", "required", "items"})


def _resolve(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """`node` with its reference and its null alternative replaced by what they stand for."""
    while "$ref" in node or "anyOf" in node:
        if "$ref" in node:
            inner = definitions[node["$ref"].rpartition("/")[2]]
        else:
            alternatives = [option for option in node["anyOf"] if option != {"type": "null"}]
            if len(alternatives) > 1:
                break
            inner = alternatives[0]
        outer = {key: value for key, value in node.items() if key not in {"$ref", "anyOf"}}
        node = {**inner, **outer}
    return node


def can_ask(ctx: Context[Any, Any]) -> bool:
    """Whether the client can show the person a form (a capability for URLs alone is not one)."""
    capabilities = ctx.client_capabilities
    asked = capabilities.elicitation if capabilities is not None else None
    return asked is not None and (asked.form is not None or asked.url is None)


def report_waits(ctx: Context[Any, Any]) -> Callable[[float], Awaitable[None]]:
    """A callback for the platform client that tells a wait for a rate limit as MCP progress."""
    waited = 0.0

    async def report(seconds: float) -> None:
        nonlocal waited
        message = f"Waiting {seconds:.0f} s for RingCentral's rate limit"
        await ctx.report_progress(progress=waited, message=message)
        waited += seconds

    return report


def budgeted(fn: Callable[P, Awaitable[R]]) -> Callable[P, Awaitable[R]]:
    """`fn` (a tool or a resolver) within what is left of the call's time budget.

    Raises:
        errors.Unanswered: `timed_out`, when the budget is used up.
    """

    @functools.wraps(fn)
    async def bounded(*args: P.args, **kwargs: P.kwargs) -> R:
        with _working():
            return await fn(*args, **kwargs)

    return bounded


@dataclass(slots=True)
class _Work:
    left: float = CALL_SECONDS


_work: ContextVar[_Work] = ContextVar("work")


@contextmanager
def _working() -> Iterator[None]:
    work = _work.get()
    began = anyio.current_time()
    try:
        with anyio.fail_after(work.left):
            yield
    except TimeoutError as late:
        raise errors.timed_out(CALL_SECONDS) from late
    finally:
        work.left = max(0.0, work.left - (anyio.current_time() - began))


def _strict(model: type[ArgModelBase]) -> type[ArgModelBase]:
    model.model_config["extra"] = "forbid"
    model.model_rebuild(force=True)
    return model


def _dedent(fn: Callable[..., Any]) -> str:
    lines = (line.strip() for line in (fn.__doc__ or "").strip().splitlines())
    return "\n".join(lines)


def _refuse_unknown(tool: StrictTool, arguments: Mapping[str, Any]) -> None:
    valid = tool.parameters["properties"]
    if unknown := set(arguments) - set(valid):
        raise errors.unknown_arguments(tool.name, unknown, valid, tool.hints)


def _unwrap(tool: StrictTool, wrapped: ToolError) -> errors.MeetingsError:
    """The domain error within the SDK's wrappers; anything else is a fault of ours, logged and not shown."""
    cause: BaseException | None = wrapped.__cause__
    if isinstance(cause, ValidationError) and type(wrapped) is ToolError:
        return _invalid_arguments(cause, tool.parameters)
    while cause is not None:
        if isinstance(cause, errors.MeetingsError):
            return cause
        if isinstance(cause, TimingError):
            return errors.invalid_argument(cause.field, str(cause))
        cause = cause.__cause__
    logger.error("Tool %s failed", tool.name, exc_info=wrapped)
    return errors.internal_error(tool.name)


def _invalid_arguments(invalid: ValidationError, schema: dict[str, Any]) -> errors.MeetingsError:
    problems = [
        errors.FieldProblem(".".join(str(part) for part in detail["loc"]), _problem(detail, schema))
        for detail in invalid.errors(include_url=False)
    ]
    return errors.invalid_arguments(*problems)


def _problem(detail: pydantic_core.ErrorDetails, schema: dict[str, Any]) -> str:
    """The words for one kind of validation error, so that none of pydantic's own get through."""
    given, bounds = errors.echo(detail["input"]), detail.get("ctx", {})
    if detail["type"] == "extra_forbidden":
        return f"is not known here; use {', '.join(_names_at(schema, detail['loc'][:-1]))}"
    words = {
        "missing": "is required",
        "literal_error": f"is one of {bounds.get('expected')}, not {given}",
        "greater_than_equal": f"is at least {bounds.get('ge')}, not {given}",
        "less_than_equal": f"is at most {bounds.get('le')}, not {given}",
        "string_too_long": f"has at most {bounds.get('max_length')} characters",
        "string_too_short": "is empty",
        "too_long": f"has at most {bounds.get('max_length')} entries",
        "string_pattern_mismatch": f"does not have the form described: {given}",
    }
    kind = detail["type"]
    if kind in words:
        return words[kind]
    expected = next((name for prefix, name in _TYPES.items() if kind.startswith(prefix)), "another kind of value")
    return f"is {expected}, not {given}"


def _names_at(schema: dict[str, Any], path: tuple[int | str, ...]) -> list[str]:
    for part in path:
        schema = schema["properties"][part] if isinstance(part, str) else schema["items"]
    return list(schema["properties"])


_TYPES = {
    "int": "a whole number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "model": "an object",
    "dict": "an object",
    "float": "a number",
}


def _error_result(tool: str, error: errors.MeetingsError) -> CallToolResult:
    logger.info("Tool %s answered %s", tool, error.code)
    return CallToolResult(content=[TextContent(type="text", text=errors.as_json(error))], is_error=True)
