"""Long computations give other calls of the process their turn, and can be interrupted by the deadline of their own."""

import time
from typing import Final

from anyio.lowlevel import checkpoint

BUSY_SECONDS: Final = 0.004
"""How long a computation goes on before it looks after others; an item in progress is finished first."""


class Turns:
    """Counts the time that a computation takes on the event loop."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def give(self) -> None:
        """Let others run if it is their turn. Call this after every item. Raises if the call is cancelled."""
        if time.perf_counter() - self._since >= BUSY_SECONDS:
            await checkpoint()
            self._since = time.perf_counter()
