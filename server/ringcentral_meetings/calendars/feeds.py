"""All feeds that a person has set, as one calendar."""

from collections.abc import Callable, Iterable, Sequence

import anyio
from whenever import Instant

from ringcentral_meetings.calendars import FeedState, Read
from ringcentral_meetings.calendars.entries import Owner
from ringcentral_meetings.calendars.feed import Feed, Fetch
from ringcentral_meetings.calendars.merging import MergedAgenda


class Feeds:
    """Several feeds read as one; made by `open`."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        self._feeds = feeds
        self._merged = MergedAgenda(feeds)

    @classmethod
    def open(cls, addresses: Iterable[str], fetch: Fetch, owner: Owner, now: Callable[[], Instant]) -> "Feeds":
        """Return the feeds at these addresses; nothing is fetched yet."""
        return cls([Feed(address, fetch, owner, now) for address in addresses])

    def know(self, hosts: frozenset[str], numbers: frozenset[str]) -> None:
        """Take links on these hosts, and Zoom links with these numbers, for the account's from now on."""
        for feed in self._feeds:
            feed.know(hosts, numbers)

    async def events(self, start: Instant, end: Instant) -> Read:
        """Return the events of all feeds from `start` to `end`."""
        return await self._merged.events(start, end)

    async def states(self) -> list[FeedState]:
        """Return the state of each feed, in the order of the setting, after reading those that are not fresh."""
        found: dict[int, FeedState] = {}

        async def ask(place: int, feed: Feed) -> None:
            found[place] = await feed.state()

        async with anyio.create_task_group() as tasks:
            for place, feed in enumerate(self._feeds):
                tasks.start_soon(ask, place, feed)
        return [found[place] for place in sorted(found)]
