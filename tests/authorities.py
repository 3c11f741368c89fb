"""Certificate authorities of the tests' own, servers with their certificates, and proxies in between."""

import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache

import anyio
import trustme
from anyio.abc import ByteStream, SocketAttribute, SocketStream
from anyio.streams.tls import TLSStream
from cryptography import x509

GONE = (anyio.EndOfStream, anyio.BrokenResourceError, anyio.ClosedResourceError, OSError)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

Talk = Callable[[ByteStream], Awaitable[None]]


@cache
def authority(name: str = "Example Inspection CA") -> trustme.CA:
    """An authority that nobody trusts yet."""
    return trustme.CA(organization_name=name, organization_unit_name="of the tests")


def serving_context(issuer: trustme.CA, *names: str) -> ssl.SSLContext:
    """What a server of those names presents."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    issuer.issue_cert(*(names or ("127.0.0.1",))).configure_cert(context)
    return context


@asynccontextmanager
async def listening(talk: Talk, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """The port of a server that talks on each connection, over TLS where there is a context."""

    async def one(stream: SocketStream) -> None:
        with suppress(*GONE):
            async with stream:
                secured = stream if context is None else await TLSStream.wrap(stream, ssl_context=context)
                await talk(secured)

    listener = await anyio.create_tcp_listener(local_host=host, local_port=0)
    async with listener, anyio.create_task_group() as tasks:
        tasks.start_soon(listener.serve, one)
        yield listener.extra(SocketAttribute.local_port)  # noqa: S610 (anyio's, not Django's)
        tasks.cancel_scope.cancel()


@dataclass
class Site:
    """Answers every request alike, and keeps what it heard."""

    answer: bytes = ANSWER
    heard: list[bytes] = field(default_factory=list)

    async def talk(self, stream: ByteStream) -> None:
        while True:
            self.heard.append(await stream.receive())
            await stream.send(self.answer)


@dataclass
class Proxy:
    """A proxy that connects to `port` of this machine whatever it is asked for, or refuses with a status.

    With `inspects`, it reads what goes through: it ends TLS with a certificate that its own authority makes up.
    """

    port: int = 0
    status: int = 200
    inspects: ssl.SSLContext | None = None
    heard: list[bytes] = field(default_factory=list)

    async def talk(self, stream: ByteStream) -> None:
        self.heard.append(await stream.receive())
        await stream.send(f"HTTP/1.1 {self.status} As Told\r\nContent-Length: 0\r\n\r\n".encode())
        if self.status != 200:
            return
        if self.inspects is not None:
            await Site().talk(await TLSStream.wrap(stream, ssl_context=self.inspects))
            return
        async with await anyio.connect_tcp("127.0.0.1", self.port) as onward, anyio.create_task_group() as both:
            both.start_soon(_pass_on, stream, onward)
            both.start_soon(_pass_on, onward, stream)


async def _pass_on(source: ByteStream, target: ByteStream) -> None:
    with suppress(*GONE):
        async for data in source:
            await target.send(data)
    with suppress(*GONE):
        await target.send_eof()


def subject_hash(issuer: trustme.CA) -> str:
    """What `openssl rehash` names a certificate: of the subject in canonical form, without its own length."""
    subject = x509.load_pem_x509_certificate(issuer.cert_pem.bytes()).subject
    lowered = [x509.NameAttribute(one.oid, str(one.value).lower()) for one in subject]
    encoded = x509.Name(lowered).public_bytes()
    assert encoded[1] < 128
    return f"{int.from_bytes(hashlib.sha1(encoded[2:], usedforsecurity=False).digest()[:4], 'little'):08x}"
