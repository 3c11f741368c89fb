"""What a feed says, in a form that a test can be read by."""

from typing import Final

from whenever import Instant

from bench.written_feeds import calendar
from ringcentral_meetings.calendars import Read
from ringcentral_meetings.calendars.entries import Owner
from ringcentral_meetings.calendars.reader import FeedReader

OWNER: Final = Owner("America/New_York", frozenset({"robin@example.com"}))


def reading(data: bytes, start: str = "2026-11-01", end: str = "2026-12-01", owner: Owner = OWNER) -> Read:
    """What a feed says from one date to another, in UTC."""
    return FeedReader.of(data, owner).events(_midnight(start), _midnight(end))


def times(read: Read) -> list[str]:
    """The starts and lengths of what is read, in UTC: "2026-11-24 14:00 +60"."""
    return [_written(one.start, one.end) for one in read.events]


def gaps(read: Read) -> list[tuple[str, str]]:
    """The gaps of what is read, with their reasons."""
    return [(gap.reason, _written(gap.start, gap.end)) for gap in read.gaps]


def busy(*parts: str, start: str = "2026-11-01", end: str = "2026-12-01", owner: Owner = OWNER) -> list[str]:
    """The dates that a calendar of some parts gives; it must be read without a gap or an unreadable event."""
    read = reading(calendar(*parts), start, end, owner)
    assert not read.gaps
    assert not read.unreadable
    return times(read)


def _midnight(day: str) -> Instant:
    return Instant.parse_iso(f"{day}T00:00:00Z")


def _written(start: Instant, end: Instant) -> str:
    minutes = (end - start).total("minutes")
    return f"{start.format_iso()[:16].replace('T', ' ')} +{minutes:g}"
