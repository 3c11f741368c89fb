"""What one process remembers of RingCentral Video between calls, and the PINs that it chooses for rooms."""

import secrets
from dataclasses import dataclass, field
from typing import Final, Literal
from weakref import WeakValueDictionary

import anyio

PIN_DIGITS: Final = 12


def new_pin() -> str:
    """Return a PIN that nobody can guess."""
    return str(secrets.randbelow(9 * 10 ** (PIN_DIGITS - 1)) + 10 ** (PIN_DIGITS - 1))


@dataclass(slots=True)
class Memory:
    """What one process remembers between calls.

    `pins` is what the platform does with a PIN that the caller chose, which its reference leaves open.
    """

    pins: Literal["untried", "kept", "not_kept"] = "untried"
    _turns: WeakValueDictionary[str, anyio.Lock] = field(default_factory=WeakValueDictionary)

    def turn(self, key: str) -> anyio.Lock:
        """Return the lock under which calls for one personal room are made one after the other."""
        return self._turns.setdefault(key, anyio.Lock())
