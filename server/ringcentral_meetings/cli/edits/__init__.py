"""Edits of clients' configuration files that leave everything else in them as it is, comments and blanks included.

An edit is made in the text, at a place that a parser of the format found. Its result is parsed again, and has to hold
exactly what was there before and the entry.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from ringcentral_meetings.cli.edits import jsonc, toml, yaml
from ringcentral_meetings.cli.edits.places import Broken, Place, Uneditable

__all__ = ["Broken", "Form", "Place", "Uneditable", "entry", "put", "read", "remove", "rendered"]

Form = Literal["json", "toml", "yaml"]


class _Format(Protocol):
    """What a module for a format offers. `put` and `remove` are given a text that `read` takes."""

    def read(self, text: str) -> Any: ...

    def put(self, text: str, place: Place, value: Any) -> str: ...

    def remove(self, text: str, place: Place) -> str: ...


_FORMATS: Final[Mapping[Form, _Format]] = {"json": jsonc, "toml": toml, "yaml": yaml}


@dataclass(frozen=True, slots=True)
class _Nothing:
    """Stands for an entry that is not there, as None may be one."""


_NOTHING: Final = _Nothing()


def read(form: Form, text: str) -> Any:
    """Return what a file holds; None for an empty one. Raises `Broken`."""
    return _FORMATS[form].read(text)


def rendered(form: Form, place: Place, value: Any) -> str:
    """Return a file that holds nothing but an entry."""
    return _FORMATS[form].put("", place, value)


def put(form: Form, text: str, place: Place, value: Any) -> str:
    """Return the text with `value` as the entry at `place`, instead of the one there, if any.

    Raises `Broken` if the text is not of the format, and `Uneditable` if the entry cannot be put there.
    """
    expected = _with(read(form, text), place, value)
    return _checked(form, _FORMATS[form].put(text, place, value), expected)


def remove(form: Form, text: str, place: Place) -> str:
    """Return the text without the entry at `place`. Raises as `put`, and where no entry is there."""
    expected = _with(read(form, text), place, _NOTHING)
    return _checked(form, _FORMATS[form].remove(text, place), expected)


def entry(content: Any, place: Place) -> Any:
    """Return the entry at a place of what `read` returned, or None."""
    servers = _servers(content, place)
    if isinstance(servers, list):
        return next((one for one in servers if isinstance(one, dict) and one.get("name") == place.name), None)
    return servers.get(place.name) if isinstance(servers, dict) else None


def _servers(content: Any, place: Place) -> Any:
    for key in place.keys:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _with(content: Any, place: Place, value: Any) -> Any:
    """Return a copy of the content with another entry, or without one."""
    content = {} if content is None else deepcopy(content)
    inner = content
    for number, key in enumerate(place.keys, 1):
        if not isinstance(inner, dict):
            raise Uneditable(f"{place.keys[number - 2]} is not an object" if number > 1 else "it holds no object")
        if inner.get(key) is None:
            inner[key] = [] if place.listed and number == len(place.keys) else {}
        inner = inner[key]
    if not isinstance(inner, list if place.listed else dict):
        raise Uneditable(f"{place.keys[-1]} is not {'a list' if place.listed else 'an object'}")
    if isinstance(inner, list):
        _set_in_list(inner, place.name, value)
    elif value is _NOTHING:
        del inner[place.name]
    else:
        inner[place.name] = value
    return content


def _set_in_list(servers: list[Any], name: str, value: Any) -> None:
    index = next((i for i, one in enumerate(servers) if isinstance(one, dict) and one.get("name") == name), None)
    if index is not None:
        servers[index : index + 1] = [] if value is _NOTHING else [value]
    elif value is not _NOTHING:
        servers.append(value)


def _checked(form: Form, text: str, expected: Any) -> str:
    """Return the text, if it holds what is expected."""
    try:
        found = read(form, text)
    except Broken:
        found = _NOTHING
    if _full({} if found is None else found) != _full(expected):
        raise Uneditable("the entry could not be put there without changing something else")
    return text


def _full(content: Any) -> Any:
    """Return the content without empty objects and lists, which an edit may leave or not."""
    if isinstance(content, dict):
        return {key: inner for key, value in content.items() if (inner := _full(value)) not in ({}, [], None)}
    return content
