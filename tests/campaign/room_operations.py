"""The personal room, and what people ask of rooms that they cannot have."""

from typing import Any

from campaign.creations import note_id
from campaign.operations import publish
from campaign.people import CONFLICT, OUTCOME_UNKNOWN, Answer, Person
from campaign.possibilities import EXISTS, TOPIC, Deed, Fate
from campaign.rooms import FACTS, PERSONAL, wish

CONTRADICTIONS: tuple[dict[str, Any], ...] = (
    {"clear": ["password"], "settings": {"e2ee": True, "waiting_room": "GuestsOnly", "enforce_login": True}},
    {"password": "pw1", "settings": {"e2ee": True, "waiting_room": "Nobody", "enforce_login": True}},
    {
        "password": "pw1",
        "settings": {"e2ee": True, "waiting_room": "GuestsOnly", "enforce_login": False, "same_account": False},
    },
    {"settings": {"enable_waiting_room": True, "waiting_room": "Nobody"}},
    {"settings": {"allow_join_before_host": True, "waiting_room": "Everybody"}},
    {"settings": {"audio_options": ["Phone"]}},
)
NO_PART_OF_IT: tuple[tuple[str, dict[str, Any]], ...] = (
    ("list_meetings", {}),
    ("list_meetings", {"query": "first"}),
    ("find_meeting_times", {"duration_minutes": 30}),
    ("end_meeting", {"expected_topic": "any"}),
    ("delete_meeting", {"expected_topic": "any", "scope": "series"}),
)


async def contradict(person: Person) -> None:
    """Ask for settings that contradict each other: refused before anything is sent."""
    story = person.pick()
    if story is None or person.chance.random() < 0.5:
        arguments = {"topic": "contradiction", "meeting_type": "Recurring", **person.chance.choice(CONTRADICTIONS)}
        await _refused(person, "contradict", "create_meeting", arguments)
        return
    deed = story.begin(Deed(person.server, {}))
    arguments = {"meeting_id": person.naming(story), **person.chance.choice(CONTRADICTIONS)}
    await _refused(person, "contradict", "update_meeting", arguments)
    story.end(deed, Fate.NOTHING)


async def ask_for_what_is_not(person: Person) -> None:
    """Ask for a list, free times, an ending: never an empty answer, and nothing is sent."""
    tool, arguments = person.chance.choice(NO_PART_OF_IT)
    story = person.pick()
    if tool in ("end_meeting", "delete_meeting"):
        if story is None:
            return
        arguments = {**arguments, "meeting_id": person.naming(story)}
    await _refused(person, f"ask for {tool}", tool, arguments)


async def create_personal(person: Person) -> None:
    """Ask for the personal room, of which there is one for everybody: whoever comes second gets it as it is."""
    story = next((one for one in person.ledger.stories if one.kind == PERSONAL), None)
    if story is None:
        story = person.ledger.story(person.number, PERSONAL, FACTS, {})
        story.facts |= {name: set() for name in FACTS}
    arguments, facts = wish(person, PERSONAL)
    facts[TOPIC] = arguments["topic"] = f"{story.mark} by {person.number}"
    deed = story.begin(Deed(person.server, {EXISTS: True, **facts}))
    was_there = story.facts[EXISTS] == {True}
    answer = await person.call("create the personal room", "create_meeting", **arguments)
    story.end(deed, _as_made(answer))
    told = answer.trace.told_afterwards("/default")
    if answer.code == OUTCOME_UNKNOWN and any(one.status == 200 for one in told):
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
        note_id(person, story, answer.body["meeting"]["meeting_id"])
    if story.meeting_id is not None and not story.published:
        publish(person, story)


def _as_made(answer: Answer) -> Fate:
    return Fate.NOTHING if answer.done and not answer.body["created"] else answer.fate


async def _refused(person: Person, purpose: str, tool: str, arguments: dict[str, Any]) -> None:
    answer = await person.ask(purpose, tool, arguments)
    sent = [one for one in answer.trace.exchanges if one.method != "GET"]
    if answer.done or sent:
        person.ledger.complain(f"{purpose} {arguments}: {answer.body}, and sent {sent}")
