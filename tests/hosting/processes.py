"""Processes of a host on real ports, the simulator on one too, and a balancer before them."""

import json
import re
import signal
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio.to_thread
import httpx

from cli.processes import COMMAND, PATIENCE_SECONDS, environment
from ringcentral_meetings.cli.simulate import write_users
from ringcentral_meetings.hosting.front import Front
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, UNLIMITED, Simulator, http
from ringcentral_meetings.store import KeyRing

PUBLIC = "http://127.0.0.1:8920"
_SERVED = re.compile(r"Serving MCP at (http://[^/]+)/mcp ")


class Process:
    """A process of a host; `url` is where it serves."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        command = [*COMMAND, "host", "--listen", "127.0.0.1:0", "--test-users", str(folder / "users")]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)  # noqa: S603
        self.said: list[str] = []
        self.url = ""
        self._reader: threading.Thread | None = None

    def wait_until_served(self) -> None:
        for line in self._process.stderr or ():
            self.said.append(line)
            if (served := _SERVED.search(line)) is not None:
                self.url = served[1]
                self._reader = threading.Thread(target=self._read_on, daemon=True)
                self._reader.start()
                return
        raise AssertionError("".join(self.said))

    def _read_on(self) -> None:
        self.said.extend(self._process.stderr or ())

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def wait(self) -> int:
        return self._process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._reader is not None:
            self._reader.join()
        if self._process.stderr is not None:
            self._process.stderr.close()


class Quarter:
    """Some processes behind a balancer that keeps so many connections, with what they are started with."""

    def __init__(self, folder: Path, simulator: Simulator, env: dict[str, str], kept_open: int = 0) -> None:
        self.folder, self.simulator, self.env = folder, simulator, env
        lines = write_users(simulator, folder / "users")
        self.bearers = {person.id: bearer for person, (bearer, _) in zip(simulator.people, lines, strict=True)}
        self.processes: list[Process] = []
        self.front = Front([], kept_open)

    async def start(self, count: int = 1) -> list[Process]:
        """Start further processes, and send them requests once they serve."""
        started = [Process(self.folder, self.env) for _ in range(count)]
        self.processes += started
        for process in started:
            await anyio.to_thread.run_sync(process.wait_until_served)
        self.front.replicas += [process.url for process in started]
        return started

    def end(self) -> None:
        """Kill all that still run."""
        for process in self.processes:
            process.kill()

    async def status(self, process: Process, path: str = "/readyz") -> int | None:
        """Return the status with which a process answers a GET; None where it takes no connection, or drops it."""
        async with _client() as client:
            try:
                return (await client.get(f"{process.url}{path}")).status_code
            except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
                return None

    async def call(self, person: str, tool: str, at: Process | None = None, **arguments: Any) -> httpx.Response:
        """Call a tool by way of the balancer, or at one process."""
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        headers = {
            "Accept": "application/json, text/event-stream",
            "Authorization": f"Bearer {self.bearers[person]}",
        }
        transport = httpx.ASGITransport(self.front.app) if at is None else None
        async with _client(transport) as client:
            return await client.post(f"{PUBLIC if at is None else at.url}/mcp", json=body, headers=headers)


def _client(transport: httpx.AsyncBaseTransport | None = None) -> httpx.AsyncClient:
    """A client without TLS, for which reading the certificates of authorities takes a tenth of a second."""
    return httpx.AsyncClient(transport=transport, verify=False, trust_env=False, timeout=PATIENCE_SECONDS)  # noqa: S501


@asynccontextmanager
async def quarter(
    folder: Path,
    store_url: str,
    count: int,
    settings: Mapping[str, str] | None = None,
    *,
    drain_seconds: int = 1,
    kept_open: int = 0,
    **simulated: Any,
) -> AsyncIterator[Quarter]:
    """`count` processes on a store, of five people; `settings` are further ones of the processes, without prefix."""
    options: dict[str, Any] = {"people": 5, "dual_mode": True, "limits": UNLIMITED} | simulated
    simulator = Simulator(**options)
    ring = folder / "ring"
    ring.touch(0o600)
    ring.write_text(KeyRing.new_text())
    with served(simulator) as url:
        env = {
            "SERVER_URL": url,
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET,
            "PUBLIC_URL": PUBLIC,
            "STORE_URL": store_url,
            "KEY_RING": str(ring),
            "DRAIN_SECONDS": str(drain_seconds),
            "PLAN_LIMITS": ",".join(f"{group}={limit}" for group, limit in UNLIMITED.items()),
            "USER_CALLS": "1000000",
            "ADDRESS_REQUESTS": "1000000",
            **(settings or {}),
        }
        variables = environment(**{f"RINGCENTRAL_{name}": value for name, value in env.items()})
        made = Quarter(folder, simulator, variables, kept_open)
        async with AsyncExitStack() as stack:
            stack.callback(made.end)
            await stack.enter_async_context(made.front.app.router.lifespan_context(made.front.app))
            await made.start(count)
            yield made


@contextmanager
def served(simulator: Simulator) -> Iterator[str]:
    """Serve a simulator from a thread, and return its address."""
    urls: list[str] = []
    ready = threading.Event()

    def note(url: str) -> None:
        urls.append(url)
        ready.set()

    thread = threading.Thread(target=http.run, args=(simulator, "127.0.0.1", 0, note), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_SECONDS)
    try:
        yield urls[0]
    finally:
        simulator.close()
        thread.join(PATIENCE_SECONDS)


def body_of(answer: httpx.Response) -> dict[str, Any]:
    """The result in an answer, which must not be an error."""
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = json.loads(re.sub(r"(?m)\A.*^data: ?", "", answer.text, flags=re.DOTALL))["result"]
    assert not found["isError"], found
    shown: dict[str, Any] = found["structuredContent"]
    return shown
