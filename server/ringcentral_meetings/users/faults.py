"""What becomes of a store that is down: the error of the call that needed it, or a line in the log."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ringcentral_meetings import errors
from ringcentral_meetings.store import LeaseTaken, StoreDown

logger = logging.getLogger(__name__)


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn a store that is down, or a turn that somebody else keeps, into the error of the call."""
    try:
        yield
    except StoreDown as down:
        raise errors.store_down(down.retry_after) from down
    except LeaseTaken as taken:
        raise errors.taken("The call", taken.held_seconds) from taken


@contextmanager
def told_in_vain(what: str) -> Iterator[None]:
    """Log that `what` could not be shared where the store is down, and go on."""
    try:
        yield
    except StoreDown as down:
        logger.warning("%s was not shared with the replicas: %s", what, down)
