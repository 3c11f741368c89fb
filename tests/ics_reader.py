"""A reader of calendar files written from RFC 5545 alone: strict about lines, with its own expansion of dates.

Clocks are those of the file's VTIMEZONE, of which it knows what Outlook does: DTSTART, RRULE and the offsets. What it
does not know, it refuses.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

DAYS = ["SU", "MO", "TU", "WE", "TH", "FR", "SA"]
ZONE_PARTS = {"DTSTART", "RRULE", "TZOFFSETFROM", "TZOFFSETTO"}
LAST_YEAR = 2110
RULE_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "WKST"}
FAR = timedelta(days=366 * 60)

Times = tuple[datetime, datetime]


@dataclass
class Property:
    name: str
    parameters: dict[str, str]
    value: str

    @property
    def text(self) -> str:
        assert re.fullmatch(r"(?:[^\\;,]|\\[\\;,nN])*", self.value), self.value
        return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], self.value)


@dataclass
class Component:
    name: str
    properties: list[Property] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        return [one for one in self.properties if one.name == name]

    def one(self, name: str) -> Property:
        (found,) = self.all(name)
        return found

    def within(self, name: str) -> list["Component"]:
        return [part for part in self.parts if part.name == name]


def read(content: bytes) -> Component:
    """The VCALENDAR; every line ends with CRLF and has 75 octets at most."""
    assert content.endswith(b"\r\n")
    raw = content.removesuffix(b"\r\n").split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in raw)
    lines = b"\r\n".join(raw).replace(b"\r\n ", b"").decode().split("\r\n")
    root = Component("")
    stack = [root]
    for line in lines:
        name, parameters, value = _split(line)
        if name == "BEGIN":
            stack.append(Component(value))
            stack[-2].parts.append(stack[-1])
        elif name == "END":
            assert stack.pop().name == value
        else:
            stack[-1].properties.append(Property(name, parameters, value))
    assert len(stack) == 1
    (found,) = root.parts
    assert found.name == "VCALENDAR"
    assert found.one("VERSION").value == "2.0"
    assert found.one("PRODID").value
    return found


def occurrences(content: bytes, before: datetime) -> list[Times]:
    """Every occurrence that starts before a moment, in UTC and in order."""
    file = read(content)
    clock = Clock(file.within("VTIMEZONE"))
    events = file.within("VEVENT")
    assert len({event.one("UID").value for event in events}) == 1
    (main,) = (event for event in events if not event.all("RECURRENCE-ID"))
    found = {start: (start, end) for start, end in _of_main(main, clock, before)}
    for event in events:
        if event is main:
            continue
        replaced = clock.moment(event.one("RECURRENCE-ID"))
        assert replaced in found or replaced >= before
        found[replaced] = _times(event, clock)
    return sorted(times for times in found.values() if times[0] < before)


class Clock:
    """Wall times to UTC, by the VTIMEZONEs of a file."""

    def __init__(self, zones: list[Component]) -> None:
        self._changes = {zone.one("TZID").value: _changes(zone) for zone in zones}

    def moment(self, given: Property) -> datetime:
        (found,) = self.moments(given)
        return found

    def moments(self, given: Property) -> list[datetime]:
        return [self.utc(_wall(text), given.parameters.get("TZID")) for text in given.value.split(",")]

    def utc(self, wall: datetime, zone: str | None) -> datetime:
        if wall.tzinfo is not None:
            assert zone is None
            return wall
        changes = self._changes[zone or ""]
        offsets = {offset for _, _, offset in changes} | {changes[0][1]}
        hits = [(wall - offset).replace(tzinfo=UTC) for offset in offsets if _at(changes, wall - offset) == offset]
        if hits:
            return min(hits)
        # A skipped time counts with the offset before the gap (section 3.3.5).
        gaps = [before for onset, before, after in changes if onset + before <= wall < onset + after]
        assert gaps, "the VTIMEZONE begins after the event"
        return (wall - gaps[0]).replace(tzinfo=UTC)


def _changes(zone: Component) -> list[tuple[datetime, timedelta, timedelta]]:
    """Each change of the clocks: when in UTC, and the offsets before and after."""
    found = []
    for part in zone.parts:
        assert {one.name for one in part.properties} <= ZONE_PARTS
        before, after = (_offset(part.one(name).value) for name in ("TZOFFSETFROM", "TZOFFSETTO"))
        found += [(onset - before, before, after) for onset in _onsets(part, before)]
    return sorted(found)


def _onsets(part: Component, before: timedelta) -> Iterator[datetime]:
    """Local times at which a part of a VTIMEZONE begins to hold."""
    first = _wall(part.one("DTSTART").value)
    if not part.all("RRULE"):
        yield first
        return
    rule = dict(one.split("=") for one in part.one("RRULE").value.split(";"))
    assert rule.pop("FREQ") == "YEARLY"
    until = _wall(rule.pop("UNTIL")) if "UNTIL" in rule else None
    assert until is None or until.tzinfo is not None, "UNTIL goes in UTC in a VTIMEZONE"
    months, weekdays = [int(rule.pop("BYMONTH"))], rule.pop("BYDAY")
    days = [int(day) for day in rule.pop("BYMONTHDAY").split(",")] if "BYMONTHDAY" in rule else None
    assert not rule
    onsets = [
        datetime.combine(date(year, month, day), first.time())
        for year in range(first.year, LAST_YEAR)
        for month in months
        for day in range(1, calendar.monthrange(year, month)[1] + 1)
        if (days is None or day in days) and _is_weekday(weekdays, date(year, month, day))
    ]
    kept = [one for one in onsets if until is None or (one - before).replace(tzinfo=UTC) <= until]
    assert kept[0] == first, "DTSTART is not one of the rule's days"
    assert until is None or (kept[-1] - before).replace(tzinfo=UTC) == until
    yield from kept


def _is_weekday(name: str, day: date) -> bool:
    """Whether the day is the weekday that BYDAY names, with or without its place in the month."""
    place = int(name[:-2] or 0)
    left = calendar.monthrange(day.year, day.month)[1] - day.day
    places = {0, (day.day + 6) // 7, -(left // 7) - 1}
    return DAYS[day.isoweekday() % 7] == name[-2:] and place in places


def _at(changes: list[tuple[datetime, timedelta, timedelta]], moment: datetime) -> timedelta | None:
    """The offset at a moment; None before the first change, where a VTIMEZONE says nothing."""
    past = [after for onset, _, after in changes if onset <= moment]
    return past[-1] if past else None


def _of_main(event: Component, clock: Clock, before: datetime) -> Iterator[Times]:
    start, end = _times(event, clock)
    zone = event.one("DTSTART").parameters.get("TZID")
    starts = {start}
    if rules := event.all("RRULE"):
        rule = dict(part.split("=") for part in rules[0].value.split(";"))
        starts |= set(_ruled(rule, _wall(event.one("DTSTART").value), zone, clock, before))
    starts |= {moment for rdate in event.all("RDATE") for moment in clock.moments(rdate)}
    starts -= {moment for exdate in event.all("EXDATE") for moment in clock.moments(exdate)}
    yield from ((moment, moment + (end - start)) for moment in starts)


def _ruled(
    rule: dict[str, str], first: datetime, zone: str | None, clock: Clock, before: datetime
) -> Iterator[datetime]:
    """The rule's starts, found by looking at each day after the first."""
    assert set(rule) <= RULE_PARTS
    assert rule.get("WKST", "MO") == "SU"
    until = _wall(rule["UNTIL"]) if "UNTIL" in rule else None
    assert until is None or until.tzinfo is not None, "UNTIL goes in UTC with a zone"
    held, day = 0, first.date()
    while day < min(before.date(), first.date() + FAR) + timedelta(days=2) and held < int(rule.get("COUNT", 10**6)):
        if _falls(rule, first.date(), day):
            held += 1
            moment = clock.utc(datetime.combine(day, first.timetz()), zone)
            if until is not None and moment > until:
                return
            yield moment
        day += timedelta(days=1)


