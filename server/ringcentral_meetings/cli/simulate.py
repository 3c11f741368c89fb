"""The simulator as an HTTP server of its own, and the settings that point a server at it."""

import signal
import sqlite3
import sys
from types import FrameType
from typing import Literal

import click

from ringcentral_meetings import simulator
from ringcentral_meetings.domain import zones  # noqa: F401  (settles which time zone data this process reads)
from ringcentral_meetings.simulator import Faults, Provider, Simulator, http

HOST = "127.0.0.1"
CANNOT_SERVE = 1
USAGE_ERROR = 2

Product = Literal["meetings", "video", "both"]


def run(port: int, data: str | None, faults: str | None, product: Product = "meetings") -> int:
    """Serve until SIGINT or SIGTERM; 128 and the signal's number, or what kept it from serving."""
    signal.signal(signal.SIGTERM, _end)
    try:
        parsed = Faults.parse(faults or "")
    except ValueError as wrong:
        return _refuse(f"--faults: {wrong}", USAGE_ERROR)
    try:
        return _serve(port, data, parsed, product)
    except sqlite3.Error as unusable:
        return _refuse(f"--data {data}: {unusable}", CANNOT_SERVE)
    except OSError as taken:
        return _refuse(f"--port {port}: {taken.strerror}", CANNOT_SERVE)
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


def _serve(port: int, data: str | None, faults: Faults, product: Product) -> int:
    provider: Provider = "RCVideo" if product == "video" else "RCMeetings"
    platform = Simulator(database=data or ":memory:", faults=faults, provider=provider, dual_mode=product == "both")
    try:
        http.run(platform, HOST, port, _tell)
    finally:
        platform.close()
    return 0


def _tell(url: str) -> None:
    """The settings on stdout, fit for a .env file; the words around them on stderr."""
    click.echo("Set these for ringcentral-meetings-mcp, or save them and pass --env-file. Ctrl-C ends it.", err=True)
    click.echo(f"RINGCENTRAL_SERVER_URL={url}")
    click.echo(f"RINGCENTRAL_CLIENT_ID={simulator.CLIENT_ID}")
    click.echo(f"RINGCENTRAL_CLIENT_SECRET={simulator.CLIENT_SECRET}")
    click.echo(f"RINGCENTRAL_JWT={simulator.JWT}")


def _refuse(problem: str, code: int) -> int:
    click.echo(f"ringcentral-meetings-mcp: {problem}", err=True)
    return code


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)
