"""Creations with an unknown outcome, remembered until it is known, so that a repeat does not make a second meeting.

A creation is recorded before it is sent, and removed once its outcome is known. The record of one that was killed, or
whose answer was lost, keeps equal ones from being sent. It holds no text of the meeting: whose it is, topic, start and
length are one digest.
"""

import hashlib
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import cache
from typing import Final, TypeVar

import anyio
from pydantic import TypeAdapter, ValidationError
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import MeetingDraft, ProductName
from ringcentral_meetings.platform.api.meetings import OWN
from ringcentral_meetings.platform.limits import Clock
from ringcentral_meetings.products import Creation
from ringcentral_meetings.products.memories import Memories
from ringcentral_meetings.products.writes import Pauses
from ringcentral_meetings.untrusted_text import normalized

RECORD_NAME: Final = "creations"
UNSETTLED_SECONDS: Final = 7 * 24 * 3_600
INSTANT_SECONDS: Final = 3_600
"""How long the creation of an instant meeting is remembered: a later one is another meeting."""

RECENT_SECONDS: Final = 3_600
"""How long a room that was made is remembered, since nothing lists rooms."""

UNSENT_SECONDS: Final = 60
"""After this time a creation that was not sent never will be: a call takes 45 s at most."""

MOST_REMEMBERED: Final = 500
WRITING_SECONDS: Final = 10.0

