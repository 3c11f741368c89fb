"""What one would use instead: FastMCP's `from_openapi` over a description. Run with `stdio` or a port for HTTP."""

import json
import os
import sys
from pathlib import Path

import httpx2
from fastmcp import FastMCP

DESCRIPTION = Path(__file__).parent / "openapi.json"
UPSTREAM = os.environ.get("BENCH_UPSTREAM", "")

if __name__ == "__main__":
    description = json.loads(DESCRIPTION.read_text(encoding="utf-8"))
    server = FastMCP.from_openapi(description, client=httpx2.AsyncClient(base_url=UPSTREAM, trust_env=False))
    if sys.argv[1] == "stdio":
        server.run(show_banner=False)
    else:
        server.run("http", port=int(sys.argv[1]), show_banner=False)
