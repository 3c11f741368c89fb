"""The simulator as a server of its own, and a second process that works with it over real HTTP."""

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from mcp import Client

from cli.processes import COMMAND, PATIENCE_SECONDS, finished, parameters, started

NAMES = ["RINGCENTRAL_SERVER_URL", "RINGCENTRAL_CLIENT_ID", "RINGCENTRAL_CLIENT_SECRET", "RINGCENTRAL_JWT"]

unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")


def printed_settings(process: subprocess.Popen[str]) -> dict[str, str]:
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in NAMES]
    return dict(line.split("=", 1) for line in lines)


@pytest.mark.anyio
async def test_a_server_with_the_printed_settings_works_over_real_http() -> None:
    with started([*COMMAND, "simulate", "--port", "0"]) as simulator:
        settings = printed_settings(simulator)
        assert list(settings) == NAMES
        async with Client(parameters(**settings)) as client:
            before = (await client.call_tool("list_meetings", {})).structured_content
            assert before is not None
            assert before["total"] > 0
            assert "simulated" not in before
            start = "2099-01-05T10:00"
            made = await client.call_tool("create_meeting", {"topic": "Over HTTP", "start_time": start})
            assert made.structured_content is not None
            meeting_id = made.structured_content["meeting"]["meeting_id"]
            echo = {"meeting_id": meeting_id, "expected_topic": "Over HTTP", "expected_start": start}
            gone = await client.call_tool("delete_meeting", echo)
            assert gone.structured_content is not None
            assert gone.structured_content["deleted"] is True
            assert (await client.call_tool("get_meeting", {"meeting_id": meeting_id})).is_error


@pytest.mark.anyio
async def test_it_plays_the_product_that_it_is_told_to() -> None:
    with started([*COMMAND, "simulate", "--port", "0", "--product", "video"]) as simulator:
        async with Client(parameters(**printed_settings(simulator))) as client:
            made = await client.call_tool("create_meeting", {"topic": "Over HTTP", "meeting_type": "Recurring"})
            assert made.structured_content is not None
            assert made.structured_content["product"] == "RingCentral Video"


@unix_only
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_cleanly_and_its_data_stays(number: signal.Signals, code: int, tmp_path: Path) -> None:
    data = tmp_path / "platform.db"
    with started([*COMMAND, "simulate", "--port", "0", "--data", str(data)]) as process:
        assert printed_settings(process)["RINGCENTRAL_SERVER_URL"].startswith("http://127.0.0.1:")
        process.send_signal(number)
        assert process.wait(PATIENCE_SECONDS) == code
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()
    assert data.stat().st_size > 0


def test_faults_that_make_no_sense_are_one_line() -> None:
    refused = finished("simulate", "--port", "0", "--faults", "GET .* nonsense")
    assert refused.returncode == 2
    assert refused.stderr.startswith("ringcentral-meetings-mcp: --faults: unknown fault: 'nonsense'")
    assert refused.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = finished("simulate", "--port", str(port))
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"ringcentral-meetings-mcp: --port {port}: ")
    assert refused.stderr.count("\n") == 1
    assert refused.stdout == ""


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("This is no database. " * 100)
    refused = finished("simulate", "--port", "0", "--data", str(notes))
    assert refused.returncode == 1
    assert refused.stderr == f"ringcentral-meetings-mcp: --data {notes}: file is not a database\n"
