"""Filtering RingCentral's list of meetings by window and words, and cutting it into pages."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import EXPANDED_AT_MOST, Listing, Meeting, Occurrence
from ringcentral_meetings.platform.pauses import Pauses
from ringcentral_meetings.tools import paging
from ringcentral_meetings.tools.default_zone import Zone
from ringcentral_meetings.tools.results import MeetingPage, listed
from ringcentral_meetings.untrusted_text import word_search

DEFAULT_DAYS = 14
MAX_DATES = 50_000
"""The most rows that are counted; whoever has more than these has to give a shorter window."""

RowKey = tuple[float, str, str]
"""What rows are ordered by: start (epoch seconds, infinity without a fixed time), meeting id, occurrence id."""

Line = tuple[RowKey, Meeting, Occurrence | None]
"""A row before it is worded."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for; a page token is valid for exactly this query, with any limit."""

    window_start: str | None
    window_end: str | None
    words: str | None
    host_id: str | None

    def digest(self, zone: str) -> str:
        return paging.digest_of(self.window_start, self.window_end, self.words, self.host_id, zone)


@dataclass(frozen=True, slots=True)
class Window:
    start: Instant
    end: Instant


@dataclass(frozen=True, slots=True)
class PageCursor:
    """Where a page ended: its window, and the row after which the next page begins."""

    window: Window
    after: RowKey

    def encode(self, digest: str) -> str:
        edges = [self.window.start.timestamp(), self.window.end.timestamp()]
        begins = None if self.after[0] == float("inf") else self.after[0]
        return paging.seal(digest, [*edges, begins, *self.after[1:]])

    @classmethod
    def decode(cls, text: str, digest: str) -> "PageCursor":
        """Return the position that a token holds. Raises `Refused` for an invalid token, or one of another query."""
        try:
            start, end, begins, meeting_id, occurrence_id = paging.unseal(text, digest)
            window = Window(Instant.from_timestamp(start), Instant.from_timestamp(end))
            after = (float("inf") if begins is None else float(begins), str(meeting_id), str(occurrence_id))
        except (ValueError, TypeError, OverflowError) as broken:
            raise errors.invalid_page_token() from broken
        return cls(window, after)


def window_of(query: Query, zone: str, now: Instant) -> Window:
    """Return the window asked for; it begins now and lasts two weeks unless given."""
    start = now
    if query.window_start is not None:
        start = timing.parse_window_edge(query.window_start, zone, end=False, field="window_start")
    if query.window_end is not None:
        end = timing.parse_window_edge(query.window_end, zone, end=True, field="window_end")
    else:
        end = timing.at(start, zone).add(days=DEFAULT_DAYS).to_instant()
    if end <= start:
        raise errors.invalid_argument("window_end", "is not after window_start")
    return Window(start, end)


def window_at(query: Query, zone: str, now: Instant, page_token: str | None) -> Window:
    """Return the window of a page: that of its token, else the one asked for. Raises `Refused` for an invalid one."""
    if page_token is None:
        return window_of(query, zone, now)
    return PageCursor.decode(page_token, query.digest(zone)).window


async def page_of(
    listing: Listing, query: Query, zone: Zone, now: Instant, limit: int, page_token: str | None
) -> MeetingPage:
    """Return the rows after the token's position, as many as the limit and the size of a result allow."""
    digest = query.digest(zone.name)
    token = PageCursor.decode(page_token, digest) if page_token else None
    window = token.window if token else window_of(query, zone.name, now)
    rows = await _rows(listing.meetings, window, query, now, Rows(limit, token.after if token else None))
    lines = [(key, listed(meeting, date, zone.name)) for key, meeting, date in rows.first]
    shown = lines[: paging.fitting([line for _, line in lines])]
    more = rows.ahead > len(shown)
    first = rows.total - rows.ahead + 1
    return MeetingPage(
        showing=f"{first}-{first + len(shown) - 1} of {rows.total}" if shown else f"0 of {rows.total}",
        total=rows.total,
        window_start=timing.show(timing.at(window.start, zone.name)),
        window_end=timing.show(timing.at(window.end, zone.name)),
        time_zone=zone.name,
        time_zone_source=zone.source,
        today=timing.today(now, zone.name),
        meetings=[line for _, line in shown],
        next_page_token=PageCursor(window, shown[-1][0]).encode(digest) if more and shown else None,
        incomplete=True if rows.incomplete or not listing.complete else None,
        hint=" ".join(_hints(listing, query, rows, shown=bool(shown))) or None,
    )


