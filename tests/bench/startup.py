"""Start-up to the first answers (initialize, then tools/list), processor time and peak memory until then.

Against a bare SDK server of one tool, and against FastMCP's `from_openapi`. Files are warm: each command runs once
beforehand.
"""

import json
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import processes
from .clients import INITIALIZE
from .figures import Samples, shown, table

COMMANDS = {
    "ours": processes.OURS,
    "one tool": (sys.executable, str(processes.HERE / "one_tool.py")),
    "peer": (*processes.PEER, "stdio"),
}
MEASURES = {"initialize_ms": "initialize, ms", "tools_ms": "tools/list, ms", "cpu_ms": "processor, ms"}
MEMORY = {"peak_mb": "peak memory, MB"}


@dataclass
class Start:
    """What one server takes, once a round."""

    samples: dict[str, Samples] = field(default_factory=lambda: {name: Samples() for name in MEASURES | MEMORY})

    def add(self, **measured: float) -> None:
        for name, value in measured.items():
            self.samples[name].values.append(value)


def start(name: str) -> dict[str, float]:
    """Start a server, ask it twice, and let its input end."""
    began = time.perf_counter()
    with subprocess.Popen(  # noqa: S603  (the benches' own commands)
        COMMANDS[name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=processes.environment(),
        bufsize=0,
    ) as process:
        _ask(process, 0, "initialize", INITIALIZE)
        greeted = time.perf_counter() - began
        _tell(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        _ask(process, 1, "tools/list", {})
        listed = time.perf_counter() - began
        cpu, peak = processes.cpu_seconds(process.pid), peak_bytes(process.pid)
        assert process.stdin is not None
        process.stdin.close()
        process.kill()
    return {
        "initialize_ms": greeted * 1e3,
        "tools_ms": listed * 1e3,
        "cpu_ms": cpu * 1e3,
        "peak_mb": peak / 1e6,
    }


def _ask(process: subprocess.Popen[bytes], number: int, method: str, params: dict[str, Any]) -> None:
    _tell(process, {"jsonrpc": "2.0", "id": number, "method": method, "params": params})
    line = b""
    while not line.endswith(b"\n"):
        assert process.stdout is not None
        more = process.stdout.read(65_536)
        if not more:
            raise ValueError(f"{method} got no answer")
        line += more
    if "result" not in json.loads(line):
        raise ValueError(f"{method} failed: {line[:500]!r}")


def _tell(process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(message).encode() + b"\n")


def peak_bytes(pid: int) -> float:
    """The most memory that a process has had; 0 where the system does not tell it (not Linux)."""
    status = Path(f"/proc/{pid}/status")
    if not status.is_file():
        return 0.0
    lines = status.read_text(encoding="ascii").splitlines()
    return next(float(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    starts = {name: Start() for name in COMMANDS}
    for name in starts:
        start(name)
    for _ in range(2 if quick else 15):
        for name, one in starts.items():
            one.add(**start(name))
    return _table(starts), {name: {what: s.told() for what, s in one.samples.items()} for name, one in starts.items()}


def _table(starts: dict[str, Start]) -> str:
    measures = MEASURES | MEMORY
    rows = [[name, *(shown(one.samples[what]) for what in measures)] for name, one in starts.items()]
    mine = starts["ours"].samples
    for other in ("one tool", "peer"):
        theirs = starts[other].samples
        ratios = (mine[what].over(theirs[what]) for what in measures if theirs[what].median)
        rows.append([f"ours / {other}", *(shown(ratio) for ratio in ratios)])
    return table(["start-up", *measures.values()], rows)
