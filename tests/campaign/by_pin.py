"""Creations that nothing lists: the error of an unknown outcome names the PIN by which to look the room up."""

import re
from collections.abc import Iterable
from typing import Any

from campaign.creations import is_asked_back, look_in_the_app, note_id
from campaign.ledger import Found, mark
from campaign.operations import look
from campaign.people import NOT_FOUND, Answer, Answers, Person
from campaign.possibilities import EXISTS, Story
from campaign.rooms import BY_PIN, PERSONAL, keeps_pins

LOOKED_FOR = 0.7
"""How often a person looks for a room in the app, where nothing else leads to it."""
NAMES_PIN = re.compile(r"get_meeting meeting_id=(\d+)")


class ByPin:
    """A server can look for a room by the PIN that is written down, and only where the platform keeps it."""

    def repeater(self, person: Person) -> Person:
        return person.colleague()

    def excuses_another_id(self, _: Story, /) -> bool:
        return False

    async def follow_up(self, person: Person, story: Story, answers: Answers, arguments: dict[str, Any]) -> None:
        """Look for what may have been created, with what the error names."""
        pending = answers.unknown or is_asked_back(answers)
        if story.meeting_id is not None or not pending:
            return
        if story.doubts and (pin := story.doubts[-1]):
            await _look_up(person, story, pin)
        looks = keeps_pins(person.simulator) or person.chance.random() < LOOKED_FOR
        if story.meeting_id is None and is_asked_back(answers) and looks:
            await look_in_the_app(person, story, arguments)

    def weigh(self, person: Person, story: Story, answers: Answers) -> None:
        for answer in answers.unknown:
            _doubt(person, story, answer)
        _check_double(person, story, answers.made)
        if not keeps_pins(person.simulator):
            story.spare = max(0, story.made + len(story.doubts) - 1)


def _doubt(person: Person, story: Story, answer: Answer) -> None:
    """An unknown outcome has to be one: what a PIN leads to is known, and where PINs are kept also what it does not."""
    pin = NAMES_PIN.search(answer.body["error"]["next_step"])
    story.doubts.append(pin[1] if pin else None)
    told = answer.trace.told_afterwards(BY_PIN)
    if not answer.trace.writes:
        person.ledger.complain(f"{story.mark}: creation unknown, and nothing was sent")
    if any(one.status == 200 for one in told):
        person.ledger.complain(f"{story.mark}: creation unknown, and was told {answer.trace.exchanges}")
    if pin is None and keeps_pins(person.simulator):
        person.ledger.complain(f"{story.mark}: creation unknown, and no PIN is named: {answer.body}")


def _check_double(person: Person, story: Story, made: list[Answer]) -> None:
    if not made:
        return
    story.made += len(made)
    if story.made > 1:
        person.ledger.complain(f"{story.mark}: made {story.made} times")
    if keeps_pins(person.simulator) or not story.doubts:
        return
    if made[0].body["duplicate_check"] != "partial":
        person.ledger.complain(f"{story.mark}: made after {story.doubts}, and called checked: {made[0].body}")


async def _look_up(person: Person, story: Story, pin: str) -> None:
    answer = await person.call("get what may be there", "get_meeting", meeting_id=pin)
    if answer.done and not answer.trace.misled:
        meeting = answer.body["meeting"]
        if mark(meeting["topic"]) != story.mark:
            person.ledger.complain(f"{story.mark}: {pin} leads to {meeting}")
        story.facts[EXISTS] = {True}
        note_id(person, story, meeting["meeting_id"])
    elif answer.code == NOT_FOUND and keeps_pins(person.simulator) and not person.late_seconds:
        story.facts[EXISTS] = {False}


async def look_again(person: Person) -> None:
    """Look at one's own meetings whose fate is open, when nobody else acts on them and no write is put off any more."""
    person.late_seconds = 0
    for story in person.own_stories():
        if len(story.facts[EXISTS]) == 1:
            continue
        for pin in story.doubts:
            if pin and story.meeting_id is None:
                await _look_up(person, story, pin)
        if story.meeting_id is not None:
            await look(person, story, "get what is left open")


def left_over(stories: list[Story], found: Iterable[Found]) -> tuple[list[Found], list[Found]]:
    """The rooms whose id no answer told: those whose PIN an error named, and those that are only owned up to."""
    of_mark = {story.mark: story for story in stories if story.kind != PERSONAL}
    untold = [
        room for room in found if (story := of_mark.get(mark(room.topic))) and story.meeting_id != room.meeting_id
    ]
    named = [room for room in untold if {*room.names} & {*of_mark[mark(room.topic)].doubts}]
    return named, [room for room in untold if room not in named]
