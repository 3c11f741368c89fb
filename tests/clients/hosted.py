"""Runs one client, which somebody signs in, against two processes of a host behind a balancer.

`python -m clients.hosted [--sparing] [--by PROGRAM... --] COMMAND...`; COMMAND is a client that takes its
plan from the environment, as in `check.py`. It speaks HTTP itself, or over stdio to PROGRAM, which signs in, and of
whose words URL becomes the address. The browser is opened by the environment's BROWSER, or by `Plan.visit`. In between
an hour passes, after which an access token is not known any more, and the person ends what clients may do. Who is
sparing allows no writing at first, so that the client has to ask for it as it wants to write.
"""

import faulthandler
import json
import re
import shlex
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import anyio.abc
import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clients.check import PATIENCE_SECONDS, SERVER, environment
from clients.judge import findings
from clients.person import Person
from clients.plan import ENDED, EXPIRY, PLAN_VARIABLE, TOPIC, Plan, read_report, steps_of, write
from hosting.processes import Quarter, quarter
from ringcentral_meetings.protocol.http import Address, Server, listen, quiet_config
from store.servers import SERVERS, StoreServer

REPLICAS = 2
MOST_FINDINGS = 60
CALLBACK = "/callback"
DOCUMENT = "client.json"
METADATA = ("/.well-known/oauth-protected-resource/mcp", "/.well-known/oauth-authorization-server")


@dataclass(frozen=True)
class Exchange:
    """A request and what came of it; `grant` is the grant type of one for tokens."""

    what: str
    status: int
    grant: str = ""


class Watched:
    """An application, and the exchanges that it had."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.seen: list[Exchange] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body: list[bytes] = []

        async def taken() -> Message:
            message = await receive()
            body.append(message.get("body", b""))
            return message

        async def given(message: Message) -> None:
            if message["type"] == "http.response.start":
                grant = (
                    dict(parse_qsl(b"".join(body).decode())).get("grant_type", "") if scope["path"] == "/token" else ""
                )
                self.seen.append(Exchange(f"{scope['method']} {scope['path']}", message["status"], grant))
            await send(message)

        await self._app(scope, taken, given)

    def count(self, what: str, status: int, grant: str = "") -> int:
        """How many of one kind there were."""
        return self.seen.count(Exchange(what, status, grant))


@dataclass
class Place:
    """A host at `url` with its processes, a store and a person, and at `control` what a client may ask the person."""

    url: str
    control: str
    processes: Quarter
    store: StoreServer
    person: Person
    watched: Watched

    async def tools(self) -> list[dict[str, Any]]:
        """The tools as the host lists them, read from the wire without any client's help."""
        bearer = next(iter(self.processes.bearers.values()))
        headers = {"Accept": "application/json, text/event-stream", "Authorization": f"Bearer {bearer}"}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_SECONDS) as client:
            answer = await client.post(f"{self.processes.processes[0].url}/mcp", json=body, headers=headers)
        found: list[dict[str, Any]] = json.loads(
            re.sub(r"\A.*^data: ?", "", answer.text, flags=re.DOTALL | re.MULTILINE)
        )["result"]["tools"]
        return found

    def expire(self) -> int:
        """Let every access token end, as an hour does, and return how many there were."""
        with self.store.admin as admin:
            keys = list(admin.scan_iter("rcm:{*}:at:*"))
            return int(admin.delete(*keys)) if keys else 0


@asynccontextmanager
async def place(folder: Path, **settings: str) -> AsyncIterator[Place]:
    """Run a host for a while; `settings` are further ones of its processes."""
    binary = next(filter(None, SERVERS.values()))
    sockets = [listen(Address("127.0.0.1", 0))[0] for _ in range(2)]
    front, control = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in sockets)
    own = {"PUBLIC_URL": front, "ADMITTED_ACCOUNTS": "*"} | settings
    with StoreServer(binary, folder) as store:
        async with quarter(folder, store.url, REPLICAS, own, redirect_uris=[f"{front}{CALLBACK}"]) as processes:
            person = Person(processes.simulator.people[3].name, front, processes.env["RINGCENTRAL_SERVER_URL"])
            made = Place(front, control, processes, store, person, Watched(processes.front.app))
            apps: list[ASGIApp] = [made.watched, _asked(made)]
            ports = {one.getsockname()[1]: app for one, app in zip(sockets, apps, strict=True)}

            async def app(scope: Scope, receive: Receive, send: Send) -> None:
                await ports[scope["server"][1]](scope, receive, send)

            ready = anyio.Event()
            server = Server(quiet_config(app), ready.set)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(server.serve, sockets)
                await ready.wait()
                yield made
                server.should_exit = True


