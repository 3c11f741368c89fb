"""What is known of a person and of the platform for a while, as texts that other processes can take over."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

from pydantic import TypeAdapter, ValidationError
from whenever import Instant

from ringcentral_meetings.domain.meeting import Host, ProductName
from ringcentral_meetings.platform.api.meetings import OWN
from ringcentral_meetings.products.remembered import Remembered

PINS_KEPT_MINUTES: Final = 24 * 60
"""How long is believed what RingCentral Video was seen to do with a PIN that the caller chose."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Own:
    """The facts of a person, each with its end in seconds since 1970."""

    product: tuple[int, ProductName] | None = None
    host: tuple[int, Host] | None = None


class PersonFacts:
    """The products and the names and zones of one person, and of those for whom the person acts.

    Other processes take over what concerns the person alone.
    """

    def __init__(self, now: Callable[[], Instant]) -> None:
        self.products: Final = Remembered[ProductName](now)
        self.hosts: Final = Remembered[Host](now)

    def text(self) -> str | None:
        """Return the person's own facts; None if there are none."""
        own = _Own(self.products.kept(OWN), self.hosts.kept(OWN))
        return _own().dump_json(own).decode() if own != _Own() else None

    def take_over(self, text: str) -> None:
        """Use the facts of another process, where they are newer. A text of another version is ignored."""
        try:
            own = _own().validate_json(text)
        except ValidationError:
            logger.info("The facts that another process keeps of a person cannot be read")
            return
        if own.product is not None:
            self.products.take_over(OWN, *own.product)
        if own.host is not None:
            self.hosts.take_over(OWN, *own.host)


class PinFacts:
    """Whether RingCentral Video keeps a PIN that the caller chose, which its reference leaves open."""

    def __init__(self, now: Callable[[], Instant] = Instant.now) -> None:
        self._kept = Remembered[bool](now, PINS_KEPT_MINUTES)

    @property
    def may_be_kept(self) -> bool:
        """Whether it is worth while to choose one."""
        return self._kept.get(OWN) is not False

    def learn(self, *, kept: bool) -> None:
        """Note what was seen. What contradicts it is forgotten."""
        if self._kept.get(OWN) is not kept:
            self._kept.learn(OWN, kept)

    def text(self) -> str | None:
        """Return what is known; None if that is nothing."""
        kept = self._kept.kept(OWN)
        return _pins().dump_json(kept).decode() if kept is not None else None

    def take_over(self, text: str) -> None:
        """Use what another process has seen, where that is newer. A text of another version is ignored."""
        try:
            until, kept = _pins().validate_json(text)
        except ValidationError:
            logger.info("What another process keeps of PINs cannot be read")
            return
        self._kept.take_over(OWN, until, kept)


@cache
def _own() -> TypeAdapter[_Own]:
    return TypeAdapter(_Own)


@cache
def _pins() -> TypeAdapter[tuple[int, bool]]:
    return TypeAdapter(tuple[int, bool])
