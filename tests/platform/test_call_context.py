"""Who is told of a wait for a rate limit: the call that waits, and no other."""

from collections.abc import Awaitable, Callable

import anyio
import pytest

from ringcentral_meetings.platform.call_context import report_waits_to
from scripted_http import PATH, World, answer, numbered, script, world

pytestmark = pytest.mark.anyio


async def side_by_side(*calls: Callable[[], Awaitable[object]]) -> list[list[float]]:
    """Run calls at once; the waits that each was told of."""
    told: list[list[float]] = [[] for _ in calls]

    async def run(call: Callable[[], Awaitable[object]], waits: list[float]) -> None:
        async def on_wait(seconds: float) -> None:
            waits.append(seconds)

        report_waits_to(on_wait)
        await call()

    async with anyio.create_task_group() as tasks:
        for call, waits in zip(calls, told, strict=True):
            tasks.start_soon(run, call, waits)
    return told


def writing(w: World) -> Callable[[], Awaitable[object]]:
    return lambda: w.client.request("POST", PATH, json={}, group="heavy")


async def test_of_calls_at_once_each_is_told_of_its_own_wait() -> None:
    async with world(script(answer()), limits={"light": 1}) as w:
        first, second, third = await side_by_side(w.get, w.get, w.get)
        assert (first, second, third[0]) == ([], [60], 120)
        assert w.waits == []


async def test_a_wait_for_a_sign_in_that_several_calls_need_is_told_to_the_one_that_signs_in() -> None:
    async with world(numbered(), signing_in=True, limits={"auth": 1}) as w:
        await w.limits.admit("auth")
        assert await side_by_side(w.get, w.get, w.get) == [[60], [], []]
        assert len(w.wire.sign_ins) == 1


async def test_a_write_that_waits_in_flight_is_told_to_its_own_call_and_not_to_those_begun_meanwhile() -> None:
    """The renewal of its token takes a new place in the plan group, for which it waits."""
    async with world(numbered(ended={"canary-token-1"}), signing_in=True, limits={"heavy": 1}) as w:
        assert await side_by_side(writing(w), w.get, w.get) == [[60], [], []]
