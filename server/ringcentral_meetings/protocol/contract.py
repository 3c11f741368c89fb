"""What every tool call obeys: strict arguments, slim schemas, compact results, error results, one time budget.

The only module that touches the internals of the MCP SDK.
"""

import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, ParamSpec, TypeVar, cast

import anyio
import pydantic_core
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.helper_types import ReadResourceContents
from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import (
    ResourceError,
    ResourceNotFoundError,
    ToolError,
    UnexpectedResourceError,
)
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import PromptArgument
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    ContentBlock,
    GetPromptResult,
    InputRequiredResult,
    PromptReference,
    ResourceTemplateReference,
    TextContent,
    ToolAnnotations,
)
from pydantic import AnyUrl, BaseModel, ConfigDict, Field, ValidationError

from ringcentral_meetings import errors
from ringcentral_meetings.domain.timing import TimingError
from ringcentral_meetings.protocol import stdio
from ringcentral_meetings.protocol.schemas import slim
from ringcentral_meetings.protocol.validation import invalid_arguments

CALL_SECONDS = 45.0
"""The work that one call may take, waits for rate limits included, waits for a person not."""

CONFIRMATION_SECONDS = 300.0
"""How long a person is waited for within a session-based call."""

MAX_RESULT_BYTES = 40_000
MAX_COMPLETIONS = 100
"""As the protocol has it."""

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
    product: str | None = None

    def attachments(self) -> list[ContentBlock]:
        """What a client may save, given after the JSON."""
        return []


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool: its function, what a person is shown of it, and hints for arguments that it does not have."""

    fn: Callable[..., Awaitable[Result]]
    title: str
    annotations: ToolAnnotations
    hints: Mapping[str, str] = field(default_factory=dict)


class StrictTool(Tool):
    """A `Tool` that also knows the hints of its `ToolSpec`."""

    hints: Mapping[str, str] = Field(default_factory=dict)


class CompactMetadata(FuncMetadata):
    """Turns a `Result` into a text block of compact JSON, the same as structured content, and what is attached."""

    stamp: dict[str, Any] = Field(default_factory=dict)

    def convert_result(self, result: Any) -> CallToolResult | InputRequiredResult:
        if isinstance(result, InputRequiredResult):
            return result
        given = cast("Result", result)
        content = content_of(given, self.stamp)
        text = TextContent(type="text", text=pydantic_core.to_json(content).decode())
        return CallToolResult(content=[text, *given.attachments()], structured_content=content)


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
            with _waiting_for_a_person(tool):
                return await super().call_tool(name, _given(arguments), context)
        except TimeoutError:
            return _error_result(name, errors.declined(f"no answer within {CONFIRMATION_SECONDS:g} s"))
        except MCPError as unasked:
            logger.info("Tool %s: the client did not take a question: %s", name, unasked)
            return _error_result(name, errors.declined("the client could not put the question"))
        except errors.MeetingsError as error:
            return _error_result(name, error)
        except ToolError as wrapped:
            return _error_result(name, _unwrap(tool, wrapped))
        finally:
            _work.reset(token)

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[AppT, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Render a prompt. One that there is not, or arguments that do not fit it, are a plain protocol error."""
        try:
            _check_given(self._known_prompt(name), arguments or {})
        except errors.MeetingsError as error:
            raise MCPError(INVALID_PARAMS, errors.in_words(error)) from error
        return await super().get_prompt(name, arguments, context)

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[AppT, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource. Raises a `ResourceError` in our words, and never lets an exception's own text out."""
        token = _work.set(_Work())
        try:
            with _working():
                return await super().read_resource(uri, context)
        except UnexpectedResourceError as wrapped:
            raise _resource_error(_cause(wrapped, "The resource")) from None
        except ResourceNotFoundError:
            known = (template.uri_template for template in self._resource_manager.list_templates())
            raise _resource_error(errors.unknown_resource(str(uri), known)) from None
        except errors.MeetingsError as late:
            raise _resource_error(late) from None
        finally:
            _work.reset(token)

    def complete_with(self, complete: Callable[[AppT, str, str], Awaitable[Sequence[str]]]) -> None:
        """Answer requests for completion: `complete` gives the values for an argument's name and what is typed."""

        async def handle(ctx: ServerRequestContext[AppT, Any], params: CompleteRequestParams) -> CompleteResult:
            try:
                known = self._arguments(params.ref)
            except errors.MeetingsError as error:
                raise MCPError(INVALID_PARAMS, errors.in_words(error)) from error
            name, typed = params.argument.name, params.argument.value
            values = await complete(ctx.lifespan_context, name, typed) if name in known else ()
            shown = list(values[:MAX_COMPLETIONS])
            return CompleteResult(
                completion=Completion(values=shown, total=len(values), has_more=len(values) > len(shown))
            )

        self._lowlevel_server.add_request_handler("completion/complete", CompleteRequestParams, handle)

    async def run_stdio_async(self) -> None:
        """Serve stdin and stdout until stdin ends and each request is answered, or the client no longer reads."""
        async with stdio.opened() as (incoming, outgoing):
            options = self._lowlevel_server.create_initialization_options()
            await self._lowlevel_server.run(incoming, outgoing, options)

    def _strict_tool(self, name: str) -> StrictTool:
        tool = self._tool_manager.get_tool(name)
        if not isinstance(tool, StrictTool):
            raise errors.unknown_tool(name, (known.name for known in self._tool_manager.list_tools()))
        return tool

    def _known_prompt(self, name: str) -> Prompt:
        prompt = self._prompt_manager.get_prompt(name)
        if prompt is None:
            raise errors.unknown_prompt(name, (known.name for known in self._prompt_manager.list_prompts()))
        return prompt

    def _arguments(self, ref: PromptReference | ResourceTemplateReference) -> Sequence[str]:
        if isinstance(ref, PromptReference):
            return [argument.name for argument in self._known_prompt(ref.name).arguments or ()]
        templates = {template.uri_template: template for template in self._resource_manager.list_templates()}
        if ref.uri not in templates:
            raise errors.unknown_resource(ref.uri, templates)
        return templates[ref.uri].parsed_template.variable_names


def build_tool(spec: ToolSpec, stamp: Mapping[str, Any] | None = None) -> StrictTool:
    """The tool as published: strict arguments, slim schemas, explicit annotations.

    `stamp` is put in front of each of its results; its names are fields of `Result`.
    """
    # The SDK would build an adapter for the result, which is a model already, and its schema.
    published = StrictTool.from_function(
        spec.fn,
        title=spec.title,
        description=_dedent(spec.fn),
        annotations=spec.annotations,
        structured_output=False,
    )
    tool = cast("StrictTool", published)
    tool.fn = budgeted(spec.fn)
    tool.fn_metadata = CompactMetadata(
        arg_model=tool.fn_metadata.arg_model,
        output_schema=slim(_result_of(spec.fn).model_json_schema(), describe=False),
        stamp=dict(stamp or {}),
    )
    tool.parameters = slim({"additionalProperties": False, **tool.parameters}, describe=True)
    tool.hints = spec.hints
    return tool


def build_prompt(
    name: str,
    title: str,
    description: str,
    arguments: Sequence[tuple[str, str, bool]],
    render: Callable[[Mapping[str, str]], str],
) -> Prompt:
    """A prompt of one message, which `render` words; `arguments` are names, descriptions, and whether required."""

    async def message(**given: str) -> str:
        return render(given)

    listed = [PromptArgument(name=name, description=text, required=required) for name, text, required in arguments]
    return Prompt(name=name, title=title, description=description, arguments=listed, fn=message, context_kwarg=None)


def content_of(result: Result, stamp: Mapping[str, Any]) -> dict[str, Any]:
    """A result as JSON data, without what is absent; `stamp` and the product of the call in front."""
    used = _work.get().product
    product = {"product": used} if used is not None else {}
    return {**stamp, **product, **result.model_dump(mode="json", exclude_none=True)}


def note_product(name: str) -> None:
    """Let the result of this call name the product that it comes from."""
    _work.get().product = name


def can_ask(ctx: Context[Any, Any]) -> bool:
    """Whether the client can show the person a form (a capability for URLs alone is not one)."""
    capabilities = ctx.client_capabilities
    asked = capabilities.elicitation if capabilities is not None else None
    return asked is not None and (asked.form is not None or asked.url is None)


def report_waits(ctx: Context[Any, Any]) -> Callable[[float], Awaitable[None]]:
    """A callback for the platform client that reports waits for rate limits as MCP progress, until the call ends.

    Progress is the seconds waited before; it has to grow with each report of a call (MCP, "Progress").
    """
    work = _work.get()

    async def report(seconds: float) -> None:
        if _work.get(None) is not work:
            return
        before, work.waited = work.waited, work.waited + seconds
        await ctx.report_progress(progress=before, message=f"Waiting {seconds:.0f} s for RingCentral's rate limit")

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
    waited: float = 0.0
    product: str | None = None


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


def _waiting_for_a_person(tool: StrictTool) -> AbstractContextManager[object]:
    """The bound on a tool that asks; the others are bounded by their work."""
    return anyio.fail_after(CALL_SECONDS + CONFIRMATION_SECONDS) if tool.resolved_params else nullcontext()


def _result_of(fn: Callable[..., Awaitable[Result]]) -> type[Result]:
    return cast("type[Result]", inspect.signature(fn, eval_str=True).return_annotation)


def _dedent(fn: Callable[..., Any]) -> str:
    lines = (line.strip() for line in (fn.__doc__ or "").strip().splitlines())
    return "\n".join(lines)


def _refuse_unknown(tool: StrictTool, arguments: Mapping[str, Any]) -> None:
    valid = tool.parameters["properties"]
    if unknown := set(arguments) - set(valid):
        raise errors.unknown_arguments(tool.name, unknown, valid, tool.hints)


def _given(value: Any) -> Any:
    """`value` without the members that are null: so models leave an argument out where they have to name each one."""
    if isinstance(value, dict):
        return {name: _given(inner) for name, inner in value.items() if inner is not None}
    return value


def _unwrap(tool: StrictTool, wrapped: ToolError) -> errors.MeetingsError:
    """The domain error within the SDK's wrappers, or what is wrong with the arguments."""
    cause = wrapped.__cause__
    if isinstance(cause, ValidationError) and type(wrapped) is ToolError:
        return invalid_arguments(cause, tool.parameters)
    return _cause(wrapped, tool.name)


def _cause(wrapped: Exception, what: str) -> errors.MeetingsError:
    """The domain error within the SDK's wrappers; anything else is a fault of ours, logged and not shown."""
    cause = wrapped.__cause__
    while cause is not None:
        if isinstance(cause, errors.MeetingsError):
            return cause
        if isinstance(cause, TimingError):
            return errors.invalid_argument(cause.field, str(cause))
        cause = cause.__cause__
    logger.error("%s failed", what, exc_info=wrapped)
    return errors.internal_error(what)


def _resource_error(error: errors.MeetingsError) -> ResourceError:
    names_nothing = error.code in {"not_found", "invalid_arguments"}
    return (ResourceNotFoundError if names_nothing else ResourceError)(errors.in_words(error))


def _check_given(prompt: Prompt, given: Mapping[str, str]) -> None:
    arguments = prompt.arguments or ()
    missing = [one.name for one in arguments if one.required and not given.get(one.name, "").strip()]
    unknown = set(given) - {one.name for one in arguments}
    if missing or unknown:
        raise errors.prompt_arguments(prompt.name, missing, unknown, [one.name for one in arguments])


def _error_result(tool: str, error: errors.MeetingsError) -> CallToolResult:
    logger.info("Tool %s answered %s", tool, error.code)
    return CallToolResult(content=[TextContent(type="text", text=errors.as_json(error))], is_error=True)
