"""What tools and products speak: a meeting, what is asked for one, and the facts around it.

Arguments and results of tools are pydantic models here; what passes between tools and products are frozen
dataclasses with real instants and zones.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from whenever import Instant, ZonedDateTime

from ringcentral_meetings.domain import timing
from ringcentral_meetings.text import clean, truncated

MeetingType = Literal["Instant", "Scheduled", "ScheduledRecurring", "Recurring"]
WaitingRoom = Literal["Nobody", "Everybody", "GuestsOnly", "OtherAccount"]
TranscriptionsMode = Literal["Auto", "ForceAuto", "User"]
ProductName = Literal["RingCentral Meetings", "RingCentral Video"]
TOPIC_CHARS = 200
"""A longer topic is shown, and compared, cut to this."""

MAX_TOPIC_CHARS = 1_000
MAX_MINUTES = 10_080
"""The longest topic and meeting (a week) that is asked for; RingCentral tells no limit."""

UTC_NAMES = ("UTC", "Etc/UTC", "GMT", "Etc/GMT")

OCCURRENCES_LISTED = 50
"""RingCentral's own list of occurrences is taken as complete while it is shorter than this."""

EXPANDED_AT_MOST = 1_000
"""Occurrences of one series that are looked at, in any window."""


class Recurrence(BaseModel):
    """How a meeting repeats, as a tool takes and gives it."""

    model_config = ConfigDict(extra="forbid")

    frequency: Annotated[timing.Frequency, Field(description="Unit of interval")]
    interval: Annotated[int, Field(description="In units; Weekly to 12, Monthly to 3", ge=1, le=90)] = 1
    weekly_days: Annotated[list[timing.Weekday] | None, Field(description="Weekly; default the start's")] = None
    monthly_day: Annotated[int | None, Field(description="Monthly: date", ge=1, le=31)] = None
    monthly_week: Annotated[timing.MonthWeek | None, Field(description="Instead of monthly_day")] = None
    monthly_weekday: Annotated[timing.Weekday | None, Field(description="With monthly_week")] = None
    count: Annotated[int | None, Field(description="Dates in all; not with until", ge=1, le=timing.MAX_COUNT)] = None
    until: Annotated[str | None, Field(description="Last date (2027-01-05) or local time", max_length=40)] = None


