"""Feeds written by hand and by the thousand, as the large publishers write them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

ROOM: Final = "https://v.ringcentral.com/join/018209241352?pw=0123456789abcdef0123456789abcdef"

BERLIN: Final = """\
BEGIN:VTIMEZONE
TZID:{name}
BEGIN:STANDARD
DTSTART:16011028T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010325T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
END:VTIMEZONE"""
"""Berlin's clocks as Outlook defines zones."""


def event(*lines: str, uid: str = "one") -> str:
    """An event of some lines; START and END stand for an hour on Tuesday, 24 November 2026."""
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT"])


def calendar(*parts: str, end: str = "\r\n") -> bytes:
    """A calendar of some components and properties."""
    whole = "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test", *parts, "END:VCALENDAR", ""])
    return whole.replace("\n", end).encode()


def large_feed(count: int, *, link_every: int = 50) -> bytes:
    """Ten years of a busy person's calendar, as Google writes it: about 360 bytes an event, one in twelve a series."""
    return calendar("X-WR-TIMEZONE:Europe/Berlin", BERLIN.format(name="Europe/Berlin"), *_many(count, link_every))


def _many(count: int, link_every: int) -> Iterable[str]:
    first = datetime(2017, 1, 2, 8)
    step = timedelta(days=3_650) / count
    for number in range(count):
        begins = (first + number * step).replace(second=0, microsecond=0)
        text = ROOM if number % link_every == 0 else "Meeting room 4, second floor, at the back"
        lines = [
            f"DTSTART;TZID=Europe/Berlin:{begins:%Y%m%dT%H%M%S}",
            f"DTEND;TZID=Europe/Berlin:{begins + timedelta(minutes=45):%Y%m%dT%H%M%S}",
            "CREATED:20170101T101112Z",
            f"DESCRIPTION:Agenda of point {number}\\nand what came up in the last one\\, if there is time",
            f"LOCATION:{text}",
            "SEQUENCE:1",
            "STATUS:CONFIRMED",
            f"SUMMARY:Point {number}",
            "TRANSP:OPAQUE",
        ]
        if number % 12 == 0:
            ends = begins + timedelta(days=180)
            lines.append(f"RRULE:FREQ=WEEKLY;UNTIL={ends:%Y%m%dT%H%M%SZ};BYDAY=MO,WE")
        yield event(*lines, uid=f"{number}@example.com")
