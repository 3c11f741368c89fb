"""The platform that the servers under measurement call: fixed answers, made ready beforehand, from one process.

It stands in for the simulator, which does a platform's work for each request and would be what is measured. Run as
`python -m tests.bench.upstream`; it prints its address. `GET /set?name=value` changes how many meetings there are, how
many a page holds, of how many one is a series and whether it is a daily one, and how long the token endpoint takes, and
any other; `GET /counts` tells the requests so far. Who sends the refresh token `refresh-ID` is the user of that id.
"""

import asyncio
import json
import re
import sys
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from . import bodies

MEETINGS = re.compile(r"/restapi/v1\.0/account/[^/]+/extension/[^/]+/meeting")
OWN = re.compile(r"/oauth/token$|/extension/~$")
"""What is not the same for all users."""

USER = re.compile(rb"(?:(?i:authorization: bearer) access-|refresh_token=refresh-)(\d+)")
DEFAULTS = {"meetings": 1, "per_page": 100, "series_every": 0, "daily": 0, "token_seconds": 0, "api_seconds": 0}
HEAD = """\
HTTP/1.1 200 OK
Content-Type: application/json;charset=utf-8
X-Rate-Limit-Group: light
X-Rate-Limit-Limit: 1000000
X-Rate-Limit-Remaining: 999999
X-Rate-Limit-Window: 60
Content-Length: {length}

""".replace("\n", "\r\n")


@dataclass
class Platform:
    """What is answered, by path."""

    base: str
    settings: dict[str, float] = field(default_factory=lambda: dict(DEFAULTS))
    counts: Counter[str] = field(default_factory=Counter)
    ready: dict[tuple[str, str | None], bytes] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)

    def prepare(self) -> None:
        """Make the records anew."""
        frequency = "Daily" if self.settings["daily"] else "Weekly"
        count, series_every = int(self.settings["meetings"]), int(self.settings["series_every"])
        self.records = bodies.meetings(self.base, count, series_every, frequency)
        self.ready.clear()

    def answer(self, target: str, user: str | None) -> bytes:
        """The bytes of an answer."""
        named = user if OWN.search(target) else None
        if (target, named) not in self.ready:
            self.ready[target, named] = encode(self.body(target, named))
        return self.ready[target, named]

    def body(self, target: str, user: str | None) -> Any:
        """The body for a path, with or without a query, and for a user where it is not the same for all."""
        path, _, query = target.partition("?")
        if path.endswith("/oauth/token"):
            return bodies.token(user)
        if path.endswith("/meeting/service-info"):
            return bodies.service_info(self.base)
        if listed := MEETINGS.match(path):
            if path != listed[0]:
                return next((one for one in self.records if one["id"] == path.rpartition("/")[2]), self.records[0])
            number = int(dict(parse_qsl(query)).get("page", "1"))
            return bodies.page(self.base, path, self.records, number, int(self.settings["per_page"]))
        return bodies.extension(self.base, user or bodies.USER)


def encode(body: Any) -> bytes:
    """An answer in HTTP/1.1."""
    content = json.dumps(body, separators=(",", ":")).encode()
    return HEAD.format(length=len(content)).encode() + content


class Connection(asyncio.Protocol):
    """One connection of a client, kept alive."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end]
            length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
            whole = end + 4 + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            user = USER.search(self._buffer[:whole])
            self._buffer = self._buffer[whole:]
            self._answer(head.partition(b"\r\n")[0].decode().split(" ")[1], user and user[1].decode())

    def _answer(self, target: str, user: str | None) -> None:
        platform = self._platform
        if target.startswith("/set?"):
            platform.settings |= {name: float(value) for name, value in parse_qsl(target[5:])}
            platform.prepare()
            self._send(encode(platform.settings))
        elif target == "/counts":
            self._send(encode(platform.counts))
        else:
            platform.counts["token" if target.endswith("/oauth/token") else "api"] += 1
            self._send_later(target, self._platform.answer(target, user))

    def _send_later(self, target: str, answer: bytes) -> None:
        seconds = self._platform.settings["token_seconds" if target.endswith("/oauth/token") else "api_seconds"]
        if seconds:
            asyncio.get_running_loop().call_later(seconds, self._send, answer)
        else:
            self._send(answer)

    def _send(self, answer: bytes) -> None:
        if self._transport is not None:
            self._transport.write(answer)


async def serve() -> None:
    """Serve until the process is ended."""
    loop = asyncio.get_running_loop()
    platform = Platform("")
    server = await loop.create_server(lambda: Connection(platform), "127.0.0.1", 0)
    platform.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    platform.prepare()
    sys.stdout.write(platform.base + "\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
