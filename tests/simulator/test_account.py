"""The extension, its product and its permissions."""

import pytest

from ringcentral_meetings.simulator import Simulator
from simulator.support import Caller, code, refusal

pytestmark = pytest.mark.anyio


async def test_the_extension_shows_name_mail_and_time_zone(simulator: Simulator, caller: Caller) -> None:
    info = (await caller.get("")).json()
    assert (info["id"], info["extensionNumber"], info["name"]) == (simulator.owner_id, "101", "Robin Ashdown")
    assert info["contact"]["email"] == "robin.ashdown@example.com"
    zone = info["regionalSettings"]["timezone"]
    assert (zone["name"], zone["bias"]) == ("America/New_York", "-240")
    assert {"id": "Meetings", "featureName": "Meetings", "available": True} in info["features"]
    simulator.scopes.discard("ReadAccounts")
    assert code(await caller.get("")) == (403, "CMN-401")


@pytest.mark.parametrize("provider", ["RCMeetings", "RCVideo", "None"])
async def test_the_video_configuration_shows_the_product_of_the_user(
    simulator: Simulator, caller: Caller, provider: str
) -> None:
    simulator.provider = provider
    assert (await caller.get("video-configuration")).json() == {"provider": provider, "userLicenseType": "Paid"}


async def test_a_permission_can_be_checked_before_it_is_needed(simulator: Simulator, caller: Caller) -> None:
    path = "authz-profile/check"
    held = (await caller.get(path, params={"permissionId": "Meetings"})).json()
    assert held["successful"] is True
    assert held["details"]["permission"]["id"] == "Meetings"
    simulator.permissions.clear()
    refused = (await caller.get(path, params={"permissionId": "Meetings"})).json()
    assert refused["successful"] is False
    assert "details" not in refused
    assert refusal(await caller.get(path)) == (400, "CMN-101", "permissionId")
