"""When a meeting takes place: the schedule and the recurrence, expanded to instants.

An occurrence keeps its wall time across clock changes. A wall time that a change skips is read with the
offset before the change. A month without the given day has no occurrence [not known of the platform].
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import DAILY, FR, MO, MONTHLY, SA, SU, TH, TU, WE, WEEKLY, rrule

from ringcentral_meetings.simulator.store import Meeting

MOST_OCCURRENCES = 50
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
        """The start in milliseconds since 1970, as a string."""
        return str(int(self.start.timestamp()) * 1000)

    @property
    def end(self) -> datetime:
        """When it is over, in UTC."""
        return self.start + timedelta(minutes=self.minutes)

    def covers(self, moment: datetime) -> bool:
        """Say whether it is going on at a moment."""
        return self.start <= moment < self.end


def ahead(meeting: Meeting, now: datetime) -> list[Occurrence]:
    """Return the occurrences of a meeting that are not over, at most 50 however long the series is.

    Removed occurrences are left out; a meeting without a schedule has none.
    """
    if "schedule" not in meeting.body:
        return []
    every = _every(meeting.body, now)
    live = (slot for slot in every if slot.end > now and slot.id not in meeting.progress.removed)
    return list(islice(live, MOST_OCCURRENCES))


def start_of(schedule: dict[str, Any]) -> datetime:
    """Return the start of a stored schedule in UTC."""
    return datetime.fromisoformat(schedule["startTime"]).astimezone(UTC)


def iso(moment: datetime) -> str:
    """Return a moment as the API writes it: whole seconds, UTC, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _every(body: dict[str, Any], now: datetime) -> Iterator[Occurrence]:
    schedule = body["schedule"]
    first, minutes = start_of(schedule), schedule["durationInMinutes"]
    if body["meetingType"] != "ScheduledRecurring":
        yield Occurrence(first, minutes)
        return
    zone = ZoneInfo(schedule["timeZone"]["name"])
    since = now - timedelta(minutes=minutes) - timedelta(days=1)
    rule = _rule(body["recurrence"], first.astimezone(zone).replace(tzinfo=None), zone)
    for wall in rule.xafter(since.astimezone(zone).replace(tzinfo=None), inc=True):
        yield Occurrence(wall.replace(tzinfo=zone).astimezone(UTC), minutes)


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
