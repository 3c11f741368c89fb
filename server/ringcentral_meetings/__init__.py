"""A Model Context Protocol server for a person's RingCentral meetings."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
PROGRAM = "ringcentral-meetings-mcp"
"""The name of the command."""

build_server: Callable[..., Any]
"""`app.build_server`. The whole signature here would be a circle: app imports this module."""

if not TYPE_CHECKING:  # a type checker would take every name for one that may exist

    def __getattr__(name: str) -> object:
        """Import `build_server` once it is asked for (PEP 562): it brings the SDK, which `--help` does without."""
        if name != "build_server":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return import_module("ringcentral_meetings.app").build_server
