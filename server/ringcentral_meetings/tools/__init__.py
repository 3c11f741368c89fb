"""The tools, one file per family: plain async functions over a `MeetingProduct`."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from mcp.server.mcpserver import Context
from pydantic import Field
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Meeting
from ringcentral_meetings.products import MeetingProduct
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.tools.default_zone import Zone, default_zone

if TYPE_CHECKING:
    from ringcentral_meetings.products.choice import Products

Confirm = Literal["auto", "always", "never"]


async def _nothing(_services: "Services", _argument: str, _typed: str) -> Sequence[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Services:
    """What the tools work with for one person; it holds no state of a connection."""

    products: "Products"
    now: Callable[[], Instant]
    time_zone: str | None = None
    confirm: Confirm = "auto"
    read_only: bool = False
    secrets: Callable[[], Iterable[str]] = tuple
    """What no answer may show."""
    complete: "Complete" = _nothing

    async def zone(self, argument: str | None) -> Zone:
        """Return the zone of the argument, else of the setting, else of the user's account.

        Raises:
            errors.Refused: `invalid_arguments`, if none of the three is known: the zone of a time that will be
                written is not guessed.
        """
        zone = await self.viewer_zone(argument)
        if zone.source == "fallback":
            raise errors.zone_needed("the time zone of the user's account is unknown.")
        return zone

    async def viewer_zone(self, argument: str | None = None) -> Zone:
        """Return the zone for showing times: as `zone`, or UTC with the source "fallback" if none is known."""
        if argument is not None:
            return Zone(timing.zone(argument), "argument")
        if self.time_zone is not None:
            return Zone(self.time_zone, "setting")
        return self.zone_of(await self.products.account_zone())

    def zone_of(self, account: str | None) -> Zone:
        """Return the zone of the setting, else `account`, the zone of the user's account, else UTC."""
        return default_zone(self.time_zone, account)

    async def shown_zone(self, meeting: Meeting) -> str | None:
        """Return the zone to show a meeting in: its own, or the viewer's if it is stored in UTC or in a calendar."""
        theirs = meeting.stored_in_utc or meeting.calendar_dates
        return (await self.viewer_zone()).name if theirs else meeting.time_zone


Complete = Callable[[Services, str, str], Awaitable[Sequence[str]]]
"""Returns values for an argument, named first, of which something has been typed."""

Door = Callable[[], Services]
"""Returns the services of the person who calls: always the same where a process serves one."""

Ctx = Context[Door, Any]


def services(ctx: Ctx) -> Services:
    """Return the services of the person who calls."""
    return ctx.request_context.lifespan_context()


async def product(ctx: Ctx, host_id: str | None = None) -> MeetingProduct:
    """Return the product that `host_id` has, and name it in the result.

    Its waits for rate limits are reported to the caller as MCP progress.
    """
    chosen = await services(ctx).products.of(host_id, contract.report_waits(ctx))
    contract.note_product(chosen.name)
    return chosen


MeetingId = Annotated[
    str,
    Field(
        description="Id from list_meetings or create_meeting, join link or Video PIN",
        min_length=1,
        max_length=2000,
        coerce_numbers_to_str=True,  # as some models give ids
    ),
]
OccurrenceId = Annotated[
    str | None,
    Field(description="One date of a series, from list_meetings", max_length=200, coerce_numbers_to_str=True),
]
HostId = Annotated[
    str | None,
    Field(
        description="Extension id from get_connection_status check=full",
        max_length=100,
        coerce_numbers_to_str=True,
    ),
]
TimeZone = Annotated[str | None, Field(description="IANA zone; default the account's", max_length=80)]
