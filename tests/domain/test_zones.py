"""Zones: which copy of the tz database is read, and what people and calendars call a zone."""

import json
import re
import sys
import zoneinfo
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON
from whenever import Instant

from assistant import at_work
from cli.processes import ran
from ringcentral_meetings.domain import timing, zones
from ringcentral_meetings.domain.timing import TimingError

NEW_YORK = "America/New_York"
PACKAGE = files("tzdata").joinpath("zoneinfo", "tzdata.zi").read_text().split(maxsplit=3)[2]

# As in a process on a machine whose zones lie in {folder}; prints what each library reads for Vancouver in December
# 2026, and the choice that was made.
PROBE = """
import json, sys, zoneinfo
from datetime import datetime
import whenever
if {folder!r}:
    zoneinfo.reset_tzpath([{folder!r}])
    whenever.reset_tzpath([{folder!r}])
{before}
import {module}
from ringcentral_meetings.domain import timing, zones
from dateutil.tz import gettz
moment = datetime(2026, 12, 15, 9)
hours = [
    timing.parse_start("2026-12-15T09:00", "America/Vancouver").offset.total("hours"),
    *(moment.replace(tzinfo=zone).utcoffset().total_seconds() / 3600
      for zone in (zoneinfo.ZoneInfo("America/Vancouver"), gettz("America/Vancouver"))),
]
print(json.dumps([hours, zones.DATABASE]))
"""


def tree(folder: Path, version: str | None) -> Path:
    """Zones as they were before Vancouver gave up changing its clocks, with the version that the system names."""
    (folder / "America").mkdir(parents=True)
    old = files("tzdata").joinpath("zoneinfo", "America", "Los_Angeles").read_bytes()
    (folder / "America" / "Vancouver").write_bytes(old)
    if version is not None:
        (folder / "tzdata.zi").write_text(f"# version {version}\n# This zic input file is in the public domain.\n")
    return folder


def read_in_a_process(folder: Path, before: str = "", module: str = "ringcentral_meetings.app", **env: str) -> Any:
    """The offsets of Vancouver in hours, by whenever, zoneinfo and dateutil, and what was chosen."""
    code = PROBE.format(folder="" if env else str(folder), before=before, module=module)
    ended = ran([sys.executable, "-c", code], **env)
    assert ended.stderr == ""
    hours, chosen = json.loads(ended.stdout)
    return hours, tuple(chosen)


class TestDatabase:
    @pytest.mark.parametrize("version", ["2025b", "2025b-dirty", "2026a"])
    @pytest.mark.parametrize("module", ["ringcentral_meetings.app", "ringcentral_meetings.domain.timing"])
    def test_an_older_system_copy_gives_way_to_the_package_in_every_library(
        self, tmp_path: Path, version: str, module: str
    ) -> None:
        hours, chosen = read_in_a_process(tree(tmp_path, version), module=module)
        assert hours == [-7, -7, -7]
        assert chosen == (version, PACKAGE, "package")

    @pytest.mark.parametrize("version", [None, "unknown"])
    def test_a_system_copy_of_unknown_version_gives_way_to_the_package(
        self, tmp_path: Path, version: str | None
    ) -> None:
        hours, chosen = read_in_a_process(tree(tmp_path, version))
        assert hours == [-7, -7, -7]
        assert chosen == (None, PACKAGE, "package")

    @pytest.mark.parametrize("version", ["2099a", "2026za"])
    def test_a_newer_system_copy_is_used(self, tmp_path: Path, version: str) -> None:
        hours, chosen = read_in_a_process(tree(tmp_path, version))
        assert hours == [-8, -8, -8]
        assert chosen == (version, PACKAGE, "system")

    def test_macos_and_bsd_name_their_version_in_a_file_of_its_own(self, tmp_path: Path) -> None:
        (tree(tmp_path, None) / "+VERSION").write_text("2099a\n")
        assert read_in_a_process(tmp_path)[1][0] == "2099a"

    def test_what_pythontzpath_names_is_used_whatever_its_age(self, tmp_path: Path) -> None:
        hours, chosen = read_in_a_process(tree(tmp_path, "2025b"), PYTHONTZPATH=str(tmp_path))
        assert hours == [-8, -8, -8]
        assert chosen == ("2025b", PACKAGE, "PYTHONTZPATH")

    def test_zones_that_a_program_loaded_before_are_read_again(self, tmp_path: Path) -> None:
        before = "zoneinfo.ZoneInfo('America/Vancouver'); whenever.Instant.now().to_tz('America/Vancouver')"
        assert read_in_a_process(tree(tmp_path, "2025b"), before)[0] == [-7, -7, -7]

    def test_the_simulator_of_the_command_line_reads_the_same(self, tmp_path: Path) -> None:
        module = "ringcentral_meetings.cli.simulate as _, ringcentral_meetings.simulator"
        before = "import ringcentral_meetings.cli.simulate; early = zoneinfo.ZoneInfo('America/Vancouver')"
        after = "; assert early.utcoffset(datetime(2026, 12, 15)).total_seconds() == -7 * 3600"
        assert read_in_a_process(tree(tmp_path, "2025b"), before + after, module)[0] == [-7, -7, -7]


