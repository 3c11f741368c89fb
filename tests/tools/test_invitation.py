"""Invitations: the text, and calendar files read back by a reader of our own, each occurrence compared.

UPDATE_SNAPSHOTS=1 writes the files in snapshots/ again.
"""

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mcp_types import EmbeddedResource, ResourceLink, TextResourceContents
from whenever import Instant, ZonedDateTime

import ics_reader
from assistant import MODES, Answer, Mode, at_work, scheduled
from domain.test_timing_properties import rules, starts
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.ics import ics_name, ics_of, ics_uri
from ringcentral_meetings.domain.invitation import shown_text, text_of
from ringcentral_meetings.domain.meeting import DialInNumber, Meeting, MeetingSettings, Occurrence, ServiceInfo
from ringcentral_meetings.domain.timing import Rule, Slot
from ringcentral_meetings.errors import Refused
from ringcentral_meetings.tools.invitations import MeetingInvitation

SNAPSHOTS = Path(__file__).parent / "snapshots"
NOW = Instant.from_utc(2026, 11, 23, hour=14)
NEW_YORK = "America/New_York"
INFO = ServiceInfo(
    (
        DialInNumber("+1 (646) 3573664", "US", "United States", "New York"),
        DialInNumber("+33 1 70950103", "FR", "France", "Paris"),
    ),
    international_numbers_url="https://meetings.ringcentral.com/teleconference",
    personal_meeting_id="4155550101",
)
stable = settings(derandomize=True, deadline=None, max_examples=60)


def meeting(start: str, rule: Rule | None = None, zone: str = NEW_YORK, **more: Any) -> Meeting:
    link = "https://meetings.ringcentral.com/j/2401136018?pwd=0a1b2c"
    fixed: dict[str, Any] = {"join_url": link, "duration_minutes": 30, "password": "a1_@*-"}
    kind: Any = "Scheduled" if rule is None else "ScheduledRecurring"
    return Meeting("2401136018", "Budget", kind, timing.parse_start(start, zone), rule=rule, **fixed | more)


def listed(one: Meeting, number: int, now: Instant = NOW) -> tuple[Occurrence, ...]:
    """The next dates by the rule, as RingCentral would list them."""
    return tuple(Occurrence(f"{n}", date.slot) for n, date in enumerate(one.occurrences(after=now, limit=number)))


def moved(date: Occurrence, minutes: int = 0, longer: int = 0) -> Occurrence:
    slot = date.slot
    return Occurrence(date.occurrence_id, Slot(slot.start.add(minutes=minutes), slot.end.add(minutes=minutes + longer)))


def without(one: Meeting, *gone: int) -> Meeting:
    return replace(one, listed=tuple(date for n, date in enumerate(listed(one, 50)) if n not in gone))


def ahead(one: Meeting, until: datetime) -> list[tuple[datetime, datetime]]:
    slots = [date.slot for date in one.occurrences(after=NOW) if date.slot.start.to_instant().to_stdlib() < until]
    return [(slot.start.to_instant().to_stdlib(), slot.end.to_instant().to_stdlib()) for slot in slots]


WEEKLY = meeting("2026-11-24T15:00", Rule("Weekly", weekly_days=("Tuesday",), count=8))
TWO_DAYS = meeting("2026-11-24T15:00", Rule("Weekly", 2, ("Tuesday", "Sunday")))
EIGHT = listed(WEEKLY, 50)
LONG = 'Ünï; "quoted", back\\slash: 会議室の予約 \N{PARTY POPPER} \N{RIGHT-TO-LEFT OVERRIDE}' * 3

