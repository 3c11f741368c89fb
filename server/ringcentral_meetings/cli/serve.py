"""Serving MCP over stdio."""

import gc
import os
import signal
import sys

import anyio

from ringcentral_meetings import logs
from ringcentral_meetings.app import build_server
from ringcentral_meetings.cli.fast_imports import without_rich
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.tools import Services


def serve_stdio(settings: Settings) -> None:
    """Serve until stdin ends, SIGINT or SIGTERM. Nothing but protocol goes to stdout.

    A signal ends the process with 128 and its number, after the lifespan was left in order.
    """
    logs.configure(settings.log_level, settings.log_format, settings.secrets())
    with without_rich():
        server = build_server(settings)
    gc.freeze()
    gc.enable()
    received = anyio.run(_serve, server)
    if received is not None:
        sys.stderr.flush()
        os._exit(128 + received)


async def _serve(server: ContractServer[Services]) -> signal.Signals | None:
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
