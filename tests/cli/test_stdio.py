"""Stdin and stdout as they come: pipes, sockets, terminals, files; slow, full, closed, and shared with others."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from mcp_types import METHOD_NOT_FOUND

from cli.processes import COMMAND, PATIENCE_SECONDS, environment, said_to_the_end, shake_hands, started, started_within
from cli.wire import CLIENT, ERAS, INITIALIZED, Era, Wire, frame, request, wired

if sys.platform != "win32":
    import termios

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such descriptors")

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": CLIENT}
SESSION = frame({"id": "hello", "method": "initialize", "params": HELLO}) + INITIALIZED
SERVER = [*COMMAND, "--simulator"]

LOUD = """
import logging, os, subprocess, sys

class Loud(logging.Handler):
    def emit(self, record):
        print("printed", file=stdout)
        os.write(1, b"written\\n")
        subprocess.run(["echo", "by a child"], check=True)
        print("found on stdin:", os.read(0, 9), file=sys.stderr)

stdout = sys.stdout
print("before serving")
logging.getLogger("ringcentral_meetings.protocol").addHandler(Loud())
from ringcentral_meetings.cli import main
main()
"""


def wait_until_full(fd: int) -> None:
    """Return when a pipe takes no more."""
    waiting = select.poll()
    waiting.register(fd, select.POLLOUT)
    while waiting.poll(0):
        pass


def call(number: Any, tool: str, **arguments: Any) -> bytes:
    return frame({"id": number, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})


class Ends:
    """The two descriptors of a server, and the two of its client; some may be the same."""

    def __init__(self, stdin: int, stdout: int, write: int, read: int) -> None:
        self.stdin, self.stdout, self.write, self.read = stdin, stdout, write, read
        self._open = {stdin, stdout, write, read}

    def blocking(self) -> list[bool]:
        return [os.get_blocking(fd) for fd in sorted(self._open)]

    def close(self, *fds: int) -> None:
        for fd in fds:
            self._open.remove(fd)
            os.close(fd)

    def close_all(self) -> None:
        self.close(*self._open)


def pipe() -> Ends:
    (stdin, write), (read, stdout) = os.pipe(), os.pipe()
    return Ends(stdin, stdout, write, read)


def non_blocking_pipe() -> Ends:
    ends = pipe()
    os.set_blocking(ends.stdin, False)
    os.set_blocking(ends.stdout, False)
    return ends


def sockets() -> Ends:
    """As Node.js gives them to what it starts."""
    server, client = (one.detach() for one in socket.socketpair())
    return Ends(server, server, client, client)


def terminal() -> Ends:
    client, server = os.openpty()
    modes = termios.tcgetattr(server)
    modes[1] &= ~termios.OPOST
    modes[3] &= ~termios.ECHO
    termios.tcsetattr(server, termios.TCSANOW, modes)
    return Ends(server, server, client, client)


def close_pipe(ends: Ends) -> None:
    ends.close(ends.write)


def shut_down(ends: Ends) -> None:
    with socket.socket(fileno=os.dup(ends.write)) as client:
        client.shutdown(socket.SHUT_WR)


def press_control_d(ends: Ends) -> None:
    os.write(ends.write, b"\x04")


KINDS: Mapping[str, tuple[Callable[[], Ends], Callable[[Ends], None]]] = {
    "pipe": (pipe, close_pipe),
    "non-blocking pipe": (non_blocking_pipe, close_pipe),
    "socket": (sockets, shut_down),
    "terminal": (terminal, press_control_d),
}
every_kind = pytest.mark.parametrize("kind", KINDS)


def ran(said: bytes, stdin: BinaryIO | None, stdout: BinaryIO | int) -> "subprocess.CompletedProcess[bytes]":
    """A server that is told this, by a pipe unless `stdin` holds it, and then nothing more."""
    source: dict[str, Any] = {"input": said} if stdin is None else {"stdin": stdin}
    return subprocess.run(  # noqa: S603  (the tests' own command)
        SERVER,
        **source,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(),
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@contextmanager
def over(ends: Ends) -> Iterator[tuple["subprocess.Popen[str]", BinaryIO]]:
    """A server on these descriptors, which stay open here too, and its answers."""
    with ExitStack() as stack:
        stack.callback(ends.close_all)
        process = stack.enter_context(started_within(PATIENCE_SECONDS, SERVER, {}, ends.stdin, ends.stdout))
        yield process, stack.enter_context(os.fdopen(os.dup(ends.read), "rb"))


@unix_only
@every_kind
def test_it_serves_whatever_stdio_is_leaves_it_as_it_was_and_ends_with_its_input(kind: str) -> None:
    opened, end = KINDS[kind]
    ends = opened()
    modes = ends.blocking()
    with over(ends) as (process, answers):
        os.write(ends.write, SESSION)
        assert json.loads(answers.readline())["id"] == "hello"
        os.write(ends.write, call(1, "list_meetings") + call(2, "get_meeting"))
        assert {json.loads(answers.readline())["id"] for _ in range(2)} == {1, 2}
        assert ends.blocking() == modes
        end(ends)
        assert process.wait(PATIENCE_SECONDS) == 0
        assert process.stderr is not None
        # A person who started it in a terminal is told what it waits for.
        said = process.stderr.read()
        assert said.startswith("Waiting for an MCP client") if kind == "terminal" else said == ""


@unix_only
@every_kind
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_whatever_stdio_is(kind: str, number: signal.Signals) -> None:
    ends = KINDS[kind][0]()
    with over(ends) as (process, answers):
        os.write(ends.write, SESSION)
        assert json.loads(answers.readline())["id"] == "hello"
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == 128 + number


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("stdin", ["pipe", "file"])
@pytest.mark.parametrize("stdout", ["pipe", "file"])
def test_every_request_that_was_read_is_answered_before_the_end(
    era: Era, stdin: str, stdout: str, tmp_path: Path
) -> None:
    requests = [request(era, number, "tools/call", name="get_meeting", arguments={}) for number in range(600)]
    requests += [request(era, f"l{number}", "tools/call", name="list_meetings") for number in range(5)]
    said = (SESSION if era == "2025-11-25" else b"") + b"".join(requests).rstrip(b"\n")
    (tmp_path / "in").write_bytes(said)
    with (tmp_path / "in").open("rb") as source, (tmp_path / "out").open("wb") as sink:
        done = ran(said, source if stdin == "file" else None, sink if stdout == "file" else subprocess.PIPE)
    assert (done.returncode, done.stderr) == (0, b"")
    answers = [json.loads(line) for line in ((tmp_path / "out").read_bytes() or done.stdout).splitlines()]
    expected = {*range(600), *(f"l{number}" for number in range(5)), *(["hello"] if era == "2025-11-25" else [])}
    assert {answer["id"] for answer in answers} == expected
    assert len(answers) == len(expected)
    assert all("result" in answer for answer in answers)


@unix_only
def test_with_nothing_to_read_and_nobody_to_tell_it_just_ends() -> None:
    with open(os.devnull, "r+b") as nothing:
        done = ran(b"", nothing, nothing)
    assert (done.returncode, done.stderr) == (0, b"")


def asked(wire: Wire) -> Any:
    """A question about a deletion that the server waits for."""
    wire.shake_hands(elicitation={})
    wire.send(wire.call(1, "create_meeting", topic="Budget", start_time="2099-01-05T10:00", time_zone="UTC"))
    meeting = wire.answer()["result"]["structuredContent"]["meeting"]
    echo = {"expected_topic": "Budget", "expected_start": meeting["start"]}
    wire.send(wire.call(2, "delete_meeting", meeting_id=meeting["meeting_id"], **echo))
    question = wire.answer()
    assert question["method"] == "elicitation/create"
    return question["id"]


def code_of(answer: Any) -> Any:
    return json.loads(answer["result"]["content"][0]["text"])["error"]["code"]


def test_a_question_that_nobody_can_answer_any_more_is_taken_as_declined_at_the_end_of_input() -> None:
    with wired("2025-11-25") as wire:
        asked(wire)
        (answer,) = wire.ended()
        assert (answer["id"], code_of(answer)) == (2, "declined")


def test_a_broken_answer_to_a_question_is_taken_as_declined() -> None:
    with wired("2025-11-25") as wire:
        wire.send(frame({"id": asked(wire), "result": "yes"}))
        answer = wire.answer()
        assert (answer["id"], code_of(answer)) == (2, "declined")
        assert wire.ended() == []


def test_a_cancelled_request_is_not_waited_for_and_its_id_is_free() -> None:
    with wired("2025-11-25") as wire:
        asked(wire)
        wire.send(frame({"method": "notifications/cancelled", "params": {"requestId": 2}}))
        told = wire.answer()
        assert told["method"] == "notifications/cancelled"
        wire.send(wire.call(2, "get_meeting"))
        assert code_of(wire.answer()) == "invalid_arguments"
        assert wire.ended() == []


def test_a_subscription_is_refused_since_nothing_would_be_told_and_does_not_keep_it_running() -> None:
    with wired("2026-07-28") as wire:
        wire.send(wire.request("s", "subscriptions/listen", notifications={"toolsListChanged": True}))
        assert wire.answer()["error"]["code"] == METHOD_NOT_FOUND
        assert wire.ended() == []


@unix_only
def test_answers_are_whole_and_input_is_read_though_the_client_reads_late_and_cancels_meanwhile() -> None:
    ends = pipe()
    with over(ends) as (process, answers):
        os.write(ends.write, SESSION)
        json.loads(answers.readline())
        listings = [frame({"id": number, "method": "tools/list"}) for number in range(20)]
        os.write(ends.write, b"".join(listings))
        wait_until_full(ends.stdout)
        ends.close(ends.stdin)
        os.write(ends.write, frame({"method": "no/such"}) * 10_000)
        for number in range(20):
            os.write(ends.write, frame({"method": "notifications/cancelled", "params": {"requestId": number}}))
        os.write(ends.write, call("last", "get_meeting"))
        ends.close(ends.write, ends.stdout)
        told = [json.loads(line)["id"] for line in answers]
        assert told[-1] == "last"
        assert told[0] == 0
        assert len(told) == len(set(told))
        assert process.wait(PATIENCE_SECONDS) == 0


@unix_only
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_though_nobody_reads_its_answers(number: signal.Signals) -> None:
    ends = pipe()
    with over(ends) as (process, answers):
        os.write(ends.write, SESSION)
        json.loads(answers.readline())
        os.write(ends.write, b"".join(frame({"id": one, "method": "tools/list"}) for one in range(20)))
        wait_until_full(ends.stdout)
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == 128 + number


@unix_only
@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_a_client_that_has_gone_ends_it_without_a_traceback(kind: str) -> None:
    ends = KINDS[kind][0]()
    with over(ends) as (process, answers):
        os.write(ends.write, SESSION)
        json.loads(answers.readline())
        os.write(ends.write, call(1, "list_meetings"))
        answers.close()
        ends.close_all()
        assert process.wait(PATIENCE_SECONDS) in {0, 1}
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="Only Linux has a device that is full")
def test_a_full_disk_is_said_in_a_line() -> None:
    with open("/dev/full", "wb") as full:
        done = ran(SESSION, None, full)
    assert done.returncode == 1
    (line,) = done.stderr.decode().splitlines()
    assert "No space left on device" in line


@unix_only
def test_what_is_printed_written_or_said_by_a_child_is_not_on_the_wire() -> None:
    loud = [sys.executable, "-c", LOUD, "--simulator"]
    with started(loud, RINGCENTRAL_LOG_LEVEL="INFO", PYTHONUNBUFFERED="") as process:
        shake_hands(process)
        wire = Wire(process, "2025-11-25")
        wire.send(wire.call(1, "get_meeting"))
        assert wire.answer()["id"] == 1
        rest, told = said_to_the_end(process)
    assert rest == ""
    assert process.returncode == 0
    for text in ("before serving", "printed", "written", "by a child", "found on stdin: b''"):
        assert text in told
