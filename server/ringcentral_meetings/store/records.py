"""What the shared store takes and gives, and how it fails."""

import logging
from dataclasses import dataclass, field
from typing import Literal

logger = logging.getLogger(__name__)


class StoreDown(Exception):
    """The shared store cannot be used now, and nothing else answers in its place.

    Where a step was sent and its answer did not come, it may have been carried out. `retry_after` is in seconds.
    """

    def __init__(self, reason: str, retry_after: float = 2.0) -> None:
        super().__init__(f"the shared store {reason}")
        self.reason = reason
        self.retry_after = retry_after


def mixed_up(key: str) -> StoreDown:
    """Return what to raise where a value is not what was stored under its key, and log it."""
    logger.error("What the shared store gave under %s was not stored there: it was changed, or mixed up", key)
    return StoreDown("gave a value that was not stored under its name")


class UnsafeStore(Exception):
    """A store that would lose or mix up what is kept in it, so that a host does not start on it. One line."""


class LeaseTaken(Exception):
    """Somebody else held a lease for as long as one was ready to wait; `held_seconds` more at most."""

    def __init__(self, held_seconds: float) -> None:
        super().__init__(f"held by another for {held_seconds:.1f} s at most")
        self.held_seconds = held_seconds


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do something alone for a while.

    A later lease of a name has a higher `generation`, so that what a former owner still writes can be recognised.
    """

    name: str
    owner: str
    generation: int


@dataclass(frozen=True, slots=True)
class Note:
    """A text, and which writing of it this is."""

    text: str = field(repr=False)
    generation: int


@dataclass(frozen=True, slots=True)
class Session:
    """A person's session at RingCentral.

    `expires_in` is how many seconds the access token had left, by the store's clock, as the session was read;
    `lifetime` is how many it was issued for. `account` and `owner_id` are RingCentral's ids of the account and the
    extension. `generation` says which writing this is; 0 for one that was not stored yet.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_in: float
    lifetime: float
    scope: str = ""
    by_login: bool = True
    account: str | None = None
    owner_id: str | None = None
    generation: int = 0


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a window, or `seconds` until there may be one.

    `left` of the `limit` requests may still go within `window` seconds; `others` the platform alone has counted.
    """

    seconds: float
    limit: int
    window: float
    left: int
    others: int


@dataclass(frozen=True, slots=True)
class Room:
    """How many of a group's `limit` requests may go now; `held_seconds` of a penalty are left."""

    left: int
    limit: int
    window: float
    held_seconds: float


@dataclass(frozen=True, slots=True)
class Throttle:
    """An inbound limit: `burst` requests at once, refilled by `per_minute`. `name` says of whom or where from.

    `of_grants`: a request with an access token that has no grant does not count. Whoever knows whose token it would be,
    such as a client that the person has ended, could use up the person's limit otherwise.
    """

    name: str
    per_minute: float
    burst: int
    of_grants: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """What a person has given one MCP client. It lives in the tokens that were issued for it.

    `id` is random, `user` a name of the key ring, `account_id` and `extension_id` are RingCentral's, and `person` is a
    name for pages. `client_id` is what the client is known by, `client` a short name of it. `began` is when the person
    agreed, in seconds since 1970, and `last_used` when tokens were issued for it last, where that was read.
    """

    id: str
    user: str
    account_id: str
    extension_id: str
    person: str
    client_id: str
    client: str
    scopes: tuple[str, ...]
    resource: str
    began: int
    last_used: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """What an authorization code stands for: a grant to begin, and how the client proves that it asked for it.

    `challenge` is the S256 one of RFC 7636.
    """

    grant: Grant
    redirect_uri: str
    challenge: str


@dataclass(frozen=True, slots=True)
class Issued:
    """Tokens that are to be issued, or were. `expires_in` is how many seconds the access token has left."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int
    scopes: tuple[str, ...]


Outcome = Literal["rotated", "same", "reused", "unknown"]


@dataclass(frozen=True, slots=True)
class Ended:
    """What ending grants came to.

    `grants` are those that ended now, `last` says that the user has none any more, and `session` is the one that was
    taken out with the last, to be revoked.
    """

    grants: int
    last: bool
    session: Session | None


@dataclass(frozen=True, slots=True)
class Rotated:
    """What became of a refresh token that was presented.

    `rotated`: it was the current one, and `issued` are the new tokens. `same`: it was replaced a moment ago, and
    `issued` are the tokens that replaced it. `reused`: it had been replaced before, so that two have it, and the grant
    has ended, as `ended` says. `unknown`: there is no grant that it belongs to.
    """

    outcome: Outcome
    issued: Issued | None = None
    ended: Ended | None = None


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many records were resealed, and how many are `left` that no key in the ring opens."""

    count: int
    left: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What the one trip at the beginning of a call gives.

    `wait` is 0, or the seconds until the inbound limits admit the call. `grant` is that of the access token, if one was
    asked of and its grant has not ended.
    """

    session: Session | None
    wait: float
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value as it lies in the store. `seconds` are what a session's access token has left."""

    value: bytes = field(repr=False)
    generation: int
    seconds: float = 0.0
