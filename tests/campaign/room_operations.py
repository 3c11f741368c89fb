"""What people ask of rooms that they cannot have, and many changes of one room at once."""

from functools import partial
from typing import Any

from campaign.operations import change
from campaign.people import Person, at_once
from campaign.possibilities import Deed, Fate

CONTRADICTIONS: tuple[dict[str, Any], ...] = (
    {"password": "", "settings": {"e2ee": True, "waiting_room": "GuestsOnly", "enforce_login": True}},
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
    deed = story.begin(Deed(person.number, {}))
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


async def update_by_many(person: Person) -> None:
    """Many people change a field each of one room, all at once: none of them may be lost."""
    story = person.pick()
    if story is None:
        return
    people = person.party.people
    names = person.chance.sample(sorted(story.kept), len(people))
    await at_once(
        *[partial(change, who, story, "update by many", name) for who, name in zip(people, names, strict=True)]
    )


async def _refused(person: Person, purpose: str, tool: str, arguments: dict[str, Any]) -> None:
    answer = await person.ask(purpose, tool, arguments)
    sent = [one for one in answer.trace.exchanges if one.method != "GET"]
    if answer.done or sent:
        person.ledger.complain(f"{purpose} {arguments}: {answer.body}, and sent {sent}")
