"""Access tokens, and the seam for where they live.

A store may be shared by several processes of one user: RingCentral ends the oldest of more than about five
sessions per user and app (developer guide, "Access tokens"), so processes that each sign in end each other.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

import anyio


@dataclass(frozen=True, slots=True)
class Token:
    """What the token endpoint issued.

    `expires_at` is in seconds of the platform client's clock, `lifetime` the seconds it was issued for;
    `scope` holds the app scopes granted, separated by spaces; `owner_id` is the user's extension id;
    `by_login` says that a person signed in with a browser, so that no other credential can follow it.
    """

    access_token: str = field(repr=False)
    expires_at: float
    scope: str = ""
    owner_id: str | None = None
    refresh_token: str | None = field(default=None, repr=False)
    lifetime: float = 3_600.0
    by_login: bool = False

    @property
    def renew_at(self) -> float:
        """When to renew: 60 s before the end, or a tenth of the lifetime if that is less."""
        return self.expires_at - min(60.0, self.lifetime / 10)


class TokenStore(Protocol):
    """Where the user's one token lives. Its methods raise `Refused` where it cannot be used.

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
