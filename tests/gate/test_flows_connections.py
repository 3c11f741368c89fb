"""/connections: a person's own page, for the one browser in which they have signed in for it."""

import re

import httpx
import pytest

from gate.flows import APP, ISSUER, RINGCENTRAL, World, error, hidden_fields, onward, query_of, tokens, world
from ringcentral_meetings.gate.records import Declined

pytestmark = pytest.mark.anyio

PAGE = f"{ISSUER}/connections"


async def signing(here: World, browser: httpx.AsyncClient, person: int = 1) -> httpx.Response:
    """The answer to whoever comes back from the sign-in for their page."""
    return await browser.get(here.upstream.signs_in(onward(await browser.get("/connections")), person))


async def signed_in(here: World, browser: httpx.AsyncClient, person: int = 1) -> httpx.Response:
    """Somebody opens their page, and signs in for it."""
    assert onward(await signing(here, browser, person)) == PAGE
    return await browser.get("/connections")


def ends(page: httpx.Response) -> list[str]:
    return re.findall(r'name="end" value="([^"]*)"', page.text)


async def test_the_page_lists_the_grants_of_whoever_signs_in_for_it() -> None:
    async with world() as here:
        await here.grant(person=1)
        await here.grant(person=1)
        await here.grant(person=2)
        page = await signed_in(here, here.browser())
        assert len(ends(page)) == 2
        assert "Person 1" in page.text
        assert page.headers["cache-control"] == "no-store"


async def test_opening_the_page_stores_nothing() -> None:
    async with world() as here:
        browser = here.browser()
        await browser.get("/connections")
        before = len(here.steps)
        for _ in range(20):
            assert onward(await browser.get("/connections")).startswith(RINGCENTRAL)
        assert len(here.steps) == before == 1
        assert len(browser.cookies) == 1


async def test_one_grant_ends_and_the_others_go_on() -> None:
    async with world() as here:
        first, second, foreign = await here.grant(), await here.grant(client_id="other"), await here.grant(person=2)
        browser = here.browser()
        page = await signed_in(here, browser)
        newest = ends(page)[0]
        answer = await browser.post("/connections", data=hidden_fields(page.text) | {"end": newest})
        assert answer.status_code == 200
        assert len(ends(answer)) == 1
        alive = [await here.scopes_of(one["access_token"]) is not None for one in (first, second, foreign)]
        assert sorted(alive[:2]) == [False, True]
        assert alive[2]
        assert not here.upstream.revoked


async def test_case_21_all_grants_end_with_the_session_at_ringcentral() -> None:
    async with world() as here:
        issued = [await here.grant(), await here.grant()]
        foreign = await here.grant(person=2)
        browser = here.browser()
        page = await signed_in(here, browser)
        answer = await browser.post("/connections", data=hidden_fields(page.text) | {"end_all": "on"})
        assert ends(answer) == []
        assert [await here.scopes_of(one["access_token"]) for one in issued] == [None, None]
        assert error(await here.refresh(issued[0]["refresh_token"])) == (400, "invalid_grant")
        assert await here.scopes_of(foreign["access_token"])
        assert len(here.upstream.revoked) == 1


async def test_case_1_nobody_ends_the_grant_of_somebody_else() -> None:
    async with world() as here:
        foreign = await here.grant(person=2)
        await here.grant(person=1)
        [grant] = await here.store.grants.of_user(here.upstream.user(2))
        browser = here.browser()
        page = await signed_in(here, browser)
        answer = await browser.post("/connections", data=hidden_fields(page.text) | {"end": grant.id})
        assert answer.status_code == 200
        assert await here.scopes_of(foreign["access_token"])


async def test_case_26_a_form_needs_our_page_this_person_and_this_sign_in() -> None:
    async with world() as here:
        issued = await here.grant()
        browser, other_browser, somebody = here.browser(), here.browser(), here.browser()
        page = await signed_in(here, browser)
        form = hidden_fields(page.text) | {"end_all": "on"}
        other = await signed_in(here, other_browser)
        theirs = await signed_in(here, somebody, person=2)
        for nonce in (
            "",
            "x",
            hidden_fields(other.text).get("nonce", "-"),
            hidden_fields(theirs.text).get("nonce", "-"),
        ):
            assert (await browser.post("/connections", data=form | {"nonce": nonce})).status_code == 400
        foreign = await browser.post("/connections", data=form, headers={"sec-fetch-site": "cross-site"})
        assert foreign.status_code == 403
        without = await here.browser().post("/connections", data=form)
        assert onward(without) == PAGE
        assert (await browser.post("/connections", data=form | {"end_all": ""})).status_code == 400
        assert await here.scopes_of(issued["access_token"])
        assert (await browser.post("/connections", data=form)).status_code == 200


