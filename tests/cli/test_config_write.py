"""What config writes into clients' files, and takes out again."""

import base64
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from cli.client_files import BEFORE, FOREIGN, reader, servers
from cli.processes import finished
from ringcentral_meetings.cli import changes, config, links
from ringcentral_meetings.cli.clients.catalog import KINDS, Client
from ringcentral_meetings.cli.clients.found import ConfigFile, Entry, found
from ringcentral_meetings.cli.clients.machine import Machine
from ringcentral_meetings.cli.config import Wanted
from ringcentral_meetings.cli.entries import check_entry

NAME = "ringcentral-meetings"
SIMULATOR = Wanted(("--simulator",))
CLIENTS: tuple[Client, ...] = tuple(client for client in KINDS if client != "json")

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path))
    for name in list(os.environ):
        if name.startswith(("XDG_", "CODEX_", "CLAUDE_", "GEMINI_", "RINGCENTRAL_", "APPDATA", "LOCALAPPDATA")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def file_of(client: Client) -> Path:
    return KINDS[client].files(Machine.here())[0]


def put(client: Client, content: str | None = None) -> tuple[Path, bytes]:
    """Lay down a client's file; its path and content."""
    path = file_of(client)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes((BEFORE[client] if content is None else content).encode())
    return path, path.read_bytes()


def content_of(client: Client, text: str) -> Any:
    return reader(client)(text.removeprefix("\ufeff"))


@pytest.mark.parametrize("client", CLIENTS)
def test_the_entry_is_written_beside_what_is_there_and_undone_to_the_byte(
    client: Client, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, before = put(client)
    config.write(client, SIMULATOR)
    after = content_of(client, path.read_bytes().decode())
    written = servers(client, after)
    ours = written.pop(NAME)
    assert (ours.get("command") or ours["cmd"], ours["args"]) == (config.command()[0], ["--simulator"])
    former = content_of(client, before.decode())
    assert written == servers(client, former)
    assert {key: value for key, value in after.items() if key not in KINDS[client].keys} == {
        key: value for key, value in former.items() if key not in KINDS[client].keys
    }
    shown = capsys.readouterr().out
    assert "+ " in shown
    assert "--undo" in shown
    assert not any(secret in shown for secret in FOREIGN)
    config.undo(client)
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir() if "ringcentral" in one.name] == []


@pytest.mark.parametrize("client", CLIENTS)
def test_a_file_that_is_not_there_is_made_and_removed_again(client: Client, home: Path) -> None:
    config.write(client, SIMULATOR)
    path = file_of(client)
    content = content_of(client, path.read_text("utf-8"))
    assert NAME in servers(client, content)
    (entry,) = found(Machine.here())
    assert isinstance(entry, Entry)
    assert (entry.file.client, entry.file.path, entry.name) == (client, path, NAME)
    config.undo(client)
    assert not path.exists()


@pytest.mark.parametrize("client", ["claude-desktop", "codex", "goose"])
def test_what_is_written_starts_as_the_client_starts_it(client: Client, home: Path) -> None:
    put(client)
    config.write(client, Wanted(("--simulator", "--read-only")))
    entries = [one for one in found(Machine.here()) if isinstance(one, Entry)]
    (check,) = [check_entry(entry) for entry in entries]
    assert check.state == "ok", check
    assert "tools" in check.detail


def test_comments_and_the_order_of_lines_are_kept(home: Path) -> None:
    for client in ("vscode", "zed", "codex", "goose", "continue"):
        path, before = put(client)
        config.write(client, SIMULATOR)
        lines = path.read_text("utf-8").splitlines()
        kept = [line for line in before.decode().splitlines() if line != "        } /* more to come:"]
        rest = iter(lines)
        assert all(any(line == other for other in rest) for line in kept), client


def test_writing_again_changes_nothing_and_undo_gives_back_the_first_state(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, before = put("cursor")
    config.write("cursor", SIMULATOR)
    first = path.read_bytes()
    capsys.readouterr()
    config.write("cursor", SIMULATOR)
    assert "already has this entry" in capsys.readouterr().out
    assert path.read_bytes() == first
    config.write("cursor", Wanted(("--simulator", "--read-only")))
    assert path.read_bytes() != first
    config.undo("cursor")
    assert path.read_bytes() == before
    config.undo("cursor")
    assert "nothing was changed" in capsys.readouterr().out


def test_undo_keeps_what_was_changed_since(home: Path) -> None:
    path, before = put("codex")
    config.write("codex", SIMULATOR)
    path.write_text(path.read_text() + '[tui]\ntheme = "dark"\n')
    config.undo("codex")
    content = reader("codex")(path.read_text())
    assert content == {**reader("codex")(before.decode()), "tui": {"theme": "dark"}}


def test_undo_gives_back_an_entry_that_was_there_before(home: Path) -> None:
    mine = {"command": "ringcentral-meetings-mcp", "env": {"RINGCENTRAL_READ_ONLY": "true"}}
    path, before = put("cursor", json.dumps({"mcpServers": {NAME: mine}}, indent=1))
    config.write("cursor", SIMULATOR)
    path.write_text(path.read_text().replace("{", '{"theme": "dark",', 1))
    config.undo("cursor")
    assert json.loads(path.read_text()) == {"theme": "dark", "mcpServers": {NAME: mine}}
    assert before.count(b"\n") > 1


@pytest.mark.parametrize(
    ("client", "content", "told"),
    [
        ("cursor", '{\n  "mcpServers": {\n    "a": \n  }\n}', "line 4"),
        ("codex", "[mcp_servers.a\ncommand = 1", "line 1"),
        ("goose", "extensions:\n  a: 1\n b: 2\n", "line 3"),
        ("cursor", '{"mcpServers": ["a"]}', "mcpServers is not an object"),
        ("continue", "mcpServers: x\n", "mcpServers is not a list"),
    ],
)
def test_a_file_that_does_not_parse_is_left_alone_and_its_line_is_named(
    client: Client, content: str, told: str, home: Path
) -> None:
    path, before = put(client, content)
    for action in ("--write", "--undo"):
        refused = finished("--simulator", "config", client, action, HOME=str(home), USERPROFILE=str(home))
        if action == "--write" or "line" in told:
            assert (refused.returncode, refused.stdout) == (1, "")
            assert told in refused.stderr
            assert str(path) in refused.stderr
        assert path.read_bytes() == before


def test_a_file_that_is_not_text_is_left_alone(home: Path) -> None:
    path, _ = put("cursor")
    path.write_bytes(b"\xff\xfe{\x00}\x00")
    with pytest.raises(changes.Unwritable, match="not UTF-8"):
        config.write("cursor", SIMULATOR)
    assert path.read_bytes() == b"\xff\xfe{\x00}\x00"


@unix_only
def test_permissions_and_symbolic_links_are_kept(home: Path) -> None:
    path, before = put("claude-code")
    kept = home / "dotfiles" / "claude.json"
    kept.parent.mkdir()
    path.rename(kept)
    kept.chmod(0o640)
    path.symlink_to(kept)
    config.write("claude-code", SIMULATOR)
    assert path.is_symlink()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    backup = kept.with_name("claude.json" + changes.BACKUP_SUFFIX)
    assert (backup.read_bytes(), stat.S_IMODE(backup.stat().st_mode)) == (before, 0o640)
    assert NAME in json.loads(kept.read_text())["mcpServers"]
    config.undo("claude-code")
    assert (kept.read_bytes(), path.is_symlink()) == (before, True)


@unix_only
def test_a_new_file_is_its_owners_alone(home: Path) -> None:
    config.write("cursor", SIMULATOR)
    assert stat.S_IMODE(file_of("cursor").stat().st_mode) == 0o600


def test_a_file_that_changed_meanwhile_is_not_overwritten(home: Path) -> None:
    path, _ = put("cursor")
    change = changes.planned(ConfigFile("cursor", path), {"command": "x"})
    path.write_text("{}")
    with pytest.raises(changes.Unwritable, match="changed meanwhile"):
        change.make()
    assert path.read_text() == "{}"


def test_of_several_changes_all_are_made_or_none(home: Path) -> None:
    path, before = put("cursor")
    other, _ = put("zed")
    new = home / "fresh" / "folder" / "mcp.json"
    planned = [
        changes.planned(ConfigFile("cursor", path), {"command": "x"}),
        changes.planned(ConfigFile("jetbrains", new), {"command": "x"}),
        changes.planned(ConfigFile("zed", other), {"command": "x"}),
    ]
    other.write_text("{}")
    with pytest.raises(changes.Unwritable):
        changes.make_all(planned)
    assert path.read_bytes() == before
    assert other.read_text() == "{}"
    assert not (home / "fresh").exists()
    assert list(path.parent.iterdir()) == [path]


def test_what_a_client_writes_meanwhile_is_not_taken_back(home: Path) -> None:
    path, _ = put("cursor")
    change = changes.planned(ConfigFile("cursor", path), {"command": "x"})
    change.make()
    path.write_text('{"mcpServers": {}, "newer": 1}')
    assert not change.take_back()
    assert json.loads(path.read_text())["newer"] == 1
    assert change.backup.exists()


def test_a_write_that_fails_leaves_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, before = put("cursor")

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(changes.Unwritable, match="No space left"):
        config.write("cursor", SIMULATOR)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_continues_older_file_is_not_put_out_of_use(home: Path) -> None:
    folder = home / ".continue"
    folder.mkdir()
    (folder / "config.json").write_text("{}")
    with pytest.raises(changes.Unwritable, match=r"config\.json"):
        config.write("continue", SIMULATOR)
    assert not (folder / "config.yaml").exists()


def test_a_file_in_one_line_is_not_shown_whole(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put("cursor", json.dumps({"other": "x" * 1_000, "mcpServers": {}}))
    config.write("cursor", SIMULATOR)
    shown = capsys.readouterr().out
    assert "one long line" in shown
    assert "xxx" not in shown


SECRETS = {"RINGCENTRAL_CLIENT_ID": "an-app", "RINGCENTRAL_CLIENT_SECRET": "hush-hush", "RINGCENTRAL_JWT": "hush.hush"}


@pytest.mark.parametrize("action", ["--write", "--link"])
@pytest.mark.parametrize("client", ["cursor", "vscode"])
def test_an_entry_that_needs_secrets_is_not_written_without_a_file_for_them(
    action: str, client: Client, home: Path
) -> None:
    refused = finished("config", client, action, HOME=str(home), USERPROFILE=str(home), **SECRETS)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "setup" in refused.stderr
    assert "--env-file" in refused.stderr
    assert not file_of(client).exists()


def test_no_secret_of_the_environment_gets_into_a_file(home: Path) -> None:
    env_file = home / "my own.env"
    env_file.write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    for client in CLIENTS:
        shown = finished(
            "config", client, "--write", "--env-file", str(env_file), HOME=str(home), USERPROFILE=str(home), **SECRETS
        )
        assert shown.returncode == 0, shown.stderr
        assert "hush" not in shown.stdout + shown.stderr
        text = file_of(client).read_text("utf-8")
        assert "hush" not in text
        assert "my own.env" in text


def _decoded(client: str, link: str) -> Any:
    query = parse_qs(urlsplit(link).query)
    if client == "vscode":
        server = json.loads(unquote(link.partition("?")[2]))
        return server.pop("name"), server
    if client == "goose":
        return query["id"][0], {"command": query["cmd"][0], "args": query["arg"]}
    return query["name"][0], json.loads(base64.b64decode(query["config"][0]))


@pytest.mark.parametrize(
    ("client", "start"),
    [
        ("cursor", "cursor://anysphere.cursor-deeplink/mcp/install?"),
        ("vscode", "vscode:mcp/install?"),
        ("lm-studio", "lmstudio://add_mcp?"),
        ("goose", "goose://extension?"),
    ],
)
def test_a_link_holds_what_the_entry_holds(client: Client, start: str, home: Path) -> None:
    wanted = Wanted(("--simulator", "--env-file", "/home/zoë/a b&c=d.env"))
    link = links.link(client, wanted.command, {})
    assert link.startswith(start)
    assert link.isascii()
    name, server = _decoded(client, link)
    assert name == NAME
    expected = KINDS[client].server(wanted.command, {})
    if client == "goose":
        expected = {"command": expected["cmd"], "args": expected["args"]}
    assert server == expected


def test_a_client_without_links_is_told_with_those_that_have_some(home: Path) -> None:
    refused = finished("--simulator", "config", "zed", "--link")
    assert refused.returncode == 1
    assert all(client in refused.stderr for client in links.LINKED)


def test_json_has_no_file_to_write(home: Path) -> None:
    refused = finished("--simulator", "config", "json", "--write")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "has no file" in refused.stderr
