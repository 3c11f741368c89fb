"""What a client asks for in the browser: reading it, and refusing what may not be asked for.

Facts: OAuth 2.1 section 4.1.1, RFC 7636 (PKCE), RFC 8707 (`resource`), RFC 9101 section 6 (`request`), OpenID Connect
Core section 3.1.2.1 (`prompt`), and the MCP specification on authorization.
"""

import re
from collections.abc import Iterable
from typing import Final

from ringcentral_meetings.gate.parameters import Parameters
from ringcentral_meetings.gate.records import SCOPES, AuthorizationRequest, Gate, OAuthError

_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def requested(gate: Gate, client_id: str, redirect_uri: str, given: Parameters) -> AuthorizationRequest:
    """Return what is asked for, to be answered at an address that has been checked. Raises `OAuthError`."""
    given.check_each_once()
    _check_kind(given)
    resource = target(gate, given.values("resource"))
    return AuthorizationRequest(
        client_id=client_id,
        redirect_uri=redirect_uri,
        state=given.get("state"),
        challenge=_challenge(given),
        resource=resource,
        scopes=known(given.get("scope")) or gate.default_scopes,
    )


def target(gate: Gate, resources: Iterable[str]) -> str:
    """Return the address of the MCP server, which is all that may be asked for. Raises `OAuthError`."""
    if any(_plain(resource) != gate.resource for resource in resources):
        raise OAuthError("invalid_target", f"Tokens are issued for {gate.resource} alone.")
    return gate.resource


def known(scope: str | None) -> tuple[str, ...]:
    """Return the scopes of a list that exist here; clients ask for others too, such as `offline_access`."""
    asked = (scope or "").split(" ")
    return tuple(name for name in SCOPES if name in asked)


def _check_kind(given: Parameters) -> None:
    for name in ("request", "request_uri"):
        if given.get(name) is not None:
            raise OAuthError(f"{name}_not_supported", f"The parameter {name} is not supported.")
    if (kind := given.get("response_type")) != "code":
        error = "invalid_request" if kind is None else "unsupported_response_type"
        raise OAuthError(error, "response_type must be code.")
    if given.get("response_mode") not in {None, "query"}:
        raise OAuthError("invalid_request", "response_mode must be query.")
    if "none" in (given.get("prompt") or "").split(" "):
        raise OAuthError("interaction_required", "A person has to approve each request.")


def _challenge(given: Parameters) -> str:
    if given.get("code_challenge_method") != "S256":
        raise OAuthError("invalid_request", "PKCE is required: code_challenge_method must be S256.")
    challenge = given.get("code_challenge")
    if challenge is None or not _CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "PKCE is required: code_challenge must be a SHA-256 digest in base64url.")
    return challenge


def _plain(resource: str) -> str:
    """Return an address with a scheme and a host in lower case, and without a slash at the end."""
    scheme, _, rest = resource.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme.lower()}://{host.lower()}{slash}{path}".removesuffix("/")
