"""Clients that sign: which assertions pass, which keys are theirs, and how often those are asked for."""

import base64
import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from gate.client_world import ISSUER, JWKS_URL, NOW, URL, World, document, known
from ringcentral_meetings.gate.assertions import ASSERTION_TYPE
from ringcentral_meetings.gate.records import OAuthError

pytestmark = pytest.mark.anyio

TOKEN_ENDPOINT = f"{ISSUER}/token"
MAKES: dict[str, Any] = {"RS256": RSAAlgorithm, "PS256": RSAAlgorithm, "ES256": ECAlgorithm, "EdDSA": OKPAlgorithm}


@cache
def private_key(algorithm: str, number: int = 0) -> Any:
    if algorithm == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    return rsa.generate_private_key(65_537, 2_048)


def jwk(algorithm: str = "RS256", number: int = 0, **members: Any) -> dict[str, Any]:
    """The public half of a key; None leaves a member out."""
    key = private_key(algorithm, number)
    found = MAKES[algorithm].to_jwk(key.public_key(), as_dict=True)
    found.pop("key_ops", None)
    made = {**found, "kid": f"{algorithm}-{number}", "use": "sig", "alg": algorithm, **members}
    return {name: value for name, value in made.items() if value is not None}


def claims(**changed: Any) -> dict[str, Any]:
    made = {"iss": URL, "sub": URL, "aud": TOKEN_ENDPOINT, "exp": NOW + 300, "iat": NOW, "jti": "1"} | changed
    return {name: value for name, value in made.items() if value is not None}


def signed(payload: Mapping[str, Any] | None = None, algorithm: str = "RS256", number: int = 0, **header: Any) -> str:
    headers = {"kid": f"{algorithm}-{number}"} | header
    made = {name: value for name, value in headers.items() if value is not None}
    return jwt.encode(dict(payload or claims()), private_key(algorithm, number), algorithm, made)


@dataclass
class Signing(World):
    """A client that publishes keys, by default one."""

    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk()])
    jwks_uri: str | None = JWKS_URL

    def __post_init__(self) -> None:
        super().__post_init__()
        inline = None if self.jwks_uri else {"keys": self.keys}
        made = document(token_endpoint_auth_method="private_key_jwt", jwks_uri=self.jwks_uri, jwks=inline)
        self.web.publish(made, cache_control="max-age=86400")
        self.publish_keys(*self.keys)

    def publish_keys(self, *keys: Any) -> None:
        self.web.publish({"keys": list(keys)}, JWKS_URL, cache_control="max-age=86400")

    async def authenticate(self, assertion: str, **form: str) -> str:
        sent = {"client_id": URL, "client_assertion_type": ASSERTION_TYPE, "client_assertion": assertion} | form
        return (await self.clients.authenticate(sent, {})).id

    async def refusal(self, assertion: str, **form: str) -> str:
        with pytest.raises(OAuthError) as refused:
            await self.authenticate(assertion, **form)
        assert (refused.value.error, refused.value.status) == ("invalid_client", 401)
        return refused.value.description

    def asked_for_keys(self) -> int:
        return self.web.asked.count(JWKS_URL)


@pytest.fixture
def world() -> Signing:
    return Signing()


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("jwks_uri", [JWKS_URL, None])
async def test_a_client_that_signs_is_known(algorithm: str, jwks_uri: str | None) -> None:
    world = Signing(keys=[jwk(algorithm)], jwks_uri=jwks_uri)
    assert await world.authenticate(signed(algorithm=algorithm)) == URL
    assert world.asked_for_keys() == (1 if jwks_uri else 0)


@pytest.mark.parametrize("aud", [ISSUER, TOKEN_ENDPOINT, [TOKEN_ENDPOINT], [ISSUER, TOKEN_ENDPOINT]])
async def test_it_may_be_meant_for_the_issuer_or_the_token_endpoint(world: Signing, aud: Any) -> None:
    assert await world.authenticate(signed(claims(aud=aud))) == URL


async def test_the_client_id_may_be_in_the_assertion_alone(world: Signing) -> None:
    assert await world.authenticate(signed(), client_id="") == URL


async def test_chatgpt_signs_and_its_document_lets_it_come_without(world: Signing) -> None:
    real = known("chatgpt")["document"]
    url = real["client_id"]
    world.web.publish(real, url)
    world.web.publish({"keys": [jwk()]}, real["jwks_uri"])
    assertion = signed(claims(iss=url, sub=url))
    assert await world.authenticate(assertion, client_id=url) == url
    assert "used before" in await world.refusal(assertion, client_id=url)
    assert (await world.clients.authenticate({"client_id": url}, {})).id == url


