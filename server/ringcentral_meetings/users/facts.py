"""What the replicas share of what they have learnt of a person, and of the platform.

It is read in one trip by a process that does not know the person, and again after a while. It is written in trips that
are made anyway.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Final, Protocol

from ringcentral_meetings.products.facts import PINS_KEPT_MINUTES, PersonFacts, PinFacts
from ringcentral_meetings.products.remembered import KEPT_MINUTES
from ringcentral_meetings.store import NoteChange, Notes, StoreDown

REFRESH_SECONDS: Final = KEPT_MINUTES * 60.0
"""How often is looked for what others have learnt."""

logger = logging.getLogger(__name__)


class Facts(Protocol):
    """Facts that a text holds."""

    def text(self) -> str | None: ...

    def take_over(self, text: str) -> None: ...


@dataclass(slots=True)
class NotedFacts:
    """Facts with the note in which they are shared, and kept for `seconds`."""

    notes: Notes
    name: str
    facts: Facts
    seconds: float
    _shared: str | None = None

    def take_over(self, text: str | None) -> None:
        """Use what others have noted; None if that is nothing."""
        if text:
            self._shared = text
            self.facts.take_over(text)

    def news(self) -> list[NoteChange]:
        """Return the change of the note that shares what is known here and not there. It is returned once."""
        text = self.facts.text()
        if text is None or text == self._shared:
            return []
        self._shared = text
        return [self.notes.changed(self.name, text, self.seconds)]


@dataclass(slots=True)
class SharedFacts:
    """The facts of a person, and those of the platform, which concern everybody."""

    of_person: PersonFacts
    person: NotedFacts
    platform: NotedFacts
    clock: Callable[[], float]
    _read_at: float = field(default=-inf)

    async def refresh(self) -> None:
        """Take over what others have learnt. Where the store does not answer, it is found out again."""
        if self.clock() < self._read_at + REFRESH_SECONDS:
            return
        self._read_at = self.clock()
        own, pins = self.person, self.platform
        try:
            read = await own.notes.read_with(own.name, pins.notes, pins.name)
        except StoreDown as down:
            logger.warning("What the replicas know of a person was not read: %s", down)
            return
        for facts, note in zip((own, pins), read, strict=True):
            facts.take_over(note.text if note is not None else None)

    def news(self) -> list[NoteChange]:
        """Return the changes that share what is known here alone."""
        return [*self.person.news(), *self.platform.news()]


def noted_person(notes: Notes, facts: PersonFacts) -> NotedFacts:
    """Return the facts of a person with their note, which is kept for as long as they are used."""
    return NotedFacts(notes, "facts", facts, KEPT_MINUTES * 60.0)


def noted_pins(notes: Notes, server_url: str, facts: PinFacts) -> NotedFacts:
    """Return what is known of PINs on a platform with its note."""
    return NotedFacts(notes, f"pins:{server_url}", facts, PINS_KEPT_MINUTES * 60.0)
