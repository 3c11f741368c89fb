"""Serving MCP: over stdio, as MCP clients start it, or over HTTP."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TYPE_CHECKING

import anyio
import click

from ringcentral_meetings import logs
from ringcentral_meetings.app import build_server
from ringcentral_meetings.cli.fast_imports import without_rich
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.settings import Settings, SettingsError
from ringcentral_meetings.tools import Door

if TYPE_CHECKING:
    from ringcentral_meetings.protocol.http import Address


def serve_stdio(settings: Settings, wrong: SettingsError | None = None) -> None:
    """Serve until stdin ends, SIGINT or SIGTERM. Nothing but protocol goes to stdout.

    With `wrong`, what is wrong with the settings, every call is refused. A signal ends the process with 128 and its
    number, once the lifespan has ended in order.
    """
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    with without_rich():
        server = build_server(settings, wrong=wrong)
    # What has been imported stays for good. Frozen, it is left out of every collection from here on; the command line
    # disabled collection for the imports.
    gc.freeze()
    gc.enable()
    received = anyio.run(_serve_stdio, server)
    if received:
        # Not sys.exit: a worker thread that still waits for a line of stdin would hold up the end of the process.
        sys.stderr.flush()
        os._exit(128 + received[0])


async def _serve_stdio(server: ContractServer[Door]) -> list[int]:
    """Serve, and return the number of the signal that ended it, if one did."""
    received: list[int] = []
    async with anyio.create_task_group() as group:
        with _signals_to(received, group.cancel_scope):
            await server.run_stdio_async()
        group.cancel_scope.cancel()
    return received


@contextmanager
def _signals_to(received: list[int], scope: anyio.CancelScope) -> Iterator[None]:
    """Note SIGINT and SIGTERM, and cancel the scope.

    A handler of the loop wakes it up, where one of `signal.signal` would not run before the loop's next event if the
    signal came just before it waits. The loops of Windows have none of the first kind, and wake up for the second.
    """
    loop = asyncio.get_running_loop()

    def note(number: int, _: FrameType | None = None) -> None:
        received.append(number)
        loop.call_soon_threadsafe(scope.cancel)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        try:
            loop.add_signal_handler(number, note, number)
        except NotImplementedError:
            signal.signal(number, note)
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(NotImplementedError):
                loop.remove_signal_handler(number)
            signal.signal(number, handler)


def serve_http(settings: Settings, address: "Address", wrong: SettingsError | None = None) -> int:
    """Serve HTTP until SIGINT or SIGTERM, and return 128 and the signal's number.

    With `wrong`, what is wrong with the settings, every call is refused.

    Raises:
        OSError: If the port is taken.
    """
    from ringcentral_meetings.protocol import http

    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    listeners = http.listen(address)

    def announce() -> None:
        url = http.bound(address, listeners).url
        click.echo(f"Serving MCP at {url} (this machine alone). Ctrl-C ends it.", err=True)

    try:
        return 128 + anyio.run(http.serve, build_server(settings, wrong=wrong), listeners, announce)
    finally:
        for listener in listeners:
            listener.close()
