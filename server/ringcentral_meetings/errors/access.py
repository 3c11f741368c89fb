"""Errors of signing in: credentials, sessions, and where sessions are stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from ringcentral_meetings.errors.codes import Refused, Upstream, quoted


def login_command(profile: str) -> str:
    """Return the command line that signs a person in with a browser."""
    return _command("login", profile)


def _command(name: str, profile: str) -> str:
    return f"ringcentral-meetings-mcp {name}" + ("" if profile == "default" else f" --profile {profile}")


_UNSET_MEMORY = "or unset RINGCENTRAL_TOKEN_STORE, so that a browser login is kept"


@dataclass(frozen=True, slots=True)
class Way:
    """How calls are signed in, and under which profile.

    With a given access token, the JWT or a browser login; `hosted` by way of the MCP client, to a server for many.
    """

    kind: Literal["token", "jwt", "code", "hosted"]
    profile: str = "default"


def not_signed_in(*, in_memory: bool = False) -> Refused:
    if in_memory:
        return Refused(
            "not_signed_in",
            "No RingCentral credentials are set, and RINGCENTRAL_TOKEN_STORE=memory does not keep a login.",
            "Set RINGCENTRAL_CLIENT_ID, RINGCENTRAL_CLIENT_SECRET and RINGCENTRAL_JWT where the server is started; "
            f"{_UNSET_MEMORY}; or start it with --simulator, which needs nothing.",
        )
    return Refused(
        "not_signed_in",
        "No RingCentral credentials are set.",
        "Set RINGCENTRAL_CLIENT_ID where the server is started and run `ringcentral-meetings-mcp login` in a terminal; "
        "or set RINGCENTRAL_CLIENT_ID, RINGCENTRAL_CLIENT_SECRET and RINGCENTRAL_JWT; "
        "or start it with --simulator, which needs nothing.",
    )


def invalid_settings(problem: str) -> Refused:
    """Return the error of every call to a server that was started with a setting that is invalid."""
    return Refused(
        "invalid_settings",
        f"The server was started with an invalid setting, and does nothing until it is corrected: {problem}",
        "Ask the person to correct that setting where the server is started (the configuration of the client, or the "
        "env-file) and to restart the server; `ringcentral-meetings-mcp doctor` in a terminal checks the settings.",
    )


def nobody_signed_in(profile: str) -> Refused:
    return Refused(
        "not_signed_in",
        f'Nobody is signed in to RingCentral with the client id that is set (profile "{profile}").',
        f"Run `{login_command(profile)}` in a terminal with the same RINGCENTRAL_CLIENT_ID, or set RINGCENTRAL_JWT; "
        "then call again.",
    )


def no_login_in_memory() -> Refused:
    return Refused(
        "not_signed_in",
        "RINGCENTRAL_TOKEN_STORE=memory does not keep a login, and RINGCENTRAL_JWT is not set.",
        f"Set RINGCENTRAL_JWT where the server is started; {_UNSET_MEMORY}.",
    )


def keyring_closed(profile: str, why: str) -> Refused:
    return Refused(
        "not_signed_in",
        f'The sign-in of profile "{profile}" is in the system\'s keyring, which this process cannot open: {why}.',
        "Unlock the keyring; or set RINGCENTRAL_TOKEN_STORE=file for the server, and run "
        f"`{login_command(profile)}` again with the same setting.",
    )


def keyring_unusable(why: str) -> Refused:
    return Refused(
        "not_signed_in",
        f"RINGCENTRAL_TOKEN_STORE=keyring, and the keyring cannot be used: {why}.",
        "Set RINGCENTRAL_TOKEN_STORE=file for the server and for `login`, or unset it: sign-ins are then kept in files "
        "where there is no keyring.",
    )


def session_ended(profile: str, upstream: Upstream | None = None, *, jwt: bool = False) -> Refused:
    if jwt:
        return Refused(
            "session_expired",
            "RingCentral refused to renew the stored session.",
            f"Run `{_command('logout', profile)}` in a terminal, then call again: the server then signs in with "
            "RINGCENTRAL_JWT.",
            upstream=upstream,
        )
    return Refused(
        "session_expired",
        "The RingCentral session of the last login has expired, or was ended elsewhere.",
        f"Run `{login_command(profile)}` in a terminal, then call again.",
        upstream=upstream,
    )


def hosted_session_ended(upstream: Upstream | None = None) -> Refused:
    """Return the error of a person's call to a server for many, after which the MCP client has to sign in again."""
    return Refused(
        "session_expired",
        "The person's RingCentral session has expired, or was ended elsewhere.",
        "Ask the person to sign in again: disconnect and connect this server in the MCP client, then call again.",
        upstream=upstream,
    )


def foreign_redirect() -> Refused:
    return Refused(
        "not_signed_in",
        "The browser came back with an address that does not belong to this login: its state or code is missing, or "
        "is that of another login.",
        "Run login again, and use only the newest page.",
    )


def consent_refused(oauth_error: str) -> Refused:
    if oauth_error == "access_denied":
        why, step = "Access was refused on RingCentral's page.", "Run login again and allow it there."
    else:
        why = f"RingCentral's page answered with the error {quoted(oauth_error)}."
        step = "Check the app in the developer console: its auth flow, its redirect address and its client id."
    return Refused("not_signed_in", why, step)


