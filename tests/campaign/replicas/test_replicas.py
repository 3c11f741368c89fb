"""Random operations of many people at two replicas that share a store, while the platform, the store and they fail.

`pytest -n0 tests/campaign/replicas --campaign=10000 --campaign-seed=7 -s` runs a long one and prints its counts. What
each person does, and which requests and trips are struck, is decided by the seed; the rest is left to the machine.
"""

import random
from pathlib import Path

import pytest

from campaign.faults import FAILURES
from campaign.products import MEETINGS, ROOMS
from campaign.replicas.run import campaign, report
from campaign.replicas.steps import FAILURES_OF_TRIPS
from campaign.replicas.stores import InMemory, on_servers
from store.servers import MISSING, SERVERS

pytestmark = pytest.mark.anyio

SHARE = 10
"""The part of all operations that each campaign gets."""

ENOUGH = 5_000
"""Operations in which everything strikes."""

PRODUCTS = {"meetings": MEETINGS, "rooms": ROOMS}


@pytest.mark.parametrize("failing", FAILURES)
@pytest.mark.parametrize("name", PRODUCTS)
async def test_every_promise_holds_while_trips_to_the_store_fail_and_replicas_die(
    name: str, failing: str, campaign_operations: int, campaign_seed: int
) -> None:
    count = campaign_operations // SHARE
    outcome = await campaign(PRODUCTS[name], FAILURES[failing], count, campaign_seed, InMemory(), FAILURES_OF_TRIPS)
    report(f"{name}, {failing}", outcome)
    struck = {"killed", "drained", *FAILURES_OF_TRIPS}
    assert campaign_operations < ENOUGH or struck <= outcome.done.keys()
    assert not outcome.problems, "\n".join(outcome.problems)


@pytest.mark.parametrize("name", PRODUCTS)
async def test_every_promise_holds_while_a_server_pauses_loses_answers_and_is_replaced(
    name: str, campaign_operations: int, campaign_seed: int, tmp_path: Path
) -> None:
    binary = SERVERS["redis"] or SERVERS["valkey"]
    if binary is None:
        pytest.skip(MISSING["redis"])
    product, failures, count = PRODUCTS[name], FAILURES["writes fail"], campaign_operations // SHARE
    async with on_servers(binary, tmp_path, random.Random(campaign_seed)) as shared:
        outcome = await campaign(product, failures, count, campaign_seed, shared, {})
    report(f"{name} on a server", outcome)
    assert not outcome.problems, "\n".join(outcome.problems)
    assert shared.has_failed_over
