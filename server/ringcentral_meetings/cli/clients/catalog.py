"""Every client that `config` and `setup` know. The places are those of the clients' own documentation or source."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, Final, Literal

from ringcentral_meetings.cli.clients.machine import Machine
from ringcentral_meetings.cli.edits import Form, Place

Client = Literal[
    "claude-desktop",
    "claude-code",
    "cursor",
    "vscode",
    "codex",
    "gemini",
    "windsurf",
    "zed",
    "cline",
    "lm-studio",
    "goose",
    "continue",
    "jetbrains",
    "json",
]
SERVER: Final = "ringcentral-meetings"
"""The name of the entry in a client's configuration."""

Server = dict[str, Any]
"""An entry as a client writes it."""


def _usual(command: Sequence[str], env: Mapping[str, str]) -> Server:
    return {"command": command[0], "args": [*command[1:]], **({"env": dict(env)} if env else {})}


def _typed(command: Sequence[str], env: Mapping[str, str]) -> Server:
    return {"type": "stdio", **_usual(command, env)}


def _zed(command: Sequence[str], env: Mapping[str, str]) -> Server:
    return {"source": "custom", **_usual(command, {}), "env": dict(env)}


def _goose(command: Sequence[str], env: Mapping[str, str]) -> Server:
    return {
        "enabled": True,
        "type": "stdio",
        "name": SERVER,
        "description": "RingCentral meetings",
        "cmd": command[0],
        "args": [*command[1:]],
        "envs": dict(env),
        "timeout": 300,
    }


def _continue(command: Sequence[str], env: Mapping[str, str]) -> Server:
    return {"name": SERVER, **_usual(command, env)}


def _nowhere(_: object) -> list[Path]:
    return []


@dataclass(frozen=True, slots=True)
class Kind:
    """How a client keeps its servers.

    `files` returns the files of the user in which it looks, `shared` those that come with a project. `hands_on_all`
    says whether it starts servers with its whole environment, and not with the few variables of the SDKs' default.
    `head` begins a new file; `rival` is a file beside it that the client reads until there is one.
    """

    label: str
    form: Form = "json"
    keys: tuple[str, ...] = ("mcpServers",)
    listed: bool = False
    server: Callable[[Sequence[str], Mapping[str, str]], Server] = _usual
    files: Callable[[Machine], list[Path]] = _nowhere
    shared: Callable[[Path], list[Path]] = _nowhere
    programs: tuple[str, ...] = ()
    folder: Callable[[Path], Path] = lambda file: file.parent
    hands_on_all: bool = True
    head: str = ""
    rival: str = ""
    then: str = "Restart it to load the server."

    def place(self, name: str = SERVER) -> Place:
        """Return where an entry stands in the client's files."""
        return Place(self.keys, name, self.listed)

    def is_here(self, machine: Machine) -> bool:
        """Return whether there is a sign of the client on the machine."""
        path = machine.environ.get("PATH", "")
        if any(which(program, path=path) for program in self.programs):
            return True
        return any(file.is_file() or self.folder(file).is_dir() for file in self.files(machine))


def _claude_code(machine: Machine) -> list[Path]:
    return [machine.named("CLAUDE_CONFIG_DIR", machine.home) / ".claude.json"]


def _lm_studio(machine: Machine) -> list[Path]:
    """Return its files: older installations have another folder (lmstudio-bug-tracker#1371)."""
    return [folder / "mcp.json" for folder in (machine.home / ".lmstudio", machine.home / ".cache" / "lm-studio")]


