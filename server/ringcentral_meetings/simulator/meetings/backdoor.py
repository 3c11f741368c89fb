"""Looking at and changing the stored meetings past the API, for tests and for the seed."""

from typing import TYPE_CHECKING, Any

from ringcentral_meetings.simulator.meetings.rendering import meeting_resource, unique_id
from ringcentral_meetings.simulator.meetings.validation import DEFAULTS
from ringcentral_meetings.simulator.people import OWNER
from ringcentral_meetings.simulator.store import Meeting, Progress
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.zones import GMT, zone_name

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator

BASE = "https://platform.ringcentral.com"
FLAGS = ("started", "auto_started", "finished")


class Inspection:
    """A door into the store of a simulator."""

    def __init__(self, simulator: "Simulator") -> None:
        self._simulator = simulator

    def meeting(self, meeting_id: str) -> dict[str, Any] | None:
        """Return a meeting with everything in it, or None."""
        found = self._simulator.store.find(meeting_id)
        return None if found is None else self._shown(found)

    def meetings(self) -> list[dict[str, Any]]:
        """Return every meeting."""
        return [self._shown(meeting) for meeting in self._simulator.store.all()]

    def put(self, fields: dict[str, Any]) -> str:
        """Store a meeting as given, unchecked, and return its id."""
        identifier = fields.get("id") or self._simulator.store.next_meeting_id(self._simulator.seed)
        meeting = Meeting(identifier, OWNER.id, {"meetingType": "Scheduled", "topic": "", **DEFAULTS}, Progress())
        meeting.body["uuid"] = unique_id(identifier)
        self._apply(meeting, fields)
        self._simulator.store.add(meeting)
        return identifier

    def edit(self, meeting_id: str, fields: dict[str, Any]) -> None:
        """Change a stored meeting, unchecked; raises KeyError where there is none."""
        meeting = self._simulator.store.find(meeting_id)
        if meeting is None:
            raise KeyError(meeting_id)
        self._apply(meeting, fields)
        self._simulator.store.save(meeting)

    def _shown(self, meeting: Meeting) -> dict[str, Any]:
        plain = Switches(old_zone_ids=self._simulator.switches.old_zone_ids)
        return meeting_resource(self._simulator, meeting, BASE, plain)

    def _apply(self, meeting: Meeting, fields: dict[str, Any]) -> None:
        for name, value in fields.items():
            if name in FLAGS:
                setattr(meeting.progress, name, value)
            elif name == "host":
                meeting.host = value["id"]
            elif name == "schedule" and value is not None:
                meeting.body["schedule"] = self._schedule(value)
            elif value is None:
                meeting.body.pop(name, None)
            elif name != "id":
                meeting.body[name] = value

    def _schedule(self, schedule: dict[str, Any]) -> dict[str, Any]:
        zone = schedule.get("timeZone", {"name": GMT})
        name = zone.get("name") or zone_name(zone["id"], self._simulator.switches) or GMT
        return {"durationInMinutes": 60, **schedule, "timeZone": {"name": name}}
