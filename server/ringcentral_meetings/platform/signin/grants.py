"""The ways to obtain a token: a JWT, a code that a browser brought back, a refresh token.

Facts: RingCentral developer guide, "Authentication"; RFC 6749.
"""

import base64
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal, Protocol
from urllib.parse import urlencode

import httpx

from ringcentral_meetings import errors
from ringcentral_meetings.platform.signin.tokens import Token

TOKEN_PATH: Final = "/restapi/oauth/token"  # noqa: S105 (a path, not a secret)
REVOKE_PATH: Final = "/restapi/oauth/revoke"
JWT_GRANT: Final = "urn:ietf:params:oauth:grant-type:jwt-bearer"

GrantKind = Literal["jwt", "refresh", "code", "hosted"]


@dataclass(frozen=True, slots=True)
class App:
    """An app of the developer console. Without `client_secret` it is a public one and names itself in the body.

    `server_url` is the platform's root. `session_seconds` is how long a session may lie unused, for which it is
    asked by `refresh_token_ttl` (30 days at most); None is what it gives by default.
    """

    server_url: str
    client_id: str
    client_secret: str | None = field(default=None, repr=False)
    session_seconds: int | None = None

    def url(self, path: str) -> str:
        """Return the address of a path of the platform."""
        return self.server_url.rstrip("/") + path

    def post(self, path: str, form: dict[str, str]) -> httpx.Request:
        """Return a request of the Auth group: HTTP Basic for an app with a secret, else `client_id` in the form.

        Basic with an empty secret is refused (github.com/ringcentral/ringcentral-js, issue 182).
        """
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if self.client_secret:
            pair = f"{self.client_id}:{self.client_secret}".encode(errors="replace")
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        else:
            form = {**form, "client_id": self.client_id}
        content = urlencode(form, errors="replace").encode()
        return httpx.Request("POST", self.url(path), headers=headers, content=content)


class Grant(Protocol):
    """What an app presents if no refresh token can be used."""

    @property
    def app(self) -> App: ...

    @property
    def kind(self) -> Literal["jwt", "code", "hosted"]: ...

    @property
    def profile(self) -> str:
        """The profile under which `login` stores a session."""
        ...

    def token_request(self, held: Token | None, refused: errors.Upstream | None = None) -> httpx.Request:
        """Return the request to the token endpoint.

        `held` is the stored token that is to be replaced, `refused` RingCentral's answer to its refresh token.
        Raises `Refused` if there is nothing to present.
        """
        ...


@dataclass(frozen=True, slots=True)
class JwtGrant:
    """Signs in with a JWT credential of the developer console, the same one each time."""

    app: App
    jwt: str = field(repr=False)
    profile: str = "default"

    kind: ClassVar[Literal["jwt"]] = "jwt"

    def token_request(self, held: Token | None, refused: errors.Upstream | None = None) -> httpx.Request:  # noqa: ARG002
        return self.app.post(TOKEN_PATH, {"grant_type": JWT_GRANT, "assertion": self.jwt})


@dataclass(frozen=True, slots=True)
class LoginGrant:
    """Relies on the session that `login` stored; `in_memory` says that none can be stored."""

    app: App
    profile: str = "default"
    in_memory: bool = False

    kind: ClassVar[Literal["code"]] = "code"

    def token_request(self, held: Token | None, refused: errors.Upstream | None = None) -> httpx.Request:
        if self.in_memory:
            raise errors.no_login_in_memory()
        if held is None:
            raise errors.nobody_signed_in(self.profile)
        raise errors.session_ended(self.profile, refused)


@dataclass(frozen=True, slots=True)
class CodeGrant:
    """Presents the code that the browser brought back, once."""

    app: App
    code: str = field(repr=False)
    redirect_uri: str
    verifier: str = field(repr=False)
    profile: str = "default"

    kind: ClassVar[Literal["code"]] = "code"

    def token_request(self, held: Token | None, refused: errors.Upstream | None = None) -> httpx.Request:  # noqa: ARG002
        form = {"grant_type": "authorization_code", "code": self.code, "redirect_uri": self.redirect_uri}
        return self.app.post(TOKEN_PATH, {**form, "code_verifier": self.verifier, **_lasting(self.app)})


@dataclass(frozen=True, slots=True)
class HostedGrant:
    """Relies on the session of a person of a host. Once it has ended, the MCP client has to sign in again."""

    app: App
    profile: str = "default"

    kind: ClassVar[Literal["hosted"]] = "hosted"

    def token_request(self, held: Token | None, refused: errors.Upstream | None = None) -> httpx.Request:  # noqa: ARG002
        raise errors.hosted_session_ended(refused)


def renewal_request(app: App, refresh_token: str) -> httpx.Request:
    """Return the request that exchanges a refresh token, which is valid once, for a new pair of tokens."""
    form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    return app.post(TOKEN_PATH, form | _lasting(app))


def _lasting(app: App) -> dict[str, str]:
    return {} if app.session_seconds is None else {"refresh_token_ttl": str(app.session_seconds)}


def revoke_request(app: App, token: Token) -> httpx.Request:
    """Return the request that ends the session of a token, on every device that shares it."""
    return app.post(REVOKE_PATH, {"token": token.refresh_token or token.access_token})
