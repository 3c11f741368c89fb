"""When a meeting takes place: schedule and recurrence, expanded to occurrences.

An occurrence keeps its local time across clock changes; a local time that a change skips is read with the
offset before the change. Not known of the platform, and assumed here: a month without the given day has no
occurrence.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule

from ringcentral_meetings.simulator.store import Meeting

MOST_OCCURRENCES = 50
MOST_STARTED = 10_000
MINUTES_A_DAY = 1440
MARGIN_DAYS = 2
FREQUENCIES: dict[str, Literal[1, 2, 3]] = {"Daily": DAILY, "Weekly": WEEKLY, "Monthly": MONTHLY}
DAYS = {
    "Monday": MO,
    "Tuesday": TU,
    "Wednesday": WE,
    "Thursday": TH,
    "Friday": FR,
    "Saturday": SA,
    "Sunday": SU,
}
WEEKS = {"First": 1, "Second": 2, "Third": 3, "Fourth": 4, "Last": -1}


@dataclass(frozen=True)
class Occurrence:
    """One time at which a meeting takes place, in UTC."""

    start: datetime
    minutes: int

    @property
    def id(self) -> str:
        """The start in milliseconds since 1970, as the API identifies an occurrence."""
        return str(int(self.start.timestamp()) * 1000)

    @property
    def end(self) -> datetime:
        """The end in UTC."""
        return self.start + timedelta(minutes=self.minutes)

    def covers(self, moment: datetime) -> bool:
        """Return whether the occurrence is in progress at a moment."""
        return self.start <= moment < self.end


def ahead(meeting: Meeting, now: datetime) -> list[Occurrence]:
    """Return the occurrences of a meeting that are not over, at most 50 of a series.

    Removed occurrences are left out; a meeting without a schedule has none.
    """
    body, removed = meeting.body, meeting.progress.removed
    if "schedule" not in body:
        return []
    minutes = body["schedule"]["durationInMinutes"]
    days = minutes // MINUTES_A_DAY + MARGIN_DAYS
    starts: Iterable[datetime] = [start_of(body["schedule"])]
    if body["meetingType"] == "ScheduledRecurring":
        series = json.dumps([body["schedule"], _counted(body["recurrence"], meeting.progress.held)])
        starts = _starts(series, now.date() - timedelta(days), MOST_OCCURRENCES + 2 * days + len(removed))
    slots = (Occurrence(start, minutes) for start in starts)
    live = (slot for slot in slots if slot.end > now and slot.id not in removed)
    return list(islice(live, MOST_OCCURRENCES))


def _counted(recurrence: dict[str, Any], held: int) -> dict[str, Any]:
    """Return the recurrence with the dates that are left of its count."""
    return {**recurrence, "count": max(recurrence["count"] - held, 0)} if held and "count" in recurrence else recurrence


def started(meeting: Meeting, now: datetime) -> int:
    """Return how many dates of a series have begun, cancelled ones included."""
    series = json.dumps([meeting.body["schedule"], meeting.body["recurrence"]])
    starts = _starts(series, start_of(meeting.body["schedule"]).date() - timedelta(MARGIN_DAYS), MOST_STARTED)
    return sum(start <= now for start in starts)


def on_new_clock(meeting: Meeting, schedule: dict[str, Any]) -> list[str]:
    """Return the ids of the removed occurrences on the same days at the time of day of another schedule."""
    old, new = (ZoneInfo(one["timeZone"]["name"]) for one in (meeting.body["schedule"], schedule))
    clock = start_of(schedule).astimezone(new).time()
    moments = (datetime.fromtimestamp(int(one) // 1000, old) for one in meeting.progress.removed)
    return [Occurrence(datetime.combine(one.date(), clock, new).astimezone(UTC), 0).id for one in moments]


def start_of(schedule: dict[str, Any]) -> datetime:
    """Return the start of a stored schedule in UTC."""
    return datetime.fromisoformat(schedule["startTime"]).astimezone(UTC)


@lru_cache(maxsize=1024)
def _starts(series: str, since: date, most: int) -> tuple[datetime, ...]:
    """Return the starts of a series from a day on; cached, because most calls of a day need the same ones."""
    schedule, recurrence = json.loads(series)
    zone = ZoneInfo(schedule["timeZone"]["name"])
    rule = _rule(recurrence, start_of(schedule).astimezone(zone).replace(tzinfo=None), zone)
    walls = rule.xafter(datetime.combine(since, time()), inc=True)
    return tuple(wall.replace(tzinfo=zone).astimezone(UTC) for wall in islice(walls, most))


def _rule(recurrence: dict[str, Any], first: datetime, zone: ZoneInfo) -> rrule:
    until = recurrence.get("until")
    last = datetime.fromisoformat(until).astimezone(zone).replace(tzinfo=None) if until else None
    return rrule(
        FREQUENCIES[recurrence["frequency"]],
        dtstart=first,
        interval=recurrence.get("interval", 1),
        count=recurrence.get("count"),
        until=last,
        wkst=SU,
        **_days(recurrence),
    )


def _days(recurrence: dict[str, Any]) -> dict[str, Any]:
    if recurrence["frequency"] == "Weekly" and recurrence.get("weeklyByDays"):
        return {"byweekday": [DAYS[day] for day in recurrence["weeklyByDays"]]}
    if recurrence["frequency"] != "Monthly":
        return {}
    if "monthlyByWeek" in recurrence:
        return {"byweekday": DAYS[recurrence["monthlyByWeekDay"]](WEEKS[recurrence["monthlyByWeek"]])}
    return {"bymonthday": recurrence["monthlyByDay"]} if "monthlyByDay" in recurrence else {}
