"""One RingCentral product behind one protocol, so that no tool knows which product a user has."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from ringcentral_meetings.domain import Listing, Meeting, MeetingDraft, Occurrence, ServiceInfo, Updated

Plan = Callable[[Meeting], MeetingDraft]
"""What shall change, worked out from the meeting as it is."""

OnWait = Callable[[float], Awaitable[None]]
"""Told the seconds before each wait for a rate limit."""

DuplicateCheck = Literal["complete", "partial", "not_possible"]


@dataclass(frozen=True, slots=True)
class Clash:
    """A meeting that overlaps the one asked for, with the first occurrence of it that does."""

    meeting: Meeting
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class CreationPolicy:
    """What a creation does about meetings that are there already."""

    allow_duplicate: bool = False
    refuse_conflict: bool = False


@dataclass(frozen=True, slots=True)
class Creation:
    """What a creation came to.

    `created` is False where an equal meeting was there already: that is `meeting`, and `differs` names the
    fields asked for in which it differs. For a new meeting `differs` names what RingCentral did not take.
    """

    meeting: Meeting
    created: bool
    differs: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    duplicate_check: DuplicateCheck = "complete"


@dataclass(frozen=True, slots=True)
class Removal:
    """A deletion that took; `already_gone` where somebody else was faster."""

    already_gone: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """Whether our call ended the meeting, and the status found where it did not."""

    ended: bool
    status: str | None = field(default=None)


class MeetingProduct(Protocol):
    """The operations on meetings. `host_id` is a host's extension id, or None for the configured one.

    All raise `MeetingsError`; each write is sent once, and answered truthfully (`outcome_unknown` included).
    """

    def with_waits(self, on_wait: OnWait) -> "MeetingProduct":
        """The same product, telling `on_wait` of waits."""
        ...

    async def list_meetings(self, host_id: str | None) -> Listing: ...

    async def get(self, meeting_id: str, host_id: str | None) -> Meeting: ...

    async def create(self, draft: MeetingDraft, host_id: str | None, policy: CreationPolicy) -> Creation: ...

    async def update(self, meeting_id: str, host_id: str | None, plan: Plan) -> Updated: ...

    async def delete(self, meeting_id: str, host_id: str | None, occurrence_id: str | None) -> Removal: ...

    async def end(self, meeting_id: str, host_id: str | None) -> Ending: ...

    async def service_info(self, host_id: str | None) -> ServiceInfo: ...

    async def account_zone(self) -> str | None:
        """The IANA zone of the signed-in user's account; None where it is not told."""
        ...
