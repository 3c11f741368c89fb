"""The command line: one file per command, imported when the command is run."""

import errno
import gc
import io
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast

import click

from ringcentral_meetings import PROGRAM, __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ringcentral_meetings.settings import Settings, SettingsError

TAKE_OPTIONS = frozenset({"agenda", "call", "doctor", "config"})
"""The commands about the server, which take the options that stand before them."""
FAILED = 1
USAGE_ERROR = 2
INTERRUPTED = 130
WAITING = f"""\
Waiting for an MCP client on stdin: assistants start this command by themselves. Ctrl-C ends it.
To try it: {PROGRAM} demo, or --simulator agenda. To check your setup: {PROGRAM} doctor.
"""


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


class Given(NamedTuple):
    """The options that stand before a command: the .env file, and settings by name."""

    env_file: str | None
    settings: dict[str, Any]


@click.group(
    cls=_Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Serve a person's RingCentral meetings to an AI assistant over MCP. Without a command it serves stdio, "
    "as MCP clients start it. Settings come from the environment: RINGCENTRAL_CLIENT_ID and others.",
)
@click.option("--simulator", is_flag=True, help="Use the built-in RingCentral simulator; needs no account.")
@click.option("--read-only", is_flag=True, help="Offer only the tools that change nothing.")
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="Also read settings from this .env file (or from the one that RINGCENTRAL_ENV_FILE names).",
)
@click.option("--profile", metavar="NAME", help="Which stored sign-in to use (or RINGCENTRAL_PROFILE); see login.")
@click.option("--http", metavar="HOST:PORT", help="Serve streamable HTTP on this loopback address instead of stdio.")
@click.version_option(__version__, "-V", "--version", prog_name=PROGRAM)
@click.pass_context
def cli(
    ctx: click.Context, simulator: bool, read_only: bool, env_file: str | None, profile: str | None, http: str | None
) -> None:
    flags = {"simulator": simulator or None, "read_only": read_only or None}
    given = {name: value for name, value in (flags | {"profile": profile}).items() if value is not None}
    ctx.obj = Given(env_file, given)
    name = ctx.invoked_subcommand
    if name is None:
        _serve(env_file, given, http)
        return
    if isinstance(sys.stdout, io.TextIOWrapper):
        # Where stdout is no terminal, Windows encodes it in a code page that lacks most characters.
        sys.stdout.reconfigure(errors="backslashreplace")
    if http is not None or ((given or env_file is not None) and name not in TAKE_OPTIONS):
        raise click.UsageError(f"{name} takes no options before its name; see {PROGRAM} {name} --help.")


@cli.command("demo", help="Show a working day: the real server, driven by a real client, on the simulator.")
@click.option(
    "--json", "as_json", is_flag=True, help="Instead, print the messages that they exchange, one JSON a line."
)
def _demo(as_json: bool) -> None:
    from ringcentral_meetings.cli.demo import run, run_as_json

    sys.exit(run_as_json() if as_json else run())


@cli.command("agenda")
@click.option("--allow-changes", is_flag=True, help="Let meetings be created from the page.")
@click.option("--no-browser", "browser", flag_value=False, default=True, help="Only print the address.")
@click.pass_context
def _agenda(ctx: click.Context, allow_changes: bool, browser: bool) -> None:
    """Show your week in a browser, as hosts of MCP Apps draw it.

    The page is served to this machine alone, at an address that works once. It changes nothing unless you say
    --allow-changes. Options such as --simulator and --env-file go before agenda.
    """
    from ringcentral_meetings.cli import agenda

    given = cast("Given", ctx.obj)
    reads = {} if allow_changes else {"read_only": True}
    settings = _loaded(given.env_file, {"log_level": "WARNING", **given.settings, **reads})
    sys.exit(agenda.run(settings, browser=browser))


def _tool_names(*typed: Any) -> "list[CompletionItem]":
    from ringcentral_meetings.cli.call import complete_tool

    return complete_tool(*typed)


def _arguments(*typed: Any) -> "list[CompletionItem]":
    from ringcentral_meetings.cli.call import complete_argument

    return complete_argument(*typed)


