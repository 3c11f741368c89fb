"""Feeds over real sockets: kept for a while, asked for again as their servers want it, unknown for a named reason."""

import gzip
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio
import pytest
from anyio.abc import ByteStream
from whenever import Instant

from authorities import listening
from bench.written_feeds import ROOM, calendar, event, large_feed
from calendars.feeds import OWNER, gaps, times
from ringcentral_meetings.calendars import Read
from ringcentral_meetings.calendars.feed import MAX_BYTES, Feed
from ringcentral_meetings.calendars.merging import MergedAgenda
from ringcentral_meetings.platform.certificates import trusted
from ringcentral_meetings.platform.guarded_fetch import Guarded

pytestmark = pytest.mark.anyio

MONTH = (Instant.from_utc(2026, 11, 1), Instant.from_utc(2026, 12, 1))
TUESDAY = ("DTSTART:20261124T140000Z", "DTEND:20261124T150000Z")
ON_TUESDAY = "2026-11-24 14:00 +60"
WHOLE_MONTH = "2026-11-01 00:00 +43200"
FEED = calendar(event(*TUESDAY, "SUMMARY:Budget", f"LOCATION:{ROOM}"))
SECRET = "/calendar/private-0123456789abcdef/basic.ics"
TRUST = trusted()
MICROSOFT, GOOGLE = "outlook.office365.com", "calendar.google.com"


def answer(body: bytes = b"", status: int = 200, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} As Told", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def redirect(location: str) -> bytes:
    return answer(status=302, Location=location)


@dataclass
class Publisher:
    """Answers by what `says` it, and keeps what it was asked."""

    says: Callable[[str], bytes] = lambda _: answer(FEED)
    asked: list[str] = field(default_factory=list)
    port: int = 0
    now: Instant = field(default_factory=lambda: Instant.from_utc(2026, 11, 23, hour=14))

    async def talk(self, stream: ByteStream) -> None:
        asked = (await stream.receive()).decode()
        self.asked.append(asked)
        await stream.send(self.says(asked))

    def feed(self, host: str = GOOGLE) -> Feed:
        async def resolve(_host: str, _port: int) -> list[str]:
            return ["127.0.0.1"]

        guarded = Guarded("tests/1", resolve=resolve, trust=TRUST)
        return Feed(f"http://{host}:{self.port}{SECRET}", guarded, OWNER, lambda: self.now)

    async def later(self, feed: Feed, seconds: float) -> Read:
        self.now = self.now.add(seconds=seconds)
        return await feed.events(*MONTH)


@asynccontextmanager
async def publishing(says: Callable[[str], bytes] | bytes = FEED) -> AsyncIterator[Publisher]:
    publisher = Publisher((lambda _: answer(says)) if isinstance(says, bytes) else says)
    async with listening(publisher.talk) as publisher.port:
        yield publisher


def causes(read: Read) -> list[tuple[str, str]]:
    return [(problem.host, problem.cause) for problem in read.problems]


async def test_a_feed_is_fetched_once_for_all_who_ask_at_once_and_kept_for_five_minutes() -> None:
    async with publishing() as publisher:
        feed = publisher.feed()
        async with anyio.create_task_group() as tasks:
            for _ in range(5):
                tasks.start_soon(feed.events, *MONTH)
        read = await publisher.later(feed, 299)
        assert (times(read), read.gaps, read.problems) == ([ON_TUESDAY], (), ())
        assert len(publisher.asked) == 1
        assert read.as_of == Instant.from_utc(2026, 11, 23, hour=14)
        assert (await publisher.later(feed, 2)).as_of == publisher.now
        assert len(publisher.asked) == 2


async def test_it_is_asked_for_again_only_where_it_has_changed() -> None:
    def says(asked: str) -> bytes:
        version = '"2"' if 'If-None-Match: "1"' in asked and publisher.now > changed else '"1"'
        unchanged = f"If-None-Match: {version}" in asked
        return (
            answer(status=304)
            if unchanged
            else answer(FEED, ETag=version, Last_Modified="Mon, 23 Nov 2026 09:00:00 GMT")
        )

    async with publishing(says) as publisher:
        changed = publisher.now.add(seconds=400)
        feed = publisher.feed()
        first = await feed.events(*MONTH)
        second = await publisher.later(feed, 301)
        assert (second.events, second.as_of, second.gaps) == (first.events, publisher.now, ())
        assert "If-Modified-Since: Mon, 23 Nov 2026 09:00:00 GMT" in publisher.asked[1]
        await publisher.later(feed, 301)
        await publisher.later(feed, 301)
        assert 'If-None-Match: "2"' in publisher.asked[3]


