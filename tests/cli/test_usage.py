"""Options, exit codes and messages."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cli.processes import COMMAND, PATIENCE_SECONDS, environment, finished, ran
from ringcentral_meetings import __version__

HEAVY = """
import sys
import ringcentral_meetings.cli
print(*sorted({"mcp", "mcp_types", "httpx", "pydantic", "anyio", "rich", "starlette"} & set(sys.modules)))
"""

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="a shell is needed")


def test_help_and_version_need_no_heavy_import() -> None:
    listed = ran([sys.executable, "-c", HEAVY])
    assert listed.returncode == 0
    assert listed.stdout.strip() == ""


def test_help_names_options_and_commands() -> None:
    shown = finished("--help")
    assert shown.returncode == 0
    for word in (
        "setup",
        "--simulator",
        "--read-only",
        "--env-file",
        "--version",
        "--http",
        "demo",
        "simulate",
        "doctor",
        "config",
    ):
        assert word in shown.stdout


def test_version_is_told() -> None:
    shown = finished("--version")
    assert (shown.returncode, shown.stdout.strip()) == (0, f"ringcentral-meetings-mcp, version {__version__}")


@pytest.mark.parametrize(
    "arguments", [("--nonsense",), ("nonsense",), ("simulate", "--port", "x"), ("--read-only", "demo")]
)
def test_wrong_usage_is_told_with_exit_code_2(arguments: tuple[str, ...]) -> None:
    refused = finished(*arguments)
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert "Usage:" in refused.stderr
    assert "Error:" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize(
    "command", [("agenda", "--no-browser"), ("doctor", "--probe"), ("config", "cursor"), ("login",)]
)
def test_a_wrong_setting_ends_a_command_with_one_line_that_names_it(command: tuple[str, ...]) -> None:
    refused = finished(*command, RINGCENTRAL_TIMEOUT="soon")
    lines = refused.stderr.splitlines()
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert lines[-1].startswith("ringcentral-meetings-mcp: RINGCENTRAL_TIMEOUT: ")
    assert len(lines) == 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("--simulator doctor --json", "doctor --json --simulator"),
        ("--simulator --read-only config cursor", "config cursor --simulator --read-only"),
        ("--simulator --profile work config cursor", "--profile other config --simulator cursor --profile work"),
        ("--simulator call get_connection_status", "call get_connection_status --simulator"),
        ("--env-file /no/such/file login", "login --env-file /no/such/file"),
    ],
)
def test_options_mean_the_same_before_a_command_and_after_it(before: str, after: str) -> None:
    one, other = finished(*before.split()), finished(*after.split())
    assert one.returncode == other.returncode
    assert sorted(_words(one.stdout)) == sorted(_words(other.stdout))
    assert one.stderr == other.stderr


def _words(text: str) -> list[str]:
    """The words of a text without numbers, which differ with each run."""
    return [word for word in re.split(r"[\s\d,]+", text) if word]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ("--read-only demo", "demo takes no --read-only"),
        ("--env-file x simulate", "simulate takes no --env-file"),
        ("--simulator login", "login takes no --simulator"),
        ("--http 127.0.0.1:0 doctor", "doctor takes no --http"),
        ("demo --simulator", "No such option '--simulator'"),
    ],
)
def test_an_option_that_a_command_does_not_take_is_refused_wherever_it_stands(arguments: str, told: str) -> None:
    refused = finished(*arguments.split())
    assert (refused.returncode, refused.stdout) == (2, "")
    assert told in refused.stderr


def test_the_names_of_clients_are_those_of_the_catalog() -> None:
    from ringcentral_meetings.cli import CLIENTS
    from ringcentral_meetings.cli.clients.catalog import KINDS

    assert list(KINDS) == list(CLIENTS)


def test_an_env_file_that_is_not_there_is_one_line() -> None:
    refused = finished("logout", "--env-file", "/no/such/file")
    assert refused.returncode == 2
    assert refused.stderr == "ringcentral-meetings-mcp: --env-file: there is no file /no/such/file\n"


def test_a_simulator_file_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    no_database = tmp_path / "notes.txt"
    no_database.write_text("This is no database. " * 100)
    refused = finished("--simulator", RINGCENTRAL_SIMULATOR_DATA=str(no_database))
    assert refused.returncode == 1
    assert refused.stderr.startswith("ringcentral-meetings-mcp: RINGCENTRAL_SIMULATOR_DATA: ")
    assert "it is no file of the simulator; give another" in refused.stderr
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "command", [["call", "list_meetings"], ["agenda", "--no-browser"], ["doctor", "--probe"], ["--http", "127.0.0.1:0"]]
)
def test_no_command_shows_a_traceback_for_a_simulator_file_that_cannot_be_used(
    tmp_path: Path, command: list[str]
) -> None:
    nowhere = tmp_path / "missing" / "simulator.db"
    refused = finished("--simulator", *command, RINGCENTRAL_SIMULATOR_DATA=str(nowhere))
    assert refused.returncode == 1
    told = f"RINGCENTRAL_SIMULATOR_DATA: {nowhere}: it cannot be opened; its folder has to exist"
    assert refused.stderr.startswith(f"ringcentral-meetings-mcp: {told}")
    assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(("command", "code"), [(["call", "list_meetings"], 2), (["doctor"], 1)])
def test_an_audit_log_that_cannot_be_written_is_told_to_the_person(
    tmp_path: Path, command: list[str], code: int
) -> None:
    nowhere = tmp_path / "missing" / "audit.jsonl"
    refused = finished("--simulator", *command, RINGCENTRAL_AUDIT_LOG=str(nowhere), COLUMNS="300")
    assert refused.returncode == code
    told = f"RINGCENTRAL_AUDIT_LOG: {nowhere} cannot be written (No such file or directory)"
    assert told in refused.stdout + refused.stderr
    assert "Ask the person" not in refused.stderr
    if command == ["call", "list_meetings"]:
        assert refused.stderr == f"ringcentral-meetings-mcp: {told}\n"


@unix_only
@pytest.mark.parametrize(
    ("closed", "code", "told"),
    [("<&-", 0, ""), (">&- </dev/null", 1, "ringcentral-meetings-mcp: stdout is closed; MCP needs it\n")],
)
def test_closed_streams_are_no_traceback(closed: str, code: int, told: str) -> None:
    ended = ran(["/bin/sh", "-c", f'"$0" -m ringcentral_meetings {closed}', COMMAND[0]])
    assert (ended.returncode, ended.stderr) == (code, told)


def test_what_is_set_without_effect_is_warned_of_at_the_start() -> None:
    ended = finished("--simulator", RINGCENTRAL_TIMEZONE="Europe/Paris", RINGCENTRAL_LOG_LEVEL="WARNING")
    assert ended.returncode == 0
    assert ended.stderr.count("\n") == 1
    assert "RINGCENTRAL_TIMEZONE is not a setting; did you mean RINGCENTRAL_TIME_ZONE?" in ended.stderr


@pytest.mark.parametrize("option", [(), ("--json",)])
def test_doctor_fails_for_an_unknown_name(option: tuple[str, ...]) -> None:
    shown = finished("--simulator", "doctor", *option, RINGCENTRAL_TIMEZONE="Europe/Paris")
    assert shown.returncode == 1
    assert "RINGCENTRAL_TIMEZONE is not a setting; did you mean RINGCENTRAL_TIME_ZONE?" in " ".join(
        shown.stdout.split()
    )


def test_doctor_names_a_placeholder_that_nobody_filled_in() -> None:
    shown = finished("--simulator", "doctor", RINGCENTRAL_JWT="${user_config.jwt}")
    assert shown.returncode == 0
    assert "RINGCENTRAL_JWT is not filled in" in " ".join(shown.stdout.split())


WRITING = ["--help", "--version", "config cursor", "--simulator doctor", "--simulator doctor --json", "demo"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("command", [*WRITING, "--simulator doctor --probe"])
def test_a_full_device_ends_a_command_with_one_line(command: str) -> None:
    ended = ran(["/bin/sh", "-c", f'"$0" -m ringcentral_meetings {command} >/dev/full', COMMAND[0]])
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == (
        "ringcentral-meetings-mcp: stdout cannot be written: No space left on device"
    )
    assert "Traceback" not in ended.stderr
    assert "Exception ignored" not in ended.stderr


@unix_only
@pytest.mark.parametrize("command", [*WRITING, "--simulator doctor --probe"])
def test_a_pipe_that_nobody_reads_ends_a_command_with_one_line(command: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = [*COMMAND, *command.split()]
    ended = subprocess.run(  # noqa: S603  (the tests' own command)
        words,
        stdin=subprocess.DEVNULL,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
        env=environment(),
    )
    os.close(writing)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1] == "ringcentral-meetings-mcp: stdout cannot be written: Broken pipe"
    assert "Traceback" not in ended.stderr
