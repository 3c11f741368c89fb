"""What real clients publish and register, through a whole sign-in: from the request for authorization to new tokens."""

from typing import Any

import pytest

from gate.client_world import DOCUMENTS, known
from gate.flows import World, asking, tokens, world
from gate.test_assertions import claims, jwk, signed
from ringcentral_meetings.gate.assertions import ASSERTION_TYPE

pytestmark = pytest.mark.anyio

NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.json"))
SENT = [(name, uri) for name in NAMES for uri in known(name)["sends"]]


def published(real: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a client has on the web: its document, and its keys."""
    document = real.get("document", {})
    pages = {document.get("client_id"): document, document.get("jwks_uri"): {"keys": [jwk()]}}
    return {address: page for address, page in pages.items() if address}


async def client_id_of(real: dict[str, Any], here: World) -> str:
    if "document" in real:
        return str(real["document"]["client_id"])
    answer = await here.program().post("/register", json=real["registration"])
    assert answer.status_code == 201, answer.text
    return str(answer.json()["client_id"])


def authentication(real: dict[str, Any], client_id: str, number: int) -> dict[str, str]:
    """What a client adds to its requests for tokens, each time anew."""
    if real.get("document", {}).get("token_endpoint_auth_method") != "private_key_jwt":
        return {}
    assertion = signed(claims(iss=client_id, sub=client_id, jti=str(number)))
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}


@pytest.mark.parametrize(("name", "uri"), SENT)
async def test_a_real_client_gets_tokens_and_renews_them(name: str, uri: str) -> None:
    real = known(name)
    async with world(documents=published(real)) as here:
        client_id = await client_id_of(real, here)
        asked = {"client_id": client_id, "redirect_uri": uri}
        code = await here.code(None, 1, None, **asked)
        issued = tokens(await here.exchange(code, **asked, **authentication(real, client_id, 1)))
        assert await here.scopes_of(issued["access_token"]) == ("meetings.read", "meetings.write")
        proof = authentication(real, client_id, 2)
        renewed = tokens(await here.refresh(issued["refresh_token"], client_id=client_id, **proof))
        assert await here.scopes_of(renewed["access_token"]) == ("meetings.read", "meetings.write")


@pytest.mark.parametrize("name", NAMES)
async def test_a_code_goes_to_no_address_that_a_real_client_does_not_have(name: str) -> None:
    real = known(name)
    async with world(documents=published(real)) as here:
        client_id = await client_id_of(real, here)
        for uri in real["refused"]:
            page = await here.browser().get("/authorize", params=asking(client_id=client_id, redirect_uri=uri))
            assert page.status_code == 400, page.text
            assert "location" not in page.headers
