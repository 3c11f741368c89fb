"""The shape of the package: no import circle, rooms that import in one direction only, and files of bounded length."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

import ringcentral_meetings

PACKAGE = "ringcentral_meetings"
ROOT = Path(ringcentral_meetings.__file__).parent

MAY_IMPORT = {
    "untrusted_text": (),
    "errors": ("untrusted_text",),
    "domain": ("errors", "untrusted_text"),
    "platform": ("errors", "untrusted_text"),
    "simulator": (),
    "store": (),
}
"""All that these rooms may import of ours, beside themselves."""

MUST_NOT_IMPORT = {
    "protocol": ("products", "tools", "app", "cli"),
    "calendars": ("products", "tools", "app", "cli"),
    "products": ("tools", "app", "cli"),
    "tools": ("app", "cli", "users"),
    "app": ("cli", "users", "hosting"),
    "users": ("app", "cli", "hosting"),
    "hosting": ("cli",),
    "gate": ("app", "cli", "hosting", "users", "tools", "products", "protocol"),
}
"""What lies above a room, or beside it."""

MAY_IMPORT_SIMULATOR = {"cli", "connection"}
MAX_LINES = 399

Graph = dict[str, set[str]]


def module_name(file: Path, root: Path) -> str:
    parts = [PACKAGE, *file.relative_to(root).with_suffix("").parts]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST, package: str) -> Iterator[tuple[str, str | None]]:
    """Yield each import anywhere in a module, as the module named and the name taken from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            source = ".".join([*above, *([node.module] if node.module else [])])
            yield from ((source, alias.name) for alias in node.names)


def module_graph(root: Path) -> Graph:
    """Return the modules under a root by name, each with those that it imports.

    Imports inside functions and under TYPE_CHECKING count. `from package import module` is an import of the
    module; that Python runs the `__init__` of every package on the way does not count.
    """
    files = {module_name(file, root): file for file in root.rglob("*.py")}
    graph: Graph = {}
    for name, file in files.items():
        package = name if file.name == "__init__.py" else name.rpartition(".")[0]
        found = imported(ast.parse(file.read_text("utf-8")), package)
        targets = {f"{source}.{taken}" if f"{source}.{taken}" in files else source for source, taken in found}
        graph[name] = targets & files.keys()
    return graph


def circle(graph: Graph) -> str | None:
    """Return one circle of imports as `a -> b -> a`, None if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return " -> ".join(reversed(error.args[1]))
    return None


def room(module: str) -> str:
    """Return the folder or file right under the package that a module belongs to."""
    return [*module.split("."), ""][1]


def arrows(graph: Graph) -> set[tuple[str, str]]:
    """Return the imports that cross from one room to another, as module names."""
    return {(name, target) for name, targets in graph.items() for target in targets if room(name) != room(target)}


@pytest.fixture(scope="module")
def graph() -> Graph:
    return module_graph(ROOT)


def test_no_modules_import_each_other_in_a_circle(graph: Graph) -> None:
    assert len(graph) > 100
    found = circle(graph)
    assert found is None, f"import circle: {found}"


def test_no_file_is_longer_than_can_be_read_at_once() -> None:
    lines = {str(file.relative_to(ROOT)): len(file.read_text("utf-8").splitlines()) for file in ROOT.rglob("*.py")}
    assert {name: count for name, count in lines.items() if count > MAX_LINES} == {}


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_the_ground_floor_imports_nothing_from_above(graph: Graph, name: str) -> None:
    allowed = MAY_IMPORT[name]
    wrong = [arrow for arrow in arrows(graph) if room(arrow[0]) == name and room(arrow[1]) not in allowed]
    assert wrong == []


@pytest.mark.parametrize("name", MUST_NOT_IMPORT)
def test_a_room_imports_none_of_those_above_it(graph: Graph, name: str) -> None:
    above = MUST_NOT_IMPORT[name]
    wrong = [arrow for arrow in arrows(graph) if room(arrow[0]) == name and room(arrow[1]) in above]
    assert wrong == []


def test_only_the_connection_and_the_command_line_know_the_simulator(graph: Graph) -> None:
    knowing = {room(source) for source, target in arrows(graph) if room(target) == "simulator"}
    assert knowing == MAY_IMPORT_SIMULATOR


def reached(graph: Graph, start: str) -> set[str]:
    """Return the modules that a module imports, directly or by others, at any time."""
    found, todo = {start}, [start]
    while todo:
        further = graph[todo.pop()] - found
        found |= further
        todo += further
    return found


@pytest.mark.parametrize("start", ["app", "cli.serve", "protocol.stdio", "protocol.http", "connection"])
def test_the_server_of_one_person_reaches_nothing_of_what_serves_many(graph: Graph, start: str) -> None:
    found = reached(graph, f"{PACKAGE}.{start}")
    assert len(found) > 1
    assert {
        name for name in found if room(name).startswith("user") or room(name) in {"store", "gate", "hosting"}
    } == set()


def test_imports_in_functions_for_type_checking_and_relative_ones_all_count(tmp_path: Path) -> None:
    sources = {
        "__init__.py": "",
        "a.py": "def late():\n    from ringcentral_meetings import b\n",
        "b.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ringcentral_meetings.c import C\n",
        "c.py": "from .d.e import E\n",
        "d/__init__.py": "from . import e\n",
        "d/e.py": "import ringcentral_meetings.a\n",
    }
    for name, text in sources.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    graph = module_graph(tmp_path)
    assert graph["ringcentral_meetings.d"] == {"ringcentral_meetings.d.e"}
    steps = (circle(graph) or "").replace("ringcentral_meetings.", "").split(" -> ")
    assert sorted(pairwise(steps)) == [("a", "b"), ("b", "c"), ("c", "d.e"), ("d.e", "a")]
