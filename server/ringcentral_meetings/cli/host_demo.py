"""`host --demo`: two processes behind a balancer, a store, and the simulator as RingCentral, all on this machine."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Final, NamedTuple

import anyio
import click

from ringcentral_meetings.cli.host import FAILED, USAGE_ERROR, refuse
from ringcentral_meetings.cli.simulate import write_users
from ringcentral_meetings.environment import PREFIX
from ringcentral_meetings.gate.admission import EVERYBODY
from ringcentral_meetings.gate.connections import PATH as CONNECTIONS
from ringcentral_meetings.hosting import demo_store
from ringcentral_meetings.hosting.front import Front
from ringcentral_meetings.hosting.replica import CALLBACK
from ringcentral_meetings.hosting.settings import MEMORY, NO_DOCUMENTS
from ringcentral_meetings.protocol.http import PATH, Server, UnusableAddress, bound, listen, quiet_config, read_address
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, Simulator, http
from ringcentral_meetings.store import KeyRing

PEOPLE: Final = 5
ENTRY: Final = "ringcentral-meetings"
REPLICAS: Final = 2
END_SECONDS: Final = 60.0
_SERVED: Final = re.compile(r"Serving MCP at (http://[^/]+)/mcp ")


class NotStarted(Exception):
    """A part of the demonstration did not start. One line."""


class Person(NamedTuple):
    """Somebody who may be tried: a name, and the bearer token for the client."""

    name: str
    bearer: str


def run(listen_on: str) -> int:
    """Show it until SIGINT or SIGTERM, and return 128 and the signal's number, or the exit code of a failure."""
    try:
        address = read_address(listen_on)
    except UnusableAddress as unusable:
        return refuse(f"--listen: {unusable}", USAGE_ERROR)
    try:
        listeners = listen(address)
    except OSError as taken:
        return refuse(f"--listen {listen_on}: {taken.strerror}", FAILED)
    url = bound(address, listeners).url.removesuffix(PATH)
    for number in {"SIGTERM", "SIGHUP"} & signal.Signals.__members__.keys():
        _end_at(signal.Signals[number])
    with ExitStack() as stack:
        for listener in listeners:
            stack.callback(listener.close)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringcentral-meetings-host-")))
        try:
            people, env = _platform(stack, folder, url)
            replicas = _replicas(stack, folder, env | {f"{PREFIX}PUBLIC_URL": url})
        except (NotStarted, OSError) as failed:
            return refuse(f"host --demo: {failed}", FAILED)
        except KeyboardInterrupt:
            return 128 + signal.SIGINT
        received = anyio.run(_serve_front, Front(replicas), listeners, lambda: _explain(url, people, len(replicas)))
        click.echo("Ending.", err=True)
        return 128 + received


async def _serve_front(front: Front, listeners: list[socket.socket], ready: Callable[[], None]) -> int:
    async with front.app.router.lifespan_context(front.app):
        server = Server(quiet_config(front.app), ready)
        await server.serve(sockets=listeners)
    return server.received


def _platform(stack: ExitStack, folder: Path, host: str) -> tuple[list[Person], dict[str, str]]:
    """Run the simulator, and return who may be tried and the settings for it; `host` is the address of the host."""
    simulator = Simulator(people=PEOPLE, dual_mode=True, redirect_uris=[f"{host}{CALLBACK}"])
    url = stack.enter_context(_served(simulator))
    lines = write_users(simulator, folder / "users")
    people = [Person(person.mark, bearer) for person, (bearer, _) in zip(simulator.people, lines, strict=True)]
    env = {
        "SERVER_URL": url,
        "CLIENT_ID": CLIENT_ID,
        "CLIENT_SECRET": CLIENT_SECRET,
        "ADMITTED_ACCOUNTS": EVERYBODY,
        "CLIENT_DOCUMENTS": NO_DOCUMENTS,  # they would have to be fetched: clients register themselves instead
    }
    return people, {f"{PREFIX}{name}": value for name, value in env.items()}


