"""What a gate never says, whatever it is asked: secrets, other people's words, and addresses that requests made up."""

import html
import logging
import re
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.flows import (
    APP,
    BACK,
    EDITOR,
    ISSUER,
    LOOPBACK,
    RESOURCE,
    RINGCENTRAL,
    STATE,
    VERIFIER,
    World,
    asking,
    challenge_of,
    error,
    hidden_fields,
    onward,
    query_of,
    world,
)

pytestmark = pytest.mark.anyio

NAMES = [
    *("client_id", "redirect_uri", "response_type", "response_mode", "state", "code_challenge", "resource", "scope"),
    *("code_challenge_method", "prompt", "request", "request_uri", "nonce", "decision", "write", "code", "error"),
    *("error_description", "iss", "grant_type", "code_verifier", "refresh_token", "token", "token_type_hint"),
    *("client_secret", "client_assertion", "client_assertion_type", "end", "end_all"),
]
VALUES = [
    *(APP.id, "nobody", BACK, EDITOR, LOOPBACK, "http://127.0.0.1:7/callback", "javascript:alert(1)", "code", "token"),
    *("query", challenge_of(VERIFIER), VERIFIER, "S256", "plain", RESOURCE, f"{RESOURCE}/", "https://[", "http://[::1"),
    *("meetings.read", "meetings.write openid", "none", "login", "allow", "deny", "another", "on", "access_denied"),
    *("authorization_code", "refresh_token", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "a.b.c"),
    *("rcm_client_AAAA", "https://app.example.org/client.json", "https://127.0.0.1/client.json", "\x00", "\r\nX: y"),
    *("<script>alert(1)</script>", "%00%ff", "{}", "null", "[" * 50, "\u202e", "9" * 400, "{0}", "%s"),
]
LIVE = ("state", "code", "refresh_token", "token", "request", "nonce")
PATHS = ("/authorize", "/consent", "/callback", "/token", "/revoke", "/register", "/connections")

texts = st.text(max_size=40) | st.sampled_from(VALUES)
fields = st.lists(st.tuples(st.sampled_from(NAMES) | st.text(max_size=10), texts), max_size=12)
raw = st.binary(max_size=60)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """A request that nearly makes sense, or none."""
    request: dict[str, Any] = {"path": draw(st.sampled_from(PATHS)), "method": draw(st.sampled_from(["GET", "POST"]))}
    request["query"] = draw(fields | st.just(list(asking().items())))
    if draw(st.booleans()):
        request["query"] = [*asking().items(), *request["query"]][draw(st.integers(0, 9)) :]
    request["body"] = draw(
        fields | raw | st.just(b'{"redirect_uris": ["http://127.0.0.1/cb"], "client_name": "\\ud800"}')
    )
    request["type"] = draw(st.sampled_from(["application/x-www-form-urlencoded", "application/json", "", "text/html"]))
    request["authorization"] = draw(
        st.sampled_from(["", "Basic YXBwOng=", "Basic \u00e4", "Bearer x", "Basic " + "=" * 9])
    )
    request["live"] = draw(st.lists(st.sampled_from(LIVE), max_size=4, unique=True))
    request["own"] = draw(st.booleans())
    return request


def log_of(caplog: pytest.LogCaptureFixture) -> str:
    """Our own lines of the log."""
    return "".join(f"{one.getMessage()}\n" for one in caplog.records if one.name.startswith("ringcentral_meetings"))