KINDS = {
    "single": meeting("2026-11-24T15:00"),
    "single-in-utc": meeting("2026-11-24T20:00", zone="UTC"),
    "daily-by-count": meeting("2027-03-10T09:00", Rule("Daily", count=10)),
    "daily-every-third-until": meeting("2026-11-24T09:00", Rule("Daily", 3, until=Instant.from_utc(2027, 1, 5))),
    "weekly-without-end": meeting("2026-11-24T15:00", Rule("Weekly", weekly_days=("Tuesday",))),
    "weekly-every-second-on-two-days": TWO_DAYS,
    "single-in-gmt": meeting("2026-11-24T20:00", zone="GMT"),
    "weekly-in-utc": meeting("2026-11-24T20:00", Rule("Weekly", count=30), zone="UTC"),
    "monthly-by-day-31": meeting("2027-01-31T15:00", Rule("Monthly", monthly_day=31, count=7)),
    "monthly-last-friday": meeting(
        "2026-11-27T15:00", Rule("Monthly", 2, monthly_week="Last", monthly_weekday="Friday"), zone="Europe/London"
    ),
    "monthly-third-monday-until": meeting(
        "2026-12-21T15:00",
        Rule("Monthly", monthly_week="Third", monthly_weekday="Monday", until=Instant.from_utc(2027, 12, 31)),
        zone="Australia/Lord_Howe",
    ),
    "one-date-deleted": without(WEEKLY, 2),
    "first-and-last-deleted": without(WEEKLY, 0, 7),
    "one-date-moved": replace(WEEKLY, listed=(*EIGHT[:3], moved(EIGHT[3], 60), *EIGHT[4:])),
    "last-date-moved-back": replace(WEEKLY, listed=(*EIGHT[:7], moved(EIGHT[7], -1_440))),
    "one-date-longer": replace(WEEKLY, listed=(*EIGHT[:3], moved(EIGHT[3], longer=30), *EIGHT[4:])),
    "one-date-moved-and-longer": replace(WEEKLY, listed=(*EIGHT[:3], moved(EIGHT[3], 60, 15), *EIGHT[4:])),
    "deleted-without-end": without(TWO_DAYS, 1, 4),
    "difficult-topic": replace(meeting("2026-11-24T15:00"), topic=LONG),
}


@pytest.fixture(scope="module", autouse=True)
def updated() -> None:
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOTS.mkdir(exist_ok=True)
        for name, one in KINDS.items():
            (SNAPSHOTS / f"{name}.ics").write_bytes(ics_of(one, INFO, NOW))


@pytest.mark.parametrize("name", KINDS)
def test_a_calendar_file_is_as_it_was_reviewed(name: str) -> None:
    assert ics_of(KINDS[name], INFO, NOW) == (SNAPSHOTS / f"{name}.ics").read_bytes()


@pytest.mark.parametrize("name", KINDS)
def test_read_back_it_holds_every_occurrence_that_lies_ahead_and_no_other(name: str) -> None:
    until = datetime(2031, 1, 1, tzinfo=UTC)
    expected = ahead(KINDS[name], until)
    assert expected
    assert ics_reader.occurrences(ics_of(KINDS[name], INFO, NOW), until) == expected


@stable
@given(rules(), starts())
def test_read_back_any_rule_gives_the_occurrences_that_we_tell(rule: Rule, start: ZonedDateTime) -> None:
    one = Meeting("1", "Any", "ScheduledRecurring", start, 45, rule)
    if not one.occurrences(limit=1):
        return
    until = start.to_instant().to_stdlib() + timedelta(days=900)
    slots = timing.occurrences(rule, start, 45, limit=1_000)
    expected = [slot.start.to_instant().to_stdlib() for slot in slots if slot.start.to_instant().to_stdlib() < until]
    found = ics_reader.occurrences(ics_of(one, None, NOW), until)
    assert [begin for begin, _ in found] == expected
    assert all(end - begin == timedelta(minutes=45) for begin, end in found)


