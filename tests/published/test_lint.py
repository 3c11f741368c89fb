"""The form of every published tool: what clients cut off, refuse, or search in."""

import re
from typing import Any

import pytest
from mcp_types import Tool

from assistant import at_work

from .schemas import keywords, leaf, nodes, properties
from .sizes import published

TOOLS = published().tools
NAMES = {tool.name for tool in TOOLS}
WIDE = {"create_meeting", "update_meeting", "find_meeting_times"}
COMBINED = {"$ref", "$defs", "definitions", "anyOf", "oneOf", "allOf", "not", "if"}
SHOUTED = {"MUST", "NEVER", "ALWAYS", "NOT", "CRITICAL", "IMPORTANT", "WARNING", "NOTE"}

each_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


def inputs(tool: Tool) -> dict[str, Any]:
    return properties(tool.input_schema)


def test_the_whole_set_is_published_each_tool_once() -> None:
    assert len(TOOLS) == len(NAMES) >= 7


@each_tool
def test_the_name_is_a_verb_and_a_noun_and_short(tool: Tool) -> None:
    assert re.fullmatch(r"(list|get|find|create|update|delete|end)(_[a-z]+)+", tool.name)
    assert len(tool.name) < 40


@each_tool
def test_title_and_first_sentence_say_whose_product_it_is(tool: Tool) -> None:
    first_sentence = re.split(r"[.;](?:\s|$)", tool.description or "")[0]
    assert "RingCentral" in (tool.title or "")
    assert "RingCentral" in first_sentence


@each_tool
def test_the_description_is_short_and_its_first_line_says_what_and_when(tool: Tool) -> None:
    description = tool.description or ""
    first_line = description.splitlines()[0]
    assert 40 <= len(first_line) < 120
    assert first_line.endswith(".")
    assert len(description) <= 1_024


@each_tool
def test_the_description_is_plain_prose(tool: Tool) -> None:
    description = tool.description or ""
    assert not re.search(r"^\s*(Args|Arguments|Parameters|Returns|Raises|Examples?)\s*:", description, re.MULTILINE)
    assert not re.search(r"^[ \t]+|[ \t]+$|\n{3,}", description, re.MULTILINE)
    told = [description, *(node.get("description", "") for node in inputs(tool).values())]
    assert not SHOUTED & set(re.findall(r"\w+", " ".join(told)))


@each_tool
def test_all_four_annotations_are_set(tool: Tool) -> None:
    hints = tool.annotations
    assert hints is not None
    four = (hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint, hints.open_world_hint)
    assert None not in four
    assert hints.open_world_hint is True
    if hints.read_only_hint:
        assert (hints.destructive_hint, hints.idempotent_hint) == (False, True)


@each_tool
def test_every_input_has_one_type_and_a_short_description(tool: Tool) -> None:
    for path, node in nodes(tool.input_schema):
        assert isinstance(node.get("type"), str), path
    for path, node in inputs(tool).items():
        description = node.get("description", "")
        assert 3 <= len(description) <= 160, path
        assert not re.search(r"\s{2,}|\n|^\s|\s$", description), path


@each_tool
def test_a_list_says_what_it_holds(tool: Tool) -> None:
    for path, node in [*nodes(tool.input_schema), *nodes(tool.output_schema)]:
        assert ("items" in node) == (node["type"] == "array"), path


@each_tool
def test_every_object_refuses_what_it_does_not_name(tool: Tool) -> None:
    for path, node in nodes(tool.input_schema):
        if node["type"] == "object":
            assert node["additionalProperties"] is False, path
            assert node["properties"], path
            assert set(node.get("required", [])) <= set(node["properties"]), path


@each_tool
def test_input_schemas_are_flat_and_hold_nothing_generated(tool: Tool) -> None:
    used = keywords(tool.input_schema)
    assert not used & COMBINED
    assert not used & {"title", "$schema", "$id", "nullable", "const", "pattern"}


