"""One campaign: people with assistants, a failing platform, a ledger of what the answers promised."""

import random
from contextlib import AsyncExitStack
from functools import partial

from mcp import Client
from whenever import Instant

from campaign import operations, together
from campaign.by_pin import look_again
from campaign.faults import Failures
from campaign.ledger import Found, Ledger, settle
from campaign.people import Party, Person, Product, at_once
from campaign.platform import QuickClock, failing_platform
from campaign.witness import Witness
from ringcentral_meetings.app import build_server
from ringcentral_meetings.simulator import Switches

PEOPLE = 6
CROWD = 60
"""Meetings beyond which people rather delete some."""
WHEN_CROWDED = (operations.delete, together.delete_twice, together.update_while_deleted)


async def campaign(
    product: Product, failures: Failures, count: int, seed: int, switches: Switches | None = None
) -> tuple[Ledger, list[str], list[Found]]:
    """Run it; returns the ledger, the broken promises, and what the platform has in the end."""
    ledger = Ledger(failures.reading_works)
    rules = failures.rules(product)
    with failing_platform(rules, seed, product.provider, switches) as (simulator, settings):
        party = Party(PEOPLE, simulator.carry_out_late)

        async def live(number: int) -> None:
            async with AsyncExitStack() as servers:

                async def start() -> Client:
                    """A further server, beside those that others may still call; all of one installation."""
                    witness = Witness(product.path, product.understood, product.absent)
                    server = build_server(settings, transport=witness, clock=QuickClock(), now=Instant.now)
                    return await servers.enter_async_context(Client(server, mode="legacy" if number % 2 else "auto"))

                chance, late = random.Random(f"{seed}:{number}"), failures.late_seconds
                landing = failures.lands_late
                person = Person(number, await start(), simulator, product, chance, ledger, party, landing, late, start)
                async with party.joined_by(person):
                    await live_on(person, count // PEOPLE)
                await look_again(person)

        await at_once(*[partial(live, number) for number in range(PEOPLE)])
        found = list(product.stored(simulator))
        return ledger, settle(ledger, found), found


async def live_on(person: Person, count: int) -> None:
    """Do so many things, one after the other."""
    product, chance = person.product, person.chance
    names, weights = list(product.operations), list(product.operations.values())
    for _ in range(count):
        crowded = sum(story.alive for story in person.ledger.stories) > CROWD
        operation = chance.choice(WHEN_CROWDED) if crowded else chance.choices(names, weights)[0]
        await operation(person)


def report(name: str, ledger: Ledger) -> None:
    """Print the counts."""
    calls = ledger.outcomes.total()
    print(f"\n{name}: {calls} calls about {len(ledger.stories)} meetings, {len(ledger.left_open())} of them left open")  # noqa: T201
    for among, count in sorted(ledger.met.items()):
        print(f"  {count:6} {among}")  # noqa: T201
    for (purpose, outcome), count in sorted(ledger.outcomes.items()):
        print(f"  {count:6} {purpose}: {outcome}")  # noqa: T201
