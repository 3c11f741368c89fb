"""The time zone of a call: the one given, else that of the settings, else that of the user's account."""

from dataclasses import dataclass
from typing import Literal

ZoneSource = Literal["argument", "setting", "account", "meeting", "fallback"]


@dataclass(frozen=True, slots=True)
class Zone:
    """The IANA time zone in which times are read and shown, and where it came from."""

    name: str
    source: ZoneSource


def default_zone(setting: str | None, account: str | None) -> Zone:
    """Return the zone of a call that names none; UTC, with the source "fallback", if none is known."""
    if setting is not None:
        return Zone(setting, "setting")
    return Zone(account, "account") if account else Zone("UTC", "fallback")
