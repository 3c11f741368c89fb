"""The network under the HTTP client, made ready when the first request goes out: a start does not pay for it.

Reads of the API go through aiohttp, at a third of the cost of httpx's own connections (`tests/bench`); the first one
pays a tenth of a second for the import. Writes do not: aiohttp sends PUT and DELETE again where a kept connection turns
out to be dead (`ClientSession._request`, 3.14), and a write is sent once. What goes through a proxy stays with httpx
too, and what is no call of the API: `reach` looks at the connection itself.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    import aiohttp

_LONGEST_HEADER = 65_536


class Network(httpx.AsyncBaseTransport):
    """Sends requests directly, or all of them through `proxy`. Trusts the certificates that httpx trusts."""

    def __init__(self, limits: httpx.Limits, proxy: str | None = None) -> None:
        self._limits = limits
        self._proxy = proxy
        self._trusted: ssl.SSLContext | None = None
        self._plain: httpx.AsyncHTTPTransport | None = None
        self._reads: _AiohttpReads | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        is_read = request.method == "GET" and "Authorization" in request.headers
        way = self._for_reads() if is_read and self._proxy is None else self._for_all()
        return await way.handle_async_request(request)

    async def aclose(self) -> None:
        for made in (self._plain, self._reads):
            if made is not None:
                await made.aclose()

    def _for_all(self) -> httpx.AsyncHTTPTransport:
        if self._plain is None:
            self._plain = httpx.AsyncHTTPTransport(
                verify=self._certificates(), trust_env=False, limits=self._limits, proxy=self._proxy
            )
        return self._plain

    def _for_reads(self) -> "_AiohttpReads":
        if self._reads is None:
            self._reads = _AiohttpReads(self._certificates(), self._limits)
        return self._reads

    def _certificates(self) -> ssl.SSLContext:
        if self._trusted is None:
            self._trusted = httpx.create_ssl_context(trust_env=False)
        return self._trusted


class _AiohttpReads(httpx.AsyncBaseTransport):
    def __init__(self, trusted: ssl.SSLContext, limits: httpx.Limits) -> None:
        import aiohttp

        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                ssl=trusted, limit=limits.max_connections or 0, keepalive_timeout=limits.keepalive_expiry
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "User-Agent", "Content-Type"),
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        import aiohttp
        from yarl import URL

        patience = request.extensions["timeout"]
        with _httpx_errors(request):
            answer = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name.decode(), value.decode()) for name, value in request.headers.raw],
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(sock_connect=patience["connect"], sock_read=patience["read"]),
            )
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer, request), request=request)

    async def aclose(self) -> None:
        await self._session.close()


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: "aiohttp.ClientResponse", request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors(self._request):
            async for piece in self._answer.content.iter_any():
                yield piece

    async def aclose(self) -> None:
        self._answer.close()


@contextmanager
def _httpx_errors(request: httpx.Request) -> Iterator[None]:
    """What aiohttp raises, as httpx tells it: whether a connection was made is what counts."""
    import aiohttp

    try:
        yield
    except aiohttp.ConnectionTimeoutError as fault:
        raise httpx.ConnectTimeout("", request=request) from fault
    except aiohttp.ClientConnectorError as fault:
        raise httpx.ConnectError("", request=request) from fault
    except aiohttp.ServerTimeoutError as fault:
        raise httpx.ReadTimeout("", request=request) from fault
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientResponseError) as fault:
        raise httpx.RemoteProtocolError("", request=request) from fault
    except aiohttp.ClientError as fault:
        raise httpx.ReadError("", request=request) from fault
