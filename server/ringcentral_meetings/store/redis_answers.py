"""What is in the answers of scripts, and times as scripts take them."""

from collections.abc import Sequence
from typing import Any

from ringcentral_meetings.store.records import Sealed, StoreDown


def ms_of(seconds: float) -> int:
    """Return seconds in ms, and 1 at least."""
    return max(1, round(seconds * 1000))


def sealed_in(answer: Sequence[Any]) -> Sealed | None:
    """Return what a script answers of a record: generation, value and, of a session, the ms left."""
    if not answer:
        return None
    generation, value, *ms = answer
    if not isinstance(value, bytes):
        raise StoreDown("gave an unreadable answer")
    return Sealed(value, generation, ms[0] / 1000 if ms else 0.0)
