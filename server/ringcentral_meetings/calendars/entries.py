"""One event of a feed: its times as written, how it repeats, whether it keeps the person busy, and where it leads.

Of its texts only a link of RingCentral's is kept, and the title of an event that has one.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from ringcentral_meetings.calendars import Kind
from ringcentral_meetings.calendars.lines import Property, content, read_duration, read_local
from ringcentral_meetings.calendars.rules import FeedRule, UnreadableRule, read_rule
from ringcentral_meetings.calendars.zones import FeedZones
from ringcentral_meetings.domain.clocks import UTC_CLOCK, Clock
from ringcentral_meetings.domain.links import JoinLink, find_links, mentions_meetings, supposed_hosts
from ringcentral_meetings.domain.meeting import TOPIC_CHARS
from ringcentral_meetings.untrusted_text import clean_and_cut

MAX_LISTED: Final = 2_000
"""Dates of one list (EXDATE, RDATE) that are read."""

UNREADABLE_END: Final = timedelta(minutes=30)
"""The assumed length of an event whose end cannot be read, or lies before its start."""

ORGANIZER_CHARS: Final = 60
_NOBODY: Final = "unknownorganizer@"
"""How addresses begin that Google writes if it does not show the organizer."""

_ONE_DAY: Final = timedelta(days=1)
_LINKED: Final = ("CONFERENCE", "X-GOOGLE-CONFERENCE", "LOCATION", "URL", "DESCRIPTION", "X-ALT-DESC")
"""The properties in which a link is looked for, in this order (CONFERENCE: RFC 7986)."""

_LISTS: Final = frozenset({"RDATE", "EXDATE", "ATTENDEE", "CONFERENCE"})
_BUSY_STATUS: Final[dict[str, Kind]] = {
    "FREE": "free",
    "TENTATIVE": "tentative",
    "OOF": "away",
    "WORKINGELSEWHERE": "elsewhere",
}
"""`X-MICROSOFT-CDO-BUSYSTATUS` ([MS-OXCICAL] section 2.1.3.1.1.20.31)."""


class UnreadableEntry(ValueError):
    """An event without a start that can be read."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose calendar it is: time zone, own e-mail addresses in lower case, and what is known of the account.

    `hosts` are those of the account's own links; `numbers` those of its meetings, without which a Zoom link is Zoom's.
    """

    zone: str
    addresses: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as a feed writes it: by some clock, or a date. The clock of an unknown zone is None."""

    wall: datetime
    form: Literal["date", "local", "utc"]
    clock: Clock | None

    @property
    def instant(self) -> int:
        """Seconds since 1970; of an unknown zone, as if it were UTC."""
        return (self.clock or UTC_CLOCK).instant(self.wall)


@dataclass(frozen=True, slots=True)
class Period:
    """A date of an RDATE, with its end or length if it has one of its own."""

    start: Moment
    end: Moment | None = None
    length: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """An event as written. It lasts for `days` by the calendar, then for `seconds`.

    `repeats` is None for a single date, "unreadable" for a rule that cannot be followed.
    """

    uid: str
    start: Moment
    days: int
    seconds: int
    kind: Kind
    cancelled: bool = False
    sequence: int = 0
    repeats: FeedRule | Literal["unreadable"] | None = None
    more: tuple[Period, ...] = ()
    excluded: tuple[Moment, ...] = ()
    replaces: Moment | None = None
    and_following: bool = False
    link: JoinLink | None = None
    title: str | None = None
    other_links: bool = False
    organizer: str | None = None
    supposed_hosts: frozenset[str] = frozenset()


