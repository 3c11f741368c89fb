"""The settings that `setup` keeps: commands in a terminal read them where nothing else says whose account is meant."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.desk import Desk
from cli.platforms import Person
from cli.processes import COMMAND, PATIENCE_SECONDS, finished, said_to_the_end, shake_hands, started
from cli.terminal import in_terminal
from cli.test_agenda import let_in
from ringcentral_meetings.cli import config, doctor
from ringcentral_meetings.cli.settings_file import load_for_command, settings_file, written
from ringcentral_meetings.settings import SettingsError
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows' configuration folder cannot be set")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, that of this process and of those that it starts."""
    for name in [name for name in os.environ if name.startswith(("RINGCENTRAL_", "RC_"))]:
        monkeypatch.delenv(name)
    own = {"HOME": "", "XDG_CONFIG_HOME": ".config", "XDG_STATE_HOME": ".state", "CODEX_HOME": ".codex"}
    for name, folder in own.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / ".claude"))
    return tmp_path


def keep(profile: str = "default", **values: str) -> Path:
    """Put settings where `setup` keeps them."""
    file = settings_file(profile)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(written({f"RINGCENTRAL_{name}": value for name, value in values.items()}))
    file.chmod(0o600)
    return file


def account_at(desk: Desk) -> dict[str, str]:
    known = {"SERVER_URL": desk.url, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}
    return {**known, "TOKEN_STORE": "file"}


AS_KEPT = {"RINGCENTRAL_TOKEN_STORE": ""}
"""An environment that leaves this to the file; an empty value counts as unset."""


@pytest.mark.parametrize("profile", ["default", "work"])
def test_call_and_doctor_use_the_account_that_setup_keeps_for_the_profile(profile: str, desk: Desk, home: Path) -> None:
    kept = keep(profile, **account_at(desk), JWT=JWT)
    called = finished("call", "list_meetings", "--profile", profile, **AS_KEPT)
    assert (called.returncode, called.stderr) == (0, "")
    assert "meetings" in json.loads(called.stdout)
    looked = finished("doctor", "--json", "--profile", profile, **AS_KEPT)
    first = json.loads(looked.stdout)["checks"][0]
    assert (looked.returncode, first["state"]) == (0, "ok")
    assert f"read from {kept}" in first["detail"]
    assert desk.simulator.calls


def test_login_and_logout_use_the_app_that_setup_keeps(desk: Desk, home: Path) -> None:
    keep(**account_at(desk))
    with started([*COMMAND, "login", "--no-browser", "--port", "9999"], **AS_KEPT) as process:
        assert process.stdout is not None
        line = next((line for line in process.stdout if "authorize?" in line), "")
        assert line, process.stderr and process.stderr.read()
        _, told = process.communicate(Person().answered(line.strip()) + "\n", PATIENCE_SECONDS)
    assert (process.returncode, told) == (0, "")
    ended = finished("logout", **AS_KEPT)
    assert (ended.returncode, ended.stdout) == (0, 'Signed out; profile "default".\n')
    assert desk.revoked == 1


def test_agenda_uses_it(desk: Desk, home: Path) -> None:
    keep(**account_at(desk), JWT=JWT)
    with started([*COMMAND, "agenda", "--no-browser"], PYTHONUNBUFFERED="1", **AS_KEPT) as process:
        assert process.stderr is not None
        address = process.stderr.readline().split()[-1]
        with let_in(address) as browser:
            answer = browser.post("/call", json={"name": "list_meetings", "arguments": {}})
    assert answer.status_code == 200
    assert any(call.path.endswith("/meeting") for call in desk.simulator.calls)


def test_in_a_terminal_the_file_is_named(desk: Desk, home: Path) -> None:
    kept = keep(**account_at(desk), JWT=JWT)
    with in_terminal([*COMMAND, "call", "list_meetings"], AS_KEPT, columns=300) as shown:
        shown.expects(f"Settings: {kept}")
        assert shown.ended() == 0, shown.seen
    with in_terminal([*COMMAND, "--simulator", "call", "list_meetings"], AS_KEPT, columns=300) as shown:
        assert shown.ended() == 0, shown.seen
        assert "Settings:" not in shown.seen


def test_the_server_itself_does_not_read_it(desk: Desk, home: Path) -> None:
    keep(**account_at(desk), JWT=JWT, CONFIRM="broken")
    with started(COMMAND, **AS_KEPT) as server:
        shake_hands(server)
        _, told = said_to_the_end(server)
    assert "RINGCENTRAL_CONFIRM" not in told
    assert desk.simulator.calls == []


