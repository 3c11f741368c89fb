"""One RingCentral product behind one protocol, so that no tool knows which product a user has."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.calendars import FeedState
from ringcentral_meetings.domain.meeting import (
    Clash,
    Host,
    Invitation,
    Listing,
    Meeting,
    MeetingDraft,
    ProductName,
    ServiceInfo,
    Updated,
)
from ringcentral_meetings.domain.past import PastMeeting, PastPage, PastQuery, Transcript
from ringcentral_meetings.platform.limits import PlanGroup
from ringcentral_meetings.platform.rate_windows import Headroom

Plan = Callable[[Meeting], MeetingDraft]
"""Works out the change to make from the meeting as it is."""

DuplicateCheck = Literal["complete", "partial", "by_topic", "recent", "not_possible"]
"""`recent`: compared only with what this installation created within the last hour."""

Window = tuple[Instant, Instant]
"""A span of time; its end is exclusive."""

Feature = Literal["schedule", "series", "ending"]
"""A feature that a tool may need and that not every product has."""


@dataclass(frozen=True, slots=True)
class CreationPolicy:
    """What a creation does about existing meetings."""

    allow_duplicate: bool = False
    refuse_conflict: bool = False


@dataclass(frozen=True, slots=True)
class UpdatePolicy:
    """What a change of time does about meetings that it comes to overlap."""

    refuse_conflict: bool = False


@dataclass(frozen=True, slots=True)
class Creation:
    """The outcome of a creation.

    `created` is False if an equal meeting existed: `meeting` is that one, and `differs` names the fields in which it
    differs from what was asked for. For a new meeting `differs` names what RingCentral did not apply. Unless
    `keeps_time`, the start is the one asked for, which RingCentral does not store.
    """

    meeting: Meeting
    created: bool
    differs: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    duplicate_check: DuplicateCheck = "complete"
    keeps_time: bool = True
    clashes_unknown: tuple[str, ...] = ()
    """Why overlaps with the person's calendar may have been missed."""

    clashes_until: Instant | None = None
    """Until when overlaps of a long series were looked for; None for all of its dates."""
    answer_lost: bool = False
    """Whether the answer to the creation was lost, this one's or an equal one's before, and the meeting then found."""


@dataclass(frozen=True, slots=True)
class Removal:
    """A deletion that succeeded; `already_gone` if the meeting had been deleted before."""

    already_gone: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """Whether the meeting was ended, else its status; `already_gone` if it no longer existed."""

    ended: bool
    status: str | None = None
    already_gone: bool = False


@dataclass(slots=True)
class Status:
    """What could be found out about the sign-in; None if unknown.

    `problem` is the first thing that keeps the meetings from working, and `signed_in` whether RingCentral
    answered to the sign-in at all. `asks_permission` is False where the product asks for none of the user's role.
    `people` are those for whom the user may schedule, `calendars` the state of the person's own.
    """

    signed_in: bool = False
    problem: errors.MeetingsError | None = None
    user: Host | None = None
    product: str | None = None
    scopes: tuple[str, ...] | None = None
    missing_scopes: tuple[str, ...] = ()
    asks_permission: bool = True
    permitted: bool | None = None
    people: list[str] | None = None
    calendars: list[FeedState] | None = None
    budget: Mapping[PlanGroup, Headroom] = field(default_factory=dict)


class MeetingProduct(Protocol):
    """The operations on meetings. `host_id` is a host's extension id, or None for the configured one.

    All raise `MeetingsError`; each write is sent once, and answered truthfully (`outcome_unknown` included).
    """

    @property
    def name(self) -> ProductName: ...

    def require(self, feature: Feature) -> None:
        """Raise `not_supported_by_product`, with what to do instead, if the product lacks a feature."""
        ...

    async def list_meetings(self, host_id: str | None, window: Window | None = None) -> Listing:
        """Return the upcoming meetings. Of a calendar `window` is read, by default two weeks from now."""
        ...

    async def list_busy(self, host_id: str | None) -> Listing:
        """Return the meetings that keep a host busy, without the configured person's calendar."""
        ...

    async def get(self, meeting_id: str, host_id: str | None) -> Meeting: ...

    async def create(self, draft: MeetingDraft, host_id: str | None, policy: CreationPolicy) -> Creation: ...

    async def update(self, meeting_id: str, host_id: str | None, plan: Plan, policy: UpdatePolicy) -> Updated: ...

    async def delete(self, meeting_id: str, host_id: str | None, occurrence_id: str | None) -> Removal: ...

    async def end(self, meeting_id: str, host_id: str | None) -> Ending: ...

    async def service_info(self, host_id: str | None) -> ServiceInfo: ...

    async def invitation(self, meeting_id: str, host_id: str | None) -> Invitation:
        """Return the meeting, with RingCentral's text and the dial-in facts if those can be read."""
        ...

    async def past(self, query: PastQuery) -> PastPage:
        """Return past meetings of a host, as far as the product keeps a history.

        Raises `not_supported_by_product` if only those of the signed-in user can be read.
        """
        ...

    async def past_meeting(self, past_meeting_id: str, host_id: str | None) -> PastMeeting: ...

    async def transcript(self, past_meeting_id: str) -> Transcript:
        """Return what was said. Why it is missing is not raised, but in `Transcript.problem`."""
        ...

    async def works(self) -> None:
        """Check by a read that meetings work. Raises what keeps them from working."""
        ...

    async def people(self) -> list[str] | None:
        """Return for whom the user may schedule, each as "name (extension id)"; None if unknown."""
        ...