@dataclass(slots=True)
class Rows:
    """The rows of a list: how many there are, how many of them come after a position, and the first `limit` of those.

    `cut` has the last row of each series that has more than EXPANDED_AT_MOST dates in the window. There is a `rest`
    if there were MAX_DATES rows before every meeting was looked at.
    """

    limit: int
    after: RowKey | None
    total: int = 0
    ahead: int = 0
    first: list[Line] = field(default_factory=list)
    cut: list[Line] = field(default_factory=list)
    rest: bool = False

    @property
    def incomplete(self) -> bool:
        return self.rest or bool(self.cut)

    def add(self, lines: list[Line]) -> None:
        """Add the rows of a meeting, in order."""
        self.total += len(lines)
        ahead = lines if self.after is None else [line for line in lines if line[0] > self.after]
        self.ahead += len(ahead)
        if ahead and (len(self.first) < self.limit or ahead[0][0] < self.first[-1][0]):
            self.first = sorted([*self.first, *ahead[: self.limit]], key=itemgetter(0))[: self.limit]


async def _rows(meetings: Iterable[Meeting], window: Window, query: Query, now: Instant, rows: Rows) -> Rows:
    """Add every occurrence in the window to `rows`.

    Meetings without a fixed time come last, and only if no window was given. Past dates of a series are left out, as
    RingCentral's list leaves out single meetings that are over.
    """
    holds_words = word_search(query.words or "")
    pauses = Pauses()
    for meeting in meetings:
        await pauses.take_if_due()
        if not holds_words(meeting.topic):
            continue
        if meeting.start is None:
            if query.window_start is None and query.window_end is None:
                rows.add([((float("inf"), meeting.meeting_id, ""), meeting, None)])
            continue
        if rows.total >= MAX_DATES:
            rows.rest = True
            break
        after = max(window.start, now) if meeting.is_series else window.start
        dates = meeting.occurrences(after, window.end, limit=EXPANDED_AT_MOST + 1)
        lines: list[Line] = [_line(meeting, date) for date in dates[:EXPANDED_AT_MOST]]
        rows.add(lines)
        if len(dates) > EXPANDED_AT_MOST:
            rows.cut.append(lines[-1])
    rows.cut.sort(key=itemgetter(0))
    return rows


def _line(meeting: Meeting, date: Occurrence) -> Line:
    return (date.slot.start.timestamp(), meeting.meeting_id, date.occurrence_id or ""), meeting, date


def _hints(listing: Listing, query: Query, rows: Rows, *, shown: bool) -> Iterator[str]:
    if listing.calendar_as_of is not None:
        yield (
            f"From the person's calendar as read at {timing.show_utc(listing.calendar_as_of)}, others' rooms included; "
            "get_meeting takes meeting_id."
        )
    yield from listing.notes
    yield from listing.remarks
    if not listing.complete and not listing.notes:
        yield errors.list_incomplete()
    if rows.cut:
        yield _cut_hint(rows.cut)
    if rows.rest:
        yield f"More than {MAX_DATES:,} dates are in the window, and not all are listed: give a shorter window."
    untimed = sum(1 for meeting in listing.meetings if meeting.start is None)
    if untimed and (query.window_start is not None or query.window_end is not None):
        yield f"{untimed} without a fixed time not shown: leave out the window to see them."
    if rows.total == 0:
        yield f"Nothing found: {_nothing(listing, query)}. Widen window_start and window_end, or drop query."
    elif not shown:
        yield "No more pages."


def _cut_hint(cut: list[Line]) -> str:
    (_, meeting, date), *others = cut
    whose = f"{len(cut)} series" if others else f'"{errors.quoted(meeting.shown_topic)}"'
    through = f" through {date.slot.start.date()}" if date is not None else ""
    return f"Of {whose} only the first {EXPANDED_AT_MOST:,} dates are listed,{through}: see later ones by window_start."


def _nothing(listing: Listing, query: Query) -> str:
    """Return why a list is empty, without a claim about meetings that could not be read."""
    if not query.words:
        return "the window is empty" if listing.complete else "no meeting that could be read is in the window"
    words = f'the words "{errors.quoted(query.words)}"'
    return f"no topic contains {words}" if listing.complete else f"no topic that could be read contains {words}"
