"""RingCentral Video's own shapes, read as tolerantly as those of the other product.

Facts: RingCentral's API reference (OpenAPI) of 2026-08. The host's telephone PIN and the host code of a conference
are credentials, and are left to `raw`.
"""

from pydantic import AliasPath, Field

from ringcentral_meetings.platform.api.meetings_wire import Body, Country, Objects, Person, Wire, Words


class BridgePins(Wire):
    """What identifies a room to guests: the PIN of its join link, the PIN to dial, and personal meeting names."""

    web: str | None = None
    participant: str | None = Field(None, validation_alias=AliasPath("pstn", "participant"))
    aliases: Words = Field(default_factory=list)


class BridgePassword(Wire):
    """The password as guests type it, and as they dial it; only those who may manage the room see it."""

    plain_text: str | None = Field(None, repr=False)
    pstn: str | None = Field(None, repr=False)


class BridgeSecurity(Wire):
    """Who is let in."""

    password_protected: bool | None = None
    password: BridgePassword = BridgePassword()
    no_guests: bool | None = None
    same_account: bool | None = None
    e2ee: bool | None = None


class JoinPreferences(Wire):
    """How people come in. `waiting_room_required` is `Nobody`, `Everybody`, `GuestsOnly` or `OtherAccount`."""

    audio_muted: bool | None = None
    video_muted: bool | None = None
    waiting_room_required: str | None = None


class BridgePreferences(Wire):
    """What happens in a room. The modes are `Auto`, `ForceAuto` or `User`."""

    join: JoinPreferences = JoinPreferences()
    join_before_host: bool | None = None
    screen_sharing: bool | None = None
    recordings_mode: str | None = None
    transcriptions_mode: str | None = None


class Bridge(Body):
    """A room. `type` is `Instant`, `Scheduled` or `PMI`; `join_url` may hold a hash of the password."""

    id: str | None = None
    name: str | None = None
    type: str | None = None
    host_id: str | None = Field(None, validation_alias=AliasPath("host", "extensionId"))
    pins: BridgePins = BridgePins()
    security: BridgeSecurity = BridgeSecurity()
    preferences: BridgePreferences = BridgePreferences()
    join_url: str | None = Field(None, validation_alias=AliasPath("discovery", "web"))


class ConferenceNumber(Wire):
    """A telephone number for joining."""

    phone_number: str | None = None
    location: str | None = None
    country: Country | None = None


class Conferencing(Body):
    """The audio conference of a user; RingCentral Video's guide takes its numbers for those of rooms."""

    support_uri: str | None = None
    phone_numbers: Objects[ConferenceNumber] = Field(default_factory=list)


class Delegators(Body):
    """The people in whose name the user may create rooms."""

    items: Objects[Person] = Field(default_factory=list)
