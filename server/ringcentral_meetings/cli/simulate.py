"""The command `simulate`: the simulator as an HTTP server, and the settings that point the MCP server at it."""

import os
import secrets
import signal
import sqlite3
import sys
from pathlib import Path
from types import FrameType
from typing import Final, Literal, NamedTuple
from urllib.parse import urlsplit

import click

from ringcentral_meetings import simulator
from ringcentral_meetings.domain import zones  # noqa: F401  (settles which time zone data this process reads)
from ringcentral_meetings.simulator import Faults, Provider, Simulator, http
from ringcentral_meetings.simulator import options as account_options
from ringcentral_meetings.simulator.faults.spec import help_text

HOST = "127.0.0.1"
CANNOT_SERVE = 1
USAGE_ERROR = 2
PUBLISHERS: Final = {
    "google": "Google",
    "microsoft": "Microsoft 365",
    "icloud": "iCloud",
    "busy": "Google without texts",
}

Product = Literal["meetings", "video", "both"]


class Options(NamedTuple):
    """What the simulated account and its applications are like; see `simulate --help`."""

    product: Product = "meetings"
    zone: str | None = None
    reset: bool = False
    refresh_tokens: bool = True
    rate_limits: bool = True
    redirect_uris: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    people: int = 1
    users_file: str | None = None


def run(port: int, data: str | None, faults: str | None, options: Options) -> int:
    """Serve until SIGINT or SIGTERM; return 128 plus the signal's number, or the exit code of a failure."""
    if faults == "help":
        click.echo(help_text())
        return 0
    if "help" in options.switches:
        click.echo(account_options.help_text(_platform(None, Faults(), options._replace(switches=()))))
        return 0
    signal.signal(signal.SIGTERM, _end)
    if (wrong := _wrong(faults, options)) is not None:
        return _refuse(wrong, USAGE_ERROR)
    try:
        return _serve(port, data, Faults.parse(faults or ""), options)
    except ValueError as fault:
        return _refuse(f"--zone: {fault}", USAGE_ERROR)
    except sqlite3.Error as unusable:
        return _refuse(f"--data: {unusable}", CANNOT_SERVE)
    except OSError as failed:
        what = f"--port {port}" if failed.filename is None else f"--users-file {failed.filename}"
        return _refuse(f"{what}: {failed.strerror}", CANNOT_SERVE)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _wrong(faults: str | None, options: Options) -> str | None:
    """Return which option makes no sense, and why; None if each does."""
    try:
        Faults.parse(faults or "")
    except ValueError as fault:
        return f"--faults: {fault}; --faults help lists all"
    try:
        account_options.parse(options.switches)
    except ValueError as fault:
        return f"--switch: {fault}; --switch help lists all"
    for uri in options.redirect_uris:
        if not (urlsplit(uri).scheme in {"http", "https"} and urlsplit(uri).hostname):
            return f"--redirect-uri: {uri!r} is not of the form http://127.0.0.1:8912/callback"
    return None


def _serve(port: int, data: str | None, faults: Faults, options: Options) -> int:
    platform = _platform(data, faults, options)
    try:
        if options.reset:
            platform.reset()
        elif platform.refill():
            click.echo(f"The sample meetings in {data} were old: new ones were added, nothing was removed.", err=True)
        if options.users_file is not None:
            write_users(platform, Path(options.users_file))
        http.run(platform, HOST, port, lambda url: _print_settings(url, platform))
    finally:
        platform.close()
    return 0


def _platform(data: str | None, faults: Faults, options: Options) -> Simulator:
    provider: Provider = "RCVideo" if options.product == "video" else "RCMeetings"
    switches, account = account_options.parse(options.switches)
    platform = Simulator(
        database=data or ":memory:",
        faults=faults,
        switches=switches,
        provider=provider,
        dual_mode=options.product == "both",
        zone=options.zone,
        people=options.people,
        limits=None if options.rate_limits else simulator.UNLIMITED,
        redirect_uris=options.redirect_uris or simulator.REDIRECT_URIS,
        issue_refresh_tokens=options.refresh_tokens,
        refills=True,
    )
    account_options.set_account(platform, account)
    return platform


def write_users(platform: Simulator, path: Path) -> list[tuple[str, str]]:
    """Sign everybody in, write a line for each to a file for `host --test-users`, and return its two columns.

    They are a made-up bearer token for MCP clients, and the refresh token of the session. Raises OSError.
    """
    lines = [(secrets.token_urlsafe(32), platform.sign_in(person.id)["refresh_token"]) for person in platform.people]
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.writelines(f"{bearer} {refresh}\n" for bearer, refresh in lines)
    return lines


def _print_settings(url: str, platform: Simulator) -> None:
    """Print the settings on stdout, in the form of a .env file, and how to use them on stderr.

    The calendar is among the settings where it alone says when meetings are.
    """
    feeds = platform.feeds()
    for publisher, path in feeds.items():
        click.echo(f"The calendar as published by {PUBLISHERS[publisher]}: {url}{path}", err=True)
    click.echo(
        "Set these for ringcentral-meetings-mcp, or save them to a file for --env-file. Ctrl-C ends the simulator.",
        err=True,
    )
    click.echo(f"RINGCENTRAL_SERVER_URL={url}")
    click.echo(f"RINGCENTRAL_CLIENT_ID={simulator.CLIENT_ID}")
    click.echo(f"RINGCENTRAL_CLIENT_SECRET={simulator.CLIENT_SECRET}")
    click.echo(f"RINGCENTRAL_JWT={simulator.JWT}")
    if platform.provider == "RCVideo":
        click.echo(f"RINGCENTRAL_CALENDARS={url}{feeds['google']}")


def _refuse(problem: str, code: int) -> int:
    click.echo(f"ringcentral-meetings-mcp: {problem}", err=True)
    return code


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
