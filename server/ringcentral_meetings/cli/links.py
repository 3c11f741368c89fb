"""Links that install the server in a client. A link holds what an entry holds, and never a secret.

Formats: Cursor "MCP Install Links"; VS Code "MCP developer guide"; LM Studio "deeplink"; goose "Using extensions".
"""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlencode

from ringcentral_meetings.cli.clients.catalog import KINDS, SERVER, Client

LINKED: Final[tuple[Client, ...]] = ("cursor", "vscode", "lm-studio", "goose")
"""The clients that have such links."""


def link(client: Client, command: Sequence[str], env: Mapping[str, str]) -> str:
    """Return the link for a client of `LINKED`. Raises `ValueError` where its form has no place for something."""
    server = KINDS[client].server(command, env)
    if client == "vscode":
        return f"vscode:mcp/install?{quote(_json({'name': SERVER, **server}), safe='')}"
    if client == "goose":
        if env:
            raise ValueError("goose's links have no environment variables: give --env-file")
        pairs = [("cmd", command[0]), *(("arg", argument) for argument in command[1:])]
        named = [("id", SERVER), ("name", "RingCentral meetings"), ("description", "RingCentral meetings")]
        return f"goose://extension?{urlencode([*pairs, *named], quote_via=quote)}"
    encoded = base64.b64encode(_json(server).encode()).decode()
    start = "cursor://anysphere.cursor-deeplink/mcp/install" if client == "cursor" else "lmstudio://add_mcp"
    return f"{start}?{urlencode({'name': SERVER, 'config': encoded}, quote_via=quote)}"


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
