"""The command `call`: one call of a tool from the shell, through the real server in this process."""

import json
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import anyio
import click
from click.shell_completion import CompletionItem
from mcp import Client
from mcp.client import ClientRequestContext
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, TextContent

from ringcentral_meetings import PROGRAM, errors, logs
from ringcentral_meetings.app import READ_TOOLS, WRITE_TOOLS, build_server
from ringcentral_meetings.cli.exits import USAGE_ERROR
from ringcentral_meetings.protocol import audit_file
from ringcentral_meetings.protocol.building import build_tool
from ringcentral_meetings.settings import Settings


def run(settings: Settings, tool: str, pairs: Iterable[str], *, as_json: bool) -> int:
    """Call a tool with arguments of the form `name=value`; return 0, or 1 if it answers an error.

    Return 2, and call nothing, where the audit log cannot be written.
    """
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    if (wrong := audit_file.problem(settings.audit_log)) is not None:
        click.echo(f"{PROGRAM}: {wrong}", err=True)
        return USAGE_ERROR
    result = anyio.run(_answer, settings, tool, [pair.partition("=")[::2] for pair in pairs])
    block = result.content[0]
    text = block.text if isinstance(block, TextContent) else ""
    if not result.is_error or as_json:
        click.echo(text)
    else:
        click.echo(f"{PROGRAM}: {_for_a_person(json.loads(text)['error'])}", err=True)
    return int(result.is_error or 0)


async def _answer(settings: Settings, tool: str, pairs: list[tuple[str, str]]) -> CallToolResult:
    ask = _ask if sys.stdin is not None and sys.stdin.isatty() else None
    async with Client(build_server(settings), elicitation_callback=ask) as client:
        listed = {one.name: one.input_schema["properties"] for one in (await client.list_tools()).tools}
        known = listed.get(tool, {})
        return await client.call_tool(tool, {name: _value(text, known.get(name, {})) for name, text in pairs})


async def _ask(
    context: ClientRequestContext,  # noqa: ARG001  (the SDK's protocol names it)
    params: ElicitRequestParams,
) -> ElicitResult:
    if click.confirm(params.message, err=True):
        return ElicitResult(action="accept", content={"confirm": True})
    return ElicitResult(action="decline")


def _value(text: str, schema: Mapping[str, Any]) -> Any:
    """Return the JSON value of a text, or the text: where it is no JSON, and where the argument takes text alone."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str) or _types(schema) - {"string", "null"} else text


def _types(schema: Mapping[str, Any]) -> set[str]:
    """Return the JSON types that a schema names; any for one that names none."""
    types = schema.get("type", "any")
    return {types} if isinstance(types, str) else set(types)


def _for_a_person(error: Mapping[str, Any]) -> str:
    """Return what an error says, and on a second line what to do."""
    rebuilt = errors.Refused(error["code"], error["message"], error["next_step"])
    return f"{rebuilt.message}\n{errors.next_step_for_a_person(rebuilt, 'run this again')}"


def complete_tool(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:  # noqa: ARG001
    """Return the tools whose names begin with what has been typed, each with its title."""
    tools = {spec.fn.__name__: spec.title for spec in (*READ_TOOLS, *WRITE_TOOLS)}
    return [CompletionItem(name, help=title) for name, title in tools.items() if name.startswith(typed)]


def complete_argument(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:  # noqa: ARG001
    """Return the tool's arguments as `name=`, or after that its closed set of values."""
    spec = next((spec for spec in (*READ_TOOLS, *WRITE_TOOLS) if spec.fn.__name__ == ctx.params.get("tool")), None)
    schemas = build_tool(spec).parameters["properties"] if spec is not None else {}
    name, is_named, _ = typed.partition("=")
    if is_named:
        offers = {f"{name}={value}": "" for value in _values(schemas.get(name, {}))}
    else:
        offers = {f"{known}=": schema.get("description", "") for known, schema in schemas.items()}
    return [CompletionItem(offer, help=help_) for offer, help_ in offers.items() if offer.startswith(typed)]


def _values(schema: Mapping[str, Any]) -> list[str]:
    return ["true", "false"] if schema.get("type") == "boolean" else [str(one) for one in schema.get("enum", ())]
