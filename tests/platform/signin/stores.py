"""Stores of sign-ins in a folder of the test's."""

import stat
from pathlib import Path

import pytest

from ringcentral_meetings import errors
from ringcentral_meetings.platform.signin.sessions import SessionKey, SharedTokenStore
from ringcentral_meetings.platform.signin.token_stores import TokenStoreSetting
from ringcentral_meetings.platform.signin.tokens import Token
from scripted_http import FakeClock

SERVER = "https://platform.example"
KEY = SessionKey("default", "client-id", SERVER)
JWT_KEY = SessionKey("default", "client-id", SERVER, "canary.jwt")
LOGIN = Token("canary-a", 4_600.0, "Meetings", "1001", "canary-r", 3_600.0, by_login=True)
BY_JWT = Token("canary-j", 4_600.0, "Meetings", "1001", None, 3_600.0)
WALL = 1_800_000_000.0


def store(
    folder: Path,
    key: SessionKey = KEY,
    choice: TokenStoreSetting = "file",
    *,
    clock: FakeClock | None = None,
    wall: float | None = None,
) -> SharedTokenStore:
    """A store of one process; `wall` stands still, else it goes with `clock`."""
    mine = clock or FakeClock()
    return SharedTokenStore(
        key, choice, mine, folder=folder, wall=lambda: WALL - 1_000.0 + mine.time if wall is None else wall
    )


def file_of(folder: Path, key: SessionKey = KEY) -> Path:
    return folder / f"{key.by_jwt or key.login}.json"


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


async def refusal(of: SharedTokenStore) -> errors.Refused:
    with pytest.raises(errors.Refused) as refused:
        await of.load()
    assert refused.value.code == "not_signed_in"
    assert "canary" not in str(vars(refused.value))
    return refused.value
