"""The declarations of commands with many options, which `cli` imports when one of them is run or listed."""

import sys
from importlib import import_module
from typing import Any, Final

import click

_env_file = click.option(
    "--env-file", type=click.Path(dir_okay=False), metavar="PATH", help="Read settings from this file too."
)

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
@_env_file
def _host(
    listen: str, metrics: str | None, test_users: str | None, new_key_ring: str | None, demo: bool, env_file: str | None
) -> None:
    """Serve many people at one address, as one of any number of equal processes behind a balancer.

    They share a Redis or Valkey server, RINGCENTRAL_STORE_URL, and the keys in RINGCENTRAL_KEY_RING. People reach them
    at RINGCENTRAL_PUBLIC_URL, and those of RINGCENTRAL_ADMITTED_ACCOUNTS sign in there with a browser. Needs the
    packages of the extra "host": pip install '.[host]'.
    """
    host = _of_host("host")
    if new_key_ring is not None:
        sys.exit(host.new_key_ring(new_key_ring))
    if demo:
        sys.exit(_of_host("host_demo").run(listen))
    sys.exit(host.run(listen, metrics, test_users, env_file))


@click.group("people", short_help="See and sign out the people of a host.")
def _people() -> None:
    """See who has signed in to a host, and sign people out, with the settings of `host`."""


@_people.command("list", help="Print who has signed in, and with which MCP clients.")
@_env_file
def _list(env_file: str | None) -> None:
    operators = _of_host("operators")
    sys.exit(operators.at_the_host(operators.show, env_file))


@_people.command("end")
@click.argument("person", metavar="PERSON")
@_env_file
def _end(person: str, env_file: str | None) -> None:
    """Sign one person out of all MCP clients, and end the session at RingCentral.

    PERSON is a digest as logs and `people list` have it (8 digits or more), an extension id, or ACCOUNT/EXTENSION.
    """
    operators = _of_host("operators")
    sys.exit(operators.at_the_host(operators.ending(person), env_file))


@_people.command("end-all", help="Sign everybody out.")
@click.confirmation_option(prompt="Sign everybody out?")
@_env_file
def _end_all(env_file: str | None) -> None:
    operators = _of_host("operators")
    sys.exit(operators.at_the_host(operators.end_all, env_file))


@click.command("rekey", short_help="Seal a host's store with the first key of its ring.")
@_env_file
def _rekey(env_file: str | None) -> None:
    """Seal everything in a host's store with the first key of its ring, so that the others can be removed."""
    operators = _of_host("operators")
    sys.exit(operators.at_the_host(operators.rekey, env_file))


def _of_host(module: str) -> Any:
    """Return a module of `cli`. Raises `click.ClickException` where a package of the extra is not there."""
    try:
        return import_module(f"ringcentral_meetings.cli.{module}")
    except ModuleNotFoundError as missing:
        raise click.ClickException(f"this needs the package {missing.name}: pip install '.[host]'") from missing


COMMANDS: Final = {command.name or "": command for command in (_host, _people, _rekey, _simulate)}
"""By name."""
