"""The meetings of several people at once, and the user's own calendar beside them.

A person whose meetings cannot be read is reported, and never counts as free.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import anyio

from ringcentral_meetings import errors
from ringcentral_meetings.calendars import Read
from ringcentral_meetings.domain.meeting import Host, Listing
from ringcentral_meetings.products import Window
from ringcentral_meetings.products.choice import Products

OTHERS_SECONDS = 25.0
"""The most that reading other people's meetings may take, so that a slow answer does not spoil the rest."""

_RESERVED_SECONDS = 3.0
_NOBODY_SIGNED_IN = frozenset({"not_signed_in", "session_expired"})


@dataclass(frozen=True, slots=True)
class Calendar:
    """Somebody's meetings, or the `problem` that kept them from being read; `own` is the user's own calendar."""

    host: Host
    listing: Listing | None = None
    problem: errors.MeetingsError | None = None
    own: Read | None = None


async def read_calendars(products: Products, host_ids: Sequence[str], window: Window) -> list[Calendar]:
    """Return the user's own meetings, then those of each host named, once each, from the product that the host has.

    The user's own calendar, if one is set, is read for `window`.

    Raises:
        errors.MeetingsError: the user's own cannot be read, or nobody is signed in.
    """
    listing = await (await products.of(None)).list_busy(None)
    own = Calendar(await products.host_of(None), listing, own=await _read_own_calendar(products, window))
    others = [host_id for host_id in dict.fromkeys(host_ids) if host_id != own.host.host_id]
    read: dict[str, Calendar] = {}
    with anyio.move_on_after(_seconds_for_others()):
        async with anyio.create_task_group() as group:
            for host_id in others:
                group.start_soon(_read_others_meetings, products, host_id, read)
    late = errors.no_answer("timeout")
    found = [read.get(host_id) or Calendar(Host(host_id), problem=late) for host_id in others]
    for calendar in found:
        if calendar.problem is not None and calendar.problem.code in _NOBODY_SIGNED_IN:
            raise calendar.problem
    return [own, *found]


async def _read_own_calendar(products: Products, window: Window) -> Read | None:
    calendars = await products.agenda()
    return await calendars.events(*window) if calendars is not None else None


async def _read_others_meetings(products: Products, host_id: str, read: dict[str, Calendar]) -> None:
    host = Host(host_id)
    try:
        listing = await (await products.of(host_id)).list_busy(host_id)
        host = await products.host_of(host_id)
    except errors.MeetingsError as problem:
        read[host_id] = Calendar(host, problem=problem)
    else:
        read[host_id] = Calendar(host, listing)


def _seconds_for_others() -> float:
    left = anyio.current_effective_deadline() - anyio.current_time()
    return max(0.0, min(OTHERS_SECONDS, left - _RESERVED_SECONDS))