def authorize_refused(upstream: Upstream, redirect_uri: str) -> Refused:
    return Refused(
        "not_signed_in",
        "RingCentral has no app with this client id and redirect address.",
        f"Check RINGCENTRAL_CLIENT_ID and RINGCENTRAL_SERVER_URL; the app must list exactly {redirect_uri}.",
        upstream=upstream,
    )


def token_store_unusable(where: str, why: str) -> Refused:
    return Refused(
        "not_signed_in",
        f"{where} cannot be used: {why}.",
        "Repair or delete it and run `ringcentral-meetings-mcp login` again. RINGCENTRAL_TOKEN_STORE=file does not use "
        "the keyring, memory uses neither keyring nor file.",
    )


_WRONG_FLOW: Mapping[str, str] = {
    "jwt": "In the developer console set the app's auth flow to JWT, or use the credentials of an app that has it.",
    "code": "In the developer console set the app's auth flow to the authorization code (3-legged OAuth) flow.",
    "refresh": "In the developer console let the app issue refresh tokens.",
    "hosted": "In the developer console let the app issue refresh tokens.",
}
_FLOW_CODES = frozenset({"OAU-112", "OAU-125", "OAU-250", "OAU-251"})


def sign_in_refused(
    upstream: Upstream,
    oauth_error: str | None,
    grant: Literal["jwt", "refresh", "code", "hosted"] = "jwt",
    way: Way | None = None,
) -> Refused:
    """Return the error for a refusal of the token endpoint.

    Codes: RingCentral developer guide, "Authentication errors".
    """
    code = upstream.error_code
    if code == "CMN-408":
        return Refused(
            "user_permission_missing",
            "The user's role does not allow third-party apps (ThirdPartyAppAccess).",
            "Ask the account's administrator for that permission.",
            upstream=upstream,
        )
    if oauth_error in {"unauthorized_client", "unsupported_grant_type"} or code in _FLOW_CODES:
        return Refused(
            "app_permission_missing",
            "The RingCentral app does not allow this way of signing in.",
            _WRONG_FLOW[grant],
            upstream=upstream,
        )
    if oauth_error == "invalid_client" or code in {"OAU-120", "OAU-121", "OAU-123", "OAU-146", "OAU-153"}:
        return _client_refused(upstream)
    return _grant_refused(upstream, grant, way or Way("code"))


def _client_refused(upstream: Upstream) -> Refused:
    problem, step = {
        "OAU-123": (
            "RingCentral requires this app's client secret.",
            "Set RINGCENTRAL_CLIENT_SECRET to the app's secret in the developer console.",
        ),
        "OAU-146": (
            "RingCentral does not accept the client secret: it does not belong to this client id.",
            "Copy the app's secret from the developer console to RINGCENTRAL_CLIENT_SECRET.",
        ),
        "OAU-153": (
            "RingCentral does not know the client id.",
            "Copy the app's client id from the developer console to RINGCENTRAL_CLIENT_ID.",
        ),
    }.get(
        upstream.error_code or "",
        (
            "RingCentral does not accept the client id and secret.",
            "Check RINGCENTRAL_CLIENT_ID, RINGCENTRAL_CLIENT_SECRET and RINGCENTRAL_SERVER_URL.",
        ),
    )
    return Refused("not_signed_in", problem, step, upstream=upstream)


def _grant_refused(upstream: Upstream, grant: str, way: Way) -> Refused:
    if way.kind == "hosted":
        return hosted_session_ended(upstream)
    if grant == "refresh":
        return session_ended(way.profile, upstream, jwt=way.kind == "jwt")
    if grant == "code":
        return Refused(
            "session_expired",
            "RingCentral does not accept the authorization code: it is valid for a minute, and only once.",
            "Run login again.",
            upstream=upstream,
        )
    return Refused(
        "session_expired",
        "RingCentral does not accept the JWT: it has expired, was revoked, or belongs to another app or server.",
        "Create a new JWT in the developer console and set RINGCENTRAL_JWT.",
        upstream=upstream,
    )


def session_expired(upstream: Upstream, way: Way | None = None) -> Refused:
    return Refused(
        "session_expired",
        "RingCentral does not accept the access token: it has expired, or its session was ended.",
        _renewal(way),
        upstream=upstream,
    )


def _renewal(way: Way | None) -> str:
    """Return the next step after RingCentral refused an access token that had not expired here."""
    if way is None:
        return "Set a new RINGCENTRAL_ACCESS_TOKEN if that is set; else run `ringcentral-meetings-mcp login`."
    if way.kind == "hosted":
        return "Call again; if that fails too, ask the person to sign in again from the MCP client."
    if way.kind == "token":
        return "Set a new RINGCENTRAL_ACCESS_TOKEN where the server is started."
    if way.kind == "jwt":
        return (
            "Call again; if that fails too, check RINGCENTRAL_SERVER_URL, create a new JWT in the developer console "
            "and set RINGCENTRAL_JWT."
        )
    return f"Run `{login_command(way.profile)}` in a terminal, then call again."
