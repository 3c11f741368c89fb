"""Takes out of every answer what is secret: RingCentral, or a proxy before it, may echo what was sent to it."""

import functools
import json
import re
from collections.abc import Iterable
from typing import Any, Final

from ringcentral_meetings.logs import REDACTED

_LEAST_CHARS: Final = 8
"""Shorter secrets are left alone: they would be found within ordinary words."""
_KNOWN_BY: Final = 24
"""So much of the beginning of a longer secret is enough, since texts of others are cut before they are shown."""

_NAMED: Final = re.compile(
    r"""(?ix) \b(authorization["']?\s*[=:]\s*["']? (?:bearer|basic)\s+
    | (?:host[ _-]?key|h323password|user[ _-]?token|access_token|refresh_token|client_secret)["']?\s*[=:]\s*["']?)
    [^\s"'&,<>\\}]+"""
)
"""Secrets that are called by name, such as the host's key in a text of RingCentral's."""
_SIGNED: Final = re.compile(r"\beyJ[\w-]{8,}\.[\w-]+\.?[\w-]*")
"""A JSON Web Token."""


def redacted(value: Any, secrets: Iterable[str]) -> Any:
    """Return JSON data without these secrets, and without what is unmistakably one; the rest stays as it is."""
    return _redacted(value, _pattern(frozenset(secret for secret in secrets if len(secret) >= _LEAST_CHARS)))


def _redacted(value: Any, known: re.Pattern[str] | None) -> Any:
    if isinstance(value, str):
        value = known.sub(REDACTED, value) if known is not None else value
        return _SIGNED.sub(REDACTED, _NAMED.sub(rf"\1{REDACTED}", value))
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
    return re.compile("|".join(map(_form, longest_first))) if forms else None


def _form(secret: str) -> str:
    if len(secret) <= _KNOWN_BY:
        return re.escape(secret)
    return rf"""{re.escape(secret[:_KNOWN_BY])}[^\s"'<>\\]*"""
