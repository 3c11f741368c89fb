"""/authorize and /consent: what a client may ask for, and what a person has to see before anything happens."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from gate.flows import (
    APP,
    BACK,
    EDITOR,
    ISSUER,
    LOOPBACK,
    RESOURCE,
    RINGCENTRAL,
    STATE,
    asking,
    hidden_fields,
    onward,
    query_of,
    world,
)

pytestmark = pytest.mark.anyio

Pairs = list[tuple[str, str | int | float | bool | None]]


def pairs(**changed: str | None) -> Pairs:
    return [*asking(**changed).items()]


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"redirect_uri": None},
        {"redirect_uri": ""},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": BACK + "&more=1"},
        {"redirect_uri": BACK + "#part"},
        {"redirect_uri": BACK.replace("app.", "user@app.")},
        {"redirect_uri": BACK.replace("://app.", "://evil.example\\@app.")},
        {"redirect_uri": "//app.example.net/oauth/callback"},
        {"redirect_uri": BACK.replace("/oauth/", "/oauth/%2e%2e/oauth/")},
        {"redirect_uri": BACK.replace("app", "\u0430pp")},
        {"redirect_uri": f"{BACK} https://evil.example/"},
        {"redirect_uri": "JaVaScRiPt:alert(1)"},
        {"redirect_uri": "java\tscript:alert(1)"},
        {"redirect_uri": "http://localhost.evil.example/callback"},
        {"redirect_uri": "http://127.0.0.1.nip.example/callback"},
        {"redirect_uri": "http://[::ffff:7f00:1]/callback"},
        {"redirect_uri": "http://127.0.0.1:1234/other"},
        {"redirect_uri": "http://localhost:1234/callback"},
    ],
)
@pytest.mark.parametrize("broken", [{}, {"response_type": "token"}])
async def test_case_23_24_25_a_wrong_client_or_redirect_is_a_page_and_never_a_redirect(
    changed: dict[str, str | None], broken: dict[str, str]
) -> None:
    async with world() as here:
        answer = await here.browser().get("/authorize", params=asking(**changed | broken))
    assert answer.status_code in {400, 401}
    assert "location" not in answer.headers
    assert "http-equiv" not in answer.text
    assert "set-cookie" not in answer.headers
    assert "evil" not in answer.text


@pytest.mark.parametrize("name", ["client_id", "redirect_uri"])
@pytest.mark.parametrize("second", ["same", "other"])
async def test_case_23_37_two_clients_or_redirects_are_a_page(name: str, second: str) -> None:
    query: Pairs = [*pairs(), (name, asking()[name] if second == "same" else "https://evil.example/")]
    async with world() as here:
        answer = await here.browser().get("/authorize", params=query)
    assert answer.status_code == 400
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"code_challenge": "a" * 42 + "="}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"resource": ISSUER}, "invalid_target"),
        ({"resource": f"{RESOURCE}/x"}, "invalid_target"),
        ({"resource": f"{ISSUER}/MCP"}, "invalid_target"),
        ({"resource": "https://meetings.example.com:444/mcp"}, "invalid_target"),
        ({"resource": f"{RESOURCE}?x=1"}, "invalid_target"),
        ({"prompt": "none"}, "interaction_required"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request_uri": "https://evil.example/"}, "request_uri_not_supported"),
    ],
)
async def test_case_10_16_any_other_error_goes_to_the_client_with_state_and_issuer(
    changed: dict[str, str | None], expected: str
) -> None:
    async with world() as here:
        answer = await here.browser().get("/authorize", params=asking(**changed))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(BACK + "&")
    assert answer.headers["referrer-policy"] == "no-referrer"
    told = query_of(answer.headers["location"])
    assert (told["error"], told["state"], told["iss"]) == (expected, STATE, ISSUER)
    assert told["tenant"] == "a b"


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (("resource", "https://other.example/mcp"), "invalid_target"),
        (("scope", "meetings.read"), "invalid_request"),
        (("state", "second"), "invalid_request"),
        (("code_challenge", "a" * 43), "invalid_request"),
    ],
)
async def test_case_37_a_second_value_is_an_error(extra: tuple[str, str], expected: str) -> None:
    async with world() as here:
        answer = await here.browser().get("/authorize", params=[*pairs(), extra])
    assert query_of(onward(answer))["error"] == expected


@pytest.mark.parametrize(
    "resources", [[], [RESOURCE], [RESOURCE, RESOURCE], [RESOURCE + "/"], ["HTTPS://Meetings.Example.COM/mcp"], [""]]
)
async def test_case_10_ours_is_the_default_and_its_spelling_is_not_held_against_a_client(resources: list[str]) -> None:
    query: Pairs = [*pairs(resource=None), *(("resource", one) for one in resources)]
    async with world() as here:
        answer = await here.browser().get("/authorize", params=query)
    assert answer.status_code == 200, answer.headers


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ("meetings.read", ("meetings.read",)),
        ("openid meetings.write offline_access meetings.read", ("meetings.read", "meetings.write")),
        ("openid email offline_access", ("meetings.read",)),
        (None, ("meetings.read",)),
    ],
)
async def test_scopes_that_do_not_exist_are_ignored_and_without_one_there_is_the_default(
    scope: str | None, granted: tuple[str, ...]
) -> None:
    async with world(default_scopes=("meetings.read",)) as here:
        code = await here.code(scope=scope)
        issued = (await here.exchange(code)).json()
        assert issued["scope"] == " ".join(granted)
        assert await here.scopes_of(issued["access_token"]) == granted


async def test_case_29_nothing_is_stored_before_the_person_approves() -> None:
    async with world() as here:
        browser = here.browser()
        await browser.get("/authorize", params=asking())
        before = len(here.steps)
        for _ in range(50):
            page = await browser.get("/authorize", params=asking())
        assert len(here.steps) == before == 1, "the count of the address is all that is left"
        assert not [name for name in browser.cookies if "flow" in name]
        assert (await browser.post("/consent", data=hidden_fields(page.text) | {"decision": "deny"})).status_code == 200
        assert len(here.steps) == before
        here.advance(61)
        assert len(here.steps) == 0


async def test_case_27_the_page_says_who_asks_and_where_one_returns_and_is_in_no_frame() -> None:
    async with world() as here:
        page = await here.browser().get("/authorize", params=asking())
    assert "An app" in page.text
    assert urlsplit(BACK).hostname in page.text  # type: ignore[operator]
    assert page.headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


async def test_cookies_are_bound_to_this_host_and_seen_by_no_page() -> None:
    async with world() as here:
        browser = here.browser()
        page = await browser.get("/authorize", params=asking())
        answer = await browser.post("/consent", data=hidden_fields(page.text) | {"decision": "allow"})
    for cookie in [*page.headers.get_list("set-cookie"), *answer.headers.get_list("set-cookie")]:
        assert cookie.startswith("__Host-rcm-")
        assert {"httponly", "secure", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
        assert "domain" not in cookie.lower()


async def test_approval_leads_to_ringcentral_with_our_own_state_and_challenge() -> None:
    async with world() as here:
        there = await here.approved(here.browser())
        state = query_of(there)["state"]
        assert there.startswith(RINGCENTRAL)
        assert STATE not in there
        assert asking()["code_challenge"] not in there
        assert len(state) >= 43
        verifier, another = here.upstream.addresses[state]
        assert len(verifier) >= 43
        assert not another


async def test_another_account_is_asked_for_at_ringcentral() -> None:
    async with world() as here:
        state = query_of(await here.approved(here.browser(), {"decision": "another"}))["state"]
        assert here.upstream.addresses[state][1]


async def test_write_that_is_unticked_is_not_granted() -> None:
    async with world() as here:
        browser = here.browser()
        page = await browser.get("/authorize", params=asking())
        answer = await browser.post("/consent", data=hidden_fields(page.text) | {"decision": "allow"})
        back = await browser.get(here.upstream.signs_in(onward(answer)))
        issued = (await here.exchange(query_of(onward(back))["code"])).json()
        assert issued["scope"] == "meetings.read"


async def test_a_form_cannot_add_a_scope() -> None:
    async with world() as here:
        code = await here.code(fields={"write": "on", "scope": "meetings.write"}, scope="meetings.read")
        assert (await here.exchange(code)).json()["scope"] == "meetings.read"


async def test_denial_goes_back_to_the_client_and_stores_nothing() -> None:
    async with world() as here:
        browser = here.browser()
        page = await browser.get("/authorize", params=asking())
        before = len(here.steps)
        answer = await browser.post("/consent", data=hidden_fields(page.text) | {"decision": "deny", "write": "on"})
        told = query_of(onward(answer))
        assert (told["error"], told["state"], told["iss"]) == ("access_denied", STATE, ISSUER)
        assert len(here.steps) == before


async def test_nothing_left_to_grant_is_a_denial() -> None:
    async with world() as here:
        browser = here.browser()
        page = await browser.get("/authorize", params=asking(scope="meetings.write"))
        form = hidden_fields(page.text) | {"decision": "allow"}
        form.pop("write")
        assert query_of(onward(await browser.post("/consent", data=form)))["error"] == "access_denied"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "cross-site", "origin": ISSUER},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://meetings.example.com"},
        {},
    ],
)
async def test_case_26_a_form_from_elsewhere_is_refused_with_the_right_cookie_too(headers: dict[str, str]) -> None:
    async with world() as here:
        browser = here.browser()
        page = await browser.get("/authorize", params=asking())
        del browser.headers["sec-fetch-site"]
        form = hidden_fields(page.text) | {"decision": "allow"}
        answer = await browser.post("/consent", data=form, headers=headers)
        assert answer.status_code == 403
        assert here.trips == ["open_call"], "it did not come to the store"
        browser.headers["origin"] = ISSUER
        assert (await browser.post("/consent", data=form)).status_code == 200


async def test_case_26_the_form_of_one_browser_is_worth_nothing_in_another() -> None:
    async with world() as here:
        page = await here.browser().get("/authorize", params=asking())
        victim = here.browser()
        await victim.get("/authorize", params=asking())
        form = hidden_fields(page.text) | {"decision": "allow"}
        assert (await victim.post("/consent", data=form)).status_code == 400
        own = hidden_fields((await victim.get("/authorize", params=asking())).text)
        mixed = form | {"nonce": own["nonce"]}
        assert (await victim.post("/consent", data=mixed)).status_code == 400
        assert not here.upstream.addresses


async def test_case_26_a_form_that_was_answered_is_not_answered_again() -> None:
    async with world() as here:
        browser = here.browser()
        form = hidden_fields((await browser.get("/authorize", params=asking())).text) | {"decision": "allow"}
        assert (await browser.post("/consent", data=form)).status_code == 200
        assert (await browser.post("/consent", data=form)).status_code == 400
        assert len(here.upstream.addresses) == 1


async def test_case_26_a_form_is_good_for_ten_minutes() -> None:
    async with world() as here:
        browser = here.browser()
        form = hidden_fields((await browser.get("/authorize", params=asking())).text) | {"decision": "allow"}
        cookies = dict(browser.cookies)
        here.advance(599)
        assert (await browser.post("/consent", data=form)).status_code == 200
        browser.cookies.update(cookies)
        here.advance(1)
        assert (await browser.post("/consent", data=form)).status_code == 400


async def test_case_26_a_changed_form_is_refused() -> None:
    async with world() as here:
        browser = here.browser()
        form = hidden_fields((await browser.get("/authorize", params=asking())).text) | {"decision": "allow"}
        for place in range(0, len(form["request"]) - 3, 29):
            flipped = "B" if form["request"][place] == "A" else "A"
            changed = form["request"][:place] + flipped + form["request"][place + 1 :]
            assert (await browser.post("/consent", data=form | {"request": changed})).status_code == 400
        assert (await browser.post("/consent", data=form)).status_code == 200


async def test_tabs_that_are_opened_at_the_same_moment_all_work() -> None:
    async with world() as here:
        browser = here.browser()
        pages = [await browser.get("/authorize", params=asking(state=f"tab {number}")) for number in range(5)]
        theres = []
        for page in pages:
            form = hidden_fields(page.text) | {"decision": "allow"}
            theres.append(onward(await browser.post("/consent", data=form)))
        for number, there in reversed(list(enumerate(theres))):
            back = await browser.get(here.upstream.signs_in(there))
            assert query_of(onward(back))["state"] == f"tab {number}"
        assert not browser.cookies, "nothing is left of it"


async def test_the_cookies_of_many_pages_do_not_make_requests_too_long() -> None:
    async with world() as here:
        browser = here.browser()
        for _ in range(40):
            page = await browser.get("/authorize", params=asking())
            here.advance(1)
        assert len(browser.cookies) <= 12
        form = hidden_fields(page.text) | {"decision": "allow"}
        assert (await browser.post("/consent", data=form)).status_code == 200


async def test_case_30_planted_cookies_are_not_ours() -> None:
    async with world() as here:
        attacker, victim = here.browser(), here.browser()
        form = hidden_fields((await attacker.get("/authorize", params=asking())).text) | {"decision": "allow"}
        [(name, value)] = attacker.cookies.items()
        for planted in (name.removeprefix("__Host-"), name.lower(), name.replace("__Host-", "__Secure-")):
            answer = await victim.post("/consent", data=form, headers={"cookie": f"{planted}={value}"})
            assert answer.status_code == 400
        twice = {"cookie": f"{name}={'x' * 43}; {name}={value}"}
        assert (await victim.post("/consent", data=form, headers=twice)).status_code == 400


async def test_case_31_the_page_is_shown_each_time_whatever_was_approved_before() -> None:
    async with world() as here:
        browser = here.browser()
        await here.code(browser)
        again = await browser.get("/authorize", params=asking())
        assert again.status_code == 200
        assert "decision" in again.text


async def test_case_40_an_address_that_the_client_has_given_up_meanwhile_is_not_used() -> None:
    without = replace(APP, redirect_uris=(LOOPBACK,))
    async with world() as here, world(ring=here.store.ring, fixed=(without,)) as later:
        browser, same_browser = here.browser(), later.browser()
        form = hidden_fields((await browser.get("/authorize", params=asking())).text) | {"decision": "allow"}
        same_browser.cookies = browser.cookies
        answer = await same_browser.post("/consent", data=form)
        assert answer.status_code == 400
        assert "http-equiv" not in answer.text
        assert not later.upstream.addresses


async def test_the_address_of_an_editor_leaves_a_page_behind_that_opens_it() -> None:
    async with world() as here:
        browser = here.browser()
        there = await here.approved(browser, redirect_uri=EDITOR)
        back = await browser.get(here.upstream.signs_in(there))
        assert back.status_code == 200
        assert "Person 1" in back.text
        assert onward(back).startswith(EDITOR + "?code=")


async def test_a_loopback_client_takes_any_port() -> None:
    async with world() as here:
        address = "http://127.0.0.1:53117/callback"
        code = await here.code(redirect_uri=address)
        assert (await here.exchange(code, redirect_uri=address)).status_code == 200


async def test_many_requests_from_one_address_have_to_wait_and_others_not() -> None:
    async with world(address_limit=20) as here:
        flooding = here.browser("203.0.113.5")
        statuses = [(await flooding.get("/authorize", params=asking())).status_code for _ in range(25)]
        assert statuses == [200] * 20 + [429] * 5
        refused = await flooding.get("/authorize", params=asking())
        assert int(refused.headers["retry-after"]) >= 1
        assert (await here.browser("203.0.113.6").get("/authorize", params=asking())).status_code == 200


async def test_a_flood_of_approvals_from_one_address_is_not_stored() -> None:
    async with world(address_limit=30) as here:
        browser = here.browser("203.0.113.5")
        statuses: list[int] = []
        for _ in range(6):
            form = hidden_fields((await browser.get("/authorize", params=asking())).text) | {"decision": "allow"}
            statuses.append((await browser.post("/consent", data=form)).status_code)
        assert statuses == [200, 200, 200, 429, 429, 429]
        assert here.trips.count("write_note") == 3
        assert await here.approved(here.browser("203.0.113.6"))
        here.advance(61)
        assert await here.approved(browser)


async def test_addresses_of_one_network_count_together() -> None:
    async with world(address_limit=2) as here:
        answers = [
            await here.browser(f"2001:db8:0:1::{number}").get("/authorize", params=asking()) for number in range(1, 4)
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert (await here.browser("2001:db8:0:2::1").get("/authorize", params=asking())).status_code == 200


@pytest.mark.parametrize("query", ["client_id=%ff", "a=1&" * 80, "state=" + "x" * 9_000, "client_id=app&state=%80"])
async def test_a_query_that_cannot_be_read_is_a_page(query: str) -> None:
    async with world() as here:
        answer = await here.browser().get(f"/authorize?{query}")
    assert answer.status_code in {400, 414}
    assert re.search("<html", answer.text)


async def test_case_49_without_the_store_the_page_says_to_try_again() -> None:
    async with world() as here:
        browser = here.browser()
        page = await browser.get("/authorize", params=asking())
        form = hidden_fields(page.text) | {"decision": "allow"}
        here.lost.add("*")
        for answer in (await browser.get("/authorize", params=asking()), await browser.post("/consent", data=form)):
            assert answer.status_code == 503
            assert int(answer.headers["retry-after"]) >= 1
        here.lost.clear()
        assert (await browser.post("/consent", data=form)).status_code == 200, "the form was not used up"
