"""Leaves blank arguments out, and turns pydantic validation errors into our own messages."""

import json
from collections.abc import Mapping
from typing import Any, get_args

import pydantic_core
from pydantic import BaseModel, ValidationError

from ringcentral_meetings import errors
from ringcentral_meetings.protocol.contract import Blanks
from ringcentral_meetings.untrusted_text import clean

_TYPES = {
    "int": "a whole number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "model": "an object",
    "dict": "an object",
    "float": "a number",
}


def without_blanks(arguments: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    """Return the arguments without the blank ones, at any depth; `model` says by `Blanks` where one has a meaning.

    Clients and agent frameworks fill each optional argument: with null, with text that shows nothing, with an empty
    list or object. None of them may erase what is stored. 0 and false are values.
    """
    kept = {name: _unless_blank(value, _meaning_of_blanks(model, name)) for name, value in arguments.items()}
    return {name: value for name, value in kept.items() if value is not None}


def takes_text(model: type[BaseModel], name: str) -> bool:
    """Return whether an argument may be any text, so that "[]" is one and no empty list."""
    field = model.model_fields.get(name)
    return field is not None and str in (field.annotation, *get_args(field.annotation))


def _meaning_of_blanks(model: type[BaseModel], name: str) -> Blanks | None:
    field = model.model_fields.get(name)
    return next((mark for mark in field.metadata if isinstance(mark, Blanks)), None) if field is not None else None


def _unless_blank(value: Any, meaning: Blanks | None = None) -> Any:
    """Return the value without the blanks in it; None if nothing is left."""
    if isinstance(value, str):
        return value if meaning is Blanks.ARE_TEXT or clean(value) else None
    if isinstance(value, list) and meaning is Blanks.ARE_ITEMS:
        return value or None
    if isinstance(value, list):
        return [kept for item in value if (kept := _unless_blank(item)) is not None] or None
    if isinstance(value, dict):
        return {name: kept for name, item in value.items() if (kept := _unless_blank(item)) is not None} or None
    return value


def invalid_arguments(invalid: ValidationError, schema: dict[str, Any]) -> errors.MeetingsError:
    """Return the error for arguments that pydantic rejected; `schema` is the published one, which names the valid."""
    problems = [
        errors.FieldProblem(".".join(str(part) for part in detail["loc"]), _problem(detail, schema))
        for detail in invalid.errors(include_url=False)
    ]
    return errors.invalid_arguments(*problems)


def _problem(detail: pydantic_core.ErrorDetails, schema: dict[str, Any]) -> str:
    """Word one validation error. A kind that is not listed gets the type that was expected."""
    given, bounds = _quoted(detail["input"]), detail.get("ctx", {})
    described = _described(schema, detail["loc"])
    if detail["type"] == "extra_forbidden":
        return f"is not known here; use {', '.join(_names_at(schema, detail['loc'][:-1]))}"
    if detail["type"] == errors.EXPLAINED:
        return detail["msg"]
    words = {
        "missing": f"is required and not blank{_choices(schema, detail['loc'])}{described}",
        "literal_error": f"is one of {bounds.get('expected')}, not {given}{described}",
        "greater_than_equal": f"is at least {bounds.get('ge')}, not {given}",
        "less_than_equal": f"is at most {bounds.get('le')}, not {given}",
        "string_too_long": f"has at most {bounds.get('max_length')} characters",
        "string_too_short": "is empty",
        "too_long": f"has at most {bounds.get('max_length')} entries",
        "string_pattern_mismatch": f"does not accept {given}{described}",
    }
    kind = detail["type"]
    if kind in words:
        return words[kind]
    expected = next((name for prefix, name in _TYPES.items() if kind.startswith(prefix)), "another kind of value")
    return f"needs {expected}{_example(schema, detail['loc'])}; {given} was given"


def _quoted(given: Any) -> str:
    """Return a value as JSON, cut to a readable length."""
    return f'"{errors.quoted(given)}"' if isinstance(given, str) else errors.quoted(json.dumps(given, default=str))


def _example(schema: dict[str, Any], path: tuple[int | str, ...]) -> str:
    """Return an example of an object, by the first of its fields whose values are known; nothing for other types."""
    for name, node in _at(schema, path).get("properties", {}).items():
        if "enum" in node or node.get("type") == "boolean":
            return f" such as {json.dumps({name: node.get('enum', [True])[0]})}"
    return ""


def _at(schema: dict[str, Any], path: tuple[int | str, ...]) -> dict[str, Any]:
    """Return the part of the published schema that describes an argument, or an empty one."""
    node: dict[str, Any] = schema
    for part in path:
        node = node.get("properties", {}).get(part, {}) if isinstance(part, str) else node.get("items", {})
    return node


def _described(schema: dict[str, Any], path: tuple[int | str, ...]) -> str:
    """Return what the published schema says of an argument, and its default as an example."""
    node = _at(schema, path)
    example = f', such as "{node["default"]}"' if isinstance(node.get("default"), str) else ""
    return f" ({node['description']}{example})" if node.get("description") else ""


def _choices(schema: dict[str, Any], path: tuple[int | str, ...]) -> str:
    """Return the values that an argument can have, if they are a closed set."""
    values = _at(schema, path).get("enum", [])
    return f": one of {', '.join(map(_quoted, values))}" if values else ""


def _names_at(schema: dict[str, Any], path: tuple[int | str, ...]) -> list[str]:
    for part in path:
        schema = schema["properties"][part] if isinstance(part, str) else schema["items"]
    return list(schema["properties"])
