"""The working day: as a process, at any time of any day, and when something is not as it should be."""

import json
import re
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from mcp import StdioServerParameters
from whenever import Instant

from cli import pictures
from cli.processes import COMMAND, PATIENCE_SECONDS, finished, ran, started
from ringcentral_meetings.app import build_server
from ringcentral_meetings.cli import demo
from ringcentral_meetings.cli.demo_output import OPENING
from ringcentral_meetings.cli.working_day import STEPS, ZONE, Step, skipped_half_hour
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator
from ringcentral_meetings.tools import Door

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals and closed pipes are other things there")

DAY = {step.name: step for step in STEPS}


def server_at(simulator: Simulator, epoch: float) -> ContractServer[Door]:
    settings = Settings(simulator=True, log_level="ERROR")
    now = Instant.from_timestamp(epoch)
    return build_server(settings, transport=simulator.transport(), now=lambda: now)


@cache
def shown_in(columns: int) -> "subprocess.CompletedProcess[str]":
    """The demonstration in a terminal of that width."""
    return finished("demo", COLUMNS=str(columns))


def test_the_command_shows_every_step_in_a_table_and_succeeds() -> None:
    shown = shown_in(120)
    assert shown.returncode == 0, shown.stdout
    assert shown.stderr == ""
    told = said(shown.stdout)
    for step in STEPS:
        assert step.words in told
        assert step.tool in shown.stdout
    for words in (
        "now",
        "Booked: ",
        "Conflicts found: Quarterly forecast (13:30), Vendor call: Northwind Paper (14:30)",
        "booked already: no second one was made",
        "Refused: ",
        "Use 01:30 or 03:30.",
        "waiting room: off -> on",
        'Asks you first: Delete "Interview debrief"',
        "Deleted: Interview debrief",
        "RingCentral answers 404",
    ):
        assert words in told
    assert "{" not in shown.stdout
    assert "\x1b" not in shown.stdout
    assert "Nothing real was touched." in shown.stdout


