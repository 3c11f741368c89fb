"""A pydantic-ai agent: the framework makes calls of a scripted model's wishes, and messages of what comes back."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import anyio
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport
from pydantic_ai import Agent
from pydantic_ai.mcp import MCPToolset
from pydantic_ai.messages import ModelMessage, ModelResponse, TextPart, ToolCallPart, ToolReturnPart
from pydantic_ai.models.function import AgentInfo, FunctionModel

from clients.plan import Plan, Report, Script, Seen, read_plan, write


async def main(plan: Plan) -> None:
    report = Report(f"pydantic-ai {version('pydantic-ai-slim')}", questions=[])

    async def agree(message: str, response_type: Any, params: Any, context: Any) -> ElicitResult[Any]:
        report.questions.append(message)
        return ElicitResult(action="accept", content={"confirm": True})

    server = plan.url or StdioTransport(plan.command[0], plan.command[1:])
    toolset = MCPToolset(server, elicitation_handler=agree)
    agent = Agent(FunctionModel(Scripted(plan, report)), toolsets=[toolset])
    async with agent:
        report.client += f", {toolset.client.protocol_version}"
        await agent.run("Go")
    write(report, plan.report)


class Scripted:
    """Calls what the plan says, one call a turn, and notes what it is shown of the answer."""

    def __init__(self, plan: Plan, report: Report) -> None:
        self._report = report
        self._turns = self._play(Script(plan, report))
        self._last: ToolReturnPart | None = None

    def __call__(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self._report.tools = [
            {"name": tool.name, "description": tool.description, "inputSchema": tool.parameters_json_schema}
            for tool in info.function_tools
        ]
        returned = [part for part in messages[-1].parts if isinstance(part, ToolReturnPart)]
        self._last = returned[-1] if returned else None
        return ModelResponse(parts=[next(self._turns)])

    def _play(self, script: Script) -> Iterator[ToolCallPart | TextPart]:
        for step, arguments in script:
            yield ToolCallPart(step.tool, arguments)
            self._report.steps[step.name] = seen(self._last)
        yield TextPart("Done")


def seen(part: ToolReturnPart | None) -> Seen:
    assert part is not None
    return Seen(part.model_response_str(wrap_if_error=False), part.outcome != "success")


if __name__ == "__main__":
    anyio.run(main, read_plan())
