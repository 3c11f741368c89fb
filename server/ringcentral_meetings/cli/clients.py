"""The MCP clients on this machine: where they keep their configuration, and their entries for this server.

The paths are those of the clients' own documentation. No value of an entry's `env` is shown.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

Client = Literal["claude-desktop", "claude-code", "cursor", "vscode"]

NAMES: Final[Mapping[Client, str]] = {
    "claude-desktop": "Claude Desktop",
    "claude-code": "Claude Code",
    "cursor": "Cursor",
    "vscode": "VS Code",
}
MOST_BYTES: Final = 20_000_000
STORE_PACKAGE: Final = "Claude_pzs8sxrjxfjjc"
"""The package family name of Claude Desktop in the Microsoft Store."""

OURS: Final = frozenset({"ringcentral-meetings-mcp", "ringcentral_meetings"})
"""What starts this server: its command, or its module after `python -m`."""

_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


@dataclass(frozen=True, slots=True)
class Machine:
    """What determines where clients keep their configuration."""

    home: Path
    folder: Path
    environ: Mapping[str, str]
    platform: str

    @classmethod
    def here(cls) -> "Machine":
        """Return the machine that this process runs on."""
        return cls(Path.home(), Path.cwd(), os.environ, sys.platform)

    def settings_of(self, app: str) -> Path:
        """Return the folder in which a desktop application keeps its settings."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support" / app
        if self.platform == "win32":
            return Path(self.environ.get("APPDATA") or self.home / "AppData" / "Roaming") / app
        return Path(self.environ.get("XDG_CONFIG_HOME") or self.home / ".config") / app

    def claude_desktop(self) -> list[Path]:
        """Return the folders in which Claude Desktop keeps its settings: on Windows the Store's app has one of its own.

        Windows redirects what packaged apps write to their roaming folder (Microsoft, "Understanding how packaged
        desktop apps run on Windows"), and only the app itself sees the redirection.
        """
        if self.platform != "win32":
            return [self.settings_of("Claude")]
        local = Path(self.environ.get("LOCALAPPDATA") or self.home / "AppData" / "Local")
        return [self.settings_of("Claude"), local / "Packages" / STORE_PACKAGE / "LocalCache" / "Roaming" / "Claude"]

    def claude_code(self) -> Path:
        """Return Claude Code's configuration file."""
        return Path(self.environ.get("CLAUDE_CONFIG_DIR") or self.home) / ".claude.json"


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file in which a client looks for servers; `shared` if others may have written it with a project."""

    client: Client
    path: Path
    key: str = "mcpServers"
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with which a client starts this server, and the environment variables that it sets."""

    file: ConfigFile
    name: str
    command: str
    args: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A client's configuration file that cannot be read."""

    file: ConfigFile
    why: str


def config_files(machine: Machine) -> list[ConfigFile]:
    """Return the files in which the four clients look for servers, of the user and of the working directory."""
    folder = machine.folder
    return [
        *(ConfigFile("claude-desktop", at / "claude_desktop_config.json") for at in machine.claude_desktop()),
        ConfigFile("claude-code", machine.claude_code()),
        ConfigFile("claude-code", folder / ".mcp.json", shared=True),
        ConfigFile("cursor", machine.home / ".cursor" / "mcp.json"),
        ConfigFile("cursor", folder / ".cursor" / "mcp.json", shared=True),
        ConfigFile("vscode", machine.settings_of("Code") / "User" / "mcp.json", key="servers"),
        ConfigFile("vscode", folder / ".vscode" / "mcp.json", key="servers", shared=True),
    ]


def found(machine: Machine) -> Iterator[Entry | Unreadable]:
    """Yield the entries for this server in the files that exist, and the files that cannot be read."""
    seen: set[Path] = set()
    for file in config_files(machine):
        if file.path in seen:
            continue
        seen.add(file.path)
        try:
            if not file.path.is_file():
                continue
            content = _load(file.path)
        except (OSError, ValueError, RecursionError) as fault:
            yield Unreadable(file, _why(fault))
            continue
        yield from _entries(file, content, machine)


def _why(fault: Exception) -> str:
    if isinstance(fault, OSError):
        return fault.strerror or type(fault).__name__
    if isinstance(fault, json.JSONDecodeError):
        return f"it is not JSON (line {fault.lineno}: {fault.msg})"
    return "it is not JSON"


def _load(path: Path) -> Any:
    """Return parsed JSON; comments and trailing commas are allowed, as in VS Code."""
    if path.stat().st_size > MOST_BYTES:
        raise OSError(0, "it is too large")
    text = path.read_text(encoding="utf-8-sig")
    text = _STRING_OR_COMMENT.sub(lambda match: match[1] or "", text)
    return json.loads(_STRING_OR_LAST_COMMA.sub(lambda match: match[1] or "", text) or "{}")


def _entries(file: ConfigFile, content: Any, machine: Machine) -> Iterator[Entry]:
    for servers in (_member(content, file.key), _local(content, file, machine)):
        for name, server in servers.items():
            entry = _entry(file, name, server)
            if entry is not None:
                yield entry


def _local(content: Any, file: ConfigFile, machine: Machine) -> dict[str, Any]:
    """Return the servers that Claude Code keeps for the working directory only."""
    return _member(_member(_member(content, "projects"), str(machine.folder)), file.key)


def _member(content: Any, key: str) -> dict[str, Any]:
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, dict) else {}


def _program(command: str) -> str:
    """Return the file name of a command, on any platform, without `.exe`."""
    return re.split(r"[/\\]", command)[-1].lower().removesuffix(".exe")


def _entry(file: ConfigFile, name: str, server: Any) -> Entry | None:
    command = server.get("command") if isinstance(server, dict) else None
    if not isinstance(command, str) or not command:
        return None
    given = server.get("args")
    args = tuple(str(arg) for arg in given) if isinstance(given, list) else ()
    if OURS.isdisjoint((_program(command), *args)):
        return None
    env = {name: str(value) for name, value in _member(server, "env").items() if isinstance(value, str | int)}
    return Entry(file, name, command, args, env)
