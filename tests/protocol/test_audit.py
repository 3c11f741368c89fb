"""The audit log: a line for each call of a tool, and nothing in it that somebody said or that opens something."""

import json
import logging
import os
import re
import stat
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp_types import ElicitRequestParams, ElicitResult

from assistant import MODES, Assistant, Mode, at_work, put

pytestmark = pytest.mark.anyio

TOPIC = "Severance of Quartz-7"
PASSWORD = "canary31"
KEYS = [
    "time",
    "simulated",
    "tool",
    "access",
    "outcome",
    "duration_ms",
    "product",
    "meeting_id",
    "client",
    "protocol",
    "ringcentral_request_id",
]
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no permission bits")


def lines(path: Path) -> list[dict[str, Any]]:
    text = path.read_text("ascii")
    assert text == "" or text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


async def create(assistant: Assistant) -> str:
    made = await assistant.call(
        "create_meeting", topic=TOPIC, start_time="2026-11-30T09:00", duration_minutes=30, password=PASSWORD
    )
    return str(made.data["meeting"]["meeting_id"])


@pytest.mark.parametrize("mode", MODES)
async def test_a_line_says_who_did_what_when_and_how_it_ended(mode: Mode, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    async with at_work(mode=mode, audit_log=log) as assistant:
        meeting_id = await create(assistant)
        posted = assistant.sent("POST")[-1]
    [line] = lines(log)
    assert list(line) == KEYS
    assert line["time"].startswith("2026-11-23T14:00:0")
    assert line["time"].endswith("Z")
    assert (line["tool"], line["access"], line["outcome"]) == ("create_meeting", "write", "ok")
    assert line["product"] == "meetings" or line["product"].startswith("RingCentral")
    assert line["meeting_id"] == meeting_id
    assert re.fullmatch(r"\S+ \S+", line["client"])
    assert line["protocol"] == ("2026-07-28" if mode == "auto" else line["protocol"])
    assert isinstance(line["duration_ms"], int)
    assert posted.path.endswith("/meeting")
    assert re.fullmatch(r"[0-9a-f]{32}", line["ringcentral_request_id"])


async def test_reads_failures_and_unknown_tools_are_recorded_too(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    async with at_work(audit_log=log) as assistant:
        await assistant.call("list_meetings")
        missing = await assistant.call("update_meeting", meeting_id="4711000000", topic=TOPIC)
        await assistant.call("get_meeting", meeting_id="4711000000", of=TOPIC)
        await assistant.call(f"make_{PASSWORD}")
    told = [(line["tool"], line["access"], line["outcome"], line.get("meeting_id")) for line in lines(log)]
    assert told == [
        ("list_meetings", "read", "ok", None),
        ("update_meeting", "write", "not_found", "4711000000"),
        ("get_meeting", "read", "invalid_arguments", None),
        ("unknown", "read", "invalid_arguments", None),
    ]
    assert lines(log)[1]["ringcentral_request_id"] == missing.problem["ringcentral"]["request_id"]


async def test_no_line_holds_a_topic_a_password_a_link_or_a_token(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    async with at_work(audit_log=log, reveal_start_link=True) as assistant:
        meeting_id = await create(assistant)
        found = (await assistant.call("get_meeting", meeting_id=meeting_id)).data
        link = found["meeting"]["join_url"]
        await assistant.call("list_meetings", query=TOPIC)
        await assistant.call("update_meeting", meeting_id=link, topic=TOPIC + " again")
        await assistant.call("update_meeting", meeting_id="https://example.com/j/1?pwd=" + PASSWORD, topic=TOPIC)
        await assistant.call("delete_meeting", meeting_id=meeting_id, expected_topic="Another")
        await assistant.call("get_meeting_invitation", meeting_id=meeting_id)
    text = log.read_text()
    assert len(lines(log)) == 7
    for hidden in (
        TOPIC,
        PASSWORD,
        "http",
        "2026-11-30",
        "Another",
        "SIM",
        *found["meeting"]["join_url"].split("/")[3:],
    ):
        if hidden != meeting_id and hidden not in ("j", "join"):
            assert hidden not in text, hidden


async def test_a_call_that_asks_the_person_is_one_line_in_each_round(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"

    def agree(_: ElicitRequestParams) -> ElicitResult:
        return ElicitResult(action="accept", content={"confirm": True})

    async with at_work(audit_log=log, reply=agree) as assistant:
        meeting_id = put(assistant)
        arguments = {"expected_topic": "Budget", "expected_start": "2026-11-24T15:00"}
        await assistant.call("delete_meeting", meeting_id=meeting_id, **arguments)
    told = [(line["tool"], line["outcome"], line["meeting_id"]) for line in lines(log)]
    assert told == [("delete_meeting", "asked", meeting_id), ("delete_meeting", "ok", meeting_id)]


async def test_a_cancelled_call_is_recorded_as_such(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    reached = anyio.Event()

    async def never_over(_: float) -> None:
        reached.set()
        await anyio.sleep_forever()

    async with at_work(audit_log=log, faults="GET .*/meeting latency=1") as assistant:
        assistant.simulator.sleep = never_over
        with anyio.fail_after(60):
            async with anyio.create_task_group() as group:
                group.start_soon(assistant.call, "list_meetings")
                await reached.wait()
                group.cancel_scope.cancel()
        await anyio.wait_all_tasks_blocked()
    assert [line["outcome"] for line in lines(log)] == ["cancelled"]


@unix_only
async def test_the_file_is_for_its_owner_alone_and_is_appended_to(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    before = os.umask(0)
    try:
        for _ in range(2):
            async with at_work(audit_log=log) as assistant:
                await assistant.call("get_meeting_service_info")
    finally:
        os.umask(before)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert len(lines(log)) == 2


async def test_a_file_that_was_moved_away_is_followed_by_a_new_one(tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    async with at_work(audit_log=log) as assistant:
        await assistant.call("get_meeting_service_info")
        log.rename(tmp_path / "audit.jsonl.1")
        await assistant.call("get_meeting_service_info")
    assert len(lines(log)) == len(lines(tmp_path / "audit.jsonl.1")) == 1
    assert sys.platform == "win32" or stat.S_IMODE(log.stat().st_mode) == 0o600


async def test_lines_go_to_stderr_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    async with at_work(audit_log="stderr") as assistant:
        await assistant.call("get_meeting_service_info")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert json.loads(shown.err)["tool"] == "get_meeting_service_info"


async def test_a_place_that_cannot_be_written_at_the_start_refuses_every_call(tmp_path: Path) -> None:
    place = tmp_path / "missing" / "audit.jsonl"
    async with at_work(audit_log=place, log_level="CRITICAL") as assistant:
        refused = await assistant.call("list_meetings")
        assert assistant.simulator.calls == []
    assert refused.code == "invalid_settings"
    assert "RINGCENTRAL_AUDIT_LOG" in refused.problem["message"]


async def test_a_line_that_cannot_be_written_fails_no_call_and_is_logged_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    log = folder / "audit.jsonl"
    async with at_work(audit_log=log) as assistant:
        log.unlink()
        folder.rmdir()
        with caplog.at_level(logging.ERROR):
            await create(assistant)
            await assistant.call("list_meetings")
            folder.mkdir()
            await assistant.call("list_meetings")
            log.unlink()
            folder.rmdir()
            await assistant.call("list_meetings")
            folder.mkdir()
            await assistant.call("list_meetings")
    logged = [record for record in caplog.records if "RINGCENTRAL_AUDIT_LOG" in record.getMessage()]
    assert len(logged) == 2
    assert len(lines(log)) == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
async def test_a_full_disk_fails_no_call(caplog: pytest.LogCaptureFixture) -> None:
    async with at_work(audit_log=Path("/dev/full")) as assistant:
        with caplog.at_level(logging.ERROR):
            assert (await assistant.call("list_meetings")).code is None
    assert "No space left on device" in caplog.text
