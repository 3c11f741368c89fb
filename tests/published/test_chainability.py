"""Every id that a tool needs comes out of another one, and every id that comes out goes in somewhere."""

from typing import Any

import pytest
from mcp_types import Tool

from .schemas import leaf, names, properties
from .sizes import published

TOOLS = published().tools
BY_NAME = {tool.name: tool for tool in TOOLS}
FOR_PEOPLE = {"personal_meeting_id"}
"""Ids that a person reads or dials, and no tool takes."""

each_tool = pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)


def is_id(name: str) -> bool:
    return name.endswith(("_id", "_ids"))


def needed(tool: Tool) -> set[str]:
    return {name for name in tool.input_schema.get("required", []) if is_id(name)}


def taken(tool: Tool) -> set[str]:
    return names(tool.input_schema)


def yielded(tool: Tool) -> set[str]:
    return names(tool.output_schema)


def bare_types(schema: Any) -> Any:
    """The bare types of an input schema, to compare with an output schema."""
    bare = {key: value for key, value in schema.items() if key in {"type", "properties", "items"}}
    if "properties" in bare:
        bare["properties"] = {name: bare_types(child) for name, child in bare["properties"].items()}
    if "items" in bare:
        bare["items"] = bare_types(bare["items"])
    return bare


@each_tool
def test_an_id_that_it_requires_is_named_alike_in_the_result_of_another(tool: Tool) -> None:
    for name in needed(tool):
        assert any(name in yielded(other) for other in TOOLS if other is not tool and name not in needed(other)), name


@each_tool
def test_an_id_that_it_takes_is_in_the_result_of_the_tool_that_its_description_names(tool: Tool) -> None:
    for path, node in properties(tool.input_schema).items():
        if is_id(leaf(path)) and node["type"] == "string":
            sources = [other for other in TOOLS if other.name in node["description"]]
            assert sources, path
            assert all(leaf(path) in yielded(source) for source in sources), path


def test_every_tool_is_reached_in_three_calls_at_most_from_one_that_needs_no_id() -> None:
    reached: set[str] = set()
    known: set[str] = set()
    for _ in range(3):
        reached = {tool.name for tool in TOOLS if needed(tool) <= known}
        known = {name for tool in reached for name in yielded(BY_NAME[tool])}
    assert reached == set(BY_NAME)


@each_tool
def test_no_id_comes_out_that_no_tool_takes(tool: Tool) -> None:
    takes = {name for other in TOOLS for name in taken(other)}
    texts = {leaf(path) for path, node in properties(tool.output_schema).items() if node["type"] == "string"}
    assert {name for name in texts if is_id(name)} - takes <= FOR_PEOPLE


@each_tool
def test_a_page_token_comes_out_where_one_goes_in(tool: Tool) -> None:
    assert ("page_token" in taken(tool)) == ("next_page_token" in yielded(tool))


@each_tool
def test_whose_meetings_is_asked_alike_everywhere(tool: Tool) -> None:
    first = TOOLS[0].input_schema["properties"]["host_id"]
    if "meeting_id" in taken(tool):
        assert tool.input_schema["properties"]["host_id"] == first


def test_what_a_deletion_gives_to_restore_a_meeting_can_be_given_to_create_it() -> None:
    deletion = BY_NAME["delete_meeting"].output_schema
    assert deletion is not None
    creation = bare_types(BY_NAME["create_meeting"].input_schema)["properties"]
    for name, node in deletion["properties"]["restore"]["properties"].items():
        assert bare_types(node) == creation[name], name


@pytest.mark.parametrize("part", ["settings", "recurrence"])
def test_what_get_meeting_shows_is_what_create_and_update_take(part: str) -> None:
    details = BY_NAME["get_meeting"].output_schema
    assert details is not None
    for name in ("create_meeting", "update_meeting"):
        assert bare_types(BY_NAME[name].input_schema["properties"][part]) == bare_types(details["properties"][part])


def test_an_invitation_publishes_the_whole_recurrence_that_it_takes() -> None:
    def undescribed(schema: Any) -> Any:
        if not isinstance(schema, dict):
            return schema
        return {key: undescribed(value) for key, value in schema.items() if key not in {"description", "default"}}

    taken, published_again = (
        undescribed(BY_NAME[name].input_schema["properties"]["recurrence"])
        for name in ("create_meeting", "get_meeting_invitation")
    )
    assert published_again == taken
