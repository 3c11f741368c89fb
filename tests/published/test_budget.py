"""The bytes that every conversation pays for the tools, called or not.

UPDATE_SNAPSHOTS=1 commits to the present sizes.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from .sizes import DEFINITION_BYTES, INSTRUCTION_BYTES, META_BYTES, OUTPUT_BYTES, published, table

FILE = Path(__file__).parent / "budget.json"
GROWTH = 1.05
HOW = "if it is worth it, run `UPDATE_SNAPSHOTS=1 pytest tests/published` and commit budget.json"
SIZES = published().sizes()
ENTRIES = [(part, name) for part in ("definitions", "outputs") for name in SIZES[part]]


@pytest.fixture(scope="module")
def budget() -> dict[str, Any]:
    if os.environ.get("UPDATE_SNAPSHOTS"):
        FILE.write_text(json.dumps(SIZES, indent=2) + "\n", encoding="utf-8")
    committed: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return committed


def test_the_whole_stays_within_what_clients_carry() -> None:
    assert SIZES["definitions"]["total"] < DEFINITION_BYTES, table(SIZES)
    assert SIZES["outputs"]["total"] < OUTPUT_BYTES, table(SIZES)
    assert SIZES["meta"] < META_BYTES
    assert SIZES["instructions"] < INSTRUCTION_BYTES


@pytest.mark.parametrize("part", ["definitions", "outputs"])
def test_a_tool_is_in_the_budget_and_only_tools_are(part: str, budget: dict[str, Any]) -> None:
    assert set(SIZES[part]) == set(budget[part]), HOW


@pytest.mark.parametrize(
    ("part", "name"), [(part, name) for part in ("definitions", "outputs") for name in SIZES[part]]
)
def test_a_tool_grows_by_five_percent_at_most(part: str, name: str, budget: dict[str, Any]) -> None:
    allowed = budget[part].get(name, 0) * GROWTH
    assert SIZES[part][name] <= allowed, f"{part} of {name} grew by more than 5 %: {HOW}\n{table(SIZES)}"


def test_the_instructions_grow_by_five_percent_at_most(budget: dict[str, Any]) -> None:
    assert SIZES["instructions"] <= budget["instructions"] * GROWTH, f"the instructions grew: {HOW}"
