"""The Python SDK's own client: `python -m clients.sdk legacy` or `auto`."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any, Literal, cast

import anyio
import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.auth import OAuthClientProvider
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import AuthorizationCodeResult, OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from mcp_types import CallToolResult, ElicitRequestParams, ElicitResult, TextContent
from pydantic import AnyUrl

from clients.plan import EXPIRY, Plan, Report, Script, Seen, read_plan, write

Mode = Literal["legacy", "auto"]
CALLBACK = "http://127.0.0.1:33418/callback"


class Kept:
    """What a program keeps of a sign-in."""

    def __init__(self) -> None:
        self._tokens: OAuthToken | None = None
        self._client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._client = client_info


def provider(plan: Plan) -> OAuthClientProvider:
    """The SDK's OAuth, with the person of the plan."""
    ends: list[dict[str, str]] = []

    async def visit(address: str) -> None:
        ends.append(await anyio.to_thread.run_sync(plan.visit, address))

    async def answer() -> AuthorizationCodeResult:
        given = ends.pop()
        return AuthorizationCodeResult(code=given["code"], state=given["state"], iss=given["iss"])

    metadata = OAuthClientMetadata(client_name="A check", redirect_uris=[AnyUrl(CALLBACK)])
    return OAuthClientProvider(plan.url or "", metadata, Kept(), visit, answer)


@asynccontextmanager
async def target(plan: Plan, auth: OAuthClientProvider | None) -> AsyncIterator[Any]:
    """What a client is given: an address, with or without a sign-in, or a command."""
    if plan.url is None:
        yield StdioServerParameters(command=plan.command[0], args=plan.command[1:], env=dict(os.environ))
    elif auth is None:
        yield plan.url
    else:
        async with httpx2.AsyncClient(auth=auth, trust_env=False, timeout=60) as http:
            yield streamable_http_client(plan.url, http_client=http)


async def main(plan: Plan, mode: Mode) -> None:
    report = Report(f"mcp {version('mcp')}", shows=["title", "annotations", "outputSchema"], questions=[])

    async def agree(context: Any, params: ElicitRequestParams) -> ElicitResult:
        assert report.questions is not None
        report.questions.append(params.message)
        return ElicitResult(action="accept", content={"confirm": True})

    auth = provider(plan) if plan.url and plan.person else None
    async with target(plan, auth) as there, Client(there, mode=mode, elicitation_callback=agree) as client:
        report.client += f", {client.protocol_version}"
        listed = await client.list_tools()
        report.tools = [tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in listed.tools]
        for step, arguments in Script(plan, report):
            if auth is not None and step.after == EXPIRY:
                auth.context.token_expiry_time = 1.0
            report.steps[step.name] = seen(await client.call_tool(step.tool, arguments))
    write(report, plan.report)


def seen(result: CallToolResult) -> Seen:
    first = result.content[0]
    assert isinstance(first, TextContent)
    return Seen(first.text, bool(result.is_error), result.structured_content)


if __name__ == "__main__":
    anyio.run(main, read_plan(), cast("Mode", sys.argv[1]))
