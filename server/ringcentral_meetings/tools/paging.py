"""Pages of a result: how much fits into one, and the token for the next."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from ringcentral_meetings import errors
from ringcentral_meetings.platform import call_context
from ringcentral_meetings.protocol.contract import MAX_RESULT_BYTES

MAX_ROWS = 100
ENVELOPE_BYTES = 2_000
"""Bytes kept free in a page for everything but its rows."""


def fitting(rows: Sequence[BaseModel]) -> int:
    """Return how many rows, from the first on, fit into a result."""
    left = MAX_RESULT_BYTES - ENVELOPE_BYTES
    for number, line in enumerate(rows):
        left -= len(line.model_dump_json(exclude_none=True).encode()) + 1
        if left < 0:
            return number
    return len(rows)


def digest_of(*asked: Any) -> str:
    """Return the digest of a query's arguments, and of the person who asks where there are several."""
    person = call_context.current_person()
    return hashlib.sha256(json.dumps([*asked, person] if person else asked).encode()).hexdigest()[:16]


def seal(digest: str, position: list[Any]) -> str:
    """Return the page token for a position in the results of the query with this digest."""
    plain = json.dumps([digest, *position], separators=(",", ":"))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def unseal(token: str, digest: str) -> list[Any]:
    """Return the position that a page token holds.

    Raises:
        errors.Refused: the token is invalid, or belongs to another query.
    """
    try:
        padded = token + "=" * (-len(token) % 4)
        found, *position = list(json.loads(base64.urlsafe_b64decode(padded)))
    except (ValueError, TypeError, binascii.Error, RecursionError) as broken:
        raise errors.invalid_page_token() from broken
    if found != digest:
        raise errors.invalid_page_token()
    return position
