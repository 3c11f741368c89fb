"""Requests to foreign addresses, such as calendar feeds: kept apart from RingCentral's, and sent only to allowed hosts.

Nothing of ours is sent along: no token, no cookie, no rate limiter, no retry. The name is resolved once, each of its
addresses is checked, and the connection is made to one of these, so that a name which changes its answer in between
(DNS rebinding) leads nowhere else. Each redirect is checked like the first address.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, Literal

import anyio
import httpx

from ringcentral_meetings.platform.addresses import is_related, literal, reach_of
from ringcentral_meetings.platform.bodies import ACCEPTED, Unreadable, read_body
from ringcentral_meetings.platform.certificates import Trusted, Untrusted, UnusableStore, trusted
from ringcentral_meetings.platform.network import Network, ProxyRefused

if TYPE_CHECKING:
    import httpcore2

HTTPS_PORT: Final = 443
CONNECT_SECONDS: Final = 5.0
"""For each of a name's addresses."""

LOOK_UPS: Final = 16
"""How many names are looked up at once."""

_RESOLVERS: Final = ThreadPoolExecutor(LOOK_UPS, "resolver")
_ONE = httpx.Limits(max_connections=1, max_keepalive_connections=0)
_DEFAULT_PORTS: Final = {"https": HTTPS_PORT, "http": 80}

Why = Literal[
    "invalid address",
    "scheme not allowed",
    "port not allowed",
    "address not allowed",
    "name not resolved",
    "not reached",
    "connection lost",
    "certificate not trusted",
    "proxy refused",
    "redirect not allowed",
    "too many redirects",
    "too large",
    "unreadable",
    "timeout",
]

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns the addresses of a host. Raises `OSError` if it has none."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Where a fetch may go, and how much it may take; the defaults are the strictest.

    Args:
        max_bytes: of the body, inflated or not.
        max_header_bytes: of the headers of an answer; 100,000 is the most that is read.
        seconds: for everything, redirects included.
        private_hosts: hosts that may be on this machine or network, as the person wrote them in an address. A redirect
            from a public host never leads to them.
        plain_http: whether http may be used where `private_hosts` names the host.
        addresses: whether a host may be written as an IP address; one of `private_hosts` always may.
        ports: the ports that may be used, None for any.
        max_redirects: how many redirects are followed, each to a related host (`addresses.is_related`).
        families: sets of domains that belong together, as `addresses.is_related` takes them.
    """

    max_bytes: int
    max_header_bytes: int = 32_768
    seconds: float = 15.0
    private_hosts: frozenset[str] = frozenset()
    plain_http: bool = False
    addresses: bool = False
    ports: frozenset[int] | None = frozenset({HTTPS_PORT})
    max_redirects: int = 0
    families: tuple[frozenset[str], ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer, whatever its status; `host` and `path` are those that gave it, after redirects."""

    status: int
    host: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    path: str = field(default="/", repr=False)


class Unfetched(Exception):
    """A fetch that failed or was not allowed; `host` is where, None if there is no host to name.

    The text holds no path and no query: a feed's address is a secret.
    """

    def __init__(self, why: Why, host: str | None = None, detail: str = "") -> None:
        super().__init__(": ".join(part for part in (host, why, detail) if part))
        self.why = why
        self.host = host
        self.detail = detail


