"""JSON with comments and trailing commas, as VS Code and Zed read it.

No well-kept Python library edits it in place. With each comment and each trailing comma replaced by as many blanks, the
text is plain JSON whose parts stand where they stood, so that the standard library's parser finds the places.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Final

from ringcentral_meetings.cli.edits.places import Broken, Place, Uneditable

_STRING_OR_COMMENT: Final = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_STRING_OR_LAST_COMMA: Final = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])')
_DECODER: Final = json.JSONDecoder()
_INDENT: Final = "  "


@dataclass(frozen=True, slots=True)
class _Member:
    """A member of an object: where its key begins, and where its value begins and ends."""

    key: str
    at: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class _Object:
    """An object: where its braces are, and its members."""

    opening: int
    closing: int
    members: tuple[_Member, ...]

    def member(self, key: str) -> _Member | None:
        """Return the member that a parser takes: the last of that key."""
        return next((one for one in reversed(self.members) if one.key == key), None)


def read(text: str) -> Any:
    """Return what the text holds, None if nothing. Raises `Broken`."""
    plain = _plain(_quiet(text))
    try:
        return json.loads(plain) if plain.strip() else None
    except json.JSONDecodeError as wrong:
        raise Broken("JSON", wrong.msg, wrong.lineno) from None
    except RecursionError:
        raise Broken("JSON", "it is nested too deeply") from None


def put(text: str, place: Place, value: Any) -> str:
    """Return the text with the entry."""
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = _plain(_quiet(text))
    if not plain.strip():
        head = text.rstrip() + newline if text.strip() else ""
        return head + _lines(_nested([*place.keys, place.name], value), "", _INDENT, newline) + newline
    keys = [*place.keys, place.name]
    found = _object(plain, _skip(plain, 0))
    for depth, key in enumerate(keys):
        member = found.member(key)
        rest = _nested(keys[depth + 1 :], value)
        if member is None:
            return _inserted(text, found, key, rest, newline)
        if depth == len(keys) - 1 or plain[member.value] != "{":
            return text[: member.value] + _like(text, found, member, rest, newline) + text[member.end :]
        found = _object(plain, member.value)
    raise Uneditable("it has no name")


def remove(text: str, place: Place) -> str:
    """Return the text without the entry, and without the line that it leaves."""
    plain = _plain(_quiet(text))
    found = _object(plain, _skip(plain, 0))
    for key in place.keys:
        member = found.member(key)
        if member is None:
            raise Uneditable("it is not there")
        found = _object(plain, member.value)
    member = found.member(place.name)
    if member is None:
        raise Uneditable("it is not there")
    return _without(text, found, member)


def _quiet(text: str) -> str:
    """Return the text with blanks for comments; line ends stay."""
    return _STRING_OR_COMMENT.sub(lambda match: match[1] or re.sub(r"[^\n]", " ", match[0]), text)


def _plain(quiet: str) -> str:
    """Return the text with blanks for trailing commas."""
    return _STRING_OR_LAST_COMMA.sub(lambda match: match[1] or " ", quiet)


def _skip(plain: str, at: int) -> int:
    while plain[at] in " \t\r\n":
        at += 1
    return at


def _object(plain: str, opening: int) -> _Object:
    """Return the object whose brace is at `opening`, of text that is JSON."""
    members: list[_Member] = []
    at = _skip(plain, opening + 1)
    while plain[at] != "}":
        key, end = _DECODER.raw_decode(plain, at)
        value = _skip(plain, _skip(plain, end) + 1)
        end = _DECODER.raw_decode(plain, value)[1]
        members.append(_Member(key, at, value, end))
        at = _skip(plain, end)
        if plain[at] == ",":
            at = _skip(plain, at + 1)
    return _Object(opening, at, tuple(members))


def _nested(keys: list[str], value: Any) -> Any:
    for key in reversed(keys):
        value = {key: value}
    return value


def _lines(value: Any, margin: str, indent: str, newline: str) -> str:
    """Return the value as lines, all but the first with a margin."""
    shown = json.dumps(value, indent=indent, ensure_ascii=False)
    return shown.replace("\n", newline + margin)


def _margin(text: str, at: int) -> str | None:
    """Return the blanks before a position, if there is nothing else before it in its line."""
    before = text[text.rfind("\n", 0, at) + 1 : at]
    return before if not before.strip() else None


def _line_margin(text: str, at: int) -> str:
    """Return the blanks with which the line of a position begins."""
    line = text[text.rfind("\n", 0, at) + 1 : at]
    return line[: len(line) - len(line.lstrip())]


def _unit(text: str) -> str:
    """Return the indentation of one step: that of the first line that has one."""
    found = re.search(r"^([ \t]+)\S", text, re.MULTILINE)
    return found[1] if found else _INDENT


def _like(text: str, parent: _Object, member: _Member, value: Any, newline: str) -> str:
    """Return a value in place of another: in one line if the object is."""
    if "\n" not in text[parent.opening : parent.closing]:
        return json.dumps(value, ensure_ascii=False)
    return _lines(value, _line_margin(text, member.at), _unit(text), newline)


def _inserted(text: str, parent: _Object, key: str, value: Any, newline: str) -> str:
    """Return the text with a new last member in an object."""
    name = json.dumps(key, ensure_ascii=False)
    last = parent.members[-1] if parent.members else None
    start = last.end if last else parent.opening + 1
    tail = text[start : parent.closing]
    in_one_line = "\n" not in (text.strip() if last is None else text[parent.opening : parent.closing])
    if in_one_line and (last or text[: parent.opening].strip()):
        comma = "" if not last or "," in _quiet(tail) else ","
        shown = f"{' ' if last else ''}{name}: {json.dumps(value, ensure_ascii=False)}"
        return f"{text[:start]}{comma}{tail.rstrip()}{shown}{_end(tail)}{text[parent.closing :]}"
    outer = _line_margin(text, parent.opening)
    margin = _margin(text, parent.members[0].at) if parent.members else None
    margin = outer + _unit(text) if margin is None else margin
    trailing = last is not None and "," in _quiet(tail)
    shown = f"{margin}{name}: {_lines(value, margin, _unit(text), newline)}{',' if trailing else ''}"
    comma = "," if last is not None and not trailing else ""
    end = _end(tail) if "\n" in _end(tail) else newline + outer
    return f"{text[:start]}{comma}{tail.rstrip()}{newline}{shown}{end}{text[parent.closing :]}"


def _end(tail: str) -> str:
    """Return the blanks at the end of what stands before a closing brace."""
    return tail[len(tail.rstrip()) :]


def _without(text: str, parent: _Object, member: _Member) -> str:
    quiet = _quiet(text)
    after = _skip(quiet, member.end)
    has_comma = quiet[after] == ","
    start, end = member.at, after + 1 if has_comma else member.end
    line_end = text.find("\n", end)
    if _margin(text, start) is not None and line_end >= 0 and not text[end:line_end].strip():
        start, end = start - len(_margin(text, start) or ""), line_end + 1
    elif has_comma:
        end = _skip(quiet, end)
    before = text[:start]
    number = parent.members.index(member)
    if not has_comma and number:
        former = parent.members[number - 1].end
        comma = quiet.index(",", former)
        before = text[:comma] + text[comma + 1 : start]
    return before + text[end:]
