"""Addresses of feeds as a person sets them: which are accepted, and which of their parts are secret."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import SplitResult, unquote, urlsplit

from ringcentral_meetings.platform.addresses import literal, reach_of

MAX_FEEDS: Final = 10
_MIN_CHARS: Final = 8
"""Shorter parts of an address are words such as `ical`."""

_COMMON: Final = frozenset(
    {
        "calendar",
        "calendars",
        "calendar.ics",
        "reachcalendar.ics",
        "basic.ics",
        "published",
        "public-calendars",
        "remote.php",
        "ringcentral",
    }
)
"""Parts that the addresses of a publisher have in common."""

_MARK: Final = "private-"
"""What stands before the secret in an address of Google's."""

_LOCAL_NAMES: Final = ("localhost", ".localhost", ".local", ".lan", ".internal", ".home.arpa")


def read_addresses(text: str) -> tuple[str, ...]:
    """Return the addresses in a text with blanks between them, with `https` for `webcal`.

    Raises:
        ValueError: one cannot be used. The message does not show it.
    """
    found = tuple(dict.fromkeys(map(_checked, text.split())))
    if len(found) > MAX_FEEDS:
        raise ValueError(f"must be {MAX_FEEDS} addresses at most")
    return found


def secret_parts(address: str) -> Iterator[str]:
    """Yield an address and the parts of it that lead to the calendar or name its owner, also without their escapes."""
    url = urlsplit(address)
    yield address
    whole = f"{url.path}?{url.query}" if url.query else url.path
    pieces = [whole, *re.split(r"[/?&=]", whole), *re.split(r"[/?&=]", unquote(whole))]
    for piece in pieces:
        for form in dict.fromkeys((piece, unquote(piece), unquote(piece).removeprefix(_MARK))):
            if len(form) >= _MIN_CHARS and form.lower() not in _COMMON:
                yield form


def _checked(text: str) -> str:
    url = urlsplit(text)
    if url.scheme.lower() not in {"https", "webcal", "webcals", "http"}:
        raise ValueError("must be https:// or webcal:// addresses with blanks between them")
    if not url.hostname:
        raise ValueError("must name a host in each address")
    if not _is_host(url.hostname):
        raise ValueError("must have a valid host in each address")
    if "@" in url.netloc:
        raise ValueError("must not hold credentials before a host")
    if url.port == 0:
        raise ValueError("must not have port 0")
    if url.scheme.lower() == "http" and not _is_local(url.hostname):
        raise ValueError("must be https:// addresses (http:// only for this machine and a private network)")
    scheme = "http" if url.scheme.lower() == "http" else "https"
    return SplitResult(scheme, url.netloc, url.path, url.query, "").geturl()


def _is_host(host: str) -> bool:
    try:
        literal(host if ":" in host else host.rstrip(".").encode("idna").decode())
    except ValueError:
        return False
    return True


def _is_local(host: str) -> bool:
    """Return whether a host is named as one nearby; what it resolves to is checked when it is fetched."""
    if literal(host) is not None:
        return reach_of(host) == "private"
    return "." not in host or host.endswith(_LOCAL_NAMES)
