"""The command as a real process: its environment, its start, and what it says on stdout."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mcp import StdioServerParameters

COMMAND = [sys.executable, "-m", "ringcentral_meetings"]
PATIENCE_SECONDS = 60.0

INITIALIZE = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "0"},
}


def environment(**more: str) -> dict[str, str]:
    """The environment of this process without settings of the product."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("RINGCENTRAL_", "RC_"))}
    own = {"NO_COLOR": "1", "RINGCENTRAL_LOG_LEVEL": "ERROR", "RINGCENTRAL_TOKEN_STORE": "memory"}
    return kept | own | more


def parameters(*options: str, **env: str) -> StdioServerParameters:
    """How the SDK's client starts the server."""
    return StdioServerParameters(command=COMMAND[0], args=[*COMMAND[1:], *options], env=environment(**env))


def finished(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end with nothing on stdin."""
    return ran([*COMMAND, *arguments], **env)


def ran(command: Sequence[str], **env: str) -> subprocess.CompletedProcess[str]:
    """Any command, run to its end with nothing on stdin."""
    return subprocess.run(  # noqa: S603  (the tests' own commands)
        command,
        input="",
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
        check=False,
        env=environment(**env),
    )


@contextmanager
def started(command: Sequence[str], **env: str) -> Iterator[subprocess.Popen[str]]:
    """A running process; killed if it is still there in the end, or takes far too long."""
    with started_within(PATIENCE_SECONDS, command, env) as process:
        yield process


def _hear_interrupts() -> None:
    """Undo what a shell does to what it runs in the background: ignore SIGINT, which a child inherits."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def started_within(
    patience: float,
    command: Sequence[str],
    env: Mapping[str, str],
    stdin: int = subprocess.PIPE,
    stdout: int = subprocess.PIPE,
) -> Iterator[subprocess.Popen[str]]:
    """A running process; killed if it is still there in the end, or after `patience` seconds."""
    with subprocess.Popen(  # noqa: S603  (the tests' own commands)
        command,
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=environment(**env),
        # Nothing else runs between fork and exec; Windows has neither.
        preexec_fn=None if sys.platform == "win32" else _hear_interrupts,  # noqa: PLW1509
    ) as process:
        watchdog = threading.Timer(patience, process.kill)
        watchdog.start()
        try:
            yield process
        finally:
            watchdog.cancel()
            process.kill()


def ask(process: subprocess.Popen[str], number: int, method: str, params: Mapping[str, Any]) -> Any:
    """Send a request and return what the next line of stdout says."""
    tell(process, {"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def tell(process: subprocess.Popen[str], message: Mapping[str, Any]) -> None:
    """Send a message as a line."""
    assert process.stdin is not None
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def shake_hands(process: subprocess.Popen[str]) -> None:
    """Open a session, so that the server is known to serve."""
    assert "result" in ask(process, 0, "initialize", INITIALIZE)
    tell(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})


def said_to_the_end(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Close stdin; return what the process still writes to stdout, and all of stderr."""
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None
    return process.communicate(timeout=PATIENCE_SECONDS)