T = TypeVar("T")

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A creation that was begun; times are seconds since 1970. `pin` is the PIN chosen for a room, `room` its id."""

    id: str
    key: str
    began: float
    until: float
    sent: bool = False
    pin: str | None = None
    room: str | None = None

    def matters(self, now: float) -> bool:
        """Whether it may have made a meeting that nobody knows of, or has made a room that nothing lists."""
        return now < self.until and (self.sent or now < self.began + UNSENT_SECONDS)


class Sight(Enum):
    """What a look for the meeting of an earlier attempt showed, if not the meeting.

    `UNSEEN` may appear later. `UNSEEABLE` cannot be looked for. `GONE` was there, and was deleted or changed.
    """

    UNSEEN = auto()
    UNSEEABLE = auto()
    GONE = auto()


Look = Callable[[Attempt], Awaitable[Creation | Sight]]


@dataclass(slots=True)
class Claim:
    """The right to send a creation while no equal one is sent; `doubtful` if an earlier one may have made a meeting."""

    creations: "Creations"
    attempt: Attempt
    doubtful: bool

    async def sending(self, pin: str | None = None) -> None:
        """Record that it is sent now. Raises `Refused` if that took so long that another may have taken over."""
        self.attempt = replace(self.attempt, sent=True, pin=pin)
        if not await self.creations.note(self.attempt):
            raise errors.out_of_time("The creation")


@dataclass(frozen=True, slots=True)
class Creations:
    """The creations of this installation, of all its users, that may have made a meeting that nobody knows of.

    `place` distinguishes simulated platforms, whose address is the same.
    """

    now: Callable[[], Instant]
    memories: Memories = field(default_factory=Memories)
    place: str = ""

    def key(self, product: ProductName, person: Iterable[str], host: str, draft: MeetingDraft) -> str:
        """Return what equal creations have in common, as a digest: whose they are, the topic, start and length."""
        start = str(draft.start.to_instant()) if draft.start is not None else ""
        at_once = draft.meeting_type == "Instant"
        what = [normalized(draft.topic or ""), start, draft.duration_minutes, at_once]
        parts = json.dumps([self.place, product, *person, host, *what])
        return hashlib.sha256(parts.encode()).hexdigest()[:32]

    async def once(
        self,
        key: str,
        make: Callable[[Claim], Awaitable[Creation]],
        look: Look,
        *,
        clock: Clock,
        unsettled_seconds: int = UNSETTLED_SECONDS,
        made_seconds: int = 0,
        allow_duplicate: bool = False,
    ) -> Creation:
        """Make a meeting, or answer the one of an equal creation, which is looked for as long as the call allows.

        An attempt is remembered for `unsettled_seconds` where its outcome is not known, and for `made_seconds` where
        it made a meeting.

        Raises:
            errors.Refused: `conflict`, if an equal one was sent and its outcome cannot be found out.
        """
        async with self.memories.turns.turn(f"create:{key}"):
            pauses = Pauses(clock)
            while True:
                claim, earlier = await self._begin_attempt(key, unsettled_seconds, allow_duplicate=allow_duplicate)
                if claim is not None:
                    return await self._make(claim, make, earlier, made_seconds)
                found = await self._look_at(earlier, look, made_seconds)
                if isinstance(found, Creation):
                    return found
                if found is Sight.UNSEEABLE or (found is Sight.UNSEEN and not await pauses.pause()):
                    raise errors.creation_unsettled()

    async def note(self, attempt: Attempt) -> bool:
        """Record how far an attempt has come; return False if it is no longer remembered."""

        def edit(attempts: list[Attempt]) -> tuple[list[Attempt], bool]:
            there = any(one.id == attempt.id for one in attempts)
            return [attempt if one.id == attempt.id else one for one in attempts], there

        return await self._change(attempt.key, edit)

    async def _begin_attempt(
        self, key: str, seconds: int, *, allow_duplicate: bool
    ) -> tuple[Claim | None, tuple[Attempt, ...]]:
        """Return the equal attempts, and a claim unless one of them matters (and `allow_duplicate` is not set)."""
        now = self.now().timestamp()
        own = Attempt(secrets.token_hex(8), key, now, now + seconds)

        def edit(attempts: list[Attempt]) -> tuple[list[Attempt], tuple[Attempt, ...]]:
            earlier = tuple(one for one in attempts if one.key == key)
            return (attempts if earlier and not allow_duplicate else [*attempts, own]), earlier

        earlier = await self._change(key, edit)
        if earlier and not allow_duplicate:
            return None, earlier
        return Claim(self, own, any(one.room is None for one in earlier)), earlier

    async def _make(
        self,
        claim: Claim,
        make: Callable[[Claim], Awaitable[Creation]],
        earlier: Collection[Attempt],
        made_seconds: int,
    ) -> Creation:
        """Make the meeting. An attempt that was sent and neither succeeded nor was refused stays recorded."""
        try:
            creation = await make(claim)
        except errors.Refused:
            await self._forget([claim.attempt])
            raise
        except BaseException:
            if not claim.attempt.sent:
                await self._forget([claim.attempt])
            raise
        await self._settle(claim.attempt, creation, made_seconds)
        await self._forget(earlier)
        return creation

    async def _look_at(self, earlier: Collection[Attempt], look: Look, made_seconds: int) -> Creation | Sight:
        """Return the meeting of an equal attempt; else the sight that keeps another from being made, or `GONE`."""
        sights = set()
        for attempt in earlier:
            seen = await look(attempt)
            if isinstance(seen, Creation):
                await self._settle(attempt, seen, made_seconds)
                return seen
            if seen is Sight.GONE:
                await self._forget([attempt])
            in_flight = self.now().timestamp() < attempt.began + UNSENT_SECONDS
            sights.add(Sight.UNSEEN if seen is Sight.UNSEEABLE and in_flight else seen)
        return next((sight for sight in (Sight.UNSEEN, Sight.UNSEEABLE) if sight in sights), Sight.GONE)

    async def _settle(self, attempt: Attempt, creation: Creation, made_seconds: int) -> None:
        """Record the outcome of an attempt. The meeting exists even if that cannot be recorded."""
        until = attempt.began + made_seconds
        if self.now().timestamp() < until:
            with _afterwards():
                await self.note(replace(attempt, sent=True, room=creation.meeting.meeting_id, until=until))
        else:
            await self._forget([attempt])

    async def _forget(self, gone: Collection[Attempt]) -> None:
        """Remove attempts, even if the call is cancelled meanwhile."""
        ids, keys = {attempt.id for attempt in gone}, {attempt.key for attempt in gone}

        def edit(attempts: list[Attempt]) -> tuple[list[Attempt], None]:
            return [one for one in attempts if one.id not in ids], None

        with anyio.move_on_after(WRITING_SECONDS, shield=True), _afterwards():
            for key in keys:
                await self._change(key, edit)

    async def _change(self, key: str, edit: Callable[[list[Attempt]], tuple[list[Attempt], T]]) -> T:
        now = self.now().timestamp()

        def edit_text(text: str | None) -> tuple[str | None, T]:
            known = [attempt for attempt in _parsed_attempts(text) if attempt.matters(now)]
            attempts, result = edit(known)
            kept = sorted(attempts, key=lambda one: (one.room is None, one.began))[-MOST_REMEMBERED:]
            return (_adapter().dump_json(kept).decode() if kept else None), result

        return await self.memories.records(key).change(edit_text)


@contextmanager
def _afterwards() -> Iterator[None]:
    """Go on where nothing can be written down: what it is about has happened, and is what the call answers."""
    try:
        yield
    except errors.MeetingsError as lost:
        logger.warning("What became of a creation was not written down: %s", lost.code)


def host_named(host: str, person: tuple[str, str, str]) -> str:
    """Return the host of a meeting by extension id, where the signed-in user's is known."""
    return person[2] if host == OWN and person[2] else host


@cache
def _adapter() -> TypeAdapter[list[Attempt]]:
    return TypeAdapter(list[Attempt])


def _parsed_attempts(text: str | None) -> list[Attempt]:
    """Return the recorded attempts; none if the record is damaged."""
    if text is None:
        return []
    try:
        return _adapter().validate_json(text)
    except ValidationError:
        logger.warning("The record of unsettled creations is damaged and begun again")
        return []
