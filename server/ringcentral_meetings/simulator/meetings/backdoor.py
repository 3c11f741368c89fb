"""The stored meetings past the API, for tests: no rights and no rules are checked."""

from typing import Any

from ringcentral_meetings.simulator.ids import engine_uuid
from ringcentral_meetings.simulator.meetings.rendering import meeting_resource
from ringcentral_meetings.simulator.meetings.validation import DEFAULTS
from ringcentral_meetings.simulator.people import OWNER
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.store import Meeting, Progress
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.zones import GMT, zone_name

BASE = "https://platform.ringcentral.com"
FLAGS = ("started", "auto_started", "finished")


def find(state: State, meeting_id: str) -> dict[str, Any] | None:
    """Return the full resource of a meeting, or None."""
    found = state.store.find(meeting_id)
    return None if found is None else _resource(state, found)


def find_all(state: State) -> list[dict[str, Any]]:
    """Return the full resource of every meeting."""
    return [_resource(state, meeting) for meeting in state.store.all()]


def put(state: State, fields: dict[str, Any]) -> str:
    """Store a meeting with the given fields and return its id."""
    identifier = fields.get("id") or state.ids.meeting()
    meeting = Meeting(identifier, OWNER.id, {"meetingType": "Scheduled", "topic": "", **DEFAULTS}, Progress())
    meeting.body["uuid"] = engine_uuid(identifier)
    _apply(state, meeting, fields)
    state.store.add(meeting)
    return identifier


def edit(state: State, meeting_id: str, fields: dict[str, Any]) -> None:
    """Change fields of a stored meeting; raises KeyError if there is no such meeting."""
    meeting = state.store.find(meeting_id)
    if meeting is None:
        raise KeyError(meeting_id)
    _apply(state, meeting, fields)
    state.store.save(meeting)


def _resource(state: State, meeting: Meeting) -> dict[str, Any]:
    plain = Switches(old_zone_ids=state.switches.old_zone_ids)
    return meeting_resource(state, meeting, BASE, plain)


def _apply(state: State, meeting: Meeting, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name in FLAGS:
            setattr(meeting.progress, name, value)
        elif name == "host":
            meeting.host = value["id"]
        elif name == "schedule" and value is not None:
            meeting.body["schedule"] = _schedule(state, value)
        elif value is None:
            meeting.body.pop(name, None)
        elif name != "id":
            meeting.body[name] = value


def _schedule(state: State, schedule: dict[str, Any]) -> dict[str, Any]:
    zone = schedule.get("timeZone", {"name": GMT})
    name = zone.get("name") or zone_name(zone["id"], state.switches) or GMT
    return {"durationInMinutes": 60, **schedule, "timeZone": {"name": name}}
