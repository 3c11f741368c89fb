"""Bytes that a model or a client reads: tool definitions, and the text of answers.

Against FastMCP's `from_openapi` over the seven operations, and against what the API itself answers. Text is counted
as it is sent, definitions as minified JSON.
"""

import asyncio
import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from . import processes
from .calls import COMMANDS, MEETING_ID
from .clients import Client, call, over_stdio, text_of
from .figures import table

COUNTS = (1, 20, 100)
WIDE = {"window_start": "2020-01-01", "window_end": "2040-01-01", "limit": 100}
LIST_PATH = "/restapi/v1.0/account/~/extension/~/meeting"

Sizes = dict[str, dict[str, int]]


async def definitions(client: Client) -> dict[str, int]:
    """How many tools there are, and the bytes of what is published of them."""
    tools = (await client.request("tools/list", {}))["tools"]
    outputs = sum(_bytes(tool["outputSchema"]) for tool in tools if "outputSchema" in tool)
    told = [{name: tool.get(name) for name in ("name", "title", "description", "inputSchema")} for tool in tools]
    inputs = sum(_bytes({name: value for name, value in tool.items() if value is not None}) for tool in told)
    return {"tools": len(tools), "inputs": inputs, "outputs": outputs, "together": inputs + outputs}


async def list_texts(client: Client, upstream: str) -> dict[str, int]:
    """The bytes of our text for a list of so many meetings, over all its pages, and how many of these there are."""
    sizes: dict[str, int] = {}
    for count in COUNTS:
        change(upstream, meetings=count)
        texts, rows = await _pages(client)
        if rows != count:
            raise ValueError(f"{rows} of {count} meetings were listed")
        sizes[f"list of {count}"] = sum(len(text.encode()) for text in texts)
        sizes[f"list of {count}, pages"] = len(texts)
    return sizes


async def _pages(client: Client) -> tuple[list[str], int]:
    texts: list[str] = []
    rows, token = 0, None
    while True:
        text = text_of(await call(client, "list_meetings", WIDE | ({"page_token": token} if token else {})))
        texts.append(text)
        page = json.loads(text)
        rows += len(page["meetings"])
        token = page.get("next_page_token")
        if token is None:
            return texts, rows


async def peer_texts(client: Client, upstream: str) -> dict[str, int]:
    """The same of the peer, whose list is the API's own page."""
    who = {"accountId": "~", "extensionId": "~"}
    sizes: dict[str, int] = {}
    for count in COUNTS:
        change(upstream, meetings=count)
        sizes[f"list of {count}"] = len(text_of(await call(client, "listMeetings", who)).encode())
    sizes["one meeting"] = len(text_of(await call(client, "loadMeeting", who | {"meetingId": MEETING_ID})).encode())
    sizes["service info"] = len(text_of(await call(client, "loadMeetingServiceInfo", who)).encode())
    return sizes


def raw_bodies(upstream: str) -> dict[str, int]:
    """The same of the API."""
    sizes: dict[str, int] = {}
    for count in COUNTS:
        change(upstream, meetings=count)
        sizes[f"list of {count}"] = len(fetch(upstream + LIST_PATH))
    sizes["one meeting"] = len(fetch(f"{upstream}{LIST_PATH}/{MEETING_ID}"))
    sizes["service info"] = len(fetch(f"{upstream}{LIST_PATH}/service-info"))
    return sizes


def fetch(url: str) -> bytes:
    """The body at an address of the upstream."""
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310  (loopback, of our own process)
        body: bytes = answer.read()
        return body


def change(upstream: str, **settings: float) -> None:
    """Change the upstream."""
    fetch(f"{upstream}/set?" + "&".join(f"{name}={value}" for name, value in settings.items()))


def _bytes(data: Any) -> int:
    return len(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode())


async def measure() -> tuple[Sizes, Sizes]:
    """Definitions, and texts."""
    with processes.upstream() as upstream:
        env = processes.environment(upstream)
        async with over_stdio(COMMANDS["ours"], env) as ours, over_stdio(COMMANDS["peer"], env) as peer:
            described = {"ours": await definitions(ours), "peer": await definitions(peer)}
            texts = {"ours": await list_texts(ours, upstream), "peer": await peer_texts(peer, upstream)}
            one = await call(ours, "get_meeting", {"meeting_id": MEETING_ID})
            info = await call(ours, "get_meeting_service_info", {})
            texts["ours"] |= {"one meeting": len(text_of(one).encode()), "service info": len(text_of(info).encode())}
            return described, texts | {"raw": raw_bodies(upstream)}


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON; `quick` or not."""
    described, texts = asyncio.run(measure())
    columns = ["tools", "inputs", "outputs", "together"]
    rows = [[name, *(f"{sizes[column]:,}" for column in columns)] for name, sizes in described.items()]
    first = table(["definitions, bytes", *columns], rows)
    lines = [[what, *_compared(what, texts)] for what in texts["raw"]]
    second = table(["text of answers, bytes", "ours", "peer", "raw body", "ours / raw", "ours / peer"], lines)
    return f"{first}\n\n{second}", {"definitions": described, "texts": texts}


def _compared(what: str, texts: Mapping[str, Mapping[str, int]]) -> list[str]:
    ours, peer, raw = texts["ours"][what], texts["peer"][what], texts["raw"][what]
    pages = texts["ours"].get(f"{what}, pages", 1)
    told = f"{ours:,}" if pages == 1 else f"{ours:,} in {pages} pages"
    return [told, f"{peer:,}", f"{raw:,}", f"{ours / raw:.3f}", f"{ours / peer:.3f}"]
