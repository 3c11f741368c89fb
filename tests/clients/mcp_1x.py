"""The client of the Python SDK's 1.x line, which most of today's programs have."""

from importlib.metadata import version
from typing import Any

import anyio
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult

from clients.plan import Plan, Report, Script, Seen, read_plan, write


async def main(plan: Plan) -> None:
    report = Report(f"mcp {version('mcp')}", shows=["title", "annotations", "outputSchema"], questions=[])

    async def agree(context: Any, params: ElicitRequestParams) -> ElicitResult:
        report.questions.append(params.message)
        return ElicitResult(action="accept", content={"confirm": True})

    parameters = StdioServerParameters(command=plan.command[0], args=plan.command[1:])
    transport = streamable_http_client(plan.url) if plan.url else stdio_client(parameters)
    async with (
        transport as (incoming, outgoing, *_),
        ClientSession(incoming, outgoing, elicitation_callback=agree) as session,
    ):
        report.client += f", {(await session.initialize()).protocolVersion}"
        listed = await session.list_tools()
        report.tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed.tools]
        for step, arguments in Script(plan, report):
            report.steps[step.name] = seen(await session.call_tool(step.tool, arguments))
    write(report, plan.report)


def seen(result: CallToolResult) -> Seen:
    return Seen(result.content[0].text, result.isError, result.structuredContent)


if __name__ == "__main__":
    anyio.run(main, read_plan())
