"""The tools, one file per family: plain async functions over a `MeetingProduct`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import Field
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Meeting
from ringcentral_meetings.products import MeetingProduct
from ringcentral_meetings.products.choice import Products
from ringcentral_meetings.protocol import contract

Confirm = Literal["auto", "always", "never"]
ZoneSource = Literal["argument", "setting", "account", "meeting", "fallback"]


@dataclass(frozen=True, slots=True)
class Zone:
    """The zone that times are read and shown in, and where it came from."""

    name: str
    source: ZoneSource


@dataclass(frozen=True, slots=True)
class Services:
    """What tools work with, for the life of the process; holds no state of a connection."""

    products: Products
    now: Callable[[], Instant]
    time_zone: str | None = None
    confirm: Confirm = "auto"
    read_only: bool = False

    async def zone(self, argument: str | None) -> Zone:
        """The zone of the argument, else of the setting, else of the user's account.

        Raises:
            errors.Refused: `invalid_arguments`, where none is given and none can be found out: a time that
                will be written is not guessed.
        """
        zone = await self.viewer_zone(argument)
        if zone.source == "fallback":
            raise errors.zone_needed("the zone of the user's account is not told.")
        return zone

    async def viewer_zone(self, argument: str | None = None) -> Zone:
        """As `zone`, for showing times: UTC, said so, where nothing better is known."""
        if argument is not None:
            return Zone(timing.zone(argument), "argument")
        if self.time_zone is not None:
            return Zone(self.time_zone, "setting")
        return self.zone_of(await self.products.account_zone())

    def zone_of(self, account: str | None) -> Zone:
        """The zone of the setting, else `account`, which is the user's, where it is known."""
        if self.time_zone is not None:
            return Zone(self.time_zone, "setting")
        return Zone(account, "account") if account else Zone("UTC", "fallback")

    async def shown_zone(self, meeting: Meeting) -> str | None:
        """The zone to show a meeting in: its own, or the viewer's where it was stored in UTC."""
        return (await self.viewer_zone()).name if meeting.stored_in_utc else meeting.time_zone


Ctx = Context[Services, Any]


def services(ctx: Ctx) -> Services:
    """The services of the process."""
    return ctx.request_context.lifespan_context


async def product(ctx: Ctx, host_id: str | None = None) -> MeetingProduct:
    """The product of a host, named in the result; waits for rate limits are told to the caller as progress."""
    chosen = await services(ctx).products.of(host_id, contract.report_waits(ctx))
    contract.note_product(chosen.name)
    return chosen


MeetingId = Annotated[
    str,
    Field(
        description="Id from list_meetings or create_meeting, or a join link; on Video a PIN too",
        min_length=1,
        max_length=2000,
    ),
]
OccurrenceId = Annotated[str | None, Field(description="One date of a series, from list_meetings", max_length=200)]
HostId = Annotated[
    str | None,
    Field(description="Host's extension id, from get_meeting", max_length=100),
]
TimeZone = Annotated[str | None, Field(description="IANA zone (Europe/Paris); default the account's", max_length=80)]
