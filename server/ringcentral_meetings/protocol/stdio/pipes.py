"""Stdin and stdout as bytes: on the event loop where they are pipes or sockets, else in worker threads.

Neither is made non-blocking: that is a property of the open file, which the processes at its other descriptors share.
Instead nothing is read before there is something to read, and no more is written at a time than fits without waiting.
"""

import os
import stat
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Protocol

import anyio
from anyio import to_thread

if sys.platform != "win32":
    import fcntl
    import select

_READ_BYTES = 64 * 1024

Source = Callable[[], Awaitable[bytes]]
"""Waits for input and returns it; returns nothing at the end of input. Can be cancelled."""


class Sink(Protocol):
    """Writes bytes, and removes what it has written from the front of the data."""

    def write_available(self, data: bytearray) -> None:
        """Write what fits without waiting. Failures are left for `drain` to raise."""

    async def drain(self, data: bytearray) -> None:
        """Write everything, including what is appended meanwhile.

        Raises:
            OSError: If it cannot be written, as when nobody reads any more.
        """


def take_over_stdio() -> tuple[Source, Sink]:
    """Take stdin and stdout away from all other code, which finds stdin empty from now on, and stdout led to stderr.

    They are not given back: nothing that anybody prints may reach the wire, not even when flushed at exit.
    """
    with open(os.devnull, "r+b", buffering=0) as nothing:
        stdin = _moved_away(0, nothing.fileno())
        stdout = _moved_away(1, nothing.fileno() if sys.stderr is None else 2)
    read = _read_when_ready if _can_be_waited_for(stdin) else _read_in_thread
    return partial(read, stdin), _ReadySink(stdout) if _can_be_waited_for(stdout) else _ThreadSink(stdout)


def _moved_away(fd: int, instead: int) -> int:
    """Return a descriptor of our own for the file behind `fd`, and let `fd` stand for the file behind `instead`."""
    # Above the three of stdio, and not inherited by child processes.
    own = os.dup(fd) if sys.platform == "win32" else fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 3)
    os.dup2(instead, fd)
    return own


def _can_be_waited_for(fd: int) -> bool:
    kind = os.fstat(fd).st_mode
    return sys.platform != "win32" and (stat.S_ISFIFO(kind) or stat.S_ISSOCK(kind))


async def _read_when_ready(fd: int) -> bytes:
    while True:
        await anyio.wait_readable(fd)
        with suppress(BlockingIOError):
            return os.read(fd, _READ_BYTES)


async def _read_in_thread(fd: int) -> bytes:
    return await to_thread.run_sync(os.read, fd, _READ_BYTES, abandon_on_cancel=True)


class _ReadySink:
    """Writes to a pipe or socket. When ready, one takes at least `select.PIPE_BUF` bytes without waiting (pipe(7))."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._poll = select.poll()
        self._poll.register(fd, select.POLLOUT)

    def write_available(self, data: bytearray) -> None:
        with suppress(OSError):
            while data and self._poll.poll(0):
                self._write(data)

    async def drain(self, data: bytearray) -> None:
        while data:
            await anyio.wait_writable(self._fd)
            with suppress(BlockingIOError):
                self._write(data)

    def _write(self, data: bytearray) -> None:
        del data[: os.write(self._fd, data[: select.PIPE_BUF])]


class _ThreadSink:
    """Writes to a file, a terminal, a device, or to anything on Windows: none can be waited for on the event loop."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def write_available(self, data: bytearray) -> None:
        pass  # whether it would wait cannot be known

    async def drain(self, data: bytearray) -> None:
        while data:
            written = await to_thread.run_sync(os.write, self._fd, bytes(data), abandon_on_cancel=True)
            del data[:written]
