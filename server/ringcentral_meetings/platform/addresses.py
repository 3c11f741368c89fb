"""Which addresses are on the public internet, and which host names belong together. Nothing is resolved here."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final, Literal

Address = IPv4Address | IPv6Address
Reach = Literal["public", "private", "forbidden"]

_NAT64: Final = ip_network("64:ff9b::/96")
_PRIVATE: Final = tuple(
    map(
        ip_network, ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1", "fc00::/7")
    )
)
_METADATA: Final = tuple(map(ip_network, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16")))
"""Metadata services, which hand out credentials to any client: most clouds; AWS over IPv6; Alibaba; Azure."""
_NEVER: Final = tuple(
    map(
        ip_network,
        (
            "192.0.0.0/24",  # protocol assignments (RFC 6890); of some clouds, metadata
            "192.88.99.0/24",  # relays of 6to4, withdrawn (RFC 7526)
            "::/96",  # compatible with IPv4, withdrawn (RFC 4291, 2.5.5.1)
            "64:ff9b:1::/48",  # NAT64 within one network (RFC 8215)
            "2001::/23",  # protocol assignments, Teredo among them (RFC 2928, RFC 4380)
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4 (RFC 3056)
            "3fff::/20",  # documentation (RFC 9637)
            "5f00::/16",  # segment routing (RFC 9602)
            "fec0::/10",  # site-local, withdrawn (RFC 3879)
        ),
    )
)
"""Networks that never lead to a server on the internet, or that older releases of Python take for global."""

_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$", re.IGNORECASE)
_LONGEST_NAME: Final = 253
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)


def reach_of(text: str) -> Reach:
    """Return where an address leads: to the public internet, to this machine or network, or to where no request may go.

    An IPv4 address within an IPv6 one (mapped, or behind NAT64) counts as what it is.
    """
    address = _unwrapped(text)
    if address is None or any(address in network for network in _METADATA):
        return "forbidden"
    if any(address in network for network in _PRIVATE):
        return "private"
    if any(address in network for network in _NEVER) or address.is_multicast or address.is_reserved:
        return "forbidden"
    return "public" if address.is_global else "forbidden"


def _unwrapped(text: str) -> Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.scope_id is not None:
            return None
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def literal(host: str) -> Address | None:
    """Return the address that a host is written as, None for a name.

    Raises:
        ValueError: neither: an address in another spelling (a decimal, octal or hexadecimal number, fewer than four
            parts: WHATWG URL, "ends in a number"), or a name that no resolver is to be asked for.
    """
    try:
        return ip_address(host)
    except ValueError:
        labels = host.split(".")
    if len(host) > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)) or _ENDS_IN_NUMBER.search(host):
        raise ValueError("neither an address nor a name")
    return None


def is_related(one: str, other: str, families: tuple[frozenset[str], ...] = ()) -> bool:
    """Return whether two hosts belong together: they are the same, one is below the other, or both are in a family.

    A family is a set of domains that stand for all hosts below them too. Two neighbours below one domain are not
    related by themselves: whether that domain is somebody's (`example.com`) or a registry's (`co.uk`) only the public
    suffix list knows, and nothing is fetched here. A single label (`com`) is nobody's.
    """
    if one == other:
        return True
    for family in families:
        if all(any(_is_in(host, domain) for domain in family) for host in (one, other)):
            return True
    upper, lower = sorted((one, other), key=len)
    return "." in upper and not _ENDS_IN_NUMBER.search(upper) and _is_in(lower, upper)


def _is_in(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