class Guarded:
    """Fetches foreign addresses as a policy allows.

    Args:
        user_agent: the User-Agent header.
        proxy: the proxy for public addresses; its own address is not checked.
        trust: the certificates to trust; by default `certificates.trusted`.
        resolve: resolves names; by default the operating system does.
        transport: answers in place of the network; no name is resolved then.
    """

    def __init__(
        self,
        user_agent: str,
        *,
        proxy: str | None = None,
        trust: Trusted | None = None,
        resolve: Resolve | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._proxy = proxy
        self._trust = trust
        self._resolve = resolve or _addresses
        self._transport = transport

    async def fetch(self, url: str, policy: Policy, headers: Mapping[str, str] | None = None) -> Fetched:
        """GET a URL, with `headers` beside our own, and follow its redirects as far as they are allowed.

        Raises:
            Unfetched: the policy does not allow it, or no complete answer came.
        """
        with anyio.move_on_after(policy.seconds):
            return await self._follow(url, policy, headers or {})
        raise Unfetched("timeout", _host_or_none(url))

    async def _follow(self, url: str, policy: Policy, headers: Mapping[str, str]) -> Fetched:
        first = target = _Target.of(url, policy)
        private_allowed = True
        for _ in range(policy.max_redirects + 1):
            addresses, is_private = await self._checked(target, policy, private_allowed=private_allowed)
            private_allowed = private_allowed and is_private
            answer = await self._ask(target, addresses, policy, headers, through=None if is_private else self._proxy)
            if isinstance(answer, Fetched):
                return answer
            target = target.redirected(answer, policy, first.host)
        raise Unfetched("too many redirects" if policy.max_redirects else "redirect not allowed", target.host)

    async def _checked(self, target: "_Target", policy: Policy, *, private_allowed: bool) -> tuple[Sequence[str], bool]:
        """Return the addresses of a host, all of them allowed, and whether any belongs to this machine or network."""
        if self._transport is not None:
            return [target.host], True
        try:
            addresses = [target.host] if target.is_address else await self._resolve(target.host, target.port)
        except (OSError, UnicodeError):
            raise Unfetched("name not resolved", target.host) from None
        reached = {reach_of(address) for address in addresses}
        if not reached:
            raise Unfetched("name not resolved", target.host)
        allowed = {"public"}
        if private_allowed and target.host in policy.private_hosts:
            allowed.add("private")
        if reached - allowed or (target.scheme == "http" and reached != {"private"}):
            raise Unfetched("address not allowed", target.host)
        return addresses, "private" in reached

    async def _ask(
        self,
        target: "_Target",
        addresses: Sequence[str],
        policy: Policy,
        headers: Mapping[str, str],
        *,
        through: str | None,
    ) -> "Fetched | str":
        """Return the answer, or where it redirects to."""
        sent = {"User-Agent": self._user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPTED, **headers}
        request = target.request(None if through is None else min(addresses, key=_is_ipv6), sent, policy)
        transport = self._transport or self._network(through, addresses)
        async with _client(transport) as http:
            try:
                response = await http.send(request, stream=True)
                _check_headers(response, target.host, policy)
                if response.has_redirect_location and response.status_code != httpx.codes.NOT_MODIFIED:
                    await response.aclose()
                    return str(response.headers["location"])
                body = await read_body(response, policy.max_bytes)
            except httpx.TransportError as fault:
                raise _unfetched(fault, target.host) from None
            except Unreadable as fault:
                large = "larger" in str(fault)
                raise Unfetched("too large" if large else "unreadable", target.host, str(fault)) from None
        received = {name.lower(): value for name, value in response.headers.items()}
        return Fetched(response.status_code, target.host, received, body, target.url.path)

    def _network(self, through: str | None, addresses: Sequence[str]) -> httpx.AsyncBaseTransport:
        return Network(_ONE, through, self._trusted(), None if through else _backend(addresses))

    def _trusted(self) -> Trusted:
        if self._trust is None:
            try:
                self._trust = trusted()
            except UnusableStore as fault:
                raise Unfetched("certificate not trusted", None, str(fault)) from None
        return self._trust


def host_of(url: str) -> str:
    """Return the host of a URL as policies name it: in lower case, as ASCII, without a dot at its end.

    Raises:
        Unfetched: it has none.
    """
    return _parsed(url)[1]


@dataclass(frozen=True, slots=True)
class _Target:
    """A URL that a policy allows, as far as that is known before its host is resolved."""

    url: httpx.URL
    scheme: str
    host: str
    port: int
    is_address: bool

    @classmethod
    def of(cls, text: str, policy: Policy) -> "_Target":
        url, host = _parsed(text)
        is_set = host in policy.private_hosts
        if url.scheme != "https" and not (url.scheme == "http" and policy.plain_http and is_set):
            raise Unfetched("scheme not allowed", host, url.scheme)
        is_address = literal(host) is not None
        if is_address and not (policy.addresses or is_set):
            raise Unfetched("address not allowed", host)
        port = url.port or _DEFAULT_PORTS[url.scheme]
        if policy.ports is not None and port not in policy.ports:
            raise Unfetched("port not allowed", host, str(port))
        return cls(url.copy_with(host=host, fragment=None), url.scheme, host, port, is_address)

    def redirected(self, location: str, policy: Policy, first_host: str) -> "_Target":
        """Return where an answer redirects to."""
        try:
            onward = _Target.of(str(self.url.join(location)), policy)
        except httpx.InvalidURL:
            raise Unfetched("invalid address", self.host, "of a redirect") from None
        is_downgrade = self.scheme == "https" and onward.scheme != "https"
        if is_downgrade or not is_related(first_host, onward.host, policy.families):
            raise Unfetched("redirect not allowed", onward.host)
        return onward

    def request(self, address: str | None, headers: Mapping[str, str], policy: Policy) -> httpx.Request:
        """Return the request. It names `address` instead of the host if given; Host and TLS keep the name."""
        extensions = {"timeout": httpx.Timeout(policy.seconds, connect=CONNECT_SECONDS).as_dict()}
        named = httpx.Request("GET", self.url, headers=headers, extensions=extensions)
        if address is None:
            return named
        return httpx.Request(
            "GET",
            self.url.copy_with(host=address),
            headers=named.headers,  # the Host of the name is among them
            extensions=extensions | {"sni_hostname": self.host},
        )


def _parsed(text: str) -> tuple[httpx.URL, str]:
    try:
        url = httpx.URL(text)
        host = url.raw_host.decode("ascii").lower()
        host = host.removesuffix(".")
        literal(host)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise Unfetched("invalid address") from None
    if url.userinfo or not url.is_absolute_url:
        raise Unfetched("invalid address", host)
    return url, host


def _host_or_none(text: str) -> str | None:
    try:
        return host_of(text)
    except Unfetched:
        return None


def _client(transport: httpx.AsyncBaseTransport) -> httpx.AsyncClient:
    """Return a client for one request, to which it adds nothing, and of which it keeps nothing."""
    cookies = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(transport=transport, cookies=cookies, follow_redirects=False, trust_env=False)


def _check_headers(response: httpx.Response, host: str, policy: Policy) -> None:
    if sum(len(name) + len(value) + 4 for name, value in response.headers.raw) > policy.max_header_bytes:
        raise Unfetched("too large", host, "its headers")


def _unfetched(fault: httpx.TransportError, host: str) -> Unfetched:
    if isinstance(fault, Untrusted):
        return Unfetched("certificate not trusted", host, " by ".join(filter(None, (fault.why, fault.issuer))))
    if isinstance(fault, ProxyRefused):
        return Unfetched("proxy refused", host, f"{fault.proxy} answered with status {fault.status}")
    if isinstance(fault, httpx.ConnectError | httpx.ConnectTimeout | httpx.ProxyError):
        return Unfetched("not reached", host)
    return Unfetched("timeout" if isinstance(fault, httpx.TimeoutException) else "connection lost", host)


async def _addresses(host: str, port: int) -> Sequence[str]:
    """Return what the operating system resolves a name to, best first.

    A look-up cannot be interrupted, and takes as long as whoever answers for the name wants. The threads of the event
    loop's own look-ups, through which all other connections are made, are not used for it.
    """
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, look_up)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _is_ipv6(address: str) -> bool:
    return ":" in address


def _backend(addresses: Sequence[str]) -> "httpcore2.AsyncNetworkBackend":
    """Return a backend that connects to the first of the addresses that answers, whatever the host is called."""
    import httpcore2

    class Checked(httpcore2.AnyIOBackend):
        async def connect_tcp(
            self,
            host: str,  # noqa: ARG002  (httpcore2 calls this by name)
            port: int,
            timeout: float | None = None,  # noqa: ASYNC109  (httpcore2's own)
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore2.AsyncNetworkStream:
            *earlier, last = addresses
            for address in earlier:
                with suppress(httpcore2.ConnectError, httpcore2.ConnectTimeout):
                    return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            return await super().connect_tcp(last, port, timeout, local_address, socket_options)

    return Checked()
