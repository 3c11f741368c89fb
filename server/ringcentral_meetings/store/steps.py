"""The steps that a store carries out as a whole or not at all: the seam between its two forms.

A step is repeated under the same `request` where its answer was lost, and then has the same effect and answer. All
times are the store's own. Names are of keys; each method is one trip.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from ringcentral_meetings.store.grant_steps import GrantKeys, GrantSteps, StoredGrant
from ringcentral_meetings.store.records import Place, Room, Sealed, Throttle

OnTrip = Callable[[str, str, float], None]
"""Called after each trip with the step, `ok` or `down`, and the seconds it took."""

WINDOW_SECONDS: Final = 60.0
LIMIT_KEPT_SECONDS: Final = 3_600.0
"""How long a limit that the platform named is heeded."""

GENERATION_KEPT_SECONDS: Final = 3_600.0
"""How long after its end a lease's generation is remembered."""

ANSWER_KEPT_SECONDS: Final = 60.0
"""How long a session that was taken out is given again to the same request."""


def new_request() -> str:
    """Return a name under which a step may be repeated."""
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Group:
    """The keys of one user's plan group: who is in its window, what is known of it, and its penalty."""

    sent: str
    limit: str
    held: str
    default: int


@dataclass(frozen=True, slots=True)
class NoteChange:
    """A note to write and keep for so long, or without a `value` to remove, over a generation: None any, 0 none."""

    key: str
    request: str
    value: bytes | None
    seconds: float
    over: int | None


NoteAnswer = tuple[int, Sealed | None]
"""The new generation of a note; else 0, and what is there instead of the generation to write over."""


class Steps(Protocol):
    """What a store does at once. Each method raises `StoreDown`."""

    @property
    def grants(self) -> GrantSteps:
        """What it does with grants."""
        ...

    async def take_place(self, group: Group, request: str, penalties: Sequence[str]) -> Place:
        """Take a place under the name `request`, where neither the window nor a penalty is in the way."""
        ...

    async def take_place_noting(
        self, group: Group, request: str, penalties: Sequence[str], notes: Sequence[NoteChange]
    ) -> tuple[Place, list[NoteAnswer]]:
        """Take a place as `take_place` does, and write notes, whether there is a place or not."""
        ...

    async def see_place(self, group: Group, ahead: int, penalties: Sequence[str]) -> Place:
        """Say when there will be a place with `ahead` others going before, and take none."""
        ...

    async def see_rooms(self, groups: Mapping[str, Group], penalties: Sequence[str]) -> dict[str, Room]: ...

    async def learn(self, group: Group, limit: int | None, window: float | None, remaining: int | None) -> None: ...

    async def hold(self, key: str, seconds: float) -> None:
        """Lengthen a penalty to `seconds` from now; never shorten it."""
        ...

    async def grant(self, key: str, owner: str, seconds: float) -> tuple[int, float]:
        """Return the generation of the lease; else 0, and the seconds that another holds it at most."""
        ...

    async def extend(self, key: str, owner: str, generation: int, seconds: float) -> bool: ...

    async def release(self, key: str, owner: str, generation: int) -> bool: ...

    async def begin(self, key: str, owner: str, seconds: float, note: NoteChange) -> tuple[int, float, NoteAnswer]:
        """Grant a lease as `grant` does, and where that is done write a note in the same slot."""
        ...

    async def finish(self, key: str, owner: str, generation: int, note: NoteChange) -> bool:
        """Change a note, and release a lease in the same slot.

        Neither is done, and False returned, where the note is not of the generation to be changed.
        """
        ...

    async def read_note(self, key: str) -> Sealed | None: ...

    async def read_notes(self, keys: Sequence[str]) -> list[Sealed | None]: ...

    async def write_note(
        self, key: str, request: str, value: bytes, seconds: float, over: int | None
    ) -> NoteAnswer: ...

    async def remove_note(self, key: str, over: int | None) -> bool: ...

    async def open_call(
        self,
        session: str,
        throttles: Sequence[tuple[str, Throttle]],
        access: tuple[GrantKeys, str] | None = None,
    ) -> tuple[Sealed | None, float, StoredGrant | None]:
        """Count a call against inbound limits, each by its key, and read a session, and the grant of an access token.

        Return the seconds to wait between the two. `access` is the user's keys, and the token's among them.
        """
        ...

    async def seconds_left(self, key: str) -> float:
        """Return for how many seconds something is kept; 0 where it is not there."""
        ...

    async def put_session(self, keys: "SessionKeys", request: str, put: "Put") -> tuple[int, Sealed | None]:
        """Return the new generation; else 0, and what is there."""
        ...

    async def end_session(self, keys: "SessionKeys", request: str) -> Sealed | None:
        """Take a session out, so that neither a lease nor a late writer brings it back."""
        ...

    async def check(self) -> list[str]:
        """Look at the store as a whole, and return advice on it. Raises `UnsafeStore`."""
        ...

    async def ping(self) -> None: ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class SessionKeys:
    """Where a session is, the lease under which it is renewed, and what precedes the keys of those taken out."""

    session: str
    renew: str
    ended: str


@dataclass(frozen=True, slots=True)
class Put:
    """A session to store.

    It is stored over the generation `over` (0: where there is none), or where `owner` holds the lease `generation`.
    """

    value: bytes
    seconds: float
    ends_in: float
    over: int
    owner: str = ""
    generation: int = 0
