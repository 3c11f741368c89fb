"""The tools on scheduled meetings: list, get, create, update, delete, end."""

from functools import partial
from typing import Annotated, Literal

from mcp.server.mcpserver.resolve import Elicit, ElicitationResult, Resolve
from pydantic import Field
from whenever import Instant

from ringcentral_meetings import errors, views
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import (
    MAX_MINUTES,
    MAX_TOPIC_CHARS,
    Clearable,
    Meeting,
    MeetingDraft,
    MeetingSettings,
    MeetingType,
    Occurrence,
    Recurrence,
    RecurrenceChange,
)
from ringcentral_meetings.domain.series import cancelled, date_changes
from ringcentral_meetings.products import CreationPolicy, UpdatePolicy
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.contract import ToolSpec
from ringcentral_meetings.tools import (
    Ctx,
    HostId,
    MeetingId,
    OccurrenceId,
    TimeZone,
    listing,
    notes,
    product,
    results,
    services,
)
from ringcentral_meetings.tools.requests import MeetingArguments, changed_meeting, new_meeting
from ringcentral_meetings.tools.targets import (
    Consent,
    ExpectedMeeting,
    Scope,
    Target,
    ask,
    calendar_dates,
    consented,
    expected_deletion,
    expected_ending,
    find_to_delete,
    find_to_end,
    restore,
)

CLASHES_SHOWN = 5
IfConflict = Literal["report", "refuse"]

Topic = Annotated[str | None, Field(description="Title", max_length=MAX_TOPIC_CHARS)]
StartTime = Annotated[str | None, Field(description="Local time (2026-11-24T15:00) or with an offset", max_length=40)]
Duration = Annotated[int | None, Field(description="Length; default 60", ge=1, le=MAX_MINUTES)]
NewStartTime = Annotated[str | None, Field(description="Local time, or with an offset", max_length=40)]
NewDuration = Annotated[int | None, Field(description="Length", ge=1, le=MAX_MINUTES)]
Kind = Annotated[MeetingType | None, Field(description="Recurring: no fixed time; ScheduledRecurring: a series")]
Repeats = Annotated[Recurrence | None, Field(description="How a series repeats from start_time")]
Password = Annotated[
    str | None,
    Field(description="Up to 10 letters, digits, _@*-, such as Fc2pm9", pattern="^[A-Za-z0-9_@*-]{0,10}$"),
]
Settings = Annotated[MeetingSettings | None, Field(description="Options; default if absent")]
NewSettings = Annotated[MeetingSettings | None, Field(description="Options; unchanged if absent")]
Clear = Annotated[list[Clearable] | None, Field(description="What to remove")]
LeftOut = Annotated[
    list[Literal["password", "alternative_hosts", "global_dial_in_countries"]] | None,
    Field(description="What to remove"),
]
ExpectedTopic = Annotated[
    str,
    contract.Blanks.ARE_TEXT,  # as the topic of a meeting may be
    Field(description="Topic as list_meetings shows it", max_length=MAX_TOPIC_CHARS),
]
ExpectedStart = Annotated[
    str | None,
    Field(description="Start as shown; of a series its next date or occurrence_id's", max_length=40),
]


async def list_meetings(
    ctx: Ctx,
    window_start: Annotated[
        str | None, Field(description="From this date (2026-11-24) or local time; default now", max_length=40)
    ] = None,
    window_end: Annotated[
        str | None,
        Field(description="Through this date or time; default two weeks from window_start", max_length=40),
    ] = None,
    time_zone: TimeZone = None,
    query: Annotated[str | None, Field(description="Words in the topic", max_length=200)] = None,
    limit: Annotated[int, Field(description="Rows a page", ge=1, le=100)] = 25,
    page_token: Annotated[
        str | None, Field(description="next_page_token, arguments the same", max_length=1_000)
    ] = None,
    host_id: HostId = None,
) -> results.MeetingPage:
    """List or search (look up, find) upcoming RingCentral meetings, calls: agenda, schedule today, tomorrow, next week.

    Shows everything that one has got scheduled, that is coming up, called so or double booked: a rundown of calls.
    Each date (next occurrence) of a series is a row. Past meetings are not listed.
    """
    own = services(ctx)
    zone = await own.viewer_zone(time_zone)
    asked = listing.Query(window_start, window_end, query, host_id)
    window = listing.window_at(asked, zone.name, own.now(), page_token)
    found = await (await product(ctx, host_id)).list_meetings(host_id, (window.start, window.end))
    return await listing.page_of(found, asked, zone, own.now(), limit, page_token)


