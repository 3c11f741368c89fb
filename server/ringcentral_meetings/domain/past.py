"""Meetings that were held, as tools and products pass them."""

from dataclasses import dataclass, field
from typing import Literal

from whenever import Instant

from ringcentral_meetings import errors

ID_CHARS = 300
"""Longer ids are rejected; RingCentral's are about 60 characters."""

RecordingState = Literal["recording", "processing", "ready", "failed", "removed", "unknown"]
"""Only a `ready` recording has a link that works."""


@dataclass(frozen=True, slots=True)
class PastQuery:
    """A search for meetings that began from `start` on and before `end`.

    `page_token` is the product's, from the previous page. `limit` bounds a page if the product has pages.
    """

    start: Instant
    end: Instant
    words: str | None = None
    limit: int = 25
    page_token: str | None = None
    host_id: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who attended, by name or telephone number."""

    name: str
    is_host: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, or one file of it. With `needs_token` its link needs the header `Authorization: Bearer`."""

    state: RecordingState
    kind: str | None = None
    url: str | None = field(default=None, repr=False)
    needs_token: bool = False


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """A meeting that was held or is running. Text that others wrote is cleaned and of limited length.

    `past_meeting_id` identifies this meeting, `meeting_id` the scheduled meeting or room that it was held in.
    `participants` is None if the product does not provide them; `note` says what else it does not provide.
    """

    past_meeting_id: str
    meeting_id: str | None = None
    topic: str = ""
    start: Instant | None = None
    seconds: int | None = None
    running: bool = False
    host: str | None = None
    participants: tuple[Participant, ...] | None = None
    recordings: tuple[Recording, ...] = ()
    summary: str | None = None
    notes: str | None = None
    chat_url: str | None = None
    note: str | None = None

    @property
    def place(self) -> tuple[float, str]:
        """What meetings are ordered by, the newest first."""
        return (-self.start.timestamp() if self.start is not None else float("inf"), self.past_meeting_id)


@dataclass(frozen=True, slots=True)
class PastPage:
    """Meetings, the newest first; `unread` if there are others that could not be read, or not yet."""

    meetings: tuple[PastMeeting, ...]
    next_page_token: str | None = None
    unread: bool = False
    note: str | None = None
    total: int | None = None
    """How many match, on all pages; None if it is unknown."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said, `second` seconds into the recording."""

    text: str
    speaker: str | None = None
    second: int | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a meeting, and its summary; or the `problem` that keeps them from being shown."""

    utterances: tuple[Utterance, ...] = ()
    summary: str | None = None
    next_steps: tuple[str, ...] = ()
    problem: errors.MeetingsError | None = None
