"""The MCP server that holds every call to the contract: known arguments, a time budget, short errors, no secrets.

Only this package touches the internals of the MCP SDK.
"""

import dataclasses
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

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
    UnexpectedToolError,
)
from mcp.server.mcpserver.prompts import Prompt
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolResult,
    CompleteRequestParams,
    CompleteResult,
    Completion,
    GetPromptResult,
    InputRequiredResult,
    PromptReference,
    ResourceTemplateReference,
    TextContent,
)
from mcp_types import Tool as PublishedTool
from mcp_types.version import OLDEST_SUPPORTED_VERSION as OLDEST
from mcp_types.version import is_version_at_least
from pydantic import AnyUrl, ValidationError

from ringcentral_meetings import errors
from ringcentral_meetings.domain.timing import TimingError
from ringcentral_meetings.protocol import contract, stdio
from ringcentral_meetings.protocol.audit import CallRecord, Entry
from ringcentral_meetings.protocol.building import StrictTool
from ringcentral_meetings.protocol.redaction import may_hold_secrets, redacted
from ringcentral_meetings.protocol.validation import invalid_arguments

MAX_COMPLETIONS = 100
"""The most values that the protocol allows in one answer."""

_CONTENT_SINCE = {"audio": "2025-03-26", "resource_link": "2025-06-18"}
"""The revisions that introduced kinds of content. The other kinds are in every revision."""

logger = logging.getLogger(__name__)

AppT = TypeVar("AppT")


