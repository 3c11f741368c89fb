"""The text that sets a switch or an attribute of the account, as `simulate --switch` takes it: `name=value`."""

import ast
import inspect
import textwrap
from collections.abc import Iterable, Mapping
from itertools import pairwise
from types import NoneType, UnionType
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

from ringcentral_meetings.simulator.people import OWNER, PEOPLE
from ringcentral_meetings.simulator.state import State
from ringcentral_meetings.simulator.switches import Switches
from ringcentral_meetings.simulator.zones import check_zone

RECORDS: Final = {"calls"}
"""What the state records about calls, which nobody sets."""
PROVIDERS: Final = ("RCMeetings", "RCVideo", "None")
WORDS: Final = {"yes": True, "true": True, "no": False, "false": False}
FORM: Final = """\
NAME=VALUE, where a value is yes or no, a number, a word, or words with commas
between them, which replace all that were there. `any` stands for None. What
belongs to a user is extension id, colon and value; other users keep theirs.

The switches and the attributes of the account, with their values now:
"""


def parse(texts: Iterable[str]) -> tuple[Switches, dict[str, Any]]:
    """Return the switches that texts of the form `name=value` set, and the attributes of the account.

    Raises ValueError that names the part that is wrong.
    """
    switches, account = Switches(), dict[str, Any]()
    of_switches, of_account = _hints(Switches), _hints(State)
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in {**of_switches, **of_account}:
            raise ValueError(f"not the name of a switch and its value: {text!r}")
        if name in of_switches:
            setattr(switches, name, _value(name, value, of_switches[name]))
        else:
            account[name] = _value(name, value, of_account[name])
    return switches, account


def set_account(state: State, account: Mapping[str, Any]) -> None:
    """Set attributes of the account; of an attribute by user, those of the users named."""
    for name, value in account.items():
        now = getattr(state, name)
        setattr(state, name, {**now, **value} if isinstance(now, dict) else value)


def help_text(state: State) -> str:
    """Return every switch and attribute with its value in `state`, and what it is in lines of at most 80 characters."""
    lines = [
        _described(name, getattr(of, name), said)
        for kind, of in ((Switches, state.switches), (State, state))
        for name, said in _said(kind).items()
        if name in _hints(kind)
    ]
    return "\n".join([FORM, *lines])


def _hints(kind: type) -> dict[str, Any]:
    return {name: hint for name, hint in get_type_hints(kind).items() if name not in RECORDS}


def _said(kind: type) -> dict[str, str]:
    """Return the docstring below each annotated attribute, which Python itself does not keep."""
    [body] = [node.body for node in ast.parse(inspect.getsource(kind)).body if isinstance(node, ast.ClassDef)]
    said = {}
    for node, after in pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            text = after.value.value if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) else ""
            said[node.target.id] = " ".join(str(text).split())
    return said


def _described(name: str, value: Any, said: str) -> str:
    text = textwrap.fill(said, 80, initial_indent="    ", subsequent_indent="    ")
    return f"{name}={_shown(value)}\n{text}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ",".join(f"{key}:{one}" for key, one in value.items())
    return ",".join(sorted(value)) if isinstance(value, set | frozenset) else str(value)


def _value(name: str, text: str, hint: Any) -> Any:
    """Return the value of a text by the type of the attribute. Raises ValueError."""
    kind = get_origin(hint) or hint
    if kind is UnionType:
        [inner] = [one for one in get_args(hint) if one is not NoneType]
        return None if text == "any" else _value(name, text, inner)
    if kind is bool:
        return WORDS[_one_of(name, text.lower(), tuple(WORDS))]
    if kind is int:
        if not text.isdecimal() or int(text) < 1:
            raise ValueError(f"{name} is a number from 1 up, not {text!r}")
        return int(text)
    if kind in (set, frozenset):
        return kind(filter(None, text.split(",")))
    if kind is dict:
        return dict(_of_user(name, one) for one in filter(None, text.split(",")))
    return _one_of(name, text, get_args(hint) if kind is Literal else PROVIDERS)


def _of_user(name: str, text: str) -> tuple[str, str]:
    user, colon, value = text.partition(":")
    if not colon or user not in PEOPLE:
        raise ValueError(f"{name}: {text!r} does not begin with an extension id such as {OWNER.id} and a colon")
    if name == "zones":
        check_zone(value)
        return user, value
    return user, _one_of(name, value, PROVIDERS)


def _one_of(name: str, text: str, choices: tuple[str, ...]) -> str:
    if text not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}, not {text!r}")
    return text
