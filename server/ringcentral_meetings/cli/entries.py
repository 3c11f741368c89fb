"""Whether the entries of MCP clients start this server: each is started as its client does, and initialized."""

import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any, Final

from ringcentral_meetings import PROGRAM, __version__
from ringcentral_meetings.cli.checks import Check
from ringcentral_meetings.cli.clients.found import Entry
from ringcentral_meetings.untrusted_text import clean, truncated

START_SECONDS: Final = 15.0
"""How long a server may take to answer."""

END_SECONDS: Final = 2.0
"""How long it may take to end, once its stdin has ended."""

INITIALIZE: Final[Mapping[str, Any]] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": f"{PROGRAM} doctor", "version": __version__},
    },
}
INITIALIZED: Final[Mapping[str, Any]] = {"jsonrpc": "2.0", "method": "notifications/initialized"}
LIST_TOOLS: Final[Mapping[str, Any]] = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
ASK_STATUS: Final[Mapping[str, Any]] = {
    "jsonrpc": "2.0",
    "id": 3,
    "method": "tools/call",
    "params": {"name": "get_connection_status", "arguments": {}},
}
DEFAULT_VARIABLES: Final = frozenset(
    {
        *("HOME", "LANG", "LC_ALL", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"),
        *("APPDATA", "HOMEDRIVE", "HOMEPATH", "LOCALAPPDATA", "PROCESSOR_ARCHITECTURE", "SYSTEMDRIVE", "SYSTEMROOT"),
        *("TEMP", "USERNAME", "USERPROFILE", "PATHEXT"),
    }
)
"""What clients hand on that do not give servers their whole environment: `getDefaultEnvironment` of the MCP SDKs, and
what Codex adds to it (codex-rs/rmcp-client)."""

_OWN_SETTINGS: Final = ("RINGCENTRAL_", "RC_")
_WORDS: Final = re.compile(rf"{PROGRAM}: (.*); every call is refused")


def check_entry(entry: Entry, *, signs_in: bool = False) -> Check:
    """Check whether an entry's command starts, and with `signs_in` also whether it gets into the account.

    At most a warning: the server may work with other clients.
    """
    name = entry.file.kind.label
    shown = f'"{truncated(clean(entry.name), 40)}" in {entry.file.path}'
    if entry.file.shared:
        return Check(
            name, "skip", f"{shown}: not started, because it comes with the project folder; {_described(entry)}"
        )
    program = which(entry.command, path=entry.env.get("PATH"))
    if program is None:
        detail = f"{shown}: there is no command {truncated(clean(entry.command), 120)}"
        return Check(name, "warn", detail, f"`{_config_line(entry)} --write` puts the right one there.")
    all_of_it = entry.file.kind.hands_on_all
    start = started([program, *entry.args], entry.env, hands_on_all=all_of_it, signs_in=signs_in)
    if start.problem and start.tools:
        return Check(name, "warn", f"{shown}: {start.problem}", f"`{PROGRAM} doctor` with the same options says more.")
    if start.problem:
        return Check(name, "warn", f"{shown}: {start.problem}", f"`{_config_line(entry)} --write` puts it right.")
    if entry.file.client == "claude-desktop" and not Path(entry.command).is_absolute():
        fix = f"If the app reports that the command is missing, use the full path: `{_config_line(entry)}` prints it."
        return Check(name, "warn", f"{shown}: starts here, but the app may have a different PATH", fix)
    return Check(name, "ok", f"{shown}: starts, {start.tools} tools")


def _described(entry: Entry) -> str:
    """Return what an entry would run, and the names of what it sets; values may be secrets."""
    line = truncated(clean(" ".join([entry.command, *entry.args])), 120)
    names = truncated(clean(", ".join(entry.env)), 120)
    return f"it runs {line}" + (f" and sets {names}" if names else "")


def _config_line(entry: Entry) -> str:
    return f"{PROGRAM} config {entry.file.client}"


@dataclass(frozen=True, slots=True)
class Start:
    """What became of a server that was started: what is wrong, or how many tools it lists."""

    problem: str | None = None
    tools: int = 0


def started(
    words: Sequence[str], env: Mapping[str, str], *, hands_on_all: bool = True, signs_in: bool = False
) -> Start:
    """Start a server, open a session, list its tools, let it sign in if that is asked for, and end it.

    It gets this process's environment without its settings, as far as its client hands it on, and `env`. It runs in a
    process group of its own, which is ended whole: a command such as `uvx` leaves the server to a child. Its output is
    not shown.
    """
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(_OWN_SETTINGS) and (hands_on_all or name.upper() in DEFAULT_VARIABLES)
    }
    try:
        # The command is the one that the user's own client runs.
        process = subprocess.Popen(  # noqa: S603
            words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**inherited, **env},
            start_new_session=True,
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
    except (OSError, ValueError) as fault:
        return Start(f"its command cannot be run ({getattr(fault, 'strerror', None) or type(fault).__name__})")
    with process:
        try:
            return _answer(process, signs_in=signs_in)
        finally:
            _end(process)


