"""Planning with others: free times and invitations."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Annotated, Final, Literal, Self, get_args

from mcp_types import ContentBlock, EmbeddedResource, ResourceLink, TextResourceContents
from pydantic import Field, JsonValue, PrivateAttr, StringConstraints
from whenever import Instant

from ringcentral_meetings import errors, views
from ringcentral_meetings.calendars import Read
from ringcentral_meetings.domain import invitation, timing
from ringcentral_meetings.domain.meeting import MAX_MINUTES, Meeting, Recurrence
from ringcentral_meetings.products.agenda import unknowns
from ringcentral_meetings.products.schedules import Calendar, read_calendars
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.contract import Result, ToolSpec
from ringcentral_meetings.text import clean
from ringcentral_meetings.tools import Ctx, HostId, MeetingId, Services, TimeZone, freetime, product, services
from ringcentral_meetings.tools.busy import busy_times, remarks, unknown_throughout
from ringcentral_meetings.tools.default_zone import Zone, ZoneSource
from ringcentral_meetings.tools.freetime import Span
from ringcentral_meetings.tools.requests import MeetingArguments, at_time
from ringcentral_meetings.tools.results import Part

DEFAULT_DAYS = 7
MAX_DAYS = 366
WORKDAYS: tuple[timing.Weekday, ...] = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
ORDER = "inside the working hours of every zone first, spread over the days of the window, then by time"
State = Literal["known", "partly_unknown", "unknown"]
_LOOKED_AT = "Only scheduled RingCentral meetings were looked at: no instant meetings, no other calendars."
_LOOKED_AT_CALENDAR = (
    "The user's own calendar was looked at, where unknown times count as busy, and of others scheduled RingCentral "
    "meetings alone."
)
CALENDAR_TYPE = "text/calendar"

ClockTime = Annotated[str, StringConstraints(pattern=r"^\d\d:\d\d$")]


_WEEKDAY: Final[dict[str, JsonValue]] = {"type": "string", "enum": list(get_args(timing.Weekday))}
BRIEF_RECURRENCE: Final[dict[str, JsonValue]] = {
    "frequency": {"type": "string", "enum": list(get_args(timing.Frequency)), "description": "Unit"},
    "interval": {"type": "integer", "minimum": 1, "maximum": 90, "description": "Step"},
    "weekly_days": {"type": "array", "items": _WEEKDAY, "description": "Weekdays"},
    "count": {"type": "integer", "minimum": 1, "maximum": timing.MAX_COUNT, "description": "Dates"},
    "until": {"type": "string", "description": "End"},
}
"""The recurrence as published a second time, in short: create_meeting describes the same object in full.

The monthly fields are taken too; without them a monthly entry repeats on the day of its start.
"""


class LocalTime(Part):
    """A slot's start in another time zone."""

    time_zone: str
    start: str
    weekday: timing.Weekday
    outside_hours: bool | None = None


class FreeSlot(Part):
    """A time at which none of the hosts that could be read is busy."""

    start: str
    end: str
    weekday: timing.Weekday
    elsewhere: list[LocalTime] | None = None


class HostCalendar(Part):
    """A host whose meetings were looked at, and whether they could be read."""

    host_id: str | None = None
    name: str | None = None
    time_zone: str | None = None
    calendar: State
    problem: str | None = None


class FreeTimes(Result):
    """Slots, best first; `hosts` says whose meetings were looked at."""

    slots: list[FreeSlot]
    window_start: str
    window_end: str
    time_zone: str
    time_zone_source: ZoneSource
    hosts: list[HostCalendar]
    note: str


