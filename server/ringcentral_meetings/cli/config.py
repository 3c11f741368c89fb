"""The command `config`: the entry with which an MCP client starts this server: printed, written, removed or linked."""

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import anyio
import click

from ringcentral_meetings import PROGRAM, errors
from ringcentral_meetings.cli import changes, edits
from ringcentral_meetings.cli.clients.catalog import KINDS, SERVER, Client, files_here
from ringcentral_meetings.cli.clients.found import ConfigFile
from ringcentral_meetings.cli.clients.machine import Machine
from ringcentral_meetings.cli.dialog import say
from ringcentral_meetings.cli.settings_file import settings_file
from ringcentral_meetings.connection import app_of, shared_store
from ringcentral_meetings.environment import PLACEHOLDER, expanded
from ringcentral_meetings.platform.limits import LoopClock
from ringcentral_meetings.settings import Settings, load

CREDENTIALS: Final = ("RINGCENTRAL_CLIENT_ID", "RINGCENTRAL_CLIENT_SECRET", "RINGCENTRAL_JWT")
PATH: Final = "PATH"
"""What stands for the path of an env-file in what is printed."""

Action = Literal["print", "write", "undo", "link"]


class Failed(Exception):
    """What was asked for cannot be done: says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an entry says: the server's options, and environment variables. `advice` says what is to be filled in."""

    options: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()
    advice: str = ""

    @property
    def command(self) -> list[str]:
        """The command with its options."""
        return [*command(), *self.options]

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to fill in."""
        return PATH not in self.options and PLACEHOLDER not in self.env.values()


def run(client: Client, action: Action, env_file: str | None, overrides: Mapping[str, Any]) -> None:
    """Do with a client's configuration what is asked for.

    Raises `SettingsError` if the settings are needed and cannot be used, `Failed` and `changes.Unwritable`.
    """
    if action == "undo":
        undo(client)
        return
    wanted = what_is_wanted(client, env_file, overrides)
    if action == "write":
        write(client, wanted)
    elif action == "link":
        click.echo(_link(client, wanted))
    else:
        say(_place(client), err=True)
        click.echo(snippet(client, wanted))
        if wanted.advice:
            say(wanted.advice, err=True)


def what_is_wanted(client: Client, env_file: str | None, overrides: Mapping[str, Any]) -> Wanted:
    """Return what the entry says. Credentials stand in an env-file that it names, never in the entry."""
    options = options_of(env_file, overrides)
    if env_file or overrides.get("simulator"):
        return Wanted(tuple(options))
    settings = load(env_file, overrides)
    own = settings_file(settings.profile)
    if own.is_file():
        return Wanted((*options, "--env-file", str(own)))
    with_jwt = settings.jwt is not None and not is_logged_in(settings)
    if client == "vscode" and with_jwt:
        return Wanted(tuple(options), asked=CREDENTIALS, advice="VS Code asks for the values, and keeps them.")
    if with_jwt or settings.client_secret is not None:
        names = CREDENTIALS if with_jwt else CREDENTIALS[:2]
        advice = (
            f"Replace {PATH} with the full path of a file that holds {', '.join(names)}, one NAME=value a line, and "
            f"that only you can read. Or run `{PROGRAM} setup`: it makes such a file."
        )
        return Wanted((*options, "--env-file", PATH), advice=advice)
    if client == "vscode" and settings.client_id is None:
        return Wanted(tuple(options), asked=CREDENTIALS[:1], advice=_login_advice("VS Code asks for"))
    advice = _login_advice("Replace the dots with") if settings.client_id is None else ""
    return Wanted(tuple(options), {CREDENTIALS[0]: settings.client_id or PLACEHOLDER}, advice=advice)


def _login_advice(how: str) -> str:
    return (
        f"{how} your app's client id. Run `{PROGRAM} login` once, with RINGCENTRAL_CLIENT_ID set. If the app has a "
        f"secret, or you sign in with a JWT, run `{PROGRAM} setup` instead: it keeps secrets out of this file."
    )


def is_logged_in(settings: Settings) -> bool:
    """Return whether `login` stored a session; one that cannot be read does not count."""
    app = app_of(settings)
    if app is None or settings.token_store == "memory":  # noqa: S105  (a choice, not a secret)
        return False
    try:
        tokens, _ = anyio.run(shared_store(settings, app, LoopClock()).all_stored)
    except errors.MeetingsError:
        return False
    return any(token.by_login for token in tokens)


def options_of(env_file: str | None, settings: Mapping[str, Any]) -> list[str]:
    """Return the options given with the command, with a path that is valid from any folder."""
    flags = [f"--{name.replace('_', '-')}" for name, value in settings.items() if value is True]
    profile = ["--profile", settings["profile"]] if "profile" in settings else []
    return [*flags, *profile, *(["--env-file", str(expanded(env_file).absolute())] if env_file else [])]


def command() -> list[str]:
    """Return the command that starts this installation from any folder."""
    beside = Path(sys.executable).parent
    script = shutil.which(PROGRAM, path=str(beside)) or shutil.which(PROGRAM)
    return [str(Path(script).absolute())] if script else [sys.executable, "-m", "ringcentral_meetings"]


def server_of(client: Client, wanted: Wanted) -> dict[str, Any]:
    """Return the entry in the client's own form."""
    env = {**wanted.env, **{name: f"${{input:{_input(name)}}}" for name in wanted.asked}}
    return KINDS[client].server(wanted.command, env)


