"""TOML, by tomlkit, which keeps comments and the order of tables. It is read by the standard library."""

import re
import tomllib
from typing import Any, Final

from ringcentral_meetings.cli.edits.places import Broken, Place, Uneditable

_LINE: Final = re.compile(r"\(?at line (\d+), column \d+\)?")


def read(text: str) -> Any:
    """Return what the text holds, None if nothing. Raises `Broken`."""
    try:
        return tomllib.loads(text) or None
    except tomllib.TOMLDecodeError as wrong:
        line = _LINE.search(str(wrong))
        why = _LINE.sub("", str(wrong)).strip()
        raise Broken("TOML", why, int(line[1]) if line else text.count("\n") + 1) from None


def put(text: str, place: Place, value: Any) -> str:
    """Return the text with the entry as a table of its own."""
    import tomlkit

    document = tomlkit.parse(text)
    inner: Any = document
    for key in place.keys:
        if key not in inner:
            inner[key] = tomlkit.table(is_super_table=True)
        inner = inner[key]
    inner[place.name] = value
    return _with_line_ends(text, _apart(tomlkit.dumps(document), place))


def remove(text: str, place: Place) -> str:
    """Return the text without the entry."""
    import tomlkit

    document = tomlkit.parse(text)
    inner: Any = document
    for key in place.keys:
        inner = inner.get(key, {})
    if place.name not in inner:
        raise Uneditable("it is not there")
    del inner[place.name]
    return _with_line_ends(text, tomlkit.dumps(document))


def _apart(text: str, place: Place) -> str:
    """Return the text with a blank line between the entry's table and a next one, which tomlkit leaves out."""
    start = text.find(f"[{'.'.join([*place.keys, place.name])}]\n")
    following = text.find("\n[", start) if start >= 0 else -1
    return text if following < 0 or text[following - 1] == "\n" else f"{text[:following]}\n{text[following:]}"


def _with_line_ends(former: str, text: str) -> str:
    """Return the text with the line ends of the former one, if all of those were Windows'."""
    if "\r\n" in former and not re.search(r"(?<!\r)\n", former):
        return re.sub(r"(?<!\r)\n", "\r\n", text)
    return text
