"""Builds tools and prompts as they are published: strict arguments, slim schemas, compact results.

Like `protocol.server`, this touches the internals of the MCP SDK.
"""

import copy
import functools
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, cast

import pydantic_core
from mcp.server.mcpserver.prompts import Prompt
from mcp.server.mcpserver.prompts.base import PromptArgument
from mcp.server.mcpserver.tools import Tool
from mcp.server.mcpserver.utilities.func_metadata import FuncMetadata
from mcp_types import CallToolResult, InputRequiredResult, TextContent
from pydantic import Field
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core.core_schema import WithDefaultSchema

from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.contract import Result, ToolSpec
from ringcentral_meetings.protocol.schemas import slim
from ringcentral_meetings.protocol.validation import takes_text, without_blanks


class _WithoutDefaults(GenerateJsonSchema):
    """Generates the schemas of results, of which no defaults are published: writing those is a fifth of the work."""

    def default_schema(self, schema: WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


class StrictTool(Tool):
    """A `Tool` that also has the hints and the view of its `ToolSpec`."""

    hints: Mapping[str, str] = Field(default_factory=dict)
    view: Callable[[], str] | None = None


class CompactMetadata(FuncMetadata):
    """Leaves blank arguments out, and turns a `Result` into structured content, its text, and attachments."""

    common_fields: dict[str, Any] = Field(default_factory=dict)

    def validate_arguments(self, arguments_to_validate: dict[str, Any]) -> dict[str, Any]:
        # Lists and objects may come as text, which the SDK parses, and be blank as well.
        parsed = self.pre_parse_json(arguments_to_validate)
        given = {
            name: arguments_to_validate[name] if takes_text(self.arg_model, name) else parsed[name] for name in parsed
        }
        return super().validate_arguments(without_blanks(given, self.arg_model))

    def convert_result(self, result: Any) -> CallToolResult | InputRequiredResult:
        if isinstance(result, InputRequiredResult):
            return result
        whole = self._tool_result(cast("Result", result))
        if sum(len(block.model_dump_json()) for block in whole.content) <= contract.MAX_RESULT_BYTES:
            return whole
        return self._tool_result(cast("Result", result).with_less_attached())

    def _tool_result(self, result: Result) -> CallToolResult:
        content = structured_content(result, self.common_fields)
        text = TextContent(type="text", text=pydantic_core.to_json(content).decode())
        return CallToolResult(content=[text, *result.attachments()], structured_content=content)


def build_tool(spec: ToolSpec, common_fields: Mapping[str, Any] | None = None) -> StrictTool:
    """Build the tool as it is published: strict arguments, slim schemas, explicit annotations.

    `common_fields` are fields of `Result` that begin every result.

    Servers can be built side by side, as tests do: what is costly to derive from a function is derived once, and each
    tool gets its own copy of everything that could be changed.
    """
    derived = _derived_from(spec.fn)
    metadata = CompactMetadata(
        arg_model=derived.fn_metadata.arg_model,
        output_schema=copy.deepcopy(derived.fn_metadata.output_schema),
        common_fields=dict(common_fields or {}),
    )
    own = {
        "title": spec.title,
        "annotations": spec.annotations,
        "hints": spec.hints,
        "view": spec.view,
        "parameters": copy.deepcopy(derived.parameters),
        "fn_metadata": metadata,
        "resolved_params": dict(derived.resolved_params),
        "resolver_plans": dict(derived.resolver_plans),
    }
    return derived.model_copy(update=own)


@functools.cache
def _derived_from(fn: Callable[..., Awaitable[Result]]) -> StrictTool:
    """Derive from a function what all tools built of it share. The result is cached: copy it, never change it."""
    # structured_output=False: the result is a model already, so that the SDK need not derive a schema and an adapter.
    tool = cast("StrictTool", StrictTool.from_function(fn, description=_description(fn), structured_output=False))
    tool.fn = contract.budgeted(fn)
    tool.fn_metadata.output_schema = slim(
        _result_of(fn).model_json_schema(schema_generator=_WithoutDefaults), describe=False
    )
    tool.parameters = slim({"additionalProperties": False, **tool.parameters}, describe=True)
    return tool


def build_prompt(
    name: str,
    title: str,
    description: str,
    arguments: Sequence[tuple[str, str, bool]],
    render: Callable[[Mapping[str, str]], str],
) -> Prompt:
    """Build a prompt of one message, the text that `render` returns.

    `arguments` are names, descriptions, and whether each is required.
    """

    async def message(**given: str) -> str:
        return render(given)

    listed = [PromptArgument(name=name, description=text, required=required) for name, text, required in arguments]
    return Prompt(name=name, title=title, description=description, arguments=listed, fn=message, context_kwarg=None)


def structured_content(result: Result, common_fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a result as JSON data without `None`, after `common_fields` and the product that the call used."""
    used = contract.noted_product()
    product = {"product": used} if used is not None else {}
    return {**common_fields, **product, **result.model_dump(mode="json", exclude_none=True)}


def _result_of(fn: Callable[..., Awaitable[Result]]) -> type[Result]:
    return cast("type[Result]", inspect.signature(fn, eval_str=True).return_annotation)


def _description(fn: Callable[..., Any]) -> str:
    lines = (line.strip() for line in (fn.__doc__ or "").strip().splitlines())
    return "\n".join(lines)