class MeetingInvitation(Result):
    """A text to paste, and a calendar file if the meeting has a time."""

    text: str
    text_by: Literal["ringcentral", "server"]
    file_name: str | None = None
    file_uri: str | None = None
    uid: str | None = None
    note: str
    _file: bytes | None = PrivateAttr(None)
    _link_alone: bool = PrivateAttr(False)

    def attach(self, file: bytes) -> None:
        """Attach the calendar file."""
        self._file = file

    def attachments(self) -> list[ContentBlock]:
        if self._file is None or self.file_name is None:
            return []
        uri = self.file_uri or f"attachment:{self.file_name}"
        contents = TextResourceContents(uri=uri, mime_type=CALENDAR_TYPE, text=self._file.decode())
        if self.file_uri is None:
            return [] if self._link_alone else [EmbeddedResource(type="resource", resource=contents)]
        link = ResourceLink(
            type="resource_link",
            name=self.file_name,
            uri=self.file_uri,
            mime_type=CALENDAR_TYPE,
            size=len(self._file),
        )
        return [link] if self._link_alone else [EmbeddedResource(type="resource", resource=contents), link]

    def with_less_attached(self) -> Self:
        """Return the invitation without its file, and with its link where the file is a resource."""
        where = "read the resource file_uri" if self.file_uri is not None else "enter it by the text instead"
        self.note = f"Nothing was sent: pass the text on. The .ics file is too large to attach: {where}."
        self._link_alone = True
        return self


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for: the window, the working hours and weekdays, the length of a slot and the step of starts."""

    start: Instant
    end: Instant
    zone: Zone
    day_start: str
    day_end: str
    weekdays: Sequence[timing.Weekday]
    seconds: int
    step_seconds: int

    def hours(self, zone: str) -> list[Span]:
        """Return the working hours of a zone within the window."""
        return freetime.common(freetime.merged(self._days(zone)), [_span(self.start, self.end)])

    def _days(self, zone: str) -> Iterator[Span]:
        day, last = (timing.local_today(edge, zone) for edge in (self.start, self.end))
        while day <= last:
            if timing.weekday_of(day) in self.weekdays:
                yield _span(
                    _clock(f"{day}", self.day_start, zone, "day_start"), _clock(f"{day}", self.day_end, zone, "day_end")
                )
            day = day.add(days=1)


async def find_meeting_times(
    ctx: Ctx,
    duration_minutes: Annotated[int, Field(description="Length of a slot", ge=5, le=1_440)],
    window_start: Annotated[
        str | None, Field(description="From this date or local time; default now", max_length=40)
    ] = None,
    window_end: Annotated[
        str | None,
        Field(description="Through this date or time; default a week from window_start", max_length=40),
    ] = None,
    time_zone: TimeZone = None,
    host_ids: Annotated[
        list[Annotated[str, StringConstraints(max_length=100)]] | None,
        contract.Blanks.ARE_ITEMS,  # a blank id must not pass for somebody who is free
        Field(description="Others' extension ids, from get_connection_status check=full", max_length=10),
    ] = None,
    day_start: Annotated[ClockTime, Field(description="Start of the working hours, HH:MM")] = "09:00",
    day_end: Annotated[ClockTime, Field(description="End of the working hours, HH:MM to 24:00")] = "17:00",
    weekdays: Annotated[list[timing.Weekday] | None, Field(description="Days to search; default Mon-Fri")] = None,
    buffer_minutes: Annotated[int, Field(description="Kept free before and after each meeting", ge=0, le=240)] = 0,
    step_minutes: Annotated[int, Field(description="Step between possible starts", ge=5, le=240)] = 30,
    limit: Annotated[int, Field(description="Number of slots", ge=1, le=25)] = 5,
    guest_zones: Annotated[
        list[Annotated[str, StringConstraints(max_length=80)]] | None,
        Field(description="IANA zones of guests without an extension", max_length=10),
    ] = None,
) -> FreeTimes:
    """Find free (open) time slots for a RingCentral meeting of the user and others: when everyone is available.

    Who is busy, a gap that suits everybody, all persons, the earliest. Sees RingCentral meetings, and the user's own
    calendar if set. Options are spread over days, first those in every host's working hours.
    A host who cannot be read is unknown, never free.
    """
    own = services(ctx)
    zone = await own.viewer_zone(time_zone)
    start, end = _window(window_start, window_end, zone.name, own.now())
    if day_end <= day_start:
        raise errors.invalid_argument("day_end", "is not after day_start", 'Give, for example, "09:00" and "17:00".')
    days = weekdays or WORKDAYS
    search = Search(start, end, zone, day_start, day_end, days, duration_minutes * 60, step_minutes * 60)
    guests = [timing.zone(name, "guest_zones") for name in guest_zones or ()]
    others = _others(host_ids or ())
    await product(ctx)
    buffer = buffer_minutes * 60
    around = start.subtract(seconds=buffer), end.add(seconds=buffer)
    calendars = await read_calendars(own.products, others, around)
    busy, unread = busy_times(calendars, start, end, own.now(), buffer)
    zones = [calendar.host.zone for calendar in calendars if calendar.host.zone is not None]
    slots, more = _slots(search, [*zones, *guests], busy, limit)
    hosts = [_host(calendar, _state(calendar, start, end, unread)) for calendar in calendars]
    return FreeTimes(
        slots=slots,
        window_start=timing.show(timing.at(start, zone.name)),
        window_end=timing.show(timing.at(end, zone.name)),
        time_zone=zone.name,
        time_zone_source=zone.source,
        hosts=hosts,
        note=_note(hosts, found=bool(slots), more=more, own=calendars[0].own),
    )


async def get_meeting_invitation(
    ctx: Ctx,
    meeting_id: MeetingId,
    host_id: HostId = None,
    start_time: Annotated[
        str | None, Field(description="If it stores none: local or with offset", max_length=40)
    ] = None,
    duration_minutes: Annotated[
        int | None, Field(description="Length, with start_time; default 60", ge=1, le=MAX_MINUTES)
    ] = None,
    time_zone: TimeZone = None,
    recurrence: Annotated[
        Recurrence | None,
        Field(description="As in create_meeting, with start_time", json_schema_extra={"properties": BRIEF_RECURRENCE}),
    ] = None,
    replaces: Annotated[
        str | None,
        Field(description="uid of an earlier result, whose entry this one replaces", max_length=2_500),
    ] = None,
) -> MeetingInvitation:
    """Get the invitation (invite) to a RingCentral meeting, to send to guests: text to paste, an .ics calendar file.

    Joining instructions to write or forward, something to put into a chat or add to a calendar. Sends nothing itself.
    """
    own = services(ctx)
    found = await (await product(ctx, host_id)).invitation(meeting_id, host_id)
    stored = found.meeting
    wanted = MeetingArguments(
        start_time=start_time, duration_minutes=duration_minutes, time_zone=time_zone, recurrence=recurrence
    )
    meeting = await at_time(stored, wanted, own)
    if replaces is not None and meeting is stored:
        raise errors.nothing_to_replace(stored=stored.start is not None)
    uid = await _uid(meeting, replaces, time_zone, own) if meeting is not stored else None
    theirs = invitation.shown_text(found.text or "") if meeting is stored else ""
    addressed = meeting is stored and meeting.start is not None and host_id is None
    answer = MeetingInvitation(
        text=theirs or invitation.text_of(meeting, found.info, await own.shown_zone(meeting)),
        text_by="ringcentral" if theirs else "server",
        file_name=invitation.ics_name(meeting) if meeting.start is not None else None,
        file_uri=invitation.ics_uri(stored.meeting_id) if addressed else None,
        uid=uid,
        note=_invitation_note(meeting, stored=meeting is stored, replaced=replaces if replaces != uid else None),
    )
    if meeting.start is not None:
        answer.attach(invitation.ics_of(meeting, found.info, own.now(), uid=uid))
    return answer


async def _uid(meeting: Meeting, replaces: str | None, time_zone: str | None, own: Services) -> str:
    """Return the UID of the entry for a room at a time: a new one, or that of the entry which it replaces.

    An entry that was never moved may also be named by its start.
    """
    if replaces is None:
        return invitation.uid_of(meeting, meeting.start)
    if "@" not in replaces:
        zone = await own.zone(time_zone)
        return invitation.uid_of(meeting, timing.parse_start(replaces, zone.name, field="replaces"))
    if not invitation.has_uid(meeting, replaces.strip()):
        raise errors.invalid_argument(
            "replaces", "is not the uid of an entry for this meeting", "Give the uid as an earlier result named it."
        )
    return replaces.strip()


def _invitation_note(meeting: Meeting, *, stored: bool, replaced: str | None) -> str:
    if meeting.start is None:
        return "Nothing was sent: pass the text on. Without a time there is no .ics file: give start_time to get one."
    note = "Nothing was sent: pass the text on, and the attached .ics file if the person can save it."
    if stored:
        return note
    moving = (
        " RingCentral does not store this time. To move or change the entry, call again with replaces=uid; without it "
        "a second one stands beside it. To cancel, tell the guests to delete it: there is no file for that."
    )
    known = " An entry is known by its start only if it was never moved." if replaced is not None else ""
    return f"{note}{moving}{known}"


def _others(host_ids: Sequence[str]) -> list[str]:
    """Return the other hosts named. A blank id is refused: it must not pass for somebody who is free."""
    named = [clean(host_id) for host_id in host_ids]
    if not all(named):
        raise errors.invalid_argument("host_ids", "holds an empty id", "Give the extension id of each host.")
    return [host_id for host_id in named if host_id != "~"]


def _window(window_start: str | None, window_end: str | None, zone: str, now: Instant) -> tuple[Instant, Instant]:
    """Return the window asked for, without the part that has passed."""
    start = now
    if window_start is not None:
        start = max(now, timing.parse_window_edge(window_start, zone, end=False, field="window_start"))
    if window_end is not None:
        end = timing.parse_window_edge(window_end, zone, end=True, field="window_end")
    else:
        end = timing.at(start, zone).add(days=DEFAULT_DAYS).to_instant()
    if end <= start:
        raise errors.invalid_argument("window_end", "is not after window_start and now", "Give a later one.")
    if (end - start).total("hours") > MAX_DAYS * 24:
        raise errors.invalid_argument("window_end", f"is more than {MAX_DAYS} days on", "Give a shorter window.")
    return start, end


def _slots(search: Search, zones: Sequence[str], busy: list[Span], limit: int) -> tuple[list[FreeSlot], bool]:
    """Return at most `limit` free slots, and whether there are more; `zones` are those of hosts and guests."""
    elsewhere = {zone: search.hours(zone) for zone in dict.fromkeys(zones) if zone != search.zone.name}
    hours = search.hours(search.zone.name)
    preferred = hours
    for others in elsewhere.values():
        preferred = freetime.common(preferred, others)
    free = freetime.gaps(hours, busy)

    def offset(moment: int) -> int:
        return round(timing.at(Instant.from_timestamp(moment), search.zone.name).offset.total("seconds"))

    def day(moment: int) -> int:
        return (moment + offset(moment)) // freetime.DAY

    ranked = freetime.ranked(free, preferred, search.seconds, search.step_seconds, offset)
    starts, more = freetime.spread(ranked, limit, day)
    return [_slot((start, start + search.seconds), search.zone.name, elsewhere) for start in starts], more


def _slot(span: Span, zone: str, elsewhere: dict[str, list[Span]]) -> FreeSlot:
    start, end = (timing.at(Instant.from_timestamp(edge), zone) for edge in span)
    local = [_local(span, other, freetime.covers(hours, span)) for other, hours in elsewhere.items()]
    return FreeSlot(
        start=timing.show(start), end=timing.show(end), weekday=timing.weekday(start), elsewhere=local or None
    )


def _local(span: Span, zone: str, inside: bool) -> LocalTime:
    start = timing.at(Instant.from_timestamp(span[0]), zone)
    return LocalTime(
        time_zone=zone,
        start=timing.show(start),
        weekday=timing.weekday(start),
        outside_hours=None if inside else True,
    )


def _state(calendar: Calendar, start: Instant, end: Instant, unread: Sequence[Calendar]) -> State:
    if calendar.problem is not None or unknown_throughout(calendar, start, end):
        return "unknown"
    return "partly_unknown" if calendar in unread else "known"


def _host(calendar: Calendar, state: State) -> HostCalendar:
    return HostCalendar(
        host_id=calendar.host.host_id,
        name=calendar.host.name,
        time_zone=calendar.host.zone,
        calendar=state,
        problem=_problem(calendar),
    )


def _problem(calendar: Calendar) -> str | None:
    if calendar.problem is not None:
        return f"{calendar.problem.code}: {calendar.problem.next_step}"
    return " ".join(unknowns(calendar.own)) or None if calendar.own is not None else None


def _note(hosts: Sequence[HostCalendar], *, found: bool, more: bool, own: Read | None) -> str:
    notes = [_LOOKED_AT_CALENDAR, *remarks(own)] if own is not None else [_LOOKED_AT]
    for state, words in (
        ("unknown", "could not be read: they may be busy at any of these times"),
        ("partly_unknown", "could not all be read: they may be busy"),
    ):
        if names := [
            errors.quoted(host.name or host.host_id or "the user") for host in hosts if host.calendar == state
        ]:
            notes.append(f"The meetings of {', '.join(names)} {words}.")
    if any(host.calendar != "unknown" and host.time_zone is None for host in hosts):
        notes.append("The working hours of a host without time_zone are unknown.")
    if found:
        notes.append(f"Order: {ORDER}.")
    if more:
        notes.append("There are more slots: raise limit or move the window.")
    if not found:
        notes.append("No free slot: widen the window, hours or weekdays, or reduce duration_minutes.")
    return " ".join(notes)


def _clock(day: str, clock: str, zone: str, field: str) -> Instant:
    midnight = clock == "24:00"
    return timing.parse_window_edge(day if midnight else f"{day}T{clock}", zone, end=midnight, field=field)


def _span(start: Instant, end: Instant) -> Span:
    """Return the whole seconds between two moments."""
    return ceil(start.timestamp()), int(end.timestamp())


READ_TOOLS = (
    ToolSpec(find_meeting_times, "Find free times to meet on RingCentral", contract.READ, view=views.uri),
    ToolSpec(get_meeting_invitation, "Get a RingCentral invitation", contract.READ),
)
