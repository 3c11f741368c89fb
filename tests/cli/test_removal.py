"""`logout --all`: nothing stays that it does not name."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from filelock import FileLock

import ringcentral_meetings
from cli.desk import Desk
from cli.platforms import Person
from cli.processes import COMMAND, finished, shake_hands, started
from keyrings import Ring
from ringcentral_meetings.cli import login, removal
from ringcentral_meetings.cli.login import Failed
from ringcentral_meetings.cli.settings_file import written
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT

PACKAGE = Path(ringcentral_meetings.__file__).parent
WRITERS = {
    "platform/signin/token_stores.py": "sign-ins, and what was noted of creations",
    "protocol/audit_file.py": "the file that RINGCENTRAL_AUDIT_LOG names",
    "cli/__init__.py": "the null device",
    "cli/changes.py": "the files of clients, with a copy of each, and the settings that setup keeps",
    "cli/simulate.py": "the file that --users-file names",
    "cli/host.py": "the file that --new-key-ring names",
    "cli/host_demo.py": "a temporary folder, which it removes at its end",
    "protocol/stdio/pipes.py": "the null device",
}
"""Every module that opens a file to write or makes a folder. What it writes is removed or named by `logout --all`."""
LOCKERS = {"platform/records.py", "platform/signin/sessions.py", "platform/signin/stored_sign_ins.py"}
DATABASES = {"simulator/store.py"}
"""The file that RINGCENTRAL_SIMULATOR_DATA or --data names."""


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.fixture
def home(tmp_path: Path, desk: Desk) -> Path:
    """A person's home, with nothing in it."""
    made = tmp_path / "home"
    made.mkdir()
    for name, value in homely(made).items():
        desk.monkeypatch.setenv(name, value)
    desk.state = made / ".local" / "state"
    return made


def homely(home: Path) -> dict[str, str]:
    return {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
    }


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_all_that_the_commands_leave_behind_is_removed_or_named(desk: Desk, home: Path) -> None:
    mine = {"RINGCENTRAL_AUDIT_LOG": home / "audit.jsonl", "RINGCENTRAL_SIMULATOR_DATA": home / "simulator.db"}
    env = homely(home) | {name: str(path) for name, path in mine.items()}
    real = desk.env(RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, RINGCENTRAL_JWT=JWT, **env)
    for profile in ("default", "other"):
        login.with_browser(desk.settings(RINGCENTRAL_PROFILE=profile), 0, open_browser=Person().opens)
        made = finished("call", "create_meeting", "topic=Mine", "start_time=2099-01-05T10:00", **real)
        assert made.returncode == 0, made.stderr
    desk.simulator.revoke_tokens()
    assert finished("call", "list_meetings", **real).returncode == 0
    assert finished("--simulator", "call", "list_meetings", **env).returncode == 0
    for command in (["doctor"], ["config", "cursor"], ["demo"]):
        finished(*command, **real)
    with started([*COMMAND, "--simulator"], **env) as server:
        shake_hands(server)
    (settings := home / ".config" / "ringcentral-meetings-mcp").mkdir(parents=True)
    (settings / "default.env").write_bytes(written({"RINGCENTRAL_JWT": "x"}))
    (home / ".cursor").mkdir()
    entry = {"mcpServers": {"meetings": {"command": "ringcentral-meetings-mcp"}}}
    (home / ".cursor" / "mcp.json").write_text(json.dumps(entry))
    before = files(home)
    assert len([path for path in before if path.startswith(".local/state/ringcentral-meetings-mcp/sessions/")]) >= 5

    ended = finished("logout", "--all", **real)
    assert ended.stderr == ""
    assert ended.returncode == 0
    assert files(home) == {"audit.jsonl", "simulator.db", ".cursor/mcp.json"}
    assert not (home / ".config" / "ringcentral-meetings-mcp").exists()
    assert not (home / ".local" / "state" / "ringcentral-meetings-mcp").exists()
    removed, left = ended.stdout.split("Left, because it is yours:")
    for gone in before - files(home):
        assert str(home / gone) in removed
    for name, path in mine.items():
        assert f"{path} ({name})" in left
    assert f"the entry meetings in {home / '.cursor' / 'mcp.json'}" in left
    assert "uninstall ringcentral-meetings-mcp" in left
    again = finished("logout", "--all", **real)
    assert "nothing was stored" in again.stdout


def writing(tree: ast.AST) -> set[str]:
    """What in a module writes files, makes folders, locks or opens a database."""
    called = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
    }
    modes = {
        argument.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "open"
        for argument in (*node.args, *(keyword.value for keyword in node.keywords))
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
    }
    names = {"write_text", "write_bytes", "mkdir", "makedirs", "touch", "mkstemp", "NamedTemporaryFile", "copyfile"}
    flags = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & {"O_WRONLY", "O_RDWR"}
    return called & names | {mode for mode in modes if set(mode) & set("wax+") and set(mode) <= set("rwaxbt+")} | flags


