"""doctor: each thing that can be wrong gets its line and what to do, later checks are left out, nothing is written."""

import asyncio
import json
import os
import re
import shutil
import ssl
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from assistant import ManualClock
from cli.processes import COMMAND, finished, ran, started
from cli.test_simulate import printed_settings
from ringcentral_meetings.cli import doctor
from ringcentral_meetings.cli.checks import Check, examine
from ringcentral_meetings.cli.settings_file import written
from ringcentral_meetings.domain.zones import Database
from ringcentral_meetings.platform.server_probe import ServerReply, probe
from ringcentral_meetings.settings import Settings
from ringcentral_meetings.simulator import CLIENT_ID, CLIENT_SECRET, JWT, Faults, Simulator
from ringcentral_meetings.simulator.oauth.sessions import APPS_ALLOWED

NOW = 1_795_000_000.0
QUIET = {"HOME": "/nonexistent", "USERPROFILE": "/nonexistent", "XDG_CONFIG_HOME": "", "APPDATA": ""}
ACCOUNT = {"token", "application scopes", "user", "user permission", "product", "meetings", "time zone", "rate limits"}


def settings_for(**more: Any) -> Settings:
    """Settings for RingCentral itself at an address that needs no look-up."""
    plain: dict[str, Any] = {
        "server_url": "http://127.0.0.1:9",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "jwt": JWT,
        "token_store": "memory",
    }
    return Settings(**(plain | more))


async def examined(simulator: Simulator, settings: Settings | None = None, wall: float = NOW) -> dict[str, Check]:
    """Every check against a simulator that stands in for RingCentral; nothing but reads is sent."""
    chosen = settings or settings_for()
    async with doctor.doctor_context(chosen, simulator.transport(), lambda: wall, ManualClock()) as context:
        checks = [check async for check in examine(context)]
    methods = {call.method for call in simulator.calls if "/oauth/" not in call.path}
    assert methods <= {"GET"}
    simulator.close()
    assert all(check.fix for check in checks if check.state in {"warn", "fail"})
    return {check.name: check for check in checks}


def platform(faults: str = "", **more: Any) -> Simulator:
    return Simulator(clock=lambda: NOW, faults=Faults.parse(faults), **more)


def states(checks: Mapping[str, Check], state: str) -> set[str]:
    return {name for name, check in checks.items() if check.state == state}


@pytest.mark.anyio
async def test_on_a_good_account_every_check_is_passed() -> None:
    checks = await examined(platform())
    assert states(checks, "ok") == {"name resolution", "connection", "clock"} | ACCOUNT
    assert checks["user"].detail == "Robin Ashdown (extension 304921004)"
    assert checks["time zone"].detail == "America/New_York, from the user's account"
    assert checks["product"].detail == "RingCentral Meetings"


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("faults", "broken", "told"),
    [
        ("GET /restapi/v1.0$ refused", "connection", "connection refused"),
        ("GET /restapi/v1.0$ drop_after=timeout", "connection", "timeout"),
        ("POST /oauth/token status=400 code=OAU-213", "token", "JWT"),
        ("POST /oauth/token status=500", "token", "status 500"),
        ("GET .* token_revoked", "user", "access token"),
        ("GET /extension/~$ status=500", "user", "status 500"),
        ("GET service-info$ status=404 code=CMN-120", "meetings", "does not offer RingCentral Meetings"),
    ],
)
async def test_what_fails_is_told_with_what_to_do_and_later_checks_are_left_out(
    faults: str, broken: str, told: str
) -> None:
    checks = await examined(platform(faults))
    assert states(checks, "fail") == {broken}
    assert told in checks[broken].detail
    names = list(checks)
    left_out = {name for name, check in checks.items() if check.detail.startswith("not checked, because ")}
    assert left_out <= set(names[names.index(broken) + 1 :])
    assert broken == "meetings" or "meetings" in left_out
    assert all(broken in checks[name].detail for name in left_out)


