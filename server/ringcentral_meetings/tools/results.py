"""The results of the meeting tools."""

import json
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict
from whenever import Instant, ZonedDateTime

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import (
    EXPANDED_AT_MOST,
    Clash,
    Clearable,
    Meeting,
    MeetingSettings,
    MeetingType,
    Occurrence,
    Recurrence,
    Updated,
)
from ringcentral_meetings.domain.series import cancelled
from ringcentral_meetings.products import DuplicateCheck
from ringcentral_meetings.protocol.contract import Result
from ringcentral_meetings.tools.default_zone import ZoneSource
from ringcentral_meetings.untrusted_text import clean_and_cut

UPCOMING_SHOWN = 5
DATES_SHOWN = 10
MANY_DATES = 500
"""From so many dates on their number says nothing: an endless series has ever more."""

LINK_CHARS = 2_000
USUAL: MeetingType = "Scheduled"
NOT_RUNNING = "NotStarted"
"""The one status known to mean this; RingCentral's specification does not list the values."""


class Part(BaseModel):
    """An object within a result."""

    model_config = ConfigDict(extra="forbid")


class MeetingRow(Part):
    """A meeting or one occurrence of a series in a list; the usual type and status are left out."""

    meeting_id: str
    occurrence_id: str | None = None
    topic: str
    meeting_type: MeetingType | None = None
    start: str | None = None
    end: str | None = None
    weekday: timing.Weekday | None = None
    duration_minutes: int | None = None
    repeats: str | None = None
    status: str | None = None
    join_url: str | None = None


class ListedMeeting(MeetingRow):
    """A row of list_meetings; `organizer` is who invited the person, if that is somebody else."""

    organizer: str | None = None


class MeetingSummary(MeetingRow):
    """A meeting in a result: times in `time_zone`, and `start_utc`, the start in UTC."""

    meeting_type: MeetingType
    time_zone: str | None = None
    start_utc: str | None = None
    pin: str | None = None
    password: str | None = None
    host_id: str | None = None


class MeetingPage(Result):
    """Meetings in a window, in order of time; those without a fixed time come last."""

    showing: str
    total: int
    window_start: str
    window_end: str
    time_zone: str
    time_zone_source: ZoneSource
    today: str
    meetings: list[ListedMeeting]
    next_page_token: str | None = None
    incomplete: bool | None = None
    hint: str | None = None


class Upcoming(Part):
    """One upcoming date of a series."""

    occurrence_id: str | None = None
    start: str
    weekday: timing.Weekday


class MeetingDetails(Result):
    """One meeting with all its settings; of a series its start is the next one, and `upcoming` holds the next dates.

    Of a room, `upcoming` holds the next dates in the person's own calendar.
    """

    meeting: MeetingSummary
    recurrence: Recurrence | None = None
    settings: MeetingSettings
    upcoming: list[Upcoming] | None = None
    more_upcoming: bool | None = None
    first_start: str | None = None
    dates_left: int | None = None
    cancelled_dates: list[str] | None = None
    start_url: str | None = None
    note: str | None = None


class Conflict(Part):
    """A meeting that overlaps the new one."""

    meeting_id: str
    topic: str
    start: str
    end: str


class MeetingCreated(Result):
    """The meeting that was created, or found to exist already."""

    created: bool
    meeting: MeetingSummary
    time_zone_source: ZoneSource | None = None
    duplicate_check: DuplicateCheck
    differs: list[str] | None = None
    conflicts: list[Conflict] | None = None
    more_conflicts: int | None = None
    start_url: str | None = None
    note: str


class Change(Part):
    """One field before and after a change; a value is absent if it was or is not set."""

    field: str
    before: str | None = None
    after: str | None = None


class MeetingUpdated(Result):
    """What an update changed; `not_applied` and `changed_unasked` name what went otherwise than asked.

    The dates of a series before and after are compared: each is a start, with the occurrence_id if there is one.
    """

    changes: list[Change]
    not_applied: list[str] | None = None
    changed_unasked: list[str] | None = None
    dates_added: list[str] | None = None
    dates_lost: list[str] | None = None
    cancelled_dates_returned: list[str] | None = None
    conflicts: list[Conflict] | None = None
    meeting: MeetingSummary
    note: str | None = None


