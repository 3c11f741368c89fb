"""Codes, tokens and the grants behind them: what happens once happens once, and a token in two hands ends its grant."""

from dataclasses import replace

import anyio
import pytest

from ringcentral_meetings.store import Issued, Rotated, Store, StoreDown, Throttle
from ringcentral_meetings.store.grants import digest
from ringcentral_meetings.store.same_answer import open_answer, seal_answer
from store.forms import RING, SLOW, Form, about
from store.grant_use import (
    ANN,
    BEN,
    DAY,
    HOUR,
    MONTH,
    begun,
    code_record,
    grant,
    is_open,
    offered,
    opened,
    rotated,
    signed_in,
    token,
    tokens,
)

pytestmark = pytest.mark.anyio


async def test_a_sign_in_is_taken_once_though_two_replicas_ask(form: Form) -> None:
    replicas = [form.store.grants, Store(form.steps, RING).grants]
    await replicas[0].put_flow("secret", "state", 600)
    taken: list[str | None] = []

    async def take(number: int) -> None:
        taken.append(await replicas[number % 2].take_flow("secret"))

    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(take, number)
    assert sorted(taken, key=str) == [None] * 5 + ["state"]
    assert await replicas[0].take_flow("another") is None


async def test_a_sign_in_that_takes_too_long_is_over(form: Form) -> None:
    await form.store.grants.put_flow("secret", "state", 600)
    form.advance(601)
    assert await form.store.grants.take_flow("secret") is None


async def test_a_code_is_read_without_effect_and_used_once(form: Form) -> None:
    given, issued = grant(ANN), tokens(ANN)
    code = await offered(form.store, given)
    for _ in range(2):
        assert await form.store.grants.read_code(code) == code_record(given)
    assert await form.store.grants.of_user(ANN) == []
    assert await form.store.grants.exchange_code(code, issued, MONTH)
    assert (await opened(form.store, issued)).grant == given
    assert await form.store.grants.read_code(code) == "used"
    again = tokens(ANN)
    assert not await form.store.grants.exchange_code(code, again, MONTH)
    assert not await is_open(form.store, again)
    assert await is_open(form.store, issued), "what the second use means is the caller's to decide"


async def test_a_code_is_over_after_a_minute_and_its_use_is_remembered_for_ten(form: Form) -> None:
    late = await offered(form.store, grant(ANN))
    given = await begun(form.store)
    form.advance(61)
    assert await form.store.grants.read_code(late) is None
    assert not await form.store.grants.exchange_code(late, tokens(ANN), MONTH)
    form.advance(500)
    assert await form.store.grants.read_code(given.code) == "used"
    form.advance(100)
    assert await form.store.grants.read_code(given.code) is None


async def test_a_code_used_by_two_replicas_at_once_begins_one_grant_which_then_ends(form: Form) -> None:
    """Case 14 of the plan's attacks: one wins, and the second use ends what the first began."""
    code, issued = await offered(form.store, grant(ANN)), [tokens(ANN) for _ in range(4)]
    replicas = [form.store, Store(form.steps, RING)] * 2
    won: dict[int, bool] = {}

    async def use(number: int) -> None:
        won[number] = await replicas[number].grants.exchange_code(code, issued[number], MONTH)

    async with anyio.create_task_group() as group:
        for number in range(4):
            group.start_soon(use, number)
    assert sorted(won.values()) == [False, False, False, True]
    assert [await is_open(form.store, one) for one in issued] == [won[number] for number in range(4)]
    assert (await form.store.grants.end_grant_of_code(code)).grants == 1
    assert [await is_open(form.store, one) for one in issued] == [False] * 4


async def test_a_code_that_nobody_used_ends_no_grant(form: Form) -> None:
    await signed_in(form.store)
    given, code = await begun(form.store), await offered(form.store, grant(ANN))
    for other in (code, token("ac", ANN), "rcm_ac_x"):
        ended = await form.store.grants.end_grant_of_code(other)
        assert (ended.grants, ended.last, ended.session) == (0, False, None)
    assert await is_open(form.store, given.issued)
    assert await form.store.grants.exchange_code(code, tokens(ANN), MONTH)


async def test_each_token_is_good_for_what_it_is_and_for_its_user(form: Form) -> None:
    given = await begun(form.store)
    issued = given.issued
    swapped = Issued(issued.refresh, issued.access, issued.expires_in, issued.scopes)
    assert not await is_open(form.store, swapped)
    assert await form.store.grants.read_refresh(swapped.refresh) is None
    assert await form.store.grants.rotate(swapped.refresh, tokens(ANN), MONTH) == Rotated("unknown")
    assert not await is_open(form.store, issued, BEN)
    for forged in (issued.refresh.replace(ANN, BEN), "rcm_rt_short_x", "", issued.refresh[:-1]):
        assert await form.store.grants.read_refresh(forged) is None
        assert await form.store.grants.rotate(forged, tokens(ANN), MONTH) == Rotated("unknown")
        assert await form.store.grants.read_code(forged) is None
        assert not await form.store.grants.exchange_code(forged, tokens(ANN), MONTH)
    assert (await opened(form.store, issued)).grant == given.grant


