"""Reading beside the event loop: a feed is parsed in a thread, one answer at a time."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import anyio
import anyio.to_thread
from whenever import Instant

from ringcentral_meetings.calendars import Read
from ringcentral_meetings.calendars.entries import Owner
from ringcentral_meetings.calendars.reader import FeedReader

T = TypeVar("T")


class FeedAgenda:
    """The agenda of one copy of a feed; made by `read`."""

    def __init__(self, reader: FeedReader, as_of: Instant) -> None:
        self._reader = reader
        self._as_of = as_of
        self._lock = anyio.Lock()

    @classmethod
    async def read(cls, data: bytes, owner: Owner, as_of: Instant) -> "FeedAgenda":
        """Return the agenda in the bytes of a feed, as read at `as_of`.

        Raises:
            NotACalendar: they hold none.
        """
        return cls(await _beside(lambda: FeedReader.of(data, owner)), as_of)

    @property
    def count(self) -> int:
        """How many entries the feed holds."""
        return self._reader.count

    async def events(self, start: Instant, end: Instant, owner: Owner | None = None) -> Read:
        """Return the events from `start` to `end`, as read for `owner` if given, and what is not known of that span."""

        def read_for_owner() -> Read:
            if owner is not None:
                self._reader.know(owner)
            return self._reader.events(start, end)

        async with self._lock:
            read = await _beside(read_for_owner)
        return replace(read, as_of=self._as_of)


async def _beside(work: Callable[[], T]) -> T:
    # The interpreter changes threads between two steps of Python, at the latest after 5 ms; what takes longer in one
    # step of C, such as a search through all of a file, would stop the event loop and is done piece by piece.
    return await anyio.to_thread.run_sync(work)
