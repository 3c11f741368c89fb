"""Registration of clients: what is taken, what is refused and how, and that nothing is kept of it."""

import base64
import json
import secrets
from typing import Any

import pytest

from gate.client_world import ISSUER, NOW, REDIRECT, World, known
from ringcentral_meetings.gate import redirects
from ringcentral_meetings.gate.records import Gate, OAuthError
from ringcentral_meetings.gate.registrations import LONGEST_ID, MOST_BYTES, PREFIX
from ringcentral_meetings.store import KeyRing
from ringcentral_meetings.store.keys import Purpose
from ringcentral_meetings.store.vault import Vault

pytestmark = pytest.mark.anyio

REGISTERING = ["cursor", "cursor_3_20", "inspector", "inspector_terminal"]
OLD, NEW, NAMES = b"o" * 32, b"n" * 32, b"m" * 32


@pytest.fixture
def world() -> World:
    return World()


def register(world: World, body: Any) -> dict[str, Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return world.clients.registrations.register(sent)


async def is_known(world: World, client_id: str) -> bool:
    try:
        await world.clients.find(client_id)
    except OAuthError as refused:
        if (refused.error, refused.status) == ("invalid_client", 401):
            return False
        raise
    return True


@pytest.mark.parametrize("name", REGISTERING)
async def test_real_clients_register_and_come_back(world: World, name: str) -> None:
    real = known(name)
    answered = register(world, real["registration"])
    client = await world.clients.find(answered["client_id"])
    assert client.name == answered["client_name"] == real["registration"]["client_name"]
    assert list(client.redirect_uris) == answered["redirect_uris"]
    assert (client.kind, client.host, client.auth_method) == ("registered", "", "none")
    assert all(redirects.matches(client.redirect_uris, uri) for uri in real["sends"])
    assert not any(redirects.matches(client.redirect_uris, uri) for uri in real["refused"])
    assert len(client.id) <= 400


def test_the_answer_has_all_that_was_registered(world: World) -> None:
    answered = register(
        world, {"client_name": "App", "client_uri": "https://app.example.org", "redirect_uris": [REDIRECT]}
    )
    assert answered.pop("client_id").startswith(PREFIX)
    assert answered == {
        "client_id_issued_at": int(NOW),
        "client_name": "App",
        "client_uri": "https://app.example.org",
        "redirect_uris": [REDIRECT],
        "token_endpoint_auth_method": "none",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
    }


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt", "none", None])
async def test_whatever_a_client_asks_for_it_gets_no_secret(world: World, method: str | None) -> None:
    answered = register(world, {"redirect_uris": [REDIRECT], "token_endpoint_auth_method": method})
    assert answered["token_endpoint_auth_method"] == "none"
    assert "client_secret" not in answered
    assert (await world.clients.authenticate({"client_id": answered["client_id"]}, {})).auth_method == "none"


async def test_a_registration_with_one_good_redirect_uri_is_taken_for_that_one(world: World) -> None:
    answered = register(world, {"redirect_uris": ["javascript:alert(1)", REDIRECT, "http://evil.example/"]})
    assert answered["redirect_uris"] == [REDIRECT]
    client = await world.clients.find(answered["client_id"])
    assert not redirects.matches(client.redirect_uris, "http://evil.example/")


@pytest.mark.parametrize(
    "uris", [None, [], ["javascript:alert(1)"], ["http://evil.example/"], "https://a.example", [1], [REDIRECT] * 33, {}]
)
def test_case_24_one_without_a_good_redirect_uri_is_refused(world: World, uris: Any) -> None:
    with pytest.raises(OAuthError) as refused:
        register(world, {"redirect_uris": uris})
    assert (refused.value.error, refused.value.status) == ("invalid_redirect_uri", 400)
    assert "redirect_uris" in refused.value.description


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "JSON"),
        (b"[]", "JSON object"),
        (b"\xff", "JSON"),
        (b'{"redirect_uris": [NaN]}', "JSON"),
        (b"[" * 10_000, "JSON"),
        (b'{"client_name": "a", "client_name": "b"}', "twice"),
        ({"redirect_uris": [REDIRECT], "client_name": 7}, "client_name"),
        ({"redirect_uris": [REDIRECT], "token_endpoint_auth_method": ["none"]}, "token_endpoint_auth_method"),
        ({"redirect_uris": [REDIRECT], "contacts": ["x" * MOST_BYTES]}, str(MOST_BYTES)),
    ],
)
def test_other_metadata_that_cannot_be_used_is_refused_by_name(world: World, body: Any, said: str) -> None:
    with pytest.raises(OAuthError) as refused:
        register(world, body)
    assert (refused.value.error, refused.value.status) == ("invalid_client_metadata", 400)
    assert said in refused.value.description


