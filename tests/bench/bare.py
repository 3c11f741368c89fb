"""The floor: an SDK server of one tool that makes a bare httpx call. Run with `stdio` or a port for HTTP."""

import os
import sys
from typing import Any

import httpx
from mcp.server.mcpserver import MCPServer

UPSTREAM = os.environ.get("BENCH_UPSTREAM", "")
server = MCPServer("bare", log_level="ERROR")
http = httpx.AsyncClient(base_url=UPSTREAM, trust_env=False)


@server.tool()
async def get_meeting(meeting_id: str) -> dict[str, Any]:
    """Get one meeting."""
    response = await http.get(f"/restapi/v1.0/account/~/extension/~/meeting/{meeting_id}")
    response.raise_for_status()
    body: dict[str, Any] = response.json()
    return body


if __name__ == "__main__":
    if sys.argv[1] == "stdio":
        server.run()
    else:
        server.run("streamable-http", port=int(sys.argv[1]))
