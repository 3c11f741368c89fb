"""Bodies of answers, inflated in small steps: a few kilobytes of gzip can stand for gigabytes."""

import zlib
from collections.abc import Iterator
from contextlib import aclosing
from typing import Final

import httpx

ACCEPTED: Final = "gzip"
"""What to ask for in `Accept-Encoding`."""

_STEP: Final = 65_536
_WINDOWS: Final = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}


class Unreadable(Exception):
    """A body that cannot be used; the text says what is wrong with it."""


async def read_body(response: httpx.Response, max_bytes: int) -> bytes:
    """Return the body of a streamed response, inflated.

    Raises:
        Unreadable: it, or what it inflates to, is larger than `max_bytes`, or its compression is damaged or unknown.
        httpx.TransportError: the connection was lost.
    """
    if response.is_stream_consumed:  # made with its content, as a transport of tests does: httpx has inflated it
        _check_size(len(response.content), max_bytes)
        return response.content
    inflate = _inflater(response.headers.get("content-encoding", ""))
    body = bytearray()
    received = 0
    async with aclosing(response.aiter_raw()) as pieces:  # type: ignore[type-var]  # it is a generator
        async for piece in pieces:
            received += len(piece)
            for part in inflate.parts(piece):
                body += part
                _check_size(max(received, len(body)), max_bytes)
    inflate.end()
    return bytes(body)


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise Unreadable(f"it is larger than {max_bytes} bytes")


class _Plain:
    def parts(self, piece: bytes) -> Iterator[bytes]:
        yield piece

    def end(self) -> None:
        """Nothing can be missing."""


class _Zlib:
    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._inflate = zlib.decompressobj(_WINDOWS[coding])
        self._began = False

    def parts(self, piece: bytes) -> Iterator[bytes]:
        left = piece
        while not self._inflate.eof:  # what follows the end is ignored, as browsers do
            try:
                part = self._inflate.decompress(left, _STEP)
            except zlib.error:
                self._read_without_header()
                continue
            self._began = True
            yield part
            left = self._inflate.unconsumed_tail
            if not left and len(part) < _STEP:
                return

    def _read_without_header(self) -> None:
        """Start over without zlib's header, which some servers leave out of deflate (RFC 9110, 8.4.1.2)."""
        if self._began or self._coding != "deflate":
            raise Unreadable("its compression is damaged") from None
        self._began = True
        self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)

    def end(self) -> None:
        if self._began and not self._inflate.eof:
            raise Unreadable("its compression is damaged")


def _inflater(coding: str) -> _Plain | _Zlib:
    named = coding.strip().lower()
    if named in {"", "identity"}:
        return _Plain()
    if named not in _WINDOWS:
        raise Unreadable("its compression is unknown")
    return _Zlib(named)