async def test_a_call_reads_its_grant_with_its_session_in_one_trip(form: Form) -> None:
    await signed_in(form.store)
    given = await begun(form.store)
    form.advance(600)
    form.trips.clear()
    call = await opened(form.store, given.issued)
    assert form.trips == [("open_call", "ok")]
    assert call.grant == given.grant
    assert call.session is not None
    assert (call.session.access_token, call.session.expires_in) == ("access-1", about(HOUR - 600))
    alone = await form.store.open_call(ANN)
    assert alone.grant is None
    assert alone.session is not None
    assert alone.session.expires_in == about(HOUR - 600)
    limited = await form.store.open_call(ANN, [Throttle("user:ann", 1, 1)] * 2, digest(given.issued.access))
    assert (limited.wait, limited.grant) == (about(60), given.grant)


async def test_a_limit_of_grants_is_not_used_up_with_tokens_that_have_none(form: Form) -> None:
    kept, ended = await begun(form.store), await begun(form.store)
    await form.store.grants.end(ANN, ended.grant.id)
    limits = [Throttle("user:ann", 1, 2, of_grants=True), Throttle("address", 60, 100)]
    for access in (ended.issued.access, token("at", ANN)) * 3:
        refused = await form.store.open_call(ANN, limits, digest(access))
        assert (refused.wait, refused.grant) == (0, None)
    waits = [(await form.store.open_call(ANN, limits, digest(kept.issued.access))).wait for _ in range(3)]
    assert waits == [0, 0, about(60)]
    few = [Throttle("few", 1, 3)]
    waits = [(await form.store.open_call(ANN, few, digest(token("at", ANN)))).wait for _ in range(4)]
    assert waits == [0, 0, 0, about(60)]


async def test_an_access_token_ends_before_its_grant(form: Form) -> None:
    given = await begun(form.store)
    form.advance(HOUR + 1)
    assert not await is_open(form.store, given.issued)
    later = await rotated(form.store, given)
    assert await is_open(form.store, later.issued)


async def test_a_rotation_leaves_the_earlier_access_token_until_its_end(form: Form) -> None:
    given = await begun(form.store)
    later = await rotated(form.store, given)
    assert await is_open(form.store, given.issued), "calls with it may be under way"
    assert await is_open(form.store, later.issued)
    assert later.issued != given.issued


async def test_the_token_before_gets_the_same_answer_for_a_minute(form: Form) -> None:
    """Case 17 of the plan's attacks."""
    given = await begun(form.store)
    later = await rotated(form.store, given)
    form.advance(40)
    again = await form.store.grants.rotate(given.issued.refresh, tokens(ANN), MONTH)
    assert again.outcome == "same"
    assert again.issued is not None
    assert replace(again.issued, expires_in=HOUR) == later.issued
    assert 40 <= HOUR - again.issued.expires_in <= 40 + SLOW
    form.advance(21)
    late = await form.store.grants.rotate(given.issued.refresh, tokens(ANN), MONTH)
    assert late.outcome == "reused"
    assert late.issued is None
    assert late.ended is not None
    assert (late.ended.grants, late.ended.last) == (1, True)
    assert not await is_open(form.store, later.issued)
    assert await form.store.grants.rotate(later.issued.refresh, tokens(ANN), MONTH) == Rotated("unknown")


async def test_a_token_rotated_by_many_at_once_has_one_successor(form: Form) -> None:
    given = await begun(form.store)
    replicas = [form.store, Store(form.steps, RING)] * 3
    answers: list[Rotated] = []

    async def rotate(store: Store) -> None:
        answers.append(await store.grants.rotate(given.issued.refresh, tokens(ANN), MONTH))

    async with anyio.create_task_group() as group:
        for store in replicas:
            group.start_soon(rotate, store)
    assert sorted(answer.outcome for answer in answers) == ["rotated", *["same"] * 5]
    issued = {(answer.issued.access, answer.issued.refresh) for answer in answers if answer.issued is not None}
    assert len(issued) == 1
    [(access, refresh)] = issued
    assert await is_open(form.store, Issued(access, refresh, HOUR, ()))
    assert await form.store.grants.read_refresh(refresh) == given.grant


