"""Eight servers of one user, started together as a desktop client does: real processes over real HTTP."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cli.platforms import Person, account, grants, platform, token_requests
from cli.processes import COMMAND, environment, shake_hands, started_within
from ringcentral_meetings.cli import login
from ringcentral_meetings.settings import load
from ringcentral_meetings.simulator import CLIENT_SECRET, JWT, Simulator

PLENTY = {"light": 1_000, "auth": 1_000}
PATIENCE_SECONDS = 240.0
"""For eight interpreters that start at once on a busy machine."""


@contextmanager
def running(count: int, env: dict[str, str]) -> Iterator[list[subprocess.Popen[str]]]:
    more = env | {"RINGCENTRAL_PLAN_LIMITS": "light=1000"}
    with ExitStack() as stack:
        servers = [stack.enter_context(started_within(PATIENCE_SECONDS, COMMAND, more)) for _ in range(count)]
        for server in servers:
            shake_hands(server)
        yield servers


def all_call(servers: list[subprocess.Popen[str]], number: int) -> list[Any]:
    """Ask all of them before the first has answered."""
    question = {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": "list_meetings"}}
    for server in servers:
        assert server.stdin is not None
        server.stdin.write(json.dumps(question) + "\n")
    for server in servers:
        assert server.stdin is not None
        server.stdin.flush()
    answers = []
    for server in servers:
        assert server.stdout is not None
        answers.append(json.loads(server.stdout.readline())["result"])
    return answers


def let_it_expire(state: Path) -> None:
    """Turn the stored end of the token back, as if its hour had passed."""
    [path] = (state / "ringcentral-meetings-mcp" / "sessions").glob("*.json")
    record = json.loads(path.read_text())
    path.write_text(json.dumps(record | {"expires_at": record["expires_at"] - 3_600}))


def sessions(simulator: Simulator) -> int:
    return len(simulator.store.run("SELECT 1 FROM sessions"))


def test_eight_processes_with_a_jwt_make_one_token_request_and_one_renewal(tmp_path: Path) -> None:
    with platform(limits=PLENTY) as (simulator, url):
        simulator.issue_refresh_tokens = True
        env = account(url, tmp_path, RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, RINGCENTRAL_JWT=JWT)
        with running(8, env) as servers:
            assert not any(answer.get("isError") for answer in all_call(servers, 1))
            assert len(token_requests(simulator)) == 1
            let_it_expire(tmp_path)
            assert not any(answer.get("isError") for answer in all_call(servers, 2))
            assert grants(simulator)[1:] == ["refresh_token"]
            simulator.expire_tokens()
            assert not any(answer.get("isError") for answer in all_call(servers, 3))
            assert grants(simulator)[1:] == ["refresh_token"] * 2
        assert sessions(simulator) == 1


def test_processes_share_what_one_login_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with platform(limits=PLENTY) as (simulator, url):
        simulator.issue_refresh_tokens = True
        env = account(url, tmp_path, RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET)
        for name, value in environment(**env).items():
            monkeypatch.setenv(name, value)
        login.with_browser(load(), 0, open_browser=Person().opens)
        with running(3, env) as servers:
            assert not any(answer.get("isError") for answer in all_call(servers, 1))
            assert grants(simulator) == ["authorization_code"]
            let_it_expire(tmp_path)
            assert not any(answer.get("isError") for answer in all_call(servers, 2))
            assert grants(simulator) == ["authorization_code", "refresh_token"]
        assert sessions(simulator) == 1
