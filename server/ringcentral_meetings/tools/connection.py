"""Facts about the connection to RingCentral itself."""

from typing import Annotated, Literal

from pydantic import Field

from ringcentral_meetings import __version__, errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.protocol import contract
from ringcentral_meetings.protocol.contract import Result, ToolSpec
from ringcentral_meetings.tools import Confirm, Ctx, services
from ringcentral_meetings.tools.default_zone import ZoneSource
from ringcentral_meetings.tools.results import Part
from ringcentral_meetings.untrusted_text import clean, truncated

PEOPLE_SHOWN = 20
SCOPE_CHARS = 500


class Problem(Part):
    """Why meetings do not work, and what to do about it."""

    code: errors.Code
    message: str
    next_step: str


class ConnectionStatus(Result):
    """Who is signed in and what works, as far as RingCentral says; without any secret.

    Scopes are those of the application, calendars those that RINGCENTRAL_CALENDARS names. `rate_budget` gives for each
    plan group how many requests are free now, of how many a minute.
    """

    signed_in: bool
    problem: Problem | None = None
    user: str | None = None
    host_id: str | None = None
    scopes: str | None = None
    missing_scopes: str | None = None
    meetings_permitted: bool | None = None
    may_schedule_for: str | None = None
    time_zone: str | None = None
    time_zone_source: ZoneSource | None = None
    calendars: list[str] | None = None
    today: str | None = None
    rate_budget: str | None = None
    read_only: bool | None = None
    confirm: Confirm | None = None
    version: str | None = None


async def get_connection_status(
    ctx: Ctx,
    check: Annotated[Literal["quick", "full"], Field(description="full: also for whom one may act")] = "quick",
) -> ConnectionStatus:
    """Check the RingCentral account: who is signed in, permissions, time zone, rate limit; why tools fail.

    Says which product (the older Meetings or Video), timezone and day are used, and whether the sign in is authorized.
    """
    from ringcentral_meetings.products.agenda import describe
    from ringcentral_meetings.products.status import read_status

    house = services(ctx)
    status = await read_status(house.products, full=check == "full")
    zone = house.zone_of(status.user.zone if status.user else None)
    return ConnectionStatus(
        signed_in=status.signed_in,
        problem=_problem(status.problem),
        user=status.user.name if status.user else None,
        host_id=status.user.host_id if status.user else None,
        product=status.product,
        scopes=None if status.scopes is None else truncated(clean(" ".join(status.scopes)), SCOPE_CHARS),
        missing_scopes=" ".join(status.missing_scopes) or None,
        meetings_permitted=status.permitted,
        may_schedule_for=_people(status.people),
        time_zone=zone.name,
        time_zone_source=zone.source,
        calendars=list(map(describe, status.calendars)) if status.calendars is not None else None,
        today=timing.today(house.now(), zone.name),
        rate_budget=", ".join(f"{group} {free.left} of {free.limit}" for group, free in status.budget.items()),
        read_only=house.read_only,
        confirm=house.confirm,
        version=__version__,
    )


def _problem(problem: errors.MeetingsError | None) -> Problem | None:
    if problem is None:
        return None
    return Problem(code=problem.code, message=clean(problem.message), next_step=problem.next_step)


def _people(people: list[str] | None) -> str | None:
    if people is None:
        return None
    more = f" and {len(people) - PEOPLE_SHOWN} more" if len(people) > PEOPLE_SHOWN else ""
    return "; ".join(people[:PEOPLE_SHOWN]) + more if people else "nobody else"


READ_TOOLS = (ToolSpec(get_connection_status, "Check the RingCentral user and connection", contract.READ),)
