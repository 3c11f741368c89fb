"""The dates of a series that is under way: those cancelled, and what a change does to them."""

from dataclasses import dataclass, replace

from whenever import Date, Instant, ZonedDateTime

from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import EXPANDED_AT_MOST, Meeting, Occurrence


@dataclass(frozen=True, slots=True)
class DateChanges:
    """The upcoming dates that a change added, lost, or brought back although they had been cancelled."""

    added: tuple[Occurrence, ...] = ()
    lost: tuple[Occurrence, ...] = ()
    returned: tuple[Occurrence, ...] = ()


def rule_from(meeting: Meeting, start: ZonedDateTime, now: Instant) -> timing.Rule:
    """Return the rule of a series with an end that keeps its last date when it starts at `start`.

    RingCentral counts from the start: the count of a series under way becomes that of the dates left. `until` moves
    on where the last date would come after it.

    Raises:
        ValueError: the meeting has no rule or no start.
    """
    if meeting.rule is None or meeting.start is None:
        raise ValueError("the meeting is not a series")
    rule = timing.filled(meeting.rule, meeting.start.date())
    if rule.counted and meeting.start.to_instant() < now:
        dates = timing.occurrences(rule, meeting.start, meeting.minutes, limit=timing.MAX_COUNT)
        replaced = _nearest(dates, start)
        return replace(rule, count=max(1, len(dates) - dates.index(replaced))) if replaced is not None else rule
    last = timing.last_occurrence(rule, meeting.start, meeting.minutes) if rule.until is not None else None
    if last is None or rule.until is None:
        return rule
    moved = last.start.date().add(days=shift(meeting, start)).at(start.time())
    return replace(rule, until=max(rule.until, timing.localised(moved, timing.zone_of(start)).to_instant()))


def shift(meeting: Meeting, start: ZonedDateTime) -> int:
    """Return by how many days a series moves if it starts at `start`: from the date of it that is nearest."""
    if meeting.rule is None or meeting.start is None:
        return 0
    around = start.subtract(days=_AROUND_DAYS).to_instant(), start.add(days=_AROUND_DAYS).to_instant()
    rule = timing.filled(meeting.rule, meeting.start.date())
    dates = timing.occurrences(rule, meeting.start, meeting.minutes, after=around[0], before=around[1])
    nearest = _nearest(dates, start)
    return int(start.date().since(nearest.start.date(), total="days")) if nearest is not None else 0


_AROUND_DAYS = 100
"""More than lie between two dates of any series that RingCentral takes (3 months, 12 weeks, 90 days)."""


def cancelled(meeting: Meeting, now: Instant) -> list[timing.Slot]:
    """Return the upcoming dates of the rule that RingCentral does not list, as far as its list of dates goes."""
    if meeting.rule is None or meeting.start is None or not meeting.listed:
        return []
    end = None if meeting.listed_whole else meeting.listed[-1].slot.end.to_instant()
    listed = {one.slot.start.to_instant() for one in meeting.listed}
    slots = timing.occurrences(meeting.rule, meeting.start, meeting.minutes, after=now, before=end)
    return [slot for slot in slots if slot.start.to_instant() not in listed and slot.start.to_instant() > now]


def date_changes(before: Meeting, after: Meeting, now: Instant) -> DateChanges:
    """Compare the upcoming dates of a series before and after a change; a date that moved with it is neither."""
    if not (before.is_series and after.is_series):
        return DateChanges()
    moved = before.start != after.start and after.start is not None
    days = shift(before, after.start) if moved and after.start is not None else 0
    old, new = _ahead(before, now, days), _ahead(after, now, 0)
    gone = {slot.start.date().add(days=days) for slot in cancelled(before, now)}
    end = min((max(dates) for dates in (old, new) if len(dates) >= EXPANDED_AT_MOST), default=Date.MAX)
    return DateChanges(
        added=tuple(one for day, one in new.items() if day not in old and day not in gone and day <= end),
        lost=tuple(one for day, one in old.items() if day not in new and day <= end),
        returned=tuple(one for day, one in new.items() if day in gone and day not in old),
    )


def _ahead(meeting: Meeting, now: Instant, days: int) -> dict[Date, Occurrence]:
    dates = meeting.occurrences(after=now)
    return {one.slot.start.date().add(days=days): one for one in dates if one.slot.start.to_instant() > now}


def _nearest(dates: list[timing.Slot], start: ZonedDateTime) -> timing.Slot | None:
    begins = start.to_instant().timestamp()
    return min(dates, key=lambda slot: abs(slot.start.to_instant().timestamp() - begins), default=None)
