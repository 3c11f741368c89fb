"""A publisher of calendars on loopback."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from anyio.abc import ByteStream

from authorities import listening

SECRET = "/private-0123456789abcdef/basic.ics"


def answer(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} As Told", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass
class Publisher:
    """Publishes calendars, by the path that is asked for."""

    says: dict[str, bytes]
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def talk(self, stream: ByteStream) -> None:
        asked = (await stream.receive()).decode()
        self.asked.append(asked)
        await stream.send(self.says[asked.split()[1]])

    @property
    def addresses(self) -> str:
        return " ".join(f"http://127.0.0.1:{self.port}{path}" for path in self.says)


@asynccontextmanager
async def publishing(*says: bytes) -> AsyncIterator[Publisher]:
    publisher = Publisher({f"/{number}{SECRET}": said for number, said in enumerate(says)})
    async with listening(publisher.talk) as publisher.port:
        yield publisher
