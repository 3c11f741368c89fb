"""Serving MCP: over stdio, as MCP clients start it, or over HTTP."""

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING

import anyio
import click

from ringcentral_meetings import logs
from ringcentral_meetings.app import build_server
from ringcentral_meetings.cli.fast_imports import without_rich
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.tools import Services

if TYPE_CHECKING:
    from ringcentral_meetings.protocol.http import Address


def serve_stdio(settings: Settings) -> None:
    """Serve until stdin ends, SIGINT or SIGTERM. Nothing but protocol goes to stdout.

    A signal ends the process with 128 and its number, once the lifespan has ended in order.
    """
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    with without_rich():
        server = build_server(settings)
    # What has been imported stays for good. Frozen, it is left out of every collection from here on; the command line
    # disabled collection for the imports.
    gc.freeze()
    gc.enable()
    received = anyio.run(_serve_stdio, server)
    if received is not None:
        # Not sys.exit: a worker thread that still waits for a line of stdin would hold up the end of the process.
        sys.stderr.flush()
        os._exit(128 + received)


async def _serve_stdio(server: ContractServer[Services]) -> signal.Signals | None:
    received: signal.Signals | None = None

    async def watch(scope: anyio.CancelScope) -> None:
        nonlocal received
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            received = await anext(aiter(signals))
            scope.cancel()

    async with anyio.create_task_group() as group:
        group.start_soon(watch, group.cancel_scope)
        await server.run_stdio_async()
        group.cancel_scope.cancel()
    return received


def serve_http(settings: Settings, address: "Address") -> int:
    """Serve HTTP until SIGINT or SIGTERM, and return 128 and the signal's number.

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
        return 128 + anyio.run(http.serve, build_server(settings), listeners, announce)
    finally:
        for listener in listeners:
            listener.close()
