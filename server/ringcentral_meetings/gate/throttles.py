"""Inbound limits of the gate, counted by all replicas together.

Many people of a hosted client come from few addresses, so that the limit of an address is loose. That of a client is
counted only for requests that show something of the client's: whoever merely knows its name cannot use it up.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Final

from starlette.requests import Request

from ringcentral_meetings.gate.records import Client, Gate, OAuthError
from ringcentral_meetings.store import Store, Throttle

NETWORK_BITS: Final = 64
"""How much of an IPv6 address names a network, within which a single machine takes any address."""

FLOW_SHARE: Final = 10
"""Of so many requests from an address one at most may begin a sign-in."""

NOBODY: Final = ""
"""A user without a session, under whom requests of no known person are counted."""


@dataclass(frozen=True, slots=True)
class Throttles:
    """The limits of one gate. Methods raise `OAuthError` with status 429, and `StoreDown`."""

    gate: Gate
    store: Store

    async def admit_address(self, request: Request) -> None:
        """Count a request by the address that it comes from."""
        limit = self.gate.address_limit
        await self._admit(Throttle(f"gate-address:{_address(request)}", limit, limit))

    async def admit_flow(self, request: Request) -> None:
        """Count a sign-in by the address that it comes from: it is stored until it ends, and RingCentral is asked."""
        limit = max(1, self.gate.address_limit // FLOW_SHARE)
        await self._admit(Throttle(f"gate-flow:{_address(request)}", limit, limit))

    async def admit_client(self, client: Client, user: str) -> None:
        """Count a request of a client's for somebody, who cannot use up what all people of a client have."""
        limit = self.gate.person_limit
        await self._admit(Throttle(f"gate-person:{user}", limit, limit))
        limit = self.gate.client_limit
        await self._admit(Throttle(f"gate-client:{client.id}", limit, limit))

    async def _admit(self, throttle: Throttle) -> None:
        opened = await self.store.open_call(NOBODY, [throttle])
        if opened.wait > 0:
            seconds = str(ceil(opened.wait))
            raise OAuthError("too_many_requests", f"Try again in {seconds} s.", 429, {"Retry-After": seconds})


def _address(request: Request) -> str:
    return network(request.client.host if request.client is not None else "unknown")


def network(host: str) -> str:
    """Return what requests from an address are counted under: an IPv6 address by its network."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(int(address) >> (address.max_prefixlen - NETWORK_BITS))
