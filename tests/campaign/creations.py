"""Creations: several attempts at one intent, several calls for it at once, and the same again from elsewhere."""

from collections.abc import Iterable
from typing import Any

import anyio

from campaign.ledger import mark
from campaign.operations import publish
from campaign.people import CONFLICT, OUTCOME_UNKNOWN, UNANSWERED, Answer, Answers, Person, at_once
from campaign.possibilities import EXISTS, INSTANT, TOPIC, Story

ATTEMPTS = 3
LONGEST_BEFORE_A_RESTART = 0.05
"""Seconds after which a server is ended in the middle of a creation."""

REPEATED = 0.3
"""How often a creation that took is asked for again."""


async def create(person: Person, kind: str) -> None:
    await _create(person, kind, f"create {kind}", copies=1)


async def create_at_once(person: Person, kinds: Iterable[str]) -> None:
    kind = person.chance.choice(sorted(kinds))
    await _create(person, kind, "create at once", copies=person.chance.randint(2, 4))


async def create_through_a_restart(person: Person, kinds: Iterable[str]) -> None:
    """Ask for a meeting, lose the server before it answers, and ask the next one."""
    await _create(person, person.chance.choice(sorted(kinds)), "create through a restart", copies=1, restarted=True)


async def _create(person: Person, kind: str, purpose: str, copies: int, *, restarted: bool = False) -> None:
    """Ask for a meeting until it is there, as a model would; nobody else may act on it before."""
    product = person.product
    arguments, facts = product.wish(person, kind)
    story = person.ledger.story(person.number, kind, product.kept[kind], facts)
    arguments["topic"] = f"{story.mark} first"
    story.facts[TOPIC] = {arguments["topic"]}
    if restarted:
        await _lose_the_server(person, story, arguments)
    for _ in range(ATTEMPTS):
        answers = enter(person, story, await _ask(person, purpose, arguments, copies))
        await product.evidence.follow_up(person, story, answers, arguments)
        if story.meeting_id or (kind == INSTANT and True in story.facts[EXISTS]):
            break
    left_open = story.meeting_id is None and len(story.facts[EXISTS]) > 1
    if left_open and (kind != INSTANT or person.late_seconds):
        await look_in_the_app(person, story, arguments)
    if story.meeting_id is None:
        return
    if kind != INSTANT and person.chance.random() < REPEATED:
        enter(person, story, await _ask(product.evidence.repeater(person), "create again", arguments, 1))
    publish(person, story)


async def _lose_the_server(person: Person, story: Story, arguments: dict[str, Any]) -> None:
    with anyio.move_on_after(person.chance.uniform(0, LONGEST_BEFORE_A_RESTART)):
        enter(person, story, await _ask(person, "create until a restart", arguments, 1))
    story.facts[EXISTS] = story.facts[EXISTS] | {True}
    await person.restart()


async def look_in_the_app(person: Person, story: Story, arguments: dict[str, Any]) -> None:
    """The person sees the meeting there, or creates it all the same once nothing can come of what was sent before."""
    await anyio.sleep(person.late_seconds)
    await person.simulator.carry_out_late()
    there = [one for one in person.product.stored(person.simulator) if mark(one.topic) == story.mark]
    if there:
        story.facts[EXISTS] = {True}
        story.meeting_id = there[0].meeting_id
        return
    story.facts[EXISTS] = {False}
    story.doubts.clear()
    answer = await person.call("create all the same", "create_meeting", allow_duplicate=True, **arguments)
    await person.product.evidence.follow_up(person, story, enter(person, story, [answer]), arguments)


def is_asked_back(answers: Answers) -> bool:
    """Whether a creation is not sent before the person has looked."""
    return any(answer.code == CONFLICT for answer in answers.others)


async def _ask(person: Person, purpose: str, arguments: dict[str, Any], copies: int) -> list[Answer]:
    answers: list[Answer] = []

    async def ask() -> None:
        answers.append(await person.call(purpose, "create_meeting", **arguments))

    await at_once(*[ask] * copies)
    return answers


def enter(person: Person, story: Story, given: list[Answer]) -> Answers:
    """Enter what the answers to equal creations say: at most one of them made the meeting."""
    answers = Answers(
        made=[answer for answer in given if answer.done and answer.body["created"]],
        found=[answer for answer in given if answer.done and not answer.body["created"]],
        unknown=[answer for answer in given if answer.code == OUTCOME_UNKNOWN],
        lost=[answer for answer in given if answer.code == UNANSWERED],
        others=[answer for answer in given if not answer.done and answer.code not in (OUTCOME_UNKNOWN, UNANSWERED)],
    )
    nobody = story.facts[EXISTS] == {False} and not (answers.made or answers.unknown or answers.lost or story.doubts)
    if answers.found and nobody:
        person.ledger.complain(f"{story.mark}: called there already, and nobody had created it")
    person.product.evidence.weigh(person, story, answers)
    if answers.made or answers.found:
        story.facts[EXISTS] = {True}
    elif answers.unknown or answers.lost:
        story.facts[EXISTS] = story.facts[EXISTS] | {True}
    for answer in answers.made + answers.found:
        note_id(person, story, answer.body["meeting"]["meeting_id"])
    return answers


def note_id(person: Person, story: Story, meeting_id: str) -> None:
    if story.meeting_id not in (None, meeting_id) and not person.product.evidence.excuses_another_id(story):
        person.ledger.complain(f"{story.mark}: is {meeting_id}, and was {story.meeting_id}")
    story.meeting_id = story.meeting_id or meeting_id
