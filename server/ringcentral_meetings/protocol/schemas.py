"""JSON schemas as they are published: flat, and without what models trip over."""

from typing import Any, cast

_LEFT_OUT = frozenset({"title", "$defs", "maxLength", "minLength"})
"""Lengths guard the server and are enforced; no caller that means well comes near them, and all would pay for them."""

_TYPE_KEYWORDS = frozenset({"type", "properties", "required", "items"})


def slim(schema: dict[str, Any], *, describe: bool) -> dict[str, Any]:
    """`schema` with references inlined and without titles, lengths of text, null alternatives and null defaults.

    Unless `describe`, of each part nothing but its type is left.
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
        return key not in _LEFT_OUT and not (key == "default" and value is None)

    return cast("dict[str, Any]", walk(schema))


def _resolve(node: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """`node` with its reference and its null alternative replaced by what they stand for."""
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
