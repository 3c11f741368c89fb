"""Windows and pages over what was held."""

from dataclasses import dataclass

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.past import PastMeeting
from ringcentral_meetings.tools import paging

DEFAULT_DAYS = 14

Place = tuple[float, str]
"""Where a meeting stands, as `PastMeeting.place` has it."""


@dataclass(frozen=True, slots=True)
class Position:
    """A page to come: its window, which page of the product's it is in, how large that is, and after which meeting.

    The window stays that of the first page, so that a meeting that begins meanwhile moves no other one.
    """

    start: Instant
    end: Instant
    size: int
    upstream: str | None = None
    after: Place | None = None

    def encode(self, digest: str) -> str:
        begins, past_meeting_id = self.after or (None, None)
        place = [None if begins == float("inf") else begins, past_meeting_id]
        return paging.seal(digest, [self.start.timestamp(), self.end.timestamp(), self.size, self.upstream, *place])

    @classmethod
    def decode(cls, text: str, digest: str, limit: int) -> "Position":
        """The position of a token; Refused where it is none or belongs to another query.

        Within a page of the product's its size stays; a new one is as large as the limit is now.
        """
        try:
            start, end, size, upstream, begins, past_meeting_id = paging.unseal(text, digest)
            after = None
            if past_meeting_id is not None:
                after = (float("inf") if begins is None else float(begins), str(past_meeting_id))
            return cls(
                Instant.from_timestamp(start),
                Instant.from_timestamp(end),
                limit if after is None else min(max(int(size), 1), paging.MAX_ROWS),
                None if upstream is None else str(upstream),
                after,
            )
        except (ValueError, TypeError, OverflowError) as broken:
            raise errors.invalid_page_token() from broken

    def ahead(self, meetings: tuple[PastMeeting, ...]) -> list[PastMeeting]:
        """Those that were not on an earlier page."""
        return [meeting for meeting in meetings if self.after is None or meeting.place > self.after]


def window_of(window_start: str | None, window_end: str | None, zone: str, now: Instant) -> tuple[Instant, Instant]:
    """The window asked for, as far as it has passed; the two weeks before its end where its start is left open."""
    moment = Instant.from_timestamp(now.timestamp())
    end = moment
    if window_end is not None:
        end = min(end, timing.parse_window_edge(window_end, zone, end=True, field="window_end"))
    start = timing.at(end, zone).subtract(days=DEFAULT_DAYS).to_instant()
    if window_start is not None:
        start = timing.parse_window_edge(window_start, zone, end=False, field="window_start")
    if start >= moment:
        raise errors.invalid_argument("window_start", "lies ahead", "list_meetings shows what is to come.")
    if end <= start:
        raise errors.invalid_argument("window_end", "is not after window_start")
    return start, end
