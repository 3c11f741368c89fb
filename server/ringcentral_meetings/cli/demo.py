"""The command `demo`: the real server as a subprocess, driven by a real client, on the simulator."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from anyio.from_thread import start_blocking_portal
from mcp import Client, MCPError, StdioServerParameters
from mcp.client import ClientRequestContext, Transport
from mcp.server.mcpserver import MCPServer
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, TextContent

from ringcentral_meetings.cli.demo_frames import Frames
from ringcentral_meetings.cli.demo_output import Output, Table, Taken
from ringcentral_meetings.cli.working_day import STEPS, Step, differences

SECONDS_A_CALL = 30.0
SERVER = StdioServerParameters(
    command=sys.executable,
    args=["-P", "-m", "ringcentral_meetings", "--simulator"],
    env={"RINGCENTRAL_LOG_LEVEL": "ERROR"},
)

Server = StdioServerParameters | MCPServer[Any]
Call = Callable[[str, dict[str, Any]], CallToolResult]


def run(steps: Iterable[Step] = STEPS, server: Server = SERVER, output: Output | None = None) -> int:
    """Show the working day, as a table unless `output` says otherwise.

    Return 0 if every step went as expected, else 1.
    """
    return _run(steps, server, output or Table.on_stdout())


def run_as_json(steps: Iterable[Step] = STEPS, server: StdioServerParameters = SERVER) -> int:
    """Print the messages of the working day as they are exchanged; return as `run`."""
    frames = Frames()
    return _run(steps, frames.tapped(server), frames)


def _run(steps: Iterable[Step], server: Server | Transport, output: Output) -> int:
    person, taken, lost = Person(), list[Taken](), None
    try:
        with output.progress() as begin, connected(server, person) as call:
            taken.extend(_day(call, steps, person, begin))
    except* (MCPError, OSError) as group:
        lost = _first(group)
    return output.finish(taken, lost)


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
def connected(server: Server | Transport, person: Person) -> Iterator[Call]:
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


def _day(call: Call, steps: Iterable[Step], person: Person, begin: Callable[[str], None]) -> Iterator[Taken]:
    """Take the steps in turn, calling `begin` with the words of each first."""
    answers: dict[str, Any] = {}
    for step in steps:
        begin(step.words)
        result = call(step.tool, step.arguments(answers))
        answers[step.name] = answer = _content(result)
        question = person.last_question()
        yield Taken(step, answer, question, tuple(_problems(step, answers, result, question)))


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


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the first exception in a group that is not a group."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
