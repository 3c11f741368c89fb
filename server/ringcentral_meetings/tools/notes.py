"""The notes beside a result: what was found out, what it means, and what to do next."""

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Meeting, Updated
from ringcentral_meetings.domain.series import DateChanges
from ringcentral_meetings.products import Creation, Ending


def after_ending(ending: Ending) -> str:
    """Say what became of a meeting that was to be ended."""
    if ending.already_gone:
        return "It is gone: it had ended or was deleted before this call could end it."
    return "It was ended for everybody." if ending.ended else "It had stopped running, so nothing was ended."


def after_creation(made: Creation) -> str:
    """Say what became of a creation, and what RingCentral does not do."""
    notes = [_duplicate_note(made)] if made.created else [_found_note(made)]
    if not made.keeps_time and made.meeting.start is not None:
        notes.append(
            "RingCentral stores no time for a room: put it on a calendar with get_meeting_invitation, giving this "
            "meeting_id, start_time, duration_minutes and time_zone."
        )
    if made.answer_lost:
        notes.insert(0, "RingCentral's answer to the creation was lost; this meeting was found by looking for it.")
    notes.append(missing_dates(made.meeting))
    if made.clashes_unknown:
        notes.append(f"Overlaps with the calendar may have been missed: {' '.join(made.clashes_unknown)}")
    if made.clashes_until is not None:
        day = timing.at(made.clashes_until, made.meeting.time_zone or "UTC").date()
        notes.append(f"Overlaps were looked for until {day}, not among later dates.")
    if made.created:
        notes.append("RingCentral stores no attendees and no invitation was sent: pass the join link on.")
    return " ".join(note for note in notes if note)


def missing_dates(meeting: Meeting) -> str:
    """Return which months a monthly series skips, and how it would not; "" if it skips none."""
    if meeting.rule is None or meeting.start is None:
        return ""
    months = timing.dateless_months(meeting.rule, meeting.start.date())
    if not months:
        return ""
    day = timing.filled(meeting.rule, meeting.start.date()).monthly_day
    return f"No date in {timing.listed(months)}: no day {day} there. monthly_day 28 is in every month."


def _found_note(made: Creation) -> str:
    if made.meeting.settings.use_personal_meeting_id and not made.keeps_time:
        return "The user has only one personal room, and it exists already; update_meeting changes it."
    if made.answer_lost:
        return "It was made by an equal call before, so nothing was created again."
    return "This meeting exists already, so nothing was created; allow_duplicate=true creates another."


def _duplicate_note(made: Creation) -> str:
    if made.duplicate_check == "partial" and not made.keeps_time:
        return "Rooms are not listed: keep its meeting_id. The same creation got no answer before: its room may exist."
    return {
        "not_possible": "It is never listed: keep its meeting_id. Duplicates cannot be checked.",
        "by_topic": "Without a fixed time it is compared with others by topic alone, and may not be listed: keep its "
        "meeting_id.",
        "partial": "Not all meetings could be read, so a duplicate or conflict may have been missed.",
        "recent": "Rooms are not listed: keep its meeting_id. It was compared only with rooms created here within the "
        "last hour, and not with the calendar.",
    }.get(made.duplicate_check, "")


def after_update(done: Updated, dates: DateChanges) -> str | None:
    """Say what a change did otherwise than asked, and how to mend it."""
    notes = []
    if done.not_applied:
        notes.append("RingCentral did not apply what not_applied names; the account's settings may not allow it.")
    if done.side_effects:
        notes.append("What changed_unasked names was changed by somebody else meanwhile, or by the account's rules.")
    if done.before == done.after and not done.not_applied:
        notes.append("These values were set already; nothing changed.")
    if done.before.rule != done.after.rule and missing_dates(done.after):
        notes.append(missing_dates(done.after))
    if done.clashes:
        notes.append(f"At its time it overlaps {len(done.clashes)} other{'s' if len(done.clashes) > 1 else ''}.")
    if dates.returned or dates.added:
        notes.append(
            "delete_meeting scope=occurrence, with occurrence_id and the start as expected_start, removes each date "
            "that is not wanted."
        )
    if dates.lost:
        notes.append("dates_lost names what is no longer a date of the series; recurrence.until sets its end.")
    return " ".join(notes) or None


def after_deletion(
    *, restorable: bool, cancelled_dates: bool, calendar_dates: str | None = None, calendar_unknown: bool = False
) -> str:
    """Say what a deletion means for the guests, and what restoring it brings back."""
    if calendar_unknown and calendar_dates is None:
        return "Nobody was notified. Whether calendar entries use it is unknown: the calendar could not be read."
    if calendar_dates is not None:
        return f"Nobody was notified. It was {calendar_dates}: those entries stay, with a link that no longer works."
    if not restorable:
        return "Nobody was notified. It had no upcoming dates to restore."
    note = "Nobody was notified. A restored meeting gets a new id and new links."
    again = " After restoring, delete the dates in delete_again with scope=occurrence: they had been cancelled."
    return note + again if cancelled_dates else note
