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

from cli.processes import COMMAND, ask, shake_hands, started, tell
from cli.test_simulate import printed_settings

TOPIC = "Over the shoulder"
NEW = {"topic": TOPIC, "start_time": "2099-01-05T10:00", "duration_minutes": 30, "time_zone": "Europe/Berlin"}
CALL = {"name": "create_meeting", "arguments": NEW}
PATIENCE_SECONDS = 40.0
PRODUCTS = {"meetings": ("meetings", "POST /meeting$"), "video": ("bridges", "POST /bridges$")}


@dataclass
class Installation:
    """A platform in a process of its own, and the environment of the servers of one person."""

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

    def was_sent(self) -> bool:
        return self.record.exists() and '"sent":true' in self.record.read_text()

    @contextmanager
    def server(self) -> Iterator[subprocess.Popen[str]]:
        with started(COMMAND, **self.env) as process:
            shake_hands(process)
            yield process


@contextmanager
def installed(folder: Path, product: str, fault: str) -> Iterator[Installation]:
    table, request = PRODUCTS[product]
    data, state = folder / "platform.db", folder / "state"
    options = ["--port", "0", "--product", product, "--data", str(data), "--faults", f"{request} {fault}"]
    with started([*COMMAND, "simulate", *options]) as simulator:
        env = printed_settings(simulator) | {"RINGCENTRAL_TOKEN_STORE": "file", "XDG_STATE_HOME": str(state)}
        yield Installation(data, table, env, state)


def wait_until(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def answer_of(reply: Any) -> dict[str, Any]:
    assert not reply["result"].get("isError"), reply
    answer: dict[str, Any] = reply["result"]["structuredContent"]
    return answer


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_creation_repeated_after_its_server_was_killed_finds_the_meeting_that_was_made(
    tmp_path: Path, product: str
) -> None:
    with installed(tmp_path, product, "latency=60 x1") as here:
        with here.server() as server:
            tell(server, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL})
            wait_until(lambda: here.made() == 1)
            server.kill()
            server.wait()
        with here.server() as server:
            assert answer_of(ask(server, 1, "tools/call", CALL))["created"] is False
        assert here.made() == 1


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_creation_repeated_after_its_server_was_killed_waits_for_a_platform_that_acts_late(
    tmp_path: Path, product: str
) -> None:
    with installed(tmp_path, product, "late=4 x1") as here:
        with here.server() as server:
            tell(server, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL})
            wait_until(here.was_sent)
            time.sleep(0.5)
            server.kill()
            server.wait()
        with here.server() as server:
            assert answer_of(ask(server, 1, "tools/call", CALL))["created"] is False
        assert here.made() == 1


@pytest.mark.parametrize("product", PRODUCTS)
def test_equal_creations_of_two_processes_at_the_same_instant_make_one_meeting(tmp_path: Path, product: str) -> None:
    with (
        installed(tmp_path, product, "latency=1") as here,
        here.server() as first,
        here.server() as second,
    ):
        servers = [first, second]
        for server in servers:
            tell(server, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": CALL})
        replies = []
        for server in servers:
            assert server.stdout is not None
            replies.append(answer_of(json.loads(server.stdout.readline())))
        assert sorted(reply["created"] for reply in replies) == [False, True]
        assert len({reply["meeting"]["meeting_id"] for reply in replies}) == 1
        assert here.made() == 1


def test_the_record_of_creations_is_for_its_owner_alone_and_holds_no_text_of_a_meeting(tmp_path: Path) -> None:
    with installed(tmp_path, "meetings", "latency=60 x1") as here:
        with here.server() as server:
            secret = CALL | {"arguments": NEW | {"password": "hunter2"}}
            tell(server, {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": secret})
            wait_until(lambda: here.made() == 1)
            server.kill()
            server.wait()
        assert here.record.stat().st_mode & 0o777 == 0o600
        written = here.record.read_text()
        assert not any(word in written for word in (TOPIC, "hunter2", "2099", "Berlin"))
        with here.server() as server:
            ask(server, 1, "tools/call", CALL)
        assert not here.record.exists()
