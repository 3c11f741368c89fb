"""Reads feeds in a thread, one window of a feed at a time, so that the event loop goes on."""

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
            NotACalendar: they are not a calendar.
        """
        return cls(await _in_thread(lambda: FeedReader.of(data, owner)), as_of)

    @property
    def count(self) -> int:
        """How many entries the feed holds."""
        return self._reader.count

    async def events(self, start: Instant, end: Instant, owner: Owner | None = None) -> Read:
        """Return the events from `start` to `end`, as read for `owner` if given, and the gaps in that span."""

        def read_for_owner() -> Read:
            if owner is not None:
                self._reader.know(owner)
            return self._reader.events(start, end)

        async with self._lock:
            read = await _in_thread(read_for_owner)
        return replace(read, as_of=self._as_of)


async def _in_thread(work: Callable[[], T]) -> T:
    # The interpreter switches threads between bytecodes, at the latest after 5 ms. A longer call into C, such as a
    # search through all of a file, would stop the event loop, so it is made piece by piece.
    return await anyio.to_thread.run_sync(work)
