"""Lets long computations yield to other calls of the process, and be interrupted by their own deadline."""

import time
from typing import Final

from anyio.lowlevel import checkpoint

BUSY_SECONDS: Final = 0.004
"""How long a computation may go on before it yields; an item in progress is finished first."""


class Yielder:
    """Counts the time that a computation has taken on the event loop."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def yield_if_due(self) -> None:
        """Let other tasks run if this one has been busy for long. Call it after every item. Raises if cancelled."""
        if time.perf_counter() - self._since >= BUSY_SECONDS:
            await checkpoint()
            self._since = time.perf_counter()