def _asked(there: Place) -> ASGIApp:
    """What a client asks of the person and of the time."""

    async def visit(request: Request) -> PlainTextResponse:
        return PlainTextResponse(await there.person.sign_in(request.query_params["address"]))

    async def browse(request: Request) -> PlainTextResponse:
        return PlainTextResponse((await there.person.sign_in_fully(request.query_params["address"])).text)

    async def expiry(_: Request) -> PlainTextResponse:
        return PlainTextResponse(str(there.expire()))

    async def ended(_: Request) -> PlainTextResponse:
        await there.person.end_access()
        return PlainTextResponse("ended")

    async def document(_: Request) -> JSONResponse:
        address = f"{there.control}/{DOCUMENT}"
        return JSONResponse(
            {"client_id": address, "client_name": "A check", "redirect_uris": ["http://127.0.0.1/callback"]}
        )

    named = {DOCUMENT: document, "visit": visit, "browse": browse, EXPIRY: expiry, ENDED: ended}
    return Starlette(routes=[Route(f"/{name}", answer) for name, answer in named.items()])


async def main(arguments: Sequence[str]) -> int:
    """Run the client, and judge its report and what it asked of the host."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        async with place(folder) as there:
            there.person.sparing = arguments[0] == "--sparing"
            by, command = parted(arguments[there.person.sparing :], f"{there.url}/mcp")
            plan = Plan(
                by or SERVER,
                None if by else f"{there.url}/mcp",
                await there.tools(),
                steps_of(there.person.name),
                str(folder / "report.json"),
                there.control,
            )
            client, problems = await run(command, plan, there, folder)
    print("\n".join(problems) if problems else client)
    return 1 if problems else 0


def parted(arguments: Sequence[str], url: str) -> tuple[list[str], list[str]]:
    """The program that signs in, if there is one, and the client."""
    if arguments[0] != "--by":
        return [], list(arguments)
    end = arguments.index("--")
    return [url if word == "URL" else word for word in arguments[1:end]], list(arguments[end + 1 :])


async def run(client: Sequence[str], plan: Plan, there: Place, folder: Path) -> tuple[str, list[str]]:
    """The client's name and version, and what is wrong with what it saw or did."""
    report, said = Path(plan.report), folder / "said"
    write(plan, folder / "plan.json")
    env = environment() | browsing(there, folder) | {PLAN_VARIABLE: str(folder / "plan.json")}
    code: int | None = None
    with said.open("wb") as output, anyio.move_on_after(PATIENCE_SECONDS):
        code = (
            await anyio.run_process(client, stdout=output, stderr=subprocess.STDOUT, check=False, env=env)
        ).returncode
    if code != 0 or not await anyio.Path(report).exists():
        how = f"it did not end within {PATIENCE_SECONDS} s" if code is None else f"it ended with {code}"
        return "", [f"{how}:", *said.read_text(errors="replace").splitlines()[-MOST_FINDINGS:], *log(there)]
    seen = read_report(report)
    return f"{seen.client}, signed in", [*findings(plan, seen), *misdeeds(there)]


def browsing(there: Place, folder: Path) -> dict[str, str]:
    """The environment of a program that opens the browser itself, and keeps its files in a home of its own."""
    script = folder / "browser"
    opened = "import sys, urllib.parse, urllib.request as r; a = urllib.parse.quote(sys.argv[1], safe='')"
    get = f"r.build_opener(r.ProxyHandler({{}})).open('{there.control}/browse?address=' + a).read()"
    script.write_text(f'#!/bin/sh\n{shlex.quote(sys.executable)} -c {shlex.quote(f"{opened}; {get}")} "$1" &\n')
    script.chmod(0o700)
    return {"BROWSER": str(script), "HOME": str(folder)}


def misdeeds(there: Place) -> list[str]:
    """What is wrong with what a client asked of the host, and with what came of it."""
    seen, visits = there.watched.seen, there.person.visits
    sign_ins = 2 + there.person.sparing
    found = {
        "sign-ins": (len(visits), sign_ins),
        "exchanged codes": (there.watched.count("POST /token", 200, "authorization_code"), sign_ins),
        "requests for more": (there.watched.count("POST /mcp", httpx.codes.FORBIDDEN), sign_ins - 2),
        "registrations": (there.watched.count("POST /register", 201), 1),
        "renewals": (there.watched.count("POST /token", 200, "refresh_token"), 1),
        "unanswered requests": (sum(one.status >= httpx.codes.INTERNAL_SERVER_ERROR for one in seen), 0),
        "owners of the new meeting": (_owners(there), [there.person.name]),
    }
    said = [f"{what}: {is_so} instead of {wanted}" for what, (is_so, wanted) in found.items() if is_so != wanted]
    said += [f"it never read {path}" for path in METADATA if not there.watched.count(f"GET {path}", httpx.codes.OK)]
    return [*said, *log(there)] if said else []


def _owners(there: Place) -> list[str]:
    """Whose the meetings of the plan are."""
    names = {person.id: person.name for person in there.processes.simulator.people}
    hosts = (str(row["host"]["id"]) for row in there.processes.simulator.meetings() if row["topic"] == TOPIC)
    return [names[one] for one in hosts]


def log(there: Place) -> list[str]:
    """What the person opened, and what the host answered."""
    visits = [f"opened {urlsplit(visit).path}?{urlsplit(visit).query[:200]}" for visit in there.person.visits]
    return [*visits, *(f"{one.what} {one.grant} {one.status}" for one in there.watched.seen)]


if __name__ == "__main__":
    faulthandler.dump_traceback_later(2 * PATIENCE_SECONDS, exit=True)
    sys.exit(anyio.run(main, sys.argv[1:]))
