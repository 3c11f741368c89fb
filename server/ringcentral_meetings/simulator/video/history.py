"""The history of RingCentral Video: the meetings held in rooms, and their recordings.

Source: API reference "List Video Meetings" and "List User Recordings" (August 2026). A meeting lasts from the first
participant who joins to the last who leaves. Not known of the platform, and assumed here: a page holds 20 records by
default, at most 100; `text` is searched for in the name of the meeting and the names of the participants; recording
and notes are ready ten minutes after the end; an id of the wrong form is 400, an unknown one 404, one of a meeting
that the user may not see 403. Nothing is shared or deleted, so the types `Shared` and `Deleted` are always empty.
"""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ringcentral_meetings.simulator.calls import Call, Operation
from ringcentral_meetings.simulator.ids import digest
from ringcentral_meetings.simulator.people import PEOPLE, may_act_for
from ringcentral_meetings.simulator.replies import Reply, json_reply
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.times import iso, utc
from ringcentral_meetings.simulator.video.refusals import Refusal, extension, refusing
from ringcentral_meetings.simulator.video.tables import Bridge, Held, add_held, begun, save_bridge

HISTORY = "/rcvideo/v1/history/meetings"
RECORDINGS = "/rcvideo/v1/account/{account_id}/extension/{owner_id}/recordings"
MEDIA = "https://media.ringcentral.com/rcvideo/v1/recordings"
PER_PAGE, MOST_PER_PAGE = 20, 100
PROCESSING_SECONDS = 600
KEPT_SECONDS = 365 * 24 * 3600

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}![\w-]+@[\w-]+", re.ASCII)
_NUMBER = re.compile(r"[0-9]{1,15}")

Filter = Callable[[Held], bool]


def list_meetings(state: State, call: Call) -> Reply:
    """Answer with one page of the meetings that the user, or somebody who delegates to the user, hosted or attended."""
    filters = [_by_type(call), _by_materials(call.query), _by_time(call.query), _by_text(call.query)]
    found = [held for held in begun(state) if all(fits(held) for fits in filters)]
    shown, paging = page_of_history(found, call.query)
    return json_reply(200, {"meetings": [_meeting(state, call, held) for held in shown], "paging": paging})


def read_meeting(state: State, call: Call) -> Reply:
    """Answer with one meeting of the history."""
    identifier = call.path["meeting_id"]
    if not _ID.fullmatch(identifier):
        raise Refusal(400, "meetingId")
    held = next((held for held in begun(state) if held.id == identifier), None)
    if held is None:
        raise Refusal(404, "meetingId")
    if not takes_part(call.user, held):
        raise Refusal(403, "meetingId")
    return json_reply(200, _meeting(state, call, held))


def list_recordings(state: State, call: Call) -> Reply:
    """Answer with one page of the finished recordings of meetings that the extension hosted."""
    host, now = extension(call), state.now()
    found = [held for held in begun(state) if held.host == host and recording_status(held, now) == "Processed"]
    shown, paging = page_of_history(found, call.query)
    return json_reply(200, {"recordings": [_cloud_recording(held) for held in shown], "paging": paging})


def hold_meeting(
    state: State,
    bridge: Bridge,
    start: datetime,
    minutes: float,
    participants: Sequence[str],
    *,
    recorded: bool = True,
    noted: bool = True,
) -> str:
    """Store a meeting that takes place in a room, and return its id.

    A participant is an extension id, a telephone number beginning with `+`, or the name of a guest.
    """
    identifier = state.ids.held_meeting()
    held = Held(
        id=identifier,
        bridge=bridge.id,
        host=bridge.host,
        short_id=bridge.body["pins"]["web"],
        name=bridge.body["name"],
        start=start.timestamp(),
        seconds=round(minutes * 60),
        participants=[_participant(identifier, who) for who in participants],
        recorded=recorded,
        noted=noted,
    )
    add_held(state, held)
    if bridge.body["type"] == "Instant" and state.switches.instant_bridge_used_once:
        bridge.gone = held.end
        save_bridge(state, bridge)
    return identifier


def page_of_history(found: Sequence[Held], query: Mapping[str, str]) -> tuple[list[Held], dict[str, str]]:
    """Return one page and its `paging`; a token names the last meeting before the page.

    Raises Refusal 400 for an invalid token or number.
    """
    token, given = query.get("pageToken", ""), query.get("perPage", str(PER_PAGE))
    if not _NUMBER.fullmatch(given) or int(given) == 0:
        raise Refusal(400, "perPage")
    first = _after(found, token) if token else 0
    last = first + min(int(given), MOST_PER_PAGE)
    shown = list(found[first:last])
    paging = {"currentPageToken": token or _token("")}
    return shown, paging | ({"nextPageToken": _token(shown[-1].id)} if last < len(found) else {})


def takes_part(user: str, held: Held) -> bool:
    """Return whether a user attended a meeting, hosted it, or may act for its host."""
    there = any(participant.get("extensionId") == user for participant in held.participants)
    return there or may_act_for(user, held.host)


def recording_status(held: Held, now: float) -> str | None:
    """Return the status of the recording, None if the meeting was not recorded."""
    if not held.recorded:
        return None
    if now < held.end:
        return "InProgress"
    if now < held.end + PROCESSING_SECONDS:
        return "Processing"
    return "Processed" if now < held.end + KEPT_SECONDS else "Purged"


