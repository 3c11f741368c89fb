"""How refusals by RingCentral are worded: by the product they are about, else by the meeting, room or host."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager

from ringcentral_meetings import errors

Wording = Callable[[errors.Refused], Awaitable[errors.Refused | None]]
"""Returns the error to raise for a refusal by RingCentral, or None to leave it to the next wording."""

People = Callable[[], Awaitable[list[str] | None]]
"""Reads for whom the user may act, each as "name (extension id)"; None if RingCentral does not say."""

_HOST_PARAMETERS = frozenset({"extensionId", "host", "host.id"})


@asynccontextmanager
async def reworded(*wordings: Wording) -> AsyncIterator[None]:
    """Raise, for a refusal within, the error of the first of `wordings` that has one, else the refusal itself."""
    try:
        yield
    except errors.Refused as refused:
        for words in wordings:
            if (worded := await words(refused)) is not None:
                raise worded from refused
        raise


def for_meeting(meeting_id: str | None, host_id: str | None, people: People) -> Wording:
    """Name the meeting or the host that RingCentral Meetings refused."""

    async def words(refused: errors.Refused) -> errors.Refused | None:
        upstream = refused.upstream
        about_host = upstream is not None and upstream.parameter in _HOST_PARAMETERS
        if host_id is not None and refused.code == "user_permission_missing":
            return errors.delegation_missing(host_id, upstream, await people())
        if host_id is not None and about_host and refused.code in {"not_found", "invalid_arguments"}:
            return errors.host_not_found(host_id, upstream, await people())
        if refused.code == "not_found" and not about_host and meeting_id is not None:
            return errors.meeting_not_found(meeting_id, upstream)
        return None

    return words


def for_room(
    meeting_id: str | None,
    host_id: str | None,
    people: People,
    room_not_found: Callable[[str, errors.Upstream], errors.Refused],
) -> Wording:
    """Name the room that RingCentral Video refused, else the host: it does not say which of the two it speaks of."""

    async def words(refused: errors.Refused) -> errors.Refused | None:
        upstream = refused.upstream
        if upstream is None:
            return None
        if meeting_id is not None and refused.code == "not_found":
            return room_not_found(meeting_id, upstream)
        if meeting_id is not None and refused.code == "user_permission_missing":
            return errors.room_of_others(meeting_id, upstream)
        if meeting_id is None and host_id is not None and refused.code == "user_permission_missing":
            return errors.delegation_missing(host_id, upstream, await people())
        if meeting_id is None and host_id is not None and refused.code == "not_found":
            return errors.host_not_found(host_id, upstream, await people())
        return errors.room_conflict(upstream) if refused.code == "conflict" else None

    return words


def for_past_meeting(past_meeting_id: str, codes: Collection[str | None]) -> Wording:
    """Name the past meeting; `codes` are the error codes with which a 403 or 404 speaks of it."""

    async def words(refused: errors.Refused) -> errors.Refused | None:
        upstream = refused.upstream
        if refused.code == "invalid_arguments":
            return errors.past_meeting_rejected(past_meeting_id, upstream)
        about = refused.code in {"not_found", "user_permission_missing"}
        if about and upstream is not None and upstream.error_code in codes:
            return errors.past_meeting_not_found(past_meeting_id, upstream)
        return None

    return words