def _answer(process: subprocess.Popen[bytes], *, signs_in: bool) -> Start:
    lines: queue.Queue[bytes] = queue.Queue()
    stderr_lines: list[bytes] = []
    # Read beside each other: a server that writes much to stderr would wait for its reader before it answers.
    for target in (lambda: _read_lines(process, lines), lambda: stderr_lines.extend(process.stderr or ())):
        threading.Thread(target=target, daemon=True).start()
    try:
        _send(process, INITIALIZE)
        line = lines.get(timeout=START_SECONDS)
        if not line:
            return Start(_how_it_ended(process))
        if problem := _what_is_wrong(line, b"".join(stderr_lines).decode(errors="replace")):
            return Start(problem)
        _send(process, INITIALIZED, LIST_TOOLS)
        tools = len(_answer_to(LIST_TOOLS, lines)["tools"])
        return Start(_sign_in_problem(process, lines) if signs_in else None, tools)
    except (ValueError, LookupError, TypeError):
        return Start("its command does not answer as an MCP server")
    except queue.Empty:
        return Start(f"its command did not answer within {START_SECONDS:g} s")


def _send(process: subprocess.Popen[bytes], *messages: Mapping[str, Any]) -> None:
    if process.stdin is None:
        raise RuntimeError("the process was started without pipes")
    with suppress(OSError):  # it has ended, as the end of its output shows
        process.stdin.write(b"".join(json.dumps(message).encode() + b"\n" for message in messages))
        process.stdin.flush()


def _read_lines(process: subprocess.Popen[bytes], lines: "queue.Queue[bytes]") -> None:
    """Pass on each line of output, and an empty one at its end."""
    for line in process.stdout or ():
        lines.put(line)
    lines.put(b"")


def _sign_in_problem(process: subprocess.Popen[bytes], lines: "queue.Queue[bytes]") -> str | None:
    """Let the server sign in; return what is wrong, None if it gets into the account."""
    _send(process, ASK_STATUS)
    problem = _answer_to(ASK_STATUS, lines)["structuredContent"].get("problem")
    return f"starts, but {truncated(clean(problem['message']), 200)}" if problem else None


def _answer_to(request: Mapping[str, Any], lines: "queue.Queue[bytes]") -> Any:
    """Return the result of a request. Raises `ValueError`, `LookupError` and `TypeError` for anything else."""
    while line := lines.get(timeout=START_SECONDS):
        message: Any = json.loads(line)
        if isinstance(message, dict) and message.get("id") == request["id"]:
            return message["result"]
    raise ValueError("the output ended")


def _how_it_ended(process: subprocess.Popen[bytes]) -> str:
    try:
        return f"its command ends with exit code {process.wait(END_SECONDS)}"
    except subprocess.TimeoutExpired:
        return "its command closes stdout without an answer"


def _what_is_wrong(line: bytes, stderr: str) -> str | None:
    try:
        answer: Any = json.loads(line)
        server = answer["result"]["serverInfo"]["name"]
    except (ValueError, LookupError, TypeError):
        return "its command does not answer as an MCP server"
    if server != PROGRAM:
        return f"its command starts another server, {truncated(clean(str(server)), 40)}"
    wrong = _WORDS.search(stderr)
    return f"starts, but refuses every call: {truncated(clean(wrong[1]), 160)}" if wrong else None


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process with all that it started: by the end of its stdin, else by force."""
    if process.stdin is not None:
        with suppress(OSError):
            process.stdin.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(END_SECONDS)
    if sys.platform == "win32":
        taskkill = ["taskkill", "/F", "/T", "/PID", str(process.pid)]
        subprocess.run(taskkill, capture_output=True, check=False)  # noqa: S603
    else:
        _kill_group(process.pid)
    process.wait()


def _kill_group(group: int) -> None:
    """Kill what is left of a process group. Its number is not given to another while a member lives."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(group, number)
        except (ProcessLookupError, PermissionError):
            return
        time.sleep(0.1)
