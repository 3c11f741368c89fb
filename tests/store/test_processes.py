"""Replicas as real processes on a real server: one renewal for all, and a way on after any of them dies."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from urllib.parse import parse_qs

import anyio
import pytest

from ringcentral_meetings.store import KeyRing, Session, open_store
from store.forms import age
from store.servers import StoreServer

KEYS = KeyRing.new_text()
RENEWAL_SECONDS = 25


@dataclass
class Endpoint:
    """A token endpoint where a refresh token serves once, and gives the same answer when it is presented again."""

    issued: int = 1
    presented: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def renewed(self, refresh_token: str) -> dict[str, object]:
        with self.lock:
            self.presented.append(refresh_token)
            if refresh_token == f"refresh-{self.issued}":
                self.issued += 1
            number = int(refresh_token.rpartition("-")[2]) + 1
        return {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}", "expires_in": 3_600}


@contextmanager
def serving(endpoint: Endpoint) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = json.dumps(endpoint.renewed(form["refresh_token"][0])).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (of the base class)
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Worker:
    """A process of `worker.py`."""

    def __init__(self, store: str, endpoint: str, dies_after: str = "-") -> None:
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, str(Path(__file__).with_name("worker.py")), store, endpoint, dies_after],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "KEYS": KEYS},
        )

    def __enter__(self) -> "Worker":  # noqa: PYI034
        return self

    def __exit__(self, *ended: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ask(self, calls: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{calls}\n")
        self.process.stdin.flush()

    def said(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def tokens(self) -> list[str]:
        tokens: list[str] = json.loads(self.said())
        return tokens


def sign_in(server: StoreServer, expires_in: float) -> None:
    async def put() -> None:
        store = open_store(server.url, KeyRing.of_text(KEYS), trip_seconds=5)
        session = Session("access-1", "refresh-1", expires_in, 3_600)
        assert await store.sessions.put("ann", session, over=0, ends_in=7 * 86_400)
        await store.close()

    anyio.run(put)


def test_a_hundred_calls_at_once_in_four_processes_renew_once(any_server: StoreServer) -> None:
    sign_in(any_server, expires_in=-1)
    with serving(endpoint := Endpoint()) as url, ExitStack() as stack:
        workers = [stack.enter_context(Worker(any_server.url, url)) for _ in range(4)]
        assert [worker.said() for worker in workers] == ["ready\n"] * 4
        for worker in workers:
            worker.ask(25)
        assert [worker.tokens() for worker in workers] == [["access-2"] * 25] * 4
        assert endpoint.presented == ["refresh-1"]
        age(any_server, 3_600)
        for worker in workers:
            worker.ask(25)
        assert [worker.tokens() for worker in workers] == [["access-3"] * 25] * 4
        assert endpoint.presented == ["refresh-1", "refresh-2"]


@pytest.mark.parametrize(
    ("dies_after", "presented"),
    [("grant", 1), ("exchange", 2), ("put_session", 1), ("release", 1)],
)
def test_a_replica_that_dies_while_it_renews_leaves_a_way_on(
    any_server: StoreServer, dies_after: str, presented: int
) -> None:
    sign_in(any_server, expires_in=-1)
    with (
        serving(endpoint := Endpoint()) as url,
        Worker(any_server.url, url, dies_after) as dying,
        Worker(any_server.url, url) as next_one,
    ):
        assert (dying.said(), next_one.said()) == ("ready\n", "ready\n")
        dying.ask(3)
        assert dying.said() == ""
        assert dying.process.wait() == -signal.SIGKILL
        next_one.ask(3)
        if dies_after in {"grant", "exchange"}:
            age(any_server, RENEWAL_SECONDS)
        assert next_one.tokens() == ["access-2"] * 3
        assert endpoint.presented == ["refresh-1"] * presented
        assert endpoint.issued == 2, "RingCentral gave one new session"
