"""A host as it is measured: its processes, their store, the platform, and people with a client each."""

import re
import subprocess
import tempfile
import threading
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import httpx

from ringcentral_meetings.hosting import demo_store
from ringcentral_meetings.store import KeyRing

from .. import processes
from ..clients import IDLE_SECONDS, PATIENCE, PRESENT, HttpClient
from ..sizes import change

UNLIMITED = "1000000"
_SERVED = re.compile(r"Serving MCP at (http://[^/]+)/mcp ")
_METRICS = re.compile(r"Metrics at (\S+)/metrics")


@dataclass(frozen=True)
class Replica:
    """A process of a host: where it serves, and where its metrics are."""

    process: "subprocess.Popen[str]"
    url: str
    metrics: str

    @property
    def pid(self) -> int:
        return self.process.pid

    def sample(self, name: str) -> float:
        """The sum of all samples of a name in its metrics."""
        with urllib.request.urlopen(f"{self.metrics}/metrics") as answer:  # noqa: S310  (of this machine)
            lines = answer.read().decode().splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if re.match(rf"{name}[{{ ]", line))


@dataclass
class Site:
    """Where everything is, for `people` who may call."""

    folder: Path
    upstream: str
    env: dict[str, str]
    people: int
    replicas: list[Replica] = field(default_factory=list)

    def start(self) -> Replica:
        """Start a further process, and return once it serves."""
        users = str(self.folder / "users")
        command = [
            *processes.OURS,
            "host",
            "--listen",
            "127.0.0.1:0",
            "--metrics",
            "127.0.0.1:0",
            "--test-users",
            users,
        ]
        process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=self.env)  # noqa: S603
        said = ""
        for line in process.stderr or ():
            said += line
            if (metrics := _METRICS.search(said)) is not None:
                threading.Thread(target=list, args=(process.stderr,), daemon=True).start()
                served = _SERVED.search(said)
                assert served is not None
                replica = Replica(process, served[1], metrics[1])
                self.replicas.append(replica)
                return replica
        raise ValueError(f"a process of the host did not start: {said}")

    def end(self) -> None:
        """Kill what runs."""
        for replica in self.replicas:
            replica.process.kill()
            replica.process.wait()

    def slow_down(self, seconds: float) -> None:
        """Let the platform take so long for an answer."""
        change(self.upstream, api_seconds=seconds)

    @asynccontextmanager
    async def clients(self, count: int, *replicas: Replica) -> AsyncIterator[list[HttpClient]]:
        """The clients of the first people, who are spread over the processes."""
        connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS)
        async with aiohttp.ClientSession(connector=connector, timeout=PATIENCE) as http:
            yield [
                HttpClient(http, f"{replicas[n % len(replicas)].url}/mcp", PRESENT, bearer_of(n)) for n in range(count)
            ]


def bearer_of(number: int) -> str:
    """The bearer token of somebody."""
    return f"bearer-token-of-person-{number}"


@contextmanager
def site(people: int, **settings: str) -> Iterator[Site]:
    """A site without any process of the host yet; `settings` without their prefix."""
    server = demo_store.found_server()
    if server is None:
        raise FileNotFoundError("neither valkey-server nor redis-server is installed")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-host-")))
        upstream = stack.enter_context(processes.upstream())
        store = stack.enter_context(demo_store.running(server, folder))
        ring = folder / "ring"
        ring.touch(mode=0o600)
        ring.write_text(KeyRing.new_text(), "ascii")
        lines = (f"{bearer_of(number)} refresh-{305_000_001 + number}\n" for number in range(people))
        (folder / "users").write_text("".join(lines), "ascii")
        told = {
            "SERVER_URL": upstream,
            "CLIENT_ID": "bench",
            "CLIENT_SECRET": "bench",
            "PUBLIC_URL": "http://127.0.0.1:8920",
            "STORE_URL": store,
            "KEY_RING": str(ring),
            "PLAN_LIMITS": f"light={UNLIMITED},medium={UNLIMITED},heavy={UNLIMITED},auth={UNLIMITED}",
            "USER_CALLS": UNLIMITED,
            "ADDRESS_REQUESTS": UNLIMITED,
            "LOG_LEVEL": "ERROR",
        }
        env = processes.environment() | {f"RINGCENTRAL_{name}": value for name, value in (told | settings).items()}
        made = Site(folder, upstream, env, people)
        stack.callback(made.end)
        yield made


def is_ready(url: str) -> bool:
    """Whether a process says that it is to be sent requests."""
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False
