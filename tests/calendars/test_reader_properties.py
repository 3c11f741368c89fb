"""Whatever bytes a feed holds, the reader answers; what it answers lies in the window; damage never makes time free."""

import random
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from whenever import Instant

from bench.written_feeds import BERLIN, ROOM, calendar, event
from calendars.feeds import OWNER
from ringcentral_meetings.calendars import Read
from ringcentral_meetings.calendars.index import NotACalendar
from ringcentral_meetings.calendars.reader import FeedReader

START, END = Instant.from_utc(2026, 11, 1), Instant.from_utc(2026, 12, 1)

ZONES = st.sampled_from(
    ["", ";TZID=Europe/Berlin", ';TZID="W. Europe Standard Time"', ";TZID=Customized Time Zone", ";TZID=Nowhere"]
)
WALLS = st.datetimes().map(lambda one: f"{one:%Y%m%dT%H%M%S}".rjust(15, "0")) | st.sampled_from(
    [
        "20261124T140000",
        "20261124",
        "20261124T140000Z",
        "20261101T013000",
        "x",
        "",
        "00010101T000000",
        "99991231T235959Z",
    ]
)
RULE_PARTS = [
    "FREQ=DAILY",
    "FREQ=WEEKLY",
    "FREQ=MONTHLY",
    "FREQ=YEARLY",
    "FREQ=HOURLY",
    "INTERVAL=2",
    "COUNT=5",
    "COUNT=-1",
    "BYDAY=TU,-1FR",
    "BYMONTHDAY=31",
    "BYSETPOS=-1",
    "BYMONTH=11",
    "UNTIL=20261124",
    "UNTIL=20261130T000000Z",
    "UNTL=1",
    "BYHOUR=9",
    "WKST=SU",
    "BYWEEKNO=47",
    "BYYEARDAY=-1",
]
RULES = st.lists(st.sampled_from(RULE_PARTS), max_size=4).map(";".join)
LENGTHS = st.sampled_from(["PT1H", "P1D", "P9999W", "-PT1H", "P", "PT99999999S", "x"])


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    names = st.sampled_from(
        ["DTSTART", "DTEND", "EXDATE", "RDATE", "RECURRENCE-ID", "RECURRENCE-ID;RANGE=THISANDFUTURE"]
    )
    some: st.SearchStrategy[str] = st.builds("{}{}:{}".format, names, ZONES, WALLS)
    other = st.sampled_from(
        [
            "BEGIN:VALARM",
            "END:VALARM",
            "STATUS:CANCELLED",
            "SEQUENCE:9",
            f"LOCATION:{ROOM}",
            "TRANSP:TRANSPARENT",
            "junk",
            ";:",
            "SEQUENCE:x",
        ]
    )
    rule = RULES.map(lambda text: f"RRULE:{text}")
    length = LENGTHS.map(lambda text: f"DURATION:{text}")
    first = draw(st.builds("DTSTART{}:{}".format, ZONES, WALLS))
    return [first, *draw(st.lists(some | other | rule | length, max_size=8))]


EVENTS = st.lists(st.tuples(lines(), st.sampled_from(["one", "two", ""])), max_size=5)


def feed_of(events: Any) -> bytes:
    return calendar(
        BERLIN.format(name="Customized Time Zone"), *(event(*given_lines, uid=uid) for given_lines, uid in events)
    )


def read(data: bytes) -> Read | None:
    try:
        return FeedReader.of(data, OWNER).events(START, END)
    except NotACalendar:
        return None


def check(found: Read | None) -> None:
    if found is None:
        return
    assert all(one.start < END and one.end >= START and one.start <= one.end for one in found.events)
    assert all(START <= gap.start < gap.end <= END for gap in found.gaps)
    assert list(found.events) == sorted(found.events, key=lambda one: (one.start, one.end))


@settings(deadline=None)
@given(EVENTS)
def test_any_event_is_read_and_stays_in_the_window(events: Any) -> None:
    check(read(feed_of(events)))


