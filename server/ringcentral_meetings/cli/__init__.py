"""The command line: one file a command, imported when it is asked for."""

import sys
from typing import Any

import click

from ringcentral_meetings import __version__

USAGE_ERROR = 2


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
@click.version_option(__version__, "-V", "--version", prog_name="ringcentral-meetings-mcp")
@click.pass_context
def cli(ctx: click.Context, simulator: bool, read_only: bool, env_file: str | None) -> None:
    ctx.obj = _Options(env_file, {"simulator": simulator or None, "read_only": read_only or None})
    if ctx.invoked_subcommand is None:
        from ringcentral_meetings.cli.serve import serve_stdio

        serve_stdio(ctx.obj.settings())


class _Options:
    """What was given in front of the command."""

    def __init__(self, env_file: str | None, given: dict[str, Any]) -> None:
        self.env_file = env_file
        self.overrides = {name: value for name, value in given.items() if value is not None}

    def settings(self) -> Any:
        """The settings; a wrong one ends the process with one line that names it."""
        from ringcentral_meetings.settings import SettingsError, load

        try:
            return load(self.env_file, self.overrides)
        except SettingsError as wrong:
            click.echo(f"ringcentral-meetings-mcp: {wrong}", err=True)
            sys.exit(USAGE_ERROR)


@cli.command(help="Show a working day: the real server, driven by a real client, on the simulator.")
def demo() -> None:
    from ringcentral_meetings.cli.demo import run

    sys.exit(run())


@cli.command(help="Run the RingCentral simulator as an HTTP server of its own.")
@click.option("--port", type=click.IntRange(0, 65_535), default=8_910, show_default=True, help="0 for a free one.")
@click.option("--data", type=click.Path(dir_okay=False), metavar="PATH", help="Keep its data in this file.")
@click.option("--faults", metavar="SPEC", help="Make it fail, e.g. 'GET .* status=503 p=0.2 seed=7'.")
def simulate(port: int, data: str | None, faults: str | None) -> None:
    from ringcentral_meetings.cli.simulate import run

    sys.exit(run(port, data, faults))


def main() -> None:
    """The console script."""
    cli.main(prog_name="ringcentral-meetings-mcp")