@pytest.mark.anyio
@pytest.mark.parametrize("refresh_tokens", [True, False])
async def test_a_wrong_client_secret_is_found_though_a_stored_token_works(
    refresh_tokens: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    simulator = platform(limits={"auth": 1_000})
    simulator.issue_refresh_tokens = refresh_tokens

    async def token_check(secret: str) -> Check:
        settings = settings_for(token_store="file", client_secret=secret)
        async with doctor.doctor_context(settings, simulator.transport(), lambda: NOW, ManualClock()) as context:
            return {check.name: check async for check in examine(context)}["token"]

    def live() -> int:
        return len(simulator.store.run("SELECT 1 FROM sessions WHERE NOT ended"))

    assert (await token_check(CLIENT_SECRET)).state == "ok"
    assert (await token_check(CLIENT_SECRET)).state == "ok"
    assert live() == 1
    wrong = await token_check("not-the-secret")
    assert (wrong.state, "client id and secret" in wrong.detail or "client secret" in wrong.detail) == ("fail", True)
    assert (await token_check(CLIENT_SECRET)).state == "ok"
    assert live() == 1
    simulator.close()


@pytest.mark.anyio
async def test_a_name_that_is_not_resolved_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = await examined(platform(), settings_for(server_url="https://no-such-host.invalid"))
    assert checks["name resolution"].state == "fail"
    assert "name not resolved" in checks["name resolution"].detail
    assert states(checks, "skip") == {"proxy", "connection", "TLS", "clock", "calendar"} | ACCOUNT


@pytest.mark.anyio
async def test_of_a_proxy_the_name_is_what_matters() -> None:
    checks = await examined(platform(), settings_for(proxy="http://127.0.0.1:3128"))
    assert checks["name resolution"].detail == "the proxy 127.0.0.1 has 1 address"


@pytest.mark.anyio
@pytest.mark.parametrize(("wall", "told"), [(NOW + 90, "90 s ahead of"), (NOW - 7_200, "7,200 s behind")])
async def test_a_wrong_clock_is_a_warning(wall: float, told: str) -> None:
    checks = await examined(platform(), wall=wall)
    assert checks["clock"].state == "warn"
    assert told in checks["clock"].detail


@pytest.mark.anyio
async def test_a_missing_meetings_scope_is_a_failure() -> None:
    simulator = platform()
    simulator.scopes = {"ReadAccounts"}
    checks = await examined(simulator)
    assert states(checks, "fail") == {"application scopes"}
    assert "scope Meetings" in checks["application scopes"].detail
    assert "developer console" in checks["application scopes"].fix


@pytest.mark.anyio
async def test_without_readaccounts_it_could_work_with_warnings() -> None:
    simulator = platform()
    simulator.scopes = {"Meetings"}
    checks = await examined(simulator)
    assert states(checks, "fail") == set()
    assert states(checks, "warn") == {"application scopes", "user", "time zone"}
    assert "RINGCENTRAL_TIME_ZONE" in checks["time zone"].fix


@pytest.mark.anyio
async def test_a_missing_permission_is_a_failure() -> None:
    simulator = platform()
    simulator.permissions = {APPS_ALLOWED}
    checks = await examined(simulator)
    assert states(checks, "fail") == {"product"}
    assert "the user the permission Meetings" in checks["product"].fix
    assert checks["meetings"].state == "skip"
    simulator = platform()
    simulator.permissions = {APPS_ALLOWED}
    checks = await examined(simulator, settings_for(product="meetings"))
    assert "user permission" in states(checks, "fail")
    assert "administrator" in checks["user permission"].fix


@pytest.mark.anyio
async def test_a_user_of_ringcentral_video_is_told_so_and_needs_its_scope() -> None:
    simulator = platform(provider="RCVideo")
    checks = await examined(simulator)
    assert states(checks, "fail") == set()
    assert checks["product"].detail == "RingCentral Video"
    assert checks["meetings"].detail == "RingCentral Video answers"
    simulator = platform(provider="RCVideo")
    simulator.scopes.discard("Video")
    checks = await examined(simulator)
    assert states(checks, "fail") == {"application scopes"}
    assert "scope Video" in checks["application scopes"].detail


@pytest.mark.anyio
async def test_scarce_rate_limits_are_a_warning() -> None:
    checks = await examined(platform(limits={"light": 4}))
    assert checks["rate limits"].state == "warn"
    assert "light 0 of 4" in checks["rate limits"].detail


@pytest.mark.anyio
async def test_the_time_zone_of_the_settings_comes_first() -> None:
    checks = await examined(platform(), settings_for(time_zone="Europe/Berlin"))
    assert checks["time zone"].detail == "Europe/Berlin, from RINGCENTRAL_TIME_ZONE"


@pytest.mark.anyio
async def test_a_given_token_and_no_credentials_are_told_apart() -> None:
    given = await examined(platform(), settings_for(access_token="made.up.token"))
    assert given["token"].state == "ok"
    assert given["application scopes"].state == "skip"
    assert given["user"].state == "fail"
    none = await examined(platform(), settings_for(client_id=None, client_secret=None, jwt=None))
    assert none["token"].state == "fail"
    assert "RINGCENTRAL_CLIENT_ID" in none["token"].fix


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("reached", "state", "told"),
    [
        (ServerReply(404, "TLSv1.3", NOW + 90 * 86_400), "ok", "TLSv1.3, certificate valid for 90 days"),
        (ServerReply(404, "TLSv1.2", NOW + 2 * 86_400), "warn", "certificate valid for 2 days"),
        (ServerReply(404), "ok", "answers over TLS"),
    ],
)
async def test_of_tls_its_version_and_the_certificate_are_told(
    reached: ServerReply, state: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answered(http: httpx.AsyncClient) -> ServerReply:
        return reached

    monkeypatch.setattr("ringcentral_meetings.cli.checks.probe", answered)
    checks = await examined(platform(), settings_for(server_url="https://127.0.0.1"))
    assert checks["TLS"].state == state
    assert told in checks["TLS"].detail
    assert checks["clock"].detail == "the server does not send its time"


def test_the_command_passes_on_the_simulator_with_a_line_for_each_check() -> None:
    shown = finished("--simulator", "doctor", PYTHONIOENCODING="ascii", **QUIET)
    assert shown.returncode == 0, shown.stdout
    assert shown.stderr == ""
    assert "\x1b" not in shown.stdout
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("ok   settings: the simulator")
    assert re.fullmatch(r"ok   time zone data: .* is used; the (system|package tzdata) has .*", lines[1])
    assert any(line.startswith("ok   meetings: ") for line in lines)


def test_the_zone_data_that_is_used_and_both_versions_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    details = {
        Database("2025b", "2026f", "package"): "2026f of the package tzdata is used; the system has 2025b",
        Database(None, "2026f", "package"): "2026f of the package tzdata is used; the system has no known version",
        Database("2027a", "2026f", "system"): "the system's 2027a is used; the package tzdata has 2026f",
        Database("2025b", "2026f", "PYTHONTZPATH"): (
            "the files under PYTHONTZPATH are used, 2025b; the package tzdata has 2026f"
        ),
    }
    for database, detail in details.items():
        monkeypatch.setattr(doctor, "DATABASE", database)
        assert doctor.check_zone_data().detail == detail


def test_the_command_passes_against_the_simulator_over_http_and_answers_programs() -> None:
    with started([*COMMAND, "simulate", "--port", "0"]) as simulator:
        env = printed_settings(simulator) | QUIET
        shown = finished("doctor", "--json", **env)
        probed = finished("doctor", "--probe", "--json", **env)
    answer = json.loads(shown.stdout)
    assert shown.returncode == 0, answer
    assert answer["works"] is True
    checks = {check["name"]: check for check in answer["checks"]}
    assert checks["name resolution"]["state"] == "ok"
    assert checks["meetings"]["state"] == "ok"
    assert "RINGCENTRAL_JWT" in checks["settings"]["detail"]
    secrets = [env["RINGCENTRAL_JWT"], env["RINGCENTRAL_CLIENT_SECRET"]]
    assert not any(secret in shown.stdout + shown.stderr + probed.stdout for secret in secrets)
    assert probed.returncode == 0
    assert json.loads(probed.stdout)["answers"]["meeting list"] == "answers"


def test_what_could_not_work_ends_with_exit_code_1() -> None:
    wrong = finished("doctor", "--json", RINGCENTRAL_TIMEOUT="soon", **QUIET)
    answer = json.loads(wrong.stdout)
    assert (wrong.returncode, answer["works"]) == (1, False)
    assert answer["checks"][0]["state"] == "fail"
    assert "RINGCENTRAL_TIMEOUT" in answer["checks"][0]["detail"]
    refused = finished("doctor", RINGCENTRAL_SERVER_URL="http://127.0.0.1:9", **QUIET)
    assert refused.returncode == 1
    assert "FAIL connection: 127.0.0.1 cannot be reached" in refused.stdout
    assert "     -> Check the network" in refused.stdout
    assert "TLS: not checked, because connection failed" in refused.stdout
    assert "run doctor again" in " ".join(refused.stdout.split())
    assert refused.stdout.splitlines()[-1] == "1 problem, 1 warning."


@pytest.mark.parametrize("columns", ["80", "40"])
def test_lines_are_wrapped_between_words_and_the_last_counts_the_problems(columns: str) -> None:
    wrong = {"RINGCENTRAL_TIMEZONE": "Europe/Paris", "COLUMNS": columns}
    shown = finished("--simulator", "doctor", **wrong, **QUIET)
    whole = " ".join(shown.stdout.split())
    assert max(map(len, shown.stdout.splitlines())) <= int(columns)
    assert "RINGCENTRAL_TIMEZONE is not a setting; did you mean RINGCENTRAL_TIME_ZONE?" in whole
    assert shown.stdout.endswith("\n\n1 problem.\n")
    fine = finished("--simulator", "doctor", **QUIET)
    assert fine.stdout.endswith("\n\nNo problems.\n")


def test_a_client_whose_entry_is_broken_does_not_say_that_the_server_could_not_work(tmp_path: Path) -> None:
    (tmp_path / ".cursor").mkdir()
    entry = {"command": "/no/such/ringcentral-meetings-mcp"}
    (tmp_path / ".cursor" / "mcp.json").write_text(json.dumps({"mcpServers": {"meetings": entry}}))
    home = QUIET | {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)}
    shown = finished("--simulator", "doctor", "--json", **home)
    answer = json.loads(shown.stdout)
    assert (shown.returncode, answer["works"]) == (0, True)
    (cursor,) = [check for check in answer["checks"] if check["name"] == "Cursor"]
    assert cursor["state"] == "warn"