async def get_meeting(ctx: Ctx, meeting_id: MeetingId, host_id: HostId = None) -> results.MeetingDetails:
    """Get one RingCentral meeting or Video room: join link, password, PIN, waiting room, settings, repeat rule.

    Details: host, how long it is planned, until which year it repeats, whether it will record automatically,
    whether guests wait in the lobby, enter without a password or share their screen. Has the url to hop on a call;
    no host key.
    """
    own = services(ctx)
    meeting = await (await product(ctx, host_id)).get(meeting_id, host_id)
    return results.details(meeting, own.now(), await own.shown_zone(meeting))


async def create_meeting(
    ctx: Ctx,
    topic: Annotated[str, Field(description="Title, such as Retro", max_length=MAX_TOPIC_CHARS)],
    start_time: StartTime = None,
    duration_minutes: Duration = None,
    time_zone: TimeZone = None,
    meeting_type: Kind = None,
    recurrence: Repeats = None,
    password: Password = None,
    settings: Settings = None,
    clear: LeftOut = None,
    host_id: HostId = None,
    allow_duplicate: Annotated[bool, Field(description="Create even if an equal meeting exists")] = False,
    if_conflict: Annotated[IfConflict, Field(description="If it overlaps another")] = "report",
) -> results.MeetingCreated:
    """Schedule (book, plan, make, put on a calendar) a new RingCentral meeting or series, or start an instant one.

    Or set up (create) a permanent Video room to reuse. A call with a team right now, immediately, asap has
    meeting_type Instant. An existing equal meeting is returned (created=false).
    """
    own = services(ctx)
    wanted = MeetingArguments(
        topic,
        start_time,
        duration_minutes,
        time_zone,
        meeting_type,
        recurrence,
        password,
        settings,
        tuple(clear or ()),
    )
    draft, source = await new_meeting(wanted, own)
    policy = CreationPolicy(allow_duplicate, if_conflict == "refuse")
    made = await (await product(ctx, host_id)).create(draft, host_id, policy)
    zone = draft.start.tz_id if draft.start is not None and not made.meeting.is_series else made.meeting.time_zone
    conflicts = [results.conflict(clash, zone or "UTC") for clash in made.clashes[:CLASHES_SHOWN]]
    return results.MeetingCreated(
        created=made.created,
        meeting=results.at_next_date(made.meeting, own.now(), zone),
        time_zone_source=source,
        duplicate_check=made.duplicate_check,
        differs=list(made.differs) or None,
        conflicts=conflicts or None,
        more_conflicts=len(made.clashes) - len(conflicts) or None,
        start_url=made.meeting.start_url,
        note=notes.after_creation(made),
    )


