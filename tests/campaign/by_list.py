"""Creations that the list shows: whoever could read it knows what became of one."""

from typing import Any

from campaign.creations import is_asked_back, look_in_the_app
from campaign.ledger import mark
from campaign.meetings import PATH
from campaign.people import Answer, Answers, Person
from campaign.possibilities import EXISTS, INSTANT, Story
from campaign.witness import Trace


class ByList:
    """Any server finds what any other one created, unless the list could not be read whole."""

    def repeater(self, person: Person) -> Person:
        return person.colleague()

    def excuses_another_id(self, story: Story, /) -> bool:
        return story.spare > 0

    async def follow_up(self, person: Person, story: Story, answers: Answers, arguments: dict[str, Any]) -> None:
        """The next attempt reads the list; where that asks back, the person looks."""
        if is_asked_back(answers) and story.meeting_id is None:
            await look_in_the_app(person, story, arguments)

    def weigh(self, person: Person, story: Story, answers: Answers) -> None:
        _check_double(person, story, answers)
        for answer in answers.unknown:
            _doubt(person, story, answer, alone=len(answers.unknown) == 1, elsewhere=bool(answers.made))


def _check_double(person: Person, story: Story, answers: Answers) -> None:
    """A meeting may have been missed where the list could not be read whole, and the answer has to say so."""
    if story.kind == INSTANT:
        return
    sent = answers.made + answers.unknown + answers.lost
    blind = [answer for answer in sent if not answer.trace.saw_before]
    first = story.facts[EXISTS] == {False}
    story.spare += len(blind) if not first else max(0, len(blind) - 1 + (len(blind) < len(sent)))
    for answer in answers.made:
        if not answer.trace.saw_before and answer.body["duplicate_check"] != "partial":
            person.ledger.complain(f"{story.mark}: called checked, and was told {answer.trace.exchanges}")


def _doubt(person: Person, story: Story, answer: Answer, *, alone: bool, elsewhere: bool) -> None:
    """An unknown outcome has to be one: where the meeting was made `elsewhere`, this call did not make it."""
    there = any(mark(found.topic) == story.mark for found in person.product.stored(person.simulator))
    blind = not answer.trace.saw_before
    if answer.trace.writes and (story.kind == INSTANT or blind or not alone):
        return
    landed = there and not elsewhere
    exchanges = [one for one in answer.trace.exchanges if one.path.endswith(PATH)]
    lists = Trace(answer.trace.lands_late, exchanges)
    person.doubt(f"create {story.mark}", lists, landed=landed)
