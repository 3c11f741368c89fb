"""The meetings that a new simulator begins with: the coming month of a busy person.

Everyone in it is invented. Some topics are hard to read for a careless program: an emoji, characters that change
the direction of the text, the same topic twice.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from ringcentral_meetings.simulator.meetings.occurrences import ahead
from ringcentral_meetings.simulator.meetings.operations import new_meeting
from ringcentral_meetings.simulator.meetings.recordings import record_meeting
from ringcentral_meetings.simulator.people import EXECUTIVE, OUTSIDER, OWNER, Person
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.store import Meeting, Progress
from ringcentral_meetings.simulator.times import iso, utc

MONDAY, TUESDAY, WEDNESDAY, FRIDAY = 0, 1, 2, 4
DAYS_A_WEEK = 7
WORKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
FIVE_MINUTES = 300
RECORDED_SERIES = {"Team weekly": "FREQ=WEEKLY;COUNT=2", "Design critique": "FREQ=WEEKLY;INTERVAL=2;COUNT=1"}
"""The series of which the first dates were recorded, by topic."""

DayTest = Callable[[date], bool]


class _Sample(NamedTuple):
    host: Person
    given: dict[str, Any]
    auto_started: bool = False

    def __call__(self, state: State) -> Meeting:
        return new_meeting(state, self.host.id, self.given, Progress(auto_started=self.auto_started))


def seed_meetings(state: State) -> None:
    """Store the meetings of a new simulator, and what was recorded of them."""
    for sample in _samples(state):
        sample(state)
    for meeting in state.store.all():
        _record(state, meeting)


def refill_meetings(state: State) -> int:
    """Store again the meetings of which no date lies ahead any more, and return how many.

    None where nothing is left of them, as in a database that somebody emptied.
    """
    samples, now = list(_samples(state)), state.moment()
    stored = {(meeting.host, meeting.body["topic"]) for meeting in state.store.all()}
    coming = {
        (one.host, one.body["topic"]) for one in state.store.all() if "schedule" not in one.body or ahead(one, now)
    }
    named = [(sample, (sample.host.id, sample.given["topic"])) for sample in samples]
    if not any(name in stored for _, name in named):
        return 0
    over = [sample for sample, name in named if name not in coming and "schedule" in sample.given]
    for sample in over:
        sample(state)
    return len(over)


def _samples(state: State) -> Iterator[_Sample]:
    """Yield the meetings that a simulator begins with today."""
    today = state.moment().astimezone(ZoneInfo(state.zones[OWNER.id])).date()
    yield _running(state)
    for day, clock, minutes, topic, more in _ONE_OFF:
        schedule = _schedule(state, OWNER, _workday(today, day), clock, minutes)
        yield _Sample(OWNER, {"topic": topic, "schedule": schedule, **more})
    for back, fits, clock, minutes, topic, recurrence, more in _SERIES:
        schedule = _schedule(state, OWNER, _first_day(today - timedelta(days=back), fits), clock, minutes)
        kind = {"meetingType": "ScheduledRecurring", "recurrence": recurrence}
        yield _Sample(OWNER, {"topic": topic, "schedule": schedule, **kind, **more})
    yield _Sample(OWNER, {"topic": "Open office hours", "meetingType": "Recurring"})
    for person, day, clock, topic in _OF_OTHERS:
        yield _Sample(person, {"topic": topic, "schedule": _schedule(state, person, _workday(today, day), clock, 45)})


def _running(state: State) -> _Sample:
    now = state.now()
    start = utc(now - now % FIVE_MINUTES - 2 * FIVE_MINUTES)
    schedule = {"startTime": iso(start), "durationInMinutes": 60, "timeZone": {"name": state.zones[OWNER.id]}}
    given = {"topic": "Incident review", "schedule": schedule, "muteParticipantsOnEntry": True}
    return _Sample(OWNER, given, auto_started=True)


def _record(state: State, meeting: Meeting) -> None:
    """Store the past dates of the series that are recorded, and office hours that ended five minutes ago."""
    topic, now = meeting.body["topic"], state.now()
    if topic in RECORDED_SERIES:
        schedule = meeting.body["schedule"]
        zone = ZoneInfo(schedule["timeZone"]["name"])
        first = datetime.fromisoformat(schedule["startTime"]).astimezone(zone).replace(tzinfo=None)
        starts = (date.replace(tzinfo=zone) for date in rrulestr(RECORDED_SERIES[topic], dtstart=first))
        for start in starts:
            if start.timestamp() < now:
                record_meeting(state, meeting.id, start, schedule["durationInMinutes"])
    if topic == "Open office hours":
        record_meeting(state, meeting.id, utc(now // 60 * 60) - timedelta(minutes=35), 30)


def _schedule(state: State, host: Person, day: date, clock: str, minutes: int) -> dict[str, Any]:
    zone = state.zones[host.id]
    local = datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone))
    return {"startTime": iso(local), "durationInMinutes": minutes, "timeZone": {"name": zone}}


def _first_day(day: date, fits: DayTest) -> date:
    while not fits(day):
        day += timedelta(days=1)
    return day


def _workday(today: date, number: int) -> date:
    """Return the working day that lies `number` working days after today."""
    day = today
    while number:
        day += timedelta(days=1)
        number -= day.weekday() <= FRIDAY
    return day


_ONE_OFF: tuple[tuple[int, str, int, str, dict[str, Any]], ...] = (
    (1, "13:00", 30, "Pricing page copy", {}),
    (1, "13:30", 60, "Quarterly forecast", {"password": "fc-2pm", "autoRecordType": "cloud"}),
    (1, "14:30", 30, "Vendor call: Northwind Paper", {"enableWaitingRoom": True}),
    (2, "09:30", 30, "Interview: platform engineer", {"enableWaitingRoom": True, "password": "Hire_42"}),
    (2, "16:00", 45, "Sync", {}),
    (4, "16:00", 45, "Sync", {"startHostVideo": True}),
    (3, "11:00", 60, "Launch party planning \N{PARTY POPPER}", {"allowJoinBeforeHost": True}),
    (5, "15:00", 30, "Contract \N{RIGHT-TO-LEFT OVERRIDE}tfard\N{POP DIRECTIONAL FORMATTING} review", {}),
    (6, "10:00", 90, "Board preparation", {"enforceLogin": True, "password": "B0ard*prep"}),
    (9, "12:00", 60, "Lunch and learn: réseaux et téléphonie", {"globalDialInCountries": ["US", "FR"]}),
    (14, "17:00", 30, "One to one with Helena", {"usePersonalMeetingId": True}),
    (19, "08:00", 240, "Team offsite", {"alternativeHosts": EXECUTIVE.email}),
)
_SERIES: tuple[tuple[int, DayTest, str, int, str, dict[str, Any], dict[str, Any]], ...] = (
    (
        14,
        lambda day: day.weekday() == TUESDAY,
        "10:00",
        30,
        "Team weekly",
        {"frequency": "Weekly", "interval": 1, "weeklyByDays": ["Tuesday"]},
        {},
    ),
    (
        14,
        lambda day: day.weekday() == MONDAY,
        "15:30",
        45,
        "Design critique",
        {"frequency": "Weekly", "interval": 2, "weeklyByDays": ["Monday", "Thursday"]},
        {"password": "crit"},
    ),
    (
        60,
        lambda day: day.weekday() == WEDNESDAY and day.day <= DAYS_A_WEEK,
        "11:30",
        60,
        "Budget round",
        {"frequency": "Monthly", "interval": 1, "monthlyByWeek": "First", "monthlyByWeekDay": "Wednesday"},
        {"enableWaitingRoom": True},
    ),
    (
        3,
        lambda day: day.weekday() <= FRIDAY,
        "09:00",
        15,
        "Stand-up",
        {"frequency": "Weekly", "interval": 1, "weeklyByDays": WORKDAYS, "count": 15},
        {},
    ),
)
_OF_OTHERS = (
    (EXECUTIVE, 1, "09:00", "Investor update"),
    (EXECUTIVE, 2, "14:00", "Press briefing"),
    (EXECUTIVE, 3, "14:00", "Strategy review"),
    (OUTSIDER, 1, "10:00", "Payroll audit"),
)
