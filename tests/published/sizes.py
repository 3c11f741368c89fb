"""What the server publishes, and its size in bytes. Run as a script, prints the sizes."""

import json
import sys
from dataclasses import dataclass
from functools import cache
from typing import Any

import anyio
from mcp import Client
from mcp_types import Tool

from ringcentral_meetings.app import build_server
from ringcentral_meetings.settings import Settings

DEFINITION_BYTES = 19_000
OUTPUT_BYTES = 13_000
META_BYTES = 400
INSTRUCTION_BYTES = 2_000


@dataclass(frozen=True)
class Published:
    """What a client is told before it calls anything."""

    instructions: str
    tools: tuple[Tool, ...]
    discovered: dict[str, Any]
    """The answer to server/discover, without the instructions."""

    def sizes(self) -> dict[str, Any]:
        definitions = {tool.name: size(definition(tool)) for tool in self.tools}
        outputs = {tool.name: size(tool.output_schema) for tool in self.tools}
        return {
            "definitions": definitions | {"total": sum(definitions.values())},
            "outputs": outputs | {"total": sum(outputs.values())},
            "meta": sum(size(tool.meta) for tool in self.tools if tool.meta),
            "instructions": len(self.instructions.encode()),
        }


@cache
def published() -> Published:
    """What a client of the present protocol is told by the whole server, writing tools included."""

    async def fetch() -> Published:
        server = build_server(Settings(simulator=True, read_only=False, log_level="CRITICAL"))
        async with Client(server) as client:
            found = client.session.discover_result
            assert found is not None
            discovered = found.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"instructions"})
            return Published(client.instructions or "", tuple((await client.list_tools()).tools), discovered)

    return anyio.run(fetch)


def definition(tool: Tool) -> dict[str, Any]:
    """What of a tool a model reads before it calls it."""
    return {
        "name": tool.name,
        "title": tool.title,
        "description": tool.description,
        "inputSchema": tool.input_schema,
    }


def size(content: Any) -> int:
    """Bytes of minified UTF-8 JSON."""
    return len(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode())


def table(sizes: dict[str, Any]) -> str:
    lines = [f"{'':28}{'definition':>12}{'output':>12}"]
    lines += [f"{name:28}{count:>12,}{sizes['outputs'][name]:>12,}" for name, count in sizes["definitions"].items()]
    lines += [f"{'of at most':28}{DEFINITION_BYTES:>12,}{OUTPUT_BYTES:>12,}"]
    lines += [f"{'instructions':28}{sizes['instructions']:>12,} of at most {INSTRUCTION_BYTES:,}"]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table(published().sizes()) + "\n")
