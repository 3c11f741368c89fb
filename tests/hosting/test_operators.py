"""What an operator does beside a host: the commands `people` and `rekey`, on a real store."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from anyio.to_thread import run_sync
from click.testing import CliRunner, Result

from hosting.processes import PUBLIC, served
from ringcentral_meetings.cli import cli
from ringcentral_meetings.gate import tokens
from ringcentral_meetings.gate.records import READ, SCOPES
from ringcentral_meetings.platform.client import build_http
from ringcentral_meetings.platform.limits import LoopClock
from ringcentral_meetings.platform.signin.auth import NoCredentialsAuth
from ringcentral_meetings.platform.signin.grants import App
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, Simulator
from ringcentral_meetings.simulator.people import Person
from ringcentral_meetings.store import CodeRecord, Grant, Issued, KeyRing, open_store
from ringcentral_meetings.users.sign_in import sign_in
from store.servers import StoreServer

pytestmark = pytest.mark.anyio

BEGAN = 1_800_000_000
MONTH = 30 * 86_400.0


@dataclass
class Office:
    """A host's store and keys, and RingCentral."""

    simulator: Simulator
    platform: str
    server: StoreServer
    ring: Path

    async def runs(self, *arguments: str, **more: str) -> Result:
        """Run a command, in a thread where it has an event loop of its own, with nothing on stdin."""
        env = {
            "SERVER_URL": self.platform,
            "CLIENT_ID": CLIENT_ID,
            "CLIENT_SECRET": CLIENT_SECRET,
            "PUBLIC_URL": PUBLIC,
            "STORE_URL": self.server.url,
            "KEY_RING": str(self.ring),
        } | more
        named = {f"RINGCENTRAL_{name}": value for name, value in env.items()}
        return await run_sync(lambda: CliRunner().invoke(cli, arguments, env={"COLUMNS": "40"} | named))

    async def signs_in(self, person: Person, client: str, scopes: tuple[str, ...] = SCOPES) -> str:
        """Sign a person in by a client, and return the digest that stands for them."""
        ring = KeyRing.load(self.ring)
        store = open_store(self.server.url, ring)
        app = App(self.platform, CLIENT_ID, CLIENT_SECRET)
        refresh = self.simulator.sign_in(person.id)["refresh_token"]
        async with build_http(self.platform, NoCredentialsAuth(), user_agent="test") as http:
            new = await sign_in(refresh, app, http, ring, LoopClock())
        user = new.person.user
        there = await store.sessions.load(user)
        await store.sessions.put(user, new.session, over=there.generation if there else 0, ends_in=MONTH)
        grant = Grant(
            id=tokens.digest(client)[:32],
            user=user,
            account_id=new.person.account_id,
            extension_id=new.person.extension_id,
            person=new.name,
            client_id=f"https://{client}/client.json",
            client=client,
            scopes=scopes,
            resource=f"{PUBLIC}/mcp",
            began=BEGAN,
        )
        code = tokens.new("ac", user)
        await store.grants.put_code(code, CodeRecord(grant, "https://client.test/callback", "challenge"))
        issued = Issued(tokens.new("at", user), tokens.new("rt", user), 3_600, scopes)
        assert await store.grants.exchange_code(code, issued, MONTH)
        await store.close()
        return user

    def revocations(self) -> int:
        return sum(call.path == "/restapi/oauth/revoke" for call in self.simulator.calls)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def office(server: StoreServer, tmp_path: Path) -> Iterator[Office]:
    ring = tmp_path / "ring"
    ring.touch(0o600)
    ring.write_text(KeyRing.new_text())
    simulator = Simulator(people=3)
    with served(simulator) as url:
        yield Office(simulator, url, server, ring)


async def test_people_are_listed_with_what_they_have_given_and_nothing_secret(office: Office) -> None:
    assert (await office.runs("people", "list")).stdout == "Nobody has signed in.\n"
    ann, ben, _ = office.simulator.people
    user = await office.signs_in(ann, "claude.ai")
    await office.signs_in(ann, "cursor.test", (READ,))
    await office.signs_in(ben, "evil\x1b[2J\u202e.test")
    shown = await office.runs("people", "list")
    assert (shown.exit_code, shown.stderr) == (0, "")
    lines = shown.stdout.splitlines()
    assert lines[0] == f"{ann.name}, {ann.account}/{ann.id}, {user[:12]}"
    assert {line.partition(" 20")[0] for line in lines[1:3]} == {
        "    claude.ai: read, change, since",
        "    cursor.test: read, since",
    }
    assert all(re.search(r"since 2027-01-15, last used 20\d\d-\d\d-\d\d \d\d:00 UTC$", line) for line in lines[1:3])
    assert lines[-1] == "2 people."
    assert not set("\x1b\u202e") & set(shown.stdout)
    assert "rcm_" not in shown.stdout
    assert "http" not in shown.stdout


