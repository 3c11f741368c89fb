"""Where a sign-in is kept between processes: its file, its permissions, its lock, the keyring."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import filelock
import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.signin import token_stores as places
from ringcentral_meetings.platform.signin.sessions import SessionKey, SharedTokenStore
from ringcentral_meetings.platform.signin.token_stores import FileStorage, MemoryStorage, StorageUnusable
from ringcentral_meetings.platform.signin.tokens import MemoryTokenStore, Token
from scripted_http import FakeClock, at_once

from .stores import BY_JWT, JWT_KEY, KEY, LOGIN, SERVER, WALL, file_of, files_in, mode, refusal, store

pytestmark = pytest.mark.anyio

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions and signals")
needs_a_user = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is unreadable to root"
)


async def test_what_one_process_stores_another_finds(tmp_path: Path) -> None:
    await store(tmp_path).save(LOGIN)
    assert await store(tmp_path).load() == LOGIN
    await store(tmp_path).clear()
    assert await store(tmp_path).load() is None


async def test_a_store_that_is_open_sees_what_another_process_does_to_it(tmp_path: Path) -> None:
    mine, other = store(tmp_path), store(tmp_path)
    assert await mine.load() is None
    await other.save(LOGIN)
    assert await mine.load() == LOGIN
    await other.clear()
    assert await mine.load() is None


async def test_a_store_is_opened_once_for_calls_that_need_it_at_once(tmp_path: Path) -> None:
    await store(tmp_path).save(LOGIN)
    mine = store(tmp_path)
    assert await at_once(5, mine.load) == [LOGIN] * 5


async def test_time_left_is_the_same_on_another_clock(tmp_path: Path) -> None:
    await store(tmp_path, clock=FakeClock(1_000.0), wall=WALL).save(LOGIN)
    later = await store(tmp_path, clock=FakeClock(50.0), wall=WALL + 600).load()
    assert later is not None
    assert later.expires_at == 50.0 + 3_000.0


async def test_a_wall_clock_that_was_set_back_gives_no_token_more_time_than_it_had(tmp_path: Path) -> None:
    await store(tmp_path).save(LOGIN)
    read = await store(tmp_path, wall=WALL - 1e6).load()
    assert read is not None
    assert read.expires_at == 1_000.0 + 3_600.0


@posix_only
async def test_files_and_folder_are_the_owners_alone_under_any_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        folder = tmp_path / "state" / "sessions"
        async with store(folder).exclusive():
            await store(folder).save(LOGIN)
    finally:
        os.umask(before)
    assert mode(folder) == 0o700
    assert {path.suffix: mode(path) for path in files_in(folder)} == {".json": 0o600, ".lock": 0o600}


@posix_only
async def test_a_file_or_folder_that_was_opened_to_others_is_closed_again(tmp_path: Path) -> None:
    await store(tmp_path).save(LOGIN)
    file_of(tmp_path).chmod(0o644)
    os.chmod(tmp_path, 0o755)  # noqa: S103  (what is tested)
    assert await store(tmp_path).load() == LOGIN
    assert mode(file_of(tmp_path)) == 0o600
    assert mode(tmp_path) == 0o700


KILLED = """
import os, signal, sys
from pathlib import Path
from ringcentral_meetings.platform.signin import token_stores as places
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "before it is complete": os.fsync = kill
else: places._replace = kill
places.FileStorage(Path(sys.argv[1])).write("name", "new" * 1000)
"""


@posix_only
@pytest.mark.parametrize("moment", ["before it is complete", "before it takes the old one's place"])
def test_a_process_killed_while_writing_leaves_the_old_text_and_the_next_write_works(
    tmp_path: Path, moment: str
) -> None:
    place = FileStorage(tmp_path)
    place.write("name", "old")
    ended = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), moment], check=False)  # noqa: S603
    assert ended.returncode == -signal.SIGKILL
    assert [path.suffix for path in sorted(tmp_path.iterdir())] == [".json", ".new"]
    assert mode(tmp_path / "name.new") == 0o600
    assert place.read("name") == "old"
    place.write("name", "newer")
    assert place.read("name") == "newer"
    assert [path.suffix for path in tmp_path.iterdir()] == [".json"]


WRITING = """
import sys
from pathlib import Path
from ringcentral_meetings.platform.signin.token_stores import FileStorage
place = FileStorage(Path(sys.argv[1]))
for number in range(10**9):
    place.write("name", str(number) * 5000)
    if number == 1: print("on", flush=True)
