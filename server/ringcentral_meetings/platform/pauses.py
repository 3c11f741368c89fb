"""Pauses of long computations, in which other calls of the process run, and at which a deadline can interrupt them."""

import time
from typing import Final

from anyio.lowlevel import checkpoint

BUSY_SECONDS: Final = 0.004
"""How long a computation goes on before others run; an item in progress is finished first."""


class Pauses:
    """Counts the time that a computation takes on the event loop."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def take_if_due(self) -> None:
        """Let others run if it is time. To be called after every item; raises where the call is cancelled."""
        if time.perf_counter() - self._since >= BUSY_SECONDS:
            await checkpoint()
            self._since = time.perf_counter()