async def sent(here: World, http: httpx.AsyncClient, request: dict[str, Any], live: dict[str, str]) -> httpx.Response:
    """Send a request, some of whose parameters are real ones."""
    query, body = request["query"], request["body"]
    real = [(name, live[name]) for name in request["live"]]
    if request["method"] == "GET":
        query = [*query, *real]
    elif isinstance(body, list):
        body = httpx.QueryParams([*body, *real])
        body = str(body).encode()
    headers = {"content-type": request["type"], "authorization": request["authorization"].encode()}
    content = body if isinstance(body, bytes) else str(httpx.QueryParams(body)).encode()
    return await http.request(
        request["method"],
        request["path"],
        params=query,
        content=content,
        headers={k: v for k, v in headers.items() if v},
    )


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(requests(), min_size=1, max_size=6))
async def test_case_54_whatever_is_sent_there_is_an_answer_without_secrets_and_nothing_is_stored(
    caplog: pytest.LogCaptureFixture, sequence: list[dict[str, Any]]
) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.clear()
    async with world() as here:
        browser = here.browser()
        page = await browser.get("/authorize", params=asking())
        there = await here.approved(browser)
        code, issued = await here.code(person=2), await here.grant(person=3)
        live = hidden_fields(page.text) | {
            "state": query_of(there)["state"],
            "code": code,
            "refresh_token": issued["refresh_token"],
            "token": issued["access_token"],
        }
        told = {*(live[name] for name in LIVE), here.upstream.addresses[live["state"]][0], VERIFIER, STATE}
        secrets = {secret for secret in told if len(secret) > 8}
        stranger = here.program()
        before = len(here.steps)
        for request in sequence:
            answer = await sent(here, browser if request["own"] else stranger, request, live)
            assert answer.status_code < 500 or answer.status_code == 503, answer.text
            shown = answer.text + str(answer.headers)
            given_itself = str(request) + str([live[name] for name in request["live"]])
            assert not [secret for secret in secrets if secret in shown and secret not in given_itself]
            place = answer.headers.get("location", "")
            assert not place or place.startswith((BACK, EDITOR, "http://127.0.0.1", RINGCENTRAL, ISSUER)), place
            assert "<script" not in answer.text
        unapproved = [one for one in sequence if not (one["own"] or one["path"] in {"/token", "/revoke"})]
        assert len(here.steps) <= before + 1 or unapproved != sequence
    said = log_of(caplog)
    assert said
    assert not [secret for secret in {*secrets, "upstream-"} if secret in said]


async def test_case_54_a_whole_sign_in_leaves_no_secret_and_no_name_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    async with world() as here:
        browser = here.browser()
        there = await here.approved(browser)
        state = query_of(there)["state"]
        back = await browser.get(here.upstream.signs_in(there))
        code = query_of(onward(back))["code"]
        issued = (await here.exchange(code)).json()
        renewed = (await here.refresh(issued["refresh_token"])).json()
        here.advance(61)
        assert error(await here.refresh(issued["refresh_token"]))[1] == "invalid_grant"
        assert error(await here.exchange(code))[1] == "invalid_grant"
        visitor = here.browser()
        await visitor.get(here.upstream.signs_in(onward(await visitor.get("/connections"))))
        page = await visitor.get("/connections")
        await visitor.post("/connections", data=hidden_fields(page.text) | {"end_all": "on"})
    said = log_of(caplog)
    assert said.count("\n") >= 6
    secrets = [state, code, VERIFIER, STATE, "Person 1", "tenant", "upstream-", challenge_of(VERIFIER)]
    secrets += [one[kind] for one in (issued, renewed) for kind in ("access_token", "refresh_token")]
    assert not [secret for secret in secrets if secret in said]


async def test_case_36_forged_hosts_come_into_no_answer() -> None:
    forged = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
        "forwarded": "host=evil.example",
    }
    async with world() as here:
        browser = here.browser()
        answers = [
            await browser.get("/authorize", params=asking(), headers=forged),
            await browser.get("/authorize", params=asking(prompt="none"), headers=forged),
            await browser.get("/connections", headers=forged),
            await browser.get("/.well-known/oauth-authorization-server", headers=forged),
            await browser.get("/.well-known/oauth-protected-resource/mcp", headers=forged),
        ]
        link = here.upstream.signs_in(answers[2].headers["location"])
        answers.append(await browser.get(link, headers=forged))
    assert answers[1].headers["location"].startswith(BACK)
    assert answers[5].headers["location"] == f"{ISSUER}/connections"
    for answer in answers:
        assert answer.status_code in {200, 303}
        assert "evil" not in answer.text + str(answer.headers)


