"""What is in the user's calendar: entries that were put there, and the scheduled meetings of RingCentral Meetings."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from ringcentral_meetings.simulator.ids import digest
from ringcentral_meetings.simulator.meetings.occurrences import WEEKS, start_of
from ringcentral_meetings.simulator.meetings.rendering import links
from ringcentral_meetings.simulator.people import OWNER
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.store import Meeting

MINUTES_A_DAY = 1_440


@dataclass(frozen=True)
class Entry:
    """One entry of a calendar.

    `start` is local time in `zone` (`2026-11-24T09:00`), or a date for whole days. `rule` is an RRULE, `removed` holds
    local starts that are no dates of it. `organizer` is an extension id; a `free` entry keeps nobody busy.
    """

    uid: str
    title: str
    start: str
    minutes: int
    zone: str
    rule: str | None = None
    removed: tuple[str, ...] = ()
    link: str | None = None
    password: str | None = None
    organizer: str = OWNER.id
    free: bool = False
    declined: bool = False

    @property
    def whole_days(self) -> bool:
        """Whether it lasts for whole days."""
        return "T" not in self.start

    def first(self) -> datetime:
        """Return its first start."""
        return datetime.fromisoformat(self.start).replace(tzinfo=ZoneInfo(self.zone))

    def ends(self, start: datetime) -> datetime:
        """Return the end of a date of it: so many minutes later, or days by the calendar."""
        days, minutes = divmod(self.minutes, MINUTES_A_DAY) if self.whole_days else (0, self.minutes)
        moved = start + timedelta(days=days)
        return (moved.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(start.tzinfo)

    def dates(self, after: datetime, before: datetime) -> Iterator[datetime]:
        """Return the starts of its dates between two moments."""
        if self.rule is None:
            found = [self.first()]
        else:
            found = rrulestr(self.rule, dtstart=self.first()).between(after, before, inc=True)
        return (start for start in found if after <= start < before and start.isoformat()[:16] not in self.removed)


def add_entry(state: State, fields: dict[str, Any]) -> str:
    """Put an entry into the calendar, and return its uid; a uid and the user's zone are added if they are missing."""
    uid = fields.get("uid") or f"{digest(state.seed, 'entry', state.store.count('entry'))[:26]}@google.com"
    entry = Entry(**{"zone": state.zones[OWNER.id], **fields, "uid": uid})
    state.store.run("INSERT INTO entries (uid, body) VALUES (?, ?)", uid, json.dumps(asdict(entry)))
    return uid


def entries(state: State) -> list[Entry]:
    """Return what is in the calendar now."""
    stored = [json.loads(row["body"]) for row in state.store.run("SELECT body FROM entries ORDER BY position")]
    put = [Entry(**{**body, "removed": tuple(body["removed"])}) for body in stored]
    hosted = state.store.hosted_by(OWNER.id)
    return put + [_of_meeting(meeting) for meeting in hosted if "schedule" in meeting.body]


def _of_meeting(meeting: Meeting) -> Entry:
    """Return the entry that RingCentral's add-ins make of a scheduled meeting."""
    body, schedule = meeting.body, meeting.body["schedule"]
    zone = ZoneInfo(schedule["timeZone"]["name"])
    removed = (datetime.fromtimestamp(int(one) // 1000, zone) for one in meeting.progress.removed)
    return Entry(
        uid=f"{digest(body['uuid'])[:26]}@ringcentral.com",
        title=body["topic"],
        start=start_of(schedule).astimezone(zone).isoformat()[:16],
        minutes=schedule["durationInMinutes"],
        zone=zone.key,
        rule=_rule(body["recurrence"], meeting.progress.held) if "recurrence" in body else None,
        removed=tuple(one.isoformat()[:16] for one in removed),
        link=links(meeting)["joinUri"],
        password=body.get("password") or None,
    )


def _rule(recurrence: dict[str, Any], held: int) -> str:
    parts = {"FREQ": recurrence["frequency"].upper(), "INTERVAL": str(recurrence.get("interval", 1)), "WKST": "SU"}
    if recurrence["frequency"] == "Weekly" and recurrence.get("weeklyByDays"):
        parts["BYDAY"] = ",".join(_short(day) for day in recurrence["weeklyByDays"])
    elif "monthlyByWeek" in recurrence:
        parts["BYDAY"] = f"{WEEKS[recurrence['monthlyByWeek']]}{_short(recurrence['monthlyByWeekDay'])}"
    elif "monthlyByDay" in recurrence:
        parts["BYMONTHDAY"] = str(recurrence["monthlyByDay"])
    if "count" in recurrence:
        parts["COUNT"] = str(max(recurrence["count"] - held, 1))
    elif recurrence.get("until"):
        parts["UNTIL"] = datetime.fromisoformat(recurrence["until"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    return ";".join(f"{name}={value}" for name, value in parts.items())


def _short(day: str) -> str:
    return day[:2].upper()


def workday(today: date, number: int) -> date:
    """Return the working day that lies `number` working days after a day."""
    day = today
    while number:
        day += timedelta(days=1)
        number -= day.weekday() < 5
    return day
