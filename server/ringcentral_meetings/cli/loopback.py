"""A listener on this machine to which RingCentral redirects the browser, for one sign-in.

It is bound to the loopback address only (RFC 8252, 7.3 and 8.3). The query of the redirect holds the authorization
code: it is passed on and never logged.
"""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Final

import anyio
from anyio.abc import SocketAttribute, SocketStream
from anyio.streams.stapled import MultiListener

HOST: Final = "127.0.0.1"
PATH: Final = "/callback"
MOST_HEAD_BYTES: Final = 16_384
HEAD_SECONDS: Final = 10.0

HEADERS: Final = (
    "Content-Type: text/html; charset=utf-8",
    "Cache-Control: no-store",
    "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
    "Referrer-Policy: no-referrer",
    "X-Content-Type-Options: nosniff",
    "Connection: close",
)
PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body {{ font: 18px/1.5 system-ui, sans-serif; max-width: 34em; margin: 5em auto; padding: 0 1em; }}</style>
</head><body><h1>{title}</h1><p>{text}</p></body></html>
"""
FOREIGN: Final = "This address does not belong to the sign-in in the terminal, which still waits for its own."

Answer = Callable[[str], Awaitable[tuple[bool, str]]]
"""Takes the path and query that the browser was sent to; returns whether that worked, and the text to show."""


class Loopback:
    """A listener that waits for the browser to be redirected to it."""

    def __init__(self, listener: MultiListener[SocketStream], port: int) -> None:
        self._listener = listener
        self._host = f"{HOST}:{port}"
        self._taken = False
        self.redirect_uri = f"http://{self._host}{PATH}"

    async def aclose(self) -> None:
        """Close the listener, which frees its port."""
        await self._listener.aclose()

    async def answer_once(self, answer: Answer, belongs: Callable[[str], bool]) -> None:
        """Pass the first request that `belongs` to this sign-in to `answer`, and show its text in the browser.

        Any web page can send a browser to the redirect address, so other requests are answered and ignored.
        """
        async with anyio.create_task_group() as group:

            async def handle(stream: SocketStream) -> None:
                async with stream:
                    if await self._serve(stream, answer, belongs):
                        group.cancel_scope.cancel()

            await self._listener.serve(handle, group)

    async def _serve(self, stream: SocketStream, answer: Answer, belongs: Callable[[str], bool]) -> bool:
        """Serve one connection; return whether it was the one waited for."""
        target = self._target(await _head(stream))
        if target is None or self._taken:
            await _send(stream, "404 Not Found", "Nothing here", "This address serves a single sign-in.")
            return False
        if not belongs(target):
            await _send(stream, "400 Bad Request", "Not this sign-in", FOREIGN)
            return False
        self._taken = True
        worked, text = await answer(target)
        if worked:
            await _send(stream, "200 OK", "You are signed in", text)
        else:
            await _send(stream, "400 Bad Request", "Signing in failed", text)
        return True

    def _target(self, head: str) -> str | None:
        """Return the path and query of a request to the redirect address, else None.

        The Host header is checked because of DNS rebinding.
        """
        first, *rest = head.split("\r\n")
        method, _, target = first.removesuffix(" HTTP/1.1").partition(" ")
        hosts = [value.strip() for name, _, value in (line.partition(":") for line in rest) if name.lower() == "host"]
        fits = method == "GET" and target.partition("?")[0] == PATH and hosts == [self._host]
        return target if fits else None


async def bind(port: int) -> Loopback:
    """Listen on the loopback address; port 0 takes a free port. Raises `OSError` if the port is in use."""
    listener = await anyio.create_tcp_listener(local_host=HOST, local_port=port)
    return Loopback(listener, listener.extra(SocketAttribute.local_port))  # noqa: S610  (no query of Django's)


async def _head(stream: SocketStream) -> str:
    """Return the head of a request, or the part that came before the connection ended, timed out or sent too much."""
    head = b""
    try:
        with anyio.move_on_after(HEAD_SECONDS):
            while b"\r\n\r\n" not in head and len(head) < MOST_HEAD_BYTES:
                head += await stream.receive()
    except (anyio.EndOfStream, anyio.BrokenResourceError):
        pass
    return head.partition(b"\r\n\r\n")[0].decode("latin-1")


async def _send(stream: SocketStream, status: str, title: str, text: str) -> None:
    body = PAGE.format(title=escape(title), text=escape(text)).encode()
    head = "\r\n".join((f"HTTP/1.1 {status}", *HEADERS, f"Content-Length: {len(body)}", "", ""))
    try:
        await stream.send(head.encode() + body)
    except anyio.BrokenResourceError:
        return  # the browser has gone; the terminal prints the outcome too