def operations() -> list[Operation]:
    """Return the operations on the history."""
    table = (
        (HISTORY, list_meetings),
        (f"{HISTORY}/{{meeting_id}}", read_meeting),
        (RECORDINGS, list_recordings),
    )
    return [Operation("GET", path, "light", "Video", None, refusing(handler)) for path, handler in table]


def _participant(meeting_id: str, who: str) -> dict[str, str]:
    participant = {"id": f"p-{digest(meeting_id, who)[:12]}", "displayName": who, "type": "User"}
    if who in PEOPLE:
        person = PEOPLE[who]
        return participant | {"displayName": person.name, "accountId": person.account, "extensionId": who}
    return participant | ({"callerId": who} if who.startswith("+") else {})


def _by_type(call: Call) -> Filter:
    kind, user = call.query.get("type", ""), call.user
    if kind not in ("", "All", "My", "Deleted", "Shared") or (kind and "materials" in call.query):
        raise Refusal(400, "type")
    if kind in ("Deleted", "Shared"):
        return lambda _held: False
    return lambda held: may_act_for(user, held.host) or (not kind and takes_part(user, held))


def _by_materials(query: Mapping[str, str]) -> Filter:
    materials = query.get("materials", "")
    if materials not in ("", "Recordings", "Notes"):
        raise Refusal(400, "materials")
    return lambda held: {"": True, "Recordings": held.recorded, "Notes": held.noted}[materials]


def _by_time(query: Mapping[str, str]) -> Filter:
    low, high = _milliseconds(query, "startTime", 0), _milliseconds(query, "endTime", 10**15)
    return lambda held: low <= held.start * 1000 <= high


def _milliseconds(query: Mapping[str, str], name: str, default: int) -> int:
    given = query.get(name, str(default))
    if given != str(default) and not _NUMBER.fullmatch(given):
        raise Refusal(400, name)
    return int(given)


def _by_text(query: Mapping[str, str]) -> Filter:
    text = query.get("text", "").casefold()
    return lambda held: any(text in name.casefold() for name in (held.name, *_names(held)))


def _names(held: Held) -> list[str]:
    return [participant["displayName"] for participant in held.participants]


def _token(last: str) -> str:
    return urlsafe_b64encode(f"after {last}".encode()).decode()


def _after(found: Sequence[Held], token: str) -> int:
    try:
        word, _, last = urlsafe_b64decode(token).decode().partition(" ")
    except (binascii.Error, ValueError) as error:
        raise Refusal(400, "pageToken") from error
    places = [n for n, held in enumerate(found, 1) if held.id == last] if last else [0]
    if word != "after" or not places:
        raise Refusal(400, "pageToken")
    return places[0]


def _basics(held: Held) -> dict[str, Any]:
    person = PEOPLE[held.host]
    host = {"accountId": person.account, "extensionId": person.id, "displayName": person.name}
    return {
        "id": held.id,
        "shortId": held.short_id,
        "bridgeId": held.bridge,
        "startTime": iso(utc(held.start)),
        "displayName": held.name,
        "hostInfo": host,
    }


def _meeting(state: State, call: Call, held: Held) -> dict[str, Any]:
    now = state.now()
    done = now >= held.end
    managed = may_act_for(call.user, held.host)
    return {
        **_basics(held),
        "duration": round(min(now, held.end) - held.start),
        "type": "Meeting",
        "status": "Done" if done else "InProgress",
        "rights": ["delete", "download", "share"] if managed else [],
        "participants": held.participants,
        "recordings": _recordings(held, now),
        **(_written(held, now) if held.noted and done else {}),
    }


def _recordings(held: Held, now: float) -> list[dict[str, Any]]:
    status = recording_status(held, now)
    if status is None:
        return []
    recording = {
        "id": digest(held.id, "recording")[:24],
        "startTime": round(held.start * 1000),
        "metadata": {},
        "status": status,
        "availabilityStatus": {"Processed": "Alive", "Purged": "Purged"}.get(status, "NotAvailable"),
    }
    return [recording | ({"url": _media(held)} if status == "Processed" else {})]


def _written(held: Held, now: float) -> dict[str, Any]:
    ready = now >= held.end + PROCESSING_SECONDS
    notes = {"id": digest(held.id, "notes")[:24], "type": "GeneratedNotes"}
    written: dict[str, Any] = {
        "transcriptions": [{"id": digest(held.id, "transcription")[:24], "type": "LiveTranscription"}],
        "notes": [{**notes, "status": "Processed" if ready else "Processing"}],
    }
    return written | ({"summary": summary(held)} if ready else {})


def summary(held: Held) -> str:
    """Return a summary of one sentence."""
    return f"{', '.join(_names(held)) or 'Nobody'} talked about {held.name} and agreed on the next steps."


def _cloud_recording(held: Held) -> dict[str, Any]:
    expires = iso(utc(held.end + KEPT_SECONDS))
    return {
        **_basics(held),
        "duration": held.seconds,
        "mediaLink": _media(held),
        "url": _media(held),
        "expiresIn": expires,
    }


def _media(held: Held) -> str:
    return f"{MEDIA}/{digest(held.id, 'recording')[:24]}/content"