class TestAbbreviations:
    def test_every_abbreviation_that_the_tz_database_has_as_a_zone_is_asked_back(self) -> None:
        names = {name for name in zoneinfo.available_timezones() if re.fullmatch("[A-Z]{3,4}", name)}
        utc, countries = {"GMT", "UTC", "UCT"}, {"PRC", "ROC", "ROK"}
        assert names >= {"EST", "MST", "HST", "CET", "MET", "EET", "WET"} | utc | countries
        for name in names - utc - countries:
            with pytest.raises(TimingError, match=f'"{name}" is an abbreviation that fits several zones. Did you mean'):
                timing.zone(name)
        assert {timing.zone(name) for name in utc | countries} == utc | countries

    @pytest.mark.parametrize("name", ["EST", " est ", "MST", "hst", "CET", "EET"])
    def test_what_is_suggested_is_accepted_and_is_on_the_clock_meant(self, name: str) -> None:
        with pytest.raises(TimingError) as caught:
            timing.zone(name)
        suggested = str(caught.value).split("Did you mean ")[1].rstrip("?").split(" or ")
        assert [timing.zone(one) for one in suggested] == suggested
        winter = Instant.from_utc(2026, 1, 15)
        assert timing.at(winter, suggested[0]).offset == timing.at(winter, name.strip().upper()).offset

    @pytest.mark.parametrize("name", ["EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT"])
    def test_a_name_with_both_halves_of_the_year_means_one_clock_and_is_accepted(self, name: str) -> None:
        assert timing.zone(name.lower()) == name
        offsets = {timing.at(Instant.from_utc(2026, month, 15), name).offset for month in (1, 7)}
        assert len(offsets) == 2

    def test_no_abbreviation_is_offered_for_completion(self) -> None:
        assert not {"EST", "CET", "HST"} & set(timing.zone_names())
        assert {NEW_YORK, "UTC", "Japan"} <= set(timing.zone_names())
        assert [timing.zone(name) for name in timing.zone_names()] == timing.zone_names()

    def test_a_meeting_that_ringcentral_keeps_in_such_a_zone_is_still_read(self) -> None:
        assert timing.known_zone("est") == "EST"
        assert timing.show(timing.parse_start("2026-07-01T09:00", "EST")) == "2026-07-01T09:00-05:00"


class TestCountries:
    @pytest.mark.parametrize(
        ("name", "offered"),
        [
            ("Germany", "Europe/Berlin or Europe/Busingen"),
            ("UK", "Europe/London"),
            ("india", "Asia/Kolkata"),
            ("España", "Europe/Madrid or Africa/Ceuta or Atlantic/Canary"),
            ("Luxembourg", "Europe/Luxembourg"),
        ],
    )
    def test_a_country_with_few_zones_is_asked_back_by_them(self, name: str, offered: str) -> None:
        with pytest.raises(TimingError, match=f"Did you mean {re.escape(offered)}[?]"):
            timing.zone(name)

    @pytest.mark.parametrize("name", ["USA", "Brasil", "+49", "44", "Narnia"])
    def test_one_with_many_zones_and_what_is_none_get_the_form(self, name: str) -> None:
        with pytest.raises(TimingError, match='Give a name such as "America/New_York"'):
            timing.zone(name)

    @pytest.mark.parametrize(
        ("name", "offered"),
        [
            ("Central European Time", "Europe/Berlin or Europe/Paris or Africa/Algiers"),
            ("British Summer Time", "Europe/London"),
            ("Australian Eastern Daylight Time", "Australia/Sydney or Australia/Brisbane"),
            ("Singapore Time", "Asia/Singapore"),
            ("London time", "Europe/London"),
            ("Japan Standard Time", "Asia/Tokyo"),
            ("Mid-Atlantic Standard Time", "Etc/GMT+2 or America/Noronha"),
            ("India time", "Asia/Kolkata"),
        ],
    )
    def test_zones_that_are_spelt_out_are_asked_back(self, name: str, offered: str) -> None:
        with pytest.raises(TimingError, match=f"Did you mean {re.escape(offered)}[?]"):
            timing.zone(name)

    @pytest.mark.parametrize(
        "name",
        ["Perth Time", "Cairo Time", "Moscow Standard Time", "Moskow Standard Time", "Mars Standard Time", "Time"],
    )
    def test_what_only_looks_like_an_abbreviation_or_a_city_is_not_taken_for_it(self, name: str) -> None:
        with pytest.raises(TimingError) as caught:
            timing.zone(name)
        assert not {"America", "Canada"} & set(re.findall(r"\w+(?=/)", str(caught.value).split("Give a name")[0]))


