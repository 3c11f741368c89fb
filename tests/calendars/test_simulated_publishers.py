"""The simulator's publishers and the failures that they can be switched to, read as feeds."""

import pytest
from whenever import Instant, ZonedDateTime

from assistant import MONDAY
from calendars.feeds import gaps, times
from ringcentral_meetings.calendars import Read
from ringcentral_meetings.calendars.entries import Owner
from ringcentral_meetings.calendars.feed import Feed
from ringcentral_meetings.platform.guarded_fetch import Guarded
from ringcentral_meetings.simulator import Faults, Provider, Simulator
from ringcentral_meetings.simulator.calendars.publishers import PublisherName, microsoft

pytestmark = pytest.mark.anyio

HOSTS: dict[PublisherName, str] = {
    "google": "calendar.google.com",
    "microsoft": "outlook.office365.com",
    "icloud": "p101-caldav.icloud.com",
    "busy": "calendar.google.com",
}
ROBIN = Owner("America/New_York", frozenset({Simulator.owner_email}))
WEEK = (MONDAY, MONDAY.add(hours=7 * 24))
WHOLE_WEEK = "2026-11-23 14:00 +10080"


class Visitor:
    """Who reads the feed of one publisher; time passes only in `later`."""

    def __init__(
        self, publisher: PublisherName, faults: str = "", provider: Provider = "RCVideo", agent: str = "tests/1"
    ) -> None:
        self.now = MONDAY
        self.simulator = Simulator(
            clock=self._seconds, provider=provider, faults=Faults.parse(faults), sleep=self._sleep
        )
        address = f"https://{HOSTS[publisher]}{self.simulator.feeds()[publisher]}"
        self.feed = Feed(address, Guarded(agent, transport=self.simulator.transport()), ROBIN, lambda: self.now)

    def _seconds(self) -> float:
        return self.now.timestamp()

    async def _sleep(self, seconds: float) -> None:
        self.now = self.now.add(seconds=seconds)

    async def read(self, window: tuple[Instant, Instant] = WEEK) -> Read:
        return await self.feed.events(*window)

    async def later(self, seconds: float) -> Read:
        self.now = self.now.add(seconds=seconds)
        return await self.read()


def busy_times(read: Read) -> list[tuple[Instant, Instant]]:
    return sorted((one.start, one.end) for one in read.events if one.blocks)


@pytest.mark.parametrize("provider", ["RCVideo", "RCMeetings"])
@pytest.mark.parametrize("publisher", list(HOSTS))
async def test_every_publisher_says_when_the_person_is_busy(publisher: PublisherName, provider: Provider) -> None:
    expected = busy_times(await Visitor("icloud", provider=provider).read())
    assert len(expected) > 10
    read = await Visitor(publisher, provider=provider).read()
    assert busy_times(read) == expected
    assert (read.gaps, read.unreadable, read.problems) == ((), 0, ())


@pytest.mark.parametrize("publisher", ["google", "microsoft", "icloud"])
async def test_the_links_and_titles_are_those_of_the_rooms(publisher: PublisherName) -> None:
    visitor = Visitor(publisher)
    rooms = {room["pins"]["web"]: room["name"] for room in visitor.simulator.bridges()}
    found = [one for one in (await visitor.read()).events if one.link is not None]
    assert {one.title for one in found} >= {"Stand-up", "Team weekly", "Quarterly forecast", "All hands"}
    for one in found:
        assert one.link is not None
        assert rooms[one.link.name] == one.title


async def test_of_meetings_the_calendar_has_the_dates_that_the_platform_has() -> None:
    visitor = Visitor("google", provider="RCMeetings")
    read = await visitor.read()
    for meeting in visitor.simulator.meetings():
        if meeting["host"]["id"] != Simulator.owner_id or "occurrences" not in meeting:
            continue
        starts = [Instant.parse_iso(one["startTime"]) for one in meeting["occurrences"]]
        linked = [one.start for one in read.events if one.link is not None and one.link.name == meeting["id"]]
        assert linked == [start for start in starts if WEEK[0] <= start < WEEK[1]]


async def test_the_person_has_declined_what_the_calendar_says_and_is_free_then() -> None:
    found = [one for one in (await Visitor("google").read()).events if one.kind == "declined"]
    assert [one.title for one in found] == ["Investor update"]


