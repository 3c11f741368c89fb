"""Servers that are killed within a creation, and two at once: real processes, and a platform that outlives them."""

import json
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.platforms import account, platform
from cli.processes import COMMAND, ask, shake_hands, started, tell
from cli.test_simulate import printed_settings
from ringcentral_meetings.platform.signin.token_stores import OWNER_ONLY
from ringcentral_meetings.simulator import CLIENT_SECRET, JWT, Faults, Simulator

TOPIC = "Over the shoulder"
PASSWORD = "hunter2"
NEW = {"topic": TOPIC, "start_time": "2099-01-05T10:00", "duration_minutes": 30, "password": PASSWORD}
CALL = {"name": "create_meeting", "arguments": NEW | {"time_zone": "Europe/Berlin"}}
PATIENCE_SECONDS = 40.0
PRODUCTS = {"meetings": ("meetings", "POST /meeting$"), "video": ("bridges", "POST /bridges$")}


@dataclass
class Installation:
    """A platform with a data file, and the environment of the servers of one person."""

    data: Path
    table: str
    env: dict[str, str]
    state: Path

    def made(self) -> int:
        """How many meetings or rooms of the topic the platform has."""
        with closing(sqlite3.connect(self.data, timeout=10)) as database:
            rows = database.execute(f"SELECT body FROM {self.table}").fetchall()  # noqa: S608  (one of two names)
        return sum(TOPIC in body for (body,) in rows)

    @property
    def record(self) -> Path:
        return self.state / "ringcentral-meetings-mcp" / "sessions" / "creations.json"

    @contextmanager
    def server(self) -> Iterator[subprocess.Popen[str]]:
        with started(COMMAND, **self.env) as process:
            shake_hands(process)
            yield process


@contextmanager
def in_a_process(folder: Path, product: str, fault: str) -> Iterator[Installation]:
    table, request = PRODUCTS[product]
    data, state = folder / "platform.db", folder / "state"
    options = ["--port", "0", "--product", product, "--data", str(data), "--faults", f"{request} {fault}"]
    with started([*COMMAND, "simulate", *options]) as simulator:
        env = printed_settings(simulator) | {"RINGCENTRAL_TOKEN_STORE": "file", "XDG_STATE_HOME": str(state)}
        yield Installation(data, table, env, state)


@contextmanager
def in_view(folder: Path, product: str, fault: str) -> Iterator[tuple[Installation, Simulator]]:
    """The same with a platform in this process, whose calls can be seen."""
    table, request = PRODUCTS[product]
    data, state = folder / "platform.db", folder / "state"
    provider = "RCVideo" if product == "video" else "RCMeetings"
    faults = Faults.parse(f"{request} {fault}")
    with platform(database=str(data), provider=provider, faults=faults) as (simulator, url):
        env = account(url, state, RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, RINGCENTRAL_JWT=JWT)
        yield Installation(data, table, env, state), simulator


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def begin(server: subprocess.Popen[str], call: dict[str, Any]) -> None:
    tell(server, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})


def kill(server: subprocess.Popen[str]) -> None:
    server.kill()
    server.wait()


def answer_of(reply: Any) -> dict[str, Any]:
    assert not reply["result"].get("isError"), reply
    answer: dict[str, Any] = reply["result"]["structuredContent"]
    return answer


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_creation_repeated_after_its_server_was_killed_finds_the_meeting_that_was_made(
    tmp_path: Path, product: str
) -> None:
    with in_a_process(tmp_path, product, "latency=60 x1") as here:
        with here.server() as server:
            begin(server, CALL)
            wait_until(lambda: here.made() == 1)
            kill(server)
        written = here.record.read_text()
        assert here.record.stat().st_mode & 0o777 == OWNER_ONLY
        assert not any(word in written for word in (TOPIC, PASSWORD, "2099", "Berlin"))
        with here.server() as server:
            assert answer_of(ask(server, 1, "tools/call", CALL))["created"] is False
        assert here.made() == 1


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_creation_repeated_after_its_server_was_killed_waits_for_a_platform_that_acts_late(
    tmp_path: Path, product: str
) -> None:
    with in_view(tmp_path, product, "late=8 x1") as (here, simulator):
        with here.server() as server:
            begin(server, CALL)
            wait_until(lambda: any(call.method == "POST" and TOPIC.encode() in call.body for call in simulator.calls))
            kill(server)
        assert here.made() == 0
        with here.server() as server:
            assert answer_of(ask(server, 1, "tools/call", CALL))["created"] is False
        assert here.made() == 1


@pytest.mark.parametrize("product", PRODUCTS)
def test_equal_creations_of_two_processes_at_the_same_instant_make_one_meeting(tmp_path: Path, product: str) -> None:
    with (
        in_view(tmp_path, product, "latency=1") as (here, _),
        here.server() as first,
        here.server() as second,
    ):
        begin(first, CALL)
        begin(second, CALL)
        replies = []
        for server in (first, second):
            assert server.stdout is not None
            replies.append(answer_of(json.loads(server.stdout.readline())))
        assert sorted(reply["created"] for reply in replies) == [False, True]
        assert len({reply["meeting"]["meeting_id"] for reply in replies}) == 1
        assert here.made() == 1
