"""The plan groups: what is let out when, and what waits or is refused."""

from math import inf

import anyio
import pytest
from anyio.lowlevel import checkpoint

from ringcentral_meetings import errors
from ringcentral_meetings.platform.call_context import report_waits_to
from ringcentral_meetings.platform.limits import LoopClock, RateLimits
from scripted_http import FakeClock, at_once

pytestmark = pytest.mark.anyio


async def test_a_window_lets_out_no_more_than_its_limit() -> None:
    clock = FakeClock()
    limits = RateLimits({"heavy": 3}, clock)
    sent: list[float] = []

    async def call() -> None:
        await limits.admit("heavy")
        sent.append(clock.now())

    await at_once(8, call)
    assert len(sent) == 8
    for moment in sent:
        assert sum(moment - 60 < other <= moment for other in sent) <= 3


async def test_the_window_slides() -> None:
    clock = FakeClock()
    limits = RateLimits({"heavy": 2}, clock)
    await limits.admit("heavy")
    clock.time += 40
    await limits.admit("heavy")
    assert await limits.take("heavy") == 20
    clock.time += 20
    assert await limits.take("heavy") == 0
    assert await limits.take("heavy") == 40


async def test_groups_are_apart() -> None:
    limits = RateLimits({"heavy": 1, "light": 1}, FakeClock())
    assert await limits.take("heavy") == 0
    assert await limits.take("light") == 0
    assert await limits.take("heavy") > 0


async def test_a_wait_is_announced_before_it_begins() -> None:
    clock = FakeClock()
    limits = RateLimits({"auth": 1}, clock)
    told: list[tuple[float, float]] = []

    async def on_wait(seconds: float) -> None:
        told.append((seconds, clock.now()))

    report_waits_to(on_wait)
    await limits.admit("auth")
    assert told == []
    await limits.admit("auth")
    report_waits_to(None)
    assert told == [(60, 1_000)]
    assert clock.now() == 1_060


@pytest.mark.parametrize(("left", "waits"), [(59.0, False), (60.5, False), (61.0, True)])
async def test_a_wait_longer_than_the_time_left_is_refused_at_once(left: float, waits: bool) -> None:
    clock = FakeClock()
    limits = RateLimits({"light": 1}, clock)
    await limits.admit("light")
    clock.deadline = clock.now() + left
    if waits:
        await limits.admit("light")
        return
    with pytest.raises(errors.Refused) as refused:
        await limits.admit("light")
    assert refused.value.code == "rate_limited"
    assert refused.value.retry_after_seconds == 60
    assert clock.sleeps == []


async def test_those_far_back_in_the_queue_are_refused_without_waiting_first() -> None:
    clock = FakeClock(deadline=1_100)
    limits = RateLimits({"heavy": 2}, clock)

    async def call() -> float:
        await limits.admit("heavy")
        return clock.now()

    results = await at_once(6, call)
    assert [result for result in results if isinstance(result, float)] == [1_000, 1_000, 1_060, 1_060]
    assert [error.retry_after_seconds for error in results if isinstance(error, errors.Refused)] == [120, 120]
    assert clock.sleeps == [60, 60]


async def test_the_queue_behind_a_penalty_is_counted_in_windows() -> None:
    clock = FakeClock(deadline=1_080)
    limits = RateLimits({"heavy": 2}, clock)
    await limits.penalise("heavy", 30)

    async def call() -> float:
        await limits.admit("heavy")
        return clock.now()

    results = await at_once(3, call)
    assert sorted(result for result in results if isinstance(result, float)) == [1_030, 1_030]
    assert [error.retry_after_seconds for error in results if isinstance(error, errors.Refused)] == [90]


@pytest.mark.parametrize(("named", "held"), [(None, 30), (45, 45), (0, 1), (1e9, 3_600)])
async def test_a_penalty_holds_the_whole_group(named: float | None, held: float) -> None:
    limits = RateLimits({}, FakeClock())
    await limits.penalise("medium", named)
    assert await limits.take("medium") == held
    assert await limits.take("light") == 0


