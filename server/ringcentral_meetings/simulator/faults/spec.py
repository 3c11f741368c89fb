"""The text that describes faults, as `simulate --faults` takes it: see GRAMMAR."""

import re
from collections.abc import Callable
from textwrap import fill
from typing import Any

from ringcentral_meetings.simulator.faults.kinds import KINDS, kind_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")

GRAMMAR = """\
text   = rule { ";" rule }
rule   = [ METHOD | "*" ] path word { word }
path   = a regular expression without blanks, found anywhere in the path
word   = kind [ "=" value ]     exactly one: latency=2.5, drop_after, ...
       | "x" number             how many times at most
       | "after=" number        how many calls are let through first
       | "p=" number            probability from 0 to 1
       | "seed=" number         of the probability
       | name [ "=" value ]     a detail, after the kind: lands, code=CMN-201
value  = a number, yes, no, none, or a word

Example: POST /meeting$ drop_after x1; GET .* status=503 p=0.2 seed=7
"""

SWITCHES = """\
What RingCentral's documentation leaves open, and what the account has and may
do, is no fault but a switch: `simulate --switch help` lists them.
"""

_OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "after": ("after", int),
    "p": ("probability", float),
    "seed": ("seed", int),
}


def help_text() -> str:
    """Return the grammar and all kinds of faults with their details, in lines of at most 80 characters."""
    kinds = ["The kinds, each with its details and their defaults:", "", *map(_described, KINDS)]
    return "\n".join([GRAMMAR, *kinds, "", SWITCHES])


def parse_rules(text: str) -> list[dict[str, Any]]:
    """Return the rules in a text, each as the arguments of `Faults.add`.

    Raises ValueError naming the part that is wrong.
    """
    return [_rule(rule) for rule in filter(None, (part.strip() for part in text.split(";")))]


def _described(name: str) -> str:
    kind = KINDS[name]
    details = ", ".join(f"{detail}={_shown(default)}" for detail, default in kind.defaults.items())
    text = f"{kind.effect} [{details}]" if details else kind.effect
    head = f"{name}={kind.main}" if kind.main else name
    return f"{head}\n{fill(text, 80, initial_indent='    ', subsequent_indent='    ')}"


def _shown(default: Any) -> str:
    words = {True: "yes", False: "no", None: "none"}
    return words[default] if default is None or isinstance(default, bool) else str(default)


def _rule(rule: str) -> dict[str, Any]:
    words = rule.split()
    parsed: dict[str, Any] = {}
    if words[0] == "*" or words[0] in METHODS:
        method = words.pop(0)
        parsed["method"] = None if method == "*" else method
    if not words:
        raise ValueError(f"no path in {rule!r}")
    parsed["path"] = words.pop(0)
    for word in words:
        parsed |= _word(word, parsed.get("kind"))
    if "kind" not in parsed:
        raise ValueError(f"no fault named in {rule!r}")
    return parsed


def _word(word: str, kind: str | None) -> dict[str, Any]:
    name, equals, value = word.partition("=")
    if times := re.fullmatch(r"x(\d+)", word):
        return {"times": int(times[1])}
    if name in _OPTIONS and equals:
        option, convert = _OPTIONS[name]
        return {option: _number(word, value, convert)}
    if kind is None:
        return _kind(word, name, value if equals else None)
    return {name: _value(value) if equals else True}


def _kind(word: str, name: str, value: str | None) -> dict[str, Any]:
    main = kind_of(name).main
    if value is None:
        return {"kind": name}
    if main is None:
        raise ValueError(f"{name} takes no value: {word!r}")
    return {"kind": name, main: _value(value)}


def _number(word: str, value: str, convert: Callable[[str], Any]) -> Any:
    try:
        return convert(value)
    except ValueError as error:
        raise ValueError(f"not a number: {word!r}") from error


def _value(text: str) -> Any:
    words = {"yes": True, "no": False, "none": None}
    if text in words:
        return words[text]
    for convert in (int, float):
        try:
            return convert(text)
        except ValueError:
            continue
    return text
