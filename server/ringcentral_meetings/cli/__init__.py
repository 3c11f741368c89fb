"""The command line: one file per command, imported when the command is run."""

import errno
import io
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ringcentral_meetings import PROGRAM, __version__
from ringcentral_meetings.cli.exits import FAILED, INTERRUPTED, USAGE_ERROR, fail, first_of
from ringcentral_meetings.cli.options import given, refuse_others, server_options

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ringcentral_meetings.settings import Settings

CLIENTS = (
    *("claude-desktop", "claude-code", "cursor", "vscode", "codex", "gemini", "windsurf", "zed", "cline", "lm-studio"),
    *("goose", "continue", "jetbrains", "json"),
)


class _Command(click.Command):
    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002  (click cuts sentences at it)
        return super().get_short_help_str(1_000)


class _Commands(click.Group):
    """The commands; those of `cli.commands` are imported when one of them, or the list, is asked for."""

    command_class = _Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        from ringcentral_meetings.cli.commands import COMMANDS

        return sorted([*super().list_commands(ctx), *COMMANDS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if (command := super().get_command(ctx, cmd_name)) is not None:
            return command
        from ringcentral_meetings.cli.commands import COMMANDS

        return COMMANDS.get(cmd_name)


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Serve a person's RingCentral meetings to an AI assistant over MCP. Without a command it serves stdio, "
    "as MCP clients start it. Settings come from the environment: RINGCENTRAL_CLIENT_ID and others.",
)
@server_options()
@click.option("--http", metavar="HOST:PORT", help="Serve streamable HTTP on this loopback address instead of stdio.")
@click.version_option(__version__, "-V", "--version", prog_name=PROGRAM)
@click.pass_context
def cli(ctx: click.Context, http: str | None) -> None:
    name = ctx.invoked_subcommand
    if name is None:
        from ringcentral_meetings.cli.start import serve

        serve(given(ctx).env_file, given(ctx).settings, http)
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where stdout is no terminal, Windows encodes it in a code page that lacks most characters.
        sys.stdout.reconfigure(errors="backslashreplace")
    if http is not None:
        raise click.UsageError(f"{name} takes no --http.")
    refuse_others(ctx, cli.get_command(ctx, name))


@cli.command("demo", help="Show a working day: the real server, driven by a real client, on the simulator.")
@click.option(
    "--json", "as_json", is_flag=True, help="Instead, print the messages that they exchange, one JSON a line."
)
def _demo(as_json: bool) -> None:
    if as_json:
        from ringcentral_meetings.cli.demo import run_as_json

        sys.exit(run_as_json())
    from ringcentral_meetings.cli.demo_output import Table

    table = Table.on_stdout()
    table.begin()  # before what takes long: importing the client, too
    from ringcentral_meetings.cli.demo import run

    sys.exit(run(output=table))


@cli.command("agenda")
@server_options()
@click.option("--allow-changes", is_flag=True, help="Let meetings be created from the page.")
@click.option("--no-browser", "browser", flag_value=False, default=True, help="Only print the address.")
@click.pass_context
def _agenda(ctx: click.Context, allow_changes: bool, browser: bool) -> None:
    """Show your week in a browser, as hosts of MCP Apps draw it.

    The page is served to this machine alone, at an address that works once. It changes nothing unless you say
    --allow-changes.
    """
    from ringcentral_meetings.cli import agenda

    reads = {} if allow_changes else {"read_only": True}
    settings = _loaded(ctx, {"log_level": "WARNING"}, reads)
    sys.exit(agenda.run(settings, browser=browser))


def _tool_names(*typed: Any) -> "list[CompletionItem]":
    from ringcentral_meetings.cli.call import complete_tool

    return complete_tool(*typed)


def _arguments(*typed: Any) -> "list[CompletionItem]":
    from ringcentral_meetings.cli.call import complete_argument

    return complete_argument(*typed)


@cli.command("call")
@server_options()
@click.argument("tool", metavar="TOOL", shell_complete=_tool_names)
@click.argument("arguments", metavar="[NAME=VALUE]...", nargs=-1, shell_complete=_arguments)
@click.option("--json", "as_json", is_flag=True, help="Print an error as JSON on stdout too.")
@click.pass_context
def _call(ctx: click.Context, tool: str, arguments: tuple[str, ...], as_json: bool) -> None:
    """Call a tool of the server from the shell.

    Values are JSON, or else text: limit=5, topic="Weekly sync", settings={"waiting_room":true}. The result is one line
    of JSON on stdout; attached files are not printed. An error goes to stderr, with exit code 1. In a terminal you are
    asked before a meeting is deleted or ended.
    """
    wrong_pair = next((pair for pair in arguments if pair.find("=") < 1), None)
    if wrong_pair is not None:
        raise click.UsageError(f"{wrong_pair!r} is not of the form NAME=VALUE.")
    from ringcentral_meetings.cli import call

    settings = _loaded(ctx, {"log_level": "WARNING"})
    sys.exit(call.run(settings, tool, arguments, as_json=as_json))


@cli.command("login")
@click.option(
    "--no-browser", is_flag=True, help="Print the address, and read the one it leads to from stdin: ssh, containers."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), metavar="N", default=8_912, show_default=True, help="0 for a free one."
)
@server_options("env_file", "profile")
@click.pass_context
def _login(ctx: click.Context, no_browser: bool, port: int) -> None:
    """Sign in to RingCentral with a browser, and store the session for the server.

    Needs RINGCENTRAL_CLIENT_ID, and RINGCENTRAL_CLIENT_SECRET if the app has a secret. In the developer console
    the app must list exactly the redirect address http://127.0.0.1:8912/callback, or the same with your --port.
    """
    from ringcentral_meetings.cli import login

    if no_browser and port == 0:
        raise click.UsageError("--no-browser needs a fixed --port, one that the app lists in the developer console.")
    settings = _settings(ctx)
    try:
        if no_browser:
            login.without_browser(settings, port)
        else:
            login.with_browser(settings, port)
    except login.Failed as failed:
        fail(str(failed), FAILED)


