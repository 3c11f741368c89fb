"""YAML, as ruamel.yaml finds its parts. Its emitter would reformat the whole file, so it writes the entry alone."""

import io
import json
import re
from typing import Any, Final, TypeAlias

from ringcentral_meetings.cli.edits.places import Broken, Place, Uneditable

Node: TypeAlias = Any
"""A node of ruamel.yaml, whose own types leave out what its kinds have."""

_STEP: Final = 2
_NULL: Final = "tag:yaml.org,2002:null"


def read(text: str) -> Any:
    """Return what the text holds, None if nothing. Raises `Broken`."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        return YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as wrong:
        mark = wrong.problem_mark or wrong.context_mark
        raise Broken("YAML", str(wrong.problem or wrong.context), mark.line + 1 if mark else None) from None
    except (YAMLError, ValueError, RecursionError) as wrong:
        raise Broken("YAML", str(wrong).partition("\n")[0] or type(wrong).__name__) from None


def put(text: str, place: Place, value: Any) -> str:
    """Return the text with the entry."""
    newline = "\r\n" if "\r\n" in text else "\n"
    return _put(text.replace("\r\n", "\n"), place, value).replace("\n", newline)


def remove(text: str, place: Place) -> str:
    """Return the text without the entry."""
    newline = "\r\n" if "\r\n" in text else "\n"
    return _remove(text.replace("\r\n", "\n"), place).replace("\n", newline)


def _put(text: str, place: Place, value: Any) -> str:
    keys = list(place.keys) if place.listed else [*place.keys, place.name]
    if place.listed:
        return _put_at(text, keys, [value], place)
    return _put_at(text, keys, value, place)


def _put_at(text: str, keys: list[str], value: Any, place: Place) -> str:
    from ruamel.yaml.nodes import MappingNode, SequenceNode

    node = _root(text)
    if node is None:
        return _joined(text, _shown(_nested(keys, value), 0))
    for depth, key in enumerate(keys):
        if not isinstance(node, MappingNode):
            raise Uneditable("it holds no object")
        pair = next(((name, inner) for name, inner in node.value if name.value == key), None)
        rest = _nested(keys[depth + 1 :], value)
        if pair is None:
            return _added(text, node, key, rest)
        name, inner = pair
        if place.listed and depth == len(keys) - 1 and isinstance(inner, SequenceNode) and inner.value:
            return _in_list(text, inner, place.name, value[0])
        if depth == len(keys) - 1 or _is_empty(inner):
            return _replaced(text, node, name.start_mark.column, inner, rest)
        node = inner
    raise Uneditable("it has no name")


def _root(text: str) -> Node | None:
    from ruamel.yaml import YAML

    node: Node = YAML(typ="safe", pure=True).compose(text)
    return None if node is None or node.tag == _NULL else node


def _nested(keys: list[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def _is_empty(node: Node) -> bool:
    return bool(node.tag == _NULL or (isinstance(node.value, list) and not node.value))


def _shown(value: Any, column: int) -> str:
    """Return the value as block lines that stand in a column, with a line end."""
    from ruamel.yaml import YAML

    writer = YAML()
    writer.default_flow_style = False
    writer.width = 1_000_000
    lines = io.StringIO()
    writer.dump(value, lines)
    return re.sub(r"^(?=.)", " " * column, lines.getvalue(), flags=re.MULTILINE)


def _flow(value: Any) -> str:
    """Return the value as JSON, which is YAML's flow form."""
    return json.dumps(value, ensure_ascii=False)


def _end(text: str, node: Node) -> int:
    """Return where the content of a node ends; the parser's mark of a block stands after the blanks that follow it."""
    if isinstance(node.value, list) and node.value and not node.flow_style:
        last = node.value[-1]
        return _end_of_pair(text, *last) if isinstance(last, tuple) else _end(text, last)
    start: int = node.start_mark.index
    return start + len(text[start : node.end_mark.index].rstrip())


