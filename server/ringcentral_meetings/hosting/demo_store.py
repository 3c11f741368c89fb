"""A store for a demonstration: a Redis or Valkey server of its own on loopback, which keeps nothing."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

SERVERS: Final = ("valkey-server", "redis-server")
START_SECONDS: Final = 10.0
END_SECONDS: Final = 5.0


def found_server() -> str | None:
    """Return the path of a server that is installed; None where none is."""
    return next(filter(None, map(shutil.which, SERVERS)), None)


@contextmanager
def running(server: str, folder: Path) -> Iterator[str]:
    """Run a server for as long as the block runs, and return its address.

    Raises OSError where it does not start.
    """
    port = _free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([server, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603
    try:
        _wait_for(process, port)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        end(process, END_SECONDS)


def end(process: "subprocess.Popen[Any]", seconds: float) -> None:
    """End a process, by force if it takes longer than `seconds`."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise OSError("the store's server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
