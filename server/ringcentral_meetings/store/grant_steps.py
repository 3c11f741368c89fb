"""The steps of grants and of what leads to them, as a whole or not at all: part of the seam between the two forms.

All that one user's steps touch lies in one slot of a cluster. Codes and tokens come as the names that stand for them,
and the rest is sealed.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final, Literal, Protocol

from ringcentral_meetings.store.records import Outcome, Sealed

LONGEST_GRANT_SECONDS: Final = 90 * 86_400.0
"""How long a grant can be kept alive by its refresh tokens, whatever is asked."""

USED_CODE_SECONDS: Final = 600.0
"""How long a code that was used is remembered, so that its second use is recognised."""


MOST_REPLACED: Final = 4_000
"""How many replaced refresh tokens of a grant are remembered, of 90 days with one an hour all of them."""


@dataclass(frozen=True, slots=True)
class GrantKeys:
    """The keys of one user's grants: what all of them begin with, and the lease under which the session is renewed.

    `scripts/grants.lua` builds the same names.
    """

    prefix: str
    renew: str

    @property
    def index(self) -> str:
        """The ids of the user's grants by their ends, those among them whose code is still to be exchanged."""
        return f"{self.prefix}grants"

    @property
    def session(self) -> str:
        return f"{self.prefix}session"

    @property
    def ended(self) -> str:
        return f"{self.prefix}ended:"

    def code(self, name: str) -> str:
        return f"{self.prefix}code:{name}"

    def grant(self, grant_id: str) -> str:
        return f"{self.prefix}grant:{grant_id}"

    def access(self, name: str) -> str:
        return f"{self.prefix}at:{name}"

    def refresh(self, name: str) -> str:
        return f"{self.prefix}rt:{name}"

    def old(self, grant_id: str) -> str:
        """The refresh tokens of a grant that were replaced."""
        return f"{self.prefix}old:{grant_id}"

    def same(self, name: str) -> str:
        """The answer that replaced a refresh token, for who presents that token again."""
        return f"{self.prefix}same:{name}"

    def over(self, request: str) -> str:
        """What ending grants came to, for the same request."""
        return f"{self.prefix}over:{request}"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens to issue, by their names; the refresh token's time is the grant's as well."""

    access: str
    refresh: str
    access_seconds: float
    refresh_seconds: float


@dataclass(frozen=True, slots=True)
class StoredCode:
    """An authorization code's record, and the grant that it may begin, both sealed for where they lie."""

    grant_id: str
    value: bytes = field(repr=False)
    grant: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A grant as it lies in the store, and how many seconds ago it was given tokens."""

    id: str
    sealed: Sealed
    age: float


@dataclass(frozen=True, slots=True)
class Taken:
    """How many grants a step ended, whether none is left, and the session that went with the last one."""

    grants: int
    last: bool
    session: Sealed | None


@dataclass(frozen=True, slots=True)
class Turned:
    """What became of a refresh token; for `same` the sealed answer of `age` seconds ago."""

    outcome: Outcome
    answer: bytes = field(default=b"", repr=False)
    age: float = 0.0
    taken: Taken | None = None


class GrantSteps(Protocol):
    """What a store does at once with grants. Each method is one trip, and raises `StoreDown`.

    A step is repeated under the same `request` where its answer was lost, and then has the same effect and answer.
    """

    async def take_note(self, key: str, request: str) -> Sealed | None:
        """Take a note out; nobody else gets it."""
        ...

    async def first(self, key: str, request: str, seconds: float) -> bool:
        """Return whether nobody asked of this key within the last `seconds`."""
        ...

    async def put_code(self, keys: GrantKeys, code: str, stored: StoredCode, seconds: float) -> None:
        """Keep a code for so long, and count its grant among the user's."""
        ...

    async def read_code(self, keys: GrantKeys, code: str) -> StoredCode | Literal["used"] | None: ...

    async def exchange_code(self, keys: GrantKeys, code: str, request: str, tokens: Tokens) -> bool:
        """Begin the grant of a code that nobody has used, whose grant was not ended, and remember that it was used."""
        ...

    async def end_grant_of_code(self, keys: GrantKeys, code: str, request: str) -> Taken:
        """End the grant that a used code began."""
        ...

    async def read_refresh(self, keys: GrantKeys, refresh: str) -> StoredGrant | None: ...

    async def rotate(
        self, keys: GrantKeys, refresh: str, request: str, tokens: Tokens, answer: bytes, same_seconds: float
    ) -> Turned:
        """Replace the current refresh token, and keep `answer` for who presents it again within `same_seconds`.

        Where it is not the current one and no answer is kept for it, the grant ends.
        """
        ...

    async def end(self, keys: GrantKeys, grant_id: str | None, request: str) -> Taken:
        """End a grant, or all of the user's with the session; with the last one the session goes as well."""
        ...

    async def end_unused(self, keys: GrantKeys, request: str) -> Taken:
        """End a session for which there is no grant, and no code that may begin one."""
        ...

    async def of_user(self, keys: GrantKeys) -> list[StoredGrant]: ...

    def scan(self, pattern: str) -> AsyncIterator[str]:
        """Yield the keys that match a glob pattern, some perhaps twice, in as many trips as it takes."""
        ...

    async def reseal(self, key: str, generation: int, value: bytes) -> bool:
        """Replace a sealed value of this generation, which keeps it and its end; False where it is another."""
        ...
