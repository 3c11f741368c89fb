"""The command `demo`: the real server as a subprocess, driven by a real client, on the simulator."""

import io
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from anyio.from_thread import start_blocking_portal
from mcp import Client, MCPError, StdioServerParameters
from mcp.client import ClientRequestContext
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, TextContent
from rich.console import Console
from rich.text import Text

from ringcentral_meetings.cli.working_day import STEPS, Step, at, differences

SECONDS_A_CALL = 30.0
ENTRIES_SHOWN = 5
SERVER = StdioServerParameters(
    command=sys.executable,
    args=["-P", "-m", "ringcentral_meetings", "--simulator"],
    env={"RINGCENTRAL_LOG_LEVEL": "ERROR"},
)

Server = StdioServerParameters | MCPServer[Any]
Call = Callable[[str, dict[str, Any]], CallToolResult]


def run(steps: Iterable[Step] = STEPS, server: Server = SERVER) -> int:
    """Show the working day; return 0 if every step went as expected, else 1."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    console = Console(highlight=False, markup=False, emoji=False)
    person = Person()
    try:
        with connected(server, person) as call:
            return _day(console, call, steps, person)
    except* (MCPError, OSError) as lost:
        _say(console, f"The server could not be used: {_first(lost)!r}", "bold red", indent=0)
    return 1


class Person:
    """The person at the client, who agrees to every question; the last one is remembered."""

    def __init__(self) -> None:
        self.question: str | None = None

    async def answer(
        self,
        context: ClientRequestContext,  # noqa: ARG002  (the SDK's protocol names it)
        params: ElicitRequestParams,
    ) -> ElicitResult:
        self.question = params.message
        return ElicitResult(action="accept", content={"confirm": True})

    def last_question(self) -> str | None:
        """Return the question asked since the last call, if any."""
        question, self.question = self.question, None
        return question


@contextmanager
def connected(server: Server, person: Person) -> Iterator[Call]:
    """Start the server, and yield a function that calls its tools.

    The client runs in its own thread, so that an exception raised here does not pass through its event loop.
    """
    client = Client(server, elicitation_callback=person.answer, read_timeout_seconds=SECONDS_A_CALL)
    with start_blocking_portal() as portal:
        session = portal.wrap_async_context_manager(client)
        session.__enter__()
        try:
            yield lambda tool, arguments: portal.call(client.call_tool, tool, arguments)
        finally:
            session.__exit__(None, None, None)


def _day(console: Console, call: Call, steps: Iterable[Step], person: Person) -> int:
    console.print("A working day on made-up data: an assistant calls the server's tools over MCP.", style="bold")
    answers: dict[str, Any] = {}
    failed: list[str] = []
    for number, step in enumerate(steps, 1):
        arguments = step.arguments(answers)
        _show_call(console, number, step, arguments)
        result = call(step.tool, arguments)
        answers[step.name] = answer = _content(result)
        question = person.last_question()
        _show_answer(console, step, answer, question)
        for problem in _problems(step, answers, result, question):
            failed.append(step.name)
            _say(console, f"differs: {problem}", "bold red")
    return _show_end(console, failed)


def _content(result: CallToolResult) -> Any:
    """Return what a model reads: the structured result, or the error in the text."""
    if not result.is_error:
        return result.structured_content
    block = result.content[0] if result.content else None
    text = block.text if isinstance(block, TextContent) else ""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return {"error": {"message": text}}


def _problems(step: Step, answers: Mapping[str, Any], result: CallToolResult, question: str | None) -> list[str]:
    expected = step.expected(answers)
    problems = differences(answers[step.name], expected)
    if result.is_error is not any(path.startswith("error.") for path in expected):
        problems.append(f"is_error: got {result.is_error}")
    if step.asked is None and question is not None:
        problems.append(f"no question was expected: {question}")
    if step.asked is not None and step.asked not in (question or ""):
        problems.append(f"a question about {step.asked} was expected: {question or 'none was asked'}")
    return problems


def _show_call(console: Console, number: int, step: Step, arguments: Mapping[str, Any]) -> None:
    console.print()
    _say(console, f"{number}. {step.words}", "bold", indent=3)
    listed = ", ".join(f"{name}={json.dumps(value)}" for name, value in arguments.items())
    _say(console, f"{step.tool}({listed})", "cyan")


def _show_answer(console: Console, step: Step, answer: Any, question: str | None) -> None:
    if question is not None:
        _say(console, f"the person is asked: {question} - yes", "magenta")
    error = at(answer, "error")
    if error is None:
        for shown in step.shown:
            for line in _lines(shown, answer):
                _say(console, line, "green")
        return
    _say(console, f"error {error.get('code')}: {error.get('message')}", "red")
    _say(console, f"next_step: {error.get('next_step')}", "yellow")
    if upstream := error.get("ringcentral"):
        _say(console, f"ringcentral: {json.dumps(upstream)}", "red")


def _lines(shown: str | tuple[str, str], answer: Any) -> list[str]:
    """Return the lines of one template, or the whole answer if it lacks what the template names."""
    try:
        if isinstance(shown, str):
            return [shown.format_map(_plain(answer))]
        path, template = shown
        entries = at(answer, path) or []
        lines = [template.format_map(_plain(entry)) for entry in entries[:ENTRIES_SHOWN]]
        return lines if len(entries) <= ENTRIES_SHOWN else [*lines, f"... {len(entries) - ENTRIES_SHOWN} more"]
    except (KeyError, TypeError):
        return [json.dumps(answer, ensure_ascii=False)]


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json.dumps(value) if isinstance(value, bool) else value for name, value in entry.items()}


def _say(console: Console, line: str, style: str, indent: int = 6) -> None:
    margin = " " * indent
    wrapped = textwrap.wrap(
        line, max(console.width, 40), initial_indent=margin, subsequent_indent=margin, break_on_hyphens=False
    )
    console.print(Text("\n".join(wrapped), style=style), soft_wrap=True)


def _show_end(console: Console, failed: list[str]) -> int:
    console.print()
    if failed:
        console.print(f"Not as expected: {', '.join(dict.fromkeys(failed))}.", style="bold red")
        return 1
    console.print("Every step went as expected. Nothing real was touched.", style="bold green")
    return 0


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first exception in a group that is not a group."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
