"""Facts about people that RingCentral may change, each kept for a while."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from whenever import Instant

KEPT_MINUTES: Final = 15
"""How long somebody's name, zone and product are used before they are read again."""

T = TypeVar("T")


class Remembered(Generic[T]):
    """Facts by extension id, each forgotten `minutes` after it was learnt."""

    def __init__(self, now: Callable[[], Instant], minutes: int = KEPT_MINUTES) -> None:
        self._now = now
        self._minutes = minutes
        self._facts: dict[str, tuple[Instant, T]] = {}

    def get(self, extension_id: str) -> T | None:
        """Return what is known of somebody; None if that is nothing, or too old."""
        known = self._facts.get(extension_id)
        return known[1] if known is not None and self._now() < known[0] else None

    def learn(self, extension_id: str, fact: T) -> None:
        """Keep a fact from now on."""
        self._facts[extension_id] = (self._latest(), fact)

    def kept(self, extension_id: str) -> tuple[int, T] | None:
        """Return a fact with its end in seconds since 1970; None if nothing is known."""
        known = self._facts.get(extension_id)
        return (known[0].timestamp(), known[1]) if known is not None else None

    def take_over(self, extension_id: str, until: int, fact: T) -> None:
        """Keep what another process has learnt, unless what is known here was learnt later."""
        ends = min(Instant.from_timestamp(until), self._latest())
        known = self._facts.get(extension_id)
        if known is None or known[0] < ends:
            self._facts[extension_id] = (ends, fact)

    def _latest(self) -> Instant:
        return self._now().add(minutes=self._minutes)

    def forget_all(self) -> None:
        """Forget everybody."""
        self._facts.clear()