@pytest.mark.parametrize("turns", [2, 3])
async def test_a_token_older_than_the_one_before_ends_the_grant_at_once(form: Form, turns: int) -> None:
    first = latest = await begun(form.store)
    other = await begun(form.store, client="cursor")
    for _ in range(turns):
        latest = await rotated(form.store, latest)
    assert await form.store.grants.read_refresh(first.issued.refresh) == first.grant, "so that its client is checked"
    assert (await form.store.grants.rotate(first.issued.refresh, tokens(ANN), MONTH)).outcome == "reused"
    assert not await is_open(form.store, latest.issued)
    assert await form.store.grants.read_refresh(latest.issued.refresh) is None
    assert await is_open(form.store, other.issued), "the other client's grant is left alone"


async def test_a_token_of_weeks_ago_is_still_recognised(form: Form) -> None:
    first = latest = await begun(form.store)
    for _ in range(2):
        form.advance(14 * DAY)
        latest = await rotated(form.store, latest)
    assert (await form.store.grants.rotate(first.issued.refresh, tokens(ANN), MONTH)).outcome == "reused"


async def test_of_very_many_replaced_tokens_some_are_forgotten(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("memory_grants", "redis_grants"):
        monkeypatch.setattr(f"ringcentral_meetings.store.{module}.MOST_REPLACED", 3)
    had = [await begun(form.store)]
    for _ in range(6):
        had.append(await rotated(form.store, had[-1]))
    known = [await form.store.grants.read_refresh(one.issued.refresh) for one in had]
    assert known[-2:] == [had[0].grant, had[0].grant]
    assert sum(one is not None for one in known) == 4, "three that were replaced, and the current one"


async def test_reading_a_refresh_token_changes_nothing(form: Form) -> None:
    """Case 19 of the plan's attacks: what is refused after reading leaves the token as it was."""
    given = await begun(form.store)
    for _ in range(3):
        assert await form.store.grants.read_refresh(given.issued.refresh) == given.grant
    form.advance(120)
    await rotated(form.store, given)


async def test_a_grant_lasts_for_its_refresh_token_which_each_rotation_renews(form: Form) -> None:
    kept, left = await begun(form.store), await begun(form.store, client="cursor")
    form.advance(20 * DAY)
    kept = await rotated(form.store, kept)
    form.advance(11 * DAY)
    assert await form.store.grants.read_refresh(left.issued.refresh) is None
    assert await form.store.grants.rotate(left.issued.refresh, tokens(ANN), MONTH) == Rotated("unknown")
    assert [one.id for one in await form.store.grants.of_user(ANN)] == [kept.grant.id]
    await rotated(form.store, kept)


async def test_a_grant_is_over_when_the_session_is(form: Form) -> None:
    await signed_in(form.store, ends_in=7 * DAY)
    given = await begun(form.store)
    form.advance(6.9 * DAY)
    given = await rotated(form.store, given)
    assert await is_open(form.store, given.issued)
    form.advance(0.2 * DAY)
    assert await form.store.grants.read_refresh(given.issued.refresh) is None
    assert await form.store.grants.of_user(ANN) == []


async def test_a_grant_is_over_after_ninety_days_whatever_is_asked(form: Form) -> None:
    given = await begun(form.store)
    for _ in range(4):
        form.advance(22 * DAY)
        given = await rotated(form.store, given)
    form.advance(2 * DAY + HOUR)
    assert await form.store.grants.read_refresh(given.issued.refresh) is None


async def test_an_assertion_is_seen_once_within_its_time(form: Form) -> None:
    grants = form.store.grants
    seen = [
        await grants.seen_before("client jti-1", 300),
        await Store(form.steps, RING).grants.seen_before("client jti-1", 300),
    ]
    assert seen == [False, True]
    assert not await grants.seen_before("client jti-2", 300)
    form.advance(301)
    assert not await grants.seen_before("client jti-1", 300)


def test_the_same_answer_opens_with_the_token_that_it_replaced_and_nothing_else() -> None:
    presented, issued = token("rt", ANN), tokens(ANN)
    sealed = seal_answer(presented, issued, name="name")
    assert issued.access.encode() not in sealed
    assert open_answer(presented, sealed, 0, name="name") == issued
    assert open_answer(presented, sealed, 2 * HOUR, name="name").expires_in == 0
    for other, text, name in (
        (token("rt", ANN), sealed, "name"),
        (presented, sealed, "another"),
        (presented, sealed[:-1], "name"),
        (presented, b"", "name"),
    ):
        with pytest.raises(StoreDown, match="not stored under its name"):
            open_answer(other, text, 0, name=name)


async def test_tokens_are_not_shown() -> None:
    issued = tokens(ANN)
    shown = repr(issued) + repr(Rotated("rotated", issued))
    assert issued.access not in shown
    assert issued.refresh not in shown
    assert digest("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
