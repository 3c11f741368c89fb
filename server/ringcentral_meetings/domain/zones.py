"""Time zones: the copy of the tz database in use, its names, and the other names that people and calendars write.

Importing this module settles which copy is used, before any zone is loaded. Zone names are IANA names.
"""

import difflib
import os
import re
import zoneinfo
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module
from importlib.resources import files
from itertools import zip_longest
from pathlib import Path
from typing import Literal, NamedTuple

import whenever
from whenever import Instant, TimeDelta

from ringcentral_meetings.domain import countries
from ringcentral_meetings.domain.recurrence import TimingError
from ringcentral_meetings.errors import quoted

_VERSION = re.compile(r"(\d{4})([a-z]{1,2})(?:-[\w.-]+)?")
_VERSION_FILES = ("tzdata.zi", "+VERSION", "version")

# Abbreviations and words for zones. Some are zones of the tz database too, but with fixed offsets ("EST") or the
# clocks of one country ("CET"), which is not what every writer means by them.
_COLLOQUIAL = {
    "est": ("America/New_York", "America/Panama"),
    "edt et eastern": ("America/New_York",),
    "cst": ("America/Chicago", "Asia/Shanghai"),
    "cdt ct central": ("America/Chicago",),
    "mst": ("America/Denver", "America/Phoenix"),
    "mdt mt mountain": ("America/Denver",),
    "pst pdt pt pacific": ("America/Los_Angeles",),
    "akst akdt alaska": ("America/Anchorage",),
    "hst hdt hast hawaii": ("Pacific/Honolulu", "America/Adak"),
    "ast": ("America/Halifax", "America/Puerto_Rico", "Asia/Riyadh"),
    "adt atlantic": ("America/Halifax",),
    "mid-atlantic": ("Etc/GMT+2", "America/Noronha"),
    "nst ndt newfoundland": ("America/St_Johns",),
    "brt": ("America/Sao_Paulo",),
    "bst": ("Europe/London",),
    "wet west": ("Europe/Lisbon", "Atlantic/Canary"),
    "cet met": ("Europe/Berlin", "Europe/Paris", "Africa/Algiers"),
    "cest mest": ("Europe/Berlin", "Europe/Paris"),
    "eet": ("Europe/Athens", "Europe/Helsinki", "Africa/Cairo"),
    "eest": ("Europe/Athens", "Europe/Helsinki"),
    "msk": ("Europe/Moscow",),
    "sast": ("Africa/Johannesburg",),
    "gst gulf": ("Asia/Dubai",),
    "pkt": ("Asia/Karachi",),
    "ist": ("Asia/Kolkata", "Europe/Dublin", "Asia/Jerusalem"),
    "sgt": ("Asia/Singapore",),
    "hkt": ("Asia/Hong_Kong",),
    "jst": ("Asia/Tokyo",),
    "kst": ("Asia/Seoul",),
    "awst": ("Australia/Perth",),
    "acst acdt": ("Australia/Adelaide", "Australia/Darwin"),
    "aest aedt": ("Australia/Sydney", "Australia/Brisbane"),
    "nzst nzdt": ("Pacific/Auckland",),
}

# Windows ids beside those in icalendar's copy of CLDR's windowsZones.xml: ids of older versions of Windows, and those
# for which CLDR keeps a former IANA name.
_WINDOWS = {
    "Argentina Standard Time": "America/Argentina/Buenos_Aires",
    "Armenian Standard Time": "Asia/Yerevan",
    "FLE Standard Time": "Europe/Kyiv",
    "Greenland Standard Time": "America/Nuuk",
    "India Standard Time": "Asia/Kolkata",
    "Kamchatka Standard Time": "Asia/Kamchatka",
    "Malay Peninsula Standard Time": "Asia/Singapore",
    "Mexico Standard Time": "America/Mexico_City",
    "Mexico Standard Time 2": "America/Mazatlan",
    "Myanmar Standard Time": "Asia/Yangon",
    "Nepal Standard Time": "Asia/Kathmandu",
    "US Eastern Standard Time": "America/Indiana/Indianapolis",
}