@pytest.mark.parametrize("member", ["redirect_uris", "client_uri"])
def test_more_than_fits_into_a_client_id_is_refused_by_name(world: World, member: str) -> None:
    long = f"https://app.example.org/{secrets.token_hex(900)}"
    with pytest.raises(OAuthError) as refused:
        register(world, {"redirect_uris": [REDIRECT]} | {member: [long] if member == "redirect_uris" else long})
    expected = "invalid_redirect_uri" if member == "redirect_uris" else "invalid_client_metadata"
    assert refused.value.error == expected
    assert refused.value.description.startswith(f"{member}: is too long")
    assert str(LONGEST_ID) in refused.value.description


async def test_a_long_set_of_similar_redirect_uris_fits(world: World) -> None:
    uris = [f"http://localhost:{port}/oauth/callback" for port in range(8_000, 8_030)]
    client_id = register(world, {"redirect_uris": uris, "client_name": "é" * 200})["client_id"]
    assert len(client_id) <= LONGEST_ID
    client = await world.clients.find(client_id)
    assert list(client.redirect_uris) == uris
    assert len(client.name) == 80


@pytest.mark.parametrize(
    ("called", "name"),
    [
        ("App\n\x00\u202e<b>", "App <b>"),
        ("\ud800", ""),
        ("a" * 90, "a" * 79 + "…"),
        (None, ""),
    ],
)
async def test_case_33_a_name_is_one_line_without_hidden_characters(world: World, called: str, name: str) -> None:
    client_id = register(world, {"redirect_uris": [REDIRECT], "client_name": called})["client_id"]
    assert (await world.clients.find(client_id)).name == name


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "http://app.example.org", "https://a@b.example", None])
def test_case_33_a_page_of_the_client_is_https_or_left_out(world: World, uri: str | None) -> None:
    assert "client_uri" not in register(world, {"redirect_uris": [REDIRECT], "client_uri": uri})


async def test_case_42_an_edited_client_id_is_unknown(world: World) -> None:
    client_id = world.register()
    assert await is_known(world, client_id)
    for position in range(len(PREFIX), len(client_id), 7):
        edited = client_id[:position] + ("A" if client_id[position] != "A" else "B") + client_id[position + 1 :]
        assert not await is_known(world, edited)
    for other in (
        client_id[:-1],
        client_id + "A",
        client_id + "=",
        client_id + "\n",
        PREFIX,
        PREFIX + "é",
        "A" * 2_000,
    ):
        assert not await is_known(world, other)


async def test_case_42_a_client_id_of_another_deployment_is_unknown(world: World) -> None:
    client_id = world.register()
    with pytest.raises(OAuthError):
        await world.replica(ring=KeyRing.new()).find(client_id)
    with pytest.raises(OAuthError):
        await world.replica(gate=Gate("https://other.example.com")).find(client_id)


async def test_case_42_a_client_id_ends_with_the_key_that_sealed_it() -> None:
    world = World(ring=KeyRing(NAMES, [OLD]))
    client_id = world.register()
    for keys in ([OLD, NEW], [NEW, OLD]):
        assert (await world.replica(ring=KeyRing(NAMES, keys)).find(client_id)).name == "App"
    with pytest.raises(OAuthError) as refused:
        await world.replica(ring=KeyRing(NAMES, [NEW])).find(client_id)
    assert (refused.value.error, refused.value.status) == ("invalid_client", 401)


def sealed(world: World, value: bytes, purpose: Purpose = "registrations") -> str:
    """A client id of ours that holds this."""
    value = Vault(world.ring, purpose).seal(value, name=ISSUER, owner="")
    return PREFIX + base64.urlsafe_b64encode(value).decode().rstrip("=")


async def test_case_42_what_the_vault_sealed_for_another_purpose_is_no_client_id(world: World) -> None:
    value = b'p[1,"App","","https://app.example.org/"]'
    assert await is_known(world, sealed(world, value))
    assert not await is_known(world, sealed(world, value, "vault"))
    assert not await is_known(world, sealed(world, value, "request-state"))


@pytest.mark.parametrize(
    "value", [b'p[2,"App","","https://app.example.org/"]', b"p[1]", b"p1", b"p", b'p{"version":2}']
)
async def test_a_registration_of_another_release_has_to_be_made_again(world: World, value: bytes) -> None:
    assert not await is_known(world, sealed(world, value))


async def test_a_redirect_uri_that_was_accepted_once_counts_only_while_it_is(world: World) -> None:
    mixed = sealed(world, b'p[1,"App","","http://evil.example/","https://app.example.org/"]')
    assert (await world.clients.find(mixed)).redirect_uris == ("https://app.example.org/",)
    assert not await is_known(world, sealed(world, b'p[1,"App","","http://evil.example/"]'))


async def test_case_43_a_flood_of_registrations_leaves_nothing_and_ends_none(world: World) -> None:
    first = world.register()
    ids = {world.register(client_name=f"App {number}") for number in range(500)}
    assert len(ids) == 500
    assert len(world.steps) == 0
    assert await is_known(world, first)


async def test_every_replica_knows_a_registration_and_none_does_where_registration_is_off(world: World) -> None:
    client_id = world.register()
    assert (await world.replica().find(client_id)).id == client_id
    with pytest.raises(OAuthError):
        await world.replica(gate=Gate(ISSUER, registration=False)).find(client_id)
