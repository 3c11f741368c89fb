"""The command setup: from nothing to a client that works, asked or not; interrupted, it leaves nothing behind."""

import json
import re
import stat
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.client_files import CODEX, CURSOR
from cli.desk import Desk
from cli.platforms import Person, account
from cli.processes import COMMAND, finished
from cli.terminal import Terminal, in_terminal
from ringcentral_meetings.cli import config, setup
from ringcentral_meetings.cli.changes import Unwritable
from ringcentral_meetings.cli.settings_file import written
from ringcentral_meetings.environment import read_file
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals of this kind")

NAME = "ringcentral-meetings"
CHOICE = "Your choice ["


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with Cursor and Codex in it."""
    for path, text in ((".cursor/mcp.json", CURSOR), (".codex/config.toml", CODEX)):
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text)
    return tmp_path


def env_of(home: Path, **more: str) -> dict[str, str]:
    """The environment of somebody whose home that is, and who has no programs of clients."""
    state = {"XDG_CONFIG_HOME": str(home / ".config"), "XDG_STATE_HOME": str(home / ".state")}
    return {"HOME": str(home), "PATH": "/usr/bin:/bin", "CODEX_HOME": "", "CLAUDE_CONFIG_DIR": "", **state, **more}


def own(desk: Desk, home: Path, **more: str) -> dict[str, str]:
    """The environment of somebody who knows of RingCentral but the address."""
    return env_of(home, RINGCENTRAL_SERVER_URL=desk.url, RINGCENTRAL_TOKEN_STORE="file", **more)


def snapshot(home: Path) -> dict[str, bytes]:
    """All files under a home folder but the locks of sign-ins, which stay."""
    return {
        str(path.relative_to(home)): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }


def cursor_entry(home: Path) -> dict[str, object]:
    text = re.sub(r",(?=\s*[}\]])", "", (home / ".cursor" / "mcp.json").read_text())
    entry: dict[str, object] = json.loads(text)["mcpServers"][NAME]
    return entry


def codex_entry(home: Path) -> dict[str, object]:
    entry: dict[str, object] = tomllib.loads((home / ".codex" / "config.toml").read_text())["mcp_servers"][NAME]
    return entry


def settings_file(home: Path, profile: str = "default") -> Path:
    """Where the settings of a profile are kept, by the conventions of the system."""
    found = list(home.rglob(f"ringcentral-meetings-mcp/{profile}.env"))
    return found[0] if found else home / "none"


@pytest.fixture
def asked(home: Path) -> Iterator[Terminal]:
    with in_terminal([*COMMAND, "setup"], env_of(home)) as terminal:
        yield terminal


def test_enter_to_every_question_sets_up_the_simulator_for_the_clients_found(asked: Terminal, home: Path) -> None:
    asked.expects("Whose meetings?")
    asked.expects(CHOICE + "1]:")
    asked.types("")
    shown = asked.expects(CHOICE + "1,2]:")
    assert "1 Cursor 2 Codex" in " ".join(shown.split())
    asked.types("")
    asked.expects("Write this? [Y/n]:")
    before = snapshot(home)
    assert not any(NAME.encode() in content for content in before.values())
    asked.types("")
    shown = asked.expects("Done")
    assert len(re.findall(r"starts, +\d+ tools", " ".join(shown.split()))) == 2
    assert asked.ended() == 0
    assert cursor_entry(home)["args"] == codex_entry(home)["args"] == ["--simulator"]
    for client in ("cursor", "codex"):
        assert finished("config", client, "--undo", **env_of(home)).returncode == 0
    assert snapshot(home) == {".cursor/mcp.json": CURSOR.encode(), ".codex/config.toml": CODEX.encode()}


@pytest.mark.parametrize(
    ("typed", "chosen"), [("2", {".codex"}), ("1 2", {".cursor", ".codex"}), ("cursor, zed", {".cursor", ".config"})]
)
def test_clients_are_chosen_by_number_or_name(typed: str, chosen: set[str], asked: Terminal, home: Path) -> None:
    asked.expects(CHOICE)
    asked.types("1")
    asked.expects(CHOICE)
    asked.types("emacs")
    asked.expects("emacs is none of them")
    asked.types(typed)
    asked.expects("Write this?")
    asked.types("y")
    assert asked.ended() == 0
    assert {name.partition("/")[0] for name, text in snapshot(home).items() if NAME.encode() in text} == chosen


QUESTIONS = [(CHOICE, "1"), (CHOICE, "1"), ("Write this?", "y")]


@pytest.mark.parametrize("answered", range(3))
def test_an_interrupt_at_any_question_changes_nothing(answered: int, asked: Terminal, home: Path) -> None:
    before = snapshot(home)
    for question, answer in QUESTIONS[:answered]:
        asked.expects(question)
        asked.types(answer)
    asked.expects(QUESTIONS[answered][0])
    asked.interrupts()
    assert asked.ended() == 130
    assert "nothing was changed" in asked.seen
    assert "Traceback" not in asked.seen
    assert snapshot(home) == before


def test_no_to_the_change_changes_nothing(asked: Terminal, home: Path) -> None:
    before = snapshot(home)
    for question, answer in (*QUESTIONS[:2], ("Write this?", "n")):
        asked.expects(question)
        asked.types(answer)
    assert asked.ended() == 1
    assert "nothing was changed" in asked.seen
    assert snapshot(home) == before


def test_with_a_jwt_secrets_go_into_a_file_for_the_owner_alone(desk: Desk, home: Path) -> None:
    with in_terminal([*COMMAND, "setup", "--client", "codex"], own(desk, home)) as asked:
        asked.expects(CHOICE)
        asked.types("2")
        asked.expects("answers")
        asked.expects(CHOICE)
        asked.types("3")
        for secret in ("wrong-secret", CLIENT_SECRET):
            asked.expects("Client ID")
            asked.types(CLIENT_ID)
            asked.expects("Client secret")
            asked.types(secret)
            asked.expects("JWT (it is not shown)")
            asked.types(JWT)
            if secret != CLIENT_SECRET:
                asked.expects("Try again? [Y/n]:")
                asked.types("")
                asked.expects(CHOICE)
                asked.types("3")
        asked.expects("meetings:")
        shown = asked.expects("Write this?")
        assert "RINGCENTRAL_JWT=..." in shown
        asked.types("")
        assert asked.ended() == 0, asked.seen
        assert CLIENT_SECRET not in asked.seen
        assert JWT not in asked.seen
    kept = settings_file(home)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    values = read_file(kept)
    assert (values["RINGCENTRAL_CLIENT_SECRET"], values["RINGCENTRAL_JWT"]) == (CLIENT_SECRET, JWT)
    assert values["RINGCENTRAL_SERVER_URL"] == desk.url
    assert codex_entry(home) == {"command": config.command()[0], "args": ["--env-file", str(kept)]}
    holding = [name for name, text in snapshot(home).items() if JWT.encode() in text or CLIENT_SECRET.encode() in text]
    assert holding == [str(kept.relative_to(home))]
    printed = finished("config", "cursor", **env_of(home))
    assert json.loads(printed.stdout)["mcpServers"][NAME]["args"] == ["--env-file", str(kept)]


def signs_in(asked: Terminal) -> None:
    """Sign in with a browser elsewhere, from the first question to the account's checks."""
    asked.expects(CHOICE)
    asked.types("2")
    asked.expects(CHOICE)
    asked.types("2")
    asked.expects("Client ID")
    asked.types(CLIENT_ID)
    asked.expects("Client secret")
    asked.types(CLIENT_SECRET)
    shown = asked.expects("press Enter:")
    address = re.search(r"http://\S+/authorize\S+", shown)
    assert address is not None
    asked.types(Person().answered(address[0]))
    asked.expects("Signed in as")