async def update_meeting(
    ctx: Ctx,
    meeting_id: MeetingId,
    topic: Topic = None,
    start_time: NewStartTime = None,
    duration_minutes: NewDuration = None,
    time_zone: Annotated[
        str | None, Field(description="IANA zone of start_time; default the meeting's own", max_length=80)
    ] = None,
    meeting_type: Kind = None,
    recurrence: Annotated[
        RecurrenceChange | None, Field(description="Only what changes; laid over the present rule")
    ] = None,
    password: Password = None,
    settings: NewSettings = None,
    clear: Clear = None,
    host_id: HostId = None,
    if_conflict: Annotated[IfConflict, Field(description="If it overlaps another")] = "report",
) -> results.MeetingUpdated:
    """Change (reschedule, move, postpone, push back, shift later, bring forward, rename) a RingCentral meeting.

    Or adjust a series, make a call longer or biweekly instead, set a password, enable or turn off any of the
    settings, let all in or mute all. Only the fields given change; shows old and new. A series changes as a whole:
    to move one date, add a single meeting and delete that occurrence.
    """
    own = services(ctx)
    wanted = MeetingArguments(
        topic,
        start_time,
        duration_minutes,
        time_zone,
        meeting_type,
        recurrence,
        password,
        settings,
        tuple(clear or ()),
    )
    if wanted.changes_nothing:
        raise errors.nothing_to_change()
    viewer = await own.viewer_zone(time_zone)

    def plan(live: Meeting) -> MeetingDraft:
        return changed_meeting(wanted, live, viewer, own.now())

    chosen = await product(ctx, host_id)
    if recurrence is not None:
        chosen.require("series")
    done = await chosen.update(meeting_id, host_id, plan, UpdatePolicy(if_conflict == "refuse"))
    zone = viewer.name if time_zone is not None or done.after.stored_in_utc else done.after.time_zone
    dates = date_changes(done.before, done.after, own.now())
    return results.MeetingUpdated(
        changes=results.changes(done),
        not_applied=list(done.not_applied) or None,
        changed_unasked=list(done.side_effects) or None,
        dates_added=results.dates(dates.added, zone),
        dates_lost=results.dates(dates.lost, zone),
        cancelled_dates_returned=results.dates(dates.returned, zone),
        conflicts=[results.conflict(clash, zone or "UTC") for clash in done.clashes[:CLASHES_SHOWN]] or None,
        meeting=results.at_next_date(done.after, own.now(), zone),
        note=notes.after_update(done, dates),
    )


@contract.budgeted
async def confirm_deletion(
    ctx: Ctx, expected: Annotated[ExpectedMeeting, Resolve(expected_deletion)]
) -> Target | Elicit[Consent]:
    return await ask(ctx, await find_to_delete(ctx, expected), "Delete")


@contract.budgeted
async def confirmed_deletion(
    ctx: Ctx,
    answer: Annotated[ElicitationResult[Consent], Resolve(confirm_deletion)],
    expected: Annotated[ExpectedMeeting, Resolve(expected_deletion)],
) -> Target:
    return await consented(answer, partial(find_to_delete, ctx, expected), "the deletion")


async def delete_meeting(
    ctx: Ctx,
    target: Annotated[Target, Resolve(confirmed_deletion)],
    meeting_id: MeetingId,
    expected_topic: ExpectedTopic,
    expected_start: ExpectedStart = None,
    scope: Annotated[Scope | None, Field(description="Required for a series")] = None,
    occurrence_id: OccurrenceId = None,
    host_id: HostId = None,
) -> results.MeetingDeleted:
    """Delete (cancel, remove, call off, drop, scrap, skip) a RingCentral meeting, room, whole series or one occurrence.

    To take off a meeting of tomorrow, bin it, or get rid of a duplicate for good. Topic and start must match.
    Returns `restore`: the create_meeting arguments that restore the dates ahead.
    """
    removal = await target.product.delete(meeting_id, host_id, occurrence_id)
    way_back = restore(target, services(ctx).now())
    again = _to_delete_again(target, way_back, services(ctx).now())
    used = target.meeting.calendar_dates
    return results.MeetingDeleted(
        deleted=True,
        scope=target.scope,
        already_gone=True if removal.already_gone else None,
        meeting=results.summary(target.meeting, target.date, target.zone),
        restore=way_back,
        delete_again=results.dates(again, target.zone),
        note=notes.after_deletion(
            restorable=way_back is not None,
            cancelled_dates=bool(again),
            calendar_dates=calendar_dates(used, target.zone) if used else None,
            calendar_unknown=bool(target.meeting.calendar_unknown),
        ),
    )


