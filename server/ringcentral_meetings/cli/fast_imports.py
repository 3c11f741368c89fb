"""Imports the MCP SDK and, later, httpx faster, in a process that serves. Nothing here changes what they do.

Start-up is nearly all imports, and a third of that is work that serving never needs: `tests/bench/startup.py` measures
it. Three parts of it are left until something asks for them, by documented means:

- The validators of the protocol's types, some 560 models of which a session uses a tenth: pydantic's `defer_build`.
- The client half of the SDK, which `mcp/__init__.py` imports for `from mcp import Client`: 0.1 s, so that start-up
  takes 1.07 of the time of a bare SDK server, and 1.22 with it. A module's `__getattr__` (PEP 562) imports it later.
- httpx's command line with rich and pygments, and rich for the SDK's logging, which we set up ourselves: `None` in
  `sys.modules` makes an import fail as if the module were missing (import system reference, 5.3.1), and both libraries
  do without theirs.

httpx itself, and all of ours that talks to RingCentral, is imported with the first call (`app.build_server`).
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
    """Import what serving needs. Leaves alone what is imported already."""
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None is documented
    modules.setdefault(_HTTPX_COMMAND, None)
    if "mcp" in sys.modules:
        return
    _defer_init("mcp")
    with _deferred_models():
        import mcp.server.mcpserver  # noqa: F401


@contextmanager
def without_rich() -> Iterator[None]:
    """Keep the SDK from importing rich while a server is built: it would only set up logging, which is done already."""
    with _missing(_RICH):
        yield


@contextmanager
def _missing(name: str) -> Iterator[None]:
    """Let the import of a module fail within, unless it is imported already."""
    if name in sys.modules:
        yield
        return
    modules: dict[str, ModuleType | None] = sys.modules  # type: ignore[assignment]  # None is documented
    modules[name] = None
    try:
        yield
    finally:
        del modules[name]


def _defer_init(package: str) -> None:
    """Let a package count as imported without running its `__init__.py`, which runs when one of its names is missing.

    Its submodules can be imported meanwhile: the import system reads nothing of a package but `__path__` and
    `__spec__`, which are set here. (With the standard library's `LazyLoader` that alone would run `__init__.py`.)
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.loader is None:
        return
    module, run_init = importlib.util.module_from_spec(spec), spec.loader.exec_module

    def run_init_and_get(name: str) -> Any:
        # First, so that a name that __init__.py does not define either is an AttributeError, and not a second run.
        del module.__dict__["__getattr__"]
        run_init(module)
        return getattr(module, name)

    # A module's __getattr__ is called for the names that the module does not have: at first, nearly all.
    module.__dict__["__getattr__"] = run_init_and_get
    sys.modules[package] = module


@contextmanager
def _deferred_models() -> Iterator[None]:
    """Models defined within build their validators on first use."""
    BaseModel.model_config["defer_build"] = True
    try:
        yield
    finally:
        del BaseModel.model_config["defer_build"]
