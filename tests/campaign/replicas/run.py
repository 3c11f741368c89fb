"""One campaign of many people at two replicas: a failing platform, a failing store, and replicas that come and go."""

import itertools
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial

import anyio
from anyio.abc import TaskGroup

from campaign.by_pin import look_again
from campaign.faults import Failures
from campaign.ledger import Found, Ledger, settle
from campaign.people import Operation, Party, Person, Product, at_once
from campaign.platform import PLENTY, failing_platform
from campaign.possibilities import Story
from campaign.products import MEETINGS
from campaign.replicas.clients import PRESENT, HostedClient
from campaign.replicas.processes import Plan, Process
from campaign.replicas.steps import Outages
from campaign.replicas.stores import Shared
from campaign.run import live_on
from campaign.witness import Witness
from ringcentral_meetings.hosting.file_of_users import digest_of
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator
from ringcentral_meetings.store import KeyRing

REPLICAS = 2
KILLED = 0.6
"""How often a replica that is replaced is killed; the others are drained."""

BETWEEN_REQUESTS = (4, 16)
"""How many requests go by before something happens to a replica or to the store."""

PEOPLE = 7


@dataclass(frozen=True)
class House:
    """Those who act on the meetings of one host, each by a client: the host, perhaps more than once, and assistants."""

    host: str
    members: tuple[str, ...]


FIRST, SECOND = "305000001", "305000003"
"""Two of the second account; the first assists the second."""

DELEGATING = (
    House(Simulator.executive_id, (Simulator.executive_id, Simulator.owner_id, Simulator.executive_id)),
    House(SECOND, (SECOND, FIRST)),
    House(Simulator.outsider_id, (Simulator.outsider_id, Simulator.outsider_id)),
)
ALONE = tuple(House(house.host, (house.host,) * len(house.members)) for house in DELEGATING)
"""For RingCentral Video, on which nobody schedules for others."""


@dataclass
class Resident(Person):
    """One client of a house, whose changes of a meeting take turns with all others', whichever replica they reach."""

    @property
    def server(self) -> tuple[int, int]:
        return -1, next(self._servers) if self.late_seconds else 0


@dataclass
class Town:
    """The replicas, and what has been done to them and to their store."""

    plan: Plan
    shared: Shared
    late_seconds: float
    chance: random.Random
    group: TaskGroup
    processes: list[Process] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    _turns: "itertools.count[int]" = field(default_factory=itertools.count)
    _replacing: anyio.Lock = field(default_factory=anyio.Lock)
    _until_trouble: int = 0
    _due: anyio.Event = field(default_factory=anyio.Event)

    def next(self) -> Process:
        """Return the process whose turn it is."""
        self._until_trouble -= 1
        if self._until_trouble <= 0:
            self._due.set()
        return self.processes[next(self._turns) % len(self.processes)]

    async def start(self) -> None:
        process = Process(self.plan)
        await self.group.start(process.run)
        self.processes.append(process)

    async def replace(self, *, killed: bool) -> None:
        """Start a further process, and end one."""
        async with self._replacing:
            with anyio.CancelScope(shield=True):
                await self._replace(killed=killed)

    async def _replace(self, *, killed: bool) -> None:
        await self.start()
        former = self.processes.pop(self.chance.randrange(REPLICAS))
        self.done["killed" if killed else "drained"] += 1
        await (former.kill(self.late_seconds) if killed else former.drain())

    async def trouble(self) -> None:
        """Replace processes, and do something to the store, again and again."""
        while True:
            await self._some_requests()
            if (what := await self.shared.trouble()) is not None:
                self.done[what] += 1
            await self._some_requests()
            await self.replace(killed=self.chance.random() < KILLED)

    async def close(self) -> None:
        """End all processes."""
        async with self._replacing:
            for process in self.processes:
                await process.drain()

    async def _some_requests(self) -> None:
        self._until_trouble, self._due = self.chance.randint(*BETWEEN_REQUESTS), anyio.Event()
        await self._due.wait()


@dataclass
class Outcome:
    """What came of a campaign: a ledger for each house, the broken promises, and what struck."""

    ledgers: list[Ledger]
    problems: list[str]
    done: Counter[str]
    told_to_return: int


async def campaign(
    product: Product, failures: Failures, count: int, seed: int, shared: Shared, trips: dict[str, float]
) -> Outcome:
    """Run it; `trips` says how often a trip to the store fails in which way."""
    houses = DELEGATING if product is MEETINGS else ALONE
    rules = failures.rules(product)
    with failing_platform(rules, seed, product.provider, people=PEOPLE) as (simulator, settings):
        bearers = {person.id: f"bearer-token-of-{person.id}" for person in simulator.people}
        lines = {digest_of(bearer): simulator.sign_in(who)["refresh_token"] for who, bearer in bearers.items()}
        outages = Outages(random.Random(f"{seed}:store"), trips)
        plan = Plan(
            _settings(settings),
            lines,
            KeyRing.new(),
            shared.reached,
            outages,
            partial(Witness, product.path, product.understood, product.absent),
        )
        async with anyio.create_task_group() as group:
            town = Town(plan, shared, failures.late_seconds, random.Random(f"{seed}:town"), group)
            for _ in range(REPLICAS):
                await town.start()
            lives = Lives(town, simulator, product, failures, bearers, houses, seed)
            async with anyio.create_task_group() as troubled:
                troubled.start_soon(town.trouble)
                await lives.lead(count)
                troubled.cancel_scope.cancel()
            await town.close()
        problems = [problem for ledger in lives.ledgers for problem in lives.settled(ledger)] + lives.homeless()
        return Outcome(lives.ledgers, problems, town.done + outages.struck, lives.told_to_return)


