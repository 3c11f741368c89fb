"""A command in a terminal of its own, and somebody who reads and types there."""

import os
import re
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.processes import PATIENCE_SECONDS, environment

_STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@dataclass
class Terminal:
    """The reader's and typist's end of a terminal."""

    process: subprocess.Popen[bytes]
    end: int
    name: str
    seen: str = ""
    _read: int = field(default=0)

    @property
    def _names(self) -> tuple[str, str]:
        """What the process may have opened it by; getpass takes the second."""
        return self.name, "/dev/tty"

    def expects(self, text: str) -> str:
        """Wait until a text is shown, after those that were waited for before; return what was shown up to it."""
        until = time.monotonic() + PATIENCE_SECONDS
        while text not in _flat(self.seen[self._read :]):
            if not self._more(until):
                raise AssertionError(f"{text!r} was not shown; what was: {self.seen[self._read :]!r}")
        begin = self._read
        while text not in _flat(self.seen[begin : self._read]):
            self._read += 1
        return self.seen[begin : self._read]

    def types(self, line: str) -> None:
        """Type a line and Enter, once they are waited for: a question for a secret drops what was typed before it."""
        self._is_waited_for()
        os.write(self.end, line.encode() + b"\n")

    def interrupts(self) -> None:
        """Press Ctrl-C, once a key is waited for.

        CPython looks at the signal between two instructions: one that comes after the last of them and before the
        call that waits is not seen until the next key.
        """
        self._is_waited_for()
        os.write(self.end, b"\x03")

    def ended(self) -> int:
        """Wait for the end; return the exit code."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self._more(until):
            pass
        return self.process.wait(PATIENCE_SECONDS)

    def _is_waited_for(self) -> None:
        """Return when the process waits for a key."""
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._is_in_a_call() or self._shows_more(0):
            if time.monotonic() > until or self.process.poll() is not None:
                raise AssertionError(f"no key is waited for; what was shown: {self.seen[self._read :]!r}")
            if self._shows_more(0.01):
                self._more(until)

    def _is_in_a_call(self) -> bool:
        """Return whether a thread of the process is in a system call on the terminal, such as read(2).

        Linux alone tells it (proc_pid_syscall(5)): the word `running`, or a number and the arguments of the call. The
        first of read(2) is the descriptor. Elsewhere it is taken for granted.
        """
        threads = list(Path(f"/proc/{self.process.pid}/task").glob("*"))
        return not threads or any(self._is_called_by(thread) for thread in threads)

    def _is_called_by(self, thread: Path) -> bool:
        try:
            number, *arguments = (thread / "syscall").read_text().split()
            return number != "running" and os.readlink(thread / "fd" / str(int(arguments[0], 16))) in self._names
        except (FileNotFoundError, ProcessLookupError):  # another descriptor, or a thread that has ended
            return False
        except PermissionError:
            return True

    def _shows_more(self, seconds: float) -> bool:
        """Return whether something is shown that was not read, now or within so many seconds."""
        return bool(select.select([self.end], [], [], seconds)[0])

    def _more(self, until: float) -> bool:
        """Read what is shown next; return whether there is more to come."""
        if not self._shows_more(max(0, until - time.monotonic())):
            self.process.kill()
            return False
        try:
            piece = os.read(self.end, 65_536)
        except OSError:  # Linux's way of saying that the other end is closed
            return False
        self.seen += _STYLE.sub("", piece.decode(errors="replace")).replace("\r\n", "\n")
        return bool(piece)


def _flat(text: str) -> str:
    """The text with its line breaks undone, as words are wrapped anywhere."""
    return " ".join(text.split())


def _becomes_foreground() -> None:
    """Take the terminal as the controlling one, so that Ctrl-C arrives."""
    import fcntl
    import termios

    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def in_terminal(command: Sequence[str], env: Mapping[str, str], *, columns: int = 80) -> Iterator[Terminal]:
    """Run a command in a terminal; it is killed if it is still there in the end."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    name = os.ttyname(theirs)
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    with subprocess.Popen(  # noqa: S603  (the tests' own commands)
        command,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(**{"TERM": "xterm", "COLUMNS": str(columns), **env}),
        preexec_fn=_becomes_foreground,  # noqa: PLW1509  (nothing else runs between fork and exec)
    ) as process:
        os.close(theirs)
        try:
            yield Terminal(process, ours, name)
        finally:
            process.kill()
            os.close(ours)
