"""The API's own shapes, read only and tolerant: a missing or oddly typed member reads as absent.

Facts: RingCentral's API reference (OpenAPI) up to 2025-05, and answers recorded in RingCentral's own clients,
where some names and types differ from it. `raw` holds each body as read.
"""

import re
from typing import Annotated, Any, TypeVar

from pydantic import (
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)
from pydantic.alias_generators import to_camel

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


def _split_words(value: object) -> object:
    """Return a list of texts, also from the comma-joined form; items of other types are left out."""
    if isinstance(value, str):
        value = value.split(",")
    if not isinstance(value, list):
        return value
    return [str(item).strip() for item in value if isinstance(item, str | int) and str(item).strip()]


def _day(value: object) -> object:
    """Return a weekday's name, also from the older number (1 is Sunday)."""
    text = str(value).strip() if isinstance(value, str | int) else ""
    return DAYS[int(text) - 1] if text in {"1", "2", "3", "4", "5", "6", "7"} else value


def _days(value: object) -> object:
    words = _split_words([value] if isinstance(value, int) else value)
    return [_day(word) for word in words] if isinstance(words, list) else words


def _objects(value: object) -> object:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else value


def _joined(value: object) -> object:
    words = _split_words(value)
    return ",".join(words) if isinstance(words, list) else words


Item = TypeVar("Item")
Objects = Annotated[list[Item], BeforeValidator(_objects)]
Words = Annotated[list[str], BeforeValidator(_split_words)]
Days = Annotated[list[str], BeforeValidator(_days)]
Day = Annotated[str, BeforeValidator(_day)]
Joined = Annotated[str, BeforeValidator(_joined)]


class Wire(BaseModel):
    """A JSON object as the API sends it; members that do not fit their type take their default."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        coerce_numbers_to_str=True,
        frozen=True,
        hide_input_in_errors=True,
        defer_build=True,
    )

    @field_validator("*", mode="wrap")
    @classmethod
    def _lenient(cls, value: Any, handler: ValidatorFunctionWrapHandler, info: ValidationInfo) -> Any:
        try:
            return handler(value)
        except ValidationError:
            return cls.model_fields[info.field_name or ""].get_default(call_default_factory=True)


_RAW = "\0raw"


class Body(Wire):
    """A resource that keeps, in `raw`, the object it was read from."""

    raw: dict[str, Any] = Field(default_factory=dict, validation_alias=_RAW, repr=False, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _with_raw(cls, data: Any) -> Any:
        return {**data, _RAW: data} if isinstance(data, dict) else data


class TimeZone(Body):
    """A zone of RingCentral's dictionary. `name` is an IANA key, `bias` minutes; ids differ between servers."""

    id: str | None = None
    name: str | None = None
    description: str | None = None
    bias: int | None = None


class Schedule(Body):
    """When a meeting is: `start_time` as the API writes it, ISO 8601 with `Z`."""

    start_time: str | None = None
    duration_minutes: int | None = Field(None, validation_alias="durationInMinutes")
    time_zone: TimeZone | None = None


class Recurrence(Body):
    """How a meeting repeats. Weekdays are English names; older forms (numbers, joined text) are read as names."""

    frequency: str | None = None
    interval: int | None = None
    weekly_by_days: Days | None = Field(None, validation_alias=AliasChoices("weeklyByDays", "weeklyByDay"))
    monthly_by_day: int | None = None
    monthly_by_week: str | None = None
    monthly_by_week_day: Day | None = None
    count: int | None = None
    until: str | None = None


class Occurrence(Body):
    """One date of a series."""

    id: str | None = None
    start_time: str | None = None
    duration_minutes: int | None = Field(None, validation_alias="durationInMinutes")
    status: str | None = None


class Links(Wire):
    """`join` is for guests; `start` starts the meeting as its host, whoever follows it."""

    join: str | None = Field(None, validation_alias="joinUri", repr=False)
    start: str | None = Field(None, validation_alias="startUri", repr=False)


