"""Creations that nothing lists: the error of an unknown outcome names the PIN by which to look the room up."""

import re
from collections.abc import Iterable
from typing import Any

from campaign.creations import enter, note_id
from campaign.ledger import Found, mark
from campaign.people import CONFLICT, NOT_FOUND, Answer, Answers, Person
from campaign.possibilities import EXISTS, Story
from campaign.rooms import BY_PIN, PERSONAL, keeps_pins

LOOKED_FOR = 0.7
"""How often a person looks for a room in the app, where nothing else leads to it."""
NAMES_PIN = re.compile(r"get_meeting meeting_id=(\d+)")


class ByPin:
    """Only the server that chose a PIN can look for the room, and only where the platform keeps it."""

    def repeater(self, person: Person) -> Person:
        return person

    def excuses_another_id(self, _: Story, /) -> bool:
        return False

    async def follow_up(self, person: Person, story: Story, answers: Answers, arguments: dict[str, Any]) -> None:
        """Look for what may have been created, with what the error names."""
        pending = answers.unknown or any(answer.code == CONFLICT for answer in answers.others)
        if story.meeting_id is not None or not pending:
            return
        if story.doubts and (pin := story.doubts[-1]):
            await _look_up(person, story, pin)
        elif person.chance.random() < LOOKED_FOR:
            await _look_in_the_app(person, story, arguments)

    def weigh(self, person: Person, story: Story, answers: Answers) -> None:
        for answer in answers.unknown:
            _doubt(person, story, answer)
        _check_double(person, story, answers.made)
        if keeps_pins(person.simulator):
            person.learnt = person.learnt or bool(answers.made)
        else:
            story.spare = max(0, story.made + len(story.doubts) - 1)


def _doubt(person: Person, story: Story, answer: Answer) -> None:
    """An unknown outcome has to be one: what a PIN leads to is known, and where PINs are kept also what it does not."""
    pin = NAMES_PIN.search(answer.body["error"]["next_step"])
    story.doubts.append(pin[1] if pin else None)
    told, knew = answer.trace.told_afterwards(BY_PIN), person.learnt
    if not answer.trace.writes:
        person.ledger.complain(f"{story.mark}: creation unknown, and nothing was sent")
    if any(one.status == 200 for one in told) or (told and knew and not answer.trace.may_still_land):
        person.ledger.complain(f"{story.mark}: creation unknown, {knew=}, and was told {answer.trace.exchanges}")
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
    elif answer.code == NOT_FOUND and keeps_pins(person.simulator):
        story.facts[EXISTS] = {False}


async def _look_in_the_app(person: Person, story: Story, arguments: dict[str, Any]) -> None:
    """The person sees the room there, or creates it once more in spite of what may come later."""
    there = [room for room in person.product.stored(person.simulator) if mark(room.topic) == story.mark]
    if there:
        story.facts[EXISTS] = {True}
        story.meeting_id = there[0].meeting_id
        return
    story.facts[EXISTS] = {False}
    story.doubts.clear()
    answer = await person.call("create all the same", "create_meeting", allow_duplicate=True, **arguments)
    enter(person, story, [answer])


def left_over(stories: list[Story], found: Iterable[Found]) -> tuple[list[Found], list[Found]]:
    """The rooms whose id no answer told: those whose PIN an error named, and those that are only owned up to."""
    of_mark = {story.mark: story for story in stories if story.kind != PERSONAL}
    untold = [
        room for room in found if (story := of_mark.get(mark(room.topic))) and story.meeting_id != room.meeting_id
    ]
    named = [room for room in untold if {*room.names} & {*of_mark[mark(room.topic)].doubts}]
    return named, [room for room in untold if room not in named]