class ContractServer(MCPServer[AppT]):
    """An `MCPServer` that answers every failure of a tool with one short error result in JSON."""

    _refusal: Callable[[], errors.MeetingsError] | None = None
    _call_for: Callable[[str], None] | None = None
    _secrets: Callable[[AppT], Iterable[str]] | None = None
    _record: CallRecord | None = None
    _withheld: frozenset[str] = frozenset()
    _permit: Callable[[StrictTool], None] | None = None

    def refuse_with(self, make: Callable[[], errors.MeetingsError]) -> None:
        """Answer every tool call and every read of a resource with the error that `make` returns."""
        self._refusal = make

    def name_callers(self, call_for: Callable[[str], None]) -> None:
        """Call `call_for` with the caller (`contract.caller`) at the beginning of every tool call."""
        self._call_for = call_for

    def record_with(self, record: CallRecord) -> None:
        """Record every tool call."""
        self._record = record

    def permit_with(self, permit: Callable[[StrictTool], None]) -> None:
        """Call `permit` with the tool before every tool call; it raises a `MeetingsError` where the caller may not."""
        self._permit = permit

    def _raise_refusal(self) -> None:
        if self._refusal is not None:
            raise self._refusal()

    def keep_secret(self, secrets: Callable[[AppT], Iterable[str]]) -> None:
        """Remove the values that `secrets` returns from every result and error.

        `secrets` is called with what the lifespan yielded.
        """
        self._secrets = secrets

    def withhold(self, names: Iterable[str]) -> None:
        """Answer calls of these tools, which a read-only server lacks, with the reason why."""
        self._withheld = frozenset(names)

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[AppT, Any] | None = None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool. Failures become error results, without secrets and without the text of foreign exceptions."""
        if self._call_for is not None and context is not None:
            self._call_for(contract.caller(context))
        result = await self._call_tool(name, arguments, context)
        if isinstance(result, InputRequiredResult):
            return result
        return _without_secrets(result, self._known_secrets(context))

    async def _call_tool(
        self, name: str, arguments: dict[str, Any], context: Context[AppT, Any] | None
    ) -> CallToolResult | InputRequiredResult:
        with contract.new_call(), self._recorded(name, arguments, context) as entry:
            try:
                result = await self._attempt(name, arguments, context)
            except errors.MeetingsError as error:
                entry.failed(error)
                return _error_result(name, error)
            entry.answered(result)
            return result

    async def _attempt(
        self, name: str, arguments: dict[str, Any], context: Context[AppT, Any] | None
    ) -> CallToolResult | InputRequiredResult:
        """Call a tool.

        Raises:
            errors.MeetingsError: Whatever failed.
        """
        tool = self._strict_tool(name)
        self._raise_refusal()
        if self._permit is not None:
            self._permit(tool)
        _refuse_unknown(tool, arguments)
        try:
            with _time_limit(tool):
                result = await super().call_tool(name, arguments, context)
        except TimeoutError:
            if (unknown := contract.open_write()) is not None:
                raise unknown from None
            raise errors.declined(f"no answer within {contract.CONFIRMATION_SECONDS:g} s") from None
        except MCPError as unasked:
            logger.info("Tool %s: the client did not take a question: %s", name, unasked)
            raise errors.declined("the client could not put the question") from None
        except ToolError as wrapped:
            raise _unwrap(tool, wrapped) from None
        return _in_revision(context.protocol_version if context is not None else None, result)

    def _recorded(
        self, name: str, arguments: Mapping[str, Any], context: Context[AppT, Any] | None
    ) -> AbstractContextManager[Entry]:
        tool = self._tool_manager.get_tool(name)
        if self._record is None:
            return nullcontext(Entry(tool, arguments))
        return self._record.entry(tool, arguments, context)

    async def list_tools(self) -> list[PublishedTool]:
        """List the tools, each with the address of its view if it has one (MCP Apps, `_meta.ui.resourceUri`)."""
        listed = await super().list_tools()
        for one in listed:
            if (view := self._strict_tool(one.name).view) is not None:
                one.meta = {"ui": {"resourceUri": view()}}
        return listed

    async def get_prompt(
        self, name: str, arguments: dict[str, Any] | None = None, context: Context[AppT, Any] | None = None
    ) -> GetPromptResult | InputRequiredResult:
        """Render a prompt. Unknown prompts and bad arguments raise a protocol error."""
        try:
            _check_prompt_arguments(self._known_prompt(name), arguments or {})
        except errors.MeetingsError as error:
            raise MCPError(INVALID_PARAMS, errors.in_words(error)) from error
        return await super().get_prompt(name, arguments, context)

    async def read_resource(
        self, uri: AnyUrl | str, context: Context[AppT, Any] | None = None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        """Read a resource.

        Raises:
            ResourceError: Worded by `errors`, without secrets and without the text of foreign exceptions.
        """
        known = self._known_secrets(context)
        try:
            read = await self._read_resource(uri, context)
        except ResourceError as error:
            raise type(error)(redacted(str(error), known)) from None
        if isinstance(read, InputRequiredResult):
            return read
        return [dataclasses.replace(one, content=redacted(one.content, known)) for one in read]

    async def _read_resource(
        self, uri: AnyUrl | str, context: Context[AppT, Any] | None
    ) -> Iterable[ReadResourceContents] | InputRequiredResult:
        with contract.new_call():
            try:
                self._raise_refusal()
                with contract.within_budget():
                    return await super().read_resource(uri, context)
            except UnexpectedResourceError as wrapped:
                raise _resource_error(_error_within(wrapped, "The resource")) from None
            except ResourceNotFoundError:
                known = (template.uri_template for template in self._resource_manager.list_templates())
                raise _resource_error(errors.unknown_resource(str(uri), known)) from None
            except errors.MeetingsError as late:
                raise _resource_error(late) from None

    def complete_with(self, complete: Callable[[AppT, str, str], Awaitable[Sequence[str]]]) -> None:
        """Answer completion requests with the values that `complete` returns, the likeliest first.

        `complete` is called with what the lifespan yielded, the name of an argument, and what has been typed so far.
        """

        async def handle(ctx: ServerRequestContext[AppT, Any], params: CompleteRequestParams) -> CompleteResult:
            try:
                known = self._arguments(params.ref)
            except errors.MeetingsError as error:
                raise MCPError(INVALID_PARAMS, errors.in_words(error)) from error
            name, typed = params.argument.name, params.argument.value
            values = await complete(ctx.lifespan_context, name, typed) if name in known else ()
            first = list(values[:MAX_COMPLETIONS])
            return CompleteResult(
                completion=Completion(values=first, total=len(values), has_more=len(values) > len(first))
            )

        # The SDK's decorator for completions hands over no lifespan context, and so no services.
        self._lowlevel_server.add_request_handler("completion/complete", CompleteRequestParams, handle)

    async def run_stdio_async(self) -> None:
        """Serve stdin and stdout until stdin ends and each request is answered, or the client no longer reads."""
        async with stdio.opened() as (incoming, outgoing):
            options = self._lowlevel_server.create_initialization_options()
            await self._lowlevel_server.run(incoming, outgoing, options)

    def _known_secrets(self, context: Context[AppT, Any] | None) -> Iterable[str]:
        if self._secrets is None or context is None:
            return ()
        return self._secrets(context.request_context.lifespan_context)

    def _strict_tool(self, name: str) -> StrictTool:
        tool = self._tool_manager.get_tool(name)
        if not isinstance(tool, StrictTool):
            known = [one.name for one in self._tool_manager.list_tools()]
            raise errors.read_only(name, known) if name in self._withheld else errors.unknown_tool(name, known)
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


def _without_secrets(result: CallToolResult, secrets: Iterable[str]) -> CallToolResult:
    """Return a result or error without the secrets that RingCentral's answer may have brought into it."""
    secrets = list(secrets)
    (block, *more) = result.content
    # The text is all that a result holds, but for attachments: structured content is the same.
    if not more and isinstance(block, TextContent) and not may_hold_secrets(block.text, secrets):
        return result
    whole = result.model_dump(mode="json", by_alias=True)
    first, *attached = whole["content"]
    facts = json.loads(first["text"])  # within JSON, an escape could stand right before a secret
    shown = redacted([facts, attached], secrets)
    if shown == [facts, attached]:
        return result
    text = {**first, "text": pydantic_core.to_json(shown[0]).decode()}
    structured = shown[0] if result.structured_content is not None else None
    return CallToolResult.model_validate({**whole, "content": [text, *shown[1]], "structuredContent": structured})