def test_where_another_file_is_named_doctor_names_the_one_that_setup_keeps(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file, other = tmp_path / "default.env", tmp_path / "other.txt"
    other.write_text("RINGCENTRAL_TIMEOUT=7\n")
    monkeypatch.setenv("RINGCENTRAL_ENV_FILE", str(other))
    monkeypatch.setattr("ringcentral_meetings.cli.doctor.settings_file", lambda profile: tmp_path / f"{profile}.env")
    plain, _ = doctor.check_settings(None, {})
    assert plain.state == "ok"
    file.write_bytes(written({"RINGCENTRAL_CLIENT_ID": CLIENT_ID}))
    told, _ = doctor.check_settings(None, {})
    assert (told.state, str(file) in told.detail) == ("warn", True)
    assert "doctor --env-file " in told.fix
    assert str(file) in told.fix
    assert doctor.check_settings(str(file), {})[0].state == "ok"
    assert doctor.check_settings(None, {"simulator": True})[0].state == "ok"
    assert doctor.check_settings(None, {"profile": "other"})[0].state == "ok"


def test_a_simulator_file_that_cannot_be_used_is_a_failure(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("This is no database. " * 100)
    shown = finished("--simulator", "doctor", RINGCENTRAL_SIMULATOR_DATA=str(notes), **QUIET)
    assert shown.returncode == 1
    assert "it is no file of the simulator" in " ".join(shown.stdout.split())


def test_it_needs_no_mcp() -> None:
    code = "import sys, ringcentral_meetings.cli.doctor; print(*{'mcp', 'mcp_types'} & set(sys.modules))"
    assert ran([sys.executable, "-c", code]).stdout.strip() == ""


@pytest.mark.anyio
async def test_an_account_known_by_login_alone_is_told_to_log_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ringcentral_meetings.platform.signin.sessions.state_folder", lambda: tmp_path)
    checks = await examined(platform(), settings_for(jwt=None, profile="work", token_store="file"))
    assert checks["token"].state == "fail"
    assert "login --profile work" in checks["token"].fix


@pytest.mark.anyio
@pytest.mark.parametrize("client_id", [CLIENT_ID, None])
async def test_where_a_login_could_not_be_kept_nobody_is_told_to_log_in(client_id: str | None) -> None:
    checks = await examined(platform(), settings_for(jwt=None, client_id=client_id))
    assert checks["token"].state == "fail"
    assert "login`" not in checks["token"].fix
    for words in ("RINGCENTRAL_JWT", "unset RINGCENTRAL_TOKEN_STORE"):
        assert words in checks["token"].fix


@pytest.mark.parametrize(
    ("more", "state"),
    [({}, "warn"), ({"RINGCENTRAL_JWT": "x"}, "ok"), ({"RINGCENTRAL_TOKEN_STORE": "file"}, "ok")],
)
def test_the_settings_warn_of_a_login_that_could_not_be_kept(
    more: dict[str, str], state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("RINGCENTRAL_", "RC_"))]:
        monkeypatch.delenv(name)
    for name, value in ({"RINGCENTRAL_CLIENT_ID": "id", "RINGCENTRAL_TOKEN_STORE": "memory"} | more).items():
        monkeypatch.setenv(name, value)
    check, _ = doctor.check_settings(None, {})
    assert check.state == state
    assert ("unset RINGCENTRAL_TOKEN_STORE" in check.fix) is (state == "warn")


@pytest.mark.anyio
async def test_a_check_that_does_not_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ringcentral_meetings.cli.checks.CHECK_SECONDS", 0.05)
    simulator = platform("GET /extension/~$ latency=5", sleep=lambda _: anyio.sleep_forever())
    checks = await examined(simulator)
    assert states(checks, "fail") == {"user"}
    assert "did not answer" in checks["user"].detail


@pytest.mark.anyio
async def test_a_permission_that_is_not_told_is_no_failure() -> None:
    checks = await examined(platform("GET authz-profile/check$ wrong_types"))
    assert checks["user permission"].state in {"skip", "ok"}


@pytest.mark.anyio
async def test_a_server_without_tls_is_told_so() -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with doctor.doctor_context(settings_for(server_url=f"https://127.0.0.1:{port}")) as context:
            checks = {check.name: check async for check in examine(context)}
    assert states(checks, "fail") == {"TLS"}
    assert "(tls)" in checks["TLS"].detail


@pytest.mark.anyio
@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_the_certificate_is_read_from_the_connection_itself(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    done = ran([*made.split(), "-keyout", str(key), "-out", str(certificate)])
    assert done.returncode == 0, done.stderr
    theirs, ours = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH), ssl.create_default_context(cafile=certificate)
    theirs.load_cert_chain(certificate, key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0, ssl=theirs) as listening:
        port = listening.sockets[0].getsockname()[1]
        async with httpx.AsyncClient(base_url=f"https://127.0.0.1:{port}", verify=ours, trust_env=False) as client:
            reached = await probe(client)
    assert (reached.status, reached.server_time) == (204, None)
    assert (reached.tls or "").startswith("TLSv1.")
    assert 29 < ((reached.certificate_ends or 0) - time.time()) / 86_400 <= 30
