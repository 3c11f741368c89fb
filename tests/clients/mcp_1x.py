"""The client of the Python SDK's 1.x line, which most of today's programs have."""

from importlib.metadata import version
from typing import Any

import anyio
import httpx
from mcp import ClientSession, StdioServerParameters, stdio_client
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp.types import CallToolResult, ElicitRequestParams, ElicitResult

from clients.plan import EXPIRY, Plan, Report, Script, Seen, read_plan, write

CALLBACK = "http://127.0.0.1:33418/callback"


class Kept:
    """What a program keeps of a sign-in."""

    tokens: OAuthToken | None = None
    client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self.client = client_info


def provider(plan: Plan) -> OAuthClientProvider:
    """The SDK's OAuth, with the person of the plan."""
    ends: list[dict[str, str]] = []

    async def visit(address: str) -> None:
        ends.append(await anyio.to_thread.run_sync(plan.visit, address))

    async def answer() -> tuple[str, str | None]:
        given = ends.pop()
        return given["code"], given["state"]

    metadata = OAuthClientMetadata(client_name="A check", redirect_uris=[CALLBACK])
    return OAuthClientProvider(plan.url, metadata, Kept(), visit, answer)


async def main(plan: Plan) -> None:
    report = Report(f"mcp {version('mcp')}", shows=["title", "annotations", "outputSchema"], questions=[])

    async def agree(context: Any, params: ElicitRequestParams) -> ElicitResult:
        report.questions.append(params.message)
        return ElicitResult(action="accept", content={"confirm": True})

    parameters = StdioServerParameters(command=plan.command[0], args=plan.command[1:])
    auth = provider(plan) if plan.url and plan.person else None
    async with (
        httpx.AsyncClient(auth=auth, timeout=60) as http,
        streamable_http_client(plan.url, http_client=http) if plan.url else stdio_client(parameters) as (
            incoming,
            outgoing,
            *_,
        ),
        ClientSession(incoming, outgoing, elicitation_callback=agree) as session,
    ):
        report.client += f", {(await session.initialize()).protocolVersion}"
        listed = await session.list_tools()
        report.tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed.tools]
        for step, arguments in Script(plan, report):
            if auth is not None and step.after == EXPIRY:
                auth.context.token_expiry_time = 1.0
            report.steps[step.name] = seen(await session.call_tool(step.tool, arguments))
    write(report, plan.report)


def seen(result: CallToolResult) -> Seen:
    return Seen(result.content[0].text, result.isError, result.structuredContent)


if __name__ == "__main__":
    anyio.run(main, read_plan())
