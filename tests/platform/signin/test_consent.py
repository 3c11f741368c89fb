"""A code that a browser brought."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.signin.consent import Consent, check
from ringcentral_meetings.platform.signin.grants import App, CodeGrant
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore
from ringcentral_meetings.simulator import CLIENT_ID

from .signing import APP, PUBLIC, REDIRECT, SERVER, Platform, refused

pytestmark = pytest.mark.anyio


def test_the_challenge_is_the_digest_of_a_verifier_that_the_address_does_not_hold() -> None:
    consent, other = Consent(APP, REDIRECT), Consent(APP, REDIRECT)
    query = {name: values[0] for name, values in parse_qs(urlsplit(consent.address).query).items()}
    digest = hashlib.sha256(consent.verifier.encode()).digest()
    assert query == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": REDIRECT,
        "state": consent.state,
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    assert 43 <= len(consent.verifier) <= 128
    assert len(base64.urlsafe_b64decode(consent.state + "=")) == 32
    assert consent.verifier != other.verifier
    assert consent.state != other.state


@pytest.mark.parametrize("app", [APP, PUBLIC])
async def test_a_code_is_swapped_for_a_session_by_a_public_and_by_a_confidential_app(
    platform: Platform, app: App
) -> None:
    token = await platform.log_in(app)
    assert token.by_login
    assert token.refresh_token is not None
    sent = next(call for call in platform.simulator.calls if call.path == "/restapi/oauth/token")
    assert ("authorization" in sent.headers) == (app is APP)
    assert ("client_id" in parse_qs(sent.body.decode())) == (app is PUBLIC)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("{redirect}?code=c&state=another", "does not belong"),
        ("{redirect}?code=c", "does not belong"),
        ("{redirect}?state={state}", "does not belong"),
        ("{redirect}?state={state}&code=", "does not belong"),
        ("c", "does not belong"),
        ("{redirect}?error=access_denied&state={state}", "Access was refused"),
        ("{redirect}?error=invalid_scope&state={state}", "error invalid_scope"),
        ("{redirect}?error=access_denied", "does not belong"),
        ("{redirect}?error=access_denied&state=\u00e9", "does not belong"),
    ],
)
def test_an_address_that_is_no_answer_to_this_visit_gives_no_code(address: str, message: str) -> None:
    consent = Consent(APP, REDIRECT)
    with pytest.raises(errors.Refused, match=message):
        consent.grant(address.format(redirect=REDIRECT, state=consent.state))


async def test_a_code_serves_once_for_a_minute_for_its_own_app_address_and_verifier(platform: Platform) -> None:
    async def outcome(spoil: CodeGrant | None = None, *, wait: float = 0.0) -> str | None:
        consent = Consent(APP, REDIRECT)
        grant = consent.grant(await platform.consented(consent))
        platform.clock.time += wait
        told = await refused(platform, _like(grant, spoil) if spoil else grant, MemoryTokenStore())
        assert told.code == "session_expired"
        assert "login" in told.next_step
        return told.upstream.error_code if told.upstream else None

    good = CodeGrant(APP, "", REDIRECT, "")
    assert await outcome(CodeGrant(APP, "another", REDIRECT, "")) == "OAU-106"
    assert await outcome(CodeGrant(APP, "", REDIRECT + "/", "")) == "OAU-109"
    assert await outcome(CodeGrant(APP, "", REDIRECT, "another")) == "OAU-106"
    assert await outcome(CodeGrant(PUBLIC, "", REDIRECT, "")) == "OAU-110"
    assert await outcome(good, wait=60) == "OAU-108"
    consent = Consent(APP, REDIRECT)
    grant = consent.grant(await platform.consented(consent))
    await platform.call(grant, MemoryTokenStore())
    told = await refused(platform, grant, MemoryTokenStore())
    assert told.upstream is not None
    assert told.upstream.error_code == "OAU-106"


def _like(grant: CodeGrant, spoil: CodeGrant) -> CodeGrant:
    return CodeGrant(spoil.app, spoil.code or grant.code, spoil.redirect_uri, spoil.verifier or grant.verifier)


async def test_the_consent_page_is_asked_for_before_a_person_is_sent_there(platform: Platform) -> None:
    async with build_http(SERVER, httpx.Auth(), transport=platform.simulator.transport(), user_agent="t/1") as http:
        await check(http, Consent(APP, REDIRECT))
        for consent in (Consent(App(SERVER, "another"), REDIRECT), Consent(APP, "https://elsewhere.example/")):
            with pytest.raises(errors.Refused) as caught:
                await check(http, consent)
            assert consent.redirect_uri in caught.value.next_step
        platform.simulator.faults.add("drop_before", path="authorize")
        with pytest.raises(errors.Unanswered):
            await check(http, Consent(APP, REDIRECT))
