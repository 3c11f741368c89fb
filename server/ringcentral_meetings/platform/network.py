"""The transport under the HTTP clients: httpx's interface over the connection pool of `httpcore2`.

Imported when the first request goes out, so that a start does not pay for it. It never sends a request twice: the
pool takes another connection only before a request's first byte (`AsyncConnectionPool.handle_async_request`, 2.16),
and does not retry a failed one (`retries=0`).
"""

import re
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import httpx

from ringcentral_meetings.platform.certificates import Trusted, trusted, untrusted

if TYPE_CHECKING:
    import httpcore2

PROXY_AUTHENTICATION_REQUIRED: Final = 407


class ProxyRefused(httpx.ProxyError):
    """The proxy answered with a status of its own instead of passing the request on."""

    def __init__(self, proxy: httpx.URL, status: int) -> None:
        super().__init__(f"the proxy answered with status {status}")
        self.proxy = f"{proxy.host}:{proxy.port or (443 if proxy.scheme == 'https' else 80)}"
        self.status = status


class Network(httpx.AsyncBaseTransport):
    """Sends requests directly, or all of them through `proxy`.

    Args:
        limits: how many connections, and for how many seconds an idle one is kept.
        proxy: an http or https URL, with user and password where the proxy wants them.
        trust: the certificates to trust; by default `certificates.trusted`, read at the first request that needs them.
        backend: what opens connections; by default the operating system.
    """

    def __init__(
        self,
        limits: httpx.Limits,
        proxy: str | None = None,
        trust: Trusted | None = None,
        backend: "httpcore2.AsyncNetworkBackend | None" = None,
    ) -> None:
        self._limits = limits
        self._proxy = None if proxy is None else httpx.Proxy(proxy)
        self._trust = trust
        self._backend = backend
        self._pools: dict[str, httpcore2.AsyncConnectionPool] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        import httpcore2

        url, extensions = _core_url(request.url), request.extensions
        if self._proxy is not None and b":" in url.host:
            # The tunnel names the host as it stands, which of an IPv6 address is too little (RFC 9110, 9.3.6).
            extensions = {"sni_hostname": url.host.decode(), **extensions}
            url.host = b"[%b]" % url.host
        asked = httpcore2.Request(
            request.method, url, headers=request.headers.raw, content=request.stream, extensions=extensions
        )
        with _httpx_errors(self._proxy):
            answer = await self._pool(request.url.scheme).handle_async_request(asked)
            stream = _Body(answer)
            await self._check_proxy(request.url, answer)
        return httpx.Response(answer.status, headers=answer.headers, stream=stream, extensions=answer.extensions)

    async def aclose(self) -> None:
        for pool in self._pools.values():
            await pool.aclose()

    def _pool(self, scheme: str) -> "httpcore2.AsyncConnectionPool":
        """Return the pool for URLs of a scheme: one for http loads no certificates."""
        import httpcore2

        if scheme not in self._pools:
            through = None if self._proxy is None else self._proxy.url.scheme
            trust = self._certificates().context if "https" in {scheme, through} else None
            self._pools[scheme] = httpcore2.AsyncConnectionPool(
                ssl_context=trust,
                proxy=None if self._proxy is None else _core_proxy(self._proxy, trust),
                max_connections=self._limits.max_connections,
                max_keepalive_connections=self._limits.max_keepalive_connections,
                keepalive_expiry=self._limits.keepalive_expiry,
                network_backend=self._backend,
            )
        return self._pools[scheme]

    def _certificates(self) -> Trusted:
        if self._trust is None:
            self._trust = trusted()
        return self._trust

    async def _check_proxy(self, url: httpx.URL, answer: "httpcore2.Response") -> None:
        """Raise for a 407 to what goes through the proxy as it is: no other server answers so (RFC 9110, 15.5.8)."""
        if self._proxy and url.scheme == "http" and answer.status == PROXY_AUTHENTICATION_REQUIRED:
            await answer.aclose()
            raise ProxyRefused(self._proxy.url, answer.status)


class _Body(httpx.AsyncByteStream):
    def __init__(self, answer: "httpcore2.Response") -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _httpx_errors():
            async for piece in self._answer.aiter_stream():
                yield piece

    async def aclose(self) -> None:
        await self._answer.aclose()


def _core_url(url: httpx.URL) -> "httpcore2.URL":
    import httpcore2

    return httpcore2.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _core_proxy(proxy: httpx.Proxy, trust: ssl.SSLContext | None) -> "httpcore2.Proxy":
    import httpcore2

    return httpcore2.Proxy(
        _core_url(proxy.url),
        auth=proxy.raw_auth,
        headers=proxy.headers.raw,
        ssl_context=trust if proxy.url.scheme == "https" else None,
    )


@contextmanager
def _httpx_errors(proxy: httpx.Proxy | None = None) -> Iterator[None]:
    """Turn httpcore2's errors into httpx's, which have the same names and meanings."""
    import httpcore2

    try:
        yield
    except OSError as fault:
        # TLS that breaks within an answer: httpcore2's stream lets `ssl.SSLError` through (`_backends/anyio.py`).
        raise httpx.ReadError(str(fault)) from fault
    except httpcore2.ProxyError as fault:
        raise _proxy_error(proxy, str(fault)) from fault
    except httpcore2.ConnectError as fault:
        raise untrusted(fault) or httpx.ConnectError(str(fault)) from fault
    except (
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.TimeoutException,
        httpcore2.UnsupportedProtocol,
    ) as fault:
        meaning: type[httpx.TransportError] = getattr(httpx, type(fault).__name__)
        raise meaning(str(fault)) from fault


def _proxy_error(proxy: httpx.Proxy | None, message: str) -> httpx.ProxyError:
    status = re.match(r"\d{3}\b", message)
    if proxy is None or status is None:
        return httpx.ProxyError(message)
    return ProxyRefused(proxy.url, int(status[0]))