@stable
@given(rules(), st.sets(st.integers(0, 49), max_size=6), st.sets(st.integers(0, 49), max_size=3), st.integers(1, 40))
def test_read_back_dates_deleted_and_moved_are_those_that_ringcentral_lists(
    rule: Rule, gone: set[int], shifted: set[int], number: int
) -> None:
    start = timing.parse_start("2026-11-24T15:00", NEW_YORK)
    whole = Meeting("1", "Any", "ScheduledRecurring", start, 45, rule)
    kept = [date for n, date in enumerate(listed(whole, number)) if n not in gone]
    one = replace(whole, listed=tuple(moved(date, 75) if n in shifted else date for n, date in enumerate(kept)))
    if not one.listed:
        return
    until = datetime(2027, 12, 1, tzinfo=UTC)
    read = [times for times in ics_reader.occurrences(ics_of(one, None, NOW), until) if times[1] > NOW.to_stdlib()]
    assert read == ahead(one, until)


def overrides(one: Meeting, now: Instant = NOW) -> list[tuple[str, str]]:
    """The date by the rule and the new start of each date that departs from it, in a file without RDATE."""
    main, *others = ics_reader.read(ics_of(one, INFO, now)).within("VEVENT")
    assert not main.all("RDATE")
    assert all(event.one("UID").value == main.one("UID").value for event in others)
    return [(event.one("RECURRENCE-ID").value, event.one("DTSTART").value) for event in others]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("one-date-moved", [("20261215T150000", "20261215T160000")]),
        ("last-date-moved-back", [("20270112T150000", "20270111T150000")]),
        ("one-date-longer", [("20261215T150000", "20261215T150000")]),
        ("one-date-deleted", []),
    ],
)
def test_a_moved_date_is_an_event_of_its_own_that_replaces_the_one_of_the_rule(
    name: str, expected: list[tuple[str, str]]
) -> None:
    assert overrides(KINDS[name]) == expected


def test_of_dates_moved_and_deleted_each_moved_one_replaces_the_nearest_that_is_left() -> None:
    dates = (*EIGHT[:2], moved(EIGHT[2], 60), moved(EIGHT[5], -2_880), moved(EIGHT[6], 60), EIGHT[7])
    assert overrides(replace(WEEKLY, listed=dates)) == [
        ("20261208T150000", "20261208T160000"),
        ("20261229T150000", "20261227T150000"),
        ("20270105T150000", "20270105T160000"),
    ]


def test_a_date_moved_from_the_past_to_a_day_ahead_replaces_the_last_one_that_is_over() -> None:
    now = EIGHT[3].slot.start.add(hours=3).to_instant()
    one = replace(WEEKLY, listed=(moved(EIGHT[3], 1_440), *EIGHT[4:]))
    assert overrides(one, now) == [("20261215T150000", "20261216T150000")]
    until = datetime(2031, 1, 1, tzinfo=UTC)
    read = [times[0] for times in ics_reader.occurrences(ics_of(one, None, now), until)]
    assert len(read) == 8
    assert [start for start in read if start > now.to_stdlib()] == [
        date.slot.start.to_instant().to_stdlib() for date in one.listed
    ]


def test_a_date_that_the_rule_has_nowhere_is_added() -> None:
    extra = moved(EIGHT[0], 1_440, longer=15)
    content = ics_of(replace(WEEKLY, listed=(EIGHT[0], extra, *EIGHT[1:])), INFO, NOW)
    until = datetime(2031, 1, 1, tzinfo=UTC)
    added = tuple(edge.to_instant().to_stdlib() for edge in (extra.slot.start, extra.slot.end))
    assert added in ics_reader.occurrences(content, until)
    assert len(ics_reader.occurrences(content, until)) == 9


def test_uid_stays_and_sequence_grows_with_time() -> None:
    first, later = (
        ics_reader.read(ics_of(one, None, now)).within("VEVENT")[0]
        for one, now in (
            (WEEKLY, NOW),
            (replace(WEEKLY, topic="Other", join_url=None), NOW.add(minutes=1)),
        )
    )
    assert first.one("UID").value == later.one("UID").value == "2401136018@ringcentral-meetings-mcp"
    assert int(later.one("SEQUENCE").value) == int(first.one("SEQUENCE").value) + 60
    assert first.one("DTSTAMP").value == "20261123T140000Z"


