"""What travels through a browser that must neither read nor change it: sealed, for one use, and for a while.

Nothing of it is stored here, so that a flood of requests leaves nothing behind.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ringcentral_meetings.store import KeyRing
from ringcentral_meetings.store.vault import Unopenable, Vault


@dataclass(frozen=True, slots=True)
class Sealer:
    """Seals values for a `use` and an `owner`, whatever stands for the browser or the person who gives them back."""

    vault: Vault = field(repr=False)
    now: Callable[[], float]

    @classmethod
    def of(cls, ring: KeyRing, now: Callable[[], float]) -> "Sealer":
        """Return one with keys of a ring; `now` is in seconds since 1970."""
        return cls(Vault(ring, "browser"), now)

    def seal(self, use: str, value: Mapping[str, Any], owner: str, seconds: float) -> str:
        """Return a value as text that opens for so long."""
        text = json.dumps([self.now() + seconds, value], ensure_ascii=False, separators=(",", ":"))
        sealed = self.vault.seal(text.encode("utf-8", "surrogatepass"), name=use, owner=owner)
        return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, use: str, text: str, owner: str) -> dict[str, Any] | None:
        """Return what was sealed for this use and owner; None where it was not, or where its time is over."""
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            until, value = json.loads(self.vault.open(sealed, name=use, owner=owner))
        except (ValueError, Unopenable):
            return None
        opened: dict[str, Any] = value
        return opened if self.now() < until else None
