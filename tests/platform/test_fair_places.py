"""Places for requests in flight, shared among callers."""

import anyio
import pytest
from anyio.abc import TaskGroup
from anyio.lowlevel import checkpoint

from ringcentral_meetings.platform.call_context import call_for
from ringcentral_meetings.platform.fair_places import FairPlaces

pytestmark = pytest.mark.anyio


async def settle() -> None:
    for _ in range(20):
        await checkpoint()


class Scene:
    """Requests that hold a place until they are told to end, and the order in which they got it."""

    def __init__(self, each: int) -> None:
        self.places = FairPlaces(each)
        self.began: list[str] = []
        self.ends: dict[str, anyio.Event] = {}

    async def request(self, name: str) -> None:
        """Hold a place for the caller that the first letter of the name is."""
        call_for(name[0])
        self.ends[name] = anyio.Event()
        async with self.places.place():
            self.began.append(name)
            await self.ends[name].wait()


async def begin(group: TaskGroup, scene: Scene, *names: str) -> None:
    for name in names:
        group.start_soon(scene.request, name)
        await settle()


async def test_one_caller_leaves_places_for_others_and_waiting_callers_take_turns() -> None:
    scene = Scene(2)
    async with anyio.create_task_group() as group:
        await begin(group, scene, "a1", "a2", "a3", "a4", "b1", "b2", "b3", "c1")
        assert scene.began == ["a1", "a2", "b1", "b2"]
        for name in ("a1", "a2", "b1", "b2"):
            scene.ends[name].set()
            await settle()
        assert scene.began[4:] == ["a3", "c1", "b3", "a4"]
        group.cancel_scope.cancel()


async def test_whoever_gives_up_waiting_costs_nobody_a_place() -> None:
    scene = Scene(1)
    async with anyio.create_task_group() as group:
        await begin(group, scene, "a1")
        async with anyio.create_task_group() as impatient:
            await begin(impatient, scene, "a2", "a3")
            impatient.cancel_scope.cancel()
        async with anyio.create_task_group() as late:
            await begin(late, scene, "a4")
            scene.ends["a1"].set()  # hands the place to a4, which is cancelled before it runs
            late.cancel_scope.cancel()
        await begin(group, scene, "a5")
        assert scene.began == ["a1", "a5"]
        group.cancel_scope.cancel()