class MeetingSettings(BaseModel):
    """The options of a meeting, named as in RingCentral's APIs; absent means unknown or unchanged.

    Some are known to one of the two products alone: asking the other for them is refused, never passed over.
    """

    model_config = ConfigDict(extra="forbid")

    allow_join_before_host: Annotated[bool | None, Field(description="Guests may join first")] = None
    enable_waiting_room: Annotated[bool | None, Field(description="Host admits each guest")] = None
    enforce_login: Annotated[bool | None, Field(description="Signed-in users only")] = None
    mute_participants_on_entry: Annotated[bool | None, Field(description="Guests join muted")] = None
    start_host_video: Annotated[bool | None, Field(description="Host's video on")] = None
    start_participants_video: Annotated[bool | None, Field(description="Guests' video on")] = None
    use_personal_meeting_id: Annotated[bool | None, Field(description="Instead of a new id")] = None
    audio_options: Annotated[list[Literal["Phone", "ComputerAudio"]] | None, Field(description="Ways to join")] = None
    auto_record_type: Annotated[
        Literal["local", "cloud", "none", "forced"] | None, Field(description="Automatic recording")
    ] = None
    global_dial_in_countries: Annotated[list[str] | None, Field(description="Such as US, GB", max_length=100)] = None
    alternative_hosts: Annotated[
        str | None, Field(description="Who else may host, as RingCentral writes it", max_length=1_000)
    ] = None

    waiting_room: Annotated[WaitingRoom | None, Field(description="Video only: who waits for the host")] = None
    same_account: Annotated[bool | None, Field(description="Video only: own company")] = None
    screen_sharing: Annotated[bool | None, Field(description="Video only: allowed")] = None
    transcriptions_mode: Annotated[TranscriptionsMode | None, Field(description="Video only: User starts it")] = None
    e2ee: Annotated[bool | None, Field(description="Video only: end-to-end encryption")] = None

    def given(self) -> dict[str, Any]:
        """The options that are set, by name."""
        return self.model_dump(exclude_none=True)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One date of a series as RingCentral lists it; `occurrence_id` names it in a deletion."""

    occurrence_id: str | None
    slot: timing.Slot


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting as it is. `start` is in the meeting's own zone; None where it has no fixed time.

    A room of RingCentral Video is one without a fixed time; guests join it by its `pin`, or dial `phone_pin` and
    `phone_password`.
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
    join_url: str | None = field(default=None, repr=False)
    start_url: str | None = field(default=None, repr=False)
    settings: MeetingSettings = field(default_factory=MeetingSettings)
    pin: str | None = None
    phone_pin: str | None = None
    phone_password: str | None = field(default=None, repr=False)
    unclear: bool = False
    """Whether its time, zone or recurrence could not be understood whole, so that dates of it may be missing."""

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
        """Whether its zone says nothing: RingCentral's own clients store every meeting in UTC."""
        return self.time_zone in UTC_NAMES

    @property
    def is_series(self) -> bool:
        """Whether it has several dates, be its recurrence readable or not."""
        repeats = self.meeting_type == "ScheduledRecurring" or self.rule is not None or len(self.listed) > 1
        return self.start is not None and repeats

    @property
    def running(self) -> bool:
        return self.status == "Started"

    def occurrences(
        self, after: Instant | None = None, before: Instant | None = None, limit: int = EXPANDED_AT_MOST
    ) -> list[Occurrence]:
        """Its dates that overlap [after, before), in order: RingCentral's where it lists them, else by the rule."""
        return self._dates(after, before, limit, beyond=not self._listed_whole())

    def busy_occurrences(self, after: Instant, before: Instant, limit: int = EXPANDED_AT_MOST) -> list[Occurrence]:
        """As `occurrences`, with every date of the rule after those that RingCentral lists.

        A date at the end of a series may have been deleted, or merely not be listed: nobody is called free then.
        """
        return self._dates(after, before, limit, beyond=True)

    def _dates(self, after: Instant | None, before: Instant | None, limit: int, *, beyond: bool) -> list[Occurrence]:
        if self.start is None:
            return []
        found: list[Occurrence] = []
        for occurrence in self._all(self.start, after, before, limit, beyond=beyond):
            begins, ends = occurrence.slot.start.to_instant(), occurrence.slot.end.to_instant()
            if (after is None or ends > after) and (before is None or begins < before):
                found.append(occurrence)
        return found[:limit]

    def _all(
        self, start: ZonedDateTime, after: Instant | None, before: Instant | None, limit: int, *, beyond: bool
    ) -> Iterator[Occurrence]:
        if self.rule is None:
            yield from self.listed or (Occurrence(None, timing.Slot(start, start.add(minutes=self.minutes))),)
            return
        yield from self.listed
        if self.listed:
            if not beyond:
                return
            end = self.listed[-1].slot.end.to_instant()
            after = max(after, end) if after is not None else end
        for slot in timing.occurrences(self.rule, start, self.minutes, after=after, before=before, limit=limit):
            yield Occurrence(None, slot)

    def _listed_whole(self) -> bool:
        endless = self.rule is not None and self.rule.count is None and self.rule.until is None
        return not endless and len(self.listed) < OCCURRENCES_LISTED

    def next_occurrence(self, now: Instant) -> Occurrence | None:
        """The occurrence that is running or comes next; None where nothing lies ahead."""
        ahead = self.occurrences(after=now, limit=1)
        return ahead[0] if ahead else None

    def occurrence(self, occurrence_id: str) -> Occurrence | None:
        return next((known for known in self.listed if known.occurrence_id == occurrence_id), None)

    def recurrence_text(self) -> str | None:
        """The series in words."""
        if self.rule is None:
            return "a series whose recurrence could not be read" if self.is_series else None
        if self.start is None:
            return "no fixed time"
        return timing.describe(self.rule, self.start, self.minutes)

    def editable_fields(self) -> dict[str, Any]:
        """What of it a person may change, by argument name, each as it is shown."""
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
    """What is asked for: a new meeting, or with `None` for what shall stay, a change of one."""

    topic: str | None = None
    meeting_type: MeetingType | None = None
    start: ZonedDateTime | None = None
    duration_minutes: int | None = None
    rule: timing.Rule | None = None
    password: str | None = field(default=None, repr=False)
    settings: MeetingSettings = field(default_factory=MeetingSettings)


