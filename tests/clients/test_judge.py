"""What the judge of the clients notices."""

import copy
from typing import Any

import pytest

from clients.judge import findings
from clients.plan import Plan, Report, Script, Seen, Step

FIND = {
    "name": "find",
    "title": "Find",
    "description": "Finds things.",
    "inputSchema": {
        "type": "object",
        "properties": {
            "limit": {"type": "integer", "minimum": 1, "maximum": 9, "description": "How many"},
            "kind": {"type": "string", "enum": ["a", "b"]},
        },
        "required": ["limit"],
    },
    "outputSchema": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
}
PLAN = Plan(
    command=[],
    url=None,
    tools=[FIND],
    steps=[
        Step("read", "find", {"limit": 1}, {"id": "7"}),
        Step("wrong", "find", {"limit": 0}, {"error": {"code": "bad"}}, is_error=True, mentions="limit"),
    ],
    report="",
)


@pytest.fixture
def report() -> Report:
    """Of a client that shows everything as it is."""
    return Report(
        "a client",
        shows=["title"],
        tools=[copy.deepcopy(FIND)],
        steps={
            "read": Seen('{"id":"7","more":1}', is_error=False, structured={"id": "7", "more": 1}),
            "wrong": Seen('{"error":{"code":"bad","message":"limit is 0"}}', is_error=True),
        },
        questions=["Sure?"],
    )


def test_a_client_that_shows_everything_as_it_is_passes(report: Report) -> None:
    assert findings(PLAN, report) == []


def test_what_a_client_adds_to_a_schema_is_no_loss(report: Report) -> None:
    report.tools[0]["inputSchema"]["properties"]["limit"]["title"] = "Limit"

    assert findings(PLAN, report) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["description"], "Finds"),
        (["title"], None),
        (["inputSchema", "required"], []),
        (["inputSchema", "required"], ["limit", "kind"]),
        (["inputSchema", "properties", "kind", "enum"], ["a"]),
        (["inputSchema", "properties", "limit", "maximum"], 8),
        (["inputSchema", "properties", "limit", "minimum"], True),
        (["inputSchema", "properties", "limit", "description"], None),
        (["inputSchema", "properties", "limit"], None),
    ],
)
def test_what_a_client_changes_or_loses_of_a_tool_is_found(report: Report, path: list[str], value: Any) -> None:
    node = report.tools[0]
    for name in path[:-1]:
        node = node[name]
    node[path[-1]] = value
    if value is None:
        del node[path[-1]]

    (finding,) = findings(PLAN, report)

    assert ".".join(path) in finding


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf", "allOf", "$ref"])
def test_what_models_refuse_at_the_root_of_a_schema_is_found(report: Report, keyword: str) -> None:
    report.tools[0]["inputSchema"][keyword] = []

    assert findings(PLAN, report) == [f"find.inputSchema has {keyword} at its root"]


def test_a_tool_that_a_client_does_not_list_is_found(report: Report) -> None:
    report.tools = []

    assert findings(PLAN, report) == ["it sees the tools [] instead of ['find']"]


@pytest.mark.parametrize(
    ("step", "seen", "finding"),
    [
        ("read", Seen('{"id":"8"}', is_error=False), "read: .id is '8' instead of '7'"),
        ("read", Seen('{"id":"7"}', is_error=True), "read: is an error"),
        ("read", Seen("none", is_error=False), "read: holds no JSON"),
        ("read", Seen('{"id":"7"}', is_error=False, structured={"id": "8"}), "structured content differ"),
        ("read", Seen('{"id":7}', is_error=None), "against the output schema: $.id"),
        ("wrong", Seen('{"error":{"code":"bad","message":"limit"}}', is_error=False), "wrong: is no error"),
        ("wrong", Seen('{"error":{"code":"bad","message":""}}', is_error=True), "does not speak of limit"),
        ("wrong", Seen('{"error":{"code":"other"},"x":"limit"}', is_error=True), ".error.code is 'other'"),
        ("wrong", Seen('{"error":{"code":"bad"},"x":"limit"}', is_error=True, structured={}), "has structured content"),
    ],
)
def test_what_is_wrong_with_an_answer_is_found(report: Report, step: str, seen: Seen, finding: str) -> None:
    report.steps[step] = seen

    assert finding in "\n".join(findings(PLAN, report))


def test_a_call_that_was_not_made_is_found(report: Report) -> None:
    del report.steps["wrong"]

    assert findings(PLAN, report) == ["wrong: not done"]


@pytest.mark.parametrize("questions", [[], ["Sure?", "Sure?"]])
def test_a_person_who_can_be_asked_is_asked_once(report: Report, questions: list[str]) -> None:
    report.questions = questions

    assert len(findings(PLAN, report)) == 1


def test_a_client_that_cannot_ask_need_not(report: Report) -> None:
    report.questions = None

    assert findings(PLAN, report) == []


def test_a_call_takes_what_an_earlier_one_answered(report: Report) -> None:
    chained = Step("again", "find", {"ids": [{"$from": ["read", "id"]}]}, {})
    plan = Plan([], None, [FIND], [*PLAN.steps, chained], "")

    assert [arguments for _, arguments in Script(plan, report)][-1] == {"ids": ["7"]}


def test_an_answer_without_what_a_later_call_needs_is_shown(report: Report) -> None:
    chained = Step("again", "find", {"id": {"$from": ["wrong", "id"]}}, {})
    plan = Plan([], None, [FIND], [chained], "")

    with pytest.raises(LookupError, match=r"no id in .*limit is 0"):
        list(Script(plan, report))
