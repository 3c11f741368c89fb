"""Clients of a host, which send each request to whichever replica is next, and come back where they are told to."""

import itertools
import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

import anyio
import httpx
from mcp_types import CallToolResult, ListToolsResult

from campaign.ledger import Ledger
from campaign.replicas.processes import Process
from campaign.witness import CALL

MOST_TRIES = 2_000
PRESENT = "2026-07-28"
MARK = re.compile(r"\bm(\d+)-\d+\b")
"""The number of the person whose intent a topic is of."""

ENVELOPE = {
    "io.modelcontextprotocol/protocolVersion": PRESENT,
    "io.modelcontextprotocol/clientCapabilities": {},
    "io.modelcontextprotocol/clientInfo": {"name": "campaign", "version": "1"},
}


class Balancer(Protocol):
    """Chooses a process for each request."""

    def next(self) -> Process: ...


class HostedClient:
    """A client with somebody's bearer token, of either era. `acting_for` is the extension that it schedules for."""

    def __init__(
        self, balancer: Balancer, bearer: str, ledger: Ledger, own: range, era: str | None, acting_for: str | None
    ) -> None:
        self._balancer, self._ledger, self._own = balancer, ledger, own
        self._era, self._acting_for = era, acting_for
        self._headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json, text/event-stream"}
        self._numbers = itertools.count(1)
        self._tools: ListToolsResult | None = None
        self.told_to_return = 0

    async def list_tools(self) -> ListToolsResult:
        """Return the tools, which are the same at every replica."""
        if self._tools is None:
            self._tools = ListToolsResult.model_validate(await self._request("tools/list", {}))
        return self._tools

    async def call_tool(self, name: str, arguments: Mapping[str, Any]) -> CallToolResult:
        """Call a tool. Raises `Unanswered`."""
        given = dict(arguments)
        if self._acting_for is not None and await self._takes_host(name):
            given["host_id"] = self._acting_for
        result = await self._request("tools/call", {"name": name, "arguments": given}, name)
        strangers = {number for number in MARK.findall(json.dumps(result)) if int(number) not in self._own}
        if strangers:
            self._ledger.complain(f"{name} {arguments}: holds what is of {sorted(strangers)}")
        return CallToolResult.model_validate(result)

    async def _takes_host(self, name: str) -> bool:
        tools = (await self.list_tools()).tools
        return any(tool.name == name and "host_id" in tool.input_schema["properties"] for tool in tools)

    async def _request(self, method: str, params: dict[str, Any], name: str | None = None) -> dict[str, Any]:
        headers = dict(self._headers)
        if self._era is not None:
            params = {**params, "_meta": ENVELOPE}
            headers |= {"MCP-Protocol-Version": self._era, "Mcp-Method": method} | ({"Mcp-Name": name} if name else {})
        body = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}
        for _ in range(MOST_TRIES):
            answer = await self._balancer.next().post(body, headers)
            if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                return _result(answer)
            self._check_nothing_done(method, name)
            self.told_to_return += 1
            await anyio.sleep(0.005)
        raise AssertionError(f"{method} {name}: told to come back {MOST_TRIES} times")

    def _check_nothing_done(self, method: str, name: str | None) -> None:
        """A 503 lets a balancer send the request to the next process: nothing may have come of it."""
        trace = CALL.get()
        if trace is not None and trace.exchanges:
            self._ledger.complain(f"{method} {name}: 503, and sent {trace.exchanges}")


def _result(answer: httpx.Response) -> dict[str, Any]:
    """Return the result in an answer, which is JSON, or a stream of events that may hold notifications."""
    assert answer.status_code == httpx.codes.OK, (answer.status_code, answer.text)
    lines = [line.removeprefix("data:") for line in answer.text.splitlines() if line.startswith(("data:", "{"))]
    messages = [json.loads(line) for line in lines if line.strip()]
    [message] = [message for message in messages if "method" not in message]
    assert "result" in message, message
    result: dict[str, Any] = message["result"]
    return result
