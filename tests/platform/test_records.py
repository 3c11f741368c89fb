"""A text that processes change in turn: whole, for its owner alone, and in memory where it cannot be a file."""

from pathlib import Path

import anyio
import pytest
from filelock import FileLock

from ringcentral_meetings.platform import records
from ringcentral_meetings.platform.records import FileRecord, MemoryRecord, Record

pytestmark = pytest.mark.anyio


async def add(record: Record, letter: str) -> str:
    """Append to the text, and return the new one."""

    def edit(text: str | None) -> tuple[str | None, str]:
        return (text or "") + letter, (text or "") + letter

    return await record.change(edit)


async def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    several = [FileRecord("notes", tmp_path / "new" / "folder") for _ in range(3)]
    async with anyio.create_task_group() as group:
        for letter in "abcdefghijklmnopqrst":
            group.start_soon(add, several[ord(letter) % 3], letter)
    assert len(await add(FileRecord("notes", tmp_path / "new" / "folder"), "!")) == 21


async def test_the_file_is_for_its_owner_alone_and_goes_when_nothing_is_left(tmp_path: Path) -> None:
    folder, record = tmp_path / "state", FileRecord("notes", tmp_path / "state")
    await add(record, "a")
    assert (folder / "notes.json").read_text() == "a"
    assert [path.stat().st_mode & 0o777 for path in (folder, folder / "notes.json")] == [0o700, 0o600]
    assert await record.change(lambda text: (None, text)) == "a"
    assert not (folder / "notes.json").exists()


async def test_where_no_file_can_be_made_the_text_is_kept_in_memory_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("not a folder")
    record = FileRecord("notes", tmp_path / "state")
    assert [await add(record, letter) for letter in "ab"] == ["a", "ab"]
    assert [entry.levelname for entry in caplog.records] == ["WARNING"]
    assert "ends with this process" in caplog.text


async def test_a_lock_that_a_stopped_process_holds_does_not_stop_everybody_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(records, "LOCK_SECONDS", 0.05)
    with FileLock(tmp_path / "notes.lock"):
        assert await add(FileRecord("notes", tmp_path), "a") == "a"
    assert "another process holds it" in caplog.text


async def test_what_is_in_memory_is_changed_alike() -> None:
    record = MemoryRecord()
    assert [await add(record, letter) for letter in "ab"] == ["a", "ab"]