def test_with_a_browser_the_session_is_stored_and_the_file_holds_the_app(desk: Desk, home: Path) -> None:
    given = own(desk, home, RINGCENTRAL_JWT=JWT)
    with in_terminal([*COMMAND, "setup", "--client", "cursor"], given) as asked:
        signs_in(asked)
        asked.expects("Write this?")
        asked.types("")
        assert asked.ended() == 0, asked.seen
    values = read_file(settings_file(home))
    assert values["RINGCENTRAL_CLIENT_SECRET"] == CLIENT_SECRET
    assert "RINGCENTRAL_JWT" not in values
    assert cursor_entry(home)["args"] == ["--env-file", str(settings_file(home))]
    called = finished("call", "list_meetings", **env_of(home, RINGCENTRAL_TOKEN_STORE="file"))
    assert called.returncode == 0, called.stderr
    assert "meetings" in json.loads(called.stdout)
    assert desk.revoked == 0


@pytest.mark.parametrize("answer", ["n", None])
def test_a_session_that_was_opened_for_nothing_is_ended(answer: str | None, desk: Desk, home: Path) -> None:
    before = snapshot(home)
    with in_terminal([*COMMAND, "setup", "--client", "cursor"], own(desk, home)) as asked:
        signs_in(asked)
        asked.expects("Write this?")
        if answer is None:
            asked.interrupts()
        else:
            asked.types(answer)
        assert asked.ended() == (130 if answer is None else 1)
    assert desk.revoked == 1
    assert snapshot(home) == before


