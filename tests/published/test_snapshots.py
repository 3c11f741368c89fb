"""What is published, word for word, so that each change of it is seen in a diff.

UPDATE_SNAPSHOTS=1 writes the snapshots anew.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from mcp_types import Tool

from ringcentral_meetings import __version__

from .sizes import definition, published

FOLDER = Path(__file__).parent / "snapshots"
HOW = "run `UPDATE_SNAPSHOTS=1 pytest tests/published` and review the diff"
NOW = published()


def snapshot(tool: Tool) -> dict[str, Any]:
    assert tool.annotations is not None
    annotations = tool.annotations.model_dump(mode="json", by_alias=True, exclude_none=True)
    return definition(tool) | {"outputSchema": tool.output_schema, "annotations": annotations}


def pretty(tool: Tool) -> str:
    return json.dumps(snapshot(tool), indent=2, ensure_ascii=False) + "\n"


def discovery() -> str:
    """The answer to server/discover, without the version, which each release changes."""
    return json.dumps(NOW.discovered, indent=2).replace(f'"{__version__}"', '"VERSION"') + "\n"


TEXTS = {f"{tool.name}.json": pretty(tool) for tool in NOW.tools} | {
    "instructions.txt": NOW.instructions + "\n",
    "discover.json": discovery(),
}


@pytest.fixture(scope="module", autouse=True)
def updated() -> None:
    if not os.environ.get("UPDATE_SNAPSHOTS"):
        return
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.iterdir():
        stale.unlink()
    for name, text in TEXTS.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize("name", TEXTS)
def test_it_is_published_as_it_was_reviewed(name: str) -> None:
    path = FOLDER / name
    assert path.is_file(), f"{name} has no snapshot: {HOW}"
    assert TEXTS[name] == path.read_text(encoding="utf-8"), f"{name} is published otherwise: {HOW}"


def test_no_snapshot_is_left_of_what_is_no_longer_published() -> None:
    assert {path.name for path in FOLDER.iterdir()} - set(TEXTS) == set(), HOW