def test_the_title_is_shown_once_and_before_the_client_is_imported() -> None:
    code = (
        "import sys, ringcentral_meetings.cli.demo_output as shown; shown.Table.on_stdout().begin();"
        "print(*{'mcp', 'mcp_types'} & set(sys.modules))"
    )
    assert ran([sys.executable, "-c", code]).stdout == f"{OPENING}\n\n"
    with started([*COMMAND, "demo"]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == f"{OPENING}\n"
        assert process.poll() is None
        assert OPENING not in process.stdout.read()


def said(table: str) -> str:
    """The cells of each column of a table, joined over its lines, column after column."""
    rows = [line.split("│")[1:-1] for line in table.splitlines() if line.startswith("│")]
    return " ".join(" ".join(cell.strip() for cell in column) for column in zip(*rows, strict=True))


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_fits_the_terminal_and_its_lines_are_of_one_width(width: int) -> None:
    shown = shown_in(width)
    lines = shown.stdout.splitlines()
    assert max(map(len, lines)) <= width
    assert len({len(line) for line in lines if line[0] in "╭│├╰"}) == 1
    assert ("Tool" in shown.stdout) is (width == 120)


def test_a_narrow_terminal_that_knows_only_ascii_is_enough() -> None:
    shown = finished("demo", COLUMNS="40", PYTHONIOENCODING="ascii")
    assert shown.returncode == 0
    assert shown.stdout.isascii()
    assert max(len(line) for line in shown.stdout.splitlines() if line[0] in "+|") == 40


def test_the_picture_in_the_documents_shows_what_the_command_shows() -> None:
    kept = pictures.PICTURE.read_text("utf-8")
    assert "Nothing real was touched." in pictures.words(kept)
    assert pictures.words(kept) == pictures.words(pictures.picture()), "run python -m tests.cli.pictures"
    assert set(re.findall(r"https?://[^/\"]*", kept)) == {"http://www.w3.org"}


def test_json_shows_the_messages_of_both_sides_and_nothing_else() -> None:
    shown = finished("demo", "--json")
    assert shown.returncode == 0, shown.stderr
    assert shown.stderr == f"All {len(STEPS)} steps went as expected. Nothing real was touched.\n"
    frames = [json.loads(line) for line in shown.stdout.splitlines()]
    assert {frame["message"]["jsonrpc"] for frame in frames} == {"2.0"}
    calls = [one["message"] for one in frames if one["message"].get("method") == "tools/call"]
    assert {call["params"]["name"] for call in calls} == {step.tool for step in STEPS}
    answered = {one["message"]["id"] for one in frames if one["from"] == "server" and "id" in one["message"]}
    assert {call["id"] for call in calls} <= answered


@unix_only
@pytest.mark.parametrize("option", [(), ("--json",)])
def test_a_reader_that_has_gone_ends_it_with_one_line_and_is_no_fault_of_the_server(option: tuple[str, ...]) -> None:
    with started([*COMMAND, "demo", *option]) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(PATIENCE_SECONDS) == 1
        assert process.stderr is not None
        assert process.stderr.read() == "ringcentral-meetings-mcp: stdout cannot be written: Broken pipe\n"
        process.stdout = None


@unix_only
def test_it_can_be_interrupted() -> None:
    with started([*COMMAND, "demo", "--json"], PYTHONUNBUFFERED="1") as process:
        assert process.stdout is not None
        if sys.platform == "linux":  # so that it waits for its reader in the first answers, however late that one is
            import fcntl

            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, 4_096)
        assert any("list_meetings" in line for line in iter(process.stdout.readline, ""))
        process.send_signal(signal.SIGINT)
        rest, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "delete_meeting" not in rest
    assert told.strip() == ""


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-23T00:02",
        "2026-11-24T10:20",
        "2026-11-25T11:45",
        "2026-11-26T16:00",
        "2026-11-27T00:01",
        "2026-11-28T12:00",
        "2026-11-29T23:59",
        "2027-03-12T13:40",
        "2026-10-31T09:12",
    ],
)
def test_it_succeeds_at_any_time_of_the_week(moment: str, capsys: pytest.CaptureFixture[str]) -> None:
    epoch = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(ZONE)).timestamp()
    simulator = Simulator(clock=lambda: epoch)
    assert demo.run(server=server_at(simulator, epoch)) == 0, capsys.readouterr().out
    simulator.close()


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (
            replace(DAY["numbers"], expected=lambda _: {"support_url": "elsewhere"}),
            "support_url: expected 'elsewhere', got",
        ),
        (replace(DAY["numbers"], expected=lambda _: {"error.code": "not_found"}), "is_error: got False"),
        (replace(DAY["gone"], arguments=lambda _: {"meeting_id": "0"}, expected=lambda _: {}), "is_error: got True"),
        (replace(DAY["numbers"], asked="it"), "a question about it was expected: none was asked"),
        (replace(DAY["numbers"], shown=DAY["create"].shown), None),
    ],
)
def test_what_differs_is_shown_and_makes_it_fail(
    step: Step, told: str | None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "300")
    epoch = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo(ZONE)).timestamp()
    simulator = Simulator(clock=lambda: epoch)
    code = demo.run([step], server_at(simulator, epoch))
    simulator.close()
    shown = capsys.readouterr().out
    assert code == (0 if told is None else 1)
    if told is None:
        assert '"dial_in_numbers": [' in said(shown)
    else:
        assert f"{step.words} differs: {told}" in shown
        assert "Not as expected: " in shown


def test_a_question_that_was_not_to_be_asked_makes_it_fail(capsys: pytest.CaptureFixture[str]) -> None:
    epoch = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo(ZONE)).timestamp()
    simulator = Simulator(clock=lambda: epoch)
    steps = [DAY["list"], replace(DAY["end"], asked=None)]
    assert demo.run(steps, server_at(simulator, epoch)) == 1
    simulator.close()
    assert "no question was expected" in capsys.readouterr().out


def test_a_server_that_does_not_start_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    nothing = StdioServerParameters(command=sys.executable, args=["-c", "pass"])
    assert demo.run(server=nothing) == 1
    title, told = capsys.readouterr().out.splitlines()
    assert title == OPENING
    assert told.startswith("The server could not be used: ")
    assert demo.run_as_json(server=nothing) == 1
    assert capsys.readouterr().err.startswith("The server could not be used: ")


def test_the_skipped_half_hour_is_looked_up() -> None:
    assert skipped_half_hour(date(2026, 11, 22)) == "2027-03-14T02:30"
    assert skipped_half_hour(date(2027, 3, 14)) == "2028-03-12T02:30"
