"""The consent page and the codes that it issues."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, PUBLIC_CLIENT_ID, Simulator
from simulator.support import TOKEN_PATH, Clock, client_of, code, log_in

pytestmark = pytest.mark.anyio

PAGE = "/restapi/oauth/authorize"
REDIRECT = "http://127.0.0.1:8912/callback"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
QUERY = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": REDIRECT,
    "state": 'a"b&c',
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


async def answered(
    client: httpx.AsyncClient, decision: str = "allow", **more: str | None
) -> tuple[str, dict[str, str]]:
    """Return the address that the page redirects to, and the query in it."""
    form = {name: value for name, value in (QUERY | more).items() if value is not None}
    answer = await client.post(PAGE, data=form | {"decision": decision})
    assert answer.status_code == 302, answer.text
    address, _, query = answer.headers["Location"].partition("?")
    return address, {name: values[0] for name, values in parse_qs(query).items()}


async def swapped(client: httpx.AsyncClient, given: str, **more: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    public = "client_id" in more
    return await client.post(TOKEN_PATH, data=form | more, auth=httpx.Auth() if public else (CLIENT_ID, CLIENT_SECRET))


async def test_the_page_names_the_app_the_person_and_the_scopes_and_keeps_what_it_was_asked(
    simulator: Simulator,
) -> None:
    async with client_of(simulator) as client:
        page = await client.get(PAGE, params=QUERY)
        assert page.status_code == 200
        for words in (CLIENT_ID, "Robin Ashdown", "<li>Meetings</li>", 'value="a&quot;b&amp;c"', ">Allow<", ">Deny<"):
            assert words in page.text


async def test_allowing_leads_back_with_a_code_and_the_state(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        address, query = await answered(client)
        assert (address, query["state"], query["expires_in"]) == (REDIRECT, 'a"b&c', "60")
        token = (await swapped(client, query["code"])).json()
        assert token["owner_id"] == simulator.owner_id
        assert code(await swapped(client, query["code"])) == (403, "OAU-106")


async def test_denying_leads_back_with_an_error(simulator: Simulator) -> None:
    simulator.redirect_uris = {f"{REDIRECT}?x=1"}
    async with client_of(simulator) as client:
        _, query = await answered(client, "deny", redirect_uri=f"{REDIRECT}?x=1", state=None)
        assert query["error"] == "access_denied"
        assert query["x"] == "1"
        assert "state" not in query


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "another"},
        {"redirect_uri": "https://elsewhere.example/callback"},
        {"redirect_uri": "http://127.0.0.1:8913/callback"},
        {"redirect_uri": ""},
    ],
)
async def test_where_nobody_knows_whom_to_lead_back_the_page_says_so(
    simulator: Simulator, wrong: dict[str, str]
) -> None:
    async with client_of(simulator) as client:
        for answer in (await client.get(PAGE, params=QUERY | wrong), await client.post(PAGE, data=QUERY | wrong)):
            assert answer.status_code == 400
            assert "OAU-" in answer.text


async def test_only_registered_redirect_addresses_are_led_to(simulator: Simulator) -> None:
    simulator.redirect_uris = {"https://app.example/back"}
    async with client_of(simulator) as client:
        assert (await client.get(PAGE, params=QUERY)).status_code == 400
        assert (await answered(client, redirect_uri="https://app.example/back"))[0] == "https://app.example/back"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"client_id": PUBLIC_CLIENT_ID, "code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "S512"}, "invalid_request"),
    ],
)
async def test_a_request_that_makes_no_sense_leads_back_with_an_error(
    simulator: Simulator, wrong: dict[str, Any], error: str
) -> None:
    async with client_of(simulator) as client:
        assert (await answered(client, **wrong))[1]["error"] == error


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"code": "another"}, (403, "OAU-106")),
        ({"code_verifier": "w" * 43}, (403, "OAU-106")),
        ({"redirect_uri": REDIRECT + "/"}, (403, "OAU-109")),
        ({"client_id": PUBLIC_CLIENT_ID}, (403, "OAU-110")),
    ],
)
async def test_a_code_is_good_for_its_own_app_address_and_verifier(
    simulator: Simulator, wrong: dict[str, str], expected: tuple[int, str]
) -> None:
    async with client_of(simulator) as client:
        given = (await answered(client))[1]["code"]
        refused = await swapped(client, given, **wrong)
        assert code(refused) == expected
        assert refused.json()["error"] == "invalid_grant"


async def test_a_code_lives_for_a_minute(simulator: Simulator, clock: Clock) -> None:
    async with client_of(simulator) as client:
        given = (await answered(client))[1]["code"]
        clock.turn(seconds=60)
        assert code(await swapped(client, given)) == (403, "OAU-108")


async def test_a_confidential_app_may_do_without_a_challenge_or_show_it_plain(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        for method, challenge in ((None, None), ("plain", VERIFIER), (None, VERIFIER)):
            given = (await answered(client, code_challenge=challenge, code_challenge_method=method))[1]["code"]
            assert (await swapped(client, given)).status_code == 200


async def test_a_public_app_names_itself_in_the_body_and_has_no_jwt_flow(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        given = (await answered(client, client_id=PUBLIC_CLIENT_ID))[1]["code"]
        token = (await swapped(client, given, client_id=PUBLIC_CLIENT_ID)).json()
        renewal = {"grant_type": "refresh_token", "refresh_token": token["refresh_token"]}
        other = await client.post(TOKEN_PATH, data=renewal, auth=(CLIENT_ID, CLIENT_SECRET))
        assert code(other) == (400, "OAU-213")
        assert (await client.post(TOKEN_PATH, data=renewal | {"client_id": PUBLIC_CLIENT_ID})).status_code == 200
        assert code(await client.post(TOKEN_PATH, data=renewal | {"client_id": CLIENT_ID})) == (401, "OAU-123")
        with_secret = await client.post(TOKEN_PATH, data=renewal, auth=(PUBLIC_CLIENT_ID, ""))
        assert code(with_secret) == (401, "OAU-146")
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "client_id": PUBLIC_CLIENT_ID}
        assert code(await client.post(TOKEN_PATH, data=form)) == (400, "OAU-251")


async def test_five_sessions_are_those_of_a_user_and_an_app(simulator: Simulator) -> None:
    async with client_of(simulator) as client:
        given = (await answered(client, client_id=PUBLIC_CLIENT_ID))[1]["code"]
        await swapped(client, given, client_id=PUBLIC_CLIENT_ID)
        for _ in range(6):
            await log_in(client)
        alive = simulator.store.run("SELECT client FROM sessions WHERE NOT ended")
        assert sorted(row["client"] for row in alive) == [CLIENT_ID] * 5 + [PUBLIC_CLIENT_ID]


async def test_a_renewal_two_steps_back_is_refused(simulator: Simulator) -> None:

    async with client_of(simulator) as client:

        async def renewed(token: str) -> httpx.Response:
            form = {"grant_type": "refresh_token", "refresh_token": token}
            return await client.post(TOKEN_PATH, data=form, auth=(CLIENT_ID, CLIENT_SECRET))

        first = (await log_in(client)).json()["refresh_token"]
        second = (await renewed(first)).json()["refresh_token"]
        await renewed(second)
        assert code(await renewed(first)) == (400, "OAU-211")


async def test_a_feature_that_is_missing_is_refused_and_shown_as_unavailable(simulator: Simulator) -> None:
    simulator.features.discard("Meetings")
    async with client_of(simulator) as client:
        token = (await log_in(client)).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        assert code(await client.get("/restapi/v1.0/account/~/extension/~/meeting")) == (403, "CMN-109")
        features = (await client.get("/restapi/v1.0/account/~/extension/~")).json()["features"]
        assert {feature["id"]: feature["available"] for feature in features}["Meetings"] is False