@pytest.mark.parametrize("form", [{}, {"client_assertion": ""}, {"client_assertion": "", "client_assertion_type": ""}])
async def test_one_that_has_to_sign_does_not_pass_without(world: Signing, form: dict[str, str]) -> None:
    with pytest.raises(OAuthError) as refused:
        await world.clients.authenticate({"client_id": URL} | form, {})
    assert refused.value.error == "invalid_client"
    assert "private_key_jwt" in refused.value.description


async def test_case_41_an_assertion_is_used_once_on_all_replicas(world: Signing) -> None:
    assertion = signed()
    await world.authenticate(assertion)
    assert "used before" in await world.refusal(assertion)
    world.clients = world.replica()
    assert "used before" in await world.refusal(assertion)
    assert "used before" in await world.refusal(signed(claims(exp=NOW + 200)))
    await world.authenticate(signed(claims(jti="2")))


async def test_case_41_it_is_remembered_for_as_long_as_it_would_pass(world: Signing) -> None:
    assertion = signed(claims(exp=NOW + 600))
    await world.authenticate(assertion)
    world.time = NOW + 629
    assert "used before" in await world.refusal(assertion)
    world.time = NOW + 631
    assert "exp" in await world.refusal(assertion)


async def test_case_41_one_that_was_refused_may_still_be_used(world: Signing) -> None:
    await world.refusal(signed(claims(aud="https://other.example.com")))
    await world.authenticate(signed())


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": "https://other.example.com"},
        {"aud": f"{ISSUER}/"},
        {"aud": f"{ISSUER}/mcp"},
        {"aud": ISSUER.upper()},
        {"aud": [TOKEN_ENDPOINT, "https://other.example.com/token"]},
        {"aud": []},
        {"aud": {"a": 1}},
        {"aud": None},
        {"iss": "https://other.example/client.json"},
        {"iss": None},
        {"sub": "https://other.example/client.json"},
        {"sub": None},
        {"jti": None},
        {"jti": ""},
        {"jti": 5},
        {"jti": "x" * 513},
        {"exp": None},
        {"exp": NOW - 31},
        {"exp": NOW + 631},
        {"exp": str(NOW + 60)},
        {"exp": True},
        {"exp": math.nan},
        {"exp": math.inf},
        {"exp": 10**400},
        {"nbf": NOW + 60},
        {"nbf": "soon"},
        {"iat": NOW + 60},
        {"iat": [NOW]},
    ],
)
async def test_case_41_every_claim_counts(world: Signing, changed: dict[str, Any]) -> None:
    await world.refusal(signed(claims(**changed)))
    assert world.seen.names == []


async def test_clocks_may_differ_a_little(world: Signing) -> None:
    await world.authenticate(signed(claims(exp=NOW - 29, jti="a")))
    await world.authenticate(signed(claims(exp=NOW + 629, nbf=NOW + 29, iat=NOW + 29, jti="b")))


def unsigned(header: Mapping[str, Any], signature: bytes = b"") -> str:
    parts = [json.dumps(header).encode(), json.dumps(claims()).encode(), signature]
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)


def with_public_key_as_secret(secret: bytes) -> str:
    body = unsigned({"alg": "HS256", "kid": "RS256-0"}).rstrip(".")
    mac = hmac.new(secret, body.encode(), hashlib.sha256).digest()
    return f"{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


async def test_case_41_no_algorithm_and_a_public_key_as_a_secret_are_refused(world: Signing) -> None:
    public = private_key("RS256").public_key()
    for algorithm in ("none", "None", "NONE", "", None, ["RS256"], "RS512", "HS256"):
        assert "must be signed by one of" in await world.refusal(unsigned({"alg": algorithm}, b"x"))
    for form in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        jwk()["n"].encode(),
    ):
        assert "must be signed by one of" in await world.refusal(with_public_key_as_secret(form))


async def test_case_41_another_key_or_a_changed_text_is_refused(world: Signing) -> None:
    assert "signature" in await world.refusal(signed(number=1, kid="RS256-0"))
    head, payload, signature = signed().split(".")
    other = signed(claims(jti="other")).split(".")[1]
    assert "signature" in await world.refusal(f"{head}.{other}.{signature}")
    assert "signature" in await world.refusal(f"{head}.{payload}.{signature[:-8]}AAAAAAAA")
    assert "signature" in await world.refusal(f"{head}.{payload}.AAAA")


@pytest.mark.parametrize(
    "header", [{"jwk": jwk(number=1)}, {"jku": "https://evil.example/keys"}, {"x5u": "https://evil.example/keys"}]
)
async def test_case_41_a_key_that_the_assertion_brings_along_is_not_used(
    world: Signing, header: dict[str, Any]
) -> None:
    assert await world.refusal(signed(number=1, kid="RS256-0", **header))
    assert not any("evil" in url for url in world.web.asked)


