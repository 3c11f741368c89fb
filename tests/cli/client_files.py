"""What is in clients' files before anybody writes into them: other servers, comments, odd blanks, secrets of others."""

import json
import tomllib
from collections.abc import Callable
from typing import Any

import json5
import yaml

CLAUDE_DESKTOP = """{
  "globalShortcut": "Ctrl+Space",
  "mcpServers": {
    "filesystem": {
      "command": "npx",
      "args": ["-y", "@modelcontextprotocol/server-filesystem", "/Users/lena/Documents"]
    },
    "github": { "command": "docker", "args": ["run", "-i", "--rm", "mcp/github"],
                "env": { "GITHUB_PERSONAL_ACCESS_TOKEN": "ghp_of_somebody" } }
  }
}
"""

CLAUDE_CODE = """{
  "numStartups": 214,
  "autoUpdates": true,
  "tipsHistory": {
    "new-user-warmup": 5
  },
  "oauthAccount": {
    "emailAddress": "lena@example.com"
  },
  "projects": {
    "/home/lena/shop": {
      "allowedTools": [],
      "history": [{"display": "what does \\"{\\" mean in // this line?", "pastedContents": {}}],
      "mcpServers": {}
    }
  },
  "mcpServers": {
    "sentry": {
      "type": "http",
      "url": "https://mcp.sentry.dev/mcp"
    }
  }
}"""

CURSOR = """{
\t"mcpServers": {
\t\t"postgres": {
\t\t\t"command": "npx",
\t\t\t"args": ["-y", "@modelcontextprotocol/server-postgres", "postgresql://localhost/shop"],
\t\t},
\t},
}
"""

VSCODE = """// Servers for all of my windows
{
    "inputs": [
        {"id": "perplexity-key", "type": "promptString", "description": "Perplexity", "password": true}
    ],
    "servers": {
        "playwright": {
            "command": "npx",
            "args": [
                "@playwright/mcp@latest" // the newest
            ]
        } /* more to come:
        "fetch": {}
        */
    }
}
"""

CODEX = """# ~/.codex/config.toml
model = "gpt-5.2-codex"   # faster
approval_policy = "on-request"

[mcp_servers.docs]
command = "npx"
args = [
  "-y",
  "mcp-remote",   # a bridge
  "https://docs.example.com/mcp",
]
startup_timeout_sec = 20

[mcp_servers.docs.env]
DOCS_KEY = "of-somebody"

[projects."/home/lena/shop"]
trust_level = "trusted"
"""

GEMINI = """{
  "ui": {"theme": "GitHub"},
  "security": {"auth": {"selectedType": "gemini-api-key"}}
}
"""

ZED = """// Zed settings
//
// For information on how to configure Zed, see the Zed
// documentation: https://zed.dev/docs/configuring-zed
{
  "icon_theme": "Material",
  "context_servers": {
    // "off": { "command": "x" },
    "linear": {
      "source": "extension",
      "settings": {},
    },
  },
  "ui_font_size": 16,
  "theme": {
    "mode": "system", // light by day
    "light": "One Light",
    "dark": "One Dark",
  },
}
"""

GOOSE = """GOOSE_PROVIDER: anthropic
GOOSE_MODEL: claude-sonnet-4-5   # the cheaper one
extensions:
    developer:
        enabled: true
        type: builtin
        name: developer
        timeout: 300
        bundled: true
    # the team's own
    wiki:
        enabled: false
        type: stdio
        name: wiki
        cmd: uvx
        args:
        - wiki-mcp
        - "--space"
        - 'ON CALL'
        envs: {}
        env_keys: [WIKI_TOKEN]
        description: |
            What the team wrote down.

            Ask it before you ask people.
        timeout: 300

GOOSE_MODE: smart_approve
"""

CONTINUE = """name: Lena's agent
version: 1.0.0
schema: v1
models:
  - name: Sonnet
    provider: anthropic
    model: claude-sonnet-4-5
    apiKey: ${{ secrets.ANTHROPIC_API_KEY }}
mcpServers:
  -   name: SQLite
      command: npx
      args: ["-y", "mcp-sqlite", "/home/lena/my.db"]   # read only
# that is all
"""

WINDOWS_LINE_ENDS = CLAUDE_DESKTOP.replace("\n", "\r\n")

BEFORE: dict[str, str] = {
    "claude-desktop": WINDOWS_LINE_ENDS,
    "claude-code": CLAUDE_CODE,
    "cursor": CURSOR,
    "vscode": VSCODE,
    "codex": CODEX,
    "gemini": GEMINI,
    "windsurf": '{"mcpServers":{"memory":{"command":"npx","args":["-y","@modelcontextprotocol/server-memory"]}}}',
    "zed": ZED,
    "cline": '{\n  "mcpServers": {}\n}\n',
    "lm-studio": "\ufeff" + '{\n  "mcpServers": {\n  }\n}\n',
    "goose": GOOSE,
    "continue": CONTINUE,
    "jetbrains": '{ "mcpServers" : { "notes": { "command": "notes-mcp" } } }\n',
}
"""A file of each client that has one."""

KEYS = {"vscode": "servers", "codex": "mcp_servers", "zed": "context_servers", "goose": "extensions"}
"""Where a client's servers are, if not under mcpServers."""

FOREIGN = ("ghp_of_somebody", "of-somebody")
"""Secrets of other servers in these files."""


def reader(client: str) -> Callable[[str], Any]:
    """A parser of a client's format that the product does not use; strict JSON where the client takes nothing else."""
    if client == "codex":
        return tomllib.loads
    if client in {"goose", "continue"}:
        return yaml.safe_load
    return json5.loads if client in {"cursor", "vscode", "zed"} else json.loads


def servers(client: str, content: Any) -> dict[str, Any]:
    """The servers of a client's file by name."""
    found = content.get(KEYS.get(client, "mcpServers"), {})
    return {one["name"]: one for one in found} if isinstance(found, list) else found
