"""What the form of the store that is in memory keeps in its entries."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HeldLease:
    """A lease, or after its end its generation and who gave it back `last`."""

    owner: str
    until: float
    generation: int
    last: str = ""

    def is_of(self, owner: str, generation: int, now: float) -> bool:
        """Whether it is an owner's, and not over."""
        return bool(owner) and (self.owner, self.generation) == (owner, generation) and self.until > now


@dataclass(frozen=True, slots=True)
class Written:
    """A note or a session."""

    value: bytes
    generation: int
    request: str
    until: float = 0.0
    taken: str = ""


@dataclass(frozen=True, slots=True)
class HeldGrant(Written):
    """A grant, its current refresh token, when it got it, and its absolute end; `request` is that of the rotation."""

    current: str = ""
    at: float = 0.0
    ends: float = 0.0


@dataclass(frozen=True, slots=True)
class HeldCode:
    """A code, `used` by a request or not."""

    grant_id: str
    value: bytes = b""
    grant: bytes = b""
    used: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """The ends of a user's grants, by their ids."""

    ends: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Replaced:
    """The names of a grant's refresh tokens that were replaced."""

    names: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class SameAnswer:
    """The answer that replaced a refresh token by the next."""

    answer: bytes
    next: str
    at: float


@dataclass(frozen=True, slots=True)
class Over:
    """What ending grants came to."""

    grants: int
    last: bool


@dataclass(frozen=True, slots=True)
class Bucket:
    """An inbound limit."""

    level: float
    at: float