@settings(deadline=None)
@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"BEGIN:VCALENDAR\r\n", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:"]),
)
@example(b"\xff\xfeB", b"")
@example(b"", b"begin:vcalendar")
def test_any_bytes_are_read(data: bytes, before: bytes) -> None:
    check(read(before + data))


@settings(deadline=None)
@given(EVENTS, st.integers(0, 2**32))
def test_a_damaged_feed_is_read(events: Any, seed: int) -> None:
    chance = random.Random(seed)
    feed = bytearray(feed_of(events))
    for _ in range(chance.randrange(1, 12)):
        at = chance.randrange(len(feed))
        feed[at : at + chance.randrange(3)] = chance.choice(
            [b"", b":", b"\n", b"\r", b" ", b";", b"\x00", b'"', b"9", b"BEGIN:VEVENT\r\n"]
        )
    check(read(bytes(feed)))


@settings(deadline=None)
@given(EVENTS)
def test_each_event_beside_others_is_read_as_it_is_alone(events: Any) -> None:
    named = [(given_lines, f"name {number}") for number, (given_lines, _) in enumerate(events)]
    together, apart = read(feed_of(named)), [read(feed_of([one])) for one in named]
    assert together is not None
    alone = [one for each in apart if each is not None for one in each.events]
    assert sorted(map(repr, together.events)) == sorted(map(repr, alone))
    assert together.unreadable == sum(each.unreadable for each in apart if each is not None)


@settings(deadline=None)
@given(EVENTS, st.data())
def test_a_feed_that_is_cut_off_leaves_nothing_free(events: Any, data: st.DataObject) -> None:
    feed = feed_of(events)
    length = data.draw(st.integers(16, len(feed) - 16))
    found = read(feed[:length])
    assert found is not None
    assert (START, END, "cut_off") in [(gap.start, gap.end, gap.reason) for gap in found.gaps]


PROPERTIES = st.sampled_from(
    [
        "SUMMARY",
        "DESCRIPTION",
        "LOCATION",
        "COMMENT",
        "URL",
        "CONFERENCE",
        "X-GOOGLE-CONFERENCE",
        "CONTACT",
        "ORGANIZER;CN=x",
    ]
)
HARMLESS = st.sampled_from(
    [
        "",
        "Room 4",
        "https://meet.google.com/abc-defg-hij",
        "https://us02web.zoom.us/j/99988877766",
        "https://v.ringcentral.com/teleconference",
        "https://v.ringcentral.com.evil.example/join/018209241352",
        "https://evil.example/?u=v.ringcentral.com/join/018209241352",
        "https://meet.brand.example/join/018209241352",
        "Meeting ID: 018209241352",
    ]
)
TITLES = st.text(st.characters(categories=["L", "N"]), min_size=12, max_size=30)


@settings(deadline=None)
@given(title=TITLES, texts=st.lists(st.tuples(PROPERTIES, HARMLESS), max_size=5), repeats=st.booleans())
def test_no_text_of_an_event_without_a_link_of_ringcentrals_leaves_the_reader(
    title: str, texts: list[tuple[str, str]], repeats: bool
) -> None:
    written = [f"{name}:{title} {text}" for name, text in texts]
    rule = ["RRULE:FREQ=DAILY;COUNT=3"] if repeats else []
    reader = FeedReader.of(
        calendar(event("DTSTART:20261124T140000Z", "DURATION:PT1H", f"SUMMARY:{title}", *written, *rule)), OWNER
    )
    read = reader.events(START, END)
    assert len(read.events) == (3 if repeats else 1)
    assert {(one.title, one.link, one.organizer) for one in read.events} == {(None, None, None)}
    assert title not in repr((read, reader._parsed))  # noqa: SLF001
    assert read.supposed_hosts <= {"meet.brand.example", "evil.example", "v.ringcentral.com.evil.example"}