@pytest.mark.parametrize("named_by", ["digest", "extension", "both ids"])
async def test_one_person_is_signed_out_here_and_at_ringcentral(named_by: str, office: Office) -> None:
    ann, ben, _ = office.simulator.people
    user = await office.signs_in(ann, "claude.ai")
    await office.signs_in(ann, "cursor.test")
    await office.signs_in(ben, "claude.ai")
    words = {"digest": user[:10], "extension": ann.id, "both ids": f"{ann.account}/{ann.id}"}[named_by]
    ended = await office.runs("people", "end", words)
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert "2 clients" in ended.stdout
    assert office.revocations() == 1
    left = (await office.runs("people", "list")).stdout
    assert ann.id not in left
    assert ben.id in left


async def test_nobody_is_signed_out_where_it_is_not_clear_who_is_meant(office: Office) -> None:
    user = await office.signs_in(office.simulator.people[0], "claude.ai")
    for words in ("nobody", user[:7], ""):
        refused = await office.runs("people", "end", words)
        assert refused.exit_code == 1
        assert "people list" in refused.stderr
        assert len(refused.stderr.splitlines()) == 1
    assert office.revocations() == 0
    assert "1 person." in (await office.runs("people", "list")).stdout


async def test_everybody_is_signed_out_after_a_question(office: Office) -> None:
    for person in office.simulator.people:
        await office.signs_in(person, "claude.ai")
    assert (await office.runs("people", "end-all")).exit_code == 1
    assert "3 people." in (await office.runs("people", "list")).stdout
    assert (await office.runs("people", "end-all", "--yes")).exit_code == 0
    assert (await office.runs("people", "list")).stdout == "Nobody has signed in.\n"
    assert office.revocations() == 3


async def test_signing_out_holds_though_ringcentral_does_not_answer(office: Office) -> None:
    await office.signs_in(office.simulator.people[0], "claude.ai")
    ended = await office.runs("people", "end-all", "--yes", SERVER_URL="http://127.0.0.1:1")
    assert "may go on at RingCentral" in ended.stderr
    assert (await office.runs("people", "list")).stdout == "Nobody has signed in.\n"


async def test_a_key_can_be_removed_once_all_is_sealed_with_another(office: Office) -> None:
    user = await office.signs_in(office.simulator.people[0], "claude.ai")
    names, first, *_ = [line for line in office.ring.read_text().splitlines() if not line.startswith("#")]
    _, second, *_ = [line for line in KeyRing.new_text().splitlines() if not line.startswith(("#", "names"))] * 2
    office.ring.write_text(f"{names}\n{second}\n{first}\n")
    done = await office.runs("rekey")
    assert (done.exit_code, done.stderr) == (0, "")
    assert not done.stdout.startswith("0 ")
    assert (await office.runs("rekey")).stdout.startswith("0 records")
    office.ring.write_text(f"{names}\n{second}\n")
    assert user[:12] in (await office.runs("people", "list")).stdout
    third = KeyRing.new_text().splitlines()[-1]
    office.ring.write_text(f"{names}\n{third}\n")
    lost = await office.runs("rekey")
    assert lost.exit_code == 1
    assert "cannot be opened with any key" in lost.stderr


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("STORE_URL", "memory:", 2),
        ("STORE_URL", "redis://:secret-word@127.0.0.1:1/0", 1),
        ("KEY_RING", "/nowhere", 2),
        ("KEY_RING", "", 2),
        ("CLIENT_ID", "", 2),
    ],
)
@pytest.mark.parametrize(
    "command", [("people", "list"), ("people", "end", "7"), ("people", "end-all", "--yes"), ("rekey",)]
)
async def test_what_is_in_the_way_is_said_in_one_line(
    command: tuple[str, ...], name: str, value: str, code: int, office: Office
) -> None:
    refused = await office.runs(*command, **{name: value})
    assert refused.exit_code == code
    assert len(refused.stderr.splitlines()) == 1
    assert f"RINGCENTRAL_{name}" in refused.stderr
    assert "secret-word" not in refused.stderr
