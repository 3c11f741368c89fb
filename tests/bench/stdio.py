"""What a call over stdio costs, beside a bare one-tool server of the MCP SDK: `python tests/bench/stdio.py`.

Nothing is asked that needs RingCentral: a call that is answered (by the bare tool with a constant, by ours with the
status of a connection that nobody has signed in to), and one whose arguments are refused. The servers run in the small
environment that MCP clients give, and take turns; a ratio is that of two turns next to each other. The table goes to
stderr, the figures as JSON to stdout.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple

BARE = """
from mcp.server.mcpserver import MCPServer

server = MCPServer("bare")

@server.tool()
async def get_meeting(meeting_id: str) -> dict[str, str]:
    '''Get one meeting.'''
    return {"id": meeting_id, "topic": "Weekly review", "start": "2026-11-24T15:00:00-05:00"}

server.run("stdio")
"""
BARE_COMMAND = [sys.executable, "-c", BARE]
COMMAND = [sys.executable, "-m", "ringcentral_meetings"]
AT_ONCE = (1, 10, 50)
ERAS = ("2025-11-25", "2026-07-28")


class Case(NamedTuple):
    """A server, and the call that it is asked over and over."""

    command: Sequence[str]
    tool: str
    arguments: Mapping[str, Any]
    refused: bool


CASES = {
    "bare SDK answers": Case(BARE_COMMAND, "get_meeting", {"meeting_id": "88112"}, refused=False),
    "ours answers": Case(COMMAND, "get_connection_status", {}, refused=False),
    "bare SDK refuses": Case(BARE_COMMAND, "get_meeting", {"meeting_id": 88112}, refused=True),
    "ours refuses": Case(COMMAND, "get_meeting", {"meeting_id": 88112}, refused=True),
}
RATIOS = (
    ("ours answers", "bare SDK answers"),
    ("ours refuses", "bare SDK answers"),
    ("ours refuses", "bare SDK refuses"),
)


class Server:
    """A running server that is asked the same over and over."""

    def __init__(self, process: "subprocess.Popen[bytes]", era: str, case: Case) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin.fileno(), process.stdout.fileno()
        self._left, self._refused = b"", case.refused
        params: dict[str, Any] = {"name": case.tool, "arguments": case.arguments}
        client = {"name": "bench", "version": "0"}
        if era == "2026-07-28":
            who = {"protocolVersion": era, "clientInfo": client, "clientCapabilities": {}}
            params["_meta"] = {f"io.modelcontextprotocol/{name}": value for name, value in who.items()}
        else:
            hello = {"protocolVersion": era, "clientInfo": client, "capabilities": {}}
            self._write(_request(0, "initialize", hello))
            self._lines()
            self._write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        before, after = _request(-1, "tools/call", params).split(b"-1", 1)
        self._call: Callable[[int], bytes] = lambda number: b"%s%d%s" % (before, number, after)

    def turn(self, calls: int, at_once: int) -> float:
        """Calls a second with `at_once` of them under way. Each has to be answered once, and as expected."""
        at_once = min(at_once, calls)
        began = time.perf_counter()
        self._write(b"".join(map(self._call, range(at_once))))
        asked, answers = at_once, list[bytes]()
        while len(answers) < calls:
            answers += (new := self._lines())
            more = min(len(new), calls - asked)
            self._write(b"".join(map(self._call, range(asked, asked + more))))
            asked += more
        took = time.perf_counter() - began
        read = [json.loads(answer) for answer in answers]
        assert sorted(answer["id"] for answer in read) == list(range(calls))
        assert all(answer["result"].get("isError", False) is self._refused for answer in read)
        return calls / took

    def _lines(self) -> list[bytes]:
        while b"\n" not in self._left:
            part = os.read(self._out, 1 << 16)
            assert part, "the server has gone"
            self._left += part
        *lines, self._left = self._left.split(b"\n")
        return lines

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._in, data) :]


def _request(number: int, method: str, params: Mapping[str, Any]) -> bytes:
    frame = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(frame, separators=(",", ":")).encode() + b"\n"


@contextmanager
def _started(case: Case, era: str) -> Iterator[Server]:
    small = {name: os.environ[name] for name in ("PATH", "HOME")} | {"RINGCENTRAL_TOKEN_STORE": "memory"}
    with subprocess.Popen(  # noqa: S603  (the benchmark's own commands)
        case.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=small
    ) as process:
        yield Server(process, era, case)
        assert process.stdin is not None
        process.stdin.close()


def measured(era: str, at_once: int, turns: int, calls: int) -> dict[str, Any]:
    """Calls a second of each case, turn by turn, and the ratios within a turn."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(_started(case, era)) for name, case in CASES.items()}
        for server in servers.values():
            server.turn(max(calls // 4, at_once), at_once)
        rates = [{name: server.turn(calls, at_once) for name, server in servers.items()} for _ in range(turns)]
    return {
        "protocol": era,
        "at_once": at_once,
        "calls_per_second": {name: _spread([rate[name] for rate in rates]) for name in CASES},
        "ratios": {f"{one} / {other}": _spread([rate[one] / rate[other] for rate in rates]) for one, other in RATIOS},
    }


def _spread(values: Sequence[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(values, n=4)
    return {"median": round(middle, 2), "quartile_low": round(low, 2), "quartile_high": round(high, 2)}


def _table(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "Over stdio: calls a second, and their ratios; median (quartiles)"
    for row in rows:
        yield f"protocol {row['protocol']}, {row['at_once']} at once"
        for kind, digits in (("calls_per_second", 0), ("ratios", 2)):
            for name, spread in row[kind].items():
                low, middle, high = (
                    f"{spread[key]:,.{digits}f}" for key in ("quartile_low", "median", "quartile_high")
                )
                yield f"  {name:<34} {middle:>7}  ({low} to {high})"


def main() -> None:
    """Print a table to stderr and JSON to stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--calls", type=int, default=500)
    given = parser.parse_args()
    rows = [measured(era, at_once, given.turns, given.calls) for era in ERAS for at_once in AT_ONCE]
    print("\n".join(_table(rows)), file=sys.stderr)  # noqa: T201
    print(json.dumps({"stdio": rows}))  # noqa: T201


if __name__ == "__main__":
    main()
