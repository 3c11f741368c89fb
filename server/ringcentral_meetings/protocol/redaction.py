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


def redacted(value: Any, secrets: Iterable[str]) -> Any:
    """Return JSON data with these secrets, and anything that is plainly a secret, replaced."""
    return _redacted(value, _pattern(frozenset(secret for secret in secrets if len(secret) >= _MIN_CHARS)))


def _redacted(value: Any, known: re.Pattern[str] | None) -> Any:
    if isinstance(value, str):
        value = known.sub(REDACTED, value) if known is not None else value
        return _JWT.sub(REDACTED, _AFTER_NAME.sub(rf"\1{REDACTED}", value))
    if isinstance(value, list):
        return [_redacted(item, known) for item in value]
    if isinstance(value, dict):
        return {_redacted(name, known): _redacted(item, known) for name, item in value.items()}
    return value


@functools.lru_cache(maxsize=16)
def _pattern(secrets: frozenset[str]) -> re.Pattern[str] | None:
    # Text that holds JSON has them as JSON writes them.
    forms = {form for secret in secrets for form in (secret, json.dumps(secret)[1:-1])}
    longest_first = sorted(forms, key=len, reverse=True)
    return re.compile("|".join(map(_pattern_of, longest_first))) if forms else None


def _pattern_of(secret: str) -> str:
    if len(secret) <= _PREFIX_CHARS:
        return re.escape(secret)
    return rf"""{re.escape(secret[:_PREFIX_CHARS])}[^\s"'<>\\]*"""