class Restore(Part):
    """The arguments of create_meeting that would restore the upcoming dates, under a new id and links."""

    topic: str
    meeting_type: MeetingType
    start_time: str | None = None
    time_zone: str | None = None
    duration_minutes: int | None = None
    recurrence: Recurrence | None = None
    password: str | None = None
    settings: MeetingSettings | None = None
    clear: list[Clearable] | None = None
    host_id: str | None = None


class MeetingDeleted(Result):
    """A deletion that was carried out, with the meeting as it was; restoring brings back the dates to delete again."""

    deleted: bool
    scope: Literal["meeting", "occurrence", "series"]
    already_gone: bool | None = None
    meeting: MeetingSummary
    restore: Restore | None = None
    delete_again: list[str] | None = None
    note: str


class MeetingEnded(Result):
    """Whether the meeting was ended, and its status."""

    ended: bool
    status: str | None = None
    already_gone: bool | None = None
    meeting: MeetingSummary
    note: str


def row(meeting: Meeting, occurrence: Occurrence | None, zone: str) -> MeetingRow:
    """Return a row of a list, with its times in `zone`."""
    return MeetingRow(
        meeting_id=meeting.meeting_id,
        occurrence_id=occurrence.occurrence_id if occurrence and meeting.is_series else None,
        topic=meeting.shown_topic,
        meeting_type=meeting.meeting_type if meeting.meeting_type != USUAL else None,
        repeats=meeting.recurrence_text(),
        status=meeting.status if meeting.status != NOT_RUNNING else None,
        join_url=clean_and_cut(meeting.join_url, LINK_CHARS),
        **_times(occurrence, zone, meeting),
    )


def listed(meeting: Meeting, occurrence: Occurrence | None, zone: str) -> ListedMeeting:
    """Return a row of list_meetings, with its times in `zone`."""
    return ListedMeeting(**dict(row(meeting, occurrence, zone)), organizer=meeting.organizer)


def summary(meeting: Meeting, occurrence: Occurrence | None = None, zone: str | None = None) -> MeetingSummary:
    """Return a meeting for a result, at the given occurrence; without one, at its first."""
    slot = occurrence or _first(meeting)
    shown_in = zone or meeting.time_zone or "UTC"
    return MeetingSummary(
        **dict(row(meeting, slot, shown_in)) | {"meeting_type": meeting.meeting_type, "status": meeting.status},
        time_zone=shown_in if slot is not None else None,
        start_utc=timing.show_utc(slot.slot.start.to_instant()) if slot is not None else None,
        pin=meeting.pin,
        password=meeting.password or None,
        host_id=meeting.host_id,
    )


def at_next_date(meeting: Meeting, now: Instant, zone: str | None = None) -> MeetingSummary:
    """Return a meeting for a result, a series at its next date, as delete_meeting and end_meeting expect it."""
    return summary(meeting, meeting.next_occurrence(now) if meeting.is_series else None, zone)


def details(meeting: Meeting, now: Instant, zone: str | None) -> MeetingDetails:
    """Return a meeting with all its settings, and the dates ahead of a series."""
    ahead = meeting.occurrences(after=now) or _ahead_on_calendar(meeting, now)
    first = ahead[0] if ahead and meeting.is_series else None
    upcoming = [
        Upcoming(occurrence_id=one.occurrence_id, start=timing.show(_on(one, zone).start), weekday=_weekday(one, zone))
        for one in ahead[:UPCOMING_SHOWN]
    ]
    return MeetingDetails(
        meeting=summary(meeting, first, zone),
        recurrence=recurrence(meeting.rule),
        settings=meeting.settings,
        upcoming=upcoming if meeting.is_series or meeting.calendar_dates else None,
        first_start=timing.show(_in(meeting.start, zone)) if meeting.start is not None and meeting.is_series else None,
        dates_left=len(ahead) if meeting.is_series and len(ahead) < EXPANDED_AT_MOST else None,
        cancelled_dates=dates([Occurrence(None, slot) for slot in cancelled(meeting, now)], zone),
        more_upcoming=True if len(ahead) > UPCOMING_SHOWN else None,
        start_url=clean_and_cut(meeting.start_url, LINK_CHARS),
        note=" ".join(["Dates in the calendar may be missing.", *meeting.calendar_unknown])
        if meeting.calendar_unknown
        else None,
    )


