"""What was held, as tools and products speak of it."""

from dataclasses import dataclass, field
from typing import Literal

from whenever import Instant

from ringcentral_meetings import errors

ID_CHARS = 300
"""A longer id is none: RingCentral's own are a fifth of that."""

RecordingState = Literal["recording", "processing", "ready", "failed", "removed", "unknown"]
"""`ready` alone has a link that leads somewhere."""


@dataclass(frozen=True, slots=True)
class PastQuery:
    """What was begun from `start` on and before `end`.

    `page_token` is the product's own, of the page before; `limit` bounds a page where the product gives them in pages.
    """

    start: Instant
    end: Instant
    words: str | None = None
    limit: int = 25
    page_token: str | None = None


@dataclass(frozen=True, slots=True)
class Participant:
    """Somebody who was there, by name or telephone number."""

    name: str
    is_host: bool = False


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, or one file of it. With `needs_token` the link wants the header `Authorization: Bearer`."""

    state: RecordingState
    kind: str | None = None
    url: str | None = field(default=None, repr=False)
    needs_token: bool = False


@dataclass(frozen=True, slots=True)
class PastMeeting:
    """A meeting that was held, or is; what others wrote in it is cleaned and bounded.

    `past_meeting_id` finds this very one again, `meeting_id` names the room or meeting it was of. `participants` is
    None where the product does not tell them, and `note` says what else it does not.
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
        """Where it stands among others, the newest first."""
        return (-self.start.timestamp() if self.start is not None else float("inf"), self.past_meeting_id)


@dataclass(frozen=True, slots=True)
class PastPage:
    """Meetings, the newest first; `unread` of them were there and could not be read, or could not be read yet."""

    meetings: tuple[PastMeeting, ...]
    next_page_token: str | None = None
    unread: bool = False
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something said, `second` seconds into the recording."""

    text: str
    speaker: str | None = None
    second: int | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a meeting, and what came of it; or the `problem` that keeps it from being told."""

    utterances: tuple[Utterance, ...] = ()
    summary: str | None = None
    next_steps: tuple[str, ...] = ()
    problem: errors.MeetingsError | None = None
