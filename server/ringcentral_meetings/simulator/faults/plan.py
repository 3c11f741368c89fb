"""The faults in force: which calls each of them strikes, how often and with what probability."""

import random
import re
from dataclasses import dataclass, field
from typing import Any

from ringcentral_meetings.simulator.faults.kinds import Fault, fault_of
from ringcentral_meetings.simulator.faults.spec import METHODS, parse_rules


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
        `detail` holds the details of the kind (see kinds.py), and `seed` for a chance of its own. Raises
        ValueError for an unknown kind, detail or method, and for values that do not fit.
        """
        seed = detail.pop("seed", f"{self.seed}:{len(self._rules)}")
        fault = fault_of(kind, detail)
        if method is not None and method not in METHODS:
            raise ValueError(f"unknown method: {method!r}")
        if not 0 <= probability <= 1:
            raise ValueError(f"not a probability: {probability!r}")
        chance = random.Random(seed)  # noqa: S311  (a reproducible choice, not a secret)
        self._rules.append(_Rule(fault, method, _pattern(path), times, after, probability, chance))

    def clear(self) -> None:
        """Remove every fault."""
        self._rules.clear()

    def striking(self, method: str, path: str) -> list[Fault]:
        """Count a call and return the faults that strike it, in the order in which they were added."""
        return [rule.fault for rule in self._rules if rule.strikes(method, path)]

    @classmethod
    def parse(cls, text: str) -> "Faults":
        """Return the faults that a text describes; its grammar is `spec.GRAMMAR`.

        Raises ValueError naming the part that is wrong.
        """
        faults = cls()
        for rule in parse_rules(text):
            faults.add(**rule)
        return faults


def _pattern(path: str | None) -> re.Pattern[str]:
    try:
        return re.compile(path or "")
    except re.error as error:
        raise ValueError(f"not a regular expression: {path!r} ({error})") from error
