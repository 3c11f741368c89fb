"""The sessions of signed-in users, their access and refresh tokens, and the check of the bearer header.

Sources: RingCentral developer guide, "Authentication" (JWT flow, refreshing, five sessions a user) and
"Errors". Which code a revoked token gets is not documented; OAU-129 is assumed, and so is the status of CMN-408 and of
OAU-236.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ringcentral_meetings.simulator.people import OWNER, PEOPLE, Person
from ringcentral_meetings.simulator.replies import ApiError, OAuthError
from ringcentral_meetings.simulator.state import State

MOST_SESSIONS = 5
ACCESS_SECONDS = 3600
SHORTEST_ACCESS_SECONDS = 600
REFRESH_SECONDS = 604_800
LONGEST_REFRESH_SECONDS = 2_592_000
GRACE_AFTER_USE_SECONDS = 10
GRACE_UNUSED_SECONDS = 3600
APPS_ALLOWED = "ThirdPartyAppAccess"
"""The permission without which a user cannot sign in to an app."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="RingCentral REST API"'}

Form = Mapping[str, str]


@dataclass(frozen=True)
class Session:
    """A signed-in user on one device: its own id, the extension id, the client id and the endpoint id."""

    id: str
    user: str
    client: str
    endpoint: str


def check_bearer(state: State, header: str | None) -> Session:
    """Return the session of an Authorization header and store when its token was first used.

    Raises ApiError 401: AGW-401 without a header, AGW-402 for an unknown token or another scheme, OAU-129 for a
    revoked and OAU-128 for an expired token.
    """
    if header is None:
        raise _unauthorized("AGW-401", "Authorization header is not specified")
    scheme, _, value = header.partition(" ")
    rows = state.store.run("SELECT * FROM tokens WHERE token = ? AND kind = 'access'", value)
    if scheme.lower() != "bearer" or not rows:
        raise _unauthorized("AGW-402", "Invalid Authorization header")
    if rows[0]["revoked"]:
        raise _unauthorized("OAU-129", "Access token corrupted")
    if rows[0]["expires"] <= state.now():
        raise _unauthorized("OAU-128", "Access token expired")
    statement = "UPDATE tokens SET first_used = coalesce(first_used, ?) WHERE token = ?"
    state.store.run(statement, state.now(), value)
    return _session(state, rows[0]["session"])


def user_of(state: State, value: str) -> Person:
    """Return whose token the last word of a text is; the owner where it is nobody's."""
    statement = "SELECT user FROM sessions JOIN tokens ON tokens.session = sessions.id WHERE token = ?"
    rows = state.store.run(statement, value.rpartition(" ")[2])
    return PEOPLE[rows[0]["user"]] if rows else OWNER


def sign_in(state: State, form: Form, client: str, user: str = OWNER.id) -> dict[str, Any]:
    """Open a session of a user and return the token answer; the user's oldest sessions beyond five end.

    Raises OAuthError for a user who is disabled, or whose role does not allow apps.
    """
    _check_user(state, user)
    if not state.holds(APPS_ALLOWED):
        raise OAuthError(401, "invalid_client", "CMN-408", f"[{APPS_ALLOWED}] permission required")
    return _issue(state, _open(state, form, client, user), form)


def refresh(state: State, form: Form, client: str) -> dict[str, Any]:
    """Return new tokens for a refresh token.

    A token that is sent again gets the same answer for some time, in case the first answer was lost. Raises
    OAuthError for a token that is unknown, expired, revoked or of another client.
    """
    given = form.get("refresh_token", "")
    rows = state.store.run("SELECT * FROM tokens WHERE token = ? AND kind = 'refresh'", given)
    if not rows or rows[0]["expires"] <= state.now():
        raise _token_not_found()
    if rows[0]["revoked"]:
        raise _token_revoked()
    session = _session(state, rows[0]["session"])
    if session.client != client:
        raise _token_not_found()
    _check_user(state, session.user)
    if rows[0]["next_refresh"] is not None:
        return _repeated_answer(state, session, rows[0]["next_refresh"])
    state.store.run("UPDATE tokens SET revoked = 1 WHERE token = ?", rows[0]["access"])
    answer = _issue(state, session, form)
    statement = "UPDATE tokens SET next_refresh = ? WHERE token = ?"
    state.store.run(statement, answer["refresh_token"], given)
    return answer


def end_session_of(state: State, token: str) -> None:
    """End the session that a token belongs to; an unknown token is ignored."""
    for row in state.store.run("SELECT session FROM tokens WHERE token = ?", token):
        _end(state, row["session"])


def revoke_all(state: State) -> None:
    """End every session."""
    state.store.run("UPDATE sessions SET ended = 1")
    state.store.run("UPDATE tokens SET revoked = 1")


