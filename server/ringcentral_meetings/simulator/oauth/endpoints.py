"""OAuth of the simulator: sessions, access and refresh tokens, and the check of the bearer header.

Sources: RingCentral developer guide, "Authentication" (JWT flow, refreshing, five sessions a user) and
"Errors". Which code a revoked token gets is not documented; OAU-129 is taken. So is the status 401 of
`invalid_client`, and that a JWT which has expired gets OAU-213. A new way to sign in is one more entry of GRANTS.
"""

import base64
import binascii
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote_plus

from ringcentral_meetings.simulator.oauth.consent import redeem
from ringcentral_meetings.simulator.people import CLIENTS, OWNER
from ringcentral_meetings.simulator.replies import ApiError, OAuthError, Reply, json_reply

if TYPE_CHECKING:
    from ringcentral_meetings.simulator.simulator import Simulator

MOST_SESSIONS = 5
ACCESS_SECONDS = 3600
SHORTEST_ACCESS_SECONDS = 600
REFRESH_SECONDS = 604_800
GRACE_AFTER_USE_SECONDS = 10
GRACE_UNUSED_SECONDS = 3600
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="RingCentral REST API"'}

Form = Mapping[str, str]


@dataclass(frozen=True)
class Session:
    """A signed-in user on one device: its own id, the extension id, the client id and the endpoint id."""

    id: str
    user: str
    client: str
    endpoint: str


def token(simulator: "Simulator", headers: Mapping[str, str], body: bytes) -> Reply:
    """Answer the token endpoint.

    Raises OAuthError for a wrong client, grant, assertion or refresh token.
    """
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    client = _client(headers.get("authorization"), form)
    grant = GRANTS.get(form.get("grant_type", ""))
    if grant is None:
        raise OAuthError(400, "invalid_request", "OAU-250", "Unsupported grant type")
    return json_reply(200, grant(simulator, form, client))


def revoke(simulator: "Simulator", headers: Mapping[str, str], body: bytes) -> Reply:
    """Answer the revoke endpoint: the whole session of the token ends; an unknown token is ignored."""
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    _client(headers.get("authorization"), form)
    for row in simulator.store.run("SELECT session FROM tokens WHERE token = ?", form.get("token", "")):
        _end_session(simulator, row["session"])
    return Reply(200)


def check_bearer(simulator: "Simulator", header: str | None) -> Session:
    """Return the session of an Authorization header and note the first use of its token.

    Raises ApiError 401: AGW-401 without a header, AGW-402 for one that holds no token of ours, OAU-129 for
    a revoked and OAU-128 for an expired token.
    """
    if header is None:
        raise _unauthorized("AGW-401", "Authorization header is not specified")
    scheme, _, value = header.partition(" ")
    rows = simulator.store.run("SELECT * FROM tokens WHERE token = ? AND kind = 'access'", value)
    if scheme.lower() != "bearer" or not rows:
        raise _unauthorized("AGW-402", "Invalid Authorization header")
    if rows[0]["revoked"]:
        raise _unauthorized("OAU-129", "Access token corrupted")
    if rows[0]["expires"] <= simulator.now():
        raise _unauthorized("OAU-128", "Access token expired")
    statement = "UPDATE tokens SET first_used = coalesce(first_used, ?) WHERE token = ?"
    simulator.store.run(statement, simulator.now(), value)
    return _session(simulator, rows[0]["session"])


def revoke_all(simulator: "Simulator") -> None:
    """End every session."""
    simulator.store.run("UPDATE sessions SET ended = 1")
    simulator.store.run("UPDATE tokens SET revoked = 1")


def expire_all(simulator: "Simulator") -> None:
    """Let every access token expire now; refresh tokens stay good."""
    statement = "UPDATE tokens SET expires = min(expires, ?) WHERE kind = 'access'"
    simulator.store.run(statement, simulator.now())


def _client(header: str | None, form: Form) -> str:
    """Return the client id of an application that has shown who it is: by its secret, or a public one by its id."""
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


def _jwt_grant(simulator: "Simulator", form: Form, client: str) -> dict[str, Any]:
    if CLIENTS[client] is None:
        raise OAuthError(400, "unauthorized_client", "OAU-251", "Unauthorized for this grant type")
    if form.get("assertion") not in simulator.jwts:
        raise OAuthError(400, "invalid_grant", "OAU-213", "Token not found")
    return _tokens(simulator, _open_session(simulator, form, client), form)


def _code_grant(simulator: "Simulator", form: Form, client: str) -> dict[str, Any]:
    redeem(simulator, form, client)
    return _tokens(simulator, _open_session(simulator, form, client), form)


