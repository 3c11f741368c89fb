"""The working day: as a process, at any time of any day, and when something is not as it should be."""

import signal
import sys
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from mcp import StdioServerParameters
from whenever import Instant

from cli.processes import COMMAND, PATIENCE_SECONDS, finished, started
from ringcentral_meetings.app import build_server
from ringcentral_meetings.cli import demo
from ringcentral_meetings.cli.working_day import STEPS, ZONE, Step, skipped_half_hour
from ringcentral_meetings.protocol.server import ContractServer
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import Simulator
from ringcentral_meetings.tools import Door

DAY = {step.name: step for step in STEPS}


def server_at(simulator: Simulator, epoch: float) -> ContractServer[Door]:
    settings = Settings(simulator=True, log_level="ERROR")
    now = Instant.from_timestamp(epoch)
    return build_server(settings, transport=simulator.transport(), now=lambda: now)


def test_the_command_shows_every_step_and_succeeds() -> None:
    shown = finished("demo", COLUMNS="200")
    assert shown.returncode == 0, shown.stdout
    assert shown.stderr == ""
    for number, step in enumerate(STEPS, 1):
        assert f"{number}. {step.words}" in shown.stdout
        assert f"{step.tool}(" in shown.stdout
    for word in ("next_step: ", "start_time: ", " -> ", "the person is asked: ", '"http_status": 404', "restore: "):
        assert word in shown.stdout
    assert "\x1b" not in shown.stdout
    assert shown.stdout.rstrip().endswith("Nothing real was touched.")


def test_a_narrow_terminal_that_knows_only_ascii_is_enough() -> None:
    shown = finished("demo", COLUMNS="40", PYTHONIOENCODING="ascii")
    assert shown.returncode == 0
    assert max(len(line) for line in shown.stdout.splitlines()) <= 60


@pytest.mark.skipif(sys.platform == "win32", reason="a closed pipe is another error there")
def test_a_reader_that_has_gone_ends_it_with_one_line() -> None:
    with started([*COMMAND, "demo"]) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(PATIENCE_SECONDS) == 1
        assert process.stderr is not None
        assert process.stderr.read() == "ringcentral-meetings-mcp: stdout cannot be written: Broken pipe\n"
        process.stdout = None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_it_can_be_interrupted() -> None:
    with started([*COMMAND, "demo"], PYTHONUNBUFFERED="1") as process:
        assert process.stdout is not None
        assert any("1. " in line for line in iter(process.stdout.readline, ""))
        process.send_signal(signal.SIGINT)
        rest, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130
    assert "Every step" not in rest
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
        (replace(DAY["numbers"], shown=("{no_such_field}",)), None),
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
        assert '"dial_in_numbers": [' in shown
    else:
        assert f"differs: {told}" in shown or told in shown
        assert "Not as expected: " in shown


def test_a_question_that_was_not_to_be_asked_makes_it_fail(capsys: pytest.CaptureFixture[str]) -> None:
    epoch = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo(ZONE)).timestamp()
    simulator = Simulator(clock=lambda: epoch)
    steps = [DAY["list"], replace(DAY["end"], asked=None)]
    assert demo.run(steps, server_at(simulator, epoch)) == 1
    simulator.close()
    assert "no question was expected" in capsys.readouterr().out


def test_a_server_that_does_not_start_is_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert demo.run(server=StdioServerParameters(command=sys.executable, args=["-c", "pass"])) == 1
    assert "The server could not be used: " in capsys.readouterr().out


def test_the_skipped_half_hour_is_looked_up() -> None:
    assert skipped_half_hour(date(2026, 11, 22)) == "2027-03-14T02:30"
    assert skipped_half_hour(date(2027, 3, 14)) == "2028-03-12T02:30"
