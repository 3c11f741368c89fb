"""Several feeds as one agenda."""

from collections.abc import Sequence
from dataclasses import dataclass

import anyio
from whenever import Instant

from ringcentral_meetings.calendars import Agenda, Event, Read


@dataclass(frozen=True, slots=True)
class MergedAgenda:
    """The events of several sources, read at once. A meeting that is in two of them at the same time counts once."""

    sources: Sequence[Agenda]

    async def events(self, start: Instant, end: Instant) -> Read:
        """Return the events of all sources, as of the oldest reading, and up to the nearest horizon."""
        reads: dict[int, Read] = {}

        async def ask(place: int, source: Agenda) -> None:
            reads[place] = await source.events(start, end)

        async with anyio.create_task_group() as tasks:
            for place, source in enumerate(self.sources):
                tasks.start_soon(ask, place, source)
        every = [reads[place] for place in sorted(reads)]
        return Read(
            events=_each_once(sorted((one for read in every for one in read.events), key=_place)),
            gaps=tuple(sorted({gap for read in every for gap in read.gaps}, key=lambda gap: (gap.start, gap.end))),
            unreadable=sum(read.unreadable for read in every),
            as_of=min((read.as_of for read in every if read.as_of is not None), default=None),
            horizon=min((read.horizon for read in every if read.horizon is not None), default=None),
            shows_links=all(read.shows_links for read in every),
            problems=tuple(problem for read in every for problem in read.problems),
            supposed_hosts=frozenset(host for read in every for host in read.supposed_hosts),
        )


def _place(event: Event) -> tuple[Instant, Instant]:
    return event.start, event.end


def _each_once(events: Sequence[Event]) -> tuple[Event, ...]:
    """Return the events, those of one link and start once; if they differ, the one that blocks."""
    found: dict[object, Event] = {}
    for place, event in enumerate(events):
        key = (event.link.service, event.link.name, event.start) if event.link is not None else place
        if key not in found or (event.blocks and not found[key].blocks):
            found[key] = event
    return tuple(found.values())
