"""What a call over stdio costs, beside a bare one-tool server of the MCP SDK: `python tests/bench/stdio.py`.

Both are asked for what needs no upstream: the bare tool answers a constant, ours refuses arguments that do not
validate. They run in the small environment that MCP clients give, and take turns; a turn's ratio is that of the two
turns next to each other. The table goes to stderr, the figures as JSON to stdout.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

BARE = """
from mcp.server.mcpserver import MCPServer

server = MCPServer("bare")

@server.tool()
async def get_meeting(meeting_id: str) -> dict[str, str]:
    '''Get one meeting.'''
    return {"id": meeting_id, "topic": "Weekly review", "start": "2026-11-24T15:00:00-05:00"}

server.run("stdio")
"""
SERVERS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "bare SDK": ([sys.executable, "-c", BARE], {"meeting_id": "88112"}),
    "ours": ([sys.executable, "-m", "ringcentral_meetings"], {"meeting_id": 88112}),
}
AT_ONCE = (1, 10, 50)
ERAS = ("2025-11-25", "2026-07-28")


class Server:
    """A server process that is asked the same over and over."""

    def __init__(self, process: "subprocess.Popen[bytes]", era: str, arguments: dict[str, Any]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._in, self._out = process.stdin.fileno(), process.stdout.fileno()
        self._left = b""
        who = {"protocolVersion": era, "capabilities": {}, "clientInfo": {"name": "bench", "version": "0"}}
        params: dict[str, Any] = {"name": "get_meeting", "arguments": arguments}
        if era == "2026-07-28":
            params["_meta"] = {f"io.modelcontextprotocol/{_of_envelope(name)}": value for name, value in who.items()}
        else:
            self._write(_request(0, "initialize", who))
            self._lines()
            self._write(b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n')
        before, after = _request(-1, "tools/call", params).split(b"-1", 1)
        self._call: Callable[[int], bytes] = lambda number: b"%s%d%s" % (before, number, after)

    def turn(self, calls: int, at_once: int) -> float:
        """Calls a second, with `at_once` of them under way. Each is checked to be answered once, and as expected."""
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
        assert all(answer["result"]["content"][0]["type"] == "text" for answer in read)
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


def _request(number: int, method: str, params: dict[str, Any]) -> bytes:
    frame = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(frame, separators=(",", ":")).encode() + b"\n"


def _of_envelope(name: str) -> str:
    return "clientCapabilities" if name == "capabilities" else name


@contextmanager
def _started(command: Sequence[str], era: str, arguments: dict[str, Any]) -> Iterator[Server]:
    small = {name: os.environ[name] for name in ("PATH", "HOME")}
    with subprocess.Popen(  # noqa: S603  (the benchmark's own commands)
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=small
    ) as process:
        yield Server(process, era, arguments)
        assert process.stdin is not None
        process.stdin.close()


def measured(era: str, at_once: int, turns: int, calls: int) -> dict[str, Any]:
    """Calls a second of each server, turn by turn, and the ratios of neighbouring turns."""
    with ExitStack() as stack:
        servers = {name: stack.enter_context(_started(command, era, args)) for name, (command, args) in SERVERS.items()}
        for server in servers.values():
            server.turn(calls // 4, at_once)
        rates = [{name: server.turn(calls, at_once) for name, server in servers.items()} for _ in range(turns)]
    ratios = [rate["ours"] / rate["bare SDK"] for rate in rates]
    figures = {name: _spread([rate[name] for rate in rates]) for name in SERVERS}
    return {"protocol": era, "at_once": at_once, "calls_per_second": figures, "ratio": _spread(ratios)}


def _spread(values: Sequence[float]) -> dict[str, float]:
    low, middle, high = statistics.quantiles(values, n=4)
    return {"median": round(middle, 2), "quartile_low": round(low, 2), "quartile_high": round(high, 2)}


def _shown(spread: dict[str, float], digits: int) -> str:
    low, high = spread["quartile_low"], spread["quartile_high"]
    return f"{spread['median']:,.{digits}f} ({low:,.{digits}f} to {high:,.{digits}f})"


def main() -> None:
    """Print a table to stderr and JSON to stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=15)
    parser.add_argument("--calls", type=int, default=1000)
    given = parser.parse_args()
    rows = [measured(era, at_once, given.turns, given.calls) for era in ERAS for at_once in AT_ONCE]
    print("Calls a second over stdio, median (quartiles)", file=sys.stderr)  # noqa: T201
    columns = "{:<11} {:>7}  {:<24} {:<24} {}"
    print(columns.format("protocol", "at once", *SERVERS, "ratio"), file=sys.stderr)  # noqa: T201
    for row in rows:
        rates = [_shown(rate, 0) for rate in row["calls_per_second"].values()]
        shown = columns.format(row["protocol"], row["at_once"], *rates, _shown(row["ratio"], 2))
        print(shown, file=sys.stderr)  # noqa: T201
    print(json.dumps({"stdio": rows}))  # noqa: T201


if __name__ == "__main__":
    main()
