"""Options, exit codes and messages."""

import sys
from pathlib import Path

import pytest

from cli.processes import COMMAND, finished, ran
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


def test_a_wrong_setting_is_one_line_that_names_it() -> None:
    refused = finished(RINGCENTRAL_TIMEOUT="soon")
    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr.startswith("ringcentral-meetings-mcp: RINGCENTRAL_TIMEOUT: ")
    assert refused.stderr.count("\n") == 1


def test_an_env_file_that_is_not_there_is_one_line() -> None:
    refused = finished("--env-file", "/no/such/file")
    assert refused.returncode == 2
    assert refused.stderr == "ringcentral-meetings-mcp: --env-file: there is no file /no/such/file\n"


def test_a_simulator_file_that_cannot_be_used_is_one_line(tmp_path: Path) -> None:
    no_database = tmp_path / "notes.txt"
    no_database.write_text("This is no database. " * 100)
    refused = finished("--simulator", RINGCENTRAL_SIMULATOR_DATA=str(no_database))
    assert refused.returncode == 1
    assert refused.stderr == "ringcentral-meetings-mcp: RINGCENTRAL_SIMULATOR_DATA: file is not a database\n"


@unix_only
@pytest.mark.parametrize(
    ("closed", "code", "told"),
    [("<&-", 0, ""), (">&- </dev/null", 1, "ringcentral-meetings-mcp: stdout is closed; MCP needs it\n")],
)
def test_closed_streams_are_no_traceback(closed: str, code: int, told: str) -> None:
    ended = ran(["/bin/sh", "-c", f'"$0" -m ringcentral_meetings {closed}', COMMAND[0]])
    assert (ended.returncode, ended.stderr) == (code, told)
