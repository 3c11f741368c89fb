"""Dial-in numbers, settings and delegation of RingCentral Meetings."""

import pytest

from ringcentral_meetings.simulator import Simulator
from simulator.support import Caller

pytestmark = pytest.mark.anyio


async def test_service_info_has_dial_in_numbers_of_several_countries_and_the_hosts_secrets(caller: Caller) -> None:
    info = (await caller.get("meeting/service-info")).json()
    countries = {number["country"]["isoCode"] for number in info["dialInNumbers"]}
    assert {"US", "GB", "DE"} <= countries
    assert all(number["phoneNumber"].startswith("+") for number in info["dialInNumbers"])
    person = info["externalUserInfo"]
    assert len(person["hostKey"]) == 6
    assert person["userToken"]
    assert person["personalMeetingId"] == "4155550101"
    assert info["domain"] == "meetings.ringcentral.com"
    assert info["supportUri"].startswith("https://")
    assert info["intlDialInNumbersUri"].startswith("https://")


async def test_service_info_is_that_of_the_extension_in_the_path(simulator: Simulator, caller: Caller) -> None:
    path = f"/restapi/v1.0/account/~/extension/{simulator.executive_id}/meeting/service-info"
    assert (await caller.get(path)).json()["externalUserInfo"]["personalMeetingId"] == "4155550102"


async def test_settings_can_be_read(caller: Caller) -> None:
    settings = (await caller.get("meeting/user-settings")).json()
    assert settings["scheduleMeeting"]["requirePasswordForPmiMeetings"] == "jbh_only"
    assert settings["telephony"]["globalDialCountries"][0] == {
        "countryCode": "US",
        "countryName": "United States",
        "checked": True,
        "order": 1,
    }
    locked = (await caller.get("/restapi/v1.0/account/~/meeting/locked-settings")).json()
    assert locked["scheduleMeeting"]["enforceLogin"] is False


async def test_assisted_people_and_assistants_are_two_sides_of_one_thing(simulator: Simulator, caller: Caller) -> None:
    executive = f"/restapi/v1.0/account/~/extension/{simulator.executive_id}/meetings-configuration"
    assisted = (await caller.get("meetings-configuration/assisted")).json()
    assert assisted == {"records": [{"id": simulator.executive_id, "name": "Helena Marsh"}]}
    assert (await caller.get("meetings-configuration/assistants")).json() == {}
    assert (await caller.get(f"{executive}/assisted")).json() == {}
    assistants = (await caller.get(f"{executive}/assistants")).json()
    assert assistants == {"records": [{"id": simulator.owner_id, "name": "Robin Ashdown"}]}
