"""Whether a process is to be sent requests."""

import anyio
import pytest

from ringcentral_meetings.hosting.serving import PING_SECONDS, Health
from ringcentral_meetings.store import KeyRing, StoreDown, memory_store
from scripted_http import FakeClock

pytestmark = pytest.mark.anyio


class SlowStore:
    """A store that answers a ping once it is let, and counts them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.store, self.answered, self.pings, self.is_down = memory_store(KeyRing.new()), anyio.Event(), 0, False
        monkeypatch.setattr(self.store, "ping", self._ping)

    async def _ping(self) -> None:
        self.pings += 1
        await self.answered.wait()
        if self.is_down:
            raise StoreDown("cannot be reached")


async def asked_at_once(health: Health, slow: SlowStore, times: int) -> list[bool]:
    said: list[bool] = []

    async def ask() -> None:
        said.append(await health.ready())

    async with anyio.create_task_group() as tasks:
        for _ in range(times):
            tasks.start_soon(ask)
        await anyio.wait_all_tasks_blocked()
        slow.answered.set()
    return said


@pytest.mark.parametrize("is_down", [False, True])
async def test_all_who_ask_at_once_are_told_the_same_by_one_question_to_the_store(
    monkeypatch: pytest.MonkeyPatch, is_down: bool
) -> None:
    slow, clock = SlowStore(monkeypatch), FakeClock()
    slow.is_down = is_down
    health = Health(slow.store, clock.now)
    assert await asked_at_once(health, slow, 5) == [not is_down] * 5
    assert slow.pings == 1


async def test_the_store_is_asked_again_after_a_while_and_not_by_a_process_that_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow, clock = SlowStore(monkeypatch), FakeClock()
    slow.answered.set()
    health = Health(slow.store, clock.now)
    assert await health.ready()
    slow.is_down = True
    assert await health.ready()
    clock.time += PING_SECONDS
    assert not await health.ready()
    slow.is_down = False
    clock.time += PING_SECONDS
    assert await health.ready()
    health.draining = True
    clock.time += PING_SECONDS
    assert not await health.ready()
    assert slow.pings == 3