async def test_case_34_a_link_of_another_browser_signs_nobody_in() -> None:
    async with world() as here:
        attacker, victim = here.browser(), here.browser()
        link = here.upstream.signs_in(onward(await attacker.get("/connections")))
        await victim.get("/connections")
        assert (await victim.get(link)).status_code == 400
        assert onward(await victim.get("/connections")).startswith(RINGCENTRAL)
        assert onward(await attacker.get(link)) == PAGE


async def test_a_sign_in_for_the_page_counts_for_ten_minutes() -> None:
    async with world() as here:
        await here.grant()
        browser = here.browser()
        page = await signed_in(here, browser)
        cookies = dict(browser.cookies)
        here.advance(600)
        browser.cookies.update(cookies)
        assert onward(await browser.get("/connections")).startswith(RINGCENTRAL)
        answer = await browser.post("/connections", data=hidden_fields(page.text) | {"end_all": "on"})
        assert onward(answer) == PAGE


async def test_whoever_has_let_in_nobody_leaves_no_session_behind() -> None:
    async with world() as here:
        page = await signed_in(here, here.browser())
        assert ends(page) == []
        assert len(here.upstream.revoked) == 1
        assert await here.store.sessions.load(here.upstream.user(1)) is None


async def test_made_up_codes_from_one_address_do_not_all_come_to_ringcentral() -> None:
    """Too many would use up what RingCentral grants the app, and with it everybody's sign-in and renewal."""
    async with world(address_limit=30) as here:
        browser = here.browser()
        state = query_of(onward(await browser.get("/connections")))["state"]
        asked = [(await browser.get(f"/callback?state={state}&code=made-up-{n}")).status_code for n in range(8)]
        assert asked == [400] * 3 + [429] * 5
        assert onward(await signing(here, here.browser("203.0.113.9"))) == PAGE


async def test_whoever_opens_it_in_the_middle_of_a_sign_in_does_not_end_that() -> None:
    async with world() as here:
        code = await here.code()
        await signed_in(here, here.browser())
        tokens(await here.exchange(code))
        assert here.upstream.revoked == []


async def test_a_sign_in_that_fails_is_a_page() -> None:
    async with world() as here:
        browser = here.browser()
        state = query_of(onward(await browser.get("/connections")))["state"]
        cancelled = await browser.get("/callback", params={"error": "access_denied", "state": state})
        assert cancelled.status_code == 403
        here.upstream.declines = Declined("access_denied", "Not admitted", "Your account is not on the list.")
        link = here.upstream.signs_in(onward(await browser.get("/connections")))
        answer = await browser.get(link)
        assert answer.status_code == 403
        assert "not on the list" in answer.text


async def test_the_cookie_of_a_client_s_sign_in_is_none_for_the_page() -> None:
    async with world() as here:
        browser = here.browser()
        await here.code(browser)
        assert onward(await browser.get("/connections")).startswith(RINGCENTRAL)


@pytest.mark.parametrize("step", ["open_call", "list_grants", "end_grants"])
async def test_case_49_without_the_store_the_page_says_to_try_again(step: str) -> None:
    async with world() as here:
        await here.grant()
        browser = here.browser()
        page = await signed_in(here, browser)
        here.lost.add(step)
        answer = await browser.post("/connections", data=hidden_fields(page.text) | {"end_all": "on"})
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_client_that_revokes_is_gone_from_the_page() -> None:
    async with world() as here:
        issued = await here.grant()
        await here.grant()
        browser = here.browser()
        assert len(ends(await signed_in(here, browser))) == 2
        await here.program().post("/revoke", data={"token": issued["access_token"], "client_id": APP.id})
        assert len(ends(await browser.get("/connections"))) == 1
