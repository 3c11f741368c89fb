"""Creations with an unknown outcome, remembered until it is known, so that a repeat does not make a second meeting.

A creation is recorded before it is sent, and removed once its outcome is known. The record of one that was killed, or
whose answer was lost, keeps equal ones from being sent. It holds no text of the meeting: whose it is, topic, start and
length are one digest.
"""

import hashlib
import json
import logging
import secrets
from collections.abc import Awaitable, Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import cache
from typing import Final

from pydantic import TypeAdapter, ValidationError
from whenever import Instant

from ringcentral_meetings import errors
from ringcentral_meetings.domain.meeting import MeetingDraft, ProductName
from ringcentral_meetings.platform.api.meetings import OWN
from ringcentral_meetings.platform.limits import Clock
from ringcentral_meetings.platform.records import Beginning, Edit, HeldRecord
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
    record: HeldRecord
    attempt: Attempt
    doubtful: bool

    async def sending(self, pin: str | None = None) -> None:
        """Record that it is sent now, at the latest right before that.

        Raises `Refused` if it took so long until now that another may have taken over.
        """
        self.attempt = replace(self.attempt, sent=True, pin=pin)
        noting = self.creations.noting(self.attempt, or_raise=errors.out_of_time("The creation"))
        await self.record.change_before_request(noting)


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
        begin = self._beginning(key, unsettled_seconds, allow_duplicate=allow_duplicate)
        async with self.memories.creations.turn(f"create:{key}", begin) as (record, begun):
            pauses = Pauses(clock)
            attempt, earlier = begun
            while attempt is None:
                found = await self._look_at(record, earlier, look, made_seconds)
                if isinstance(found, Creation):
                    return found
                if found is Sight.UNSEEABLE or (found is Sight.UNSEEN and not await pauses.pause()):
                    raise errors.creation_unsettled()
                attempt, earlier = await record.change(begin)
            claim = Claim(self, record, attempt, any(one.room is None for one in earlier))
            return await self._make(claim, make, earlier, made_seconds)

    def noting(self, attempt: Attempt, *, or_raise: errors.Refused | None = None) -> Edit[None]:
        """Return the edit that records how far an attempt has come; `or_raise` if it is no longer remembered."""

        def edit(attempts: list[Attempt]) -> tuple[list[Attempt], None]:
            if or_raise is not None and all(one.id != attempt.id for one in attempts):
                raise or_raise
            return [attempt if one.id == attempt.id else one for one in attempts], None

        return self._editing(edit)

    def _beginning(
        self, key: str, seconds: int, *, allow_duplicate: bool
    ) -> Beginning[tuple[Attempt | None, tuple[Attempt, ...]]]:
        """Return the edit that adds an attempt unless an equal one matters (and `allow_duplicate` is not set).

        Its result is the attempt, None if there is none, and the equal ones before it.
        """

        def edit(text: str | None) -> tuple[str, tuple[Attempt | None, tuple[Attempt, ...]]]:
            now = self.now().timestamp()
            attempts = self._remembered(text)
            earlier = tuple(one for one in attempts if one.key == key)
            if earlier and not allow_duplicate:
                return _as_text(attempts), (None, earlier)
            own = Attempt(secrets.token_hex(8), key, now, now + seconds)
            return _as_text([*attempts, own]), (own, earlier)

        return edit

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
            claim.record.change_at_end(self._forgetting([claim.attempt]))
            raise
        except BaseException:
            if not claim.attempt.sent:
                claim.record.change_at_end(self._forgetting([claim.attempt]))
            raise
        self._settle(claim.record, claim.attempt, creation, made_seconds)
        if earlier:
            claim.record.change_at_end(self._forgetting(earlier))
        return creation

    async def _look_at(
        self, record: HeldRecord, earlier: Collection[Attempt], look: Look, made_seconds: int
    ) -> Creation | Sight:
        """Return the meeting of an equal attempt; else the sight that keeps another from being made, or `GONE`."""
        sights = set()
        for attempt in earlier:
            seen = await look(attempt)
            if isinstance(seen, Creation):
                self._settle(record, attempt, seen, made_seconds)
                return seen
            if seen is Sight.GONE:
                await record.change(self._forgetting([attempt]))
            in_flight = self.now().timestamp() < attempt.began + UNSENT_SECONDS
            sights.add(Sight.UNSEEN if seen is Sight.UNSEEABLE and in_flight else seen)
        return next((sight for sight in (Sight.UNSEEN, Sight.UNSEEABLE) if sight in sights), Sight.GONE)

    def _settle(self, record: HeldRecord, attempt: Attempt, creation: Creation, made_seconds: int) -> None:
        """Let the outcome of an attempt be recorded. The meeting exists even if that cannot be done."""
        until = attempt.began + made_seconds
        if self.now().timestamp() < until:
            made = replace(attempt, sent=True, room=creation.meeting.meeting_id, until=until)
            record.change_at_end(self.noting(made))
        else:
            record.change_at_end(self._forgetting([attempt]))

    def _forgetting(self, gone: Collection[Attempt]) -> Edit[None]:
        ids = {attempt.id for attempt in gone}
        return self._editing(lambda attempts: ([one for one in attempts if one.id not in ids], None))

    def _editing(self, edit: Callable[[list[Attempt]], tuple[list[Attempt], None]]) -> Edit[None]:
        def edit_text(text: str | None) -> tuple[str | None, None]:
            attempts, _ = edit(self._remembered(text))
            return (_as_text(attempts) if attempts else None), None

        return edit_text

    def _remembered(self, text: str | None) -> list[Attempt]:
        now = self.now().timestamp()
        return [attempt for attempt in _parsed_attempts(text) if attempt.matters(now)]


def host_named(host: str, person: tuple[str, str, str]) -> str:
    """Return the host of a meeting by extension id, where the signed-in user's is known."""
    return person[2] if host == OWN and person[2] else host


def _as_text(attempts: Iterable[Attempt]) -> str:
    kept = sorted(attempts, key=lambda one: (one.room is None, one.began))[-MOST_REMEMBERED:]
    return _adapter().dump_json(kept).decode()


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
