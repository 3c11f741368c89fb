"""Random operations of several people at once against a failing platform over real HTTP.

`pytest tests/campaign --campaign=10000 --campaign-seed=7 -s` runs a long one and prints its counts. The seed decides
what each person does and which requests are struck; how the calls interleave is left to the machine. Another product
takes part as a `Product` of its own.
"""

import random
from functools import partial

import pytest
from mcp import Client
from whenever import Instant

from campaign import creations, meetings, operations, together
from campaign.faults import ALL_FAULTS, WRITE_FAULTS
from campaign.ledger import Ledger, settle
from campaign.people import OUTCOME_UNKNOWN, Party, Person, Product, at_once
from campaign.platform import QuickClock, failing_platform
from campaign.witness import Witness
from ringcentral_meetings.app import build_server

pytestmark = pytest.mark.anyio

PEOPLE = 6
CROWD = 60
"""Meetings beyond which people rather delete some."""

MEETINGS = Product(
    operations={
        creations.create_one: 3,
        creations.create_series: 3,
        creations.create_untimed: 1,
        creations.create_instant: 1,
        creations.create_at_once: 2,
        operations.begin_running: 2,
        operations.read: 2,
        operations.search: 1,
        operations.update: 5,
        operations.delete: 2,
        operations.delete_date: 4,
        operations.end: 2,
        operations.err: 2,
        together.update_at_once: 2,
        together.update_apart: 2,
        together.update_while_deleted: 1,
        together.delete_twice: 1,
        together.delete_dates_at_once: 2,
        together.end_twice: 2,
    },
    when_crowded=(operations.delete, together.delete_twice, together.update_while_deleted),
    stored=meetings.stored,
    shown=meetings.shown_facts,
    some_value=meetings.some_value,
    as_argument=meetings.as_argument,
    path=meetings.PATH,
    understood=meetings.understood,
)


async def campaign(product: Product, faults: str, count: int, seed: int) -> tuple[Ledger, list[str]]:
    """Run it; returns the ledger and the broken promises."""
    ledger, party = Ledger(reading_works=faults is WRITE_FAULTS), Party(PEOPLE)
    with failing_platform(faults, seed) as (simulator, settings):

        async def live(number: int) -> None:
            witness = Witness(product.path, product.understood)
            server = build_server(settings, transport=witness, clock=QuickClock(), now=Instant.now)
            async with Client(server, mode="legacy" if number % 2 else "auto") as client:
                chance = random.Random(f"{seed}:{number}")
                person = Person(number, client, simulator, product, chance, ledger, party)
                async with party.joined_by(person):
                    await _live(person, count // PEOPLE)

        await at_once(*[partial(live, number) for number in range(PEOPLE)])
        return ledger, settle(ledger, product.stored(simulator))


async def _live(person: Person, count: int) -> None:
    product, chance = person.product, person.chance
    names, weights = list(product.operations), list(product.operations.values())
    for _ in range(count):
        crowded = sum(story.alive for story in person.ledger.stories) > CROWD
        operation = chance.choice(product.when_crowded) if crowded else chance.choices(names, weights)[0]
        await operation(person)


def report(name: str, ledger: Ledger) -> None:
    """Print the counts."""
    calls = ledger.outcomes.total()
    print(f"\n{name}: {calls} calls about {len(ledger.stories)} meetings, {len(ledger.left_open())} of them left open")  # noqa: T201
    for among, count in sorted(ledger.met.items()):
        print(f"  {count:6} {among}")  # noqa: T201
    for (purpose, outcome), count in sorted(ledger.outcomes.items()):
        print(f"  {count:6} {purpose}: {outcome}")  # noqa: T201


async def test_while_reading_works_every_answer_to_a_write_is_true_and_what_can_be_known_is_not_left_open(
    campaign_operations: int, campaign_seed: int
) -> None:
    ledger, problems = await campaign(MEETINGS, WRITE_FAULTS, campaign_operations // 2, campaign_seed)
    report("writes fail", ledger)
    assert not problems, "\n".join(problems)


async def test_while_everything_fails_no_answer_claims_what_did_not_happen(
    campaign_operations: int, campaign_seed: int
) -> None:
    ledger, problems = await campaign(MEETINGS, ALL_FAULTS, campaign_operations // 2, campaign_seed)
    report("everything fails", ledger)
    assert not problems, "\n".join(problems)
    assert any(outcome == OUTCOME_UNKNOWN for _, outcome in ledger.outcomes) or campaign_operations < 2_000