KINDS: Final[Mapping[Client, Kind]] = {
    "claude-desktop": Kind(
        "Claude Desktop",
        files=lambda machine: [at / "claude_desktop_config.json" for at in machine.claude_desktop()],
        hands_on_all=False,
        then="Quit it and start it again; closing its window is not enough.",
    ),
    "claude-code": Kind(
        "Claude Code",
        files=_claude_code,
        shared=lambda folder: [folder / ".mcp.json"],
        programs=("claude",),
        server=_typed,
        folder=lambda file: file.parent / ".claude",
        then="It is there in the next session; /mcp shows it.",
    ),
    "cursor": Kind(
        "Cursor",
        files=lambda machine: [machine.home / ".cursor" / "mcp.json"],
        shared=lambda folder: [folder / ".cursor" / "mcp.json"],
        programs=("cursor",),
        then="Switch it on under Settings > MCP, if Cursor asks.",
    ),
    "vscode": Kind(
        "VS Code",
        keys=("servers",),
        server=_typed,
        files=lambda machine: [machine.settings_of("Code") / "User" / "mcp.json"],
        shared=lambda folder: [folder / ".vscode" / "mcp.json"],
        programs=("code",),
        folder=lambda file: file.parent.parent,
        then="Run the command MCP: List Servers, and start it there.",
    ),
    "codex": Kind(
        "Codex",
        form="toml",
        keys=("mcp_servers",),
        files=lambda machine: [machine.named("CODEX_HOME", machine.home / ".codex") / "config.toml"],
        shared=lambda folder: [folder / ".codex" / "config.toml"],
        programs=("codex",),
        hands_on_all=False,
        then="It is there in the next session; /mcp shows it.",
    ),
    "gemini": Kind(
        "Gemini CLI",
        files=lambda machine: [machine.named("GEMINI_CLI_HOME", machine.home) / ".gemini" / "settings.json"],
        shared=lambda folder: [folder / ".gemini" / "settings.json"],
        programs=("gemini",),
        then="It is there in the next session; /mcp shows it.",
    ),
    "windsurf": Kind(
        "Windsurf",
        files=lambda machine: [machine.home / ".codeium" / "windsurf" / "mcp_config.json"],
        programs=("windsurf",),
        then="Press Refresh in Cascade's list of MCP servers.",
    ),
    "zed": Kind(
        "Zed",
        keys=("context_servers",),
        server=_zed,
        files=lambda machine: [machine.zed() / "settings.json"],
        shared=lambda folder: [folder / ".zed" / "settings.json"],
        programs=("zed", "zeditor"),
        then="The agent panel's settings show a green dot beside it.",
    ),
    "cline": Kind(
        "Cline",
        files=lambda machine: machine.cline(),
        folder=lambda file: file.parent.parent,
        hands_on_all=False,
        then="It is in the list of Cline's MCP servers.",
    ),
    "lm-studio": Kind(
        "LM Studio",
        files=_lm_studio,
        then="It is in the list of integrations of a chat.",
    ),
    "goose": Kind(
        "goose",
        form="yaml",
        keys=("extensions",),
        server=_goose,
        files=lambda machine: [machine.goose() / "config.yaml"],
        then="It is there in the next session.",
    ),
    "continue": Kind(
        "Continue",
        form="yaml",
        listed=True,
        server=_continue,
        files=lambda machine: [machine.named("CONTINUE_GLOBAL_DIR", machine.home / ".continue") / "config.yaml"],
        programs=("cn",),
        head="name: Local Agent\nversion: 1.0.0\nschema: v1\n",
        rival="config.json",
        hands_on_all=False,
        then="Its tools are there in agent mode.",
    ),
    "jetbrains": Kind(
        "JetBrains Junie",
        files=lambda machine: [machine.home / ".junie" / "mcp" / "mcp.json"],
        shared=lambda folder: [folder / ".junie" / "mcp" / "mcp.json"],
        programs=("junie",),
        folder=lambda file: file.parent.parent,
        then="Settings > Tools > Junie > MCP Settings lists it. For AI Assistant, paste what config jetbrains prints.",
    ),
    "json": Kind("any client that reads JSON"),
}


def files_here(kind: Kind, machine: Machine) -> list[Path]:
    """Return the user's files of a client; of several for ways of installing it, those whose folder is there."""
    own = kind.files(machine)
    return [file for file in own if file.is_file() or kind.folder(file).is_dir()] or own[:1]
