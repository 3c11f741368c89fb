"""Access tokens as the token endpoint issues them, and the protocol of the stores that keep them.

A store may be shared by several processes of one user: RingCentral ends the oldest of more than about five
sessions per user and app (developer guide, "Access tokens"), so processes that each sign in end each other.
"""

import re
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import anyio

ASSUMED_LIFETIME_SECONDS: Final = 600.0
"""How long a token is taken to last where the token endpoint does not say."""

_TOKEN68 = re.compile(r"[!-~]+")


@dataclass(frozen=True, slots=True)
class Token:
    """What the token endpoint issued.

    `expires_at` is in seconds of the platform client's clock, `lifetime` the seconds it was issued for;
    `scope` holds the app scopes granted, separated by spaces; `owner_id` is the user's extension id;
    `by_login` says that a person signed in with a browser, so that no other credential can follow it;
    `refresh_lifetime` is the seconds that the refresh token was issued for, None if the answer did not say.
    """

    access_token: str = field(repr=False)
    expires_at: float
    scope: str = ""
    owner_id: str | None = None
    refresh_token: str | None = field(default=None, repr=False)
    lifetime: float = 3_600.0
    by_login: bool = False
    refresh_lifetime: float | None = None

    @property
    def renew_at(self) -> float:
        """When to renew: 60 s before the end, or a tenth of the lifetime if that is less."""
        return self.expires_at - min(60.0, self.lifetime / 10)


def is_token(text: str) -> bool:
    """Return whether a text can go into an `Authorization` header: printable ASCII without spaces."""
    return _TOKEN68.fullmatch(text) is not None


def read_token(body: dict[str, Any], asked_at: float) -> Token | None:
    """Return the token in an answer of the token endpoint, if there is one; `asked_at` is the clock at the request."""
    access_token, owner = body.get("access_token"), body.get("owner_id")
    if not isinstance(access_token, str) or not is_token(access_token):
        return None
    lifetime = _seconds(body.get("expires_in")) or ASSUMED_LIFETIME_SECONDS
    return Token(
        access_token=access_token,
        expires_at=asked_at + lifetime,
        scope=_text(body.get("scope")) or "",
        owner_id=str(owner) if isinstance(owner, str | int) else None,
        refresh_token=_text(body.get("refresh_token")),
        lifetime=lifetime,
        refresh_lifetime=_seconds(body.get("refresh_token_expires_in")),
    )


def _seconds(value: object) -> float | None:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value[:9])
    return float(value) if isinstance(value, int | float) and 0 < value < 1e9 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


class TokenStore(Protocol):
    """Where the user's one token is kept. Its methods raise `Refused` if that cannot be used.

    Whoever renews holds `exclusive()` from reading the old token to saving the new one. A store that outlives
    the process translates `expires_at` between its own clock and the platform client's.
    """

    def exclusive(self) -> AbstractAsyncContextManager[object]: ...

    async def load(self) -> Token | None: ...

    async def save(self, token: Token) -> None: ...

    async def clear(self) -> None: ...


class MemoryTokenStore:
    """A token for this process alone."""

    def __init__(self) -> None:
        self._token: Token | None = None
        self._lock = anyio.Lock()

    def exclusive(self) -> AbstractAsyncContextManager[object]:
        return self._lock

    async def load(self) -> Token | None:
        return self._token

    async def save(self, token: Token) -> None:
        self._token = token

    async def clear(self) -> None:
        self._token = None
