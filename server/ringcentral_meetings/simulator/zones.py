"""The time zone dictionary: IANA names under ids of RingCentral's own, which are not stable.

Source: API reference, "List Timezones"; recordings of two years number the same zones differently.
"""

import zoneinfo
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from ringcentral_meetings.simulator.switches import Switches

GMT = "GMT"
GMT_ID = "1"


@cache
def zone_names() -> tuple[str, ...]:
    """Return the IANA names of the dictionary: one for each region that `zone.tab` lists, and GMT."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    known = zoneinfo.available_timezones()
    return (GMT, *sorted({row[2] for row in rows} & known))


@cache
def _numbering(old: bool) -> dict[str, str]:
    others: Iterable[str] = zone_names()[1:]
    ordered = reversed(list(others)) if old else others
    return {GMT: GMT_ID} | {name: str(number) for number, name in enumerate(ordered, 2)}


def check_zone(name: str) -> None:
    """Raise ValueError if the dictionary does not know an IANA name."""
    if name not in zone_names():
        raise ValueError(f"unknown time zone: {name!r} (IANA names such as Europe/Berlin are known)")


def zone_id(name: str, switches: Switches) -> str:
    """Return the dictionary id of an IANA name; an unknown name gets the id of GMT."""
    return _numbering(switches.old_zone_ids).get(name, GMT_ID)


def zone_name(identifier: str, switches: Switches) -> str | None:
    """Return the IANA name under a dictionary id, or None if the dictionary has no such id."""
    names = {number: name for name, number in _numbering(switches.old_zone_ids).items()}
    name = names.get(identifier)
    return None if name in switches.zones_without else name


def listed_zones(switches: Switches) -> list[str]:
    """Return the names of the dictionary in the order of their ids."""
    numbered = sorted(_numbering(switches.old_zone_ids).items(), key=lambda item: int(item[1]))
    return [name for name, _ in numbered if name not in switches.zones_without]


def zone_resource(name: str, base: str, now: float, switches: Switches) -> dict[str, Any]:
    """Return one entry of the dictionary; `bias` is the offset from UTC at `now`, in minutes, as a string."""
    identifier = zone_id(name, switches)
    return {
        "uri": f"{base}/restapi/v1.0/dictionary/timezone/{identifier}",
        "id": identifier,
        "name": name,
        "description": description(name),
        "bias": str(_bias_minutes(name, now)),
    }


def description(name: str) -> str:
    """Return the description that the dictionary gives a zone."""
    return "Greenwich Mean Time" if name == GMT else name.split("/", 1)[1].replace("_", " ")


@cache
def _zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def _bias_minutes(name: str, now: float) -> int:
    offset = datetime.fromtimestamp(now, UTC).astimezone(_zone(name)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds()) // 60