# What Windows shows for zones that it does not name by their cities.
_SHOWN_BY_WINDOWS = {
    "alaska": "Alaskan",
    "aleutian islands": "Aleutian",
    "arizona": "US Mountain",
    "atlantic time (canada)": "Atlantic",
    "azores": "Azores",
    "baja california": "Pacific Standard Time (Mexico)",
    "cabo verde is.": "Cape Verde",
    "cape verde is.": "Cape Verde",
    "central america": "Central America",
    "central time (us & canada)": "Central",
    "coordinated universal time": "UTC",
    "eastern time (us & canada)": "Eastern",
    "greenland": "Greenland",
    "hawaii": "Hawaiian",
    "indiana (east)": "US Eastern",
    "marquesas islands": "Marquesas",
    "mountain time (us & canada)": "Mountain",
    "newfoundland": "Newfoundland",
    "pacific time (us & canada)": "Pacific",
    "saint pierre and miquelon": "Saint Pierre",
    "saskatchewan": "Canada Central",
    "turks and caicos": "Turks And Caicos",
    "west central africa": "W. Central Africa",
    "yukon": "Yukon",
}
_SHOWN = re.compile(
    r"\((?:UTC|GMT)(?:(?P<sign>[+-])(?P<hours>\d\d)[:.](?P<minutes>\d\d))?\) ?(?P<words>.+)", re.IGNORECASE
)
_FIXED = re.compile(r"(?:UTC|GMT) ?(?P<sign>[+-])0?(?P<hours>\d{1,2})(?::?00)?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:UTC|GMT)? ?(?P<sign>[+-])(?P<hours>0?\d|1[0-4])(?::?(?P<minutes>\d\d))?", re.IGNORECASE)
_WINTER, _SUMMER = Instant.from_utc(2026, 1, 15), Instant.from_utc(2026, 7, 15)


class Database(NamedTuple):
    """The versions of the tz database on this machine, such as "2026a", and where zones are read from.

    `system` is None where the system has no copy, or one that does not say its version.
    """

    system: str | None
    package: str | None
    source: Literal["system", "package", "PYTHONTZPATH"]


def zone(name: str, field: str = "time_zone") -> str:
    """Return the IANA name that a person means, its case corrected.

    Raises:
        TimingError: the zone is unknown, or an ambiguous abbreviation; names up to three suggestions.
    """
    known = known_zone(name)
    if known and not _is_ambiguous(known):
        return known
    if (offset := _OFFSET.fullmatch(name.strip())) and not _from_windows(name.strip()):
        raise TimingError(field, _offset_given(name, offset, alone=field != "time_zone"))
    close = _suggestions(name)
    hint = f"Did you mean {' or '.join(close)}?" if close else 'Give a name such as "America/New_York" or "UTC".'
    problem = "is an abbreviation that fits several zones" if known else "is not an IANA time zone"
    raise TimingError(field, f'"{quoted(name)}" {problem}. {hint}')


def _offset_given(name: str, found: re.Match[str], *, alone: bool) -> str:
    """Return what to give instead of an offset; `alone` if the call has no time that could carry the offset."""
    offset = f"{found['sign']}{int(found['hours']):02}:{found['minutes'] or '00'}"
    problem = (
        f'"{quoted(name)}" is an offset from UTC, not a time zone. Give the zone of a city, such as "Europe/Berlin"'
    )
    beside = f'; for a single time leave it out and give the offset with the time, such as "2026-11-24T15:00{offset}"'
    return f"{problem}{'' if alone else beside}."


def known_zone(name: str) -> str | None:
    """Return the name as the tz database writes it, whatever its case; None if it has no such zone."""
    return _zone_names().get(name.strip().lower())


def zone_names() -> list[str]:
    """Return every name that `zone` accepts, in order."""
    return sorted(name for name in _zone_names().values() if not _is_ambiguous(name))


def identified(name: str) -> str | None:
    """Return the IANA zone that a calendar's zone name (TZID) stands for; None if it is unknown.

    Calendars write IANA names, in quotes or behind a vendor's prefix ("/mozilla.org/20070129_1/Europe/Berlin",
    "tzone://Microsoft/Utc"), Windows ids ("W. Europe Standard Time"), the words that Windows shows ("(UTC-05:00)
    Eastern Time (US & Canada)"), whole hours from UTC ("UTC+11") and cities ("Zurich"), in any case.
    """
    plain = " ".join(name.replace('"', " ").split())
    readings = (known_zone, _after_prefix, _from_windows, _shown_by_windows, _fixed_offset, _zone_of_city)
    return next((found for read in readings if (found := read(plain))), None)


