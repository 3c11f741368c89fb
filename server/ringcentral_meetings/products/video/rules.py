"""What RingCentral Video requires of a room, checked before any request.

The conditions of end-to-end encryption, and that a waiting room for everybody shuts out early joining, are those of
RingCentral's own scheduling widget; the platform answers 409 to settings that conflict.
"""

from dataclasses import replace
from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import Meeting, MeetingDraft, MeetingType
from ringcentral_meetings.products import Feature
from ringcentral_meetings.products.provider import MEETINGS, VIDEO
from ringcentral_meetings.products.video.wire import NO_WAITING_ROOM

EVERYBODY: Final = "Everybody"

_ON_A_CALENDAR: Final = (
    "Set RINGCENTRAL_CALENDARS to the address of the person's calendar where the server is started. Or look there with "
    "another calendar tool: get_meeting takes the join link of an entry. list_past_meetings has what was held."
)
_LACKING: Final[dict[Feature, tuple[str, str]]] = {
    "schedule": ("list of upcoming meetings and no free times: it keeps no schedule", _ON_A_CALENDAR),
    "ending": (
        "way to end a running meeting",
        "Its host ends it in the RingCentral app; delete_meeting removes the room for good.",
    ),
    "series": (
        "series and no single dates of one",
        "One room serves every date: create it once without recurrence and let the calendar entry repeat; one date is "
        "changed there.",
    ),
}
_OF_MEETINGS: Final[tuple[str, ...]] = (
    "start_host_video",
    "audio_options",
    "global_dial_in_countries",
    "alternative_hosts",
)


def lacking(feature: Feature) -> errors.Refused:
    """Return the error, with what to do instead, for a feature that this product lacks."""
    what, instead = _LACKING[feature]
    return errors.not_supported(VIDEO, what, instead)


def no_calendar_of_others() -> errors.Refused:
    """Return the error for listing somebody else's meetings: the calendars set are those of one person."""
    instead = (
        "Leave host_id out for the user's own meetings, which RINGCENTRAL_CALENDARS names; ask that host for theirs."
    )
    return errors.not_supported(VIDEO, "list of another host's upcoming meetings", instead)


def new_room(draft: MeetingDraft) -> MeetingDraft:
    """Return the draft of a new room, without the time, which no room has, and with its waiting room spelt out.

    Raises:
        errors.Refused: `not_supported_by_product`, or `invalid_arguments` where it contradicts itself.
    """
    if draft.rule is not None or draft.meeting_type == "ScheduledRecurring":
        raise lacking("series")
    kind: MeetingType = "Instant" if draft.meeting_type == "Instant" else "Scheduled"
    drawn = _supported(replace(draft, meeting_type=kind, start=None, duration_minutes=None), None)
    if drawn.settings.use_personal_meeting_id and kind == "Instant":
        raise errors.contradiction("settings.use_personal_meeting_id", kind)
    _refuse_contradictions(drawn, None)
    return drawn


def changed_room(draft: MeetingDraft, before: Meeting) -> MeetingDraft:
    """Return the draft of a change of `before`, its waiting room spelt out. Raises as `new_room`."""
    if draft.start is not None or draft.duration_minutes is not None:
        instead = "Change the calendar entry: get_meeting_invitation with the new start_time gives the text and file."
        raise errors.not_supported(VIDEO, "time for a room", instead)
    if draft.rule is not None or draft.meeting_type not in {None, before.meeting_type}:
        raise lacking("series")
    personal = draft.settings.use_personal_meeting_id
    if personal is not None and personal != bool(before.settings.use_personal_meeting_id):
        instead = "create_meeting with use_personal_meeting_id gives the personal room."
        raise errors.not_supported(VIDEO, "way to turn a room into the personal one or back", instead)
    drawn = _supported(draft, before)
    _refuse_contradictions(drawn, before)
    return drawn


def _supported(draft: MeetingDraft, before: Meeting | None) -> MeetingDraft:
    options = draft.settings.given()
    names = [name for name in _OF_MEETINGS if name in options]
    if options.get("auto_record_type") == "local":
        names.append("auto_record_type=local")
    if names:
        raise errors.not_supported(VIDEO, f"settings.{', '.join(names)}", f"Leave it out: {MEETINGS} alone has it.")
    if draft.password and not draft.password.isalnum():
        raise errors.invalid_argument(
            "password",
            f"{VIDEO} takes letters and digits alone",
            'Give 1 to 10 of them; clear=["password"] removes it.',
        )
    return _with_waiting_room(draft, before)


def _with_waiting_room(draft: MeetingDraft, before: Meeting | None) -> MeetingDraft:
    """Return the draft with both options of the waiting room, of which one may be given.

    `enable_waiting_room` says whether there is one, `waiting_room` for whom; a room that has one keeps it.
    """
    wanted, enabled = draft.settings.waiting_room, draft.settings.enable_waiting_room
    if wanted is None and enabled is None:
        return draft
    if wanted is not None and enabled is not None and enabled != (wanted != NO_WAITING_ROOM):
        raise errors.waiting_room_contradiction()
    if wanted is None:
        kept = before.settings.waiting_room if before is not None else None
        stays = kept not in {None, NO_WAITING_ROOM}
        wanted = (kept if stays else EVERYBODY) if enabled else NO_WAITING_ROOM
    options = {"waiting_room": wanted, "enable_waiting_room": wanted != NO_WAITING_ROOM}
    return replace(draft, settings=draft.settings.model_copy(update=options))


def _refuse_contradictions(draft: MeetingDraft, before: Meeting | None) -> None:
    kept = before.settings.given() if before is not None else {}
    asked = draft.settings.given()
    after = kept | asked
    protected = bool(draft.password) if draft.password is not None else bool(before and before.password)
    early = asked.get("allow_join_before_host")
    if after.get("waiting_room") == EVERYBODY and early:
        raise errors.early_joining_closed()
    if not after.get("e2ee") or not (asked or draft.password is not None):
        return
    conditions = {
        "password": protected,
        "settings.waiting_room (not Nobody)": after.get("waiting_room", NO_WAITING_ROOM) != NO_WAITING_ROOM,
        "settings.enforce_login or same_account": after.get("enforce_login") or after.get("same_account"),
    }
    if missing := [name for name, met in conditions.items() if not met]:
        raise errors.encryption_incomplete(missing)
