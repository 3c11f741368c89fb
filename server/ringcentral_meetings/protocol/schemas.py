"""JSON schemas as they are published: flat, and without keywords that clients and models handle badly."""

from typing import Any, cast

_LEFT_OUT = frozenset({"title", "$defs", "maxLength", "minLength", "pattern"})
"""Lengths and patterns are enforced but not published, and each would cost tokens in every session.

No ordinary value comes near the lengths; what a pattern asks for, the description says in words.
"""

_TYPE_KEYWORDS = frozenset({"type", "properties", "required", "items"})


def slim(schema: dict[str, Any], *, describe: bool) -> dict[str, Any]:
    """Return `schema` with references inlined, without titles, lengths and patterns of text, null alternatives, and
    the defaults null, false and 0.

    Unless `describe`, nothing but types is left.
    """
    definitions = schema.get("$defs", {})

    def walk(node: Any, *, names: bool = False) -> Any:
        if isinstance(node, list):
            return [walk(item) for item in node]
        if not isinstance(node, dict):
            return node
        if names:
            return {name: walk(child) for name, child in node.items()}
        node = _resolve(node, definitions)
        return {key: walk(value, names=key == "properties") for key, value in node.items() if keep(key, value)}

    def keep(key: str, value: Any) -> bool:
        if not describe:
            return key in _TYPE_KEYWORDS
        return key not in _LEFT_OUT and not (key == "default" and not value)

    return cast("dict[str, Any]", walk(schema))


def _resolve(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """Return `node` with a reference replaced by its definition, and a union with null by its other alternative."""
    while "$ref" in node or "anyOf" in node:
        if "$ref" in node:
            inner = definitions[node["$ref"].rpartition("/")[2]]
        else:
            alternatives = [option for option in node["anyOf"] if option != {"type": "null"}]
            if len(alternatives) > 1:
                break
            inner = alternatives[0]
        outer = {key: value for key, value in node.items() if key not in {"$ref", "anyOf"}}
        node = {**inner, **outer}
    return node
