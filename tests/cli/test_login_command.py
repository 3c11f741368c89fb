"""`login` and `logout` as commands, and the end of a session."""

import signal
import subprocess
import sys

import pytest

from cli.desk import Desk
from cli.platforms import Person
from cli.processes import COMMAND, PATIENCE_SECONDS, environment, finished, started
from ringcentral_meetings import errors
from ringcentral_meetings.cli import login, logout
from ringcentral_meetings.cli.login import Failed
from ringcentral_meetings.simulator import CLIENT_SECRET

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def test_the_command_signs_in_and_out(desk: Desk) -> None:
    env = desk.env(RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET)
    with started([*COMMAND, "login", "--no-browser", "--port", "9999", "--profile", "work"], **env) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "authorize?" in line)
        out, err = process.communicate(Person().answered(line.strip()) + "\n", PATIENCE_SECONDS)
    assert (process.returncode, err) == (0, "")
    assert 'profile "work"' in out
    ended = finished("logout", "--profile", "work", **env)
    assert (ended.returncode, ended.stdout) == (0, 'Signed out; profile "work".\n')
    assert desk.revoked == 1
    assert desk.stored == []
    again = finished("logout", **env)
    assert (again.returncode, again.stdout) == (0, 'Nobody was signed in; profile "default".\n')


def test_the_end_of_stdin_is_one_line_and_exit_code_1(desk: Desk) -> None:
    ended = finished("login", "--no-browser", **desk.env(RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET))
    assert ended.returncode == 1
    assert ended.stderr.startswith("ringcentral-meetings-mcp: no address was pasted")
    assert ended.stderr.count("\n") == 1


@unix_only
@pytest.mark.parametrize("options", [["--no-browser"], ["--port", "0"]])
def test_ctrl_c_ends_it_with_130(desk: Desk, options: list[str]) -> None:
    env = desk.env(RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, BROWSER="true")
    with started([*COMMAND, "login", *options], **env) as process:
        assert process.stdout is not None
        next(line for line in process.stdout if "authorize?" in line)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert err.strip() == ""


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["login", "--no-browser", "--port", "0"], 2, "--no-browser needs a fixed --port"),
        (["login", "--profile", "../x"], 2, "RINGCENTRAL_PROFILE: must be a name"),
        (["--profile", "../x", "doctor", "--probe"], 2, "RINGCENTRAL_PROFILE: must be a name"),
        (["--profile", "x", "demo"], 2, "takes no --profile"),
        (["logout", "--env-file", "/no/such"], 2, "there is no file"),
        (["login"], 1, "RINGCENTRAL_CLIENT_ID is not set"),
        (["logout"], 1, "RINGCENTRAL_CLIENT_ID is not set"),
    ],
)
def test_what_cannot_be_done_is_said_at_once(arguments: list[str], code: int, told: str) -> None:
    ended = finished(*arguments)
    assert ended.returncode == code
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_help_tells_which_redirect_address_the_console_has_to_list() -> None:
    assert "exactly the redirect address http://127.0.0.1:8912/callback" in " ".join(
        finished("login", "--help").stdout.split()
    )


# Signing out


def test_signing_out_forgets_what_a_jwt_brought_too_and_says_that_it_is_still_set(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    settings = desk.settings(RINGCENTRAL_JWT="simulator.jwt.assertion")
    first = desk.stored[0]
    first.with_name(first.stem + "-" + "0" * 16 + ".json").write_text(first.read_text())
    logout.run(settings)
    assert "RINGCENTRAL_JWT is set" in capsys.readouterr().out
    assert desk.stored == [first.with_name(first.stem + "-" + "0" * 16 + ".json")]
    assert desk.revoked == 1


def test_a_session_whose_end_is_not_confirmed_is_forgotten_all_the_same(desk: Desk) -> None:
    for spoil in ("revoke status=500", "cut"):
        login.with_browser(desk.settings(), 0, open_browser=Person().opens)
        if spoil == "cut":
            desk.stored[0].write_text("{")
        else:
            desk.simulator.faults.add("status", path="revoke", times=1, status=500)
        with pytest.raises(Failed, match="was deleted here, but RingCentral did not confirm"):
            logout.run(desk.settings())
        assert desk.stored == []


def test_a_sign_in_that_cannot_be_removed_is_told(desk: Desk) -> None:
    login.with_browser(desk.settings(), 0, open_browser=Person().opens)
    desk.stored[0].unlink()
    (folder := desk.state / "ringcentral-meetings-mcp" / "sessions").mkdir(exist_ok=True)
    lock = next(folder.glob("*.lock"))
    lock.with_suffix(".json").mkdir()
    with pytest.raises(Failed, match="is a directory"):
        logout.run(desk.settings())


@pytest.mark.parametrize("command", [["logout"], ["doctor"], ["config", "cursor"], ["login", "--no-browser"]])
@pytest.mark.parametrize("choice", ["auto", "keyring"])
def test_a_keyring_backend_that_is_not_there_ends_no_command_in_a_traceback(
    desk: Desk, command: list[str], choice: str
) -> None:
    pinned = {"PYTHON_KEYRING_BACKEND": "no_such_package.Keyring", "RINGCENTRAL_TOKEN_STORE": choice}
    ended = finished(*command, **desk.env(RINGCENTRAL_CLIENT_SECRET=CLIENT_SECRET, **pinned))
    assert "Traceback" not in ended.stderr
    assert "internal" not in ended.stdout + ended.stderr
    if choice == "keyring" and command[0] != "config":
        told = ended.stdout + ended.stderr
        assert "PYTHON_KEYRING_BACKEND names cannot be loaded" in " ".join(told.split())
        assert ended.returncode == 1


def test_no_login_error_shows_a_traceback_or_a_secret() -> None:
    assert issubclass(Failed, Exception)
    assert not issubclass(Failed, errors.MeetingsError)
    ended = subprocess.run(  # noqa: S603
        [*COMMAND, "login"],
        env=environment(RINGCENTRAL_CLIENT_ID="x", RINGCENTRAL_CLIENT_SECRET="canary", RINGCENTRAL_TOKEN_STORE="file")
        | {"RINGCENTRAL_SERVER_URL": "http://127.0.0.1:9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "canary" not in ended.stderr
    assert ended.stderr.count("\n") == 1
