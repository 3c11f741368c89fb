"""Creations of rooms: there is no list to look in, so that every unknown outcome is followed up as its error says."""

import re
from collections.abc import Iterable
from typing import Any

from campaign.ledger import Found, mark
from campaign.meetings import TOPIC
from campaign.operations import publish
from campaign.people import NOT_FOUND, OUTCOME_UNKNOWN, Answer, Person, at_once
from campaign.possibilities import EXISTS, Deed, Fate, Story
from campaign.rooms import BY_PIN, FACTS, INSTANT, PERSONAL, SCHEDULED, STANDING, keeps_pins, wish

ATTEMPTS = 3
REPEATED = 0.3
"""How often a creation that took is asked for again."""
LOOKED_FOR = 0.7
"""How often a person looks for a room in the app, where nothing else leads to it."""
CONFLICT = "conflict"
NAMES_PIN = re.compile(r"get_meeting meeting_id=(\d+)")


async def create_scheduled(person: Person) -> None:
    await _create(person, SCHEDULED, "create")


async def create_standing(person: Person) -> None:
    await _create(person, STANDING, "create without a fixed time")


async def create_instant(person: Person) -> None:
    await _create(person, INSTANT, "create an instant one")


async def create_at_once(person: Person) -> None:
    kind = person.chance.choice((SCHEDULED, STANDING))
    await _create(person, kind, "create at once", copies=person.chance.randint(2, 4))


async def create_personal(person: Person) -> None:
    """Ask for the personal room, of which there is one for everybody: whoever comes second gets it as it is."""
    story = next((one for one in person.ledger.stories if one.kind == PERSONAL), None)
    if story is None:
        story = person.ledger.story(person.number, PERSONAL, FACTS, {})
        story.facts |= {name: set() for name in FACTS}
    arguments, facts = wish(person, PERSONAL)
    facts[TOPIC] = arguments["topic"] = f"{story.mark} by {person.number}"
    deed = story.begin(Deed(person.number, {EXISTS: True, **facts}))
    was_there = story.facts[EXISTS] == {True}
    answer = await person.call("create the personal room", "create_meeting", **arguments)
    story.end(deed, _as_made(answer))
    told = answer.trace.told_afterwards("/default")
    if answer.code == OUTCOME_UNKNOWN and told and not answer.trace.may_still_land:
        person.ledger.complain(f"{story.mark}: creation unknown, and was told {answer.trace.exchanges}")
    if answer.code == CONFLICT:
        person.ledger.complain(f"{story.mark}: the personal room is called a conflict: {answer.body}")
    if answer.done and answer.body["created"]:
        story.made += 1
        if was_there or story.made > 1:
            person.ledger.complain(f"{story.mark}: the personal room was made {story.made} times, {was_there=}")
    elif answer.done and not answer.trace.misled:
        person.ledger.complain(story.shown(deed, EXISTS, True))
        story.facts[EXISTS] = {True}
    if answer.done and not answer.trace.misled:
        _note_id(person, story, answer.body["meeting"]["meeting_id"])
    if story.meeting_id is not None and not story.published:
        publish(person, story)


def _as_made(answer: Answer) -> Fate:
    return Fate.NOTHING if answer.done and not answer.body["created"] else answer.fate


async def _create(person: Person, kind: str, purpose: str, copies: int = 1) -> None:
    """Ask for a room until it is there, as a model would; nobody else may act on it before."""
    arguments, facts = wish(person, kind)
    story = person.ledger.story(person.number, kind, FACTS, facts)
    arguments["topic"] = f"{story.mark} first"
    story.facts[TOPIC] = {arguments["topic"]}
    for _ in range(ATTEMPTS):
        knew = person.learnt
        _enter(person, story, answers := await _ask(person, purpose, arguments, copies), knew=knew)
        await _follow(person, story, answers, arguments)
        if story.meeting_id or (kind == INSTANT and True in story.facts[EXISTS]):
            break
    if story.meeting_id is None:
        return
    if kind != INSTANT and person.chance.random() < REPEATED:
        _enter(person, story, await _ask(person, "create again", arguments, 1), knew=person.learnt)
    publish(person, story)


async def _ask(person: Person, purpose: str, arguments: dict[str, Any], copies: int) -> list[Answer]:
    answers: list[Answer] = []

    async def ask() -> None:
        answers.append(await person.call(purpose, "create_meeting", **arguments))

    await at_once(*[ask] * copies)
    return answers


