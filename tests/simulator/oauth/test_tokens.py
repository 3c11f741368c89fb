"""Signing in, refreshing, and the refusals of the token endpoint and the bearer header."""

from typing import Any

import httpx
import pytest

from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, Simulator
from simulator.support import EXTENSION, TOKEN_PATH, Caller, Clock, client_of, code, log_in

pytestmark = pytest.mark.anyio


async def refresh(client: httpx.AsyncClient, token: str) -> httpx.Response:
    data = {"grant_type": "refresh_token", "refresh_token": token}
    return await client.post(TOKEN_PATH, data=data, auth=(CLIENT_ID, CLIENT_SECRET))


async def asked_with(client: httpx.AsyncClient, token: str) -> httpx.Response:
    return await client.get(f"{EXTENSION}/meeting", headers={"Authorization": f"Bearer {token}"})


async def test_a_jwt_yields_a_token_of_an_hour_for_the_owner_with_the_granted_scopes(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        answer = (await log_in(client, endpoint_id="desk")).json()
        assert answer["expires_in"] == 3600
        assert answer["token_type"] == "bearer"
        assert answer["owner_id"] == simulator.owner_id
        assert answer["scope"] == "Meetings ReadAccounts Video"
        assert answer["endpoint_id"] == "desk"
        assert answer["refresh_token"]
        assert (await asked_with(client, answer["access_token"])).status_code == 200


@pytest.mark.parametrize(
    ("auth", "expected"),
    [
        (None, (401, "OAU-123")),
        (("someone-else", CLIENT_SECRET), (401, "OAU-153")),
        ((CLIENT_ID, "wrong"), (401, "OAU-146")),
    ],
)
async def test_a_client_that_is_not_the_application_is_refused(
    simulator: Simulator, auth: tuple[str, str] | None, expected: tuple[int, str]
) -> None:
    async with client_of(simulator) as client:
        for path in (TOKEN_PATH, "/restapi/oauth/revoke"):
            way = httpx.BasicAuth(*auth) if auth else httpx.Auth()
            answer = await client.post(path, data={"grant_type": "x"}, auth=way)
            assert code(answer) == expected
            assert answer.json()["error"] == "invalid_client"


@pytest.mark.parametrize("header", ["Basic ???", "Bearer abc"])
async def test_client_credentials_that_cannot_be_read_are_an_invalid_client(simulator: Simulator, header: str) -> None:
    async with client_of(simulator) as client:
        assert code(await client.post(TOKEN_PATH, headers={"Authorization": header})) == (401, "OAU-153")


@pytest.mark.parametrize(
    ("form", "error", "expected"),
    [
        ({"assertion": "forged"}, "invalid_grant", (400, "OAU-213")),
        ({"grant_type": "password"}, "invalid_request", (400, "OAU-250")),
        ({"grant_type": "refresh_token"}, "invalid_grant", (400, "OAU-213")),
        ({"access_token_ttl": "599"}, "invalid_request", (400, "CMN-101")),
        ({"access_token_ttl": "soon"}, "invalid_request", (400, "CMN-101")),
    ],
)
async def test_a_bad_grant_is_refused_in_the_form_of_the_token_endpoint(
    simulator: Simulator, form: dict[str, str], error: str, expected: tuple[int, str]
) -> None:
    async with client_of(simulator) as client:
        answer = await log_in(client, **form)
        assert code(answer) == expected
        assert answer.json()["error"] == error
        assert answer.json()["error_description"]


async def test_a_token_may_be_asked_to_live_shorter(simulator: Simulator, clock: Clock) -> None:
    async with client_of(simulator) as client:
        token = (await log_in(client, access_token_ttl="600")).json()["access_token"]
        clock.turn(seconds=599)
        assert (await asked_with(client, token)).status_code == 200
        clock.turn(seconds=1)
        assert code(await asked_with(client, token)) == (401, "OAU-128")


async def test_the_bearer_header_is_checked_and_the_refusal_says_how_to_authenticate(
    simulator: Simulator, caller: Caller, clock: Clock
) -> None:
    async def refused(**more: Any) -> tuple[int, str]:
        answer = await caller.get("meeting", **more)
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="RingCentral REST API"'
        assert answer.headers["RCRequestId"]
        return code(answer)

    token = caller.client.headers.pop("Authorization")
    assert await refused() == (401, "AGW-401")
    assert await refused(headers={"Authorization": "Bearer nonsense"}) == (401, "AGW-402")
    assert await refused(headers={"Authorization": token.replace("Bearer", "Basic")}) == (401, "AGW-402")
    assert (await caller.get("meeting", headers={"Authorization": token})).status_code == 200
    clock.turn(hours=1)
    assert await refused(headers={"Authorization": token}) == (401, "OAU-128")
    simulator.revoke_tokens()
    assert await refused(headers={"Authorization": token}) == (401, "OAU-129")


async def test_expiring_the_tokens_by_hand_calls_for_a_new_one(simulator: Simulator, caller: Caller) -> None:
    simulator.expire_tokens()
    assert code(await caller.get("meeting")) == (401, "OAU-128")


async def test_the_sixth_session_ends_the_oldest(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        tokens = [(await log_in(client)).json()["access_token"] for _ in range(6)]
        statuses = [(await asked_with(client, token)).status_code for token in tokens]
        assert statuses == [401, 200, 200, 200, 200, 200]


async def test_revoking_a_token_ends_its_session_and_no_other(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        one, other = [(await log_in(client)).json() for _ in range(2)]
        form = {"token": one["refresh_token"]}
        answer = await client.post("/restapi/oauth/revoke", data=form, auth=(CLIENT_ID, CLIENT_SECRET))
        assert answer.status_code == 200
        assert code(await asked_with(client, one["access_token"])) == (401, "OAU-129")
        assert code(await refresh(client, one["refresh_token"])) == (400, "OAU-211")
        assert (await asked_with(client, other["access_token"])).status_code == 200


async def test_refreshing_replaces_both_tokens_within_the_session(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        old = (await log_in(client)).json()
        new = (await refresh(client, old["refresh_token"])).json()
        assert new["session_id"] == old["session_id"]
        assert new["refresh_token"] != old["refresh_token"]
        assert new["refresh_token_expires_in"] == 604_800
        assert (await asked_with(client, old["access_token"])).status_code == 401
        assert (await asked_with(client, new["access_token"])).status_code == 200


async def test_a_used_refresh_token_gives_the_same_answer_for_ten_seconds_of_use(
    simulator: Simulator, clock: Clock
) -> None:
    async with client_of(simulator) as client:
        old = (await log_in(client)).json()
        new = (await refresh(client, old["refresh_token"])).json()
        clock.turn(minutes=59)
        assert (await refresh(client, old["refresh_token"])).json()["access_token"] == new["access_token"]
        await asked_with(client, new["access_token"])
        clock.turn(seconds=9)
        again = (await refresh(client, old["refresh_token"])).json()
        assert again["refresh_token"] == new["refresh_token"]
        assert again["expires_in"] == 51
        clock.turn(seconds=1)
        assert code(await refresh(client, old["refresh_token"])) == (400, "OAU-211")


async def test_a_used_refresh_token_is_good_for_an_hour_where_the_new_token_is_never_used(
    simulator: Simulator, clock: Clock
) -> None:
    async with client_of(simulator) as client:
        old = (await log_in(client)).json()
        await refresh(client, old["refresh_token"])
        clock.turn(hours=1)
        assert code(await refresh(client, old["refresh_token"])) == (400, "OAU-211")


async def test_a_refresh_token_dies_after_a_week(simulator: Simulator, clock: Clock) -> None:
    async with client_of(simulator) as client:
        token = (await log_in(client)).json()["refresh_token"]
        clock.turn(days=7)
        assert code(await refresh(client, token)) == (400, "OAU-213")


async def test_a_missing_scope_and_a_missing_permission_are_named(simulator: Simulator, caller: Caller) -> None:
    simulator.permissions.discard("Meetings")
    answer = await caller.get("meeting")
    assert code(answer) == (403, "CMN-408")
    body = answer.json()
    assert body["permissionName"] == body["errors"][0]["permissionName"] == "Meetings"
    assert body["message"].startswith("In order to call this API endpoint, user needs to have [Meetings]")
    simulator.scopes.discard("Meetings")
    answer = await caller.get("meeting")
    assert code(answer) == (403, "CMN-401")
    assert "[Meetings]" in answer.json()["message"]
    assert answer.json()["errorCode"] == "InsufficientPermissions"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/restapi/v1.0/account/~/extension/{owner}/meeting", (200, None)),
        ("/restapi/v1.0/account/37439510/extension/{executive}/meeting", (200, None)),
        ("/restapi/v1.0/account/~/extension/{outsider}/meeting", (403, "CMN-404")),
        ("/restapi/v1.0/account/~/extension/999/meeting", (404, "CMN-102")),
        ("/restapi/v1.0/account/1/extension/~/meeting", (404, "CMN-102")),
        ("/restapi/v1.0/nowhere", (404, "CMN-120")),
    ],
)
async def test_only_ones_own_and_assisted_extensions_of_the_account_may_be_named(
    simulator: Simulator, caller: Caller, path: str, expected: tuple[int, str | None]
) -> None:
    people = {"owner": simulator.owner_id, "executive": simulator.executive_id, "outsider": simulator.outsider_id}
    answer = await caller.get(path.format(**people))
    body = answer.json()
    assert (answer.status_code, body["errors"][0]["errorCode"] if "errors" in body else None) == expected


async def test_a_method_that_a_path_does_not_know_is_refused(caller: Caller) -> None:
    assert code(await caller.call("DELETE", "meeting")) == (405, "CMN-202")


async def test_an_application_may_be_without_refresh_tokens(clock: Clock) -> None:
    simulator = Simulator(clock=clock, issue_refresh_tokens=False)
    async with client_of(simulator) as client:
        assert "refresh_token" not in (await log_in(client)).json()
        refused = await refresh(client, "SIMR")
        assert (refused.json()["error"], code(refused)) == ("unauthorized_client", (400, "OAU-251"))
    simulator.close()
