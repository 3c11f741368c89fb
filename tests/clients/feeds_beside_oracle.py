"""Compares the dates that the reader of feeds finds with those of recurring-ical-events, over random series.

`python -m clients.feeds_beside_oracle [--count N] [--seed N] COMMAND...`; COMMAND answers as `feed_oracle.py` does. The
exit code is 0 where both agree on every feed. Two differences are meant: a date with a clock change within it lasts as
long as the first one here (RFC 5545 section 3.8.5.3), there until the same time of day; and a moved date whose own date
is in EXDATE too, as some calendars write it, is kept here and dropped there, so that no such feed is made.
"""

import argparse
import json
import random
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from whenever import Instant

from bench.written_feeds import calendar, event
from calendars.feeds import OWNER
from ringcentral_meetings.calendars.reader import FeedReader

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Sydney", "Asia/Kolkata", "America/Sao_Paulo", "Europe/London")
WINDOWS = (("2026-03-01", 60), ("2026-10-15", 40), ("2026-11-01", 7), ("2026-01-01", 365))
MOST_SHOWN = 10


def main() -> int:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    asked = [_question(chance) for _ in range(given.count)]
    said = subprocess.run(
        given.command,
        input="".join(f"{json.dumps(one)}\n" for one in asked),
        capture_output=True,
        text=True,
        check=True,
    )
    first, *answers = [json.loads(line) for line in said.stdout.splitlines()]
    pairs = [(one, theirs, _ours(one)) for one, theirs in zip(asked, answers, strict=True) if theirs is not None]
    differing = [pair for pair in pairs if _with_exact_lengths(*pair) != pair[2]]
    for one, theirs, ours in differing[:MOST_SHOWN]:
        alone = f"theirs alone: {_only(theirs, ours)}\nours alone: {_only(ours, theirs)}"
        sys.stdout.write(f"{one['feed']}\n{one['start']} {one['end']}\n{alone}\n\n")
    alike = len(pairs) - len(differing)
    sys.stdout.write(
        f"recurring-ical-events {first['version']}: {alike} of {len(asked)} feeds alike, {len(differing)} differ, "
        f"{answers.count(None)} refused by it\n"
    )
    return 1 if differing else 0


def _question(chance: random.Random) -> dict[str, Any]:
    start, days = chance.choice(WINDOWS)
    begins = Instant.parse_iso(f"{start}T00:00:00Z").timestamp()
    zone = chance.choice(ZONES)
    return {"feed": _feed(chance, zone).decode(), "zone": zone, "start": begins, "end": begins + days * 86_400}


def _with_exact_lengths(asked: dict[str, Any], theirs: list[list[int]], ours: list[list[int]]) -> list[list[int]]:
    """Their dates, with our end where clocks change between start and end."""
    zone, ends = ZoneInfo(asked["zone"]), {date[0]: date[1] for date in ours}
    return [
        [start, ends.get(start, end) if _changes(zone, start, max(end, ends.get(start, end))) else end]
        for start, end in theirs
    ]


def _changes(zone: ZoneInfo, start: int, end: int) -> bool:
    # A date that begins in a skipped hour is moved by it, and is as long as ever.
    return len({datetime.fromtimestamp(moment, zone).utcoffset() for moment in (start - 3_600, start, end)}) > 1


def _ours(asked: dict[str, Any]) -> list[list[int]]:
    reader = FeedReader.of(asked["feed"].encode(), OWNER)
    read = reader.events(*(Instant.from_timestamp(asked[edge]) for edge in ("start", "end")))
    return sorted([one.start.timestamp(), one.end.timestamp()] for one in read.events)


def _only(some: list[list[int]], others: list[list[int]]) -> list[str]:
    return [
        " to ".join(Instant.from_timestamp(edge).format_iso() for edge in one) for one in some if one not in others
    ][:5]


def _feed(chance: random.Random, zone: str) -> bytes:
    whole_days = chance.random() < 0.2
    start = datetime(chance.choice((2019, 2025, 2026)), 1, 1) + timedelta(
        days=chance.randrange(360),
        hours=0 if whole_days else chance.randrange(24),
        minutes=0 if whole_days else chance.choice((0, 30)),
    )
    length = (
        timedelta(days=chance.choice((1, 2))) if whole_days else timedelta(minutes=chance.choice((15, 30, 60, 120)))
    )
    form = _Form(zone, whole_days)
    start, rule = _rule(chance, start, form)
    lines = [*form.span(start, length), f"RRULE:{rule}"]
    dates = [start + timedelta(days=7 * n) for n in range(60)]
    removed = chance.choice(dates) if chance.random() < 0.4 else None
    if removed is not None:
        lines.append(f"EXDATE{form.parameters}:{form.wall(removed)}")
    if chance.random() < 0.2:
        lines.append(f"RDATE{form.parameters}:{form.wall(start + timedelta(days=chance.randrange(1, 300)))}")
    parts = [event(*lines)]
    if chance.random() < 0.4:
        replaced = chance.choice([one for one in dates if one != removed])
        moved = replaced + timedelta(
            days=chance.choice((-1, 0, 2)), hours=0 if whole_days else chance.choice((-2, 1, 5))
        )
        status = ["STATUS:CONFIRMED", "SEQUENCE:1"]
        parts.append(event(f"RECURRENCE-ID{form.parameters}:{form.wall(replaced)}", *form.span(moved, length), *status))
    return calendar(*parts)


class _Form:
    def __init__(self, zone: str, whole_days: bool) -> None:
        self.whole_days = whole_days
        self.parameters = ";VALUE=DATE" if whole_days else f";TZID={zone}"

    def wall(self, moment: datetime) -> str:
        return f"{moment:%Y%m%d}" if self.whole_days else f"{moment:%Y%m%dT%H%M%S}"

    def span(self, start: datetime, length: timedelta) -> list[str]:
        return [f"DTSTART{self.parameters}:{self.wall(start)}", f"DTEND{self.parameters}:{self.wall(start + length)}"]


def _rule(chance: random.Random, start: datetime, form: _Form) -> tuple[datetime, str]:
    days = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    own = days[start.weekday()]
    rule = chance.choice(
        [
            f"FREQ=DAILY;INTERVAL={chance.randrange(1, 5)}",
            f"FREQ=WEEKLY;INTERVAL={chance.randrange(1, 4)}",
            f"FREQ=WEEKLY;WKST={chance.choice(days)};INTERVAL=2;BYDAY={','.join(sorted({own, chance.choice(days)}))}",
            f"FREQ=MONTHLY;BYDAY={(start.day - 1) // 7 + 1}{own}",
            "FREQ=MONTHLY",
            f"FREQ=MONTHLY;BYMONTHDAY={start.day},-1",
            "FREQ=YEARLY",
            f"FREQ=YEARLY;BYMONTH={start.month},11",
            "FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR,SA,SU",
        ]
    )
    end = chance.choice(["", f";COUNT={chance.randrange(1, 80)}", "UNTIL"])
    if end == "UNTIL":
        until = start + timedelta(days=chance.randrange(0, 900))
        end = f";UNTIL={until:%Y%m%d}" if form.whole_days else f";UNTIL={until:%Y%m%dT%H%M%S}Z"
    return start, rule + end


if __name__ == "__main__":
    sys.exit(main())
