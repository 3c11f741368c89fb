"""A stored meeting as the API answers with it."""

from datetime import datetime
from typing import Any

from ringcentral_meetings.simulator.ids import digest, digits
from ringcentral_meetings.simulator.meetings.occurrences import Occurrence, ahead
from ringcentral_meetings.simulator.people import PEOPLE
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.store import Meeting
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.times import iso
from ringcentral_meetings.simulator.zones import description, zone_id

JOIN_BASE = "https://meetings.ringcentral.com"


def meeting_resource(state: State, meeting: Meeting, base: str, switches: Switches) -> dict[str, Any]:
    """Return the full resource, host secrets included; `base` is scheme and host of the links in it."""
    now = state.moment()
    slots = ahead(meeting, now)
    host = PEOPLE[meeting.host]
    extension = f"{base}/restapi/v1.0/account/{host.account}/extension/{host.id}"
    body = dict(meeting.body)
    resource = {
        "uri": f"{extension}/meeting/{meeting.id}",
        "uuid": body.pop("uuid"),
        "id": meeting.id,
        **body,
        "h323Password": digits(6, meeting.body["uuid"], "h323") if body.get("password") else "",
        "status": status(meeting, slots, now),
        "links": links(meeting),
        "host": {"uri": extension, "id": meeting.host},
        "pmi": host.personal_meeting_id,
    }
    return _with_times(resource, slots, base, switches)


def status(meeting: Meeting, slots: list[Occurrence], now: datetime) -> str:
    """Return `Started` while a meeting is in progress, else `NotStarted`."""
    progress = meeting.progress
    current = [slot for slot in slots if slot.covers(now) and slot.id not in progress.ended]
    running = progress.started or (progress.auto_started and bool(current))
    return "Started" if running and not progress.finished else "NotStarted"


def links(meeting: Meeting) -> dict[str, str]:
    """Return the link that starts the meeting as its host, which holds a host token, and the guests' link."""
    host = PEOPLE[meeting.host]
    number = host.personal_meeting_id if meeting.body.get("usePersonalMeetingId") else meeting.id
    uuid, password = meeting.body["uuid"], meeting.body.get("password")
    query = f"?pwd={digest(uuid, 'pwd', password)[:32]}" if password else ""
    return {
        "startUri": f"{JOIN_BASE}/s/{number}?zpk={digest(uuid, 'zpk')}",
        "joinUri": f"{JOIN_BASE}/j/{number}{query}",
    }


def _with_times(resource: dict[str, Any], slots: list[Occurrence], base: str, switches: Switches) -> dict[str, Any]:
    if "schedule" in resource:
        zone = _zone(resource["schedule"]["timeZone"]["name"], base, switches)
        resource["schedule"] = {**resource["schedule"], "timeZone": zone}
    if "recurrence" in resource:
        recurrence = _recurrence(resource.pop("recurrence"), switches)
        resource["reccurence" if switches.response_spells_reccurence else "recurrence"] = recurrence
    if resource["meetingType"] == "ScheduledRecurring" and switches.list_has_occurrences:
        resource["occurrences"] = [_occurrence(slot) for slot in slots]
    if not switches.use_pmi_echoed:
        resource.pop("usePersonalMeetingId", None)
    return resource


def _zone(name: str, base: str, switches: Switches) -> dict[str, str]:
    identifier = zone_id(name, switches)
    uri = f"{base}/restapi/v1.0/dictionary/timezone/{identifier}"
    words = {"name": name, "description": description(name)} if switches.schedule_zone_has_name else {}
    return {"uri": uri, "id": identifier, **words}


def _recurrence(recurrence: dict[str, Any], switches: Switches) -> dict[str, Any]:
    if switches.weekly_by_days_as_string and "weeklyByDays" in recurrence:
        return {**recurrence, "weeklyByDays": ",".join(recurrence["weeklyByDays"])}
    return recurrence


def _occurrence(slot: Occurrence) -> dict[str, Any]:
    return {
        "id": slot.id,
        "startTime": iso(slot.start),
        "durationInMinutes": slot.minutes,
        "status": "available",
    }
