"""Random operations of several people at once against a failing platform over real HTTP.

`pytest tests/campaign --campaign=10000 --campaign-seed=7 -s` runs a long one and prints its counts. The seed decides
what each person does and which requests are struck; how the calls interleave is left to the machine. Another product
takes part as a `Product` of its own, as that of `test_room_campaign.py`.
"""

import pytest

from campaign import creations, meetings, operations, together
from campaign.faults import ALL_FAULTS, WRITE_FAULTS
from campaign.people import OUTCOME_UNKNOWN, Product
from campaign.run import campaign, report

pytestmark = pytest.mark.anyio

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
    absent=meetings.absent,
)


async def test_while_reading_works_every_answer_to_a_write_is_true_and_what_can_be_known_is_not_left_open(
    campaign_operations: int, campaign_seed: int
) -> None:
    ledger, problems, _ = await campaign(MEETINGS, WRITE_FAULTS, campaign_operations // 2, campaign_seed)
    report("writes fail", ledger)
    assert not problems, "\n".join(problems)


async def test_while_everything_fails_no_answer_claims_what_did_not_happen(
    campaign_operations: int, campaign_seed: int
) -> None:
    ledger, problems, _ = await campaign(MEETINGS, ALL_FAULTS, campaign_operations // 2, campaign_seed)
    report("everything fails", ledger)
    assert not problems, "\n".join(problems)
    assert any(outcome == OUTCOME_UNKNOWN for _, outcome in ledger.outcomes) or campaign_operations < 2_000
