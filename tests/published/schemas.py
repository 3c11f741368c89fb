"""Walks over JSON schemas."""

from collections.abc import Iterator, Mapping
from typing import Any


def nodes(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every schema within a schema, itself first, with its path: `settings.audio_options[]`."""
    yield path, schema
    for name, inner in schema.get("properties", {}).items():
        yield from nodes(inner, f"{path}.{name}".lstrip("."))
    if "items" in schema:
        yield from nodes(schema["items"], f"{path}[]")


def properties(schema: Any) -> dict[str, dict[str, Any]]:
    """Every property at every depth, by path."""
    return {path: node for path, node in nodes(schema) if path and not path.endswith("[]")}


def leaf(path: str) -> str:
    """The property's own name."""
    return path.rpartition(".")[2].removesuffix("[]")


def names(schema: Any) -> set[str]:
    """The property names of a schema at every depth."""
    return {leaf(path) for path in properties(schema)}


def keywords(schema: Any) -> set[str]:
    """Every keyword used anywhere, in whatever place: names of properties are none."""
    if isinstance(schema, list):
        return {keyword for item in schema for keyword in keywords(item)}
    if not isinstance(schema, Mapping):
        return set()
    found = set(schema)
    for key, value in schema.items():
        children = list(value.values()) if key == "properties" else [value]
        found |= {keyword for child in children for keyword in keywords(child)}
    return found
