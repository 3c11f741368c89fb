"""The meeting operations of RingCentral Meetings.

Source: API reference as last published (May 2025). Not known of the platform, and assumed here: an instant
meeting is running as soon as it is created; ending a meeting that is not running is 400 CMN-101 `meetingId`; a
meeting of a host for whom one may not schedule is 404; PUT keeps type and host if they are left out; PATCH merges
the schedule and replaces every other attribute.
"""

from datetime import datetime
from typing import Any

from ringcentral_meetings.simulator.calls import EXTENSION, Call, Operation, extension_uri, json_object, whole_number
from ringcentral_meetings.simulator.ids import engine_uuid
from ringcentral_meetings.simulator.meetings.occurrences import Occurrence, ahead, on_new_clock, start_of, started
from ringcentral_meetings.simulator.meetings.rendering import links, meeting_resource, status
from ringcentral_meetings.simulator.meetings.validation import DEFAULTS, check_combination, checked_fields
from ringcentral_meetings.simulator.paging import page_of
from ringcentral_meetings.simulator.people import PEOPLE, may_act_for, same_account
from ringcentral_meetings.simulator.replies import ApiError, Reply, invalid, json_reply, missing
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.store import Meeting, Progress
from ringcentral_meetings.simulator.times import iso

ALWAYS_KEPT = ("uuid", "meetingType")
MOST_PER_PAGE = 1000


def list_meetings(state: State, call: Call) -> Reply:
    """Answer with the upcoming meetings, in the order in which they were created."""
    now, switches = state.moment(), state.switches
    shown = [m for m in state.store.hosted_by(call.extension) if _is_listed(state, m, now)]
    records = [meeting_resource(state, meeting, call.base, switches) for meeting in shown]
    page, per_page = 1, max(switches.list_page_size, len(records))
    if switches.list_pages:
        page = whole_number(call, "page", 1, MOST_PER_PAGE)
        per_page = whole_number(call, "perPage", switches.list_page_size, MOST_PER_PAGE)
    return json_reply(200, page_of(f"{extension_uri(call)}/meeting", records, page, per_page))


def create_meeting(state: State, call: Call) -> Reply:
    """Create a meeting for the host in the body, by default for the extension in the path."""
    body = json_object(call)
    host = _host(body, call.user) or call.extension
    meeting = new_meeting(state, host, checked_fields(body, state.switches))
    return json_reply(201, _shown(state, meeting, call))


def read_meeting(state: State, call: Call) -> Reply:
    """Answer with one meeting."""
    return json_reply(200, _shown(state, _found(state, call), call))


def read_account_meeting(state: State, call: Call) -> Reply:
    """Answer with any meeting of the account."""
    meeting = state.store.find(call.path["meeting_id"])
    if meeting is None or not same_account(call.user, meeting.host):
        raise missing("meetingId")
    return json_reply(200, _shown(state, meeting, call))


def replace_meeting(state: State, call: Call) -> Reply:
    """Replace a meeting; a switch decides whether attributes that are left out are reset to their defaults."""
    meeting = _found(state, call)
    body = _body_for(meeting, call)
    given = checked_fields(body, state.switches)
    kept = dict(meeting.body)
    if state.switches.put_resets_omitted:
        kept = _defaults(meeting.host) | {name: kept[name] for name in ALWAYS_KEPT}
    return _changed(state, call, meeting, body, kept | given)


def patch_meeting(state: State, call: Call) -> Reply:
    """Change only the attributes in the body."""
    meeting = _found(state, call)
    body = _body_for(meeting, call)
    schedule = body.get("schedule")
    if isinstance(schedule, dict) and "schedule" in meeting.body:
        shown = meeting_resource(state, meeting, call.base, state.switches)
        body["schedule"] = shown["schedule"] | schedule
    given = checked_fields(body, state.switches)
    return _changed(state, call, meeting, body, meeting.body | given)


def delete_meeting(state: State, call: Call) -> Reply:
    """Delete a meeting, or with `occurrenceId` one occurrence of a series."""
    meeting = _found(state, call)
    occurrence = call.query.get("occurrenceId")
    if occurrence is None:
        state.store.remove(meeting.id)
        return Reply(204)
    is_series = meeting.body["meetingType"] == "ScheduledRecurring"
    if not is_series or occurrence not in [slot.id for slot in ahead(meeting, state.moment())]:
        raise missing("occurrenceId")
    meeting.progress.removed.append(occurrence)
    state.store.save(meeting)
    return Reply(204)


def end_meeting(state: State, call: Call) -> Reply:
    """End a meeting in progress; a series continues with its next occurrence."""
    meeting, now = _found(state, call), state.moment()
    slots = ahead(meeting, now)
    if status(meeting, slots, now) != "Started":
        raise invalid("meetingId")
    meeting.progress.started = False
    meeting.progress.finished = meeting.body["meetingType"] in ("Instant", "Scheduled")
    meeting.progress.ended += [slot.id for slot in slots if slot.covers(now)]
    state.store.save(meeting)
    return Reply(204)


def read_invitation(state: State, call: Call) -> Reply:
    """Answer with an invitation as text to paste into a mail."""
    meeting = _found(state, call)
    host, body = PEOPLE[meeting.host], meeting.body
    lines = [f"{host.name} is inviting you to a RingCentral meeting.", "", f"Topic: {body['topic']}"]
    if "schedule" in body:
        schedule = body["schedule"]
        lines.append(f"Time: {schedule['startTime']} ({schedule['timeZone']['name']})")
    lines += ["", "Join from PC, Mac, Linux, iOS or Android:", links(meeting)["joinUri"]]
    if body.get("password"):
        lines.append(f"Password: {body['password']}")
    lines += ["", "Or Telephone: +1 (646) 357 3664 (US)", f"Meeting ID: {meeting.id}"]
    return json_reply(200, {"invitation": "\n".join(lines)})


