"""Deadlines and cancellations that end a try of a request, on a loop whose time passes at once."""

import anyio
import httpx
import pytest

from faults.skipping import BACKEND
from ringcentral_meetings import errors
from scripted_http import Body, answer, at_once, never, script, streaming, world

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def anyio_backend() -> object:
    return BACKEND


async def test_a_body_that_drips_for_ever_ends_at_the_deadline() -> None:
    body = Body(b"{", hangs=True)
    async with world(streaming(body), write_timeout=3) as w:
        with pytest.raises(errors.Unanswered) as unanswered:
            await w.post()
        assert unanswered.value.code == "timed_out"
        assert body.closed


async def test_a_request_without_an_answer_ends_at_the_deadline_and_a_read_is_tried_again() -> None:
    silent = [never, never]

    async def handler(request: httpx.Request) -> httpx.Response:
        return await silent.pop()(request) if silent else answer(200, {"a": 1})

    async with world(handler, read_timeout=3) as w:
        assert await w.get() == {"a": 1}
        assert len(w.wire.seen) == 3


async def test_the_time_of_a_write_counts_from_its_place_among_the_requests_in_flight() -> None:
    held, times = anyio.Event(), [15, 10]

    async def slowly(_: httpx.Request) -> httpx.Response:
        held.set()
        await anyio.sleep(times.pop(0))
        return answer()

    async with world(slowly, max_in_flight=1, write_timeout=20) as w, anyio.create_task_group() as tasks:
        tasks.start_soon(w.get)
        await held.wait()
        assert await w.post() == {}


async def test_the_time_left_is_the_deadline_where_it_is_shorter() -> None:
    async with world(never) as w:
        w.clock.deadline = w.clock.now() + 3
        with pytest.raises(errors.Unanswered):
            await w.get()


async def test_a_cancellation_passes_through_and_nothing_is_sent_after_it() -> None:
    async with world(never) as w:
        with anyio.move_on_after(3) as scope:
            await w.get()
        assert scope.cancelled_caught
        assert len(w.wire.seen) == 1
        w.wire.handler = script(answer())
        await at_once(8, w.get)
        assert len(w.wire.seen) == 9
