"""What the endpoints of a gate have in common."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ringcentral_meetings.gate.browsers import Browsers
from ringcentral_meetings.gate.clients import Clients
from ringcentral_meetings.gate.records import Gate, Upstream
from ringcentral_meetings.gate.sealing import Sealer
from ringcentral_meetings.gate.throttles import Throttles
from ringcentral_meetings.store import Store


@dataclass(frozen=True, slots=True)
class Parts:
    """A gate, and what it works with; `now` gives seconds since 1970."""

    gate: Gate
    store: Store
    clients: Clients
    upstream: Upstream
    now: Callable[[], float] = time.time
    browsers: Browsers = field(init=False)
    sealer: Sealer = field(init=False)
    throttles: Throttles = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "browsers", Browsers(self.gate, self.store.ring))
        object.__setattr__(self, "sealer", Sealer.of(self.store.ring, self.now))
        object.__setattr__(self, "throttles", Throttles(self.gate, self.store))
