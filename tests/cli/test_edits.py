"""Entries are put into files of clients, and taken out, without touching anything else."""

import json
import tomllib
from typing import Any

import json5
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ringcentral_meetings.cli import edits
from ringcentral_meetings.cli.edits import Broken, Form, Place, Uneditable

NAME = "ringcentral-meetings"
SERVERS = Place(("servers",), NAME)
LISTED = Place(("servers",), NAME, listed=True)
ENTRY = {"name": NAME, "command": "C:\\Programs\\a b", "args": ["--env-file", "/home/zoë/x.env"]}
OTHER = {"name": NAME, "command": "/other", "args": []}
READ: dict[Form, Any] = {"json": json5.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}

TEXTS: list[tuple[Form, str]] = [
    *(
        ("json", text)
        for text in (
            "",
            "// nothing yet\n",
            "{}",
            "{ }",
            '{"a":1}',
            '{"servers":{}}',
            '{"servers": null}',
            '{"servers":{"b":{}}}',
            '{"servers":{"b":{},}}',
            '{\n\t"a": "// no comment", // one\n\t/* two, */\n}\n',
            '{\n  "servers": {\n    "b": {} // note,\n    // "c": {}\n  },\n  "z": [1, 2,],\n}\n',
            '{\r\n    "servers": {\r\n        "b": {},\r\n    },\r\n}\r\n',
            '{\n "a": {"b": 1} }',
            '{"servers": {"x": 1}, "servers": {"y": 2}}',
            '{"a": "\\\\", "b": "\\"}"}',
        )
    ),
    *(
        ("yaml", text)
        for text in (
            "",
            "# nothing yet\n",
            "a: 1",
            "servers:\n",
            "servers: # none\nb: 2\n",
            "servers: {}\nb: 1\n",
            "servers: {} # none\nb: 1\n",
            "servers:\n    dev:\n        on: true # x\n    # tail\n\nb: 2\n",
            "servers:\n  dev:\n    text: |\n      a\n      b\n\nb: 2\n",
            "servers:\n  dev:\n    text:\nb: 2\n",
            "servers: {dev: {x: 1}}\n",
            "{servers: {}}\n",
            "---\na: 1\n",
            "servers:\r\n  dev:\r\n    x: 1\r\nq: 2\r\n",
        )
    ),
    *(
        ("toml", text)
        for text in (
            "",
            'model = "x" # y\n',
            '[servers.b]\ncommand = "c"\n\n[tui]\nx = 1\n',
            'servers = {b = {command = "c"}}\n',
            'a = 1\r\n[servers.b]\r\ncommand = "c"\r\n',
            '[servers]\n[servers.b]\ncommand = "c"\n[servers.b.env]\nA = "1"',
        )
    ),
]


@pytest.mark.parametrize(("form", "text"), TEXTS)
def test_an_entry_is_put_in_replaced_and_taken_out_with_all_else_as_it_was(form: Form, text: str) -> None:
    before = {} if "nothing yet" in text or not text else READ[form](text)
    put = edits.put(form, text, SERVERS, ENTRY)
    content = READ[form](put)
    assert content["servers"].pop(NAME) == ENTRY
    assert without_empty(content) == without_empty(before)
    replaced = edits.put(form, put, SERVERS, OTHER)
    assert READ[form](replaced)["servers"][NAME] == OTHER
    assert edits.put(form, replaced, SERVERS, ENTRY) == put
    assert set(text.splitlines()) - set(put.splitlines()) <= changed_lines(text)
    assert put.count("\r\n") == (put.count("\n") if "\r\n" in text else 0)
    if form != "yaml" or not text.startswith(("{", "servers: {dev")):
        assert without_empty(READ[form](edits.remove(form, put, SERVERS)) or {}) == without_empty(before)


def without_empty(content: Any) -> Any:
    return {key: value for key, value in (content or {}).items() if value}


def changed_lines(text: str) -> set[str]:
    """The lines that an edit has to change: what is in one line, a last member without a comma, an empty object."""
    return {line for line in text.splitlines() if "{" in line or "\n" not in text or line.startswith("servers:")}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name: L\nservers: []\n",
        "servers:\n- name: b\n  command: c # x\nmodels: []\n",
        "servers:\n    -   name: b\n        command: c\n\n# end\n",
        "servers: [{name: b, command: c}]\n",
    ],
)
def test_an_entry_of_a_list_is_found_by_its_name(text: str) -> None:
    put = edits.put("yaml", text, LISTED, ENTRY)
    assert yaml.safe_load(put)["servers"][-1] == ENTRY
    replaced = edits.put("yaml", put, LISTED, OTHER)
    assert [one["name"] for one in yaml.safe_load(replaced)["servers"]].count(NAME) == 1
    assert edits.put("yaml", replaced, LISTED, ENTRY) == put
    if "[{" not in text:
        former = yaml.safe_load(text) or {}
        assert without_empty(yaml.safe_load(edits.remove("yaml", put, LISTED))) == without_empty(former)


