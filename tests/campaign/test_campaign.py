"""Random operations of several people at once against a failing platform over real HTTP, for each product.

`pytest -n0 tests/campaign --campaign=10000 --campaign-seed=7 -s` runs a long one and prints its counts. The seed
decides what each person does and which requests are struck; how the calls interleave is left to the machine. Whether
RingCentral Video keeps the PIN that a caller chose for a room is not known of it: its campaigns run for each answer.
"""

from dataclasses import dataclass

import pytest

from campaign.by_pin import left_over
from campaign.faults import FAILURES
from campaign.people import OUTCOME_UNKNOWN, Product
from campaign.products import MEETINGS, ROOMS
from campaign.run import campaign, report
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Platform:
    """A product on a platform with certain `switches`; `share` is the part of all operations that it gets."""

    product: Product
    share: int
    switches: Switches
    every_room_is_named: bool = True


PLATFORMS = {
    "meetings": Platform(MEETINGS, 2, Switches()),
    "rooms, PINs kept": Platform(ROOMS, 12, Switches()),
    "rooms, PINs refused": Platform(ROOMS, 12, Switches(pin_may_be_chosen=False), every_room_is_named=False),
    "rooms, PINs not kept": Platform(ROOMS, 12, Switches(pin_ignored=True), every_room_is_named=False),
}
ENOUGH = 2_000
"""Operations in which some outcome stays unknown where everything fails."""


@pytest.mark.parametrize("failing", FAILURES)
@pytest.mark.parametrize("name", PLATFORMS)
async def test_every_answer_is_true_and_what_can_be_known_is_not_left_open(
    name: str, failing: str, campaign_operations: int, campaign_seed: int
) -> None:
    platform, failures = PLATFORMS[name], FAILURES[failing]
    count = campaign_operations // platform.share
    ledger, problems, found = await campaign(platform.product, failures, count, campaign_seed, platform.switches)
    report(f"{name}, {failing}", ledger)
    assert not problems, "\n".join(problems)
    unknown = any(outcome == OUTCOME_UNKNOWN for _, outcome in ledger.outcomes)
    assert unknown or failures.reading_works or campaign_operations < ENOUGH
    if platform.product is ROOMS and platform.every_room_is_named:
        named, only_owned_up_to = left_over(ledger.stories, found)
        assert not only_owned_up_to
        assert not (failures.reading_works and (named or ledger.left_open()))