def _ahead_on_calendar(meeting: Meeting, now: Instant) -> list[Occurrence]:
    return [one for one in meeting.calendar_dates if one.slot.end.to_instant() > now]


def dates(found: Sequence[Occurrence], zone: str | None) -> list[str] | None:
    """Return the first dates as text, with their ids, and how many more there are; None if there are none."""
    shown = [
        " occurrence_id=".join(filter(None, [timing.show(_on(one, zone).start), one.occurrence_id]))
        for one in found[:DATES_SHOWN]
    ]
    more = len(found) - len(shown)
    return [*shown, *([f"and {more} more" if len(found) < MANY_DATES else "and more"] if more else [])] or None


def recurrence(rule: timing.Rule | None) -> Recurrence | None:
    """Return a rule in the form that tools take and return."""
    if rule is None:
        return None
    return Recurrence.model_construct(
        frequency=rule.frequency,
        interval=rule.interval,
        weekly_days=list(rule.weekly_days) or None,
        monthly_day=rule.monthly_day,
        monthly_week=rule.monthly_week,
        monthly_weekday=rule.monthly_weekday,
        count=rule.count,
        until=timing.show_utc(rule.until) if rule.until is not None else None,
    )


def changes(done: Updated) -> list[Change]:
    """Return the fields that differ, before and after: text as it is, other values as JSON."""
    before, after = done.before.editable_fields(), done.after.editable_fields()
    return [
        Change(field=name, before=_as_text(before.get(name)), after=_as_text(after.get(name)))
        for name in {**before, **after}
        if before.get(name) != after.get(name)
    ]


def _as_text(value: object) -> str | None:
    return value if isinstance(value, str) or value is None else json.dumps(value, ensure_ascii=False)


def conflict(clash: Clash, zone: str) -> Conflict:
    """Return a meeting that overlaps the new one, with its times in `zone`."""
    slot = _on(clash.occurrence, zone)
    return Conflict(
        meeting_id=clash.meeting.meeting_id,
        topic=clash.meeting.shown_topic,
        start=timing.show(slot.start),
        end=timing.show(slot.end),
    )


def _first(meeting: Meeting) -> Occurrence | None:
    if meeting.start is None:
        return None
    return Occurrence(None, timing.Slot(meeting.start, meeting.start.add(minutes=meeting.minutes)))


def _times(occurrence: Occurrence | None, zone: str, meeting: Meeting) -> dict[str, object]:
    if occurrence is None:
        return {}
    slot = _on(occurrence, zone)
    return {
        "start": timing.show(slot.start),
        "end": timing.show(slot.end),
        "weekday": timing.weekday(slot.start),
        "duration_minutes": round((slot.end - slot.start).total("minutes")) if meeting.minutes else None,
    }


def _on(occurrence: Occurrence, zone: str | None) -> timing.Slot:
    if zone is None:
        return occurrence.slot
    start, end = occurrence.slot.start.to_instant(), occurrence.slot.end.to_instant()
    return timing.Slot(timing.at(start, zone), timing.at(end, zone))


def _in(moment: ZonedDateTime, zone: str | None) -> ZonedDateTime:
    return timing.at(moment.to_instant(), zone) if zone is not None else moment


def _weekday(occurrence: Occurrence, zone: str | None) -> timing.Weekday:
    return timing.weekday(_on(occurrence, zone).start)