@pytest.mark.parametrize(
    ("host", "says", "cause"),
    [
        (GOOGLE, answer(status=404), "not_found"),
        (GOOGLE, answer(status=410), "not_found"),
        (GOOGLE, answer(status=401), "not_allowed"),
        (GOOGLE, answer(status=403), "not_allowed"),
        (GOOGLE, answer(status=429), "rate_limited"),
        (GOOGLE, answer(status=500), "server_error"),
        (GOOGLE, answer(status=304), "server_error"),
        (GOOGLE, answer(b"<html>Sign in</html>"), "switched_off"),
        (GOOGLE, answer(b"nothing to see"), "not_a_calendar"),
        (GOOGLE, redirect("https://login.example/"), "switched_off"),
        (GOOGLE, answer(b"x", Content_Length="900"), "unreachable"),
        (MICROSOFT, answer(status=500), "client_refused"),
        (MICROSOFT, answer(status=400), "client_refused"),
        (MICROSOFT, answer(status=404), "not_found"),
        (MICROSOFT, answer(b"<html>Outlook</html>"), "switched_off"),
    ],
)
async def test_each_cause_has_its_name_and_leaves_the_whole_span_unknown(host: str, says: bytes, cause: str) -> None:
    async with publishing(lambda _: says) as publisher:
        read = await publisher.feed(host).events(*MONTH)
    assert read.events == ()
    assert gaps(read) == [("unreadable", WHOLE_MONTH)]
    assert causes(read) == [(host, cause)]
    assert "private-0123456789abcdef" not in repr(read)


@pytest.mark.parametrize(
    ("path", "cause"),
    [("/owa/auth/errorfe.aspx?msg=OwaBasicUnsupportedException", "client_refused"), ("/mail/", "switched_off")],
)
async def test_microsofts_refusal_of_all_but_browsers_is_told_from_publishing_switched_off(
    path: str, cause: str
) -> None:
    def says(asked: str) -> bytes:
        if "basic.ics" in asked:
            return redirect(f"http://{MICROSOFT}:{publisher.port}{path}")
        return answer(b"<!DOCTYPE html><html></html>")

    async with publishing(says) as publisher:
        assert causes(await publisher.feed(MICROSOFT).events(*MONTH)) == [(MICROSOFT, cause)]


async def test_a_server_that_asks_for_a_pause_gets_it_and_one_that_fails_is_left_alone_for_a_minute() -> None:
    async with publishing(lambda _: answer(status=429, Retry_After="120")) as publisher:
        feed = publisher.feed()
        await feed.events(*MONTH)
        await publisher.later(feed, 119)
        assert len(publisher.asked) == 1
        await publisher.later(feed, 2)
        assert len(publisher.asked) == 2
        publisher.says = lambda _: answer(status=500)
        await publisher.later(feed, 121)
        await publisher.later(feed, 59)
        assert len(publisher.asked) == 3
        publisher.says = lambda _: answer(FEED)
        assert times(await publisher.later(feed, 2)) == [ON_TUESDAY]


async def test_the_last_copy_is_shown_for_an_hour_as_stale_and_then_no_more() -> None:
    async with publishing() as publisher:
        feed = publisher.feed()
        await feed.events(*MONTH)
        begun = publisher.now
        publisher.says = lambda _: answer(status=500)
        read = await publisher.later(feed, 3_590)
        assert (times(read), gaps(read), read.as_of) == ([ON_TUESDAY], [("stale", WHOLE_MONTH)], begun)
        assert causes(read) == [(GOOGLE, "server_error")]
        read = await publisher.later(feed, 20)
        assert (times(read), gaps(read)) == ([], [("unreadable", WHOLE_MONTH)])


async def test_what_exchange_does_not_publish_is_unknown_and_other_publishers_publish_all() -> None:
    far = (Instant.from_utc(2027, 4, 1), Instant.from_utc(2027, 7, 1))
    async with publishing() as publisher:
        read = await publisher.feed(MICROSOFT).events(*far)
        assert read.horizon == Instant.from_utc(2027, 5, 22, hour=14)
        assert gaps(read) == [("horizon", "2027-05-22 14:00 +56760")]
        read = await publisher.feed(GOOGLE).events(*far)
        assert (read.gaps, read.horizon) == ((), None)


async def test_a_feed_beyond_the_bound_is_answered_as_oversized_and_one_within_is_read() -> None:
    whole = large_feed(2_000)
    async with publishing(lambda _: answer(gzip.compress(whole), Content_Encoding="gzip")) as publisher:
        assert len((await publisher.feed().events(*MONTH)).events) > 50
    padded = gzip.compress(whole + b" " * MAX_BYTES)
    async with publishing(lambda _: answer(padded, Content_Encoding="gzip")) as publisher:
        read = await publisher.feed().events(*MONTH)
        assert (causes(read), read.events) == ([(GOOGLE, "too_large")], ())


async def test_several_feeds_are_one_agenda_with_each_meeting_once() -> None:
    mine = calendar(
        event(*TUESDAY, f"LOCATION:{ROOM}", "TRANSP:TRANSPARENT"), event("DTSTART:20261124T140000Z", uid="two")
    )
    async with publishing() as one, publishing(mine) as other, publishing(lambda _: answer(status=404)) as gone:
        other.now = one.now.subtract(seconds=60)
        read = await MergedAgenda([other.feed(), one.feed(), gone.feed("cloud.example.org")]).events(*MONTH)
    assert [(event_.link is not None, event_.blocks) for event_ in read.events] == [(False, False), (True, True)]
    assert gaps(read) == [("unreadable", WHOLE_MONTH)]
    assert causes(read) == [("cloud.example.org", "not_found")]
    assert read.as_of == other.now
