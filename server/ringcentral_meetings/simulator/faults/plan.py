"""Faults: what the simulator is told to do wrong, to which calls, how often and with what probability."""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

LOST_AS = ("protocol", "read", "timeout")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Kind:
    """A kind of fault: the details it takes, with their defaults, and which of them `kind=value` sets."""

    defaults: Mapping[str, Any]
    main: str | None = None


KINDS: dict[str, Kind] = {
    "latency": Kind({"seconds": 1.0}, "seconds"),
    "rate_limit": Kind({"retry_after": 60}, "retry_after"),
    "status": Kind({"status": 500, "code": "", "message": "", "retry_after": None, "lands": False}, "status"),
    "html": Kind({"status": 502, "lands": False}, "status"),
    "empty": Kind({"status": None}, "status"),
    "malformed": Kind({}),
    "content_type": Kind({"type": "text/plain"}, "type"),
    "truncated": Kind({"bytes": None}, "bytes"),
    "refused": Kind({}),
    "drop_before": Kind({"error": "protocol"}, "error"),
    "drop_after": Kind({"error": "protocol"}, "error"),
    "token_expired": Kind({}),
    "token_revoked": Kind({}),
    "permission_withdrawn": Kind({"permission": "Meetings"}, "permission"),
    "clock_skew": Kind({"seconds": 300.0}, "seconds"),
    "huge": Kind({"megabytes": 50}, "megabytes"),
    "gzip_bomb": Kind({"megabytes": 200}, "megabytes"),
    "drip": Kind({"seconds": 1.0}, "seconds"),
    "deep": Kind({"depth": 10_000}, "depth"),
    "wrong_types": Kind({}),
    "echo_token": Kind({"status": 400}, "status"),
    "redirect": Kind({"location": "https://elsewhere.example/restapi"}, "location"),
}


@dataclass(frozen=True)
class Fault:
    """A fault that strikes one call: its kind, and its details with the defaults filled in."""

    kind: str
    detail: Mapping[str, Any]


@dataclass
class _Rule:
    fault: Fault
    method: str | None
    path: re.Pattern[str]
    times: int | None
    after: int
    probability: float
    chance: random.Random
    seen: int = 0
    struck: int = 0

    def strikes(self, method: str, path: str) -> bool:
        if self.method not in (None, method) or not self.path.search(path):
            return False
        self.seen += 1
        if self.seen <= self.after or self.struck == self.times:
            return False
        if self.probability < 1 and self.chance.random() >= self.probability:
            return False
        self.struck += 1
        return True


@dataclass
class Faults:
    """The faults in force. `seed` decides which calls a probability below 1 picks."""

    seed: int = 0
    _rules: list[_Rule] = field(default_factory=list, init=False, repr=False)

    def add(
        self,
        kind: str,
        *,
        method: str | None = None,
        path: str | None = None,
        times: int | None = None,
        after: int = 0,
        probability: float = 1.0,
        **detail: Any,
    ) -> None:
        """Add a fault.

        It strikes calls of `method` whose percent-decoded path, without query, matches the regular
        expression `path` anywhere: not the first `after` of them, at most `times`, each with `probability`.
        `detail` is that of the kind (see KINDS), and `seed` for a chance of its own. Raises ValueError for
        what it does not know.
        """
        seed = detail.pop("seed", f"{self.seed}:{len(self._rules)}")
        fault = Fault(kind, _details(kind, detail))
        if method is not None and method not in METHODS:
            raise ValueError(f"no such method: {method!r}")
        if not 0 <= probability <= 1:
            raise ValueError(f"not a probability: {probability!r}")
        chance = random.Random(seed)  # noqa: S311  (a reproducible choice, not a secret)
        self._rules.append(_Rule(fault, method, _pattern(path), times, after, probability, chance))

    def clear(self) -> None:
        """Forget every fault."""
        self._rules.clear()

    def striking(self, method: str, path: str) -> list[Fault]:
        """Count a call and return the faults that strike it, in the order in which they were added."""
        return [rule.fault for rule in self._rules if rule.strikes(method, path)]

    @classmethod
    def parse(cls, text: str) -> "Faults":
        """Return the faults that a text describes.

        ::

            text   = rule { ";" rule }
            rule   = [ METHOD | "*" ] path word { word }
            path   = a regular expression without blanks and semicolons, searched in the decoded path
            word   = kind [ "=" value ]     exactly one: latency=2.5, status=503, drop_after, ...
                   | "x" number             how many times at most
                   | "after=" number        how many matching calls are let through first
                   | "p=" number            probability from 0 to 1
                   | "seed=" number         of the probability
                   | name [ "=" value ]     a detail, after the kind: retry_after=none, lands, code=CMN-201

        Example: `POST /meeting$ drop_after x1; GET .* status=503 p=0.2 seed=7`. Values are numbers, `yes`,
        `no`, `none` or words. Raises ValueError naming the part that is wrong.
        """
        faults = cls()
        for rule in filter(None, (part.strip() for part in text.split(";"))):
            faults.add(**_parsed_rule(rule))
        return faults