@cli.command("logout")
@server_options("env_file", "profile")
@click.option("--all", "everything", is_flag=True, help="Of all profiles, and remove all else that is stored.")
@click.pass_context
def _logout(ctx: click.Context, everything: bool) -> None:
    """End the stored session at RingCentral and delete it here.

    With --all every session is ended, and everything is removed that this program has stored for you: sign-ins, notes
    of creations, and the settings that setup wrote. It says what that was, and what is yours and left.
    """
    from ringcentral_meetings.cli import login, logout, removal

    if everything and "profile" in given(ctx).settings:
        raise click.UsageError("--all ends the sessions of all profiles; leave --profile out.")
    try:
        if everything:
            removal.run(_given_settings(ctx), given(ctx).env_file)
        else:
            logout.run(_settings(ctx))
    except login.Failed as failed:
        fail(str(failed), FAILED)


@cli.command("doctor")
@server_options()
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@click.option("--probe", is_flag=True, help="Instead, ask the account what RingCentral's documentation leaves open.")
@click.pass_context
def _doctor(ctx: click.Context, as_json: bool, probe: bool) -> None:
    """Check settings, network, sign-in, permissions and clients, and say how to fix what fails.

    Nothing is changed. The exit code is 1 if the server cannot work; a client whose entry does not start is a warning.
    What --probe prints holds no id, name, topic or secret, so that it can be pasted into a bug report.
    """
    if not probe:
        from ringcentral_meetings.cli import doctor

        sys.exit(doctor.run(given(ctx).env_file, given(ctx).settings, as_json=as_json))
    from ringcentral_meetings.cli import probe as probing

    sys.exit(probing.run(_loaded(ctx), as_json=as_json))


@cli.command("setup")
@click.option(
    "--client",
    "clients",
    type=click.Choice(CLIENTS[:-1]),
    metavar="NAME",
    multiple=True,
    help="An assistant to set up, as for config; repeatable.  [default: those found]",
)
@click.option(
    "--sign-in",
    "how",
    type=click.Choice(["browser", "other-browser", "jwt"]),
    help="How to sign in to your own account; other-browser is one on another computer.",
)
@click.option("--yes", is_flag=True, help="Ask nothing, and take what the options and the environment say.")
@server_options()
@click.pass_context
def _setup(ctx: click.Context, clients: tuple[Any, ...], how: Any, yes: bool) -> None:
    """Connect RingCentral meetings with an AI assistant on this computer, step by step.

    It asks whose meetings to use, yours or made-up ones, signs in, finds the assistants, shows what it changes in their
    files, and starts what it has written. Without a terminal say --yes and what you want. Secrets are taken from the
    environment or from --env-file, never from the command line.
    """
    from ringcentral_meetings.cli import setup
    from ringcentral_meetings.cli.changes import Unwritable
    from ringcentral_meetings.settings import SettingsError

    try:
        setup.run(given(ctx).env_file, given(ctx).settings, setup.Options(clients, how, yes))
    except SettingsError as wrong:
        fail(str(wrong), USAGE_ERROR)
    except (setup.Failed, Unwritable) as failed:
        fail(str(failed), FAILED)
    except (click.Abort, KeyboardInterrupt):
        click.echo(f"\n{PROGRAM}: interrupted; nothing was changed", err=True)
        sys.exit(INTERRUPTED)


