"""What the parts of the authorization server give each other.

Facts: RFC 6749 (OAuth 2.0), RFC 7591 (registration), RFC 8707 (resource indicators), and the MCP specification on
authorization, which adds client metadata documents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ringcentral_meetings.store import Session

READ: Final = "meetings.read"
WRITE: Final = "meetings.write"
SCOPES: Final = (READ, WRITE)

AuthMethod = Literal["none", "private_key_jwt", "client_secret_basic", "client_secret_post"]


@dataclass(frozen=True, slots=True)
class Client:
    """An MCP client.

    `name` is what it calls itself, which nobody has checked. `host` is the host that vouches for it, which serves its
    metadata document; empty for one that has registered itself. `redirect_uris` are those that may be used.
    `may_omit_assertion`: its document offers `none` beside `private_key_jwt`, as ChatGPT's does.
    """

    id: str
    kind: Literal["document", "registered", "fixed"]
    name: str
    host: str
    redirect_uris: tuple[str, ...]
    auth_method: AuthMethod = "none"
    uri: str = ""
    secret_digest: str = ""
    jwks_uri: str = ""
    jwks: str = ""
    may_omit_assertion: bool = False


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a client asks for in the browser; `challenge` is the PKCE one, by S256."""

    client_id: str
    redirect_uri: str
    state: str | None
    challenge: str
    resource: str
    scopes: tuple[str, ...]


class OAuthError(Exception):
    """What a client is answered instead; `error` is a code of OAuth's."""

    def __init__(
        self, error: str, description: str, status: int = 400, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Gate:
    """How an authorization server is set up.

    `issuer` is the public origin, without a slash at the end. `document_hosts` are the hosts whose clients' documents
    are read, `*` for all public ones. Limits are requests a minute; that of a person is for tokens, of all clients.
    """

    issuer: str
    document_hosts: tuple[str, ...] = ("*",)
    registration: bool = True
    fixed: tuple[Client, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    default_scopes: tuple[str, ...] = SCOPES
    access_seconds: int = 3_600
    refresh_seconds: int = 30 * 86_400
    absolute_seconds: int = 90 * 86_400
    address_limit: int = 600
    client_limit: int = 3_000
    person_limit: int = 120

    @property
    def is_local(self) -> bool:
        """Whether this is a server for development, on the loopback address of a machine."""
        return urlsplit(self.issuer).hostname in {"localhost", "127.0.0.1", "::1"}

    @property
    def resource(self) -> str:
        """The address of the MCP server, for which tokens are issued."""
        return f"{self.issuer}/mcp"


@dataclass(frozen=True, slots=True)
class SignedInPerson:
    """Somebody who has signed in at RingCentral, and for how many seconds their session there may lie unused."""

    user: str
    account_id: str
    extension_id: str
    name: str
    session_seconds: float


class Declined(Exception):
    """A sign-in at RingCentral that brought nobody.

    `title` and `text` are for the page, `error` is a code of OAuth's.
    """

    def __init__(self, error: str, title: str, text: str) -> None:
        super().__init__(error)
        self.error = error
        self.title = title
        self.text = text


class Upstream(Protocol):
    """RingCentral's side of a sign-in."""

    def authorize_url(self, state: str, verifier: str, *, another_account: bool = False) -> str:
        """Return the address at RingCentral to which the browser goes; `verifier` is our PKCE one."""
        ...

    async def complete(self, code: str, verifier: str) -> SignedInPerson:
        """Exchange RingCentral's code, read whose session it is, admit the person, and store the session.

        Raises `Declined`, `StoreDown`.
        """
        ...

    async def ended(self, session: "Session") -> None:
        """Revoke a session that was taken out of the store, once; a failure is logged."""
        ...

    async def remaining(self, user: str) -> float:
        """Return for how many seconds the person's session may still be renewed, 0 where it is over.

        Raises `StoreDown`.
        """
        ...
