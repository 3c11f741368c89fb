"""Signals that end a process of a host: when it is not ready any more, what it still answers, and when it is gone."""

import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import httpx
import pytest

from cli.processes import PATIENCE_SECONDS
from hosting.processes import Process, Quarter, body_of, quarter
from ringcentral_meetings.simulator import Faults
from store.servers import StoreServer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]

FOR_EVER = 300
"""Seconds of a drain that no test waits for."""

STREAMS_CUT_SECONDS = 0.6
"""Within which sse-starlette, where it is left to itself, cuts off the event streams of a process that ends."""

PAUSE_SECONDS = 0.02
FIRST_LIST = "GET .*/meeting$ latency=1 x1"


class Hold:
    """Holds a request at the platform until it is let go."""

    def __init__(self) -> None:
        self._arrived, self._free = threading.Event(), threading.Event()

    async def sleep(self, _seconds: float) -> None:
        self._arrived.set()
        await until(self._free.is_set)

    @asynccontextmanager
    async def a_call_in_progress(self, q: Quarter, process: Process) -> AsyncIterator[None]:
        """A call that is at the platform during the block, and has to be answered after it."""
        answers: list[httpx.Response] = []

        async def call() -> None:
            answers.append(await q.call(q.simulator.people[3].id, "list_meetings", at=process))

        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(call)
                await until(self._arrived.is_set)
                yield
                self._free.set()
        finally:
            self._free.set()
        body_of(answers[0])


async def until(condition: Callable[[], bool]) -> None:
    """Wait for what happens in another thread or process."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while not condition():  # noqa: ASYNC110  (nothing here can set an event)
            await anyio.sleep(PAUSE_SECONDS)


async def becomes(q: Quarter, process: Process, status: int | None) -> None:
    """Wait until a process answers in this way whether it is ready; None for no connection at all."""
    with anyio.fail_after(PATIENCE_SECONDS):
        while await q.status(process) != status:  # noqa: ASYNC110
            await anyio.sleep(PAUSE_SECONDS)


async def ended(process: Process) -> int:
    return await anyio.to_thread.run_sync(process.wait)


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
async def test_the_first_signal_turns_the_balancer_away_and_the_second_ends_all_but_calls_in_progress(
    server: StoreServer, tmp_path: Path, name: str
) -> None:
    number, hold = signal.Signals[name], Hold()
    slow = Faults.parse(FIRST_LIST)
    async with quarter(tmp_path, server.url, 1, drain_seconds=FOR_EVER, faults=slow, sleep=hold.sleep) as q:
        [process], person = q.processes, q.simulator.people[4].id
        async with hold.a_call_in_progress(q, process):
            process.send(number)
            await becomes(q, process, 503)
            late = await q.call(person, "list_meetings", at=process)
            body_of(late)
            assert late.headers["Connection"] == "close"
            process.send(number)
            await becomes(q, process, None)
            await anyio.sleep(STREAMS_CUT_SECONDS)
        assert await ended(process) == 128 + number


@contextmanager
def without_hang_ups() -> Iterator[None]:
    """Ignore SIGHUP, as `nohup` does for what it starts."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_a_process_that_was_started_to_outlive_its_terminal_does(server: StoreServer, tmp_path: Path) -> None:
    async with quarter(tmp_path, server.url, 0, drain_seconds=FOR_EVER) as q:
        with without_hang_ups():
            [process] = await q.start()
        process.send(signal.SIGHUP)
        process.send(signal.SIGTERM)
        await becomes(q, process, 503)
        process.send(signal.SIGHUP)
        body_of(await q.call(q.simulator.people[3].id, "list_meetings", at=process))
        process.send(signal.SIGTERM)
        assert await ended(process) == 128 + signal.SIGTERM


async def test_a_rolling_restart_fails_no_call_of_a_balancer_that_keeps_its_connections(
    server: StoreServer, tmp_path: Path
) -> None:
    async with quarter(tmp_path, server.url, 2, drain_seconds=FOR_EVER, kept_open=10) as q:
        people = [person.id for person in q.simulator.people][:3]
        counted = dict.fromkeys(people, 0)

        async def work(person: str) -> None:
            while True:
                body_of(await q.call(person, "list_meetings"))
                counted[person] += 1

        async def further(calls: int) -> None:
            """Wait until everybody has been answered so many more times."""
            before = dict(counted)
            await until(lambda: all(counted[person] >= before[person] + calls for person in people))

        async with anyio.create_task_group() as tasks:
            for person in people:
                tasks.start_soon(work, person)
            for old in list(q.processes):
                await q.start()
                await further(4)
                old.send(signal.SIGTERM)
                await becomes(q, old, 503)
                await until(partial(lambda url: not q.front.trusts(url), old.url))
                await further(2)
                old.send(signal.SIGTERM)
                assert await ended(old) == 128 + signal.SIGTERM
            await further(4)
            tasks.cancel_scope.cancel()
