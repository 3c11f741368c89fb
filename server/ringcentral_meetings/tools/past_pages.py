"""Windows and pages over past meetings."""

from dataclasses import dataclass

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.past import PastMeeting
from ringcentral_meetings.tools import paging

DEFAULT_DAYS = 14

RowKey = tuple[float, str]
"""What rows are ordered by: `PastMeeting.place`."""


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: its window, the product's page, the size of that, and the meeting before it.

    All pages keep the window of the first, so that a meeting which begins meanwhile does not shift the others.
    """

    start: Instant
    end: Instant
    size: int
    upstream: str | None = None
    after: RowKey | None = None

    def encode(self, digest: str) -> str:
        begins, past_meeting_id = self.after or (None, None)
        place = [None if begins == float("inf") else begins, past_meeting_id]
        return paging.seal(digest, [self.start.timestamp(), self.end.timestamp(), self.size, self.upstream, *place])

    @classmethod
    def decode(cls, text: str, digest: str, limit: int) -> "Position":
        """Return the position that a token holds. Raises `Refused` for an invalid token, or one of another query.

        Within one page of the product the size stays as it was; a new page takes the `limit` of this call.
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
        """Return the meetings that were not on an earlier page."""
        return [meeting for meeting in meetings if self.after is None or meeting.place > self.after]


def window_of(window_start: str | None, window_end: str | None, zone: str, now: Instant) -> tuple[Instant, Instant]:
    """Return the part of the window that has passed; it begins two weeks before its end unless given."""
    moment = Instant.from_timestamp(now.timestamp())
    end = moment
    if window_end is not None:
        end = min(end, timing.parse_window_edge(window_end, zone, end=True, field="window_end"))
    start = timing.at(end, zone).subtract(days=DEFAULT_DAYS).to_instant()
    if window_start is not None:
        start = timing.parse_window_edge(window_start, zone, end=False, field="window_start")
    if start >= moment:
        raise errors.invalid_argument("window_start", "lies in the future", "list_meetings shows upcoming meetings.")
    if end <= start:
        raise errors.invalid_argument("window_end", "is not after window_start")
    return start, end
