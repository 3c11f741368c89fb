"""The entries for this server in the configuration of the clients on this machine. No value of `env` is shown."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ringcentral_meetings.cli.clients.catalog import KINDS, Client, Kind
from ringcentral_meetings.cli.clients.machine import Machine
from ringcentral_meetings.cli.edits import Broken, read

MOST_BYTES: Final = 20_000_000
OURS: Final = frozenset({"ringcentral-meetings-mcp", "ringcentral_meetings"})
"""What starts this server: its command, or its module after `python -m`."""
TRUE: Final = frozenset({"1", "on", "t", "true", "y", "yes"})
"""What pydantic takes for true, in small letters (its documentation, "Booleans")."""


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A file in which a client looks for servers; `shared` if others may have written it with a project."""

    client: Client
    path: Path
    shared: bool = False

    @property
    def kind(self) -> Kind:
        """How the client keeps its servers."""
        return KINDS[self.client]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry with which a client starts this server, and the environment variables that it sets."""

    file: ConfigFile
    name: str
    command: str
    args: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def uses_simulator(self) -> bool:
        """Whether it starts the server with the simulator's meetings."""
        return "--simulator" in self.args or self.env.get("RINGCENTRAL_SIMULATOR", "").strip().lower() in TRUE


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A client's configuration file that cannot be read."""

    file: ConfigFile
    why: str


def config_files(machine: Machine) -> list[ConfigFile]:
    """Return the files in which the clients look for servers, of the user and of the working directory."""
    return [
        ConfigFile(client, path, shared)
        for client, kind in KINDS.items()
        for paths, shared in ((kind.files(machine), False), (kind.shared(machine.folder), True))
        for path in paths
    ]


def found(machine: Machine) -> Iterator[Entry | Unreadable]:
    """Yield the entries for this server in the files that exist, and the files that cannot be read."""
    seen: set[Path] = set()
    for file in config_files(machine):
        if file.path in seen:
            continue
        seen.add(file.path)
        yield from found_in(file, machine)


def found_in(file: ConfigFile, machine: Machine) -> Iterator[Entry | Unreadable]:
    """Yield the entries for this server in a file, if it exists; or the file, if it cannot be read."""
    try:
        if not file.path.is_file():
            return
        content = _load(file)
    except (OSError, Broken, UnicodeDecodeError) as fault:
        yield Unreadable(file, _why(fault))
        return
    for name, server in _servers(file, content, machine):
        entry = _entry(file, name, server)
        if entry is not None:
            yield entry


def _why(fault: Exception) -> str:
    if isinstance(fault, OSError):
        return fault.strerror or type(fault).__name__
    return "it is not UTF-8 text" if isinstance(fault, UnicodeDecodeError) else str(fault)


def _load(file: ConfigFile) -> Any:
    if file.path.stat().st_size > MOST_BYTES:
        raise OSError(0, "it is too large")
    return read(file.kind.form, file.path.read_text(encoding="utf-8-sig"))


def _servers(file: ConfigFile, content: Any, machine: Machine) -> Iterator[tuple[str, Any]]:
    servers: Any = content
    for key in file.kind.keys:
        servers = servers.get(key) if isinstance(servers, dict) else None
    if isinstance(servers, list):
        yield from ((str(one.get("name")), one) for one in servers if isinstance(one, dict))
    elif isinstance(servers, dict):
        yield from servers.items()
    if file.client == "claude-code":  # it keeps servers for one folder too
        yield from _member(_member(_member(content, "projects"), str(machine.folder)), "mcpServers").items()


def _member(content: Any, key: str) -> dict[str, Any]:
    value = content.get(key) if isinstance(content, dict) else None
    return value if isinstance(value, dict) else {}


def _program(command: str) -> str:
    """Return the file name of a command, on any platform, without `.exe`."""
    return re.split(r"[/\\]", command)[-1].lower().removesuffix(".exe")


def _entry(file: ConfigFile, name: str, server: Any) -> Entry | None:
    if not isinstance(server, dict):
        return None
    command = server.get("cmd" if file.client == "goose" else "command")
    if not isinstance(command, str) or not command:
        return None
    given = server.get("args")
    args = tuple(str(arg) for arg in given) if isinstance(given, list) else ()
    if OURS.isdisjoint((_program(command), *args)):
        return None
    given_env = _member(server, "envs" if file.client == "goose" else "env")
    env = {name: str(value) for name, value in given_env.items() if isinstance(value, str | int)}
    return Entry(file, str(name), command, args, env)
