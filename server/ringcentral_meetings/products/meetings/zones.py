"""RingCentral's time zone dictionary: its ids, which are not stable, and the IANA names that they stand for."""

import json
from collections.abc import Mapping

import anyio
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain import timing
from ringcentral_meetings.domain.meeting import UTC_NAMES, MeetingDraft
from ringcentral_meetings.platform.api.meetings import Operations
from ringcentral_meetings.platform.records import KeptText
from ringcentral_meetings.products.hosts import known_zone
from ringcentral_meetings.products.meetings.wire import UNKNOWN_ZONE, AnyMeeting

_UTC_ID = "1"
"""The id of GMT in every recorded dictionary (RingCentral's own clients send it for UTC)."""


def zone_named(read: AnyMeeting) -> tuple[str | None, str | None] | None:
    """Return the id and name of the zone that a meeting is kept in; None if it names none."""
    zone = read.schedule.time_zone if read.schedule else None
    return (zone.id, zone.name) if zone is not None else None


class ZoneDirectory:
    """The dictionary, read once over all its pages and kept for the life of the process; `kept` is for others too."""

    def __init__(self, kept: KeptText | None = None) -> None:
        self._kept = kept
        self._names: dict[str, str] = {}
        self._lock = anyio.Lock()

    @property
    def loaded(self) -> bool:
        """Whether it was read already."""
        return bool(self._names)

    async def name_of(self, zone_id: str, operations: Operations) -> str | None:
        """Return the IANA name behind an id; None where the dictionary has none."""
        return (await self._loaded(operations)).get(zone_id)

    async def name_in(self, read: AnyMeeting, operations: Operations) -> str | None:
        """Return the IANA name of the zone that a meeting is kept in; None if unknown."""
        zone = read.schedule.time_zone if read.schedule else None
        if zone is None:
            return None
        name = known_zone(zone.name)
        if name is None and zone.id:
            name = known_zone(await self.name_of(zone.id, operations))
        return name

    async def id_of(self, draft: MeetingDraft, operations: Operations) -> str | None:
        """Return the id to send for a draft; None for one without a start."""
        if draft.start is None:
            return None
        minutes = draft.duration_minutes or 0
        last = draft.start.add(minutes=minutes)
        if draft.rule is not None:
            end = timing.last_occurrence(draft.rule, draft.start, minutes)
            last = end.end if end is not None else draft.start.add(years=5)
        zone, series = draft.start.tz_id or UNKNOWN_ZONE, draft.rule is not None
        first = draft.start.to_instant()
        return await self.id_for(zone, first, last.to_instant(), series=series, operations=operations)

    async def id_for(self, zone: str, first: Instant, last: Instant, *, series: bool, operations: Operations) -> str:
        """Return the id to send for a meeting in `zone` between two instants.

        Where the dictionary lacks the zone, a zone of the same transitions stands in; failing that a single
        meeting goes as UTC, which loses nothing, and a series is refused, since it would drift by an hour.
        """
        ids: dict[str, str] = {}
        for zone_id, name in (await self._loaded(operations)).items():
            ids.setdefault(name, zone_id)
        same = UTC_NAMES if zone in UTC_NAMES else ()
        if known := next((name for name in (zone, *same) if name in ids), None):
            return ids[known]
        if twin := timing.equivalent_zone(zone, ids, first, last):
            return ids[twin]
        if series:
            raise errors.zone_not_offered(zone)
        return next((ids[name] for name in UTC_NAMES if name in ids), _UTC_ID)

    async def _loaded(self, operations: Operations) -> Mapping[str, str]:
        async with self._lock:
            if not self._names:
                self._names = await self._names_kept() or await self._names_read(operations)
        return self._names

    async def _names_kept(self) -> dict[str, str] | None:
        text = await self._kept.read() if self._kept is not None else None
        return json.loads(text) if text else None

    async def _names_read(self, operations: Operations) -> dict[str, str]:
        zones = await operations.list_time_zones()
        names = {zone.id: zone.name for zone in zones if zone.id and zone.name}
        if self._kept is not None and names:
            await self._kept.write(json.dumps(names))
        return names
