"""Rate limits that all replicas share: the same for both forms."""

import pytest

from store.forms import Form, about

pytestmark = pytest.mark.anyio


async def test_a_window_grants_its_limit_and_says_when_there_is_more(form: Form) -> None:
    limits = form.store.limits("ann", "acme")
    assert [await limits.take_place("heavy", 2) for _ in range(2)] == [0, 0]
    assert await limits.take_place("heavy", 2) == about(60)
    form.advance(40)
    assert await limits.take_place("heavy", 2) == about(20)
    form.advance(25)
    assert [await limits.take_place("heavy", 2) for _ in range(2)] == [0, 0]
    assert await limits.take_place("heavy", 2) == about(60)


async def test_all_views_of_one_user_share_a_window_and_those_of_another_do_not(form: Form) -> None:
    here, there = form.store.limits("ann", "acme"), form.store.limits("ann", "acme")
    assert await here.take_place("heavy", 1) == 0
    assert await there.take_place("heavy", 1) > 0
    assert await there.take_place("light", 1) == 0
    assert await form.store.limits("ben", "acme").take_place("heavy", 1) == 0


async def test_whoever_waits_behind_others_is_told_of_a_later_place(form: Form) -> None:
    limits = form.store.limits("ann", "acme")
    await limits.take_place("heavy", 2)
    form.advance(10)
    await limits.take_place("heavy", 2)
    waits = [await limits.seconds_to_place("heavy", 2, ahead) for ahead in range(5)]
    assert waits == [about(50), about(60), about(110), about(120), about(170)]
    empty = form.store.limits("ben", "acme")
    assert [await empty.seconds_to_place("heavy", 2, ahead) for ahead in (0, 1, 2, 4)] == [0, 0, about(60), about(120)]


async def test_what_the_platform_tells_corrects_limit_window_and_what_others_sent(form: Form) -> None:
    limits = form.store.limits("ann", "acme")
    await limits.take_place("heavy", 10)
    await limits.learn("heavy", 10, limit=5, window=30.0, remaining=1)
    assert await limits.take_place("heavy", 10) == 0
    assert await limits.take_place("heavy", 10) == about(30)
    room = (await limits.headroom({"heavy": 10}))["heavy"]
    assert (room.left, room.limit, room.window, room.held_seconds) == (0, 5, 30, 0)
    form.advance(31)
    assert (await limits.headroom({"heavy": 10}))["heavy"].left == 5


async def test_a_penalty_is_lengthened_and_never_shortened(form: Form) -> None:
    limits = form.store.limits("ann", "acme")
    await limits.hold("heavy", 20)
    await limits.hold("heavy", 5)
    assert await limits.take_place("heavy", 5) == about(20)
    await limits.hold("heavy", 40)
    assert await limits.seconds_to_place("heavy", 5, 0) == about(40)
    assert await limits.take_place("light", 5) == 0
    form.advance(41)
    assert await limits.take_place("heavy", 5) == 0


async def test_a_penalty_of_the_account_holds_its_people_and_one_of_the_deployment_everybody(form: Form) -> None:
    ann, ben, cat = (form.store.limits(user, account) for user, account in (("ann", "a"), ("ben", "a"), ("cat", "b")))
    await ann.hold_account(30)
    assert await ben.take_place("light", 5) == about(30)
    assert await cat.take_place("light", 5) == 0
    await ann.hold_everybody(10)
    assert await cat.take_place("light", 5) == about(10)
    assert (await cat.headroom({"light": 5, "heavy": 1}))["heavy"].held_seconds == about(10)
    form.advance(31)
    assert (await ben.headroom({"light": 5}))["light"].left == 5, "what was held took no place"


async def test_a_repeated_request_takes_one_place(form: Form) -> None:
    limits = form.store.limits("ann", "acme")
    for default, left in ((1, 0), (3, 2)):
        group = limits._group("heavy", default)  # noqa: SLF001  (the step below the protocol)
        for _ in range(3):
            assert (await form.steps.take_place(group, "the-same", ())).seconds == 0
        assert (await limits.headroom({"heavy": default}))["heavy"].left == left


async def test_what_is_told_as_expected_costs_no_trip(form: Form) -> None:
    limits = form.store.limits("ann", "acme")
    await limits.take_place("heavy", 10)
    await limits.learn("heavy", 10, limit=10, window=60.0, remaining=9)
    await limits.learn("heavy", 10, limit=None, window=None, remaining=None)
    assert [step for step, _ in form.trips] == ["take_place"]
    await limits.learn("heavy", 10, limit=10, window=60.0, remaining=4)
    assert [step for step, _ in form.trips] == ["take_place", "learn"]
    await limits.take_place("heavy", 10)
    assert (await limits.headroom({"heavy": 10}))["heavy"].left == 3
    await limits.learn("heavy", 10, limit=10, window=60.0, remaining=8)
    assert (await limits.headroom({"heavy": 10}))["heavy"].left == 8


async def test_a_limit_below_one_grants_one(form: Form) -> None:
    limits = form.store.limits("ann", "acme")
    assert await limits.take_place("heavy", 0) == 0
    assert await limits.take_place("heavy", 0) == about(60)
