"""The right meeting to delete or to end: it must match what the caller expects, and the person may be asked."""

import dataclasses
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mcp.server.mcpserver.resolve import AcceptedElicitation, Elicit, ElicitationResult
from pydantic import BaseModel, Field
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import (
    MAX_MINUTES,
    MAX_TOPIC_CHARS,
    TOPIC_CHARS,
    Meeting,
    MeetingType,
    Occurrence,
)
from ringcentral_meetings.products import MeetingProduct
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.tools import Ctx, product, services
from ringcentral_meetings.tools.results import Restore, recurrence
from ringcentral_meetings.untrusted_text import clean, normalized, truncated

Scope = Literal["occurrence", "series"]
TargetScope = Literal["meeting", "occurrence", "series"]

DATES_NAMED = 5
UNTITLED = "Untitled meeting"
"""The topic of a restored meeting that had none: create_meeting needs one."""


@dataclass(frozen=True, slots=True)
class ExpectedMeeting:
    """What the caller expects the meeting to be."""

    meeting_id: str
    topic: str
    start: str | None
    host_id: str | None = None
    scope: Scope | None = None
    occurrence_id: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The meeting that matched what was expected, its product, and the date that is meant, if it has any.

    `zone` is the zone in which the date is shown, if that is not the meeting's own.
    """

    product: MeetingProduct
    expected: ExpectedMeeting
    meeting: Meeting
    date: Occurrence | None
    zone: str | None
    scope: TargetScope


class Consent(BaseModel):
    """The form that the person is shown."""

    confirm: bool = Field(description="Yes, go ahead")


async def expected_deletion(
    meeting_id: str,
    expected_topic: str,
    expected_start: str | None,
    scope: Scope | None,
    occurrence_id: str | None,
    host_id: str | None,
) -> ExpectedMeeting:
    """Return what a deletion expects; both resolvers share it, because a resolver gets the tool's arguments by name."""
    return ExpectedMeeting(meeting_id, expected_topic, expected_start, host_id, scope, occurrence_id)


async def expected_ending(
    meeting_id: str, expected_topic: str, expected_start: str | None, host_id: str | None
) -> ExpectedMeeting:
    """Return what an ending expects, as `expected_deletion` does."""
    return ExpectedMeeting(meeting_id, expected_topic, expected_start, host_id)


async def find_to_delete(ctx: Ctx, expected: ExpectedMeeting) -> Target:
    """Read the meeting, and match it with what is expected and with the scope given.

    Raises:
        errors.Refused: `not_found`, `target_mismatch`, `scope_required`, `invalid_arguments`,
            `not_supported_by_product`.
    """
    chosen = await product(ctx, expected.host_id)
    if expected.scope == "occurrence" or expected.occurrence_id is not None:
        chosen.require("series")
    meeting = await chosen.get(expected.meeting_id, expected.host_id)
    if expected.scope == "series" and not meeting.calendar_dates:
        chosen.require("series")
    target = await _matched(ctx, chosen, expected, meeting, _scope(meeting, expected, services(ctx).now()))
    _refuse_one_of_several_dates(target)
    return target


async def find_to_end(ctx: Ctx, expected: ExpectedMeeting) -> Target:
    """Read the meeting, and match it with what is expected.

    Raises:
        errors.Refused: `not_found`, `target_mismatch`, `invalid_arguments`, `not_supported_by_product`.
    """
    chosen = await product(ctx, expected.host_id)
    chosen.require("ending")
    meeting = await chosen.get(expected.meeting_id, expected.host_id)
    return await _matched(ctx, chosen, expected, meeting, "meeting")


async def _matched(
    ctx: Ctx, chosen: MeetingProduct, expected: ExpectedMeeting, meeting: Meeting, scope: TargetScope
) -> Target:
    date = _date(meeting, expected, services(ctx).now())
    target = Target(chosen, expected, meeting, date, await services(ctx).shown_zone(meeting), scope)
    _refuse_mismatch(target)
    return target


