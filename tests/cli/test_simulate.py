"""The simulator as a server of its own, and a second process that works with it over real HTTP."""

import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from mcp import Client

from cli.platforms import TOKEN_PATH
from cli.processes import COMMAND, PATIENCE_SECONDS, finished, parameters, shake_hands, started
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT, Simulator, store
from ringcentral_meetings.simulator.faults.kinds import KINDS
from simulator.support import JWT_GRANT

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
            assert before["simulated"] is True
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


@pytest.mark.anyio
@pytest.mark.parametrize(("fault", "words"), [("", None), ("GET basic.ics rate_limit=60", "asks to wait")])
async def test_of_rooms_the_printed_calendar_says_when_they_are_used(fault: str, words: str | None) -> None:
    command = [*COMMAND, "simulate", "--port", "0", "--product", "video", "--faults", fault]
    with started(command) as simulator:
        settings = printed_settings(simulator)
        assert simulator.stdout is not None
        name, _, address = simulator.stdout.readline().strip().partition("=")
        async with Client(parameters(**settings, **{name: address})) as client:
            listed = await client.call_tool("list_meetings", {})
        assert listed.structured_content is not None
        assert bool(listed.structured_content["meetings"]) is (words is None)
        assert (words or "") in listed.structured_content["hint"]
        simulator.terminate()
        assert simulator.stderr is not None
        shown = simulator.stderr.read()
        for publisher in ("Google", "Microsoft 365", "iCloud"):
            assert f"published by {publisher}: http://127.0.0.1:" in shown


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


def test_all_kinds_of_faults_can_be_listed() -> None:
    listed = finished("simulate", "--faults", "help")
    assert listed.returncode == 0
    shown = {line.partition("=")[0] for line in listed.stdout.splitlines()}
    assert KINDS.keys() <= shown
    assert max(map(len, listed.stdout.splitlines())) <= 80


def test_all_switches_can_be_listed_and_the_list_of_faults_names_them() -> None:
    listed = finished("simulate", "--switch", "help")
    assert listed.returncode == 0
    assert "\npin_ignored=no\n" in listed.stdout
    assert "\npermissions=Meetings," in listed.stdout
    assert "--switch help" in finished("simulate", "--faults", "help").stdout


@pytest.mark.anyio
async def test_a_switch_is_obeyed() -> None:
    with started([*COMMAND, "simulate", "--port", "0", "--switch", "withdrawn=yes"]) as simulator:
        async with Client(parameters(**printed_settings(simulator))) as client:
            assert (await client.call_tool("list_meetings", {})).is_error


def test_a_switch_that_makes_no_sense_is_one_line() -> None:
    refused = finished("simulate", "--port", "0", "--switch", "pin_ignored=perhaps")
    assert refused.returncode == 2
    told = "--switch: pin_ignored is one of yes, true, no, false, not 'perhaps'; --switch help lists all\n"
    assert refused.stderr == f"ringcentral-meetings-mcp: {told}"


def test_a_redirect_address_that_is_none_is_one_line() -> None:
    refused = finished("simulate", "--port", "0", "--redirect-uri", "callback")
    assert refused.returncode == 2
    told = "--redirect-uri: 'callback' is not of the form http://127.0.0.1:8912/callback"
    assert refused.stderr == f"ringcentral-meetings-mcp: {told}\n"


def test_a_file_that_another_process_holds_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "platform.db"
    holder = sqlite3.connect(data, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    monkeypatch.setattr(store, "LOCKED_SECONDS", 0.05)
    with pytest.raises(sqlite3.Error, match=r"another process has been writing to it"):
        Simulator(database=data)
    holder.close()


def test_an_unknown_time_zone_is_one_line() -> None:
    refused = finished("simulate", "--port", "0", "--zone", "Mars/Olympus")
    assert refused.returncode == 2
    assert refused.stderr.startswith("ringcentral-meetings-mcp: --zone: unknown time zone: 'Mars/Olympus'")
    assert refused.stderr.count("\n") == 1


def test_a_reset_without_a_file_is_a_usage_error() -> None:
    refused = finished("simulate", "--reset")
    assert refused.returncode == 2
    assert "--reset needs --data" in refused.stderr


def test_a_file_with_old_meetings_is_filled_up_once_and_says_so(tmp_path: Path) -> None:
    data = tmp_path / "platform.db"
    Simulator(database=data, clock=lambda: 1_700_000_000.0).close()
    for says in (True, False):
        with started([*COMMAND, "simulate", "--port", "0", "--data", str(data)]) as process:
            printed_settings(process)
            process.terminate()
            assert process.stderr is not None
            told = f"The sample meetings in {data} were old: new ones were added, nothing was removed."
            assert (told in process.stderr.read()) is says


def test_a_reset_replaces_what_is_in_the_file(tmp_path: Path) -> None:
    data = tmp_path / "platform.db"
    old = Simulator(database=data, clock=lambda: 1_700_000_000.0)
    old.put_meeting(topic="Mine")
    old.close()
    with started([*COMMAND, "simulate", "--port", "0", "--data", str(data), "--reset"]) as process:
        printed_settings(process)
    kept = Simulator(database=data)
    assert "Mine" not in {meeting["topic"] for meeting in kept.meetings()}
    kept.close()


def test_the_server_fills_up_old_meetings_in_its_simulator_file(tmp_path: Path) -> None:
    data = tmp_path / "platform.db"
    Simulator(database=data, clock=lambda: 1_700_000_000.0).close()
    env = {"RINGCENTRAL_SIMULATOR_DATA": str(data), "RINGCENTRAL_LOG_LEVEL": "INFO"}
    with started([*COMMAND, "--simulator"], **env) as server:
        shake_hands(server)
        assert server.stdin is not None
        server.stdin.close()
        assert server.stderr is not None
        assert f"The sample meetings in {data} were old: new ones were added" in server.stderr.read()


def test_the_account_is_what_the_options_say() -> None:
    options = ["--zone", "Europe/Berlin", "--no-refresh-tokens", "--no-rate-limits"]
    options += ["--redirect-uri", "http://127.0.0.1:9000/callback"]
    with started([*COMMAND, "simulate", "--port", "0", *options]) as process:
        url = printed_settings(process)["RINGCENTRAL_SERVER_URL"]
        with httpx.Client(base_url=url) as client:
            form = {"grant_type": JWT_GRANT, "assertion": JWT}
            answers = [client.post(TOKEN_PATH, data=form, auth=(CLIENT_ID, CLIENT_SECRET)) for _ in range(6)]
            assert {answer.status_code for answer in answers} == {200}
            token = answers[-1].json()
            assert "refresh_token" not in token
            bearer = {"Authorization": f"Bearer {token['access_token']}"}
            person = client.get("/restapi/v1.0/account/~/extension/~", headers=bearer).json()
            assert person["regionalSettings"]["timezone"]["name"] == "Europe/Berlin"
            query = {"response_type": "code", "client_id": CLIENT_ID}
            for port, status in ((9000, 200), (8912, 400)):
                query["redirect_uri"] = f"http://127.0.0.1:{port}/callback"
                assert client.get("/restapi/oauth/authorize", params=query).status_code == status


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
    told = f"--data: {notes}: it is no file of the simulator; give another, or one that does not exist yet"
    assert refused.stderr == f"ringcentral-meetings-mcp: {told}\n"