def new_meeting(state: State, host: str, given: dict[str, Any], progress: Progress | None = None) -> Meeting:
    """Store a new meeting with checked attributes, the others at their defaults.

    Raises ApiError CMN-101 if they do not go together.
    """
    body = _defaults(host) | {"meetingType": "Scheduled", "telephonyInfo": _telephony(host)} | given
    check_combination(body)
    identifier = state.ids.meeting()
    body["uuid"] = engine_uuid(identifier)
    progress = progress or Progress(started=body["meetingType"] == "Instant")
    meeting = Meeting(identifier, host, body, progress)
    state.store.add(meeting)
    return meeting


def operations() -> list[Operation]:
    """Return the operations of this product, the fixed paths before those that hold an id."""
    one, all_of = f"{EXTENSION}/meeting/{{meeting_id}}", f"{EXTENSION}/meeting"
    account = "/restapi/v1.0/account/{account_id}/meeting/{meeting_id}"
    need = ("Meetings", "Meetings")
    return [
        Operation("GET", all_of, "light", *need, list_meetings),
        Operation("POST", all_of, "medium", *need, create_meeting),
        Operation("GET", one, "light", *need, read_meeting),
        Operation("PUT", one, "medium", *need, replace_meeting),
        Operation("PATCH", one, "medium", *need, patch_meeting),
        Operation("DELETE", one, "medium", *need, delete_meeting),
        Operation("POST", f"{one}/end", "medium", *need, end_meeting),
        Operation("GET", f"{one}/invitation", "light", *need, read_invitation),
        Operation("GET", account, "light", *need, read_account_meeting),
    ]


def _is_listed(state: State, meeting: Meeting, now: datetime) -> bool:
    kind = meeting.body["meetingType"]
    if kind == "Instant" or meeting.progress.finished:
        return False
    slots = ahead(meeting, now)
    if kind == "Recurring" or any(slot.start > now for slot in slots):
        return True
    return state.switches.list_includes_running and _in_progress(meeting, slots, now)


def _in_progress(meeting: Meeting, slots: list[Occurrence], now: datetime) -> bool:
    return bool(slots) or status(meeting, slots, now) == "Started"


def _found(state: State, call: Call) -> Meeting:
    meeting = state.store.find(call.path["meeting_id"])
    if meeting is None or not may_act_for(call.extension, meeting.host):
        raise missing("meetingId")
    return meeting


def _body_for(meeting: Meeting, call: Call) -> dict[str, Any]:
    body = json_object(call)
    if body.get("id", meeting.id) != meeting.id:
        message = "Parameter [id] value in request body doesn't match specified in path"
        raise ApiError(400, "CMN-108", message, parameterName="id")
    return body


def _changed(state: State, call: Call, meeting: Meeting, sent: dict[str, Any], body: dict[str, Any]) -> Reply:
    if body["meetingType"] == "Recurring" and "schedule" not in sent:
        body.pop("schedule", None)
    if body["meetingType"] in ("Scheduled", "Instant") and "recurrence" not in sent:
        body.pop("recurrence", None)
    check_combination(body)
    meeting.host = _host(sent, call.user) or meeting.host
    if meeting.body["meetingType"] == body["meetingType"] == "ScheduledRecurring":
        _change_dates(state, meeting, body)
    meeting.progress.finished &= meeting.body.get("schedule") == body.get("schedule")
    meeting.body = body
    state.store.save(meeting)
    return json_reply(200, _shown(state, meeting, call))


def _change_dates(state: State, meeting: Meeting, body: dict[str, Any]) -> None:
    """Do to the dates of a series what its change does, by the switches: the documentation does not say."""
    switches, progress, now = state.switches, meeting.progress, state.moment()
    slots = ahead(Meeting(meeting.id, meeting.host, body), now)
    if switches.past_start_moves_on and slots and start_of(body["schedule"]) < now:
        body["schedule"] = {**body["schedule"], "startTime": iso(slots[0].start)}
    if switches.cancelled_dates_kept == "never":
        progress.removed = []
    elif switches.cancelled_dates_kept == "by_day":
        progress.removed = on_new_clock(meeting, body["schedule"])
    moved = start_of(body["schedule"]) != start_of(meeting.body["schedule"])
    if switches.changed_count_includes_held and moved:
        progress.held += started(meeting, now)


def _host(body: dict[str, Any], user: str) -> str | None:
    host = body.get("host")
    if host is None:
        return None
    identifier = host.get("id") if isinstance(host, dict) else None
    if not isinstance(identifier, str):
        raise invalid("host")
    if not may_act_for(user, identifier):
        raise ApiError(403, "CMN-404", "Access to another extension is not allowed", parameterName="host")
    return identifier


def _shown(state: State, meeting: Meeting, call: Call) -> dict[str, Any]:
    return meeting_resource(state, meeting, call.base, state.switches)


def _defaults(host: str) -> dict[str, Any]:
    return {"topic": f"{PEOPLE[host].name}'s Meeting", **DEFAULTS}


def _telephony(host: str) -> dict[str, Any]:
    return {"callOut": {"enabled": True, "countries": ["US", "CA"]}, "billingCode": f"BC-{host[-3:]}"}