def _time_limit(tool: StrictTool) -> AbstractContextManager[object]:
    """Limit a call that may ask the person something; for other calls the budget of their work is limit enough."""
    seconds = contract.CALL_SECONDS + contract.CONFIRMATION_SECONDS
    return anyio.fail_after(seconds) if tool.resolved_params else nullcontext()


def _in_revision(
    revision: str | None, result: CallToolResult | InputRequiredResult
) -> CallToolResult | InputRequiredResult:
    """Return a result without kinds of content that the revision lacks: its clients would reject all of the result."""
    if isinstance(result, InputRequiredResult) or revision is None:
        return result
    known = [block for block in result.content if is_version_at_least(revision, _CONTENT_SINCE.get(block.type, OLDEST))]
    return result.model_copy(update={"content": known})


def _refuse_unknown(tool: StrictTool, arguments: Mapping[str, Any]) -> None:
    """Refuse arguments that the tool does not have; the SDK would drop them silently."""
    valid = tool.parameters["properties"]
    if unknown := set(arguments) - set(valid):
        nested = {name: node["properties"] for name, node in valid.items() if "properties" in node}
        raise errors.unknown_arguments(tool.name, unknown, valid, tool.hints, nested)


def _unwrap(tool: StrictTool, wrapped: ToolError) -> errors.MeetingsError:
    """Return the domain error within the SDK's wrappers, or what is wrong with the arguments or an answer."""
    cause = wrapped.__cause__
    # No tool of ours raises one; the SDK does for an answer that has no content, or not what was asked for.
    if isinstance(cause, ToolError) and not isinstance(cause, UnexpectedToolError):
        logger.info("Tool %s: %s", tool.name, cause)
        return errors.declined("the answer did not fit the question")
    # Invalid arguments are a plain ToolError. A validation error within the tool is a fault of ours, and a subclass.
    if isinstance(cause, ValidationError) and type(wrapped) is ToolError:
        return invalid_arguments(cause, tool.parameters)
    return _error_within(wrapped, tool.name)


def _error_within(wrapped: Exception, what: str) -> errors.MeetingsError:
    """Return the domain error within the SDK's wrappers; anything else is a fault of ours, logged and not shown."""
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


def _check_prompt_arguments(prompt: Prompt, given: Mapping[str, str]) -> None:
    arguments = prompt.arguments or ()
    missing = [one.name for one in arguments if one.required and not given.get(one.name, "").strip()]
    unknown = set(given) - {one.name for one in arguments}
    if missing or unknown:
        raise errors.prompt_arguments(prompt.name, missing, unknown, [one.name for one in arguments])


def _error_result(tool: str, error: errors.MeetingsError) -> CallToolResult:
    logger.info("Tool %s answered %s", tool, error.code)
    return CallToolResult(content=[TextContent(type="text", text=errors.as_json(error))], is_error=True)