@dataclass(frozen=True, slots=True)
class Listing:
    """The meetings that RingCentral lists; `complete` is False where its pages were not read to the end."""

    meetings: tuple[Meeting, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Updated:
    """A meeting before and after a change.

    `not_applied` names the fields asked for that RingCentral did not take, `unasked` those that changed all the
    same: somebody else changed them meanwhile, or a rule of the account did.
    """

    before: Meeting
    after: Meeting
    not_applied: tuple[str, ...] = ()
    side_effects: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DialInNumber:
    """A phone number for joining; `country` is the ISO code or the name, as far as RingCentral tells."""

    number: str
    country: str | None = None
    country_name: str | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """Facts about a user's meeting service; holds no host credential."""

    dial_in: tuple[DialInNumber, ...] = ()
    support_url: str | None = None
    international_numbers_url: str | None = None
    personal_meeting_id: str | None = None
    personal_link: str | None = None
    uses_personal_id_for_instant: bool | None = None
    untold: tuple[str, ...] = ()
    """Why parts of it are missing, each as an error's code and message."""


@dataclass(frozen=True, slots=True)
class Host:
    """Somebody whose meetings they are: extension id, name and IANA zone, as far as RingCentral tells."""

    host_id: str | None = None
    name: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What there is to invite people with: the meeting, RingCentral's own text of it, and the dial-in facts."""

    meeting: Meeting
    text: str | None = None
    info: ServiceInfo | None = None


def differences(asked: MeetingDraft, got: Meeting) -> tuple[str, ...]:
    """The names of the fields asked for that the meeting does not have so, or does not tell."""
    told = {
        "topic": (asked.topic, got.topic),
        "meeting_type": (asked.meeting_type, got.meeting_type),
        "start_time": (_instant(asked.start), _instant(got.start)),
        "time_zone": (asked.start.tz_id if asked.start is not None else None, got.time_zone),
        "duration_minutes": (asked.duration_minutes, got.duration_minutes),
        "recurrence": (_comparable(asked.rule), _comparable(got.rule)),
        "password": (asked.password, got.password or ""),
    }
    names = [name for name, (wanted, actual) in told.items() if wanted is not None and wanted != actual]
    options = asked.settings.given().items()
    names += [f"settings.{name}" for name, wanted in options if not _has(got.settings, name, wanted)]
    return tuple(names)


def _has(settings: MeetingSettings, name: str, wanted: Any) -> bool:
    """Whether an option is as wanted. One that is not told is at its default, but for the personal meeting id."""
    actual = getattr(settings, name)
    if actual is None and name == "use_personal_meeting_id":
        return False
    return bool(_unordered(wanted) == (_unordered(actual) or type(wanted)()))


def side_effects(asked: MeetingDraft, before: Meeting, after: Meeting) -> tuple[str, ...]:
    """The fields that differ before and after a change and do not follow from what was asked."""
    expected = set(differences(asked, before))
    if expected & {"start_time", "meeting_type"}:
        expected |= {"start_time", "time_zone", "duration_minutes", "recurrence"}
    was, now = before.editable_fields(), after.editable_fields()
    return tuple(name for name in {**was, **now} if was.get(name) != now.get(name) and name not in expected)


def not_applied(asked: MeetingDraft, got: Meeting) -> tuple[str, ...]:
    """The fields asked for that RingCentral's answer shows otherwise.

    Its specification does not let an answer tell `use_personal_meeting_id`: that counts only where told. The
    zone may be another one of the same clock, where RingCentral does not offer the one asked for.
    """
    untold = "settings.use_personal_meeting_id" if got.settings.use_personal_meeting_id is None else None
    return tuple(name for name in differences(asked, got) if name not in {untold, "time_zone"})


def _instant(moment: ZonedDateTime | None) -> Instant | None:
    return moment.to_instant() if moment is not None else None


def _comparable(rule: timing.Rule | None) -> timing.Rule | None:
    return replace(rule, weekly_days=tuple(sorted(rule.weekly_days))) if rule is not None else None


def _unordered(value: Any) -> Any:
    return sorted(value) if isinstance(value, list) else value
