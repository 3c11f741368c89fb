"""Links inside links: mail filters and search pages put their own addresses around those that people sent."""

import base64
import binascii
import html
import re
from collections.abc import Collection
from typing import Final
from urllib.parse import SplitResult, parse_qs, unquote


def unwrapped(split: SplitResult, link: str) -> str | None:
    """Return the link inside one of a mail filter or search page; None if it is not such a link.

    Forms: Microsoft's Safe Links, Proofpoint's URL Defense (v1 to v3), Google's redirects.
    """
    host = (split.hostname or "").rstrip(".")
    if under_domain(host, ("safelinks.protection.outlook.com", "safelinks.protection.office365.us")):
        return _parameter(split, "url")
    if host in {"www.google.com", "google.com"} and split.path == "/url":
        return _parameter(split, "q") or _parameter(split, "url")
    if not under_domain(host, ("urldefense.proofpoint.com", "urldefense.com", "urldefense.us")):
        return None
    if split.path.startswith("/v1/"):
        return _parameter(split, "u")
    if split.path.startswith("/v2/"):
        encoded = _parameter(split, "u")
        return unquote(encoded.translate({ord("-"): "%", ord("_"): "/"})) if encoded is not None else ""
    return _defended(link)


def _parameter(split: SplitResult, name: str) -> str:
    return next(iter(query_of(split).get(name, ())), "")


_DEFENDED = re.compile(r"/v3/__(?P<link>.+)__;(?P<taken>[A-Za-z0-9_=-]*)!")
_RUN = re.compile(r"\*(?:\*([A-Za-z0-9_-]))?")
_RUN_LENGTHS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def _defended(link: str) -> str:
    """Return the link in one of URL Defense v3, which keeps some characters in base64 behind it.

    In the link `*` stands for one of them, `**` and a letter for a run of two or more.
    """
    match = _DEFENDED.search(link)
    if match is None:
        return ""
    try:
        taken = base64.urlsafe_b64decode(match["taken"] + "=" * (-len(match["taken"]) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        return ""
    left = iter(taken)

    def put_back(run: re.Match[str]) -> str:
        length = _RUN_LENGTHS.index(run[1]) + 2 if run[1] else 1
        return "".join(char for _, char in zip(range(length), left, strict=False))

    return _RUN.sub(put_back, match["link"])


def query_of(split: SplitResult) -> dict[str, list[str]]:
    """Return the query of a link by name; a query that cannot be read is empty."""
    try:
        return parse_qs(html.unescape(split.query), max_num_fields=50)
    except ValueError:
        return {}


def under_domain(host: str, domains: Collection[str]) -> bool:
    """Return whether a host is one of some domains, or below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
