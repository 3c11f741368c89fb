"""/callback: which browser comes back from RingCentral, and what the client gets of it."""

import pytest
from anyio.lowlevel import checkpoint
from starlette.requests import Request
from starlette.types import Message

from gate.flows import BACK, ISSUER, STATE, asking, error, hidden_fields, onward, query_of, tokens, world
from ringcentral_meetings.gate.parameters import read_body
from ringcentral_meetings.gate.records import Declined, OAuthError

pytestmark = pytest.mark.anyio


async def test_case_32_a_code_comes_with_state_and_issuer_and_the_clients_own_query() -> None:
    async with world() as here:
        browser = here.browser()
        answer = await browser.get(here.upstream.signs_in(await here.approved(browser)))
        assert answer.status_code == 303
        assert onward(answer).startswith(BACK + "&")
        told = query_of(onward(answer))
        assert set(told) == {"tenant", "code", "state", "iss"}
        assert (told["state"], told["iss"]) == (STATE, ISSUER)
        assert answer.headers["cache-control"] == "no-store"
        assert not browser.cookies


async def test_a_client_without_state_gets_none() -> None:
    async with world() as here:
        browser = here.browser()
        answer = await browser.get(here.upstream.signs_in(await here.approved(browser, state=None)))
        assert "state" not in query_of(onward(answer))


async def test_case_28_34_the_link_of_another_browser_brings_nothing_and_uses_nothing_up() -> None:
    async with world() as here:
        attacker, victim = here.browser(), here.browser()
        link = here.upstream.signs_in(await here.approved(attacker))
        await here.approved(victim)
        trips = len(here.trips)
        answer = await victim.get(link)
        assert answer.status_code == 400
        assert "location" not in answer.headers
        assert here.trips[trips:] == ["open_call"], "the sign-in was not looked for"
        assert "code" in query_of(onward(await attacker.get(link))), "whoever began it goes on"


async def test_case_28_without_cookies_nobody_is_signed_in() -> None:
    async with world() as here:
        link = here.upstream.signs_in(await here.approved(here.browser()))
        assert (await here.browser().get(link)).status_code == 400


async def test_case_30_a_planted_cookie_of_another_sign_in_does_not_fit() -> None:
    async with world() as here:
        attacker, victim = here.browser(), here.browser()
        link = here.upstream.signs_in(await here.approved(attacker))
        await here.approved(victim)
        [(own, _)] = attacker.cookies.items()
        [(_, value)] = victim.cookies.items()
        [(_, good)] = attacker.cookies.items()
        for planted in (
            f"{own}=\u00e4",
            f"{own}={value}",
            f"{own}={good}; {own}={value}",
            f"{own.removeprefix('__Host-')}={good}",
        ):
            assert (await here.browser().get(link, headers={b"cookie": planted.encode("latin-1")})).status_code == 400


async def test_a_link_is_good_once() -> None:
    async with world() as here:
        browser = here.browser()
        link = here.upstream.signs_in(await here.approved(browser))
        cookies = dict(browser.cookies)
        assert (await browser.get(link)).status_code == 303
        browser.cookies.update(cookies)
        assert (await browser.get(link)).status_code == 400


async def test_a_sign_in_may_take_ten_minutes() -> None:
    async with world() as here:
        browser = here.browser()
        link = here.upstream.signs_in(await here.approved(browser))
        here.advance(601)
        assert (await browser.get(link)).status_code == 400


async def test_case_15_50_another_replica_goes_on_with_a_sign_in() -> None:
    async with world() as here:
        browser = here.browser()
        link = here.upstream.signs_in(await here.approved(browser))
        assert (await browser.get(link)).status_code == 303


@pytest.mark.parametrize("extra", ["&code=second", "&state=second", "&error=access_denied&error=server_error"])
async def test_case_37_a_second_value_is_refused(extra: str) -> None:
    async with world() as here:
        browser = here.browser()
        link = here.upstream.signs_in(await here.approved(browser))
        assert (await browser.get(link + extra)).status_code == 400
        assert (await browser.get(link)).status_code == 303


