"""What one process remembers of the rooms that it created, since nothing lists them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal
from weakref import WeakValueDictionary

import anyio
from whenever import Instant

from ringcentral_meetings import errors

PIN_DIGITS: Final = 12
REMEMBERED_HOURS: Final = 1
REMEMBERED_ROOMS: Final = 500


@dataclass(slots=True)
class Attempt:
    """A creation that was sent: where to look for its room. For a while a repeat of it is taken for the same."""

    began: Instant
    pin: str | None = None
    bridge_id: str | None = None

    def choose_pin(self) -> None:
        """Choose a PIN that nobody can guess."""
        self.pin = str(secrets.randbelow(9 * 10 ** (PIN_DIGITS - 1)) + 10 ** (PIN_DIGITS - 1))


@dataclass(slots=True)
class Memory:
    """What one process remembers between calls.

    `pins` is what the platform does with a PIN that the caller chose, which its reference leaves open.
    """

    pins: Literal["untried", "kept", "not_kept"] = "untried"
    attempts: dict[str, Attempt] = field(default_factory=dict)
    _turns: WeakValueDictionary[str, anyio.Lock] = field(default_factory=WeakValueDictionary)

    def turn(self, key: str) -> anyio.Lock:
        """The lock under which equal creations are made one after the other."""
        return self._turns.setdefault(key, anyio.Lock())

    def attempt(self, key: str, now: Instant) -> Attempt | None:
        """The last creation of this kind, while it is remembered."""
        for known, attempt in list(self.attempts.items()):
            if attempt.began.add(hours=REMEMBERED_HOURS) <= now or len(self.attempts) > REMEMBERED_ROOMS:
                del self.attempts[known]
        return self.attempts.get(key)

    @contextmanager
    def remembering(self, key: str, attempt: Attempt) -> Iterator[None]:
        """Remember an attempt instead of the one before it, which is back where nothing was done within."""
        before = self.attempts.get(key)
        self.attempts[key] = attempt
        try:
            yield
        except errors.Refused:
            del self.attempts[key]
            if before is not None:
                self.attempts[key] = before
            raise
