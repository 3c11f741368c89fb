"""Whatever a client publishes, registers or sends: it is a client, or an OAuth error."""

import base64
import json
import re
from dataclasses import asdict
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gate.client_world import JWKS_URL, REDIRECT, URL, World, document
from ringcentral_meetings.gate import redirects
from ringcentral_meetings.gate.assertions import ASSERTION_TYPE
from ringcentral_meetings.gate.records import Client, OAuthError
from ringcentral_meetings.gate.registrations import LONGEST_ID, PREFIX
from ringcentral_meetings.untrusted_text import clean

FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

MEMBERS = [*document(), "client_uri", "jwks", "jwks_uri", "token_endpoint_auth_methods_supported", "client_secret"]
WORDS = [URL, REDIRECT, JWKS_URL, "none", "private_key_jwt", "javascript:alert(1)", "http://localhost/", "RSA", "kty"]
TEXT = st.one_of(st.sampled_from(WORDS), st.text(st.characters(codec=None), max_size=40))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXT, inner, max_size=4)),
    max_leaves=12,
)
KEYS = st.builds(
    lambda keys: {"keys": keys},
    st.lists(st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "n", "e", "kid", "alg", "use", "d"]), JSON)),
)
CHANGES = st.dictionaries(st.sampled_from(MEMBERS), st.one_of(TEXT, st.lists(TEXT, max_size=4), KEYS, JSON), max_size=3)
BODIES = st.one_of(
    st.binary(max_size=200),
    JSON.map(lambda found: json.dumps(found).encode()),
    CHANGES.map(lambda changes: json.dumps(document() | changes).encode()),
    CHANGES.map(lambda changes: json.dumps(document() | changes | {"client_id": URL}).encode()),
    st.tuples(CHANGES, st.integers(0, 400), st.binary(max_size=3)).map(
        lambda drawn: (body := json.dumps(document() | drawn[0]).encode())[: drawn[1]] + drawn[2] + body[drawn[1] :]
    ),
)


def check(client: Client) -> None:
    assert client.redirect_uris
    assert all(redirects.is_good(uri) for uri in client.redirect_uris)
    assert len(client.name) <= 80
    assert clean(client.name) == client.name
    assert not client.uri or client.uri.startswith("https://")
    assert client.auth_method in {"none", "private_key_jwt"}
    json.dumps(asdict(client), ensure_ascii=False).encode()


def hold(refused: OAuthError, *errors: str) -> None:
    assert refused.error in errors
    assert re.fullmatch(r"[\x20\x21\x23-\x5b\x5d-\x7e]+", refused.description), "RFC 6749, 5.2"


async def found(world: World, client_id: str) -> Client | None:
    try:
        client = await world.clients.find(client_id)
    except OAuthError as refused:
        hold(refused, "invalid_client", "temporarily_unavailable")
        return None
    check(client)
    return client


@FUZZ
@given(BODIES)
def test_case_39_any_document_is_a_client_or_an_error(body: bytes) -> None:
    async def run() -> None:
        world = World()
        world.web.publish(body)
        client = await found(world, URL)
        assert client is None or client.id == json.loads(body)["client_id"] == URL

    anyio.run(run)


@FUZZ
@given(BODIES)
def test_any_registration_is_a_client_or_an_error(body: bytes) -> None:
    async def run() -> None:
        world = World()
        try:
            answered = world.clients.registrations.register(body)
        except OAuthError as refused:
            hold(refused, "invalid_redirect_uri", "invalid_client_metadata")
            return
        assert len(answered["client_id"]) <= LONGEST_ID
        json.dumps(answered).encode()
        client = await found(world, answered["client_id"])
        assert client is not None
        assert list(client.redirect_uris) == answered["redirect_uris"]

    anyio.run(run)


@FUZZ
@given(st.one_of(TEXT, TEXT.map(PREFIX.__add__), TEXT.map(URL.__add__), TEXT.map("https://".__add__)))
def test_any_client_id_is_a_client_or_an_error(client_id: str) -> None:
    async def run() -> None:
        world = World()
        world.web.publish(document())
        client = await found(world, client_id)
        assert client is None or client.id == client_id == URL

    anyio.run(run)


def _segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


HEADERS = st.dictionaries(st.sampled_from(["alg", "kid", "crit", "b64", "typ", "jwk"]), JSON).map(
    lambda header: {"alg": "RS256"} | header
)
ASSERTIONS = st.one_of(
    TEXT,
    st.tuples(HEADERS, JSON, st.binary(max_size=20)).map(
        lambda drawn: (
            f"{_segment(drawn[0])}.{_segment(drawn[1])}.{base64.urlsafe_b64encode(drawn[2]).decode().rstrip('=')}"
        )
    ),
)


@FUZZ
@given(KEYS, ASSERTIONS, st.sampled_from(["", URL]))
def test_case_41_any_assertion_by_any_keys_is_an_error(keys: Any, assertion: str, client_id: str) -> None:
    async def run() -> None:
        world = World()
        world.web.publish(document(token_endpoint_auth_method="private_key_jwt", jwks_uri=JWKS_URL))
        world.web.publish(keys, JWKS_URL)
        form = {"client_id": client_id, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion}
        with pytest.raises(OAuthError) as refused:
            await world.clients.authenticate(form, {})
        hold(refused.value, "invalid_client", "invalid_request")
        assert world.seen.names == []

    anyio.run(run)


@FUZZ
@given(
    st.dictionaries(st.sampled_from(["client_id", "client_secret", "client_assertion", "client_assertion_type"]), TEXT),
    st.one_of(
        st.just(""),
        TEXT,
        TEXT.map("Basic ".__add__),
        st.binary().map(lambda raw: f"Basic {base64.b64encode(raw).decode()}"),
    ),
)
def test_any_credentials_are_a_client_or_an_error(form: dict[str, str], authorization: str) -> None:
    async def run() -> None:
        world = World()
        world.web.publish(document())
        try:
            client = await world.clients.authenticate(form, {"authorization": authorization})
        except OAuthError as refused:
            hold(refused, "invalid_client", "invalid_request", "temporarily_unavailable")
            return
        assert client.id == URL

    anyio.run(run)
