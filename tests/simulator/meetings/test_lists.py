"""Lists, pages and the time zone dictionary."""

import pytest

from ringcentral_meetings.simulator import Simulator
from simulator.support import EXTENSION, Caller, refusal, schedule

pytestmark = pytest.mark.anyio

ZONES = "/restapi/v1.0/dictionary/timezone"


async def test_a_list_is_one_page_unless_the_switch_says_otherwise(simulator: Simulator, caller: Caller) -> None:
    for number in range(5):
        await caller.created(topic=f"m{number}", schedule=schedule())
    answer = (await caller.get("meeting", params={"page": "2", "perPage": "2"})).json()
    assert [record["topic"] for record in answer["records"]] == ["m0", "m1", "m2", "m3", "m4"]
    assert answer["paging"] == {
        "page": 1,
        "perPage": 100,
        "totalPages": 1,
        "totalElements": 5,
        "pageStart": 0,
        "pageEnd": 4,
    }
    assert set(answer["navigation"]) == {"firstPage", "lastPage"}
    simulator.switches.list_page_size = 2
    assert (await caller.get("meeting")).json()["paging"]["totalPages"] == 1


async def test_a_paged_list_is_followed_through_its_links(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.list_pages = True
    simulator.switches.list_page_size = 2
    for number in range(5):
        await caller.created(topic=f"m{number}", schedule=schedule())
    topics, uri = [], f"{EXTENSION}/meeting"
    while uri:
        page = (await caller.get(uri) if uri.startswith("/") else await caller.client.get(uri)).json()
        topics += [record["topic"] for record in page["records"]]
        uri = page["navigation"].get("nextPage", {}).get("uri", "")
    assert topics == ["m0", "m1", "m2", "m3", "m4"]
    assert page["navigation"]["previousPage"]["uri"].endswith("?page=2&perPage=2")
    assert page["paging"]["pageStart"] == page["paging"]["pageEnd"] == 4


async def test_an_empty_page_has_no_page_bounds(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.list_pages = True
    answer = (await caller.get("meeting", params={"page": "3"})).json()
    assert answer["records"] == []
    assert "pageStart" not in answer["paging"]


@pytest.mark.parametrize(("name", "value"), [("page", "0"), ("perPage", "x"), ("perPage", "1001"), ("page", "-1")])
async def test_a_page_that_cannot_be_is_refused(caller: Caller, name: str, value: str) -> None:
    assert refusal(await caller.get(ZONES, params={name: value})) == (400, "CMN-101", name)


async def test_the_time_zone_dictionary_spans_several_pages_of_iana_names(caller: Caller) -> None:
    first = (await caller.get(ZONES)).json()
    assert first["records"][0] == {
        "uri": f"https://platform.ringcentral.com{ZONES}/1",
        "id": "1",
        "name": "GMT",
        "description": "Greenwich Mean Time",
        "bias": "0",
    }
    assert len(first["records"]) == 100
    assert first["paging"]["totalPages"] > 1
    rest = (await caller.get(ZONES, params={"page": "2", "perPage": "1000"})).json()
    assert rest["records"] == []
    every = (await caller.get(ZONES, params={"perPage": "1000"})).json()["records"]
    names = {record["name"]: record for record in every}
    assert {"Europe/Stockholm", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"} <= names.keys()
    assert all("/" in name for name in names if name != "GMT")
    assert names["America/New_York"]["bias"] == "-240"
    assert len({record["id"] for record in every}) == len(every)


async def test_one_time_zone_can_be_read_by_its_id(caller: Caller) -> None:
    identifier = await caller.zone_id("Europe/Paris")
    assert (await caller.get(f"{ZONES}/{identifier}")).json()["name"] == "Europe/Paris"
    assert refusal(await caller.get(f"{ZONES}/99999")) == (404, "CMN-102", "timezoneId")


async def test_zone_ids_are_not_stable(simulator: Simulator, caller: Caller) -> None:
    new = await caller.zone_id("Europe/Paris")
    meeting = await caller.created(schedule=schedule(zone=new))
    simulator.switches.old_zone_ids = True
    old = await caller.zone_id("Europe/Paris")
    assert old != new
    assert await caller.zone_id("GMT") == "1"
    shown = (await caller.get(f"meeting/{meeting['id']}")).json()["schedule"]["timeZone"]
    assert (shown["id"], shown["name"]) == (old, "Europe/Paris")
    stored = simulator.meeting(meeting["id"])
    assert stored is not None
    assert stored["schedule"]["timeZone"]["id"] == old


async def test_a_zone_that_the_dictionary_lacks_cannot_be_used(simulator: Simulator, caller: Caller) -> None:
    identifier = await caller.zone_id("Asia/Kolkata")
    simulator.switches.zones_without = frozenset({"Asia/Kolkata"})
    every = (await caller.get(ZONES, params={"perPage": "1000"})).json()["records"]
    assert "Asia/Kolkata" not in [record["name"] for record in every]
    assert refusal(await caller.create(schedule=schedule(zone=identifier))) == (400, "CMN-101", "schedule")


async def test_an_answer_may_name_the_zone_by_its_id_alone(simulator: Simulator, caller: Caller) -> None:
    simulator.switches.schedule_zone_has_name = False
    simulator.switches.use_pmi_echoed = False
    meeting = await caller.created(schedule=schedule())
    assert meeting["schedule"]["timeZone"].keys() == {"uri", "id"}
    assert "usePersonalMeetingId" not in meeting
