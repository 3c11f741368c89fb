"""What config prints for each client is what starts this installation."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from cli.desk import Desk
from cli.processes import environment, finished
from ringcentral_meetings import __version__
from ringcentral_meetings.cli import config
from ringcentral_meetings.cli.clients.catalog import KINDS, files_here
from ringcentral_meetings.cli.clients.found import config_files
from ringcentral_meetings.cli.clients.machine import Machine
from ringcentral_meetings.connection import shared_store
from ringcentral_meetings.platform.limits import LoopClock
from ringcentral_meetings.platform.signin.grants import App
from ringcentral_meetings.platform.signin.tokens import Token
from ringcentral_meetings.simulator import CLIENT_ID

JSON_CLIENTS = {"claude-desktop": "mcpServers", "cursor": "mcpServers", "vscode": "servers"}


def version_of(command: list[str]) -> str:
    done = subprocess.run(  # noqa: S603  (what config printed)
        [*command, "--version"], capture_output=True, text=True, check=True, env=environment(), timeout=60
    )
    return done.stdout.split()[-1]


@pytest.mark.parametrize(("client", "key"), JSON_CLIENTS.items())
def test_the_printed_json_starts_this_version(client: str, key: str) -> None:
    shown = finished("--simulator", "config", client)
    assert shown.returncode == 0
    server = json.loads(shown.stdout)[key]["ringcentral-meetings"]
    assert Path(server["command"]).is_absolute()
    assert server["args"][-1] == "--simulator"
    assert "env" not in server
    assert version_of([server["command"], *server["args"]]) == __version__


def test_the_printed_command_line_of_claude_code_starts_this_version() -> None:
    shown = finished("--simulator", "--read-only", "config", "claude-code")
    words = shlex.split(shown.stdout)
    assert words[:3] == ["claude", "mcp", "add"]
    command = words[words.index("--") + 1 :]
    assert command[-2:] == ["--simulator", "--read-only"]
    assert version_of(command) == __version__


CLINE = "globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json"
SECRETS = {"RINGCENTRAL_CLIENT_SECRET": "hush-hush", "RINGCENTRAL_JWT": "hush.hush"}


@pytest.mark.parametrize("client", ["claude-desktop", "cursor"])
@pytest.mark.parametrize("given", [SECRETS, {"RINGCENTRAL_CLIENT_SECRET": "hush-hush"}])
def test_secrets_are_given_by_a_file_that_the_entry_names(client: str, given: dict[str, str], tmp_path: Path) -> None:
    shown = finished("config", client, HOME=str(tmp_path), XDG_CONFIG_HOME=str(tmp_path), **given)
    server = json.loads(shown.stdout)["mcpServers"]["ringcentral-meetings"]
    assert server["args"][-2:] == ["--env-file", "PATH"]
    assert "env" not in server
    assert "hush" not in shown.stdout + shown.stderr
    for name in given:
        assert name in shown.stderr
    assert "setup" in shown.stderr


def test_claude_code_is_given_secrets_by_a_file_and_not_in_a_command_line() -> None:
    shown = finished("config", "claude-code", **SECRETS)
    words = shlex.split(shown.stdout)
    assert words[-2:] == ["--env-file", "PATH"]
    assert "--env" not in words
    assert "RINGCENTRAL" not in shown.stdout
    assert "hush" not in shown.stdout + shown.stderr
    for name in config.CREDENTIALS:
        assert name in shown.stderr


@pytest.mark.parametrize("jwt", ["", "..."])
def test_without_a_jwt_the_client_id_alone_is_named(jwt: str) -> None:
    shown = finished("config", "cursor", RINGCENTRAL_JWT=jwt)
    server = json.loads(shown.stdout)["mcpServers"]["ringcentral-meetings"]
    assert server["env"] == {"RINGCENTRAL_CLIENT_ID": "..."}
    for words in ("If the app has a secret", "a JWT", "login` once"):
        assert words in shown.stderr
    known = json.loads(finished("config", "cursor", RINGCENTRAL_CLIENT_ID="an-app").stdout)
    assert known["mcpServers"]["ringcentral-meetings"]["env"] == {"RINGCENTRAL_CLIENT_ID": "an-app"}
    line = shlex.split(finished("config", "claude-code").stdout)
    assert line[line.index("--env") + 1] == "RINGCENTRAL_CLIENT_ID=..."


def test_a_stored_login_goes_before_the_jwt(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = desk.settings(**SECRETS)
    login = Token("a", 4_600.0, refresh_token="r", by_login=True)
    for stored in (False, True):
        if stored:
            anyio.run(shared_store(settings, App(desk.url, CLIENT_ID), LoopClock()).save, login)
        config.run("vscode", "print", None, {})
        asked = json.loads(capsys.readouterr().out).get("inputs", [])
        assert len(asked) == (0 if stored else 3)
    (desk.state / "ringcentral-meetings-mcp" / "sessions").rename(desk.state / "away")
    (desk.state / "ringcentral-meetings-mcp" / "sessions").write_text("")
    config.run("vscode", "print", None, {})
    assert "RINGCENTRAL_JWT" in capsys.readouterr().out


def test_a_setting_that_cannot_be_used_is_one_line() -> None:
    wrong = finished("config", "cursor", RINGCENTRAL_TIMEOUT="soon")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "RINGCENTRAL_TIMEOUT" in wrong.stderr


def test_vs_code_asks_for_the_credentials_itself() -> None:
    content = json.loads(finished("config", "vscode", **SECRETS).stdout)
    env = content["servers"]["ringcentral-meetings"]["env"]
    assert set(env) == set(config.CREDENTIALS)
    assert {f"${{input:{one['id']}}}" for one in content["inputs"]} == set(env.values())
    hidden = {one["description"]: one["password"] for one in content["inputs"]}
    assert hidden == {"RINGCENTRAL_CLIENT_ID": False, "RINGCENTRAL_CLIENT_SECRET": True, "RINGCENTRAL_JWT": True}


def test_the_options_before_config_go_into_what_it_prints(tmp_path: Path) -> None:
    shown = finished("--env-file", str(tmp_path / "my own.env"), "--profile", "work", "config", "cursor")
    server = json.loads(shown.stdout)["mcpServers"]["ringcentral-meetings"]
    assert server["args"][-4:] == ["--profile", "work", "--env-file", str(tmp_path / "my own.env")]
    assert "env" not in server


def test_where_it_goes_is_said_apart_from_it(tmp_path: Path) -> None:
    shown = finished("--simulator", "config", "cursor", HOME=str(tmp_path), USERPROFILE=str(tmp_path))
    assert str(tmp_path / ".cursor" / "mcp.json") in shown.stderr
    assert str(tmp_path) not in shown.stdout


def test_an_unknown_client_is_told_with_those_that_there_are() -> None:
    refused = finished("config", "emacs")
    assert refused.returncode == 2
    for name in KINDS:
        assert name in refused.stderr


def test_without_a_script_the_module_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config, "PROGRAM", "no-such-program-anywhere")
    assert config.command() == [sys.executable, "-m", "ringcentral_meetings"]
    assert version_of(config.command()) == __version__


def test_on_windows_the_command_line_is_quoted_as_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(config, "command", lambda: ["C:\\Program Files\\server.exe"])
    line = config.snippet("claude-code", config.Wanted(("--simulator",)))
    assert line.endswith('-- "C:\\Program Files\\server.exe" --simulator')


@pytest.mark.parametrize(
    ("platform", "environ", "expected"),
    [
        ("darwin", {}, "Library/Application Support/Claude/claude_desktop_config.json"),
        ("linux", {}, ".config/Claude/claude_desktop_config.json"),
        ("linux", {"XDG_CONFIG_HOME": "HOME/elsewhere"}, "elsewhere/Claude/claude_desktop_config.json"),
        ("win32", {}, "AppData/Roaming/Claude/claude_desktop_config.json"),
        ("win32", {"APPDATA": "HOME/roaming"}, "roaming/Claude/claude_desktop_config.json"),
        (
            "win32",
            {},
            "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json",
        ),
        (
            "win32",
            {"LOCALAPPDATA": "HOME/local"},
            "local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude/claude_desktop_config.json",
        ),
        ("darwin", {}, "Library/Application Support/Code/User/mcp.json"),
        ("linux", {}, ".config/Code/User/mcp.json"),
        ("win32", {}, "AppData/Roaming/Code/User/mcp.json"),
        ("linux", {}, ".claude.json"),
        ("linux", {"CLAUDE_CONFIG_DIR": "HOME/claude"}, "claude/.claude.json"),
        ("linux", {}, ".cursor/mcp.json"),
        ("linux", {}, "project/.mcp.json"),
        ("linux", {}, "project/.cursor/mcp.json"),
        ("linux", {}, "project/.vscode/mcp.json"),
        ("linux", {}, ".codex/config.toml"),
        ("win32", {"CODEX_HOME": "HOME/codex"}, "codex/config.toml"),
        ("linux", {}, "project/.codex/config.toml"),
        ("linux", {}, ".gemini/settings.json"),
        ("linux", {"GEMINI_CLI_HOME": "HOME/g"}, "g/.gemini/settings.json"),
        ("darwin", {}, ".codeium/windsurf/mcp_config.json"),
        ("linux", {}, ".config/zed/settings.json"),
        ("linux", {"XDG_CONFIG_HOME": "HOME/x"}, "x/zed/settings.json"),
        ("linux", {"FLATPAK_XDG_CONFIG_HOME": "HOME/f"}, "f/zed/settings.json"),
        ("darwin", {}, ".config/zed/settings.json"),
        ("win32", {}, "AppData/Roaming/Zed/settings.json"),
        ("darwin", {}, f"Library/Application Support/Code/User/{CLINE}"),
        ("win32", {}, f"AppData/Roaming/Code/User/{CLINE}"),
        ("linux", {}, ".cline/data/settings/cline_mcp_settings.json"),
        ("linux", {"CLINE_DIR": "HOME/c"}, "c/data/settings/cline_mcp_settings.json"),
        ("linux", {"CLINE_MCP_SETTINGS_PATH": "HOME/c.json"}, "c.json"),
        ("win32", {}, ".lmstudio/mcp.json"),
        ("darwin", {}, ".cache/lm-studio/mcp.json"),
        ("linux", {}, ".config/goose/config.yaml"),
        ("darwin", {}, ".config/goose/config.yaml"),
        ("win32", {}, "AppData/Roaming/Block/goose/config/config.yaml"),
        ("linux", {"GOOSE_PATH_ROOT": "HOME/goose"}, "goose/config/config.yaml"),
        ("linux", {}, ".continue/config.yaml"),
        ("linux", {"CONTINUE_GLOBAL_DIR": "HOME/con"}, "con/config.yaml"),
        ("linux", {}, ".junie/mcp/mcp.json"),
        ("linux", {}, "project/.junie/mcp/mcp.json"),
    ],
)
def test_each_client_is_looked_for_where_it_keeps_its_servers(
    platform: str, environ: dict[str, str], expected: str, tmp_path: Path
) -> None:
    given = {name: value.replace("HOME", str(tmp_path)) for name, value in environ.items()}
    machine = Machine(tmp_path, tmp_path / "project", given, platform)
    assert tmp_path / expected in [file.path for file in config_files(machine)]


def test_a_path_that_the_encoding_of_stdout_lacks_is_printed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "\u0416.env").touch()
    shown = finished("--env-file", str(tmp_path / "\u0416.env"), "config", "claude-code", PYTHONIOENCODING="cp1252")
    assert (shown.returncode, "\\u0416.env" in shown.stdout) == (0, True)


STORE = "AppData/Local/Packages/Claude_pzs8sxrjxfjjc/LocalCache/Roaming/Claude"


@pytest.mark.parametrize(
    ("there", "named"),
    [
        ([], ["AppData/Roaming/Claude"]),
        (["AppData/Roaming/Claude", STORE], ["AppData/Roaming/Claude", STORE]),
        (["AppData/Roaming/Claude"], ["AppData/Roaming/Claude"]),
        ([STORE], [STORE]),
    ],
)
def test_on_windows_the_file_of_the_app_that_is_installed_is_named(
    there: list[str], named: list[str], tmp_path: Path
) -> None:
    for folder in there:
        (tmp_path / folder).mkdir(parents=True)
    shown = files_here(KINDS["claude-desktop"], Machine(tmp_path, tmp_path / "project", {}, "win32"))
    assert shown == [tmp_path / folder / "claude_desktop_config.json" for folder in named]
