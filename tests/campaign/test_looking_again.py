"""What an answer left open is settled by asking the server once more, when nobody else acts."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
from mcp import Client
from whenever import Instant

from campaign.by_pin import look_again
from campaign.creations import look_in_the_app
from campaign.ledger import Ledger
from campaign.people import Party, Person
from campaign.platform import QuickClock, failing_platform
from campaign.possibilities import EXISTS, Story
from campaign.products import ROOMS
from campaign.rooms import FACTS, STANDING
from ringcentral_meetings.app import build_server

pytestmark = pytest.mark.anyio

TOPIC = "m0-0 first"
ROOM: dict[str, Any] = {"topic": TOPIC, "meeting_type": "Recurring", "password": "pw1"}


@asynccontextmanager
async def somebody(faults: str) -> AsyncIterator[Person]:
    """The only person on a platform."""
    with failing_platform(faults, 1, ROOMS.provider) as (simulator, settings):
        serve = partial(build_server, settings, clock=QuickClock(), now=Instant.now)
        async with Client(serve()) as client:

            async def start() -> Client:
                return client

            chance, ledger, party = random.Random(1), Ledger(), Party(1, simulator.carry_out_late)
            yield Person(0, client, simulator, ROOMS, chance, ledger, party, frozenset(), 0.0, start)


def a_story_left_open(person: Person, facts: dict[str, Any]) -> Story:
    story = person.ledger.story(0, STANDING, FACTS, facts)
    story.facts[EXISTS] = {True, False}
    return story


@pytest.mark.parametrize("known_by", ["id", "PIN"])
@pytest.mark.parametrize("there", [True, False])
async def test_a_room_left_open_is_looked_up_by_its_id_or_else_by_its_pin(known_by: str, there: bool) -> None:
    async with somebody("DELETE /bridges/ status=500") as person:
        await person.call("create", "create_meeting", **ROOM)
        (room,) = person.product.stored(person.simulator)
        story = a_story_left_open(person, room.facts)
        if known_by == "id":
            story.meeting_id = room.meeting_id if there else "another"
        else:
            pin = room.names[1]
            story.doubts.append(pin if there else pin[::-1])
        await look_again(person)
        assert person.ledger.broken == []
        assert story.facts[EXISTS] == {there}


async def test_a_creation_after_a_look_in_the_app_is_looked_up_by_its_pin_if_its_answer_is_lost() -> None:
    async with somebody("POST /bridges$ drop_before") as person:
        story = a_story_left_open(person, {})
        await look_in_the_app(person, story, ROOM)
        assert person.ledger.outcomes["create all the same", "outcome_unknown"] == 1
        assert story.facts[EXISTS] == {False}