"""


@posix_only
def test_a_reader_meets_whole_texts_alone_while_a_writer_is_at_work_and_is_killed(tmp_path: Path) -> None:
    for _ in range(2):
        with subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", WRITING, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "on\n"
            for _ in range(60):
                _assert_whole(FileStorage(tmp_path).read("name"))
            writer.kill()
        _assert_whole(FileStorage(tmp_path).read("name"))


def _assert_whole(text: str | None) -> None:
    assert text is not None
    assert text == text[: len(text) // 5000] * 5000


DAMAGE: dict[str, Any] = {
    "cut off": (lambda text: text[: len(text) // 2], "cut off or damaged"),
    "empty": (lambda _: "", "cut off or damaged"),
    "a list": (lambda _: "[]", "another version"),
    "from a later version": (lambda text: text.replace('"version": 1', '"version": 2'), "another version"),
    "without a token": (lambda text: text.replace("access_token", "x"), "missing"),
    "without an end": (lambda text: text.replace('"expires_at": ', '"expires_at": null, "x": '), "missing"),
    "without a number for an end": (lambda text: text.replace('"expires_at": ', '"expires_at": 1e999, "x": '), "miss"),
}


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_file_is_a_clear_line_that_names_it(tmp_path: Path, damage: str) -> None:
    spoil, why = DAMAGE[damage]
    await store(tmp_path).save(LOGIN)
    file_of(tmp_path).write_text(spoil(file_of(tmp_path).read_text()))
    told = await refusal(store(tmp_path))
    assert str(file_of(tmp_path)) in told.message
    assert why in told.message
    assert "login" in told.next_step
    await store(tmp_path).save(LOGIN)
    assert await store(tmp_path).load() == LOGIN


async def test_a_file_that_is_no_text_is_damaged(tmp_path: Path) -> None:
    file_of(tmp_path).write_bytes(b"\xff\xfe\x00")
    assert "damaged" in (await refusal(store(tmp_path))).message


@pytest.mark.parametrize("damage", DAMAGE)
async def test_a_damaged_file_of_a_jwt_is_simply_replaced(tmp_path: Path, damage: str) -> None:
    await store(tmp_path, JWT_KEY).save(BY_JWT)
    file = file_of(tmp_path, JWT_KEY)
    file.write_text(DAMAGE[damage][0](file.read_text()))
    assert await store(tmp_path, JWT_KEY).load() is None
    await store(tmp_path, JWT_KEY).save(BY_JWT)
    assert await store(tmp_path, JWT_KEY).load() == BY_JWT


async def test_a_folder_in_the_files_place_is_a_clear_line_for_reading_writing_and_forgetting(tmp_path: Path) -> None:
    file_of(tmp_path).mkdir()
    mine = store(tmp_path)
    assert "is a directory" in (await refusal(mine)).message
    actions: list[Callable[[], Awaitable[None]]] = [lambda: mine.save(LOGIN), mine.clear]
    for action in actions:
        with pytest.raises(errors.Refused, match="cannot be used"):
            await action()


@needs_a_user
async def test_a_file_without_permission_is_a_clear_line(tmp_path: Path) -> None:
    await store(tmp_path).save(LOGIN)
    file_of(tmp_path).chmod(0)
    assert "permission denied" in (await refusal(store(tmp_path))).message


async def test_a_state_directory_that_cannot_be_made_is_a_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    told = await refusal(store(tmp_path / "file" / "sessions"))
    assert "not a directory" in told.message
    assert "RINGCENTRAL_TOKEN_STORE=" in told.next_step


async def test_a_state_directory_that_cannot_be_written_is_a_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert "cannot be written" in (await refusal(store(tmp_path))).message


async def test_without_a_state_directory_a_jwt_lives_in_memory_unless_files_were_asked_for(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mine = store(tmp_path / "file" / "sessions", JWT_KEY, "auto")
    async with mine.exclusive():
        assert await mine.load() is None
        await mine.save(BY_JWT)
        assert await mine.load() == BY_JWT
    await mine.clear()
    assert await mine.load() is None
    await refusal(store(tmp_path / "file" / "sessions", JWT_KEY, "file"))
    assert "memory" in MemoryStorage().where("x")


async def test_a_name_is_told_where_its_stamp_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnusable, match="not a directory"):
        FileStorage(tmp_path / "file").revision("x")


async def test_windows_lets_nobody_replace_a_file_that_is_being_read_so_it_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace, fails = Path.replace, [PermissionError(13, "Permission denied")] * 2

    def stubborn(self: Path, target: Path) -> Path:
        if fails:
            raise fails.pop()
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", stubborn)
    monkeypatch.setattr(places, "REPLACE_PAUSE_SECONDS", 0.0)
    FileStorage(tmp_path).write("name", "text")
    assert FileStorage(tmp_path).read("name") == "text"
    fails += [PermissionError(13, "Permission denied")] * 9
    with pytest.raises(StorageUnusable, match="permission denied"):
        FileStorage(tmp_path).write("name", "more")


# Several accounts side by side


async def test_profiles_apps_servers_and_jwts_keep_apart(tmp_path: Path) -> None:
    keys = [
        KEY,
        SessionKey("work", "client-id", SERVER),
        SessionKey("default", "other-client", SERVER),
        SessionKey("default", "client-id", "https://other.example"),
        JWT_KEY,
        SessionKey("default", "client-id", SERVER, "another.jwt"),
    ]
    for number, key in enumerate(keys):
        await store(tmp_path, key).save(Token(f"token-{number}", 4_600.0, by_login=key.jwt is None))
    await store(tmp_path, KEY).clear()
    found = [await store(tmp_path, key).load() for key in keys[1:]]
    assert [token and token.access_token for token in found] == [f"token-{number}" for number in range(1, 6)]
    assert "canary" not in "".join(os.listdir(tmp_path))
    assert "canary" not in repr(JWT_KEY)


async def test_a_login_comes_before_the_jwt_until_it_is_over(tmp_path: Path) -> None:
    clock = FakeClock()
    mine = store(tmp_path, JWT_KEY, clock=clock)
    await mine.save(BY_JWT)
    assert await mine.load() == BY_JWT
    await store(tmp_path).save(LOGIN)
    assert await mine.load() == LOGIN
    await store(tmp_path).save(Token("short", 2_000.0, by_login=True))
    assert (await mine.load() or BY_JWT).access_token == "short"
    clock.time = 1_999.0
    assert (await mine.load() or LOGIN).access_token == "canary-j"


async def test_everything_stored_under_a_key_is_found_damage_included(tmp_path: Path) -> None:
    mine = store(tmp_path, JWT_KEY)
    await mine.save(LOGIN)
    await mine.save(BY_JWT)
    assert await mine.all_stored() == ([LOGIN, BY_JWT], [])
    file_of(tmp_path).write_text("{")
    tokens, unread = await mine.all_stored()
    assert tokens == [BY_JWT]
    assert "damaged" in unread[0]


# One at a time


async def test_only_one_task_of_one_process_is_alone_at_a_time(tmp_path: Path) -> None:
    clock = FakeClock()
    inside, most = 0, 0

    async def one(mine: SharedTokenStore) -> None:
        nonlocal inside, most
        async with mine.exclusive():
            inside += 1
            most = max(most, inside)
            for _ in range(3):
                await anyio.lowlevel.checkpoint()
            inside -= 1

    shared = store(tmp_path, clock=clock)
    async with anyio.create_task_group() as tasks:
        for mine in (shared, shared, store(tmp_path, clock=clock), store(tmp_path, JWT_KEY, clock=clock)):
            tasks.start_soon(one, mine)
    assert most == 1


async def test_a_lock_that_another_process_never_gives_back_is_a_clear_line(tmp_path: Path) -> None:
    clock = FakeClock()
    held = filelock.FileLock(tmp_path / f"{KEY.login}.lock")
    with held, pytest.raises(errors.Refused, match="another process has held it for a minute"):
        async with store(tmp_path, clock=clock).exclusive():
            raise AssertionError
    assert 60 <= sum(clock.sleeps) < 61
    assert clock.sleeps[:3] == [0.01, 0.02, 0.04]
    async with store(tmp_path, clock=clock).exclusive():
        pass


async def test_a_lock_that_cannot_be_taken_is_a_clear_line(tmp_path: Path) -> None:
    (tmp_path / f"{KEY.login}.lock").mkdir()
    with pytest.raises(errors.Refused, match="lock"):
        async with store(tmp_path).exclusive():
            raise AssertionError


async def test_the_lock_of_a_process_that_died_is_free(tmp_path: Path) -> None:
    holder = (
        "import filelock, sys, time; filelock.FileLock(sys.argv[1]).acquire(); print('on', flush=True); time.sleep(99)"
    )
    lock = str(tmp_path / f"{KEY.login}.lock")
    with subprocess.Popen([sys.executable, "-c", holder, lock], stdout=subprocess.PIPE, text=True) as process:  # noqa: ASYNC220, S603
        assert process.stdout is not None
        assert process.stdout.readline() == "on\n"
        process.kill()
        process.wait()
    async with store(tmp_path).exclusive():
        pass


async def test_the_state_directory_is_the_platforms(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    if sys.platform.startswith("linux"):
        assert places.state_folder() == tmp_path / "ringcentral-meetings-mcp" / "sessions"
    assert places.state_folder().name == "sessions"
    mine = SharedTokenStore(KEY, "file", FakeClock())
    if sys.platform.startswith("linux"):
        await mine.save(LOGIN)
        assert (await mine.load() or BY_JWT).refresh_token == "canary-r"


async def test_the_record_says_whose_it_is(tmp_path: Path) -> None:
    await store(tmp_path).save(LOGIN)
    record = json.loads(file_of(tmp_path).read_text())
    assert (record["version"], record["profile"], record["server_url"]) == (1, "default", SERVER)
    assert record["expires_at"] == WALL + 3_600


async def test_memory_is_this_process_alone() -> None:
    mine = MemoryTokenStore()
    async with mine.exclusive():
        await mine.save(LOGIN)
    assert await mine.load() == LOGIN
    await mine.clear()
    assert await mine.load() is None
