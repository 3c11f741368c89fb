"""The tool that finds times at which everybody is free."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, StringConstraints
from whenever import Instant

from ringcentral_meetings import errors, views
from ringcentral_meetings.domain import timing
from ringcentral_meetings.platform.pauses import Pauses
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.contract import Result, ToolSpec
from ringcentral_meetings.tools import Ctx, TimeZone, product, services, spans
from ringcentral_meetings.tools.default_zone import Zone, ZoneSource
from ringcentral_meetings.tools.results import Part
from ringcentral_meetings.tools.spans import Span
from ringcentral_meetings.untrusted_text import clean

if TYPE_CHECKING:
    from ringcentral_meetings.calendars import Read
    from ringcentral_meetings.products.schedules import Calendar

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

ClockTime = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]


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
        return spans.common(spans.merged(self._days(zone)), [_seconds_within(self.start, self.end)])

    def _days(self, zone: str) -> Iterator[Span]:
        day, last = (timing.local_today(edge, zone) for edge in (self.start, self.end))
        while day <= last:
            if timing.weekday_of(day) in self.weekdays:
                yield _seconds_within(
                    _time_on_day(f"{day}", self.day_start, zone, "day_start"),
                    _time_on_day(f"{day}", self.day_end, zone, "day_end"),
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
        Field(description="Others' extension ids from get_connection_status check=full", max_length=10),
    ] = None,
    day_start: Annotated[ClockTime, Field(description="Start of the working hours, HH:MM")] = "09:00",
    day_end: Annotated[ClockTime, Field(description="End of the working hours, HH:MM to 24:00")] = "17:00",
    weekdays: Annotated[list[timing.Weekday] | None, Field(description="Days to search; default Mon-Fri")] = None,
    buffer_minutes: Annotated[int, Field(description="Free before and after each meeting", ge=0, le=240)] = 0,
    step_minutes: Annotated[int, Field(description="Between possible starts", ge=5, le=240)] = 30,
    limit: Annotated[int, Field(description="Number of slots", ge=1, le=25)] = 5,
    guest_zones: Annotated[
        list[Annotated[str, StringConstraints(max_length=80)]] | None,
        Field(description="IANA zones of guests without an extension", max_length=10),
    ] = None,
) -> FreeTimes:
    """Find free (open) time slots for a RingCentral meeting of the user and others: when everyone is available.

    Who is busy, and where is a gap that suits everybody, all persons, the earliest? Sees RingCentral meetings, and
    the user's own calendar if set. Options are spread over days, first those in every host's working hours.
    A host who cannot be read is unknown, never free.
    """
    from ringcentral_meetings.products.schedules import read_calendars
    from ringcentral_meetings.tools.busy import busy_times

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
    busy, unread = await busy_times(calendars, start, end, own.now(), buffer)
    zones = [calendar.host.zone for calendar in calendars if calendar.host.zone is not None]
    slots, more = await _slots(search, [*zones, *guests], busy, limit)
    hosts = [_host(calendar, _state(calendar, start, end, unread)) for calendar in calendars]
    return FreeTimes(
        slots=slots,
        window_start=timing.show(timing.at(start, zone.name)),
        window_end=timing.show(timing.at(end, zone.name)),
        time_zone=zone.name,
        time_zone_source=zone.source,
        hosts=hosts,
        note=_search_note(hosts, found=bool(slots), more=more, own=calendars[0].own),
    )


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


async def _slots(search: Search, zones: Sequence[str], busy: list[Span], limit: int) -> tuple[list[FreeSlot], bool]:
    """Return at most `limit` free slots, and whether there are more; `zones` are those of hosts and guests."""
    pauses = Pauses()
    hours = search.hours(search.zone.name)
    preferred, elsewhere = hours, dict[str, list[Span]]()
    for zone in dict.fromkeys(zones):
        await pauses.take_if_due()
        if zone != search.zone.name:
            elsewhere[zone] = search.hours(zone)
            preferred = spans.common(preferred, elsewhere[zone])
    await pauses.take_if_due()
    free = spans.gaps(hours, busy)

    @cache
    def offset(moment: int) -> int:
        return round(timing.at(Instant.from_timestamp(moment), search.zone.name).offset.total("seconds"))

    def day(moment: int) -> int:
        return (moment + offset(moment)) // spans.DAY

    ranked = spans.ranked(free, preferred, search.seconds, search.step_seconds, offset)
    starts, more = await spans.spread(ranked, limit, day, pauses)
    return [_slot((start, start + search.seconds), search.zone.name, elsewhere) for start in starts], more


def _slot(span: Span, zone: str, elsewhere: dict[str, list[Span]]) -> FreeSlot:
    start, end = (timing.at(Instant.from_timestamp(edge), zone) for edge in span)
    local = [_local(span, other, spans.covers(hours, span)) for other, hours in elsewhere.items()]
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


def _state(calendar: "Calendar", start: Instant, end: Instant, unread: Sequence["Calendar"]) -> State:
    from ringcentral_meetings.tools.busy import unknown_throughout

    if calendar.problem is not None or unknown_throughout(calendar, start, end):
        return "unknown"
    return "partly_unknown" if calendar in unread else "known"


def _host(calendar: "Calendar", state: State) -> HostCalendar:
    return HostCalendar(
        host_id=calendar.host.host_id,
        name=calendar.host.name,
        time_zone=calendar.host.zone,
        calendar=state,
        problem=_problem(calendar),
    )


def _problem(calendar: "Calendar") -> str | None:
    from ringcentral_meetings.products.agenda import unknowns

    if calendar.problem is not None:
        return f"{calendar.problem.code}: {calendar.problem.next_step}"
    return " ".join(unknowns(calendar.own)) or None if calendar.own is not None else None


def _search_note(hosts: Sequence[HostCalendar], *, found: bool, more: bool, own: "Read | None") -> str:
    from ringcentral_meetings.tools.busy import remarks

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


def _time_on_day(day: str, clock: str, zone: str, field: str) -> Instant:
    midnight = clock == "24:00"
    return timing.parse_window_edge(day if midnight else f"{day}T{clock}", zone, end=midnight, field=field)


def _seconds_within(start: Instant, end: Instant) -> Span:
    """Return the whole seconds that lie within the time between two moments."""
    return ceil(start.timestamp()), int(end.timestamp())


READ_TOOLS = (ToolSpec(find_meeting_times, "Find free times to meet on RingCentral", contract.READ, view=views.uri),)
