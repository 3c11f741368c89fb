"""A LangChain agent: the framework makes calls of a scripted model's wishes, and messages of what comes back."""

from collections.abc import Iterator, Sequence
from importlib.metadata import version
from typing import Any

import anyio
from langchain.agents import create_agent
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.tools import load_mcp_tools

from clients.plan import Plan, Report, Script, Seen, read_plan, write


async def main(plan: Plan) -> None:
    report = Report(f"langchain-mcp-adapters {version('langchain-mcp-adapters')}")
    client = MultiServerMCPClient({"meetings": connection(plan)})
    async with client.session("meetings") as session:
        agent = create_agent(Scripted(plan=plan, report=report), await load_mcp_tools(session))
        turns = {"recursion_limit": 3 * len(plan.steps)}
        await agent.ainvoke({"messages": [{"role": "user", "content": "Go"}]}, turns)
    write(report, plan.report)


def connection(plan: Plan) -> dict[str, Any]:
    if plan.url:
        return {"transport": "streamable_http", "url": plan.url}
    return {"transport": "stdio", "command": plan.command[0], "args": plan.command[1:]}


class Scripted(BaseChatModel):
    """Calls what the plan says, one call a turn, and notes what it is shown of the answer."""

    plan: Plan
    report: Report
    turns: Any = None

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[BaseTool], **more: Any) -> "Scripted":
        self.report.tools = [shown(tool) for tool in tools]
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **more: Any) -> ChatResult:
        if isinstance(messages[-1], ToolMessage):
            self.report.steps[messages[-1].tool_call_id] = seen(messages[-1])
        self.turns = self.turns or self._play()
        return ChatResult(generations=[ChatGeneration(message=next(self.turns))])

    def _play(self) -> Iterator[AIMessage]:
        for step, arguments in Script(self.plan, self.report):
            yield AIMessage("", tool_calls=[{"name": step.tool, "args": arguments, "id": step.name}])
        yield AIMessage("Done")


def shown(tool: BaseTool) -> dict[str, Any]:
    """A tool as requests to models hold it."""
    function = convert_to_openai_tool(tool)["function"]
    return {"name": function["name"], "description": function["description"], "inputSchema": function["parameters"]}


def seen(message: ToolMessage) -> Seen:
    content = message.content
    text = content if isinstance(content, str) else content[0]["text"]
    structured = (message.artifact or {}).get("structured_content")
    return Seen(text, message.status == "error", structured)


if __name__ == "__main__":
    anyio.run(main, read_plan())