def read_event(lines: Iterable[str], zones: FeedZones, owner: Owner) -> FeedEvent:
    """Return the event in some lines.

    Raises:
        UnreadableEntry: its start is missing or cannot be read.
    """
    single, lists = _collected(lines)
    start = _moment(single.get("DTSTART"), zones)
    if start is None:
        raise UnreadableEntry
    replaced = single.get("RECURRENCE-ID")
    days, seconds = _length(start, single, zones)
    found = _links(single, lists, owner)
    return FeedEvent(
        uid=_value(single, "UID"),
        start=start,
        days=days,
        seconds=seconds,
        kind=_kind(single, lists.get("ATTENDEE", ()), owner.addresses),
        cancelled=_value(single, "STATUS").upper() == "CANCELLED",
        sequence=_number(_value(single, "SEQUENCE")),
        repeats=_repeats(single.get("RRULE")),
        more=tuple(_periods(lists.get("RDATE", ()), zones)),
        excluded=tuple(_moments(lists.get("EXDATE", ()), zones)),
        replaces=_moment(replaced, zones),
        and_following=replaced is not None and replaced.parameters.get("RANGE", "").upper() == "THISANDFUTURE",
        link=found[0] if found else None,
        title=clean_and_cut(single["SUMMARY"].text, TOPIC_CHARS) if found and "SUMMARY" in single else None,
        other_links=len(found) > 1,
        organizer=_organizer(single.get("ORGANIZER"), owner.addresses) if found else None,
        supposed_hosts=frozenset() if found else _supposed_hosts(single, lists),
    )


def read_periods(lines: Iterable[str], zones: FeedZones) -> list[Period]:
    """Return the busy times of a VFREEBUSY."""
    found = (content(line) for line in lines)
    busy = [one for one in found if one is not None and one.name == "FREEBUSY"]
    return list(_periods([one for one in busy if one.parameters.get("FBTYPE", "").upper() != "FREE"], zones))


def _collected(lines: Iterable[str]) -> tuple[dict[str, Property], dict[str, list[Property]]]:
    """Return an event's properties by name, without those of its alarms: the first of each, and all of lists."""
    single: dict[str, Property] = {}
    lists: dict[str, list[Property]] = {}
    depth = 0
    for line in lines:
        if (found := content(line)) is None:
            continue
        if found.name in {"BEGIN", "END"}:
            depth = max(depth + (1 if found.name == "BEGIN" else -1), 0)
        elif depth == 0 and found.name in _LISTS:
            lists.setdefault(found.name, []).append(found)
        elif depth == 0:
            single.setdefault(found.name, found)
    return single, lists


def _moment(written: Property | None, zones: FeedZones) -> Moment | None:
    return _moment_of(written.value, written.parameters, zones) if written is not None else None


def _moment_of(text: str, parameters: Mapping[str, str], zones: FeedZones) -> Moment | None:
    text = text.strip()
    wall = read_local(text)
    if wall is None or not 1_800 <= wall.year <= 9_000:
        return None
    if "T" not in text.upper():
        return Moment(wall, "date", zones.calendar)
    if text[-1] in "Zz":
        return Moment(wall, "utc", UTC_CLOCK)
    name = parameters.get("TZID", "")
    return Moment(wall, "local", zones.clock(name) if name else zones.calendar)


def _moments(lists: Iterable[Property], zones: FeedZones) -> Iterable[Moment]:
    texts = [(text, one.parameters) for one in lists for text in one.value.split(",")][:MAX_LISTED]
    return (found for text, parameters in texts if (found := _moment_of(text, parameters, zones)) is not None)


def _periods(lists: Iterable[Property], zones: FeedZones) -> Iterable[Period]:
    for text, parameters in [(text, one.parameters) for one in lists for text in one.value.split(",")][:MAX_LISTED]:
        begins, _, ends = text.partition("/")
        if (start := _moment_of(begins, parameters, zones)) is None:
            continue
        duration = read_duration(ends)
        length = timedelta(days=duration[0]) + duration[1] if duration is not None else None
        yield Period(start, _moment_of(ends, parameters, zones), length)


