"""The server on stdio, as clients start it, or on HTTP: what the program does without a command."""

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

import click

from ringcentral_meetings import PROGRAM
from ringcentral_meetings.cli.exits import FAILED, USAGE_ERROR, fail, first_of

if TYPE_CHECKING:
    from ringcentral_meetings.settings import Settings, SettingsError

WAITING = f"""\
Waiting for an MCP client on stdin: assistants start this command by themselves. Ctrl-C ends it.
In a terminal use {PROGRAM} demo to try it, setup to add it to an assistant, doctor to check it.
"""


def serve(env_file: str | None, given: dict[str, Any], http: str | None) -> None:
    """Serve until the client ends, or this is interrupted; `http` is the address, None for stdio."""
    if http is None and sys.stdin is None:
        return
    if http is None and sys.stdout is None:
        fail("stdout is closed; MCP needs it", FAILED)
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
        fail(f"--http: {unusable}", USAGE_ERROR)
    except OSError as taken:
        fail(f"--http {text}: {taken.strerror}", FAILED)
    except DatabaseError as broken:
        fail(f"RINGCENTRAL_SIMULATOR_DATA: {broken}", FAILED)


def _explain(failed: ExceptionGroup[Exception]) -> None:
    """End the process if the client has gone, or if the simulator's file cannot be used."""
    from sqlite3 import Error as DatabaseError

    client_gone, rest = failed.split(BrokenPipeError)
    if client_gone is not None and rest is None:
        os._exit(FAILED)  # a thread that still waits for stdin would keep the process alive
    unusable, rest = failed.split(DatabaseError)
    if unusable is not None and rest is None:
        fail(f"RINGCENTRAL_SIMULATOR_DATA: {first_of(unusable)}", FAILED)
