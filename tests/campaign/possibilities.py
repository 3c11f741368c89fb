"""What one meeting may be like, given what the answers said of it: for each fact, the set of its possible values.

Several calls about a meeting may be under way at once. What each of them writes may come before or after what the
others write. One that writes the whole meeting back as it read it may also undo what another server wrote
meanwhile: the API offers nothing against that. Calls to one and the same server get no such excuse.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

EXISTS, TOPIC = "exists", "topic"
"""The facts of a meeting of any product."""
INSTANT = "instant"
"""The kind that only the answer to its creation leads to."""


class Fate(Enum):
    """What the answer says of a write."""

    TOOK = auto()
    OPEN = auto()
    NOTHING = auto()


@dataclass(eq=False)
class Deed:
    """A call about one meeting, from its beginning to its answer.

    `whole` where it writes the meeting back whole; `saw` is what it may have read of each fact, `met` the deeds
    that were under way at some time while it was.
    """

    server: object
    writes: Mapping[str, Any]
    whole: bool = False
    saw: dict[str, set[Any]] = field(default_factory=dict)
    met: list["Deed"] = field(default_factory=list)
    fate: Fate | None = None

    @property
    def strangers(self) -> list["Deed"]:
        """The deeds of other servers that it met."""
        return [other for other in self.met if other.server != self.server]


@dataclass(eq=False)
class Story:
    """One intent of a person, and the meeting that came of it.

    `mark` is the first word of its topic, which no update changes. `facts` maps each fact to its possible values;
    `kept` names those that a meeting written back whole carries. `rest` is everything else that the platform
    stores, which nobody asks to change. `spare` counts the doubles that answers owned up to. `names` are the ways in
    which calls name it, where its id is not the only one. `doubts` are the creations of unknown outcome, each by what
    its error names to look with, and `made` counts those that were answered.
    """

    mark: str
    facts: dict[str, set[Any]]
    kept: frozenset[str]
    meeting_id: str | None = None
    rest: Any = None
    kind: str = ""
    spare: int = 0
    names: tuple[str, ...] = ()
    doubts: list[str | None] = field(default_factory=list)
    made: int = 0
    published: bool = False
    underway: list[Deed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.facts.setdefault(EXISTS, {False})

    @property
    def alive(self) -> bool:
        """Whether a next call may name it."""
        return self.published and True in self.facts[EXISTS]

    def begin(self, deed: Deed) -> Deed:
        """A call begins: it may read what is there, and what those under way are writing."""
        deed.saw = {name: set(values) for name, values in self.facts.items()}
        for other in self.underway:
            _may_read(deed, other.writes)
            _may_read(other, deed.writes)
            if other.whole and other.strangers:
                for name in self.kept - other.writes.keys():
                    deed.saw[name] |= other.saw[name]
            other.met.append(deed)
        deed.met = list(self.underway)
        self.underway.append(deed)
        return deed

    def end(self, deed: Deed, fate: Fate) -> None:
        """Its answer is there: what it wrote is so, unless somebody else wrote the same meanwhile."""
        self.underway.remove(deed)
        deed.fate = fate
        for name, value in deed.writes.items():
            if fate is Fate.TOOK:
                self.facts[name] = {value} | _rivals(deed, name, carried=name in self.kept)
            elif fate is Fate.OPEN:
                self.facts[name] = self.facts[name] | {value}
        if fate is not Fate.NOTHING and deed.whole and deed.strangers:
            for name in self.kept - deed.writes.keys():
                self.facts[name] = self.facts[name] | deed.saw[name]
        for other in self.underway:
            for name, values in self.facts.items():
                other.saw[name] |= values

    def shown(self, deed: Deed, name: str, value: Any) -> str | None:
        """An answer shows a fact: what is wrong with that, if anything. Where nobody interferes, it is settled."""
        if value not in deed.saw[name]:
            return f"{self.mark}: {name} is said to be {value!r}, and could only be {deed.saw[name]!r}"
        if not deed.met:
            self.facts[name] = {value}
        return None


def _may_read(reader: Deed, written: Mapping[str, Any]) -> None:
    for name, value in written.items():
        reader.saw[name].add(value)


def _rivals(deed: Deed, name: str, *, carried: bool) -> set[Any]:
    """The values that deeds which were under way at the same time may have put in the place of this one's."""
    values: set[Any] = set()
    for other in deed.met:
        if other.fate in (None, Fate.NOTHING):
            continue
        if name in other.writes:
            values.add(other.writes[name])
        elif carried and other.whole and other.server != deed.server:
            values |= other.saw[name]
    return values
