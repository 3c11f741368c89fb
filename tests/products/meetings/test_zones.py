"""The dictionary of time zones: read once, over all its pages, and never guessed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx
import pytest
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.platform.api.meetings import Operations
from ringcentral_meetings.platform.client import PlatformClient, build_http
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from ringcentral_meetings.platform.signin.auth import GivenTokenAuth
from ringcentral_meetings.products.meetings.zones import ZoneDirectory

pytestmark = pytest.mark.anyio

SERVER = "https://platform.example"
WINTER = Instant.from_utc(2026, 12, 1, hour=12)
NEXT_WINTER = Instant.from_utc(2027, 12, 1, hour=12)

Entry = dict[str, Any]


def named(*names: str) -> list[Entry]:
    return [{"id": str(number), "name": name} for number, name in enumerate(names, 1)]


@asynccontextmanager
async def dictionary(*pages: Sequence[Entry], refusals: int = 0) -> AsyncIterator[tuple[Operations, list[str]]]:
    """Operations on a platform whose dictionary has these pages, and the queries that it is asked."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.query.decode())
        if len(asked) <= refusals:
            return httpx.Response(403, json={"errorCode": "CMN-401"})
        page = int(request.url.params.get("page", "1"))
        link = f"{SERVER}{request.url.path}?page={page + 1}"
        navigation = {"nextPage": {"uri": link}} if page < len(pages) else {}
        return httpx.Response(200, json={"records": pages[page - 1], "navigation": navigation})

    limits = RateLimits({}, LoopClock())
    auth = GivenTokenAuth("token")
    async with build_http(SERVER, auth, transport=httpx.MockTransport(answer), user_agent="test") as http:
        yield Operations(PlatformClient(http, limits, clock=LoopClock())), asked


async def id_for(
    directory: ZoneDirectory, operations: Operations, zone: str, last: Instant = NEXT_WINTER, *, series: bool = True
) -> str:
    return await directory.id_for(zone, WINTER, last, series=series, operations=operations)


async def test_a_zone_on_the_last_page_is_found_and_the_dictionary_is_read_once() -> None:
    pages = [named("GMT"), [{"id": "77", "name": "Europe/Berlin"}], [{"id": "9", "name": "Asia/Tokyo"}]]
    async with dictionary(*pages) as (operations, asked):
        directory = ZoneDirectory()
        assert await id_for(directory, operations, "Asia/Tokyo") == "9"
        assert await directory.name_of("77", operations) == "Europe/Berlin"
        assert await directory.name_of("78", operations) is None
        assert asked == ["", "page=2", "page=3"]


async def test_two_askers_at_once_read_it_once() -> None:
    async with dictionary(named("GMT", "Asia/Tokyo")) as (operations, asked):
        directory = ZoneDirectory()
        found: list[str] = []

        async def one() -> None:
            found.append(await id_for(directory, operations, "Asia/Tokyo"))

        async with anyio.create_task_group() as group:
            group.start_soon(one)
            group.start_soon(one)
        assert (found, len(asked)) == (["2", "2"], 1)


async def test_a_dictionary_that_could_not_be_read_is_asked_for_again() -> None:
    async with dictionary(named("GMT", "Asia/Tokyo"), refusals=1) as (operations, _):
        directory = ZoneDirectory()
        with pytest.raises(errors.Refused):
            await id_for(directory, operations, "Asia/Tokyo")
        assert await id_for(directory, operations, "Asia/Tokyo") == "2"


async def test_of_two_ids_for_one_zone_the_first_is_sent_and_both_are_read() -> None:
    entries = [{"id": "5", "name": "Asia/Tokyo"}, {"id": "6", "name": "Asia/Tokyo"}, {"id": "7"}, {"name": "UTC"}]
    async with dictionary(entries) as (operations, _):
        directory = ZoneDirectory()
        assert await id_for(directory, operations, "Asia/Tokyo") == "5"
        assert await directory.name_of("6", operations) == "Asia/Tokyo"


async def test_a_missing_zone_is_replaced_by_its_alias_before_any_other() -> None:
    async with dictionary(named("GMT", "America/Detroit", "US/Eastern", "America/Chicago")) as (operations, _):
        assert await id_for(ZoneDirectory(), operations, "America/New_York") == "3"


async def test_a_zone_whose_clocks_agree_only_for_now_stands_in_for_a_single_meeting_alone() -> None:
    async with dictionary(named("GMT", "America/Bogota")) as (operations, _):
        directory = ZoneDirectory()
        soon = WINTER.add(hours=1)
        assert await id_for(directory, operations, "America/New_York", soon, series=False) == "2"
        with pytest.raises(errors.Refused) as refused:
            await id_for(directory, operations, "America/New_York")
        assert refused.value.code == "invalid_arguments"
        assert "America/New_York" in refused.value.message


@pytest.mark.parametrize(
    ("entries", "sent"),
    [
        ([{"id": "8", "name": "Etc/UTC"}, {"id": "3", "name": "Asia/Tokyo"}], "8"),
        ([{"id": "4", "name": "GMT"}], "4"),
        ([{"id": "3", "name": "Asia/Tokyo"}], "1"),
        ([{"id": "3", "name": "No/Such_Zone"}], "1"),
    ],
)
async def test_a_single_meeting_goes_as_utc_where_no_zone_fits(entries: list[Entry], sent: str) -> None:
    async with dictionary(entries) as (operations, _):
        assert await id_for(ZoneDirectory(), operations, "Australia/Lord_Howe", series=False) == sent


async def test_utc_goes_by_another_name_of_its_own_before_a_place_that_keeps_its_clock() -> None:
    async with dictionary(named("Africa/Lome", "GMT", "Europe/London")) as (operations, _):
        assert await id_for(ZoneDirectory(), operations, "UTC") == "2"


class Shelf:
    """A text that several directories share."""

    def __init__(self) -> None:
        self.text: str | None = None

    async def read(self) -> str | None:
        return self.text

    async def write(self, text: str) -> None:
        self.text = text


async def test_what_one_process_has_read_serves_the_others() -> None:
    shelf = Shelf()
    async with dictionary([{"id": "77", "name": "Europe/Berlin"}]) as (operations, asked):
        found = [await id_for(ZoneDirectory(shelf), operations, "Europe/Berlin") for _ in range(3)]
        assert (found, len(asked)) == (["77"] * 3, 1)