class Lives:
    """All houses of a town, each with a ledger of its own."""

    def __init__(
        self,
        town: Town,
        simulator: Simulator,
        product: Product,
        failures: Failures,
        bearers: dict[str, str],
        houses: tuple[House, ...],
        seed: int,
    ) -> None:
        self._town, self._simulator, self._product, self._failures = town, simulator, product, failures
        self._bearers, self._houses, self._seed = bearers, houses, seed
        self.ledgers = [Ledger(reading_works=False) for _ in houses]
        self._clients: list[HostedClient] = []

    @property
    def told_to_return(self) -> int:
        return sum(client.told_to_return for client in self._clients)

    async def lead(self, count: int) -> None:
        """Let everybody do their part of so many things."""
        each = count // sum(len(house.members) for house in self._houses)
        await at_once(*[partial(self._live, house, each) for house in self._houses])

    def settled(self, ledger: Ledger) -> list[str]:
        """Return where the platform's state is not what a house was promised."""
        return settle(ledger, self._narrowed(self._houses[self.ledgers.index(ledger)]).stored(self._simulator))

    def homeless(self) -> list[str]:
        """Return what was made for nobody of these."""
        hosts = {house.host for house in self._houses}
        return [f"{one.topic}: of {one.host}" for one in self._product.stored(self._simulator) if one.host not in hosts]

    async def _live(self, house: House, count: int) -> None:
        place = self._houses.index(house)
        first = sum(len(other.members) for other in self._houses[:place])
        party = Party(len(house.members), self._simulator.carry_out_late)
        own = range(first, first + len(house.members))
        await at_once(*[partial(self._live_one, house, number, own, party, count) for number in own])

    async def _live_one(self, house: House, number: int, own: range, party: Party, count: int) -> None:
        ledger = self.ledgers[self._houses.index(house)]
        member = house.members[number - own.start]
        client = HostedClient(
            self._town,
            self._bearers[member],
            ledger,
            own,
            era=PRESENT if number % 2 else None,
            acting_for=house.host if member != house.host else None,
        )
        self._clients.append(client)

        async def restart() -> HostedClient:
            await self._town.replace(killed=True)
            return client

        person = Resident(
            number,
            client,
            self._simulator,
            self._narrowed(house),
            random.Random(f"{self._seed}:{number}"),
            ledger,
            party,
            self._failures.lands_late,
            self._failures.late_seconds,
            restart,
            house.host,
        )
        async with party.joined_by(person):
            await live_on(person, count)
        await look_again(person)

    def _narrowed(self, house: House) -> Product:
        """Return the product with what a house has of it, and with a look at what others have."""
        stored = self._product.stored

        def own(simulator: Simulator) -> Iterator[Found]:
            return (found for found in stored(simulator) if found.host == house.host)

        others = [ledger for ledger, other in zip(self.ledgers, self._houses, strict=True) if other is not house]
        prying: dict[Operation, int] = {partial(pry, others=others): 3} if self._product is MEETINGS else {}
        return replace(self._product, stored=own, operations={**self._product.operations, **prying})


async def pry(person: Person, others: list[Ledger]) -> None:
    """Name a meeting of somebody else: nothing is shown, and nothing comes of it."""
    foreign: list[Story] = [story for ledger in others for story in ledger.stories if story.alive and story.meeting_id]
    if not foreign:
        return
    named = {"meeting_id": person.chance.choice(foreign).meeting_id}
    tool, more = person.chance.choice(
        (("get_meeting", {}), ("update_meeting", {"topic": "taken"}), ("delete_meeting", {"expected_topic": "any"}))
    )
    answer = await person.call("pry", tool, **named, **more)
    if answer.done or answer.trace.writes:
        person.ledger.complain(f"{tool} of somebody else's {named}: {answer.body}, sent {answer.trace.writes}")


def _settings(settings: Settings) -> Settings:
    """Return what a host has of the settings of one person."""
    return Settings(
        server_url=settings.server_url,
        client_id=settings.client_id,
        client_secret=settings.client_secret,
        plan_limits=dict(PLENTY),
        log_level="CRITICAL",
    )


def report(name: str, outcome: Outcome) -> None:
    """Print the counts."""
    total: Counter[str] = Counter()
    for ledger in outcome.ledgers:
        for (_, result), count in ledger.outcomes.items():
            total[result] += count
    stories = sum(len(ledger.stories) for ledger in outcome.ledgers)
    print(f"\n{name}: {total.total()} calls about {stories} meetings, told to return {outcome.told_to_return} times")  # noqa: T201
    print(f"  {dict(total)}")  # noqa: T201
    print(f"  {dict(outcome.done)}")  # noqa: T201
