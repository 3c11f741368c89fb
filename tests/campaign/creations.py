"""Creations: several attempts at one intent, several calls for it at once, and the same again from elsewhere."""

from typing import Any

from campaign.ledger import mark
from campaign.meetings import INSTANT, KEPT, PATH, SERIES, SINGLE, TOPIC, UNTIMED, wish
from campaign.operations import publish
from campaign.people import OUTCOME_UNKNOWN, Answer, Person, at_once
from campaign.possibilities import EXISTS, Story
from campaign.witness import Trace

ATTEMPTS = 3
REPEATED = 0.3
"""How often a creation that took is asked for again by somebody else."""


async def create_one(person: Person) -> None:
    await _create(person, SINGLE, "create")


async def create_series(person: Person) -> None:
    await _create(person, SERIES, "create a series")


async def create_untimed(person: Person) -> None:
    await _create(person, UNTIMED, "create without a fixed time")


async def create_instant(person: Person) -> None:
    await _create(person, INSTANT, "create an instant one")


async def create_at_once(person: Person) -> None:
    kind = person.chance.choice((SINGLE, SERIES, UNTIMED))
    await _create(person, kind, "create at once", copies=person.chance.randint(2, 4))


async def _create(person: Person, kind: str, purpose: str, copies: int = 1) -> None:
    """Ask for a meeting until it is there, as a model would; nobody else may act on it before."""
    arguments, facts = wish(person, kind)
    story = person.ledger.story(person.number, kind, KEPT[kind], facts)
    arguments["topic"] = f"{story.mark} first"
    story.facts[TOPIC] = {arguments["topic"]}
    for _ in range(ATTEMPTS):
        answers = await _ask(person, purpose, arguments, copies)
        _enter(person, story, answers)
        if story.meeting_id or (kind == INSTANT and True in story.facts[EXISTS]):
            break
    if story.meeting_id is None:
        return
    if kind != INSTANT and person.chance.random() < REPEATED:
        _enter(person, story, await _ask(person.colleague(), "create again", arguments, 1))
    publish(person, story)


async def _ask(person: Person, purpose: str, arguments: dict[str, Any], copies: int) -> list[Answer]:
    answers: list[Answer] = []

    async def ask() -> None:
        answers.append(await person.call(purpose, "create_meeting", **arguments))

    await at_once(*[ask] * copies)
    return answers


def _enter(person: Person, story: Story, answers: list[Answer]) -> None:
    """Enter what the answers to equal creations say: at most one of them made the meeting."""
    before = set(story.facts[EXISTS])
    made = [answer for answer in answers if answer.done and answer.body["created"]]
    found = [answer for answer in answers if answer.done and not answer.body["created"]]
    unknown = [answer for answer in answers if answer.code == OUTCOME_UNKNOWN]
    if found and before == {False} and not made and not unknown:
        person.ledger.complain(f"{story.mark}: called there already, and nobody had created it")
    if made or found:
        story.facts[EXISTS] = {True}
    elif unknown:
        story.facts[EXISTS] = before | {True}
    _check_double(person, story, made + unknown, made, first=before == {False})
    for answer in unknown:
        _doubt(person, story, answer, alone=len(unknown) == 1, elsewhere=bool(made))
    for answer in made + found:
        _note_id(person, story, answer.body["meeting"]["meeting_id"])


def _check_double(person: Person, story: Story, sent: list[Answer], made: list[Answer], *, first: bool) -> None:
    """A meeting may have been missed where the list could not be read whole, and the answer has to say so."""
    blind = [answer for answer in sent if not answer.trace.saw_before]
    if story.kind == INSTANT:
        return
    story.spare += len(blind) if not first else max(0, len(blind) - 1 + (len(blind) < len(sent)))
    for answer in made:
        if not answer.trace.saw_before and answer.body["duplicate_check"] != "partial":
            person.ledger.complain(f"{story.mark}: called checked, and was told {answer.trace.exchanges}")


def _doubt(person: Person, story: Story, answer: Answer, *, alone: bool, elsewhere: bool) -> None:
    """An unknown outcome has to be one: where the meeting was made `elsewhere`, this call did not make it."""
    there = any(mark(found.topic) == story.mark for found in person.product.stored(person.simulator))
    blind = not answer.trace.saw_before
    if answer.trace.writes and (story.kind == INSTANT or blind or not alone):
        return
    landed = there and not elsewhere
    lists = Trace([one for one in answer.trace.exchanges if one.path.endswith(PATH)])
    person.doubt(f"create {story.mark}", lists, landed=landed, listed=story.kind != UNTIMED)


def _note_id(person: Person, story: Story, meeting_id: str) -> None:
    if story.meeting_id not in (None, meeting_id) and not story.spare:
        person.ledger.complain(f"{story.mark}: is {meeting_id}, and was {story.meeting_id}")
    story.meeting_id = story.meeting_id or meeting_id
