"""Meetings as a list holds them, read strictly: a whole page at once, in a third of the time of tolerant reading.

A record that has anything in another form than RingCentral documents is read as `meetings_wire.Meeting` instead, which
takes that member as absent. The types here are narrow enough that both ways read the same from a record.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

from pydantic import AliasChoices, AliasPath, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from ringcentral_meetings.platform.api.meetings_wire import Paging

DayName = Annotated[str, StringConstraints(pattern="^[A-Za-z]+$")]
OneWord = Annotated[str, StringConstraints(pattern=r"^[^,\s]*$")]


class Strict(BaseModel):
    """A JSON object whose known members have their types; unknown ones are ignored."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=False,
        strict=True,
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,
    )

    raw: ClassVar[Mapping[str, Any]] = MappingProxyType({})
    """Empty: no member was dropped for its type. Tolerant reading keeps the object to look for those."""


class ListedTimeZone(Strict):
    """A zone of RingCentral's dictionary."""

    id: str | None = None
    name: str | None = None


class ListedSchedule(Strict):
    """When a meeting is."""

    start_time: str | None = None
    duration_minutes: int | None = Field(None, validation_alias="durationInMinutes")
    time_zone: ListedTimeZone | None = None


class ListedRecurrence(Strict):
    """How a meeting repeats, with the names of days alone."""

    frequency: str | None = None
    interval: int | None = None
    weekly_by_days: list[DayName] | None = Field(None, validation_alias=AliasChoices("weeklyByDays", "weeklyByDay"))
    monthly_by_day: int | None = None
    monthly_by_week: str | None = None
    monthly_by_week_day: DayName | None = None
    count: int | None = None
    until: str | None = None


class ListedOccurrence(Strict):
    """One date of a series."""

    id: str | None = None
    start_time: str | None = None
    duration_minutes: int | None = Field(None, validation_alias="durationInMinutes")
    status: str | None = None


class ListedLinks(Strict):
    """The links for guests and for the host."""

    join: str | None = Field(None, validation_alias="joinUri", repr=False)
    start: str | None = Field(None, validation_alias="startUri", repr=False)


class ListedMeeting(Strict):
    """A meeting with what this server shows or compares of one."""

    id: Annotated[str, StringConstraints(min_length=1)]
    topic: str | None = None
    meeting_type: str | None = None
    status: str | None = None
    password: str | None = Field(None, repr=False)
    schedule: ListedSchedule | None = None
    host_id: str | None = Field(None, validation_alias=AliasPath("host", "id"))
    links: ListedLinks = ListedLinks()
    allow_join_before_host: bool | None = None
    start_host_video: bool | None = None
    start_participants_video: bool | None = Field(
        None, validation_alias=AliasChoices("startParticipantsVideo", "startParticipantVideo")
    )
    enforce_login: bool | None = None
    mute_participants_on_entry: bool | None = None
    enable_waiting_room: bool | None = None
    audio_options: list[str] | None = None
    auto_record_type: str | None = None
    global_dial_in_countries: list[str] | None = None
    alternative_hosts: OneWord | None = None
    use_personal_meeting_id: bool | None = None
    recurrence: ListedRecurrence | None = Field(None, validation_alias=AliasChoices("recurrence", "reccurence"))
    occurrences: list[ListedOccurrence] = Field(default_factory=list)


class ListedPage(Strict):
    """A page of meetings; a record that is not read strictly is as it came."""

    records: list[Annotated[ListedMeeting | Any, Field(union_mode="left_to_right")]]
    paging: Paging = Paging()
    next_uri: str | None = Field(None, validation_alias=AliasPath("navigation", "nextPage", "uri"))