@contextmanager
def _served(simulator: Simulator) -> Iterator[str]:
    """Serve a simulator in a thread of its own, and return its address."""
    urls: list[str] = []
    ready = threading.Event()

    def note(url: str) -> None:
        urls.append(url)
        ready.set()

    thread = threading.Thread(target=http.run, args=(simulator, "127.0.0.1", 0, note), daemon=True)
    thread.start()
    try:
        if not ready.wait(END_SECONDS):
            raise NotStarted("the simulator did not start")
        yield urls[0]
    finally:
        simulator.close()
        thread.join(END_SECONDS)


def _replicas(stack: ExitStack, folder: Path, env: dict[str, str]) -> list[str]:
    """Run the processes of the host, and return their addresses: one where there is no store's server here."""
    server = demo_store.found_server()
    if server is None:
        store, count = MEMORY, 1
        click.echo(
            "Neither valkey-server nor redis-server is installed here: one process, which keeps all in memory.",
            err=True,
        )
    else:
        store, count = stack.enter_context(demo_store.running(server, folder)), REPLICAS
    ring = folder / "ring"
    ring.touch(mode=0o600)
    ring.write_text(KeyRing.new_text(), "ascii")
    env |= {f"{PREFIX}STORE_URL": store, f"{PREFIX}KEY_RING": str(ring), f"{PREFIX}DRAIN_SECONDS": "0"}
    return [_address(process) for process in [stack.enter_context(_replica(folder, env)) for _ in range(count)]]


def _end_at(number: signal.Signals) -> None:
    """End with what was started at a signal, such as SIGHUP when the terminal closes, unless it is ignored."""
    if signal.getsignal(number) is not signal.SIG_IGN:
        signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> None:
    sys.exit(128 + number)


@contextmanager
def _replica(folder: Path, env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Run a process of the host."""
    command = [sys.executable, "-m", "ringcentral_meetings", "host", "--listen", "127.0.0.1:0"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith((PREFIX, "RC_"))}
    process = subprocess.Popen(  # noqa: S603  (this very program)
        [*command, "--test-users", str(folder / "users")],
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=kept | {f"{PREFIX}LOG_LEVEL": "ERROR"} | env,
        start_new_session=True,  # Ctrl-C is for this process, which ends the others in turn
    )
    try:
        yield process
    finally:
        demo_store.end(process, END_SECONDS)


def _address(process: "subprocess.Popen[str]") -> str:
    said: list[str] = []
    for line in process.stderr or ():
        if (served := _SERVED.search(line)) is not None:
            threading.Thread(target=_pass_on, args=(process,), daemon=True).start()
            return served[1]
        said.append(line.strip())
    raise NotStarted(f"a process of the host ended: {' '.join(said)}")


def _pass_on(process: "subprocess.Popen[str]") -> None:
    """Show what a process says from now on."""
    for line in process.stderr or ():
        click.echo(line, err=True, nl=False)


def _explain(url: str, people: list[Person], count: int) -> None:
    parts = "1 process" if count == 1 else f"{count} processes that take turns"
    click.echo(
        f"{parts} for {len(people)} made-up people at {url}{PATH}, on the simulator. Ctrl-C ends it.\n", err=True
    )
    click.echo(f"Add {url}{PATH} to a client and sign in: the browser lets you choose who you are. In Claude Code:")
    click.echo(f"claude mcp add --transport http {ENTRY} {url}{PATH}")
    click.echo(f"claude mcp login {ENTRY}")
    click.echo(f"\nWhat you have let in, and how to end it: {url}{CONNECTIONS}")
    click.echo("\nOr, without a browser, give the client one of these headers:")
    for person in people:
        click.echo(f"{person.name}: Authorization: Bearer {person.bearer}")
    first = people[0]
    header = {"Authorization": f"Bearer {first.bearer}"}
    entry = {"mcpServers": {ENTRY: {"type": "http", "url": f"{url}{PATH}", "headers": header}}}
    click.echo(f"\nFor a client that takes JSON, as {first.name}:\n{json.dumps(entry, indent=2)}")