async def test_a_person_who_cancels_at_ringcentral_returns_to_the_client() -> None:
    async with world() as here:
        browser = here.browser()
        state = query_of(await here.approved(browser))["state"]
        answer = await browser.get("/callback", params={"error": "access_denied", "state": state})
        told = query_of(onward(answer))
        assert (told["error"], told["state"], told["iss"]) == ("access_denied", STATE, ISSUER)


@pytest.mark.parametrize(
    ("given", "expected", "status"),
    [
        ({"error": "invalid_scope", "error_description": "<script>OAU-109 secret</script>"}, "server_error", 400),
        ({"error": "temporarily_unavailable"}, "temporarily_unavailable", 503),
        ({"error": "<script>"}, "server_error", 400),
        ({}, "server_error", 400),
        ({"code": "unknown"}, "server_error", 400),
    ],
)
async def test_case_33_an_error_of_ringcentral_is_a_page_of_ours_that_leads_back(
    given: dict[str, str], expected: str, status: int
) -> None:
    async with world() as here:
        browser = here.browser()
        state = query_of(await here.approved(browser))["state"]
        answer = await browser.get("/callback", params={"state": state, **given})
        assert answer.status_code == status
        assert "<script" not in answer.text
        assert "OAU-109" not in answer.text
        assert f"error={expected}" in answer.text
        assert "app.example.net" in answer.text


async def test_case_35_somebody_who_is_not_admitted_is_told_so_and_so_is_the_client() -> None:
    async with world() as here:
        here.upstream.declines = Declined("access_denied", "Not admitted", "Your account is not on the list.")
        browser = here.browser()
        answer = await browser.get(here.upstream.signs_in(await here.approved(browser)))
        assert answer.status_code == 403
        assert "Your account is not on the list." in answer.text
        assert "error=access_denied" in answer.text
        assert "put_code" not in here.trips


@pytest.mark.parametrize("step", ["put_session", "put_code"])
async def test_case_49_a_store_that_fails_in_the_middle_leads_back_to_the_client(step: str) -> None:
    async with world() as here:
        browser = here.browser()
        link = here.upstream.signs_in(await here.approved(browser))
        here.lost.add(step)
        answer = await browser.get(link)
        assert answer.status_code == 503
        assert "error=temporarily_unavailable" in answer.text


async def test_case_49_a_store_that_fails_at_the_beginning_may_be_tried_again() -> None:
    async with world() as here:
        browser = here.browser()
        link = here.upstream.signs_in(await here.approved(browser))
        here.lost.add("open_call")
        answer = await browser.get(link)
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        here.lost.clear()
        assert (await browser.get(link)).status_code == 303


async def test_codes_of_two_people_are_their_own() -> None:
    async with world() as here:
        one, two = await here.code(person=1), await here.code(person=2)
        assert here.upstream.user(1) in one
        assert here.upstream.user(2) in two
        issued = [tokens(await here.exchange(code)) for code in (one, two)]
        users = [token["access_token"].split("_")[2] for token in issued]
        assert users == [here.upstream.user(1), here.upstream.user(2)]


async def test_a_form_that_is_no_form_is_refused() -> None:
    async with world() as here:
        browser = here.browser()
        form = hidden_fields((await browser.get("/authorize", params=asking())).text) | {"decision": "allow"}
        assert (await browser.post("/consent", json=form)).status_code == 415
        assert (await browser.post("/consent", data=form | {"more": "x" * 20_000})).status_code == 413
        assert (await browser.post("/consent", data=form | {"decision": "perhaps"})).status_code == 400
        assert error(await here.program().post("/token", json={})) == (415, "invalid_request")


async def test_case_55_a_body_that_drips_is_not_waited_for() -> None:
    async def drip() -> Message:
        await checkpoint()
        return {"type": "http.request", "body": b"x", "more_body": True}

    with pytest.raises(OAuthError) as refused:
        await read_body(Request({"type": "http", "method": "POST", "headers": []}, drip), seconds=0)
    assert refused.value.status == 408


async def test_a_client_that_goes_away_is_no_fault() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    with pytest.raises(OAuthError):
        await read_body(Request({"type": "http", "method": "POST", "headers": []}, gone))