@cli.command("call")
@click.argument("tool", metavar="TOOL", shell_complete=_tool_names)
@click.argument("arguments", metavar="[NAME=VALUE]...", nargs=-1, shell_complete=_arguments)
@click.option("--json", "as_json", is_flag=True, help="Print an error as JSON on stdout too.")
@click.pass_context
def _call(ctx: click.Context, tool: str, arguments: tuple[str, ...], as_json: bool) -> None:
    """Call a tool of the server from the shell.

    Values are JSON, or else text: limit=5, topic="Weekly sync", settings={"waiting_room":true}. The result is one line
    of JSON on stdout; attached files are not printed. An error goes to stderr, with exit code 1. In a terminal you are
    asked before a meeting is deleted or ended.

    Options such as --simulator, --read-only and --env-file go before call.
    """
    wrong_pair = next((pair for pair in arguments if pair.find("=") < 1), None)
    if wrong_pair is not None:
        raise click.UsageError(f"{wrong_pair!r} is not of the form NAME=VALUE.")
    from ringcentral_meetings.cli import call

    given = cast("Given", ctx.obj)
    settings = _loaded(given.env_file, {"log_level": "WARNING", **given.settings})
    sys.exit(call.run(settings, tool, arguments, as_json=as_json))


@cli.command("login")
@click.option(
    "--no-browser", is_flag=True, help="Print the address, and read the one it leads to from stdin: ssh, containers."
)
@click.option("--port", type=click.IntRange(0, 65_535), default=8_912, show_default=True, help="0 for a free one.")
@click.option("--profile", metavar="NAME", help="Store the session under this name (or RINGCENTRAL_PROFILE).")
@click.option("--env-file", type=click.Path(dir_okay=False), metavar="PATH", help="Read settings from this file too.")
def _login(no_browser: bool, port: int, profile: str | None, env_file: str | None) -> None:
    """Sign in to RingCentral with a browser, and store the session for the server.

    Needs RINGCENTRAL_CLIENT_ID, and RINGCENTRAL_CLIENT_SECRET if the app has a secret. In the developer console
    the app must list exactly the redirect address http://127.0.0.1:8912/callback, or the same with your --port.
    """
    from ringcentral_meetings.cli import login

    if no_browser and port == 0:
        raise click.UsageError("--no-browser needs a fixed --port, one that the app lists in the developer console.")
    settings = _settings(env_file, profile)
    try:
        if no_browser:
            login.without_browser(settings, port)
        else:
            login.with_browser(settings, port)
    except login.Failed as failed:
        _fail(str(failed), FAILED)


@cli.command("logout")
@click.option("--profile", metavar="NAME", help="Whose session to end (or RINGCENTRAL_PROFILE).")
@click.option("--env-file", type=click.Path(dir_okay=False), metavar="PATH", help="Read settings from this file too.")
@click.option("--all", "everything", is_flag=True, help="Of all profiles, and remove all else that is stored.")
def _logout(profile: str | None, env_file: str | None, everything: bool) -> None:
    """End the stored session at RingCentral and delete it here.

    With --all every session is ended, and everything is removed that this program has stored for you: sign-ins, notes
    of creations, and the settings that setup wrote. It says what that was, and what is yours and left.
    """
    from ringcentral_meetings.cli import login, logout, removal

    if everything and profile is not None:
        raise click.UsageError("--all ends the sessions of all profiles; leave --profile out.")
    try:
        if everything:
            removal.run(_settings(env_file, profile), env_file)
        else:
            logout.run(_settings(env_file, profile))
    except login.Failed as failed:
        _fail(str(failed), FAILED)


@cli.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON.")
@click.option("--probe", is_flag=True, help="Instead, ask the account what RingCentral's documentation leaves open.")
@click.pass_context
def _doctor(ctx: click.Context, as_json: bool, probe: bool) -> None:
    """Check settings, network, sign-in, permissions and clients, and say how to fix what fails.

    Nothing is changed. The exit code is 1 if the server cannot work; a client whose entry does not start is a warning.
    What --probe prints holds no id, name, topic or secret, so that it can be pasted into a bug report. Options such as
    --simulator and --env-file go before doctor.
    """
    given = cast("Given", ctx.obj)
    if not probe:
        from ringcentral_meetings.cli import doctor

        sys.exit(doctor.run(given.env_file, given.settings, as_json=as_json))
    from ringcentral_meetings.cli import probe as probing

    sys.exit(probing.run(_loaded(given.env_file, given.settings), as_json=as_json))


@cli.command("config")
@click.argument("client", type=click.Choice(["claude-desktop", "claude-code", "cursor", "vscode"]))
@click.pass_context
def _config(ctx: click.Context, client: Any) -> None:
    """Print the configuration with which an MCP client starts this server, as it is installed here.

    If RINGCENTRAL_JWT is set and no login is stored, that is the form for a JWT; otherwise the form for a login, which
    names only the client id. None of your values is printed. For Claude Code, secrets go into a file and not into the
    command line.

    Options such as --simulator, --read-only, --profile and --env-file go before config, and are part of what is
    printed.
    """
    from ringcentral_meetings.cli import config
    from ringcentral_meetings.settings import SettingsError

    given = cast("Given", ctx.obj)
    try:
        config.run(client, config.options(given.env_file, given.settings), given.env_file, given.settings)
    except SettingsError as wrong:
        _fail(str(wrong), USAGE_ERROR)


