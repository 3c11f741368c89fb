"""Who is signed in and what that person may do: asked by reads alone, and told however little of it can be had."""

from collections.abc import Awaitable, Callable
from typing import Final

from ringcentral_meetings import errors
from ringcentral_meetings.domain import Host
from ringcentral_meetings.platform.operations import Operations
from ringcentral_meetings.products import Status
from ringcentral_meetings.products.people import NOT_TOLD, assisted, read_user

NEEDED_SCOPE: Final = "Meetings"
WANTED_SCOPES: Final = (NEEDED_SCOPE, "ReadAccounts")
NEEDED_PERMISSION: Final = "Meetings"

_MEETINGS, _VIDEO = "RingCentral Meetings", "RingCentral Video"
_PRODUCTS: Final = {"RCMeetings": _MEETINGS, "None": _MEETINGS, "RCVideo": _VIDEO}
"""By `provider`. RingCentral's own clients take `None` for Meetings."""


Look = Callable[[Operations, Status], Awaitable[None]]
"""Asks one thing and notes it. Raises what RingCentral says against it, or against the meetings working."""


async def look_at_scopes(operations: Operations, status: Status) -> None:
    """Sign in, and see which application scopes were granted."""
    token = await operations.token()
    if token is None:
        return
    status.scopes = tuple(token.scope.split())
    status.missing_scopes = tuple(scope for scope in WANTED_SCOPES if scope not in status.scopes)
    status.user = Host(token.owner_id)
    if NEEDED_SCOPE in status.missing_scopes:
        raise errors.scope_missing(NEEDED_SCOPE)


async def look_at_user(operations: Operations, status: Status) -> None:
    """Who it is, and in which zone."""
    status.user = await read_user(operations, "~")


async def look_at_product(operations: Operations, status: Status) -> None:
    """Which meeting product the user has."""
    provider = (await operations.load_video_configuration()).provider
    status.product = _PRODUCTS.get(provider or "")
    if status.product == _VIDEO:
        raise errors.on_ringcentral_video(None)


async def look_at_permission(operations: Operations, status: Status) -> None:
    """Whether the user's role allows meetings."""
    status.permitted = (await operations.check_permission(NEEDED_PERMISSION)).successful
    if status.permitted is False:
        raise errors.permission_missing(NEEDED_PERMISSION)


async def look_at_meetings(operations: Operations, status: Status) -> None:  # noqa: ARG001  (a `Look`)
    """Whether the meetings answer."""
    await operations.load_meeting_service_info()


async def look_at_people(operations: Operations, status: Status) -> None:
    """For whom else the user may schedule."""
    status.people = await assisted(operations)


QUICK: Final[tuple[Look, ...]] = (look_at_scopes, look_at_user, look_at_permission, look_at_product)
FULL: Final[tuple[Look, ...]] = (*QUICK, look_at_meetings, look_at_people)

_BEARABLE: Final = {look_at_user, look_at_product, look_at_permission}
"""What they ask may be kept from the application while meetings work."""


async def read_status(operations: Operations, *, full: bool) -> Status:
    """The status as far as it can be found out. Raises nothing of RingCentral's."""
    status = Status()
    for look in FULL if full else QUICK:
        try:
            await look(operations, status)
        except errors.MeetingsError as problem:
            if status.problem is None and not is_bearable(look, problem):
                status.problem = problem
            if problem.code not in NOT_TOLD or (look is look_at_scopes and problem.upstream is not None):
                break
        status.signed_in = status.signed_in or look is not look_at_scopes
    status.budget = operations.headroom()
    return status


def is_bearable(look: Look, problem: errors.MeetingsError) -> bool:
    """Whether meetings may work though RingCentral refused this look."""
    return look in _BEARABLE and problem.code in NOT_TOLD and problem.upstream is not None