@pytest.mark.parametrize(
    ("publisher", "fault", "cause"),
    [
        ("microsoft", "gate", "client_refused"),
        ("microsoft", "status=400", "client_refused"),
        ("microsoft", "redirect=/mail/", "switched_off"),
        ("google", "html=200", "switched_off"),
        ("google", "redirect=https://accounts.example.com/signin", "switched_off"),
        ("google", "status=404", "not_found"),
        ("google", "not_modified", "server_error"),
        ("google", "rate_limit=120", "rate_limited"),
        ("icloud", "latency=16", "timeout"),
        ("icloud", "drip=16", "timeout"),
        ("icloud", "drop_after", "unreachable"),
        ("icloud", "truncated", "unreachable"),
        ("icloud", "huge=17", "too_large"),
        ("icloud", "gzip_bomb=17", "too_large"),
        ("icloud", "malformed", "not_a_calendar"),
        ("icloud", "empty", "not_a_calendar"),
    ],
)
async def test_each_failure_has_its_cause_and_leaves_the_time_unknown(
    publisher: PublisherName, fault: str, cause: str
) -> None:
    visitor = Visitor(publisher, f"GET calendar|published {fault}")
    read = await visitor.read()
    assert (read.events, gaps(read)) == ((), [("unreadable", WHOLE_WEEK)])
    assert [(problem.host, problem.cause) for problem in read.problems] == [(HOSTS[publisher], cause)]


async def test_a_user_agent_that_the_tenant_allows_passes_the_gate() -> None:
    visitor = Visitor("microsoft", "GET /owa/calendar/ gate", agent="Mozilla/5.0 (compatible)")
    assert times(await visitor.read()) == times(await Visitor("microsoft").read())


async def test_on_a_host_of_a_companys_own_exchange_is_known_by_its_addresses() -> None:
    visitor = Visitor("microsoft", "GET /owa/calendar/ gate x1")
    address = f"https://mail.example.com{visitor.simulator.feeds()['microsoft']}"
    feed = Feed(address, Guarded("tests/1", transport=visitor.simulator.transport()), ROBIN, lambda: visitor.now)
    assert [problem.cause for problem in (await feed.events(*WEEK)).problems] == ["client_refused"]
    visitor.now = visitor.now.add(seconds=61)
    far = (Instant.from_utc(2027, 6, 1), Instant.from_utc(2027, 6, 2))
    assert [gap.reason for gap in (await feed.events(*far)).gaps] == ["horizon"]


async def test_a_file_that_ends_early_is_known_as_far_as_it_goes() -> None:
    read = await Visitor("google", "GET basic.ics cut_off").read()
    assert gaps(read) == [("cut_off", WHOLE_WEEK)]
    assert 0 < len(read.events) < len((await Visitor("google").read()).events)


async def test_what_has_not_changed_is_not_sent_again() -> None:
    visitor = Visitor("icloud")
    before = await visitor.read()
    after = await visitor.later(301)
    assert [call.status for call in visitor.simulator.calls] == [200, 304]
    assert after.as_of == visitor.now
    assert after.events[-1] == before.events[-1]


async def test_the_horizon_of_exchange_is_where_nothing_is_known_any_more() -> None:
    june = (Instant.from_utc(2027, 6, 1), Instant.from_utc(2027, 6, 30))
    visitor = Visitor("microsoft")
    visitor.simulator.put_entry(title="Far", start="2027-06-15T09:00", minutes=60)
    assert [gap.reason for gap in (await visitor.read(june)).gaps] == ["horizon"]
    assert len((await Visitor("google").read(june)).gaps) == 0


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Tokyo", "America/Sao_Paulo"])
async def test_windows_names_are_the_zones_that_they_mean_without_a_definition(zone: str) -> None:
    visitor = Visitor("microsoft")
    visitor.simulator.put_entry(title="Abroad", start="2026-11-28T09:00", minutes=45, zone=zone)
    start = ZonedDateTime(2026, 11, 28, 9, tz=zone).to_instant()
    assert (start, start.add(minutes=45)) in busy_times(await visitor.read())
    written = microsoft(visitor.simulator).decode()
    assert "Standard Time:20261128T090000" in written
    assert "VTIMEZONE" not in written


async def test_without_texts_the_times_are_known_and_the_links_are_not() -> None:
    read = await Visitor("busy").read()
    assert read.shows_links is False
    assert not [one for one in read.events if one.link is not None or one.title is not None]
