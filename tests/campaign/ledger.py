"""What the answers of the tools promised, held against what the platform has in the end."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

OUTCOME_UNKNOWN = "outcome_unknown"


@dataclass
class Belief:
    """One meeting as the answers leave it; a set of more than one value is what they left open."""

    topic: str
    meeting_id: str | None = None
    exists: set[bool] = field(default_factory=lambda: {False})
    topics: set[str] = field(default_factory=set)
    minutes: set[int] = field(default_factory=set)
    running: set[bool] = field(default_factory=lambda: {False})
    waiting_room: bool = False

    @property
    def alive(self) -> bool:
        """Whether the next operation may name it."""
        return self.meeting_id is not None and True in self.exists


@dataclass
class Ledger:
    """Every intent of a client, and what came of it."""

    beliefs: list[Belief] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def count(self, tool: str, outcome: str) -> None:
        self.outcomes[f"{tool}: {outcome}"] += 1

    def complain(self, problem: str) -> None:
        self.broken.append(problem)


def settle(ledgers: Iterable[Ledger], meetings: Iterable[dict[str, Any]]) -> list[str]:
    """Where the platform's state is not what the answers promised; empty is what a test wants."""
    by_mark: dict[str, list[dict[str, Any]]] = {}
    for meeting in meetings:
        by_mark.setdefault(mark(meeting["topic"]), []).append(meeting)
    problems: list[str] = []
    for ledger in ledgers:
        problems += ledger.broken
        for belief in ledger.beliefs:
            problems += _compare(belief, by_mark.get(mark(belief.topic), []))
    return problems


def mark(topic: str) -> str:
    """The part of a topic that no update changes."""
    return topic.split(" ", maxsplit=1)[0]


def _compare(belief: Belief, found: list[dict[str, Any]]) -> list[str]:
    name = mark(belief.topic)
    if len(found) > 1:
        return [f"{name}: {len(found)} meetings for one intent"]
    if bool(found) not in belief.exists:
        return [f"{name}: {'is there' if found else 'is gone'}, which no answer said"]
    if not found:
        return []
    (meeting,) = found
    facts = {
        "id": (belief.meeting_id in (None, meeting["id"]), meeting["id"]),
        "topic": (meeting["topic"] in belief.topics, meeting["topic"]),
        "minutes": (meeting["schedule"]["durationInMinutes"] in belief.minutes, meeting["schedule"]),
        "waiting room": (bool(meeting.get("enableWaitingRoom")) == belief.waiting_room, meeting),
        "running": ((meeting.get("status") == "Started") in belief.running, meeting.get("status")),
    }
    return [f"{name}: {fact} is {actual}" for fact, (fits, actual) in facts.items() if not fits]
