"""`host --demo`, as somebody sees it who tries it."""

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import anyio
import httpx
import httpx2
import pytest
from mcp import Client
from mcp.client.streamable_http import streamable_http_client

from cli.processes import COMMAND, PATIENCE_SECONDS, environment
from hosting.browser import Browser, Kept, provider
from hosting.processes import body_of
from hosting.town import told
from ringcentral_meetings.simulator.people import PEOPLE
from store.servers import SERVERS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

DOCUMENT = "https://nowhere.invalid/client.json"
"""Where a client has a metadata document, which a demonstration does not fetch."""

CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "list_meetings", "arguments": {}}}


@contextmanager
def shown(folder: Path, **env: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A demonstration that runs, and what it has printed by then; its files are in `folder`."""
    command = [*COMMAND, "host", "--demo", "--listen", "127.0.0.1:0"]
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(  # noqa: S603  (the tests' own command)
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment(TMPDIR=str(folder), **env)
        ) as process,
    ):
        try:
            said = ""
            for line in process.stdout or ():
                said += line
                if line == "}\n":
                    break
            errors.seek(0)
            yield process, said + errors.read()
        finally:
            if process.poll() is None:
                process.terminate()  # killed, it would leave behind what it has started


def called(said: str) -> list[httpx.Response]:
    """The answers to a call of two people, twice each, as the printed lines say to make it."""
    url = re.search(r'"url": "(\S+)"', said)
    bearers = re.findall(r"^([^:]+): Authorization: Bearer ([\w-]+)$", said, re.MULTILINE)
    assert url is not None
    assert len(bearers) == 5
    answers = []
    with httpx.Client(trust_env=False, timeout=PATIENCE_SECONDS) as client:
        for name, bearer in bearers[3:]:
            headers = {"Authorization": f"Bearer {bearer}", "Accept": "application/json, text/event-stream"}
            for _ in range(2):
                answer = client.post(url[1], json=CALL, headers=headers)
                assert {row["topic"].partition(name)[1] for row in body_of(answer)["meetings"]} == {name}
                answers.append(answer)
    return answers


async def signed_in(said: str) -> None:
    """Two people sign in for a client, as the printed lines say, and call a tool."""
    added = re.search(r"^claude mcp add .* (http\S+)/mcp$", said, re.MULTILINE)
    page = re.search(r"^What you have let in, and how to end it: (http\S+)$", said, re.MULTILINE)
    assert added is not None
    assert page is not None
    for person in PEOPLE.first(5)[3:]:
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as plain:
            visits: list[str] = []
            auth = provider(Browser(person, plain, added[1]), Kept(), visits, DOCUMENT)
            async with (
                httpx2.AsyncClient(auth=auth, trust_env=False, timeout=PATIENCE_SECONDS) as http,
                Client(streamable_http_client(f"{added[1]}/mcp", http_client=http)) as client,
            ):
                for _ in range(2):
                    assert told(await client.call_tool("get_connection_status", {}))["user"] == person.name
            assert len(visits) == 1
            assert "/restapi/oauth/authorize?" in (await plain.get(page[1])).headers["Location"]
            assert "client_id=rcm_client_" in visits[0]


@pytest.mark.skipif(not any(SERVERS.values()), reason="no redis-server or valkey-server is installed")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_two_processes_serve_what_it_prints_and_end_with_it(tmp_path: Path, name: str) -> None:
    number = signal.Signals[name]
    with shown(tmp_path) as (process, said):
        assert "2 processes that take turns for 5 made-up people" in said
        assert len(called(said)) == 4
        if number == signal.SIGTERM:
            anyio.run(signed_in, said)
        assert [path.name.startswith("ringcentral-meetings-host-") for path in tmp_path.iterdir()] == [True]
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == 128 + number
    assert list(tmp_path.iterdir()) == []


def test_without_a_stores_server_it_says_so_and_serves_from_memory(tmp_path: Path) -> None:
    with shown(tmp_path, PATH=str(tmp_path)) as (process, said):
        assert "Neither valkey-server nor redis-server is installed here: one process" in said
        assert "1 process for 5 made-up people" in said
        called(said)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 128 + signal.SIGINT
