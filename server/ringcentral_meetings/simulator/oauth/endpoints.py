"""The token and revoke endpoints: who the application is, and what it gets for which grant.

Sources: RingCentral developer guide, "Authentication" and "Errors". Not documented, and assumed here: the status
401 of `invalid_client`, and OAU-213 for a JWT that has expired. A new way to sign in is one more entry of GRANTS.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from ringcentral_meetings.simulator.oauth import sessions
from ringcentral_meetings.simulator.oauth.consent import code_user, redeem
from ringcentral_meetings.simulator.oauth.sessions import Form, end_session_of, refresh, sign_in
from ringcentral_meetings.simulator.people import CLIENTS, Person
from ringcentral_meetings.simulator.replies import OAuthError, Reply, json_reply
from ringcentral_meetings.simulator.state import State

Grant = Callable[[State, Form, str], dict[str, Any]]


def token(state: State, headers: Mapping[str, str], body: bytes) -> Reply:
    """Answer the token endpoint.

    Raises OAuthError for an invalid client, grant type or grant.
    """
    form = _form(body)
    client = _client(headers.get("authorization"), form)
    grant = GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        raise OAuthError(400, "invalid_request", "OAU-250", "Unsupported grant type")
    return json_reply(200, grant(state, form, client))


def revoke(state: State, headers: Mapping[str, str], body: bytes) -> Reply:
    """Answer the revoke endpoint: the whole session of the token ends; an unknown token is ignored."""
    form = _form(body)
    _client(headers.get("authorization"), form)
    end_session_of(state, form.get("token", ""))
    return Reply(200)


def user_of(state: State, body: bytes) -> Person:
    """Return whose limits a request of this room counts against: the owner's where it does not tell."""
    form = _form(body)
    if code := form.get("code"):
        return code_user(state, code)
    return sessions.user_of(state, form.get("refresh_token") or form.get("token", ""))


def _form(body: bytes) -> dict[str, str]:
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _client(header: str | None, form: Form) -> str:
    """Return the client id of an application that has authenticated: by its secret, or a public one by its id."""
    if header is None and "client_id" not in form:
        raise OAuthError(401, "invalid_client", "OAU-123", "Client authentication is required")
    client_id, secret = (form["client_id"], None) if header is None else _basic(header)
    if client_id not in CLIENTS:
        raise OAuthError(401, "invalid_client", "OAU-153", "Invalid client id")
    if secret is None and CLIENTS[client_id] is not None:
        raise OAuthError(401, "invalid_client", "OAU-123", "Client authentication is required")
    if secret != CLIENTS[client_id]:
        raise OAuthError(401, "invalid_client", "OAU-146", "Invalid client credentials")
    return client_id


def _basic(header: str) -> tuple[str, str]:
    scheme, _, value = header.partition(" ")
    try:
        decoded = base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except binascii.Error:
        decoded = ""
    client_id, _, secret = decoded.partition(":")
    return (unquote_plus(client_id), unquote_plus(secret)) if scheme.lower() == "basic" else ("", "")


def _jwt_grant(state: State, form: Form, client: str) -> dict[str, Any]:
    if CLIENTS[client] is None:
        raise _grant_not_allowed()
    if form.get("assertion") not in state.jwts:
        raise OAuthError(400, "invalid_grant", "OAU-213", "Token not found")
    return sign_in(state, form, client)


def _code_grant(state: State, form: Form, client: str) -> dict[str, Any]:
    user = redeem(state, form, client)
    return sign_in(state, form, client, user)


def _refresh_grant(state: State, form: Form, client: str) -> dict[str, Any]:
    if not state.issue_refresh_tokens:
        raise _grant_not_allowed()
    return refresh(state, form, client)


GRANTS: dict[str, Grant] = {
    "authorization_code": _code_grant,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _jwt_grant,
    "refresh_token": _refresh_grant,
}


def _grant_not_allowed() -> OAuthError:
    return OAuthError(400, "unauthorized_client", "OAU-251", "Unauthorized for this grant type")