async def test_case_41_an_unknown_critical_header_is_refused(world: Signing) -> None:
    assert await world.refusal(signed(crit=["evil"], evil=1))


@pytest.mark.parametrize(
    "text",
    ["", ".", "..", "a.b", "a.b.c.d", "é.é.é", "e30.e30.e30", "bnVsbA.e30.AA", "W10.e30.AA", "a b.c.d", "x" * 9_000],
)
async def test_case_41_what_is_no_signed_jwt_is_refused(world: Signing, text: str) -> None:
    if text:
        await world.refusal(text)
        await world.refusal(text, client_id="")
    assert world.asked_for_keys() == 0


@pytest.mark.parametrize(
    "key",
    [
        jwk(kid="other"),
        jwk(use="enc"),
        jwk(alg="PS256"),
        jwk(alg=5),
        jwk(e=None),
        jwk(n=5),
        jwk(n="AQAB"),
        jwk(d="AQAB"),
        jwk("ES256", kid="RS256-0", alg=None),
        {"kty": "oct", "k": "c2VjcmV0", "kid": "RS256-0"},
        {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": "RS256-0"},
        {},
        "RS256-0",
        None,
    ],
)
async def test_a_key_that_does_not_fit_is_not_used(key: Any) -> None:
    await Signing(keys=[key]).refusal(signed())


async def test_a_weak_key_is_not_used() -> None:
    weak = rsa.generate_private_key(65_537, 1_024)  # noqa: S505  (it is to be refused)
    made = RSAAlgorithm.to_jwk(weak.public_key(), as_dict=True) | {"kid": "weak"}
    made.pop("key_ops", None)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        assertion = jwt.encode(claims(), weak, "RS256", {"kid": "weak"})
    assert await Signing(keys=[made]).refusal(assertion)


async def test_case_41_a_long_assertion_is_not_looked_at(world: Signing) -> None:
    await world.refusal(signed(claims(more="x" * 8_192)))
    assert world.asked_for_keys() == 0
    await world.authenticate(signed(claims(more="x" * 4_096)))


async def test_a_key_without_a_name_is_found_where_it_is_the_only_one(world: Signing) -> None:
    await world.authenticate(signed(kid=None))
    two = Signing(keys=[jwk(), jwk(number=1), jwk("ES256")])
    await two.refusal(signed(kid=None))
    await two.authenticate(signed(algorithm="ES256", kid=None))


async def test_one_name_for_two_keys_names_none() -> None:
    await Signing(keys=[jwk(), jwk(number=1, kid="RS256-0")]).refusal(signed())


async def test_a_new_key_is_found_once_the_keys_at_hand_are_a_minute_old(world: Signing) -> None:
    await world.authenticate(signed())
    world.publish_keys(jwk(), jwk(number=1))
    world.time += 61
    await world.authenticate(signed(claims(jti="2"), number=1))
    assert world.asked_for_keys() == 2


async def test_case_41_a_storm_of_unknown_keys_asks_once_a_minute(world: Signing) -> None:
    for number in range(30):
        await world.refusal(signed(kid=f"unknown-{number}"))
    assert world.asked_for_keys() == 1
    world.time += 61
    for number in range(30):
        await world.refusal(signed(kid=f"unknown-{number}"))
        await world.authenticate(signed(claims(jti=f"good {number}")))
    assert world.asked_for_keys() == 2


async def test_case_41_a_storm_asks_no_more_often_where_the_keys_cannot_be_had(world: Signing) -> None:
    await world.authenticate(signed())
    world.web.fail(JWKS_URL)
    world.time += 61
    for number in range(30):
        await world.refusal(signed(kid=f"unknown-{number}"))
    await world.authenticate(signed(claims(jti="2")))
    assert world.asked_for_keys() == 2


async def test_keys_that_cannot_be_had_at_all_are_no_reason_to_register_again(world: Signing) -> None:
    world.web.fail(JWKS_URL)
    with pytest.raises(OAuthError) as refused:
        await world.authenticate(signed())
    assert (refused.value.error, refused.value.status) == ("temporarily_unavailable", 503)


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"keys": 5}', b'{"keys": []}', b'{"keys": [1]}', b" " * 20_000])
async def test_keys_that_are_none_are_refused(world: Signing, body: bytes) -> None:
    world.web.publish(body, JWKS_URL)
    await world.refusal(signed())


async def test_a_document_at_the_address_of_keys_is_not_taken_for_them(world: Signing) -> None:
    world.web.publish(document(token_endpoint_auth_method="private_key_jwt", jwks_uri=URL))
    await world.refusal(signed())
    assert world.web.asked == [URL, URL]