async def ask(ctx: Ctx, target: Target, action: str) -> Target | Elicit[Consent]:
    """Return the question to ask the person, or the target itself if nobody is to be asked.

    Raises:
        errors.Refused: `declined`, if confirmation is set to `always` and the client cannot ask.
    """
    confirm = services(ctx).confirm
    question = f"{action} {_described(target)}?"
    if confirm == "never":
        return target
    if contract.can_ask(ctx):
        return Elicit(question, Consent)
    if confirm == "always":
        raise errors.confirmation_impossible(question)
    return target


async def consented(answer: ElicitationResult[Consent], again: Callable[[], Awaitable[Target]], action: str) -> Target:
    """Return the target to act on: as read if nobody was asked, read and matched again if the person agreed."""
    given = answer.data if isinstance(answer, AcceptedElicitation) else None
    if isinstance(given, Target):
        return given
    if given is None or not given.confirm:
        raise errors.declined(action)
    return await again()


def restore(target: Target, now: Instant) -> Restore | None:
    """Return the arguments of create_meeting that restore the upcoming dates; None if there are none.

    For a series they begin with its next date at the usual hour, and follow the rule: dates that were deleted or
    moved one by one are restored as the rule has them.
    """
    meeting = target.meeting
    if meeting.meeting_type == "Instant":
        return None
    if target.scope == "series":
        return _restored_series(meeting, now)
    if meeting.start is None:
        return _restored(meeting, None, None)
    ahead = target.date is not None and target.date.slot.start.to_instant() > now
    return _restored(meeting, target.date, None) if ahead else None


def _restored_series(meeting: Meeting, now: Instant) -> Restore | None:
    rule, begins = meeting.rule, meeting.start
    if rule is None or begins is None:
        return None
    dates = (one for one in meeting.occurrences(after=now) if one.slot.start.to_instant() > now)
    first = next((one for one in dates if one.slot.start.time() == begins.time()), None)
    if first is None:
        return None
    if rule.count is not None:
        begun = first.slot.start.to_instant()
        left = timing.occurrences(rule, begins, meeting.minutes, after=begun, limit=timing.MAX_COUNT)
        rule = dataclasses.replace(rule, count=len(left))
    return _restored(meeting, first, rule)


def _restored(meeting: Meeting, date: Occurrence | None, rule: timing.Rule | None) -> Restore:
    kind: MeetingType = "ScheduledRecurring" if rule is not None else "Recurring" if date is None else "Scheduled"
    return Restore(
        topic=truncated(clean(meeting.topic), MAX_TOPIC_CHARS) or UNTITLED,
        meeting_type=kind,
        start_time=timing.show(date.slot.start) if date is not None else None,
        time_zone=date.slot.start.tz_id if date is not None else None,
        duration_minutes=min(meeting.minutes, MAX_MINUTES) or None if date is not None else None,
        recurrence=recurrence(rule),
        password=meeting.password or None,
        # Only where RingCentral says that there is none: the account may set one for new meetings.
        clear=["password"] if meeting.password == "" else None,
        settings=meeting.settings if meeting.settings.given() else None,
        host_id=meeting.host_id,
    )


def _scope(meeting: Meeting, expected: ExpectedMeeting, now: Instant) -> Literal["meeting", "occurrence", "series"]:
    if not meeting.is_series:
        if expected.scope == "occurrence" or expected.occurrence_id is not None:
            raise errors.not_a_series(expected.meeting_id)
        return "meeting"
    if expected.scope is None:
        raise errors.scope_required(_dates_ahead(meeting, now))
    if expected.scope == "occurrence" and expected.occurrence_id is None:
        raise errors.invalid_argument(
            "occurrence_id", 'is required with scope "occurrence"', "list_meetings shows it for each date of a series."
        )
    if expected.scope == "series" and expected.occurrence_id is not None:
        raise errors.invalid_argument(
            "occurrence_id", 'does not go with scope "series"', 'Leave it out, or give scope="occurrence".'
        )
    return expected.scope


def _date(meeting: Meeting, expected: ExpectedMeeting, now: Instant) -> Occurrence | None:
    if meeting.start is None:
        return None
    if expected.occurrence_id is not None:
        found = meeting.occurrence(expected.occurrence_id)
        if found is None:
            raise errors.occurrence_not_found(expected.occurrence_id, expected.meeting_id)
        return found
    whole = Occurrence(None, timing.Slot(meeting.start, meeting.start.add(minutes=meeting.minutes)))
    return (meeting.next_occurrence(now) or whole) if meeting.is_series else whole


