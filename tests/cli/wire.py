"""The command's stdin and stdout as bytes, in either era of the protocol."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, TextIO, cast

from cli.processes import COMMAND, said_to_the_end, started

Era = Literal["2025-11-25", "2026-07-28"]
ERAS: tuple[Era, ...] = ("2025-11-25", "2026-07-28")
CLIENT = {"name": "test", "version": "0"}
INITIALIZED = b'{"jsonrpc":"2.0","method":"notifications/initialized"}\n'


def frame(message: Mapping[str, Any]) -> bytes:
    """A message as its line."""
    return json.dumps({"jsonrpc": "2.0"} | dict(message)).encode() + b"\n"


def request(era: Era, number: Any, method: str, **params: Any) -> bytes:
    """A request's line; in the newer era it says who asks."""
    if era == "2026-07-28":
        prefix = "io.modelcontextprotocol/"
        who = {"protocolVersion": era, "clientInfo": CLIENT, "clientCapabilities": {}}
        params["_meta"] = {prefix + name: value for name, value in who.items()}
    return frame({"id": number, "method": method, "params": params})


@dataclass(frozen=True)
class Wire:
    """What a client of one era says to a running server."""

    process: "subprocess.Popen[str]"
    era: Era

    def request(self, number: Any, method: str, **params: Any) -> bytes:
        """The line of a request."""
        return request(self.era, number, method, **params)

    def call(self, number: Any, tool: str, **arguments: Any) -> bytes:
        """The line of a call."""
        return self.request(number, "tools/call", name=tool, arguments=arguments)

    def send(self, *lines: bytes) -> None:
        """Write lines, or what is none."""
        stdin = cast("TextIO", self.process.stdin).buffer
        stdin.write(b"".join(lines))
        stdin.flush()

    def answer(self) -> Any:
        """What the next line of stdout says."""
        return json.loads(cast("TextIO", self.process.stdout).readline())

    def shake_hands(self, **capabilities: Any) -> None:
        """Open a session, in the era that has some."""
        if self.era == "2025-11-25":
            hello = {"protocolVersion": self.era, "capabilities": capabilities, "clientInfo": CLIENT}
            self.send(frame({"id": "hello", "method": "initialize", "params": hello}))
            assert self.answer()["id"] == "hello"
            self.send(INITIALIZED)

    def ended(self) -> list[Any]:
        """Close stdin, and return what the server still says before it ends, which it has to do in order."""
        rest, told = said_to_the_end(self.process)
        assert (self.process.returncode, told) == (0, "")
        return [json.loads(line) for line in rest.splitlines()]


@contextmanager
def wired(era: Era, **env: str) -> Iterator[Wire]:
    """A server with the simulator, and a client that has said nothing yet."""
    with started([*COMMAND, "--simulator"], **env) as process:
        yield Wire(process, era)
