"""What RingCentral Meetings requires of a meeting, checked before any request, and what a 404 to a write means."""

from dataclasses import replace
from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import Meeting, MeetingDraft, MeetingType
from ringcentral_meetings.products import Removal
from ringcentral_meetings.products.provider import MEETINGS, VIDEO

_OF_VIDEO: Final[tuple[str, ...]] = ("waiting_room", "same_account", "screen_sharing", "transcriptions_mode", "e2ee")
_NOT_THE_MEETING: Final = frozenset({"extensionId", "accountId"})


def complete_draft(draft: MeetingDraft) -> MeetingDraft:
    """Return the draft of a new meeting with its type, which follows from its times if it is not given.

    Raises:
        errors.Refused: `invalid_arguments`, if a time is missing; `not_supported_by_product`.
    """
    refuse_unsupported(draft)
    if draft.meeting_type is None and draft.start is None:
        raise errors.start_needed()
    implied: MeetingType = "ScheduledRecurring" if draft.rule is not None else "Scheduled"
    drawn = replace(draft, meeting_type=draft.meeting_type or implied)
    _refuse_incomplete(drawn, has_start=draft.start is not None, has_rule=draft.rule is not None)
    return drawn


def refuse_timeless(draft: MeetingDraft, before: Meeting) -> None:
    """Refuse a change to a type that needs a time which neither the change nor the meeting has."""
    if draft.meeting_type is not None:
        timed = draft.start is not None or before.start is not None
        _refuse_incomplete(draft, has_start=timed, has_rule=draft.rule is not None or before.rule is not None)


def refuse_unsupported(draft: MeetingDraft) -> None:
    """Refuse options of RingCentral Video, which this product would silently drop."""
    given = draft.settings.given()
    names = [name for name in _OF_VIDEO if name in given]
    if draft.settings.auto_record_type == "forced":
        names.append("auto_record_type=forced")
    if names:
        instead = f"Leave it out: {VIDEO} alone has it. enable_waiting_room and enforce_login work here."
        raise errors.not_supported(MEETINGS, f"settings.{', '.join(names)}", instead)


def _refuse_incomplete(draft: MeetingDraft, *, has_start: bool, has_rule: bool) -> None:
    kind = draft.meeting_type or ""
    if kind.startswith("Scheduled") and not has_start:
        raise errors.missing_with("start_time", kind)
    if kind == "ScheduledRecurring" and not has_rule:
        raise errors.missing_with("recurrence", kind)


def already_gone(refused: errors.Refused) -> Removal:
    """Return that the meeting was gone before our write. Raises `refused` itself unless it is a 404.

    A 404 that is not about the meeting proves nothing: it raises `Unanswered`.
    """
    if refused.code != "not_found":
        raise refused
    upstream = refused.upstream
    if upstream is None or upstream.error_code != "CMN-102" or upstream.parameter in _NOT_THE_MEETING:
        raise errors.no_answer("a 404 that names no meeting")
    return Removal(already_gone=True)
