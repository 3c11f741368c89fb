"""The Python SDK's own client: `python -m clients.sdk legacy` or `auto`."""

import sys
from importlib.metadata import version
from typing import Any, Literal, cast

import anyio
from mcp import Client, StdioServerParameters
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, TextContent

from clients.plan import Plan, Report, Script, Seen, read_plan, write

Mode = Literal["legacy", "auto"]


async def main(plan: Plan, mode: Mode) -> None:
    report = Report(f"mcp {version('mcp')}", shows=["title", "annotations", "outputSchema"], questions=[])

    async def agree(context: Any, params: ElicitRequestParams) -> ElicitResult:
        assert report.questions is not None
        report.questions.append(params.message)
        return ElicitResult(action="accept", content={"confirm": True})

    target = plan.url or StdioServerParameters(command=plan.command[0], args=plan.command[1:])
    async with Client(target, mode=mode, elicitation_callback=agree) as client:
        report.client += f", {client.protocol_version}"
        listed = await client.list_tools()
        report.tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed.tools]
        for step, arguments in Script(plan, report):
            report.steps[step.name] = seen(await client.call_tool(step.tool, arguments))
    write(report, plan.report)


def seen(result: CallToolResult) -> Seen:
    first = result.content[0]
    assert isinstance(first, TextContent)
    return Seen(first.text, bool(result.is_error), result.structured_content)


if __name__ == "__main__":
    anyio.run(main, read_plan(), cast("Mode", sys.argv[1]))