def _details(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    if kind not in KINDS:
        raise ValueError(f"no such fault: {kind!r} (there are {', '.join(KINDS)})")
    defaults = KINDS[kind].defaults
    if unknown := sorted(given.keys() - defaults.keys()):
        raise ValueError(f"{kind} takes no {unknown[0]!r} (it takes {', '.join(defaults) or 'nothing'})")
    for name, value in given.items():
        if not _fits(name, value, defaults[name]):
            raise ValueError(f"{kind}: not a value for {name}: {value!r}")
    return {**defaults, **given}


def _fits(name: str, value: Any, default: Any) -> bool:
    if name == "error":
        return value in LOST_AS
    if name == "retry_after":
        return value is None or isinstance(value, (int, str))
    if default is None:
        return value is None or isinstance(value, int)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, (int, float)):
        return isinstance(value, (int, float))
    return isinstance(value, str)


def _pattern(path: str | None) -> re.Pattern[str]:
    try:
        return re.compile(path or "")
    except re.error as error:
        raise ValueError(f"not a regular expression: {path!r} ({error})") from error


def _parsed_rule(rule: str) -> dict[str, Any]:
    words = rule.split()
    parsed: dict[str, Any] = {}
    if words[0] == "*" or words[0] in METHODS:
        method = words.pop(0)
        parsed["method"] = None if method == "*" else method
    if not words:
        raise ValueError(f"no path in {rule!r}")
    parsed["path"] = words.pop(0)
    for word in words:
        parsed |= _parsed_word(word, parsed.get("kind"))
    if "kind" not in parsed:
        raise ValueError(f"no fault named in {rule!r}")
    return parsed


def _parsed_word(word: str, kind: str | None) -> dict[str, Any]:
    name, equals, value = word.partition("=")
    if times := re.fullmatch(r"x(\d+)", word):
        return {"times": int(times[1])}
    if name in _OPTIONS and equals:
        return {_OPTIONS[name][0]: _converted(word, value, _OPTIONS[name][1])}
    if kind is None:
        return _parsed_kind(word, name, value if equals else None)
    return {name: _value(value) if equals else True}


def _parsed_kind(word: str, name: str, value: str | None) -> dict[str, Any]:
    if name not in KINDS:
        raise ValueError(f"no such fault: {word!r} (there are {', '.join(KINDS)})")
    main = KINDS[name].main
    if value is None:
        return {"kind": name}
    if main is None:
        raise ValueError(f"{name} takes no value: {word!r}")
    return {"kind": name, main: _value(value)}


def _converted(word: str, value: str, convert: Callable[[str], Any]) -> Any:
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


_OPTIONS: dict[str, tuple[str, Callable[[str], Any]]] = {
    "after": ("after", int),
    "p": ("probability", float),
    "seed": ("seed", int),
}
