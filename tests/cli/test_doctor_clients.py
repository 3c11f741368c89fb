"""What doctor says of the MCP clients of a machine: whether the command that they would run starts."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from ringcentral_meetings.cli import config, doctor, entries
from ringcentral_meetings.cli.clients.machine import Machine

HANG = "import threading; threading.Event().wait()"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    (tmp_path / "project").mkdir()
    return Machine(tmp_path, tmp_path / "project", {}, "linux")


def put(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))


def server(command: str, *args: str, key: str = "mcpServers", **more: Any) -> dict[str, Any]:
    return {key: {"meetings": {"command": command, "args": list(args), **more}}}


def ours() -> tuple[str, list[str]]:
    program, *args = config.command()
    return program, [*args, "--simulator"]


def test_where_no_client_names_the_server_that_is_said(machine: Machine) -> None:
    put(machine.home / ".cursor" / "mcp.json", server("other-server"))
    put(machine.home / ".claude.json", {"mcpServers": {"remote": {"url": "http://ringcentral.example"}, "odd": 1}})
    (only,) = doctor.check_clients(machine)
    assert (only.name, only.state) == ("clients", "skip")
    assert "setup" in only.fix


@pytest.mark.parametrize(
    ("command", "args"),
    [
        ("ringcentral-phone-mcp", []),
        ("/opt/ringcentral-meetings-mcp/bin/other", []),
        (sys.executable, ["-c", "{code}", "ringcentral"]),
        (sys.executable, ["-c", "{code}", "/opt/ringcentral_meetings_notes"]),
    ],
)
def test_other_programs_with_such_a_name_are_neither_named_nor_run(
    command: str, args: list[str], machine: Machine
) -> None:
    mark = machine.home / "was-run"
    code = f"open({str(mark)!r}, 'w')"
    put(machine.home / ".cursor" / "mcp.json", server(command, *(arg.format(code=code) for arg in args)))
    (only,) = doctor.check_clients(machine)
    assert (only.name, only.state) == ("clients", "skip")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("command", "args"),
    [
        ("C:\\tools\\Ringcentral-Meetings-MCP.exe", []),
        ("/no/such/ringcentral-meetings-mcp", []),
        ("/no/such/uvx", ["ringcentral-meetings-mcp"]),
        ("/no/such/python", ["-m", "ringcentral_meetings"]),
    ],
)
def test_the_command_and_the_module_are_known_however_they_are_started(
    command: str, args: list[str], machine: Machine
) -> None:
    put(machine.home / ".cursor" / "mcp.json", server(command, *args))
    (check,) = doctor.check_clients(machine)
    assert check.name == "Cursor"


def test_each_client_that_starts_this_server_is_found(machine: Machine) -> None:
    program, args = ours()
    put(machine.settings_of("Claude") / "claude_desktop_config.json", server(program, *args))
    local = {"projects": {str(machine.folder): server(program, *args)}}
    put(machine.home / ".claude.json", server(program, *args) | local)
    put(machine.home / ".cursor" / "mcp.json", server(program, *args))
    entry = json.dumps({"command": program, "args": args})
    commented = '{// mine\n "servers": {"m": ' + entry + ", /* last */},}"
    put(machine.settings_of("Code") / "User" / "mcp.json", commented)
    put(machine.folder / ".mcp.json", server(program, *args))
    checks = list(doctor.check_clients(machine))
    assert [check.state for check in checks] == ["ok", "ok", "ok", "skip", "ok", "ok"], checks
    assert [check.name for check in checks] == ["Claude Desktop", *["Claude Code"] * 3, "Cursor", "VS Code"]


STALE = "/no/such/ringcentral-meetings-mcp"
OTHERS = {
    ".codex/config.toml": f'[mcp_servers.m]\ncommand = "{STALE}" # stale\n',
    ".gemini/settings.json": f'{{"mcpServers": {{"m": {{"command": "{STALE}"}}}}}}',
    ".codeium/windsurf/mcp_config.json": f'{{"mcpServers": {{"m": {{"command": "{STALE}"}}}}}}',
    ".config/zed/settings.json": f'{{"context_servers": {{"m": {{"command": "{STALE}",}},}},}}',
    ".cline/data/settings/cline_mcp_settings.json": f'{{"mcpServers": {{"m": {{"command": "{STALE}"}}}}}}',
    ".lmstudio/mcp.json": f'{{"mcpServers": {{"m": {{"command": "{STALE}"}}}}}}',
    ".config/goose/config.yaml": f"extensions:\n  m:\n    type: stdio\n    cmd: {STALE}\n",
    ".continue/config.yaml": f"mcpServers:\n  - name: m\n    command: {STALE}\n",
    ".junie/mcp/mcp.json": f'{{"mcpServers": {{"m": {{"command": "{STALE}"}}}}}}',
}


@pytest.mark.parametrize("path", OTHERS)
def test_a_path_that_is_stale_is_found_in_the_file_of_any_client(path: str, machine: Machine) -> None:
    put(machine.home / path, OTHERS[path])
    (check,) = doctor.check_clients(machine)
    assert (check.state, f"there is no command {STALE}" in check.detail) == ("warn", True)
    assert f'"m" in {machine.home / path}' in check.detail
    assert "--write" in check.fix


@pytest.mark.parametrize(
    ("path", "content", "line"),
    [
        (".codex/config.toml", 'model = "x"\n[mcp_servers\n', 2),
        (".config/goose/config.yaml", "a: 1\n b: 2\n", 2),
        (".config/zed/settings.json", "{\n  // x\n  oops\n}", 3),
    ],
)
def test_a_broken_file_of_any_client_is_named_with_its_line(
    path: str, content: str, line: int, machine: Machine
) -> None:
    put(machine.home / path, content)
    (check,) = doctor.check_clients(machine)
    assert (check.state, f"(line {line}: " in check.detail) == ("warn", True)


def test_a_client_that_hands_on_few_variables_is_started_with_few(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONLY_IN_THIS_SHELL", "yes")
    code = "import os, sys; sys.exit(7 if 'ONLY_IN_THIS_SHELL' in os.environ else 8)"
    args = ["-c", code, "ringcentral_meetings"]
    put(machine.home / ".cursor" / "mcp.json", server(sys.executable, *args))
    put(machine.settings_of("Claude") / "claude_desktop_config.json", server(sys.executable, *args))
    told = {check.name: check.detail for check in doctor.check_clients(machine)}
    assert "exit code 7" in told["Cursor"]
    assert "exit code 8" in told["Claude Desktop"]


@pytest.mark.parametrize(
    ("command", "args", "told"),
    [
        ("/no/such/ringcentral-meetings-mcp", [], "there is no command"),
        (sys.executable, ["-c", "raise SystemExit(3)", "ringcentral_meetings"], "exit code 3"),
    ],
)
def test_a_command_that_does_not_start_is_a_warning_as_the_server_could_work(
    command: str, args: list[str], told: str, machine: Machine
) -> None:
    put(machine.home / ".cursor" / "mcp.json", server(command, *args, env={"RINGCENTRAL_JWT": "hush-hush"}))
    (check,) = doctor.check_clients(machine)
    assert (check.name, check.state) == ("Cursor", "warn")
    assert told in check.detail
    assert "config cursor" in check.fix
    assert "hush" not in check.detail + check.fix


def test_a_command_that_hangs_is_given_up(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "START_SECONDS", 0.1)
    monkeypatch.setattr(entries, "END_SECONDS", 0.1)
    put(machine.home / ".cursor" / "mcp.json", server(sys.executable, "-c", HANG, "ringcentral_meetings"))
    (check,) = doctor.check_clients(machine)
    assert (check.state, "did not answer" in check.detail) == ("warn", True)


def test_a_file_that_is_no_program_is_a_warning(machine: Machine) -> None:
    broken = machine.home / "ringcentral-meetings-mcp"
    put(broken, "\x00 no program")
    broken.chmod(0o755)
    put(machine.home / ".cursor" / "mcp.json", server(str(broken)))
    (check,) = doctor.check_clients(machine)
    assert (check.state, "cannot be run" in check.detail) == ("warn", True)


def test_a_bare_command_is_a_warning_for_claude_desktop(machine: Machine) -> None:
    folder = str(Path(config.command()[0]).parent)
    entry = server("ringcentral-meetings-mcp", env={"PATH": folder})
    if shutil.which("ringcentral-meetings-mcp", path=folder) is None:
        pytest.skip("the package is not installed here")
    put(machine.settings_of("Claude") / "claude_desktop_config.json", entry)
    (check,) = doctor.check_clients(machine)
    assert check.state == "warn"
    assert "full path" in check.fix


@pytest.mark.parametrize("own", [True, False])
def test_what_a_project_brings_along_is_described_and_not_run(own: bool, machine: Machine) -> None:
    mark = machine.home / "was-run"
    code = f"open({str(mark)!r}, 'w')"
    program, args = ours() if own else (sys.executable, ["-c", code, "ringcentral_meetings"])
    env = {"PYTHONPATH": "evil", "RINGCENTRAL_JWT": "hush-hush"}
    put(machine.folder / ".mcp.json", server(program, *args, env=env))
    (check,) = doctor.check_clients(machine)
    assert (check.state, "not started" in check.detail) == ("skip", True)
    assert program[:100] in check.detail
    assert "sets PYTHONPATH, RINGCENTRAL_JWT" in check.detail
    assert "hush" not in check.detail + check.fix
    assert not mark.exists()


OTHER = """
import json, sys
sys.stdin.readline()
print(json.dumps({"jsonrpc": "2.0", "id": 1, "result": {"serverInfo": {"name": "another"}}}), flush=True)
sys.stdin.read()
"""
VERSION_ALONE = "import sys; sys.exit('--version' not in sys.argv)"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (OTHER, "starts another server, another"),
        (VERSION_ALONE, "exit code 1"),
        ("print('Welcome!')", "does not answer as an MCP server"),
        ("import sys; sys.stderr.write('x' * 1_000_000); print('{}')", "does not answer as an MCP server"),
        ("import os, time; os.close(1); time.sleep(60)", "closes stdout without an answer"),
    ],
)
def test_an_entry_starts_only_if_this_server_answers(
    code: str, told: str, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries, "END_SECONDS", 1.0)
    put(machine.home / ".cursor" / "mcp.json", server(sys.executable, "-c", code, "ringcentral_meetings"))
    (check,) = doctor.check_clients(machine)
    assert (check.state, told in check.detail) == ("warn", True), check


def test_an_entry_is_started_with_its_own_settings_and_not_with_those_of_the_terminal(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, args = ours()
    monkeypatch.setenv("RINGCENTRAL_TIMEOUT", "soon")
    put(machine.home / ".cursor" / "mcp.json", server(program, *args))
    (check,) = doctor.check_clients(machine)
    assert check.state == "ok"
    put(machine.home / ".cursor" / "mcp.json", server(program, *args, env={"RINGCENTRAL_PLAN_LIMITS": "light=never"}))
    (check,) = doctor.check_clients(machine)
    assert (check.state, "refuses every call: RINGCENTRAL_PLAN_LIMITS" in check.detail) == ("warn", True), check


CHILD = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open({path!r}, "w").write(str(child.pid))
print("Welcome!", flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are those of Unix; Windows ends a tree")
def test_what_an_entry_starts_is_ended_with_it(machine: Machine) -> None:
    note = machine.home / "child"
    code = CHILD.format(path=str(note))
    put(machine.home / ".cursor" / "mcp.json", server(sys.executable, "-c", code, "ringcentral_meetings"))
    (check,) = doctor.check_clients(machine)
    assert check.state == "warn"
    status = Path(f"/proc/{note.read_text()}/stat")
    assert not status.exists() or status.read_text().split()[2] == "Z"


def test_a_folder_that_cannot_be_looked_into_is_a_line(machine: Machine) -> None:
    unusable = Machine(machine.home / ("x" * 300), machine.folder, {}, "linux")
    checks = list(doctor.check_clients(unusable))
    assert {check.state for check in checks} == {"warn"}
    assert "File name too long" in checks[0].detail


@pytest.mark.parametrize("content", ["{", "[1", "\x00", "[" * 100_000, '{"mcpServers": []}', "[]", ""])
def test_a_damaged_file_of_a_client_is_no_traceback(content: str, machine: Machine) -> None:
    put(machine.home / ".cursor" / "mcp.json", content)
    (check,) = doctor.check_clients(machine)
    assert check.state in {"warn", "skip"}


def test_a_file_that_cannot_be_read_is_a_warning(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    put(machine.home / ".cursor" / "mcp.json", b"\xff\xfe".decode("latin-1"))
    (machine.home / ".cursor" / "mcp.json").write_bytes(b"\xff\xfe\x00")
    (undecodable,) = doctor.check_clients(machine)
    assert "it is not UTF-8" in undecodable.detail
    monkeypatch.setattr("ringcentral_meetings.cli.clients.found.MOST_BYTES", 1)
    (large,) = doctor.check_clients(machine)
    assert "too large" in large.detail