def _refresh_grant(simulator: "Simulator", form: Form, client: str) -> dict[str, Any]:
    if not simulator.issue_refresh_tokens:
        raise OAuthError(400, "unauthorized_client", "OAU-251", "Unauthorized for this grant type")
    given = form.get("refresh_token", "")
    rows = simulator.store.run("SELECT * FROM tokens WHERE token = ? AND kind = 'refresh'", given)
    if not rows or rows[0]["expires"] <= simulator.now():
        raise OAuthError(400, "invalid_grant", "OAU-213", "Token not found")
    if rows[0]["revoked"]:
        raise OAuthError(400, "invalid_grant", "OAU-211", "Token revoked")
    session = _session(simulator, rows[0]["session"])
    if session.client != client:
        raise OAuthError(400, "invalid_grant", "OAU-213", "Token not found")
    if rows[0]["next_refresh"] is not None:
        return _same_again(simulator, session, rows[0]["next_refresh"])
    simulator.store.run("UPDATE tokens SET revoked = 1 WHERE token = ?", rows[0]["access"])
    answer = _tokens(simulator, session, form)
    statement = "UPDATE tokens SET next_refresh = ? WHERE token = ?"
    simulator.store.run(statement, answer["refresh_token"], given)
    return answer


GRANTS: dict[str, Callable[["Simulator", Form, str], dict[str, Any]]] = {
    "authorization_code": _code_grant,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _jwt_grant,
    "refresh_token": _refresh_grant,
}


def _same_again(simulator: "Simulator", session: Session, refresh: str) -> dict[str, Any]:
    newer = simulator.store.run("SELECT * FROM tokens WHERE token = ?", refresh)[0]
    access = simulator.store.run("SELECT * FROM tokens WHERE token = ?", newer["access"])[0]
    issued = newer["expires"] - REFRESH_SECONDS
    used = access["first_used"]
    end = issued + GRACE_UNUSED_SECONDS if used is None else used + GRACE_AFTER_USE_SECONDS
    if simulator.now() >= end or newer["next_refresh"] is not None:
        raise OAuthError(400, "invalid_grant", "OAU-211", "Token revoked")
    return _answer(simulator, session, access["token"], access["expires"], refresh)


def _open_session(simulator: "Simulator", form: Form, client: str) -> Session:
    store = simulator.store
    identifier = store.next_secret("session", simulator.seed)
    endpoint = form.get("endpoint_id") or store.next_secret("endpoint", simulator.seed)
    insert = "INSERT INTO sessions (id, user, client, endpoint) VALUES (?, ?, ?, ?)"
    store.run(insert, identifier, OWNER.id, client, endpoint)
    select = "SELECT id FROM sessions WHERE user = ? AND client = ? AND NOT ended ORDER BY position"
    alive = store.run(select, OWNER.id, client)
    for row in alive[:-MOST_SESSIONS]:
        _end_session(simulator, row["id"])
    return Session(identifier, OWNER.id, client, endpoint)


def _tokens(simulator: "Simulator", session: Session, form: Form) -> dict[str, Any]:
    expires = simulator.now() + _access_seconds(form)
    access = simulator.store.next_secret("access", simulator.seed)
    _store_token(simulator, access, "access", session, expires, access)
    refresh = None
    if simulator.issue_refresh_tokens:
        refresh = simulator.store.next_secret("refresh", simulator.seed)
        _store_token(simulator, refresh, "refresh", session, simulator.now() + REFRESH_SECONDS, access)
    return _answer(simulator, session, access, expires, refresh)


def _answer(
    simulator: "Simulator", session: Session, access: str, expires: float, refresh: str | None
) -> dict[str, Any]:
    answer = {
        "access_token": access,
        "expires_in": round(expires - simulator.now()),
        "scope": " ".join(sorted(simulator.scopes)),
        "token_type": "bearer",
        "owner_id": session.user,
        "endpoint_id": session.endpoint,
        "session_id": session.id,
    }
    lifetime = {"refresh_token": refresh, "refresh_token_expires_in": REFRESH_SECONDS}
    return answer | lifetime if refresh else answer


def _access_seconds(form: Form) -> int:
    given = form.get("access_token_ttl", str(ACCESS_SECONDS))
    seconds = int(given) if given.isascii() and given.isdigit() else 0
    if not SHORTEST_ACCESS_SECONDS <= seconds <= ACCESS_SECONDS:
        raise OAuthError(400, "invalid_request", "CMN-101", "Parameter [access_token_ttl] value is invalid")
    return seconds


def _store_token(simulator: "Simulator", value: str, kind: str, session: Session, expires: float, access: str) -> None:
    simulator.store.run(
        "INSERT INTO tokens (token, kind, session, expires, access) VALUES (?, ?, ?, ?, ?)",
        value,
        kind,
        session.id,
        expires,
        access,
    )


def _session(simulator: "Simulator", identifier: str) -> Session:
    row = simulator.store.run("SELECT * FROM sessions WHERE id = ?", identifier)[0]
    return Session(row["id"], row["user"], row["client"], row["endpoint"])


def _end_session(simulator: "Simulator", identifier: str) -> None:
    simulator.store.run("UPDATE sessions SET ended = 1 WHERE id = ?", identifier)
    simulator.store.run("UPDATE tokens SET revoked = 1 WHERE session = ?", identifier)


def _unauthorized(code: str, message: str) -> ApiError:
    error = ApiError(401, code, message)
    error.headers = dict(CHALLENGE)
    return error
