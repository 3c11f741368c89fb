"""The MCP clients of this machine: where they keep their servers, and what they say of this one.

Places as the clients' own documentation has them. Of `env` only PATH is used, and nothing of it is ever shown.
"""

import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
OURS: Final = frozenset({"ringcentral-meetings-mcp", "ringcentral_meetings"})
"""What starts this server: its command, or its module where Python is told to run it."""

_STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides where clients keep their settings."""

    home: Path
    folder: Path
    environ: Mapping[str, str]
    platform: str

    @classmethod
    def here(cls) -> "Machine":
        """This one."""
        return cls(Path.home(), Path.cwd(), os.environ, sys.platform)

    def settings_of(self, app: str) -> Path:
        """The folder in which desktop applications keep their settings."""
        if self.platform == "darwin":
            return self.home / "Library" / "Application Support" / app
        if self.platform == "win32":
            return Path(self.environ.get("APPDATA") or self.home / "AppData" / "Roaming") / app
        return Path(self.environ.get("XDG_CONFIG_HOME") or self.home / ".config") / app

    def claude_code(self) -> Path:
        """Claude Code's own file."""
        return Path(self.environ.get("CLAUDE_CONFIG_DIR") or self.home) / ".claude.json"


@dataclass(frozen=True, slots=True)
class Place:
    """A file in which a client looks for servers; `shared` if it lies in a folder that others may have written."""

    client: Client
    path: Path
    key: str = "mcpServers"
    shared: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A server that a client would start, and that names this program."""

    place: Place
    name: str
    command: str
    args: tuple[str, ...]
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A file of a client that cannot be read as one."""

    place: Place
    why: str


def places(machine: Machine) -> list[Place]:
    """Where the four clients keep their servers, for the user and for the working directory."""
    folder = machine.folder
    return [
        Place("claude-desktop", machine.settings_of("Claude") / "claude_desktop_config.json"),
        Place("claude-code", machine.claude_code()),
        Place("claude-code", folder / ".mcp.json", shared=True),
        Place("cursor", machine.home / ".cursor" / "mcp.json"),
        Place("cursor", folder / ".cursor" / "mcp.json", shared=True),
        Place("vscode", machine.settings_of("Code") / "User" / "mcp.json", key="servers"),
        Place("vscode", folder / ".vscode" / "mcp.json", key="servers", shared=True),
    ]


def found(machine: Machine) -> Iterator[Entry | Broken]:
    """The entries for this server in the files that are there, and the files that cannot be read."""
    seen: set[Path] = set()
    for place in places(machine):
        if place.path in seen or not place.path.is_file():
            continue
        seen.add(place.path)
        try:
            content = _read(place.path)
        except (OSError, ValueError, RecursionError) as fault:
            yield Broken(place, _why(fault))
            continue
        yield from _entries(place, content, machine)


def _why(fault: Exception) -> str:
    if isinstance(fault, OSError):
        return fault.strerror or type(fault).__name__
    if isinstance(fault, json.JSONDecodeError):
        return f"it is not JSON (line {fault.lineno}: {fault.msg})"
    return "it is not JSON"


def _read(path: Path) -> Any:
    """JSON, also with the comments and trailing commas that VS Code allows."""
    if path.stat().st_size > MOST_BYTES:
        raise OSError(0, "it is too large")
    text = path.read_text(encoding="utf-8-sig")
    text = _STRING_OR_COMMENT.sub(lambda match: match[1] or "", text)
    return json.loads(_STRING_OR_LAST_COMMA.sub(lambda match: match[1] or "", text) or "{}")


def _entries(place: Place, content: Any, machine: Machine) -> Iterator[Entry]:
    for servers in (_member(content, place.key), _local(content, place, machine)):
        for name, server in servers.items():
            entry = _entry(place, name, server)
            if entry is not None:
                yield entry


def _local(content: Any, place: Place, machine: Machine) -> dict[str, Any]:
    """The servers that Claude Code keeps for the working directory alone."""
    return _member(_member(_member(content, "projects"), str(machine.folder)), place.key)


def _member(content: Any, key: str) -> dict[str, Any]:
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, dict) else {}


def _program(command: str) -> str:
    """The file name of a command, on any platform, without the ending of Windows."""
    return re.split(r"[/\\]", command)[-1].lower().removesuffix(".exe")


def _entry(place: Place, name: str, server: Any) -> Entry | None:
    command = server.get("command") if isinstance(server, dict) else None
    if not isinstance(command, str) or not command:
        return None
    given = server.get("args")
    args = tuple(str(arg) for arg in given) if isinstance(given, list) else ()
    if OURS.isdisjoint((_program(command), *args)):
        return None
    path = _member(server, "env").get("PATH")
    return Entry(place, name, command, args, path if isinstance(path, str) else None)
