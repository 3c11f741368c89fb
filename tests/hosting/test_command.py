"""What `host` refuses to start with, each in one line and with exit code 2, and the files that it writes."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringcentral_meetings.cli import host
from ringcentral_meetings.hosting.settings import warnings
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
        ("AUDIT_LOG", "/nowhere/audit"),
    ],
)
def test_a_setting_that_is_one_persons_missing_or_unsafe_is_refused(
    setting: Setting, capsys: pytest.CaptureFixture[str], name: str, value: str | None
) -> None:
    setting.set(name, value)
    assert setting.run() == 2
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


def test_without_test_users_it_says_what_there_is_until_people_can_sign_in(
    setting: Setting, capsys: pytest.CaptureFixture[str]
) -> None:
    assert setting.run(users=None) == 2
    assert "host --demo" in line(capsys)


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
