"""The MCP SDK and httpx, imported at less cost by a process that serves. Nothing here changes what they do.

Start-up is nearly all imports, and a third of those is work that serving never needs: `tests/bench/startup.py`
measures it. Three things are put off until something asks for them, all by means that are documented:

- The validators of the protocol's types, some 560 models of which a session uses a tenth: pydantic's `defer_build`.
- The SDK's client half, which `mcp/__init__.py` imports for whoever writes `from mcp import Client`: a module's own
  `__getattr__` (PEP 562).
- httpx's command line with rich and pygments, and rich for the SDK's own logging, which ours goes before: None in
  `sys.modules` says that a module is not there (import system reference, 5.3.1), and both do without.
"""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

from pydantic import BaseModel

_HTTPX_COMMAND = "httpx._main"
_RICH = "rich.console"


def import_libraries() -> None:
    """Import what serving takes. Does nothing for what is imported already."""
    with _without(_HTTPX_COMMAND):
        import httpx  # noqa: F401
    if "mcp" in sys.modules:
        return
    _put_off("mcp")
    with _deferred_models():
        import mcp.server.mcpserver  # noqa: F401


@contextmanager
def without_rich() -> Iterator[None]:
    """For building the server where logging is set up already: the SDK looks for rich to do so itself."""
    with _without(_RICH):
        yield


@contextmanager
def _without(name: str) -> Iterator[None]:
    if name in sys.modules:
        yield
        return
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None is documented
    modules[name] = None
    try:
        yield
    finally:
        del modules[name]


def _put_off(package: str) -> None:
    """Let a package be there without having run; it runs when a name is first looked up in it."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.loader is None:
        return
    module, loader = importlib.util.module_from_spec(spec), spec.loader

    def run_first(name: str) -> Any:
        del module.__dict__["__getattr__"]
        loader.exec_module(module)
        return getattr(module, name)

    module.__dict__["__getattr__"] = run_first
    sys.modules[package] = module


@contextmanager
def _deferred_models() -> Iterator[None]:
    """Models defined within build their validators on first use."""
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
