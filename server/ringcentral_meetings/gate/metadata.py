"""What this server says of itself to clients, and which web pages may ask it.

Every address is made of the configured issuer, none of what a request says (`Host`, `X-Forwarded-Host`).

Facts: RFC 8414 (authorization server), RFC 9728 (protected resource), RFC 9207 (`iss`), the MCP specification on
authorization (discovery, and `offline_access`, which is not to be listed), and the Fetch standard (CORS).
"""

import json
from typing import Any, Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ringcentral_meetings.gate.assertions import ALGORITHMS
from ringcentral_meetings.gate.records import SCOPES, Gate

AUTHORIZE: Final = "/authorize"
TOKEN: Final = "/token"  # noqa: S105  (a path)
REVOKE: Final = "/revoke"
REGISTER: Final = "/register"
SERVER_METADATA: Final = "/.well-known/oauth-authorization-server"
RESOURCE_METADATA: Final = "/.well-known/oauth-protected-resource"

RESOURCE_NAME: Final = "RingCentral meetings"
CACHED_SECONDS: Final = 300
"""How long clients may keep a metadata document: what an operator changes is to arrive."""

LOOPBACK_PAGES: Final = r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?"
"""Web pages of a person's own machine, such as the MCP Inspector's."""

SENT: Final = (
    "Authorization",
    "Content-Type",
    "Last-Event-ID",
    "MCP-Protocol-Version",
    "Mcp-Method",
    "Mcp-Name",
    "Mcp-Session-Id",
)
"""Headers that a page may send."""

SHOWN: Final = ("WWW-Authenticate", "Retry-After", "Mcp-Session-Id")
"""Headers of answers that a page may read."""


def resource_metadata_url(gate: Gate) -> str:
    """Return the address for `resource_metadata` in a 401 or 403 (RFC 9728, 5.1)."""
    return gate.issuer + RESOURCE_METADATA + gate.resource.removeprefix(gate.issuer)


def server_metadata(gate: Gate) -> dict[str, Any]:
    """Return the document of the authorization server (RFC 8414, 2)."""
    methods = _methods(gate)
    signed = {"token_endpoint_auth_signing_alg_values_supported": list(ALGORITHMS)} if gate.document_hosts else {}
    return {
        "issuer": gate.issuer,
        "authorization_endpoint": gate.issuer + AUTHORIZE,
        "token_endpoint": gate.issuer + TOKEN,
        **({"registration_endpoint": gate.issuer + REGISTER} if gate.registration else {}),
        "revocation_endpoint": gate.issuer + REVOKE,
        "scopes_supported": list(SCOPES),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
        **signed,
        **{name.replace("token", "revocation", 1): value for name, value in signed.items()},
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "client_id_metadata_document_supported": bool(gate.document_hosts),
    }


def resource_metadata(gate: Gate) -> dict[str, Any]:
    """Return the document of the MCP server as a protected resource (RFC 9728, 2)."""
    return {
        "resource": gate.resource,
        "authorization_servers": [gate.issuer],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
        "resource_name": RESOURCE_NAME,
    }


def routes(gate: Gate) -> list[Route]:
    """Return the routes of the metadata: the resource's for its path, and at the root for clients that look there."""
    of_path, resource = resource_metadata_url(gate).removeprefix(gate.issuer), resource_metadata(gate)
    return [
        _published(SERVER_METADATA, server_metadata(gate)),
        _published(RESOURCE_METADATA, resource),
        _published(of_path, resource),
    ]


def cors(gate: Gate, *methods: str) -> Middleware:
    """Return what lets pages of loopback and of the operator's choice call a route, without cookies.

    The methods of the route have to include OPTIONS.
    """
    return Middleware(
        CORSMiddleware,
        allow_origins=gate.allowed_origins,
        allow_origin_regex=LOOPBACK_PAGES,
        allow_methods=methods,
        allow_headers=SENT,
        expose_headers=SHOWN,
    )


def _methods(gate: Gate) -> list[str]:
    """Return how clients may authenticate; `none` stands first, without which Claude does not use its document."""
    has_secrets = any(client.secret_digest for client in gate.fixed)
    of_documents = ["private_key_jwt"] if gate.document_hosts else []
    return ["none", *of_documents, *(["client_secret_basic", "client_secret_post"] if has_secrets else [])]


def _published(path: str, found: dict[str, Any]) -> Route:
    """Return the route of a document that any web page may read."""
    body = json.dumps(found).encode()

    headers = {"Cache-Control": f"public, max-age={CACHED_SECONDS}"}

    async def answer(_request: Request) -> Response:
        return Response(body, media_type="application/json", headers=headers)

    everybody = Middleware(CORSMiddleware, allow_origins=["*"], allow_headers=SENT)
    return Route(path, answer, methods=["GET", "OPTIONS"], middleware=[everybody])
