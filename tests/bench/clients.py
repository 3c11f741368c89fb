"""MCP clients that cost next to nothing, so that the server is what is measured."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from typing import Any, Protocol

import aiohttp

LONGEST_LINE = 64_000_000
IDLE_SECONDS = 2.0
"""Below the 5 s after which uvicorn drops an idle connection, so that no call meets one that is just being dropped."""

PATIENCE = aiohttp.ClientTimeout(total=30)
FORMER, PRESENT = "2025-06-18", "2026-07-28"
"""A protocol with sessions, and the one without."""

ERAS = (FORMER, PRESENT)
WHO = {"name": "bench", "version": "0"}
INITIALIZE = {"protocolVersion": FORMER, "capabilities": {}, "clientInfo": WHO}
ENVELOPE = {
    f"io.modelcontextprotocol/{name}": value
    for name, value in {"protocolVersion": PRESENT, "clientInfo": WHO, "clientCapabilities": {}}.items()
}
"""What each request of the present protocol says of its client."""

ACCEPT = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}

Message = dict[str, Any]


class Client(Protocol):
    """Sends one request and gives its result."""

    async def request(self, method: str, params: Mapping[str, Any]) -> Message: ...


async def call(client: Client, tool: str, arguments: Mapping[str, Any]) -> Message:
    """The result of a tool. Raises `ValueError` for one that is an error: no failure is to pass for a fast answer."""
    result = await client.request("tools/call", {"name": tool, "arguments": arguments})
    if result.get("isError"):
        raise ValueError(f"{tool}: {result['content']}")
    return result


def text_of(result: Message) -> str:
    """The text that a model is shown."""
    return "".join(block.get("text", "") for block in result["content"])


class StdioClient:
    """Over the pipes of a process."""

    def __init__(self, process: asyncio.subprocess.Process, era: str) -> None:
        self._process = process
        self._era = era
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Message]] = {}
        self.pid = process.pid

    async def request(self, method: str, params: Mapping[str, Any]) -> Message:
        number = next(self._numbers)
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        self.tell({"jsonrpc": "2.0", "id": number, "method": method, "params": _in_era(params, self._era)})
        return _result(await answer)

    def tell(self, message: Mapping[str, Any]) -> None:
        """Send a message."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")

    async def listen(self) -> None:
        """Hand answers to those who wait for them, until the process ends."""
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            message = json.loads(line)
            if "id" in message and "method" not in message:
                self._waiting.pop(message["id"]).set_result(message)
        for answer in self._waiting.values():
            answer.set_exception(EOFError("the server has gone"))


@asynccontextmanager
async def over_stdio(command: Sequence[str], env: Mapping[str, str], era: str = FORMER) -> AsyncIterator[StdioClient]:
    """A session with a process of its own."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=dict(env),
        limit=LONGEST_LINE,
    )
    client = StdioClient(process, era)
    listening = asyncio.create_task(client.listen())
    try:
        if era == FORMER:
            await client.request("initialize", INITIALIZE)
            client.tell({"jsonrpc": "2.0", "method": "notifications/initialized"})
        yield client
    finally:
        process.kill()
        await process.wait()
        await listening


class HttpClient:
    """Over streamable HTTP, in one session where the protocol has sessions."""

    def __init__(self, http: aiohttp.ClientSession, url: str, era: str, bearer: str | None = None) -> None:
        self._http = http
        self._url = url
        self._era = era
        self._numbers = count()
        self._headers = dict(ACCEPT) if era == FORMER else {**ACCEPT, "mcp-protocol-version": era}
        if bearer is not None:
            self._headers["authorization"] = f"Bearer {bearer}"

    async def request(self, method: str, params: Mapping[str, Any]) -> Message:
        sent = _in_era(params, self._era)
        message = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": sent}
        headers = self._headers if self._era == FORMER else self._headers | _routing(method, params)
        async with self._http.post(self._url, json=message, headers=headers) as response:
            body = await response.text()
            if session := response.headers.get("mcp-session-id"):
                self._headers |= {"mcp-session-id": session, "mcp-protocol-version": INITIALIZE["protocolVersion"]}  # type: ignore[dict-item]
        return _result(_answer(body))

    async def tell(self, message: Mapping[str, Any]) -> None:
        """Send a notification."""
        async with self._http.post(self._url, json=message, headers=self._headers) as response:
            response.raise_for_status()


@asynccontextmanager
async def over_http(url: str, era: str = FORMER) -> AsyncIterator[HttpClient]:
    """A session with a server that runs already."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS), timeout=PATIENCE
    ) as http:
        client = HttpClient(http, url, era)
        if era == FORMER:
            await client.request("initialize", INITIALIZE)
            await client.tell({"jsonrpc": "2.0", "method": "notifications/initialized"})
        yield client


def _in_era(params: Mapping[str, Any], era: str) -> Mapping[str, Any]:
    return params if era == FORMER else {**params, "_meta": ENVELOPE}


def _routing(method: str, params: Mapping[str, Any]) -> dict[str, str]:
    """What the present protocol repeats in the head of a request."""
    return {"mcp-method": method, **({"mcp-name": params["name"]} if "name" in params else {})}


def _answer(body: str) -> Message:
    """The message of a JSON body, or the answer in a stream of events."""
    if body.startswith("{"):
        message: Message = json.loads(body)
        return message
    datas = (line.removeprefix("data:") for line in body.splitlines() if line.startswith("data:"))
    messages: list[Message] = [json.loads(data) for data in datas if data.strip()]
    return next(message for message in messages if "id" in message and "method" not in message)


def _result(message: Message) -> Message:
    if "error" in message:
        raise ValueError(f"a protocol error: {message['error']}")
    result: Message = message["result"]
    return result
