"""What lies between this machine and RingCentral: name resolution, TLS, and the clocks at both ends."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Final, cast

import anyio
import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.answers import read_reply, transport_error, unsent_reason
from ringcentral_meetings.platform.certificates import Untrusted

PATH: Final = "/restapi/v1.0"
MOST_BYTES: Final = 100_000


@dataclass(frozen=True, slots=True)
class ServerReply:
    """An answer of any status; `certificate_ends` and `server_time` are in seconds since 1970."""

    status: int
    tls: str | None = None
    certificate_ends: float | None = None
    server_time: float | None = None


async def resolve(host: str, port: int) -> int:
    """Return how many addresses a name has. Raises `Refused` if it has none."""
    try:
        return len({address for *_, address in await anyio.getaddrinfo(host, port)})
    except OSError:
        raise errors.unreachable(host, "name not resolved") from None


async def probe(http: httpx.AsyncClient) -> ServerReply:
    """Send one request without credentials. Raises `MeetingsError` if no answer comes."""
    request = http.build_request("GET", PATH)
    try:
        response = await http.send(request, auth=httpx.Auth(), stream=True)
        secured = response.extensions.get("network_stream")
        session = secured.get_extra_info("ssl_object") if secured is not None else None
        reply = await read_reply(response, MOST_BYTES)
    except httpx.TransportError as fault:
        raise transport_error(fault, request.url.host) from fault
    return ServerReply(reply.status, *_tls_facts(session), _server_time(reply.headers))


def failed_in_tls(problem: errors.MeetingsError) -> bool:
    """Return whether a probe reached the server, and failed while the connection was being secured."""
    fault = problem.__cause__
    return isinstance(fault, Untrusted) or (isinstance(fault, httpx.TransportError) and unsent_reason(fault) == "tls")


def _tls_facts(session: object) -> tuple[str | None, float | None]:
    """Return the version of TLS and when the certificate ends, as far as the session shows them."""
    if not isinstance(session, ssl.SSLObject | ssl.SSLSocket):
        return None, None
    ends = (session.getpeercert() or {}).get("notAfter")
    return session.version(), None if ends is None else ssl.cert_time_to_seconds(cast("str", ends))


def _server_time(headers: Mapping[str, str]) -> float | None:
    try:
        return parsedate_to_datetime(headers.get("date", "")).timestamp()
    except (ValueError, OverflowError):
        return None
