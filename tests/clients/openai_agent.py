"""An agent of the OpenAI Agents SDK: the framework makes calls of a scripted model's wishes, and items of answers."""

import json
from collections.abc import AsyncIterator, Iterator
from importlib.metadata import version
from typing import Any

import anyio
from agents import Agent, ModelResponse, Runner, Usage, set_tracing_disabled
from agents.mcp import MCPServerStdio, MCPServerStreamableHttp
from agents.models.chatcmpl_converter import Converter
from agents.models.interface import Model
from agents.tool import FunctionTool, Tool
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from clients.plan import Plan, Report, Script, Seen, read_plan, write


async def main(plan: Plan) -> None:
    set_tracing_disabled(True)
    report = Report(f"openai-agents {version('openai-agents')}")
    async with server(plan) as connected:
        assert connected.session is not None
        report.client += f", {connected.session.protocol_version}"
        agent = Agent("clerk", mcp_servers=[connected], model=Scripted(plan, report))
        await Runner.run(agent, "Go", max_turns=len(plan.steps) + 1)
    write(report, plan.report)


def server(plan: Plan) -> MCPServerStdio | MCPServerStreamableHttp:
    if plan.url:
        return MCPServerStreamableHttp({"url": plan.url})
    return MCPServerStdio({"command": plan.command[0], "args": plan.command[1:]})


class Scripted(Model):
    """Calls what the plan says, one call a turn, and notes what it is shown of the answer."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self._report = report
        self._turns = self._play(Script(plan, report))
        self._last: Any = None

    async def get_response(self, *rest: Any, tools: list[Tool], **request: Any) -> ModelResponse:
        self._report.tools = [shown(tool) for tool in tools]
        items = request["input"]
        self._last = items[-1] if isinstance(items, list) else None
        return ModelResponse(output=[next(self._turns)], usage=Usage(), response_id=None)

    def stream_response(self, *args: Any, **more: Any) -> AsyncIterator[Any]:
        raise NotImplementedError

    def _play(self, script: Script) -> Iterator[ResponseFunctionToolCall | ResponseOutputMessage]:
        for step, arguments in script:
            yield ResponseFunctionToolCall(
                type="function_call", call_id=step.name, name=step.tool, arguments=json.dumps(arguments)
            )
            self._report.steps[step.name] = seen(self._last)
        done = ResponseOutputText(type="output_text", text="Done", annotations=[])
        yield ResponseOutputMessage(id="1", type="message", role="assistant", status="completed", content=[done])


def shown(tool: Tool) -> dict[str, Any]:
    """A tool as the request to a model holds it."""
    assert isinstance(tool, FunctionTool)
    function = Converter.tool_to_openai(tool)["function"]
    return {"name": function["name"], "description": function["description"], "inputSchema": function["parameters"]}


def seen(item: dict[str, Any]) -> Seen:
    """The framework tells a model nothing of `isError`."""
    assert item["type"] == "function_call_output"
    output = item["output"]
    return Seen(output if isinstance(output, str) else output[0]["text"], is_error=None)


if __name__ == "__main__":
    anyio.run(main, read_plan())
