"""A tool is found by the words that people use, where clients search by BM25 over what is published.

The phrasings are in phrasings.yaml, and in phrasings_blind.yaml those of somebody who saw only the table of tools,
written before the words of the tools were chosen.
"""

from pathlib import Path

import pytest
import yaml

from .bm25 import ranked, searched_text
from .sizes import published

FIRST = 0.95
"""The share of phrasings for which the right tool comes first."""

AMONG = 3
FILES = ("phrasings.yaml", "phrasings_blind.yaml")
EACH: dict[str, dict[str, list[str]]] = {
    file: yaml.safe_load((Path(__file__).parent / file).read_text(encoding="utf-8")) for file in FILES
}
TOOLS = {tool.name: tool for tool in published().tools}
PHRASINGS = {name: [phrasing for each in EACH.values() for phrasing in each.get(name, [])] for name in TOOLS}
ASKED = [(name, phrasing) for name, phrasings in PHRASINGS.items() for phrasing in phrasings]


TEXTS = {name: searched_text(tool) for name, tool in TOOLS.items()}


def place(name: str, phrasing: str) -> int:
    """Where the tool comes when a phrasing is searched for, from 1; behind those that score the same."""
    scores = dict(ranked(phrasing, TEXTS))
    return sum(1 for score in scores.values() if score >= scores[name])


def best(phrasing: str) -> str:
    return ", ".join(f"{name} {score:.1f}" for name, score in ranked(phrasing, TEXTS)[:AMONG])


@pytest.mark.parametrize("name", TOOLS)
def test_every_tool_is_asked_for_in_several_phrasings(name: str) -> None:
    assert len(set(PHRASINGS.get(name, []))) >= 5


def test_no_phrasing_asks_for_two_tools() -> None:
    phrasings = [phrasing for each in PHRASINGS.values() for phrasing in each]
    assert len(phrasings) == len(set(phrasings)) >= 60


@pytest.mark.parametrize(("name", "phrasing"), ASKED, ids=[f"{name}: {phrasing}" for name, phrasing in ASKED])
def test_the_right_tool_is_among_the_first_three(name: str, phrasing: str) -> None:
    assert place(name, phrasing) <= AMONG, best(phrasing)


@pytest.mark.parametrize("file", FILES)
def test_the_right_tool_comes_first_nineteen_times_out_of_twenty(file: str) -> None:
    asked = [(name, phrasing) for name, phrasings in EACH[file].items() for phrasing in phrasings]
    missed = [f"{name}: {phrasing} ({best(phrasing)})" for name, phrasing in asked if place(name, phrasing) > 1]
    assert len(missed) <= (1 - FIRST) * len(asked), "\n".join(missed)