def test_comments_and_blanks_stay_where_they_were() -> None:
    text = '{\n  "servers": {\n    "b": {} // note\n    // "c": {}\n  }\n}\n'
    put = edits.put("json", text, SERVERS, {"command": "x"})
    assert put == (
        '{\n  "servers": {\n    "b": {}, // note\n    // "c": {}\n'
        '    "ringcentral-meetings": {\n      "command": "x"\n    }\n  }\n}\n'
    )
    assert edits.remove("json", put, SERVERS) == text


@pytest.mark.parametrize(
    ("form", "text", "line"),
    [
        ("json", '{\n  "a": 1,\n  "b": }\n', 3),
        ("json", '{ // one\n /* two\n three */ "a" 1}', 3),
        ("json", "{", 1),
        ("yaml", "a: 1\n b: 2\n", 2),
        ("yaml", "a: 1\na: 2\n", 2),
        ("yaml", "\t- a", 1),
        ("toml", "a = 1\nb = \n", 2),
        ("toml", "a = 1\n[b", 2),
        ("toml", 'a = """x\n', 2),
    ],
)
def test_what_cannot_be_parsed_is_refused_with_its_line(form: Form, text: str, line: int) -> None:
    with pytest.raises(Broken, match=f"line {line}: ") as broken:
        edits.put(form, text, SERVERS, ENTRY)
    assert broken.value.line == line


@pytest.mark.parametrize(
    ("form", "text"),
    [("json", "[1]"), ("json", '{"servers": []}'), ("json", '{"servers": "no"}'), ("yaml", "- a\n"), ("yaml", "x")],
)
def test_a_file_of_another_shape_is_refused(form: Form, text: str) -> None:
    with pytest.raises(Uneditable):
        edits.put(form, text, SERVERS, ENTRY)


@pytest.mark.parametrize("wrong", ["{", '{"servers": {}}', '{"a": 2, "servers": {"ringcentral-meetings": 1}}'])
def test_an_edit_that_went_wrong_is_not_returned(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edits.jsonc, "put", lambda *_: wrong)
    with pytest.raises(Uneditable, match="without changing something else"):
        edits.put("json", '{"a": 1}', SERVERS, 1)


def test_nesting_without_end_is_refused() -> None:
    with pytest.raises(Broken, match="nested too deeply"):
        edits.put("json", "[" * 100_000, SERVERS, ENTRY)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=4) | st.just("servers"), VALUES, max_size=4)


@settings(deadline=None)
@given(OBJECTS, st.sampled_from([None, 2, 3, "\t"]), st.booleans())
def test_any_object_keeps_what_it_held(content: dict[str, Any], indent: Any, windows: bool) -> None:
    if not isinstance(content.get("servers", {}), dict | None):
        content["servers"] = {}
    text = json.dumps(content, indent=indent, ensure_ascii=False)
    text = text.replace("\n", "\r\n") if windows else text
    put = edits.put("json", text, SERVERS, ENTRY)
    after = json.loads(put)
    assert after["servers"].pop(NAME) == ENTRY
    assert after == {**content, "servers": content.get("servers") or {}}
    again = json.loads(edits.remove("json", put, SERVERS))
    assert again == {**content, "servers": content.get("servers") or {}}


@settings(deadline=None)  # the first call imports the parser
@given(st.dictionaries(st.text("abc:#- ", min_size=1, max_size=5), VALUES, max_size=4), st.sampled_from([2, 4, 7]))
def test_any_mapping_in_yaml_keeps_what_it_held(content: dict[str, Any], indent: int) -> None:
    text = yaml.safe_dump({**content, "servers": {"b": {"x": "1"}}}, indent=indent, allow_unicode=True)
    before = yaml.safe_load(text)
    put = yaml.safe_load(edits.put("yaml", text, SERVERS, ENTRY))
    assert put == {**before, "servers": {"b": {"x": "1"}, NAME: ENTRY}}