async def test_nobody_goes_out_inside_a_penalty_that_begins_while_they_wait() -> None:
    clock = FakeClock()
    limits = RateLimits({"heavy": 1}, clock)
    await limits.admit("heavy")
    penalised = False

    async def on_wait(seconds: float) -> None:
        nonlocal penalised
        if not penalised:
            penalised = True
            await limits.penalise("heavy", 100)

    report_waits_to(on_wait)
    await limits.admit("heavy")
    report_waits_to(None)
    assert clock.now() == 1_100


async def test_a_shorter_penalty_does_not_end_a_longer_one() -> None:
    limits = RateLimits({}, FakeClock())
    await limits.penalise("light", 100)
    await limits.penalise("light", 5)
    assert await limits.take("light") == 100


async def test_cancelling_stops_the_wait_and_gives_back_nothing_sent() -> None:
    limits = RateLimits({"heavy": 1}, LoopClock())
    await limits.admit("heavy")
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(limits.admit, "heavy")
        await checkpoint()
        tasks.cancel_scope.cancel()
    assert await limits.take("heavy") > 0
    await limits.observe("heavy", {"X-Rate-Limit-Limit": "2"})
    assert await limits.take("heavy") == 0


async def test_headers_correct_the_limit_and_the_window() -> None:
    clock = FakeClock()
    limits = RateLimits({"light": 1}, clock)
    await limits.admit("light")
    await limits.observe(
        "light", {"x-rate-limit-group": "light", "X-RATE-LIMIT-LIMIT": "3", "x-rate-limit-window": "10"}
    )
    assert [await limits.take("light") for _ in range(3)] == [0, 0, 10]


async def test_places_that_other_processes_took_are_taken() -> None:
    clock = FakeClock()
    limits = RateLimits({"heavy": 10}, clock)
    await limits.admit("heavy")
    clock.time += 20
    await limits.observe("heavy", {"X-Rate-Limit-Limit": "10", "X-Rate-Limit-Remaining": "1"})
    assert await limits.take("heavy") == 0
    assert await limits.take("heavy") == 40
    await limits.observe("heavy", {"X-Rate-Limit-Remaining": "5"})
    assert await limits.take("heavy") == 0
    clock.time += 60
    assert [await limits.take("heavy") for _ in range(10)] == [0] * 10
    assert await limits.take("heavy") == 60


async def test_the_group_that_the_headers_name_is_the_one_corrected() -> None:
    limits = RateLimits({}, FakeClock())
    await limits.observe("light", {"X-Rate-Limit-Group": "Heavy", "X-Rate-Limit-Limit": "1"})
    assert [await limits.take("heavy") == 0, await limits.take("heavy") == 0] == [True, False]
    assert [await limits.take("light") == 0, await limits.take("light") == 0] == [True, True]
    await limits.observe("medium", {"X-Rate-Limit-Group": "quantum", "X-Rate-Limit-Limit": "1"})
    assert [await limits.take("medium") == 0, await limits.take("medium") == 0] == [True, False]


@pytest.mark.parametrize("junk", ["", "-1", "0", "many", "1.5", "nan", "9" * 40, "\u00b2"])
async def test_headers_that_make_no_sense_change_nothing(junk: str) -> None:
    limits = RateLimits({"light": 2}, FakeClock())
    await limits.observe("light", {"X-Rate-Limit-Limit": junk, "X-Rate-Limit-Window": junk})
    assert [await limits.take("light") for _ in range(3)] == [0, 0, 60]


async def test_a_lowered_limit_holds_until_enough_places_are_free() -> None:
    clock = FakeClock()
    limits = RateLimits({"light": 4}, clock)
    for _ in range(4):
        await limits.admit("light")
        clock.time += 10
    await limits.observe("light", {"X-Rate-Limit-Limit": "2"})
    assert await limits.take("light") == 40  # the third of four has to leave the window


async def test_the_loop_clock_knows_the_enclosing_deadline() -> None:
    clock = LoopClock()
    assert clock.time_left() == inf
    with anyio.fail_after(5):
        assert 4 < clock.time_left() <= 5
        before = clock.now()
        await clock.sleep(0)
    assert clock.now() >= before
