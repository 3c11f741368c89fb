"""Facts about people that RingCentral may change, each kept for a while."""

from collections.abc import Callable
from typing import Final, Generic, TypeVar

from whenever import Instant

KEPT_MINUTES: Final = 15
"""How long somebody's name, zone and product are used before they are read again."""

T = TypeVar("T")


class Remembered(Generic[T]):
    """Facts by extension id, each forgotten `KEPT_MINUTES` after it was learnt."""

    def __init__(self, now: Callable[[], Instant]) -> None:
        self._now = now
        self._facts: dict[str, tuple[Instant, T]] = {}

    def get(self, extension_id: str) -> T | None:
        """Return what is known of somebody; None if that is nothing, or too old."""
        known = self._facts.get(extension_id)
        return known[1] if known is not None and self._now() < known[0] else None

    def learn(self, extension_id: str, fact: T) -> None:
        """Keep a fact from now on."""
        self._facts[extension_id] = (self._now().add(minutes=KEPT_MINUTES), fact)

    def forget_all(self) -> None:
        """Forget everybody."""
        self._facts.clear()