@each_tool
def test_closed_sets_are_enums(tool: Tool) -> None:
    """An enum names strings, more than one; prose does not list alternatives in its place."""
    for path, node in nodes(tool.input_schema):
        if "enum" in node:
            assert node["type"] == "string", path
            assert len(set(node["enum"])) == len(node["enum"]) > 1, path
        elif node["type"] == "string":
            assert not re.search(r"\bone of\b|\w+ ?\| ?\w+", node.get("description", ""), re.IGNORECASE), path


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("meeting_type", 4),
        ("frequency", 3),
        ("monthly_week", 5),
        ("monthly_weekday", 7),
        ("weekly_days", 7),
        ("audio_options", 2),
        ("auto_record_type", 4),
        ("waiting_room", 4),
        ("transcriptions_mode", 3),
        ("scope", 2),
        ("if_conflict", 2),
    ],
)
def test_the_sets_that_ringcentral_closes_are_closed(name: str, least: int) -> None:
    nodes_named = [node for tool in TOOLS for path, node in inputs(tool).items() if leaf(path) == name]
    assert nodes_named
    for node in nodes_named:
        assert len(node.get("items", node)["enum"]) == least


@each_tool
def test_numbers_are_bounded(tool: Tool) -> None:
    for path, node in inputs(tool).items():
        if node["type"] == "integer":
            assert {"minimum", "maximum"} <= set(node), path
        if node["type"] == "array":
            assert "maxItems" in node or "enum" in node["items"], path


@pytest.mark.anyio
@each_tool
async def test_text_beyond_any_measure_is_refused_by_name_before_any_request(tool: Tool) -> None:
    """The bounds of text are not published: only the server needs them."""
    texts = [name for name, node in tool.input_schema["properties"].items() if node["type"] == "string"]
    required = dict.fromkeys(tool.input_schema.get("required", ()), "1")
    async with at_work() as assistant:
        for name in texts:
            answer = await assistant.call(tool.name, **required | {name: "9" * 5_000})
            assert answer.code == "invalid_arguments"
            assert name in answer.problem["message"]
        assert assistant.simulator.calls == []


@each_tool
def test_a_default_is_a_value_of_its_own_type(tool: Tool) -> None:
    types: dict[str, type] = {"boolean": bool, "integer": int, "string": str}
    for path, node in inputs(tool).items():
        if "default" in node:
            assert type(node["default"]) is types[node["type"]], path
            assert node["default"] in node.get("enum", [node["default"]]), path


@each_tool
def test_a_tool_has_few_parameters(tool: Tool) -> None:
    assert 1 <= len(tool.input_schema["properties"]) <= (12 if tool.name in WIDE else 8)


@each_tool
def test_objects_go_one_level_deep(tool: Tool) -> None:
    for path, node in inputs(tool).items():
        assert node["type"] != "object" or "." not in path, path


@each_tool
def test_the_description_of_an_id_names_the_tool_that_yields_it(tool: Tool) -> None:
    for path, node in inputs(tool).items():
        if leaf(path).endswith(("_id", "_ids")) and node["type"] in {"string", "array"}:
            assert NAMES & set(re.findall(r"\w+", node["description"])), path


@each_tool
def test_an_output_schema_is_an_object_of_types_and_nothing_else(tool: Tool) -> None:
    assert tool.output_schema is not None
    assert tool.output_schema["type"] == "object"
    assert keywords(tool.output_schema) <= {"type", "properties", "required", "items"}
    for path, node in nodes(tool.output_schema):
        assert isinstance(node.get("type"), str), path
        assert set(node.get("required", [])) <= set(node.get("properties", {})), path


@each_tool
def test_every_result_can_say_that_it_is_simulated(tool: Tool) -> None:
    assert tool.output_schema is not None
    assert tool.output_schema["properties"]["simulated"] == {"type": "boolean"}
    assert "simulated" not in tool.output_schema.get("required", [])
