"""Loads every prompt while a distribution is built, so that a mistake in one ends the build with its name and line."""

import ast
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGE = Path("server/ringcentral_meetings")


class PromptCheck(BuildHookInterface):  # type: ignore[type-arg]
    """Run by hatchling before it builds a wheel, a source distribution or an editable install."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        check(Path(self.root))


def check(root: Path) -> None:
    """Load the prompts of a checkout with the server's own loader; raises its `PromptFileError`."""
    _loader(root / PACKAGE / "prompts/files.py").load(root / "prompts", declared_tools(root / PACKAGE / "tools"))


def declared_tools(folder: Path) -> set[str]:
    """The functions that the sources make tools of, `ToolSpec(function, ...)`: nothing can be imported here."""
    calls = (
        node
        for path in sorted(folder.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ToolSpec"
    )
    return {call.args[0].id for call in calls if call.args and isinstance(call.args[0], ast.Name)}


def _loader(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("_prompt_files", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module
