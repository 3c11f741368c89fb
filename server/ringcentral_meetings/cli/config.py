"""The configuration with which an MCP client starts this server."""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import anyio
import click

from ringcentral_meetings import PROGRAM, errors
from ringcentral_meetings.cli.clients import NAMES, Client, Machine, config_files
from ringcentral_meetings.connection import app_of, shared_store
from ringcentral_meetings.environment import PLACEHOLDER, expanded
from ringcentral_meetings.platform.limits import LoopClock
from ringcentral_meetings.settings import Settings, load

SERVER: Final = "ringcentral-meetings"
CREDENTIALS: Final = ("RINGCENTRAL_CLIENT_ID", "RINGCENTRAL_CLIENT_SECRET", "RINGCENTRAL_JWT")


def run(client: Client, options: Sequence[str], env_file: str | None, overrides: Mapping[str, Any]) -> None:
    """Print the client's configuration on stdout, and on stderr where it goes and what to fill in.

    `options` are those of the server. Raises `SettingsError` if the settings are needed and cannot be used.
    """
    click.echo(_place(client), err=True)
    if any(option in {"--simulator", "--env-file"} for option in options):
        click.echo(snippet(client, command(), options, {}))
        return
    settings = load(env_file, overrides)
    names = CREDENTIALS if settings.jwt is not None and not _is_logged_in(settings) else CREDENTIALS[:1]
    in_file = client == "claude-code" and names == CREDENTIALS
    if in_file:
        options = [*options, "--env-file", "PATH"]
    click.echo(snippet(client, command(), options, {} if in_file else dict.fromkeys(names, PLACEHOLDER)))
    click.echo(_advice(client, names), err=True)


def _advice(client: Client, names: Sequence[str]) -> str:
    """Return what the person has to fill in."""
    if names == CREDENTIALS:
        if client == "claude-code":
            return f"Replace PATH with the full path of a file that holds {', '.join(names)}, one NAME=value per line."
        return "VS Code asks for the values." if client == "vscode" else "Replace the dots with your own values."
    secret = "a file given by --env-file" if client == "claude-code" else "the same place"
    return (
        "Replace the dots with your app's client id, unless the client asks for it, and run `login` once. If the app "
        f"has a secret, put RINGCENTRAL_CLIENT_SECRET into {secret} too. To sign in with a JWT instead, run "
        "`logout`, set RINGCENTRAL_JWT and run config again."
    )


def _is_logged_in(settings: Settings) -> bool:
    """Return whether `login` stored a session; one that cannot be read does not count."""
    app = app_of(settings)
    if app is None or settings.token_store == "memory":  # noqa: S105  (a choice, not a secret)
        return False
    try:
        tokens, _ = anyio.run(shared_store(settings, app, LoopClock()).all_stored)
    except errors.MeetingsError:
        return False
    return any(token.by_login for token in tokens)


def options(env_file: str | None, settings: Mapping[str, Any]) -> list[str]:
    """Return the options given before `config`, with a path that is valid from any folder."""
    flags = [f"--{name.replace('_', '-')}" for name, value in settings.items() if value is True]
    profile = ["--profile", settings["profile"]] if "profile" in settings else []
    return [*flags, *profile, *(["--env-file", str(expanded(env_file).absolute())] if env_file else [])]


def command() -> list[str]:
    """Return the command that starts this installation from any folder."""
    beside = Path(sys.executable).parent
    script = shutil.which(PROGRAM, path=str(beside)) or shutil.which(PROGRAM)
    return [str(Path(script).absolute())] if script else [sys.executable, "-m", "ringcentral_meetings"]


def snippet(client: Client, command: Sequence[str], options: Sequence[str], env: dict[str, str]) -> str:
    """Return the configuration in the client's own form."""
    if client == "claude-code":
        return _command_line([*command, *options], env)
    server: dict[str, Any] = {"command": command[0], "args": [*command[1:], *options]}
    if client == "vscode":
        return _json(_for_vscode(server, env))
    return _json({"mcpServers": {SERVER: server | ({"env": env} if env else {})}})


def _for_vscode(server: dict[str, Any], env: dict[str, str]) -> dict[str, Any]:
    """Return the form for VS Code, which asks for the values itself and keeps them out of the file."""
    server = {"type": "stdio", **server}
    if not env:
        return {"servers": {SERVER: server}}
    inputs = [
        {"type": "promptString", "id": _input(name), "description": name, "password": name != CREDENTIALS[0]}
        for name in env
    ]
    asked = {name: f"${{input:{_input(name)}}}" for name in env}
    return {"inputs": inputs, "servers": {SERVER: server | {"env": asked}}}


def _input(name: str) -> str:
    return name.lower().replace("_", "-")


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2)


def _command_line(started: Sequence[str], env: dict[str, str]) -> str:
    given = [part for name, value in env.items() for part in ("--env", f"{name}={value}")]
    line = ["claude", "mcp", "add", *given, "--transport", "stdio", SERVER, "--", *started]
    return subprocess.list2cmdline(line) if sys.platform == "win32" else shlex.join(line)


def _place(client: Client) -> str:
    if client == "claude-code":
        return "Run this in your project's folder; add --scope user to have the server everywhere:"
    return f"{NAMES[client]}: put this into {files_of(client, Machine.here())}, next to the servers already there:"


def files_of(client: Client, machine: Machine) -> str:
    """Return the user's file of a client; of two for two ways of installing it, the one whose folder is there."""
    own = [file.path for file in config_files(machine) if file.client == client and not file.shared]
    there = [path for path in own if path.parent.is_dir()] or own
    return " or ".join(str(path) for path in there)