def expire_all(state: State) -> None:
    """Expire every access token now; refresh tokens stay valid."""
    statement = "UPDATE tokens SET expires = min(expires, ?) WHERE kind = 'access'"
    state.store.run(statement, state.now())


def _repeated_answer(state: State, session: Session, newer_refresh: str) -> dict[str, Any]:
    newer = state.store.run("SELECT * FROM tokens WHERE token = ?", newer_refresh)[0]
    access = state.store.run("SELECT * FROM tokens WHERE token = ?", newer["access"])[0]
    issued = newer["expires"] - newer["seconds"]
    used = access["first_used"]
    end = issued + GRACE_UNUSED_SECONDS if used is None else used + GRACE_AFTER_USE_SECONDS
    if state.now() >= end or newer["next_refresh"] is not None:
        raise _token_revoked()
    return _answer(state, session, access["token"], access["expires"], newer_refresh, newer["seconds"])


def _open(state: State, form: Form, client: str, user: str) -> Session:
    identifier = state.ids.secret("session")
    endpoint = form.get("endpoint_id") or state.ids.secret("endpoint")
    insert = "INSERT INTO sessions (id, user, client, endpoint) VALUES (?, ?, ?, ?)"
    state.store.run(insert, identifier, user, client, endpoint)
    select = "SELECT id FROM sessions WHERE user = ? AND client = ? AND NOT ended ORDER BY position"
    alive = state.store.run(select, user, client)
    for row in alive[:-MOST_SESSIONS]:
        _end(state, row["id"])
    return Session(identifier, user, client, endpoint)


def _issue(state: State, session: Session, form: Form) -> dict[str, Any]:
    expires, seconds = state.now() + _access_seconds(form), _refresh_seconds(form)
    access = state.ids.secret("access")
    _store_token(state, access, "access", session, expires, access)
    if not state.issue_refresh_tokens:
        return _answer(state, session, access, expires, None)
    refresh_token = state.ids.secret("refresh")
    _store_token(state, refresh_token, "refresh", session, state.now() + seconds, access)
    state.store.run("UPDATE tokens SET seconds = ? WHERE token = ?", seconds, refresh_token)
    return _answer(state, session, access, expires, refresh_token, seconds)


def _answer(
    state: State, session: Session, access: str, expires: float, refresh_token: str | None, refresh_seconds: int = 0
) -> dict[str, Any]:
    answer = {
        "access_token": access,
        "expires_in": round(expires - state.now()),
        "scope": " ".join(sorted(state.scopes)),
        "token_type": "bearer",
        "owner_id": session.user,
        "endpoint_id": session.endpoint,
        "session_id": session.id,
    }
    renewal = {"refresh_token": refresh_token, "refresh_token_expires_in": refresh_seconds}
    return answer | renewal if refresh_token else answer


def _access_seconds(form: Form) -> int:
    return _seconds(form, "access_token_ttl", ACCESS_SECONDS, SHORTEST_ACCESS_SECONDS, ACCESS_SECONDS)


def _refresh_seconds(form: Form) -> int:
    return _seconds(form, "refresh_token_ttl", REFRESH_SECONDS, 1, LONGEST_REFRESH_SECONDS)


def _seconds(form: Form, name: str, default: int, least: int, most: int) -> int:
    given = form.get(name, str(default))
    seconds = int(given) if given.isascii() and given.isdigit() else 0
    if not least <= seconds <= most:
        raise OAuthError(400, "invalid_request", "CMN-101", f"Parameter [{name}] value is invalid")
    return seconds


def _store_token(state: State, value: str, kind: str, session: Session, expires: float, access: str) -> None:
    insert = "INSERT INTO tokens (token, kind, session, expires, access) VALUES (?, ?, ?, ?, ?)"
    state.store.run(insert, value, kind, session.id, expires, access)


def _session(state: State, identifier: str) -> Session:
    row = state.store.run("SELECT * FROM sessions WHERE id = ?", identifier)[0]
    return Session(row["id"], row["user"], row["client"], row["endpoint"])


def _end(state: State, identifier: str) -> None:
    state.store.run("UPDATE sessions SET ended = 1 WHERE id = ?", identifier)
    state.store.run("UPDATE tokens SET revoked = 1 WHERE session = ?", identifier)


def _unauthorized(code: str, message: str) -> ApiError:
    error = ApiError(401, code, message)
    error.headers = dict(CHALLENGE)
    return error


def _check_user(state: State, user: str) -> None:
    if user in state.disabled:
        raise OAuthError(400, "invalid_grant", "OAU-236", "Extension is disabled")


def _token_not_found() -> OAuthError:
    return OAuthError(400, "invalid_grant", "OAU-213", "Token not found")


def _token_revoked() -> OAuthError:
    return OAuthError(400, "invalid_grant", "OAU-211", "Token revoked")