class TestWindowsNames:
    @pytest.mark.parametrize("name", sorted(WINDOWS_TO_OLSON))
    def test_every_name_of_windows_gets_its_zone_suggested(self, name: str) -> None:
        zone = zones.identified(name)
        assert zone is not None
        years = Instant.from_utc(2024, 1, 1), Instant.from_utc(2030, 1, 1)
        assert timing.equivalent_zone(WINDOWS_TO_OLSON[name], [zone], *years) == zone
        if timing.known_zone(name) is None:
            with pytest.raises(TimingError, match=re.escape(f"Did you mean {zone}?")):
                timing.zone(name)

    @pytest.mark.parametrize(
        ("name", "zone"),
        [
            ("W. Europe Standard Time", "Europe/Berlin"),
            ("W. Europe Daylight Time", "Europe/Berlin"),
            ("india standard time", "Asia/Kolkata"),
            ("Kamchatka Standard Time", "Asia/Kamchatka"),
            ("(UTC-05:00) Eastern Time (US & Canada)", NEW_YORK),
        ],
    )
    def test_other_forms_of_windows_get_theirs(self, name: str, zone: str) -> None:
        with pytest.raises(TimingError, match=f"Did you mean {zone}"):
            timing.zone(name)


class TestCalendarNames:
    @pytest.mark.parametrize(
        ("name", "zone"),
        [
            ("Europe/Berlin", "Europe/Berlin"),
            ("europe/BERLIN", "Europe/Berlin"),
            ('"America/New_York"', NEW_YORK),
            ("UTC", "UTC"),
            ("EST", "EST"),
            ("/freeassociation.sourceforge.net/Tzfile/Europe/Berlin", "Europe/Berlin"),
            ("/freeassociation.sourceforge.net/America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"),
            ("/mozilla.org/20070129_1/America/New_York", NEW_YORK),
            ("/softwarestudio.org/Olson_20011030_5/Asia/Tokyo", "Asia/Tokyo"),
            ("tzone://Microsoft/Utc", "UTC"),
            ("tzone://Microsoft/Pacific Standard Time", "America/Los_Angeles"),
            ("Eastern Standard Time", NEW_YORK),
            ("eastern daylight time", NEW_YORK),
            ("(UTC-05:00) Eastern Time (US & Canada)", NEW_YORK),
            ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", "Europe/Amsterdam"),
            ("(GMT+01.00) Bern / Rome / Stockholm", "Europe/Rome"),
            ("(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi", "Asia/Kolkata"),
            ("(UTC+09:00) Osaka, Sapporo, Tokyo", "Asia/Tokyo"),
            ("(UTC) Dublin, Edinburgh, Lisbon, London", "Europe/Dublin"),
            ("(UTC) Coordinated Universal Time", "Etc/UTC"),
            ("(UTC-07:00) Chihuahua, La Paz, Mazatlan", "America/Mazatlan"),
            ("(UTC+10:00) Canberra, Melbourne, Sydney", "Australia/Canberra"),
            ("(UTC-07:00) Arizona", "America/Phoenix"),
            ("Zurich", "Europe/Zurich"),
            ("UTC+11", "Etc/GMT-11"),
            ("GMT-05:00", "Etc/GMT+5"),
        ],
    )
    def test_a_name_that_calendars_write_is_identified(self, name: str, zone: str) -> None:
        assert zones.identified(name) == zone

    @pytest.mark.parametrize(
        "name",
        [
            "",
            "/",
            "Customized Time Zone",
            "tzone://Microsoft/Custom",
            "(UTC+06:00) Bern",
            "(UTC+01:00) Nowhere",
            "UTC+05:30",
            "UTC+15",
            "/mozilla.org/20070129_1/Custom",
            "PST",
            "x" * 5_000,
        ],
    )
    def test_a_name_that_no_table_has_is_not_guessed(self, name: str) -> None:
        assert zones.identified(name) is None


@pytest.mark.anyio
@pytest.mark.parametrize("zone", ["America/Vancouver", "America/Edmonton", "America/Winnipeg"])
async def test_a_meeting_is_booked_by_the_newest_rules_that_are_on_this_machine(zone: str) -> None:
    async with at_work() as assistant:
        asked = {"topic": "Budget", "start_time": "2026-12-15T09:00", "time_zone": zone, "duration_minutes": 30}
        made = await assistant.call("create_meeting", **asked)
        utc = {"America/Vancouver": "16:00Z", "America/Edmonton": "15:00Z", "America/Winnipeg": "14:00Z"}[zone]
        assert made.data["meeting"]["start_utc"] == f"2026-12-15T{utc}"


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["EST", "MST", "HST", "CET"])
async def test_a_creation_in_an_abbreviated_zone_is_asked_back_and_sends_nothing(name: str) -> None:
    async with at_work() as assistant:
        asked = {"topic": "Budget", "start_time": "2027-07-01T09:00", "time_zone": name, "duration_minutes": 30}
        refused = await assistant.call("create_meeting", **asked)
        assert refused.code == "invalid_arguments"
        assert "Did you mean" in refused.text
        assert not assistant.sent("POST", "/meeting")
