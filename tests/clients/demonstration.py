"""A server with the tools, prompts and the resource that the conformance suite asks for, built by our own contract.

So the suite reaches what it cannot reach in a server with tools of its own: errors, progress, questions to the person
in both protocol eras, prompts, templates and completion. `python -m clients.demonstration` serves it over our HTTP.
"""

import sys
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import anyio
import click
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.resolve import AcceptedElicitation, Elicit, ElicitationResult, Resolve
from mcp.server.mcpserver.tools import Tool
from pydantic import BaseModel, Field

from ringcentral_meetings import errors
from ringcentral_meetings.protocol.building import build_prompt, build_tool
from ringcentral_meetings.protocol.contract import READ, Result, ToolSpec
from ringcentral_meetings.protocol.http import Address, bound, listen, serve
from ringcentral_meetings.protocol.server import ContractServer

Ctx = Context[Any, Any]


class Said(Result):
    """A text."""

    text: str


class Contact(BaseModel):
    """What `test_elicitation` asks for."""

    username: str = Field(description="User's response")
    email: str = Field(description="User's email address")


class Defaults(BaseModel):
    """A form with a default for each primitive type."""

    name: str = "John Doe"
    age: int = 30
    score: float = 95.5
    status: Literal["active", "inactive", "pending"] = "active"
    verified: bool = True


class Name(BaseModel):
    name: str


class Colour(BaseModel):
    color: str


class Confirmation(BaseModel):
    ok: bool


async def ask_contact(message: str) -> Elicit[Contact]:
    return Elicit(message, Contact)


async def ask_defaults() -> Elicit[Defaults]:
    return Elicit("Please fill this in", Defaults)


async def ask_name() -> Elicit[Name]:
    return Elicit("What is your name?", Name)


async def ask_confirmation() -> Elicit[Confirmation]:
    return Elicit("Please confirm", Confirmation)


AskName = Annotated[ElicitationResult[Name], Resolve(ask_name)]


async def ask_colour(step1: AskName) -> Elicit[Colour]:
    return Elicit("What is your favorite color?", Colour)


AskConfirmation = Annotated[ElicitationResult[Confirmation], Resolve(ask_confirmation)]


async def test_simple_text() -> Said:
    """Say a text."""
    return Said(text="This is a simple text response for testing.")


async def test_error_handling() -> Said:
    """Fail."""
    raise errors.invalid_argument("nothing", "this tool always fails")


async def test_tool_with_progress(ctx: Ctx) -> Said:
    """Tell how far it is."""
    for done in (0, 50, 100):
        await ctx.report_progress(progress=done, total=100)
    return Said(text="Done")


async def test_elicitation(
    message: Annotated[str, Field(description="What to ask")],
    answer: Annotated[ElicitationResult[Contact], Resolve(ask_contact)],
) -> Said:
    """Ask for a name and an address."""
    return Said(text=f"User response: {answer.action}")


async def test_elicitation_sep1034_defaults(
    answer: Annotated[ElicitationResult[Defaults], Resolve(ask_defaults)],
) -> Said:
    """Ask with a form that is filled in already."""
    return Said(text=f"Elicitation completed: {answer.action}")


async def test_input_required_result_elicitation(user_name: AskName) -> Said:
    """Ask for a name."""
    return Said(text=f"Hello, {user_name.data.name if isinstance(user_name, AcceptedElicitation) else 'nobody'}!")


async def test_input_required_result_request_state(confirm: AskConfirmation) -> Said:
    """Ask for a confirmation, and say that the state came back."""
    return Said(text=f"state-ok: {confirm.action}")


async def test_input_required_result_tampered_state(confirm: AskConfirmation) -> Said:
    """Ask for a confirmation."""
    return Said(text=confirm.action)


async def test_input_required_result_multi_round(
    step1: AskName, step2: Annotated[ElicitationResult[Colour], Resolve(ask_colour)]
) -> Said:
    """Ask twice."""
    return Said(text=f"{step1.action}, {step2.action}")


TOOLS = (
    test_simple_text,
    test_error_handling,
    test_tool_with_progress,
    test_elicitation,
    test_elicitation_sep1034_defaults,
    test_input_required_result_elicitation,
    test_input_required_result_request_state,
    test_input_required_result_tampered_state,
    test_input_required_result_multi_round,
)


def build() -> ContractServer[Any]:
    """The server."""
    tools: list[Tool] = [build_tool(ToolSpec(tool, tool.__name__, READ)) for tool in TOOLS]
    server = ContractServer[Any]("demonstration", version="0", tools=tools, log_level="CRITICAL")
    server.add_prompt(build_prompt("test_simple_prompt", "Simple", "Simple.", [], simple))
    given = [("arg1", "First", True), ("arg2", "Second", True)]
    server.add_prompt(build_prompt("test_prompt_with_arguments", "With arguments", "Two arguments.", given, worded))
    server.resource("test://static-text", mime_type="text/plain")(static_text)
    server.resource("test://template/{id}/data", mime_type="application/json")(data)
    server.complete_with(completed)
    return server


def simple(given: Mapping[str, str]) -> str:
    return "This is a simple prompt for testing."


def worded(given: Mapping[str, str]) -> str:
    return f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'"


async def static_text() -> str:
    return "This is the content of the static text resource."


async def data(id: str) -> str:  # noqa: A002  (the suite's word)
    return f'{{"id":"{id}","templateTest":true}}'


async def completed(services: Any, name: str, typed: str) -> Sequence[str]:
    return [city for city in ("paris", "park", "party") if city.startswith(typed)]


def main() -> int:
    """Serve until a signal comes; says where on stderr."""
    address = Address("127.0.0.1", 0)
    listeners = listen(address)

    def tell() -> None:
        click.echo(f"Serving MCP at {bound(address, listeners).url}", err=True)

    return 128 + anyio.run(serve, build(), listeners, tell)


if __name__ == "__main__":
    sys.exit(main())
