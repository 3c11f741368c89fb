"""The server's calendar files, read by programs in JavaScript: `python -m clients.calendar_files NODE PACKAGE`.

PACKAGE is ical.js, which goes by the VTIMEZONE of a file alone, or node-ical, which knows zones by name. Prints the
package's version and exits with 0 if it finds every date at its moment, else with 1 and what is wrong.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from whenever import Instant

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.ics import ics_of
from ringcentral_meetings.domain.meeting import Meeting, Occurrence
from ringcentral_meetings.domain.timing import Rule, Slot

SCRIPT = Path(__file__).parent / "calendar_files.mjs"
NOW = Instant.from_utc(2026, 11, 23, hour=14)
END = Instant.from_utc(2034, 1, 1)
"""ical.js expands no zone beyond 2035."""

KNOWN_TO_ALL = ("America/New_York", "Europe/Berlin", "Australia/Sydney", "Asia/Tokyo")
"""Zones that every copy of the tz database has alike; node-ical reads those of Node."""

ZONES = (
    *KNOWN_TO_ALL,
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Vancouver",
    "America/Nuuk",
    "Europe/London",
    "Europe/Dublin",
    "Europe/Athens",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Jerusalem",
    "Asia/Gaza",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Pacific/Easter",
)
WEEKLY = Rule("Weekly")


@dataclass(frozen=True, slots=True)
class Case:
    """A calendar file and the starts that it stands for, in milliseconds since 1970."""

    name: str
    text: str
    starts: list[int]


def cases(zones: tuple[str, ...]) -> Iterator[Case]:
    for zone in zones:
        start = timing.parse_start("2026-11-24T15:00", zone)
        single = Meeting("1", "Any", "Scheduled", start, 30)
        yield case(f"{zone}, one-off", single)
        for name, rule in (
            ("half a year", replace(WEEKLY, count=26)),
            ("three years", replace(WEEKLY, until=start.add(years=3).to_instant())),
            ("endless", WEEKLY),
        ):
            yield case(f"{zone}, {name}", replace(single, meeting_type="ScheduledRecurring", rule=rule))
        yield case(f"{zone}, dates moved, deleted and longer", changed(replace(single, rule=replace(WEEKLY, count=20))))


def changed(series: Meeting) -> Meeting:
    """The series with a date moved within its day, one to the day before, one longer, one gone."""
    dates = [date.slot for date in series.occurrences(after=NOW)]
    dates[3] = Slot(dates[3].start.add(hours=1), dates[3].end.add(hours=1))
    dates[5] = Slot(dates[5].start.subtract(hours=26), dates[5].end.subtract(hours=26))
    dates[7] = replace(dates[7], end=dates[7].end.add(minutes=15))
    kept = [slot for number, slot in enumerate(dates) if number != 9]
    return replace(series, listed=tuple(Occurrence(f"{number}", slot) for number, slot in enumerate(kept)))


def case(name: str, meeting: Meeting) -> Case:
    starts = [date.slot.start.timestamp() * 1_000 for date in meeting.occurrences(after=NOW, before=END)]
    return Case(name, ics_of(meeting, None, NOW).decode(), starts)


def main(node: str, package: str) -> int:
    every = list(cases(ZONES if package == "ical.js" else KNOWN_TO_ALL))
    asked = {"package": package, "end": END.timestamp() * 1_000, "files": [one.text for one in every]}
    ended = subprocess.run([node, SCRIPT], input=json.dumps(asked), capture_output=True, text=True, check=False)
    if ended.returncode:
        print(ended.stderr)
        return 1
    answer = json.loads(ended.stdout)
    problems = []
    for one, found in zip(every, answer["starts"], strict=True):
        if one.starts != found:
            missing, extra = set(one.starts) - set(found), set(found) - set(one.starts)
            problems.append(f"{one.name}: of {len(one.starts)} dates {len(missing)} missing, {len(extra)} others")
    print("\n".join(problems) if problems else f"{package} {answer['version']}, {len(every)} files")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
