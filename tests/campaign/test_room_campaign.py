"""The same over RingCentral Video: random operations of several people on rooms, which nothing lists.

Whether the platform keeps the PIN that a caller chose for a room is not known of it: every campaign runs for what it
may do with one.
"""

import pytest

from campaign import operations, room_creations, room_operations, rooms, together
from campaign.faults import ROOM_ALL_FAULTS, ROOM_WRITE_FAULTS
from campaign.people import Product
from campaign.run import campaign, report
from ringcentral_meetings.simulator import Switches

pytestmark = pytest.mark.anyio

ROOMS = Product(
    operations={
        room_creations.create_scheduled: 3,
        room_creations.create_standing: 3,
        room_creations.create_instant: 2,
        room_creations.create_at_once: 3,
        room_creations.create_personal: 1,
        room_operations.contradict: 2,
        room_operations.ask_for_what_is_not: 1,
        room_operations.update_by_many: 3,
        operations.read: 3,
        operations.update: 4,
        operations.delete: 3,
        operations.err: 2,
        together.update_at_once: 2,
        together.update_apart: 2,
        together.update_while_deleted: 2,
        together.delete_twice: 2,
    },
    when_crowded=(operations.delete, together.delete_twice, together.update_while_deleted),
    stored=rooms.stored,
    shown=rooms.shown_facts,
    some_value=rooms.some_value,
    as_argument=rooms.as_argument,
    path=rooms.PATH,
    understood=rooms.understood,
    absent=rooms.absent,
    provider="RCVideo",
    whole=False,
)
PINS = {
    "kept": Switches(),
    "refused": Switches(pin_may_be_chosen=False),
    "not kept": Switches(pin_ignored=True),
}
SHARE = 12
"""The part of the operations that each of these campaigns gets."""


@pytest.mark.parametrize("pins", PINS)
@pytest.mark.parametrize("failing", ["writes fail", "everything fails"])
async def test_rooms_are_as_the_answers_promised(
    failing: str, pins: str, campaign_operations: int, campaign_seed: int
) -> None:
    faults = {"writes fail": ROOM_WRITE_FAULTS, "everything fails": ROOM_ALL_FAULTS}[failing]
    ledger, problems, found = await campaign(ROOMS, faults, campaign_operations // SHARE, campaign_seed, PINS[pins])
    named, owned_up_to = room_creations.left_over(ledger.stories, found)
    report(f"rooms, PINs {pins}, {failing}", ledger)
    print(f"  left over: {len(named)} named by their PIN, {len(owned_up_to)} owned up to without one")  # noqa: T201
    assert not problems, "\n".join(problems)
    if pins == "kept":
        assert not owned_up_to
        assert failing == "everything fails" or not (named or ledger.left_open())