async def test_on_loopback_over_http_the_cookies_go_without_what_browsers_refuse_there() -> None:
    async with world(issuer="http://127.0.0.1:8920") as here:
        browser = here.browser()
        page = await browser.get("/authorize", params=asking(resource=None))
        [cookie] = page.headers.get_list("set-cookie")
        assert cookie.startswith("rcm-page-")
        assert "secure" not in cookie.lower()
        code = await here.code(browser, resource="http://127.0.0.1:8920/mcp")
        assert (await here.exchange(code)).status_code == 200


DOCUMENT = "https://client.example.org/oauth/client.json"
PUBLISHED: dict[str, object] = {
    "client_id": DOCUMENT,
    "client_name": "<b>Bank</b> \u202eevil",
    "redirect_uris": ["https://client.example.org/callback", "http://localhost/callback"],
    "token_endpoint_auth_method": "none",
}


async def test_case_31_33_a_client_with_a_document_is_named_by_its_host() -> None:
    async with world(documents={DOCUMENT: PUBLISHED}) as here:
        browser = here.browser()
        back = "http://localhost:3118/callback"
        page = await browser.get("/authorize", params=asking(client_id=DOCUMENT, redirect_uri=back))
        assert page.status_code == 200
        assert re.search("<h1>.*client.example.org.*</h1>", page.text)
        assert "<b>Bank" not in page.text
        assert "\u202e" not in page.text
        code = await here.code(browser, client_id=DOCUMENT, redirect_uri=back)
        answer = await here.exchange(code, client_id=DOCUMENT, redirect_uri=back)
        assert answer.status_code == 200
        [grant] = await here.store.grants.of_user(here.upstream.user(1))
        assert (grant.client_id, grant.client) == (DOCUMENT, "client.example.org")


@pytest.mark.parametrize("changed", [{"response_type": "token"}, {"prompt": "none"}, {"code_challenge": None}])
async def test_case_23_our_address_leads_to_no_page_of_a_client_that_anybody_can_be(
    changed: dict[str, str | None],
) -> None:
    """RFC 9700, section 4.11.2: a link to us, with an error in it, would lead on without a word."""
    evil = {"redirect_uris": ["https://evil.example/phish", "http://localhost/callback"]}
    async with world(documents={DOCUMENT: PUBLISHED | evil}) as here:
        registered = (await here.program().post("/register", json=evil)).json()["client_id"]
        for client in (DOCUMENT, registered):
            asked = asking(client_id=client, redirect_uri="https://evil.example/phish", **changed)
            answer = await here.browser().get("/authorize", params=asked)
            assert (answer.status_code, answer.headers.get("location")) == (400, None)
            assert "http-equiv" not in answer.text
            [back] = re.findall('href="(https://evil.example[^"]*)"', answer.text)
            told = query_of(html.unescape(back))
            assert (told["state"], told["iss"], "error" in told) == (STATE, ISSUER, True)
            asked["redirect_uri"] = "http://localhost:3118/callback"
            answer = await here.browser().get("/authorize", params=asked)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith("http://localhost:3118/callback?error=")


async def test_case_40_a_document_that_changes_its_redirect_meanwhile_counts_as_it_is_now() -> None:
    documents = {DOCUMENT: dict(PUBLISHED)}
    async with world(documents=documents) as here:
        browser = here.browser()
        back = "https://client.example.org/callback"
        page = await browser.get("/authorize", params=asking(client_id=DOCUMENT, redirect_uri=back))
        form = hidden_fields(page.text) | {"decision": "allow"}
        documents[DOCUMENT] = PUBLISHED | {"redirect_uris": ["https://client.example.org/new"]}
        here.advance(310)
        assert (await browser.post("/consent", data=form)).status_code == 400
        assert not here.upstream.addresses


async def test_a_document_that_cannot_be_had_is_a_page_that_says_to_try_again() -> None:
    async with world(documents={}) as here:
        answer = await here.browser().get("/authorize", params=asking(client_id=DOCUMENT))
        assert answer.status_code in {400, 503}
        assert "location" not in answer.headers
