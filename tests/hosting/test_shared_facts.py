"""What one replica has learnt of a person or the platform, the others do not ask for; it goes to nobody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from whenever import Instant

from hosting.town import Town, town
from ringcentral_meetings.hosting.metrics import Metrics
from ringcentral_meetings.products.facts import PersonFacts, PinFacts
from ringcentral_meetings.products.remembered import KEPT_MINUTES
from ringcentral_meetings.simulator import Switches
from ringcentral_meetings.simulator.people import Person
from ringcentral_meetings.store import KeyRing, Store
from ringcentral_meetings.store.memory import MemorySteps
from scripted_http import FakeClock

pytestmark = pytest.mark.anyio


@dataclass
class Desk:
    """Two replicas, with a time that passes by hand, and the trips that each has made."""

    clock: FakeClock
    began: float
    trips: list[list[str]] = field(default_factory=list)
    steps: MemorySteps | None = None
    town: Town = field(init=False)

    def instant(self) -> Instant:
        return Instant.from_timestamp(self.began + self.clock.time)

    def opened(self, ring: KeyRing, _: Metrics) -> Store:
        made: list[str] = []
        self.trips.append(made)
        steps = MemorySteps(self.clock.now, on_trip=lambda step, *_: made.append(step))
        if self.steps is None:
            self.steps = steps
        steps._entries, steps._windows = self.steps._entries, self.steps._windows  # noqa: SLF001  (one store, two doors)
        return Store(steps, ring, self.clock.sleep)

    async def call(self, person: Person, number: int, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool answers at a replica."""
        self.trips[number].clear()
        self.town.simulator.calls.clear()
        found: dict[str, Any] = (await self.town.call(person, number, tool, **arguments))["structuredContent"]
        return found

    async def zone(self, person: Person, number: int) -> str:
        """The zone in which a replica shows somebody's meetings."""
        return str((await self.call(person, number, "list_meetings"))["time_zone"])

    async def product(self, person: Person, number: int, topic: str = "A room") -> str:
        """The product to which a replica sends somebody's creation."""
        made = await self.call(person, number, "create_meeting", topic=topic, meeting_type="Recurring")
        return str(made["product"])

    def asked(self) -> int:
        """How often the last call has asked RingCentral for facts of a person."""
        paths = [call.path for call in self.town.simulator.calls if call.method == "GET"]
        return len([path for path in paths if path.endswith(("video-configuration", "/extension/~"))])

    def chosen_pins(self) -> list[bool]:
        """Whether each creation of the last call has chosen a PIN."""
        made = [call for call in self.town.simulator.calls if call.method == "POST" and call.path.endswith("/bridges")]
        return [b'"pins"' in call.body for call in made]


@asynccontextmanager
async def desk(**simulated: Any) -> AsyncIterator[Desk]:
    """Two replicas that have signed everybody in, and know nothing of them yet."""
    made = Desk(FakeClock(), Instant.now().timestamp())
    options: dict[str, Any] = {"open_store": made.opened, "now": made.instant, "clock": made.clock}
    async with town(replicas=2, **options, **simulated) as made.town:
        for number in (0, 1):
            for person in made.town.people:
                async with made.town.plain(number, **made.town.bearer(person)) as http:
                    await http.post("/mcp", json={})
        yield made


async def test_a_replica_that_does_not_know_a_person_asks_the_store_once_and_ringcentral_for_nothing() -> None:
    async with desk() as d:
        person = d.town.people[3]
        zone = await d.zone(person, 0)
        assert d.asked() == 2
        assert await d.zone(person, 1) == zone
        assert d.asked() == 0
        assert d.trips[1] == ["open_call", "read_notes", "take_place"]
        for number in (0, 1):
            assert await d.zone(person, number) == zone
            assert d.trips[number] == ["open_call", "take_place"], "a warm call makes no trip more"