def _falls(rule: dict[str, str], first: date, day: date) -> bool:
    interval, names = int(rule.get("INTERVAL", 1)), rule["BYDAY"].split(",") if "BYDAY" in rule else []
    if rule["FREQ"] == "DAILY":
        assert not names
        return (day - first).days % interval == 0
    if rule["FREQ"] == "WEEKLY":
        sundays = [moment - timedelta(days=moment.isoweekday() % 7) for moment in (first, day)]
        in_week = (sundays[1] - sundays[0]).days // 7 % interval == 0
        return in_week and DAYS[day.isoweekday() % 7] in (names or [DAYS[first.isoweekday() % 7]])
    assert rule["FREQ"] == "MONTHLY"
    if (day.year * 12 + day.month - first.year * 12 - first.month) % interval:
        return False
    if not names:
        return day.day == int(rule.get("BYMONTHDAY", first.day))
    (name,) = names
    assert int(name[:-2])
    return _is_weekday(name, day)


def _times(event: Component, clock: Clock) -> Times:
    return clock.moment(event.one("DTSTART")), clock.moment(event.one("DTEND"))


def _wall(text: str) -> datetime:
    assert re.fullmatch(r"\d{8}T\d{6}Z?", text), text
    return datetime.strptime(text.rstrip("Z"), "%Y%m%dT%H%M%S").replace(tzinfo=UTC if text.endswith("Z") else None)


def _offset(text: str) -> timedelta:
    sign, hours, minutes, seconds = re.fullmatch(r"([+-])(\d\d)(\d\d)(\d\d)?", text).groups()  # type: ignore[union-attr] # else it fails, as it shall
    whole = timedelta(hours=int(hours), minutes=int(minutes), seconds=int(seconds or 0))
    return whole if sign == "+" else -whole


def _split(line: str) -> tuple[str, dict[str, str], str]:
    found = re.fullmatch(r"([A-Z-]+)((?:;[A-Z-]+=(?:\"[^\"]*\"|[^\";:,]*))*):(.*)", line)
    assert found, line
    parameters = dict(part.split("=", 1) for part in found[2].split(";")[1:])
    return found[1], parameters, found[3]