def _length(start: Moment, single: Mapping[str, Property], zones: FeedZones) -> tuple[int, int]:
    """Return how long an event lasts, in days by the calendar and in seconds."""
    whole_days = start.form == "date"
    if (written := single.get("DTEND")) is not None:
        return _until(start, _moment(written, zones))
    if (written := single.get("DURATION")) is not None:
        duration = read_duration(written.value)
        if duration is None:
            return _unreadable(start)
        days, rest = duration
        return (max(days + (rest > timedelta()), 1), 0) if whole_days else (days, int(rest.total_seconds()))
    return (1, 0) if whole_days else (0, 0)


def _until(start: Moment, end: Moment | None) -> tuple[int, int]:
    if end is None or (start.form == "date" and end.wall < start.wall):
        return _unreadable(start)
    if start.form == "date":
        days = (end.wall - start.wall).days + (end.form != "date" and end.wall.time() != start.wall.time())
        return max(days, 1), 0
    if end.form == "date":
        end = Moment(end.wall if end.wall > start.wall else end.wall + _ONE_DAY, "local", start.clock)
    if start.clock is None or end.clock is None:
        seconds = int((end.wall - start.wall).total_seconds())
    else:
        seconds = end.instant - start.instant
    return (0, seconds) if seconds >= 0 else _unreadable(start)


def _unreadable(start: Moment) -> tuple[int, int]:
    return (1, 0) if start.form == "date" else (0, int(UNREADABLE_END.total_seconds()))


def _repeats(written: Property | None) -> FeedRule | Literal["unreadable"] | None:
    if written is None:
        return None
    try:
        return read_rule(written.value)
    except UnreadableRule:
        return "unreadable"


def _kind(single: Mapping[str, Property], attendees: Iterable[Property], own: Collection[str]) -> Kind:
    answers = {one.parameters.get("PARTSTAT", "").upper() for one in attendees if _address(one) & set(own)}
    if answers == {"DECLINED"}:
        return "declined"
    status = _BUSY_STATUS.get(_value(single, "X-MICROSOFT-CDO-BUSYSTATUS").upper())
    if status == "free" or _value(single, "TRANSP").upper() == "TRANSPARENT":
        return "free"
    if status is not None:
        return status
    return "tentative" if answers == {"TENTATIVE"} or _value(single, "STATUS").upper() == "TENTATIVE" else "busy"


def _address(attendee: Property) -> set[str]:
    written = (attendee.value.strip().lower().removeprefix("mailto:"), attendee.parameters.get("EMAIL", "").lower())
    return {address for address in written if address}


def _links(single: Mapping[str, Property], lists: Mapping[str, list[Property]], owner: Owner) -> tuple[JoinLink, ...]:
    """Return the links of the first property that has some; only into rooms and meetings of RingCentral's."""
    for texts in _linked(single, lists):
        text = " ".join(one for one in texts if mentions_meetings(one, owner.hosts))
        links = find_links(text, owner.hosts) if text else ()
        if found := tuple(link for link in links if link.service != "zoom" or link.name in owner.numbers):
            return found
    return ()


def _supposed_hosts(single: Mapping[str, Property], lists: Mapping[str, list[Property]]) -> frozenset[str]:
    return frozenset(host for texts in _linked(single, lists) for text in texts for host in supposed_hosts(text))


def _linked(single: Mapping[str, Property], lists: Mapping[str, list[Property]]) -> Iterator[list[str]]:
    """Yield the texts of each property that may hold a link."""
    for name in _LINKED:
        yield [one.text for one in lists.get(name, [single[name]] if name in single else [])]


def _organizer(written: Property | None, own: Collection[str]) -> str | None:
    """Return who invited the person, by name or else by address; None if nobody else did."""
    addresses = _address(written) if written is not None else set()
    if written is None or addresses & set(own) or any(one.startswith(_NOBODY) for one in addresses):
        return None
    return clean_and_cut(written.parameters.get("CN") or next(iter(sorted(addresses)), None), ORGANIZER_CHARS)


def _value(single: Mapping[str, Property], name: str) -> str:
    return single[name].text.strip() if name in single else ""


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else 0