@pytest.mark.parametrize(
    ("overrides", "environ"),
    [
        ({"simulator": True}, {}),
        ({}, {"RINGCENTRAL_SIMULATOR": "true"}),
        ({}, {"RINGCENTRAL_CLIENT_ID": "mine"}),
        ({}, {"RC_USER_JWT": "mine"}),
        ({}, {"RINGCENTRAL_ACCESS_TOKEN": "mine"}),
        ({"profile": "other"}, {}),
        ({}, {"RINGCENTRAL_PROFILE": "other"}),
        ({}, {"RINGCENTRAL_ENV_FILE": "mine.env"}),
    ],
)
def test_whatever_says_whose_meetings_are_meant_comes_before_it(
    overrides: dict[str, Any], environ: dict[str, str], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = keep(CLIENT_ID="kept", ACCOUNT_ID="77")
    assert load_for_command(None, {})[1] == kept
    monkeypatch.chdir(home)
    (home / "mine.env").write_text("RINGCENTRAL_TIMEOUT=7\n")
    assert load_for_command("mine.env", {})[1] is None
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    settings, read = load_for_command(None, overrides)
    assert (read, settings.account_id) == (None, "~")


def test_the_environment_and_the_options_win_over_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(CLIENT_ID="kept", TIMEOUT="7", TIME_ZONE="Europe/Paris", LOG_LEVEL="DEBUG")
    monkeypatch.setenv("RINGCENTRAL_TIMEOUT", "8")
    settings, _ = load_for_command(None, {"log_level": "WARNING"})
    assert (settings.client_id, settings.timeout, settings.time_zone) == ("kept", 8, "Europe/Paris")
    assert settings.log_level == "WARNING"


def test_a_file_that_belongs_to_somebody_else_is_not_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = keep(CLIENT_ID="kept")
    owner = kept.stat().st_uid
    monkeypatch.setattr("os.geteuid", lambda: owner + 1)
    settings, read = load_for_command(None, {})
    assert (settings.client_id, read) == (None, None)
    check, _ = doctor.check_settings(None, {})
    assert (check.state, str(kept) in check.detail) == ("warn", True)


def test_a_broken_file_is_named_and_logout_all_still_removes_it(home: Path) -> None:
    kept = keep(CLIENT_ID="kept")
    kept.write_bytes(kept.read_bytes() + b"RINGCENTRAL_TIMEOUT\n")
    with pytest.raises(SettingsError) as refused:
        load_for_command(None, {})
    assert str(kept) in str(refused.value)
    ended = finished("logout", "--all")
    assert ended.returncode == 0, ended.stderr
    assert not kept.exists()


def cursor_entry(home: Path, *options: str, **env: str) -> None:
    program, *args = config.command()
    entry = {"command": program, "args": [*args, *options], "env": env}
    (home / ".cursor").mkdir(exist_ok=True)
    (home / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": {"meetings": entry}}))


@pytest.mark.parametrize(("options", "env"), [(["--simulator"], {}), ([], {"RINGCENTRAL_SIMULATOR": "True"})])
def test_where_every_entry_uses_the_simulator_a_missing_account_is_no_problem(
    options: list[str], env: dict[str, str], home: Path
) -> None:
    cursor_entry(home, *options, **env)
    looked = finished("doctor", "--json")
    answer = json.loads(looked.stdout)
    assert (looked.returncode, answer["works"]) == (0, True), answer
    checks = {check["name"]: check for check in answer["checks"]}
    assert (checks["account"]["state"], checks["Cursor"]["state"]) == ("skip", "ok")
    assert "doctor --simulator" in checks["account"]["mend"]
    assert "setup" in checks["account"]["mend"]
    assert "connection" not in checks


def test_an_account_that_is_meant_anywhere_is_checked(home: Path) -> None:
    nowhere = {"RINGCENTRAL_SERVER_URL": "http://127.0.0.1:9"}
    mine = home / "mine.env"
    mine.write_text("RINGCENTRAL_TIMEOUT=7\n")

    def refused(*options: str, **env: str) -> bool:
        looked = finished("doctor", "--json", *options, **nowhere, **env)
        names = {check["name"] for check in json.loads(looked.stdout)["checks"]}
        return looked.returncode == 1 and "connection" in names and "account" not in names

    cursor_entry(home)
    assert refused()
    cursor_entry(home, "--simulator")
    assert refused("--env-file", str(mine))
    assert refused(RINGCENTRAL_CLIENT_ID="mine")
    keep(CLIENT_ID="kept")
    assert refused()
