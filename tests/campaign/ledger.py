"""What the answers of the tools promised, held against what the platform has in the end."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from campaign.possibilities import EXISTS, Deed, Story


@dataclass(frozen=True)
class Found:
    """A meeting as the platform stores it: its facts as stories have them, and everything else of it.

    `names` are the ways in which calls may name it, where its id is not the only one. `host` is whose it is.
    """

    meeting_id: str
    topic: str
    facts: dict[str, Any]
    rest: Any
    names: tuple[str, ...] = ()
    host: str = ""


@dataclass
class Ledger:
    """Every intent, every outcome, and every promise that is known to be broken.

    `reading_works` where no fault strikes a sign-in or a read, so that whoever wants to look can.
    """

    reading_works: bool = True
    stories: list[Story] = field(default_factory=list)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def story(self, owner: int, kind: str, kept: frozenset[str], facts: Mapping[str, Any]) -> Story:
        """Begin the story of a new intent, with the facts that it is to have."""
        story = Story(
            f"m{owner}-{len(self.stories)}", {name: {value} for name, value in facts.items()}, kept, kind=kind
        )
        self.stories.append(story)
        return story

    def count(self, purpose: str, outcome: str) -> None:
        self.outcomes[purpose, outcome] += 1

    def note(self, deed: Deed) -> None:
        """Count whether a call had its meeting for itself."""
        among = "with calls of other servers" if deed.strangers else "with calls of its own server alone"
        self.met[among if deed.met else "alone"] += 1

    def complain(self, problem: str | None) -> None:
        if problem is not None:
            self.broken.append(problem)

    def left_open(self) -> list[str]:
        """The marks of the meetings whose fate no answer settled."""
        return [story.mark for story in self.stories if len(story.facts[EXISTS]) > 1]


def mark(topic: str) -> str:
    """The part of a topic that no update changes."""
    return topic.split(" ", maxsplit=1)[0]


def settle(ledger: Ledger, found: Iterable[Found]) -> list[str]:
    """Where the platform's state is not what the answers promised; empty is what a test wants."""
    by_mark: dict[str, list[Found]] = {}
    for meeting in found:
        by_mark.setdefault(mark(meeting.topic), []).append(meeting)
    problems = list(ledger.broken)
    for story in ledger.stories:
        problems += _compare(story, by_mark.pop(story.mark, []))
    return problems + [f"{unknown}: nobody asked for it" for unknown in by_mark]


def _compare(story: Story, found: list[Found]) -> list[str]:
    if len(found) > 1 + story.spare:
        return [f"{story.mark}: {len(found)} meetings for one intent"]
    named = [meeting for meeting in found if story.meeting_id in (None, meeting.meeting_id)]
    if found and not named and not story.spare:
        return [f"{story.mark}: is meeting {found[0].meeting_id}, and {story.meeting_id} was told"]
    if bool(named) not in story.facts[EXISTS]:
        return [f"{story.mark}: {'is there' if named else 'is gone'}, which no answer said"]
    return [problem for meeting in named[:1] for problem in _differences(story, meeting)]


def _differences(story: Story, meeting: Found) -> list[str]:
    problems = [
        f"{story.mark}: {name} is {meeting.facts[name]!r}, and the answers left {values!r}"
        for name, values in story.facts.items()
        if name != EXISTS and meeting.facts[name] not in values
    ]
    if story.rest is not None and meeting.rest != story.rest:
        problems.append(f"{story.mark}: {meeting.rest!r} was {story.rest!r}")
    return problems
