"""Who a client is, and how it shows that it is the one."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

import pytest
from starlette.datastructures import Headers

from gate.client_world import ISSUER, REDIRECT, URL, World, document
from ringcentral_meetings.gate.assertions import ASSERTION_TYPE
from ringcentral_meetings.gate.records import Client, Gate, OAuthError
from ringcentral_meetings.gate.tokens import digest
from ringcentral_meetings.store import StoreDown

pytestmark = pytest.mark.anyio

SECRET = "s3cret word+with%signs:é"
FIXED = Client(
    id="desk app",
    kind="fixed",
    name="Desk",
    host="",
    redirect_uris=(REDIRECT,),
    auth_method="client_secret_basic",
    secret_digest=digest(SECRET),
)
PUBLIC = Client(id="public", kind="fixed", name="Public", host="", redirect_uris=(REDIRECT,))


@pytest.fixture
def world() -> World:
    made = World(gate=Gate(ISSUER, fixed=(FIXED, PUBLIC)))
    made.web.publish(document())
    return made


def basic(client_id: str, secret: str) -> dict[str, str]:
    text = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


async def refusal(world: World, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> OAuthError:
    with pytest.raises(OAuthError) as refused:
        await world.clients.authenticate(form, headers or {})
    return refused.value


@pytest.mark.parametrize("client_id", ["public", URL])
async def test_a_public_client_names_itself(world: World, client_id: str) -> None:
    assert (await world.clients.authenticate({"client_id": client_id}, {})).id == client_id
    empty = {"client_id": client_id, "client_secret": "", "client_assertion": "", "client_assertion_type": ""}
    assert (await world.clients.authenticate(empty, {})).id == client_id
    assert (await world.clients.authenticate({}, basic(client_id, ""))).id == client_id


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"client_id": FIXED.id, "client_secret": SECRET}, {}),
        ({}, basic(FIXED.id, SECRET)),
        ({"client_id": FIXED.id}, basic(FIXED.id, SECRET)),
        ({}, {"authorization": basic(FIXED.id, SECRET)["authorization"].replace("Basic", "bAsIC")}),
    ],
)
async def test_a_client_of_the_operator_shows_its_secret_in_either_way(
    world: World, form: dict[str, str], headers: dict[str, str]
) -> None:
    assert await world.clients.authenticate(form, headers) == FIXED


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"client_id": FIXED.id}, {}),
        ({"client_id": FIXED.id, "client_secret": SECRET[:-1]}, {}),
        ({"client_id": FIXED.id, "client_secret": FIXED.secret_digest}, {}),
        ({"client_id": FIXED.id, "client_secret": "\ud800"}, {}),
        ({}, basic(FIXED.id, "")),
        ({}, basic(FIXED.id, "wrong")),
        ({}, {"authorization": "Basic !!!"}),
        ({}, {"authorization": "Basic"}),
        ({}, {"authorization": "Basic /w=="}),
        ({}, {"authorization": "Basic OnNlY3JldA=="}),
        ({}, {"authorization": "Bearer token"}),
        ({"client_id": PUBLIC.id, "client_secret": SECRET}, {}),
        ({"client_id": URL, "client_secret": SECRET}, {}),
        ({"client_id": URL, "client_assertion": "a.b.c", "client_assertion_type": ASSERTION_TYPE}, {}),
        ({"client_id": FIXED.id, "client_assertion": "a.b.c", "client_assertion_type": ASSERTION_TYPE}, {}),
        ({"client_id": "nobody"}, {}),
        ({"client_id": ""}, {}),
        ({}, {}),
    ],
)
async def test_every_other_proof_is_refused_with_401(
    world: World, form: dict[str, str], headers: dict[str, str]
) -> None:
    refused = await refusal(world, form, headers)
    assert (refused.error, refused.status) == ("invalid_client", 401)
    challenge = {"WWW-Authenticate": 'Basic realm="token endpoint", charset="UTF-8"'}
    assert refused.headers == (challenge if headers else {})
    assert SECRET not in refused.description


@pytest.mark.parametrize(
    ("form", "method"),
    [
        ({"client_id": PUBLIC.id, "client_secret": SECRET}, "none"),
        ({"client_id": URL, "client_assertion": "a.b.c", "client_assertion_type": ASSERTION_TYPE}, "none"),
        (
            {"client_id": FIXED.id, "client_assertion": "a.b.c", "client_assertion_type": ASSERTION_TYPE},
            "client_secret_basic",
        ),
        ({"client_id": FIXED.id}, "client_secret_basic"),
    ],
)
async def test_a_client_that_authenticates_in_another_way_is_told_its_own(
    world: World, form: dict[str, str], method: str
) -> None:
    assert (await refusal(world, form)).description == f"This client has to authenticate by {method}."


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        ({"client_id": FIXED.id, "client_secret": SECRET}, basic(FIXED.id, SECRET)),
        ({"client_id": FIXED.id, "client_secret": SECRET, "client_assertion": "a.b.c"}, {}),
        ({"client_assertion": "a.b.c", "client_assertion_type": ASSERTION_TYPE}, basic(FIXED.id, SECRET)),
        ({"client_id": "other"}, basic(FIXED.id, SECRET)),
        ({"client_id": FIXED.id, "client_assertion": "a.b.c"}, {}),
        ({"client_id": FIXED.id, "client_assertion": "a.b.c", "client_assertion_type": "saml"}, {}),
    ],
)
async def test_case_37_a_client_authenticates_in_one_way(
    world: World, form: dict[str, str], headers: dict[str, str]
) -> None:
    refused = await refusal(world, form, headers)
    assert (refused.error, refused.status) == ("invalid_request", 400)


async def test_case_37_two_authorization_headers_are_refused(world: World) -> None:
    value = basic(FIXED.id, SECRET)["authorization"].encode()
    one = Headers(raw=[(b"authorization", value)])
    assert await world.clients.authenticate({}, one) == FIXED
    refused = await refusal(world, {}, Headers(raw=[*one.raw, (b"authorization", b"Basic eDp5")]))
    assert (refused.error, refused.status) == ("invalid_request", 400)


async def test_a_store_that_is_down_is_not_taken_for_an_unknown_client(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_: Any) -> Any:
        raise StoreDown("is not there")

    monkeypatch.setattr(world.steps, "read_note", down)
    with pytest.raises(StoreDown):
        await world.clients.authenticate({"client_id": URL}, {})
    assert await world.clients.authenticate({"client_id": PUBLIC.id}, {}) == PUBLIC
    registered = world.register()
    assert (await world.clients.authenticate({"client_id": registered}, {})).id == registered