def test_text_is_escaped_and_folded_and_reads_back_the_same() -> None:
    event = ics_reader.read(ics_of(KINDS["difficult-topic"], INFO, NOW)).within("VEVENT")[0]
    assert event.one("SUMMARY").text == KINDS["difficult-topic"].shown_topic
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in event.one("SUMMARY").text


def test_it_holds_what_a_guest_needs_and_never_the_hosts_link() -> None:
    host_link = "https://meetings.ringcentral.com/s/2401136018?zpk=SECRET"
    content = ics_of(replace(WEEKLY, start_url=host_link), INFO, NOW)
    event = ics_reader.read(content).within("VEVENT")[0]
    assert event.one("LOCATION").text == WEEKLY.join_url == event.one("URL").value
    assert event.one("DESCRIPTION").text.splitlines() == [
        f"Join: {WEEKLY.join_url}",
        "Password: a1_@*-",
        "Meeting ID: 2401136018",
        "",
        "Dial in:",
        "+1 (646) 3573664 (New York, US)",
        "+33 1 70950103 (Paris, FR)",
        "More numbers: https://meetings.ringcentral.com/teleconference",
    ]
    assert b"SECRET" not in content


def test_the_numbers_are_those_of_the_meetings_countries_and_the_id_that_of_the_personal_room() -> None:
    options = MeetingSettings(global_dial_in_countries=["fr"], use_personal_meeting_id=True)
    lines = text_of(replace(WEEKLY, settings=options), INFO, None).splitlines()
    assert "+33 1 70950103 (Paris, FR)" in lines
    assert "+1 (646) 3573664 (New York, US)" not in lines
    assert "Meeting ID: 4155550101" in lines


def test_our_own_text_says_when_in_words_that_can_be_checked() -> None:
    assert text_of(WEEKLY, None, "Europe/Berlin").splitlines()[:5] == [
        "You are invited to a RingCentral meeting.",
        "",
        "Topic: Budget",
        "Time: Tuesday 2026-11-24T21:00+01:00 Europe/Berlin, 30 minutes",
        "Repeats: every week on Tuesday at 15:00 America/New_York, 8 times, last on 2027-01-12",
    ]


def test_ringcentrals_text_is_shown_line_by_line_without_hidden_characters_or_a_hosts_token() -> None:
    given_text = "Hi \u202eevil\u202c\r\n\r\nJoin: https://x.example/j/1\nStart: https://x.example/s/1?zpk=SECRET\n"
    assert shown_text(given_text) == "Hi evil\n\nJoin: https://x.example/j/1"
    assert len(shown_text("x" * 10_000)) == 6_000


def test_file_names_and_addresses_are_plain_whatever_the_topic_or_id() -> None:
    assert ics_name(replace(WEEKLY, topic="Réunion: ../../Budget\\2027?")) == "reunion-budget-2027.ics"
    assert ics_name(replace(WEEKLY, topic="会議")) == "meeting.ics"
    assert ics_uri("a/b?c") == "ringcentral://meetings/a%2Fb%3Fc.ics"


def test_a_meeting_without_a_time_has_no_calendar_file() -> None:
    with pytest.raises(Refused, match="no fixed time"):
        ics_of(Meeting("1", "Some day", "Recurring"), None, NOW)


# Through the tool


def file_of(answer: Answer) -> str:
    embedded, link = answer.attachments
    assert isinstance(embedded, EmbeddedResource)
    assert isinstance(link, ResourceLink)
    assert isinstance(embedded.resource, TextResourceContents)
    assert embedded.resource.mime_type == link.mime_type == "text/calendar"
    assert embedded.resource.uri == link.uri == answer.data["file_uri"]
    assert link.name == answer.data["file_name"]
    assert link.size == len(embedded.resource.text.encode())
    return embedded.resource.text