async def test_facts_go_to_nobody_else() -> None:
    async with desk() as d:
        people = d.town.people
        for number, person in enumerate(people):
            d.town.simulator.providers[person.id] = "RCVideo" if number % 2 else "RCMeetings"
            d.town.simulator.zones[person.id] = ("Asia/Tokyo", "Europe/Berlin", "America/New_York")[number % 3]
        for number in (0, 1, 0):
            for place, person in enumerate(people):
                product = ("RingCentral Meetings", "RingCentral Video")[place % 2]
                assert await d.product(person, number) == product
                if place % 2 == 0:
                    assert await d.zone(person, number) == d.town.simulator.zones[person.id]


async def test_a_changed_product_or_zone_is_taken_up_after_a_while_by_every_replica() -> None:
    async with desk() as d:
        person, minutes = d.town.people[3], 60
        before = await d.zone(person, 0)
        d.town.simulator.zones[person.id] = "Asia/Tokyo"
        d.town.simulator.providers[person.id] = "RCVideo"
        d.clock.time += (KEPT_MINUTES - 1) * minutes
        assert [await d.zone(person, number) for number in (1, 0)] == [before, before]
        d.clock.time += 2 * minutes
        assert [await d.product(person, number) for number in (1, 0)] == ["RingCentral Video"] * 2
        d.town.simulator.providers[person.id] = "RCMeetings"
        d.clock.time += (KEPT_MINUTES + 1) * minutes
        assert [await d.zone(person, number) for number in (1, 0)] == ["Asia/Tokyo", "Asia/Tokyo"]


async def test_a_product_that_a_refusal_contradicts_is_replaced_for_the_others_too() -> None:
    async with desk(dual_mode=False, switches=Switches(other_product_answers=False)) as d:
        person = d.town.people[3]
        assert await d.product(person, 0) == "RingCentral Meetings"
        d.town.simulator.provider = "RCVideo"
        params = {"name": "list_meetings", "arguments": {}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        accepted = {"Accept": "application/json, text/event-stream"}
        async with d.town.plain(0, **d.town.bearer(person), **accepted) as http:
            assert "RingCentral Video" in (await http.post("/mcp", json=body)).text
        assert await d.product(person, 0) == "RingCentral Video"
        assert await d.product(person, 1, "Another") == "RingCentral Video"
        assert d.asked() == 0


async def test_what_is_done_with_a_chosen_pin_is_tried_by_one_replica_for_all_and_again_on_the_next_day() -> None:
    async with desk(provider="RCVideo", dual_mode=False, switches=Switches(pin_ignored=True)) as d:
        ann, ben = d.town.people[3:5]
        await d.product(ann, 0, "First")
        assert d.chosen_pins() == [True]
        await d.product(ann, 0, "Second")
        assert d.chosen_pins() == [False]
        await d.product(ben, 1, "Third")
        assert d.chosen_pins() == [False], "the other replica has not tried it"
        d.town.simulator.switches = Switches()
        d.clock.time += 24 * 3_600
        for person, number in ((ben, 1), (ann, 0)):
            await d.product(person, number, "Fourth")
            assert d.chosen_pins() == [True]


@pytest.mark.parametrize("text", ["", "[]", '{"product": [1, "Another product"]}', '{"host": 7}', "[1]"])
def test_a_text_of_another_version_is_ignored(text: str) -> None:
    facts, pins = PersonFacts(Instant.now), PinFacts()
    facts.take_over(text)
    pins.take_over(text)
    assert (facts.text(), pins.text()) == (None, None)


def test_what_is_newer_holds_and_nothing_is_believed_for_longer_than_here() -> None:
    here, there = PersonFacts(lambda: Instant.from_utc(2099, 1, 1)), PersonFacts(lambda: Instant.from_utc(2099, 1, 2))
    there.products.learn("~", "RingCentral Video")
    here.products.learn("~", "RingCentral Meetings")
    there.take_over(here.text() or "")
    assert there.products.get("~") == "RingCentral Video"
    here = PersonFacts(lambda: Instant.from_utc(2099, 1, 1))
    here.take_over(there.text() or "")
    until, product = here.products.kept("~") or (0, "")
    assert product == "RingCentral Video"
    assert until == Instant.from_utc(2099, 1, 1).add(minutes=KEPT_MINUTES).timestamp()