def _loaded(env_file: str | None, overrides: dict[str, Any]) -> "Settings":
    """Return the settings; an invalid one ends the command."""
    from ringcentral_meetings.settings import SettingsError, load

    try:
        return load(env_file, overrides)
    except SettingsError as wrong:
        _fail(str(wrong), USAGE_ERROR)


def _settings(env_file: str | None, profile: str | None) -> "Settings":
    from ringcentral_meetings import logs

    settings = _loaded(env_file, {} if profile is None else {"profile": profile})
    logs.configure("WARNING", settings.log_format, settings.secrets())
    return settings


def _serve(env_file: str | None, given: dict[str, Any], http: str | None) -> None:
    if http is None and sys.stdin is None:
        return
    if http is None and sys.stdout is None:
        _fail("stdout is closed; MCP needs it", FAILED)
    if http is None and sys.stdin.isatty():
        click.echo(WAITING, err=True, nl=False)
    # Modules are never garbage: collecting while they are imported costs a tenth of the start-up time.
    gc.disable()
    from ringcentral_meetings.cli.fast_imports import import_libraries

    import_libraries()
    settings, wrong = _settings_to_serve(env_file, given)
    if http is not None:
        gc.enable()
        _serve_http(settings, http, wrong)
        return
    from ringcentral_meetings.cli.serve import serve_stdio

    try:
        serve_stdio(settings, wrong)
    except ExceptionGroup as failed:
        _explain(failed)
        raise


def _settings_to_serve(env_file: str | None, given: dict[str, Any]) -> "tuple[Settings, SettingsError | None]":
    """Return the settings; for invalid ones, harmless defaults and what is wrong.

    A client shows nothing of a server that ends at once but "failed to connect". One that runs can say why.
    """
    from ringcentral_meetings.settings import SettingsError, harmless, load

    try:
        settings = load(env_file, given)
    except SettingsError as wrong:
        click.echo(f"{PROGRAM}: {wrong}; every call is refused until this is corrected", err=True)
        return harmless(), wrong
    _warn_of_settings(settings, env_file)
    return settings, None


def _warn_of_settings(settings: "Settings", env_file: str | None) -> None:
    """Log what is set and has no effect."""
    from ringcentral_meetings.settings import findings

    if warnings := list(findings(env_file).lines()):
        import logging

        from ringcentral_meetings import logs

        logs.configure(settings.log_level, settings.log_format, settings.secrets())
        for warning in warnings:
            logging.getLogger("ringcentral_meetings").warning("%s", warning)


def _serve_http(settings: "Settings", text: str, wrong: "SettingsError | None") -> None:
    from sqlite3 import Error as DatabaseError

    from ringcentral_meetings.cli.serve import serve_http
    from ringcentral_meetings.protocol.http import UnusableAddress, read_address

    try:
        sys.exit(serve_http(settings, read_address(text), wrong))
    except UnusableAddress as unusable:
        _fail(f"--http: {unusable}", USAGE_ERROR)
    except OSError as taken:
        _fail(f"--http {text}: {taken.strerror}", FAILED)
    except DatabaseError as broken:
        _fail(f"RINGCENTRAL_SIMULATOR_DATA: {broken}", FAILED)


def _explain(failed: ExceptionGroup[Exception]) -> None:
    """End the process if the client has gone, or if the simulator's file cannot be used."""
    from sqlite3 import Error as DatabaseError

    client_gone, rest = failed.split(BrokenPipeError)
    if client_gone is not None and rest is None:
        os._exit(FAILED)  # a thread that still waits for stdin would keep the process alive
    unusable, rest = failed.split(DatabaseError)
    if unusable is not None and rest is None:
        _fail(f"RINGCENTRAL_SIMULATOR_DATA: {_first(unusable)}", FAILED)


def _first(failed: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = failed.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def _fail(problem: str, code: int) -> NoReturn:
    click.echo(f"{PROGRAM}: {problem}", err=True)
    sys.exit(code)


def main() -> None:
    """Run the console script."""
    try:
        _run()
    except (OSError, BaseExceptionGroup) as failed:
        fault = _first(failed) if isinstance(failed, BaseExceptionGroup) else failed
        if not isinstance(fault, OSError) or fault.errno not in {errno.EPIPE, errno.ENOSPC}:
            raise
        # What is still buffered would be written again at the end, and fail with a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _fail(f"stdout cannot be written: {fault.strerror}", FAILED)


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
