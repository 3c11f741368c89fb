"""Which redirect URIs are accepted, and which of a client's own one that is asked for stands for.

Accepted are https, http on loopback, and the few addresses of editors in `EDITORS`. Everything else falls through, so
that no list of dangerous schemes (`javascript:`, `data:`, handlers of an operating system) has to be complete.
RFC 8252, 7.1 would have any scheme that is a reversed domain name, and Cursor's is not even that; the MCP specification
has https and localhost alone. An editor's address is accepted as a whole: a browser hands it to the program on this
machine that the person has installed, and what arrives there is worth nothing without the PKCE verifier.

Spellings are refused that a browser, or a person, would read differently: a browser drops tabs and newlines, turns a
backslash into a slash, and takes `%2e%2e` for two dots (WHATWG URL, 4.4).

Facts: RFC 6749, 3.1.2 (no fragment); RFC 3986; RFC 8252, 7.3 (the port of a loopback address is the client's choice).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from ringcentral_meetings.platform.addresses import literal

EDITORS: Final = frozenset({"cursor://anysphere.cursor-mcp/oauth/callback"})
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "[::1]"})
LONGEST: Final = 2_000
"""Characters of a URI."""

ANSWERED: Final = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})
"""What is added to a redirect URI, and must not be there already (RFC 6749, 4.1.2; RFC 9207)."""

_HIGHEST_PORT: Final = 65_535
_URI: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[::1\]|[a-z0-9_.-]+)(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?P<path>(?:/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*)?)(?:\?(?P<query>[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*))?"
)
_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ESCAPED_CONTROL: Final = re.compile(r"%(?:[01][0-9a-f]|7f)", re.IGNORECASE)
_MISLEADING_PATH: Final = re.compile(r"%(?:2e|2f|5c|25)|/\.{1,2}(?:/|\Z)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Uri:
    """An https address, or an http one on loopback, without its port; `path` may be empty, `query` None."""

    scheme: str
    host: str
    path: str
    query: str | None

    @property
    def is_loopback(self) -> bool:
        """Whether it leads to this machine."""
        return self.host in LOOPBACK


def is_good(uri: str) -> bool:
    """Return whether a redirect URI is accepted."""
    return uri in EDITORS or parsed(uri) is not None


def good(uris: Iterable[str]) -> tuple[str, ...]:
    """Return those that are accepted, each once, in their order."""
    return tuple(dict.fromkeys(uri for uri in uris if is_good(uri)))


def matches(registered: Iterable[str], asked: str) -> bool:
    """Return whether one that is asked for is one of a client's own.

    It is compared character by character, but for the port of an http address on loopback: a program there takes
    whichever is free. Its host has to be written alike, so that `localhost` does not stand for `127.0.0.1`.
    """
    if not is_good(asked):
        return False
    of_asked = parsed(asked)
    portless = of_asked is not None and of_asked.scheme == "http"
    return any(one == asked or (portless and parsed(one) == of_asked) for one in registered)


def is_loopback(uri: str) -> bool:
    """Return whether a redirect URI leads to a program on the person's own machine, by http or https."""
    found = parsed(uri)
    return found is not None and found.is_loopback


def leads_away(uri: str) -> bool:
    """Return whether an accepted redirect URI leads to another host, and to no program on the person's machine."""
    found = parsed(uri)
    return found is not None and not found.is_loopback


def host_of(uri: str) -> str:
    """Return the host to which an accepted redirect URI leads, in ASCII; the scheme of an editor's; else nothing."""
    found = parsed(uri)
    if found is not None:
        return found.host
    return uri.partition(":")[0] if uri in EDITORS else ""


def parsed(uri: str) -> Uri | None:
    """Return the parts of an address; None for any other, and for one that does not lead where it seems to."""
    found = _URI.fullmatch(uri) if len(uri) <= LONGEST else None
    if found is None or int(found["port"] or 0) > _HIGHEST_PORT or not _leads_where_it_seems(found):
        return None
    return Uri(found["scheme"], found["host"], found["path"], found["query"])


def _leads_where_it_seems(found: re.Match[str]) -> bool:
    if _BROKEN_ESCAPE.search(found[0]) or _ESCAPED_CONTROL.search(found[0]) or _MISLEADING_PATH.search(found["path"]):
        return False
    if found["query"] and ANSWERED.intersection(name for name, _ in parse_qsl(found["query"], keep_blank_values=True)):
        return False
    return found["host"] in LOOPBACK or (found["scheme"] == "https" and _is_name(found["host"]))


def _is_name(host: str) -> bool:
    try:
        return literal(host) is None
    except ValueError:
        return False
