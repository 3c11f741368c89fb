"""Refusals of what was held, in words that name it."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from ringcentral_meetings import errors


@asynccontextmanager
async def naming_past(past_meeting_id: str, codes: Collection[str | None]) -> AsyncIterator[None]:
    """A refusal within that speaks of the meeting, told of it; `codes` are the error codes with which it does."""
    try:
        yield
    except errors.Refused as refused:
        upstream = refused.upstream
        if refused.code == "invalid_arguments":
            raise errors.past_meeting_rejected(past_meeting_id, upstream) from refused
        about = refused.code in {"not_found", "user_permission_missing"}
        if about and upstream is not None and upstream.error_code in codes:
            raise errors.past_meeting_not_found(past_meeting_id, upstream) from refused
        raise