def _refuse_mismatch(target: Target) -> None:
    expected = target.expected
    live = _described(dataclasses.replace(target, scope="occurrence"))
    if normalized(truncated(expected.topic, TOPIC_CHARS)) != normalized(target.meeting.shown_topic):
        raise errors.target_mismatch(
            expected.meeting_id, f'expected_topic "{errors.quoted(expected.topic)}" differs.', live
        )
    if target.date is None and expected.start is not None and not _is_calendar_date(target, expected.start):
        if not target.meeting.calendar_dates and not target.meeting.calendar_unknown:
            raise errors.no_start_to_match(expected.meeting_id, live)
        raise errors.target_mismatch(expected.meeting_id, f"expected_start {_why_not_then(target.meeting)}", live)
    if target.date is None:
        return
    if expected.start is None:
        raise errors.invalid_argument(
            "expected_start", "is required, since the meeting has a start", "Give its start as list_meetings shows it."
        )
    begins = target.date.slot.start
    zone = target.zone or begins.tz_id or "UTC"
    named = timing.parse_window_edge(expected.start, zone, end=False, field="expected_start")
    if timing.to_wire(named)[:16] != timing.to_wire(begins.to_instant())[:16]:
        raise errors.target_mismatch(
            expected.meeting_id, f"expected_start {errors.quoted(expected.start)} differs.", live
        )


def _refuse_one_of_several_dates(target: Target) -> None:
    """Refuse to delete a room by one of its dates in the calendar: the others would lose their link too."""
    dates, expected = target.meeting.calendar_dates, target.expected
    if target.date is None and expected.start is not None and expected.scope is None and len(dates) > 1:
        raise errors.room_of_several_dates(calendar_dates(dates, target.zone))


def _why_not_then(room: Meeting) -> str:
    if room.calendar_dates:
        return "differs from its dates in the calendar."
    return "cannot be compared, since the calendar could not be read: leave it out."


def _is_calendar_date(target: Target, start: str) -> bool:
    zone = target.zone or "UTC"
    named = timing.to_wire(timing.parse_window_edge(start, zone, end=False, field="expected_start"))[:16]
    return any(timing.to_wire(one.slot.start.to_instant())[:16] == named for one in target.meeting.calendar_dates)


def calendar_dates(dates: Sequence[Occurrence], zone: str | None) -> str:
    """Return the dates of a room in words that a person recognises: the first few, and how many more there are."""
    starts = [timing.at(one.slot.start.to_instant(), zone or "UTC") for one in dates[:DATES_NAMED]]
    shown = [f"{timing.weekday(start)} {timing.show(start)}" for start in starts]
    more = f" and {len(dates) - DATES_NAMED} more" if len(dates) > DATES_NAMED else ""
    return f"a room that the calendar uses on {', '.join(shown)}{more}"


def _described(target: Target) -> str:
    """Return the meeting in words that a person recognises; they are the same in each round of a confirmation."""
    named = f'"{errors.quoted(target.meeting.shown_topic)}"'
    if target.date is None:
        used = target.meeting.calendar_dates
        unused = "dates in the calendar unknown" if target.meeting.calendar_unknown else "no fixed time"
        return f"{named} ({calendar_dates(used, target.zone) if used else unused})"
    own = target.date.slot.start
    start = timing.at(own.to_instant(), target.zone) if target.zone is not None else own
    when = f"{timing.weekday(start)} {timing.show(start)} {start.tz_id}"
    if target.scope == "series":
        return f"the whole series {named}: {target.meeting.recurrence_text()}, from {when} on"
    return f"{named} ({when})"


def _dates_ahead(meeting: Meeting, now: Instant) -> str:
    ahead = meeting.occurrences(after=now, limit=100)
    many = "100 or more" if len(ahead) >= 100 else str(len(ahead))
    following = f", next on {timing.show(ahead[0].slot.start)}" if ahead else ""
    return f"{meeting.recurrence_text()}; {many} occurrences ahead{following}"