@pytest.mark.anyio
@pytest.mark.parametrize("mode", MODES)
async def test_the_tool_gives_ringcentrals_text_and_a_file_that_can_be_saved(mode: Mode) -> None:
    async with at_work(mode=mode) as assistant:
        rule = {"frequency": "Weekly", "weeklyByDays": ["Tuesday"], "count": 4}
        meeting_id = assistant.simulator.put_meeting(
            topic="Budget",
            meetingType="ScheduledRecurring",
            schedule=scheduled("2026-11-24T20:00:00Z"),
            recurrence=rule,
            password="a1",
        )
        date = (await assistant.call("list_meetings")).data["meetings"][1]
        await assistant.call(
            "delete_meeting",
            meeting_id=meeting_id,
            expected_topic="Budget",
            expected_start=date["start"],
            scope="occurrence",
            occurrence_id=date["occurrence_id"],
        )
        answer = await assistant.call("get_meeting_invitation", meeting_id=meeting_id)
        assert answer.data["text_by"] == "ringcentral"
        assert "Robin Ashdown is inviting you" in answer.data["text"]
        assert (answer.data["file_name"], answer.data["file_uri"]) == (
            "budget.ics",
            f"ringcentral://meetings/{meeting_id}.ics",
        )
        found = ics_reader.occurrences(file_of(answer).encode(), datetime(2028, 1, 1, tzinfo=UTC))
        assert [start.strftime("%m-%d %H:%M") for start, _ in found] == ["11-24 20:00", "12-08 20:00", "12-15 20:00"]
        assert "zpk" not in answer.text + file_of(answer)


@pytest.mark.anyio
@pytest.mark.parametrize("fault", ["status=404 code=CMN-120", "status=500", "malformed", "status=403 code=CMN-408"])
async def test_without_ringcentrals_text_it_is_our_own_with_the_dial_in_numbers(fault: str) -> None:
    async with at_work(faults=f"GET /invitation$ {fault}") as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled("2026-11-24T20:00:00Z"))
        answer = await assistant.call("get_meeting_invitation", meeting_id=meeting_id)
        assert answer.data["text_by"] == "server"
        assert "Time: Tuesday 2026-11-24T15:00-05:00 America/New_York, 30 minutes" in answer.data["text"]
        assert "+1 (646) 3573664 (New York, US)" in answer.data["text"]
        assert file_of(answer)


@pytest.mark.anyio
async def test_without_dial_in_facts_there_is_still_an_invitation() -> None:
    async with at_work(faults="GET /service-info$ status=500; GET /invitation$ status=500") as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Budget", schedule=scheduled("2026-11-24T20:00:00Z"))
        answer = await assistant.call("get_meeting_invitation", meeting_id=meeting_id)
        assert f"Meeting ID: {meeting_id}" in answer.data["text"]
        assert "Dial in" not in answer.data["text"]


@pytest.mark.anyio
async def test_a_meeting_without_a_time_has_a_text_and_no_file() -> None:
    async with at_work() as assistant:
        meeting_id = assistant.simulator.put_meeting(topic="Some day", meetingType="Recurring")
        answer = await assistant.call("get_meeting_invitation", meeting_id=meeting_id)
        assert answer.attachments == []
        assert "file_uri" not in answer.data
        assert "no .ics file" in answer.data["note"]


@pytest.mark.anyio
async def test_a_meeting_that_is_not_there_is_not_found() -> None:
    async with at_work() as assistant:
        refused = await assistant.call("get_meeting_invitation", meeting_id="123")
        assert refused.code == "not_found"
        assert len(assistant.sent("GET", "/meeting/")) == 1


@pytest.mark.parametrize("uri", [None, "ringcentral://meetings/1.ics"])
def test_a_file_that_is_too_large_to_attach_is_left_out_with_the_way_to_it(uri: str | None) -> None:
    found = MeetingInvitation(text="Join", text_by="server", file_name="a.ics", file_uri=uri, note="Attached")
    found.attach(b"x" * 100_000)
    assert [block.type for block in found.attachments()] == ["resource", "resource_link"][: 2 if uri else 1]
    smaller = found.with_less_attached()
    assert [block.type for block in smaller.attachments()] == (["resource_link"] if uri else [])
    assert "too large" in smaller.note
    assert ("read the resource file_uri" in smaller.note) == (uri is not None)
