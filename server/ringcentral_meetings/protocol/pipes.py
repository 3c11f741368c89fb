"""Stdin and stdout as bytes: on the event loop where they are pipes or sockets, else with worker threads.

Neither is made non-blocking, since it would be so for every process that shares it. Instead nothing is read before
there is something, and no more is written at a time than goes in without waiting.
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
"""Reads what there is, waiting for something; nothing at the end. Can be cancelled."""


class Sink(Protocol):
    """Takes bytes from the front of what is to be written."""

    def push(self, data: bytearray) -> None:
        """Write what goes in without waiting."""

    async def clear(self, data: bytearray) -> None:
        """Write all, and what is added meanwhile.

        Raises:
            OSError: If it cannot be written, as when nobody reads it any more.
        """


def claimed() -> tuple[Source, Sink]:
    """Stdin and stdout for ourselves: other code finds the first empty, and the second leads to stderr.

    It stays so until the process ends, so that nothing that is printed reaches the wire, even when flushed at exit.
    """
    with open(os.devnull, "r+b", buffering=0) as nothing:
        stdin = _moved(0, nothing.fileno())
        stdout = _moved(1, nothing.fileno() if sys.stderr is None else 2)
    read = _read_when_ready if _can_be_waited_for(stdin) else _read_in_thread
    return partial(read, stdin), _ReadySink(stdout) if _can_be_waited_for(stdout) else _ThreadSink(stdout)


def _moved(fd: int, instead: int) -> int:
    """A descriptor of our own, above the three of stdio, for what `fd` was."""
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
    """A pipe or socket: ready for writing, it takes `select.PIPE_BUF` bytes without waiting."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._poll = select.poll()
        self._poll.register(fd, select.POLLOUT)

    def push(self, data: bytearray) -> None:
        with suppress(OSError):  # which `clear` meets again
            while data and self._poll.poll(0):
                self._write(data)

    async def clear(self, data: bytearray) -> None:
        while data:
            await anyio.wait_writable(self._fd)
            with suppress(BlockingIOError):
                self._write(data)

    def _write(self, data: bytearray) -> None:
        del data[: os.write(self._fd, data[: select.PIPE_BUF])]


class _ThreadSink:
    """A file, a terminal, a device, or anything on Windows."""

    def __init__(self, fd: int) -> None:
        self._fd = fd

    def push(self, data: bytearray) -> None:
        pass

    async def clear(self, data: bytearray) -> None:
        while data:
            written = await to_thread.run_sync(os.write, self._fd, bytes(data), abandon_on_cancel=True)
            del data[:written]