@contract.budgeted
async def confirm_ending(
    ctx: Ctx, expected: Annotated[ExpectedMeeting, Resolve(expected_ending)]
) -> Target | Elicit[Consent]:
    target = await find_to_end(ctx, expected)
    return await ask(ctx, target, "End for everybody") if _may_run(target) else target


@contract.budgeted
async def confirmed_ending(
    ctx: Ctx,
    answer: Annotated[ElicitationResult[Consent], Resolve(confirm_ending)],
    expected: Annotated[ExpectedMeeting, Resolve(expected_ending)],
) -> Target:
    return await consented(answer, partial(find_to_end, ctx, expected), "the ending")


async def end_meeting(
    target: Annotated[Target, Resolve(confirmed_ending)],
    meeting_id: MeetingId,
    expected_topic: ExpectedTopic,
    expected_start: ExpectedStart = None,
    host_id: HostId = None,
) -> results.MeetingEnded:
    """End (stop, finish, hang up, close, shut down, wrap up) a running RingCentral meeting for everybody; not deleted.

    Kicks everyone out of what is live, open or overrun.
    """
    shown = results.summary(target.meeting, target.date, target.zone)
    if not _may_run(target):
        return results.MeetingEnded(
            ended=False, status=target.meeting.status, meeting=shown, note="It is not running, so nothing was ended."
        )
    ending = await target.product.end(meeting_id, host_id)
    return results.MeetingEnded(
        ended=ending.ended,
        status=ending.status,
        already_gone=True if ending.already_gone else None,
        meeting=shown.model_copy(update={"status": ending.status}),
        note=notes.after_ending(ending),
    )


def _to_delete_again(target: Target, way_back: results.Restore | None, now: Instant) -> list[Occurrence]:
    """Return the dates of a series that had been cancelled and that restoring it brings back."""
    if target.scope != "series" or way_back is None or way_back.start_time is None:
        return []
    begins = timing.parse_offset_start(way_back.start_time) or now
    slots = cancelled(target.meeting, now)
    return [Occurrence(None, slot) for slot in slots if slot.start.to_instant() > begins]


def _may_run(target: Target) -> bool:
    return target.meeting.status != results.NOT_RUNNING


READ_TOOLS = (
    ToolSpec(list_meetings, "List RingCentral meetings", contract.READ, view=views.uri),
    ToolSpec(get_meeting, "Show a RingCentral meeting's link and settings", contract.READ, view=views.uri),
)

NO_ATTENDEES = "RingCentral stores no attendees: create the meeting, then pass its join link on."
GUESTS = dict.fromkeys(("attendees", "invitees", "participants"), NO_ATTENDEES)
WAITING_ROOM = (
    'Give settings={"enable_waiting_room": true}; on RingCentral Video settings={"waiting_room": "Everybody"}.'
)
ONE_DATE = (
    "One date of a series cannot be edited: create_meeting for the new time, then delete_meeting with scope=occurrence."
)
FROM_A_DATE_ON = (
    "This and following dates cannot be edited: call update_meeting with the recurrence that get_meeting shows, with "
    "until as the day before and without count, then create_meeting for the rest."
)
PART = (
    f"{ONE_DATE} For this and following: update_meeting with recurrence.until as the day before, then create_meeting."
)

WRITE_TOOLS = (
    ToolSpec(
        create_meeting,
        "Schedule a RingCentral meeting",
        contract.CREATE,
        hints={
            "waiting_room": WAITING_ROOM,
            **GUESTS,
        },
        view=views.uri,
    ),
    ToolSpec(
        update_meeting,
        "Reschedule, change or edit a RingCentral meeting",
        contract.UPDATE,
        hints={
            "waiting_room": WAITING_ROOM,
            "occurrence_id": ONE_DATE,
            "scope": PART,
            "apply_to": PART,
            "this_and_following": FROM_A_DATE_ON,
            "following": FROM_A_DATE_ON,
            **GUESTS,
        },
    ),
    ToolSpec(delete_meeting, "Cancel or delete a RingCentral meeting", contract.DESTROY),
    ToolSpec(end_meeting, "End a running RingCentral meeting", contract.DESTROY),
)
