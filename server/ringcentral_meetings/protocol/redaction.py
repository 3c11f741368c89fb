"""Removes secrets from answers: RingCentral, or a proxy on the way, may echo what was sent to it."""

import functools
import json
import re
from collections.abc import Iterable
from typing import Any, Final

from ringcentral_meetings.logs import REDACTED

_MIN_CHARS: Final = 8
"""Shorter secrets are left alone: they would be found within ordinary words."""
_PREFIX_CHARS: Final = 24
"""This much of the beginning of a secret is recognised, since foreign text is truncated before it is shown."""

_AFTER_NAME: Final = re.compile(
    r"""(?ix) \b(authorization["']?\s*[=:]\s*["']? (?:bearer|basic)\s+
    | (?:host[ _-]?key|h323password|user[ _-]?token|access_token|refresh_token|client_secret)["']?\s*[=:]\s*["']?)
    [^\s"'&,<>\\}]+"""
)
"""Secrets that follow their name, such as the host key in a text written by RingCentral."""
_JWT: Final = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*")
"""A JSON Web Token."""


_SIGNS: Final = (
    *("authorization", "hostkey", "host key", "host_key", "host-key", "h323password", "access_token", "refresh_token"),
    *("usertoken", "user token", "user_token", "user-token", "client_secret", "eyj"),
)
"""What `_AFTER_NAME` or `_JWT` find begins with one of these, or with one in capitals."""


def may_hold_secrets(text: str, secrets: Iterable[str]) -> bool:
    """Return whether JSON as text may hold what `redacted` would replace; most answers hold nothing like it.

    Searching a whole text for fixed words takes a tenth of the time of `redacted`. A text with `\\u` escapes, behind
    which a word could be hidden, always may.
    """
    beginnings = (form[:_PREFIX_CHARS] for form in _forms(frozenset(filter(_is_long, secrets))))
    if "\\u" in text or any(beginning in text for beginning in beginnings):
        return True
    folded = text.casefold()
    return any(sign in folded for sign in _SIGNS)


def redacted(value: Any, secrets: Iterable[str]) -> Any:
    """Return JSON data with these secrets, and anything that is plainly a secret, replaced."""
    return _redacted(value, _pattern(frozenset(filter(_is_long, secrets))))


def _redacted(value: Any, known: re.Pattern[str] | None) -> Any:
    if isinstance(value, str):
        value = known.sub(REDACTED, value) if known is not None else value
        return _JWT.sub(REDACTED, _AFTER_NAME.sub(rf"\1{REDACTED}", value))
    if isinstance(value, list):
        return [_redacted(item, known) for item in value]
    if isinstance(value, dict):
        return {_redacted(name, known): _redacted(item, known) for name, item in value.items()}
    return value


def _is_long(secret: str) -> bool:
    return len(secret) >= _MIN_CHARS


@functools.lru_cache(maxsize=16)
def _forms(secrets: frozenset[str]) -> tuple[str, ...]:
    """Return secrets as they are and as JSON writes them, with and without characters beyond ASCII, longest first."""
    written = {json.dumps(secret, ensure_ascii=escaped)[1:-1] for secret in secrets for escaped in (True, False)}
    return tuple(sorted(secrets | written, key=len, reverse=True))


@functools.lru_cache(maxsize=16)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    forms = _forms(secrets)
    return re.compile("|".join(map(_pattern_of, forms))) if forms else None


def _pattern_of(secret: str) -> str:
    if len(secret) <= _PREFIX_CHARS:
        return re.escape(secret)
    return rf"""{re.escape(secret[:_PREFIX_CHARS])}[^\s"'<>\\]*"""
