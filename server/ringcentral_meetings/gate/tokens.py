"""Codes and tokens that are given to clients: their form, which says whose they are, and their name in the store.

    rcm_at_<the user, 32 hex digits>_<32 random bytes, base64url>_<checksum, 8 hex digits>

They are opaque to clients (RFC 6749, 1.4 and 1.5). The checksum is no secret: it keeps typing errors and inventions
from costing a trip to the store.
"""

import hashlib
import re
import secrets
from typing import Final, Literal

Kind = Literal["ac", "at", "rt"]
"""An authorization code, an access token, a refresh token."""

RANDOM_BYTES: Final = 32

_CHECKSUM_DIGITS: Final = 8
_FORM: Final = re.compile(r"(rcm_(ac|at|rt)_([0-9a-f]{32})_[A-Za-z0-9_-]{43})_([0-9a-f]{8})")


def new(kind: Kind, user: str) -> str:
    """Return a code or token that was never given out; `user` is a name of the key ring."""
    body = f"rcm_{kind}_{user}_{secrets.token_urlsafe(RANDOM_BYTES)}"
    return f"{body}_{_checksum(body)}"


def user_of(kind: Kind, text: str) -> str | None:
    """Return whose code or token this is, None for what is not of this kind, or was never given out like this."""
    found = _FORM.fullmatch(text)
    if found is None or found[2] != kind or found[4] != _checksum(found[1]):
        return None
    return found[3]


def digest(text: str) -> str:
    """Return the name of a code, token or other secret in the store: its SHA-256, in hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _checksum(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:_CHECKSUM_DIGITS]
