"""Sign-ins in the keyring of the operating system."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import keyring
import keyring.backends.fail
import keyring.errors
import pytest

from keyrings import Ring
from ringcentral_meetings import errors
from ringcentral_meetings.platform.signin.token_stores import KeyringStorage, StorageUnusable, TokenStoreSetting

from .stores import JWT_KEY, KEY, LOGIN, file_of, files_in, refusal, store

pytestmark = pytest.mark.anyio


@pytest.fixture
def ring() -> Iterator[Ring]:
    before, made = keyring.get_keyring(), Ring()
    keyring.set_keyring(made)
    yield made
    keyring.set_keyring(before)


@pytest.mark.parametrize("choice", ["auto", "keyring"])
async def test_a_keyring_is_used_where_there_is_one(tmp_path: Path, ring: Ring, choice: TokenStoreSetting) -> None:
    other = store(tmp_path, choice=choice)
    assert await other.load() is None
    await store(tmp_path, choice=choice).save(LOGIN)
    assert await other.load() == LOGIN
    [(service, name)] = ring.texts
    assert (service, name) == ("ringcentral-meetings-mcp", KEY.login)
    assert {path.stat().st_size for path in files_in(tmp_path)} == {0}
    asked = ring.asked
    assert await other.load() == LOGIN
    assert ring.asked == asked
    await store(tmp_path, choice=choice).clear()
    assert await other.load() is None
    assert ring.texts == {}
    await other.clear()


async def test_whoever_is_alone_sees_what_a_process_wrote_that_died_before_it_told_the_others(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = store(tmp_path, choice="keyring")
    await mine.save(LOGIN)
    assert await mine.load() == LOGIN
    renewed = replace(LOGIN, access_token="canary-b", refresh_token="canary-s")
    with monkeypatch.context() as dying:
        dying.setattr(KeyringStorage, "_touch_revision", lambda *_: None)
        await store(tmp_path, choice="keyring").save(renewed)
    async with mine.exclusive():
        assert await mine.load() == renewed
    assert await mine.load() == renewed


async def test_files_are_used_where_they_are_asked_for_or_where_there_is_no_keyring(tmp_path: Path, ring: Ring) -> None:
    await store(tmp_path).save(LOGIN)
    keyring.set_keyring(keyring.backends.fail.Keyring())  # type: ignore[no-untyped-call]
    assert await store(tmp_path, choice="auto").load() == LOGIN
    assert ring.texts == {}
    assert "there is none" in (await refusal(store(tmp_path, choice="keyring"))).message


@pytest.mark.parametrize(
    "fault", [keyring.errors.KeyringLocked("canary"), RuntimeError("canary"), OSError(5, "Eio"), LookupError()]
)
async def test_a_keyring_that_does_not_open_gives_way_to_files_unless_it_was_asked_for(
    tmp_path: Path, ring: Ring, fault: Exception
) -> None:
    await store(tmp_path).save(LOGIN)
    ring.locked = fault
    assert await store(tmp_path, choice="auto").load() == LOGIN
    assert "keyring" in (await refusal(store(tmp_path, choice="keyring"))).message


async def test_a_keyring_that_closes_later_is_a_clear_line(tmp_path: Path, ring: Ring) -> None:
    mine = store(tmp_path, choice="keyring")
    await mine.save(LOGIN)
    ring.locked = keyring.errors.PasswordSetError("canary")
    with pytest.raises(errors.Refused, match="PasswordSetError"):
        await mine.save(LOGIN)


async def test_a_backend_that_cannot_say_how_good_it_is_is_none(tmp_path: Path, monkeypatch: Any, ring: Ring) -> None:
    class Broken(Ring):
        @property
        def priority(self) -> float:  # type: ignore[override]
            raise RuntimeError

    keyring.set_keyring(Broken())
    assert "RuntimeError" in (await refusal(store(tmp_path, choice="keyring"))).message


NO_BUS = "raise LookupError('there is no bus')\n"


@pytest.fixture(params=["no_such_package.Keyring", "ring_without_a_bus.Keyring", "json.Keyring", "nonsense"])
def unloadable(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """A process in which the configured backend cannot be loaded, each in its own way."""
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "ring_without_a_bus.py").write_text(NO_BUS)
    monkeypatch.syspath_prepend(tmp_path / "modules")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", request.param)
    for name in [name for name in sys.modules if name.split(".")[0] == "keyring"]:
        monkeypatch.delitem(sys.modules, name)
    yield
    sys.modules.pop("ring_without_a_bus", None)


@pytest.mark.usefixtures("unloadable")
async def test_a_backend_that_cannot_be_loaded_gives_way_to_files_unless_it_was_asked_for(tmp_path: Path) -> None:
    await store(tmp_path).save(LOGIN)
    assert await store(tmp_path, choice="auto").load() == LOGIN
    refused = await refusal(store(tmp_path, choice="keyring"))
    assert refused.code == "not_signed_in"
    assert "PYTHON_KEYRING_BACKEND" in refused.message
    assert "RINGCENTRAL_TOKEN_STORE=file" in refused.next_step


async def test_the_keyring_of_windows_takes_no_long_text(tmp_path: Path, ring: Ring, monkeypatch: Any) -> None:
    place = KeyringStorage(ring, tmp_path)
    monkeypatch.setattr(sys, "platform", "win32")
    place.write("name", "x" * 1_280)
    with pytest.raises(StorageUnusable, match="too long"):
        place.write("name", "x" * 1_281)


async def test_a_sign_in_too_long_for_the_keyring_of_windows_is_kept_in_a_file_and_moves_back(
    tmp_path: Path, ring: Ring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    mine, other = store(tmp_path, choice="auto"), store(tmp_path, choice="auto")
    long = replace(LOGIN, access_token="canary-" + "a" * 2_000)
    for token in (LOGIN, long, LOGIN, long):
        await mine.save(token)
        assert await other.load() == token
        assert file_of(tmp_path).exists() is (token is long)
        assert bool(ring.texts) is (token is LOGIN)
    await mine.clear()
    assert await other.load() is None
    with pytest.raises(errors.Refused, match="too long"):
        await store(tmp_path, choice="keyring").save(long)


async def test_a_damaged_record_is_named_where_it_lies(tmp_path: Path, ring: Ring) -> None:
    await store(tmp_path, choice="auto").save(LOGIN)
    ring.texts = dict.fromkeys(ring.texts, "{")
    assert "in the keyring" in (await refusal(store(tmp_path, choice="auto"))).message


async def test_a_login_in_a_keyring_that_does_not_open_is_told_as_that(tmp_path: Path, ring: Ring) -> None:
    await store(tmp_path, choice="auto").save(LOGIN)
    ring.locked = keyring.errors.KeyringLocked("canary")
    told = await refusal(store(tmp_path, choice="auto"))
    assert "keyring, which this process cannot open" in told.message
    assert "RINGCENTRAL_TOKEN_STORE=file for the server" in told.next_step
    assert await store(tmp_path, JWT_KEY, "auto").load() is None
    await store(tmp_path).save(LOGIN)
    assert await store(tmp_path, choice="auto").load() == LOGIN


async def test_after_a_logout_there_is_no_login_in_the_keyring_to_tell_of(tmp_path: Path, ring: Ring) -> None:
    await store(tmp_path, choice="auto").save(LOGIN)
    await store(tmp_path, choice="auto").clear()
    ring.locked = keyring.errors.KeyringLocked("canary")
    assert await store(tmp_path, choice="auto").load() is None


async def test_a_stamp_that_cannot_be_taken_away_is_a_clear_line(tmp_path: Path, ring: Ring) -> None:
    place = KeyringStorage(ring, tmp_path)
    (tmp_path / "name.stamp").mkdir()
    with pytest.raises(StorageUnusable, match="stamp"):
        place.remove("name")


async def test_other_processes_that_cannot_be_told_are_a_clear_line(tmp_path: Path, ring: Ring) -> None:
    with pytest.raises(StorageUnusable, match="no such file"):
        KeyringStorage(ring, tmp_path / "gone").write("name", "text")
