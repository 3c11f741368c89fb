"""What the server says of itself, to whom, and that a request changes none of it."""

import re
from typing import Any

import httpx
import pytest
from mcp.shared.auth import OAuthMetadata, ProtectedResourceMetadata
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from gate.client_world import ISSUER, REDIRECT
from ringcentral_meetings.gate import metadata
from ringcentral_meetings.gate.records import Client, Gate

pytestmark = pytest.mark.anyio

GATE = Gate(ISSUER, allowed_origins=("https://inspector.example.com",))
PATHS = [
    "/.well-known/oauth-authorization-server",
    "/.well-known/oauth-protected-resource",
    "/.well-known/oauth-protected-resource/mcp",
]
SECRETIVE = Client("desk", "fixed", "Desk", "", (REDIRECT,), "client_secret_post", secret_digest="0" * 64)


async def refuse(_request: Request) -> Response:
    return PlainTextResponse("no", 401, {"WWW-Authenticate": "Bearer"})


def client(gate: Gate = GATE, base_url: str = ISSUER) -> httpx.AsyncClient:
    guarded = Route("/token", refuse, methods=["POST", "OPTIONS"], middleware=[metadata.cors(gate, "POST")])
    transport = httpx.ASGITransport(Starlette(routes=[*metadata.routes(gate), guarded]))
    return httpx.AsyncClient(transport=transport, base_url=base_url)


async def get(path: str, gate: Gate = GATE, **headers: str) -> Any:
    async with client(gate) as http:
        answered = await http.get(path, headers=headers)
    assert answered.status_code == 200
    assert answered.headers["content-type"] == "application/json"
    return answered.json()


async def test_the_authorization_server_says_what_clients_decide_by() -> None:
    assert await get(PATHS[0]) == {
        "issuer": ISSUER,
        "authorization_endpoint": f"{ISSUER}/authorize",
        "token_endpoint": f"{ISSUER}/token",
        "registration_endpoint": f"{ISSUER}/register",
        "revocation_endpoint": f"{ISSUER}/revoke",
        "scopes_supported": ["meetings.read", "meetings.write"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "revocation_endpoint_auth_methods_supported": ["none", "private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
        "revocation_endpoint_auth_signing_alg_values_supported": ["RS256", "PS256", "ES256", "EdDSA"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": True,
    }


@pytest.mark.parametrize("path", PATHS[1:])
async def test_the_resource_names_its_authorization_server_at_both_addresses(path: str) -> None:
    assert await get(path) == {
        "resource": f"{ISSUER}/mcp",
        "authorization_servers": [ISSUER],
        "scopes_supported": ["meetings.read", "meetings.write"],
        "bearer_methods_supported": ["header"],
        "resource_name": "RingCentral meetings",
    }
    assert metadata.resource_metadata_url(GATE) == ISSUER + PATHS[2]


async def test_the_sdk_reads_both() -> None:
    assert OAuthMetadata.model_validate(await get(PATHS[0])).client_id_metadata_document_supported
    assert ProtectedResourceMetadata.model_validate(await get(PATHS[2])).scopes_supported == [
        "meetings.read",
        "meetings.write",
    ]


async def test_secrets_are_offered_where_a_client_has_one() -> None:
    found = await get(PATHS[0], Gate(ISSUER, fixed=(SECRETIVE,)))
    assert found["token_endpoint_auth_methods_supported"] == [
        "none",
        "private_key_jwt",
        "client_secret_basic",
        "client_secret_post",
    ]


async def test_what_is_off_is_not_offered() -> None:
    found = await get(PATHS[0], Gate(ISSUER, registration=False, document_hosts=()))
    assert "registration_endpoint" not in found
    assert found["client_id_metadata_document_supported"] is False
    assert found["token_endpoint_auth_methods_supported"] == ["none"]
    assert not any("signing_alg" in name for name in found)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "forged",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "http", "X-Forwarded-Port": "81"},
        {"Forwarded": "host=evil.example;proto=http"},
        {"X-Original-URL": "https://evil.example/", "X-Rewrite-URL": "https://evil.example/"},
        {"X-Forwarded-Prefix": "/evil"},
    ],
)
async def test_case_36_no_header_of_a_request_gets_into_the_metadata(path: str, forged: dict[str, Any]) -> None:
    assert await get(path, **forged) == await get(path)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("origin", ["https://anybody.example", "http://localhost:6274", "null"])
async def test_any_page_may_read_the_metadata(path: str, origin: str) -> None:
    asking = {"Origin": origin, "Access-Control-Request-Method": "GET"}
    asking["Access-Control-Request-Headers"] = "mcp-protocol-version"
    async with client() as http:
        allowed = await http.options(path, headers=asking)
        answered = await http.get(path, headers={"Origin": origin})
    assert allowed.status_code == 200
    for answer in (allowed, answered):
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in answer.headers
    assert answered.headers["cache-control"] == "public, max-age=300"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_the_metadata_is_read_only(method: str) -> None:
    async with client() as http:
        assert (await http.request(method, PATHS[0])).status_code == 405


@pytest.mark.parametrize(
    "origin",
    ["http://localhost:6274", "http://127.0.0.1", "http://[::1]:6274", "https://inspector.example.com"],
)
async def test_pages_of_loopback_and_of_the_operators_choice_may_call(origin: str) -> None:
    asking = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    asking["Access-Control-Request-Headers"] = "authorization, content-type, mcp-protocol-version"
    async with client() as http:
        allowed = await http.options("/token", headers=asking)
        answered = await http.post("/token", headers={"Origin": origin})
    assert allowed.status_code == 200
    assert answered.status_code == 401
    for answer in (allowed, answered):
        assert answer.headers["access-control-allow-origin"] == origin
        assert "Origin" in re.split(", ", answer.headers["vary"])
        assert "access-control-allow-credentials" not in answer.headers
    assert "WWW-Authenticate" in answered.headers["access-control-expose-headers"].split(", ")


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "http://inspector.example.com",
        "https://inspector.example.com.evil.example",
        "https://inspector.example.com:8443",
        "http://localhost.evil.example",
        "http://localhost:6274.evil.example",
        "https://localhost:6274",
        "http://127.0.0.1:x",
        "http://127.0.0.2:6274",
        "http://localhost:6274\thttp://evil.example",
    ],
)
async def test_no_other_page_may(origin: str) -> None:
    asking = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    async with client() as http:
        allowed = await http.options("/token", headers=asking)
        answered = await http.post("/token", headers={"Origin": origin})
    assert allowed.status_code == 400
    assert "access-control-allow-origin" not in allowed.headers
    assert "access-control-allow-origin" not in answered.headers