def snippet(client: Client, wanted: Wanted) -> str:
    """Return what is to be put into the client's file; for Claude Code the command that does it."""
    if client == "claude-code":
        return _command_line(wanted)
    kind = KINDS[client]
    text = edits.rendered(kind.form, kind.place(), server_of(client, wanted)).rstrip("\n")
    return _with_inputs(text, wanted.asked) if wanted.asked else text


def _with_inputs(text: str, names: Sequence[str]) -> str:
    """Return VS Code's form with the values that it asks for itself, and keeps out of the file."""
    inputs = [
        {"type": "promptString", "id": _input(name), "description": name, "password": name != CREDENTIALS[0]}
        for name in names
    ]
    return json.dumps({"inputs": inputs, **json.loads(text)}, indent=2)


def _input(name: str) -> str:
    return name.lower().replace("_", "-")


def _command_line(wanted: Wanted) -> str:
    given = [part for name, value in wanted.env.items() for part in ("--env", f"{name}={value}")]
    line = ["claude", "mcp", "add", "--scope", "user", *given, "--transport", "stdio", SERVER, "--", *wanted.command]
    return subprocess.list2cmdline(line) if sys.platform == "win32" else shlex.join(line)


def _place(client: Client) -> str:
    if client == "claude-code":
        return (
            "Run this, or `config claude-code --write`. Without --scope user the server is there in this folder alone:"
        )
    if client == "json":
        return "For a client that has no name here, put this where it keeps its MCP servers:"
    files = " or ".join(str(path) for path in files_here(KINDS[client], Machine.here()))
    return f"{KINDS[client].label}: put this into {files}, or let `config {client} --write` do it:"


def _link(client: Client, wanted: Wanted) -> str:
    from ringcentral_meetings.cli import links

    if client not in links.LINKED:
        raise Failed(f"{KINDS[client].label} has no install links; these have: {', '.join(links.LINKED)}")
    _refuse_incomplete(wanted)
    try:
        return links.link(client, wanted.command, wanted.env)
    except ValueError as wrong:
        raise Failed(str(wrong)) from None


def _refuse_incomplete(wanted: Wanted) -> None:
    if not wanted.is_complete or wanted.asked:
        raise Failed(
            f"the entry needs credentials, and they do not belong in a client's file. Run `{PROGRAM} setup`, which "
            "keeps them in a file for you alone; or name such a file with --env-file; or try it with --simulator"
        )


def targets(client: Client, machine: Machine) -> list[ConfigFile]:
    """Return the files of a client on this machine. Raises `Failed` where it has none."""
    found = [ConfigFile(client, path) for path in files_here(KINDS[client], machine)]
    if not found:
        raise Failed("json is no client and has no file; without --write and --undo, config prints its form")
    return found


def write(client: Client, wanted: Wanted) -> None:
    """Show the change of the client's files, and make it."""
    _refuse_incomplete(wanted)
    server = server_of(client, wanted)
    planned = [changes.planned(file, server) for file in targets(client, Machine.here())]
    for change in planned:
        show(change)
    changes.make_all([change for change in planned if not change.is_empty])
    click.echo(f"{KINDS[client].label}: {KINDS[client].then}")
    click.echo(f"To take it back: {PROGRAM} config {client} --undo")


def undo(client: Client) -> None:
    """Take the entry out of the client's files, and show the change."""
    found = [change for file in targets(client, Machine.here()) if (change := changes.undoing(file)) is not None]
    for change in found:
        show(change)
    changes.make_all(found)
    if not found:
        click.echo(f"{KINDS[client].label} has no entry {SERVER}; nothing was changed.")


def show(change: changes.Change) -> None:
    """Print a change as lines with signs, in colour on a terminal."""
    if change.is_empty:
        click.echo(f"{change.path} already has this entry.\n")
        return
    done = "deleted" if change.after is None else "changed" if change.before is not None else "new"
    click.secho(f"{change.path} ({done})", bold=True)
    colours = {"+": "green", "-": "red"}
    for line in change.lines():
        click.secho(f"  {line}", fg=colours.get(line[:1]))
    if change.keeps_backup:
        click.echo(f"  What was there is kept in {change.backup.name}.")
    click.echo()