def equivalent_zone(name: str, candidates: Iterable[str], first: Instant, last: Instant) -> str | None:
    """Return the candidate whose clocks show the same as those of `name` from `first` to `last`, else None.

    Of several candidates `name` itself comes first, then zones with the same history since 1900 (its aliases), then
    the same continent, then the alphabet. Candidates unknown to the tz database are ignored.
    """
    own = known_zone(name) or zone(name)
    same = [other for other in set(candidates) if known_zone(other) and _same_offsets(own, other, first, last)]
    since = Instant.from_utc(1900, 1, 1)

    def remoteness(other: str) -> tuple[bool, bool, bool, str]:
        elsewhere = other.partition("/")[0] != own.partition("/")[0]
        return other.lower() != own.lower(), not _same_offsets(own, other, since, last), elsewhere, other

    return min(same, key=remoteness, default=None)


def offset_changes(zone_name: str, first: Instant, last: Instant) -> Iterator[tuple[Instant, TimeDelta]]:
    """Yield `first` with the offset from UTC then, and each change of the offset up to `last`."""
    moment = first.to_tz(zone_name)
    yield first, moment.offset
    while (following := moment.next_transition()) and following <= last:
        if following.offset != moment.offset:
            yield following.to_instant(), following.offset
        moment = following


def _choose_database() -> Database:
    """Make every library read the newer of the system's copy and the `tzdata` package.

    Python prefers the system's copy whatever its age (PEP 615), and a machine that is not updated books the wrong
    hour where a country has changed its clocks. PYTHONTZPATH is the user's own choice and is left alone.
    """
    system, package = _system_version(zoneinfo.TZPATH), _package_version()
    if "PYTHONTZPATH" in os.environ:
        return Database(system, package, "PYTHONTZPATH")
    if package is None or (system is not None and _age(system) >= _age(package)):
        return Database(system, package, "system")
    # Without a search path zoneinfo, and dateutil with it, and whenever read the package. A program that imports
    # this one may have loaded zones before.
    zoneinfo.reset_tzpath(())
    whenever.reset_tzpath(())
    zoneinfo.ZoneInfo.clear_cache()
    whenever.clear_tzcache()
    return Database(system, package, "package")


def _system_version(paths: Iterable[str]) -> str | None:
    """Return the oldest version on the search path, since a zone may come from any folder of it."""
    versions = [_version_in(Path(path)) for path in paths if Path(path).is_dir()]
    known = [version for version in versions if version is not None]
    return min(known, key=_age) if known and len(known) == len(versions) else None


def _version_in(folder: Path) -> str | None:
    """Return the version that a folder of zones names: `tzdata.zi` begins with it, macOS and BSD write +VERSION."""
    for name in _VERSION_FILES:
        try:
            with (folder / name).open(encoding="ascii", errors="replace") as file:
                version = file.readline(80).removeprefix("# version").strip()
        except OSError:
            continue
        if _VERSION.fullmatch(version):
            return version
    return None


def _package_version() -> str | None:
    try:
        version = str(import_module("tzdata").IANA_VERSION)
    except (ImportError, AttributeError):
        return None
    return version if _VERSION.fullmatch(version) else None


def _age(version: str) -> tuple[int, int, str]:
    """Return what versions are ordered by; the one after 2026z is 2026za."""
    found = _VERSION.fullmatch(version)
    return (int(found[1]), len(found[2]), found[2]) if found else (0, 0, "")


DATABASE = _choose_database()
"""Where this process reads zones from."""


@cache
def _zone_names() -> dict[str, str]:
    return {name.lower(): name for name in whenever.available_timezones() if name != "Factory"}


def _is_ambiguous(known: str) -> bool:
    return _meanings(known.lower()) is not None


def _meanings(word: str) -> list[str] | None:
    """Return the zones that people mean by an abbreviation or a word; None if it is not one of those."""
    return next((list(names) for words, names in _COLLOQUIAL.items() if word in words.split()), None)


