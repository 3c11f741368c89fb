"""Turns pydantic validation errors into our own messages."""

from typing import Any

import pydantic_core
from pydantic import ValidationError

from ringcentral_meetings import errors

_TYPES = {
    "int": "a whole number",
    "bool": "true or false",
    "string": "text",
    "list": "a list",
    "model": "an object",
    "dict": "an object",
    "float": "a number",
}


def invalid_arguments(invalid: ValidationError, schema: dict[str, Any]) -> errors.MeetingsError:
    """Return the error for arguments that pydantic rejected; `schema` is the published one, which names the valid."""
    problems = [
        errors.FieldProblem(".".join(str(part) for part in detail["loc"]), _problem(detail, schema))
        for detail in invalid.errors(include_url=False)
    ]
    return errors.invalid_arguments(*problems)


def _problem(detail: pydantic_core.ErrorDetails, schema: dict[str, Any]) -> str:
    """Word one validation error. A kind that is not listed gets the type that was expected."""
    given, bounds = errors.quoted(detail["input"]), detail.get("ctx", {})
    if detail["type"] == "extra_forbidden":
        return f"is not known here; use {', '.join(_names_at(schema, detail['loc'][:-1]))}"
    words = {
        "missing": "is required",
        "literal_error": f"is one of {bounds.get('expected')}, not {given}",
        "greater_than_equal": f"is at least {bounds.get('ge')}, not {given}",
        "less_than_equal": f"is at most {bounds.get('le')}, not {given}",
        "string_too_long": f"has at most {bounds.get('max_length')} characters",
        "string_too_short": "is empty",
        "too_long": f"has at most {bounds.get('max_length')} entries",
        "string_pattern_mismatch": f"does not have the form described: {given}",
    }
    kind = detail["type"]
    if kind in words:
        return words[kind]
    expected = next((name for prefix, name in _TYPES.items() if kind.startswith(prefix)), "another kind of value")
    return f"is {expected}, not {given}"


def _names_at(schema: dict[str, Any], path: tuple[int | str, ...]) -> list[str]:
    for part in path:
        schema = schema["properties"][part] if isinstance(part, str) else schema["items"]
    return list(schema["properties"])
