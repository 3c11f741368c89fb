"""What is remembered between calls: about one person, and about the platform for everybody."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ringcentral_meetings.platform.named_locks import LocalTurns, Turns
from ringcentral_meetings.platform.records import KeptText, LocalRecordTurns, MemoryRecord, RecordTurns
from ringcentral_meetings.products.facts import PersonFacts, PinFacts

if TYPE_CHECKING:
    from ringcentral_meetings.products.meetings.zones import ZoneDirectory


@dataclass(slots=True)
class PlatformFacts:
    """What is the same for everybody on a platform, and found out once in a process.

    `kept_zones` is where the time zone dictionary is kept for other processes.
    """

    pins: PinFacts = field(default_factory=PinFacts)
    kept_zones: KeptText | None = None
    _zones: "ZoneDirectory | None" = None

    def zones(self) -> "ZoneDirectory":
        """Return the time zone dictionary."""
        if self._zones is None:
            from ringcentral_meetings.products.meetings.zones import ZoneDirectory

            self._zones = ZoneDirectory(self.kept_zones)
        return self._zones


class SharedFacts(Protocol):
    """Facts of a person, and of the platform, that processes share."""

    @property
    def of_person(self) -> PersonFacts: ...

    async def refresh(self) -> None:
        """Take over what others have learnt, if some time has passed since that was last done."""
        ...


@dataclass(frozen=True, slots=True)
class Memories:
    """What is remembered between the calls of one person.

    Equal creations take turns at a record of `creations`, where they are remembered until their outcome is known. What
    else one call at a time may do takes `turns`; changes of a meeting, which anybody of the account may change, take
    `account_turns`. `facts` are those of the person that other processes share.
    """

    creations: RecordTurns = field(default_factory=lambda: LocalRecordTurns(MemoryRecord()))
    turns: Turns = field(default_factory=LocalTurns)
    account_turns: Turns = field(default_factory=LocalTurns)
    platform: PlatformFacts = field(default_factory=PlatformFacts)
    facts: SharedFacts | None = None
