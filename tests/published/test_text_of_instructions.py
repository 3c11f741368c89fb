"""What texts for a model name, exists: a wrong name sends it looking for what is not there."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import ringcentral_meetings
from ringcentral_meetings.app import READ_TOOLS, WRITE_TOOLS
from ringcentral_meetings.errors import Code

from .schemas import names, nodes
from .sizes import published

PACKAGE = Path(ringcentral_meetings.__file__).parent
NOW = published()
TOOL_NAMES = {tool.name for tool in NOW.tools}
VERBS = "|".join(sorted({name.partition("_")[0] for name in TOOL_NAMES} | {"cancel", "schedule", "search", "read"}))
TOOL_LIKE = re.compile(rf"\b(?:{VERBS})_\w*meetings?\w*\b")

FIELDS_OF_AN_ERROR = {"next_step"}
KNOWN = (
    TOOL_NAMES
    | FIELDS_OF_AN_ERROR
    | set(get_args(Code))
    | {name for tool in NOW.tools for schema in (tool.input_schema, tool.output_schema) for name in names(schema)}
    | {value for tool in NOW.tools for _, node in nodes(tool.input_schema) for value in node.get("enum", [])}
)


def texts(module: Path) -> Iterator[str]:
    """The strings of a module that are not docstrings, those within f-strings included."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def prose(module: Path) -> Iterator[str]:
    return (text for text in texts(module) if " " in text.strip())


def snake_case(text: str) -> set[str]:
    return set(re.findall(r"(?<![\w.])[a-z]+(?:_[a-z]+)+(?!\w)", text))


PUBLISHED_TEXTS = {"instructions": NOW.instructions} | {
    f"{tool.name}{'.' + path if path else ''}": node.get("description", tool.description or "")
    for tool in NOW.tools
    for path, node in nodes(tool.input_schema)
}
HINTS = [hint for spec in (*READ_TOOLS, *WRITE_TOOLS) for hint in spec.hints.values()]
MODULES = sorted(
    path for path in PACKAGE.rglob("*.py") if path.relative_to(PACKAGE).parts[0] not in {"simulator", "cli"}
)

ERRORS = sorted((PACKAGE / "errors").glob("*.py"))


@pytest.mark.parametrize("text", PUBLISHED_TEXTS.values(), ids=PUBLISHED_TEXTS)
def test_a_name_in_what_is_published_exists(text: str) -> None:
    assert snake_case(text) - KNOWN == set()


@pytest.mark.parametrize("text", HINTS)
def test_a_name_in_a_hint_exists(text: str) -> None:
    assert snake_case(text) - KNOWN == set()


def test_a_name_in_an_error_exists() -> None:
    worded = {name for module in ERRORS for text in prose(module) for name in snake_case(text)}
    assert worded - KNOWN == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_module_words_the_name_of_a_tool_that_does_not_exist(module: Path) -> None:
    worded = {name for text in prose(module) for name in TOOL_LIKE.findall(text)}
    assert worded - KNOWN == set()


def test_a_tool_that_an_error_says_to_give_something_does_give_it() -> None:
    outputs = {tool.name: names(tool.output_schema) for tool in NOW.tools}
    promises = [
        (tool, name)
        for module in ERRORS
        for text in texts(module)
        for tool, promised in re.findall(r"\b(\w+) (?:gives|shows) ([^.;:]*)", text)
        for name in snake_case(promised)
        if tool in outputs
    ]
    assert promises
    assert [promise for promise in promises if promise[1] not in outputs[promise[0]]] == []


def test_errors_and_instructions_do_name_tools() -> None:
    in_errors = {name for module in ERRORS for text in texts(module) for name in snake_case(text)} & TOOL_NAMES
    in_instructions = snake_case(NOW.instructions) & TOOL_NAMES
    assert {"list_meetings", "create_meeting", "get_meeting"} <= in_errors
    assert {"list_meetings", "create_meeting"} <= in_instructions


@pytest.mark.parametrize(
    "said",
    ["meeting_id", "occurrence_id", "time_zone", "expected_topic", "expected_start", "next_step", "outcome_unknown"],
)
def test_the_instructions_explain_what_no_single_tool_can(said: str) -> None:
    assert said in snake_case(NOW.instructions)


def test_the_instructions_say_what_the_server_does_not_do() -> None:
    assert "no attendees" in NOW.instructions
    assert "sends no invitations" in NOW.instructions
    assert "made-up data" in NOW.instructions


def test_nothing_published_is_frozen_at_the_start_of_the_process() -> None:
    everything = " ".join(PUBLISHED_TEXTS.values())
    assert not re.search(r"\b(current|today's) (time|date) is\b|\bit is now\b", everything, re.IGNORECASE)
