"""A new meeting compared with existing ones: the same meeting, meetings that overlap, another time zone."""

from bisect import bisect_right
from dataclasses import dataclass, replace

from whenever import Instant

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.differences import differences, not_applied
from ringcentral_meetings.domain.meeting import EXPANDED_AT_MOST, Clash, Listing, Meeting, MeetingDraft
from ringcentral_meetings.products import Creation, DuplicateCheck
from ringcentral_meetings.untrusted_text import normalized

_LOOKED_AT = 1_000
"""The most occurrences of a new series that are compared with existing meetings."""

_YEAR_HOURS = 24 * 366


@dataclass(frozen=True, slots=True)
class Clashes:
    """The meetings that overlap, and until when overlaps were looked for; None for all dates."""

    found: tuple[Clash, ...] = ()
    until: Instant | None = None


def find_duplicate(draft: MeetingDraft, listing: Listing) -> Meeting | None:
    """Return the listed meeting that is the same to a person, or None."""
    return next((meeting for meeting in listing.meetings if same(draft, meeting)), None)


def check_of(draft: MeetingDraft, listing: Listing) -> DuplicateCheck:
    """Return how complete the comparison of a new meeting with the listed ones is."""
    if not listing.complete:
        return "partial"
    return "by_topic" if draft.start is None else "complete"


def as_duplicate(draft: MeetingDraft, listing: Listing) -> Creation | None:
    """Return the listed meeting that is the same, as the result of a creation, or None."""
    duplicate = find_duplicate(draft, listing)
    if duplicate is None:
        return None
    return Creation(duplicate, False, not_applied(draft, duplicate), duplicate_check=check_of(draft, listing))


def same(draft: MeetingDraft, meeting: Meeting) -> bool:
    """Return whether both are the same meeting to a person: topic, start and length; without a time, topic alone."""
    if normalized(draft.topic or "") != normalized(meeting.topic):
        return False
    if draft.start is None or meeting.start is None:
        return draft.start is None and meeting.start is None
    same_start = draft.start.to_instant() == meeting.start.to_instant()
    return same_start and draft.duration_minutes == meeting.duration_minutes


def clashes_of(draft: MeetingDraft, listing: Listing, now: Instant) -> Clashes:
    """Find the meetings that overlap the one asked for, each with its first date that does."""
    wanted = _occurrences_of(draft, now)
    if not wanted:
        return Clashes()
    cut = [wanted.pop().start.to_instant()] if len(wanted) > _LOOKED_AT else []
    first, last = wanted[0].start.to_instant(), wanted[-1].end.to_instant()
    spans = [(slot.start.to_instant(), slot.end.to_instant()) for slot in wanted]
    found = []
    for meeting in listing.meetings:
        dates = meeting.busy_occurrences(first, last, limit=EXPANDED_AT_MOST + 1)
        if met := next((one for one in dates if _overlaps(one.slot, spans)), None):
            found.append(Clash(meeting, met))
        elif len(dates) > EXPANDED_AT_MOST:
            cut.append(dates[-1].slot.start.to_instant())
    return Clashes(tuple(found), min(cut, default=None))


def clashes_after(draft: MeetingDraft, before: Meeting, listing: Listing, now: Instant) -> tuple[Clash, ...]:
    """Find the meetings that overlap `before` once it is changed."""
    kind = draft.meeting_type or before.meeting_type
    changed = replace(
        draft,
        start=(draft.start or before.start) if kind.startswith("Scheduled") else None,
        duration_minutes=draft.duration_minutes or before.duration_minutes,
        rule=(draft.rule or before.rule) if kind == "ScheduledRecurring" else None,
    )
    others = tuple(meeting for meeting in listing.meetings if meeting.meeting_id != before.meeting_id)
    return clashes_of(changed, replace(listing, meetings=others), now).found


def retimed(draft: MeetingDraft, before: Meeting) -> bool:
    """Return whether a change gives a meeting other dates or another length."""
    return bool({"start_time", "duration_minutes", "recurrence", "meeting_type"} & set(differences(draft, before)))


def zone_mismatch(draft: MeetingDraft, got: Meeting) -> tuple[str, ...]:
    """Return `time_zone` if a series was stored in a zone whose clocks change otherwise than those asked for."""
    if draft.start is None or got.time_zone is None or not got.is_series or got.time_zone == draft.start.tz_id:
        return ()
    first = draft.start.to_instant()
    asked = draft.start.tz_id or "UTC"
    same_clocks = timing.equivalent_zone(asked, [got.time_zone], first, first.add(hours=_YEAR_HOURS))
    return () if same_clocks is not None else ("time_zone",)


def _overlaps(slot: timing.Slot, spans: list[tuple[Instant, Instant]]) -> bool:
    """Return whether a slot overlaps one of the spans, which are in order and of one length."""
    begins, ends = slot.start.to_instant(), slot.end.to_instant()
    index = bisect_right(spans, begins, key=lambda span: span[1])
    return index < len(spans) and spans[index][0] < ends


def _occurrences_of(draft: MeetingDraft, now: Instant) -> list[timing.Slot]:
    if draft.start is None or not draft.duration_minutes:
        return []
    if draft.rule is None:
        return [timing.Slot(draft.start, draft.start.add(minutes=draft.duration_minutes))]
    return timing.occurrences(draft.rule, draft.start, draft.duration_minutes, after=now, limit=_LOOKED_AT + 1)
