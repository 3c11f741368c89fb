"""The declarations of commands with many options, which `cli` imports when one of them is run or listed."""

import sys
from typing import Any, Final

import click

_SIMULATE: Final = "Run the RingCentral simulator as an HTTP server."


@click.command("simulate", help=_SIMULATE, short_help=_SIMULATE)
@click.option(
    "--port", type=click.IntRange(0, 65_535), metavar="N", default=8_910, show_default=True, help="0 for a free one."
)
@click.option("--data", type=click.Path(dir_okay=False), metavar="PATH", help="Keep the simulator's data in this file.")
@click.option("--reset", is_flag=True, help="Replace everything in that file with new sample meetings.")
@click.option(
    "--faults", metavar="SPEC", help="Make calls fail, e.g. 'GET .* status=503 p=0.2 seed=7'; 'help' lists all."
)
@click.option(
    "--product",
    type=click.Choice(["meetings", "video", "both"]),
    default="meetings",
    show_default=True,
    help="What the account has: RingCentral Meetings, RingCentral Video, or both, with the user on Meetings.",
)
@click.option("--zone", metavar="NAME", help="Time zone of the user, such as Europe/Berlin.  [default: New York's]")
@click.option("--no-refresh-tokens", "refresh_tokens", flag_value=False, default=True, help="Issue no refresh tokens.")
@click.option("--no-rate-limits", "rate_limits", flag_value=False, default=True, help="Lift the rate limits.")
@click.option(
    "--redirect-uri",
    "redirect_uris",
    metavar="URI",
    multiple=True,
    help="A redirect URI of the app; repeatable.  [default: http://127.0.0.1:8912/callback]",
)
@click.option(
    "--switch",
    "switches",
    metavar="NAME=VALUE",
    multiple=True,
    help="Set how the platform behaves or what the account may do; repeatable; 'help' lists all.",
)
@click.option(
    "--people", type=click.IntRange(1, 20_000), metavar="N", default=1, show_default=True, help="How many may sign in."
)
@click.option(
    "--users-file",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="Sign all of them in, and write the test users of `host` to this file.",
)
def _simulate(port: int, data: str | None, reset: bool, faults: str | None, **options: Any) -> None:
    from ringcentral_meetings.cli.simulate import Options, run

    if reset and data is None:
        raise click.UsageError("--reset needs --data.")
    if options["users_file"] is not None and not options["refresh_tokens"]:
        raise click.UsageError("--users-file needs refresh tokens.")
    sys.exit(run(port, data, faults, Options(reset=reset, **options)))


@click.command("host", short_help="Serve many people at one address.")
@click.option("--listen", default="127.0.0.1:8920", show_default=True, metavar="HOST:PORT", help="Where to serve.")
@click.option("--metrics", metavar="HOST:PORT", help="Where to serve the metrics, apart.  [default: nowhere]")
@click.option(
    "--test-users",
    type=click.Path(dir_okay=False),
    metavar="PATH",
    help="Development: the file of people, a bearer token and a refresh token a line.",
)
@click.option(
    "--new-key-ring", type=click.Path(dir_okay=False), metavar="PATH", help="Write a new file of keys, and end."
)
@click.option("--demo", is_flag=True, help="Try it: two processes, a store, and the simulator as RingCentral.")
@click.option("--env-file", type=click.Path(dir_okay=False), metavar="PATH", help="Read settings from this file too.")
def _host(
    listen: str, metrics: str | None, test_users: str | None, new_key_ring: str | None, demo: bool, env_file: str | None
) -> None:
    """Serve many people at one address, as one of any number of equal processes behind a balancer.

    They share a Redis or Valkey server, RINGCENTRAL_STORE_URL, and the keys in RINGCENTRAL_KEY_RING. People reach them
    at RINGCENTRAL_PUBLIC_URL, and those of RINGCENTRAL_ADMITTED_ACCOUNTS sign in there with a browser. Needs the
    packages of the extra "host": pip install '.[host]'.
    """
    try:
        from ringcentral_meetings.cli import host
    except ModuleNotFoundError as missing:
        raise click.ClickException(f"host needs the package {missing.name}: pip install '.[host]'") from missing
    if new_key_ring is not None:
        sys.exit(host.new_key_ring(new_key_ring))
    if demo:
        from ringcentral_meetings.cli.host_demo import run

        sys.exit(run(listen))
    sys.exit(host.run(listen, metrics, test_users, env_file))


COMMANDS: Final = {command.name or "": command for command in (_host, _simulate)}
"""By name."""
