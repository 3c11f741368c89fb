"""The command `call`: tools from the shell, and what a shell completes of them."""

import json
import os
import sys
from pathlib import Path

import pytest

from cli.processes import COMMAND, PATIENCE_SECONDS, finished, ran, started_within


def test_a_call_prints_its_result_as_one_line_of_json() -> None:
    done = finished("--simulator", "call", "list_meetings", "limit=2", "query=e")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    answer = json.loads(done.stdout)
    assert answer["simulated"] is True
    assert len(answer["meetings"]) == 2


def test_values_are_json_where_they_are_and_text_where_the_argument_takes_text(tmp_path: Path) -> None:
    done = finished(
        "--simulator",
        "call",
        "create_meeting",
        "topic=2026",
        "start_time=2099-11-30T09:00",
        'settings={"allow_join_before_host":true}',
        "time_zone=Europe/Paris",
        "duration_minutes=25",
    )
    assert done.stderr == ""
    meeting = json.loads(done.stdout)["meeting"]
    assert (meeting["topic"], meeting["duration_minutes"]) == ("2026", 25)


def test_an_error_is_for_a_person_on_stderr_and_for_a_program_on_stdout() -> None:
    call = ("--simulator", "call", "get_meeting", "meeting_id=4711000000")
    refused = finished(*call)
    assert (refused.returncode, refused.stdout) == (1, "")
    problem, next_step = refused.stderr.splitlines()
    assert problem.startswith("ringcentral-meetings-mcp: ")
    assert "4711000000" in problem
    assert "list_meetings" in next_step
    asked_for_json = finished(*call[:2], "--json", *call[2:])
    assert (asked_for_json.returncode, asked_for_json.stderr) == (1, "")
    assert json.loads(asked_for_json.stdout)["error"]["code"] == "not_found"


@pytest.mark.parametrize("pair", ["limit", "=5"])
def test_what_is_no_pair_is_wrong_usage(pair: str) -> None:
    refused = finished("--simulator", "call", "list_meetings", pair)
    assert refused.returncode == 2
    assert f"{pair!r} is not of the form NAME=VALUE." in refused.stderr


def test_read_only_holds_for_calls_too() -> None:
    refused = finished("--simulator", "--read-only", "call", "delete_meeting", "meeting_id=1", "expected_topic=x")
    assert refused.returncode == 1
    assert "delete_meeting" in refused.stderr


@pytest.mark.parametrize(
    ("words", "offered", "not_offered"),
    [
        ("call list", {"list_meetings", "list_past_meetings"}, {"get_meeting"}),
        ("call create_meeting to", {"topic="}, {"start_time="}),
        ("call create_meeting meeting_type=S", {"meeting_type=Scheduled"}, {"meeting_type=Instant"}),
        ("call no_such_tool ", set(), {"topic="}),
    ],
)
def test_shells_complete_tools_their_arguments_and_closed_sets(
    words: str, offered: set[str], not_offered: set[str]
) -> None:
    typed = f"ringcentral-meetings-mcp {words}"
    shown = ran(
        COMMAND,
        _RINGCENTRAL_MEETINGS_MCP_COMPLETE="fish_complete",
        COMP_WORDS=typed,
        COMP_CWORD=typed.rpartition(" ")[2],
    )
    assert shown.stderr == ""
    found = {line.partition(",")[2].partition("\t")[0] for line in shown.stdout.splitlines()}
    assert offered <= found
    assert not found & not_offered


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pseudo-terminals")
def test_a_start_in_a_terminal_says_that_it_waits_for_a_client() -> None:
    ours, theirs = os.openpty()
    try:
        with started_within(PATIENCE_SECONDS, [*COMMAND, "--simulator"], {}, stdin=theirs) as process:
            assert process.stderr is not None
            said = process.stderr.readline() + process.stderr.readline()
            os.write(ours, b"\x04")  # the end of what is typed
            assert process.wait(PATIENCE_SECONDS) == 0
            assert process.stdout is not None
            assert process.stdout.read() == ""
    finally:
        os.close(ours)
        os.close(theirs)
    for word in ("MCP client", "demo", "setup", "doctor"):
        assert word in said


def test_a_start_by_a_client_says_nothing() -> None:
    assert finished("--simulator").stderr == ""


def test_help_shows_whole_sentences() -> None:
    shown = finished("--help", COLUMNS="80").stdout
    assert "..." not in shown.partition("Options:")[2]
    commands = " ".join(shown.partition("Commands:")[2].split())
    assert "Call a tool of the server from the shell." in commands
    assert "Print the configuration with which an MCP client starts this server, as it is installed here." in commands
    assert max(map(len, shown.splitlines())) <= 80
