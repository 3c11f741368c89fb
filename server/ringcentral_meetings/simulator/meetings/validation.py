"""What the API accepts in the body of a meeting request, and the errors it answers with otherwise.

Sources: API reference, "Create Meeting"; the rules for passwords and recurring meetings are those of RingCentral's
own scheduling widget; fractional seconds are refused according to the tests of its SDKs. That an error names the
top-level field is known of `schedule` and `password` only, and assumed of the others.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ringcentral_meetings.simulator.meetings.occurrences import DAYS, FREQUENCIES, WEEKS
from ringcentral_meetings.simulator.replies import invalid
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.times import iso
from ringcentral_meetings.simulator.zones import GMT, zone_name

MEETING_TYPES = ("Instant", "Scheduled", "ScheduledRecurring", "Recurring")
READ_ONLY = frozenset(
    ("uri", "uuid", "id", "h323Password", "status", "links", "occurrences", "pmi", "host", "reccurence")
)
DEFAULTS: dict[str, Any] = {
    "password": "",
    "allowJoinBeforeHost": False,
    "startHostVideo": False,
    "startParticipantsVideo": False,
    "usePersonalMeetingId": False,
    "audioOptions": ["Phone", "ComputerAudio"],
    "autoRecordType": "none",
    "enforceLogin": False,
    "muteParticipantsOnEntry": False,
    "enableWaitingRoom": False,
    "globalDialInCountries": [],
    "alternativeHosts": "",
}
DEFAULT_MINUTES = 60
MOST_MINUTES = 100_000
MOST_INTERVALS = {"Daily": 90, "Weekly": 12, "Monthly": 3}

_PASSWORD = re.compile(r"[\w@*-]{0,10}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", re.ASCII)

Check = Callable[[Any], bool]


def checked_fields(body: Mapping[str, Any], switches: Switches) -> dict[str, Any]:
    """Return the attributes given in a request as they are stored, unknown ones included.

    Nulls and read-only attributes are dropped. Raises ApiError CMN-101 naming the first invalid field.
    """
    given = {name: value for name, value in body.items() if value is not None and name not in READ_ONLY}
    for name, check in _CHECKS.items():
        if name in given and not check(given[name]):
            raise invalid(name)
    if "schedule" in given:
        given["schedule"] = _checked_schedule(given["schedule"], switches)
    if "recurrence" in given:
        given["recurrence"] = _checked_recurrence(given["recurrence"])
    return given


def check_combination(body: dict[str, Any]) -> None:
    """Check that the attributes of a whole meeting go together.

    Raises ApiError CMN-101: scheduled types need a schedule and `Recurring` must not have one; a series needs a
    recurrence and other types must not have one. The schedule of an instant meeting is dropped.
    """
    kind = body["meetingType"]
    if kind == "Instant":
        body.pop("schedule", None)
    if ("schedule" in body) is not (kind in ("Scheduled", "ScheduledRecurring")):
        raise invalid("schedule")
    if kind == "ScheduledRecurring" and "recurrence" not in body:
        raise invalid("recurrence")
    if kind in ("Instant", "Scheduled") and "recurrence" in body:
        raise invalid("recurrence")


def moment(value: Any) -> datetime | None:
    """Return a date-time of the API, whole seconds with `Z` or an offset, or None if it is invalid.

    Not known of the platform, and assumed here: years before 1970 and after 2199 are invalid.
    """
    if not isinstance(value, str) or not _MOMENT.fullmatch(value) or not "1970" <= value[:4] < "2200":
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _checked_schedule(schedule: dict[str, Any], switches: Switches) -> dict[str, Any]:
    start = moment(schedule.get("startTime"))
    minutes = schedule.get("durationInMinutes", DEFAULT_MINUTES)
    name = _checked_zone(schedule.get("timeZone"), switches)
    if start is None or name is None or not _integer_between(1, MOST_MINUTES)(minutes):
        raise invalid("schedule")
    return {
        **schedule,
        "startTime": iso(start),
        "durationInMinutes": minutes,
        "timeZone": {"name": name},
    }


def _checked_zone(zone: Any, switches: Switches) -> str | None:
    if zone is None:
        return GMT
    identifier = zone.get("id") if isinstance(zone, dict) else None
    return zone_name(identifier, switches) if isinstance(identifier, str) else None


def _checked_recurrence(recurrence: dict[str, Any]) -> dict[str, Any]:
    days = recurrence.get("weeklyByDays")
    if isinstance(days, str):
        recurrence = {**recurrence, "weeklyByDays": [day.strip() for day in days.split(",")]}
    given = {name: value for name, value in recurrence.items() if value is not None}
    if given.get("frequency") not in FREQUENCIES:
        raise invalid("recurrence")
    if any(name in given and not check(given[name]) for name, check in _RECURRENCE_CHECKS.items()):
        raise invalid("recurrence")
    if given.get("interval", 1) > MOST_INTERVALS[given["frequency"]]:
        raise invalid("recurrence")
    if ("monthlyByWeek" in given) is not ("monthlyByWeekDay" in given):
        raise invalid("recurrence")
    return given


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _integer_between(low: int, high: int) -> Check:
    return lambda value: _is_integer(value) and low <= value <= high


def _instance(kind: type) -> Check:
    return lambda value: isinstance(value, kind)


def _one_of(*choices: str) -> Check:
    return lambda value: isinstance(value, str) and value in choices


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(check(item) for item in value)


def _is_password(value: Any) -> bool:
    return isinstance(value, str) and _PASSWORD.fullmatch(value) is not None


_BOOLEANS = (
    "allowJoinBeforeHost",
    "startHostVideo",
    "startParticipantsVideo",
    "usePersonalMeetingId",
    "enforceLogin",
    "muteParticipantsOnEntry",
    "enableWaitingRoom",
)
_CHECKS: dict[str, Check] = {
    "topic": _instance(str),
    "meetingType": _one_of(*MEETING_TYPES),
    "schedule": _instance(dict),
    "recurrence": _instance(dict),
    "password": _is_password,
    "audioOptions": _list_of(_one_of("Phone", "ComputerAudio")),
    "autoRecordType": _one_of("local", "cloud", "none"),
    "globalDialInCountries": _list_of(_instance(str)),
    "alternativeHosts": _instance(str),
    **dict.fromkeys(_BOOLEANS, _instance(bool)),
}
_RECURRENCE_CHECKS: dict[str, Check] = {
    "interval": _integer_between(1, max(MOST_INTERVALS.values())),
    "weeklyByDays": _list_of(_one_of(*DAYS)),
    "monthlyByDay": _integer_between(1, 31),
    "monthlyByWeek": _one_of(*WEEKS),
    "monthlyByWeekDay": _one_of(*DAYS),
    "count": _integer_between(1, 10_000),
    "until": lambda value: moment(value) is not None,
}
