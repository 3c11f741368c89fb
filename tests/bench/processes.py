"""The processes under measurement, in the small environment that MCP clients give them."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PATIENCE_SECONDS = 30.0

OURS = (str(Path(sys.executable).parent / "ringcentral-meetings-mcp"),)
BARE = (sys.executable, str(HERE / "bare.py"))
PEER = (sys.executable, str(HERE / "peer.py"))


def environment(upstream: str = "") -> dict[str, str]:
    """PATH and HOME as a client passes them on, and what tells each server where the platform is."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SystemRoot") if name in os.environ}
    told = {
        "BENCH_UPSTREAM": upstream,
        "RINGCENTRAL_SERVER_URL": upstream,
        "RINGCENTRAL_CLIENT_ID": "bench",
        "RINGCENTRAL_CLIENT_SECRET": "bench",
        "RINGCENTRAL_JWT": "bench",
        "RINGCENTRAL_TOKEN_STORE": "memory",
        "RINGCENTRAL_PLAN_LIMITS": "light=1000000,medium=1000000,heavy=1000000,auth=1000000",
        "RINGCENTRAL_LOG_LEVEL": "ERROR",
    }
    return kept | told if upstream else kept


@contextmanager
def upstream() -> Iterator[str]:
    """The platform of fixed answers in a process of its own; its address."""
    command = [sys.executable, "-m", "tests.bench.upstream"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@contextmanager
def http_server(name: str, upstream: str) -> Iterator[tuple[str, int]]:
    """A server over HTTP; its address and process id."""
    port = _free_port()
    commands = {
        "ours": (*OURS, "--http", f"127.0.0.1:{port}"),
        "bare": (*BARE, str(port)),
        "peer": (*PEER, str(port)),
    }
    with subprocess.Popen(  # noqa: S603  (the benches' own commands)
        commands[name],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment(upstream),
    ) as process:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}/mcp", process.pid
        finally:
            process.kill()


def cpu_seconds(pid: int) -> float:
    """Processor time of a process, all its threads together; 0.0 where the system does not tell it (not Linux).

    The clock of another process by its id, as clock_getcpuclockid(3) makes it.
    """
    return time.clock_gettime((~pid << 3) | 2) if sys.platform == "linux" else 0.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(port: int) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing serves port {port}")
