"""Cost per call over HTTP, in both protocol eras: what `calls` measures over stdio."""

from typing import Any

from .calls import run_way


def run(*, quick: bool) -> tuple[str, dict[str, Any]]:
    """The table, and what is in it as JSON."""
    return run_way("http", quick=quick)
