"""The client of the Python SDK 1.9, which has protocol 2025-03-26: no output schemas, no questions, no links."""

from importlib.metadata import version

import anyio
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.types import CallToolResult

from clients.plan import Plan, Report, Script, Seen, read_plan, write


async def main(plan: Plan) -> None:
    report = Report(f"mcp {version('mcp')}", shows=["annotations"])
    parameters = StdioServerParameters(command=plan.command[0], args=plan.command[1:])
    transport = streamablehttp_client(plan.url) if plan.url else stdio_client(parameters)
    async with transport as (incoming, outgoing, *_), ClientSession(incoming, outgoing) as session:
        report.client += f", {(await session.initialize()).protocolVersion}"
        listed = await session.list_tools()
        report.tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed.tools]
        for step, arguments in Script(plan, report):
            report.steps[step.name] = seen(await session.call_tool(step.tool, arguments))
    write(report, plan.report)


def seen(result: CallToolResult) -> Seen:
    return Seen(result.content[0].text, result.isError)


if __name__ == "__main__":
    anyio.run(main, read_plan())
