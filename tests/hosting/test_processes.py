"""Real processes of a host behind a balancer: they are ended, killed and replaced while people work."""

import signal
import sys
from pathlib import Path

import anyio
import httpx
import pytest

from hosting.processes import body_of, quarter
from ringcentral_meetings.simulator import Faults
from store.servers import StoreServer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals"),
]

MEETING = {"topic": "Once only", "start_time": "2099-01-05T10:00", "time_zone": "UTC", "duration_minutes": 30}


async def test_a_rolling_restart_fails_no_call(server: StoreServer, tmp_path: Path) -> None:
    async with quarter(tmp_path, server.url, 2) as q:
        people, counted, over = [person.id for person in q.simulator.people], 0, False
        for person in people:
            body_of(await q.call(person, "list_meetings"))

        async def work(person: str) -> None:
            nonlocal counted
            while not over:
                body_of(await q.call(person, "list_meetings"))
                counted += 1

        async with anyio.create_task_group() as tasks:
            for person in people[:3]:
                tasks.start_soon(work, person)
            for old in list(q.processes):
                await q.start()
                old.send(signal.SIGTERM)
                assert await anyio.to_thread.run_sync(old.wait) == 128 + signal.SIGTERM
            done = counted
            while counted < done + 10:
                await anyio.lowlevel.checkpoint()
            over = True
        assert counted > 20


async def test_a_creation_whose_process_is_killed_is_found_by_the_next_one_and_not_made_again(
    server: StoreServer, tmp_path: Path
) -> None:
    slow = Faults.parse("POST .*/meeting$ latency=2")
    async with quarter(tmp_path, server.url, 2, faults=slow) as q:
        person, (first, second) = q.simulator.people[3].id, q.processes
        for process in (first, second):
            body_of(await q.call(person, "list_meetings", at=process))

        async def create_and_lose() -> None:
            with pytest.raises(httpx.TransportError):
                await q.call(person, "create_meeting", at=first, **MEETING)

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(create_and_lose)
            while not [call for call in q.simulator.calls if call.method == "POST" and call.path.endswith("/meeting")]:
                await anyio.lowlevel.checkpoint()
            first.kill()
        made = body_of(await q.call(person, "create_meeting", at=second, **MEETING))
        assert made["created"] is False
        assert len([row for row in q.simulator.meetings() if row["topic"] == "Once only"]) == 1


async def test_a_hundred_calls_at_once_over_four_processes_renew_an_expired_session_once(
    server: StoreServer, tmp_path: Path
) -> None:
    async with quarter(tmp_path, server.url, 4) as q:
        person = q.simulator.people[3].id
        for process in q.processes:
            body_of(await q.call(person, "list_meetings", at=process))
        q.simulator.expire_tokens()
        before = len([call for call in q.simulator.calls if call.path.endswith("/oauth/token")])
        answers: list[int] = []

        async def call() -> None:
            answers.append((await q.call(person, "list_meetings")).status_code)

        async with anyio.create_task_group() as tasks:
            for _ in range(100):
                tasks.start_soon(call)
        renewals = len([call for call in q.simulator.calls if call.path.endswith("/oauth/token")]) - before
        assert renewals == 1
        assert answers.count(200) == 100, answers