def _end_of_pair(text: str, key: Node, value: Node) -> int:
    """Return where a member of a mapping ends: one without a value ends at its colon, not where the next begins."""
    if value.start_mark.index == value.end_mark.index:
        return text.index(":", key.end_mark.index) + 1
    return _end(text, value)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _joined(text: str, lines: str) -> str:
    return text + ("\n" if text and not text.endswith("\n") else "") + lines


def _added(text: str, parent: Node, key: str, value: Any) -> str:
    """Return the text with a new last member of a mapping."""
    if parent.flow_style:
        return _added_in_flow(text, parent, f"{_flow(key)}: {_flow(value)}")
    at = _line_end(text, _end(text, parent))
    return _joined(text[:at], _shown({key: value}, parent.value[0][0].start_mark.column)) + text[at + 1 :]


def _added_in_flow(text: str, parent: Node, shown: str) -> str:
    closing = parent.end_mark.index - 1
    inner = text[parent.start_mark.index + 1 : closing].rstrip()
    blanks = text[parent.start_mark.index + 1 + len(inner) : closing]
    comma = ", " if inner and not inner.endswith(",") else " " if inner else ""
    return text[: closing - len(blanks)] + comma + shown + blanks + text[closing:]


def _replaced(text: str, parent: Node, column: int, node: Node, value: Any) -> str:
    """Return the text with another value of a member whose key stands in a column."""
    start, end = node.start_mark.index, _end(text, node)
    if start == node.end_mark.index:
        start = end = text.rindex(":", 0, start) + 1
    if parent.flow_style or (node.value and node.flow_style):
        return text[:start].rstrip(" ") + " " + _flow(value) + text[end:]
    if isinstance(node.value, list) and node.value:
        return text[:start] + _shown(value, node.start_mark.column).strip() + text[end:]
    lines = _shown(value, column + _STEP).rstrip("\n")
    end = _line_end(text, end)
    remark = text[start:end].partition("#")[1:]
    head = text[:start].rstrip(" ")
    return f"{head}{' ' + ''.join(remark) if remark[0] else ''}\n{lines}{text[end:]}"


def _in_list(text: str, servers: Node, name: str, value: Any) -> str:
    """Return the text with an item that replaces the one of that name, or comes last."""
    item = _item(servers, name)
    if servers.flow_style:
        if item is None:
            return _added_in_flow(text, servers, _flow(value))
        return text[: item.start_mark.index] + _flow(value) + text[item.end_mark.index :]
    if item is not None:
        shown = _flow(value) if item.flow_style else _shown(value, item.start_mark.column).strip()
        return text[: item.start_mark.index] + shown + text[_end(text, item) :]
    at = _line_end(text, _end(text, servers))
    return _joined(text[:at], _shown([value], servers.start_mark.column)) + text[at + 1 :]


def _item(servers: Node, name: str) -> Node | None:
    for item in servers.value:
        pairs = item.value if isinstance(item.value, list) else []
        if any(isinstance(pair, tuple) and pair[0].value == "name" and pair[1].value == name for pair in pairs):
            return item
    return None


def _remove(text: str, place: Place) -> str:
    node, colon = _root(text), 0
    for key in place.keys:
        pair = next((pair for pair in node.value if pair[0].value == key), None) if node else None
        if pair is None:
            raise Uneditable("it is not there")
        colon, node = text.index(":", pair[0].end_mark.index) + 1, pair[1]
    if node is None or node.flow_style:
        raise Uneditable("its servers stand in one line")
    start, end = _span(text, node, place)
    begin, end = text.rfind("\n", 0, start) + 1, _line_end(text, end) + 1
    if len(node.value) == 1:  # what is left would be no list or object, but nothing
        return f"{text[:colon]} {'[]' if place.listed else '{}'}{text[colon:begin]}{text[end:]}"
    return text[:begin] + text[end:]


def _span(text: str, servers: Node, place: Place) -> tuple[int, int]:
    """Return where an entry begins, with its name or dash, and where it ends."""
    if place.listed:
        item = _item(servers, place.name)
        if item is not None:
            return item.start_mark.index, _end(text, item)
    else:
        for key, value in servers.value:
            if key.value == place.name:
                return key.start_mark.index, _end_of_pair(text, key, value)
    raise Uneditable("it is not there")
