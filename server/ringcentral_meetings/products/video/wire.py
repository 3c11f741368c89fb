"""Rooms from RingCentral Video's shapes to ours, and back."""

from typing import Any, Final, cast, get_args

from ringcentral_meetings.domain.meeting import (
    DialInNumber,
    Meeting,
    MeetingDraft,
    MeetingSettings,
    TranscriptionsMode,
    WaitingRoom,
)
from ringcentral_meetings.platform.api import video_wire as wire
from ringcentral_meetings.platform.api.meetings_wire import Country
from ringcentral_meetings.untrusted_text import clean_and_cut

TEXT_CHARS: Final = 1_000
ENTRY_CHARS: Final = 40
"""The most that is shown of a text, and of a short one, that others wrote."""

PERSONAL: Final = "PMI"
NO_WAITING_ROOM: Final = "Nobody"

_RECORDINGS: Final = {"cloud": "Auto", "forced": "ForceAuto", "none": "User"}
_FLAGS: Final = {
    "allow_join_before_host": ("preferences", "joinBeforeHost"),
    "enforce_login": ("security", "noGuests"),
    "same_account": ("security", "sameAccount"),
    "e2ee": ("security", "e2ee"),
    "mute_participants_on_entry": ("preferences", "join", "audioMuted"),
    "screen_sharing": ("preferences", "screenSharing"),
    "waiting_room": ("preferences", "join", "waitingRoomRequired"),
    "transcriptions_mode": ("preferences", "transcriptionsMode"),
}
"""Where a request has the options whose values are the same on both sides."""


def read_room(read: wire.Bridge) -> Meeting:
    """Return the room as a meeting without a time; `use_personal_meeting_id` marks the personal one."""
    return Meeting(
        meeting_id=read.id or "",
        topic=read.name or "",
        meeting_type="Instant" if read.type == "Instant" else "Scheduled",
        host_id=clean_and_cut(read.host_id, ENTRY_CHARS),
        password=_password(read.security),
        join_url=read.join_url,
        settings=_read_settings(read),
        pin=clean_and_cut(read.pins.web, ENTRY_CHARS),
        phone_pin=clean_and_cut(read.pins.participant, ENTRY_CHARS),
        phone_password=clean_and_cut(read.security.password.pstn, ENTRY_CHARS),
    )


def write_room(draft: MeetingDraft) -> dict[str, Any]:
    """Return the request body for what a draft names, and for nothing else."""
    body: dict[str, Any] = {}
    if draft.topic is not None:
        body["name"] = draft.topic
    if draft.password is not None:
        put(body, ("security", "passwordProtected"), bool(draft.password))
        if draft.password:
            put(body, ("security", "password"), draft.password)
    options = draft.settings.given()
    for name, place in _FLAGS.items():
        if name in options:
            put(body, place, options[name])
    if (video := options.get("start_participants_video")) is not None:
        put(body, ("preferences", "join", "videoMuted"), not video)
    if (mode := options.get("auto_record_type")) is not None:
        put(body, ("preferences", "recordingsMode"), _RECORDINGS[mode])
    return body


def put(body: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    """Put a value at a path of names, creating the objects around it."""
    *outer, name = place
    for part in outer:
        body = body.setdefault(part, {})
    body[name] = value


def read_number(read: wire.ConferenceNumber) -> DialInNumber:
    """Return a number to dial."""
    country = read.country or Country()
    return DialInNumber(
        number=clean_and_cut(read.phone_number, ENTRY_CHARS) or "",
        country=clean_and_cut(country.iso_code, ENTRY_CHARS),
        country_name=clean_and_cut(country.name, ENTRY_CHARS),
        location=clean_and_cut(read.location, ENTRY_CHARS),
    )


def _password(read: wire.BridgeSecurity) -> str | None:
    shown = clean_and_cut(read.password.plain_text, ENTRY_CHARS)
    return "" if shown is None and read.password_protected is False else shown


def _read_settings(read: wire.Bridge) -> MeetingSettings:
    security, preferences = read.security, read.preferences
    waiting = _one_of(WaitingRoom, preferences.join.waiting_room_required)
    muted, mode = preferences.join.video_muted, preferences.recordings_mode
    options = {
        "allow_join_before_host": preferences.join_before_host,
        "enable_waiting_room": waiting != NO_WAITING_ROOM if waiting is not None else None,
        "enforce_login": security.no_guests,
        "mute_participants_on_entry": preferences.join.audio_muted,
        "start_participants_video": not muted if muted is not None else None,
        "use_personal_meeting_id": True if read.type == PERSONAL else None,
        "auto_record_type": next((ours for ours, theirs in _RECORDINGS.items() if theirs == mode), None),
        "waiting_room": waiting,
        "same_account": security.same_account,
        "screen_sharing": preferences.screen_sharing,
        "transcriptions_mode": _one_of(TranscriptionsMode, preferences.transcriptions_mode),
        "e2ee": security.e2ee,
    }
    return MeetingSettings.model_construct(**{name: value for name, value in options.items() if value is not None})


def _one_of(kind: Any, value: str | None) -> Any:
    return cast("Any", value) if value in get_args(kind) else None
