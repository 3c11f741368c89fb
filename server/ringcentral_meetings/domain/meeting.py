"""Meetings, the changes that are asked for, and the facts around them, as tools and products pass them.

Parts of the arguments and results of tools are pydantic models; what passes between tools and products are frozen
dataclasses with instants and zones.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError
from whenever import Instant, ZonedDateTime

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.untrusted_text import clean, truncated

MeetingType = Literal["Instant", "Scheduled", "ScheduledRecurring", "Recurring"]
WaitingRoom = Literal["Nobody", "Everybody", "GuestsOnly", "OtherAccount"]
TranscriptionsMode = Literal["Auto", "ForceAuto", "User"]
Clearable = Literal["password", "alternative_hosts", "global_dial_in_countries", "recurrence_end"]
"""What the argument `clear` can remove from a meeting."""

ProductName = Literal["RingCentral Meetings", "RingCentral Video"]
TOPIC_CHARS = 200
"""Longer topics are cut to this length where they are shown or compared."""

MAX_TOPIC_CHARS = 1_000
MAX_MINUTES = 10_080
"""The longest topic and meeting (a week) that is accepted; RingCentral documents no limit."""

UTC_NAMES = ("UTC", "Etc/UTC", "GMT", "Etc/GMT")

OCCURRENCES_LISTED = 50
"""A list of occurrences shorter than this is taken as complete; RingCentral does not say where it cuts one."""

EXPANDED_AT_MOST = 1_000
"""The most occurrences of one series that are looked at. Code that looks at fewer than there are reports that."""


def _refuse_yearly(value: Any) -> Any:
    if isinstance(value, str) and value.strip().casefold() in {"yearly", "annual", "annually", "year"}:
        raise PydanticCustomError(errors.EXPLAINED, errors.NO_YEARLY_SERIES)
    return value


class Recurrence(BaseModel):
    """How a meeting repeats, as an argument and a result of tools."""

    model_config = ConfigDict(extra="forbid")

    frequency: Annotated[timing.Frequency, Field(description="Not yearly: create each year's meeting")]
    interval: Annotated[int, Field(description="Days, weeks (to 12) or months (to 3) between", ge=1, le=90)] = 1
    weekly_days: Annotated[list[timing.Weekday] | None, Field(description="If Weekly; default the start's")] = None
    monthly_day: Annotated[int | None, Field(description="If Monthly: day of the month", ge=1, le=31)] = None
    monthly_week: Annotated[timing.MonthWeek | None, Field(description="If Monthly; not with monthly_day")] = None
    monthly_weekday: Annotated[timing.Weekday | None, Field(description="With monthly_week")] = None
    count: Annotated[int | None, Field(description="Number of dates", ge=1, le=timing.MAX_COUNT)] = None
    until: Annotated[str | None, Field(description="Last date, such as 2027-01-05", max_length=40)] = None

    _no_yearly = field_validator("frequency", mode="before")(_refuse_yearly)


class RecurrenceChange(BaseModel):
    """What changes in how a meeting repeats, as an argument of update_meeting; what is absent stays."""

    model_config = ConfigDict(extra="forbid")

    frequency: Annotated[timing.Frequency | None, Field(description="Not yearly")] = None
    interval: Annotated[int | None, Field(description="Days, weeks or months between", ge=1, le=90)] = None
    weekly_days: Annotated[list[timing.Weekday] | None, Field(description="All its weekdays")] = None
    monthly_day: Annotated[int | None, Field(description="Not with monthly_week", ge=1, le=31)] = None
    monthly_week: Annotated[timing.MonthWeek | None, Field(description="Instead of monthly_day")] = None
    monthly_weekday: Annotated[timing.Weekday | None, Field(description="With monthly_week")] = None
    count: Annotated[
        int | None, Field(description="Dates from the first start on; replaces until", ge=1, le=timing.MAX_COUNT)
    ] = None
    until: Annotated[str | None, Field(description="Last date; replaces count", max_length=40)] = None

    _no_yearly = field_validator("frequency", mode="before")(_refuse_yearly)


class MeetingSettings(BaseModel):
    """The options of a meeting, named as in RingCentral's APIs; absent means unknown or unchanged.

    Some exist in only one of the two products, and are refused for the other.
    """

    model_config = ConfigDict(extra="forbid")

    allow_join_before_host: Annotated[bool | None, Field(description="Guests may join first")] = None
    enable_waiting_room: Annotated[bool | None, Field(description="Host admits each guest")] = None
    enforce_login: Annotated[bool | None, Field(description="Signed-in users only")] = None
    mute_participants_on_entry: Annotated[bool | None, Field(description="Guests join muted")] = None
    start_host_video: Annotated[bool | None, Field(description="Host video on")] = None
    start_participants_video: Annotated[bool | None, Field(description="Guest video on")] = None
    use_personal_meeting_id: Annotated[bool | None, Field(description="Not a new id")] = None
    audio_options: Annotated[list[Literal["Phone", "ComputerAudio"]] | None, Field(description="Ways to join")] = None
    auto_record_type: Annotated[
        Literal["local", "cloud", "none", "forced"] | None, Field(description="Automatic recording")
    ] = None
    global_dial_in_countries: Annotated[list[str] | None, Field(description="ISO codes or names", max_length=100)] = (
        None
    )
    alternative_hosts: Annotated[str | None, Field(description="Who else may host", max_length=1_000)] = None

    waiting_room: Annotated[WaitingRoom | None, Field(description="Video: who waits")] = None
    same_account: Annotated[bool | None, Field(description="Video: own company only")] = None
    screen_sharing: Annotated[bool | None, Field(description="Video: allowed")] = None
    transcriptions_mode: Annotated[TranscriptionsMode | None, Field(description="Video: User starts it")] = None
    e2ee: Annotated[bool | None, Field(description="Video: end-to-end encryption")] = None

    def given(self) -> dict[str, Any]:
        """Return the options that are set, by name."""
        return self.model_dump(exclude_none=True)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series as RingCentral lists it; `occurrence_id` names it in a deletion."""

    occurrence_id: str | None
    slot: timing.Slot


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as RingCentral stores it. `start` is in the meeting's own zone; None if it has no fixed time.

    A room of RingCentral Video is a meeting without a fixed time. Guests join it by its `pin`, or dial `phone_pin`
    and `phone_password`.
    """

    meeting_id: str
    topic: str
    meeting_type: MeetingType
    start: ZonedDateTime | None = None
    duration_minutes: int | None = None
    rule: timing.Rule | None = None
    listed: tuple[Occurrence, ...] = ()
    status: str | None = None
    host_id: str | None = None
    password: str | None = field(default=None, repr=False)
    """Empty if RingCentral says that there is none."""
    join_url: str | None = field(default=None, repr=False)
    start_url: str | None = field(default=None, repr=False)
    settings: MeetingSettings = field(default_factory=MeetingSettings)
    pin: str | None = None
    phone_pin: str | None = None
    phone_password: str | None = field(default=None, repr=False)
    calendar_dates: tuple[Occurrence, ...] = ()
    """Of a room: the dates from today on at which the person's own calendar uses it, as far as it could be read."""

    calendar_unknown: tuple[str, ...] = ()
    """Of a room: why further dates in the calendar may have been missed."""

    organizer: str | None = None
    """Who invited the person, by the calendar; None if that is unknown or the person."""

    unclear: bool = False
    """Whether its time, zone or recurrence could not be read completely, so that dates may be missing."""

    @property
    def shown_topic(self) -> str:
        return truncated(clean(self.topic), TOPIC_CHARS)

    @property
    def minutes(self) -> int:
        return self.duration_minutes or 0

    @property
    def time_zone(self) -> str | None:
        return self.start.tz_id if self.start is not None else None

    @property
    def stored_in_utc(self) -> bool:
        """Whether its zone has no meaning: RingCentral's own clients store every meeting in UTC."""
        return self.time_zone in UTC_NAMES

    @property
    def is_series(self) -> bool:
        """Whether it has several dates, even if its recurrence could not be read."""
        repeats = self.meeting_type == "ScheduledRecurring" or self.rule is not None or len(self.listed) > 1
        return self.start is not None and repeats

    @property
    def running(self) -> bool:
        return self.status == "Started"

    def occurrences(
        self, after: Instant | None = None, before: Instant | None = None, limit: int = EXPANDED_AT_MOST
    ) -> list[Occurrence]:
        """Return its dates that overlap [after, before), in order: those RingCentral lists, else those of the rule."""
        return self._dates(after, before, limit, beyond=not self.listed_whole)

    def busy_occurrences(self, after: Instant, before: Instant, limit: int = EXPANDED_AT_MOST) -> list[Occurrence]:
        """Return the same as `occurrences`, and every date of the rule after the last one that RingCentral lists.

        A date at the end of a series may have been deleted or just not be listed. Such a date counts as busy.
        """
        return self._dates(after, before, limit, beyond=True)

    def _dates(self, after: Instant | None, before: Instant | None, limit: int, *, beyond: bool) -> list[Occurrence]:
        if self.start is None:
            return []
        if self.rule is None and not self.listed:
            single = timing.Slot(self.start, self.start.add(minutes=self.minutes))
            return [Occurrence(None, single)] if timing.overlaps(single, after, before) else []
        found = [one for one in self.listed if timing.overlaps(one.slot, after, before)]
        if self.rule is not None and (beyond or not self.listed):
            found += self._by_rule(self.rule, self.start, after, before, limit)
        return found[:limit]

    def _by_rule(
        self, rule: timing.Rule, start: ZonedDateTime, after: Instant | None, before: Instant | None, limit: int
    ) -> list[Occurrence]:
        """Return the dates of the rule that come after those that RingCentral lists."""
        if self.listed:
            end = self.listed[-1].slot.end.to_instant()
            after = max(after, end) if after is not None else end
        slots = timing.occurrences(rule, start, self.minutes, after=after, before=before, limit=limit)
        return [Occurrence(None, slot) for slot in slots]

    @property
    def listed_whole(self) -> bool:
        """Whether `listed` holds all of its upcoming dates."""
        endless = self.rule is not None and self.rule.count is None and self.rule.until is None
        return not endless and len(self.listed) < OCCURRENCES_LISTED

    def next_occurrence(self, now: Instant) -> Occurrence | None:
        """Return the occurrence that is running or comes next; None if the meeting is over."""
        ahead = self.occurrences(after=now, limit=1)
        return ahead[0] if ahead else None

    def occurrence(self, occurrence_id: str) -> Occurrence | None:
        """Return the listed date with this id."""
        return next((known for known in self.listed if known.occurrence_id == occurrence_id), None)

    def recurrence_text(self) -> str | None:
        """Describe the recurrence in words; None for a single meeting."""
        if self.rule is None:
            return "a series whose recurrence could not be read" if self.is_series else None
        if self.start is None:
            return "no fixed time"
        return timing.describe(self.rule, self.start, self.minutes)

    def editable_fields(self) -> dict[str, Any]:
        """Return the fields that a person may change, by the name of their argument, as they are shown."""
        known: dict[str, Any] = {
            "topic": self.shown_topic,
            "meeting_type": self.meeting_type,
            "start_time": timing.show(self.start) if self.start is not None else None,
            "time_zone": self.time_zone,
            "duration_minutes": self.duration_minutes,
            "recurrence": self.recurrence_text(),
            "password": self.password or None,
        }
        options = {f"settings.{name}": value for name, value in self.settings.given().items()}
        return {name: value for name, value in (known | options).items() if value is not None}