def _suggestions(name: str) -> list[str]:
    plain = " ".join(quoted(name).split())
    if named := _after_prefix(plain) or _from_windows(plain) or _shown_by_windows(plain):
        return [named]
    wanted = plain.lower().replace("_", " ")
    word = wanted.removesuffix(" time").removesuffix(" standard").removesuffix(" daylight")
    if (meant := _meanings(word)) is not None:
        return meant
    if (theirs := _of_country(word)) and word not in _cities():
        return theirs
    spoken = _cities() | {place.lower().replace("_", " "): place for place in _cities().values()}
    close = difflib.get_close_matches(word, spoken, n=6, cutoff=0.8)
    return list(dict.fromkeys(spoken[key] for key in close))[:3] or _spelt_out(wanted.split())


def _spelt_out(words: list[str]) -> list[str]:
    """Return the zones of an abbreviation that words spell out, such as "central european time".

    "Moscow Standard Time" is no MST: beside "standard" and the like, two words have to say where.
    """
    where = [word for word in words if word not in {"standard", "daylight", "time"}]
    spelt = len(where) > 1 and words[-1] == "time"
    return (_meanings("".join(word[0] for word in words)) or []) if spelt else []


def _of_country(name: str) -> list[str]:
    """Return the zones of the country that a text names; none where there are more than three to choose from."""
    code = countries.code_of(name) if not name.lstrip("+").isdecimal() else None
    rows = (line.split("\t") for line in _zone_table().splitlines() if code is not None and line.startswith(code))
    zones = [own for row in rows if (own := known_zone(row[2]))]
    return zones if len(zones) <= _MOST_OF_COUNTRY else []


_MOST_OF_COUNTRY = 3


def _zone_table() -> str:
    """Return the tz database's table of zones by country, which not every system installs, from its own package."""
    return (files("tzdata.zoneinfo") / "zone.tab").read_text(encoding="utf-8")


@cache
def _cities() -> dict[str, str]:
    """Return zones by the name of their city or island, in lower case."""
    # Etc/GMT+2 lies two hours west of Greenwich, the opposite of what a writer of "GMT+2" means.
    names = sorted(name for key, name in _zone_names().items() if "/" in key and not key.startswith("etc/"))
    return {name.rpartition("/")[2].replace("_", " ").lower(): name for name in names}


def _zone_of_city(name: str) -> str | None:
    return _cities().get(name.lower().replace("_", " "))


def _after_prefix(name: str) -> str | None:
    """Return the zone behind the vendor's address with which some calendars begin the names of zones."""
    if not name.startswith("/") and "://" not in name:
        return None
    parts = name.split("/")
    endings = ["/".join(parts[-length:]) for length in (3, 2, 1)]
    return next((found for ending in endings if (found := known_zone(ending) or _from_windows(ending))), None)


def _from_windows(name: str) -> str | None:
    return _windows().get(name.lower().replace(" daylight time", " standard time"))


@cache
def _windows() -> dict[str, str]:
    # Imported late: icalendar takes a tenth of a second, and most names are IANA names.
    from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

    return {key.lower(): name for key, name in (WINDOWS_TO_OLSON | _WINDOWS).items()}


def _shown_by_windows(name: str) -> str | None:
    """Return the zone behind words such as "(UTC+01:00) Amsterdam, Berlin, Rome": the first city with this offset."""
    found = _SHOWN.fullmatch(name)
    if not found:
        return None
    words = found["words"].lower()
    if (own := _SHOWN_BY_WINDOWS.get(words)) is not None:
        return _from_windows(own) or _from_windows(f"{own} standard time")
    minutes = int(f"{found['sign'] or '+'}1") * (int(found["hours"] or 0) * 60 + int(found["minutes"] or 0))
    cities = (_zone_of_city(re.sub(r"\(.*\)", "", word).strip()) for word in re.split("[,/]", words))
    return next((city for city in cities if city and _standard_minutes(city) == minutes), None)


def _standard_minutes(zone_name: str) -> float:
    """Return the zone's offset without daylight saving time, in minutes."""
    return min(moment.to_tz(zone_name).offset.total("minutes") for moment in (_WINTER, _SUMMER))


def _fixed_offset(name: str) -> str | None:
    found = _FIXED.fullmatch(name)
    # The signs of Etc zones are those of POSIX, positive west of Greenwich.
    return known_zone(f"Etc/GMT{'-' if found['sign'] == '+' else '+'}{found['hours']}") if found else None


def _same_offsets(one: str, other: str, first: Instant, last: Instant) -> bool:
    changes = zip_longest(offset_changes(one, first, last), offset_changes(other, first, last))
    return all(left == right for left, right in changes)
