"""Finds out who is signed in and what that person may do, with read requests only, and reports whatever it can."""

from collections.abc import Awaitable, Callable
from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import Host
from ringcentral_meetings.errors.products import SCOPES
from ringcentral_meetings.platform.api.meetings import OWN
from ringcentral_meetings.products import Status
from ringcentral_meetings.products.choice import Products
from ringcentral_meetings.products.hosts import TOLERATED_REFUSALS, read_user
from ringcentral_meetings.products.provider import MEETINGS

MEETING_SCOPES: Final = tuple(SCOPES.values())
"""The application scopes of which at least one is needed."""

READ_ACCOUNTS: Final = "ReadAccounts"
NEEDED_PERMISSION: Final = "Meetings"
"""What RingCentral Meetings asks of the user's role; RingCentral Video names no permission."""

Look = Callable[[Products, Status], Awaitable[None]]
"""Reads one fact into a status. Raises RingCentral's refusal, or what keeps the meetings from working."""


async def look_at_sign_in(products: Products, status: Status) -> None:
    """Sign in, and note which application scopes were granted."""
    token = await products.operations.token()
    if token is None:
        return
    status.scopes = tuple(token.scope.split())
    status.user = Host(token.owner_id)


async def look_at_user(products: Products, status: Status) -> None:
    """Read who the user is, and their time zone."""
    status.user = await read_user(products.operations, OWN)


async def look_at_product(products: Products, status: Status) -> None:
    """Find out which meeting product the user has."""
    status.product = await products.product_name()


async def look_at_scopes(products: Products, status: Status) -> None:  # noqa: ARG001  (a `Look`)
    """Check that the application has the scope of the product."""
    if status.scopes is None:
        return
    needed = SCOPES[status.product] if status.product is not None else None
    wanted = (*((needed,) if needed else ()), READ_ACCOUNTS)
    status.missing_scopes = tuple(scope for scope in wanted if scope not in status.scopes)
    if needed in status.missing_scopes:
        raise errors.scope_missing(needed)


async def look_at_permission(products: Products, status: Status) -> None:
    """Check that the user's role allows meetings, if the product requires it."""
    status.asks_permission = status.product == MEETINGS
    if not status.asks_permission:
        return
    status.permitted = (await products.operations.check_permission(NEEDED_PERMISSION)).successful
    if status.permitted is False:
        raise errors.permission_missing(NEEDED_PERMISSION)


async def look_at_meetings(products: Products, status: Status) -> None:  # noqa: ARG001  (a `Look`)
    """Check that meetings can be read."""
    await (await products.of(None)).works()


async def look_at_people(products: Products, status: Status) -> None:
    """Read for whom else the user may schedule."""
    status.people = await (await products.of(None)).people()


async def look_at_calendars(products: Products, status: Status) -> None:
    """Read the state of each of the person's own calendars."""
    calendars = await products.agenda()
    status.calendars = await calendars.states() if calendars is not None else None


QUICK: Final[tuple[Look, ...]] = (
    look_at_sign_in,
    look_at_user,
    look_at_product,
    look_at_scopes,
    look_at_permission,
    look_at_calendars,
)
FULL: Final[tuple[Look, ...]] = (*QUICK, look_at_meetings, look_at_people)

_BEARABLE: Final = {look_at_user, look_at_permission}
"""What these read may be refused although meetings work."""


async def read_status(products: Products, *, full: bool) -> Status:
    """Return who is signed in and what works; with `full`, also whether meetings can be read, and the people.

    Does not raise RingCentral's errors: the status holds them.
    """
    status = Status()
    for look in FULL if full else QUICK:
        try:
            await look(products, status)
        except errors.MeetingsError as problem:
            if status.problem is None and not is_bearable(look, problem):
                status.problem = problem
            if problem.code not in TOLERATED_REFUSALS or (look is look_at_sign_in and problem.upstream is not None):
                break
        status.signed_in = status.signed_in or look is not look_at_sign_in
    status.budget = await products.operations.headroom()
    return status


def is_bearable(look: Look, problem: errors.MeetingsError) -> bool:
    """Return whether meetings may work although RingCentral refused this look."""
    return look in _BEARABLE and problem.code in TOLERATED_REFUSALS and problem.upstream is not None
