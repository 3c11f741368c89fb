"""What the shared store takes and gives, and how it fails."""

import logging
from dataclasses import dataclass, field

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
    """An inbound limit: `burst` requests at once, refilled by `per_minute`. `name` says of whom or where from."""

    name: str
    per_minute: float
    burst: int


@dataclass(frozen=True, slots=True)
class Opened:
    """What the one trip at the beginning of a call gives.

    `wait` is 0, or the seconds until the inbound limits admit the call.
    """

    session: Session | None
    wait: float


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value as it lies in the store. `seconds` are what a session's access token has left."""

    value: bytes = field(repr=False)
    generation: int
    seconds: float = 0.0
