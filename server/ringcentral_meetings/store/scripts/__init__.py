"""The scripts that the store runs, each as a whole: what must happen once is one of them."""

from functools import cache
from hashlib import sha1
from importlib.resources import files
from typing import Final

NAMES: Final = (
    "take_place",
    "give_back",
    "see_room",
    "learn",
    "hold",
    "held",
    "grant",
    "extend",
    "release",
    "begin",
    "finish",
    "read_note",
    "write_note",
    "remove_note",
    "admit",
    "load_session",
    "put_session",
    "end_session",
    "take_note",
    "first",
    "put_code",
    "read_code",
    "exchange_code",
    "read_refresh",
    "open_call",
    "rotate",
    "end_grants",
    "list_grants",
    "scan",
    "reseal",
)

_NEEDS: Final = {
    "grant": ("lease",),
    "release": ("lease",),
    "write_note": ("note",),
    "remove_note": ("note",),
    "begin": ("lease", "note"),
    "finish": ("lease", "note"),
    **dict.fromkeys(
        (
            "put_code",
            "read_code",
            "exchange_code",
            "read_refresh",
            "open_call",
            "rotate",
            "end_grants",
            "list_grants",
        ),
        ("grants",),
    ),
}
"""The functions that precede a script, by file."""


@cache
def source(name: str) -> str:
    """Return the text of a script."""
    folder = files(__name__)
    return "\n".join((folder / f"{part}.lua").read_text("utf-8") for part in ("common", *_NEEDS.get(name, ()), name))


@cache
def digest(name: str) -> str:
    """Return what the server calls a script."""
    return sha1(source(name).encode(), usedforsecurity=False).hexdigest()
