"""The command line: one file a command, imported when it is asked for."""

import sys
from typing import Any, NoReturn

import click

from ringcentral_meetings import __version__

PROGRAM = "ringcentral-meetings-mcp"
FAILED = 1
USAGE_ERROR = 2
INTERRUPTED = 130


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="Serve a person's RingCentral meetings to an AI assistant over MCP. Without a command it serves stdio, "
    "as MCP clients start it. Settings come from the environment: RINGCENTRAL_CLIENT_ID and others.",
)
@click.option("--simulator", is_flag=True, help="Use the built-in RingCentral simulator; needs no account.")
@click.option("--read-only", is_flag=True, help="Offer no tool that changes anything.")
@click.option(
    "--env-file",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="Read settings from this .env file too (or from the one that RINGCENTRAL_ENV_FILE names).",
)
@click.version_option(__version__, "-V", "--version", prog_name=PROGRAM)
@click.pass_context
def cli(ctx: click.Context, simulator: bool, read_only: bool, env_file: str | None) -> None:
    if ctx.invoked_subcommand is None:
        _serve(env_file, {"simulator": simulator or None, "read_only": read_only or None})
    elif simulator or read_only or env_file is not None:
        raise click.UsageError(f"--simulator, --read-only and --env-file do not go with {ctx.invoked_subcommand}.")


@cli.command("demo", help="Show a working day: the real server, driven by a real client, on the simulator.")
def _demo() -> None:
    from ringcentral_meetings.cli.demo import run

    sys.exit(run())


@cli.command("simulate", help="Run the RingCentral simulator as an HTTP server of its own.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8_910, show_default=True, help="0 for a free one.")
@click.option("--data", type=click.Path(dir_okay=False), metavar="PATH", help="Keep its data in this file.")
@click.option("--faults", metavar="SPEC", help="Make it fail, e.g. 'GET .* status=503 p=0.2 seed=7'.")
def _simulate(port: int, data: str | None, faults: str | None) -> None:
    from ringcentral_meetings.cli.simulate import run

    sys.exit(run(port, data, faults))


def _serve(env_file: str | None, given: dict[str, Any]) -> None:
    if sys.stdin is None:
        return
    if sys.stdout is None:
        _fail("stdout is closed; MCP needs it", FAILED)
    from ringcentral_meetings.settings import SettingsError, load

    try:
        settings = load(env_file, {name: value for name, value in given.items() if value is not None})
    except SettingsError as wrong:
        _fail(str(wrong), USAGE_ERROR)
    from ringcentral_meetings.cli.serve import serve_stdio

    try:
        serve_stdio(settings)
    except ExceptionGroup as failed:
        _explain(failed)
        raise


def _explain(failed: ExceptionGroup[Exception]) -> None:
    """End the process where the client has gone, or the simulator's file cannot be used."""
    from sqlite3 import Error as DatabaseError

    client_gone, rest = failed.split(BrokenPipeError)
    if client_gone is not None and rest is None:
        sys.exit(FAILED)
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
    """The console script."""
    try:
        cli.main(prog_name=PROGRAM, standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        sys.exit(INTERRUPTED)
