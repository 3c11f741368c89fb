"""What the meeting tools answer with."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Meeting, MeetingSettings, MeetingType, Occurrence, Recurrence
from ringcentral_meetings.products import Clash, DuplicateCheck
from ringcentral_meetings.protocol.contract import Result
from ringcentral_meetings.text import clean_and_cut
from ringcentral_meetings.tools import ZoneSource

UPCOMING_SHOWN = 5
LINK_CHARS = 2_000
USUAL: MeetingType = "Scheduled"
NOT_RUNNING = "NotStarted"
"""The one status that is known to mean so; RingCentral's specification leaves the values open."""


class Part(BaseModel):
    """A part of a result."""

    model_config = ConfigDict(extra="forbid")


class MeetingRow(Part):
    """A meeting, or one occurrence of a series, in a list, without the usual type and status."""

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


class MeetingSummary(MeetingRow):
    """A meeting as a tool shows one: times on its own zone's clocks, `start_utc` the same moment in UTC."""

    meeting_type: MeetingType
    time_zone: str | None = None
    start_utc: str | None = None
    pin: str | None = None
    password: str | None = None
    host_id: str | None = None


class MeetingPage(Result):
    """Meetings of a window, in order of time, those without a fixed time last."""

    showing: str
    total: int
    window_start: str
    window_end: str
    time_zone: str
    time_zone_source: ZoneSource
    meetings: list[MeetingRow]
    next_page_token: str | None = None
    incomplete: bool | None = None
    hint: str | None = None


class Upcoming(Part):
    """One date of a series that lies ahead."""

    occurrence_id: str | None = None
    start: str
    weekday: timing.Weekday


class MeetingDetails(Result):
    """One meeting with all its settings; `upcoming` the next dates of a series."""

    meeting: MeetingSummary
    recurrence: Recurrence | None = None
    settings: MeetingSettings
    upcoming: list[Upcoming] | None = None
    more_upcoming: bool | None = None
    start_url: str | None = None


class Neighbour(Part):
    """A meeting that overlaps."""

    meeting_id: str
    topic: str
    start: str
    end: str


class MeetingCreated(Result):
    """What a creation came to."""

    created: bool
    meeting: MeetingSummary
    time_zone_source: ZoneSource | None = None
    duplicate_check: DuplicateCheck
    differs: list[str] | None = None
    conflicts: list[Neighbour] | None = None
    more_conflicts: int | None = None
    start_url: str | None = None
    note: str


class Change(Part):
    """One field before and after, as shown; absent where it was or is not set."""

    field: str
    before: str | None = None
    after: str | None = None


class MeetingUpdated(Result):
    """What an update changed; `not_applied` and `changed_unasked` name what did not go as asked."""

    changes: list[Change]
    not_applied: list[str] | None = None
    changed_unasked: list[str] | None = None
    meeting: MeetingSummary
    note: str | None = None


class Restore(Part):
    """The arguments of create_meeting that would bring back what lay ahead, under a new id and links."""

    topic: str
    meeting_type: MeetingType
    start_time: str | None = None
    time_zone: str | None = None
    duration_minutes: int | None = None
    recurrence: Recurrence | None = None
    password: str | None = None
    settings: MeetingSettings | None = None
    host_id: str | None = None


class MeetingDeleted(Result):
    """A deletion that took, with the meeting as it was."""

    deleted: bool
    scope: Literal["meeting", "occurrence", "series"]
    already_gone: bool | None = None
    meeting: MeetingSummary
    restore: Restore | None = None
    note: str


class MeetingEnded(Result):
    """Whether the meeting was ended, and what state was found where it was not."""

    ended: bool
    status: str | None = None
    already_gone: bool | None = None
    meeting: MeetingSummary
    note: str


def row(meeting: Meeting, occurrence: Occurrence | None, zone: str) -> MeetingRow:
    """A line of a list, its times on the clocks of `zone`."""
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


def summary(meeting: Meeting, occurrence: Occurrence | None = None, zone: str | None = None) -> MeetingSummary:
    """A meeting as a tool shows it; without an occurrence, by its own start."""
    slot = occurrence or _first(meeting)
    clean_and_cut = zone or meeting.time_zone or "UTC"
    return MeetingSummary(
        **dict(row(meeting, slot, clean_and_cut)) | {"meeting_type": meeting.meeting_type, "status": meeting.status},
        time_zone=clean_and_cut if slot is not None else None,
        start_utc=timing.show_utc(slot.slot.start.to_instant()) if slot is not None else None,
        pin=meeting.pin,
        password=meeting.password,
        host_id=meeting.host_id,
    )


def details(meeting: Meeting, ahead: list[Occurrence], zone: str | None) -> MeetingDetails:
    """A meeting with everything known of it; `ahead` the next dates of a series."""
    first = ahead[0] if ahead and meeting.is_series else None
    upcoming = [
        Upcoming(occurrence_id=one.occurrence_id, start=timing.show(_on(one, zone).start), weekday=_weekday(one, zone))
        for one in ahead[:UPCOMING_SHOWN]
    ]
    return MeetingDetails(
        meeting=summary(meeting, first, zone),
        recurrence=recurrence(meeting.rule),
        settings=meeting.settings,
        upcoming=upcoming if meeting.is_series else None,
        more_upcoming=True if len(ahead) > UPCOMING_SHOWN else None,
        start_url=clean_and_cut(meeting.start_url, LINK_CHARS),
    )


def recurrence(rule: timing.Rule | None) -> Recurrence | None:
    """A rule as a tool takes and gives it."""
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


def neighbour(clash: Clash, zone: str) -> Neighbour:
    slot = _on(clash.occurrence, zone)
    return Neighbour(
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


def _weekday(occurrence: Occurrence, zone: str | None) -> timing.Weekday:
    return timing.weekday(_on(occurrence, zone).start)
