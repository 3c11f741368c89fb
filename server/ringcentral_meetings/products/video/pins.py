"""The PINs that are chosen for rooms."""

import secrets
from typing import Final

PIN_DIGITS: Final = 12


def new_pin() -> str:
    """Return a PIN that nobody can guess."""
    return str(secrets.randbelow(9 * 10 ** (PIN_DIGITS - 1)) + 10 ** (PIN_DIGITS - 1))