def _enter(person: Person, story: Story, answers: list[Answer], *, knew: bool) -> None:
    """Enter what the answers to equal creations of one server say: at most one room comes of them."""
    made = [answer for answer in answers if answer.done and answer.body["created"]]
    found = [answer for answer in answers if answer.done and not answer.body["created"]]
    unknown = [answer for answer in answers if answer.code == OUTCOME_UNKNOWN]
    for answer in unknown:
        _doubt(person, story, answer, knew=knew)
    _check_double(person, story, made, found)
    if made or found:
        story.facts[EXISTS] = {True}
        person.learnt = person.learnt or (keeps_pins(person.simulator) and bool(made))
    elif unknown:
        story.facts[EXISTS] = story.facts[EXISTS] | {True}
    if not keeps_pins(person.simulator):
        story.spare = max(0, story.made + len(story.doubts) - 1)
    for answer in made + found:
        _note_id(person, story, answer.body["meeting"]["meeting_id"])


def _doubt(person: Person, story: Story, answer: Answer, *, knew: bool) -> None:
    """An unknown outcome has to be one: what a PIN leads to is known, and where PINs are kept also what it does not."""
    pin = NAMES_PIN.search(answer.body["error"]["next_step"])
    story.doubts.append(pin[1] if pin else None)
    told = answer.trace.told_afterwards(BY_PIN)
    if not answer.trace.writes:
        person.ledger.complain(f"{story.mark}: creation unknown, and nothing was sent")
    if any(one.status == 200 for one in told) or (told and knew and not answer.trace.may_still_land):
        person.ledger.complain(f"{story.mark}: creation unknown, {knew=}, and was told {answer.trace.exchanges}")
    if pin is None and keeps_pins(person.simulator):
        person.ledger.complain(f"{story.mark}: creation unknown, and no PIN is named: {answer.body}")


def _check_double(person: Person, story: Story, made: list[Answer], found: list[Answer]) -> None:
    if found and story.facts[EXISTS] == {False} and not (made or story.doubts):
        person.ledger.complain(f"{story.mark}: called there already, and nobody had created it")
    if not made:
        return
    story.made += len(made)
    if story.made > 1:
        person.ledger.complain(f"{story.mark}: made {story.made} times")
    if keeps_pins(person.simulator) or not story.doubts:
        return
    if made[0].body["duplicate_check"] != "partial":
        person.ledger.complain(f"{story.mark}: made after {story.doubts}, and called checked: {made[0].body}")


async def _follow(person: Person, story: Story, answers: list[Answer], arguments: dict[str, Any]) -> None:
    """Look for what may have been created, with what the error names."""
    pending = any(answer.code in (OUTCOME_UNKNOWN, CONFLICT) for answer in answers)
    if story.meeting_id is not None or not pending:
        return
    if story.doubts and (pin := story.doubts[-1]):
        await _look_up(person, story, pin)
    elif person.chance.random() < LOOKED_FOR:
        await _look_in_the_app(person, story, arguments)


async def _look_up(person: Person, story: Story, pin: str) -> None:
    answer = await person.call("get what may be there", "get_meeting", meeting_id=pin)
    if answer.done and not answer.trace.misled:
        meeting = answer.body["meeting"]
        if mark(meeting["topic"]) != story.mark:
            person.ledger.complain(f"{story.mark}: {pin} leads to {meeting}")
        story.facts[EXISTS] = {True}
        _note_id(person, story, meeting["meeting_id"])
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
    _enter(person, story, [answer], knew=person.learnt)


def _note_id(person: Person, story: Story, meeting_id: str) -> None:
    if story.meeting_id not in (None, meeting_id):
        person.ledger.complain(f"{story.mark}: is {meeting_id}, and was {story.meeting_id}")
    story.meeting_id = story.meeting_id or meeting_id


def left_over(stories: list[Story], found: Iterable[Found]) -> tuple[list[Found], list[Found]]:
    """The rooms whose id no answer told: those whose PIN an error named, and those that are only owned up to."""
    of_mark = {story.mark: story for story in stories if story.kind != PERSONAL}
    untold = [
        room for room in found if (story := of_mark.get(mark(room.topic))) and story.meeting_id != room.meeting_id
    ]
    named = [room for room in untold if {*room.names} & {*of_mark[mark(room.topic)].doubts}]
    return named, [room for room in untold if room not in named]
