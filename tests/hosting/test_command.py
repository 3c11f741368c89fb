"""What `host` refuses to start with, each in one line and with exit code 2, and the files that it writes."""

import hashlib
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ringcentral_meetings.cli import host
from ringcentral_meetings.gate.records import Client, Gate
from ringcentral_meetings.hosting.gate_setup import build_gate
from ringcentral_meetings.hosting.settings import HostSettings, warnings
from ringcentral_meetings.store import KeyRing

LOOPBACK = "http://127.0.0.1:8920"


class Setting:
    """Settings and files with which a host would start, but for a store that is not there."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch = folder, patch
        self.ring, self.users = folder / "ring", folder / "users"
        assert host.new_key_ring(str(self.ring)) == 0
        self.users.write_text("a-bearer-token-of-somebody refresh-token\n")
        for name, value in {
            "PUBLIC_URL": LOOPBACK,
            "STORE_URL": "redis://127.0.0.1:1/0",
            "KEY_RING": str(self.ring),
            "CLIENT_ID": "id",
            "CLIENT_SECRET": "secret",
            "ADMITTED_ACCOUNTS": "37439510",
            "LOG_LEVEL": "CRITICAL",
        }.items():
            patch.setenv(f"RINGCENTRAL_{name}", value)

    def set(self, name: str, value: str | None) -> None:
        if value is None:
            self.patch.delenv(f"RINGCENTRAL_{name}")
        else:
            self.patch.setenv(f"RINGCENTRAL_{name}", value)

    def run(self, listen: str = "127.0.0.1:0", users: str | None = "", metrics: str | None = None) -> int:
        return host.run(listen, metrics, str(self.users) if users == "" else users, None)


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    loggers = [logging.getLogger(name) for name in ("", "mcp", "httpx", "httpcore2")]
    handlers, levels = loggers[0].handlers[:], [logger.level for logger in loggers]
    yield
    loggers[0].handlers[:] = handlers
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Setting:
    made = Setting(tmp_path, monkeypatch)
    capsys.readouterr()
    return made


def line(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1, said.err
    return said.err


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT", "a.jwt.assertion"),
        ("ACCESS_TOKEN", "token"),
        ("CALENDARS", "https://calendar.example/secret.ics"),
        ("HOST_ID", "123"),
        ("ACCOUNT_ID", "123"),
        ("TIME_ZONE", "Europe/Berlin"),
        ("PROFILE", "work"),
        ("SIMULATOR", "true"),
        ("PUBLIC_URL", "http://meetings.example"),
        ("PUBLIC_URL", "https://meetings.example/path"),
        ("PUBLIC_URL", "https://user:secret-word@meetings.example"),
        ("PUBLIC_URL", "https://meetings.example?x=1"),
        ("PUBLIC_URL", None),
        ("STORE_URL", "http://127.0.0.1:6379"),
        ("STORE_URL", "redis://"),
        ("STORE_URL", None),
        ("KEY_RING", None),
        ("KEY_RING", "/nowhere/ring"),
        ("CLIENT_ID", None),
        ("TRUSTED_PROXIES", "everybody"),
        ("USER_CALLS", "0"),
        ("DRAIN_SECONDS", "-1"),
        ("ADMITTED_ACCOUNTS", None),
        ("ADMITTED_ACCOUNTS", " "),
        ("ADMITTED_ACCOUNTS", ","),
        ("ADMITTED_ACCOUNTS", "*,37439510"),
        ("ADMITTED_ACCOUNTS", "37439510/1/2"),
        ("ADMITTED_ACCOUNTS", "37439510/"),
        ("ADMITTED_ACCOUNTS", "example.com"),
        ("CLIENT_DOCUMENTS", "https://claude.ai"),
        ("CLIENT_DOCUMENTS", "*,claude.ai"),
        ("CLIENT_DOCUMENTS", "localhost"),
        ("CLIENT_REGISTRATION", "perhaps"),
        ("CLIENT_REQUESTS", "0"),
        ("CLIENTS", "/nowhere/clients.json"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://chat.example/"),
        ("ALLOWED_ORIGINS", "http://chat.example"),
        ("DEFAULT_SCOPES", "meetings.write"),
        ("DEFAULT_SCOPES", "meetings.read meetings.admin"),
        ("ACCESS_SECONDS", "59"),
        ("REFRESH_DAYS", "31"),
        ("GRANT_DAYS", "0"),
        ("AUDIT_LOG", "/nowhere/audit"),
    ],
)
def test_a_setting_that_is_one_persons_missing_or_unsafe_is_refused(
    setting: Setting, capsys: pytest.CaptureFixture[str], name: str, value: str | None
) -> None:
    setting.set(name, value)
    assert setting.run(users=None) == 2
    told = line(capsys)
    assert told.startswith(f"ringcentral-meetings-mcp: RINGCENTRAL_{name}: ")
    assert "secret-word" not in told
    if name in {"JWT", "ACCESS_TOKEN", "CALENDARS"}:
        assert value is not None
        assert value not in told


def test_keys_that_are_short_or_that_others_can_read_are_refused(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    setting.ring.write_text(f"names {'ab' * 32}\nkey {'cd' * 16}\n")
    assert setting.run() == 2
    assert line(capsys).startswith("ringcentral-meetings-mcp: RINGCENTRAL_KEY_RING: ")
    setting.ring.write_text(KeyRing.new_text())
    setting.ring.chmod(0o644)
    assert setting.run() == 2
    assert "chmod 600" in line(capsys)


def test_all_that_is_missing_is_named_at_once(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    needed = ("PUBLIC_URL", "CLIENT_ID", "STORE_URL", "KEY_RING", "ADMITTED_ACCOUNTS")
    for name in needed:
        setting.set(name, None)
    assert setting.run(users=None) == 2
    said = line(capsys)
    assert said.startswith("ringcentral-meetings-mcp: RINGCENTRAL_PUBLIC_URL: is needed: ")
    assert [name for name in needed if f"RINGCENTRAL_{name}" not in said] == []


@pytest.mark.parametrize(
    "text", ["", "one-word-of-enough-letters\n", "short token\n", "three-words-of-enough-letters a b\n"]
)
def test_a_file_of_test_users_that_makes_no_sense_is_refused(
    setting: Setting, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    setting.users.write_text(text)
    assert setting.run() == 2
    told = line(capsys)
    assert told.startswith("ringcentral-meetings-mcp: --test-users: ")
    assert not text or text.split(maxsplit=1)[0] not in told


def test_test_users_are_for_this_machine_alone(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    assert setting.run(listen="0.0.0.0:8920") == 2
    assert "--listen: " in line(capsys)
    assert setting.run(metrics="192.0.2.1:8921") == 2
    assert "--metrics: " in line(capsys)
    setting.set("PUBLIC_URL", "https://meetings.example")
    assert setting.run() == 2
    assert "RINGCENTRAL_PUBLIC_URL is not a loopback address" in line(capsys)


def test_with_test_users_nobody_else_has_to_be_admitted(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    setting.set("ADMITTED_ACCOUNTS", None)
    assert setting.run() == 1
    assert "RINGCENTRAL_STORE_URL" in line(capsys)


def test_where_people_sign_in_other_machines_may_reach_it(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    setting.set("PUBLIC_URL", "https://meetings.example")
    assert setting.run(listen="0.0.0.0:0", users=None, metrics="0.0.0.0:0") == 1
    assert "RINGCENTRAL_STORE_URL" in line(capsys)
    assert setting.run(listen="meetings.example", users=None) == 2
    assert "--listen: give HOST:PORT" in line(capsys)


CLIENT = {"id": "helpdesk", "name": "Help desk", "redirect_uris": ["https://desk.example/back"], "secret": "s" * 40}


@pytest.mark.parametrize(
    ("clients", "words"),
    [
        ("no JSON", "is not JSON"),
        ({}, "list"),
        ([CLIENT, CLIENT], "helpdesk is there twice"),
        ([CLIENT | {"secret": "short-one"}], "fewer than 32 characters"),
        ([CLIENT | {"redirect_uris": []}], "0.redirect_uris"),
        ([CLIENT | {"redirect_uris": ["http://desk.example/back"]}], "http://desk.example/back is not a redirect URI"),
        ([CLIENT | {"redirect_uris": ["javascript:alert(1)"]}], "is not a redirect URI"),
        ([CLIENT | {"id": "https://desk.example"}], "0.id"),
        ([CLIENT | {"scope": "meetings.read"}], "0.scope"),
        ([{"id": "helpdesk"}], "0.name"),
    ],
)
def test_a_file_of_clients_that_is_wrong_is_refused(
    setting: Setting, capsys: pytest.CaptureFixture[str], clients: Any, words: str
) -> None:
    file = setting.folder / "clients.json"
    file.touch(0o600)
    file.write_text(clients if isinstance(clients, str) else json.dumps(clients))
    setting.set("CLIENTS", str(file))
    assert setting.run(users=None) == 2
    told = line(capsys)
    assert told.startswith(f"ringcentral-meetings-mcp: RINGCENTRAL_CLIENTS: {file}")
    assert words in told
    assert not {"short-one", CLIENT["secret"]} & set(told.split())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
def test_a_file_of_clients_whose_secrets_others_can_read_is_refused(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    file = setting.folder / "clients.json"
    file.write_text(json.dumps([CLIENT]))
    file.chmod(0o644)
    setting.set("CLIENTS", str(file))
    assert setting.run(users=None) == 2
    assert "chmod 600" in line(capsys)
    file.write_text(json.dumps([{name: value for name, value in CLIENT.items() if name != "secret"}]))
    assert setting.run(users=None) == 1


def test_the_gate_is_set_up_as_the_settings_say(tmp_path: Path) -> None:
    file = tmp_path / "clients.json"
    file.touch(0o600)
    file.write_text(json.dumps([CLIENT]))
    given = HostSettings(
        public_url="https://Meetings.Example/",
        client_documents="claude.ai, chatgpt.com",
        client_registration=False,
        clients=file,
        allowed_origins="https://chat.example",
        default_scopes="meetings.read",
        access_seconds=600,
        refresh_days=7,
        grant_days=30,
        client_requests=50,
    )
    client = Client(
        id="helpdesk",
        kind="fixed",
        name="Help desk",
        host="",
        redirect_uris=("https://desk.example/back",),
        auth_method="client_secret_basic",
        secret_digest=hashlib.sha256(b"s" * 40).hexdigest(),
    )
    assert build_gate(given) == Gate(
        issuer="https://meetings.example",
        document_hosts=("claude.ai", "chatgpt.com"),
        registration=False,
        fixed=(client,),
        allowed_origins=("https://chat.example",),
        default_scopes=("meetings.read",),
        access_seconds=600,
        refresh_seconds=7 * 86_400,
        absolute_seconds=30 * 86_400,
        client_limit=50,
    )
    assert build_gate(HostSettings(public_url="https://meetings.example", client_documents="none")).document_hosts == ()
    assert build_gate(HostSettings(public_url="https://meetings.example")) == Gate("https://meetings.example")


def test_a_store_that_is_not_there_is_a_failure(setting: Setting, capsys: pytest.CaptureFixture[str]) -> None:
    assert setting.run() == 1
    assert line(capsys).startswith("ringcentral-meetings-mcp: RINGCENTRAL_STORE_URL: the shared store ")


def test_a_new_file_of_keys_is_its_owners_and_replaces_no_other(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setting.ring.stat().st_mode & 0o777 == 0o600
    before = setting.ring.read_text()
    assert host.new_key_ring(str(setting.ring)) == 1
    assert line(capsys).startswith("ringcentral-meetings-mcp: --new-key-ring ")
    assert setting.ring.read_text() == before
    KeyRing.load(setting.ring)


def test_a_misspelt_setting_of_a_host_is_worth_a_warning(setting: Setting) -> None:
    setting.set("STORE_URI", "redis://127.0.0.1:6379/0")
    assert [line.partition(";")[0] for line in warnings()] == ["RINGCENTRAL_STORE_URI is not a setting"]