def test_without_a_terminal_the_options_that_are_needed_are_named(home: Path) -> None:
    refused = finished("setup", **env_of(home))
    assert (refused.returncode, refused.stdout) == (1, "")
    for word in ("no terminal", "--yes", "--simulator", "--client", "RINGCENTRAL_JWT", "--env-file"):
        assert word in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "RINGCENTRAL_CLIENT_ID is not set"),
        (("--sign-in", "jwt"), "RINGCENTRAL_CLIENT_ID is not set"),
        (("--simulator", "--client", "emacs"), "emacs"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_changed(
    arguments: tuple[str, ...], told: str, desk: Desk, home: Path
) -> None:
    before = snapshot(home)
    refused = finished("setup", "--yes", *arguments, **own(desk, home))
    assert refused.returncode in {1, 2}
    assert told in refused.stderr
    assert snapshot(home) == before


def test_with_yes_the_simulator_is_set_up_for_the_clients_named(home: Path) -> None:
    done = finished("--read-only", "setup", "--yes", "--simulator", "--client", "codex", **env_of(home))
    assert done.returncode == 0, done.stderr
    assert set(codex_entry(home)["args"]) == {"--simulator", "--read-only"}  # type: ignore[call-overload]
    assert NAME not in (home / ".cursor" / "mcp.json").read_text()


def test_with_yes_and_a_jwt_in_the_environment_the_account_is_set_up(desk: Desk, home: Path) -> None:
    given = account(desk.url, home / ".state", RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, RINGCENTRAL_JWT=JWT)
    done = finished("setup", "--yes", "--profile", "work", **env_of(home, **given))
    assert done.returncode == 0, done.stderr + done.stdout
    kept = settings_file(home, "work")
    assert read_file(kept)["RINGCENTRAL_JWT"] == JWT
    assert codex_entry(home)["args"] == ["--profile", "work", "--env-file", str(kept)]
    assert CLIENT_SECRET not in done.stdout + done.stderr


def test_setup_again_takes_what_it_has_kept(desk: Desk, home: Path) -> None:
    given = account(desk.url, home / ".state", RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, RINGCENTRAL_JWT=JWT)
    first = finished("setup", "--yes", "--client", "cursor", **env_of(home, **given))
    assert first.returncode == 0, first.stderr
    kept = settings_file(home)
    before = kept.read_bytes()
    again = finished("setup", "--yes", "--client", "codex", **env_of(home))
    assert again.returncode == 0, again.stderr
    assert codex_entry(home)["args"] == ["--env-file", str(kept)]
    assert kept.read_bytes() == before
    kept.chmod(0o644)
    with in_terminal([*COMMAND, "setup", "--client", "codex"], env_of(home, RINGCENTRAL_TOKEN_STORE="file")) as asked:
        asked.expects(CHOICE + "2]:")
        asked.types("")
        asked.expects(CHOICE + "3]:")
        asked.types("")
        asked.expects(f"[{CLIENT_ID}]:")
        asked.types("")
        for _ in range(2):
            asked.expects("Enter keeps the present one")
            asked.types("")
        asked.expects("Write this?")
        asked.types("")
        assert asked.ended() == 0, asked.seen
    assert read_file(kept)["RINGCENTRAL_JWT"] == JWT
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_start_that_cannot_sign_in_is_put_back(
    desk: Desk, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = account(desk.url, home / ".state", RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, RINGCENTRAL_JWT=JWT)
    for name, value in env_of(home, **given).items():
        monkeypatch.setenv(name, value)
    before = snapshot(home)
    values = written({"RINGCENTRAL_SERVER_URL": desk.url, "RINGCENTRAL_CLIENT_ID": "x", "RINGCENTRAL_JWT": "y"})
    monkeypatch.setattr(setup, "written", lambda _: values)
    with pytest.raises(setup.Failed, match="starts, but"):
        setup.run(None, {}, setup.Options(yes=True))
    after = {name: text for name, text in snapshot(home).items() if not name.startswith(".state")}
    assert after == before


def test_an_env_file_that_is_given_is_named_and_nothing_else_is_written(desk: Desk, home: Path) -> None:
    mine = home / "mine.env"
    values = {"SERVER_URL": desk.url, "CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET, "JWT": JWT}
    mine.write_text("".join(f"RINGCENTRAL_{name}={value}\n" for name, value in values.items()))
    mine.chmod(0o600)
    done = finished("setup", "--yes", "--env-file", str(mine), "--client", "cursor", **own(desk, home))
    assert done.returncode == 0, done.stderr + done.stdout
    assert cursor_entry(home)["args"] == ["--env-file", str(mine)]
    assert not settings_file(home).exists()


def test_a_broken_file_of_one_client_leaves_all_as_they_are(home: Path) -> None:
    (home / ".codex" / "config.toml").write_text("[broken")
    before = snapshot(home)
    refused = finished("setup", "--yes", "--simulator", **env_of(home))
    assert refused.returncode == 1
    assert "config.toml is left as it is: it is not TOML (line 1" in refused.stderr
    assert snapshot(home) == before


def test_where_no_client_is_found_the_names_are_told(tmp_path: Path) -> None:
    refused = finished("setup", "--yes", "--simulator", **env_of(tmp_path))
    assert refused.returncode == 1
    assert "--client" in refused.stderr
    assert "claude-desktop" in refused.stderr


def test_what_does_not_start_is_put_back(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in env_of(home).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(config, "command", lambda: ["/bin/false", "ringcentral_meetings"])
    before = snapshot(home)
    with pytest.raises(setup.Failed, match="put back"):
        setup.run(None, {"simulator": True}, setup.Options(yes=True))
    assert snapshot(home) == before


def test_a_settings_file_that_cannot_be_written_leaves_all_as_it_is(desk: Desk, home: Path) -> None:
    (home / ".config").write_text("no folder")
    before = snapshot(home)
    given = account(desk.url, home / ".state", RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, RINGCENTRAL_JWT=JWT)
    refused = finished("setup", "--yes", **env_of(home, **given))
    assert refused.returncode == 1
    assert "is left as it is" in refused.stderr
    assert {name: text for name, text in snapshot(home).items() if not name.startswith(".state")} == before
    assert issubclass(Unwritable, Exception)
