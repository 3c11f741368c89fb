"""Whose meetings: the people of an account, and for whom the user may act."""

from collections.abc import Awaitable, Iterable
from dataclasses import replace
from typing import TypeVar

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import Host
from ringcentral_meetings.platform.api.meetings import Operations
from ringcentral_meetings.platform.api.meetings_wire import Person
from ringcentral_meetings.products.remembered import Remembered
from ringcentral_meetings.untrusted_text import clean, truncated

T = TypeVar("T")

TOLERATED_REFUSALS = frozenset(
    {"app_permission_missing", "user_permission_missing", "feature_unavailable", "not_found"}
)
"""Refusals after which a call goes on without an optional fact."""

_NAME_CHARS = 30
SIGNED_IN = "~"


class HostDirectory:
    """The people whose meetings are asked about, each read once and kept for a while."""

    def __init__(self, known: Remembered[Host]) -> None:
        self._known = known

    async def find(self, operations: Operations, extension_id: str) -> Host | None:
        """Return somebody by extension id, `~` for the signed-in user; None if RingCentral does not say who it is."""
        if (known := self._known.get(extension_id)) is not None:
            return known
        host = await read_host(operations, extension_id)
        if host is not None:
            host = host if extension_id == SIGNED_IN else replace(host, host_id=extension_id)
            self._known.learn(extension_id, host)
        return host


async def read_host(operations: Operations, extension_id: str) -> Host | None:
    """Return somebody's id, name and zone; None if RingCentral does not say.

    Raises:
        errors.Refused: what every other request would meet too, such as a session that has ended.
    """
    return await or_none(read_user(operations, extension_id))


async def read_user(operations: Operations, extension_id: str) -> Host:
    """Return somebody's id, name and zone."""
    read = await operations.load_extension(extension_id)
    zone = known_zone(read.time_zone.name if read.time_zone else None)
    return Host(read.id, _name(read.name), zone, read.email)


async def assisted(operations: Operations) -> list[str] | None:
    """Return for whom the signed-in user may schedule, each as "name (extension id)"; None if unknown."""
    try:
        read = await operations.load_assisted_users(SIGNED_IN)
    except errors.MeetingsError:
        return None
    return listed_people(read.records)


def listed_people(people: Iterable[Person]) -> list[str]:
    """Return each as "name (extension id)"."""
    return [f"{_name(person.name) or 'unnamed'} ({errors.quoted(person.id)})" for person in people if person.id]


async def or_none(asked: Awaitable[T]) -> T | None:
    """Return an optional fact; None if RingCentral refuses it (`TOLERATED_REFUSALS`) or does not answer."""
    try:
        return await asked
    except errors.Unanswered:
        return None
    except errors.Refused as refused:
        if refused.code in TOLERATED_REFUSALS:
            return None
        raise


def known_zone(name: str | None) -> str | None:
    """Return the IANA name of a zone, or None if it is unknown."""
    return timing.known_zone(name) if name else None


def _name(name: str | None) -> str | None:
    return truncated(clean(name), _NAME_CHARS) if name else None