@cli.command("config")
@click.argument("client", type=click.Choice(CLIENTS), metavar="CLIENT")
@click.option(
    "--write", "action", flag_value="write", help="Write it into the client's file, after showing the change."
)
@click.option("--undo", "action", flag_value="undo", help="Take it out of the client's file again.")
@click.option("--link", "action", flag_value="link", help="Print a link that installs it, for clients that have those.")
@server_options()
@click.pass_context
def _config(ctx: click.Context, client: Any, action: Any) -> None:
    """Print the configuration with which an MCP client starts this server, as it is installed here.

    CLIENT is one of claude-desktop, claude-code, cursor, vscode, codex, gemini, windsurf, zed, cline, lm-studio, goose,
    continue, jetbrains, and json for any other.

    No secret is printed, written or linked: the entry names a file that holds them, such as the one that setup makes.
    What --write changes is kept beside the file; --undo gives it back.
    """
    from ringcentral_meetings.cli import config
    from ringcentral_meetings.cli.changes import Unwritable
    from ringcentral_meetings.settings import SettingsError

    try:
        config.run(client, action or "print", given(ctx).env_file, given(ctx).settings)
    except SettingsError as wrong:
        fail(str(wrong), USAGE_ERROR)
    except (config.Failed, Unwritable) as failed:
        fail(str(failed), FAILED)


def _loaded(
    ctx: click.Context, defaults: dict[str, Any] | None = None, last: dict[str, Any] | None = None
) -> "Settings":
    """Return the settings: `last`, the options, `defaults`, else as always, or from the file that `setup` keeps.

    An invalid one ends the command.
    """
    from ringcentral_meetings.cli.settings_file import load_for_command
    from ringcentral_meetings.settings import SettingsError

    try:
        overrides = {**(defaults or {}), **given(ctx).settings, **(last or {})}
        settings, kept = load_for_command(given(ctx).env_file, overrides)
    except SettingsError as wrong:
        fail(str(wrong), USAGE_ERROR)
    if kept is not None and sys.stderr is not None and sys.stderr.isatty():
        click.echo(f"Settings: {kept}", err=True)
    return settings


def _settings(ctx: click.Context) -> "Settings":
    return _with_logs(_loaded(ctx))


def _given_settings(ctx: click.Context) -> "Settings":
    """Return the settings without the file that `setup` keeps, which may be broken. An invalid one ends the command."""
    from ringcentral_meetings.settings import SettingsError, load

    try:
        return _with_logs(load(given(ctx).env_file, given(ctx).settings))
    except SettingsError as wrong:
        fail(str(wrong), USAGE_ERROR)


def _with_logs(settings: "Settings") -> "Settings":
    from ringcentral_meetings import logs

    logs.configure("WARNING", settings.log_format, settings.secrets())
    return settings


def main() -> None:
    """Run the console script."""
    try:
        _run()
    except (Exception, BaseExceptionGroup) as failed:
        _explain(first_of(failed) if isinstance(failed, BaseExceptionGroup) else failed)
        raise


def _explain(fault: BaseException) -> None:
    """End the process if the reader of stdout has gone, or if the simulator's file cannot be used."""
    if isinstance(fault, OSError) and fault.errno in {errno.EPIPE, errno.ENOSPC}:
        # What is still buffered would be written again at the end, and fail with a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        fail(f"stdout cannot be written: {fault.strerror}", FAILED)
    from sqlite3 import Error as DatabaseError

    if isinstance(fault, DatabaseError):
        fail(f"RINGCENTRAL_SIMULATOR_DATA: {fault}", FAILED)


def _run() -> None:
    stdout = sys.stdout
    try:
        cli.main(prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        # Both rich and click turn a broken pipe into this, without a message; click replaces stdout then.
        if isinstance(ended.__context__, BrokenPipeError) or sys.stdout is not stdout:
            sys.stdout = stdout
            raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE)) from None
        raise
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()