@dataclass(frozen=True, slots=True)
class MeetingDraft:
    """A new meeting, or a change of one, in which None leaves a field as it is."""

    topic: str | None = None
    meeting_type: MeetingType | None = None
    start: ZonedDateTime | None = None
    duration_minutes: int | None = None
    rule: timing.Rule | None = None
    password: str | None = field(default=None, repr=False)
    settings: MeetingSettings = field(default_factory=MeetingSettings)


@dataclass(frozen=True, slots=True)
class Listing:
    """The meetings that RingCentral lists; `complete` is False if some could not be read, with the reasons in `notes`.

    `calendar_as_of` is when those of a calendar were read. `remarks` are notes that do not make it incomplete.
    """

    meetings: tuple[Meeting, ...]
    complete: bool
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    calendar_as_of: Instant | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """A meeting that overlaps the one asked for, with the first occurrence of it that does."""

    meeting: Meeting
    occurrence: Occurrence


@dataclass(frozen=True, slots=True)
class Updated:
    """A meeting before and after a change.

    `not_applied` names the fields that were asked for and that RingCentral did not change. `side_effects` names
    those that changed without being asked for: by somebody else meanwhile, or by a rule of the account.
    """

    before: Meeting
    after: Meeting
    not_applied: tuple[str, ...] = ()
    side_effects: tuple[str, ...] = ()
    clashes: tuple[Clash, ...] = ()
    """The meetings that overlap it at its new time."""


@dataclass(frozen=True, slots=True)
class DialInNumber:
    """A phone number for joining; `country` is an ISO 3166 code. Each field may be missing in RingCentral's answer."""

    number: str
    country: str | None = None
    country_name: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """Facts about a user's meeting service, without host credentials."""

    dial_in: tuple[DialInNumber, ...] = ()
    support_url: str | None = None
    international_numbers_url: str | None = None
    personal_meeting_id: str | None = None
    personal_link: str | None = None
    uses_personal_id_for_instant: bool | None = None
    missing: tuple[str, ...] = ()
    """Why parts could not be read, each as an error's code and message."""


@dataclass(frozen=True, slots=True)
class Host:
    """The host of meetings: extension id, name, IANA zone and e-mail address, each None if it is unknown."""

    host_id: str | None = None
    name: str | None = None
    zone: str | None = None
    email: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What an invitation is made of: the meeting, RingCentral's text, and the dial-in facts."""

    meeting: Meeting
    text: str | None = None
    info: ServiceInfo | None = None
