"""Which meeting product a user has, asked where the one at hand turns out not to be there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from ringcentral_meetings import errors
from ringcentral_meetings.platform.operations import Operations

_VIDEO = "RCVideo"
_NO_SUCH_RESOURCE = "CMN-102"


@dataclass(slots=True)
class Provider:
    """What RingCentral said of the user's product (API reference, `readUserVideoConfiguration`); asked once."""

    name: str | None = None

    @asynccontextmanager
    async def explaining(self, operations: Operations) -> AsyncIterator[None]:
        """A refusal within for want of RingCentral Meetings, told of RingCentral Video where that is the reason."""
        try:
            yield
        except errors.Refused as refused:
            if _is_about_the_product(refused) and await self._is_video(operations):
                raise errors.on_ringcentral_video(refused.upstream) from refused
            raise

    async def _is_video(self, operations: Operations) -> bool:
        if self.name is None:
            try:
                self.name = (await operations.load_video_configuration()).provider
            except errors.MeetingsError:
                return False
        return self.name == _VIDEO


def _is_about_the_product(refused: errors.Refused) -> bool:
    upstream = refused.upstream
    gone = upstream is not None and upstream.http_status == 404 and upstream.error_code != _NO_SUCH_RESOURCE
    return gone or refused.code == "feature_unavailable"