def test_nothing_else_in_the_package_writes() -> None:
    found: dict[str, set[str]] = {"writes": set(), "locks": set(), "databases": set()}
    for file in PACKAGE.rglob("*.py"):
        name, text = file.relative_to(PACKAGE).as_posix(), file.read_text("utf-8")
        if writing(ast.parse(text)):
            found["writes"].add(name)
        if "FileLock(" in text:
            found["locks"].add(name)
        if "sqlite3.connect(" in text:
            found["databases"].add(name)
    assert found == {"writes": set(WRITERS), "locks": LOCKERS, "databases": DATABASES}


def test_files_of_others_in_our_folders_stay(desk: Desk, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    sessions = desk.stored[0].parent
    (sessions / "notes.txt").write_text("mine")
    (settings := home / ".config" / "ringcentral-meetings-mcp").mkdir(parents=True)
    (settings / "by-hand.env").write_text("RINGCENTRAL_PRODUCT=video\n")
    removal.run(desk.settings(), str(settings / "by-hand.env"))
    assert files(home) == {
        ".local/state/ringcentral-meetings-mcp/sessions/notes.txt",
        ".config/ringcentral-meetings-mcp/by-hand.env",
    }
    assert f"{settings / 'by-hand.env'} (--env-file)" in capsys.readouterr().out
    assert desk.revoked == 1


def test_a_keyring_is_emptied_too(desk: Desk, home: Path, ring: Ring, capsys: pytest.CaptureFixture[str]) -> None:
    for profile in ("default", "other"):
        settings = desk.settings(RINGCENTRAL_TOKEN_STORE="auto", RINGCENTRAL_PROFILE=profile)
        login.with_browser(settings, 0, open_browser=Person().opens)
    assert len(ring.texts) == 2
    removal.run(desk.settings(), None)
    assert ring.texts == {}
    assert files(home) == set()
    assert desk.revoked == 2
    assert capsys.readouterr().out.count("in the keyring") == 2


def test_a_keyring_that_does_not_open_is_told_and_can_be_emptied_later(
    desk: Desk, home: Path, ring: Ring, capsys: pytest.CaptureFixture[str]
) -> None:
    login.with_browser(desk.settings(RINGCENTRAL_TOKEN_STORE="auto"), 0, open_browser=Person().opens)
    login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    ring.locked = RuntimeError()
    with pytest.raises(Failed, match=r"The keyring: .* still holds sign-ins: open it and run this again"):
        removal.run(desk.settings(), None)
    assert desk.stored == []
    ring.locked = None
    removal.run(desk.settings(), None)
    assert ring.texts == {}
    assert files(home) == set()


def test_nothing_is_removed_while_another_process_signs_in(
    desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    before = files(home)
    monkeypatch.setattr("ringcentral_meetings.platform.signin.stored_sign_ins.LOCK_SECONDS", 0.05)
    with (
        FileLock(next(desk.stored[0].parent.glob("*.lock"))),
        pytest.raises(Failed, match=r"nothing was removed: The lock .*another process holds it\. End the assistants"),
    ):
        removal.run(desk.settings(), None)
    assert files(home) == before


def test_a_session_that_may_go_on_is_told(desk: Desk, home: Path) -> None:
    for spoil in ("refused", "cut", "of another app"):
        login.with_browser(desk.settings(), 0, open_browser=Person().opens)
        settings = desk.settings()
        if spoil == "refused":
            desk.simulator.faults.add("status", path="revoke", times=1, status=500)
        elif spoil == "cut":
            desk.stored[0].write_text("{")
        else:
            settings = desk.settings(RINGCENTRAL_CLIENT_SECRET="")
        with pytest.raises(Failed, match="cut off or damaged" if spoil == "cut" else "did not confirm"):
            removal.run(settings, None)
        assert files(home) == set()


def test_a_session_is_ended_with_the_client_secret_that_setup_kept(desk: Desk, home: Path) -> None:
    login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    (folder := home / ".config" / "ringcentral-meetings-mcp").mkdir(parents=True)
    (folder / "a.env").write_text("no line of a file of settings\n")
    kept = {"RINGCENTRAL_CLIENT_ID": CLIENT_ID, "RINGCENTRAL_CLIENT_SECRET": CLIENT_SECRET}
    (folder / "work.env").write_bytes(written(kept))
    removal.run(desk.settings(RINGCENTRAL_CLIENT_ID="", RINGCENTRAL_CLIENT_SECRET=""), None)
    assert desk.revoked == 1
    assert desk.stored == []
    assert files(home) == {".config/ringcentral-meetings-mcp/a.env"}


def test_all_and_a_profile_do_not_go_together() -> None:
    refused = finished("logout", "--all", "--profile", "work")
    assert refused.returncode == 2
    assert "--all ends the sessions of all profiles" in refused.stderr