class Meeting(Body):
    """A meeting. `h323Password` is left to `raw`."""

    id: str | None = None
    uuid: str | None = None
    topic: str | None = None
    meeting_type: str | None = None
    status: str | None = None
    password: str | None = Field(None, repr=False)
    schedule: Schedule | None = None
    host_id: str | None = Field(None, validation_alias=AliasPath("host", "id"))
    links: Links = Links()
    allow_join_before_host: bool | None = None
    start_host_video: bool | None = None
    start_participants_video: bool | None = Field(
        None, validation_alias=AliasChoices("startParticipantsVideo", "startParticipantVideo")
    )
    enforce_login: bool | None = None
    mute_participants_on_entry: bool | None = None
    enable_waiting_room: bool | None = None
    audio_options: Words | None = None
    auto_record_type: str | None = None
    global_dial_in_countries: Words | None = None
    alternative_hosts: Joined | None = None
    use_personal_meeting_id: bool | None = None
    pmi: str | None = None
    recurrence: Recurrence | None = Field(None, validation_alias=AliasChoices("recurrence", "reccurence"))
    occurrences: Objects[Occurrence] = Field(default_factory=list)


class Paging(Wire):
    """Where a page is in its list; pages count from 1."""

    page: int | None = None
    per_page: int | None = None
    total_pages: int | None = None
    total_elements: int | None = None


class Page(Body):
    """One page of a list, with the uri of the next one."""

    paging: Paging = Paging()
    next_uri: str | None = Field(None, validation_alias=AliasPath("navigation", "nextPage", "uri"))


class TimeZoneList(Page):
    """A page of the dictionary of time zones."""

    records: Objects[TimeZone] = Field(default_factory=list)


class Country(Wire):
    """A country; `iso_code` is for instance `US`."""

    id: str | None = None
    name: str | None = None
    iso_code: str | None = None
    calling_code: str | None = None


class DialInNumber(Wire):
    """A telephone number for joining."""

    phone_number: str | None = None
    formatted_number: str | None = None
    location: str | None = None
    country: Country | None = None


class ExternalUserInfo(Wire):
    """The user's personal meeting. `hostKey` and `userToken`, which are credentials, are left to `raw`."""

    user_id: str | None = None
    account_id: str | None = None
    user_type: int | None = None
    personal_meeting_id: str | None = None
    personal_link: str | None = None
    personal_link_name: str | None = None
    use_pmi_for_instant_meetings: bool | None = None


class ServiceInfo(Body):
    """Dial-in numbers, support links and personal meeting facts."""

    support_uri: str | None = None
    intl_dial_in_numbers_uri: str | None = None
    domain: str | None = None
    dial_in_numbers: Objects[DialInNumber] = Field(default_factory=list)
    external_user_info: ExternalUserInfo = ExternalUserInfo()


class Extension(Body):
    """A user of the account."""

    id: str | None = None
    name: str | None = None
    status: str | None = None
    email: str | None = Field(None, validation_alias=AliasPath("contact", "email"))
    uri: str | None = None
    account: str | None = Field(None, validation_alias=AliasPath("account", "id"))
    time_zone: TimeZone | None = Field(None, validation_alias=AliasPath("regionalSettings", "timezone"))

    @property
    def account_id(self) -> str | None:
        """The id of the account, which old answers tell by the address alone."""
        in_uri = re.search(r"/account/(\d+)/", self.uri or "")
        return self.account or (in_uri[1] if in_uri else None)


class Invitation(Body):
    """The text that guests are sent, as RingCentral words it."""

    invitation: str | None = None


class Person(Wire):
    """Somebody of the account."""

    id: str | None = None
    name: str | None = None


class AssistedUsers(Body):
    """The people for whom the user may schedule; an empty object if there is nobody."""

    records: Objects[Person] = Field(default_factory=list)


class VideoConfiguration(Body):
    """Which product the user has: `provider` is `RCMeetings`, `RCVideo` or `None` (the text)."""

    provider: str | None = None
    user_license_type: str | None = None


class PermissionCheck(Body):
    """Whether a user's role holds the permission asked about."""

    successful: bool | None = None
