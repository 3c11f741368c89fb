"""Seals what is stored with the first key of the ring, so that a later one can be taken out of it."""

import logging
import re
from collections.abc import Callable
from typing import Final

from ringcentral_meetings.store.records import Resealed
from ringcentral_meetings.store.steps import Steps
from ringcentral_meetings.store.vault import Unopenable, Vault

MOST_TRIES: Final = 20

_SEALED: Final = re.compile(r"rcm:(?:\{([^}]+)\}:(?:session|note:.*|grant:.*)|(?:note|flow):.*)", re.DOTALL)
"""The keys of sealed records, with their owners. Others are there for a minute: codes, and sessions that were ended."""

logger = logging.getLogger(__name__)


async def reseal(steps: Steps, vault: Vault, on_key: Callable[[str], None]) -> Resealed:
    """Walk all sealed records, and reseal what the first key has not sealed; call `on_key` with each of these keys.

    A record keeps its end and its generation, and one that is written meanwhile is looked at again. Raises
    `StoreDown`; it may be asked again then.
    """
    walked, count, left = set[str](), 0, 0
    async for key in steps.grants.scan("rcm:*"):
        if key in walked or (match := _SEALED.fullmatch(key)) is None:
            continue
        walked.add(key)
        try:
            if await _resealed(steps, vault, key, match[1] or ""):
                count += 1
                on_key(key)
        except Unopenable:
            logger.warning("What is stored under %s could not be resealed, as no key of the ring opens it", key)
            left += 1
    return Resealed(count, left)


async def _resealed(steps: Steps, vault: Vault, key: str, owner: str) -> bool:
    """Return whether a record was resealed. Raises `Unopenable`, also of one that is written all the time."""
    for _ in range(MOST_TRIES):
        stored = await steps.read_note(key)
        if stored is None or vault.is_current(stored.value):
            return False
        value = vault.seal(vault.open(stored.value, name=key, owner=owner), name=key, owner=owner)
        if await steps.grants.reseal(key, stored.generation, value):
            return True
    raise Unopenable(key)
