"""FastMCP's client, as it is set up by default: it negotiates the protocol by itself."""

from importlib.metadata import version
from typing import Any

import anyio
from fastmcp import Client
from fastmcp.client.auth import OAuth
from fastmcp.client.elicitation import ElicitResult
from fastmcp.client.transports import StdioTransport
from fastmcp.exceptions import ToolError
from pydantic import TypeAdapter

from clients.plan import EXPIRY, Plan, Report, Script, Seen, read_plan, write


async def main(plan: Plan) -> None:
    report = Report(f"fastmcp {version('fastmcp')}", shows=["title", "annotations", "outputSchema"], questions=[])

    async def agree(message: str, response_type: Any, params: Any, context: Any) -> ElicitResult[Any]:
        report.questions.append(message)
        return ElicitResult(action="accept", content={"confirm": True})

    target = plan.url or StdioTransport(plan.command[0], plan.command[1:])
    auth = OAuth() if plan.person else None
    async with Client(target, auth=auth, elicitation_handler=agree) as client:
        report.client += f", {client.protocol_version}"
        listed = await client.list_tools()
        report.tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed]
        for step, arguments in Script(plan, report):
            if auth is not None and step.after == EXPIRY:
                auth.context.token_expiry_time = 1.0
            report.steps[step.name] = await seen(client, step.tool, arguments)
    write(report, plan.report)


async def seen(client: Client[Any], tool: str, arguments: dict[str, Any]) -> Seen:
    """Errors as FastMCP raises them; `data` is what it makes of the output schema, here without the absent fields."""
    try:
        result = await client.call_tool(tool, arguments)
    except ToolError as refused:
        return Seen(str(refused), is_error=True)
    data = TypeAdapter(type(result.data)).dump_python(result.data, mode="json", exclude_none=True)
    return Seen(result.content[0].text, result.is_error, data)


if __name__ == "__main__":
    anyio.run(main, read_plan())
